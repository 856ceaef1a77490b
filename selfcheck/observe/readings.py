"""What a page says beside its outcome: numbers and series, whose it is, its length, its time, its robots."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture
from selfcheck.core.enums import PageKind
from selfcheck.observe.conditions import holds
from selfcheck.observe.page import OpenedPage, text_of
from selfcheck.platforms.page_reading import Reading
from selfcheck.platforms.patterns import find_all
from selfcheck.platforms.schema import Fact

# -- facts and texts by the platform file ----------------------------------------------------------------


def facts(page: OpenedPage, kind: PageKind) -> dict[str, int | None]:
    """Return every single number that this kind of page may hold; None where it does not."""
    wanted = _wanted(page, kind, series=False)
    return {name: _number(page, fact) if _is_there(page, fact) else None for name, fact in wanted}


def series(page: OpenedPage, kind: PageKind) -> dict[str, tuple[int, ...]]:
    """Return every series of numbers on the page, as it shows them; those it does not show are left out."""
    wanted = _wanted(page, kind, series=True)
    there = [(name, fact) for name, fact in wanted if _is_there(page, fact)]
    return {name: numbers for name, fact in there if (numbers := _series(page, fact))}


def _is_there(page: OpenedPage, fact: Fact) -> bool:
    return fact.when is None or holds(fact.when, page) is not None


def first_text(page: OpenedPage, readings: Iterable[Reading]) -> str | None:
    """Return the text that the first reading with a result gives, or None."""
    for reading in readings:
        for value in values(page, reading):
            if isinstance(value, str) and value.strip():
                return value.strip()
    return None


def values(page: OpenedPage, reading: Reading) -> list[Any]:
    """Return what one way of reading finds, in the order of the page; lists are laid flat."""
    raw = _raw(page, reading)
    flat = [item for value in raw for item in (value if isinstance(value, list) else [value])]
    if reading.pattern is None:
        return flat
    texts = (str(value) for value in flat if isinstance(value, str | int | float))
    return [match for text in texts for match in find_all(reading.pattern, text)]


def _raw(page: OpenedPage, reading: Reading) -> list[Any]:
    if reading.state is not None and reading.path is not None:
        return page.find(reading.state, reading.path)
    if reading.selector is not None:
        nodes = page.elements(reading.selector)
        if reading.attribute is None:
            return [text_of(node) for node in nodes]
        return [node.attributes.get(reading.attribute) for node in nodes]
    return [" ".join(page.capture.text.split())]


def _wanted(page: OpenedPage, kind: PageKind, *, series: bool) -> list[tuple[str, Fact]]:
    facts_of_file = page.platform.facts.items()
    return [(name, fact) for name, fact in facts_of_file if kind in fact.on and fact.series is series]


def _number(page: OpenedPage, fact: Fact) -> int | None:
    if fact.today or fact.sum:
        numbers = _numbers(page, fact)
        if not fact.today:
            return sum(numbers) if numbers else None
        now = _now(page)
        begun = [value for day, value in _by_day(page, fact, numbers).items() if day <= now < day + _DAY]
        return begun[0] if len(begun) == 1 else None
    for reading in fact.read:
        for value in values(page, reading):
            if (whole := number(value)) is not None:
                return whole
    return None


def _series(page: OpenedPage, fact: Fact) -> tuple[int, ...]:
    numbers = _numbers(page, fact)
    return _whole_days(page, fact, numbers) if fact.days else numbers


def _numbers(page: OpenedPage, fact: Fact) -> tuple[int, ...]:
    """Return the first values of which every one is a number: a gap would shift the days and lessen a sum."""
    for reading in fact.read:
        numbers = [number(value) for value in values(page, reading)]
        known = tuple(value for value in numbers if value is not None)
        if known and len(known) == len(numbers):
            return known
    return ()


_DAY = timedelta(days=1)
_CLOCK_CHANGE = timedelta(hours=1)  # a day of summer time's beginning or end is that much shorter or longer


def _whole_days(page: OpenedPage, fact: Fact, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return the numbers of the days in a row that end with yesterday; none where yesterday is not there."""
    by_day, now = _by_day(page, fact, numbers), _now(page)
    whole: list[int] = []
    next_day = now
    for day in sorted((day for day in by_day if day + _DAY - _CLOCK_CHANGE <= now), reverse=True):
        if next_day - day > (2 * _DAY if not whole else _DAY) + _CLOCK_CHANGE:
            break
        whole.append(by_day[day])
        next_day = day
    return tuple(reversed(whole))


def _by_day(page: OpenedPage, fact: Fact, numbers: tuple[int, ...]) -> dict[datetime, int]:
    """Return each value by when its day began; none where they are not as many as the days."""
    begins = next((dates for reading in fact.days if (dates := values(page, reading))), [])
    moments = [moment for value in begins if (moment := _moment(value)) is not None]
    by_day: dict[datetime, int] = {}
    for day, value in zip(moments, numbers, strict=True) if len(moments) == len(numbers) else ():
        # Where a day stands twice, its first value counts, unless they are parts of a sum.
        by_day[day] = by_day.get(day, 0) + value if fact.sum else by_day.get(day, value)
    return by_day


def _now(page: OpenedPage) -> datetime:
    return served_at(page.capture.headers) or page.capture.finished_at


_MILLISECONDS = 10**11  # as seconds this would be the year 5138


