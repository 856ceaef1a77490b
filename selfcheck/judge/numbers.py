"""Numbers over time, and what the past makes likely. They support a verdict and never decide alone.

Laws:
1. A missed run is a gap and a number not read is left out; neither is ever taken for 0.
2. Only like is compared with like: one viewpoint's numbers with the same viewpoint's.
3. A day is the platform's day; one that has only begun is never among the whole days.

**A day without views.** Views of a day are taken as negative binomial: a mean, and more spread than chance
alone (readers come in waves). Both are taken from the whole days before; the spread is never taken for
smaller than that of a steadiness of 3, however even the few days at hand look. A day of zero is remarkable
when the model, and the share of zero days before, both give it less than 1 chance in 1000: less than one
false alarm in two years of daily runs. With that, an author needs some 27 views a day to be alarmed at all.

**Followers.** Changes between runs are taken as a drift plus noise that grows with the time between. A drop
is remarkable when it lies six times the noise below the drift, is twice any drop before, and is 2 % and 10
followers at least. Numbers that pages round (1.2K) count with the width of their rounding.

**A lasting fall of daily views** is found by a one-sided cumulative sum (Page's CUSUM) on a robust scale.
Each whole day is measured on the logarithm of its views, against the middle and the spread of the four
weeks of known days that open the window. What lies more than ALLOWANCE spreads below the middle adds to the
sum, what lies above takes from it, one day adds WORST_DAY at most, and the alarm stands while the sum is
above THRESHOLD. So no few days raise it; a lasting fall to a third raises it within a week for a steady
author, within some three weeks for a bursty one, and for the most bursty not at all.

False alarms: at most one in ten years of daily runs for an author whose views do not change in kind, from
steady to bursty, with quiet weekends or without. The test simulates such authors and counts; where good and
bad weeks cling together (0.8 from day to day) it measured about one in nine years.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median, variance

from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind
from selfcheck.core.observation import Observation
from selfcheck.judge.page_evidence import PageEvidence

# -- series ----------------------------------------------------------------------------------------------

TOO_CLOSE = timedelta(hours=1)
"""Two readings closer than this count as one, the later."""

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Point:
    """A number and when it was read (UTC)."""

    at: datetime
    value: int


def points(case: ProfileCase, fact: str) -> tuple[Point, ...]:
    """Return the fact as one viewpoint read it over the runs, oldest first, this run's reading last.

    The author's view counts where it has the number now, else the public's. Nothing where this run did
    not find the number.
    """
    now = _now(case, fact)
    if now is None:
        return ()
    viewpoint, last = now
    before = (
        Point(at=run.taken_at, value=value)
        for run in case.past
        if (value := run.facts.get(fact, {}).get(viewpoint)) is not None
    )
    return _apart([*sorted(before, key=lambda point: point.at), last])


def _now(case: ProfileCase, fact: str) -> tuple[str, Point] | None:
    for viewpoint in (AUTHOR, ANONYMOUS):
        for look in _looks(case, viewpoint):
            value = look.facts.get(fact)
            if value is not None and look.moment is not None:
                return viewpoint, Point(at=look.moment, value=value)
    return None


def _looks(case: ProfileCase, viewpoint: str) -> Iterator[Observation]:
    for kind in (PageKind.PROFILE, PageKind.STATS):
        for page in (page for page in case.pages if page.visit.kind is kind):
            look = PageEvidence(case, page).author if viewpoint == AUTHOR else page.anonymous
            if look is not None and look.outcome is Outcome.SHOWN:
                yield look


def _apart(readings: list[Point]) -> tuple[Point, ...]:
    apart: list[Point] = []
    for point in readings:
        if apart and point.at - apart[-1].at < TOO_CLOSE:
            apart.pop()
        apart.append(point)
    return tuple(apart)


def platform_day(at: datetime, day_starts: int | None) -> date:
    """Return the platform's day that holds this moment; `day_starts` in minutes after midnight UTC."""
    return (at - timedelta(minutes=day_starts or 0)).date()


def hours_gone(at: datetime, day_starts: int) -> float:
    """Return how many hours of the platform's day are gone at this moment."""
    begun = at - timedelta(minutes=day_starts)
    return (begun - begun.replace(hour=0, minute=0, second=0, microsecond=0)) / timedelta(hours=1)


