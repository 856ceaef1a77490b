"""A folder of stories: each once, with its pictures, its earlier texts and its other copies.

    library.json           what this folder is
    records/NAME.json      a story; NAME is the same for all its files
    stories/NAME.html .md  made from the record
    earlier/NAME.*.json    earlier texts, and copies that are not the best
    pictures/ab/SHA256.png
    private/               the same again, for what is not public at the platform

Laws:
1. A story's pictures are written first, then its pages, its record last. Whatever a kill leaves behind is
   replaced when the story is merged again.
2. Merging the same story again changes nothing. Merging is the only way in, and nothing is taken out by it.
3. A story is found again by its platform and its id, else by its address, else by its slug: an export and a
   page rarely call it by the same id.
4. Only an index of names is in memory; one story is read at a time.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from selfcheck.backup.cleaning import plain_text
from selfcheck.backup.model import Picture, Story
from selfcheck.backup.records import (
    StoryRecord,
    bare,
    completed,
    file_name,
    media_type_of,
    picture_file,
    read_record,
)
from selfcheck.backup.render_markdown import rendered_files
from selfcheck.core.hosts import address_key
from selfcheck.core.times import utc
from selfcheck.errors import UsageError
from selfcheck.storage.files import (
    check_within,
    make_private_folder,
    read_plain,
    storage_error,
    unreadable,
    write_whole,
)

SCHEMA = "selfcheck.library/1"
PRIVATE = "private"

_MARK = "library.json"
_MUCH_SHORTER = 0.95
"""A copy with less than this part of the other's words is not taken for the better one: it may be cut."""


class Merge(StrEnum):
    """What a library did with a story."""

    ADDED = "added"
    BETTER = "better"  # it took the place of the copy before, which is kept
    KEPT_OTHER = "kept_other"  # it is kept beside the better copy that is there
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class _Place:
    """Where a story's files are."""

    name: str
    private: bool


