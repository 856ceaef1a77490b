"""The folder of one run, and the manifest that says what lies in it.

Laws:
1. Every file's SHA-256 is taken from the bytes in memory, at the moment they are written.
2. Nothing is written outside the run's folder, whatever a profile or a page calls itself.
3. Evidence is not overwritten by a file whose name differs only in case.
4. A run's folder is never used twice.
"""

import hashlib
import json
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from selfcheck.errors import StorageError
from selfcheck.model.names import is_safe_name
from selfcheck.model.run import ToolInfo
from selfcheck.store.files import storage_error, write_whole

MANIFEST = "manifest.json"
SCHEMA = "selfcheck.manifest/1"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of the run, as the manifest lists it."""

    path: str  # relative to the run's folder, with forward slashes
    sha256: str
    size: int  # bytes
    written_at: str  # UTC, ends in Z: when what it shows was captured or made
    how: str  # what made it, in words
    viewpoint: str | None  # who saw what it shows; None where nobody did


class RunFolder:
    """The folder of one run; may be written to from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: dict[str, Entry] = {}
        self._names: dict[str, str] = {}  # folded to one case -> as first written
        self._lock = threading.Lock()

    @classmethod
    def create(cls, data_dir: Path, run_id: str) -> "RunFolder":
        """Make the run's folder below `data_dir`. Raises StorageError if it cannot be made anew."""
        if not is_safe_name(run_id):
            raise _unsafe(run_id)
        path = data_dir / "runs" / run_id
        try:
            path.mkdir(parents=True)
        except FileExistsError as error:
            raise StorageError(f"The run's folder {path} is there already.") from error
        except OSError as error:
            raise storage_error(path, error) from error
        return cls(path)

    def write(
        self, relative: str, data: bytes, *, how: str, at: datetime, viewpoint: str | None = None
    ) -> None:
        """Write a file of the run and note it for the manifest.

        `at` is when what it shows was captured; a file written again replaces the first.
        Raises StorageError if the name is unsafe or the disk refuses.
        """
        _check(relative)
        entry = Entry(
            path=relative,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            written_at=_utc(at),
            how=how,
            viewpoint=viewpoint,
        )
        self._claim(relative)
        write_whole(self.path.joinpath(*PurePosixPath(relative).parts), data)
        with self._lock:
            self._entries[relative] = entry

    def _claim(self, relative: str) -> None:
        with self._lock:
            there = self._names.setdefault(relative.casefold(), relative)
        if there != relative:
            raise StorageError(
                f"Could not write {relative}: {there} has the same name on some systems.",
                next_step="Rename one of the two profiles.",
            )

    @property
    def names(self) -> frozenset[str]:
        """Return the files that were written whole, by their paths within the run's folder."""
        with self._lock:
            return frozenset(self._entries)

    def finish(self, tool: ToolInfo) -> None:
        """Write the manifest of every file written so far. Raises StorageError."""
        text = json.dumps(self.manifest(tool), ensure_ascii=False, indent=2) + "\n"
        write_whole(self.path / MANIFEST, text.encode())

    def manifest(self, tool: ToolInfo) -> dict[str, Any]:
        """Return the manifest as plain JSON values; `previous` has room for the chain of runs."""
        with self._lock:
            entries = sorted(self._entries.values(), key=lambda entry: entry.path)
        return {
            "schema": SCHEMA,
            "run_id": self.path.name,
            "tool": asdict(tool),
            "time_source": "system clock",
            "previous": None,
            "files": [asdict(entry) for entry in entries],
        }


def _check(relative: str) -> None:
    parts = relative.split("/")
    if relative == MANIFEST or not all(is_safe_name(part) for part in parts):
        raise _unsafe(relative)


def _unsafe(name: str) -> StorageError:
    return StorageError(
        f"Refused to write a file called {name!r}.",
        cause="The name could lead out of the run's folder, or some system does not allow it.",
        next_step="Give the profile a name of letters, digits, - and _.",
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
