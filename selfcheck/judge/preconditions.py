"""Rules about what lies outside the account: transport, walls, sessions and controls.

While one of the first three layers holds, the page's content is not judged at all.
"""

from functools import partial

from selfcheck.core.case import OUTAGES
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    BAD,
    ControlKind,
    MonitoringGap,
    Outcome,
    PageKind,
    Verdict,
)
from selfcheck.core.labels import FAILURE_WORD
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ControlReading
from selfcheck.judge.page_evidence import WALLS, PageEvidence
from selfcheck.judge.rule import Layer, Rule

_NO_ANSWER = WALLS | OUTAGES | {Outcome.LOGIN_WALL}
"""Outcomes that say nothing about an account, and so nothing about our marks."""

_WALLED = _NO_ANSWER - OUTAGES

_NOT_TOLD = _NO_ANSWER | {Outcome.RESTRICTED}

_SEVERAL = 2


# -- transport and walls ---------------------------------------------------------------------------------


def _view_of(look: Observation) -> str:
    return "the author's view" if look.viewpoint == AUTHOR else "the logged-out view"


def _with_outcome(evidence: PageEvidence, outcome: Outcome) -> Observation | None:
    """Return the first observation that counts and has this outcome."""
    looks = (evidence.page.anonymous, evidence.page.author)
    return next((look for look in looks if look is not None and look.outcome is outcome), None)


def _unreachable(evidence: PageEvidence) -> str | None:
    look = _with_outcome(evidence, Outcome.UNREACHABLE)
    if look is None:
        return None
    failure = FAILURE_WORD[look.failure.kind] if look.failure else "no answer came"
    return f"The {evidence.noun} could not be opened for {_view_of(look)}: {failure}."


def _server_error(evidence: PageEvidence) -> str | None:
    look = _with_outcome(evidence, Outcome.SERVER_ERROR)
    if look is None:
        return None
    code = f" ({look.status})" if look.status else ""
    return f"The platform answered {_view_of(look)} of the {evidence.noun} with a server error{code}."


def _challenge(evidence: PageEvidence) -> str | None:
    # Any observation counts, not only the last: behind a wall anything may lie.
    for look in evidence.every_look:
        if look.outcome is Outcome.CHALLENGE:
            return f"A bot wall blocked {_view_of(look)} of the {evidence.noun}; selfcheck bypasses none."
    return None


def _rate_limited(evidence: PageEvidence) -> str | None:
    for look in evidence.every_look:
        if look.outcome is Outcome.RATE_LIMITED:
            return f"The platform refused {_view_of(look)} of the {evidence.noun}: too many requests."
    return None


