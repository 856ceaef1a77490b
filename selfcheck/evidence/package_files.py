"""The files of an evidence.zip: those of a run as they are, what is made from them, and what stays behind.

Laws:
1. Each file is as the run wrote it, or says that it was made for the zip.
2. What holds a word that the caller calls private, and a picture that carries text, is left out and said.
3. Where the zip would be too large, pictures are left out, those of the least weight first, and said. What
   the pictures show stands in the results, which always stay.
"""

import io
import json
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from html import escape
from typing import Any

from selfcheck.artifacts import wacz as archive
from selfcheck.artifacts.manifests import MANIFEST, SUMS, EvidenceEntry, LeftOut, sha256, sums
from selfcheck.core.enums import PageKind, Verdict
from selfcheck.evidence import png
from selfcheck.evidence.disclosure import RESULT, SIDE_BY_SIDE, SharedFile, SharedRun
from selfcheck.evidence.extract import extract_json
from selfcheck.evidence.render_text import headers_text

LOOK = "anonymous.look.json"
HEADERS = "anonymous.headers.txt"
_BODIES = ("html", "xml", "json", "txt")
_PRIVATE = "it holds something that is private"
_CARRIES_TEXT = "the picture carries text beside what it shows"


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
            text = headers_text(_object(file.data)).encode()
            name = f"{path.removesuffix(LOOK)}{HEADERS}"
            yield made(name, text, how="what the server answered, as text", at=file.entry.written_at)
    for name, data in run.seals.items():
        how = "stamp of an authority" if name.endswith(".tsr") else "hashes of the run's files"
        entry = EvidenceEntry(path=f"{run.run_id}/{name}", sha256=sha256(data), size=len(data), how=how)
        yield Member(entry=entry, data=data)
    if run.result and run.data(f"{run.part}/{RESULT}") is None:
        path = f"{run.run_id}/{run.part}/{RESULT}"
        yield made(path, extract_json(run.result), how="result of this profile")


def archive_of(run: SharedRun) -> Iterator[Member]:
    """Yield the strangers' pages of a run as one archive; nothing where no page answered."""
    pages = list(_archived(run))
    if pages:
        data = archive.wacz(pages, title=f"{run.part}, {run.run_id}: what strangers saw")
        path = f"{run.run_id}/{run.part}/{archive.NAME}"
        yield made(path, data, how="what strangers received, for a replay tool")


def _archived(run: SharedRun) -> Iterator[archive.ArchivedPage]:
    seen: set[tuple[str, datetime]] = set()
    looks = [one for one in run.files if one.entry.path.endswith(f"/{LOOK}")]
    own_page = f"{run.part}/{PageKind.PROFILE.value}/"
    for look in sorted(looks, key=lambda one: (one.entry.path != f"{own_page}{LOOK}", one.entry.path)):
        stem = look.entry.path.removesuffix("look.json")
        bodies = (run.data(f"{stem}{ending}") for ending in _BODIES)
        body = next((one for one in bodies if one is not None), None)
        page = archive.archived_page(_object(look.data), body) if body is not None else None
        if page and (page.url, page.at) not in seen:
            seen.add((page.url, page.at))
            yield page


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _ranks(run: SharedRun) -> dict[str, int]:
    """Return how soon each picture is left out: first those of pages that are as they should be."""
    verdicts = {str(page.get("folder")): str(page.get("verdict")) for page in run.pages}
    ranks: dict[str, int] = {}
    for path in (one.entry.path for one in run.files if one.entry.path.endswith(".png")):
        folder, _, name = path.rpartition("/")
        fine = verdicts.get(folder, Verdict.VISIBLE.value) == Verdict.VISIBLE.value
        ranks[path] = (3 if fine else 1) + (0 if name == SIDE_BY_SIDE else 1)
    return ranks


def without_private(run: SharedRun, private: Collection[str]) -> SharedRun:
    """Return the run without the files that hold a private word, before anything is made of them; said."""
    words = _written(private)
    kept: list[SharedFile] = []
    dropped: list[LeftOut] = []
    for one in run.files:
        lower = one.data.lower()
        why = _PRIVATE if any(word in lower for word in words) else ""
        why = why or (_CARRIES_TEXT if png.has_text(one.data) else "")
        if why:
            dropped.append(LeftOut(path=one.entry.path, why=why))
        else:
            kept.append(one)
    told = (f"{run.run_id}/{one.path} is left out: {one.why}." for one in dropped)
    return replace(
        run,
        files=tuple(kept),
        result=masked(run.result, private),
        left_out=(*run.left_out, *dropped),
        notes=(*run.notes, *told),
    )


def _written(private: Collection[str]) -> set[bytes]:
    """Return the words in lower case, as text, JSON and HTML have them."""
    forms = (one for word in private if word for one in (word, json.dumps(word)[1:-1], escape(word)))
    return {one.encode().lower() for one in forms}


def masked(value: Any, private: Collection[str]) -> Any:
    """Return what a result says with the private words in its texts left out."""
    if isinstance(value, str):
        for word in filter(None, private):
            value = re.sub(re.escape(word), "(left out)", value, flags=re.IGNORECASE)
        return value
    if isinstance(value, Mapping):
        return {key: masked(one, private) for key, one in value.items()}
    return [masked(one, private) for one in value] if isinstance(value, list) else value


def within(members: Sequence[Member], most_bytes: int | None) -> tuple[list[Member], list[LeftOut]]:
    """Return the files that fit, and the pictures that are left out so that the rest does."""
    kept = list(members)
    dropped: list[LeftOut] = []
    if most_bytes is None:
        return kept, dropped
    too_much = len(zipped(kept, b"", None)) - most_bytes
    why = f"the zip is to be no larger than {most_bytes:,} bytes; the run's folder has the file"
    for one in sorted(kept, key=lambda one: (-one.rank, -len(one.data))):
        if too_much <= 0 or one.rank == 0:
            break
        kept.remove(one)
        dropped.append(LeftOut(path=one.path, why=why))
        too_much -= len(one.data)
    return kept, dropped


def zipped(members: Sequence[Member], manifest: bytes, at: datetime | None) -> bytes:
    """Return the zip; the same files give the same bytes. Pictures are not packed again: it gains nothing."""
    moment = at.timetuple()[:6] if at else (1980, 1, 1, 0, 0, 0)
    lists = {MANIFEST: manifest, SUMS: sums((one.entry for one in members), manifest)}
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as file:
            for name, data in {**{one.path: one.data for one in members}, **lists}.items():
                info = zipfile.ZipInfo(name, moment)
                packed = name.endswith((".png", ".wacz"))
                info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                file.writestr(info, data)
        return buffer.getvalue()
