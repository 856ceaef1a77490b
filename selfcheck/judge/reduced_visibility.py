"""Reasons of quiet suppression: strangers see the page, but less of it than they should.

Each function returns the reason in words a writer understands, or None where it does not hold. What the
owner chose (members only, unlisted, unpublished, private) is never a reason, and neither is what a live
control bears as well: that is how the platform does it with everybody.
"""

from selfcheck.core.enums import ControlKind, Outcome, PageKind, SignKind
from selfcheck.core.verdict import ControlReading
from selfcheck.judge.page_evidence import OWNERS_CHOICE, PageEvidence

KEPT_BACK = OWNERS_CHOICE[1:]
"""Signs that the owner keeps it out of lists and search engines; a member wall does not."""

LEAST_COUNT = 10
"""Smaller counts are not compared: platforms leave small ones out, and one reader is a tenth of them."""

COLLAPSED = 0.5
"""A stranger's count at or below this share of the author's is no rounding and no old copy."""

ROUNDING = 0.1
"""What may lie between two views of one count: 1.2K stands for 1200 to 1299 (8 %), and one of the two may
be a copy some hours old."""

COUNTS = ("followers", "subscribers")
"""The counts that both viewpoints should be told alike."""

CUT = 0.5
"""A stranger's text of at most this share of the author's is told as cut."""

LEAST_TEXT = 1000
"""Characters of the author's view from which two lengths are compared at all."""


def live_controls(sight: PageEvidence) -> tuple[ControlReading, ...]:
    """Return the live controls that looked as they must and are of the same kind of page as this one."""
    if sight.kind is not PageKind.PROFILE:
        return ()
    return tuple(one for one in sight.case.controls if one.kind is ControlKind.LIVE and one.ok)


def both_shown(sight: PageEvidence) -> bool:
    """Return whether strangers and the author were both shown it."""
    return sight.stranger_sees is Outcome.SHOWN and sight.author_sees is Outcome.SHOWN


def flagged(sight: PageEvidence) -> str | None:
    """Hold when the page's own state calls it suspended or limited though it is shown."""
    if sight.stranger_sees is not Outcome.SHOWN or not (sign := sight.sign(SignKind.FLAGGED)):
        return None
    if any(sign.id in one.signs for one in live_controls(sight)):
        return None
    return f"The page's own data marks the {sight.noun} as suspended or limited ({sign.quote or sign.id})."


def _kept_from_search(sight: PageEvidence) -> str | None:
    """Return the directive that keeps it out of search engines, or None where it is explained."""
    look = sight.anonymous
    if look is None or look.outcome is not Outcome.SHOWN or not look.noindex:
        return None
    if not sight.case.sureness.platform_sets_robots or sight.sign(*KEPT_BACK):
        return None
    return None if any(one.noindex for one in live_controls(sight)) else look.noindex


def _may_be_unlisted(sight: PageEvidence) -> bool:
    """Return whether the owner may have unlisted the story: no list names it and no member wall is told."""
    if sight.kind is not PageKind.STORY or not sight.case.sureness.knows_unlisted:
        return False
    if sight.sign(SignKind.MEMBERS_ONLY):
        return False
    return sight.page.visit.subject not in _listed(sight)


def _listed(sight: PageEvidence) -> set[str]:
    looks = [look for page in sight.case.pages for seen in page.looks.values() for look in seen]
    return {story.id for look in looks for story in look.stories or () if not story.kept_back}


def noindex(sight: PageEvidence) -> str | None:
    """Hold when search engines are kept out and neither the owner nor the platform's custom explains it."""
    directive = _kept_from_search(sight)
    if directive is None or _may_be_unlisted(sight):
        return None
    return f"Search engines are told to leave the {sight.noun} out ({directive}), not by its author."


def noindex_unexplained(sight: PageEvidence) -> str | None:
    """Hold when search engines are kept out of a story that its author may have unlisted."""
    directive = _kept_from_search(sight)
    if directive is None or not _may_be_unlisted(sight):
        return None
    return (
        f"Search engines are told to leave the story out ({directive}), and neither the page nor any list "
        f"tells whether its author unlisted it."
    )


