"""The files of an export, from a zip, a folder or a single file, without what could do harm.

Laws:
1. A file is refused by what it is, not by what it claims: sizes are counted while reading.
2. Whatever is refused is named once, with the reason, and the rest can still be read.
3. Only texts in UTF-8, and in UTF-16 that says so itself, are read: a guess at another encoding would spoil
   words without anybody noticing.
"""

import codecs
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from selfcheck.core.text_safety import one_line
from selfcheck.errors import UsageError
from selfcheck.storage.files import is_within, unreadable

Say = Callable[[str], None]
"""Takes one line for the user."""

_CHUNK = 1 << 16
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, kw_only=True)
class ArchiveLimits:
    """What an export may have; larger than any that was seen, and small enough to read."""

    files: int = 200_000
    text_bytes: int = 256_000_000
    picture_bytes: int = 64_000_000
    all_bytes: int = 8_000_000_000  # that are read in all
    ratio: int = 250  # of unpacked to packed bytes; text is packed to a tenth, a bomb to a thousandth
    small_bytes: int = 1_000_000  # up to here any ratio will do: blank pages pack well


class _RefusedError(Exception):
    """A file is left out, for this reason."""


class Archive:
    """The files of an export by name. Made by `open`; nothing of it is ever written."""

    def __init__(self, path: Path, say: Say, limits: ArchiveLimits) -> None:
        self.path = path
        self._say = say
        self._limits = limits
        self._zip: zipfile.ZipFile | None = None
        self._members: dict[str, zipfile.ZipInfo | Path] = {}
        self._read = 0
        self._left_out: set[str] = set()

    @classmethod
    def open(cls, path: Path, say: Say, limits: ArchiveLimits = ArchiveLimits()) -> Self:
        """Open an export. Raises UsageError for what is not there or is damaged as a whole."""
        archive = cls(path, say, limits)
        try:
            if path.is_dir():
                archive._list_folder()
            elif not path.is_file():
                raise UsageError(f"{path} is not a file or folder.", next_step="Name the export's own file.")
            elif zipfile.is_zipfile(path):
                archive._list_zip()
            else:
                archive._members[path.name] = path
        except OSError as error:
            raise unreadable(path, error) from error
        return archive

    def close(self) -> None:
        """Close the archive's file."""
        if self._zip is not None:
            self._zip.close()

    def __contains__(self, name: str) -> bool:
        """Return whether there is a file of this name that may be read."""
        return name in self._members

    def names(self, pattern: str = "") -> tuple[str, ...]:
        """Return the names of the files that may be read and that the pattern matches somewhere, sorted."""
        return tuple(sorted(name for name in self._members if re.search(pattern, name)))

    def text(self, name: str) -> str | None:
        """Return a text without control characters; None where it is refused, which is then said."""
        try:
            data = b"".join(self._chunks(name, self._limits.text_bytes))
            return "".join(_decoded(iter([data])))
        except _RefusedError as error:
            self._refuse(name, str(error))
            return None

    def text_chunks(self, name: str) -> Iterator[str]:
        """Yield a long text piece by piece; it ends early where it is refused, which is then said."""
        try:
            yield from _decoded(self._chunks(name, self._limits.all_bytes))
        except _RefusedError as error:
            self._refuse(name, str(error))

    def beginning(self, name: str) -> str:
        """Return the first characters of a file, to recognise it by; "" where it is not text."""
        try:
            first = next(self._chunks(name, self._limits.all_bytes), b"")[:4096]
        except _RefusedError:
            return ""
        encoding = next((encoding for bom, encoding in _BOMS if first.startswith(bom)), "utf-8")
        return first.decode(encoding, "ignore").lstrip("\ufeff")

    def picture(self, name: str) -> bytes | None:
        """Return a picture's bytes; None where there is none of this name, or where it is refused."""
        if name not in self._members:
            return None
        try:
            return b"".join(self._chunks(name, self._limits.picture_bytes))
        except _RefusedError as error:
            self._refuse(name, str(error))
            return None

    def leave_out(self, name: str, reason: str) -> None:
        """Say that a file, or a part of it, is not taken."""
        line = f"Left out {one_line(name, 120)}: {reason}."
        if line not in self._left_out:  # a file may be read twice
            self._left_out.add(line)
            self._say(line)

    def _refuse(self, name: str, reason: str) -> None:
        self._members.pop(name, None)
        self.leave_out(name, reason)

    # -- zip --

    def _list_zip(self) -> None:
        try:
            self._zip = zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeError) as error:
            raise UsageError(
                f"{self.path} is damaged: {error}.", next_step="Download the export again."
            ) from None
        members = self._zip.infolist()
        packed = sum(member.compress_size for member in members)
        if len(members) > self._limits.files or packed > self.path.stat().st_size:
            self.close()
            raise UsageError(
                f"{self.path} is not read, since it is built like a zip bomb.",
                cause=f"It has {len(members):,} files, or files that share the same bytes.",
                next_step="Download the export again, from the platform itself.",
            )
        for member in members:
            if member.is_dir():
                continue
            reason = _path_trouble(member.filename) or self._member_trouble(member)
            if member.filename in self._members:
                reason = "there is another file of this name"
            if reason:
                self.leave_out(member.filename, reason)
            else:
                self._members[member.filename] = member

    def _member_trouble(self, member: zipfile.ZipInfo) -> str:
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            return "it is a link or a special file"
        if member.flag_bits & 1:
            return "it is encrypted"
        if member.file_size > self._limits.small_bytes and (
            member.file_size > self._limits.ratio * max(1, member.compress_size)
        ):
            return "it unpacks to far more than it holds, as a zip bomb does"
        return ""

    # -- folder --

    def _list_folder(self) -> None:
        for folder, folders, files in os.walk(self.path, followlinks=False):
            for name in sorted([*files, *folders]):
                path = Path(folder, name)
                relative = path.relative_to(self.path).as_posix()
                mode = path.lstat().st_mode
                if stat.S_ISDIR(mode):
                    continue
                if stat.S_ISREG(mode) and is_within(self.path, path):
                    self._members[relative] = path
                else:
                    self.leave_out(relative, "it is a link or a special file")
            if len(self._members) > self._limits.files:
                raise UsageError(
                    f"{self.path} has too many files.", next_step="Name the export's own folder."
                )

    # -- reading --

    def _chunks(self, name: str, most: int) -> Iterator[bytes]:
        size = 0
        try:
            with self._stream(self._members[name]) as file:
                while chunk := file.read(_CHUNK):
                    size += len(chunk)
                    self._read += len(chunk)
                    if size > most:
                        raise _RefusedError(f"it is larger than {most // 1_000_000} MB")
                    if self._read > self._limits.all_bytes:
                        raise _RefusedError("the whole export is too large")
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            OSError,
        ) as error:
            raise _RefusedError(f"it is damaged ({one_line(str(error), 80)})") from None

    def _stream(self, member: zipfile.ZipInfo | Path) -> BinaryIO:
        if isinstance(member, Path):
            return member.open("rb")
        assert self._zip is not None
        return self._zip.open(member)  # type: ignore[return-value]


def _path_trouble(name: str) -> str:
    """Return why a name in a zip is not the path of a file in it; "" where it is."""
    parts = name.split("/")
    if (
        "\\" in name
        or ":" in parts[0]
        or name.startswith("/")
        or any(part in {"", ".", ".."} for part in parts)
    ):
        return "its path leads out of the archive"
    return "its name has control characters" if _CONTROL.search(name) else ""


def without_controls(text: str) -> str:
    """Return a text without what no XML document may hold: control characters and half characters."""
    return _CONTROL.sub("", text)


def _decoded(chunks: Iterator[bytes]) -> Iterator[str]:
    """Yield the text of a file without a byte order mark and control characters."""
    first = next(chunks, b"")
    bom, encoding = next(((bom, name) for bom, name in _BOMS if first.startswith(bom)), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        yield without_controls(decoder.decode(first.removeprefix(bom)))
        for chunk in chunks:
            yield without_controls(decoder.decode(chunk))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _RefusedError("its characters are not UTF-8") from None
