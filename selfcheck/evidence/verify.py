"""Checks a run, or an evidence.zip, against its own lists: offline, and without believing any of them.

Laws:
1. Each problem names one file, or one link, and what is wrong with it.
2. A file that a system leaves in every folder that is opened (`.DS_Store`) is a note, not a problem.
3. A damaged list is the problem; nothing that it names is believed then.
4. A file that a rule removed is a note where the run's record names it and the rule may remove it; any other
   that is gone is missing.
5. What cannot be checked is a note. That a run of an earlier version has no seal is a note too.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from selfcheck.artifacts.archive_reader import Source, UnreadableError
from selfcheck.artifacts.manifests import (
    LARGEST_LIST,
    MANIFEST,
    PRUNED,
    SEAL,
    STAMP,
    SUMS,
    Entry,
    EvidenceEntry,
    EvidenceManifest,
    EvidenceRun,
    List,
    Manifest,
    Part,
    Pruned,
    Seal,
    read_list,
    sha256,
    sums,
)
from selfcheck.artifacts.pruning import in_words, removable
from selfcheck.artifacts.verification import Problem, ProblemKind, StampCheck, Verification
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence import stamps
from selfcheck.storage.data_folder import RESULT
from selfcheck.storage.stored_json import read_run

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_L = TypeVar("_L", bound=List)
_LEFT_BY_SYSTEMS = re.compile(r"(?:.*/)?(?:\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.[0-9a-f]{12}\.part)")
_MADE_FOR_THE_ZIP = re.compile(
    r"README\.txt|[^/]+/(?:.+/)?anonymous\.headers\.txt|[^/]+/[^/]+/(?:anonymous\.wacz|run\.json)"
)


def verify_run(source: Source, *, target: str, roots: "Sequence[Certificate]" = ()) -> Verification:
    """Return what is wrong with a run's files, lists and stamps. Links are checked by `chain_links`."""
    return _RunCheck(source, target, roots).checked()


def verify_evidence(source: Source, *, target: str, roots: "Sequence[Certificate]" = ()) -> Verification:
    """Return what is wrong with the files of an evidence.zip, and whether they are those of its runs."""
    return _EvidenceCheck(source, target, roots).checked()


