"""An appeal as a mail: a draft that mail programs open ready to send, and the same mail as it is sent.

Laws:
1. `X-Unsent: 1` marks a draft; a draft has neither a date nor an id, which it gets when it is sent.
2. Lines end in CR LF, nothing is longer than mail allows, and everything beyond ASCII is encoded.
3. Plain text and HTML say the same, also without pictures, which are parts of the mail (`cid:`) and attached
   as files too. Styles stand in the tags, which is all that mail programs agree on.
4. Every word in the HTML is escaped; what becomes a tag is decided by the letter's lines, not by their words.
5. The same appeal gives the same bytes: no chance and no clock, not even in the borders of its parts.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from itertools import groupby

from markupsafe import Markup, escape

from selfcheck.appeal.model import Attachment, Envelope
from selfcheck.appeal.render_letter import PICTURE, plain_text
from selfcheck.core.text_safety import is_link, one_line
from selfcheck.errors import UsageError

_ENCODING = "quoted-printable"
_CID = "side-by-side@selfcheck"
_LINK = re.compile(r"https?://[^\s<>\"“”„]+[^\s<>\"“”„.,;:!?)]")
_FONT = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5"
_LONGEST_SUBJECT = 400  # characters; to fold a long one takes time that grows with its square
_WIDTH = 640


@dataclass(frozen=True, kw_only=True)
class InlinePicture:
    """The picture within the letter."""

    file: Attachment
    note: str = ""  # how it differs from the original; ""


@dataclass(frozen=True, kw_only=True)
class MailBody:
    """What a mail says."""

    text: str  # as `render_letter` returns it
    language: str
    picture: InlinePicture | None = None


def mail(envelope: Envelope, body: MailBody, attachments: tuple[Attachment, ...] = ()) -> EmailMessage:
    """Return the mail as a draft. Raises UsageError for addresses that cannot be used."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject = one_line(envelope.subject, _LONGEST_SUBJECT)
    addresses = {"To": ", ".join(envelope.to), "From": envelope.sender, "Reply-To": envelope.reply_to}
    try:
        for header, value in addresses.items():
            if value:
                message[header] = value
                SMTP.fold(header, message[header])  # what cannot be written fails here, not when it is sent
    except (MessageError, ValueError, IndexError, AttributeError) as error:
        raise UsageError(
            "The mail's addresses cannot be used.",
            cause=f"{error}.",
            next_step="Correct `from` and `reply_to` in the settings, or `mail` in the platform's file.",
        ) from error
    message["X-Unsent"] = "1"
    message.set_content(_encodable(plain_text(body.text)), charset="utf-8", cte=_ENCODING)
    html = _encodable(letter_html(body, title=subject))
    message.add_alternative(html, subtype="html", charset="utf-8", cte=_ENCODING)
    if body.picture is not None:
        part = message.get_body(preferencelist=("html",))
        assert isinstance(part, EmailMessage)  # it has just been added
        file = body.picture.file
        main, _, sub = file.media_type.partition("/")
        part.add_related(
            file.data, maintype=main, subtype=sub, cid=f"<{_CID}>", filename=file.name, disposition="inline"
        )
    for file in attachments:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    _fix_borders(message, envelope)
    return message


def _encodable(text: str) -> str:
    """Return the text without half characters, which a page's quote may hold and no mail can."""
    return text.encode("utf-8", "replace").decode("utf-8")


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


def _fix_borders(message: EmailMessage, envelope: Envelope) -> None:
    seed = f"{envelope.subject} {envelope.to}"
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        digest = hashlib.sha256(f"{seed} {number}".encode("utf-8", "replace")).hexdigest()[:24]
        part.set_boundary(f"=_selfcheck_{number}_{digest}")


# -- the letter as HTML ------------------------------------------------------------------------------------


def letter_html(body: MailBody, *, title: str) -> str:
    """Return the letter; if its text has no place for the picture, it stands at the end."""
    blocks = list(_blocks(body.text, body.picture))
    if body.picture is not None and not PICTURE.search(body.text):
        blocks.append(_picture(body.picture, ""))
    inner = Markup("\n").join(blocks)
    return str(
        Markup(
            '<!DOCTYPE html>\n<html lang="{}">\n<head>\n'
            '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
            '<meta name="viewport" content="width=device-width">\n<title>{}</title>\n</head>\n'
            '<body style="margin:0;padding:16px;color:#1a1a1a;background:#ffffff">\n'
            '<div style="max-width:{}px;{}">\n{}\n</div>\n</body>\n</html>\n'
        ).format(body.language, title, _WIDTH, Markup(_FONT), inner)  # noqa: S704 - our own words
    )


def _blocks(text: str, picture: InlinePicture | None) -> Iterator[Markup]:
    for paragraph in re.split(r"\n{2,}", text.strip()):
        for kind, group in groupby(paragraph.splitlines(), key=_kind):
            lines = list(group)
            if kind == "text":
                yield Markup('<p style="margin:12px 0">{}</p>').format(_joined(lines))
            elif kind == "item":
                items = (
                    Markup('<li style="margin:2px 0">{}</li>').format(_linked(line[2:])) for line in lines
                )
                list_ = Markup('<ul style="margin:12px 0;padding-left:22px">\n{}\n</ul>')
                yield list_.format(Markup("\n").join(items))
            elif kind == "quote":
                style = "margin:12px 0;padding:2px 12px;border-left:3px solid #c8c8c8;color:#333333"
                quoted = _joined([line[2:] for line in lines])
                yield Markup('<blockquote style="{}">{}</blockquote>').format(style, quoted)
            elif picture is not None and (place := PICTURE.fullmatch(lines[0])):
                yield _picture(picture, place["says"] or "")


def _kind(line: str) -> str:
    if PICTURE.fullmatch(line):
        return "picture"
    return {"- ": "item", "> ": "quote"}.get(line[:2], "text")


def _joined(lines: list[str]) -> Markup:
    return Markup("<br>\n").join(_linked(line) for line in lines)


def _picture(picture: InlinePicture, says: str) -> Markup:
    caption = Markup("<br>").join(text for text in (says, picture.note) if text)
    image = Markup(
        '<p style="margin:16px 0"><img src="cid:{}" alt="{}" width="{}"'
        ' style="display:block;width:100%;max-width:{}px;height:auto;border:1px solid #c8c8c8">'
    ).format(_CID, says, _WIDTH, _WIDTH)
    below = Markup('<span style="font-size:13px;color:#555555">{}</span>').format(caption)
    return image + (below if caption else "") + Markup("</p>")


def _linked(text: str) -> Markup:
    """Return the text escaped, with its web addresses as links."""
    parts: list[Markup] = []
    end = 0
    for match in _LINK.finditer(text):
        parts.append(escape(text[end : match.start()]))
        address = match.group()
        link = Markup('<a href="{0}" style="color:#0b57a4">{0}</a>').format(address)
        parts.append(link if is_link(address) else escape(address))
        end = match.end()
    return Markup().join([*parts, escape(text[end:])])
