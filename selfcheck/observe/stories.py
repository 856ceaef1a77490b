"""The stories that a page lists: from its state, from its links, or from a feed."""

import io
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

import feedparser
from selectolax.lexbor import LexborNode

from selfcheck.core.enums import PageKind
from selfcheck.core.observation import StoryRef
from selfcheck.observe.conditions import holds
from selfcheck.observe.page import OpenedPage
from selfcheck.platforms.page_reading import StoryList
from selfcheck.platforms.page_urls import own_address, story_id
from selfcheck.platforms.templates import for_selector

_FEED_BEGINS = ("<?xml", "<rss", "<feed", "<rdf:RDF", "<RDF")


def stories(page: OpenedPage, kind: PageKind, *, says_empty: bool) -> tuple[StoryRef, ...] | None:
    """Return the stories that the page lists, in its order, or None where it has no list that can be read.

    `says_empty` tells that the page says itself that there are none.
    """
    for story_list in page.platform.stories:
        listed = _read(page, story_list) if kind in story_list.on else None
        if listed is not None:
            return _each_once(listed)
    return () if says_empty else None


# What shows on most sites that a list goes on: an address of the next page, or a loader.
_MORE = (
    "link[rel~='next'][href], a[rel~='next'][href], .nav-previous a[href], a.next[href], .next a[href], "
    "a.older-posts[href], [class*='load-more'], [class*='loadMore'], [data-testid*='load-more'], "
    "[class*='infinite-scroll'], [data-infinite-scroll]"
)


def goes_on(page: OpenedPage, kind: PageKind) -> bool:
    """Return whether the page's list shows that there is more of it."""
    lists = [wanted for wanted in page.platform.stories if kind in wanted.on and not wanted.feed]
    if any(wanted.more is not None and holds(wanted.more, page) is not None for wanted in lists):
        return True
    return bool(lists) and bool(page.elements(_MORE))


def _read(page: OpenedPage, wanted: StoryList) -> list[StoryRef] | None:
    if wanted.feed:
        return _from_feed(page)
    if wanted.state is not None and wanted.path is not None:
        return _from_state(page, wanted, wanted.state, wanted.path)
    if wanted.links is None:
        return None
    lists = page.elements(wanted.within) if wanted.within is not None else []
    if wanted.within is not None and not lists:
        return None
    stories = list(_links(page, wanted, wanted.links, lists))
    return stories or ([] if lists else None)


def _each_once(listed: Iterable[StoryRef]) -> tuple[StoryRef, ...]:
    by_id: dict[str, StoryRef] = {}
    for story in listed:
        known = by_id.get(story.id)
        if known is None or (not known.title and story.title):  # a picture's link comes before the headline's
            by_id[story.id] = story
    return tuple(by_id.values())


def _from_state(page: OpenedPage, wanted: StoryList, state: str, path: str) -> list[StoryRef] | None:
    objects = [value for value in page.find(state, path) if isinstance(value, dict)]
    listed = [story for value in objects if (story := _from_object(page, wanted, value)) is not None]
    if listed:
        return listed
    return [] if wanted.present is not None and page.find(state, wanted.present) else None


def _from_object(page: OpenedPage, wanted: StoryList, value: dict[str, Any]) -> StoryRef | None:
    own_id = _member(value, wanted.id)
    url = _address(page, wanted.url, value, own_id)
    name = own_id or _name(page, url)
    if not name:
        return None
    return StoryRef(
        id=name,
        url=url,
        title=_member(value, wanted.title),
        published_at=_member(value, wanted.published),
        kept_back=_member(value, wanted.visibility) in wanted.kept_back,
    )


def _member(owner: dict[str, Any], name: str | None) -> str:
    """Return a member as text; `a.b` reaches into an object."""
    value: Any = owner
    for part in (name or "").split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _address(page: OpenedPage, url: str | None, value: dict[str, Any], own_id: str) -> str:
    if url is None:
        return ""
    address = page.filled(url.replace("{id}", own_id)) if "{" in url else _member(value, url)
    return urljoin(_base(page), address) if address else ""


def _links(page: OpenedPage, wanted: StoryList, selector: str, lists: list[LexborNode]) -> Iterator[StoryRef]:
    """Yield the stories that links name, each with what its entry says of it."""
    entries: list[LexborNode | None] = [*(_below(page, lists, wanted.items) if wanted.items else lists)]
    for item in entries if wanted.items else entries or [None]:
        for link in _below(page, [item] if item is not None else [], selector)[: 1 if wanted.items else None]:
            url = urljoin(_base(page), (link.attributes.get("href") or "").strip())
            if not url.startswith(("http://", "https://")):
                continue
            if page.platform.story_id is not None and story_id(url, page.platform) is None:
                continue
            visibility = _written(item, wanted.visibility)
            yield StoryRef(
                id=_name(page, url, wanted.query),
                url=_own_address(page, url, wanted.query),
                title=" ".join(link.text(deep=True).split()),
                published_at=_written(item, wanted.published),
                # A class attribute holds several words, of which one tells.
                kept_back=any(word in wanted.kept_back for word in (visibility, *visibility.split())),
            )


def _below(page: OpenedPage, lists: list[LexborNode], selector: str) -> list[LexborNode]:
    """Return what a selector finds within these elements; within the whole page where there are none."""
    if not lists:
        return page.elements(selector)
    filled = page.filled(selector, for_selector)
    return [node for each in lists for node in each.css(filled)] if filled is not None else []


def _written(item: LexborNode | None, where: str | None) -> str:
    """Return what an entry says: `css`, `css@attribute`, or `@attribute` of the entry itself."""
    if item is None or not where:
        return ""
    css, _, attribute = where.partition("@")
    node = item.css_first(css) if css else item
    if node is None:
        return ""
    text = node.attributes.get(attribute) if attribute else node.text(deep=True)
    return " ".join((text or "").split())


def _from_feed(page: OpenedPage) -> list[StoryRef] | None:
    """Read the body as a feed. It goes as bytes, since text might be taken for a file or an address."""
    body = page.capture.html.lstrip("\ufeff \t\r\n")
    if not body.startswith(_FEED_BEGINS):
        return None
    # A declared encoding was of the bytes received; these are UTF-8 again.
    headers = {"content-type": "application/xml; charset=utf-8"}
    feed = feedparser.parse(
        io.BytesIO(body.encode()), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not feed.version:
        return None
    return [_entry(page, entry) for entry in feed.entries]


def _entry(page: OpenedPage, entry: Any) -> StoryRef:
    link = str(entry.get("link", ""))
    guid = str(entry.get("id", ""))
    address = _own_address(page, link)
    name = story_id(link, page.platform) or story_id(guid, page.platform) or address or guid
    published = str(entry.get("published", "") or entry.get("updated", ""))
    return StoryRef(id=name, url=address, title=str(entry.get("title", "")), published_at=published)


def _name(page: OpenedPage, url: str, query: Collection[str] | None = None) -> str:
    return story_id(url, page.platform) or own_address(url, query)


def _own_address(page: OpenedPage, url: str, query: Collection[str] | None = None) -> str:
    """Return the address without its query where its path has the story's id, so that no query names it."""
    bare = own_address(url, ())
    return bare if story_id(bare, page.platform) else own_address(url, query)


def _base(page: OpenedPage) -> str:
    return page.capture.final_url or page.capture.visit.url
