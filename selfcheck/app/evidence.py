"""The evidence of an incident, to be shown to others: a zip that stands by itself, and pictures for a mail.

Laws:
1. It holds nothing of another profile and nothing that is for the author alone (`store/shareable.py` says what is
   taken, `compose/extract.py` what of the result).
2. What holds a word that the caller calls private, and a picture that carries text, is left out and said.
3. Each file is as the run wrote it, or says that it was made for the zip; `selfcheck verify` holds both against
   the run's own list.
4. The same runs give the same bytes: a zip made again can be compared.
"""

import io
import json
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from selfcheck import __version__
from selfcheck.compose import png
from selfcheck.compose.evidence_text import ShownRun, headers_text, readme
from selfcheck.compose.extract import extract_json, platform_name, profile_extract
from selfcheck.compose.mail_pictures import fitted
from selfcheck.errors import EvidenceMissingError, RunUnreadableError
from selfcheck.model.evidence import Evidence, MailPicture, PagePicture
from selfcheck.model.incident import Incident
from selfcheck.model.names import is_safe_name
from selfcheck.model.words import PageKind, Verdict
from selfcheck.store.files import write_whole
from selfcheck.store.manifests import (
    MANIFEST,
    SUMS,
    EvidenceEntry,
    EvidenceManifest,
    EvidenceRun,
    LeftOut,
    evidence_bytes,
    sha256,
    sums,
)
from selfcheck.store.shareable import RESULT, SIDE_BY_SIDE, SharedRun, shared_run

README = "README.txt"
_LOOK = "anonymous.look.json"
_HEADERS = "anonymous.headers.txt"


@dataclass(frozen=True, kw_only=True)
class _Member:
    """A file of the zip."""

    entry: EvidenceEntry
    data: bytes
    rank: int = 0  # what is left out first where the zip would be too large: the highest


def write_evidence(
    data_dir: Path,
    incident: Incident,
    target: Path,
    *,
    wacz: bool = False,
    private: Collection[str] = (),
    with_stats: bool = False,
    most_bytes: int | None = None,
) -> Evidence:
    """Write the evidence.zip of an incident, whole: of the run that first found it and of the latest.

    `private` are words that must not leave, such as the author's mail address; `with_stats` takes the pictures of
    the author's statistics along; `most_bytes` leaves out the largest pictures of the least weight until the zip
    is no larger. Raises EvidenceMissingError where neither run can be read, StorageError.
    """
    runs, notes = _runs(data_dir, incident, with_stats=with_stats)
    members = [one for run in runs for one in _members(run)]
    if wacz:
        members += [one for run in runs for one in _archive(run)]
    members, dropped = _without(members, private)
    members, too_large = _within(members, most_bytes)
    left_out = [*_left_out(runs), *dropped, *too_large]
    notes += [note for run in runs for note in run.notes]
    notes += [f"{one.path} is left out: {one.why}." for one in (*dropped, *too_large)]
    text = readme(
        incident,
        [_shown(run, members) for run in runs],
        version=__version__,
        stamps=any(one.entry.path.endswith(".tsr") for one in members),
        notes=notes,
        left_out=[one.why for run in runs for one in run.left_out],
        wacz=any(one.entry.path.endswith(".wacz") for one in members),
    )
    members = [_made(README, text.encode(), how="what this shows and how to check it", at=""), *members]
    data = _zipped(members, _manifest(incident, runs, members, left_out), incident.last_bad_at)
    write_whole(target, data)
    return Evidence(
        path=target,
        size=len(data),
        sha256=sha256(data),
        names=(*(one.entry.path for one in members), MANIFEST, SUMS),
        runs=tuple(run.run_id for run in runs),
        notes=tuple(notes),
    )


def mail_pictures(data_dir: Path, incident: Incident, *, most_bytes: int) -> tuple[MailPicture, ...]:
    """Return the pictures of both views of each page that is not as it should be, fit for a mail.

    Those of one mail take at most `most_bytes` in it, encoded; `note` says what was done to one. They are of the
    latest run that found it, or of the first where that has none. Raises UsageError where one alone is too large
    when it is as small as can be read, EvidenceMissingError where neither run can be read.
    """
    runs, _ = _runs(data_dir, incident, with_stats=False)
    found = (tuple(_pictures(run)) for run in reversed(runs))
    return fitted(next((one for one in found if one), ()), most_bytes=most_bytes)


def _runs(data_dir: Path, incident: Incident, *, with_stats: bool) -> tuple[list[SharedRun], list[str]]:
    """Return what may be shown of the first run that found it and of the latest, and which is not there."""
    runs: list[SharedRun] = []
    notes: list[str] = []
    for run_id in dict.fromkeys((incident.first_bad_run, incident.last_bad_run)):
        folder = data_dir / "runs" / run_id
        if not is_safe_name(run_id) or not folder.is_dir():
            notes.append(f"The run {run_id} is not kept any more, so nothing of it is here.")
            continue
        try:
            runs.append(shared_run(folder, incident.profile, extract=profile_extract, with_stats=with_stats))
        except RunUnreadableError:
            notes.append(f"The run {run_id} cannot be read, so nothing of it is here.")
    if not runs:
        raise EvidenceMissingError(
            f"There is no evidence of {incident.id}: " + " ".join(notes),
            cause="The runs' folders were deleted, moved or damaged.",
            next_step=f"Look again: a new run of {incident.profile} keeps new evidence.",
        )
    return runs, notes


