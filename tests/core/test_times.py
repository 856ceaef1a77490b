from datetime import UTC, datetime, timedelta

import pytest

from selfcheck.core.times import (
    ENGLISH_TIME,
    GERMAN_TIME,
    TimeWords,
    compact_duration,
    days_ago,
    duration_words,
    exact_duration,
    parse_duration,
    plural,
)

NOW = datetime(2026, 2, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words", "compact"),
    [
        ("12h", "12 hours", "12h"), ("90m", "1 hour and 30 minutes", "1h30m"),
        ("1d 12h", "1 day and 12 hours", "1d12h"),
        ("2w", "14 days", "14d"), ("45S", "45 seconds", "45s"), ("1h", "1 hour", "1h"),
        ("1d2h5m", "1 day, 2 hours and 5 minutes", "1d2h5m"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_read_and_written(text: str, words: str, compact: str) -> None:
    length = parse_duration(text)
    assert (exact_duration(length), compact_duration(length)) == (words, compact)
    assert parse_duration(compact) == length


@pytest.mark.parametrize("text", ["", "12", "h", "12 hours", "-1h", "0h", "32d", "1.5h", "\uff19h"])
def test_what_is_not_a_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a length|not between"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("span", "words", "expected"),
    [
        (timedelta(seconds=20), ENGLISH_TIME, "less than a minute"),
        (timedelta(seconds=-5), ENGLISH_TIME, "less than a minute"),
        (timedelta(minutes=1), ENGLISH_TIME, "1 minute"),
        (timedelta(hours=1, minutes=1, seconds=59), ENGLISH_TIME, "1 hour and 1 minute"),
        (timedelta(hours=47), ENGLISH_TIME, "1 day and 23 hours"),
        (timedelta(days=1, minutes=5), ENGLISH_TIME, "1 day and 5 minutes"),
        (timedelta(days=9, hours=5, minutes=40), ENGLISH_TIME, "9 days and 5 hours"),
        (timedelta(days=2, hours=1), GERMAN_TIME, "2 Tage und 1 Stunde"),
        (timedelta(seconds=5), GERMAN_TIME, "weniger als eine Minute"),
    ],
)
def test_how_long_something_lasted(span: timedelta, words: TimeWords, expected: str) -> None:
    assert duration_words(span, words) == expected


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0, "today"), (-5, "today"), (9, "today"), (10, "yesterday"), (33, "yesterday"), (34, "2 days ago")],
)
def test_how_many_days_ago_by_the_calendar(hours: int, words: str) -> None:
    assert days_ago(NOW - timedelta(hours=hours), NOW) == words


def test_counted_nouns() -> None:
    assert [plural(0, "page"), plural(1, "page"), plural(2, "page")] == ["0 pages", "1 page", "2 pages"]
    assert plural(1200, "story", "stories") == "1,200 stories"
