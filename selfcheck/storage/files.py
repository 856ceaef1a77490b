"""Write a file whole or not at all.

Laws:
1. What is under a name is always a whole file: either the old one or the new one.
2. A file that is to be secret is created with its mode, not given it afterwards: there is no moment at which
   others could open it.
3. What is read or written below a folder is in it: a link below it may lead anywhere, and a device or a pipe
   never ends.
4. A failure leaves nothing behind. `write_whole` says what to do about it in the words of the data folder;
   `write_private` leaves that to its caller, whose file is elsewhere.
"""

import errno
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from selfcheck.errors import StorageError

_LARGEST = 200_000_000  # bytes of a file of a run
_LARGEST_LOG = 1_000_000  # bytes
_KEPT_OF_LOG = 500_000

_CAUSES = {
    errno.ENOSPC: ("The disk is full.", "Free some space, or choose another folder with --data."),
    errno.EDQUOT: ("Your disk quota is used up.", "Free some space, or choose another folder with --data."),
    errno.EFBIG: (
        "The file is larger than this system allows, or than `ulimit -f` does.",
        "Raise that limit (`ulimit -f unlimited`), or choose another folder with --data.",
    ),
    errno.EACCES: ("You are not allowed to write there.", "Choose a folder of your own with --data."),
    errno.EPERM: ("You are not allowed to write there.", "Choose a folder of your own with --data."),
    errno.EROFS: ("The disk is read-only.", "Choose another folder with --data."),
    errno.ENOTDIR: ("A part of the path is a file, not a folder.", "Choose another folder with --data."),
    errno.EEXIST: ("A part of the path is a file, not a folder.", "Choose another folder with --data."),
    errno.ENAMETOOLONG: ("The path is too long for this system.", "Choose a shorter folder with --data."),
}


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write the bytes to the path, making its folder if need be, and replace what was there in one step.

    `mode` is given to the file at its creation (less what the umask takes away). Safe from several threads
    and processes; the last one wins. Raises StorageError, and then what was there before is still there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data, mode)
    except OSError as error:
        raise storage_error(path, error) from error


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read (0600), in a folder that is there. Raises OSError."""
    _replace(path, data, 0o600)


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, and take others' permissions from an existing one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)


def append_json_line(path: Path, value: Mapping[str, object], mode: int = 0o644) -> None:
    """Add a line of JSON to a file, which is made with this mode if need be; it is on the disk then.

    A last line that was cut short (a kill, a full disk) gets an end first, so that it costs itself only.
    Raises StorageError.
    """
    data = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags, mode), "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            if size and file.read(1) != b"\n":
                data = b"\n" + data
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise storage_error(path, error) from error


@contextmanager
def staged(path: Path, data: bytes, mode: int = 0o644) -> Iterator[None]:
    """Write the bytes beside the path, and put them there in one step when the block has ended well.

    They are on the disk before the block begins, so what fails then is hardly the space for them. Raises
    StorageError, and then what was there before is still there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _beside(path, data, mode):
            yield
    except OSError as error:
        raise storage_error(path, error) from error


def _replace(path: Path, data: bytes, mode: int) -> None:
    with _beside(path, data, mode):
        pass


@contextmanager
def _beside(path: Path, data: bytes, mode: int) -> Iterator[None]:
    # The file is written beside its place, since only a rename within one folder is a single step.
    beside = path.with_name(f".{secrets.token_hex(6)}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(beside, flags, mode), "wb") as file:
            file.write(data)
            file.flush()
            # Without this a power cut after the rename could leave an empty file under the name.
            os.fsync(file.fileno())
        yield
        beside.replace(path)
    except BaseException:  # Ctrl-C too
        with suppress(OSError):  # why the write failed is the error to report
            beside.unlink(missing_ok=True)
        raise


def open_log(path: Path) -> TextIO:
    """Return a log, open at its end; when it is too long, its older half is dropped. Raises StorageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            write_whole(path, path.read_bytes()[-_KEPT_OF_LOG:].partition(b"\n")[2])
        return path.open("a", encoding="utf-8", errors="replace", buffering=1)
    except OSError as error:
        raise storage_error(path, error) from error


def read_whole(path: Path) -> bytes:
    """Return a file's content. Raises StorageError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def read_plain(folder: Path, relative: str, most: int = _LARGEST) -> bytes:
    """Return a file below a folder, by its path with forward slashes.

    Raises OSError, also where a part of the path is a link, where it is not a plain file, or is longer than
    `most` bytes.
    """
    path = folder / relative
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or not is_within(folder, path):
        raise OSError(errno.ELOOP, "It is a link or a special file, which is not opened")
    if status.st_size > most:
        raise OSError(errno.EFBIG, f"It is larger than {most:,} bytes")
    return path.read_bytes()


def is_within(folder: Path, path: Path) -> bool:
    """Return whether a path leads to a place in the folder; the folder itself may be a link."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle
        return False


def check_within(folder: Path, path: Path) -> None:
    """Raise StorageError where something below the folder leads the path out of it."""
    if not is_within(folder, path):
        raise StorageError(
            f"Refused to use {path}.",
            cause=f"A link leads it out of {folder}.",
            next_step="Remove the link if it is not yours; else name its target instead.",
        )


def is_there(path: Path) -> bool:
    """Return whether something has this name. Raises StorageError where that cannot be found out."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(path, error) from error
    return True


def storage_error(path: Path, error: OSError) -> StorageError:
    """Return the error of a failed write that says what happened, why, and what to do."""
    cause, next_step = _explained(error)
    return StorageError(f"Could not write {path}.", cause=cause, next_step=next_step)


def unreadable(path: Path, error: OSError) -> StorageError:
    """Return the error of a failed read that says what happened, why, and what to do."""
    cause, next_step = _explained(error)
    if isinstance(error, PermissionError):
        cause = "You are not allowed to read there."
    return StorageError(f"Could not read {path}.", cause=cause, next_step=next_step)


def _explained(error: OSError) -> tuple[str, str]:
    """Return the cause of a system's error in words, and what to do about it."""
    reason = error.strerror or str(error)
    return _CAUSES.get(error.errno or 0, (f"The system says: {reason}.", "Try another folder with --data."))
