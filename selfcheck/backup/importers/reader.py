"""Reading an export without being told what it is: by what its files are called and begin with."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from selfcheck.backup.importers import blogger, ghost, medium, substack, wordpress, x
from selfcheck.backup.importers.archive import Archive, Say
from selfcheck.backup.importers.blogger import read_blogger
from selfcheck.backup.importers.ghost import read_ghost
from selfcheck.backup.importers.medium import read_medium
from selfcheck.backup.importers.substack import read_substack
from selfcheck.backup.importers.wordpress import read_wordpress
from selfcheck.backup.importers.x import read_x
from selfcheck.backup.model import Story
from selfcheck.errors import UsageError

_Reader = Callable[[Archive, tuple[str, ...], str | None], Iterator[Story]]

_FORMATS: tuple[tuple[_Reader, str, re.Pattern[str]], ...] = (
    (read_x, x.POSTS, re.compile("=")),
    (read_substack, substack.LIST, substack.MARK),
    (read_medium, medium.POSTS, medium.MARK),
    (read_wordpress, r"\.xml$", wordpress.MARK),
    (read_blogger, r"\.(?:xml|atom)$", blogger.MARK),
    (read_ghost, r"\.json$", ghost.MARK),
    (read_medium, r"\.html?$", medium.MARK),
)
"""The formats: what reads it, how its files are called, and what is in their first 4,096 characters."""

FORMATS = "Medium, Substack, WordPress (WXR), Ghost (JSON), Blogger and X"


def read_export(path: Path, say: Say, *, site: str | None = None) -> Iterator[Story]:
    """Yield the stories of a platform's export, one at a time.

    `path` is the file as it was downloaded (a zip, XML or JSON), or the folder it was unpacked to; `say` is
    told what was left out and why. `site` is the publication's address, which some exports do not name.
    Raises UsageError for what is not there, is damaged as a whole, or is not an export that can be read.
    """
    with closing(Archive.open(path, say)) as archive:
        yield from _recognised(archive, site)


def _recognised(archive: Archive, site: str | None) -> Iterator[Story]:
    for read, names, mark in _FORMATS:
        every = archive.names(names)
        matching = tuple(name for name in every if mark.search(archive.beginning(name)))
        if matching:
            if names.startswith(r"\."):  # named by their ending only: anything may be among them
                for name in sorted({*every}.difference(matching)):
                    archive.leave_out(name, "it is not a file of this export")
            return read(archive, matching if names.startswith(r"\.") else every, site)
    raise UsageError(
        f"{archive.path} is not an export that can be read, or all of it was refused.",
        cause=f"These are: {FORMATS}.",
        next_step="Name the file as the platform gave it to you, not a file from inside it.",
    )
