"""A long XML file, element by element, without ever having it whole in memory.

Laws:
1. A document type is refused: exports have none, and it is where entities that grow come from.
2. Names are written as `{namespace}name`, as ElementTree does. An element that was yielded is forgotten.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from html import escape, unescape
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from selfcheck.backup.importers.archive import Archive

_DEEPEST = 200
_LONGEST_ENTITY = 40
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(?:[a-zA-Z]\w{1,31};)?")


class _HarmfulXmlError(Exception):
    """The file has what no export has."""


class _Items:
    """Takes the parser's events, and builds only the elements with one of the names."""

    def __init__(self, names: Collection[str]) -> None:
        self.ready: list[Element] = []
        self._names = names
        self._builder: TreeBuilder | None = None
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._builder is None and tag in self._names:
            self._builder, self._depth = TreeBuilder(), 0
        if self._builder is not None:
            self._depth += 1
            if self._depth > _DEEPEST:
                raise _HarmfulXmlError("its elements are nested too deeply")
            self._builder.start(tag, attributes)

    def data(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(tag)
            self._depth -= 1
            if self._depth == 0:
                self.ready.append(self._builder.close())
                self._builder = None

    def doctype(self, *_: object) -> None:
        raise _HarmfulXmlError("it has a document type, which may hold harmful entities")

    def close(self) -> None:
        pass


def xml_items(archive: Archive, name: str, names: Collection[str]) -> Iterator[Element]:
    """Yield the elements of a file that have one of the names; a damaged file ends where it is damaged."""
    target = _Items(names)
    # What it could be harmed by are document types, which the target refuses. The text is UTF-8 by now,
    # whatever its first line says.
    parser = XMLParser(target=target, encoding="utf-8")  # noqa: S314
    try:
        for chunk in _repaired(archive.text_chunks(name)):
            parser.feed(chunk.encode())
            while target.ready:
                yield target.ready.pop(0)
        parser.close()
    except (ParseError, _HarmfulXmlError) as error:
        archive.leave_out(name, f"the rest of it cannot be read ({error})")


def _repaired(chunks: Iterable[str]) -> Iterator[str]:
    """Yield the file's text with a whole `&amp;` for each `&` that begins no entity of XML.

    Some platforms write addresses, and characters by their names in HTML, into the file as they are.
    """
    rest, inside = "", False  # inside: between `<![CDATA[` and `]]>`, where `&` is a letter like others
    for chunk in chunks:
        *parts, last = re.split(r"(<!\[CDATA\[|\]\]>)", rest + chunk)
        for part in parts:
            inside = part == "<![CDATA[" or (inside and part != "]]>")
            yield part if inside else _AMPERSAND.sub(_entity, part)
        cut = max(0, len(last) - _LONGEST_ENTITY)  # what may go on in the next chunk
        ampersand = last.rfind("&", max(0, cut - _LONGEST_ENTITY), cut)
        if not inside and ampersand >= 0:
            cut = ampersand
        yield last[:cut] if inside else _AMPERSAND.sub(_entity, last[:cut])
        rest = last[cut:]
    yield rest if inside else _AMPERSAND.sub(_entity, rest)


def _entity(match: re.Match[str]) -> str:
    return escape(unescape(match[0]))


def text_of(element: Element, name: str) -> str:
    """Return the text of the first child of this name; "" where there is none."""
    return (element.findtext(name) or "").strip()
