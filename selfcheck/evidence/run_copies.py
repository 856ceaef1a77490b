"""What of a run leaves the machine, for a branch, a cache or an artifact.

Laws:
1. Of a run that may be shown only as strangers saw it, a file leaves only when its name says that it is
   theirs; whatever is not known stays here.
2. A run without a result never came to its end, and leaves nothing.
3. Two journals are made one without a line lost or told twice.
"""

import shutil
from pathlib import Path

from selfcheck.core.enums import ANONYMOUS
from selfcheck.storage.files import storage_error, write_whole

RESULT = "run.json"
_REPORTS = frozenset({".html"})


def finished_runs(data_dir: Path) -> tuple[str, ...]:
    """Return the runs that came to their end, oldest first."""
    runs = data_dir / "runs"
    return (
        tuple(sorted(one.name for one in runs.iterdir() if (one / RESULT).is_file())) if runs.is_dir() else ()
    )


def copy_run(run: Path, target: Path, *, whole: bool) -> None:
    """Copy a run's folder: all of it, or its text alone. Raise StorageError."""
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run)
        text = len(name.parts) == 1 and path.suffix not in _REPORTS
        if path.is_file() and (whole or text):
            _copy(path, target / name)


def copy_run_for_strangers(run: Path, target: Path, result: str, *, whole: bool) -> None:
    """Copy what strangers saw in a run, with this text as its result. Raise StorageError."""
    write_whole(target / RESULT, result.encode())
    for path in sorted(run.rglob(f"{ANONYMOUS}.*")) if whole else ():
        if path.is_file():
            _copy(path, target / path.relative_to(run))


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
