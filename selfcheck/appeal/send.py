"""Sends an appeal through the author's own mail server, after its author said yes, and records it.

Laws:
1. What is sent is what was shown: the drafts as they were written, with a date and an id.
2. The connection is encrypted before anything is said, and the server's certificate is checked; there is no
   way round either.
3. A password comes from the environment or the machine's keyring. It is never written, logged or repeated.
4. A mail that was sent is recorded first of all; then a copy of it is kept beside the draft. One that was not
   sent leaves the draft as it is, and the reason is recorded too, with its likely cause. If it may have been
   sent all the same, that is said.
"""

import os
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from email.utils import parseaddr
from pathlib import Path

from selfcheck.appeal.model import DRAFT, EVIDENCE_ZIP, STEPS, Choice, Draft
from selfcheck.appeal.render_mail import draft_bytes, message_id, to_be_sent
from selfcheck.core.history import Delivery
from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.core.text_safety import one_line
from selfcheck.errors import MailNotSentError, StorageError, UsageError
from selfcheck.history.service import open_history
from selfcheck.settings.preferences import AppealSettings, MailServer
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import storage_error, write_whole

CHANNEL = "mail to the platform"
"""With spaces, which the name of an alert channel cannot have."""
KIND = "appeal"
PASSWORD = "SELFCHECK_SMTP_PASSWORD"  # noqa: S105 - the variable's name
_SECONDS = 60.0
_LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class SendContext:
    """The mail server, and what the world adds to a mail."""

    server: MailServer
    password: str | None
    now: Callable[[], datetime]
    zone: tzinfo
    random_bits: Callable[[int], int]  # makes a mail's id the only one


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """A mail that was sent."""

    message_id: str
    at: datetime
    copy: Path
    refused: tuple[str, ...] = ()  # recipients that the server refused while it took others


def check_sendable(settings: AppealSettings, draft: Draft) -> MailServer:
    """Return the author's mail server. Raises UsageError where it, a sender or a recipient is missing."""
    envelope = draft.envelope
    if settings.smtp is None:
        raise UsageError(
            "The settings name no mail server.",
            cause="`--send` needs `smtp:` in the section `appeal` of `settings:` in profiles.yaml.",
            next_step="docs/appeals.md shows how; `--open` opens the draft in your mail program instead.",
        )
    if envelope.sender is None:
        raise UsageError(
            "The sender of the mail is not known.",
            next_step="Set `from:` in the section `appeal` of `settings:` in profiles.yaml.",
        )
    if not envelope.to:
        raise UsageError(
            "No mail address is known for appeals to this platform.",
            next_step=f"Use its form: {draft.path.with_name(STEPS)} says where.",
        )
    return settings.smtp


def send_appeal(
    data: DataFolder, choice: Choice, drafts: Sequence[Draft], context: SendContext
) -> tuple[SentMail, ...]:
    """Send the drafts in their order.

    Raises MailNotSentError, and StorageError where one was sent but cannot be recorded.
    """
    return tuple(_send_draft(data, choice, draft, context) for draft in drafts)


