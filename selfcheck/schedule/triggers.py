"""The times of the day at which a machine's scheduler is asked to start us.

Laws:
1. All schedulers know times of the day of the machine's own clock; so that is what a rhythm is made into.
2. The times meet every moment that matters, and sometimes more: whether a run is due is asked then anew
   (`model.rhythm.is_due`).
3. They are the same whenever they are computed: the minute comes from the machine and the schedule's name, so
   that not everybody looks in the same minute, and an installation can be repeated.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from selfcheck.core.schedule import DAY, DailyAt, Interval, Schedule, beat, is_due

_HOUR, _DAY = 60, 24 * 60  # minutes
_ANCHOR = 9 * _HOUR  # the first look of the day: machines of people are awake then
_SEASONS = 370  # days: long enough to meet every change of the clock
_MORE_THAN_A_CHANGE = 3  # days: a time that the clock left out is shown later on that one day


@dataclass(frozen=True, kw_only=True)
class LocalClock:
    """The machine's own clock on the wall."""

    zone: tzinfo | None = None  # None: whatever the system says

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


def triggers(rhythm: Schedule, *, minute: int, late: int, here: LocalClock, today: date) -> tuple[time, ...]:
    """Return the times of the machine's clock, ascending.

    `minute` (0 to 59) is where `Interval` starts within an hour, `late` by how many minutes `DailyAt` is put
    off. Raises ValueError where `Interval` meets no times of the day.
    """
    if isinstance(rhythm, Interval):
        step = beat(rhythm.period)
        if step is None:
            raise ValueError("a schedule runs every 30 minutes or a multiple of that, such as 90m, 12h or 3d")
        minutes = step // timedelta(minutes=1)
        return tuple(_time(one) for one in range((_ANCHOR + minute) % minutes, _DAY, minutes))
    return tuple(
        sorted({(one + timedelta(minutes=late)).time() for one in _on_this_clock(rhythm, here, today)})
    )


def _on_this_clock(rhythm: DailyAt, here: LocalClock, today: date) -> set[datetime]:
    """Return what this machine's clock shows at the times of another zone, through all seasons."""
    begin = datetime.combine(today, time(12), UTC)
    moments = {
        moment for day in range(0, _SEASONS, 3) for moment in rhythm.around(begin + timedelta(days=day))
    }
    shown = [here.wall(moment) for moment in moments]
    often = Counter(one.time() for one in shown)
    return {one for one in shown if often[one.time()] > _MORE_THAN_A_CHANGE}


def next_start(
    rhythm: Schedule,
    times: tuple[time, ...],
    *,
    now: datetime,
    here: LocalClock,
    last: datetime | None,
    since: datetime | None,
) -> datetime | None:
    """Return the next moment at which the machine starts us and a run is due."""
    today = here.wall(now).date()
    days = rhythm.gap // DAY + 3
    dates = (today + timedelta(days=day) for day in range(days))
    moments = (here.moment(datetime.combine(date, one)) for date in dates for one in times)
    return next(
        (one for one in moments if one > now and is_due(rhythm, last=last, now=one, since=since)), None
    )


def _time(minutes: int) -> time:
    return time(minutes // _HOUR, minutes % _HOUR)
