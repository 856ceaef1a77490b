"""The evidence of an incident, to be shown to others: a zip that stands by itself, and pictures for a mail.

Laws:
1. It holds nothing of another profile and nothing that is for the author alone: `disclosure` decides.
2. What is not in it though it might be expected is reported: in README.txt, in its list, and to the caller.
3. The same runs give the same bytes (but for the archive of pages, which holds when it was made).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from selfcheck import __version__
from selfcheck.artifacts.manifests import (
    MANIFEST,
    SUMS,
    EvidenceManifest,
    EvidenceRun,
    LeftOut,
    list_file,
    sha256,
)
from selfcheck.core.enums import Language, PageKind, Verdict
from selfcheck.core.incident import Incident
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import EvidenceMissingError, RunUnreadableError
from selfcheck.evidence.disclosure import Audience, Disclosure, platform_name, without_words
from selfcheck.evidence.mail_pictures import MailPicture, PagePicture, fitted
from selfcheck.evidence.package_files import (
    Member,
    archive_of,
    made,
    members_of,
    within,
    zipped,
)
from selfcheck.evidence.picture_words import GERMAN, german_facts
from selfcheck.evidence.render_text import readme
from selfcheck.evidence.shared_run import SharedRun, shared_run, without_private
from selfcheck.evidence.stored_pictures import composed
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole

README = "README.txt"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """An evidence.zip that was written."""

    path: Path
    size: int  # bytes
    sha256: str
    names: tuple[str, ...]  # the files in it
    runs: tuple[str, ...]  # the runs that they are of, oldest first
    notes: tuple[str, ...] = ()  # what its author should know: what is not in it, and why


@dataclass(frozen=True, kw_only=True)
class EvidenceOptions:
    """What goes into an evidence.zip beside what always does, and what must not."""

    wacz: bool = False  # the pages as an archive for a replay tool, too
    with_stats: bool = False  # the pictures of the author's statistics, too
    private: tuple[str, ...] = ()  # words that must not leave, such as the author's mail address
    most_bytes: int | None = None  # pictures are left out, the least needed first, until it is not larger


_USUAL = EvidenceOptions()


def write_evidence(
    data: DataFolder, incident: Incident, target: Path, options: EvidenceOptions = _USUAL
) -> Evidence:
    """Write the evidence.zip of an incident: of the run that first found it and of the latest.

    Raises EvidenceMissingError where neither run can be read, ExtraMissingError, StorageError.
    """
    stored, notes = _runs(data, incident, with_stats=options.with_stats)
    runs = [without_private(run, options.private) for run in stored]
    members = [member for run in runs for member in members_of(run)]
    if options.wacz:
        members += [member for run in runs for member in archive_of(run)]
    notes += [note for run in runs for note in run.notes]
    incident = replace(incident, summary=without_words(incident.summary, options.private))
    packed = _Packing(incident, runs, notes).within(members, options.most_bytes)
    write_whole(target, packed.data)
    return Evidence(
        path=target,
        size=len(packed.data),
        sha256=sha256(packed.data),
        names=packed.names,
        runs=tuple(run.run_id for run in runs),
        notes=packed.notes,
    )


def mail_pictures(
    data: DataFolder, incident: Incident, *, most_bytes: int, language: str = Language.ENGLISH
) -> tuple[MailPicture, ...]:
    """Return the pictures of both views of each page that is not as it should be, fit for a mail.

    Where the language is German, so are their words; those in the evidence.zip are as the run made them.
    Those of one mail take at most `most_bytes` in it, encoded; `note` says what was done to one. They are of
    the latest run that found it, or of the first where that has none. Raises UsageError where one alone is
    too large when it is as small as can be read, EvidenceMissingError where neither run can be read.
    """
    runs, _ = _runs(data, incident, with_stats=False)
    german = language == Language.GERMAN
    pictures = (tuple(_pictures(run, german=german)) for run in reversed(runs))
    return fitted(next(filter(None, pictures), ()), most_bytes=most_bytes, language=language)


@dataclass(frozen=True, kw_only=True)
class _Packed:
    data: bytes
    names: tuple[str, ...]
    notes: tuple[str, ...]


class _Packing:
    """Packs files with the texts that tell of them."""

    def __init__(self, incident: Incident, runs: Sequence[SharedRun], notes: Sequence[str]) -> None:
        self._incident = incident
        self._runs = runs
        self._notes = notes

    def within(self, members: Sequence[Member], most_bytes: int | None) -> _Packed:
        """Return the zip; where it is too large, without as many pictures as that takes, or without any."""
        room = most_bytes
        while True:
            fitting, dropped = within(members, room)
            packed = self._packed(fitting, dropped)
            excess = 0 if most_bytes is None else len(packed.data) - most_bytes
            if room is None or excess <= 0 or not any(member.rank for member in fitting):
                return packed
            room -= excess  # what the lists and texts take, which tell of what was left out

    def _packed(self, members: Sequence[Member], dropped: Sequence[LeftOut]) -> _Packed:
        notes = [*self._notes, *(f"{file.path} is left out: {file.why}." for file in dropped)]
        names = frozenset(member.path for member in members)
        text = readme(self._incident, self._runs, names=names, version=__version__, notes=notes)
        every = [made(README, text.encode(), how="what this shows"), *members]
        manifest = _manifest(self._incident, self._runs, every, dropped)
        return _Packed(
            data=zipped(every, manifest, self._incident.last_bad_at),
            names=(*(member.path for member in every), MANIFEST, SUMS),
            notes=tuple(notes),
        )


def _runs(data: DataFolder, incident: Incident, *, with_stats: bool) -> tuple[list[SharedRun], list[str]]:
    """Return what may be shown of the first run that found it and of the latest, and which is not there."""
    disclosure = Disclosure(audience=Audience.PLATFORM, with_stats=with_stats)
    runs: list[SharedRun] = []
    notes: list[str] = []
    for run_id in dict.fromkeys((incident.first_bad_run, incident.last_bad_run)):
        if not is_safe_name(run_id) or not (folder := data.run(run_id)).is_dir():
            notes.append(f"The run {run_id} is not kept any more, so nothing of it is here.")
            continue
        try:
            runs.append(shared_run(folder, incident.profile, disclosure))
        except RunUnreadableError:
            notes.append(f"The run {run_id} cannot be read, so nothing of it is here.")
    if not runs:
        raise EvidenceMissingError(
            f"There is no evidence of {incident.id}. " + " ".join(notes),
            cause="The runs' folders were deleted, moved or damaged.",
            next_step=f"Run again: a new run of {incident.profile} keeps new evidence.",
        )
    return runs, notes


def _manifest(
    incident: Incident, runs: Sequence[SharedRun], members: Sequence[Member], dropped: Sequence[LeftOut]
) -> bytes:
    left_out = [replace(file, path=f"{run.run_id}/{file.path}") for run in runs for file in run.left_out]
    return list_file(
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
            tool={"version": __version__},
            runs=tuple(EvidenceRun(run_id=run.run_id, part=run.part, sealed=run.sealed) for run in runs),
            files=tuple(member.entry for member in members),
            left_out=(*left_out, *dropped),
        )
    )


def _pictures(run: SharedRun, *, german: bool) -> Iterator[PagePicture]:
    """Yield both views of each page that is not as it should be; the profile's own page first."""
    bad = [page for page in run.pages if page.verdict is not Verdict.VISIBLE]
    for page in sorted(bad, key=lambda page: page.kind is not PageKind.PROFILE):
        data = run.data(page.side_by_side) if page.side_by_side else None
        if data is not None:
            if german:
                facts = german_facts(page)
                screenshots = {who: run.data(path) for who, path in facts.screenshots.items()}
                data = composed(facts, screenshots, GERMAN).png
            yield PagePicture(path=f"{run.run_id}/{page.side_by_side}", address=page.url, data=data)
