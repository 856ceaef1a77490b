"""What a library shows of itself: an index to read and search offline, and an Atom feed. Pure.

Both are made from the stories alone, so the same library always has the same index and feed.
"""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from selfcheck.backup.cleaning import plain_text
from selfcheck.backup.model import Story, StoryState
from selfcheck.core.templating import html_page
from selfcheck.core.text_safety import ascii_address, one_line
from selfcheck.core.times import utc

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WORD = re.compile(r"\w{2,}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class IndexEntry:
    """A story as the index lists it."""

    title: str
    page: str  # its page, from the index on
    url: str  # at the platform
    published: datetime | None
    state: StoryState
    tags: tuple[str, ...]
    words: str  # each word of it once, in small letters
    gone: datetime | None  # since when the platform does not have it any more


def entry_of(story: Story, page: str, gone: datetime | None) -> IndexEntry:
    """Return a story's line of the index."""
    text = f"{story.title} {story.subtitle or ''} {' '.join(story.tags)} {plain_text(story.html)}"
    return IndexEntry(
        title=one_line(story.title) or "(no title)",
        page=page,
        url=story.url,
        published=story.published,
        state=story.state,
        tags=story.tags,
        words=" ".join(sorted(set(_WORD.findall(text.lower())))),
        gone=gone,
    )


def render_index(title: str, entries: Iterable[IndexEntry], *, private: bool) -> str:
    """Return the index page, the latest story first."""
    ordered = sorted(entries, key=lambda entry: (entry.published or _EPOCH, entry.page), reverse=True)
    return html_page(
        "selfcheck.backup",
        "index.html",
        styles=("index.css",),
        script="index.js",
        title=one_line(title),
        entries=ordered,
        private=private,
    )


def render_feed(title: str, author: str, stories: Iterable[tuple[Story, str]]) -> bytes:
    """Return the Atom feed (RFC 4287) of these stories, each with the address of its page in the backup."""
    stories = tuple(stories)
    newest = max((story.updated or story.published or _EPOCH for story, _ in stories), default=_EPOCH)
    out = io.BytesIO()
    xml = XMLGenerator(out, encoding="utf-8", short_empty_elements=True)
    xml.startDocument()
    xml.startElement("feed", AttributesImpl({"xmlns": _ATOM}))
    _element(xml, "id", uuid5(NAMESPACE_URL, f"selfcheck backup {title}").urn)
    _element(xml, "title", title)
    _element(xml, "updated", utc(newest))
    xml.startElement("author", AttributesImpl({}))
    _element(xml, "name", author)
    xml.endElement("author")
    for story, page in stories:
        _entry(xml, story, page)
    xml.endElement("feed")
    xml.endDocument()
    return out.getvalue() + b"\n"


def _entry(xml: XMLGenerator, story: Story, page: str) -> None:
    xml.startElement("entry", AttributesImpl({}))
    _element(xml, "id", story.url or uuid5(NAMESPACE_URL, f"{story.platform} {story.id}").urn)
    _element(xml, "title", one_line(story.title) or "(no title)")
    _element(xml, "updated", utc(story.updated or story.published or _EPOCH))
    if story.published:
        _element(xml, "published", utc(story.published))
    _element(
        xml, "link", "", rel="alternate", href=ascii_address(story.canonical or story.url) or quote(page)
    )
    for tag in story.tags:
        _element(xml, "category", "", term=tag)
    if story.subtitle:
        _element(xml, "summary", story.subtitle)
    language = {"xml:lang": story.language} if story.language else {}
    _element(xml, "content", story.html, type="html", **language)
    xml.endElement("entry")


def _element(xml: XMLGenerator, name: str, text: str, **attributes: str) -> None:
    clean = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    xml.startElement(name, AttributesImpl(clean))
    xml.characters(_NOT_XML.sub("", text))
    xml.endElement(name)