def _send_draft(data: DataFolder, choice: Choice, draft: Draft, context: SendContext) -> SentMail:
    incident, sender = choice.incident, draft.envelope.sender or ""
    at = context.now()
    identity = message_id(sender, incident.id, f"{context.random_bits(64):016x}")
    message = draft_bytes(to_be_sent(draft.message, at=at.astimezone(context.zone), message_id=identity))
    to = [parseaddr(address)[1] for address in draft.envelope.to]
    delivery = Delivery(
        at=at,
        channel=CHANNEL,
        kind=KIND,
        profile=incident.profile,
        incident=None if choice.likely else incident.id,
        ok=False,
        detail="",
    )
    try:
        refused = send(context.server, context.password, sender=parseaddr(sender)[1], to=to, message=message)
    except MailNotSentError as error:
        with open_history(data) as history:
            history.add_delivery(replace(delivery, detail=f"{error.what} {error.cause}"))
        raise MailNotSentError(
            f"{error.what} The draft is kept: {draft.path}", cause=error.cause, next_step=error.next_step
        ) from error
    accepted = ", ".join(address for address in to if address not in refused)
    copy = draft.path.with_name(f"sent-{at:%Y%m%dT%H%M%SZ}-{draft.path.name}")
    event = IncidentEvent(at=at, kind=EventKind.APPEALED, text=f"by mail to {accepted}", message_id=identity)
    try:
        with open_history(data) as history:
            if not choice.likely:
                history.add_event(incident.id, event)
            history.add_delivery(replace(delivery, ok=True, detail=f"to {accepted} {identity}"))
        write_whole(copy, message)
    except StorageError as error:
        raise StorageError(
            "The mail was sent, but that could not be recorded. Do not send it again.",
            cause=f"{error.what} {error.cause}",
            next_step=lambda hints: (
                "When the disk can be written again, record it:"
                f" {hints.command('appeal', 'status', incident.id, '--sent')}"
            ),
        ) from error
    return SentMail(message_id=identity, at=at, copy=copy, refused=refused)


# -- the password ------------------------------------------------------------------------------------------


def _keyring_service(server: MailServer) -> str:
    return f"selfcheck {server.host}"