class Library:
    """The stories of one folder. Made by `open`; one process writes at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._places: dict[str, _Place] = {}  # by name
        self._names: dict[tuple[str, str, str], str] = {}  # platform, sort of key, key -> name
        self._published: dict[str, str] = {}
        self._pictures: dict[str, tuple[str, str | None]] = {}  # address -> checksum and kind

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a library, or begin one in an empty or missing folder.

        Raises UsageError for a folder of something else, StorageError for one that cannot be used.
        """
        library = cls(folder)
        try:
            mark = folder / _MARK
            if not mark.is_file():
                if folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
                    raise UsageError(
                        f"{folder} is not a backup, and it is not empty.",
                        next_step="Name an empty folder, or one that `backup` made.",
                    )
                write_whole(mark, f'{{"schema": "{SCHEMA}"}}\n'.encode())
            elif SCHEMA.encode() not in read_plain(folder, _MARK, most=4096):
                raise UsageError(f"{folder} was made by another version.", next_step="Update selfcheck.")
            make_private_folder(folder / PRIVATE)
        except OSError as error:
            raise storage_error(folder, error) from error
        library._read_all()
        return library

    # -- reading --

    def __len__(self) -> int:
        """Return how many stories there are."""
        return len(self._places)

    def names(self) -> tuple[str, ...]:
        """Return the names of all stories, in the order in which they are listed."""
        return tuple(sorted(self._places))

    def stories(self) -> Iterator[Story]:
        """Yield all stories, one at a time. Raises StorageError at a damaged one."""
        for name in self.names():
            yield self.read(name)

    def read(self, name: str) -> Story:
        """Return a story with the paths of its pictures. Raises StorageError."""
        story = self.record(name).story()
        return replace(story, pictures=tuple(map(self._with_path, story.pictures)))

    def record(self, name: str) -> StoryRecord:
        """Return a story as it is stored. Raises StorageError."""
        return self._load(self._path("records", self._places[name], "json"))

    def is_private(self, name: str) -> bool:
        """Return whether the story's files are in the private part."""
        return self._places[name].private

    def platforms(self) -> tuple[str, ...]:
        """Return the platforms that its stories are of."""
        return tuple(sorted({platform for platform, _, _ in self._names}))

    def published_of(self, name: str) -> str:
        """Return when a story was published, in a form that sorts; empty where that is not known."""
        return self._published[name]

    def pages(self, name: str) -> tuple[Path, Path]:
        """Return the files that are made from a story: its page and its Markdown."""
        place = self._places[name]
        return self._path("stories", place, "html"), self._path("stories", place, "md")

    def find(self, story: Story) -> str | None:
        """Return the name under which the library has this story, from whatever origin."""
        for key in _keys(story):
            name = self._names.get(key)
            # Platforms give one slug to several stories, such as two that are called "Untitled": where both
            # have an address, it has to be the same one.
            if name is not None and (key[1] != "slug" or not (story.url and self.record(name).url)):
                return name
        return None

    def find_listed(self, platform: str, story_id: str, url: str) -> str | None:
        """Return the name of the story that a list of the platform names so, or None."""
        keys = [(platform, "id", story_id), (platform, "url", address_key(url))]
        return next((self._names[key] for key in keys if key in self._names), None)

    def earlier(self, name: str) -> Iterator[Story]:
        """Yield the earlier texts and the other copies of a story. Raises StorageError."""
        for root in (self.folder, self.folder / PRIVATE):
            for path in sorted((root / "earlier").glob(f"{name}.*.json")):
                yield self._load(path).story()

    def picture_path(self, sha256: str) -> Path | None:
        """Return the file of a picture, None where the library does not have it."""
        for root in (self.folder, self.folder / PRIVATE):
            folder = root / "pictures" / sha256[:2]
            with suppress(FileNotFoundError):  # a glob would compile a pattern for each picture
                for path in folder.iterdir():
                    if path.stem == sha256:
                        return path
        return None

    def has_picture(self, url: str) -> bool:
        """Return whether the picture of this address is there, for whichever story it was fetched."""
        return url in self._pictures

    # -- writing --

    def merge(self, story: Story) -> Merge:
        """Take a story in, and say what became of it. Raises StorageError.

        The better copy is the one that is listed: the platform's own export before the author's page before
        the feed, unless it is much shorter or older than the other. The other one is kept.
        """
        name = self.find(story)
        if name is None:
            self._write(_Place(file_name(story), story.state.is_private), self._record(story))
            return Merge.ADDED
        stored = self.record(name)
        given = self._record(story, stored)
        if given.digest == stored.digest:
            better, other = (stored, given) if stored.origin.is_better_than(given.origin) else (given, stored)
            return self._put(name, stored, completed(better, other))
        if _replaces(given, stored):
            self._keep_beside(name, stored)
            self._put(name, stored, completed(given, stored))
            return Merge.BETTER
        return Merge.KEPT_OTHER if self._keep_beside(name, given) else Merge.UNCHANGED

    def _put(self, name: str, stored: StoryRecord, new: StoryRecord) -> Merge:
        """Write the record and its pages, where it differs from the one that is there."""
        before = self._places[name]
        place = replace(before, private=new.state.is_private)
        if bare(new) == bare(stored):
            self.repair(name)
            return Merge.UNCHANGED
        self._write(place, new.model_copy(update={"revision": stored.revision + 1}))
        if place != before:
            self._remove(before)
        return Merge.BETTER

    def _write(self, place: _Place, record: StoryRecord) -> None:
        self._share_pictures(place, record)
        pages = rendered_files(record)
        for suffix, data in pages.items():
            self._write_file(self._path("stories", place, suffix), data, private=place.private)
        digests = {"page_sha256": _digest(pages["html"]), "markdown_sha256": _digest(pages["md"])}
        record = record.model_copy(update=digests)
        self._write_file(self._path("records", place, "json"), record.to_json(), private=place.private)
        self._note(place, record)

    def repair(self, name: str) -> None:
        """Make a story's pages again where they are not those of its record. Raises StorageError."""
        record, place = self.record(name), self._places[name]
        paths = dict(zip(("html", "md"), self.pages(name), strict=True))
        wanted = {"html": record.page_sha256, "md": record.markdown_sha256}
        wrong = [each for each, path in paths.items() if _digest_of(path) != wanted[each]]
        pages = rendered_files(record) if wrong else {}
        for suffix in wrong:
            self._write_file(paths[suffix], pages[suffix], private=place.private)

    def _keep_beside(self, name: str, record: StoryRecord) -> bool:
        """Keep a copy that is not the listed one; return whether it is new."""
        private = record.state.is_private
        path = self._path("earlier", _Place(f"{name}.{record.digest}", private), "json")
        if path.is_file():
            return False
        self._share_pictures(_Place(name, private), record)
        self._write_file(path, bare(record).to_json(), private=private)
        return True

    def _record(self, story: Story, stored: StoryRecord | None = None) -> StoryRecord:
        """Store a story's pictures and return its record; known pictures are not fetched again."""
        known = {picture.url: picture for picture in stored.pictures} if stored else {}
        pictures = []
        for picture in story.pictures:
            placed = self.store_picture(picture, private=story.state.is_private)
            if placed.sha256 is None and (had := known.get(picture.url)) is not None and had.sha256:
                placed = replace(picture, sha256=had.sha256, media_type=had.media_type)
            if placed.sha256 is None and picture.url in self._pictures:
                sha256, media_type = self._pictures[picture.url]
                placed = replace(picture, sha256=sha256, media_type=media_type)
            pictures.append(placed)
        return StoryRecord.of(replace(story, pictures=tuple(pictures)))

    def store_picture(self, picture: Picture, *, private: bool) -> Picture:
        """Keep a picture's bytes and return the picture with its checksum; without bytes, as it is."""
        try:
            data = picture.path.read_bytes() if picture.data is None and picture.path else picture.data
        except OSError as error:
            assert picture.path is not None
            raise unreadable(picture.path, error) from error
        if data is None:
            return replace(picture, path=None)
        sha256 = _digest(data)
        media_type = media_type_of(data) or picture.media_type
        root = self.folder / PRIVATE if private else self.folder
        path = root / "pictures" / picture_file(sha256, media_type)
        if not path.is_file() or path.stat().st_size != len(data):
            self._write_file(path, data, private=private)
        return Picture(url=picture.url, alt=picture.alt, media_type=media_type, sha256=sha256)

    def _share_pictures(self, place: _Place, record: StoryRecord) -> None:
        """Copy the pictures to the part of the library in which the story is, where they are in the other."""
        root = self.folder / PRIVATE if place.private else self.folder
        for picture in record.pictures:
            if not picture.sha256:
                continue
            path = root / "pictures" / picture_file(picture.sha256, picture.media_type)
            if not path.is_file() and (source := self.picture_path(picture.sha256)) is not None:
                self._write_file(path, source.read_bytes(), private=place.private)

    # -- files --

    def _path(self, part: str, place: _Place, suffix: str) -> Path:
        root = self.folder / PRIVATE if place.private else self.folder
        return root / part / f"{place.name}.{suffix}"

    def _write_file(self, path: Path, data: bytes, *, private: bool) -> None:
        check_within(self.folder, path)
        if private:
            try:
                make_private_folder(path.parent)
            except OSError as error:
                raise storage_error(path, error) from error
        write_whole(path, data, mode=0o600 if private else 0o644)

    def _load(self, path: Path) -> StoryRecord:
        try:
            data = read_plain(self.folder, path.relative_to(self.folder).as_posix())
        except OSError as error:
            raise unreadable(path, error) from error
        return read_record(data, str(path))

    def _remove(self, place: _Place) -> None:
        """Remove a story's files from the part in which it is no longer; its record goes last."""
        for part, suffix in (("stories", "html"), ("stories", "md"), ("records", "json")):
            path = self._path(part, place, suffix)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise storage_error(path, error) from error

    def _read_all(self) -> None:
        for private, root in ((False, self.folder), (True, self.folder / PRIVATE)):
            for entry in _files(root / "records"):
                place = _Place(entry.removesuffix(".json"), private)
                record = self._load(self._path("records", place, "json"))
                before = self._places.get(place.name)
                if before is not None:  # a kill while the story moved from one part to the other
                    if self.record(place.name).revision > record.revision:
                        self._remove(place)
                        continue
                    self._remove(before)
                self._note(place, record)

    def _note(self, place: _Place, record: StoryRecord) -> None:
        self._places[place.name] = place
        self._published[place.name] = utc(record.published) if record.published else ""
        for key in _keys(record):
            self._names.setdefault(key, place.name)
        for picture in record.pictures:
            if picture.sha256:
                self._pictures[picture.url] = picture.sha256, picture.media_type

    def _with_path(self, picture: Picture) -> Picture:
        return replace(picture, path=self.picture_path(picture.sha256)) if picture.sha256 else picture


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest_of(path: Path) -> str | None:
    try:
        return _digest(path.read_bytes())
    except OSError:
        return None


def is_library(folder: Path) -> bool:
    """Return whether a folder is a library."""
    return (folder / _MARK).is_file()


def _keys(story: Story | StoryRecord) -> Iterator[tuple[str, str, str]]:
    """Yield by what a story is found again, the surest first."""
    yield story.platform, "id", story.id
    if story.url:
        yield story.platform, "url", address_key(story.url)
    if story.slug:
        yield story.platform, "slug", story.slug


def _replaces(given: StoryRecord, stored: StoryRecord) -> bool:
    """Return whether a copy with other words takes the place of the one that is there."""
    both = given.updated is not None and stored.updated is not None
    newer = both and given.updated > stored.updated  # type: ignore[operator]
    older = both and given.updated < stored.updated  # type: ignore[operator]
    if given.origin is stored.origin:
        return not older
    if len(plain_text(given.html)) < _MUCH_SHORTER * len(plain_text(stored.html)) or older:
        return False
    return given.origin.is_better_than(stored.origin) or newer


def _files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name for entry in entries if entry.name.endswith(".json") and entry.name[0] != "."
            )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(folder, error) from error
