"""Charts as plain SVG text: a line or columns over days, with what is not known left open. Pure.

Laws:
1. A day without a number is a gap: no line crosses it, it has no column, and it is hatched. A zero is drawn
   as the number that it is.
2. Columns begin at zero. A line may begin elsewhere, and then the chart says so.
3. Everything is placed by a share of the width, so words keep their size on a phone and on paper.
4. Nothing rests on colour alone: lines differ in their dashes, incidents have a number, gaps are hatched.
5. A chart is one picture with a title and a description; the same numbers are in a table beside it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from markupsafe import Markup, escape

from selfcheck.core.times import long_date, plural

LEFT, RIGHT = 12.0, 98.5  # per cent of the width: room for the numbers of the axis
TOP, PLOT, FOOT = 28, 150, 40  # px: incidents' numbers, the values, the days
HEIGHT = TOP + PLOT + FOOT
_INNER = 1000  # units of the plot's own width and height, which are stretched to their place
_COLUMN = 0.72  # of a day's width
_STEPS = (1, 2, 5, 10)
_MOST_LABELS = 5  # of days; more do not fit on a phone
_DAY_STEPS = (1, 2, 7, 14, 28, 56, 91, 182, 364)
_LEAST_SHARE = 0.1  # of the largest value: a scale is not stretched until noise looks like news
_THOUSAND = 10_000  # from here on numbers are shortened


class Form(StrEnum):
    """How values are drawn."""

    LINE = "line"
    COLUMNS = "columns"


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of numbers, a number or None for each day."""

    name: str
    values: tuple[float | None, ...]
    look: str = "own"  # the class of its line: `own`, `control-1` …
    reach: int = 1  # days from one number to the next between which no day is missing


@dataclass(frozen=True, kw_only=True)
class Band:
    """Days that belong to an incident, from the first to the last place, both with them."""

    first: int
    last: int
    number: int  # by which the text names it
    words: str


@dataclass(frozen=True, kw_only=True)
class ChartMark:
    """A day on which something happened to the numbers."""

    place: int
    word: str  # one short word beside the mark


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Numbers over days, and what they are about."""

    identity: str  # of the page's element; its parts' names begin with it
    title: str
    unit: str  # what the upright axis counts
    time_axis: str  # what the level axis counts
    days: tuple[date, ...]
    series: tuple[Series, ...]
    form: Form = Form.LINE
    bands: tuple[Band, ...] = ()
    marks: tuple[ChartMark, ...] = ()
    suffix: str = ""  # behind the axis' numbers, such as ` %`
    open_end: int = 0  # last days of which no number is expected yet

    @property
    def known(self) -> bool:
        """Return whether there is any number to draw."""
        return any(value is not None for series in self.series for value in series.values)

    @property
    def unknown(self) -> bool:
        """Return whether any day is hatched as not known."""
        return bool(unknown_runs(self))


def chart_svg(chart: Chart) -> Markup:
    """Return the chart as an SVG element that stands in a page."""
    scale = scale_of(chart)
    inner = "".join((*_areas(chart), *_drawn(chart, scale)))
    outer = "".join((*_level_lines(chart, scale), *_day_labels(chart), *_band_numbers(chart), *_marks(chart)))
    dots = "".join(_lone_dots(chart, scale)) if chart.form is Form.LINE else ""
    title, about = f"{chart.identity}-title", f"{chart.identity}-about"
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="chart" role="img" width="100%" height="{HEIGHT}" aria-labelledby="{title} {about}">'
        f'<title id="{title}">{escape(chart.title)}</title>'
        f'<desc id="{about}">{escape(described(chart))}</desc>'
        f"{_axis_titles(chart)}{outer}"
        f'<svg x="{LEFT}%" y="{TOP}" width="{RIGHT - LEFT}%" height="{PLOT}" viewBox="0 0 {_INNER} {_INNER}" '
        f'preserveAspectRatio="none">{inner}</svg>{dots}</svg>'
    )


def described(chart: Chart) -> str:
    """Return in words what the chart shows, for those who cannot see it."""
    if not chart.days:
        return "There are no days to show."
    span = f"{long_date(chart.days[0])} to {long_date(chart.days[-1])}"
    parts = [f"{chart.unit}, {span}.", *(_of_series(series, chart) for series in chart.series)]
    parts += [f"Incident {band.number}: {band.words}." for band in chart.bands]
    return " ".join(parts)


def _of_series(series: Series, chart: Chart) -> str:
    readings = [(place, value) for place, value in enumerate(series.values) if value is not None]
    if not readings:
        return f"{series.name}: no number is known."
    values = [value for _, value in readings]
    first, last = (
        f"{_number(value, chart)} on {long_date(chart.days[place])}"
        for place, value in (readings[0], readings[-1])
    )
    missing = len(series.values) - len(readings)
    gaps = f", {plural(missing, 'day')} not known" if missing else ""
    least, most = _number(min(values), chart), _number(max(values), chart)
    return f"{series.name}: from {first} to {last}, lowest {least}, highest {most}{gaps}."


def _number(value: float, chart: Chart) -> str:
    return f"{value:,.0f}{chart.suffix}" if value == round(value) else f"{value:,.1f}{chart.suffix}"


# -- scales ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Scale:
    """From values to a share of the height, 0 at the bottom."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return where the value lies between bottom (0) and top (1)."""
        return (value - self.low) / (self.high - self.low)


