"""Sends an appeal that was written, after its author said yes, and remembers it.

Laws:
1. What is sent is what was shown: the drafts as they were written, with a date and an id.
2. A mail that was sent is remembered first of all; then a copy of it is kept beside the draft.
3. A mail that was not sent leaves the draft as it is, and why it was not is remembered too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol

from selfcheck.appeal.render_mail import draft_bytes, message_id, to_be_sent
from selfcheck.appeal.service import Draft, WrittenAppeal
from selfcheck.appeal.smtp import send
from selfcheck.core.history import Delivery
from selfcheck.core.incident import EventKind, IncidentEvent
from selfcheck.errors import MailNotSentError, StorageError, UsageError
from selfcheck.history.service import open_history
from selfcheck.settings.preferences import AppealSettings, MailServer
from selfcheck.storage.files import write_whole

CHANNEL = "mail to the platform"
"""With spaces, which the name of an alert channel cannot have."""
KIND = "appeal"


class Chance(Protocol):
    """What makes an id the only one."""

    def getrandbits(self, bits: int, /) -> int:
        """Return a random number of so many bits."""
        ...


@dataclass(frozen=True, kw_only=True)
class SentAppeal:
    """A mail that was sent."""

    message_id: str
    at: datetime
    copy: Path
    refused: tuple[str, ...] = ()  # recipients that the server refused while it took others


def mail_server(settings: AppealSettings) -> MailServer:
    """Return the author's mail server. Raises UsageError where the settings name none."""
    if settings.smtp is None:
        raise UsageError(
            "The settings name no mail server.",
            cause="`--send` needs `smtp:` in the section `appeal` of `settings:` in profiles.yaml.",
            next_step="docs/appeals.md shows how; `--open` opens the draft in your mail program instead.",
        )
    return settings.smtp


def check_sendable(written: WrittenAppeal) -> None:
    """Raise UsageError where a draft lacks a sender or a recipient."""
    envelope = written.drafts[0].envelope
    if envelope.sender is None:
        raise UsageError(
            "It is not known who sends the mail.",
            next_step="Set `from:` in the section `appeal` of `settings:` in profiles.yaml.",
        )
    if not envelope.to:
        raise UsageError(
            f"No mail address is known at which {written.title} takes appeals.",
            next_step=f"Use the form: {written.folder / 'next-steps.txt'} says where.",
        )


def send_appeal(
    data_dir: Path,
    written: WrittenAppeal,
    server: MailServer,
    password: str | None,
    *,
    now: Callable[[], datetime],
    zone: tzinfo,
    chance: Chance,
) -> tuple[SentAppeal, ...]:
    """Send the drafts in their order.

    Raises MailNotSentError, and StorageError where one was sent but cannot be remembered.
    """
    sent: list[SentAppeal] = []
    for draft in written.drafts:
        at, sender = now(), draft.envelope.sender or ""
        identity = message_id(sender, written.choice.incident.id, f"{chance.getrandbits(64):016x}")
        message = draft_bytes(to_be_sent(draft.message, at=at.astimezone(zone), message_id=identity))
        to = [parseaddr(one)[1] for one in draft.envelope.to]
        answer = send(server, password, sender=parseaddr(sender)[1], to=to, message=message)
        if isinstance(answer, MailNotSentError):
            _remember(data_dir, written, at, ok=False, detail=f"{answer.what} {answer.cause}")
            raise _with_draft(answer, draft)
        taken = ", ".join(one for one in to if one not in answer)
        copy = draft.path.with_name(f"sent-{at:%Y%m%dT%H%M%SZ}-{draft.path.name}")
        try:
            _remember(data_dir, written, at, ok=True, detail=f"to {taken}", message_id=identity)
            write_whole(copy, message)
        except StorageError as error:
            raise _sent_but(error, written) from error
        sent.append(SentAppeal(message_id=identity, at=at, copy=copy, refused=answer))
    return tuple(sent)


def _remember(
    data_dir: Path,
    written: WrittenAppeal,
    at: datetime,
    *,
    ok: bool,
    detail: str,
    message_id: str | None = None,
) -> None:
    incident, recorded = written.choice.incident, not written.choice.likely
    with open_history(data_dir) as history:
        if ok and recorded:
            event = IncidentEvent(
                at=at, kind=EventKind.APPEALED, text=f"by mail {detail}", message_id=message_id
            )
            history.add_event(incident.id, event)
        history.add_delivery(
            Delivery(
                at=at,
                channel=CHANNEL,
                kind=KIND,
                profile=incident.profile,
                incident=incident.id if recorded else None,
                ok=ok,
                detail=f"{detail} {message_id}" if message_id else detail,
            )
        )


def _with_draft(error: MailNotSentError, draft: Draft) -> MailNotSentError:
    return MailNotSentError(
        f"{error.what} The draft is kept: {draft.path}", cause=error.cause, next_step=error.next_step
    )


def _sent_but(error: StorageError, written: WrittenAppeal) -> StorageError:
    return StorageError(
        "The mail was sent, but that could not be written down. Do not send it again.",
        cause=f"{error.what} {error.cause}",
        next_step=lambda hints: (
            "When the disk takes files again, say so:"
            f" {hints.command('appeal', 'status', written.choice.incident.id, '--sent')}"
        ),
    )
