"""Checks a run, or an evidence.zip, against its own lists: offline, and without believing any of them.

Laws:
1. Each problem names one file, or one link, and what is wrong with it.
2. What a computer leaves in every folder that is opened (`.DS_Store`) is noted, and is no problem.
3. A list that is damaged is the problem; nothing that it names is believed then.
4. What cannot be checked is a note. That a run of an earlier version has no seal is a note too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from selfcheck.artifacts.archive_reader import Source, UnreadableError
from selfcheck.artifacts.chain import LARGEST_LIST
from selfcheck.artifacts.manifests import (
    MANIFEST,
    SEAL,
    STAMP,
    SUMS,
    Entry,
    EvidenceEntry,
    EvidenceManifest,
    EvidenceRun,
    Manifest,
    Seal,
    read_evidence,
    read_manifest,
    read_part,
    read_seal,
    sha256,
    sums,
)
from selfcheck.artifacts.verification import Problem, ProblemKind, StampCheck, Verification
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence import stamps

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_LEFT_BY_SYSTEMS = re.compile(r"(?:.*/)?(?:\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.[0-9a-f]{12}\.part)")
_MADE_FOR_THE_ZIP = re.compile(
    r"README\.txt|[^/]+/(?:.+/)?anonymous\.headers\.txt|[^/]+/[^/]+/(?:anonymous\.wacz|run\.json)"
)


def verify_run(source: Source, *, target: str, roots: "Sequence[Certificate]" = ()) -> Verification:
    """Return what is wrong with a run's files, lists and stamps. Links are checked by `chain_links`."""
    return _Run(source, target, roots).checked()


def verify_evidence(source: Source, *, target: str, roots: "Sequence[Certificate]" = ()) -> Verification:
    """Return what is wrong with the files of an evidence.zip, and whether they are those of its runs."""
    return _Evidence(source, target, roots).checked()


class _Check:
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

    def checked(self) -> Verification:
        """Return all that was found."""
        self._check()
        return Verification(
            target=self._target,
            kind=self.kind,
            runs=self._runs,
            files=self._files,
            problems=tuple(dict.fromkeys(self._problems)),
            notes=tuple(self._notes),
            stamps=tuple(self._stamps),
        )

    def _check(self) -> None:
        raise NotImplementedError

    def _wrong(self, kind: ProblemKind, path: str, text: str) -> None:
        self._problems.append(Problem(kind=kind, path=path, text=text))

    def _list(self, name: str) -> bytes | None:
        """Return a list's bytes; None, and say so, where it cannot be read."""
        if name not in self._source.names:
            unfinished = self.kind == "run" and name == MANIFEST
            why = ": the run was not finished, or its list was lost" if unfinished else ""
            self._wrong(ProblemKind.MISSING, name, f"{name} is missing{why}.")
            return None
        try:
            return self._source.read(name, LARGEST_LIST)
        except UnreadableError as error:
            self._wrong(ProblemKind.UNREADABLE, name, f"{name} cannot be read: {error}.")
            return None

    def _damaged(self, name: str, error: RunUnreadableError) -> None:
        self._wrong(ProblemKind.LIST_DAMAGED, name, f"{error.what} {error.cause}".strip())

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
            self._wrong(ProblemKind.CHANGED, name, f"{name} was changed: its SHA-256 is another.")

    def _look_for_more(self, listed: set[str]) -> None:
        """Tell what no list names."""
        for name in sorted(self._source.names - listed):
            if _LEFT_BY_SYSTEMS.fullmatch(name):
                self._notes.append(f"{name} is no file of the run; the system left it there.")
            else:
                self._wrong(ProblemKind.EXTRA, name, f"{name} was added: no list names it.")

    def _seal(self, name: str) -> tuple[bytes, Seal] | None:
        data = self._list(name)
        if data is None:
            return None
        try:
            return data, read_seal(data, name=name)
        except RunUnreadableError as error:
            self._damaged(name, error)
            return None

    def _check_stamps(self, folder: str, sealed: bytes) -> None:
        names = [one for one in self._source.names if STAMP.fullmatch(one.removeprefix(folder))]
        for name in sorted(names):
            token = self._token(name)
            found = stamps.check_stamp(name, token, sealed, self._roots) if token is not None else None
            self._stamps += [found] if found else []
            if found and found.holds is False:
                self._wrong(ProblemKind.STAMP_WRONG, name, f"The stamp {name} is wrong: {found.text}.")

    def _token(self, name: str) -> bytes | None:
        try:
            return self._source.read(name, stamps.LARGEST)
        except UnreadableError as error:
            self._wrong(ProblemKind.UNREADABLE, name, f"{name} cannot be read: {error}.")
            return None


