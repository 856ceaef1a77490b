"""Write a file whole or not at all.

Laws:
1. What stands under a name is always a whole file: either the old one or the new one.
2. A file that is to be secret is created with its mode, not given it afterwards.
3. A failure leaves nothing behind and says what to do about it.
"""

import errno
import os
import secrets
from pathlib import Path

from selfcheck.errors import StorageError

_CAUSES = {
    errno.ENOSPC: ("The disk is full.", "Free some space, or choose another folder with --data."),
    errno.EDQUOT: (
        "Your share of the disk is used up.",
        "Free some space, or choose another folder with --data.",
    ),
    errno.EFBIG: ("The file is larger than this system allows.", "Choose another folder with --data."),
    errno.EACCES: ("You are not allowed to write there.", "Choose a folder of your own with --data."),
    errno.EPERM: ("You are not allowed to write there.", "Choose a folder of your own with --data."),
    errno.EROFS: ("The disk can only be read.", "Choose another folder with --data."),
    errno.ENOTDIR: ("A part of the path is a file, not a folder.", "Choose another folder with --data."),
    errno.EEXIST: ("A part of the path is a file, not a folder.", "Choose another folder with --data."),
    errno.ENAMETOOLONG: ("The path is too long for this system.", "Choose a shorter folder with --data."),
}


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write the bytes to the path, making its folder if need be, and replace what stood there in one step.

    `mode` is given to the file at its creation (less what the umask takes away). Safe from several threads
    and processes; the last one wins. Raises StorageError, and then what stood there before still stands.
    """
    beside = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(beside, data, mode)
        beside.replace(path)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        _discard(beside)


def _discard(beside: Path) -> None:
    """Remove the half-written file, if there is one; why the write failed is told by its own error."""
    try:
        beside.unlink(missing_ok=True)
    except OSError:
        return


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def storage_error(path: Path, error: OSError) -> StorageError:
    """Return the system's error as one that says what happened, why, and what to do."""
    reason = error.strerror or str(error)
    cause, next_step = _CAUSES.get(
        error.errno or 0, (f"The system says: {reason}.", "Try another folder with --data.")
    )
    return StorageError(f"Could not write {path}.", cause=cause, next_step=next_step)


def is_there(path: Path) -> bool:
    """Return whether something stands under this name. Raise StorageError where that cannot be told."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(path, error) from error
    return True


def unreadable(path: Path, error: OSError) -> StorageError:
    """Return the system's refusal to let something be read as an error that says what to do."""
    if isinstance(error, PermissionError):
        cause, next_step = "You are not allowed to read there.", "Choose a folder of your own with --data."
    else:
        told = storage_error(path, error)
        cause, next_step = told.cause, told.next_step_text()
    return StorageError(f"Could not read {path}.", cause=cause, next_step=next_step)
