"""The pictures of an incident, from the folders of its runs, made small for the report over time.

Laws:
1. Only what lies within a run's folder is read, whatever its `run.json` says.
2. `disclosure` decides which picture of a page an audience is shown; no other is opened.
3. A missing picture is reported, with the reason.
"""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from selfcheck.artifacts.pruning import in_words, read_pruned
from selfcheck.core.account_report import ReportPicture
from selfcheck.core.enums import ANONYMOUS, BAD, Verdict
from selfcheck.core.incident import Incident
from selfcheck.core.labels import KIND_WORD, VERDICT_WORD
from selfcheck.core.run_document import PageRecord, RunDocument
from selfcheck.core.safe_filename import is_safe_name, safe_name
from selfcheck.core.text_safety import one_line
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.evidence.stored_pictures import stored_picture
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_plain
from selfcheck.storage.stored_json import read_run

_MOST = 3  # pages of a run
_LARGEST = 50_000_000  # bytes of a file that is opened
_WIDEST = 1100  # px: both views beside each other stay readable
_LONGEST = 1.6  # times the width; what lies further down tells nothing more
_QUALITY = 80


@dataclass(frozen=True, kw_only=True)
class SmallPicture:
    """A picture for a page: JPEG, no wider and no higher than is useful there."""

    jpeg: bytes
    width: int
    height: int


def small_picture(data: bytes, widest: int = _WIDEST) -> SmallPicture | None:
    """Return the picture scaled and, where it is very long, cut; None where it cannot be read.

    Nothing but the pixels is kept: no comment and no text that the file had.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _small(image, widest)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _small(image: Image.Image, widest: int) -> SmallPicture:
    height_shown = min(image.height, round(image.width * _LONGEST))
    page = image.convert("RGB").crop((0, 0, image.width, height_shown))
    width = min(widest, page.width)
    height = max(1, round(page.height * width / page.width))
    if width != page.width:
        page = page.resize((width, height), Image.Resampling.LANCZOS)
    clean = Image.frombytes("RGB", page.size, page.tobytes())
    with io.BytesIO() as buffer:
        clean.save(buffer, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
        return SmallPicture(jpeg=buffer.getvalue(), width=width, height=height)


class IncidentScreenshots:
    """Reads pictures from the runs of a data folder, and keeps what the report needs of them."""

    def __init__(self, data: DataFolder, *, public: bool) -> None:
        self._data = data
        self._disclosure = Disclosure(audience=Audience.PUBLIC if public else Audience.OWNER)
        self.files: dict[str, bytes] = {}  # by their paths beside the report

    def of(self, incident: Incident) -> tuple[tuple[ReportPicture, ...], str]:
        """Return the pictures of the last bad run, of the first, and of the last good one before it.

        Where there is none, the second value says why.
        """
        last = self._of_run(incident, incident.last_bad_run, "Last seen affected", BAD, _MOST)
        first: tuple[ReportPicture, ...] = ()
        if incident.first_bad_run != incident.last_bad_run:
            first = self._of_run(incident, incident.first_bad_run, "First seen affected", BAD, 1)
        good = self._of_run(incident, incident.last_good_run, "Last seen good", (Verdict.VISIBLE,), 1)
        return (*good, *first, *last), "" if first or last else self._why_none(incident.last_bad_run)

    def _why_none(self, run_id: str) -> str:
        if not self._data.run(run_id).is_dir():
            return f"There is no picture: the folder of the run {run_id} is not here any more."
        if record := read_pruned(self._data.run(run_id)):
            return f"There is no picture of the run {run_id}. {in_words(record)}"
        return f"The run {run_id} kept no picture of it that can be read."

    def _of_run(
        self, incident: Incident, run_id: str | None, role: str, verdicts: tuple[Verdict, ...], most: int
    ) -> tuple[ReportPicture, ...]:
        if run_id is None or not is_safe_name(run_id):
            return ()
        document = _document(self._data.result(run_id))
        profile = document.profile(incident.profile) if document else None
        pages = [page for page in profile.pages if page.verdict in verdicts] if profile else []
        return tuple(islice(self._pictures(incident, self._data.run(run_id), role, pages), most))

    def _pictures(
        self, incident: Incident, folder: Path, role: str, pages: list[PageRecord]
    ) -> Iterator[ReportPicture]:
        for page in pages:
            view = page.view(ANONYMOUS)
            small = _shown(folder, self._disclosure.screenshot(page))
            if small is None and page.side_by_side is None and self._disclosure.audience is Audience.OWNER:
                small = _made(folder, page)
            if small is None or view is None or view.taken_at is None:
                continue
            # A name that says whose it is, and that another picture does not have.
            digest = hashlib.sha256(small.jpeg).hexdigest()[:12]
            path = f"evidence/{safe_name(incident.id)}-{digest}.jpg"
            self.files[path] = small.jpeg
            yield ReportPicture(
                path=path,
                width=small.width,
                height=small.height,
                role=role,
                words=self._words(page),
                taken_at=view.taken_at,
            )

    def _words(self, page: PageRecord) -> str:
        name = f"{KIND_WORD[page.kind]} {one_line(page.subject, 60)}".strip()
        public = self._disclosure.audience is Audience.PUBLIC
        views = "what the public saw" if public else "what the public saw beside what the author saw"
        return f"{name}, {VERDICT_WORD[page.verdict].lower()}: {views}"


def _document(path: Path) -> RunDocument | None:
    try:
        return read_run(read_plain(path.parent, path.name, _LARGEST), name=path.name)
    except (OSError, RunUnreadableError):
        return None


def _made(folder: Path, page: PageRecord) -> SmallPicture | None:
    """Return the picture that the run could make and did not, since all was well."""
    try:
        return small_picture(stored_picture(folder, page))
    except RunUnreadableError:
        return None


def _shown(folder: Path, relative: str | None) -> SmallPicture | None:
    if relative is None or not all(is_safe_name(part) for part in relative.split("/")):
        return None
    try:
        return small_picture(read_plain(folder, relative, _LARGEST))
    except OSError:
        return None
