"""The files of a stored run that an audience is shown: those of one profile, or a copy of the run.

Laws:
1. `disclosure` decides which file is shown; where a run's result does not say what a page is, no picture of
   the author's view is taken.
2. A file that is not what the run's list says is not shown; that is reported.
3. Nothing outside the run's folder is read.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from selfcheck.artifacts.manifests import (
    MANIFEST,
    SEAL,
    STAMP,
    Entry,
    LeftOut,
    Manifest,
    Part,
    Seal,
    list_bytes,
    read_list,
    sha256,
)
from selfcheck.artifacts.pruning import read_pruned
from selfcheck.core.run_document import PageRecord, RunDocument
from selfcheck.core.safe_filename import safe_name
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence import png
from selfcheck.evidence.disclosure import Audience, Disclosure, holds_word, page_folders, without_words
from selfcheck.storage.data_folder import RESULT
from selfcheck.storage.files import read_plain, read_whole, write_whole
from selfcheck.storage.stored_json import read_run

_EARLIER = (
    "An earlier version of selfcheck kept the run {run}. Its list of files names all profiles, so it is not"
    " shown, and the files cannot be compared with it."
)


@dataclass(frozen=True, kw_only=True)
class SharedFile:
    """A file of the run, as it was read."""

    entry: Entry
    data: bytes


@dataclass(frozen=True, kw_only=True)
class SharedRun:
    """What is shown of one run, of one profile."""

    run_id: str
    part: str  # the profile's folder
    result: RunDocument | None  # with this profile alone; None: it cannot be read
    files: tuple[SharedFile, ...]
    seals: Mapping[str, bytes] = field(default_factory=dict)  # the seal and its stamps, by name
    left_out: tuple[LeftOut, ...] = ()
    sealed: bool = True
    notes: tuple[str, ...] = ()

    @property
    def pages(self) -> tuple[PageRecord, ...]:
        """Return the pages of the profile, as the result has them."""
        return self.result.profiles[0].pages if self.result and self.result.profiles else ()

    def data(self, path: str) -> bytes | None:
        """Return a shared file's bytes by its path within the run, or None."""
        return next((file.data for file in self.files if file.entry.path == path), None)


def shared_run(folder: Path, profile: str, disclosure: Disclosure) -> SharedRun:
    """Return what is shown of this profile. Raise RunUnreadableError where the run cannot be read."""
    return _Reader(folder, profile, disclosure).read()


def without_private(run: SharedRun, private: Collection[str]) -> SharedRun:
    """Return the run without the files that hold a private word or hidden text; that is reported."""
    shown: list[SharedFile] = []
    dropped: list[LeftOut] = []
    for file in run.files:
        why = ""
        if holds_word(file.data, private):
            why = "it holds something that is private"
        elif png.has_text(file.data):
            why = "the picture's file contains text besides the image"
        if why:
            dropped.append(LeftOut(path=file.entry.path, why=why))
        else:
            shown.append(file)
    notes = (f"{run.run_id}/{file.path} is left out: {file.why}." for file in dropped)
    return replace(
        run,
        files=tuple(shown),
        result=without_words(run.result, private),
        left_out=(*run.left_out, *dropped),
        notes=(*run.notes, *notes),
    )


def copy_run(run: Path, target: Path, audience: Audience, *, whole: bool) -> None:
    """Copy what this audience may have of a run: all of it, or (not `whole`) its text alone.

    Raises RunUnreadableError where its result cannot be read, and StorageError.
    """
    disclosure = Disclosure(audience=audience)
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run)
        text = len(name.parts) == 1 and path.suffix != ".html"
        is_own = path.is_file() and path.resolve().is_relative_to(run.resolve())  # no link leads elsewhere
        if is_own and (whole or text) and not disclosure.why_not(name.as_posix(), {}):
            write_whole(target / name, read_whole(path))
    if audience is not Audience.OWNER:
        shown = disclosure.document(read_run(read_whole(run / RESULT), name=str(run / RESULT)))
        write_whole(target / RESULT, shown.to_json().encode())


