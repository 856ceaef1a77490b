"""Rules about what another account of the user's is shown where everybody is asked to sign in.

The user may have a second account (`readers` in profiles.yaml). Being blocked by the author, or limited
itself, makes such an account see the same as a ban does, so nothing that rests on its view is more than
likely. All rows are private: only the author is told of the second account.
"""

from collections.abc import Iterator
from functools import partial

from selfcheck.core.case import OUTAGES
from selfcheck.core.enums import MonitoringGap, Outcome, Verdict
from selfcheck.core.observation import Observation
from selfcheck.judge.access_rules import LOGIN_FIRST
from selfcheck.judge.page_evidence import GONE, OWNERS_CHOICE, WALLS, PageEvidence
from selfcheck.judge.rule import PAGES, Layer, Rule

_ASKED_FIRST = (Outcome.LOGIN_WALL, Outcome.NOT_FOUND, Outcome.UNRECOGNISED)


def _reader(evidence: PageEvidence) -> Observation | None:
    """Return what the first further account was shown whose view can be trusted."""
    if evidence.public_sees not in _ASKED_FIRST:
        return None
    readers = evidence.page.readers.items()
    return next((look for who, look in readers if _why_not(evidence, who) is None), None)


def _why_not(evidence: PageEvidence, who: str) -> str | None:
    """Return why this account's view of the page proves nothing, or None."""
    look, controls = evidence.page.readers[who], evidence.case.reader_controls.get(who)
    looks = tuple(_looks_of(evidence, who))
    own = evidence.case.account
    if any(one.signed_in_as and own.same_as(one.signed_in_as) for one in looks):
        return "its session is the author's own"
    if look.outcome in WALLS | OUTAGES:
        return "it met a wall or an outage"
    if any(one.shows_session_ended for one in looks) or look.shows_logged_out:
        return "its session is not signed in any more"
    if not any(one.signed_in for one in looks):
        return "no page shows its session signed in"
    live, absent = (controls.live, controls.absent) if controls else (None, None)
    if live is None or live.outcome is not Outcome.SHOWN or absent is None or absent.outcome not in GONE:
        return "a live and an absent control account did not look to it as they must"
    return None


def _looks_of(evidence: PageEvidence, who: str) -> Iterator[Observation]:
    yield from (page.readers[who] for page in evidence.case.pages if who in page.readers)
    if controls := evidence.case.reader_controls.get(who):
        yield from (look for look in (controls.live, controls.absent) if look is not None)


def _suspended(evidence: PageEvidence) -> str | None:
    look = _reader(evidence)
    if look is None or look.outcome is not Outcome.SUSPENDED:
        return None
    words = f" (“{look.own_words}”)" if look.own_words else ""
    return f"Your other account is told that the {evidence.noun} is suspended{words}."


def _hidden(evidence: PageEvidence) -> str | None:
    look, author = _reader(evidence), evidence.author
    if look is None or author is None or look.outcome not in GONE or author.outcome is not Outcome.SHOWN:
        return None
    if not author.signed_in or evidence.could_be_kept or any(map(author.means, OWNERS_CHOICE)):
        return None
    return (
        f"You see the {evidence.noun}; your other account, signed in, is told that it does not exist. If you "
        "blocked that account, or the platform limits it, it looks the same."
    )


def _gone(evidence: PageEvidence) -> str | None:
    look = _reader(evidence)
    if look is None or look.outcome not in GONE or evidence.author_sees not in GONE:
        return None
    return f"Neither you nor your other account, both signed in, find the {evidence.noun}."


def _shown(evidence: PageEvidence) -> str | None:
    look = _reader(evidence)
    if look is None or look.outcome is not Outcome.SHOWN:
        return None
    if evidence.author_sees is not Outcome.SHOWN and (evidence.author or evidence.author_expected):
        return None
    return f"Your other account, signed in, is shown the {evidence.noun}."


def _unusable(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.LOGIN_WALL:
        return None
    why = (_why_not(evidence, who) for who in evidence.page.readers)
    said = next((reason for reason in why if reason), None)
    return (
        f"What your other account was shown of the {evidence.noun} proves nothing: {said}." if said else None
    )


_by_reader = partial(
    Rule,
    layer=Layer.CONTENT,
    kinds=PAGES,
    likely_only=True,
    past_walls=True,
    own_controls=True,
    private=True,
    looks_at="The view of an account of `readers`, where everybody else is asked to sign in, beside a live "
    "and an absent control that this account opened.",
    evidence="A second account is shown what members are shown, and can be blocked or limited itself.",
    rests_on=lambda evidence: (look.mark if (look := _reader(evidence)) else None,),
    gap=MonitoringGap.SIGN_IN_WALL,
)

LOGIN_RULES: tuple[Rule, ...] = (
    _by_reader(
        id="reader.says-suspended",
        claims=Verdict.SUSPENDED,
        check=_suspended,
        without_author=True,
        false_positives="Words that this one account is shown alone.",
        would_change="The page being shown to that account.",
    ),
    _by_reader(
        id="reader.hidden",
        claims=Verdict.HIDDEN,
        check=_hidden,
        false_positives="An account that the author blocked, or that the platform limits.",
        would_change="The page being shown to that account, or to another one.",
    ),
    _by_reader(
        id="reader.gone",
        claims=Verdict.MISSING,
        check=_gone,
        false_positives="A platform that tells signed-in accounts for an hour that nothing exists.",
        would_change="The page being shown to either account.",
    ),
    _by_reader(
        id="reader.shown",
        claims=Verdict.VISIBLE,
        check=_shown,
        reserved=True,
        false_positives="A page that is shown to accounts which follow the author only.",
        would_change="The page not being shown to that account.",
    ),
    LOGIN_FIRST,
)
"""What can be said where everybody is asked to sign in first."""

READER_UNUSABLE = Rule(
    id="reader.unusable",
    layer=Layer.WALL,
    claims=Verdict.INCONCLUSIVE,
    check=_unusable,
    private=True,
    evidence="A view of which it is not known whose it is proves nothing.",
    looks_at="Whose session it was, what it met, and the controls that it opened.",
    false_positives="Nothing: it claims nothing.",
    would_change="A session that is signed in as another account, and controls that look as they must.",
    gap=MonitoringGap.SIGN_IN_WALL,
)
