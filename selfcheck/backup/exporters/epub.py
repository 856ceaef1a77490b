"""For readers: one EPUB 3, a chapter for each story, the oldest first.

Formats of pictures that readers of e-books need not know are written as PNG.
"""

import hashlib
import io
import uuid
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from selfcheck.backup.exporters.folder import intact
from selfcheck.backup.exporters.job import ExportJob
from selfcheck.backup.exporters.moving import Links, MovedStory
from selfcheck.backup.exporters.xhtml import as_xhtml, valid_address
from selfcheck.backup.importers.archive import without_controls
from selfcheck.backup.model import Picture
from selfcheck.backup.records import picture_file
from selfcheck.core.templating import environment

_CORE = {"image/png", "image/jpeg", "image/gif"}
_MOST_PIXELS = 60_000_000
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class _File:
    """A file of the book, as its list names it."""

    id: str
    name: str
    media_type: str


def write_epub(job: ExportJob) -> None:
    """Write `stories.epub`."""
    links = Links(job.places, lambda place: f"{place.slug}.xhtml")
    pages = frozenset(f"{place.slug}.xhtml" for place in job.places.by_story.values())
    book = _Book(job)
    with (
        job.folder.stream("stories.epub") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        _add(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
        _add(archive, "META-INF/container.xml", book.rendered("epub_container.xml"))
        for moved in job.moved():
            book.add_story(archive, moved, links, pages)
        _add(archive, "OEBPS/nav.xhtml", book.rendered("epub_nav.xhtml"))
        _add(archive, "OEBPS/book.opf", book.rendered("epub_book.opf"))
    job.result.notes.append("stories.epub opens in any reader of e-books.")


class _Book:
    def __init__(self, job: ExportJob) -> None:
        self._job = job
        self._pictures: dict[str, _File] = {}  # by checksum
        self._modified: list[datetime] = []
        self._places = sorted(job.places.by_story.values(), key=lambda place: place.number)
        names = "\0".join(place.slug for place in self._places)
        self._digest = hashlib.sha256(f"{job.options.title}\0{names}".encode()).digest()

    def add_story(
        self, archive: zipfile.ZipFile, moved: MovedStory, links: Links, pages: frozenset[str]
    ) -> None:
        """Add a chapter and the pictures that are not in the book yet."""
        pictures = {
            picture.url: f"../{file.name}"
            for picture in moved.story.pictures
            if (file := self._picture(archive, picture)) is not None
        }
        text = as_xhtml(moved.html(links, lambda _: None), pictures=pictures, pages=pages)
        self._modified += filter(None, (moved.place.date, moved.story.updated))
        page = self.rendered(
            "epub_story.xhtml",
            story=moved.story,
            date=moved.place.date,
            text=text,
            address=valid_address(moved.canonical or "") if moved.canonical else "",
        )
        _add(archive, f"OEBPS/text/{moved.place.slug}.xhtml", page)

    def _picture(self, archive: zipfile.ZipFile, picture: Picture) -> _File | None:
        if picture.sha256 is None or picture.path is None:
            return None
        if picture.sha256 not in self._pictures:
            data, media_type = intact(picture), picture.media_type or ""
            if media_type not in _CORE:
                data, media_type = _as_png(data), "image/png"
                if not data:
                    return None
            name = f"pictures/{picture_file(picture.sha256, media_type)}"
            self._pictures[picture.sha256] = _File(f"p{len(self._pictures)}", name, media_type)
            _add(archive, f"OEBPS/{name}", data, zipfile.ZIP_STORED)
        return self._pictures[picture.sha256]

    def rendered(self, template: str, **values: object) -> bytes:
        """Return a file of the book from its template."""
        text = (
            environment("selfcheck.backup")
            .get_template(template)
            .render(
                options=self._job.options,
                places=self._places,
                pictures=self._pictures.values(),
                identifier=f"urn:uuid:{uuid.UUID(bytes=self._digest[:16], version=4)}",
                modified=f"{_latest(self._modified, self._job.options.now):%Y-%m-%dT%H:%M:%SZ}",
                **values,
            )
        )
        return without_controls(text).encode("utf-8", "replace")


def _latest(moments: Iterable[datetime], default: datetime) -> datetime:
    return max(moments, default=default)


def _add(archive: zipfile.ZipFile, name: str, data: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, _FIRST_DATE)  # the same book gives the same bytes
    entry.compress_type = how
    archive.writestr(entry, data)


def _as_png(data: bytes) -> bytes:
    """Return a picture as PNG; b"" where it cannot be read, or is so large that reading it could do harm."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return b""
            out = io.BytesIO()
            image.convert("RGBA").save(out, "PNG")
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
