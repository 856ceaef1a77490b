"""The model of views and followers: what the past makes likely. It supports and never decides alone.

**A day without views.** Views of a day are taken as negative binomial: a mean, and more spread than chance
alone (readers come in waves). Both are taken from the whole days before; the spread is never taken for
smaller than that of a steadiness of 3, however even the few days at hand look. A day of zero is remarkable
when the model, and the share of zero days before, both give it less than 1 chance in 1000: less than one
false alarm in two years of daily runs. With that, an author needs some 27 views a day to be alarmed at all.

**Followers.** Changes between runs are taken as a drift plus noise that grows with the time between. A drop
is remarkable when it lies six times the noise below the drift, is twice any drop before, and is 2 % and 10
followers at least. Numbers that pages round (1.2K) count with the width of their rounding.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import fmean, median, variance

from selfcheck.judge.series import DAY, Point

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


def unlikely_drop(found: Sequence[Point]) -> Drop | None:
    """Return the drop between the last two points where the points before make it improbable, or None."""
    if len(found) < LEAST_CHANGES + 2:
        return None
    *past, before, after = found
    past = [*past, before]
    fall, gap = before.value - after.value, after.at - before.at
    if fall < max(LEAST_DROP, LEAST_DROP_SHARE * before.value) or gap > LONGEST_GAP:
        return None
    if fall <= 2 * _worst(past):
        return None
    drift, noise = _drift_and_noise(past, gap / DAY)
    return Drop(before=before, after=after) if -fall < drift - NOISE * noise else None


def _worst(past: Sequence[Point]) -> int:
    return max(one.value - two.value for one, two in pairwise(past))


def _drift_and_noise(past: Sequence[Point], days: float) -> tuple[float, float]:
    """Return the change that is usual in so many days, and its standard deviation."""
    pairs = [(two.value - one.value, (two.at - one.at) / DAY) for one, two in pairwise(past)]
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


def decline(found: Sequence[Point]) -> str | None:
    """Return in words a slow decline over two weeks and more, or None: a trend, and no alarm.

    The slope is Theil and Sen's: the median of those between all pairs, which no single day can sway.
    """
    if len(found) < LEAST_POINTS or found[-1].at - found[0].at < LEAST_SPAN:
        return None
    slopes = [
        (two.value - one.value) / ((two.at - one.at) / DAY)
        for place, one in enumerate(found)
        for two in found[place + 1 :]
    ]
    span = (found[-1].at - found[0].at) / DAY
    lost = -median(slopes) * span
    if lost < max(
        LEAST_DROP, LEAST_DECLINE * found[0].value, 2 * width_of_rounding([p.value for p in found])
    ):
        return None
    return f"from {found[0].value:,} to {found[-1].value:,} in {span:.0f} days"
