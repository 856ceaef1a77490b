"""The text of a story without what could act in it or tell on its reader.

Laws:
1. What is left is text, its form, links and pictures. No script, style, frame, form, event handler or class.
2. An address is whole, and `http`, `https` or `mailto`; any other link loses its address and keeps its text.
3. Cleaning what is clean changes nothing.
"""

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.core.hosts import join_address
from selfcheck.errors import ExtraMissingError

_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "u",
        "ul",
        "var",
    ]
)
_DROPPED_WHOLE = frozenset(
    [
        "script",
        "style",
        "template",
        "iframe",
        "object",
        "embed",
        "form",
        "button",
        "select",
        "textarea",
        "svg",
        "math",
        "noscript",
        "title",
    ]
)
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title", "id"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start", "reversed", "type"},
    "li": {"value", "id"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "del": {"datetime"},
    "ins": {"datetime"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}
_BLOCKS = frozenset(
    [
        "article",
        "aside",
        "blockquote",
        "details",
        "div",
        "dl",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
_LATE = ("data-src", "data-lazy-src", "data-original")  # where a page keeps a picture that it loads late
_WIDTH = re.compile(r"(\d+)(?:\.\d+)?[wx]")
_DEEPEST = 512  # as in Chromium, which puts what is deeper beside it
_OPENS_OR_CLOSES = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ELEMENT = re.compile(r"<[^<>]*>?")
_CLOSED_BY_ITSELF = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"),
        *("track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "tbody", "thead"),
        *("tfoot", "colgroup", "caption", "rt", "rp", "html", "head", "body"),
    )
)
_SPACE = re.compile(r"\s+")


def flattened_if_deep(html: str) -> str:
    """Return a text as it is, or its words alone where elements are nested deeper than browsers keep them.

    Reading such a text takes time with the square of its depth, so it is done before anything else reads it.
    What is never closed is counted as nested, but for the elements that HTML closes by itself.
    """
    depth = 0
    for match in _OPENS_OR_CLOSES.finditer(html):
        if match[2].lower() in _CLOSED_BY_ITSELF:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _DEEPEST:
            return _ELEMENT.sub(" ", html)
    return html


def clean_html(html: str, base_url: str | None = None) -> str:
    """Return the fragment of a story's text that is safe to show and to keep.

    Links and pictures are made whole by `base_url`; pictures have their largest address. Raises
    ExtraMissingError where the extra `backup` is not installed.
    """
    try:
        import nh3  # noqa: PLC0415 - only backups need it
    except ImportError:
        raise ExtraMissingError.of("backup", "A backup") from None
    return nh3.clean(
        _with_whole_addresses(flattened_if_deep(html), base_url),
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WHOLE),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    ).strip()


def _with_whole_addresses(html: str, base_url: str | None) -> str:
    tree = LexborHTMLParser(html)
    body = tree.body
    if body is None:
        return ""
    for image in body.css("img"):
        if address := _largest(image):
            image.attrs["src"] = join_address(base_url, address) if base_url else address
    for node in reversed(body.css("div, section, article, main, header, footer, aside")):
        if not any(node.iter(include_text=True)):
            node.decompose()
        elif _only_holds_blocks(node):
            node.unwrap()
    if base_url:
        for link in body.css("a[href]"):
            address = (link.attributes["href"] or "").strip()
            if not address.startswith("#"):
                link.attrs["href"] = join_address(base_url, address)
    return body.inner_html or ""


def _only_holds_blocks(node: LexborNode) -> bool:
    """Return whether an element groups blocks and says nothing itself, as most of a page's elements do."""
    children = list(node.iter(include_text=True))
    return all(
        child.tag in _BLOCKS or (child.tag == "-text" and not child.text().strip()) for child in children
    )


def _largest(image: LexborNode) -> str:
    """Return the address of a picture in its largest size, of those that the page offers."""
    given = image.attributes
    offered = [
        part.split() for part in re.split(r",\s+", given.get("srcset") or given.get("data-srcset") or "")
    ]
    sized = [
        (int(match[1]), words[0])
        for words in offered
        if len(words) == 2 and (match := _WIDTH.fullmatch(words[1]))  # noqa: PLR2004 - address and width
    ]
    if sized:
        return max(sized)[1]
    late = next((given[name] for name in _LATE if given.get(name)), None)
    return late or given.get("src") or ""


def picture_addresses(html: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the alternative text of each picture of a cleaned text, each address once."""
    addresses = set()
    for image in LexborHTMLParser(html).css("img[src]"):
        address = image.attributes["src"] or ""
        if address not in addresses:
            addresses.add(address)
            yield address, image.attributes.get("alt") or ""


def plain_text(html: str) -> str:
    """Return the words of a cleaned text, one space between them."""
    body = LexborHTMLParser(html).body
    return _SPACE.sub(" ", body.text(separator=" ") if body else "").strip()


def replace_addresses(html: str, addresses: Mapping[str, str]) -> str:
    """Return the text with the addresses of its links and pictures replaced, where the table has them."""
    tree = LexborHTMLParser(html)
    for selector, name in (("a[href]", "href"), ("img[src]", "src")):
        for node in tree.css(selector):
            address = node.attributes[name] or ""
            if address in addresses:
                node.attrs[name] = addresses[address]
    return (tree.body.inner_html or "") if tree.body else ""
