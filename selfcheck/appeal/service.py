"""`selfcheck appeal`: write an appeal, record what came of it, and list what is open.

Laws:
1. Everything is composed before the first file is written; each file is written whole.
2. Nothing is sent here (see `send`), and nothing is changed in the data folder but the incident's own folder
   and what the author says of it.
3. Of the runs, only what `evidence` gives to others reaches a letter or a mail: nothing of other profiles,
   nothing that is for the author alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from zoneinfo import ZoneInfo

from selfcheck.appeal.facts import Clocks, letter, paragraphs
from selfcheck.appeal.model import (
    DRAFT,
    EVIDENCE_ZIP,
    STEPS,
    Account,
    Attachment,
    Choice,
    Draft,
    Envelope,
    FormText,
    Letter,
    OpenAppeal,
    Placement,
    Route,
    TemplateSource,
    WrittenAppeal,
)
from selfcheck.appeal.render_letter import browser_length, form_text, letter_subject, render_letter
from selfcheck.appeal.render_mail import InlinePicture, MailBody, draft_bytes, mail
from selfcheck.appeal.render_text import appeal_txt, next_steps
from selfcheck.appeal.rules import choose_incident, open_appeal
from selfcheck.appeal.send import keep_sent
from selfcheck.artifacts.run_reader import platform_by_runs
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.incident import EventKind, Incident
from selfcheck.core.run_document import PageRecord
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import EvidenceMissingError, RunUnreadableError, UsageError
from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.evidence.mail_pictures import MailPicture, note_words, size_in_mail
from selfcheck.evidence.package import Evidence, EvidenceOptions, mail_pictures, write_evidence
from selfcheck.evidence.shared_run import shared_run
from selfcheck.history.service import add_author_event, open_history
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import fill, page_url
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import as_it_is, fill_in
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_whole, storage_error, write_whole

NOTE = "note.txt"
_USUAL_FOLLOW_UP_DAYS = 7
_FOR_WORDS = 60_000
"""Bytes of a mail that its words and headers may take."""
_ZIPS_SHARE = 0.6
"""How much of a mail the evidence may take; the rest is for pictures that are seen without opening it."""
_BASE64 = 57 / 78
"""Bytes that a line of base64 holds, of those that it takes."""
_OUTDATED = re.compile(r"note\.txt|appeal-\d+\.eml|\d\d-[\w.-]+\.(?:png|jpg)")
"""Files of an earlier appeal that a new one may not write again."""


@dataclass(frozen=True, kw_only=True)
class AppealRequest:
    """What the author asked for, beside the incident."""

    preferences: Preferences
    folder: Path  # from which the path of an own template is meant
    home: str | None = None  # the profile's own instance of the platform; None: the platform's
    platform: str | None = None  # the profile's platform as profiles.yaml has it today; None: not there
    note: str | None = None  # None: as it was written before
    language: str | None = None  # None: as the settings say
    text: str | None = None  # the letter as its author edited it; None: as the template has it
    hints: CommandHints = USUAL_HINTS


def choose(data: DataFolder, word: str | None) -> Choice:
    """Return the incident that is meant. Raises UsageError where it is not clear."""
    if not data.has_history():
        raise UsageError(
            f"No history in {data}.",
            cause="No run has been made yet, or its results were kept in another folder.",
            next_step=lambda hints: f"`{hints.command('run')}` makes one; --data names another folder.",
        )
    with open_history(data) as history:
        return choose_incident(word, history.incidents(), history.runs())


def note_of(data: DataFolder, incident: Incident) -> str:
    """Return the author's paragraph as it was given before; "": there is none."""
    path = data.appeal(incident.id) / NOTE
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be read.", cause=f"{error}.", next_step="Give your paragraph again with --note."
        ) from error


# -- what came of it ---------------------------------------------------------------------------------------


def record_events(
    data: DataFolder, choice: Choice, events: Sequence[tuple[EventKind, str]], *, now: datetime
) -> Incident:
    """Record what the author says happened, and return the incident as it is then. Raises UsageError."""
    incident = choice.incident
    if choice.likely:
        raise UsageError(
            choice.warnings[0],
            cause="Nothing can be recorded until it is an incident.",
            next_step=lambda hints: (
                f"`{hints.command('run', incident.profile)}` checks again and may confirm it."
            ),
        )
    if incident.over and any(kind is EventKind.RESTORED for kind, _ in events):
        raise UsageError(f"{incident.id} is over already ({incident.state.value}).")
    for kind, text in events:
        incident = add_author_event(data, incident.id, kind, text, now=now)
    return incident


def open_appeals(data: DataFolder, word: str | None, preferences: Preferences) -> tuple[OpenAppeal, ...]:
    """Return the open incidents of a profile, or of all, or the incident that is named."""
    if not data.has_history():
        return ()
    with open_history(data) as history:
        if word is None or word in history.profiles():
            incidents: Sequence[Incident] = history.incidents(word, open_only=True)
        else:
            incidents = (history.incident(word),)
    zone = ZoneInfo(preferences.time_zone)
    return tuple(
        open_appeal(
            incident,
            title=platform.title if platform else "",
            follow_up_days=_follow_up_days(preferences, platform),
            zone=zone,
        )
        for incident in incidents
        for platform in [known_platform(data, incident)]
    )


