"""A log that does not grow: what a run says that nobody started."""

from pathlib import Path
from typing import TextIO

from selfcheck.storage.files import storage_error, write_whole

_MOST = 1_000_000  # bytes
_KEPT = 500_000


def open_log(path: Path) -> TextIO:
    """Return the log, open at its end; of one that is too long the older half is left behind."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MOST:
            write_whole(path, path.read_bytes()[-_KEPT:].partition(b"\n")[2])
        return path.open("a", encoding="utf-8", errors="replace", buffering=1)
    except OSError as error:
        raise storage_error(path, error) from error