class _Run(_Check):
    kind = "run"

    def _check(self) -> None:
        data = self._list(MANIFEST)
        try:
            manifest = read_manifest(data, name=MANIFEST) if data is not None else None
        except RunUnreadableError as error:
            self._damaged(MANIFEST, error)
            return
        if data is None or manifest is None:
            return
        self._runs = (manifest.run_id,)
        self._compare(manifest.files)
        stamps_there = {one for one in self._source.names if STAMP.fullmatch(one)}
        self._look_for_more({MANIFEST, SEAL, *stamps_there, *(one.path for one in manifest.files)})
        if manifest.seal is None:
            self._notes.append("An earlier version kept this run: it has no seal, so none was checked.")
        else:
            self._check_seal(data, manifest)

    def _check_seal(self, data: bytes, manifest: Manifest) -> None:
        found = self._seal(SEAL)
        if found is None:
            return
        sealed, seal = found
        parts = {
            one.path: one.sha256 for one in manifest.files if re.fullmatch(rf"[^/]+/{MANIFEST}", one.path)
        }
        if seal.manifest != sha256(data) or seal.run_id != manifest.run_id:
            self._wrong(ProblemKind.LIST_DAMAGED, MANIFEST, f"{MANIFEST} was changed after it was sealed.")
        elif sorted(seal.parts) != sorted(parts.values()):
            self._wrong(ProblemKind.LIST_DAMAGED, SEAL, f"{SEAL} is not of the lists that {MANIFEST} names.")
        self._check_stamps("", sealed)


class _Evidence(_Check):
    kind = "evidence"

    def _check(self) -> None:
        data = self._list(MANIFEST)
        try:
            evidence = read_evidence(data, name=MANIFEST) if data is not None else None
        except RunUnreadableError as error:
            self._damaged(MANIFEST, error)
            return
        if data is None or evidence is None:
            return
        self._runs = tuple(run.run_id for run in evidence.runs)
        self._compare(evidence.files)
        self._look_for_more({MANIFEST, SUMS, *(one.path for one in evidence.files)})
        self._check_sums(evidence, data)
        for run in evidence.runs:
            self._check_run(run, evidence)
        self._check_origins(evidence)

    def _check_sums(self, evidence: EvidenceManifest, data: bytes) -> None:
        found = self._list(SUMS)
        if found is not None and found != sums(evidence.files, data):
            self._wrong(ProblemKind.CHANGED, SUMS, f"{SUMS} was changed: it is not as {MANIFEST} has it.")

    def _check_run(self, run: EvidenceRun, evidence: EvidenceManifest) -> None:
        """Hold the files of a run against the list that the run itself made of them."""
        if not run.sealed:
            self._notes.append(
                f"An earlier version kept the run {run.run_id}: its own list cannot be compared."
            )
            return
        listed = self._listed(run)
        for entry in evidence.files:
            path = entry.path.removeprefix(f"{run.run_id}/")
            if path == entry.path or entry.origin == "made" or listed is None:
                continue
            if path not in {SEAL, f"{run.part}/{MANIFEST}"} and not STAMP.fullmatch(path):
                self._compare_with_run(entry, listed.get(path))

    def _compare_with_run(self, entry: EvidenceEntry, original: Entry | None) -> None:
        if original is None:
            self._wrong(
                ProblemKind.EXTRA, entry.path, f"{entry.path} is no file of the run that it is said to be of."
            )
        elif original.sha256 != entry.sha256:
            text = f"{entry.path} is not as the run kept it: the run's own list has another SHA-256."
            self._wrong(ProblemKind.CHANGED, entry.path, text)

    def _listed(self, run: EvidenceRun) -> Mapping[str, Entry] | None:
        """Return the files that the run listed of the profile, by path; None where its lists do not hold."""
        name, seal_name = f"{run.run_id}/{run.part}/{MANIFEST}", f"{run.run_id}/{SEAL}"
        data, found = self._list(name), self._seal(seal_name)
        if data is None or found is None:
            return None
        sealed, seal = found
        self._check_stamps(f"{run.run_id}/", sealed)
        try:
            part = read_part(data, name=name)
        except RunUnreadableError as error:
            self._damaged(name, error)
            return None
        if sha256(data) not in seal.parts or {part.run_id, seal.run_id} != {run.run_id}:
            self._wrong(
                ProblemKind.LIST_DAMAGED, name, f"{name} is not the list that {seal_name} was made of."
            )
            return None
        return {one.path: one for one in part.files}

    def _check_origins(self, evidence: EvidenceManifest) -> None:
        """Tell files that claim to be made for the zip, or of a run that it does not have, and are not."""
        runs = {run.run_id for run in evidence.runs}
        for entry in evidence.files:
            if entry.origin == "made" and not _MADE_FOR_THE_ZIP.fullmatch(entry.path):
                text = f"{entry.path} says that it was made for the ZIP; no such file is."
                self._wrong(ProblemKind.EXTRA, entry.path, text)
            elif entry.origin == "run" and entry.path.partition("/")[0] not in runs:
                self._wrong(ProblemKind.EXTRA, entry.path, f"{entry.path} is of no run that the ZIP names.")
