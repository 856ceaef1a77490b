"""The times of the day at which a machine's scheduler is asked to start us. Pure.

Laws:
1. All schedulers know times of the day of the machine's own clock; so a schedule is made into those.
2. The times meet every moment that matters, and sometimes more: whether a run is due is then asked again
   (`core.schedule.is_due`).
3. They are the same whenever they are computed: the minute comes from the machine and the schedule's name, so
   that not everybody checks in the same minute, and an installation can be repeated.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from selfcheck.core.schedule import DAY, DailyAt, Interval, Schedule, beat, is_due

_HOUR, _DAY = 60, 24 * 60  # minutes
_ANCHOR = 9 * _HOUR  # the first run of the day: people's machines are on then
_SEASONS = 370  # days: long enough to meet every change of the clock
_MORE_THAN_A_CHANGE = 3  # days: a time that the clock left out is shown later on that one day


@dataclass(frozen=True, kw_only=True)
class LocalClock:
    """The machine's own clock."""

    zone: tzinfo | None = None  # None: the system's

    def wall(self, moment: datetime) -> datetime:
        """Return what the clock shows at a moment; the result is naive."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def moment(self, wall: datetime) -> datetime:
        """Return the moment (UTC) at which the clock shows this."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC)


def own_minute(machine: str, name: str, below: int) -> int:
    """Return a minute below this one that is this machine's and this schedule's own, always the same."""
    digest = hashlib.sha256(f"{machine}\0{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % max(1, below)


def triggers(
    schedule: Schedule, *, minute: int, late: int, clock: LocalClock, today: date
) -> tuple[time, ...]:
    """Return the times of the machine's clock, ascending.

    `minute` (0 to 59) is where `Interval` starts within an hour, `late` by how many minutes `DailyAt` is
    delayed. Raises ValueError where `Interval` meets no times of the day.
    """
    if isinstance(schedule, Interval):
        step = beat(schedule.period)
        if step is None:
            raise ValueError("a schedule runs every 30 minutes or a multiple of that, such as 90m, 12h or 3d")
        minutes = step // timedelta(minutes=1)
        starts = range((_ANCHOR + minute) % minutes, _DAY, minutes)
        return tuple(time(start // _HOUR, start % _HOUR) for start in starts)
    shown = _on_this_clock(schedule, clock, today)
    return tuple(sorted({(wall + timedelta(minutes=late)).time() for wall in shown}))


def _on_this_clock(schedule: DailyAt, clock: LocalClock, today: date) -> set[datetime]:
    """Return what this machine's clock shows at the times of another zone, through all seasons."""
    begin = datetime.combine(today, time(12), UTC)
    moments = {
        moment for day in range(0, _SEASONS, 3) for moment in schedule.around(begin + timedelta(days=day))
    }
    shown = [clock.wall(moment) for moment in moments]
    often = Counter(wall.time() for wall in shown)
    return {wall for wall in shown if often[wall.time()] > _MORE_THAN_A_CHANGE}


def next_start(
    schedule: Schedule,
    times: tuple[time, ...],
    *,
    now: datetime,
    clock: LocalClock,
    last: datetime | None,
    since: datetime | None,
) -> datetime | None:
    """Return the next moment at which the machine starts us and a run is due."""
    today = clock.wall(now).date()
    dates = (today + timedelta(days=day) for day in range(schedule.gap // DAY + 3))
    moments = (clock.moment(datetime.combine(date, time)) for date in dates for time in times)
    return next(
        (start for start in moments if start > now and is_due(schedule, last=last, now=start, since=since)),
        None,
    )
