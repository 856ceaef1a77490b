"""When the next run is due: tables of what was missed, of clocks that change, and of schedulers that wake us."""

# ruff: noqa: E501 — a row of a table reads best as one line

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfcheck.core import schedule as schedules
from selfcheck.core.schedule import DailyAt, Interval, Schedule, beat, first_due, is_due, next_due
from selfcheck.schedule.triggers import LocalClock, next_start, own_minute, triggers

HOUR = timedelta(hours=1)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def utc(text: str) -> datetime:
    """Read `11-21 09:00` (of 2026), or a whole date and time, as UTC."""
    return datetime.fromisoformat(text if text.startswith("20") else f"2026-{text}").replace(tzinfo=UTC)


def every(text: str) -> Interval:
    return Interval(period=schedules.parse_duration(text))


def at(*texts: str, zone: str = "UTC") -> DailyAt:
    return DailyAt(times=tuple(schedules.parse_time(text) for text in texts), zone=zone)


@pytest.mark.parametrize(
    ("schedule", "due", "started", "ended", "expected"),
    [
        pytest.param(every("6h"), "11-21 09:00", "11-21 09:00", "11-21 09:02", "11-21 15:00", id="in time"),
        pytest.param(every("6h"), "11-21 09:00", "11-21 09:04", "11-21 09:30", "11-21 15:00", id="a late start and a long run do not drift"),
        pytest.param(every("6h"), "11-21 09:00", "11-21 16:00", "11-21 16:02", "11-21 21:00", id="after sleep it is back on the grid"),
        pytest.param(every("6h"), "11-21 09:00", "11-21 14:50", "11-21 14:52", "11-21 21:00", id="after sleep the next is not ten minutes later"),
        pytest.param(every("6h"), "11-21 09:00", "11-24 10:00", "11-24 10:02", "11-24 15:00", id="a weekend asleep costs one run"),
        pytest.param(every("1m"), "11-21 09:00", "11-21 09:00", "11-21 09:05", "11-21 09:06", id="a run longer than the time between"),
        pytest.param(at("08:15"), "11-21 08:15", "11-21 08:15", "11-21 08:17", "11-22 08:15", id="the next day"),
        pytest.param(at("08:15"), "11-21 08:15", "11-21 14:00", "11-21 14:02", "11-22 08:15", id="a late one, and the next in time"),
        pytest.param(at("08:15"), "11-20 08:15", "11-21 08:00", "11-21 08:02", "11-22 08:15", id="made up for just before the next: that one is left out"),
        pytest.param(at("08:15", "20:15"), "11-21 08:15", "11-21 08:15", "11-21 08:17", "11-21 20:15", id="two a day"),
        pytest.param(at("08:15", "20:15"), "11-21 08:15", "11-21 19:00", "11-21 19:02", "11-22 08:15", id="two a day, one very late"),
        pytest.param(at("08:15", zone=BERLIN), "11-21 07:15", "11-21 07:15", "11-21 07:17", "11-22 07:15", id="in another zone"),
        pytest.param(at("08:15", zone=BERLIN), "03-28 07:15", "03-28 07:15", "03-28 07:17", "03-29 06:15", id="the clock is put forward in between"),
        pytest.param(at("08:15", zone=BERLIN), "10-24 06:15", "10-24 06:15", "10-24 06:17", "10-25 07:15", id="the clock is put back in between"),
        pytest.param(at("02:30", zone=BERLIN), "03-28 01:30", "03-28 01:30", "03-28 01:32", "03-29 01:30", id="a time that the clock leaves out comes an hour later"),
        pytest.param(at("02:30", zone=BERLIN), "10-24 00:30", "10-24 00:30", "10-24 00:32", "10-25 00:30", id="a time that the clock shows twice comes the first time"),
        pytest.param(at("02:30", zone=BERLIN), "10-25 00:30", "10-25 00:30", "10-25 00:32", "10-26 01:30", id="and not the second time"),
        pytest.param(at("08:15", zone=NEW_YORK), "03-07 13:15", "03-07 13:15", "03-07 13:17", "03-08 12:15", id="another continent's day of change"),
    ],
)  # fmt: skip
def test_the_next_run_is_due(schedule: Schedule, due: str, started: str, ended: str, expected: str) -> None:
    assert next_due(schedule, due=utc(due), started=utc(started), ended=utc(ended)) == utc(expected)