def _moment(value: Any) -> datetime | None:
    """Return when a day began, from seconds or milliseconds since 1970 or from a date."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS else value, UTC)
        moment = datetime.fromisoformat(str(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


# -- numbers as pages write them: `1,234`, `1.2K`, `12 345`, `40K Followers` ------------------------------

_SCALES = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_SPACES = " \u00a0\u2009\u202f"
_NUMBER = re.compile(
    rf"(?P<digits>\d{{1,3}}(?:[{_SPACES}.,'\u2019]\d{{3}})+(?![\d])|\d+)(?P<rest>[.,]\d+)?"
    rf"(?:[{_SPACES}]?(?P<scale>[KkMmBb])(?![^\W\d_]))?"
)
_MOST_DIGITS = 18


def number(value: Any) -> int | None:
    """Return the whole number that a JSON value or a text gives, or None. `1.2K` is 1200."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else None
    match = _NUMBER.search(value) if isinstance(value, str) else None
    if match is None or len(match.group()) > _MOST_DIGITS + 8:  # and so many separators at most
        return None
    digits, rest, scale = match["digits"], match["rest"] or "", match["scale"]
    if scale and re.fullmatch(r"\d{1,3}\.\d{3}", digits):  # `1.234K`: with a scale a dot is a decimal point
        digits, rest = digits.split(".")[0], "." + digits.split(".")[1]
    whole = re.sub(r"\D", "", digits)
    exact = Decimal(f"{whole}.{rest[1:] or '0'}")
    return int(exact * _SCALES[scale.casefold()]) if scale else int(exact)


# -- when a story was published, as its own page says ----------------------------------------------------

_DATES = (
    Reading(selector="meta[property='article:published_time']", attribute="content"),
    Reading(selector="[itemprop='datePublished']", attribute="content"),
    Reading(selector="[itemprop='datePublished']", attribute="datetime"),
    Reading(selector="script[type='application/ld+json']", pattern=r'"datePublished"\s*:\s*"([^"]+)"'),
    Reading(selector="article time[datetime]", attribute="datetime"),
)
"""Where most sites write it; a platform file's own readings come first."""


def published(page: OpenedPage) -> str:
    """Return the date as the page writes it, or an empty text."""
    for reading in (*page.platform.published, *_DATES):
        date = next((str(value).strip() for value in values(page, reading) if value), "")
        if date:
            return date
    return ""


# -- the length of the page's own content, to compare two viewpoints -------------------------------------

_ASIDE = ["script", "style", "noscript", "template", "nav", "footer", "aside", "svg"]
_MAIN = ("main, [role=main]", "article")


def text_length(capture: Capture) -> int:
    """Return the characters of the page's own content, white space folded.

    The largest `main`, else the largest `article`, else the whole visible text counts.
    """
    tree = LexborHTMLParser(capture.html)
    tree.strip_tags(_ASIDE, recursive=True)
    for selector in _MAIN:
        lengths = [len(text_of(node)) for node in tree.css(selector)]
        if any(lengths):
            return max(lengths)
    return len(" ".join(capture.text.split()))


# -- the time by the clock of the server -----------------------------------------------------------------


def served_at(headers: Mapping[str, str]) -> datetime | None:
    """Return the moment in UTC, or None where the answer does not say.

    `Date` is when the answer was made and `Age` how many seconds a cache has held it (RFC 9110, RFC 9111).
    """
    try:
        answered = parsedate_to_datetime(headers.get("date", ""))
        if answered.tzinfo is None:
            answered = answered.replace(tzinfo=UTC)
        return answered.astimezone(UTC) + timedelta(seconds=cached_seconds(headers))
    except (TypeError, ValueError, OverflowError):
        return None


def cached_seconds(headers: Mapping[str, str]) -> int:
    """Return for how many seconds a cache has held the answer."""
    age = headers.get("age", "").strip()
    return int(age) if re.fullmatch(r"[0-9]{1,7}", age) else 0


# -- what keeps a page out of search engines: robots meta elements and the `X-Robots-Tag` header ----------

_FOR = ("robots", "googlebot")  # all bots, and the one that matters most to writers
_KEEPS_OUT = {"noindex", "none"}


def noindex(page: OpenedPage) -> str | None:
    """Return the directive that keeps the page out of search engines, as it is written, or None."""
    for directives in _directives(page):
        if any(word.strip().casefold() in _KEEPS_OUT for word in directives.split(",")):
            return directives
    return None


def _directives(page: OpenedPage) -> Iterator[str]:
    if page.capture.robots_meta:
        yield page.capture.robots_meta
    for node in page.tree.css("meta[name][content]"):
        name = (node.attributes.get("name") or "").strip().casefold()
        if name in _FOR:
            yield node.attributes.get("content") or ""
    yield from _in_header(page.capture.robots_header or "")


def _in_header(header: str) -> Iterator[str]:
    """Yield the header's directives for all bots or Google's; `otherbot: noindex` is for another one."""
    concerns_us = True
    for part in header.replace("\n", ",").split(","):
        name, colon, directive = part.partition(":")
        if colon and name.strip().casefold() != "unavailable_after" and "-" not in name:
            concerns_us = name.strip().casefold() in _FOR
            part = directive  # noqa: PLW2901 - the rest of the part is what is read
        if concerns_us:
            yield part.strip()
