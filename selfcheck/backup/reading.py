"""What a page of the author's says of their stories: which there are, and one in full. Pure.

Laws:
1. A story is taken only from a page that is shown, is the one asked for, and is the author's view where the
   platform has one: what a logged-out visitor is shown of it may be cut.
2. A page without a text, or one that broke off, gives no story: what the library has stays.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
from selectolax.lexbor import LexborHTMLParser

from selfcheck.backup.cleaning import clean_html, picture_addresses, plain_text
from selfcheck.backup.model import Origin, Picture, Story, StoryState
from selfcheck.core.capture import Capture
from selfcheck.core.enums import Outcome, PageKind, SignKind
from selfcheck.core.hosts import join_address, split_address
from selfcheck.core.labels import failure_words
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.text_safety import one_line
from selfcheck.observe import observe
from selfcheck.observe.page import OpenedPage, text_of
from selfcheck.observe.readings import published
from selfcheck.observe.stories import stories
from selfcheck.observe.text_bodies import text_containers
from selfcheck.platforms.page_urls import own_address, story_id
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import for_selector

_STATES = (
    (SignKind.UNPUBLISHED, StoryState.DRAFT),
    (SignKind.PRIVATE, StoryState.DRAFT),
    (SignKind.MEMBERS_ONLY, StoryState.MEMBERS),
    (SignKind.UNLISTED, StoryState.UNLISTED),
)
_GOOD = 200
_LONGEST_TITLE = 300


@dataclass(frozen=True, kw_only=True)
class PageReading:
    """What a story's page gave: the story, or why there is none in words."""

    story: Story | None = None
    trouble: str = ""


def listed_stories(
    capture: Capture, platform: Platform, values: Mapping[str, str]
) -> tuple[StoryRef, ...] | None:
    """Return the stories that a page lists, None where it lists none that can be read."""
    if capture.failure is not None or capture.status != _GOOD:
        return None
    page = OpenedPage(capture, platform, values)
    return stories(page, capture.visit.kind, says_empty=False)


def read_page(
    capture: Capture, platform: Platform, values: Mapping[str, str], ref: StoryRef, *, as_author: bool
) -> PageReading:
    """Return the story of a page that was opened for one of the author's stories."""
    observation = observe(capture, platform, values)
    if trouble := _trouble(capture, observation, as_author=as_author):
        return PageReading(trouble=trouble)
    page = OpenedPage(capture, platform, {**values, "story_id": ref.id, "story": ref.url})
    tree = LexborHTMLParser(capture.html)
    backup = platform.backup
    title = _text(tree, page, backup.title) or _heading(tree) or ref.title
    subtitle = _text(tree, page, backup.subtitle)
    tags = tuple(dict.fromkeys(text_of(node) for node in _nodes(tree, page, backup.tags)))
    language = tree.root.attributes.get("lang") if tree.root is not None else None
    for selector in ("noscript, template, script, style", backup.drop):
        for node in _nodes(tree, page, selector):
            node.decompose()
    address = own_address(capture.final_url or ref.url)
    text = "".join(node.inner_html or "" for node in text_containers(tree, page)[1])
    html = clean_html(text, address)
    if not plain_text(html) and not any(picture_addresses(html)):
        return PageReading(trouble="no text was found on its page")
    return PageReading(
        story=Story(
            id=ref.id,
            platform=platform.platform,
            title=one_line(title, _LONGEST_TITLE),
            subtitle=one_line(subtitle, _LONGEST_TITLE) or None,
            slug=slug_of(address),
            url=address,
            canonical=_canonical(capture.canonical, address),
            published=moment(ref.published_at) or moment(published(page)),
            updated=moment(_meta(tree, "article:modified_time")),
            state=_state(observation, ref),
            origin=Origin.AUTHOR_PAGE,
            language=language,
            tags=tags,
            html=html,
            pictures=pictures_of(html),
        )
    )