def saved_password(server: MailServer, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the password from the environment, else from the keyring; None where neither has it."""
    if server.user is None:
        return None
    if password := (os.environ if environ is None else environ).get(PASSWORD):
        return password
    import keyring  # noqa: PLC0415 - costs time, and most commands do without
    import keyring.errors  # noqa: PLC0415

    with suppress(keyring.errors.KeyringError):  # a machine without one
        return keyring.get_password(_keyring_service(server), server.user)
    return None


def save_password(server: MailServer, password: str) -> bool:
    """Save the password in this machine's keyring; return whether there is one that takes it."""
    import keyring  # noqa: PLC0415 - costs time, and most commands do without
    import keyring.errors  # noqa: PLC0415

    try:
        keyring.set_password(_keyring_service(server), server.user or "", password)
    except keyring.errors.KeyringError:
        return False
    return True


# -- the mail server ---------------------------------------------------------------------------------------


def send(
    server: MailServer, password: str | None, *, sender: str, to: Sequence[str], message: bytes
) -> tuple[str, ...]:
    """Hand the mail in; return the recipients that the server refused while it took others.

    `sender` and `to` are bare addresses. Raises MailNotSentError if no recipient gets it.
    """
    with _connected(server) as connection:
        if server.user is not None:
            _sign_in(connection, server, password)
        return _hand_in(connection, server, sender, to, message)


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    connection = _connection(server)
    try:
        yield connection
    finally:
        # Once the mail was taken it does not matter how the connection ends.
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def _connection(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    try:
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port_number, timeout=_SECONDS, context=context)
        connection = smtplib.SMTP(server.host, server.port_number, timeout=_SECONDS)
        try:
            connection.starttls(context=context)
        except BaseException:  # Ctrl-C too: nothing stays open
            connection.close()
            raise
    except (smtplib.SMTPException, OSError, ValueError) as error:
        usual = ("{reply}", "Check `host`, `port` and `security` in the settings.")
        cause, next_step = next((row[1:] for row in _UNREACHED if isinstance(error, row[0])), usual)
        raise MailNotSentError(
            f"The mail server {server.label} cannot be used.",
            cause=cause.format(port=server.port_number, reply=_reply(error)),
            next_step=next_step,
        ) from error
    return connection


_UNREACHED: tuple[tuple[type[Exception], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "Its certificate cannot be trusted: {reply}",
        "Use the name in the certificate. SSL_CERT_FILE names the authority of a server of your own.",
    ),
    (
        ssl.SSLError,
        "No encrypted connection could be set up: {reply}",
        "Check `security` and `port`: starttls goes with 587, tls with 465.",
    ),
    (
        smtplib.SMTPNotSupportedError,
        "It offers no encryption (STARTTLS) on this port, and a mail is not sent without.",
        "Try `security: tls` with port 465.",
    ),
    (socket.gaierror, "Its name is not known.", "Check `host` in the settings, and the network."),
    (
        TimeoutError,
        "It did not answer in time.",
        "Check `host` and `port`; some networks block outgoing mail. Your mail program can send it too.",
    ),
    (
        ConnectionRefusedError,
        "Nothing answers on port {port}.",
        "Check `host` and `port` in the settings.",
    ),
)
"""The first that fits counts: error, likely cause, next step."""


def _sign_in(connection: smtplib.SMTP, server: MailServer, password: str | None) -> None:
    if not password:
        raise MailNotSentError(
            f"There is no password for {server.user} at {server.host}.",
            next_step=f"Set {PASSWORD}, or save it in the keyring:"
            f" keyring set {_keyring_service(server)!r} {server.user}",
        )
    try:
        connection.login(server.user or "", password)
    except smtplib.SMTPAuthenticationError as error:
        raise MailNotSentError(
            f"The mail server {server.host} refused the password of {server.user}.",
            cause=_reply(error),
            next_step="Many providers require a password for programs (an app password). Correct it and try"
            " again.",
        ) from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise MailNotSentError(
            f"Signing in to the mail server {server.host} failed.",
            cause=_reply(error),
            next_step="Check `user` in the settings; leave it out if the server needs no password.",
        ) from error


def _hand_in(
    connection: smtplib.SMTP, server: MailServer, sender: str, to: Sequence[str], message: bytes
) -> tuple[str, ...]:
    host = server.host
    try:
        return tuple(connection.sendmail(sender, list(to), message))
    except smtplib.SMTPRecipientsRefused as error:
        refused = "; ".join(f"{who}: {_words(*reply)}" for who, reply in error.recipients.items())
        raise MailNotSentError(
            f"The mail server {host} refused the recipient.",
            cause=f"It says: {refused}",
            next_step="Use the platform's form, or another address that next-steps.txt names.",
        ) from error
    except smtplib.SMTPSenderRefused as error:
        raise MailNotSentError(
            f"The mail server {host} refused {sender} as the sender.",
            cause=_reply(error),
            next_step="Set `from` to an address that this server may send for, or make the mail smaller"
            " (`mail_megabytes`) if it says that it is too large.",
        ) from error
    except smtplib.SMTPResponseException as error:
        raise MailNotSentError(
            f"The mail server {host} refused the mail.",
            cause=_reply(error),
            next_step="If it is too large, make it smaller (`mail_megabytes`); else use the platform's form.",
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotSentError(
            f"The connection to the mail server {host} broke while the mail was being sent.",
            cause=f"{_reply(error)} The mail may have been sent anyway.",
            next_step="Check whether the mail or an error came back to you before you send it again.",
        ) from error


def _reply(error: Exception) -> str:
    """Return what the server or the system says, on one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"It says: {_words(error.smtp_code, error.smtp_error)}"
    text = one_line(f"{getattr(error, 'strerror', None) or error}", _LONGEST)
    return f"{text.rstrip('.')}."


def _words(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {one_line(words, _LONGEST)}".strip()


def keep_sent(folder: Path, incident: Incident) -> None:
    """Put the letter that its author sent into a folder of its own, where none that is written later goes.

    The evidence is made from the runs and may be made again. Raises StorageError.
    """
    times = sum(event.kind is EventKind.APPEALED for event in incident.events)
    sent = folder / f"sent-{times}"
    if not times or sent.exists() or not (folder / DRAFT).exists():
        return
    try:
        letter = [path for path in folder.iterdir() if path.is_file() and path.name != EVIDENCE_ZIP]
        copies = {path.name: path.read_bytes() for path in letter}
    except OSError as error:
        raise storage_error(folder, error) from error
    for name, data in copies.items():
        write_whole(sent / name, data)
