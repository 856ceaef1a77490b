"""The folder of the report over time: written so that a reader never sees half of it.

Laws:
1. What a page refers to is there before the page is, and the page is replaced in one step.
2. A list in the folder names everything that selfcheck ever began to write there. What is not in it belongs
   to somebody else: it is neither replaced nor removed.
3. What only an older page referred to is removed: a public report leaves no picture of a private one behind,
   even if the older one was killed half-way.
4. Nothing is written outside the folder.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from selfcheck.artifacts.manifests import is_safe_path
from selfcheck.errors import StorageError, UsageError
from selfcheck.storage.files import check_within, write_whole

INDEX = "index.html"
LIST = "written-by-selfcheck.txt"
_HEAD = "# selfcheck wrote these files; it replaces and removes them, and leaves all others alone."
_MOST = 1_000_000  # bytes of the list


def write_report(folder: Path, index: str, files: Mapping[str, bytes]) -> None:
    """Write the page and what it refers to, by the paths within the folder.

    Raise UsageError if somebody else's file is in the way, StorageError if the disk cannot be written.
    """
    ours, wanted = _listed(folder), {INDEX, *files}
    for relative in sorted(wanted):
        _check(folder, relative, ours)
    _write_list(folder, ours | wanted)
    for relative, data in files.items():
        if not _has(_place(folder, relative), data):
            write_whole(_place(folder, relative), data)
    write_whole(folder / INDEX, index.encode())
    for relative in sorted(ours - wanted):
        _remove(folder, _place(folder, relative))
    _write_list(folder, wanted)


def _listed(folder: Path) -> frozenset[str]:
    """Return what the list in the folder names, as far as it is within the folder."""
    path = folder / LIST
    try:
        lines = path.read_bytes()[:_MOST].decode("utf-8", "replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(line for line in lines if is_safe_path(line))


def _place(folder: Path, relative: str) -> Path:
    return folder.joinpath(*PurePosixPath(relative).parts)


def _check(folder: Path, relative: str, ours: frozenset[str]) -> None:
    if not is_safe_path(relative):
        raise StorageError(f"Refused to write a file called {relative!r}.")
    check_within(folder, _place(folder, relative))
    if relative in ours or not _place(folder, relative).exists():
        return
    if relative not in _listed(folder):  # read again: another process may have begun to write it just now
        raise UsageError(
            f"{_place(folder, relative)} exists already, and selfcheck did not write it.",
            next_step="Choose another folder with --to, or move the file away.",
        )


def _write_list(folder: Path, names: Iterable[str]) -> None:
    write_whole(folder / LIST, "\n".join((_HEAD, *sorted(names), "")).encode())


def _has(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def _remove(folder: Path, path: Path) -> None:
    check_within(folder, path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"Could not remove {path}, which an older report wrote.",
            cause=f"The system says: {error.strerror or error}.",
            next_step="Remove it yourself before you publish the folder.",
        ) from error