def read_feed(capture: Capture, platform: Platform) -> Iterator[Story]:
    """Yield the stories of a feed that has them in full or in part."""
    if capture.failure is not None or capture.status != _GOOD:
        return
    feed = feedparser.parse(
        io.BytesIO(capture.html.lstrip("\ufeff \t\r\n").encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    for entry in feed.entries:
        if (story := _from_entry(entry, platform, feed.feed.get("language"))) is not None:
            yield story


def _from_entry(entry: Any, platform: Platform, language: str | None) -> Story | None:
    address = own_address(str(entry.get("link", "")), ())
    content = entry.get("content") or [{"value": entry.get("summary", "")}]
    html = clean_html(str(content[0].get("value", "")), address)
    if not address or not plain_text(html):
        return None
    name = story_id(address, platform) or story_id(str(entry.get("id", "")), platform) or address
    return Story(
        id=name,
        platform=platform.platform,
        title=one_line(str(entry.get("title", "")), _LONGEST_TITLE),
        slug=slug_of(address),
        url=address,
        published=moment(str(entry.get("published", ""))),
        updated=moment(str(entry["updated"])) if "updated" in entry else None,
        state=StoryState.PUBLISHED,
        origin=Origin.FEED,
        language=language,
        tags=tuple(
            dict.fromkeys(str(tag.get("term", "")) for tag in entry.get("tags", ()) if tag.get("term"))
        ),
        html=html,
        pictures=pictures_of(html),
    )


def pictures_of(html: str) -> tuple[Picture, ...]:
    """Return the pictures of a cleaned text, none of them fetched."""
    return tuple(Picture(url=url, alt=alt) for url, alt in picture_addresses(html))


def slug_of(address: str) -> str:
    """Return the last part of an address's path, which names the story there."""
    return split_address(address).path.rstrip("/").rpartition("/")[2]


def moment(text: str) -> datetime | None:
    """Return the moment that a page writes, in UTC; None where it cannot be read as one.

    A date without a time is its first moment; seconds or milliseconds since 1970 are understood.
    """
    text = text.strip()
    try:
        if text.isdecimal() and len(text) in {10, 13}:
            return datetime.fromtimestamp(int(text[:10]), UTC)
        when = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _trouble(capture: Capture, observation: Observation, *, as_author: bool) -> str:
    """Return why no story is taken from this page, or an empty text."""
    if capture.failure is not None:
        return failure_words(capture.failure)
    if observation.outcome is not Outcome.SHOWN:
        return f"its page answered {observation.outcome.value.replace('_', ' ')}"
    if as_author and observation.shows_logged_out:
        return "its page was not shown as its author's: the session has ended"
    if capture.truncated:
        return "its page broke off before its end"
    if observation.means(SignKind.BLURRED) or (not as_author and observation.means(SignKind.EXCERPT)):
        return "its page has only a part of the text"
    return ""


def _state(observation: Observation, ref: StoryRef) -> StoryState:
    state = next((state for sign, state in _STATES if observation.means(sign)), None)
    return state or (StoryState.UNLISTED if ref.kept_back else StoryState.PUBLISHED)


def _nodes(tree: LexborHTMLParser, page: OpenedPage, selector: str | None) -> list[Any]:
    filled = page.filled(selector, for_selector) if selector else None
    return tree.css(filled) if filled else []


def _text(tree: LexborHTMLParser, page: OpenedPage, selector: str | None) -> str:
    return next((text for node in _nodes(tree, page, selector) if (text := text_of(node))), "")


def _heading(tree: LexborHTMLParser) -> str:
    heading = tree.css_first("article h1, main h1, h1")
    return text_of(heading) if heading is not None else _meta(tree, "og:title")


def _meta(tree: LexborHTMLParser, name: str) -> str:
    node = tree.css_first(f"meta[property='{name}'], meta[name='{name}']")
    return (node.attributes.get("content") or "") if node is not None else ""


def _canonical(named: str | None, address: str) -> str | None:
    """Return the original's address where the page names another one than its own."""
    whole = own_address(join_address(address, named)) if named else address
    return whole if whole.rstrip("/") != address.rstrip("/") else None


def is_feed(kind: PageKind) -> bool:
    """Return whether the stories themselves are in a page of this kind, not only their list."""
    return kind is PageKind.FEED