def _follow_up_days(preferences: Preferences, platform: Platform | None) -> int:
    """Return after how many days without an answer to ask again."""
    own = platform.appeal.follow_up_days if platform else None
    return preferences.appeal.follow_up_days or own or _USUAL_FOLLOW_UP_DAYS


def known_platform(data: DataFolder, incident: Incident) -> Platform | None:
    """Return the incident's platform as its runs kept it; None where a file of the user's own is gone."""
    with suppress(UsageError):
        return incident_platform(data, incident, None)
    return None


def incident_platform(data: DataFolder, incident: Incident, named: str | None) -> Platform:
    """Return the incident's platform: as profiles.yaml names it today, else as the incident's runs kept it.

    Raises PlatformUnknownError where there is neither.
    """
    if named is not None and (today := load_platform(named)).platform == incident.platform:
        return today
    runs = (incident.last_bad_run, incident.first_bad_run)
    return platform_by_runs(data, runs, incident.profile, incident.platform)


def page_values(incident: Incident, platform: Platform, request: AppealRequest) -> dict[str, str]:
    """Return what addresses and subjects of the platform are filled in with."""
    return {"home": request.home or platform.home, "handle": Handle(incident.handle).name}


def account_letter(
    choice: Choice, pages: Sequence[PageRecord], platform: Platform, request: AppealRequest, note: str
) -> Letter:
    """Return what a letter about this incident tells, in the author's name."""
    settings, address = request.preferences.appeal, ""
    with suppress(ValueError):  # a platform without such a page
        values = page_values(choice.incident, platform, request)
        address = page_url(PageKind.PROFILE, platform, values)
    account = Account(
        name=settings.signature,
        handle=platform.shown_handle(choice.incident.handle),
        platform=platform.title,
        address=address,
        account_mail=parseaddr(settings.account_mail or "")[1],
    )
    clocks = Clocks(request.preferences.time_zone, platform.appeal.time_zone)
    return letter(choice, pages, account=account, clocks=clocks, note=note)


# -- writing -----------------------------------------------------------------------------------------------


def write_appeal(data: DataFolder, choice: Choice, request: AppealRequest, *, now: datetime) -> WrittenAppeal:
    """Write the drafts, the text for a form, the evidence and the next steps of an incident.

    Raises UsageError (a template, an address, a mail that is too small), EvidenceMissingError, StorageError.
    """
    return _Writer(data, choice, request).write(now)


