"""Folders of saved pages: `index.tsv` names each file, what it is (its label) and the status it came with.

A label is `<platform>.<kind>.<what>`, `<platform>.<what>` or `wall.<what>`, such as `medium.profile.shown`,
`medium.missing`, `wall.challenge`. An empty status stands for 200. Further columns say as whose page it was
asked for (`handle`), of which publication or story (`subject`), from which `viewpoint`, and where it was
(`url`). Without them all of that is taken from the page's own head, so that marks that look at addresses see
what a browser would have seen.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import UsageError
from selfcheck.platforms.page_urls import fill, handle_of_url, is_own, page_url, story_id
from selfcheck.platforms.schema import Platform

INDEX = "index.tsv"

EXPECTED: Mapping[str, frozenset[Outcome]] = {
    **{outcome.value: frozenset({outcome}) for outcome in Outcome},
    "missing": frozenset({Outcome.NOT_FOUND}),
    "signin": frozenset({Outcome.LOGIN_WALL}),
    "block": frozenset({Outcome.CHALLENGE, Outcome.RATE_LIMITED}),
    "limit": frozenset({Outcome.RATE_LIMITED}),
    "error": frozenset({Outcome.SERVER_ERROR}),
    "export": frozenset({Outcome.UNRECOGNISED}),  # a file of an export is not a page of the platform
}
"""The last word of a label, and the outcomes that are right for it."""

_STATUS_ASSUMED = 200
_HIDDEN = (
    "script, style, noscript, template, head, svg, [hidden], "
    "[style*='display:none' i], [style*='display: none' i]"
)
_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    }
)
_FEED_LINK = re.compile(r"<link>\s*(?:<!\[CDATA\[)?\s*(https?://[^<\]\s]+)")
_OWN_ADDRESS = (
    ("link[rel='canonical']", "href"),
    ("meta[property='og:url']", "content"),
    ("meta[property='al:web:url']", "content"),
)


@dataclass(frozen=True, kw_only=True)
class SavedPage:
    """One row of the index, and the page that it names."""

    file: str
    label: str
    kind: PageKind
    expected: frozenset[Outcome]
    status: int
    html: str
    url: str  # where the page was, as far as the index or the page tells
    asked: str  # the address that was asked for; the same unless the index says whose page was wanted
    viewpoint: str
    handle: str
    publication: str
    story: str  # the story's id, or ""

    @property
    def is_feed(self) -> bool:
        """Return whether the file is a feed rather than a page."""
        return self.file.endswith((".xml", ".rss", ".atom"))

    @property
    def content_type(self) -> str:
        """Return the media type that a server would give it."""
        return "application/rss+xml" if self.is_feed else "text/html"

    def values(self, platform: Platform) -> dict[str, str]:
        """Return what the platform's templates are filled with for this page."""
        values = {"home": platform.home, "handle": self.handle, "publication": self.publication}
        return {**values, "story_id": self.story}


def read_pages(folder: Path, platform: Platform) -> tuple[SavedPage, ...]:
    """Return the pages of a folder in the order of its index.

    Raise UsageError where the folder has no readable index, a file is missing, or a label has no meaning.
    """
    pages = tuple(_page(folder, row, platform) for row in _rows(folder))
    if not pages:
        raise UsageError(f"{folder / INDEX} names no page.", next_step="Give each page a row in it.")
    return pages


def capture_of(page: SavedPage, *, at: datetime = datetime(2000, 1, 1, tzinfo=UTC)) -> Capture:
    """Return the page as its viewpoint would have received it at the moment `at`."""
    tree = LexborHTMLParser(page.html)
    visit = PageRequest(
        profile="saved",
        kind=page.kind,
        url=page.asked,
        viewpoints=(page.viewpoint,),
        folder="",
        handle=page.handle,
        subject=page.publication if page.kind is PageKind.PUBLICATION else page.story,
    )
    return Capture(
        visit=visit,
        viewpoint=page.viewpoint,
        started_at=at,
        finished_at=at,
        status=page.status,
        headers={"content-type": page.content_type},
        content_type=page.content_type,
        final_url=page.url,
        title=title_of(tree),
        robots_meta=_attribute(tree, "meta[name='robots' i]", "content"),
        canonical=_attribute(tree, "link[rel='canonical']", "href"),
        text=page.html if page.is_feed else visible_text(page.html),
        html=page.html,
    )


def title_of(tree: LexborHTMLParser) -> str:
    """Return a document's title as a browser gives it, white space folded."""
    node = tree.css_first("head title") or tree.css_first("title")
    return " ".join(node.text(deep=True).split()) if node is not None else ""


def visible_text(html: str) -> str:
    """Return what a person could read of a page, as far as its HTML tells without style sheets."""
    tree = LexborHTMLParser(html)
    if tree.body is None:
        return ""
    for node in tree.css(_HIDDEN):
        node.decompose()
    lines = "".join(_texts(tree.body)).split("\n")
    return "\n".join(line for line in (" ".join(text.split()) for text in lines) if line)


def _texts(node: LexborNode) -> Iterator[str]:
    """Yield the texts below a node; a block stands on lines of its own, words within a line are not torn."""
    child = node.child
    while child is not None:
        tag = child.tag
        if tag == "-text":
            # The bars keep one space at either end, where the next element's word begins.
            yield " ".join(f"|{child.text_content or ''}|".split())[1:-1]
        elif tag in _BLOCKS:
            yield "\n"
            yield from _texts(child)
            yield "\n"
        else:
            yield from _texts(child)
        child = child.next


# -- the index -------------------------------------------------------------------------------------------