def value_scale(values: Sequence[float], *, from_zero: bool) -> Scale:
    """Return a scale with three to five round ticks that holds all values.

    Without `from_zero` it begins near the least value; it never spans less than a tenth of the largest.
    """
    top, bottom = max(values, default=0), min(values, default=0)
    span = max(top - bottom, _LEAST_SHARE * max(abs(top), abs(bottom)), 2)
    middle = (top + bottom) / 2
    low, high = min(bottom, middle - span / 2), max(top, middle + span / 2)
    if from_zero or (bottom >= 0 and low < 0):
        low = min(0, bottom)
        high = max(top, low + 2)
    step = _round_step((high - low) / 3)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(
        low=first * step, high=last * step, ticks=tuple(step * place for place in range(first, last + 1))
    )


def scale_of(chart: Chart) -> Scale:
    """Return the scale of the chart's values."""
    values = [value for series in chart.series for value in series.values if value is not None]
    return value_scale(values, from_zero=chart.form is Form.COLUMNS)


def _round_step(rough: float) -> float:
    """Return the round number at or above the rough step, at least 1."""
    if rough <= 1:
        return 1
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * step for step in _STEPS if power * step >= rough * (1 - 1e-9))


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
    step = next(
        (size for size in _DAY_STEPS if last // size < _MOST_LABELS), max(1, last // (_MOST_LABELS - 1))
    )
    return tuple(range(last % step, last + 1, step))


def day_label(day: date) -> str:
    """Return a day as an axis shows it: `5 Oct`."""
    return f"{day.day} {day:%b}"


# -- places ----------------------------------------------------------------------------------------------


def share(place: float, count: int) -> float:
    """Return where a place among so many days lies on the whole width, in per cent; .5 is a day's middle."""
    return LEFT + (RIGHT - LEFT) * place / max(1, count)


def _down(scale: Scale, value: float) -> float:
    return TOP + PLOT * (1 - scale.at(value))


def _across(place: float, count: int) -> str:
    return f"{_INNER * place / max(1, count):.1f}"


# -- what is behind --------------------------------------------------------------------------------------


def unknown_runs(chart: Chart) -> tuple[tuple[int, int], ...]:
    """Return the first and last places of the days of which a number is missing.

    Days before the first number of all are not: the checks had not begun.
    """
    numbers = [
        place for series in chart.series for place, value in enumerate(series.values) if value is not None
    ]
    expected = range(min(numbers, default=0), len(chart.days) - chart.open_end)
    return tuple(_joined(place for place in expected if not _covered(chart, place)))


def _covered(chart: Chart, place: int) -> bool:
    """Return whether the day has a number, or lies between two that are so near that none is missing."""
    return any(
        series.values[place] is not None or any(first < place < last for first, last in _near_pairs(series))
        for series in chart.series
    )


def _near_pairs(series: Series) -> Iterator[tuple[int, int]]:
    places = [place for place, value in enumerate(series.values) if value is not None]
    for first, last in pairwise(places):
        if 1 < last - first <= series.reach:
            yield first, last


def _joined(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for place in places:
        if last is not None and first is not None and place != last + 1:
            yield first, last
            first = place
        first, last = (place if first is None else first), place
    if first is not None and last is not None:
        yield first, last


def _areas(chart: Chart) -> Iterator[str]:
    count = len(chart.days)
    yield from (_area("gap", first, last + 1, count) for first, last in unknown_runs(chart))
    yield from (_area("band", band.first, band.last + 1, count) for band in chart.bands)


def _area(look: str, start: float, end: float, count: int) -> str:
    left, right = float(_across(start, count)), float(_across(end, count))
    return f'<rect class="{look}" x="{left}" y="0" width="{right - left:.1f}" height="{_INNER}"/>'


def _band_numbers(chart: Chart) -> Iterator[str]:
    """Yield a line above each incident's days, and its number in a circle."""
    count = len(chart.days)
    for band in chart.bands:
        left, right = share(band.first, count), share(band.last + 1, count)
        middle = (left + right) / 2
        yield f'<rect class="band-top" x="{left:.2f}%" y="{TOP - 3}" width="{right - left:.2f}%" height="3"/>'
        yield f'<circle class="band-dot" cx="{middle:.2f}%" cy="{TOP - 14}" r="9"/>'
        yield f'<text class="band-number" x="{middle:.2f}%" y="{TOP - 10}">{band.number}</text>'


def _marks(chart: Chart) -> Iterator[str]:
    for mark in chart.marks:
        at = f"{share(mark.place + 0.5, len(chart.days)):.2f}%"
        yield f'<line class="mark" x1="{at}" x2="{at}" y1="{TOP}" y2="{TOP + PLOT}"/>'
        yield f'<text class="mark-word" x="{at}" y="{TOP - 8}">{escape(mark.word)}</text>'


# -- axes ------------------------------------------------------------------------------------------------


def _axis_titles(chart: Chart) -> str:
    middle = (LEFT + RIGHT) / 2
    return (
        f'<text class="axis-title" x="0" y="11">{escape(chart.unit)}</text>'
        f'<text class="axis-title middle" x="{middle}%" y="{HEIGHT - 4}">{escape(chart.time_axis)}</text>'
    )


def _level_lines(chart: Chart, scale: Scale) -> Iterator[str]:
    for tick in scale.ticks:
        y = _down(scale, tick)
        look = "base" if tick == scale.ticks[0] else "level"
        yield f'<line class="{look}" x1="{LEFT}%" x2="{RIGHT}%" y1="{y:.1f}" y2="{y:.1f}"/>'
        words = f"{short_number(tick)}{chart.suffix}"
        yield f'<text class="tick end" x="{LEFT - 1.5}%" y="{y + 4:.1f}">{escape(words)}</text>'


def _day_labels(chart: Chart) -> Iterator[str]:
    for place in labelled_days(chart.days):
        at = f"{share(place + 0.5, len(chart.days)):.2f}%"
        yield f'<line class="base" x1="{at}" x2="{at}" y1="{TOP + PLOT}" y2="{TOP + PLOT + 4}"/>'
        label = day_label(chart.days[place])
        yield f'<text class="tick middle" x="{at}" y="{TOP + PLOT + 17}">{label}</text>'


# -- values ----------------------------------------------------------------------------------------------


def _drawn(chart: Chart, scale: Scale) -> Iterator[str]:
    # What is drawn last lies above: the author's own line comes first in the legend and last here.
    for series in reversed(chart.series):
        if chart.form is Form.COLUMNS:
            yield from _columns(series, scale)
        else:
            yield from _lines(series, scale)


def _columns(series: Series, scale: Scale) -> Iterator[str]:
    count, least = len(series.values), _INNER * 2 / PLOT  # a zero is two px high, so that it is seen
    for place, value in enumerate(series.values):
        if value is None:
            continue
        height = max(least, _INNER * scale.at(value))
        look = "zero" if value == 0 else series.look
        left, width = float(_across(place + (1 - _COLUMN) / 2, count)), _INNER * _COLUMN / count
        size = f'width="{width:.1f}" height="{height:.1f}"'
        yield f'<rect class="column {look}" x="{left:.1f}" y="{_INNER - height:.1f}" {size}/>'


def stretches(values: Sequence[float | None], reach: int = 1) -> tuple[tuple[tuple[int, float], ...], ...]:
    """Return the numbers as unbroken stretches of place and value; a gap longer than the reach parts them."""
    parts: list[list[tuple[int, float]]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if not parts or place - parts[-1][-1][0] > reach:
            parts.append([])
        parts[-1].append((place, value))
    return tuple(tuple(part) for part in parts)


def _lines(series: Series, scale: Scale) -> Iterator[str]:
    count = len(series.values)
    for stretch in stretches(series.values, series.reach):
        points = " ".join(
            f"{_across(place + 0.5, count)},{_INNER * (1 - scale.at(value)):.1f}" for place, value in stretch
        )
        if len(stretch) > 1:
            yield f'<polyline class="line {series.look}" points="{points}"/>'


def _lone_dots(chart: Chart, scale: Scale) -> Iterator[str]:
    """Yield a dot for each number that stands alone, and for the author's last one."""
    for series in chart.series:
        parts = stretches(series.values, series.reach)
        alone = [stretch[0] for stretch in parts if len(stretch) == 1]
        last = [parts[-1][-1]] if parts and series.look == "own" else []
        for place, value in dict.fromkeys((*alone, *last)):
            x, y = share(place + 0.5, len(chart.days)), _down(scale, value)
            yield f'<circle class="dot {series.look}" cx="{x:.2f}%" cy="{y:.1f}" r="3"/>'