def whole_days(case: ProfileCase, look: Observation, name: str) -> Mapping[date, int]:
    """Return the series' whole days by date, oldest first, from the runs before and from this look.

    A later run's number for a day replaces an earlier one's. Days that no run knows are left out.
    """
    days: dict[date, int] = {}
    starts = case.sureness.day_starts
    for run in case.past:
        if run.series_at is not None:
            days |= dict(_dated(run.series.get(name, ()), platform_day(run.series_at, starts)))
    if look.moment is not None:
        days |= dict(_dated(look.series.get(name, ()), platform_day(look.moment, starts)))
    return dict(sorted(days.items()))


def _dated(values: tuple[int, ...], today: date) -> Iterator[tuple[date, int]]:
    for age, value in enumerate(reversed(values), start=1):
        yield today - age * DAY, value


# -- a day without views, and followers that leave --------------------------------------------------------

LEAST_DAYS = 5
"""Fewer whole days than this say nothing of what is usual."""

RARE = 1 / 1000
"""A zero is remarkable below this chance a day."""

STEADIEST = 3.0
"""The largest steadiness (the negative binomial's size) that is believed of any author."""

ASLEEP = 0.25
"""The first quarter of a begun day counts for nothing: most readers may be asleep."""

LEAST_CHANGES = 5
"""Fewer changes than this say nothing of what is usual."""

NOISE = 6.0
LEAST_DROP = 10
LEAST_DROP_SHARE = 0.02
CHURN = 0.001
"""The share of followers that may come or go by chance each day, whatever the past shows."""

SHARED = 0.5
"""Controls that lost at least this part of the author's share lost it in the same purge."""

LONGEST_GAP = timedelta(days=14)
"""A change over a longer gap is a decline, not a drop."""

LEAST_POINTS = 6
LEAST_SPAN = timedelta(days=14)
LEAST_DECLINE = 0.03


def chance_of_zero(before: Sequence[int], share: float = 1.0) -> float:
    """Return the chance of no view in this share of a day, given the whole days before; 1 if unknown."""
    if len(before) < LEAST_DAYS:
        return 1.0
    mean, spread = fmean(before), variance(before)
    steadiness = mean**2 / (spread - mean) if spread > mean else STEADIEST
    size = min(steadiness, STEADIEST)
    if size <= 0 or mean <= 0:
        return 1.0
    modelled: float = (size / (size + mean * share)) ** size
    return max(modelled, before.count(0) / len(before))


def zero_day(days: Sequence[int]) -> str | None:
    """Return in words that the last whole day had no views although the past makes that improbable, or None.

    `days` are whole days, oldest first; a day that has only begun does not belong in it.
    """
    before = list(days)
    while before and before[-1] == 0:
        before.pop()
    zeros = len(days) - len(before)
    if not zeros or chance_of_zero(before) >= RARE:
        return None
    since = "The last whole day" if zeros == 1 else f"Each of the last {zeros} whole days"
    return f"{since} had no views at all; {math.floor(median(before))} a day were usual before."


def zero_so_far(days: Sequence[int], hours: float) -> str | None:
    """Return in words that a begun day has no views although so many hours are gone, or None."""
    share = max(0.0, (hours / 24 - ASLEEP) / (1 - ASLEEP))
    before = list(days)
    while before and before[-1] == 0:
        before.pop()
    if chance_of_zero(before, share) >= RARE:
        return None
    return (
        f"Today had no views in its first {math.floor(hours)} hours; {math.floor(median(before))} a day "
        f"were usual before."
    )


@dataclass(frozen=True, kw_only=True)
class Drop:
    """A fall of a number between the last two readings that the past makes improbable."""

    before: Point
    after: Point

    @property
    def share(self) -> float:
        """Return the drop as a share of the number before."""
        return (self.before.value - self.after.value) / self.before.value


def unlikely_drop(readings: Sequence[Point]) -> Drop | None:
    """Return the drop between the last two points where the points before make it improbable, or None."""
    if len(readings) < LEAST_CHANGES + 2:
        return None
    *past, before, after = readings
    past = [*past, before]
    fall, gap = before.value - after.value, after.at - before.at
    if fall < max(LEAST_DROP, LEAST_DROP_SHARE * before.value) or gap > LONGEST_GAP:
        return None
    if fall <= 2 * max(earlier.value - later.value for earlier, later in pairwise(past)):
        return None
    drift, noise = _drift_and_noise(past, gap / DAY)
    return Drop(before=before, after=after) if -fall < drift - NOISE * noise else None


