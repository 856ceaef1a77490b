"""Files to be checked: of a folder, or of a ZIP that somebody sent, by one interface.

Laws:
1. A ZIP is never unpacked to disk. What it claims of sizes is not believed: no file is read beyond the size
   that a list names, and all together no further than MOST_BYTES.
2. A name that leads out of its folder, occurs twice, or is not a plain file is reported and never opened; a
   link in a folder is not followed.
"""

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from lzma import LZMAError
from pathlib import Path
from typing import IO

from selfcheck.artifacts.manifests import is_safe_path
from selfcheck.artifacts.verification import Problem, ProblemKind
from selfcheck.errors import RunUnreadableError

MOST_BYTES = 2 * 1024**3
MOST_FILES = 20_000
_BLOCK = 1024 * 1024
_END_SIZE, _LONG_END_SIZE, _END_WITHIN = 22, 20, 65_535 + 22 + 20
_LARGEST_ROW = 46 + 512  # bytes in a ZIP's directory for one file of a run, its name with it
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    OSError,
    EOFError,
    RuntimeError,  # a password is asked for
    NotImplementedError,  # a compression that Python does not know
    ValueError,
)


class UnreadableError(Exception):
    """A file cannot be read; the text says why."""


class Source(ABC):
    """Files by their names, to be read and never written."""

    problems: tuple[Problem, ...] = ()  # names that are not opened
    names: frozenset[str] = frozenset()

    @abstractmethod
    def _open(self, name: str) -> IO[bytes]:
        """Open a file of `names`."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Return how long a file says that it is. Raises UnreadableError."""

    def digest(self, name: str, most: int) -> tuple[str, int]:
        """Return the SHA-256 and the length of a file's first `most` + 1 bytes. Raises UnreadableError."""
        digest, length = hashlib.sha256(), 0
        for block in self._blocks(name, most + 1):
            digest.update(block)
            length += len(block)
        return digest.hexdigest(), length

    def read(self, name: str, most: int) -> bytes:
        """Return a file. Raises UnreadableError, also where it is longer than `most`."""
        data = b"".join(self._blocks(name, most + 1))
        if len(data) > most:
            message = f"it is larger than {most:,} bytes"
            raise UnreadableError(message)
        return data

    def _blocks(self, name: str, most: int) -> Iterator[bytes]:
        try:
            with self._open(name) as file:
                while most > 0 and (block := file.read(min(_BLOCK, most))):
                    self._spend(len(block))
                    most -= len(block)
                    yield block
        except _BROKEN as error:
            raise UnreadableError(_reason(error)) from None

    @abstractmethod
    def _spend(self, count: int) -> None:
        """Note that so much was read. Raises UnreadableError where that is enough."""


class FolderSource(Source):
    """The files of a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        files = {file.relative_to(path).as_posix(): file for file in _below(path)}
        plain = {name for name, file in files.items() if stat.S_ISREG(file.lstat().st_mode)}
        self.names = frozenset(plain)
        self.problems = tuple(
            _odd(name, "is not a plain file, so it was not opened") for name in sorted(files.keys() - plain)
        )

    def _open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb")

    def _spend(self, count: int) -> None:
        """Do nothing: a folder is the user's own, and may be of any size."""

    def size(self, name: str) -> int:
        """Return the file's length."""
        try:
            return (self.path / name).stat().st_size
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from None


class ZipSource(Source):
    """The files of a ZIP, from a folder in it on."""

    def __init__(self, path: Path) -> None:
        self._left = MOST_BYTES
        try:
            count = _claimed_files(path)
            if count > MOST_FILES:
                raise RunUnreadableError(
                    f"{path} has too many files, so it was not read: no evidence has that many."
                )
            self._file = zipfile.ZipFile(path)
            every = self._file.infolist()
        except _BROKEN as error:
            raise UnreadableError(_reason(error)) from None
        self._members = {member.filename: member for member in every if not member.is_dir()}
        self.problems = tuple(_odd_members(every))
        bad = {problem.path for problem in self.problems}
        self.prefix = _only_folder(self._members.keys() - bad)
        self.names = frozenset(name.removeprefix(self.prefix) for name in self._members if name not in bad)

    def _open(self, name: str) -> IO[bytes]:
        return self._file.open(self._members[self.prefix + name])

    def size(self, name: str) -> int:
        """Return the length that the ZIP claims."""
        return self._members[self.prefix + name].file_size

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            message = f"the ZIP unpacks to more than {MOST_BYTES:,} bytes, so it was not read further"
            raise UnreadableError(message)

    def close(self) -> None:
        """Close the ZIP."""
        self._file.close()


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason or type(error).__name__


def _claimed_files(path: Path) -> int:
    """Return how many files the ZIP's end speaks of, by their number or by how long their directory is.

    It is asked before the directory is read, which takes some hundred bytes of memory for each file. The long
    form of an end is for ZIPs of more files, or larger ones, than any evidence.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_WITHIN))
        tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + _END_SIZE:
        return 0  # not a ZIP, as reading it will show
    count, length = struct.unpack("<HI", tail[place + 10 : place + 16])
    is_long = tail[max(0, place - _LONG_END_SIZE) : place].startswith(b"PK\x06\x07")
    return MOST_FILES + 1 if is_long else max(count, length // _LARGEST_ROW)


def _below(folder: Path) -> Iterator[Path]:
    """Yield all but the folders below a folder; a link is yielded and not followed."""
    for root, folders, files in os.walk(folder):
        here = Path(root)
        yield from (here / name for name in files)
        yield from (here / name for name in folders if (here / name).is_symlink())


def _odd_members(every: list[zipfile.ZipInfo]) -> Iterator[Problem]:
    counts = Counter(member.filename.casefold() for member in every)
    for name in sorted({member.filename for member in every if counts[member.filename.casefold()] > 1}):
        yield _odd(name, "is in the ZIP more than once, so it is not clear which is meant")
    for member in every:
        if not is_safe_path(member.filename.removesuffix("/")) or "\\" in member.orig_filename:
            yield _odd(member.filename, "is not a name that a run's file has; it was not opened")
        elif stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            yield _odd(member.filename, "is not a plain file, so it was not opened")


def _odd(name: str, what: str) -> Problem:
    return Problem(kind=ProblemKind.ODD_NAME, path=name, text=f"{name!r} {what}.")


def _only_folder(names: "set[str]") -> str:
    """Return the folder that all files are in, with its slash; "" where there is none such."""
    tops = {name.partition("/")[0] for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""
