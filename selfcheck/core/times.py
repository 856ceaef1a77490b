"""Moments and lengths of time in words, and counted nouns: for machines, for the command line and for people.

Which form to use: `duration_words` where something lasted or is a while ago, `exact_duration` where a user
set it (`every 1 day and 12 hours`), `compact_duration` where it is typed (`1d12h`), `days_ago` for a date.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:\d+[wdhms])+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class TimeWords:
    """What a language calls lengths of time."""

    units: Sequence[tuple[str, str]]  # day, hour, minute, second; each for one and for several
    both: str  # joins two lengths
    moment: str  # less than a minute


ENGLISH_TIME = TimeWords(
    units=(("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
    both="{} and {}",
    moment="less than a minute",
)
GERMAN_TIME = TimeWords(
    units=(("Tag", "Tage"), ("Stunde", "Stunden"), ("Minute", "Minuten"), ("Sekunde", "Sekunden")),
    both="{} und {}",
    moment="weniger als eine Minute",
)


def utc(moment: datetime) -> str:
    """Return the moment as ISO 8601 in UTC to the millisecond, such as `2026-02-03T04:05:06.789Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def minute(moment: datetime) -> str:
    """Return the moment to the minute in UTC, as people read it: `2026-02-03 04:05 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Return a counted noun: `1 page`, `1,200 pages`; `nouns` where its plural is not the noun and an s."""
    return f"{count:,} {noun if count == 1 else nouns or f'{noun}s'}"


def duration_words(span: timedelta, words: TimeWords = ENGLISH_TIME) -> str:
    """Return a length of time in its two largest units down to minutes: `3 days and 4 hours`."""
    parts = _parts(int(span.total_seconds()) // 60 * 60, words)[:2]
    return words.both.format(*parts) if len(parts) > 1 else "".join(parts) or words.moment


def exact_duration(span: timedelta) -> str:
    """Return a length of time in all its units down to seconds: `1 day, 2 hours and 30 minutes`."""
    return listed(_parts(round(span.total_seconds()), ENGLISH_TIME)) or "0 seconds"


def listed(words: Iterable[str]) -> str:
    """Return words as a sentence lists them: `a`, `a and b`, `a, b and c`."""
    *most, last = [*words] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _parts(seconds: int, words: TimeWords) -> list[str]:
    counts = zip(_split(seconds), words.units, strict=True)
    return [plural(count, *unit) for count, unit in counts if count]


def _split(seconds: int) -> Iterable[int]:
    """Yield the days, hours, minutes and seconds; nothing but zeros for less than no time."""
    rest = max(0, seconds)
    for unit in "dhms":
        count, rest = divmod(rest, _SECONDS[unit])
        yield count


def compact_duration(span: timedelta) -> str:
    """Return a length of time as the command line takes it: `1d12h`."""
    counts = zip(_split(round(span.total_seconds())), "dhms", strict=True)
    return "".join(f"{count}{unit}" for count, unit in counts if count) or "0s"


def parse_duration(text: str, longest: timedelta = timedelta(days=31)) -> timedelta:
    """Return the time that a text such as `12h`, `90m` or `1d12h` names; ValueError where it names none."""
    compact = text.replace(" ", "").lower()
    if not _DURATION.fullmatch(compact):
        raise ValueError(f"{text!r} is not a length of time such as 12h, 90m or 1d")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"(\d+)([wdhms])", compact))
    if not 0 < seconds <= longest.total_seconds():
        raise ValueError(f"{text!r} is not between 1 second and {longest.days} days")
    return timedelta(seconds=seconds)


def days_ago(then: datetime, now: datetime) -> str:
    """Return how long ago a day was, by the calendar of `then`'s zone: `today`, `yesterday`, `5 days ago`."""
    days = (now.astimezone(then.tzinfo).date() - then.date()).days
    return {0: "today", 1: "yesterday"}.get(max(0, days), f"{days} days ago")


def long_date(day: date) -> str:
    """Return a day as people write it: `3 October 2026`."""
    return f"{day.day} {day:%B %Y}"
