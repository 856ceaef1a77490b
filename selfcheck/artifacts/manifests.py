"""The lists of a run's files: what is written, what is read back, and what may be shown to others.

Laws:
1. `manifest.json` lists every file of the run, and names the manifest of the run before it: the chain.
2. Each folder of the run (a profile's, the controls') has a list of its own, `<folder>/manifest.json`, and
   the run's list has its hash: a profile's list can be shown without naming any other profile.
3. `seal.json` holds nothing but hashes: of the run's list and of the folders' lists, in an order that tells
   nothing. It is what an authority stamps, so one stamp covers all, and shows nothing of what it covers.
4. `pruned.json` says which files a rule removed later. It changes no list, so the chain and the seal hold,
   and the hashes of what is gone stay; what it may name is decided in `pruning`.
5. A list is hostile input: one with a name that leads out of the folder, a name twice, or a negative size is
   damaged, and no file that it names is opened.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import RunUnreadableError
from selfcheck.storage.files import read_plain
from selfcheck.storage.stored_json import read_stored

MANIFEST = "manifest.json"
SCHEMA = "selfcheck.manifest/1"
PART_SCHEMA = "selfcheck.part/1"
SEAL = "seal.json"
SEAL_SCHEMA = "selfcheck.seal/1"
STAMP = re.compile(r"seal\.[1-9][0-9]{0,2}\.tsr")
"""The names of an authority's answers: they stamp the seal, so no list can have them."""

PRUNED = "pruned.json"
PRUNED_SCHEMA = "selfcheck.pruned/1"
EVIDENCE_SCHEMA = "selfcheck.evidence/1"
SUMS = "SHA256SUMS"
"""The same hashes in the form that `sha256sum -c` reads; beside the list of an evidence.zip."""

TIME_SOURCE = "system clock of this computer, in UTC; each look has the server's own Date header beside it"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
LARGEST_LIST = 50_000_000  # bytes


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of the run, as the manifest lists it."""

    path: str  # relative to the run's folder, with forward slashes
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]  # bytes
    written_at: str = ""  # UTC, ends in Z: when what it shows was captured or made
    how: str = ""  # what made it, in words
    viewpoint: str | None = None  # who saw what it shows; None: it is not a view


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
    tool: Mapping[str, object] = field(default_factory=dict)
    time_source: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The files of one folder of a run."""

    run_id: str
    part: str  # the folder's name
    files: tuple[Entry, ...]
    tool: Mapping[str, object] = field(default_factory=dict)
    time_source: str = ""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The hashes of a run's lists, and nothing else."""

    run_id: str
    manifest: Sha256
    parts: tuple[Sha256, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What a rule removed of a run, and what it put in its place; the hashes stay in the run's manifest."""

    run_id: str
    manifest: Sha256  # of the run's list, so that the record is of this run and no other
    at: str  # UTC, ends in Z
    rule: str  # in words
    removed: tuple[str, ...]  # paths that the manifest lists; some may still be there after a kill
    added: tuple[Entry, ...] = ()  # small pictures, made then


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

    incident: Mapping[str, object]
    tool: Mapping[str, object]  # that made the zip; what made each run stands in the run's own list
    runs: tuple[EvidenceRun, ...]
    files: tuple[EvidenceEntry, ...]
    left_out: tuple[LeftOut, ...] = ()


def sha256(data: bytes) -> str:
    """Return the SHA-256 of the bytes in lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


List = Manifest | Part | Seal | Pruned | EvidenceManifest
_L = TypeVar("_L", bound=List)
_SCHEMAS: Mapping[type, str] = {
    Manifest: SCHEMA,
    Part: PART_SCHEMA,
    Seal: SEAL_SCHEMA,
    Pruned: PRUNED_SCHEMA,
    EvidenceManifest: EVIDENCE_SCHEMA,
}


def list_file(content: List) -> bytes:
    """Return a list, or a seal, as its file."""
    document = {"schema": _SCHEMAS[type(content)], **asdict(content)}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def read_list(form: type[_L], data: bytes, *, name: str) -> _L:
    """Return a list, or a seal, from its file; `name` is how messages call it. Raises RunUnreadableError."""
    content = read_stored(form, data, _SCHEMAS[form], name=name)
    names: set[str] = set()
    if isinstance(content, Pruned) and not all(map(is_safe_path, content.removed)):
        raise RunUnreadableError(f"{name} is damaged: it names a path that is not a run's.")
    for entry in _entries(content):
        if not is_safe_path(entry.path):
            raise RunUnreadableError(f"{name} is damaged: {entry.path!r} is not a name of a run's file.")
        if entry.path.casefold() in names:
            raise RunUnreadableError(f"{name} is damaged: it lists {entry.path} twice.")
        names.add(entry.path.casefold())
    for run in content.runs if isinstance(content, EvidenceManifest) else ():
        if not is_safe_name(run.run_id) or not is_safe_name(run.part):
            raise RunUnreadableError(f"{name} is damaged: {run.run_id!r} is not a run.")
    return content


def _entries(content: List) -> tuple[Entry, ...]:
    match content:
        case Seal():
            return ()
        case Pruned():
            return content.added
    return content.files


def list_bytes(path: Path) -> bytes:
    """Return the bytes of a list's file. Raises OSError, also where it is a link or too large to be one."""
    return read_plain(path.parent, path.name, LARGEST_LIST)


def sums(entries: Iterable[Entry], manifest: bytes) -> bytes:
    """Return the hashes as `sha256sum -c` reads them, the list's own among them."""
    rows = {entry.path: entry.sha256 for entry in entries}
    rows[MANIFEST] = sha256(manifest)
    return "".join(f"{rows[path]}  {path}\n" for path in sorted(rows)).encode()


def is_safe_path(path: str) -> bool:
    """Return whether the path stays within its folder and can be there on every system."""
    return all(is_safe_name(part) for part in path.split("/"))
