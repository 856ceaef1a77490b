"""`selfcheck appeal`: the use case of writing an appeal, whose files the author then sends or uploads.

Laws:
1. Everything is composed before the first file is written; each file is written whole.
2. Nothing is sent here (see `app/mailing.py`), and nothing but `appeals/<incident>/` is touched.
3. Of the runs only what `app/evidence.py` hands out reaches a letter or a mail: nothing of other profiles,
   nothing that is for the author alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from selfcheck.appeal.facts import Clocks, letter, paragraphs
from selfcheck.appeal.model import Attachment, Envelope, FormText, Letter, TemplateSource
from selfcheck.appeal.render_html import InlinePicture, letter_html
from selfcheck.appeal.render_letter import form_text, plain_text, written
from selfcheck.appeal.render_mail import draft_bytes, mail
from selfcheck.appeal.render_steps import USUAL_FOLLOW_UP_DAYS, Route, appeal_txt, next_steps
from selfcheck.appeal.rules import Choice, chosen
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.incident import Incident
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import EvidenceMissingError, RunUnreadableError, StorageError, UsageError
from selfcheck.evidence.disclosure import shared_run
from selfcheck.evidence.extract import profile_extract
from selfcheck.evidence.files_to_share import Evidence, MailPicture
from selfcheck.evidence.mail_pictures import size_in_mail
from selfcheck.evidence.package import mail_pictures, write_evidence
from selfcheck.history.service import open_history
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import fill, page_url
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import as_it_is, fill_in
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import storage_error, write_whole

FOLDER = "appeals"
DRAFT = "appeal.eml"
NOTE = "note.txt"
EVIDENCE = "evidence.zip"
_CID = "side-by-side@selfcheck"
_FOR_WORDS = 60_000
"""Bytes of a mail that its words and headers may take."""
_ZIPS_SHARE = 0.6
"""How much of a mail the evidence may take; the rest is for pictures that are seen without opening it."""
_LEFT_BEHIND = re.compile(r"note\.txt|appeal-\d+\.eml|\d\d-[\w.-]+\.(?:png|jpg)")
"""Files of an earlier writing that may not be made again."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A mail that is ready to be sent."""

    path: Path
    message: EmailMessage
    envelope: Envelope
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, kw_only=True)
class WrittenAppeal:
    """An appeal that was written."""

    choice: Choice
    folder: Path
    title: str  # the platform's name as people write it
    drafts: tuple[Draft, ...]  # one, or more where one mail cannot hold all pictures
    form: FormText
    evidence: Evidence
    note: str


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the author asked for, beside the incident."""

    preferences: Preferences
    folder: Path  # from which the path of an own template is meant
    request: ProfileRequest | None  # the profile as the profiles file names it; None: it does not
    note: str | None = None  # None: as it was written before
    language: str | None = None  # None: as the settings say
    hints: CommandHints = USUAL_HINTS


def choose(data_dir: Path, word: str | None) -> tuple[Choice, tuple[Incident, ...]]:
    """Return the incident that is meant, and all of its profile. Raises UsageError where it is not clear."""
    if not DataFolder(data_dir).has_history():
        raise UsageError(
            f"Nothing is remembered in {data_dir}.", next_step="--data names where runs are kept."
        )
    with open_history(data_dir) as history:
        choice = chosen(word, history.incidents(), history.runs())
        return choice, history.incidents(choice.incident.profile)


def note_of(data_dir: Path, incident: Incident) -> str:
    """Return the author's paragraph as it was given before; "": there is none."""
    try:
        return (_folder(data_dir, incident) / NOTE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{_folder(data_dir, incident) / NOTE} cannot be read.",
            cause=f"{error}.",
            next_step="Give your paragraph anew with --note.",
        ) from error


def write_appeal(
    data_dir: Path, choice: Choice, earlier: Sequence[Incident], wish: Wish, *, now: datetime
) -> WrittenAppeal:
    """Write the drafts, the text for a form, the evidence and the next steps of an incident.

    Raises UsageError (a template, an address, a mail that is too small), EvidenceMissingError, StorageError.
    """
    return _Writing(data_dir, choice, earlier, wish, now).write()


def _folder(data_dir: Path, incident: Incident) -> Path:
    return data_dir / FOLDER / incident.id


