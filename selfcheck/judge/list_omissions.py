"""Rules of stories that the author sees as published and that a public list lacks.

A list shows some number of the latest stories and may be cut at different lengths for two visitors. So a
story counts as missing only where the public list goes on beyond it, or is empty, or is known to be whole.
What is not counted:
- a story that its owner keeps out of lists, and one that was published less than an hour ago: caches and
  feeds follow within that time (RSS readers and content networks keep a copy for minutes to an hour);
- a story without a date that stands before all that the two lists share: it may be new;
- a pinned story: one that stands first though it is older than all that follow;
- anything, where the two lists share nothing or are in different orders: they cannot be compared.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind, Verdict
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.judge.page_evidence import KEPT_BACK, PageEvidence
from selfcheck.judge.rule import Layer, Rule

NAMED = 3
"""How many stories a reason names before it only counts them."""

Stories = tuple[StoryRef, ...]
Lacking = Callable[[Stories], Stories]


def _list_lacks(evidence: PageEvidence) -> str | None:
    # Both pages must be known by the same mark: lists of different layouts are read in different ways.
    if (
        evidence.author is None
        or evidence.anonymous is None
        or evidence.author.mark != evidence.anonymous.mark
    ):
        return None
    published = _published(evidence, evidence.author)
    lacking = _lacking_always(evidence, lambda listed: _missing_from_list(evidence, published, listed))
    return f"The list that logged-out visitors get lacks {_some(lacking)}." if lacking else None


def _feed_lacks(evidence: PageEvidence) -> str | None:
    profiles = (page.author for page in evidence.case.pages if page.visit.kind is PageKind.PROFILE)
    published = _published(evidence, next(profiles, None))
    lacking = _lacking_always(evidence, lambda listed: _missing_from_feed(evidence, published, listed))
    if not lacking:
        return None
    if evidence.anonymous is not None and not evidence.anonymous.stories:
        why = "the author's list has them"
    else:
        why = (
            "it has room for more" if _has_room(evidence, evidence.anonymous) else "it continues beyond them"
        )
    return f"The feed lacks {_some(lacking)}, although {why}."


def _published(evidence: PageEvidence, look: Observation | None) -> Stories:
    """Return the stories that the author's list shows and that the public should find by now."""
    if look is None or look.outcome is not Outcome.SHOWN or look.stories is None:
        return ()
    first_shown = next((one.moment for one in evidence.looks() if one.outcome is Outcome.SHOWN), None)
    stories = [page for page in evidence.case.pages if page.visit.kind is PageKind.STORY]
    kept_back = (page.visit.subject for page in stories if PageEvidence(evidence.case, page).sign(*KEPT_BACK))
    return expected(look.stories, first_shown, kept_back=frozenset(kept_back))


def _missing_from_list(evidence: PageEvidence, published: Stories, listed: Stories) -> Stories:
    missing = stories_missing(published, listed)
    if missing or evidence.kind is not PageKind.PROFILE:
        return missing
    return _missing_from_both(evidence, published, listed)


def _missing_from_both(evidence: PageEvidence, published: Stories, listed: Stories) -> Stories:
    """Return stories beyond the end of the public list that a feed with room for them lacks as well.

    The end of a list alone proves nothing: it may be cut earlier for the public.
    """
    feed = next((page.anonymous for page in evidence.case.pages if page.visit.kind is PageKind.FEED), None)
    if feed is None or feed.outcome is not Outcome.SHOWN or not feed.stories or not _has_room(evidence, feed):
        return ()
    in_feed = {story.id for story in feed.stories}
    if not in_feed & {story.id for story in published}:
        return ()  # the two share nothing, so they cannot be compared
    return tuple(story for story in whole_list_lacks(published, listed) if story.id not in in_feed)


def _missing_from_feed(evidence: PageEvidence, published: Stories, listed: Stories) -> Stories:
    limit = evidence.case.sureness.feed_limit
    if limit is not None and len(listed) < limit:
        return whole_list_lacks(published[:limit], listed)
    return stories_missing(published, listed)


def _has_room(evidence: PageEvidence, feed: Observation | None) -> bool:
    limit = evidence.case.sureness.feed_limit
    return limit is not None and feed is not None and len(feed.stories or ()) < limit


def _lacking_always(evidence: PageEvidence, lacking: Lacking) -> Stories:
    """Return the stories that every list which the public got lacks; one whole list clears them all."""
    looks = evidence.looks()
    lists = [look.stories for look in looks if look.outcome is Outcome.SHOWN and look.stories is not None]
    if not lists:
        return ()
    always = {story.id for story in lacking(lists[0])}
    for listed in lists[1:]:
        always &= {story.id for story in lacking(listed)}
    return tuple(story for story in lacking(lists[0]) if story.id in always)


def _some(stories: Stories) -> str:
    names = [f"“{story.title or story.id}”" for story in stories[:NAMED]]
    more = f" and {len(stories) - NAMED} more" if len(stories) > NAMED else ""
    return ", ".join(names) + more


# -- two lists ------------------------------------------------------------------------------------------

SETTLED = timedelta(hours=1)
"""A story published longer ago than this is expected in every list."""

_PINNED = 1
"""How many stories of the public list may stand before the rest out of order."""


