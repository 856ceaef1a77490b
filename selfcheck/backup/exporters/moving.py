"""Where each story will be, and its text with the links and pictures of the new place.

Laws:
1. Each story has a slug of its own, which is its old one wherever that is free.
2. A link is the author's own where its address, or the id in it, is that of one of the stories.
3. No two stories of one title have the same second: importers take them for one. Nor do two tags that
   differ in more than capitals share a slug.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser

from selfcheck.backup.cleaning import replace_addresses
from selfcheck.backup.importers.story_parts import slugify
from selfcheck.backup.model import Picture, Story
from selfcheck.core.hosts import address_key, host_of, split_address

_NOT_ASCII = re.compile(r"[^a-z0-9-]+")
_MEDIUM_ID = re.compile(r"(?:^|-)([0-9a-f]{8,14})$")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a story will be, and what lists show of it."""

    number: int  # from 1, in the order of dates
    slug: str
    title: str
    subtitle: str | None
    date: datetime | None  # as it is exported; of a draft, when it was changed last
    is_private: bool


@dataclass(frozen=True, kw_only=True)
class MovedStory:
    """A story as it is exported."""

    story: Story
    place: Place
    canonical: str | None

    def html(self, links: "Links", address_of: Callable[[Picture], str | None]) -> str:
        """Return the text with links to the new place; `address_of` returns a picture's new address."""
        pictures = {picture.url: new for picture in self.story.pictures if (new := address_of(picture))}
        return replace_addresses(self.story.html, {**links.of(self.story.html), **pictures})


@dataclass
class Places:
    """The places of all stories that are exported. Made by `of`."""

    by_story: dict[tuple[str, str], Place] = field(default_factory=dict)  # by platform and id
    by_address: dict[str, Place] = field(default_factory=dict)
    by_medium_id: dict[str, Place] = field(default_factory=dict)
    left_out: int = 0  # private stories
    moved_by_seconds: int = 0  # stories that shared title and second with another

    @classmethod
    def of(cls, stories: Iterable[Story], *, with_private: bool) -> "Places":
        """Return where each story will be; only what lists show is kept of them."""
        places, rows = cls(), []
        for story in stories:
            if story.state.is_private and not with_private:
                places.left_out += 1
                continue
            addresses = [address_key(url) for url in (story.url, story.canonical) if url]
            rows.append((replace(story, html="", pictures=()), addresses))
        rows.sort(
            key=lambda row: (_date(row[0]) or datetime.min.replace(tzinfo=UTC), row[0].platform, row[0].id)
        )
        slugs: set[str] = set()
        seconds: set[tuple[str, datetime | None]] = set()
        for number, (story, addresses) in enumerate(rows, 1):
            place = Place(
                number=number,
                slug=_free_slug(story, slugs),
                title=story.title,
                subtitle=story.subtitle,
                date=places._free_second(story, seconds),
                is_private=story.state.is_private,
            )
            places.by_story[story.platform, story.id] = place
            for address in addresses:
                places.by_address.setdefault(address, place)
            if story.platform == "medium":
                places.by_medium_id[story.id] = place
        return places

    @cached_property
    def newest_first(self) -> tuple[Place, ...]:
        """The places in the order of lists."""
        return tuple(sorted(self.by_story.values(), key=lambda place: -place.number))

    def moved(self, story: Story, *, keep_canonical: bool) -> MovedStory | None:
        """Return a story with its place; None where it is not exported."""
        place = self.by_story.get((story.platform, story.id))
        if place is None:
            return None
        canonical = (story.canonical or story.url or None) if keep_canonical else None
        return MovedStory(story=story, place=place, canonical=canonical)

    def own(self, address: str) -> Place | None:
        """Return the place of the author's story that an address leads to; None where it leads elsewhere."""
        address = address.partition("#")[0]
        place = self.by_address.get(address_key(address))
        if place is None and (host := host_of(address)) and (host == "medium.com" or ".medium.com" in host):
            match = _MEDIUM_ID.search(split_address(address).path.rstrip("/").rpartition("/")[2])
            place = self.by_medium_id.get(match[1]) if match else None
        return place

    def _free_second(self, story: Story, seconds: set[tuple[str, datetime | None]]) -> datetime | None:
        date = _date(story)
        while date is not None and (story.title, date) in seconds:
            date += timedelta(seconds=1)
        self.moved_by_seconds += date != _date(story)
        seconds.add((story.title, date))
        return date


class TagSlugs:
    """The slugs of tags in one export: `C++` and `C#` would both be `c`, and the second one be lost."""

    def __init__(self, *, ascii_only: bool) -> None:
        self._ascii_only = ascii_only
        self._slugs: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, tag: str) -> str:
        """Return the slug of a tag, the same each time."""
        key = tag.casefold()
        if key not in self._slugs:
            slug = slugify(tag)
            if self._ascii_only:
                slug = slug.encode("ascii", "ignore").decode()
            base = slug or f"tag-{hashlib.sha256(tag.encode('utf-8', 'replace')).hexdigest()[:8]}"
            self._slugs[key] = _take_free(base, self._taken)
        return self._slugs[key]


@dataclass(frozen=True)
class Links:
    """The author's own links, as they are at the new place."""

    places: Places
    address_of: Callable[[Place], str]

    def of(self, html: str) -> Mapping[str, str]:
        """Return the new addresses of the links of a text that lead to the author's own stories."""
        table = {}
        for node in LexborHTMLParser(html).css("a[href]"):
            address = node.attributes["href"] or ""
            place = self.places.own(address)
            if place is not None:
                _, sign, fragment = address.partition("#")
                table[address] = f"{self.address_of(place)}{sign}{fragment}"
        return table


def _date(story: Story) -> datetime | None:
    date = story.published or story.updated
    return date.astimezone(UTC).replace(microsecond=0) if date else None


def _free_slug(story: Story, slugs: set[str]) -> str:
    """Return a slug that no other story has, in letters that every platform takes."""
    ascii_slug = _NOT_ASCII.sub("-", slugify(story.slug or story.title)).strip("-")
    base = ascii_slug or _NOT_ASCII.sub("-", f"{story.platform}-{story.id}".lower()).strip("-")
    return _take_free(base, slugs)


def _take_free(base: str, taken: set[str]) -> str:
    slug, count = base, 1
    while slug in taken:
        count += 1
        slug = f"{base}-{count}"
    taken.add(slug)
    return slug