def _members(run: SharedRun) -> Iterator[_Member]:
    """Yield the files of a run, and what is made from them."""
    for file in run.files:
        path = f"{run.run_id}/{file.entry.path}"
        entry = EvidenceEntry(**{**asdict(file.entry), "path": path})
        yield _Member(entry=entry, data=file.data, rank=_rank(file.entry.path, run))
        if file.entry.path.endswith(f"/{_LOOK}"):
            yield from _headers(path, file.data, file.entry.written_at)
    for name, data in run.seals.items():
        how = "stamp of an authority" if name.endswith(".tsr") else "hashes of the run's files"
        entry = EvidenceEntry(path=f"{run.run_id}/{name}", sha256=sha256(data), size=len(data), how=how)
        yield _Member(entry=entry, data=data)
    if run.result and run.data(f"{run.part}/{RESULT}") is None:
        made = extract_json(run.result)
        yield _made(f"{run.run_id}/{run.part}/{RESULT}", made, how="result of this profile", at="")


def _headers(path: str, look: bytes, at: str) -> Iterator[_Member]:
    try:
        document = json.loads(look)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        name = f"{path.removesuffix(_LOOK)}{_HEADERS}"
        yield _made(name, headers_text(document).encode(), how="what the server answered, as text", at=at)


def _made(path: str, data: bytes, *, how: str, at: str) -> _Member:
    entry = EvidenceEntry(
        path=path, sha256=sha256(data), size=len(data), written_at=at, how=how, origin="made"
    )
    return _Member(entry=entry, data=data)


def _rank(path: str, run: SharedRun) -> int:
    """Return how soon a file is left out where the zip would be too large; 0: never."""
    if not path.endswith(".png"):
        return 0
    verdicts = {str(page.get("folder")): str(page.get("verdict")) for page in run.pages}
    folder, _, name = path.rpartition("/")
    fine = verdicts.get(folder, Verdict.VISIBLE.value) == Verdict.VISIBLE.value
    return (4 if fine else 1) + (0 if name == SIDE_BY_SIDE else 1)


def _without(members: Sequence[_Member], private: Collection[str]) -> tuple[list[_Member], list[LeftOut]]:
    """Return the files that hold no private word, and those that do."""
    words = [one.encode() for word in private if word for one in {word, json.dumps(word)[1:-1]}]
    kept: list[_Member] = []
    dropped: list[LeftOut] = []
    for one in members:
        if any(word.lower() in one.data.lower() for word in words):
            dropped.append(LeftOut(path=one.entry.path, why="it holds something that is private"))
        elif png.has_text(one.data):
            dropped.append(LeftOut(path=one.entry.path, why="the picture carries text beside what it shows"))
        else:
            kept.append(one)
    return kept, dropped


def _within(members: list[_Member], most_bytes: int | None) -> tuple[list[_Member], list[LeftOut]]:
    """Return the files that fit, and the pictures that were left out for it, those of the least weight first."""
    dropped: list[LeftOut] = []
    while most_bytes is not None and len(_zipped(members, b"", None)) > most_bytes:
        last = max(members, key=lambda one: (one.rank, len(one.data)), default=None)
        if last is None or last.rank == 0:
            break
        members = [one for one in members if one is not last]
        why = f"the zip is to be no larger than {most_bytes} bytes; the run's folder has it"
        dropped.append(LeftOut(path=last.entry.path, why=why))
    return members, dropped


def _left_out(runs: Sequence[SharedRun]) -> list[LeftOut]:
    return [replace(one, path=f"{run.run_id}/{one.path}") for run in runs for one in run.left_out]


def _shown(run: SharedRun, members: Sequence[_Member]) -> ShownRun:
    return ShownRun(
        run_id=run.run_id,
        started_at=str(run.result.get("started_at", "")),
        pages=run.pages,
        names=frozenset(one.entry.path for one in members),
    )


def _manifest(
    incident: Incident, runs: Sequence[SharedRun], members: Sequence[_Member], left_out: Sequence[LeftOut]
) -> bytes:
    return evidence_bytes(
        EvidenceManifest(
            incident={
                "id": incident.id,
                "profile": incident.profile,
                "platform": platform_name(incident.platform),
                "handle": incident.handle,
                "verdict": incident.verdict.value,
                "silent": incident.silent,
                "last_good_at": incident.last_good_at.isoformat() if incident.last_good_at else None,
                "first_bad_at": incident.first_bad_at.isoformat(),
                "last_bad_at": incident.last_bad_at.isoformat(),
            },
            runs=tuple(EvidenceRun(run_id=run.run_id, part=run.part, sealed=run.sealed) for run in runs),
            files=tuple(one.entry for one in members),
            left_out=tuple(left_out),
        )
    )


def _zipped(members: Sequence[_Member], manifest: bytes, at: datetime | None) -> bytes:
    """Return the zip; pictures are not packed again, which gains nothing."""
    moment = at.timetuple()[:6] if at else (1980, 1, 1, 0, 0, 0)
    lists = {MANIFEST: manifest, SUMS: sums((one.entry for one in members), manifest)}
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w") as file:
            for name, data in {**{one.entry.path: one.data for one in members}, **lists}.items():
                info = zipfile.ZipInfo(name, moment)
                packed = name.endswith((".png", ".wacz"))
                info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                file.writestr(info, data)
        return buffer.getvalue()


def _pictures(run: SharedRun) -> Iterator[PagePicture]:
    """Yield both views of each page that is not as it should be, side by side; the profile's own page first."""
    bad = [page for page in run.pages if page.get("verdict") != Verdict.VISIBLE.value]
    for page in sorted(bad, key=lambda one: one.get("kind") != PageKind.PROFILE.value):
        path = str(page.get("side_by_side"))
        data = run.data(path)
        if data is not None:
            yield PagePicture(path=f"{run.run_id}/{path}", address=str(page.get("url")), data=data)


def _archive(run: SharedRun) -> Iterator[_Member]:
    raise NotImplementedError
