"""The folder of one run, and the manifest that lists what is in it.

Laws:
1. Every file's SHA-256 is taken from the bytes in memory, at the moment they are written.
2. Nothing is written outside the run's folder, whatever a profile or a page calls itself.
3. Evidence is not overwritten by a file whose name differs only in case.
4. A run's folder is never used twice.
5. `run.json` is written last: where it exists, the run is complete, and so is what proves it. Only a disk
   that refuses the manifest leaves a result without one.
6. A run that failed before it wrote anything leaves no folder.
"""

import threading
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Self

from selfcheck.artifacts.chain import chain_lock, end_of_chain, newest_lists
from selfcheck.artifacts.manifests import (
    MANIFEST,
    SEAL,
    STAMP,
    TIME_SOURCE,
    Entry,
    Manifest,
    Part,
    Seal,
    is_safe_path,
    list_file,
    sha256,
)
from selfcheck.artifacts.sharing import share
from selfcheck.core.run import ToolInfo
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.core.times import utc
from selfcheck.errors import StorageError
from selfcheck.storage.data_folder import RESULT, DataFolder
from selfcheck.storage.files import staged, storage_error, write_whole

_SHARED_WITH = 8
"""So many runs before this one are searched for the same files: a page's picture of today is mostly that of
yesterday, and a list of a run takes some milliseconds to read."""


class RunFolder:
    """The folder of one run; may be written to from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: dict[str, Entry] = {}
        self._names: dict[str, str] = {}  # folded to one case -> as first written
        self._lock = threading.Lock()

    @classmethod
    def create(cls, data: DataFolder, run_id: str) -> "RunFolder":
        """Create the run's folder below `data`. Raises StorageError where it exists or cannot be made."""
        if not is_safe_name(run_id):
            raise _unsafe(run_id)
        return cls.create_at(data.run(run_id))

    @classmethod
    def create_at(cls, path: Path) -> "RunFolder":
        """Create a folder that will be sealed as a run's is. Raises StorageError as `create` does."""
        try:
            path.mkdir(parents=True)
        except FileExistsError as error:
            raise StorageError(f"The run's folder {path} exists already.") from error
        except OSError as error:
            raise storage_error(path, error) from error
        return cls(path)

    def __enter__(self) -> Self:
        """Return the folder itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Remove the folder of a run that failed before anything was written to it."""
        if kind is not None:
            with suppress(OSError):  # it holds something
                self.path.rmdir()

    def write(
        self, relative: str, data: bytes, *, how: str, at: datetime, viewpoint: str | None = None
    ) -> None:
        """Write a file of the run and list it.

        `at` is when what it shows was captured; a file written again replaces the first.
        Raises StorageError if the name is unsafe or the disk refuses.
        """
        if relative in {MANIFEST, SEAL} or STAMP.fullmatch(relative) or not is_safe_path(relative):
            raise _unsafe(relative)
        entry = _entry(relative, data, how=how, at=at, viewpoint=viewpoint)
        with self._lock:
            first = self._names.setdefault(relative.casefold(), relative)
        if first != relative:
            raise StorageError(
                f"Could not write {relative}: {first} has the same name on some systems.",
                next_step="Rename one of the two profiles.",
            )
        write_whole(self.path.joinpath(*PurePosixPath(relative).parts), data)
        with self._lock:
            self._entries[relative] = entry

    @property
    def names(self) -> frozenset[str]:
        """Return the files that were written whole, by their paths within the run's folder."""
        with self._lock:
            return frozenset(self._entries)

    def repack(self, relative: str, data: bytes) -> None:
        """Write a file again that says the same in fewer bytes. Raises StorageError."""
        with self._lock:
            entry = self._entries[relative]
        write_whole(self.path.joinpath(*PurePosixPath(relative).parts), data)
        how = f"{entry.how}, packed without loss"
        with self._lock:
            self._entries[relative] = replace(entry, sha256=sha256(data), size=len(data), how=how)

    def finish(self, tool: ToolInfo, *, result: bytes, at: datetime, name: str = RESULT) -> None:
        """Write each folder's list, the seal, the manifest of all files, and the result. Raises StorageError.

        `name` is the result's; a folder whose result is called otherwise is not a run, and in no chain.

        In this order, since a run that was killed between them must not count: the history takes every result
        for a run that can be proved.
        """
        parts = self._write_parts(tool)
        runs = self.path.parent
        earlier = newest_lists(runs, but=self.path.name, most=_SHARED_WITH)
        share(self.path, self._sorted(), ((folder, manifest.files) for folder, manifest in earlier))
        entry = _entry(name, result, how="result", at=at, viewpoint=None)
        files = tuple(sorted((*self._sorted(), entry), key=lambda entry: entry.path))
        # Held until this run's own list is written: before that the next run could not find it as the end.
        with chain_lock(runs), staged(self.path / name, result):
            data = list_file(
                Manifest(
                    run_id=self.path.name,
                    files=files,
                    previous=end_of_chain(runs, but=self.path.name),
                    seal=SEAL,
                    tool=asdict(tool),
                    time_source=TIME_SOURCE,
                )
            )
            seal = Seal(run_id=self.path.name, manifest=sha256(data), parts=tuple(sorted(parts)))
            write_whole(self.path / SEAL, list_file(seal))
            write_whole(self.path / MANIFEST, data)
        with self._lock:
            self._entries[name] = entry

    def _write_parts(self, tool: ToolInfo) -> tuple[str, ...]:
        """Write each folder's list of its own files; return their hashes."""
        folders: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._sorted():
            folder, slash, _ = entry.path.partition("/")
            if slash and entry.path != f"{folder}/{MANIFEST}":
                folders[folder].append(entry)
        return tuple(self._write_part(folder, entries, tool) for folder, entries in folders.items())

    def _write_part(self, folder: str, entries: list[Entry], tool: ToolInfo) -> str:
        data = list_file(
            Part(
                run_id=self.path.name,
                part=folder,
                files=tuple(entries),
                tool=asdict(tool),
                time_source=TIME_SOURCE,
            )
        )
        at = datetime.fromisoformat(max(entry.written_at for entry in entries))
        self.write(f"{folder}/{MANIFEST}", data, how="list of this folder's files", at=at)
        return sha256(data)

    def _sorted(self) -> tuple[Entry, ...]:
        with self._lock:
            return tuple(sorted(self._entries.values(), key=lambda entry: entry.path))


def _entry(relative: str, data: bytes, *, how: str, at: datetime, viewpoint: str | None) -> Entry:
    return Entry(
        path=relative, sha256=sha256(data), size=len(data), written_at=utc(at), how=how, viewpoint=viewpoint
    )


def _unsafe(name: str) -> StorageError:
    return StorageError(
        f"Refused to write a file called {name!r}.",
        cause="The name could lead out of the run's folder, or some system does not allow it.",
        next_step="Give the profile a name of letters, digits, - and _.",
    )
