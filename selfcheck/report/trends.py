"""What the numbers say over weeks, in words for the report: slow declines and sudden drops. Pure.

Laws:
1. A trend is not an alarm and not a verdict: it is shown, and decides nothing.
2. Every reading of the past is judged by the same model as in a run's verdict, from what was known before it.
3. Only like is compared with like: followers as one viewpoint read them, all of one account. A slow decline
   is looked for after the last sudden drop, and outside of incidents: those are shown by themselves.
4. A decline is shown if the slope says so (Theil and Sen) and chance alone would produce so steady a one in
   fewer than 1 of 200 cases (Mann and Kendall's test, one-sided). The words give the median of the first and
   of the last week, not single days.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import combinations
from statistics import median

from selfcheck.core.account_report import FollowerDrop
from selfcheck.core.history import RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.times import long_date
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
"""How far back a trend is looked for: what happened earlier has become usual."""

STEADY = -2.58
"""The standard score of Mann and Kendall's test below which a decline is not chance."""

_WEEK = timedelta(days=7)
_MOST_BEFORE = 60  # readings by which a drop is judged, as many as a run itself is given


def trends(
    rows: Sequence[RunRow], views: Mapping[date, int], incidents: Sequence[Incident] = ()
) -> tuple[str, ...]:
    """Return slow changes in words; `rows` are one account's, oldest first, `views` by whole days."""
    trends_ = []
    if decline_ := _decline_words(_since_last_drop(_points(rows))):
        trends_.append(f"Followers declined slowly, from {decline_}: a trend, not an alarm.")
    days = [day for day in sorted(views) if max(views) - day <= LONGEST]
    unbroken = bool(days) and (days[-1] - days[0]).days + 1 == len(days)
    if unbroken and (low := fallen([views[day] for day in days])):
        trends_.append(low)
    elif decline_ := _decline_words(_daily_views(views, days, incidents)):
        trends_.append(f"Views a day declined slowly, from about {decline_}: a trend, not an alarm.")
    return tuple(trends_)


def _decline_words(readings: Sequence[Point]) -> str | None:
    """Return in words how the numbers declined slowly, or None."""
    within = [point for point in readings if readings[-1].at - point.at <= LONGEST]
    # The last reading of each day: a slope over all pairs of more would only cost time.
    recent = list({point.at.date(): point for point in within}.values())
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
    score = sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    return (score - (score > 0) + (score < 0)) / spread if spread else 0.0


def _since_last_drop(readings: Sequence[Point]) -> Sequence[Point]:
    for count in range(len(readings), 0, -1):
        if unlikely_drop(readings[max(0, count - _MOST_BEFORE) : count]) is not None:
            return readings[count - 1 :]
    return readings


def _daily_views(
    views: Mapping[date, int], days: Sequence[date], incidents: Sequence[Incident]
) -> list[Point]:
    """Return the views of the days outside incidents; one may have begun after the last good check."""
    spans = [
        (
            (incident.last_good_at or incident.first_bad_at).date(),
            incident.over_at.date() if incident.over_at else date.max,
        )
        for incident in incidents
    ]
    outside = [day for day in days if not any(first <= day <= last for first, last in spans)]
    return [Point(at=datetime.combine(day, time(12), UTC), value=views[day]) for day in outside]


def follower_drops(rows: Sequence[RunRow], zone: tzinfo) -> Iterator[FollowerDrop]:
    """Yield every drop of followers that the readings before it made improbable, oldest first."""
    readings = _points(rows)
    for count in range(1, len(readings) + 1):
        drop = unlikely_drop(readings[max(0, count - _MOST_BEFORE) : count])
        if drop is not None:
            lost = _controls_lost(rows, drop)
            purge = shared_by(lost, drop.share)
            day = drop.after.at.astimezone(zone).date()
            yield FollowerDrop(day=day, purge=purge, words=_words(drop, day, lost, purge=purge))


def _words(drop: Drop, day: date, lost: Sequence[float], *, purge: bool) -> str:
    words = (
        f"Followers fell from {drop.before.value:,} to {drop.after.value:,} ({drop.share:.0%}), as read on "
        f"{long_date(day)}"
    )
    if purge:
        return (
            f"{words}. The control accounts lost {median(lost):.0%} as well: the platform removed accounts "
            f"everywhere, so this says nothing about this author."
        )
    if lost:
        return f"{words}. The control accounts kept theirs, so only this author is affected."
    return f"{words}. No control account's number is known, so the whole platform may have been purged."


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
    read = [row for row in rows if row.followers is not None]
    points: list[Point] = []
    for row in read:
        if row.followers is None or row.followers_by != read[-1].followers_by:
            continue
        if points and row.at - points[-1].at < TOO_CLOSE:
            points.pop()
        points.append(Point(at=row.at, value=row.followers))
    return points
