"""What of a run leaves the machine, for a branch, a cache or an artifact.

Laws:
1. `disclosure` decides which files an audience may have, and what of the result.
2. Two journals become one without a line lost or repeated.
"""

import shutil
from pathlib import Path

from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.storage.data_folder import RESULT, DataFolder
from selfcheck.storage.files import storage_error, write_whole
from selfcheck.storage.stored_json import read_run


def finished_runs(data_dir: Path) -> tuple[str, ...]:
    """Return the runs that came to their end, oldest first. Raise StorageError."""
    return tuple(reversed(DataFolder(data_dir).finished_runs()))


def copy_run(run: Path, target: Path, audience: Audience, *, whole: bool) -> None:
    """Copy what this audience may have of a run: all of it, or (not `whole`) its text alone.

    Raises RunUnreadableError where its result cannot be read, and StorageError.
    """
    disclosure = Disclosure(audience=audience)
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run)
        text = len(name.parts) == 1 and path.suffix != ".html"
        if path.is_file() and (whole or text) and not disclosure.why_not(name.as_posix(), {}):
            _copy(path, target / name)
    if audience is not Audience.OWNER:
        shown = disclosure.document(read_run((run / RESULT).read_bytes(), name=str(run / RESULT)))
        write_whole(target / RESULT, shown.to_json().encode())


def copy_file(path: Path, target: Path) -> None:
    """Copy a file if it is there. Raise StorageError."""
    if path.is_file():
        _copy(path, target)


def _copy(path: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    except OSError as error:
        raise storage_error(target, error) from error


def join_lines(ours: Path, theirs: Path) -> None:
    """Add to their file the lines that only ours has. Raise StorageError."""
    own = ours.read_bytes().splitlines() if ours.is_file() else []
    there = theirs.read_bytes().splitlines() if theirs.is_file() else []
    both = [line for line in dict.fromkeys((*there, *own)) if line.strip()]
    if both != there:
        write_whole(theirs, b"".join(line + b"\n" for line in both))
