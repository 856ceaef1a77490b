"""When a run is due: every so often, or at times of the day.

Laws:
1. Moments are aware. A time of day belongs to a named zone, and comes once on every day, also on those on
   which the clock is put forward or back.
2. However many runs were missed (sleep, a machine that was off), one is done for all of them.
3. Two runs of one schedule are at least half of its gap apart, whatever made the first of them late.
4. No drift: the runs of `Interval` keep to the grid of the first one, however long each takes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise
from math import gcd
from zoneinfo import ZoneInfo

from selfcheck.core.times import compact_duration, exact_duration, listed, parse_duration

DAY = timedelta(days=1)

_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A run every so often."""

    period: timedelta

    @property
    def gap(self) -> timedelta:
        """Return the time between two runs."""
        return self.period

    @property
    def longest_gap(self) -> timedelta:
        """Return the longest time between two runs: it is always the same."""
        return self.period

    @property
    def options(self) -> tuple[str, ...]:
        """Return how it is said on the command line."""
        return ("--every", compact_duration(self.period))

    def __str__(self) -> str:
        """Return it in words: "every 12 hours"."""
        words = exact_duration(self.period)
        return f"every {words.removeprefix('1 ')}"


@dataclass(frozen=True, kw_only=True)
class DailyAt:
    """A run at each of these times of the day in a time zone."""

    times: tuple[time, ...]  # at least one, ascending
    zone: str = "UTC"

    @property
    def gap(self) -> timedelta:
        """Return the shortest time between two runs, on a day without a change of the clock."""
        return min(self._gaps())

    @property
    def longest_gap(self) -> timedelta:
        """Return the longest time between two runs, on such a day."""
        return max(self._gaps())

    def _gaps(self) -> list[timedelta]:
        starts = [timedelta(hours=at.hour, minutes=at.minute) for at in self.times]
        return [later - earlier for earlier, later in pairwise((*starts, starts[0] + DAY))]

    @property
    def options(self) -> tuple[str, ...]:
        """Return how it is said on the command line; the zone stands in the profiles file."""
        return tuple(word for at in self.times for word in ("--at", f"{at:%H:%M}"))

    def __str__(self) -> str:
        """Return it in words: "every day at 08:15 and 20:15 (UTC)"."""
        return f"every day at {listed(f'{at:%H:%M}' for at in self.times)} ({self.zone})"

    def around(self, moment: datetime) -> list[datetime]:
        """Return the moments of these times from two days before the moment to three after it, in order.

        A time that the clock leaves out when it is put forward comes an hour later by that clock; one that it
        shows twice when it is put back comes the first time.
        """
        zone = ZoneInfo(self.zone)
        today = moment.astimezone(zone).date()
        dates = (today + timedelta(days=day) for day in range(-2, 4))
        return sorted(datetime.combine(date, at, zone).astimezone(UTC) for date in dates for at in self.times)


Schedule = Interval | DailyAt


def parse_schedule(*, every: str | None, at: Iterable[str], zone: str) -> Schedule:
    """Return the schedule that these words name; ValueError where they name none, or both."""
    times = tuple(sorted({parse_time(text) for text in at}))
    if every is not None and times:
        raise ValueError("--every and --at exclude each other: give one of them")
    if every is None and not times:
        raise ValueError("one of --every and --at is needed, such as --every 12h or --at 08:15")
    return DailyAt(times=times, zone=zone) if every is None else Interval(period=parse_duration(every))


def next_due(schedule: Schedule, *, due: datetime, started: datetime, ended: datetime) -> datetime:
    """Return when the next run is due after one that was due, started and ended at these moments."""
    earliest = max(ended, started + schedule.gap / 2)
    if isinstance(schedule, DailyAt):
        return _first_at(schedule, earliest)
    beats = (earliest - due) // schedule.period + 1
    return due + max(1, beats) * schedule.period


def first_due(
    schedule: Schedule, *, now: datetime, last: datetime | None = None, planned: datetime | None = None
) -> datetime:
    """Return when the first run of a watch that begins now is due.

    `last` is when this schedule's last run started, and `planned` when the next one was due, as far as known.
    Times that cannot be right (the clock was set) are ignored.
    """
    last = last if last is not None and last <= now else None
    if isinstance(schedule, DailyAt):
        if last is not None and is_due(schedule, last=last, now=now):
            return now
        return _first_at(schedule, now if last is None else max(now, last + schedule.gap / 2))
    if last is None:
        return now
    latest = last + 1.5 * schedule.period
    planned = planned if planned is not None and last < planned <= latest else last + schedule.period
    return max(now, planned)


def _first_at(schedule: DailyAt, earliest: datetime) -> datetime:
    """Return the first moment of the schedule after this one."""
    return next(moment for moment in schedule.around(earliest) if moment > earliest)


def is_due(
    schedule: Schedule, *, last: datetime | None, now: datetime, since: datetime | None = None
) -> bool:
    """Return whether a run is due at this moment, at which the machine's scheduler started us.

    `last` is when the last one started; `since` is from when on the schedule is there, where none ever did. A
    scheduler starts us at least at every moment that matters, often at more, and after sleep at once.
    """
    last = last if last is None or last <= now else None
    if isinstance(schedule, DailyAt):
        begin = last or (since if since is not None and since <= now else now - DAY)
        passed = any(begin < moment <= now for moment in schedule.around(now))
        return passed and (last is None or now - last >= schedule.gap / 2)
    slack = (beat(schedule.period) or schedule.period) / 2
    return last is None or now - last >= schedule.period - slack


def beat(period: timedelta) -> timedelta | None:
    """Return the longest even division of the day that meets every multiple of the period.

    None where that would be shorter than half an hour: schedulers of machines know times of the day, and
    a more frequent start would mostly find nothing due.
    """
    minutes, rest = divmod(period, timedelta(minutes=1))
    step = gcd(minutes, 24 * 60)
    if step % 60:
        step = gcd(step, 60)
    return timedelta(minutes=step) if not rest and step % 30 == 0 and step else None


def parse_time(text: str) -> time:
    """Return the time of day that a text such as `08:15` names; ValueError where it names none."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a time of the day such as 08:15 or 20:15")
    return time(int(match.group(1)), int(match.group(2)))


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Hours of every day in which nothing is sent; they may pass midnight."""

    start: time
    end: time

    def covers(self, moment: datetime, zone: tzinfo) -> bool:
        """Return whether the moment lies in them, by the clock of this zone."""
        clock = moment.astimezone(zone).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end
