"""Reasons that lie in what the page says.

Each function returns the reason in words a writer understands, or None where it does not hold.
"""

from selfcheck.core.enums import Outcome, SignKind
from selfcheck.core.observation import Observation
from selfcheck.judge.page_evidence import GONE, OWNERS_CHOICE, PageEvidence


def _said(look: Observation | None) -> str:
    """Return how the page put it: the status and its own words."""
    if look is None:
        return ""
    status = f"{look.status}: " if look.status else ""
    words = look.own_words or look.title
    return f" ({status}“{words}”)" if words else f" (HTTP {look.status})" if look.status else ""


def looks_disagree(sight: PageEvidence) -> str | None:
    """Hold when the last two looks of strangers found different things: a cache, or a change just now."""
    answers = dict.fromkeys(sight.answers()[-2:])
    if len(answers) == 1 or not answers:
        return None
    found = " and ".join(answers)
    return f"Two looks as a stranger disagree ({found}), so the {sight.noun} may be changing just now."


def says_suspended(sight: PageEvidence) -> str | None:
    """Hold when strangers are told that it is suspended."""
    if sight.stranger_sees is not Outcome.SUSPENDED:
        return None
    return f"Strangers are told that the {sight.noun} is suspended{_said(sight.anonymous)}."


def author_told_and_gone(sight: PageEvidence) -> str | None:
    """Hold when strangers find nothing and the author is told of a suspension."""
    if sight.stranger_sees not in GONE or not sight.told:
        return None
    return f"Strangers find nothing, and the author is told: “{sight.told}”."


def fallback_suspended(sight: PageEvidence) -> str | None:
    """Hold when the page is gone and another page says that it is suspended."""
    if sight.stranger_sees not in {*GONE, Outcome.UNRECOGNISED}:
        return None
    for look in sight.page.fallbacks:
        if look.outcome is Outcome.SUSPENDED:
            return f"Another page of the platform says that it is suspended{_said(look)}."
    return None


def kept_by_owner(sight: PageEvidence) -> str | None:
    """Hold when strangers find nothing because its owner has not published it, or keeps it private."""
    if sight.stranger_sees not in GONE or sight.author_sees is not Outcome.SHOWN or sight.author is None:
        return None
    for meaning, state in ((SignKind.UNPUBLISHED, "not published yet"), (SignKind.PRIVATE, "private")):
        if sight.author.means(meaning):
            return f"The {sight.noun} is {state}, as its owner has it; that strangers find none is right."
    return None


def gone_for_strangers(sight: PageEvidence) -> str | None:
    """Hold when the author sees it and strangers get 'not found'."""
    if sight.stranger_sees is not Outcome.NOT_FOUND or sight.author_sees is not Outcome.SHOWN:
        return None
    said = _said(sight.anonymous)
    return f"Strangers are told that the {sight.noun} does not exist{said}; the author sees it."


def removed_for_strangers(sight: PageEvidence) -> str | None:
    """Hold when strangers are told that its owner deleted it, while the owner sees it."""
    if sight.stranger_sees is not Outcome.REMOVED or sight.author_sees is not Outcome.SHOWN:
        return None
    said = _said(sight.anonymous)
    return f"Strangers are told that the {sight.noun} was deleted{said}; the author still sees it."


def removed(sight: PageEvidence) -> str | None:
    """Hold when the page says that its owner deleted it, and the author does not see it either."""
    if Outcome.REMOVED not in {sight.stranger_sees, sight.author_sees} or sight.author_sees is Outcome.SHOWN:
        return None
    if sight.stranger_sees not in GONE:
        return None
    said = sight.anonymous if sight.stranger_sees is Outcome.REMOVED else sight.author
    return f"The {sight.noun} says that its owner deleted it{_said(said)}."


def gone_for_all(sight: PageEvidence) -> str | None:
    """Hold when neither strangers nor the author find it."""
    if sight.stranger_sees is not Outcome.NOT_FOUND or sight.author_sees is not Outcome.NOT_FOUND:
        return None
    return f"Nobody finds the {sight.noun}, not even the author: deleted, renamed or mistyped."


def gone_no_author(sight: PageEvidence) -> str | None:
    """Hold when strangers get 'not found' and nobody looked as the author."""
    if sight.stranger_sees is not Outcome.NOT_FOUND or sight.author is not None:
        return None
    return f"Strangers do not find the {sight.noun}{_said(sight.anonymous)}, and nobody looked as the author."


def feed_gone(sight: PageEvidence) -> str | None:
    """Hold when there is no feed."""
    if sight.stranger_sees not in GONE:
        return None
    return "There is no feed. That alone proves nothing: authors without stories have none."


def restricted_by_owner(sight: PageEvidence) -> str | None:
    """Hold when the owner chose who may see it."""
    if sight.stranger_sees is not Outcome.RESTRICTED or not (sign := sight.sign(*OWNERS_CHOICE)):
        return None
    if sight.author_sees not in {None, Outcome.SHOWN, Outcome.RESTRICTED}:
        return None
    choice = sign.meaning.value.replace("_", " ")
    return f"The {sight.noun} is {choice}, as its owner or a pay wall has it; that is no suppression."


def restricted(sight: PageEvidence) -> str | None:
    """Hold when it is kept back for a reason that is not the owner's and not a suspension."""
    if sight.stranger_sees is not Outcome.RESTRICTED:
        return None
    return f"The {sight.noun} is kept from this visitor for another reason{_said(sight.anonymous)}."


def unrecognised(sight: PageEvidence) -> str | None:
    """Hold when a view resembles nothing known."""
    for who, look in (("strangers", sight.anonymous), ("the author", sight.author)):
        if look and look.outcome is Outcome.UNRECOGNISED:
            return (
                f"The page that {who} get resembles nothing known; the platform may have changed its layout."
            )
    return None


def told_but_shown(sight: PageEvidence) -> str | None:
    """Hold when strangers still see it while the author is told of a suspension."""
    if sight.stranger_sees is not Outcome.SHOWN or not sight.told:
        return None
    return f"The author is told “{sight.told}”, while strangers can still open the {sight.noun}."


def views_contradict(sight: PageEvidence) -> str | None:
    """Hold when strangers see it and the author does not."""
    if sight.stranger_sees is not Outcome.SHOWN or sight.author_sees in {None, Outcome.SHOWN}:
        return None
    return f"Strangers see the {sight.noun}, but the author's view says '{sight.author_sees}'."


def stats_read(sight: PageEvidence) -> str | None:
    """Hold when the author's stats page opened."""
    if sight.author_sees is not Outcome.SHOWN:
        return None
    return "Only the author can open the stats page, and it opened."


def shown(sight: PageEvidence) -> str | None:
    """Hold when everybody who looked was shown it."""
    if sight.stranger_sees is not Outcome.SHOWN or sight.author_sees not in {None, Outcome.SHOWN}:
        return None
    if sight.author_expected and sight.author is None:
        return None
    return f"Strangers see the {sight.noun}."


def anything(sight: PageEvidence) -> str:
    """Hold always."""
    seen = f"strangers: {sight.stranger_sees or 'not looked'}, author: {sight.author_sees or 'not looked'}"
    return f"No rule knows what these looks at the {sight.noun} mean together ({seen})."