def _login_wall(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is Outcome.LOGIN_WALL:
        return f"The platform asks every visitor to sign in before it shows the {evidence.noun}."
    return None


# -- sessions --------------------------------------------------------------------------------------------
# Every page of the run counts: a later wall does not take back whose session it was.


def _session_expired(evidence: PageEvidence) -> str | None:
    look = evidence.page.author
    # A page that shows the author signed in is the author's view, whatever another page showed.
    if not evidence.author_expected or not evidence.session_ended or (look is not None and look.signed_in):
        return None
    nothing = "so there is no author's view to compare with"
    if evidence.signed_in_somewhere:
        return (
            f"The saved session was signed in on other pages of this run, and not on the {evidence.noun}, "
            f"{nothing}."
        )
    return f"The saved session is no longer signed in, {nothing}."


def _view_logged_out(evidence: PageEvidence) -> str | None:
    look = evidence.page.author
    if not evidence.author_expected or look is None or evidence.session_ended:
        return None
    if not look.shows_logged_out or look.outcome in WALLS | OUTAGES:
        return None
    return (
        f"What was opened of the {evidence.noun} with the saved session looks as it does to logged-out "
        f"visitors ({look.outcome.value}), so it does not count as the author's view."
    )


def _other_account(evidence: PageEvidence) -> str | None:
    if not evidence.author_expected or (other := evidence.foreign_handle) is None:
        return None
    return f"The saved session is signed in as {other}, not as {evidence.case.handle}."


# -- controls --------------------------------------------------------------------------------------------


def _failed(evidence: PageEvidence, kind: ControlKind) -> tuple[ControlReading, ...]:
    """Return the failed controls of this kind, or none as soon as one of them passed.

    They are those of accounts, and those of this page's own kind, each by itself. A live story or publication
    that met a wall, or that its owner restricted, was not compared; it does not stand against the others.
    """
    failed: tuple[ControlReading, ...] = ()
    for page in dict.fromkeys((PageKind.PROFILE, evidence.kind)):
        spared = _NOT_TOLD if kind is ControlKind.LIVE and page is not PageKind.PROFILE else ()
        of_page = (one for one in evidence.case.controls if (one.kind, one.page) == (kind, page))
        readings = tuple(control for control in of_page if control.outcome not in spared)
        failed += () if any(reading.ok for reading in readings) else readings
    return failed


def _behind_a_wall(evidence: PageEvidence) -> ControlReading | None:
    """Return the control that met a wall, where no control passed and an absent one looked otherwise.

    An absent account that looks live was not caused by a wall.
    """
    accounts = evidence.account_controls
    wall = next((reading for reading in accounts if reading.outcome in _WALLED), None)
    absent = [reading.outcome for reading in accounts if reading.kind is ControlKind.ABSENT]
    answered = [outcome for outcome in absent if outcome not in _NO_ANSWER]
    if any(reading.ok for reading in accounts) or Outcome.SHOWN in absent or not answered:
        return None
    return wall


def _walled(evidence: PageEvidence) -> str | None:
    wall = _behind_a_wall(evidence)
    if wall is None:
        return None
    others = ", ".join(
        f"{reading.handle}: {reading.outcome.value}"
        for reading in evidence.account_controls
        if reading.outcome not in _NO_ANSWER
    )
    return (
        f"The control account {wall.handle} met a wall ({wall.outcome.value}), and no other one looked right "
        f"({others}), so a wall may stand before every page, and nothing can be compared."
    )


def _all_controls_failed(evidence: PageEvidence) -> str | None:
    controls = evidence.account_controls
    answered = [reading for reading in controls if reading.outcome not in _NO_ANSWER]
    if any(reading.ok for reading in controls) or len({reading.kind for reading in answered}) < _SEVERAL:
        return None
    if _behind_a_wall(evidence):
        return None
    outcomes = ", ".join(f"{reading.handle}: {reading.outcome.value}" for reading in answered)
    return (
        f"Every control account looked wrong ({outcomes}) although the platform answered, so what selfcheck "
        f"knows about this platform is out of date."
    )


def _suspended_control(evidence: PageEvidence) -> str:
    """Return what a page known to be suspended adds to the other controls."""
    for reading in evidence.case.controls:
        if reading.kind is ControlKind.SUSPENDED and reading.outcome not in _NO_ANSWER:
            still = "still says so" if reading.ok else "does not say so either"
            return f" A page known to be suspended ({reading.handle}) {still}."
    return ""


def _a_page(reading: ControlReading) -> str:
    """Return what a control's page is of, at the beginning of a sentence."""
    return "An account" if reading.page is PageKind.PROFILE else f"A {reading.page.value}"


def _absent_shown(evidence: PageEvidence) -> str | None:
    if evidence.kind is PageKind.STATS or _behind_a_wall(evidence):
        return None
    for reading in _failed(evidence, ControlKind.ABSENT):
        if reading.outcome not in _NO_ANSWER:
            return (
                f"{_a_page(reading)} that cannot exist ({reading.handle}) looked '{reading.outcome.value}' "
                f"and not 'not_found', so what selfcheck knows about this platform is out of date."
                f"{_suspended_control(evidence)}"
            )
    return None


def _live_gone(evidence: PageEvidence) -> str | None:
    failed = _failed(evidence, ControlKind.LIVE)
    wall = next((reading for reading in failed if reading.outcome in _WALLED), None)
    for reading in failed:
        if reading.outcome not in _NO_ANSWER:
            cause = (
                f"and {wall.handle} met a wall ({wall.outcome.value}), so one may stand before every page."
                if wall
                else "so the platform, or what selfcheck knows about it, is at fault."
            )
            return (
                f"{_a_page(reading)} that everyone should see ({reading.handle}) looked "
                f"'{reading.outcome.value}' in the same run, {cause}{_suspended_control(evidence)}"
            )
    return None


def _controls_walled(evidence: PageEvidence) -> str | None:
    for kind in (ControlKind.LIVE, ControlKind.ABSENT):
        for reading in _failed(evidence, kind):
            if reading.outcome in _NO_ANSWER:
                met = f"{reading.handle} met '{reading.outcome.value}'"
                return f"The control account {met}, so nothing can be compared."
    return None


# -- the rows --------------------------------------------------------------------------------------------

_unknown = partial(Rule, claims=Verdict.INCONCLUSIVE)
_control = partial(_unknown, layer=Layer.CONTROLS, gap=MonitoringGap.CONTROLS)

WAYS_PAST_A_WALL = (
    "selfcheck does not pass such checks. What can help: run later or less often; run from your own network "
    "if this one belongs to a data centre, or look through one there (settings: browser: connect); pass "
    "the check yourself while the run waits: {selfcheck} run --assist. "
    "Until then, look yourself in a private window, signed out."
)
CONTROLS_LATER = (
    "Run again later; if the result stays the same, the platform file is out of date: "
    "{selfcheck} platforms show."
)
PRECONDITIONS: tuple[Rule, ...] = (
    _unknown(
        id="transport.unreachable",
        layer=Layer.TRANSPORT,
        check=_unreachable,
        recheck=(ANONYMOUS, AUTHOR),
        evidence="An address that did not answer says nothing about the account.",
        looks_at="Whether any answer came: DNS, TLS, time, refused connections, crashes.",
        false_positives="A network that blocks this one site and nothing else.",
        would_change="An answer from the platform, whatever it says.",
        next_step="Check that this computer is online and that the address opens in your own browser.",
        gap=MonitoringGap.OUTAGE,
    ),
    _unknown(
        id="transport.server-error",
        layer=Layer.TRANSPORT,
        check=_server_error,
        recheck=(ANONYMOUS, AUTHOR),
        evidence="5xx says nothing about suspension (reported 2026, Medium).",
        looks_at="The status of the answer: 500 and above, unless a bot wall sent it.",
        false_positives="A platform that answers 5xx for accounts that it hides (none is known).",
        would_change="An answer below 500 to a later page load.",
        next_step="The platform has a problem of its own. Run again in an hour.",
        gap=MonitoringGap.OUTAGE,
    ),
    _unknown(
        id="wall.challenge",
        layer=Layer.WALL,
        check=_challenge,
        evidence="Some 30 % of 'not found' from a datacentre address are bot walls (Adler).",
        looks_at="The marks of bot walls in status, headers, title and text of every page load.",
        false_positives="A page that has a wall's own marks; single words do not count.",
        would_change="A page load that meets no wall, for instance from another network.",
        next_step=WAYS_PAST_A_WALL,
        gap=MonitoringGap.WALL,
    ),
    _unknown(
        id="wall.rate-limited",
        layer=Layer.WALL,
        check=_rate_limited,
        evidence="HTTP 429 (RFC 6585): too many requests.",
        looks_at="The status 429 and the platform's own sentence for it.",
        false_positives="Another visitor behind the same address who sends too many requests.",
        would_change="A page load that is answered, some hours later.",
        next_step="Wait some hours before the next run; the platform asks for fewer requests.",
        gap=MonitoringGap.RATE_LIMITED,
    ),
    _unknown(
        id="wall.login",
        layer=Layer.WALL,
        check=_login_wall,
        evidence="A page that wants every visitor to sign in shows nothing of the account.",
        looks_at="What logged-out visitors get: the page that asks everyone to sign in.",
        false_positives="A platform that asks only some logged-out visitors to sign in.",
        would_change="A logged-out page load that gets the page itself.",
        next_step="Nothing to fix: this platform shows nothing without signing in. Ask a friend to look.",
        gap=MonitoringGap.SIGN_IN_WALL,
    ),
    _unknown(
        id="session.expired",
        layer=Layer.SESSION,
        check=_session_expired,
        evidence="Anonymous compared with anonymous says 'fine' (changedetection.io 3690, 1836).",
        looks_at="The author's views of this run: signs that the visitor is signed out.",
        false_positives="A new layout whose sign of being signed in is not known.",
        would_change="Signing in again, and a run that shows it.",
        next_step="Sign in again: {login}   (or run with --anonymous-only)",
        gap=MonitoringGap.SESSION_EXPIRED,
        voids_author_view=True,
    ),
    _unknown(
        id="session.view-logged-out",
        layer=Layer.SESSION,
        check=_view_logged_out,
        evidence="Error pages are often the same for everybody, so they say nothing of the session.",
        looks_at="This page's author view: signs of a logged-out visitor, where no page shows that the "
        "session ended.",
        false_positives="A sign of logged-out visitors that stands on pages of signed-in ones too.",
        would_change="A page load with the session that shows no sign of a logged-out visitor.",
        next_step="Run again later. If it stays so, see whether the session still works: "
        "{selfcheck} session check",
    ),
    _unknown(
        id="session.other-account",
        layer=Layer.SESSION,
        check=_other_account,
        evidence="Another account's view is not the author's.",
        looks_at="Whose name the author's views show.",
        false_positives="An author with several accounts in one session.",
        would_change="A session that is signed in as this author.",
        next_step="Sign in as {handle}: {login}   (or, if the account was renamed, correct its handle in "
        "your profiles file)",
        gap=MonitoringGap.OTHER_ACCOUNT,
        voids_author_view=True,
        private=True,
    ),
    _control(
        id="controls.walled",
        check=_walled,
        overturns=frozenset({*BAD, Verdict.VISIBLE}),
        evidence="A wall that no mark knows looks like a changed page; a known one gives it away.",
        looks_at="Whether a control account met a wall while no control looked right.",
        false_positives="A platform that changed its pages on the day on which it put up a wall.",
        would_change="One control that looks as it must.",
        next_step=WAYS_PAST_A_WALL,
    ),
    _control(
        id="controls.all-failed",
        check=_all_controls_failed,
        overturns=frozenset(Verdict),
        evidence="Live and absent accounts answered and both looked wrong: the marks are out of date.",
        looks_at="The control accounts of this run, walls and outages left out.",
        false_positives="A platform that shows one and the same page to everyone for an hour.",
        would_change="One control that looks as it must.",
        next_step="The platform file is out of date. To report it: {selfcheck} replay RUN --export FOLDER, "
        "check what the folder contains, and attach it to a bug report.",
    ),
    _control(
        id="controls.absent-shown",
        check=_absent_shown,
        overturns=frozenset({*BAD, Verdict.VISIBLE}),
        evidence="When an account that cannot exist looks live, marks prove nothing (WhatsMyName).",
        looks_at="The page of an account that cannot exist, with a handle made up for this run.",
        false_positives="A handle that somebody has taken after all.",
        would_change="An account that cannot exist being reported as not found.",
        next_step=CONTROLS_LATER,
    ),
    _control(
        id="controls.live-gone",
        check=_live_gone,
        overturns=frozenset(BAD),
        evidence="When a live account looks gone, the fault is not this account's.",
        looks_at="The logged-out pages of well-known accounts in this run.",
        false_positives="A well-known account that was closed meanwhile; another is tried first.",
        would_change="A well-known account being shown in the same run.",
        next_step=CONTROLS_LATER,
    ),
    _control(
        id="controls.no-answer",
        check=_controls_walled,
        overturns=frozenset(BAD),
        spares_own_words=True,
        evidence="A wall or outage before the controls stands before the account too.",
        looks_at="Whether the control accounts met a wall or an outage.",
        false_positives="A wall that stood for one moment only. What the public is told in so many words "
        "stands beside it, as likely.",
        would_change="Controls that are answered in the same run.",
        next_step=CONTROLS_LATER,
    ),
)
