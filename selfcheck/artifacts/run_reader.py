"""Reads a stored run: its result, the evidence of each profile, and the looks with what they received.

Laws:
1. Nothing is written, and nothing outside the run's folder is read, whatever its files say.
2. The result and the evidence must be whole: a damaged or missing one is an error that names the file. A look
   that cannot be read is told, and what was read from it at the time of the run stands.
3. Only strangers' looks hold pages; the author's are told by the evidence alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from selfcheck.artifacts.case_files import (
    CASE_FILE,
    LOOK_SCHEMA,
    StoredCase,
    read_case,
)
from selfcheck.artifacts.manifests import MANIFEST
from selfcheck.artifacts.manifests import SCHEMA as MANIFEST_SCHEMA
from selfcheck.core.capture import Capture, Failure, JsonResponse, Redirect
from selfcheck.core.enums import ANONYMOUS, PageKind, Purpose
from selfcheck.core.page_request import PageRequest
from selfcheck.core.run_document import ProfileRecord, RunDocument
from selfcheck.core.safe_filename import is_safe_name, safe_name
from selfcheck.errors import RunUnreadableError
from selfcheck.platforms.saved_pages import visible_text
from selfcheck.storage.files import is_there, unreadable
from selfcheck.storage.stored_json import damaged, read_run, stored_object

RESULT = "run.json"
_LOOK = ".look.json"
_BODIES = ("html", "xml", "json", "txt")
"""How the file of a document may end, which lies beside its look."""


@dataclass(frozen=True, kw_only=True)
class _LookFile:
    """The fields of `<viewpoint>.look.json`; all that later versions add has a default."""

    url: str
    kind: PageKind
    viewpoint: str
    started_at: datetime
    finished_at: datetime
    purpose: Purpose = Purpose.PAGE
    failure: Failure | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""
    redirects: tuple[Redirect, ...] = ()
    final_url: str = ""
    title: str = ""
    robots_meta: str | None = None
    canonical: str | None = None
    truncated: bool = False
    text: str | None = None  # None: not kept, or the body itself
    json_responses: tuple[JsonResponse, ...] = ()


def find_run(run: str, data_dir: Path) -> Path:
    """Return the folder of a run that is given by its id, a unique beginning of it, or its folder.

    Raises RunUnreadableError that names the runs that there are, and StorageError where they cannot be read.
    """
    runs = data_dir / "runs"
    ids = _run_ids(runs)
    if is_safe_name(run) and (known := [one for one in ids if one == run or one.startswith(run)]):
        if run in known or len(known) == 1:
            return runs / (run if run in known else known[0])
        raise RunUnreadableError(f"{run} may be any of {len(known)} runs: {', '.join(sorted(known)[:5])}.")
    if Path(run).is_dir():
        return Path(run)
    there = f"The latest are {', '.join(ids[:3])}." if ids else f"There are no runs in {data_dir}."
    raise RunUnreadableError(
        f"There is no run {run}.", cause=there, next_step="Give a run's id or its folder; --data names where."
    )


def _run_ids(runs: Path) -> list[str]:
    """Return the ids of the runs in this folder, the latest first."""
    if not is_there(runs):
        return []
    try:
        return sorted((one.name for one in runs.iterdir() if one.is_dir()), reverse=True)
    except NotADirectoryError:
        return []
    except OSError as error:
        raise unreadable(runs, error) from error


class StoredRun:
    """A run's folder, opened for reading."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def result(self) -> RunDocument:
        """The run's result. Raises RunUnreadableError."""
        path = self.path / RESULT
        return read_run(_read(path), name=str(path))

    def case(self, profile: ProfileRecord) -> StoredCase:
        """Return the evidence of a profile. Raises RunUnreadableError."""
        folder = profile.pages[0].folder.split("/")[0] if profile.pages else ""
        path = self.path / (folder if is_safe_name(folder) else safe_name(profile.name)) / CASE_FILE
        return read_case(_read(path), name=str(path))

    @property
    def looks(self) -> tuple[Capture, ...]:
        """The strangers' looks with what they received; each visit has the folder of its files, no handle."""
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
                troubles.append(f"{error.what} What was read from it then stands.")
        return tuple(looks), tuple(troubles)

    def _look(self, path: Path) -> Capture:
        name = str(path.relative_to(self.path))
        document = stored_object(_read(path), LOOK_SCHEMA, name=name, assumed=LOOK_SCHEMA)
        try:
            look = _look_form().validate_python(document)
        except ValidationError as error:
            raise damaged(name, error) from None
        folder = path.parent.relative_to(self.path).as_posix()
        return _capture(look, folder, self._body(path, folder))

    def _body(self, path: Path, folder: str) -> str:
        """Return the document that the look received; "" where it received none."""
        stem = path.name.removesuffix(_LOOK)
        beside = [path.with_name(f"{stem}.{ending}") for ending in _BODIES]
        there = next((one for one in beside if one.is_file()), None)
        if there is not None:
            return _read(there).decode("utf-8", "replace")
        lost = next((one for one in beside if f"{folder}/{one.name}" in self._listed), None)
        if lost is not None:
            raise RunUnreadableError(f"{folder}/{lost.name} is missing.")
        return ""

    @cached_property
    def _listed(self) -> frozenset[str]:
        """The paths that the manifest lists; none where there is no manifest that can be read."""
        try:
            document = stored_object(
                _read(self.path / MANIFEST), MANIFEST_SCHEMA, name=str(self.path / MANIFEST)
            )
        except RunUnreadableError:
            return frozenset()
        files = document.get("files")
        entries = files if isinstance(files, list) else []
        return frozenset(str(one.get("path")) for one in entries if isinstance(one, dict))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RunUnreadableError(
            f"{path} is missing.", cause="It is no folder of a run, or a part of it was lost."
        ) from None
    except OSError as error:
        raise RunUnreadableError(f"{path} cannot be read: {error.strerror}.") from None


def _capture(look: _LookFile, folder: str, body: str) -> Capture:
    visit = PageRequest(
        profile="",
        kind=look.kind,
        url=look.url,
        viewpoints=(look.viewpoint,),
        folder=folder,
        purpose=look.purpose,
    )
    received = {name: getattr(look, name) for name in _RECEIVED}
    return Capture(visit=visit, html=body, text=_text(look, body), **received)


_RECEIVED = tuple(one.name for one in fields(_LookFile) if one.name not in {"url", "kind", "purpose", "text"})


def _text(look: _LookFile, body: str) -> str:
    """Return what a person could read: as it was kept, else as the document's HTML tells."""
    if look.text is not None:
        return look.text
    return visible_text(body) if look.content_type == "text/html" else body


@cache
def _look_form() -> TypeAdapter[_LookFile]:
    return TypeAdapter(_LookFile)
