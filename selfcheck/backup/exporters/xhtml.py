"""A cleaned text as XHTML that keeps the rules on what may stand in what, as readers of e-books ask.

Where a text breaks them (a list in a heading, a caption without a picture), the words stay and the element
goes.
"""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.backup.importers.archive import without_controls
from selfcheck.core.hosts import is_opened
from selfcheck.core.text_safety import ascii_address

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
    ]
)
_ONLY_INLINE = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"])
_FLOW = frozenset(["div", "blockquote", "figure"])
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ID = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NUMBER = re.compile(r"[1-9][0-9]{0,4}")
_TEXT = "-text"


class _Writer:
    """Writes one text; of a picture that is not in the book, what it shows in words stays."""

    def __init__(self, tree: LexborHTMLParser, pictures: Mapping[str, str], pages: frozenset[str]) -> None:
        self._pictures = pictures
        self._pages = pages
        self._leaves = {
            _TEXT: lambda node: escape(without_controls(node.text_content or "")),
            "br": lambda _: "<br/>",
            "img": self._picture,
        }
        self._blocks = {
            "hr": lambda _: "<hr/>",
            "ul": self._list,
            "ol": self._list,
            "table": self._table,
            "dl": self._definitions,
            "figure": self._figure,
            **dict.fromkeys(("summary", "figcaption", "dt", "caption"), self._paragraph),
        }
        ids = [node.attributes.get("id") or "" for node in tree.css("[id]")]
        self._ids = {name for name in ids if _ID.fullmatch(name) and ids.count(name) == 1}

    def children(self, node: LexborNode, *, inline: bool) -> str:
        """Return what is in an element; with `inline`, without what begins a paragraph of its own."""
        return "".join(self._node(child, inline=inline) for child in node.iter(include_text=True))

    def _node(self, node: LexborNode, *, inline: bool) -> str:
        tag = node.tag or ""
        if tag in self._leaves:
            return self._leaves[tag](node)
        if tag in _INLINE or (tag in _ONLY_INLINE and not inline):
            return self._element(node, tag, self.children(node, inline=True))
        if inline:
            return f" {self.children(node, inline=True)} "
        if tag in self._blocks:
            return self._blocks[tag](node)
        return self._element(node, tag if tag in _FLOW else "div", self.children(node, inline=False))

    def _paragraph(self, node: LexborNode) -> str:
        return f"<p>{self.children(node, inline=True)}</p>"

    def _element(self, node: LexborNode, tag: str, inner: str) -> str:
        if tag == "time":  # its text must be a date, which a writer's words rarely are
            return inner
        attributes = "".join(f" {name}={quoteattr(text)}" for name, text in self._attributes(node, tag))
        return f"<{tag}{attributes}>{inner}</{tag}>"

    def _attributes(self, node: LexborNode, tag: str) -> Iterator[tuple[str, str]]:
        given = {name: without_controls(text or "") for name, text in node.attributes.items()}
        if given.get("id") in self._ids:
            yield "id", given["id"]
        if _LANGUAGE.fullmatch(given.get("lang", "")):
            yield from (("lang", given["lang"]), ("xml:lang", given["lang"]))
        if given.get("dir") in {"ltr", "rtl"}:
            yield "dir", given["dir"]
        if tag == "a" and (address := self._link(given.get("href", ""))):
            yield "href", address
        if tag in {"a", "abbr", "dfn"} and given.get("title"):
            yield "title", given["title"]
        if tag in {"td", "th"}:
            yield from (
                (name, given[name])
                for name in ("colspan", "rowspan")
                if _NUMBER.fullmatch(given.get(name, ""))
            )
        if tag == "ol" and _NUMBER.fullmatch(given.get("start", "")):
            yield "start", given["start"]

    def _link(self, address: str) -> str:
        if address.startswith("#"):
            return address if address[1:] in self._ids else ""
        if address.partition("#")[0] in self._pages:
            return address.partition("#")[0]
        if not is_opened(address) and not address.startswith("mailto:"):
            return ""
        return valid_address(address)

    def _picture(self, node: LexborNode) -> str:
        address = node.attributes.get("src") or ""
        alt = without_controls(node.attributes.get("alt") or "")
        if address in self._pictures:
            return f"<img src={quoteattr(self._pictures[address])} alt={quoteattr(alt)}/>"
        return f"<span>{escape(alt)}</span>" if alt else ""

    def _list(self, node: LexborNode) -> str:
        items = (
            self._element(child, "li", self.children(child, inline=False))
            if child.tag == "li"
            else f"<li>{self._node(child, inline=False)}</li>"
            for child in node.iter()
        )
        return self._element(node, node.tag or "ul", "".join(items))

    def _definitions(self, node: LexborNode) -> str:
        children = list(node.iter())
        tags = [child.tag for child in children]
        if not tags or {*tags} != {"dt", "dd"} or tags[0] != "dt" or tags[-1] != "dd":
            return f"<div>{self.children(node, inline=False)}</div>"
        items = (
            f"<{child.tag}>{self.children(child, inline=child.tag == 'dt')}</{child.tag}>"
            for child in children
        )
        return f"<dl>{''.join(items)}</dl>"

    def _figure(self, node: LexborNode) -> str:
        """Return a figure with its captions in one, at its end, where the rules want it."""
        captions = [child for child in node.iter() if child.tag == "figcaption"]
        rest = "".join(
            self._node(child, inline=False)
            for child in node.iter(include_text=True)
            if child.tag != "figcaption"
        )
        caption = "".join(self.children(child, inline=False) for child in captions)
        return f"<figure>{rest}{f'<figcaption>{caption}</figcaption>' if captions else ''}</figure>"

    def _table(self, node: LexborNode) -> str:
        rows = []
        for row in node.css("tr"):
            cells = [child for child in row.iter() if child.tag in {"td", "th"}]
            if cells and _table_of(row) == _table_of(node.first_child or node):
                texts = (self._element(c, c.tag or "td", self.children(c, inline=False)) for c in cells)
                rows.append(f"<tr>{''.join(texts)}</tr>")
        if not rows:
            return f"<div>{self.children(node, inline=False)}</div>"
        caption = next((child for child in node.iter() if child.tag == "caption"), None)
        text = f"<caption>{self.children(caption, inline=True)}</caption>" if caption is not None else ""
        return f"<table>{text}<tbody>{''.join(rows)}</tbody></table>"


def _table_of(node: LexborNode) -> int | None:
    """Return which table an element is in, so that the rows of a table in a cell stay there."""
    parent = node.parent
    while parent is not None and parent.tag != "table":
        parent = parent.parent
    return parent.mem_id if parent is not None else None


def valid_address(address: str) -> str:
    """Return an address in which every character is one that the standard allows there."""
    written = _BAD_PERCENT.sub("%25", ascii_address(address))
    before, sign, fragment = written.partition("#")
    for letter in "[]|#":
        fragment = fragment.replace(letter, f"%{ord(letter):02X}")
        before = before.replace(letter, f"%{ord(letter):02X}")
    return f"{before}{sign}{fragment}"


def as_xhtml(html: str, *, pictures: Mapping[str, str], pages: frozenset[str]) -> str:
    """Return a cleaned text as the content of an XHTML body.

    `pictures` are the paths of its pictures by their addresses in the text, `pages` the other pages that it
    may lead to.
    """
    tree = LexborHTMLParser(html)
    return _Writer(tree, pictures, pages).children(tree.body, inline=False) if tree.body else ""
