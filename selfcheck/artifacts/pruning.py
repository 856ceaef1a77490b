"""What may be removed of a run's folder, the record of it, and the removal itself.

Laws:
1. What a run found stays: its result, the evidence as it was judged, the platform data, and every hash.
   Removed are pictures, pages and what else only shows them.
2. Nothing is removed of a profile that was hidden, suspended, limited or missing, or had such a page; the
   files that all profiles share go only with the last of them.
3. The record is written before the first file goes. Killed in between, the folder still verifies, and the
   next pruning goes on.
4. A run that is not as it was written is left alone: pruning must not hide that it was changed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from selfcheck.artifacts.archive_reader import FolderSource, UnreadableError
from selfcheck.artifacts.case_files import CASE_FILE, PLATFORM_FILE
from selfcheck.artifacts.learned_file import LEARNED_FILE
from selfcheck.artifacts.manifests import (
    MANIFEST,
    PRUNED,
    SEAL,
    Entry,
    Manifest,
    Pruned,
    Seal,
    list_bytes,
    list_file,
    read_list,
    sha256,
)
from selfcheck.core.enums import BAD, Verdict
from selfcheck.core.run_document import ProfileRecord, RunDocument
from selfcheck.errors import RunUnreadableError
from selfcheck.storage.data_folder import RESULT, RUN_REPORT
from selfcheck.storage.files import read_whole, storage_error, write_whole
from selfcheck.storage.stored_json import read_run

SMALL_PICTURE = "small.jpg"
"""The picture that stands for a week; it lies in the profile's folder."""

CONTROLS = "controls"
_STAYS = frozenset({CASE_FILE, PLATFORM_FILE, LEARNED_FILE})


def is_good(profile: ProfileRecord) -> bool:
    """Return whether a run has nothing against this profile, so that its files prove nothing."""
    return not any(verdict in BAD for verdict in (profile.verdict, *(page.verdict for page in profile.pages)))


def folder_of(profile: ProfileRecord) -> str | None:
    """Return the profile's folder within the run; None where nothing of it was kept."""
    return profile.pages[0].folder.split("/")[0] if profile.pages else None


def removable(
    document: RunDocument, paths: Iterable[str], *, protected: Collection[str] = ()
) -> tuple[str, ...]:
    """Return which of a run's paths may be removed; `protected` names profiles of which nothing may."""
    keeps = {
        folder_of(profile)
        for profile in document.profiles
        if profile.name in protected or not is_good(profile)
    }
    folders = {folder_of(profile) for profile in document.profiles} - keeps
    if not keeps and document.profiles:
        folders.add(CONTROLS)
    return tuple(
        path
        for path in paths
        if (path.partition("/")[0] in folders and "/" in path and path.rpartition("/")[2] not in _STAYS)
        or (path == RUN_REPORT and CONTROLS in folders)
    )


def read_pruned(folder: Path) -> Pruned | None:
    """Return the record of what was removed of this run; None where nothing was, or it cannot be read."""
    with suppress(OSError, RunUnreadableError):
        return read_list(Pruned, list_bytes(folder / PRUNED), name=PRUNED)
    return None


def in_words(record: Pruned) -> str:
    """Return what is gone of a run, when and why, as a sentence for people."""
    return (
        f"Pictures and pages of this run were removed on {record.at[:10]} by rule ({record.rule}); what it"
        " found and the hashes of the files are kept."
    )


@dataclass(frozen=True, kw_only=True)
class RunToPrune:
    """A run's folder that was checked: what may go, and what is left of it."""

    folder: Path
    document: RunDocument
    manifest: str  # the SHA-256 of its list
    removed: tuple[Entry, ...]  # that go, or went when an earlier pruning was killed
    left: tuple[Path, ...]  # those of them that are still there
    before: Pruned | None = None


