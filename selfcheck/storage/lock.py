"""One process at a time: locks between processes, on one machine and on a folder that several share.

Laws:
1. The system's own lock decides between the processes of one machine, by the library `filelock`. It ends with
   its process, however that ends, so a killed holder never blocks the next one and no process number has to
   be trusted.
2. `OwnedLock` also writes down who holds it, beside the lock: to name the holder to the user, and because a
   network folder, or containers that share one, may be out of reach of the system's lock. There the owner
   counts while its file was touched within `SILENCE`.
3. Where a folder knows no locks at all, `best_effort_lock` goes on without one and `OwnedLock` relies on the
   owner's file; only `exclusive_lock` refuses.
"""

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from selfcheck.errors import StorageError, UsageError
from selfcheck.storage.files import storage_error, write_whole

if TYPE_CHECKING:
    from filelock import BaseFileLock

SILENCE = timedelta(hours=1)
"""How long an owner on another machine may be silent. A run is shorter, and a waiting watch touches it."""

_LARGEST = 4_096  # bytes


@contextmanager
def best_effort_lock(path: Path) -> Iterator[None]:
    """Hold the lock of this file, waiting until it is free; go on without where it cannot be had.

    For work whose result stays whole without a lock, and only its order does not.
    """
    lock = _file_lock(path)
    with suppress(OSError):  # no such folder, not writable, or a file system without locks
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def exclusive_lock(path: Path, *, seconds: float, next_step: str) -> Iterator[None]:
    """Hold the lock of this file, waiting at most so long. Raise StorageError where it cannot be had."""
    lock = _file_lock(path)
    try:
        lock.acquire(timeout=seconds)
    except OSError as error:  # filelock's Timeout is one too
        raise StorageError(
            f"{path} could not be locked.",
            cause=f"Another selfcheck is using it, or its folder cannot be written to ({error}).",
            next_step=next_step,
        ) from error
    try:
        yield
    finally:
        lock.release()


def lock_if_free(path: Path) -> AbstractContextManager[object] | None:
    """Take the lock of this file if it is free, until the block ends; None where another process has it.

    Where the folder knows no locks, the block goes on without one.
    """
    from filelock import Timeout  # noqa: PLC0415 - see _file_lock

    lock = _file_lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    except OSError:
        return nullcontext()
    stack = ExitStack()
    stack.callback(lock.release)
    return stack


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The process that holds a lock."""

    pid: int
    host: str
    at: datetime  # since when (UTC)

    def __str__(self) -> str:
        """Return who it is, in words."""
        return f"process {self.pid} on {self.host}, since {self.at:%Y-%m-%d %H:%M} UTC"


class LockHeldError(UsageError):
    """Another process holds the lock; `owner` is None where it has not written down its name yet."""

    def __init__(self, owner: Owner | None, *, what: str, next_step: str) -> None:
        super().__init__(
            f"{what} is already running: {owner or 'another process'}.",
            cause="Only one may run at a time.",
            next_step=next_step,
        )
        self.owner = owner


def still_holds(owner: Owner | None, *, us: Owner, locked: bool, touched: datetime) -> bool:
    """Return whether the owner in the file still holds the lock, although the system did not refuse it to us.

    `locked`: the system has really given us its lock, so who held it on this machine has ended.
    `touched` is when the owner's file was last touched; `us.at` is now.
    """
    if owner is None or (owner.host == us.host and (locked or owner.pid == us.pid)):
        return False
    # A time far in the future is not a sign of life either: a clock was wrong.
    return abs(us.at - touched) < SILENCE


class OwnedLock:
    """A lock that names its holder: taken on entering, given back on leaving.

    `what` names in an error the thing that is locked, `next_step` says what to do about it.
    """

    def __init__(self, path: Path, *, owner: Owner, what: str, next_step: str) -> None:
        self._path = path
        self._owner_path = path.with_name(f"{path.name}.owner")
        self._owner = owner
        self._what = what
        self._next_step = next_step
        self._lock = _file_lock(path)
        self.left_by: Owner | None = None  # who held it before, and ended without giving it back

    def __enter__(self) -> Self:
        """Take the lock. Raise LockHeldError, which names its holder, or StorageError."""
        from filelock import Timeout  # noqa: PLC0415 - see _file_lock

        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(self._path, error) from error
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise self._held_by(self._read_owner()) from None
        except OSError:
            # No locks in this folder: then only the owner's file can decide.
            locked = False
        else:
            locked = True
        try:
            self._take_over(locked=locked)
        except BaseException:  # Ctrl-C too: what was not taken over is not held
            self._lock.release()
            raise
        return self

    def _take_over(self, *, locked: bool) -> None:
        before = self._read_owner()
        if before is not None:
            touched = datetime.fromtimestamp(self._owner_path.stat().st_mtime, UTC)
            if still_holds(before, us=self._owner, locked=locked, touched=touched):
                raise self._held_by(before)
        self.left_by = before
        document = {**asdict(self._owner), "at": self._owner.at.isoformat()}
        write_whole(self._owner_path, json.dumps(document).encode())

    def __exit__(self, *_: object) -> None:
        """Give the lock back."""
        # The owner's file goes first: once the lock is free, it could be the next holder's already.
        with suppress(OSError):  # the disk may be gone; the system gives the lock back all the same
            self._owner_path.unlink(missing_ok=True)
        self._lock.release()

    def touch(self, now: datetime) -> None:
        """Tell machines that cannot see our process that it is still there."""
        with suppress(OSError):  # a folder that is away for a moment comes back
            os.utime(self._owner_path, (now.timestamp(), now.timestamp()))

    def _held_by(self, owner: Owner | None) -> LockHeldError:
        return LockHeldError(owner, what=self._what, next_step=self._next_step)

    def _read_owner(self) -> Owner | None:
        try:
            if self._owner_path.stat().st_size > _LARGEST:
                return None
            document = json.loads(self._owner_path.read_bytes())
            at = datetime.fromisoformat(str(document["at"])).astimezone(UTC)
            return Owner(pid=int(document["pid"]), host=str(document["host"]), at=at)
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            # Not there, or damaged: then the system's lock alone decides.
            return None


def _file_lock(path: Path) -> "BaseFileLock":
    from filelock import FileLock  # noqa: PLC0415 - it takes 60 ms, and few commands lock anything

    return FileLock(path)
