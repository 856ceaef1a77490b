"""The plain methods that people use now, on the same looks. Each returns fine, bad or unknown.

They are given every benefit: a 404 and a 410 count as gone and no other status does, the sentence that
WhatsMyName looks for on another page counts as found on every profile, and the thresholds of likeness are
those that serve them best on these very cases.
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher

from accuracy_figures import BAD, FINE, UNKNOWN, Figures

from selfcheck.core.capture import Capture

Views = Mapping[str, Capture]  # viewpoint -> the first look at one page
GONE = (404, 410)
EXISTS_CODE, EXISTS_WORDS = 200, "Medium member since"
MISSING_CODE, MISSING_WORDS = 404, "Out of nothing, something"
PROFILE_HEAD = 'property="og:type" content="profile"'
THRESHOLDS = tuple(step / 20 for step in range(2, 20))


def by_status(views: Views) -> str:
    look = views["anonymous"]
    if look.failure is not None or look.status is None:
        return UNKNOWN
    if look.status in GONE:
        return BAD
    return FINE if 200 <= look.status < 300 else UNKNOWN


def by_whatsmyname(views: Views) -> str:
    """Judge a Medium profile by the status and the sentence that WhatsMyName's entry of 2026 names."""
    look = views["anonymous"]
    if look.status == EXISTS_CODE and (EXISTS_WORDS in look.html or PROFILE_HEAD in look.html):
        return FINE
    return BAD if look.status == MISSING_CODE and MISSING_WORDS in look.html else UNKNOWN


def likeness(views: Views) -> float | None:
    """Return how alike the texts of the two views are, 0 to 1; None where one of them is not there."""
    looks = [views.get(who) for who in ("anonymous", "author")]
    texts = [look.text.split() for look in looks if look is not None and look.failure is None]
    return SequenceMatcher(None, *texts, autojunk=False).ratio() if len(texts) == 2 else None


def worst(calls: Sequence[str]) -> str:
    """Fold the pages of a case: an alarm is an alarm, and one page that is unknown leaves the case so."""
    return next((call for call in (BAD, UNKNOWN, FINE) if call in calls), UNKNOWN)


def by_threshold(name: str, cases: Sequence[tuple[str, Sequence[float | None]]]) -> Figures:
    """Return the figures of 'too unlike is bad' at the threshold with the most right calls."""

    def at(threshold: float) -> Figures:
        def call(one: float | None) -> str:
            return UNKNOWN if one is None else BAD if one < threshold else FINE

        pairs = tuple((label, worst([call(one) for one in alike])) for label, alike in cases)
        return Figures(name=f"{name} (below {threshold:.2f})", pairs=pairs)

    return max((at(threshold) for threshold in THRESHOLDS), key=lambda one: sum(a == b for a, b in one.pairs))


def figures(
    name: str, method: Callable[[Views], str], cases: Sequence[tuple[str, Sequence[Views]]]
) -> Figures:
    pairs = tuple((label, worst([method(views) for views in pages])) for label, pages in cases)
    return Figures(name=name, pairs=pairs)
