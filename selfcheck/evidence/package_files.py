"""The files of an evidence.zip: those of a run as they are, what is made from them, and what stays behind.

Laws:
1. Each file is as the run wrote it, or says that it was made for the zip.
2. Where the zip would be too large, pictures are left out, those of the least weight first, and that is
   reported. What the pictures show stands in the results, which always stay.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from selfcheck.artifacts import wacz as archive
from selfcheck.artifacts.case_files import read_look
from selfcheck.artifacts.manifests import MANIFEST, SUMS, EvidenceEntry, LeftOut, sha256, sums
from selfcheck.artifacts.run_reader import BODIES
from selfcheck.core.enums import PageKind, Verdict
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence.disclosure import SIDE_BY_SIDE
from selfcheck.evidence.render_text import headers_text
from selfcheck.evidence.shared_run import SharedRun
from selfcheck.storage.data_folder import RESULT

LOOK = "anonymous.look.json"
HEADERS = "anonymous.headers.txt"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file of the zip."""

    entry: EvidenceEntry
    data: bytes
    rank: int = 0  # what is left out first where the zip would be too large: the highest; 0 never is

    @property
    def path(self) -> str:
        """Return its path within the zip."""
        return self.entry.path


def made(path: str, data: bytes, *, how: str, at: str = "") -> Member:
    """Return a file that is made for the zip."""
    entry = EvidenceEntry(
        path=path, sha256=sha256(data), size=len(data), written_at=at, how=how, origin="made"
    )
    return Member(entry=entry, data=data)


def members_of(run: SharedRun) -> Iterator[Member]:
    """Yield the files of a run, and what is made from them."""
    ranks = _ranks(run)
    for file in run.files:
        path = f"{run.run_id}/{file.entry.path}"
        entry = EvidenceEntry(**{**asdict(file.entry), "path": path})
        yield Member(entry=entry, data=file.data, rank=ranks.get(file.entry.path, 0))
        if path.endswith(f"/{LOOK}"):
            with suppress(RunUnreadableError):
                text = headers_text(read_look(file.data, name=path)).encode()
                name = f"{path.removesuffix(LOOK)}{HEADERS}"
                yield made(name, text, how="what the server answered, as text", at=file.entry.written_at)
    for name, data in run.seals.items():
        how = "stamp of an authority" if name.endswith(".tsr") else "hashes of the run's files"
        entry = EvidenceEntry(path=f"{run.run_id}/{name}", sha256=sha256(data), size=len(data), how=how)
        yield Member(entry=entry, data=data)
    if run.result and run.data(f"{run.part}/{RESULT}") is None:
        path = f"{run.run_id}/{run.part}/{RESULT}"
        yield made(path, run.result.to_json().encode(), how="result of this profile")


def archive_of(run: SharedRun) -> Iterator[Member]:
    """Yield the pages that logged-out visitors received as one archive; nothing where no page answered."""
    pages = list(_archived(run))
    if pages:
        data = archive.wacz(pages, title=f"{run.part}, {run.run_id}: what logged-out visitors saw")
        path = f"{run.run_id}/{run.part}/{archive.NAME}"
        yield made(path, data, how="what logged-out visitors received, for a replay tool")


def _archived(run: SharedRun) -> Iterator[archive.ArchivedPage]:
    archived: set[tuple[str, datetime]] = set()
    looks = [file for file in run.files if file.entry.path.endswith(f"/{LOOK}")]
    own_page = f"{run.part}/{PageKind.PROFILE.value}/"
    for look in sorted(looks, key=lambda file: (file.entry.path != f"{own_page}{LOOK}", file.entry.path)):
        stem = look.entry.path.removesuffix("look.json")
        bodies = (run.data(f"{stem}{ending}") for ending in BODIES)
        body = next((data for data in bodies if data is not None), None)
        page = None
        if body is not None:
            with suppress(RunUnreadableError):
                page = archive.archived_page(read_look(look.data, name=look.entry.path), body)
        if page and (page.url, page.at) not in archived:
            archived.add((page.url, page.at))
            yield page


def _ranks(run: SharedRun) -> dict[str, int]:
    """Return how soon each picture is left out: first those of pages that are as they should be."""
    verdicts = {page.folder: page.verdict for page in run.pages}
    ranks: dict[str, int] = {}
    for path in (file.entry.path for file in run.files if file.entry.path.endswith(".png")):
        folder, _, name = path.rpartition("/")
        fine = verdicts.get(folder, Verdict.VISIBLE) is Verdict.VISIBLE
        ranks[path] = (3 if fine else 1) + (0 if name == SIDE_BY_SIDE else 1)
    return ranks


def within(members: Sequence[Member], most_bytes: int | None) -> tuple[list[Member], list[LeftOut]]:
    """Return the files that fit, and the pictures that are left out so that the rest does."""
    fitting = list(members)
    dropped: list[LeftOut] = []
    if most_bytes is None:
        return fitting, dropped
    too_much = len(zipped(fitting, b"", None)) - most_bytes
    why = f"the zip is to be no larger than {most_bytes:,} bytes; the run's folder has the file"
    for member in sorted(fitting, key=lambda member: (-member.rank, -len(member.data))):
        if too_much <= 0 or member.rank == 0:
            break
        fitting.remove(member)
        dropped.append(LeftOut(path=member.path, why=why))
        too_much -= len(member.data)
    return fitting, dropped


def zipped(members: Sequence[Member], manifest: bytes, at: datetime | None) -> bytes:
    """Return the zip; the same files give the same bytes. Pictures are not packed again: it gains nothing."""
    moment = at.timetuple()[:6] if at else (1980, 1, 1, 0, 0, 0)
    lists = {MANIFEST: manifest, SUMS: sums((member.entry for member in members), manifest)}
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as file:
            for name, data in {**{member.path: member.data for member in members}, **lists}.items():
                info = zipfile.ZipInfo(name, moment)
                packed = name.endswith((".png", ".wacz"))
                info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                file.writestr(info, data)
        return buffer.getvalue()
