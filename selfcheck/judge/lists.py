"""Stories that the author sees as published and that a list for strangers lacks.

A list shows some number of the latest stories and may be cut at different lengths for two visitors. So a
story counts as missing only where the strangers' list goes on beyond it, or is empty, or is known to be
whole. What is not counted:
- a story that its owner keeps out of lists, and one that was published less than an hour ago: caches and
  feeds follow within that time (RSS readers and content networks keep a copy for minutes to an hour);
- a story without a date that stands before all that the two lists share: it may be new;
- a pinned story: one that stands first though it is older than all that follow;
- anything, where the two lists share nothing or are in different orders: they cannot be compared.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from selfcheck.core.observation import StoryRef
from selfcheck.judge.dates import latest_moment

SETTLED = timedelta(hours=1)
"""A story published longer ago than this is expected in every list."""

_PINNED = 1
"""How many stories of the strangers' list may stand before the rest out of order."""


def expected(
    published: Sequence[StoryRef], at: datetime | None, *, kept_back: frozenset[str] = frozenset()
) -> tuple[StoryRef, ...]:
    """Return the stories of the author's list that strangers' lists should have at this moment (UTC)."""
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
    there = {story.id for story in listed}
    oldest = min((when for story in listed if (when := latest_moment(story.published_at))), default=None)
    return tuple(
        story
        for place, story in enumerate(published[:until])
        if story.id not in there and (place > min(shared) or (_dated(story) and not _pinned(story, oldest)))
    )


def _dated(story: StoryRef) -> bool:
    return latest_moment(story.published_at) is not None


def _pinned(story: StoryRef, oldest: datetime | None) -> bool:
    """Return whether a story that stands first is older than all that strangers are listed."""
    published = latest_moment(story.published_at)
    return published is not None and oldest is not None and published < oldest