def checked_run(folder: Path, *, protected: Collection[str] = ()) -> RunToPrune:
    """Return a run that is as it was written, and what may go. Raise RunUnreadableError where it is not."""
    try:
        data = list_bytes(folder / MANIFEST)
        manifest, result = read_list(Manifest, data, name=MANIFEST), list_bytes(folder / RESULT)
        seal = read_list(Seal, list_bytes(folder / SEAL), name=SEAL) if manifest.seal else None
    except OSError as error:
        raise _changed(folder, error.strerror or str(error)) from None
    by_path = {entry.path: entry for entry in manifest.files}
    if seal is not None and seal.manifest != sha256(data):
        raise _changed(folder, f"{MANIFEST} was changed")
    if RESULT not in by_path or by_path[RESULT].sha256 != sha256(result):
        raise _changed(folder, f"{RESULT} was changed")
    document, before = read_run(result, name=RESULT), read_pruned(folder)
    going = [by_path[path] for path in removable(document, by_path, protected=protected)]
    gone = set(before.removed) if before and before.manifest == sha256(data) else set()
    return RunToPrune(
        folder=folder,
        document=document,
        manifest=sha256(data),
        removed=tuple(going),
        left=tuple(_unchanged(folder, going, gone)),
        before=before if gone else None,
    )


def _unchanged(folder: Path, entries: Iterable[Entry], gone: Collection[str]) -> Iterator[Path]:
    source = FolderSource(folder)
    for entry in entries:
        if entry.path not in source.names:
            if entry.path not in gone:
                raise _changed(folder, f"{entry.path} is missing")
            continue
        try:
            digest, size = source.digest(entry.path, entry.size)
        except UnreadableError as error:
            raise _changed(folder, str(error)) from None
        if (digest, size) != (entry.sha256, entry.size):
            raise _changed(folder, f"{entry.path} was changed")
        yield folder / entry.path


def _changed(folder: Path, why: str) -> RunUnreadableError:
    return RunUnreadableError(
        f"The run {folder.name} is not as it was written ({why}), so nothing of it is removed.",
        next_step=lambda hints: f"`{hints.command('verify', folder.name)}` says what was changed.",
    )


def freed(files: Iterable[Path], names_gone: Counter[tuple[int, int]]) -> int:
    """Return the bytes that the removal of these files frees: a file goes with the last of its names.

    `names_gone` counts the names that go, by device and number of the file; it may hold what goes before.
    """
    size = 0
    for path in files:
        status = path.stat()
        number = (status.st_dev, status.st_ino)
        names_gone[number] += 1
        if names_gone[number] == status.st_nlink:
            size += status.st_size
    return size


def remove(run: RunToPrune, pictures: Mapping[str, bytes], *, at: str, rule: str) -> None:
    """Write the record and the small pictures, by their paths in the run, then remove what may go.

    Raise StorageError; the folder verifies then too.
    """
    before = run.before
    added = {entry.path: entry for entry in before.added} if before else {}
    for path, data in pictures.items():
        how = "small picture, made when the large ones were removed"
        added[path] = Entry(path=path, sha256=sha256(data), size=len(data), written_at=at, how=how)
    record = Pruned(
        run_id=run.folder.name,
        manifest=run.manifest,
        at=before.at if before else at,
        rule=rule,
        removed=tuple(sorted({*(entry.path for entry in run.removed), *(before.removed if before else ())})),
        added=tuple(added.values()),
    )
    if before is None or replace(record, rule=before.rule) != before:
        write_whole(run.folder / PRUNED, list_file(record))
    for path, data in pictures.items():
        write_whole(run.folder / path, data)
    try:
        for file in run.left:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(run.folder, error) from error
    remove_empty_folders(run.folder, (entry.path for entry in run.removed))


def remove_empty_folders(root: Path, paths: Iterable[str]) -> None:
    """Remove the folders between `root` and these paths below it in which nothing is left."""
    parents = {parent for path in paths for parent in Path(path).parents if parent.name}
    for parent in sorted(parents, key=lambda path: -len(path.parts)):
        with suppress(OSError):  # it is not empty, or gone already
            (root / parent).rmdir()


def main_screenshot(run: RunToPrune, profile: ProfileRecord, viewpoint: str) -> tuple[str, bytes] | None:
    """Return where a profile's small picture goes, and the picture that it is made of, if it is there."""
    left = {path.relative_to(run.folder).as_posix() for path in run.left}
    for page in profile.pages:
        view = page.view(viewpoint)
        if profile.verdict is Verdict.VISIBLE and view is not None and view.screenshot in left:
            name = f"{folder_of(profile)}/{SMALL_PICTURE}"
            return name, read_whole(run.folder / str(view.screenshot))
    return None
