"""The letter as HTML for a mail: the same words, with lists, links and the picture in its place.

Laws:
1. Every word is escaped; what becomes a tag is decided here by the letter's lines, never by their words.
2. It asks for nothing: the picture is a part of the mail (`cid:`), and styles stand in the tags, which is all
   that mail programs agree on.
3. Without pictures the letter says the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup, escape

from selfcheck.appeal.render_letter import PICTURE
from selfcheck.core.text_safety import is_link

_LINK = re.compile(r"https?://[^\s<>\"“”„]+[^\s<>\"“”„.,;:!?)]")
_FONT = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5"
_WIDTH = 640


@dataclass(frozen=True, kw_only=True)
class InlinePicture:
    """The picture within the letter."""

    cid: str  # without the angle brackets
    note: str = ""  # how it differs from the original; ""


def letter_html(text: str, *, language: str, title: str, picture: InlinePicture | None) -> str:
    """Return the letter; where its text has no place for the picture, it stands at the end."""
    body = list(_blocks(text, picture))
    if picture is not None and not PICTURE.search(text):
        body.append(_picture(picture, ""))
    inner = Markup("\n").join(body)
    return str(
        Markup(
            '<!DOCTYPE html>\n<html lang="{}">\n<head>\n'
            '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
            '<meta name="viewport" content="width=device-width">\n<title>{}</title>\n</head>\n'
            '<body style="margin:0;padding:16px;color:#1a1a1a;background:#ffffff">\n'
            '<div style="max-width:{}px;{}">\n{}\n</div>\n</body>\n</html>\n'
        ).format(language, title, _WIDTH, Markup(_FONT), inner)  # noqa: S704 - our own words
    )


def _blocks(text: str, picture: InlinePicture | None) -> Iterator[Markup]:
    for paragraph in re.split(r"\n{2,}", text.strip()):
        for kind, group in groupby(paragraph.splitlines(), key=_kind):
            lines = list(group)
            if kind == "picture":
                yield from _pictures(lines, picture)
            elif kind == "item":
                yield _list(lines)
            elif kind == "quote":
                yield _quote(lines)
            else:
                yield _paragraph(lines)


def _kind(line: str) -> str:
    if PICTURE.fullmatch(line):
        return "picture"
    return {"- ": "item", "> ": "quote"}.get(line[:2], "text")


def _pictures(lines: list[str], picture: InlinePicture | None) -> Iterator[Markup]:
    found = PICTURE.fullmatch(lines[0])
    if picture is not None and found is not None:
        yield _picture(picture, found["says"] or "")


def _picture(picture: InlinePicture, says: str) -> Markup:
    caption = Markup("<br>").join(one for one in (says, picture.note) if one)
    shown = Markup(
        '<p style="margin:16px 0"><img src="cid:{}" alt="{}" width="{}"'
        ' style="display:block;width:100%;max-width:{}px;height:auto;border:1px solid #c8c8c8">'
    ).format(picture.cid, says, _WIDTH, _WIDTH)
    below = Markup('<span style="font-size:13px;color:#555555">{}</span>').format(caption)
    return shown + (below if caption else "") + Markup("</p>")


def _list(lines: list[str]) -> Markup:
    items = Markup("\n").join(
        Markup('<li style="margin:2px 0">{}</li>').format(_linked(line[2:])) for line in lines
    )
    return Markup('<ul style="margin:12px 0;padding-left:22px">\n{}\n</ul>').format(items)


def _quote(lines: list[str]) -> Markup:
    inner = Markup("<br>\n").join(_linked(line[2:]) for line in lines)
    style = "margin:12px 0;padding:2px 12px;border-left:3px solid #c8c8c8;color:#333333"
    return Markup('<blockquote style="{}">{}</blockquote>').format(style, inner)


def _paragraph(lines: list[str]) -> Markup:
    return Markup('<p style="margin:12px 0">{}</p>').format(
        Markup("<br>\n").join(_linked(line) for line in lines)
    )


def _linked(text: str) -> Markup:
    """Return the text escaped, with its web addresses as links."""
    parts: list[Markup] = []
    end = 0
    for found in _LINK.finditer(text):
        parts.append(escape(text[end : found.start()]))
        address = found.group()
        link = Markup('<a href="{0}" style="color:#0b57a4">{0}</a>').format(address)
        parts.append(link if is_link(address) else escape(address))
        end = found.end()
    return Markup().join([*parts, escape(text[end:])])
