"""Of a stored run, the files of one profile that may be shown to others.

Laws:
1. What is not named here stays behind: of strangers' looks all that they received, of the author's the
   picture of pages that others are meant to see, both side by side, and the profile's own result and list.
2. A page of statistics is for its author alone. Where a run's result does not say what a page is, no picture
   of the author's view is taken.
3. A file that is not what the run's list says is not shown; that is told.
4. Nothing is written, and nothing outside the profile's folder is read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfcheck.artifacts.case_files import CASE_FILE
from selfcheck.artifacts.chain import list_bytes
from selfcheck.artifacts.manifests import (
    MANIFEST,
    SEAL,
    STAMP,
    Entry,
    LeftOut,
    read_manifest,
    read_part,
    read_seal,
    sha256,
)
from selfcheck.core.safe_filename import safe_name
from selfcheck.errors import RunUnreadableError

RESULT = "run.json"
SIDE_BY_SIDE = "side-by-side.png"
_STRANGERS = re.compile(r"anonymous\.(?:png|html|xml|json|txt|look\.json)")
_AUTHORS = frozenset({"author.png", SIDE_BY_SIDE})

_EARLIER = (
    "An earlier version of selfcheck kept the run {run}. Its list of files names all profiles, so it is not"
    " shown, and the files cannot be held against it."
)
PRIVATE_NUMBERS = "it shows numbers that only the author is shown"
_WHY = {
    "author.look.json": "it tells how the author's page was fetched, which proves nothing to others",
    CASE_FILE: "it holds numbers that only the author is shown",
}


@dataclass(frozen=True, kw_only=True)
class SharedFile:
    """A file of the run, as it was read."""

    entry: Entry
    data: bytes


@dataclass(frozen=True, kw_only=True)
class SharedRun:
    """What of one run may be shown, of one profile."""

    run_id: str
    part: str  # the profile's folder
    result: Mapping[str, Any]  # the run's document with this profile alone; {}: it cannot be read
    files: tuple[SharedFile, ...]
    seals: Mapping[str, bytes] = field(default_factory=dict)  # the seal and its stamps, by name
    left_out: tuple[LeftOut, ...] = ()
    sealed: bool = True
    notes: tuple[str, ...] = ()

    @property
    def pages(self) -> tuple[Mapping[str, Any], ...]:
        """Return the pages of the profile, as the result has them."""
        profiles = self.result.get("profiles") or [{}]
        return tuple(profiles[0].get("pages", ()))

    def data(self, path: str) -> bytes | None:
        """Return a shared file's bytes by its path within the run, or None."""
        return next((one.data for one in self.files if one.entry.path == path), None)


Extract = Callable[[Mapping[str, Any], str], Mapping[str, Any] | None]


def shared_run(folder: Path, profile: str, *, extract: Extract, with_stats: bool = False) -> SharedRun:
    """Return what may be shown of this profile; `extract` reduces an earlier version's result to it.

    Raises RunUnreadableError where the run cannot be read.
    """
    return _Reader(folder, profile, extract=extract, with_stats=with_stats).read()


class _Reader:
    def __init__(self, folder: Path, profile: str, *, extract: Extract, with_stats: bool) -> None:
        self._folder = folder
        self._profile = profile
        self._part = safe_name(profile)
        self._extract = extract
        self._with_stats = with_stats
        self._left_out: list[LeftOut] = []
        self._notes: list[str] = []

    def read(self) -> SharedRun:
        entries, sealed = self._listed()
        result = self._result(entries)
        public = {str(page.get("folder")): True for page in _pages(result)}
        public.update(dict.fromkeys(_private_pages(result), False))
        files = tuple(self._files(entries, public))
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
            files = read_part(data, name=own).files
            self._compare_with_seal(data, own)
        else:
            self._notes.append(_EARLIER.format(run=self._folder.name))
            files = read_manifest(self._bytes(MANIFEST), name=MANIFEST).files
        return {one.path: one for one in files if one.path.startswith(f"{self._part}/")}, sealed

    def _compare_with_seal(self, part: bytes, name: str) -> None:
        try:
            seal = read_seal(self._bytes(SEAL), name=SEAL)
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

    def _result(self, entries: Mapping[str, Entry]) -> Mapping[str, Any]:
        """Return the profile's own result, else what an earlier version's says of it; {}: neither is read."""
        entry = entries.get(f"{self._part}/{RESULT}")
        if entry is not None:
            file = self._read(entry)
            return _object(file.data) if file else {}
        try:
            return self._extract(_object(self._bytes(RESULT)), self._profile) or {}
        except RunUnreadableError:
            return {}

    def _files(self, entries: Mapping[str, Entry], public: Mapping[str, bool]) -> Iterator[SharedFile]:
        for path, entry in entries.items():
            why = self._why_not(path, public)
            if why:
                self._left_out.append(LeftOut(path=path, why=why))
                continue
            file = self._read(entry)
            yield from [file] if file else []

    def _why_not(self, path: str, public: Mapping[str, bool]) -> str:
        """Return why a file stays behind; "" where it may be shown."""
        folder, _, name = path.rpartition("/")
        if path == f"{self._part}/{RESULT}" or _STRANGERS.fullmatch(name):
            return ""
        if name not in _AUTHORS:
            return _WHY.get(name, "it is not needed to show what strangers see")
        if folder not in public:
            return "it cannot be told whether others may see this page"
        return "" if public[folder] or self._with_stats else PRIVATE_NUMBERS

    def _read(self, entry: Entry) -> SharedFile | None:
        """Return a file that is as the list says; None, and say so, where it is not."""
        try:
            data = (self._folder / entry.path).read_bytes()
        except OSError:
            self._not_shown(entry, "it is missing")
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
        names = sorted(one.name for one in self._folder.iterdir() if STAMP.fullmatch(one.name))
        here = [name for name in (SEAL, *names) if (self._folder / name).is_file()]
        own = f"{self._part}/{MANIFEST}"
        return {own: self._bytes(own), **{name: self._bytes(name) for name in here}}


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _private_pages(result: Mapping[str, Any]) -> list[str]:
    extract = result.get("extract")
    folders = extract.get("private_pages") if isinstance(extract, dict) else None
    return [str(one) for one in folders] if isinstance(folders, list) else []


def _pages(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    profiles = result.get("profiles")
    first = profiles[0] if isinstance(profiles, list) and profiles and isinstance(profiles[0], dict) else {}
    pages = first.get("pages")
    return [one for one in pages if isinstance(one, dict)] if isinstance(pages, list) else []
