"""Scales of a chart: round numbers for its ticks, days that are worth a label, and where both lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_STEPS = (1, 2, 5, 10)
_MOST_LABELS = 5  # of days; more do not fit on a phone
_DAY_STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364)
_LEAST_SHARE = 0.1  # of the largest value: a scale is not stretched until noise looks like news
_THOUSAND = 10_000  # from here on numbers are shortened


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From values to a share of the height, 0 at the bottom."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return where the value lies between bottom (0) and top (1)."""
        return (value - self.low) / (self.high - self.low)


def value_scale(values: Sequence[float], *, from_zero: bool, least_step: float = 1) -> Scale:
    """Return a scale with three to five round ticks that holds all values.

    Without `from_zero` it begins near the least value; it never spans less than a tenth of the largest.
    """
    top, bottom = max(values, default=0), min(values, default=0)
    span = max(top - bottom, _LEAST_SHARE * max(abs(top), abs(bottom)), 2 * least_step)
    middle = (top + bottom) / 2
    low, high = min(bottom, middle - span / 2), max(top, middle + span / 2)
    if from_zero or (bottom >= 0 and low < 0):
        low = min(0, bottom)
        high = max(top, low + 2 * least_step)
    step = _round_step((high - low) / 3, least_step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(
        low=first * step, high=last * step, ticks=tuple(step * place for place in range(first, last + 1))
    )


def _round_step(rough: float, least: float) -> float:
    """Return the round number at or above the rough step."""
    if rough <= least:
        return least
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * one for one in _STEPS if power * one >= rough * (1 - 1e-9))


def short_number(value: float) -> str:
    """Return a number as an axis shows it: `1,250`, `12.5K`, `1.2M`."""
    for size, letter in ((1_000_000, "M"), (1_000, "K")):
        if abs(value) >= max(size, _THOUSAND):
            return f"{value / size:,.1f}".removesuffix(".0") + letter
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def labelled_days(days: Sequence[date]) -> tuple[int, ...]:
    """Return the places of the days that get a label, five at most: even steps that end at the last day.

    A step of weeks keeps the same weekday, so that a writer's week is seen in the chart.
    """
    if not days:
        return ()
    last = len(days) - 1
    step = next((one for one in _DAY_STEPS if last // one < _MOST_LABELS), max(1, last // (_MOST_LABELS - 1)))
    return tuple(range(last % step, last + 1, step))


def day_label(day: date) -> str:
    """Return a day as an axis shows it: `5 Oct`."""
    return f"{day.day} {day:%b}"
