"""What a backup is made of: a story and its pictures, whatever platform or file they come from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class StoryState(StrEnum):
    """Who may read a story at its platform."""

    PUBLISHED = "published"
    DRAFT = "draft"
    MEMBERS = "members"  # only for paying or signed-in readers
    SCHEDULED = "scheduled"  # published later
    UNLISTED = "unlisted"  # only for those who know its address

    @property
    def is_private(self) -> bool:
        """Return whether a copy of the story is kept apart from what anybody may see."""
        return self is not StoryState.PUBLISHED


class Origin(StrEnum):
    """Where a copy of a story comes from, the best first."""

    OWN_EXPORT = "own_export"  # the platform's own export
    AUTHOR_PAGE = "author_page"  # the story's page or data, as its author sees it
    FEED = "feed"

    def is_better_than(self, other: "Origin") -> bool:
        """Return whether copies of this origin are usually more faithful than those of the other."""
        order = tuple(Origin)
        return order.index(self) < order.index(other)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of a story. One without `sha256`, `data` and `path` is known by its address only."""

    url: str  # as the story's html has it
    data: bytes | None = None  # of a picture that is not in the library yet
    path: Path | None = None  # where it is: the file to take it from, or its file in the library
    media_type: str | None = None
    sha256: str | None = None
    alt: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One text of the author."""

    id: str  # the platform's own, or a slug
    platform: str  # the platform's name, as platform files have it
    title: str
    slug: str
    url: str  # its address at the platform; empty where it has none
    html: str  # cleaned by `clean_html`
    state: StoryState
    origin: Origin
    published: datetime | None = None  # UTC
    updated: datetime | None = None  # UTC
    canonical: str | None = None  # the address that the author names as the original
    subtitle: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def __post_init__(self) -> None:
        for moment in (self.published, self.updated):
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"{moment} has no time zone")
