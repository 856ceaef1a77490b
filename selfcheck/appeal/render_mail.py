"""An appeal as a mail: a draft that mail programs open ready to send, and the same mail as it is sent.

Laws:
1. `X-Unsent: 1` marks a draft; a draft has neither a date nor an id, which are given when it is sent.
2. Lines end in CR LF, nothing is longer than mail allows, and all that is not ASCII is encoded.
3. Plain text and HTML say the same. Pictures stand within the HTML and are attached as files too.
4. The same appeal gives the same bytes: no chance and no clock, not even in the borders of its parts.
"""

import hashlib
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from selfcheck.appeal.model import Attachment, Envelope
from selfcheck.core.text_safety import one_line
from selfcheck.errors import UsageError

_ENCODING = "quoted-printable"


def mail(
    envelope: Envelope,
    *,
    text: str,
    html: str | None = None,
    inline: Attachment | None = None,
    cid: str = "",
    attachments: tuple[Attachment, ...] = (),
) -> EmailMessage:
    """Return the mail as a draft; `inline` is the picture that the HTML shows by its `cid`."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(envelope.subject)
    try:
        _address(message, envelope)
    except (MessageError, ValueError, IndexError) as error:
        raise UsageError(
            "The mail's addresses cannot be used.",
            cause=f"{error}.",
            next_step="Correct `from` and `reply_to` in the settings, or `mail` in the platform's file.",
        ) from error
    message["X-Unsent"] = "1"
    message.set_content(text, charset="utf-8", cte=_ENCODING)
    if html is not None:
        message.add_alternative(html, subtype="html", charset="utf-8", cte=_ENCODING)
        if inline is not None:
            _relate(message, inline, cid)
    for one in attachments:
        main, _, sub = one.media_type.partition("/")
        message.add_attachment(one.data, maintype=main, subtype=sub, filename=one.name)
    _fix_borders(message, envelope)
    return message


def draft_bytes(message: EmailMessage) -> bytes:
    """Return the mail as the file of a draft."""
    return message.as_bytes(policy=SMTP)


def to_be_sent(message: EmailMessage, *, at: datetime, message_id: str) -> EmailMessage:
    """Return the draft as a mail that is sent at this time, under this id (with its angle brackets)."""
    sent = EmailMessage(policy=SMTP)
    sent["Date"] = format_datetime(at)
    sent["Message-ID"] = message_id
    for name, value in message.items():
        if name.lower() != "x-unsent":
            sent[name] = value
    sent.set_payload(message.get_payload())
    return sent


def message_id(sender: str, incident: str, random: str) -> str:
    """Return an id for a mail of this sender; `random` makes it the only one."""
    domain = parseaddr(sender)[1].rpartition("@")[2]
    return f"<{incident}.{random}@{domain}>"


def _address(message: EmailMessage, envelope: Envelope) -> None:
    if envelope.to:
        message["To"] = ", ".join(envelope.to)
    if envelope.sender:
        message["From"] = envelope.sender
    if envelope.reply_to:
        message["Reply-To"] = envelope.reply_to


def _relate(message: EmailMessage, picture: Attachment, cid: str) -> None:
    """Put the picture beside the HTML that shows it."""
    html = message.get_body(preferencelist=("html",))
    assert isinstance(html, EmailMessage)  # it has just been added
    main, _, sub = picture.media_type.partition("/")
    html.add_related(
        picture.data,
        maintype=main,
        subtype=sub,
        cid=f"<{cid}>",
        filename=picture.name,
        disposition="inline",
    )


def _fix_borders(message: EmailMessage, envelope: Envelope) -> None:
    seed = f"{envelope.subject} {envelope.to}"
    for number, part in enumerate(one for one in message.walk() if one.is_multipart()):
        digest = hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:24]
        part.set_boundary(f"=_selfcheck_{number}_{digest}")