@pytest.mark.parametrize(
    ("schedule", "now", "last", "planned", "expected"),
    [
        pytest.param(every("6h"), "11-21 10:00", None, None, "11-21 10:00", id="the first of all is made at once"),
        pytest.param(every("6h"), "11-21 10:00", "11-21 09:00", "11-21 15:00", "11-21 15:00", id="started again soon after a run: as it was planned"),
        pytest.param(every("6h"), "11-21 10:00", "11-21 09:00", None, "11-21 15:00", id="no plan is known"),
        pytest.param(every("6h"), "11-25 10:00", "11-21 09:00", "11-21 15:00", "11-25 10:00", id="what was missed is made up for at once"),
        pytest.param(every("6h"), "11-21 10:00", "11-22 09:00", "11-22 15:00", "11-21 10:00", id="a last run in the future is none"),
        pytest.param(every("6h"), "11-21 10:00", "11-21 09:00", "2030-01-01 00:00", "11-21 15:00", id="a plan far off is none"),
        pytest.param(at("08:15"), "11-21 10:00", None, None, "11-22 08:15", id="at a time: not before it"),
        pytest.param(at("08:15"), "11-21 10:00", "11-20 08:15", None, "11-21 10:00", id="today's was missed"),
        pytest.param(at("08:15"), "11-21 10:00", "11-21 08:15", None, "11-22 08:15", id="today's was made"),
        pytest.param(at("08:15"), "11-21 10:00", "11-01 08:15", None, "11-21 10:00", id="twenty were missed: one is made"),
        pytest.param(at("08:15"), "11-21 08:20", "11-21 08:10", None, "11-22 08:15", id="one was made just before its time"),
    ],
)  # fmt: skip
def test_the_first_run_of_a_watch_is_due(
    schedule: Schedule, now: str, last: str | None, planned: str | None, expected: str
) -> None:
    known = {"last": last and utc(last), "planned": planned and utc(planned)}
    assert first_due(schedule, now=utc(now), **known) == utc(expected)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("schedule", "last", "since", "now", "due"),
    [
        pytest.param(every("12h"), None, "11-21 09:00", "11-21 09:01", True, id="there never was one"),
        pytest.param(every("12h"), "11-21 09:10", None, "11-21 21:02", True, id="the jitter made the last one late"),
        pytest.param(every("12h"), "11-21 08:50", None, "11-21 09:12", False, id="made up for at start-up, and woken again by the usual time"),
        pytest.param(every("36h"), "11-21 09:00", None, "11-21 21:00", False, id="every 36 hours: woken after 12"),
        pytest.param(every("36h"), "11-21 09:00", None, "11-22 09:00", False, id="every 36 hours: woken after 24"),
        pytest.param(every("36h"), "11-21 09:08", None, "11-22 21:01", True, id="every 36 hours: woken after 36"),
        pytest.param(every("10s"), "11-21 09:00:00", None, "11-21 09:00:04", False, id="by hand, too early"),
        pytest.param(every("12h"), "11-22 09:00", None, "11-21 09:00", True, id="a last run in the future is none"),
        pytest.param(at("08:15"), "11-20 08:19", None, "11-21 08:19", True, id="its time has passed"),
        pytest.param(at("08:15"), "11-20 08:19", None, "11-21 07:19", False, id="an hour early, by another zone's time"),
        pytest.param(at("08:15"), "11-21 08:19", None, "11-21 09:19", False, id="made already"),
        pytest.param(at("08:15"), "11-21 08:01", None, "11-21 08:19", False, id="made up for just before its time"),
        pytest.param(at("08:15"), None, "11-21 08:30", "11-21 09:00", False, id="installed after its time: not before tomorrow's"),
        pytest.param(at("08:15"), None, "11-21 08:00", "11-21 08:20", True, id="installed before its time"),
        pytest.param(at("08:15"), None, "11-25 08:00", "11-21 08:20", True, id="installed by a clock that was set back since"),
        pytest.param(at("08:15"), "10-01 08:15", None, "11-21 03:00", True, id="weeks were missed"),
    ],
)  # fmt: skip
def test_a_run_that_a_scheduler_wants_is_due(
    schedule: Schedule, last: str | None, since: str | None, now: str, due: bool
) -> None:
    assert is_due(schedule, last=last and utc(last), since=since and utc(since), now=utc(now)) is due  # type: ignore[arg-type]


