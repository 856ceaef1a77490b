"""Dates as an iCalendar file (RFC 5545), which every calendar program takes. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from selfcheck.appeal.rights.model import RightsDate
from selfcheck.core.text_safety import one_line

_LINE = 75
"""Octets that a line may have; a longer one goes on in the next, after a space (section 3.1)."""
_NOTE = {
    "en": "Computed by selfcheck from what its runs saw. No legal advice; check it yourself. Source: ",
    "de": "Von selfcheck aus dem berechnet, was seine Läufe sahen. Keine Rechtsberatung; bitte selbst prüfen."
    " Quelle: ",
}


def calendar_file(dates: Iterable[RightsDate], *, incident: str, language: str, now: datetime) -> bytes:
    """Return a whole-day event for each date, with a reminder three days before it.

    The same incident and step have the same id, so that a later file replaces the event rather than adds one.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//selfcheck//appeal rights//EN",
        *(line for each in dates for line in _event(each, incident, language, now)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _event(each: RightsDate, incident: str, language: str, now: datetime) -> Iterator[str]:
    step = each.step
    whose = "answer" if each.theirs else "own"
    summary = each.words(language).partition(": ")[2]
    note = f"{_NOTE.get(language, _NOTE['en'])}{step.remedy.sources[0].url}"
    yield "BEGIN:VEVENT"
    yield f"UID:{incident}-{step.remedy.id}-{whose}@selfcheck.invalid"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{each.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{each.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(f'{incident}: {summary}')}"
    yield f"DESCRIPTION:{_escaped(note)}"
    yield "TRANSP:TRANSPARENT"
    yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-P3D", f"DESCRIPTION:{_escaped(summary)}")
    yield from ("END:VALARM", "END:VEVENT")


def _escaped(text: str) -> str:
    for letter in "\\;,":
        text = text.replace(letter, f"\\{letter}")
    return one_line(text)


def _folded(line: str) -> Iterator[str]:
    """Yield the line in pieces that are short enough, never cut within a character."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > _LINE:
            yield piece
            piece = " "
        piece += letter
    yield piece
