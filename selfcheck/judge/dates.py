"""Moments as pages write them, for weighing whether a story is too young to be expected somewhere."""

import re
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime

_WESTMOST = timedelta(hours=12)
"""A day or an hour without a zone may be meant as far west as this: nothing is later than there."""

_SECONDS_DIGITS = 10
_MILLISECONDS_DIGITS = 13


def latest_moment(text: str) -> datetime | None:
    """Return the latest moment that the text may mean, in UTC, or None where it names none.

    Understands ISO 8601, the dates of feeds (RFC 822), and seconds or milliseconds since 1970. A day
    without an hour means its end, where the day ends last.
    """
    text = text.strip()
    try:
        if re.fullmatch(r"\d+(?:\.\d+)?", text):
            return _since_1970(text)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
            return day + timedelta(days=1) + _WESTMOST
        return _zoned(_read(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _since_1970(text: str) -> datetime | None:
    digits = len(text.split(".", maxsplit=1)[0])
    if digits == _MILLISECONDS_DIGITS:
        return datetime.fromtimestamp(float(text) / 1000, UTC)
    return datetime.fromtimestamp(float(text), UTC) if digits == _SECONDS_DIGITS else None


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC) + _WESTMOST
    return moment.astimezone(UTC)