class _Writer:
    """One appeal while it is written."""

    def __init__(self, data: DataFolder, choice: Choice, request: AppealRequest) -> None:
        self._data = data
        self._choice = choice
        self._incident = choice.incident
        self._request = request
        self._settings = request.preferences.appeal
        self._platform = incident_platform(data, choice.incident, request.platform)
        self._values = page_values(choice.incident, self._platform, request)
        note = note_of(data, choice.incident) if request.note is None else request.note
        self._note = paragraphs(note)
        self._folder = data.appeal(choice.incident.id)

    def write(self, now: datetime) -> WrittenAppeal:
        source = self._source()
        pages = incident_pages(self._data, self._incident)
        content = account_letter(self._choice, pages, self._platform, self._request, self._note)
        render_letter(content, source)  # so that a mistake in a template is told before anything is written
        evidence = self._evidence()
        archive = Attachment(name=EVIDENCE_ZIP, media_type="application/zip", data=read_whole(evidence.path))
        room = self._request.preferences.evidence.mail_bytes - _FOR_WORDS - size_in_mail(archive.data)
        # Each stands in its mail twice: within the letter and as a file.
        language = source.language
        fitting = mail_pictures(self._data, self._incident, most_bytes=max(0, room // 2), language=language)
        pictures = tuple(_with_place(picture, evidence, language) for picture in fitting)
        appeal = WrittenAppeal(
            choice=self._choice,
            folder=self._folder,
            route=self._route(),
            drafts=tuple(self._drafts(content, source, pictures, archive)),
            form=self._form(content, source),
            pictures=pictures,
            evidence=evidence,
            note=self._note,
        )
        today = now.astimezone(ZoneInfo(self._request.preferences.time_zone)).date()
        steps = next_steps(appeal, today=today, hints=self._request.hints)
        self._keep(dict(_files(appeal, steps)))
        return appeal

    def _form(self, content: Letter, source: TemplateSource) -> FormText:
        limit, text = self._platform.appeal.form_limit, self._request.text
        if text is None:
            return form_text(content, source, limit)
        return FormText(text=f"{text}\n", length=browser_length(text), limit=limit)

    def _source(self) -> TemplateSource:
        language = self._request.language or self._settings.language
        if self._settings.template is None:
            return TemplateSource(language=language)
        path = self._request.folder / Path(self._settings.template).expanduser()
        try:
            return TemplateSource(language=language, name=str(path), text=path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"The letter's template {path} cannot be read.",
                cause=f"{error}.",
                next_step="Correct `template` in the settings' section `appeal`, or leave it out.",
            ) from error

    def _evidence(self) -> Evidence:
        addresses = (self._settings.sender, self._settings.reply_to, self._settings.account_mail)
        settings = self._request.preferences.evidence
        return write_evidence(
            self._data,
            self._incident,
            self._folder / EVIDENCE_ZIP,
            EvidenceOptions(
                wacz=settings.wacz,
                with_stats=settings.stats_pictures,
                private=tuple({parseaddr(address)[1] for address in addresses if address}),
                most_bytes=int(settings.mail_bytes * _ZIPS_SHARE * _BASE64),
            ),
        )

    def _drafts(
        self, content: Letter, source: TemplateSource, pictures: Sequence[MailPicture], archive: Attachment
    ) -> Iterator[Draft]:
        parts = max((picture.mail for picture in pictures), default=1)
        for part in range(1, parts + 1):
            own = [picture for picture in pictures if picture.mail == part]
            files = [
                Attachment(name=picture.name, media_type=picture.media_type, data=picture.data)
                for picture in own
            ]
            attachments = (*files, archive) if part == 1 else tuple(files)
            placement = Placement(
                attachments=tuple(file.name for file in attachments), part=part, parts=parts
            )
            body = MailBody(
                text=self._request.text or render_letter(content, source, placement),
                language=source.language,
                picture=InlinePicture(file=files[0], note=own[0].note) if own else None,
            )
            envelope = self._envelope(content, source.language, placement)
            yield Draft(
                path=self._folder / (DRAFT if part == 1 else f"appeal-{part}.eml"),
                message=mail(envelope, body, attachments),
                envelope=envelope,
                attachments=attachments,
            )

    def _envelope(self, content: Letter, language: str, placement: Placement) -> Envelope:
        appeal = self._platform.appeal
        subject = letter_subject(content, language, fill_in(appeal.subject, self._values, as_it_is) or "")
        part = f" ({placement.part}/{placement.parts})" if placement.parts > 1 else ""
        return Envelope(
            sender=self._settings.sender,
            reply_to=self._settings.reply_to,
            to=appeal.mail[:1],
            subject=f"{subject}{part}",
        )

    def _route(self) -> Route:
        form = ""
        with suppress(ValueError):  # an address that needs what is not known
            form = fill(self._platform.appeal.form or "", self._values)
        return Route(
            title=self._platform.title,
            form=form,
            appeal=self._platform.appeal,
            follow_up_days=_follow_up_days(self._request.preferences, self._platform),
        )

    def _keep(self, files: Mapping[str, bytes]) -> None:
        """Write all files but the evidence, which is there already, and remove those of an earlier appeal."""
        keep_sent(self._folder, self._incident)
        for name, data in files.items():
            write_whole(self._folder / name, data)
        try:
            for path in self._folder.iterdir():
                if _OUTDATED.fullmatch(path.name) and path.name not in files:
                    path.unlink()
        except OSError as error:
            raise storage_error(self._folder, error) from error


def _files(appeal: WrittenAppeal, steps: str) -> Iterator[tuple[str, bytes]]:
    yield from ((picture.name, picture.data) for picture in appeal.pictures)
    yield from ((draft.path.name, draft_bytes(draft.message)) for draft in appeal.drafts)
    yield "appeal.txt", appeal_txt(appeal.form).encode()
    if appeal.note:
        yield NOTE, f"{appeal.note}\n".encode()
    yield STEPS, steps.encode()


def _with_place(picture: MailPicture, evidence: Evidence, language: str) -> MailPicture:
    """Return the picture with a note that is true also where the zip had no room for the original."""
    if picture.original in evidence.names:
        return picture
    words = note_words(language)
    return replace(picture, note=picture.note.replace(words.zipped, words.kept))


def incident_pages(data: DataFolder, incident: Incident) -> Sequence[PageRecord]:
    """Return what may be told of the incident's pages, by the latest run that found it, else by the first."""
    disclosure = Disclosure(audience=Audience.PLATFORM)
    for run_id in dict.fromkeys((incident.last_bad_run, incident.first_bad_run)):
        if not is_safe_name(run_id) or not (folder := data.run(run_id)).is_dir():
            continue
        with suppress(RunUnreadableError):
            pages = shared_run(folder, incident.profile, disclosure).pages
            if pages:
                return pages
    raise EvidenceMissingError(
        f"There is no evidence of {incident.id}: its runs are gone or cannot be read.",
        cause="The runs' folders were deleted, moved or damaged.",
        next_step=lambda hints: (
            f"Check again: `{hints.command('run', incident.profile)}` collects new evidence."
        ),
    )