def blurred(sight: PageEvidence) -> str | None:
    """Hold when strangers get a blurred or cut body that no member wall explains."""
    look = sight.anonymous
    if look is None or look.outcome is not Outcome.SHOWN or not look.means(SignKind.BLURRED):
        return None
    if sight.sign(*OWNERS_CHOICE) or (sight.author and sight.author.means(SignKind.BLURRED)):
        return None
    return f"Strangers get the story blurred or cut{_lengths(sight)}, and no member wall explains it."


def _lengths(sight: PageEvidence) -> str:
    theirs, mine = sight.anonymous, sight.author
    if theirs is None or mine is None or not 0 < theirs.text_length < mine.text_length:
        return ""
    return f" ({theirs.text_length:,} of {mine.text_length:,} characters)"


def text_cut(sight: PageEvidence) -> str | None:
    """Hold when strangers get much less text than the author, whatever the page says."""
    if not both_shown(sight) or sight.sign(*OWNERS_CHOICE) or not (lengths := _lengths(sight)):
        return None
    theirs, mine = sight.anonymous, sight.author
    if theirs is None or mine is None or mine.text_length < LEAST_TEXT:
        return None
    if theirs.text_length > CUT * mine.text_length:
        return None
    return f"Strangers get much less text of the {sight.noun} than the author{lengths}."


def responses_hidden(sight: PageEvidence) -> str | None:
    """Hold when responses are hidden from strangers and not from the author."""
    if not both_shown(sight) or sight.anonymous is None or sight.author is None:
        return None
    if not sight.anonymous.means(SignKind.RESPONSES_HIDDEN) or sight.author.means(SignKind.RESPONSES_HIDDEN):
        return None
    return "Responses are hidden from strangers while the author sees them."


def responses_hidden_openly(sight: PageEvidence) -> str | None:
    """Hold when the page says to the author too, or to strangers alone, that responses are hidden."""
    if not sight.sign(SignKind.RESPONSES_HIDDEN) or responses_hidden(sight):
        return None
    return "The page says that a response is hidden; the author of the story that it answers can do that too."


def counts_hidden(sight: PageEvidence) -> str | None:
    """Hold when a number that strangers are told of a live control is kept from them here.

    Only a control that was known by the same mark counts: another layout may write the number elsewhere.
    """
    if not both_shown(sight) or sight.anonymous is None or sight.author is None:
        return None
    theirs, mine = sight.anonymous.facts, sight.author.facts
    hidden = [
        name
        for name, value in mine.items()
        if value is not None and value >= LEAST_COUNT and name in theirs and theirs[name] is None
    ]
    alike = [one for one in live_controls(sight) if one.detail == (sight.anonymous.mark or "")]
    told = [name for name in hidden if any(one.facts.get(name) for one in alike)]
    if not told:
        return None
    numbers = ", ".join(f"{name} ({mine[name]:,})" for name in told)
    return f"Strangers are not told what the author is: {numbers}. Of other accounts they are told it."


def _counts(sight: PageEvidence) -> list[tuple[str, int, int]]:
    """Return each count that both were told: its name, the stranger's and the author's."""
    if not both_shown(sight) or sight.anonymous is None or sight.author is None:
        return []
    pairs = [(name, sight.anonymous.facts.get(name), sight.author.facts.get(name)) for name in COUNTS]
    return [(name, theirs, mine) for name, theirs, mine in pairs if theirs is not None and mine is not None]


def counts_collapsed(sight: PageEvidence) -> str | None:
    """Hold when strangers are told a small part of the followers or subscribers that the author is told."""
    for name, theirs, mine in _counts(sight):
        if mine >= LEAST_COUNT and theirs <= COLLAPSED * mine and _always_collapsed(sight, name, mine):
            return f"Strangers are told {theirs:,} {name}, the author {mine:,}."
    return None


def _always_collapsed(sight: PageEvidence, name: str, mine: int) -> bool:
    looks = sight.page.looks.get("anonymous", ())
    told = [value for look in looks if (value := look.facts.get(name)) is not None]
    return all(value <= COLLAPSED * mine for value in told)


def counts_differ(sight: PageEvidence) -> str | None:
    """Hold when the two are told different numbers, beyond rounding and an old copy."""
    for name, theirs, mine in _counts(sight):
        gap, larger = abs(theirs - mine), max(theirs, mine)
        if gap > max(LEAST_COUNT, ROUNDING * larger) and not counts_collapsed(sight):
            return f"Strangers are told {theirs:,} {name}, the author {mine:,}; neither rounding nor a cache."
    return None
