"""An export: in which form, how, of what, and what came of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from selfcheck.backup.exporters.find_me import AccountNotice, NewPlace
from selfcheck.backup.exporters.folder import ExportFolder
from selfcheck.backup.exporters.moving import MovedStory, Places
from selfcheck.backup.model import Story

Stories = Callable[[], Iterator[Story]]
"""Begins to read all stories again, one at a time."""


class ExportForm(StrEnum):
    """What the other side takes."""

    WXR = "wxr"
    GHOST = "ghost"
    MARKDOWN = "markdown"
    EPUB = "epub"
    HTML = "html"


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """How a library is exported."""

    now: datetime
    title: str = "My stories"
    author: str = ""
    language: str = "en"
    site: str | None = None  # where the `html` export is, or will be put: pictures of `wxr` are fetched there
    with_private: bool = False  # drafts and what only some may read, too
    keep_canonical: bool = True  # name the old address as the original; not where that address is dead
    places: tuple[NewPlace, ...] = ()  # where readers find the author
    notices: tuple[AccountNotice, ...] = ()  # what the accounts' incidents say to readers


@dataclass
class ExportResult:
    """What an export has."""

    folder: Path
    form: ExportForm
    stories: int = 0
    pictures: set[str] = field(default_factory=set)  # their checksums
    missing_pictures: set[str] = field(default_factory=set)  # the addresses of those the library lacks
    left_out: int = 0  # private stories
    notes: list[str] = field(default_factory=list)  # what to do with it, and what to know of it


@dataclass(frozen=True)
class ExportJob:
    """All that a form's writer needs."""

    stories: Stories
    places: Places
    folder: ExportFolder
    options: ExportOptions
    result: ExportResult

    def moved(self) -> Iterator[MovedStory]:
        """Yield the stories that are exported, one at a time, and count them."""
        for story in self.stories():
            moved = self.places.moved(story, keep_canonical=self.options.keep_canonical)
            if moved is not None:
                self.result.stories += 1
                for picture in story.pictures:
                    if picture.sha256 and picture.path:
                        self.result.pictures.add(picture.sha256)
                    else:
                        self.result.missing_pictures.add(picture.url)
                yield moved
