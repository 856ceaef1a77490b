"""`selfcheck verify`: whether this is what the run wrote, and whether the runs before it are as it says."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from selfcheck.artifacts.archive_reader import FolderSource, Source, UnreadableError, ZipSource
from selfcheck.artifacts.chain import chain_links, links_to
from selfcheck.artifacts.manifests import EVIDENCE_SCHEMA, LARGEST_LIST, MANIFEST, SEAL, SUMS
from selfcheck.artifacts.run_reader import find_run
from selfcheck.artifacts.verification import LinkCheck, Problem, ProblemKind, Verification
from selfcheck.errors import ConfigurationError, RunUnreadableError
from selfcheck.evidence import stamps
from selfcheck.evidence.verify import verify_evidence, verify_run
from selfcheck.settings import read_preferences
from selfcheck.storage.data_folder import RESULT, DataFolder

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_ZIP = b"PK"
_TELLING = frozenset({MANIFEST, SEAL, SUMS, RESULT})


def verify(
    target: str,
    data: DataFolder,
    *,
    roots: "Sequence[Certificate]" = (),
    stamp_wanted: bool = False,
    every_run: bool = False,
) -> tuple[Verification, ...]:
    """Return what checking a run (its id or folder) or an evidence.zip found; the first is of the target.

    Of a run the link to it and the links back to the first run are checked too; `every_run` checks the files
    of all those before it.
    `stamp_wanted` takes it for a problem where `roots` confirm no stamp.
    Raises RunUnreadableError where there is nothing to check.
    """
    with suppress(OSError):  # a word that is too long to be a path
        if Path(target).is_file():
            return (_with_stamp(_zip(Path(target), roots), wanted=stamp_wanted),)
    run = find_run(target, data)
    folder = run.resolve()  # so that `.` has a name
    first = _with_stamp(_folder(folder, str(run), roots), wanted=stamp_wanted)
    if first.kind != "run":
        return (first,)
    links = tuple(chain_links(folder))
    every_link = (*links_to(folder), *links)
    broken = (
        Problem(kind=ProblemKind.LINK_BROKEN, path=link.run_id, text=link.text)
        for link in every_link
        if link.holds is False
    )
    not_compared = (link.text for link in every_link if link.holds is None)
    checked = replace(
        first,
        links=every_link,
        problems=(*first.problems, *broken),
        notes=(*first.notes, *not_compared),
    )
    return (checked, *(_earlier(folder.parent, links, roots) if every_run else ()))


def given_roots(files: Sequence[Path]) -> "tuple[Certificate, ...]":
    """Return the certificates of the files that the user gives. Raises UsageError."""
    return tuple(dict.fromkeys(root for file in files for root in stamps.read_roots(file)))


def settings_roots(profiles_file: Path) -> "tuple[tuple[Certificate, ...], str]":
    """Return the certificates that the settings name, and why there are none where they cannot be had."""
    try:
        authorities = read_preferences(profiles_file).evidence.timestamps
    except ConfigurationError as error:
        return (), f"The settings in {profiles_file} were not read: {error.what.removesuffix(':')}."
    files = [authority.roots for authority in authorities if authority.roots is not None]
    if files and not stamps.can_check():
        return (), ""  # each stamp says so itself
    return given_roots(files), ""


def _zip(path: Path, roots: "Sequence[Certificate]") -> Verification:
    try:
        with path.open("rb") as file:
            begins = file.read(len(_ZIP))
    except OSError as error:
        raise RunUnreadableError(f"{path} cannot be read: {error.strerror}.") from None
    if begins != _ZIP:
        raise RunUnreadableError(f"{path} is not a ZIP file.", next_step="Give a run or an evidence.zip.")
    try:
        source = ZipSource(path)
    except UnreadableError as error:
        text = f"{path} is damaged: {error}."
        problem = Problem(kind=ProblemKind.UNREADABLE, path=str(path), text=text)
        return Verification(target=str(path), kind="evidence", runs=(), problems=(problem,))
    try:
        checked = _checked(source, str(path), roots)
    finally:
        source.close()
    if checked.kind == "run":
        note = "The run before it is not in the ZIP, so that link was not compared."
        return replace(checked, notes=(*checked.notes, note))
    return checked


def _folder(path: Path, target: str, roots: "Sequence[Certificate]") -> Verification:
    checked = _checked(FolderSource(path), target, roots)
    if checked.kind == "run" and checked.runs and checked.runs[0] != path.name:
        note = f"The folder is called {path.name}, the run {checked.runs[0]}."
        return replace(checked, notes=(*checked.notes, note))
    return checked


def _checked(source: Source, target: str, roots: "Sequence[Certificate]") -> Verification:
    if not any(name.rpartition("/")[2] in _TELLING for name in source.names):
        raise RunUnreadableError(
            f"{target} contains neither a run nor the evidence of an incident.",
            next_step="Give a run's id or folder, or an evidence.zip.",
        )
    check = verify_evidence if _is_evidence(source) else verify_run
    return check(source, target=target, roots=roots)


def _is_evidence(source: Source) -> bool:
    """Return whether the list says so; where it is damaged or missing, whether the hashes lie beside it."""
    try:
        listed = source.read(MANIFEST, LARGEST_LIST) if MANIFEST in source.names else b""
    except UnreadableError:
        listed = b""
    return EVIDENCE_SCHEMA.encode() in listed[:200] or SUMS in source.names


def _with_stamp(check: Verification, *, wanted: bool) -> Verification:
    """Return what was found; where a stamp is wanted, that no run's is confirmed is a problem of that run."""
    confirmed = {stamp.path.rpartition("/")[0] for stamp in check.stamps if stamp.holds}
    folders = [""] if check.kind == "run" else list(check.runs)
    lacking = [folder for folder in folders if folder not in confirmed] if wanted else []
    problems = (
        Problem(
            kind=ProblemKind.STAMP_WRONG,
            path=folder or check.target,
            text=f"{folder or check.target} has no time stamp that the given certificates confirm.",
        )
        for folder in lacking
    )
    return replace(check, problems=(*check.problems, *problems))


def _earlier(
    runs: Path, links: tuple[LinkCheck, ...], roots: "Sequence[Certificate]"
) -> Iterator[Verification]:
    for link in links:
        folder = runs / link.previous
        if link.holds is not None and folder.is_dir():
            yield _folder(folder, str(folder), roots)
