"""The stories that a page lists: from its state, from its links, or from a feed."""

import io
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import feedparser
from selectolax.lexbor import LexborNode

from selfcheck.core.enums import PageKind
from selfcheck.core.hosts import join_address
from selfcheck.core.observation import StoryRef
from selfcheck.observe.conditions import holds
from selfcheck.observe.page import OpenedPage, text_of
from selfcheck.observe.readings import number
from selfcheck.platforms.page_reading import StoryList
from selfcheck.platforms.page_urls import own_address, story_id

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
_BETWEEN = frozenset({"script", "style", "template", "noscript", "hr", "br", "aside"})
"""Elements that may stand between a list and its loader."""
_OF_COMMENTS = re.compile(r"comment|respon[sd]|repl(?:y|ies)|discuss|related|recommend", re.IGNORECASE)
_PAGER_TEXT = 40
"""Characters beside its links and buttons that a pager has at most, such as `Page 1 of 24`."""


def goes_on(page: OpenedPage, kind: PageKind, listed: Collection[StoryRef]) -> bool:
    """Return whether the page's list shows that there is more of it than the stories listed."""
    lists = [wanted for wanted in page.platform.stories if kind in wanted.on and not wanted.feed]
    if any(wanted.more is not None and holds(wanted.more, page) is not None for wanted in lists):
        return True
    apart = {node.mem_id for wanted in lists for node in _apart(page, wanted)}
    loaders = [node for node in page.elements(_MORE) if lists and node.mem_id not in apart]
    if any(node.tag == "link" for node in loaders):
        return True  # the head speaks of the page, and comments are not what it names
    place = _Place(page, lists, listed) if loaders else None
    return place is not None and any(place.has_loader(node) for node in loaders)


class _Place:
    """Where the links to the listed stories stand, so that a loader of comments is not taken for theirs."""

    def __init__(self, page: OpenedPage, lists: Collection[StoryList], listed: Collection[StoryRef]) -> None:
        ids, queries = {story.id for story in listed}, {wanted.query for wanted in lists}
        named = (
            (link, _id_of_link(page, link, query)) for link in page.elements("a[href]") for query in queries
        )
        self._links = {link.mem_id: name for link, name in named if name in ids}
        self._enough = min(2, len(ids))  # one listed story may be linked anywhere, as the latest or a hint

    def has_loader(self, loader: LexborNode) -> bool:
        """Return whether the loader is the list itself, or stands right behind it within a pager."""
        if not self._links:  # the list is read from the page's data: it has no place
            return not any(_OF_COMMENTS.search(_attribute_words(node)) for node in _upwards(loader))
        if self._listed_within(loader) >= self._enough:
            return True
        for node in _upwards(loader):
            if self._listed_within(node) or not _is_pager(node):
                return False
            before = _element_before(node)
            if before is not None and self._listed_within(before):
                return node.parent is not None and self._listed_within(node.parent) >= self._enough
        return False

    def _listed_within(self, node: LexborNode) -> int:
        return len({self._links[link.mem_id] for link in node.css("a[href]") if link.mem_id in self._links})


def _id_of_link(page: OpenedPage, link: LexborNode, query: Collection[str] | None) -> str:
    address = (link.attributes.get("href") or "").strip()
    return _id_of(page, join_address(_base(page), address), query) if address else ""


def _upwards(node: LexborNode | None) -> Iterator[LexborNode]:
    while node is not None and node.tag not in {"body", "html", "-undef"}:
        yield node
        node = node.parent


def _attribute_words(node: LexborNode) -> str:
    return " ".join(node.attributes.get(name) or "" for name in ("id", "class", "data-testid", "aria-label"))


def _is_pager(node: LexborNode) -> bool:
    """Return whether it has nothing but links and buttons."""
    if _OF_COMMENTS.search(_attribute_words(node)) or node.css_first("h1, h2, h3, h4, h5, h6") is not None:
        return False
    pressed = [node] if node.tag in {"a", "button"} else node.css("a, button")
    return len(text_of(node)) - sum(len(text_of(part)) for part in pressed) <= _PAGER_TEXT


