"""How a platform file says how an author gets a copy of their own stories, and how slowly to copy them."""

from typing import Literal
from urllib.parse import unquote

from pydantic import Field

from selfcheck.core.enums import PageKind
from selfcheck.platforms.field_types import ListAddress, Pattern, Selector
from selfcheck.platforms.page_reading import Provenance, Strict
from selfcheck.platforms.patterns import search


class Export(Strict):
    """How the owner gets a copy of their work."""

    where: str
    subscribers: str = ""  # where the list of subscribers is exported; empty: none is, or it is not known
    source: str = ""


class BackupLimits(Strict):
    """A backup's own budget: what it opens takes nothing away from the checks."""

    page_views_a_day: int = Field(default=60, ge=1)  # most in 24 hours at one address
    pictures_a_day: int = Field(default=600, ge=1)  # most in 24 hours at one address
    picture_gap_seconds: float = Field(default=1.0, ge=0)  # minimum gap between two pictures of one host


class OwnList(Provenance):
    """A page that lists the author's own stories; how they are read from it, `stories` says."""

    on: PageKind  # the kind as which `stories` reads it
    url: ListAddress  # with {page} (1, 2, …) or {offset} (stories before it) it is asked for until it ends
    links: Selector | None = None  # of links to stories; none: as `stories` reads pages of its kind
    state: Literal["draft", "scheduled", "unlisted"] | None = None  # of all its stories
    author_only: bool = False  # it is not opened without the author's session
    with_private: bool = False  # a feed that shows its author what only they may read, and does not say so


class FullSize(Strict):
    """How the address of a smaller picture becomes that of the picture in full size."""

    pattern: Pattern  # a regular expression for the whole address
    address: str  # what takes its place; \\1 is its first group, and an encoded address is decoded


class Backup(Strict):
    """How the author's own stories are copied; without it, the pages of `stories` and the feed are used."""

    lists: tuple[OwnList, ...] = ()
    title: Selector | None = None  # of a story's page; none: its first heading
    subtitle: Selector | None = None
    tags: Selector | None = None  # of each tag of a story
    drop: Selector | None = None  # within a story's text: what is not the author's, such as buttons
    full_size: tuple[FullSize, ...] = ()

    def full_address(self, url: str) -> str:
        """Return the address of a picture in full size, or the one given where none is known."""
        for form in self.full_size:
            if match := search(form.pattern, url):
                address = match.expand(form.address)
                return unquote(address) if address.lower().startswith(("http%3a", "https%3a")) else address
        return url
