"""Reads a stored run: its result, the evidence of each profile, and the looks with what they received.

Laws:
1. Nothing is written, and nothing outside the run's folder is read, whatever its files say.
2. The result and the evidence must be whole: a damaged or missing one is an error that names the file. A look
   that cannot be read is reported, and what was read from it at the time of the run stands.
3. Only anonymous looks hold pages; what the author saw is in the evidence alone.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from selfcheck.artifacts.case_files import (
    CASE_FILE,
    PLATFORM_FILE,
    StoredCase,
    StoredPlatform,
    capture_of,
    read_case,
    read_look,
    read_platform,
)
from selfcheck.artifacts.manifests import MANIFEST, Manifest, read_list
from selfcheck.core.capture import Capture
from selfcheck.core.enums import ANONYMOUS
from selfcheck.core.run_document import ProfileRecord, RunDocument, UnopenedRecord
from selfcheck.core.safe_filename import is_safe_name, safe_name
from selfcheck.core.text_safety import one_line
from selfcheck.errors import RunUnreadableError, SelfcheckError
from selfcheck.platforms.catalogue import load_platform, platform_title
from selfcheck.platforms.schema import Platform
from selfcheck.storage.data_folder import RESULT, DataFolder
from selfcheck.storage.files import read_plain
from selfcheck.storage.stored_json import read_run

BODIES = ("html", "xml", "json", "txt")
"""How the file of a document may end, which lies beside its look."""

_LOOK = ".look.json"


def find_run(run: str, data: DataFolder) -> Path:
    """Return the folder of a run that is given by its id, a unique prefix of it, or its folder.

    Raises RunUnreadableError that names the runs that exist, and StorageError where they cannot be read.
    """
    ids = data.run_ids()
    if is_safe_name(run) and (matching := [run_id for run_id in ids if run_id.startswith(run)]):
        if run in matching or len(matching) == 1:
            return data.run(run if run in matching else matching[0])
        raise RunUnreadableError(
            f"{run} may be any of {len(matching)} runs: {', '.join(sorted(matching)[:5])}."
        )
    with suppress(OSError):  # a word that is too long to be a path
        if Path(run).is_dir():
            return Path(run)
    latest = f"The latest are {', '.join(ids[:3])}." if ids else f"There are no runs in {data}."
    raise RunUnreadableError(
        f"There is no run {one_line(run, 200)}.",
        cause=latest,
        next_step="Give a run's id or its folder; --data names where.",
    )


def platform_by_runs(data: DataFolder, run_ids: Iterable[str], profile: str, name: str) -> Platform:
    """Return the platform of this name as the first of the runs that kept it judged the profile by it.

    A shipped platform is today's, and so is one of which no run kept a copy. Raises PlatformUnknownError
    where there is none.
    """
    for run, record in _runs_of(data, run_ids, profile):
        if record.platform == name:
            with suppress(SelfcheckError):  # it is damaged, or not shipped any more
                if stored := run.platform(record):
                    return stored.today()
    return load_platform(name)


def title_by_runs(data: DataFolder, run_ids: Iterable[str], profile: str, name: str) -> str:
    """Return the name of a profile's platform as people write it, by the first run that says it.

    Of a platform that is not known any more it is the file's name.
    """
    for _, record in _runs_of(data, run_ids, profile):
        if record.platform == name and record.platform_title:
            return record.platform_title
    return platform_title(name)


def not_opened(data: DataFolder, run_id: str, profile: str) -> tuple[UnopenedRecord, ...]:
    """Return the pages of a profile that a run left out; none where its folder is gone."""
    return next((record.not_opened for _, record in _runs_of(data, [run_id], profile)), ())


def _runs_of(
    data: DataFolder, run_ids: Iterable[str], profile: str
) -> Iterator[tuple["StoredRun", ProfileRecord]]:
    for run_id in dict.fromkeys(run_ids):
        if not is_safe_name(run_id):
            continue
        run = StoredRun(data.run(run_id))
        with suppress(SelfcheckError):
            record = run.result.profile(profile)
            if record is not None:
                yield run, record


class StoredRun:
    """A run's folder, opened for reading."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def result(self) -> RunDocument:
        """The run's result. Raises RunUnreadableError."""
        path = self.path / RESULT
        return read_run(self._read(path), name=str(path))

    def case(self, profile: ProfileRecord) -> StoredCase:
        """Return the evidence of a profile. Raises RunUnreadableError."""
        path = self._folder(profile) / CASE_FILE
        return read_case(self._read(path), name=str(path))

    def platform(self, profile: ProfileRecord) -> StoredPlatform | None:
        """Return the platform data that a profile was judged by; None where an early version kept none.

        Raises RunUnreadableError.
        """
        path = self._folder(profile) / PLATFORM_FILE
        return read_platform(self._read(path), name=str(path)) if path.is_file() else None

    def _folder(self, profile: ProfileRecord) -> Path:
        folder = profile.pages[0].folder.split("/")[0] if profile.pages else ""
        return self.path / (folder if is_safe_name(folder) else safe_name(profile.name))

    @property
    def looks(self) -> tuple[Capture, ...]:
        """The anonymous looks with what they received; each visit has the folder of its files, no handle."""
        return self._looks[0]

    @property
    def troubles(self) -> tuple[str, ...]:
        """What of the looks could not be read, in words."""
        return self._looks[1]

    @cached_property
    def _looks(self) -> tuple[tuple[Capture, ...], tuple[str, ...]]:
        looks: list[Capture] = []
        troubles: list[str] = []
        for path in sorted(self.path.rglob(f"{ANONYMOUS}{_LOOK}")):
            try:
                looks.append(self._look(path))
            except RunUnreadableError as error:
                troubles.append(f"{error.what} What the run itself read from it is used.")
        return tuple(looks), tuple(troubles)

    def _look(self, path: Path) -> Capture:
        look = read_look(self._read(path), name=str(path.relative_to(self.path)))
        folder = path.parent.relative_to(self.path).as_posix()
        return capture_of(look, self._body(path, folder), folder=folder)

    def _body(self, path: Path, folder: str) -> str:
        """Return the document that the look received; "" where it received none."""
        stem = path.name.removesuffix(_LOOK)
        beside = [path.with_name(f"{stem}.{ending}") for ending in BODIES]
        document = next((file for file in beside if file.is_file()), None)
        if document is not None:
            return self._read(document).decode("utf-8", "replace")
        lost = next((file for file in beside if f"{folder}/{file.name}" in self._listed), None)
        if lost is not None:
            raise RunUnreadableError(f"{folder}/{lost.name} is missing.")
        return ""

    @cached_property
    def _listed(self) -> frozenset[str]:
        """The paths that the manifest lists; none where there is no manifest that can be read."""
        try:
            manifest = read_list(Manifest, self._read(self.path / MANIFEST), name=MANIFEST)
        except RunUnreadableError:
            return frozenset()
        return frozenset(entry.path for entry in manifest.files)

    def _read(self, path: Path) -> bytes:
        try:
            return read_plain(self.path, path.relative_to(self.path).as_posix())
        except FileNotFoundError:
            raise RunUnreadableError(
                f"{path} is missing.", cause="It is not a run's folder, or a part of it was lost."
            ) from None
        except OSError as error:
            raise RunUnreadableError(f"{path} cannot be read: {error.strerror}.") from None
