"""XML, written piece by piece: every text is escaped, and freed of what no XML may hold."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from selfcheck.backup.importers.archive import without_controls


class XmlFile:
    """Writes an XML document to a file; names are written as they are given, with their prefix."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._out = XMLGenerator(file, "utf-8", short_empty_elements=True)
        self._out.startDocument()

    @contextmanager
    def element(self, name: str, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
        """Write an element around what the block writes."""
        self._out.startElement(name, self._attributes(attributes))
        self._out.characters("\n")
        yield
        self._out.endElement(name)
        self._out.characters("\n")

    def leaf(self, name: str, text: object = "", attributes: Mapping[str, str] | None = None) -> None:
        """Write an element with a text, or an empty one."""
        self._out.startElement(name, self._attributes(attributes))
        self._out.characters(without_controls(str(text)))
        self._out.endElement(name)
        self._out.characters("\n")

    def end(self) -> None:
        """End the document."""
        self._out.endDocument()

    @property
    def size(self) -> int:
        """How many bytes were written so far."""
        return self._file.tell()

    @staticmethod
    def _attributes(attributes: Mapping[str, str] | None) -> AttributesImpl:
        return AttributesImpl({name: without_controls(text) for name, text in (attributes or {}).items()})
