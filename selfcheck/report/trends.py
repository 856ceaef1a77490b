"""What the numbers say over weeks, in words for the report: slow declines, and sudden falls.

Laws:
1. A trend is no alarm and no verdict: it is told, and decides nothing.
2. The same model as in a run's verdict judges every reading of the past by what was known before it.
3. Only like is compared with like: followers as one viewpoint read them, all of one account. A slow decline
   is looked for after the last sudden fall, and outside of incidents: those are told by themselves.
4. A decline is told where the slope says so (Theil and Sen), and chance alone would make so steady a one in
   fewer than 1 of 200 cases (Mann and Kendall's test, one-sided). The words give the middle of the first and
   of the last week, not single days.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import combinations
from statistics import median

from selfcheck.core.account_report import Fall
from selfcheck.core.history import RunRow
from selfcheck.core.incident import Incident
from selfcheck.judge.numbers import (
    LEAST_DECLINE,
    TOO_CLOSE,
    Drop,
    Point,
    decline,
    fallen,
    shared_by,
    shares_lost,
    unlikely_drop,
)

LONGEST = timedelta(days=90)
"""How far back a trend is looked for: what happened before has become usual."""

STEADY = -2.58
"""The standard score of Mann and Kendall's test below which a decline is no chance."""

_WEEK = timedelta(days=7)
_MOST_BEFORE = 60  # readings by which a fall is judged, as many as a run itself is handed


def trends(
    rows: Sequence[RunRow], views: Mapping[date, int], incidents: Sequence[Incident] = ()
) -> tuple[str, ...]:
    """Return slow changes in words; `rows` are one account's, oldest first, `views` by whole days."""
    told = []
    if found := _declined(_since_last_fall(_points(rows))):
        told.append(f"Followers declined slowly, from {found}: a trend, no alarm.")
    known = [day for day in sorted(views) if max(views) - day <= LONGEST]
    if (low := fallen([views[day] for day in known])) and _unbroken(known):
        told.append(low)
    elif found := _declined([Point(at=_noon(day), value=views[day]) for day in _quiet(known, incidents)]):
        told.append(f"Views a day declined slowly, from about {found}: a trend, no alarm.")
    return tuple(told)


def _declined(found: Sequence[Point]) -> str | None:
    """Return in words that the numbers declined slowly, or None."""
    recent = _daily([point for point in found if found[-1].at - point.at <= LONGEST])
    if decline(recent) is None or steadiness([point.value for point in recent]) > STEADY:
        return None
    first = median(point.value for point in recent if point.at - recent[0].at < _WEEK)
    last = median(point.value for point in recent if recent[-1].at - point.at < _WEEK)
    if last > (1 - LEAST_DECLINE) * first:
        return None
    return f"{first:,.0f} to {last:,.0f} in {(recent[-1].at - recent[0].at).days} days"


def steadiness(values: Sequence[int]) -> float:
    """Return the standard score of Mann and Kendall's test: far below 0 for a steady decline."""
    count = len(values)
    score = sum((two > one) - (two < one) for one, two in combinations(values, 2))
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    return (score - (score > 0) + (score < 0)) / spread if spread else 0.0


def _since_last_fall(found: Sequence[Point]) -> Sequence[Point]:
    for count in range(len(found), 0, -1):
        if unlikely_drop(found[max(0, count - _MOST_BEFORE) : count]) is not None:
            return found[count - 1 :]
    return found


def _quiet(days: Sequence[date], incidents: Sequence[Incident]) -> list[date]:
    """Return the days that lie in no incident; it may have begun after the last good look."""
    spans = [
        (
            (one.last_good_at or one.first_bad_at).date(),
            one.over_at.date() if one.over_at else date.max,
        )
        for one in incidents
    ]
    return [day for day in days if not any(first <= day <= last for first, last in spans)]


def _unbroken(days: Sequence[date]) -> bool:
    return bool(days) and (days[-1] - days[0]).days + 1 == len(days)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def falls(rows: Sequence[RunRow], zone: tzinfo) -> tuple[Fall, ...]:
    """Return every drop of followers that the readings before it made improbable, oldest first."""
    return tuple(_falls(rows, zone))


def _falls(rows: Sequence[RunRow], zone: tzinfo) -> Iterator[Fall]:
    readings = _points(rows)
    for count in range(1, len(readings) + 1):
        drop = unlikely_drop(readings[max(0, count - _MOST_BEFORE) : count])
        if drop is not None:
            lost = _controls_lost(rows, drop)
            purge = shared_by(lost, drop.share)
            day = drop.after.at.astimezone(zone).date()
            yield Fall(day=day, purge=purge, words=_words(drop, day, lost, purge=purge))


def _words(drop: Drop, day: date, lost: Sequence[float], *, purge: bool) -> str:
    told = (
        f"Followers fell from {drop.before.value:,} to {drop.after.value:,} ({drop.share:.0%}), as read on "
        f"{day.day} {day:%B %Y}"
    )
    if purge:
        return (
            f"{told}. The control accounts lost {median(lost):.0%} as well: the platform removed accounts "
            f"everywhere, so this is no sign against this author."
        )
    if lost:
        return f"{told}. The control accounts kept theirs, so it is this author's alone."
    return f"{told}. No control account's number is known, so a purge of the whole platform may be why."


def _controls_lost(rows: Sequence[RunRow], drop: Drop) -> list[float]:
    """Return what share each control lost over the same time; those not read on both sides are left out."""
    after = next(row for row in rows if row.at == drop.after.at)
    before: dict[str, int] = {}
    for row in rows:
        if row.at <= drop.before.at:
            before |= {handle: value for handle, value in row.controls.items() if value}
    return shares_lost(
        (before[handle], value)
        for handle, value in after.controls.items()
        if value is not None and handle in before
    )


def _points(rows: Sequence[RunRow]) -> list[Point]:
    """Return the followers as the viewpoint of the latest reading read them; close readings count as one."""
    found = [row for row in rows if row.followers is not None]
    kept: list[Point] = []
    for row in found:
        if row.followers is None or row.followers_by != found[-1].followers_by:
            continue
        if kept and row.at - kept[-1].at < TOO_CLOSE:
            kept.pop()
        kept.append(Point(at=row.at, value=row.followers))
    return kept


def _daily(points: Sequence[Point]) -> list[Point]:
    """Return the last reading of each day: a slope over all pairs of more would only cost time."""
    return list({point.at.date(): point for point in points}.values())