class _Check(ABC):
    """What both checks share: comparing files with a list, and what was found."""

    kind = ""

    def __init__(self, source: Source, target: str, roots: "Sequence[Certificate]") -> None:
        self._source = source
        self._target = target
        self._roots = roots
        self._problems: list[Problem] = list(source.problems)
        self._notes: list[str] = []
        self._stamps: list[StampCheck] = []
        self._runs: tuple[str, ...] = ()
        self._files = 0
        self._pruned: tuple[str, ...] = ()

    def checked(self) -> Verification:
        """Return all that was found."""
        self._check()
        return Verification(
            target=self._target,
            kind=self.kind,
            runs=self._runs,
            files=self._files,
            pruned=self._pruned,
            problems=tuple(dict.fromkeys(self._problems)),
            notes=tuple(self._notes),
            stamps=tuple(self._stamps),
        )

    @abstractmethod
    def _check(self) -> None:
        """Find what there is to find."""

    def _wrong(self, kind: ProblemKind, path: str, text: str) -> None:
        self._problems.append(Problem(kind=kind, path=path, text=text))

    def _bytes(self, name: str, most: int = LARGEST_LIST) -> bytes | None:
        """Return a file's bytes; None, and a problem, where it cannot be read."""
        if name not in self._source.names:
            unfinished = self.kind == "run" and name == MANIFEST
            why = ": the run was not finished, or its list was lost" if unfinished else ""
            self._wrong(ProblemKind.MISSING, name, f"{name} is missing{why}.")
            return None
        try:
            return self._source.read(name, most)
        except UnreadableError as error:
            self._wrong(ProblemKind.UNREADABLE, name, f"{name} cannot be read: {error}.")
            return None

    def _list(self, form: type[_L], name: str) -> tuple[bytes, _L] | None:
        """Return a list with its bytes; None, and a problem, where it is missing or damaged."""
        data = self._bytes(name)
        if data is None:
            return None
        try:
            return data, read_list(form, data, name=name)
        except RunUnreadableError as error:
            self._wrong(ProblemKind.LIST_DAMAGED, name, f"{error.what} {error.cause}".strip())
            return None

    def _compare(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._files += 1
            self._compare_one(entry)

    def _compare_one(self, entry: Entry) -> None:
        name = entry.path
        if name not in self._source.names:
            self._wrong(ProblemKind.MISSING, name, f"{name} is missing.")
            return
        try:
            digest, size = self._source.digest(name, entry.size)
            whole = self._source.size(name) if size > entry.size else size
        except UnreadableError as error:
            self._wrong(ProblemKind.UNREADABLE, name, f"{name} cannot be read: {error}.")
            return
        if size != entry.size:
            text = f"{name} was changed: it has {whole:,} bytes and had {entry.size:,}."
            self._wrong(ProblemKind.WRONG_SIZE, name, text)
        elif digest != entry.sha256:
            self._wrong(ProblemKind.CHANGED, name, f"{name} was changed: its SHA-256 is different.")

    def _report_unlisted(self, listed: set[str]) -> None:
        for name in sorted(self._source.names - listed):
            if _LEFT_BY_SYSTEMS.fullmatch(name):
                self._notes.append(f"{name} is not a file of the run; the system left it there.")
            else:
                self._wrong(ProblemKind.EXTRA, name, f"{name} was added: no list names it.")

    def _check_stamps(self, folder: str, sealed: bytes) -> None:
        names = [name for name in self._source.names if STAMP.fullmatch(name.removeprefix(folder))]
        for name in sorted(names):
            token = self._bytes(name, stamps.LARGEST)
            if token is None:
                continue
            stamp = stamps.check_stamp(name, token, sealed, self._roots)
            self._stamps.append(stamp)
            if stamp.holds is False:
                self._wrong(ProblemKind.STAMP_WRONG, name, f"The stamp {name} is wrong: {stamp.text}.")


class _RunCheck(_Check):
    kind = "run"

    def _check(self) -> None:
        listed = self._list(Manifest, MANIFEST)
        if listed is None:
            return
        data, manifest = listed
        self._runs = (manifest.run_id,)
        record = self._record(data, manifest)
        removed = set(record.removed) if record else set()
        self._pruned = tuple(sorted(removed - self._source.names))
        self._compare(entry for entry in manifest.files if entry.path not in self._pruned)
        added = record.added if record else ()
        stamp_names = {name for name in self._source.names if STAMP.fullmatch(name)}
        listed_names = {entry.path for entry in (*manifest.files, *added)}
        self._report_unlisted({MANIFEST, SEAL, PRUNED, *stamp_names, *listed_names})
        if manifest.seal is None:
            self._notes.append("An earlier version kept this run: it has no seal, so none was checked.")
        else:
            self._check_seal(data, manifest)

    def _record(self, data: bytes, manifest: Manifest) -> Pruned | None:
        """Return the record of what a rule removed; None, and a problem, where it cannot be believed."""
        listed = self._list(Pruned, PRUNED) if PRUNED in self._source.names else None
        if listed is None:
            return None
        record = listed[1]
        if (record.manifest, record.run_id) != (sha256(data), manifest.run_id):
            self._wrong(ProblemKind.LIST_DAMAGED, PRUNED, f"{PRUNED} is the record of another run.")
            return None
        paths = [entry.path for entry in manifest.files]
        try:
            may_go = set(removable(read_run(self._bytes(RESULT) or b"", name=RESULT), paths))
        except RunUnreadableError:
            may_go = set()
        if not may_go.issuperset(record.removed):
            kept = min(set(record.removed) - may_go)
            text = f"{PRUNED} says that {kept} was removed by rule, but no rule removes that file."
            self._wrong(ProblemKind.LIST_DAMAGED, PRUNED, text)
            return None
        unfinished = self._source.names.intersection(record.removed)
        # Killed before the small picture was written, all that it would be made of is still there.
        lacking = [] if unfinished else [*record.added]
        self._compare(entry for entry in record.added if entry in lacking or entry.path in self._source.names)
        self._notes.append(in_words(record))
        if unfinished:
            self._notes.append("The removal was cut short; the next one goes on with it.")
        return record

    def _check_seal(self, data: bytes, manifest: Manifest) -> None:
        listed = self._list(Seal, SEAL)
        if listed is None:
            return
        sealed, seal = listed
        parts = [entry.sha256 for entry in manifest.files if re.fullmatch(rf"[^/]+/{MANIFEST}", entry.path)]
        if seal.manifest != sha256(data) or seal.run_id != manifest.run_id:
            self._wrong(ProblemKind.LIST_DAMAGED, MANIFEST, f"{MANIFEST} was changed after it was sealed.")
        elif sorted(seal.parts) != sorted(parts):
            self._wrong(
                ProblemKind.LIST_DAMAGED, SEAL, f"{SEAL} was not made of the lists that {MANIFEST} names."
            )
        self._check_stamps("", sealed)


class _EvidenceCheck(_Check):
    kind = "evidence"

    def _check(self) -> None:
        listed = self._list(EvidenceManifest, MANIFEST)
        if listed is None:
            return
        data, evidence = listed
        self._runs = tuple(run.run_id for run in evidence.runs)
        self._compare(evidence.files)
        self._report_unlisted({MANIFEST, SUMS, *(entry.path for entry in evidence.files)})
        hashes = self._bytes(SUMS)
        if hashes is not None and hashes != sums(evidence.files, data):
            self._wrong(ProblemKind.CHANGED, SUMS, f"{SUMS} was changed: it does not match {MANIFEST}.")
        for run in evidence.runs:
            self._check_run(run, evidence)
        self._check_origins(evidence)

    def _check_run(self, run: EvidenceRun, evidence: EvidenceManifest) -> None:
        """Compare the files of a run with the list that the run itself made of them."""
        if not run.sealed:
            self._notes.append(
                f"An earlier version kept the run {run.run_id}: its own list cannot be compared."
            )
            return
        listed = self._files_of(run)
        for entry in evidence.files:
            path = entry.path.removeprefix(f"{run.run_id}/")
            if path == entry.path or entry.origin == "made" or listed is None:
                continue
            if path not in {SEAL, f"{run.part}/{MANIFEST}"} and not STAMP.fullmatch(path):
                self._compare_with_run(entry, listed.get(path))

    def _compare_with_run(self, entry: EvidenceEntry, original: Entry | None) -> None:
        if original is None:
            text = f"{entry.path} is not a file of the run that it claims to be of."
            self._wrong(ProblemKind.EXTRA, entry.path, text)
        elif original.sha256 != entry.sha256:
            text = f"{entry.path} is not as the run kept it: the run's own list has another SHA-256."
            self._wrong(ProblemKind.CHANGED, entry.path, text)

    def _files_of(self, run: EvidenceRun) -> Mapping[str, Entry] | None:
        """Return the files that the run listed of the profile, by path; None where its lists do not hold."""
        name, seal_name = f"{run.run_id}/{run.part}/{MANIFEST}", f"{run.run_id}/{SEAL}"
        listed, seals = self._list(Part, name), self._list(Seal, seal_name)
        if seals is not None:
            self._check_stamps(f"{run.run_id}/", seals[0])
        if listed is None or seals is None:
            return None
        (data, part), (_, seal) = listed, seals
        if sha256(data) not in seal.parts or {part.run_id, seal.run_id} != {run.run_id}:
            text = f"{name} is not the list that {seal_name} was made of."
            self._wrong(ProblemKind.LIST_DAMAGED, name, text)
            return None
        return {entry.path: entry for entry in part.files}

    def _check_origins(self, evidence: EvidenceManifest) -> None:
        """Report files that claim to be made for the zip, or of a run that it does not have, and are not."""
        runs = {run.run_id for run in evidence.runs}
        for entry in evidence.files:
            if entry.origin == "made" and not _MADE_FOR_THE_ZIP.fullmatch(entry.path):
                text = (
                    f"{entry.path} claims to be a file that is made for the ZIP, but there is no such file."
                )
                self._wrong(ProblemKind.EXTRA, entry.path, text)
            elif entry.origin == "run" and entry.path.partition("/")[0] not in runs:
                text = f"{entry.path} does not belong to a run that the ZIP names."
                self._wrong(ProblemKind.EXTRA, entry.path, text)