@given(
    period=st.integers(1, 10_000),
    delays=st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 5_000)), max_size=20),
)
def test_however_late_runs_are_none_is_done_twice_and_the_grid_stays(
    period: int, delays: list[tuple[int, int]]
) -> None:
    schedule, begin = Interval(period=timedelta(minutes=period)), utc("11-21 09:00")
    due, before = begin, None
    for late, long in delays:
        started = due + timedelta(minutes=late)
        assert before is None or started - before >= schedule.period / 2
        ended = started + timedelta(minutes=long)
        following = next_due(schedule, due=due, started=started, ended=ended)
        assert following > ended
        assert following - ended <= 1.5 * schedule.period
        assert (following - begin) % schedule.period == timedelta(0)
        due, before = following, started


@given(
    day=st.integers(0, 800),
    minute=st.integers(0, 1439),
    zone=st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "UTC"]),
)
def test_a_time_of_day_comes_once_a_day_all_year(day: int, minute: int, zone: str) -> None:
    schedule = DailyAt(times=(time(minute // 60, minute % 60),), zone=zone)
    due = first_due(schedule, now=utc("01-01 00:00") + timedelta(days=day))
    following = next_due(schedule, due=due, started=due, ended=due)
    dates = [one.astimezone(ZoneInfo(zone)).date() for one in (due, following)]
    assert dates[1] - dates[0] == timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("30m", "30m"), ("1h", "1h"), ("90m", "30m"), ("5h", "1h"), ("8h", "8h"), ("9h", "3h"), ("12h", "12h"),
        ("24h", "1d"), ("36h", "12h"), ("7d", "1d"), ("20m", None), ("45m", None), ("1h10m", None), ("90s", None),
    ],
)  # fmt: skip
def test_the_beat_meets_every_multiple(text: str, period: str | None) -> None:
    assert beat(schedules.parse_duration(text)) == (schedules.parse_duration(period) if period else None)


def shown(times: tuple[time, ...]) -> str:
    return " ".join(f"{one:%H:%M}" for one in times)


@pytest.mark.parametrize(
    ("schedule", "zone", "late", "expected"),
    [
        pytest.param(every("12h"), "UTC", 0, "09:17 21:17", id="every 12 hours, with the machine's own minute"),
        pytest.param(every("6h"), "UTC", 0, "03:17 09:17 15:17 21:17", id="every 6 hours"),
        pytest.param(every("3d"), "UTC", 0, "09:17", id="every three days is asked once a day"),
        pytest.param(at("08:15"), "UTC", 4, "08:19", id="a time, put off"),
        pytest.param(at("23:58"), "UTC", 4, "00:02", id="over midnight"),
        pytest.param(at("08:15", zone=BERLIN), BERLIN, 0, "08:15", id="a machine in the same zone"),
        pytest.param(at("08:15", zone=BERLIN), "UTC", 0, "06:15 07:15", id="a machine in UTC: summer and winter"),
        pytest.param(at("08:15", zone=BERLIN), NEW_YORK, 0, "02:15 03:15", id="the weeks in which only one of them has changed"),
        pytest.param(at("02:30", zone=BERLIN), BERLIN, 0, "02:30", id="the one day without this time adds none"),
    ],
)  # fmt: skip
def test_a_schedule_is_made_into_times_of_the_machines_clock(
    schedule: Schedule, zone: str, late: int, expected: str
) -> None:
    clock = LocalClock(zone=ZoneInfo(zone))
    assert shown(triggers(schedule, minute=17, late=late, clock=clock, today=date(2026, 11, 21))) == expected


@pytest.mark.parametrize("zone", ["UTC", BERLIN, NEW_YORK])
@pytest.mark.parametrize("schedule", [every("5h"), every("36h"), every("7d"), at("08:15", zone=BERLIN), at("06:00", "18:00", zone=NEW_YORK)], ids=str)  # fmt: skip
def test_a_year_of_triggers_makes_the_runs_that_were_asked_for(schedule: Schedule, zone: str) -> None:
    clock, begin = LocalClock(zone=ZoneInfo(zone)), utc("01-01 12:00")
    times = triggers(schedule, minute=17, late=3, clock=clock, today=begin.date())
    last, gaps = None, []
    for day in range(400):
        for one in times:
            now = clock.moment(datetime.combine(begin.date() + timedelta(days=day), one))
            if now > begin and is_due(schedule, last=last, since=begin, now=now):
                gaps += [now - last] if last else []
                last = now
    usual = max(set(gaps), key=gaps.count)
    assert usual == schedule.gap
    assert all(abs(gap - usual) <= HOUR for gap in gaps)  # on the days on which a clock changes


@pytest.mark.parametrize(
    ("schedule", "now", "last", "expected"),
    [
        pytest.param(every("12h"), "11-21 10:00", None, "11-21 21:17", id="never ran"),
        pytest.param(every("12h"), "11-21 21:00", "11-21 20:59", "11-22 09:17", id="made up for just now"),
        pytest.param(every("36h"), "11-21 10:00", "11-21 09:20", "11-22 21:17", id="every 36 hours"),
        pytest.param(every("31d"), "11-21 10:00", "11-21 09:20", "12-22 09:17", id="the longest there is"),
        pytest.param(at("08:15"), "11-21 10:00", "11-21 08:19", "11-22 08:19", id="tomorrow"),
    ],
)  # fmt: skip
def test_the_next_start_is_foreseen(schedule: Schedule, now: str, last: str | None, expected: str) -> None:
    clock = LocalClock(zone=UTC)
    times = triggers(schedule, minute=17, late=4, clock=clock, today=date(2026, 11, 21))
    found = next_start(
        schedule, times, now=utc(now), clock=clock, last=utc(last) if last else None, since=None
    )
    assert found == utc(expected)


def test_a_machines_own_minute_is_always_the_same_and_differs_between_machines_and_names() -> None:
    minutes = [own_minute(f"machine {n}", name, 60) for n in range(40) for name in ("default", "second")]
    assert minutes == [
        own_minute(f"machine {n}", name, 60) for n in range(40) for name in ("default", "second")
    ]
    assert len(set(minutes)) > 30
    assert own_minute("any", "any", 1) == own_minute("any", "any", 0) == 0


def test_the_machines_own_clock_goes_both_ways() -> None:
    moment, clock = utc("11-21 09:00"), LocalClock()
    assert clock.moment(clock.wall(moment)) == moment


@pytest.mark.parametrize("text", ["", "8", "24:00", "08:60", "8.15", "08:15:00", "8pm"])
def test_what_is_not_a_time_of_the_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time of the day"):
        schedules.parse_time(text)


def test_a_schedule_is_one_of_two() -> None:
    assert schedules.parse_schedule(every="1h", at=(), zone="UTC") == every("1h")
    assert schedules.parse_schedule(every=None, at=["20:15", "8:15", "20:15"], zone=BERLIN) == at(
        "08:15", "20:15", zone=BERLIN
    )
    with pytest.raises(ValueError, match="one of --every and --at"):
        schedules.parse_schedule(every=None, at=(), zone="UTC")
    with pytest.raises(ValueError, match="--every and --at exclude each other"):
        schedules.parse_schedule(every="1h", at=("08:15",), zone="UTC")


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (every("12h"), "every 12 hours"),
        (every("1d"), "every day"),
        (at("08:15", "20:15", zone=BERLIN), "every day at 08:15 and 20:15 (Europe/Berlin)"),
    ],
)
def test_a_schedule_is_described_in_words(schedule: Schedule, said: str) -> None:
    assert str(schedule) == said
