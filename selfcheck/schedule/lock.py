"""One watch or scheduled run of a schedule at a time, by a file that says whose turn it is.

Laws:
1. The kernel's own lock on the file decides between processes of one machine: it ends with its process,
   however that ends, and no number that is given out again can hold it.
2. The owner stands in the file (number, birth, host), so that it can be named, and so that the lock holds
   where the kernel's does not reach: network folders, and containers that share one. There it holds while its
   process lives, or, on another host, while the file was touched within `SILENCE`.
3. The file is never taken away, only emptied: whoever has it open must find the same one.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from selfcheck.errors import UsageError
from selfcheck.storage.files import storage_error

SILENCE = timedelta(hours=1)
"""How long an owner on another host may say nothing. A run is shorter, and a waiting watch speaks."""

_LARGEST = 4_096  # bytes
_BYTE = 1 << 30  # which byte is locked on Windows: one beyond the text, so that others can read that


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The process that holds a lock."""

    pid: int
    birth: str  # tells it from another process of the same number
    host: str
    at: datetime  # since when (UTC)

    def __str__(self) -> str:
        """Return who it is, in words."""
        return f"process {self.pid} on {self.host}, since {self.at:%Y-%m-%d %H:%M} UTC"


class LockHeldError(UsageError):
    """Another watch or scheduled run of the same name is at work."""

    def __init__(self, owner: Owner | None, name: str) -> None:
        who = str(owner) if owner else "another process"
        super().__init__(
            f"The schedule `{name}` is at work already: {who}.",
            cause="Two at once would look twice as often.",
            next_step="Wait for it or stop it; `--name` gives a second one a name of its own.",
        )
        self.owner = owner


def holds(
    owner: Owner | None, *, here: str, birth: str | None, touched: datetime, now: datetime, ours: bool
) -> bool:
    """Return whether the owner that stands in the file holds the lock, which the kernel would give us.

    `birth` is that of the process which has the owner's number here now; `ours`: it is this process itself.
    """
    if owner is None:
        return False
    if owner.host == here:
        return birth == owner.birth and not ours
    return abs(now - touched) < SILENCE


class Lock:
    """The lock of one schedule; taken on entering, given back on leaving."""

    def __init__(self, path: Path, *, name: str, owner: Owner, born: Callable[[int], str | None]) -> None:
        self._path = path
        self._name = name
        self._owner = owner
        self._born = born
        self._descriptor: int | None = None
        self.left_by: Owner | None = None  # whoever held it before and ended without giving it back

    def __enter__(self) -> Self:
        """Take the lock, or raise LockHeldError that names its owner."""
        descriptor = self._open()
        try:
            self._own(descriptor)
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, OSError):
                raise storage_error(self._path, error) from error
            raise
        self._descriptor = descriptor
        return self

    def _own(self, descriptor: int) -> None:
        before = _read(descriptor)
        if not _take(descriptor) or self._held_by(before, descriptor):
            raise LockHeldError(before, self._name)
        self.left_by = before
        _write(descriptor, self._owner)

    def __exit__(self, *_: object) -> None:
        """Give the lock back."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        try:
            with suppress(OSError):  # the disk may be gone; the kernel gives the lock back all the same
                os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)

    def touch(self, now: datetime) -> None:
        """Say that we are still there, to hosts that cannot see our process."""
        with suppress(OSError):  # a folder that is away for a moment comes back, or the run itself says so
            os.utime(self._path, (now.timestamp(), now.timestamp()))

    def _open(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        except OSError as error:
            raise storage_error(self._path, error) from error

    def _held_by(self, owner: Owner | None, descriptor: int) -> bool:
        touched = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
        birth = self._born(owner.pid) if owner else None
        ours = owner is not None and (owner.pid, owner.birth) == (self._owner.pid, self._owner.birth)
        return holds(
            owner, here=self._owner.host, birth=birth, touched=touched, now=self._owner.at, ours=ours
        )


def _take(descriptor: int) -> bool:
    """Take the kernel's lock; return False where another process has it.

    A file system that knows no locks gives everybody one; there the owner in the file decides.
    """
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - of that system only

        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415 - of other systems only

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _read(descriptor: int) -> Owner | None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        document = json.loads(os.read(descriptor, _LARGEST))
    except ValueError:  # empty: given back; else cut off while it was written, by one that is gone
        return None
    return _owner(document) if isinstance(document, dict) else None


def _owner(document: Mapping[str, Any]) -> Owner | None:
    try:
        at = datetime.fromisoformat(str(document["at"])).astimezone(UTC)
        return Owner(
            pid=int(document["pid"]), birth=str(document["birth"]), host=str(document["host"]), at=at
        )
    except (KeyError, TypeError, ValueError):
        return None


def _write(descriptor: int, owner: Owner) -> None:
    data = json.dumps({**asdict(owner), "at": owner.at.isoformat()}).encode()
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, data)
