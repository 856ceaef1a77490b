"""The folder of the report over time: written so that a reader never sees half of it.

Laws:
1. What a page refers to is there before the page is, and the page is replaced in one step.
2. What only an older page referred to is removed afterwards: a public report leaves no picture of a private
   one behind. Nothing is removed but what a report of ours may have written.
3. Nothing is written outside the folder.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from selfcheck.errors import StorageError
from selfcheck.model.names import is_safe_name
from selfcheck.store.files import storage_error, write_whole

INDEX = "index.html"
_OWN = {"badges": ".svg", "evidence": ".jpg"}
"""The folders that are ours alone, and how the files in them end."""


def write_site(folder: Path, index: str, files: Mapping[str, bytes]) -> None:
    """Write the page and what it refers to, by the paths within the folder. Raise StorageError."""
    for relative, data in files.items():
        _check(relative)
        path = folder.joinpath(*PurePosixPath(relative).parts)
        if not _is_there(path, data):
            write_whole(path, data)
    write_whole(folder / INDEX, index.encode())
    _tidy(folder, frozenset(files))


def _check(relative: str) -> None:
    if not all(is_safe_name(part) for part in relative.split("/")):
        raise StorageError(f"Refused to write a file called {relative!r}.")


def _is_there(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _tidy(folder: Path, kept: frozenset[str]) -> None:
    for name, ending in _OWN.items():
        for path in sorted((folder / name).glob(f"*{ending}")):
            if f"{name}/{path.name}" not in kept:
                _remove(path)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(path, error) from error