class _Writing:
    """One appeal while it is written."""

    def __init__(
        self, data_dir: Path, choice: Choice, earlier: Sequence[Incident], wish: Wish, now: datetime
    ) -> None:
        self._data_dir = data_dir
        self._choice = choice
        self._incident = choice.incident
        self._earlier = earlier
        self._wish = wish
        self._now = now
        self._settings = wish.preferences.appeal
        self._platform = load_platform(choice.incident.platform)
        self._values = _values(wish.request, choice.incident, self._platform)
        self._note = paragraphs(note_of(data_dir, choice.incident) if wish.note is None else wish.note)
        self._folder = _folder(data_dir, choice.incident)

    def write(self) -> WrittenAppeal:
        source = self._source()
        pages = pages_of(self._data_dir, self._incident)
        told = self._letter(pages)
        written(told, source)  # a mistake in a template is told before anything is written
        evidence = self._evidence()
        archive = Attachment(name=EVIDENCE, media_type="application/zip", data=_read(evidence.path))
        pictures = tuple(_where_kept(one, evidence) for one in self._pictures(archive))
        drafts = self._drafts(told, source, pictures, archive)
        form = form_text(told, source, self._platform.appeal.form_limit)
        self._keep(drafts, pictures, form, evidence)
        return WrittenAppeal(
            choice=self._choice,
            folder=self._folder,
            title=self._platform.title,
            drafts=drafts,
            form=form,
            evidence=evidence,
            note=self._note,
        )

    def _source(self) -> TemplateSource:
        language = self._wish.language or self._settings.language
        if self._settings.template is None:
            return TemplateSource(language=language)
        path = self._wish.folder / Path(self._settings.template).expanduser()
        try:
            return TemplateSource(language=language, name=str(path), text=path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The letter's template {path} cannot be read.",
                cause=f"{error}.",
                next_step="Correct `template` in the settings' section `appeal`, or leave it out.",
            ) from error

    def _letter(self, pages: Sequence[Mapping[str, Any]]) -> Letter:
        address = ""
        with suppress(ValueError):  # a platform without such a page
            address = page_url(PageKind.PROFILE, self._platform, self._values)
        return letter(
            self._incident,
            pages,
            self._earlier,
            clocks=Clocks(self._wish.preferences.time_zone, self._platform.appeal.time_zone),
            platform=self._platform.title,
            handle=self._platform.handle.show.replace("{handle}", self._values["handle"]),
            name=self._settings.signature,
            account_mail=parseaddr(self._settings.account_mail or "")[1],
            address=address,
            note=self._note,
            likely=self._choice.likely,
        )

    def _evidence(self) -> Evidence:
        addresses = (self._settings.sender, self._settings.reply_to, self._settings.account_mail)
        return write_evidence(
            self._data_dir,
            self._incident,
            self._folder / EVIDENCE,
            private=tuple({parseaddr(one)[1] for one in addresses if one}),
            most_bytes=int(self._mail_bytes * _ZIPS_SHARE * 57 / 78),  # what base64 makes of it
        )

    @property
    def _mail_bytes(self) -> int:
        return self._wish.preferences.evidence.mail_bytes

    def _pictures(self, archive: Attachment) -> tuple[MailPicture, ...]:
        """Return the pictures; each may stand in its mail twice, within the letter and as a file."""
        left = self._mail_bytes - _FOR_WORDS - size_in_mail(archive.data)
        return mail_pictures(self._data_dir, self._incident, most_bytes=max(0, left // 2))

    def _drafts(
        self,
        told: Letter,
        source: TemplateSource,
        pictures: tuple[MailPicture, ...],
        archive: Attachment,
    ) -> tuple[Draft, ...]:
        parts = max((one.mail for one in pictures), default=1)
        each = ([one for one in pictures if one.mail == part] for part in range(1, parts + 1))
        return tuple(
            self._draft(replace(told, part=part, parts=parts), source, held, archive)
            for part, held in enumerate(each, 1)
        )

    def _draft(
        self, told: Letter, source: TemplateSource, pictures: Sequence[MailPicture], archive: Attachment
    ) -> Draft:
        files = [Attachment(name=one.name, media_type=one.media_type, data=one.data) for one in pictures]
        attachments = (*files, archive) if told.part == 1 else tuple(files)
        text = written(replace(told, attachments=tuple(one.name for one in attachments)), source)
        envelope = self._envelope(told)
        first = pictures[0] if pictures else None
        shown = InlinePicture(cid=_CID, note=first.note) if first else None
        message = mail(
            envelope,
            text=plain_text(text),
            html=letter_html(text, language=source.language, title=envelope.subject, picture=shown),
            inline=files[0] if files else None,
            cid=_CID,
            attachments=attachments,
        )
        name = DRAFT if told.part == 1 else f"appeal-{told.part}.eml"
        return Draft(path=self._folder / name, message=message, envelope=envelope, attachments=attachments)

    def _envelope(self, told: Letter) -> Envelope:
        appeal = self._platform.appeal
        subject = fill_in(appeal.subject, self._values, as_it_is) or f"Appeal for the account {told.handle}"
        case = f" (case {told.case})" if told.case else ""
        part = f" ({told.part}/{told.parts})" if told.parts > 1 else ""
        return Envelope(
            sender=self._settings.sender,
            reply_to=self._settings.reply_to,
            to=appeal.mail[:1],
            subject=f"{subject}{case}{part}",
        )

    def _keep(
        self,
        drafts: tuple[Draft, ...],
        pictures: tuple[MailPicture, ...],
        form: FormText,
        evidence: Evidence,
    ) -> None:
        """Write all files but the evidence, which stands already, and remove what a former one left."""
        files = dict(self._files(drafts, pictures, form, evidence))
        for name, data in files.items():
            write_whole(self._folder / name, data)
        try:
            for path in self._folder.iterdir():
                if _LEFT_BEHIND.fullmatch(path.name) and path.name not in files:
                    path.unlink()
        except OSError as error:
            raise storage_error(self._folder, error) from error

    def _files(
        self,
        drafts: tuple[Draft, ...],
        pictures: tuple[MailPicture, ...],
        form: FormText,
        evidence: Evidence,
    ) -> Iterator[tuple[str, bytes]]:
        yield from ((one.name, one.data) for one in pictures)
        yield from ((one.path.name, draft_bytes(one.message)) for one in drafts)
        yield "appeal.txt", appeal_txt(form).encode()
        if self._note:
            yield NOTE, f"{self._note}\n".encode()
        steps = next_steps(
            self._incident,
            self._route(),
            form,
            drafts[0].envelope,
            files=[*(one.name for one in pictures), EVIDENCE],
            mails=len(drafts),
            today=self._now.astimezone(ZoneInfo(self._wish.preferences.time_zone)).date(),
            notes=(*evidence.notes, *(one.note for one in pictures if one.note)),
            hints=self._wish.hints,
        )
        yield "next-steps.txt", steps.encode()

    def _route(self) -> Route:
        form = ""
        with suppress(ValueError):  # an address that needs what is not known
            form = fill(self._platform.appeal.form or "", self._values)
        return Route(
            title=self._platform.title,
            form=form,
            appeal=self._platform.appeal,
            follow_up_days=follow_up_days(self._wish.preferences, self._platform),
        )


def _where_kept(picture: MailPicture, evidence: Evidence) -> MailPicture:
    """Return the picture with a note that is true also where the zip had no room for the original."""
    if picture.original in evidence.names:
        return picture
    return replace(picture, note=picture.note.replace("in evidence.zip", "in the runs' folder"))


def follow_up_days(preferences: Preferences, platform: Platform) -> int:
    """Return after how many days without an answer to ask again."""
    return preferences.appeal.follow_up_days or platform.appeal.follow_up_days or USUAL_FOLLOW_UP_DAYS


def _values(request: ProfileRequest | None, incident: Incident, platform: Platform) -> dict[str, str]:
    """Return what the platform's templates are filled with, for the account that the incident is of."""
    base = request.base_url if request is not None else None
    return {"home": base or platform.home, "handle": Handle(incident.handle).name}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path} cannot be read.", cause=f"{error.strerror or error}.") from error


def pages_of(data_dir: Path, incident: Incident) -> Sequence[Mapping[str, Any]]:
    """Return what may be told of the incident's pages, by the latest run that found it, else by the first."""
    for run_id in dict.fromkeys((incident.last_bad_run, incident.first_bad_run)):
        folder = data_dir / "runs" / run_id
        if not is_safe_name(run_id) or not folder.is_dir():
            continue
        with suppress(RunUnreadableError):
            pages = shared_run(folder, incident.profile, extract=profile_extract).pages
            if pages:
                return pages
    raise EvidenceMissingError(
        f"There is no evidence of {incident.id}: its runs are not kept any more, or cannot be read.",
        cause="The runs' folders were deleted, moved or damaged.",
        next_step=f"Look again: a new run of {incident.profile} keeps new evidence.",
    )
