"""What the author puts into an appeal: their settings and words, what happened, and the letter as edited.

The command line and the web app both ask here. Laws:
1. An edited letter takes the template's place in the mail and in the form alike, so that both say the same.
2. A letter that was sent stays as it was: no edit touches it.
"""

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from selfcheck.appeal.model import DRAFT, EVIDENCE_ZIP, STEPS, Attachment, Choice, Draft, Envelope
from selfcheck.appeal.render_text import NOT_FOR_THE_FORM
from selfcheck.appeal.service import AppealRequest
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.incident import EventKind, Incident
from selfcheck.errors import UsageError
from selfcheck.settings import Preferences, read_configuration
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_plain

FORM = "appeal.txt"
_LARGEST = 60_000_000  # bytes; no mail takes more
_MAIL = re.compile(r"appeal(?:-\d+)?\.eml")
_TYPES: Mapping[str, str] = {
    DRAFT: "message/rfc822",
    FORM: "text/plain; charset=utf-8",
    STEPS: "text/plain; charset=utf-8",
    EVIDENCE_ZIP: "application/zip",
}


def appeal_request(
    choice: Choice, profiles_file: Path, note: str | None, language: str | None, hints: CommandHints
) -> AppealRequest:
    """Return what the author asks for, with the settings and the profile of their profiles file."""
    configuration = read_configuration(profiles_file) if profiles_file.exists() else None
    profiles = {user.name: user for user in configuration.profiles} if configuration else {}
    profile = profiles.get(choice.incident.profile)
    return AppealRequest(
        preferences=configuration.preferences if configuration else Preferences(),
        folder=profiles_file.parent,
        home=profile.base_url if profile else None,
        platform=profile.platform if profile else None,
        note=note,
        language=language,
        hints=hints,
    )


def author_events(
    *, sent: bool, answered: bool, restored: bool, case: str | None, note: str
) -> list[tuple[EventKind, str]]:
    """Return what the author says happened, in the order in which it happens; `case` None: no number came."""
    events = (
        (sent, EventKind.APPEALED, note or "by its author"),
        (case is not None, EventKind.CASE, case or ""),
        (answered, EventKind.ANSWERED, note),
        (restored, EventKind.RESTORED, note),
    )
    return [(kind, text) for happened, kind, text in events if happened]


def was_sent(incident: Incident) -> bool:
    """Return whether the author or selfcheck sent an appeal for it."""
    return any(event.kind is EventKind.APPEALED for event in incident.events)


def refuse_after_sending(incident: Incident) -> None:
    """Raise UsageError where the letter was sent: what was sent is kept as it was."""
    if was_sent(incident):
        raise UsageError(
            f"The letter for {incident.id} was sent, so it is kept as it was.",
            next_step="Write again in the platform's own form or mail thread.",
        )


def written_letter(data: DataFolder, incident: Incident) -> str | None:
    """Return the letter for a form as it was written last; None where none was."""
    try:
        text = read_plain(data.appeal(incident.id), FORM, _LARGEST).decode("utf-8", "replace")
    except OSError:
        return None
    return text.partition(NOT_FOR_THE_FORM)[0].rstrip("\n")


def written_files(data: DataFolder, incident: Incident) -> Mapping[str, str]:
    """Return the files that were written for the author to send, by name, with their types."""
    folder = data.appeal(incident.id)
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return {
        name: _TYPES.get(name, _TYPES[DRAFT]) for name in names if name in _TYPES or _MAIL.fullmatch(name)
    }


def written_file(data: DataFolder, incident: Incident, name: str) -> bytes:
    """Return one of those files. Raises OSError, also for any other name."""
    if name not in written_files(data, incident):
        raise FileNotFoundError(name)
    return read_plain(data.appeal(incident.id), name, _LARGEST)


def written_drafts(data: DataFolder, incident: Incident) -> tuple[Draft, ...]:
    """Return the mails that were written last, in their order; none where none was. Raises OSError."""
    names = [name for name in written_files(data, incident) if _MAIL.fullmatch(name)]
    return tuple(_draft(data, incident, name) for name in sorted(names, key=lambda name: (len(name), name)))


def _draft(data: DataFolder, incident: Incident, name: str) -> Draft:
    message = message_from_bytes(written_file(data, incident, name), EmailMessage, policy=SMTP)
    sender, reply_to = message["From"], message["Reply-To"]
    return Draft(
        path=data.appeal(incident.id) / name,
        message=message,
        envelope=Envelope(
            sender=str(sender) if sender else None,
            reply_to=str(reply_to) if reply_to else None,
            to=tuple(str(address) for address in message["To"].addresses) if message["To"] else (),
            subject=str(message["Subject"]),
        ),
        attachments=tuple(
            Attachment(
                name=part.get_filename() or "",
                media_type=part.get_content_type(),
                data=bytes(part.get_content()),
            )
            for part in message.iter_attachments()
        ),
    )


def plain_body(draft: Draft) -> str:
    """Return the words of a mail as plain text."""
    body = draft.message.get_body(("plain",))
    text: str = body.get_content() if body is not None else ""
    return text.replace("\r\n", "\n").rstrip("\n")