def _element_before(node: LexborNode) -> LexborNode | None:
    """Return the last element before it that shows something."""
    before = node.prev
    while before is not None and (before.tag is None or before.tag.startswith("-") or before.tag in _BETWEEN):
        before = before.prev
    return before


def _apart(page: OpenedPage, wanted: StoryList) -> Iterator[LexborNode]:
    """Yield everything in the second lists that the file names."""
    for node in page.elements(wanted.apart) if wanted.apart is not None else ():
        yield from (node, *node.css("*"))


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
    stories = list(_from_links(page, wanted, wanted.links, lists))
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
    name = own_id or _id_of(page, url)
    if not name:
        return None
    return StoryRef(
        id=name,
        url=url,
        title=_member(value, wanted.title),
        published_at=_member(value, wanted.published),
        kept_back=_member(value, wanted.visibility) in wanted.kept_back,
    )


def story_facts(page: OpenedPage, kind: PageKind) -> dict[str, dict[str, int | None]]:
    """Return the numbers of single stories that the page has, by their ids; None where one is not shown."""
    return {
        name: {fact: number(_member(value, member)) for fact, member in wanted.read.items()}
        for wanted in page.platform.story_facts
        if kind in wanted.on
        for value in page.find(wanted.state, wanted.path)
        if isinstance(value, dict) and (name := _member(value, wanted.id))
    }


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
    return join_address(_base(page), address) if address else ""


def _from_links(
    page: OpenedPage, wanted: StoryList, selector: str, lists: list[LexborNode]
) -> Iterator[StoryRef]:
    """Yield the stories that links name, each with what its entry says of it."""
    apart = {node.mem_id for node in _apart(page, wanted)}
    entries: list[LexborNode | None] = [*(_below(page, lists, wanted.items) if wanted.items else lists)]
    entries = [item for item in entries if item is None or item.mem_id not in apart]
    for item in entries if wanted.items else entries or [None]:
        links = _below(page, [item] if item is not None else [], selector)
        own = [link for link in links if link.mem_id not in apart]
        for link in own[: 1 if wanted.items else None]:
            url = join_address(_base(page), (link.attributes.get("href") or "").strip())
            if not url.startswith(("http://", "https://")):
                continue
            if page.platform.story_id is not None and story_id(url, page.platform) is None:
                continue
            visibility = _written(item, wanted.visibility)
            yield StoryRef(
                id=_id_of(page, url, wanted.query),
                url=_own_address(page, url, wanted.query),
                title=text_of(link),
                published_at=_written(item, wanted.published),
                # A class attribute holds several words, of which one tells.
                kept_back=any(word in wanted.kept_back for word in (visibility, *visibility.split())),
            )


def _below(page: OpenedPage, lists: list[LexborNode], selector: str) -> list[LexborNode]:
    """Return what a selector finds within these elements; within the whole page where there are none."""
    if not lists:
        return page.elements(selector)
    forms = ([node for each in lists for node in each.css(form)] for form in page.selectors(selector))
    return next((nodes for nodes in forms if nodes), [])


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
        io.BytesIO(body.encode("utf-8", "replace")),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not feed.version:
        return None
    return [_from_entry(page, entry) for entry in feed.entries]


def _from_entry(page: OpenedPage, entry: Any) -> StoryRef:
    link = str(entry.get("link", ""))
    guid = str(entry.get("id", ""))
    address = _own_address(page, link)
    name = story_id(link, page.platform) or story_id(guid, page.platform) or address or guid
    published = str(entry.get("published", "") or entry.get("updated", ""))
    return StoryRef(id=name, url=address, title=str(entry.get("title", "")), published_at=published)


def _id_of(page: OpenedPage, url: str, query: Collection[str] | None = None) -> str:
    return story_id(url, page.platform) or own_address(url, query)


def _own_address(page: OpenedPage, url: str, query: Collection[str] | None = None) -> str:
    """Return the address without its query where its path has the story's id, so that no query names it."""
    bare = own_address(url, ())
    return bare if story_id(bare, page.platform) else own_address(url, query)


def _base(page: OpenedPage) -> str:
    return page.capture.final_url or page.capture.visit.url
