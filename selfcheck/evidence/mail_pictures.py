"""The pictures of a mail: small enough to arrive, large enough to be read.

Laws:
1. No picture is dropped. Where all do not fit into one mail, they are first saved as JPEG, then made smaller,
   and at last shared out over several mails; each time that is said.
2. None is made so small that it cannot be read: 800 px is the least width, at which the letters of the page's
   address are 11 px high. What does not fit then is an error, not a smudge.
3. What counts is the size within a mail, where three bytes become four letters and every line has an end.
4. Nothing but the picture leaves: no text that a picture's file may carry beside it.
"""

import io
from dataclasses import dataclass, replace

from PIL import Image, UnidentifiedImageError

from selfcheck.core.enums import Language
from selfcheck.errors import UsageError
from selfcheck.evidence import png

_LINE = 57  # bytes of a picture in one line of a mail
_ENCODED_LINE = 78  # letters of that line, with its end
LEAST_WIDTH = 800
_STEPS = ((1200, 85), (1200, 70), (1000, 70), (LEAST_WIDTH, 70), (LEAST_WIDTH, 55))
"""Widths in px and JPEG qualities, the best first."""


@dataclass(frozen=True, kw_only=True)
class PagePicture:
    """A picture of both views as it was kept."""

    path: str  # in the evidence.zip
    address: str
    data: bytes  # PNG


@dataclass(frozen=True, kw_only=True)
class MailPicture:
    """A picture of both views, side by side, fit for a mail."""

    name: str  # a file's name, no path
    data: bytes
    media_type: str  # image/png or image/jpeg
    address: str  # of the page that it shows
    note: str = ""  # how it differs from the original; "": not at all
    mail: int = 1  # which mail it belongs to: 1 is the first, more only where one cannot hold all
    original: str = ""  # where the original is, in the evidence.zip


def size_in_mail(data: bytes) -> int:
    """Return how many bytes an attachment takes in a mail (base64, lines of 76 letters)."""
    return -(-len(data) // _LINE) * _ENCODED_LINE


@dataclass(frozen=True, kw_only=True)
class NoteWords:
    """What a picture's note says, in the letter's language."""

    smaller: str = "made smaller for the mail, {} px wide"
    jpeg: str = "saved as JPEG"
    original: str = "This picture was {}; the original is {} in evidence.zip."
    zipped: str = "in evidence.zip"
    kept: str = "in the runs' folder"  # where the zip had no room for it
    mail: str = "All pictures together are too large for one mail: this one is for mail {} of {}."


_ENGLISH = NoteWords()
_GERMAN = NoteWords(
    smaller="für die Mail auf {} px Breite verkleinert",
    jpeg="als JPEG gespeichert",
    original="Dieses Bild wurde {}; das Original ist {} in evidence.zip.",
    kept="im Ordner der Läufe",
    mail="Alle Bilder zusammen sind für eine Mail zu groß: dieses gehört zu Mail {} von {}.",
)


def note_words(language: str) -> NoteWords:
    """Return the words of notes; a language that has none gets the English ones."""
    return _GERMAN if language == Language.GERMAN else _ENGLISH


def fitted(
    pictures: tuple[PagePicture, ...], *, most_bytes: int, language: str = Language.ENGLISH
) -> tuple[MailPicture, ...]:
    """Return every picture so that those of one mail take at most `most_bytes` in it.

    Raises UsageError where one alone is too large when it is as small as can be read.
    """
    ways: list[tuple[MailPicture, ...]] = []
    words = note_words(language)
    for step in (None, *_STEPS):
        sized = tuple(
            _as_jpeg(number, picture, step, words) if step else _as_kept(number, picture)
            for number, picture in enumerate(pictures, 1)
        )
        if sum(size_in_mail(picture.data) for picture in sized) <= most_bytes:
            return sized
        ways.append(sized)
    return _shared_out(ways, most_bytes, words)


def _shared_out(
    ways: list[tuple[MailPicture, ...]], most_bytes: int, words: NoteWords
) -> tuple[MailPicture, ...]:
    """Return the pictures in as few mails as can be, and there as good as can be."""
    fitting = [
        pictures for pictures in ways if all(size_in_mail(picture.data) <= most_bytes for picture in pictures)
    ]
    if fitting:
        return min(
            (_numbered(pictures, most_bytes, words) for pictures in fitting),
            key=lambda pictures: pictures[-1].mail,
        )
    largest = max(size_in_mail(picture.data) for picture in ways[-1])
    raise UsageError(
        f"A picture cannot be read any more when it is made small enough for a mail of {most_bytes} bytes.",
        cause=f"At {LEAST_WIDTH} px, the least that can be read, the largest takes {largest} bytes.",
        next_step="Raise `mail_megabytes` in the settings' section `evidence`, or send evidence.zip alone.",
    )


def _numbered(
    pictures: tuple[MailPicture, ...], most_bytes: int, words: NoteWords
) -> tuple[MailPicture, ...]:
    mail, filled = 1, 0
    placed: list[MailPicture] = []
    for picture in pictures:
        size = size_in_mail(picture.data)
        if filled + size > most_bytes:
            mail, filled = mail + 1, 0
        filled += size
        placed.append(replace(picture, mail=mail))
    return tuple(
        replace(picture, note=" ".join(filter(None, (picture.note, words.mail.format(picture.mail, mail)))))
        for picture in placed
    )


def _as_kept(number: int, picture: PagePicture) -> MailPicture:
    plain = png.without_text(picture.data)
    return MailPicture(
        name=_name(number, picture, "png"),
        data=plain,
        media_type="image/png",
        address=picture.address,
        original=picture.path,
    )


def _as_jpeg(number: int, picture: PagePicture, step: tuple[int, int], words: NoteWords) -> MailPicture:
    """Return the picture as JPEG, no wider than the step; one that cannot be decoded stays as it is."""
    try:
        data, size = _jpeg(picture.data, *step)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return _as_kept(number, picture)
    original = png.size_of(picture.data) or (0, 0)
    change = words.smaller.format(size[0]) if size[0] < original[0] else words.jpeg
    return MailPicture(
        name=_name(number, picture, "jpg"),
        data=data,
        media_type="image/jpeg",
        address=picture.address,
        note=words.original.format(change, picture.path),
        original=picture.path,
    )


def _jpeg(data: bytes, width: int, quality: int) -> tuple[bytes, tuple[int, int]]:
    with Image.open(io.BytesIO(data)) as opened, io.BytesIO() as buffer:
        image = opened.convert("RGB")
        if image.width > width:
            height = max(1, round(image.height * width / image.width))
            image = image.resize((width, height), Image.Resampling.LANCZOS)
        image.save(buffer, "JPEG", quality=quality, optimize=True, subsampling=0)
        return buffer.getvalue(), image.size


def _name(number: int, picture: PagePicture, ending: str) -> str:
    page = picture.path.split("/")[-2] if "/" in picture.path else "page"
    return f"{number:02}-{page}.{ending}"
