"""Writes a file that only its owner may read: whole or not at all, and private from the moment it exists."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, data: bytes) -> None:
    """Write the bytes, 0600 from birth, and replace what stood there in one step. Raises OSError."""
    # mkstemp creates the file 0600, so that there is no moment at which others could open it.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def make_private_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, and take others' permissions from one that is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)
