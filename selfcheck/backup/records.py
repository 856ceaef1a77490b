"""How a story is stored: one JSON file that holds all of it but the pictures' bytes.

Laws:
1. The record alone is the truth. The HTML and Markdown files beside it can be made from it again.
2. A record of a later version is refused, never half understood.
"""

import hashlib
import io
import json
import re
import warnings
from datetime import datetime
from typing import Literal

from PIL import Image
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from selfcheck.backup.model import Origin, Picture, Story, StoryState
from selfcheck.errors import StorageError

SCHEMA: Literal["selfcheck.story/1"] = "selfcheck.story/1"

_SHA256 = r"^[0-9a-f]{64}$"
_NAME = re.compile(r"[^\w.-]+")
_LONGEST_SLUG = 48
_EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "image/bmp": "bmp",
    "image/tiff": "tif",
}


class StoredPicture(BaseModel):
    """A picture of a stored story; one without a checksum could not be fetched yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    alt: str = ""
    media_type: str | None = None
    sha256: str | None = Field(default=None, pattern=_SHA256)


class StoryRecord(BaseModel):
    """A story as the library has it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["selfcheck.story/1"] = Field(default=SCHEMA, alias="schema")
    revision: int = 1  # one more with each change: of two records of one story, the higher one counts
    id: str
    platform: str
    title: str
    subtitle: str | None = None
    slug: str
    url: str
    canonical: str | None = None
    published: AwareDatetime | None = None
    updated: AwareDatetime | None = None
    state: StoryState
    origin: Origin
    language: str | None = None
    tags: tuple[str, ...] = ()
    pictures: tuple[StoredPicture, ...] = ()
    html: str
    page_sha256: str | None = None  # of the page and the Markdown file that are made from this record
    markdown_sha256: str | None = None

    @classmethod
    def of(cls, story: Story, revision: int = 1) -> "StoryRecord":
        """Return the record of a story whose pictures are stored."""
        pictures = (
            StoredPicture(
                url=picture.url, alt=picture.alt, media_type=picture.media_type, sha256=picture.sha256
            )
            for picture in story.pictures
        )
        return cls.model_validate({**vars(story), "pictures": tuple(pictures), "revision": revision})

    def to_json(self) -> bytes:
        """Return the record as its file; the same story gives the same bytes."""
        document = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"

    @property
    def digest(self) -> str:
        """Return what two copies with the same words share."""
        words = "\0".join((self.title, self.subtitle or "", self.html))
        return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]

    def story(self) -> Story:
        """Return the story; the paths of its pictures are not known here."""
        fields = {name: getattr(self, name) for name in Story.__dataclass_fields__ if name != "pictures"}
        return Story(**fields, pictures=tuple(Picture(**picture.model_dump()) for picture in self.pictures))


def read_record(data: bytes, name: str) -> StoryRecord:
    """Return the record in a file's content; `name` is what messages call it. Raises StorageError."""
    try:
        return StoryRecord.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "its beginning"
        raise StorageError(
            f"{name} is damaged at {where}: {first['msg']}.",
            cause="The disk, or another program, changed it; or a later version of selfcheck wrote it.",
            next_step="Take the file from another copy of the backup, or move it away and back up again.",
        ) from None


def bare(record: StoryRecord) -> StoryRecord:
    """Return the record without what only tells how it is stored."""
    return record.model_copy(update={"revision": 1, "page_sha256": None, "markdown_sha256": None})


def completed(record: StoryRecord, other: StoryRecord) -> StoryRecord:
    """Return a record with what only the other copy knows."""
    fields = ("subtitle", "canonical", "published", "updated", "language", "tags", "url")
    missing = {name: getattr(other, name) for name in fields if not getattr(record, name)}
    had = {picture.url: picture for picture in other.pictures if picture.sha256}
    pictures = tuple(p if p.sha256 else had.get(p.url, p) for p in record.pictures)
    return record.model_copy(update={**missing, "pictures": pictures})


def file_name(story: Story) -> str:
    """Return what a story's files are called: readable, and another for each story of each platform."""
    digest = hashlib.sha256(f"{story.platform} {story.id}".encode("utf-8", "replace")).hexdigest()[:10]
    slug = _NAME.sub("-", story.slug or story.title).strip("-._").lower()[:_LONGEST_SLUG].strip("-._")
    return f"{slug or 'story'}-{digest}"


def media_type_of(data: bytes) -> str | None:
    """Return the kind of a picture by its first bytes, whatever its name says; None where it is none."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of its size: it is not decoded here
            image = Image.open(io.BytesIO(data))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return "image/svg+xml" if b"<svg" in data[:4096] else None
    return Image.MIME.get(image.format or "")


def picture_file(sha256: str, media_type: str | None) -> str:
    """Return the path of a picture below the folder of pictures."""
    return f"{sha256[:2]}/{sha256}.{_EXTENSIONS.get(media_type or '', 'bin')}"


def latest(*moments: datetime | None) -> datetime | None:
    """Return the latest of the moments that are known."""
    return max((moment for moment in moments if moment is not None), default=None)
