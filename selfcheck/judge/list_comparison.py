"""Two lists of stories compared, and dates as pages write them.

A list shows some number of the latest stories and may be cut at different lengths for two visitors. What is
not counted as missing:
- a story without a date that stands before all that the two lists share: it may be new;
- a pinned story: one that stands first though it is older than all that follow;
- anything, where the two lists share nothing or are in different orders: they cannot be compared.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from selfcheck.core.observation import StoryRef

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
        if not story.kept_back and story.key not in kept_back and not _young(story, at)
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
    places = {story.key: place for place, story in enumerate(published)}
    shared = [places[story.key] for story in listed if story.key in places]
    for pinned in range(min(_PINNED + 1, len(shared))):
        rest = shared[pinned:]
        if rest == sorted(rest):
            return rest
    return []


def _lacked(
    published: Sequence[StoryRef], listed: Sequence[StoryRef], shared: Sequence[int], *, until: int
) -> tuple[StoryRef, ...]:
    listed_ids = {story.key for story in listed}
    oldest = min((when for story in listed if (when := latest_moment(story.published_at))), default=None)
    return tuple(
        story
        for place, story in enumerate(published[:until])
        if story.key not in listed_ids
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


@lru_cache(maxsize=1024)  # one run asks for the same few dates again and again
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
