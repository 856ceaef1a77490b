"""Reasons that lie outside the account: transport, walls, sessions and controls.

Each function returns the reason in words a writer understands, or None where it does not hold.
"""

from selfcheck.core.case import OUTAGES
from selfcheck.core.enums import AUTHOR, ControlKind, FailureKind, Outcome, PageKind
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ControlReading
from selfcheck.judge.page_evidence import GONE, WALLS, PageEvidence, address_owner

_FAILURES = {
    FailureKind.DNS: "its address could not be found (DNS)",
    FailureKind.TLS: "no secure connection could be made (TLS)",
    FailureKind.TIMEOUT: "it did not answer in time",
    FailureKind.REFUSED: "the connection was refused or broken off",
    FailureKind.TOO_MANY_REDIRECTS: "it redirects without end",
    FailureKind.OFFLINE: "this computer seems to be offline",
    FailureKind.CRASHED: "the browser crashed on it twice",
    FailureKind.NO_ANSWER: "the answer was empty or broken",
    FailureKind.BLOCKED_ADDRESS: "it leads to an address that selfcheck does not open",
    FailureKind.BUDGET_SPENT: "the page views allowed for one run were used up",
    FailureKind.BACKING_OFF: "the platform asked to be left alone for a while, and that time is not over",
}


def _who(look: Observation) -> str:
    return "the author's view" if look.viewpoint == AUTHOR else "a stranger's view"


def _counting(sight: PageEvidence) -> tuple[Observation, ...]:
    return tuple(look for look in (sight.anonymous, sight.author) if look is not None)


def unreachable(sight: PageEvidence) -> str | None:
    """Hold when a look that counts got no answer."""
    for look in _counting(sight):
        if look.outcome is Outcome.UNREACHABLE:
            known = _FAILURES.get(look.failure.kind) if look.failure else None
            return f"The {sight.noun} could not be opened for {_who(look)}: {known or 'it did not answer'}."
    return None


def server_error(sight: PageEvidence) -> str | None:
    """Hold when a look that counts met an error of the platform's own."""
    for look in _counting(sight):
        if look.outcome is Outcome.SERVER_ERROR:
            code = f" ({look.status})" if look.status else ""
            return f"The platform answered {_who(look)} of the {sight.noun} with an error of its own{code}."
    return None


def challenge(sight: PageEvidence) -> str | None:
    """Hold when any look met a bot wall: what lies behind it is unknown, and it is never gone around."""
    for look in sight.every_look:
        if look.outcome is Outcome.CHALLENGE:
            return (
                f"A bot wall stood before {_who(look)} of the {sight.noun}; selfcheck does not go around it."
            )
    return None


def rate_limited(sight: PageEvidence) -> str | None:
    """Hold when any look was turned away for coming too often."""
    for look in sight.every_look:
        if look.outcome is Outcome.RATE_LIMITED:
            return f"The platform turned {_who(look)} of the {sight.noun} away: too many requests."
    return None


def login_wall(sight: PageEvidence) -> str | None:
    """Hold when strangers are asked to sign in."""
    if sight.stranger_sees is Outcome.LOGIN_WALL:
        return f"The platform asks every visitor to sign in before it shows the {sight.noun}."
    return None


def _authors_looks(sight: PageEvidence) -> list[Observation]:
    """Return every look as the author at any page: a later wall does not take back whose session it was."""
    return [look for page in sight.case.pages for look in page.looks.get(AUTHOR, ())]


def session_expired(sight: PageEvidence) -> str | None:
    """Hold when any page of this run shows that the author's session is not signed in."""
    if not sight.author_expected:
        return None
    if any(look.outcome is Outcome.LOGIN_WALL or look.signed_in is False for look in _authors_looks(sight)):
        return "The saved session is not signed in any more, so nobody looked as the author."
    return None


def other_account(sight: PageEvidence) -> str | None:
    """Hold when the session is signed in as somebody else.

    Where nobody finds the page at all, that is told as it is: the old address of a renamed account.
    """
    if not sight.author_expected or (sight.stranger_sees in GONE and sight.author_sees in GONE):
        return None
    seen = {look.signed_in_as for look in _authors_looks(sight) if look.signed_in_as}
    strangers = sorted(name for name in seen if not address_owner(sight.case, name))
    if not strangers:
        return None
    return f"The saved session is signed in as {strangers[0]}, not as {sight.case.handle}."


def _failed(sight: PageEvidence, kind: ControlKind) -> tuple[ControlReading, ...]:
    """Return the failed controls of this kind, or none as soon as one of them passed."""
    readings = [one for one in sight.case.controls if one.kind is kind]
    return () if any(one.ok for one in readings) else tuple(readings)


_NO_ANSWER = WALLS | OUTAGES | {Outcome.LOGIN_WALL}
"""What says nothing of an account, and so nothing of our marks."""

_SEVERAL = 2


def all_controls_failed(sight: PageEvidence) -> str | None:
    """Hold when controls of several kinds answered and none of them looked as it must."""
    answered = [one for one in sight.case.controls if one.outcome not in _NO_ANSWER]
    if any(one.ok for one in sight.case.controls) or len({one.kind for one in answered}) < _SEVERAL:
        return None
    found = ", ".join(f"{one.handle}: {one.outcome.value}" for one in answered)
    return (
        f"None of the control accounts looked as it must ({found}) although the platform answered, so what "
        f"is known of this platform is out of date."
    )


def _known_suspended(sight: PageEvidence) -> str:
    """Return what a page known to be suspended adds to the cross of the controls."""
    for one in sight.case.controls:
        if one.kind is ControlKind.SUSPENDED and one.outcome not in _NO_ANSWER:
            told = "is still told as such" if one.ok else "is not told as such either"
            return f" A page known to be suspended ({one.handle}) {told}."
    return ""


def absent_shown(sight: PageEvidence) -> str | None:
    """Hold when an account that cannot exist looks as if it were there."""
    for one in _failed(sight, ControlKind.ABSENT):
        if one.outcome not in _NO_ANSWER and sight.kind is not PageKind.STATS:
            return (
                f"An account that cannot exist ({one.handle}) looked '{one.outcome.value}' instead of not "
                f"found, so what is known of this platform is out of date.{_known_suspended(sight)}"
            )
    return None


def live_gone(sight: PageEvidence) -> str | None:
    """Hold when accounts that everybody should see were not shown."""
    failed = _failed(sight, ControlKind.LIVE)
    for one in failed:
        if one.outcome not in _NO_ANSWER:
            return (
                f"An account that everybody should see ({one.handle}) looked '{one.outcome.value}' in the "
                f"same run, so the platform or what is known of it is at fault.{_known_suspended(sight)}"
            )
    return None


def controls_walled(sight: PageEvidence) -> str | None:
    """Hold when a control met a wall or an outage."""
    for kind in (ControlKind.LIVE, ControlKind.ABSENT):
        for one in _failed(sight, kind):
            if one.outcome in _NO_ANSWER:
                return (
                    f"The control account {one.handle} met '{one.outcome.value}', so nothing can be compared."
                )
    return None
