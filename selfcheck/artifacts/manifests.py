"""The lists of a run's files: what is written, what is read back, and what may be shown to others.

Laws:
1. `manifest.json` lists every file of the run, and names the manifest of the run before it: the chain.
2. Each folder of the run (a profile's, the controls') has a list of its own, `<folder>/manifest.json`, and
   the run's list has its hash: a profile's list can be shown without naming any other profile.
3. `seal.json` holds nothing but hashes: of the run's list and of the folders' lists, in an order that tells
   nothing. It is what an authority stamps, so one stamp covers all, and shows nothing of what it covers.
4. A list is hostile input: a name that leads out of the folder, a name twice, or a number that is none is a
   damaged list, and no file that it names is opened.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import RunUnreadableError
from selfcheck.storage.stored_json import damaged, stored_object

MANIFEST = "manifest.json"
SCHEMA = "selfcheck.manifest/1"
PART_SCHEMA = "selfcheck.part/1"
SEAL = "seal.json"
SEAL_SCHEMA = "selfcheck.seal/1"
STAMP = re.compile(r"seal\.[1-9][0-9]{0,2}\.tsr")
"""The names of an authority's answers: they stamp the seal, so no list can have them."""

EVIDENCE_SCHEMA = "selfcheck.evidence/1"
SUMS = "SHA256SUMS"
"""The same hashes in the form that `sha256sum -c` reads; beside the list of an evidence.zip."""

TIME_SOURCE = "system clock of this computer, in UTC; each look has the server's own Date header beside it"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of the run, as the manifest lists it."""

    path: str  # relative to the run's folder, with forward slashes
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]  # bytes
    written_at: str = ""  # UTC, ends in Z: when what it shows was captured or made
    how: str = ""  # what made it, in words
    viewpoint: str | None = None  # who saw what it shows; None where nobody did


@dataclass(frozen=True, kw_only=True)
class ChainLink:
    """The run before: its id and the SHA-256 of its `manifest.json`."""

    run_id: str
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All files of a run."""

    run_id: str
    files: tuple[Entry, ...]
    previous: ChainLink | None = None  # None: the first run, or an earlier version wrote it
    seal: str | None = None  # the seal's name; None: an earlier version wrote it
    tool: Mapping[str, Any] = field(default_factory=dict)
    time_source: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The files of one folder of a run."""

    run_id: str
    part: str  # the folder's name
    files: tuple[Entry, ...]
    tool: Mapping[str, Any] = field(default_factory=dict)
    time_source: str = ""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The hashes of a run's lists, and nothing else."""

    run_id: str
    manifest: Sha256
    parts: tuple[Sha256, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EvidenceEntry(Entry):
    """One file of an evidence.zip; its path begins with its run's id."""

    origin: Literal["run", "made"] = "run"  # as the run wrote it, or made for the zip


@dataclass(frozen=True, kw_only=True)
class EvidenceRun:
    """A run of which files are in an evidence.zip."""

    run_id: str
    part: str  # the profile's folder
    sealed: bool  # False: an earlier version kept it, without a list of the profile's own files


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A file of the profile that is not in the zip, and why."""

    path: str
    why: str


@dataclass(frozen=True, kw_only=True)
class EvidenceManifest:
    """All files of an evidence.zip."""

    incident: Mapping[str, Any]
    tool: Mapping[str, Any]  # that made the zip; what made each run stands in the run's own list
    runs: tuple[EvidenceRun, ...]
    files: tuple[EvidenceEntry, ...]
    left_out: tuple[LeftOut, ...] = ()


def sha256(data: bytes) -> str:
    """Return the SHA-256 of the bytes in lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the run's list as its file."""
    return _file(SCHEMA, manifest)


def part_bytes(part: Part) -> bytes:
    """Return a folder's list as its file."""
    return _file(PART_SCHEMA, part)


def seal_bytes(run_id: str, manifest: bytes, parts: tuple[Sha256, ...]) -> bytes:
    """Return the seal of these lists as its file; `parts` are the hashes of the folders' lists."""
    return _file(SEAL_SCHEMA, Seal(run_id=run_id, manifest=sha256(manifest), parts=tuple(sorted(parts))))


def evidence_bytes(evidence: EvidenceManifest) -> bytes:
    """Return the list of an evidence.zip as its file."""
    return _file(EVIDENCE_SCHEMA, evidence)


def sums(entries: Iterable[Entry], manifest: bytes) -> bytes:
    """Return the hashes as `sha256sum -c` reads them, the list's own among them."""
    rows = {entry.path: entry.sha256 for entry in entries}
    rows[MANIFEST] = sha256(manifest)
    return "".join(f"{rows[path]}  {path}\n" for path in sorted(rows)).encode()


def read_manifest(data: bytes, *, name: str) -> Manifest:
    """Return a run's list; `name` is how messages call it. Raises RunUnreadableError."""
    manifest = _read(data, SCHEMA, _manifest_form(), name=name)
    _check_paths(manifest.files, name=name)
    return manifest


def read_part(data: bytes, *, name: str) -> Part:
    """Return a folder's list. Raises RunUnreadableError."""
    part = _read(data, PART_SCHEMA, _part_form(), name=name)
    _check_paths(part.files, name=name)
    return part


def read_evidence(data: bytes, *, name: str) -> EvidenceManifest:
    """Return the list of an evidence.zip. Raises RunUnreadableError."""
    evidence = _read(data, EVIDENCE_SCHEMA, _evidence_form(), name=name)
    _check_paths(evidence.files, name=name)
    for run in evidence.runs:
        if not is_safe_name(run.run_id) or not is_safe_name(run.part):
            raise RunUnreadableError(f"{name} is damaged: {run.run_id!r} is no run.")
    return evidence


def read_seal(data: bytes, *, name: str) -> Seal:
    """Return a run's seal. Raises RunUnreadableError."""
    return _read(data, SEAL_SCHEMA, _seal_form(), name=name)


def is_safe_path(path: str) -> bool:
    """Return whether the path stays within its folder and can be there on every system."""
    return all(is_safe_name(part) for part in path.split("/"))


def _file(schema: str, value: Any) -> bytes:
    document = {"schema": schema, **asdict(value)}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _read(data: bytes, schema: str, form: TypeAdapter[_T], *, name: str) -> _T:
    document = stored_object(data, schema, name=name)
    try:
        return form.validate_python(document)
    except ValidationError as error:
        raise damaged(name, error) from None


@cache
def _manifest_form() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)


@cache
def _part_form() -> TypeAdapter[Part]:
    return TypeAdapter(Part)


@cache
def _seal_form() -> TypeAdapter[Seal]:
    return TypeAdapter(Seal)


@cache
def _evidence_form() -> TypeAdapter[EvidenceManifest]:
    return TypeAdapter(EvidenceManifest)


def _check_paths(files: Iterable[Entry], *, name: str) -> None:
    seen: set[str] = set()
    for entry in files:
        if not is_safe_path(entry.path):
            raise RunUnreadableError(f"{name} is damaged: {entry.path!r} is no name of a run's file.")
        if entry.path.casefold() in seen:
            raise RunUnreadableError(f"{name} is damaged: it lists {entry.path} twice.")
        seen.add(entry.path.casefold())