class _Reader:
    def __init__(self, folder: Path, profile: str, disclosure: Disclosure) -> None:
        self._folder = folder
        self._profile = profile
        self._part = safe_name(profile)
        self._disclosure = disclosure
        self._left_out: list[LeftOut] = []
        self._notes: list[str] = []

    def read(self) -> SharedRun:
        entries, sealed = self._listed()
        result = self._result(entries)
        files = tuple(self._files(entries, page_folders(result)))
        return SharedRun(
            run_id=self._folder.name,
            part=self._part,
            result=result,
            files=files,
            seals=self._seals() if sealed else {},
            left_out=tuple(self._left_out),
            sealed=sealed,
            notes=tuple(self._notes),
        )

    def _listed(self) -> tuple[dict[str, Entry], bool]:
        """Return the profile's files by path, and whether the profile has a list of its own."""
        own = f"{self._part}/{MANIFEST}"
        sealed = (self._folder / own).is_file()
        if sealed:
            data = self._bytes(own)
            files = read_list(Part, data, name=own).files
            self._compare_with_seal(data, own)
        else:
            self._notes.append(_EARLIER.format(run=self._folder.name))
            files = read_list(Manifest, self._bytes(MANIFEST), name=MANIFEST).files
        return {entry.path: entry for entry in files if entry.path.startswith(f"{self._part}/")}, sealed

    def _compare_with_seal(self, part: bytes, name: str) -> None:
        try:
            seal = read_list(Seal, self._bytes(SEAL), name=SEAL)
        except RunUnreadableError as error:
            self._notes.append(f"The seal of the run {self._folder.name} cannot be read. {error.what}")
            return
        if sha256(part) not in seal.parts:
            self._notes.append(f"{self._folder.name}/{name} was changed after the run was sealed.")

    def _bytes(self, name: str) -> bytes:
        try:
            return list_bytes(self._folder / name)
        except OSError as error:
            raise RunUnreadableError(
                f"{self._folder / name} cannot be read: {error.strerror or error}.",
                cause="The run was not finished, or a part of its folder was lost.",
            ) from None

    def _result(self, entries: Mapping[str, Entry]) -> RunDocument | None:
        """Return the profile's own result, else what an earlier version's result says of it."""
        entry = entries.get(f"{self._part}/{RESULT}")
        try:
            if entry is None:
                whole = read_run(self._bytes(RESULT), name=RESULT)
                return self._disclosure.excerpt(whole, self._profile)
            file = self._read(entry)
            return read_run(file.data, name=entry.path) if file else None
        except RunUnreadableError:
            return None

    def _files(self, entries: Mapping[str, Entry], folders: Mapping[str, bool]) -> Iterator[SharedFile]:
        for path, entry in entries.items():
            why = self._disclosure.why_not(path, folders)
            if why:
                self._left_out.append(LeftOut(path=path, why=why))
            elif file := self._read(entry):
                yield file

    def _read(self, entry: Entry) -> SharedFile | None:
        """Return a file that is as the list says; None, and a note, where it is not."""
        try:
            data = read_plain(self._folder, entry.path)
        except OSError:
            record = read_pruned(self._folder)
            by_rule = record is not None and entry.path in record.removed
            why = f"it was removed by rule on {record.at[:10]}" if record and by_rule else "it is missing"
            self._not_shown(entry, why)
            return None
        if sha256(data) != entry.sha256:
            self._not_shown(entry, "it was changed after the run")
            return None
        return SharedFile(entry=entry, data=data)

    def _not_shown(self, entry: Entry, why: str) -> None:
        left_out = LeftOut(path=entry.path, why=why)
        if left_out not in self._left_out:
            self._left_out.append(left_out)
            self._notes.append(f"{self._folder.name}/{entry.path} is left out: {why}.")

    def _seals(self) -> dict[str, bytes]:
        names = sorted(path.name for path in self._folder.iterdir() if STAMP.fullmatch(path.name))
        own = f"{self._part}/{MANIFEST}"
        files = (own, *(name for name in (SEAL, *names) if (self._folder / name).is_file()))
        return {name: self._bytes(name) for name in files}
