"""Charts as plain SVG text: a line or columns over days, with what is not known left open.

Laws:
1. A day without a number is a gap: no line crosses it, no column stands there, and it is hatched. A zero is a
   number and is drawn as one.
2. Columns begin at zero. A line may begin elsewhere, and then the chart says so.
3. Everything lies at a share of the width, so words keep their size on a phone and on paper.
4. Nothing rests on colour alone: lines differ in their dashes, incidents bear a number, gaps a hatching.
5. A chart is one picture with a title and a description; the same numbers stand in a table beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from markupsafe import Markup, escape

from selfcheck.core.times import plural
from selfcheck.report.scales import Scale, day_label, labelled_days, short_number, value_scale

LEFT, RIGHT = 12.0, 98.5  # per cent of the width: room for the numbers of the axis
TOP, PLOT, FOOT = 28, 150, 40  # px: incidents' numbers, the values, the days
HEIGHT = TOP + PLOT + FOOT
_INNER = 1000  # units of the plot's own width and height, which are stretched to their place
_COLUMN = 0.72  # of a day's width


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
    """Numbers over days, and what is to be said of them."""

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
        return any(value is not None for one in self.series for value in one.values)

    @property
    def unknown(self) -> bool:
        """Return whether any day is hatched as not known."""
        return bool(unknown_runs(self))


def chart_svg(chart: Chart) -> Markup:
    """Return the chart as an SVG element that stands in a page."""
    scale = scale_of(chart)
    inner = "".join((*_gaps(chart), *_band_areas(chart), *_drawn(chart, scale)))
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


def scale_of(chart: Chart) -> Scale:
    """Return the scale of the chart's values."""
    values = [value for one in chart.series for value in one.values if value is not None]
    return value_scale(values, from_zero=chart.form is Form.COLUMNS)


def described(chart: Chart) -> str:
    """Return in words what the chart shows, for those who do not see it."""
    if not chart.days:
        return "There are no days to show."
    span = f"{_whole_day(chart.days[0])} to {_whole_day(chart.days[-1])}"
    parts = [f"{chart.unit}, {span}.", *(_of_series(one, chart) for one in chart.series)]
    parts += [f"Incident {one.number}: {one.words}." for one in chart.bands]
    return " ".join(parts)


def _of_series(series: Series, chart: Chart) -> str:
    known = [(place, value) for place, value in enumerate(series.values) if value is not None]
    if not known:
        return f"{series.name}: no number is known."
    values = [value for _, value in known]
    first, last = (
        f"{_number(value, chart)} on {_whole_day(chart.days[place])}"
        for place, value in (known[0], known[-1])
    )
    missing = len(series.values) - len(known)
    gaps = f", {plural(missing, 'day')} not known" if missing else ""
    least, most = _number(min(values), chart), _number(max(values), chart)
    return f"{series.name}: from {first} to {last}, lowest {least}, highest {most}{gaps}."


def _number(value: float, chart: Chart) -> str:
    return f"{value:,.0f}{chart.suffix}" if value == round(value) else f"{value:,.1f}{chart.suffix}"


def _whole_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


# -- places ----------------------------------------------------------------------------------------------


def share(place: float, count: int) -> float:
    """Return where a place among so many days lies on the whole width, in per cent; .5 is a day's middle."""
    return LEFT + (RIGHT - LEFT) * place / max(1, count)


def _down(scale: Scale, value: float) -> float:
    return TOP + PLOT * (1 - scale.at(value))


def _across(place: float, count: int) -> str:
    return f"{_INNER * place / max(1, count):.1f}"


def _up(scale: Scale, value: float) -> str:
    return f"{_INNER * (1 - scale.at(value)):.1f}"


# -- what is behind --------------------------------------------------------------------------------------


def unknown_runs(chart: Chart) -> tuple[tuple[int, int], ...]:
    """Return the first and last places of the days of which a number is missing.

    Days before the first number of all are not: nobody had begun to look.
    """
    numbers = [place for one in chart.series for place, value in enumerate(one.values) if value is not None]
    expected = range(min(numbers, default=0), len(chart.days) - chart.open_end)
    return tuple(_joined(place for place in expected if not _covered(chart, place)))


def _covered(chart: Chart, place: int) -> bool:
    """Return whether a number is known of the day, or of one so near on both sides that none is missing."""
    return any(
        one.values[place] is not None or any(first < place < last for first, last in _near_pairs(one))
        for one in chart.series
    )


def _near_pairs(series: Series) -> Iterator[tuple[int, int]]:
    known = [place for place, value in enumerate(series.values) if value is not None]
    for first, last in pairwise(known):
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


def _gaps(chart: Chart) -> Iterator[str]:
    for first, last in unknown_runs(chart):
        yield _area("gap", first, last + 1, len(chart.days))


def _band_areas(chart: Chart) -> Iterator[str]:
    for band in chart.bands:
        yield _area("band", band.first, band.last + 1, len(chart.days))


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
    found: list[list[tuple[int, float]]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if not found or place - found[-1][-1][0] > reach:
            found.append([])
        found[-1].append((place, value))
    return tuple(tuple(one) for one in found)


def _lines(series: Series, scale: Scale) -> Iterator[str]:
    count = len(series.values)
    for stretch in stretches(series.values, series.reach):
        points = " ".join(f"{_across(place + 0.5, count)},{_up(scale, value)}" for place, value in stretch)
        if len(stretch) > 1:
            yield f'<polyline class="line {series.look}" points="{points}"/>'


def _lone_dots(chart: Chart, scale: Scale) -> Iterator[str]:
    """Yield a dot for each number that stands alone, and for the author's last one."""
    for series in chart.series:
        found = stretches(series.values, series.reach)
        alone = [stretch[0] for stretch in found if len(stretch) == 1]
        last = [found[-1][-1]] if found and series.look == "own" else []
        for place, value in dict.fromkeys((*alone, *last)):
            x, y = share(place + 0.5, len(chart.days)), _down(scale, value)
            yield f'<circle class="dot {series.look}" cx="{x:.2f}%" cy="{y:.1f}" r="3"/>'