def _drift_and_noise(past: Sequence[Point], days: float) -> tuple[float, float]:
    """Return the change that is usual in so many days, and its standard deviation."""
    pairs = [
        (later.value - earlier.value, (later.at - earlier.at) / DAY) for earlier, later in pairwise(past)
    ]
    drift = sum(change for change, _ in pairs) / sum(time for _, time in pairs)
    a_day = fmean((change - drift * time) ** 2 / time for change, time in pairs)
    least = max(1.0, CHURN * past[-1].value)
    rounding = width_of_rounding([point.value for point in past]) ** 2
    return drift * days, math.sqrt(max(a_day, least) * days + rounding)


def width_of_rounding(values: Sequence[int]) -> int:
    """Return the step in which these numbers seem to be rounded: 100 for 1.2K, 1 for exact ones."""
    step = 1
    while step < 10**9 and max(values, default=0) >= 10 * step and all(v % (10 * step) == 0 for v in values):
        step *= 10
    return step


def shares_lost(pairs: Iterable[tuple[int, int]]) -> list[float]:
    """Return what share each number lost from before to now; 0 for none, and for what may be rounding."""
    lost = []
    for before, now in pairs:
        fall, step = before - now, width_of_rounding([before, now])
        lost.append(fall / before if fall > step or (step == 1 and fall > 0) else 0.0)
    return lost


def shared_by(lost: Sequence[float], share: float) -> bool:
    """Return whether the controls lost so much as well that it was a purge of the whole platform."""
    return bool(lost) and median(lost) >= SHARED * share


def decline(readings: Sequence[Point]) -> str | None:
    """Return in words a slow decline over two weeks and more, or None: a trend, and no alarm.

    The slope is Theil and Sen's: the median of those between all pairs, which no single day can sway.
    """
    if len(readings) < LEAST_POINTS or readings[-1].at - readings[0].at < LEAST_SPAN:
        return None
    slopes = [
        (later.value - earlier.value) / ((later.at - earlier.at) / DAY)
        for place, earlier in enumerate(readings)
        for later in readings[place + 1 :]
    ]
    span = (readings[-1].at - readings[0].at) / DAY
    lost = -median(slopes) * span
    if lost < max(
        LEAST_DROP,
        LEAST_DECLINE * readings[0].value,
        2 * width_of_rounding([point.value for point in readings]),
    ):
        return None
    return f"from {readings[0].value:,} to {readings[-1].value:,} in {span:.0f} days"


# -- a lasting fall of views ------------------------------------------------------------------------------

REFERENCE_DAYS = 28
WINDOW_DAYS = 90
ALLOWANCE = 1.25
THRESHOLD = 8.0
WORST_DAY = 2.0
LEAST_SPREAD = 0.25
"""However even the reference looks, its spread is not taken for less than a quarter (in logarithms)."""

LEAST_USUAL = 10.0
"""Authors with fewer views a day than this are never alarmed."""

FALSE_ALARMS_A_YEAR = 0.1
LOWEST_PART, LOWEST_PART_LIES = 10, 1.28
"""One tenth of normal values lies more than 1.28 standard deviations below the middle."""

_NORMAL = 1.4826
"""The median absolute deviation times this is the standard deviation of normal values."""


def fallen(days: Sequence[int]) -> str | None:
    """Return in words that views fell and stay low, or None. `days` are whole days, oldest first."""
    window = days[-WINDOW_DAYS:]
    reference, since = window[:REFERENCE_DAYS], window[REFERENCE_DAYS:]
    if len(reference) < REFERENCE_DAYS or (usual := median(reference)) < LEAST_USUAL:
        return None
    middle, spread = _scale([math.log1p(views) for views in reference])
    total, begun = 0.0, 0
    for place, views in enumerate(since):
        below = (middle - math.log1p(views)) / spread
        total = max(0.0, total + min(below - ALLOWANCE, WORST_DAY))
        begun = place + 1 if total == 0 else begun
    if total <= THRESHOLD:
        return None
    low = median(since[begun:])
    return (
        f"Views fell {len(since) - begun} days ago and stay low: about {low:.0f} a day, {usual:.0f} before."
    )


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """Return the middle and the spread; days far below the middle count, since that is where alarms lie."""
    middle = median(values)
    usual = _NORMAL * median(abs(value - middle) for value in values)
    low = (middle - sorted(values)[len(values) // LOWEST_PART]) / LOWEST_PART_LIES
    return middle, max(LEAST_SPREAD, usual, low)
