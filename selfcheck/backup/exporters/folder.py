"""The folder that an export is written to: what was written before is replaced, nothing else is touched."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from selfcheck.backup.model import Picture
from selfcheck.backup.records import picture_file
from selfcheck.errors import StorageError, UsageError
from selfcheck.storage.files import check_within, read_plain, read_whole, storage_error, write_whole

_MARK = ".selfcheck-export.json"
_MOST = 100_000_000


class ExportFolder:
    """A folder that gets an export. Raises UsageError for one that has something else in it."""

    def __init__(self, folder: Path, form: str, *, private: bool) -> None:
        self.folder = folder
        self.written: set[str] = set()
        self._form = form
        self._mode = 0o600 if private else 0o644
        self._before = self._files_before()

    def write(self, relative: str, data: bytes) -> None:
        """Write a file whole, by its path with forward slashes. Raises StorageError."""
        path = self.folder / relative
        check_within(self.folder, path)
        write_whole(path, data, mode=self._mode)
        self.written.add(relative)

    def picture(self, picture: Picture) -> str | None:
        """Write a picture once, and return its path; None where the library does not have it."""
        if picture.sha256 is None or picture.path is None:
            return None
        relative = f"pictures/{picture_file(picture.sha256, picture.media_type)}"
        if relative not in self.written:
            self.write(relative, intact(picture))
        return relative

    @contextmanager
    def stream(self, relative: str) -> Iterator[BinaryIO]:
        """Open a file that is written piece by piece; it is there when the block has ended well."""
        path = self.folder / relative
        beside = path.with_name(f".{secrets.token_hex(6)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            check_within(self.folder, path)
            with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, self._mode), "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as error:
            raise storage_error(path, error) from error
        finally:
            beside.unlink(missing_ok=True)
        self.written.add(relative)

    def finish(self) -> None:
        """Remove what an earlier export wrote and this one did not. Raises StorageError."""
        for relative in self._before - self.written:
            path = self.folder / relative
            check_within(self.folder, path)
            with suppress(OSError):  # it is gone, or was made into something else: not ours any more
                path.unlink()
        mark = {"schema": "selfcheck.export/1", "form": self._form, "files": sorted(self.written)}
        write_whole(self.folder / _MARK, json.dumps(mark, indent=0).encode(), mode=self._mode)

    def _files_before(self) -> set[str]:
        folder = self.folder
        try:
            if not folder.exists() or not any(folder.iterdir()):
                return set()
            mark = json.loads(read_plain(folder, _MARK, most=_MOST))
            if mark["form"] == self._form:
                return {str(name) for name in mark["files"]}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{folder} cannot be used: {error}.", next_step="Name an empty folder."
            ) from None
        raise UsageError(
            f"{folder} has other files than those of an earlier export as {self._form}.",
            next_step="Name an empty folder, or one for each form.",
        )


def intact(picture: Picture) -> bytes:
    """Return a picture's bytes from the library. Raises StorageError where they are not what was stored."""
    assert picture.path is not None
    data = read_whole(picture.path)
    if hashlib.sha256(data).hexdigest() != picture.sha256:
        raise StorageError(
            f"{picture.path} is damaged.",
            cause="The disk, or another program, changed it.",
            next_step="Take the file from another copy of the backup, or move it away and back up again.",
        )
    return data
