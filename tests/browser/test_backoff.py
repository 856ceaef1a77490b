"""Leaving a platform alone that has said 429."""

from datetime import UTC, datetime, timedelta

import pytest

from selfcheck.browser.backoff import BackOff, BackoffRegistry, backed_off, retry_after

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param("120", NOW + timedelta(seconds=120), id="seconds"),
        pytest.param(" 3600 ", NOW + HOUR, id="with spaces"),
        pytest.param("0", NOW, id="at once"),
        pytest.param("Sat, 21 Nov 2026 13:00:00 GMT", NOW + HOUR, id="a date"),
        pytest.param("9" * 400, NOW + timedelta(days=7), id="a number beyond all sense"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-5", None, id="a number below nothing"),
        pytest.param("", None, id="an empty one"),
        pytest.param(None, None, id="none"),
    ],
)
def test_the_time_that_a_platform_names_is_understood(header: str | None, expected: datetime | None) -> None:
    assert retry_after(header, NOW) == expected


def before(*, times: int, ended: timedelta) -> BackOff:
    return BackOff(platform="p", host="h", until=NOW - ended, asked_at=NOW - 2 * HOUR, times=times)


@pytest.mark.parametrize(
    ("header", "earlier", "wait", "told"),
    [
        pytest.param("7200", None, 2 * HOUR, True, id="as long as it says"),
        pytest.param("1", None, timedelta(minutes=1), True, id="a minute at least"),
        pytest.param("Fri, 20 Nov 2026 12:00:00 GMT", None, timedelta(minutes=1), True, id="a time gone by"),
        pytest.param("99999999", None, timedelta(days=7), True, id="a week at most"),
        pytest.param(None, None, HOUR, False, id="an hour where it says nothing"),
        pytest.param(None, before(times=1, ended=HOUR), 2 * HOUR, False, id="twice as long again"),
        pytest.param(None, before(times=4, ended=HOUR), 16 * HOUR, False, id="and again"),
        pytest.param(None, before(times=90, ended=HOUR), timedelta(days=1), False, id="a day at most"),
        pytest.param(
            None, before(times=4, ended=timedelta(days=2)), HOUR, False, id="an hour again after good days"
        ),
    ],
)
def test_a_platform_is_left_alone_long_enough_but_not_forever(
    header: str | None, earlier: BackOff | None, wait: timedelta, told: bool
) -> None:
    found = backed_off("p", "h", header, NOW, before=earlier)
    assert (found.until - NOW, found.told) == (wait, told)


def test_a_whole_platform_is_left_alone_until_its_time() -> None:
    registry = BackoffRegistry()
    registry.record("medium", "medium.com", "3600", NOW)
    registry.record("medium", "medium.com", "60", NOW)  # the other viewpoint's answer, of the same moment
    assert registry.active("medium", "medium.com", NOW + timedelta(minutes=59)) is not None
    assert registry.active("medium", "medium.com", NOW + HOUR) is None
    assert registry.active("medium", "blog.example", NOW) is None
    assert (registry.changed, len(registry.known())) == (True, 1)


def test_this_machine_is_never_left_alone() -> None:
    registry = BackoffRegistry()
    registry.record("demo", "127.0.0.1", "3600", NOW)
    assert (registry.active("demo", "127.0.0.1", NOW), registry.changed) == (None, False)