def _rows(folder: Path) -> list[dict[str, str]]:
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is {'a file, not a folder' if folder.exists() else 'not there'}.",
            next_step=f"Name a folder of saved pages, with an {INDEX} in it.",
        )
    index = folder / INDEX
    try:
        with index.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise UsageError(
            f"{index} cannot be read: {error.strerror}.",
            cause="A folder of saved pages needs an index.tsv with the columns file, label and http_status.",
        ) from None
    if rows and not {"file", "label"} <= rows[0].keys():
        raise UsageError(
            f"{index} has no columns `file` and `label`.",
            cause="Its first line must name the columns, with a tab between them.",
        )
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in rows]


def _page(folder: Path, row: Mapping[str, str], platform: Platform) -> SavedPage:
    path = folder / row["file"]
    try:
        html = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    kind, expected = _meaning(row["label"], folder)
    url = row.get("url") or _url(html, kind, row["label"], platform)
    handle = Handle(row.get("handle", "")).name or _handle(html, url, platform)
    subject = row.get("subject", "")
    values = {"home": platform.home, "handle": handle, "publication": subject, "story_id": subject}
    is_wanted = bool(row.get("handle") or subject) and kind in platform.pages
    try:
        asked = page_url(kind, platform, values) if is_wanted else url
    except ValueError as error:
        raise UsageError(f"{row['file']} in {folder / INDEX} needs {error}.") from None
    return SavedPage(
        file=row["file"],
        label=row["label"],
        kind=kind,
        expected=expected,
        status=_status(row.get("http_status", ""), path),
        html=html,
        url=url,
        asked=asked,
        viewpoint=row.get("viewpoint") or ANONYMOUS,
        handle=handle,
        publication=(subject or _publication(url)) if kind is PageKind.PUBLICATION else "",
        story=(subject if kind is PageKind.STORY else "") or story_id(url, platform) or "",
    )


def _handle(html: str, url: str, platform: Platform) -> str:
    """Return whose page it is: by its address, by what it says of itself, else the example of the file."""
    addresses = (url, *(own for own in own_addresses(html) if is_own(own, platform)))
    handles = (handle_of_url(address, platform) for address in addresses)
    return next((handle for handle in handles if handle), platform.handle_of(platform.handle.example).name)


def _meaning(label: str, folder: Path) -> tuple[PageKind, frozenset[Outcome]]:
    """Return the kind of page that a label names (a profile where it names none) and the right outcomes."""
    parts = label.split(".")
    expected = EXPECTED.get(parts[-1])
    if expected is None:
        raise UsageError(
            f"{folder / INDEX} has the label `{label}`, whose last word has no meaning.",
            cause=did_you_mean(parts[-1], EXPECTED) or f"Known are {', '.join(sorted(EXPECTED))}.",
        )
    kinds = [PageKind(part) for part in parts[:-1] if part in set(PageKind)]
    if parts[-1] == "signin":  # what who asks for a page of the author's own gets
        return PageKind.STATS, expected
    return (kinds[0] if kinds else PageKind.PROFILE), expected


def _status(text: str, path: Path) -> int:
    if not text:
        return _STATUS_ASSUMED
    if not text.isdigit():
        raise UsageError(f"The status of {path.name} is `{text}`; a number such as 404 was expected.")
    return int(text)


# -- where the page was ------------------------------------------------------------------------------------


def _url(html: str, kind: PageKind, label: str, platform: Platform) -> str:
    """Return the address that the page gives as its own, else one where a page of its kind would be."""
    if label.endswith(".signin") and platform.sign_in is not None:
        return fill(platform.sign_in.url, {"home": platform.home})
    own = next((url for url in own_addresses(html) if is_own(url, platform) and _says_where(url)), None)
    if own is not None and kind is not PageKind.FEED:
        return own
    handle = (own and handle_of_url(own, platform)) or platform.handle_of(platform.handle.example).name
    values = {
        "home": platform.home,
        "handle": handle,
        "publication": "publication",
        "story_id": story_id(own or "", platform) or _story_in_app(html, platform) or "0" * 12,
    }
    page = kind if kind in platform.pages else PageKind.PROFILE
    return page_url(page, platform, values)


def _story_in_app(html: str, platform: Platform) -> str | None:
    """Return the story's id from the address that opens it in the platform's app, such as `medium://p/<id>`."""
    address = _attribute(LexborHTMLParser(html), "meta[property='al:ios:url']", "content")
    return story_id(address or "", platform)


def _says_where(url: str) -> bool:
    """Return whether the address is of a page rather than of a platform's front page."""
    return bool(url.split("://", maxsplit=1)[-1].strip("/").partition("/")[2]) or url.count(".") > 1


def own_addresses(html: str) -> Iterator[str]:
    """Yield the addresses that a page or a feed gives as its own.

    Copying tools rewrite a page's canonical address to a file's name, so only absolute addresses count.
    """
    tree = LexborHTMLParser(html)
    addresses: Iterable[str | None] = (_attribute(tree, css, name) for css, name in _OWN_ADDRESS)
    yield from (url for url in addresses if url and url.startswith(("http://", "https://")))
    yield from _FEED_LINK.findall(html)


def _attribute(tree: LexborHTMLParser, css: str, name: str) -> str | None:
    node = tree.css_first(css)
    return node.attributes.get(name) if node is not None else None


def _publication(url: str) -> str:
    """Return the publication's name: the first part of the path, else the first of the host."""
    host, _, path = url.split("://", maxsplit=1)[-1].partition("/")
    return path.split("/")[0].split("?")[0] or host.split(".")[0]
