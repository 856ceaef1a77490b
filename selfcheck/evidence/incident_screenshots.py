"""The pictures of an incident, from the folders of its runs, made small for the report over time.

Laws:
1. Only what lies within a run's folder is read, whatever its `run.json` says.
2. For a public report only pictures of the public view are opened.
3. A picture that is not there is told, with the reason.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from selfcheck.core.account_report import SitePicture
from selfcheck.core.enums import ANONYMOUS, BAD, PageKind, Verdict
from selfcheck.core.incident import Incident
from selfcheck.core.labels import KIND_WORD, VERDICT_WORD
from selfcheck.core.safe_filename import is_safe_name, safe_name
from selfcheck.core.text_safety import one_line
from selfcheck.evidence.thumbnails import SmallPicture, small_picture

_MOST = 3  # pages of a run
_LARGEST = 50_000_000  # bytes of a file that is opened
_RUN_OF: Mapping[str, Callable[[Incident], str | None]] = {
    "Last seen good": lambda incident: incident.last_good_run,
    "First seen bad": lambda incident: incident.first_bad_run,
    "Last seen bad": lambda incident: incident.last_bad_run,
}
"""The looks of an incident that are shown, and the runs that made them."""


class IncidentScreenshots:
    """Reads pictures from the runs of a data folder, and keeps what the report needs of them."""

    def __init__(self, data_dir: Path, *, public: bool) -> None:
        self._runs = data_dir / "runs"
        self._public = public
        self.files: dict[str, bytes] = {}  # by their paths beside the report

    def of(self, incident: Incident) -> tuple[tuple[SitePicture, ...], str]:
        """Return the pictures of the last bad run, of the first, and of the last good one before it.

        Where there is none, the second value says why.
        """
        last = self._of_run(incident, "Last seen bad", BAD, _MOST)
        first: tuple[SitePicture, ...] = ()
        if incident.first_bad_run != incident.last_bad_run:
            first = self._of_run(incident, "First seen bad", BAD, 1)
        good = self._of_run(incident, "Last seen good", frozenset({Verdict.VISIBLE}), 1)
        return (*good, *first, *last), "" if first or last else self._why_none(incident)

    def _why_none(self, incident: Incident) -> str:
        if not (self._runs / incident.last_bad_run).is_dir():
            return f"There is no picture: the folder of the run {incident.last_bad_run} is not here any more."
        return f"The run {incident.last_bad_run} kept no picture of it that can be read."

    def _of_run(
        self, incident: Incident, role: str, verdicts: Collection[Verdict], most: int
    ) -> tuple[SitePicture, ...]:
        run_id = _RUN_OF[role](incident)
        if run_id is None or not is_safe_name(run_id):
            return ()
        found = self._pictures(incident, self._runs / run_id, role, verdicts)
        return tuple(islice(found, most))

    def _pictures(
        self, incident: Incident, folder: Path, role: str, verdicts: Collection[Verdict]
    ) -> Iterator[SitePicture]:
        document = _document(folder / "run.json")
        for page in _pages(document, incident.profile):
            if str(page.get("verdict")) not in verdicts:
                continue
            source, taken_at = _chosen(page, public=self._public)
            small = _small(folder, source)
            if small is None or taken_at is None:
                continue
            yield SitePicture(
                path=self._keep(incident, small.jpeg),
                width=small.width,
                height=small.height,
                role=role,
                words=_words(page, public=self._public),
                taken_at=taken_at,
            )

    def _keep(self, incident: Incident, jpeg: bytes) -> str:
        """Keep a picture under a name that says whose it is, and that another picture does not have."""
        digest = hashlib.sha256(jpeg).hexdigest()[:12]
        path = f"evidence/{safe_name(incident.id)}-{digest}.jpg"
        self.files[path] = jpeg
        return path


def _document(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _pages(document: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    for profile in _objects(document.get("profiles")):
        if profile.get("name") == name:
            yield from _objects(profile.get("pages"))


def _objects(found: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in found if isinstance(one, dict)) if isinstance(found, list) else iter(())


def _chosen(page: Mapping[str, Any], *, public: bool) -> tuple[object, datetime | None]:
    """Return the picture's path within its run, and when it was taken."""
    views = page.get("views")
    anonymous = views.get(ANONYMOUS) if isinstance(views, dict) else None
    look = anonymous if isinstance(anonymous, dict) else {}
    return look.get("screenshot") if public else page.get("side_by_side"), _moment(look.get("taken_at"))


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _small(folder: Path, relative: object) -> SmallPicture | None:
    if not isinstance(relative, str) or not all(is_safe_name(part) for part in relative.split("/")):
        return None
    path = folder.joinpath(*PurePosixPath(relative).parts)
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            return None
        return small_picture(path.read_bytes())
    except OSError:
        return None


def _words(page: Mapping[str, Any], *, public: bool) -> str:
    kinds = {kind.value: word for kind, word in KIND_WORD.items()}
    kind = kinds.get(str(page.get("kind")), KIND_WORD[PageKind.PROFILE])
    subject = one_line(str(page.get("subject") or ""), 60)
    verdict = VERDICT_WORD[Verdict(str(page.get("verdict")))].lower()
    views = "what everybody saw" if public else "what everybody saw beside what the author saw"
    return f"{kind} {subject}".strip() + f", {verdict}: {views}"
