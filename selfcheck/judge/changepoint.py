"""A lasting fall of daily views: a one-sided cumulative sum (Page's CUSUM) on a robust scale.

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
from collections.abc import Sequence
from statistics import median

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