def expected(
    published: Sequence[StoryRef], at: datetime | None, *, kept_back: frozenset[str] = frozenset()
) -> tuple[StoryRef, ...]:
    """Return the stories of the author's list that public lists should have at this moment (UTC)."""
    return tuple(
        story
        for story in published
        if not story.kept_back and story.id not in kept_back and not _young(story, at)
    )


def _young(story: StoryRef, at: datetime | None) -> bool:
    published = latest_moment(story.published_at)
    return published is not None and at is not None and published > at - SETTLED


def stories_missing(published: Sequence[StoryRef], listed: Sequence[StoryRef]) -> tuple[StoryRef, ...]:
    """Return the stories of `published` (in the list's order) that `listed` lacks although it goes on beyond.

    An empty list lacks all but a first story that has no date.
    """
    if not listed:
        return tuple(story for place, story in enumerate(published) if place or _dated(story))
    shared = _shared_places(published, listed)
    return _lacked(published, listed, shared, until=max(shared)) if shared else ()


def whole_list_lacks(published: Sequence[StoryRef], listed: Sequence[StoryRef]) -> tuple[StoryRef, ...]:
    """Return the stories of `published` that `listed` lacks, where `listed` is known not to be cut."""
    if not listed:
        return stories_missing(published, listed)
    shared = _shared_places(published, listed)
    return _lacked(published, listed, shared, until=len(published)) if shared else ()


def _shared_places(published: Sequence[StoryRef], listed: Sequence[StoryRef]) -> list[int]:
    """Return where the listed stories stand among the published, or nothing where the orders differ."""
    places = {story.id: place for place, story in enumerate(published)}
    shared = [places[story.id] for story in listed if story.id in places]
    for pinned in range(min(_PINNED + 1, len(shared))):
        rest = shared[pinned:]
        if rest == sorted(rest):
            return rest
    return []


def _lacked(
    published: Sequence[StoryRef], listed: Sequence[StoryRef], shared: Sequence[int], *, until: int
) -> tuple[StoryRef, ...]:
    listed_ids = {story.id for story in listed}
    oldest = min((when for story in listed if (when := latest_moment(story.published_at))), default=None)
    return tuple(
        story
        for place, story in enumerate(published[:until])
        if story.id not in listed_ids
        and (place > min(shared) or (_dated(story) and not _pinned(story, oldest)))
    )


def _dated(story: StoryRef) -> bool:
    return latest_moment(story.published_at) is not None


def _pinned(story: StoryRef, oldest: datetime | None) -> bool:
    """Return whether a story that stands first is older than the whole public list."""
    published = latest_moment(story.published_at)
    return published is not None and oldest is not None and published < oldest


# -- dates as pages write them ---------------------------------------------------------------------------

_WESTMOST = timedelta(hours=12)
"""A day or an hour without a zone may be meant as far west as this: nothing is later than there."""

_SECONDS_DIGITS = 10
_MILLISECONDS_DIGITS = 13


def latest_moment(text: str) -> datetime | None:
    """Return the latest moment that the text may mean, in UTC, or None where it names none.

    Understands ISO 8601, the dates of feeds (RFC 822), and seconds or milliseconds since 1970. A day
    without an hour means its end, where the day ends last.
    """
    text = text.strip()
    try:
        if re.fullmatch(r"\d+(?:\.\d+)?", text):
            return _since_1970(text)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
            return day + timedelta(days=1) + _WESTMOST
        return _zoned(text) if text else None
    except (ValueError, OverflowError):
        return None


def _since_1970(text: str) -> datetime | None:
    digits = len(text.split(".", maxsplit=1)[0])
    if digits == _MILLISECONDS_DIGITS:
        return datetime.fromtimestamp(float(text) / 1000, UTC)
    return datetime.fromtimestamp(float(text), UTC) if digits == _SECONDS_DIGITS else None


def _zoned(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC) + _WESTMOST
    return moment.astimezone(UTC)


# -- the rows --------------------------------------------------------------------------------------------

_lacks = partial(
    Rule,
    layer=Layer.CONTENT,
    claims=Verdict.LIMITED,
    recheck=(ANONYMOUS,),
    would_change="One public list that has the stories, or the author keeping them back.",
)

LIST_RULES: tuple[Rule, ...] = (
    _lacks(
        id="lists.stories-missing",
        limit="the list that logged-out visitors get lacks stories",
        kinds=(PageKind.PROFILE, PageKind.PUBLICATION),
        check=_list_lacks,
        evidence="Both views load the same list at the same moment.",
        looks_at="The stories of one list as the author and logged-out visitors get it in the same layout; "
        "pinned, young, unlisted and unpublished ones and the end of the list are left out.",
        false_positives="A list made differently for each visitor in the same order, twice.",
    ),
    _lacks(
        id="feed.stories-missing",
        limit="it lacks stories",
        kinds=(PageKind.FEED,),
        check=_feed_lacks,
        evidence="The feed goes on beyond a story that it lacks, has room for it, or is empty.",
        looks_at="The feed beside the author's own list: its limit of entries and the stories' age.",
        false_positives="A feed kept for more than an hour, or one that leaves out some stories by design.",
    ),
)
