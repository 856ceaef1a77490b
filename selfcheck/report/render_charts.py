"""Which charts and figures a profile's numbers give, and the same numbers as a table.

Laws:
1. A chart is only drawn where there is a number to show; nothing is made up for a day without one.
2. Controls are compared with the author as changes in per cent, so that accounts of any size share one scale.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, median

from selfcheck.core.account_report import AccountReport, ReportOverTime
from selfcheck.core.history import ProfileDay
from selfcheck.core.labels import VERDICT_WORD
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import long_date
from selfcheck.report.charts import Band, Chart, ChartMark, Form, Series
from selfcheck.report.uptime_bar import day_word

UNKNOWN = "not known"
_MONTH, _WEEK = timedelta(days=30), 7
_LEAST_COMPARED = 2  # numbers: a single one has not changed
_MOST_CONTROLS = 4  # lines that can still be told apart


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of today, and what it was before."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, kw_only=True)
class NumberRow:
    """All that is known of one day."""

    day: str
    cells: tuple[tuple[str, str], ...]  # the column's name and the words in it


def bands(profile: AccountReport) -> tuple[Band, ...]:
    """Return each incident as the days of the report that belong to it."""
    shown = []
    for item in reversed(profile.incidents):
        places = [place for place, day in enumerate(profile.days) if item.incident.id in day.incidents]
        if places:
            words = VERDICT_WORD[item.incident.verdict].lower()
            shown.append(Band(first=places[0], last=places[-1], number=item.number, words=words))
    return tuple(shown)


def charts(profile: AccountReport, report: ReportOverTime, identity: str) -> tuple[Chart, ...]:
    """Return the charts of a profile that have anything to show."""
    candidates = (
        _followers(profile, report, f"{identity}-followers"),
        _compared(profile, report, f"{identity}-compared"),
        _views(profile, f"{identity}-views"),
    )
    return tuple(chart for chart in candidates if chart is not None and chart.known)


def _followers(profile: AccountReport, report: ReportOverTime, identity: str) -> Chart:
    values = tuple(day.followers for day in profile.days)
    return Chart(
        identity=identity,
        title=f"Followers of {one_line(profile.name)}",
        unit="Followers",
        time_axis=f"Day ({report.zone_name})",
        days=_dates(profile),
        series=(Series(name="Followers", values=values, reach=_reach(values)),),
        bands=bands(profile),
        marks=_marks(profile),
    )


def _compared(profile: AccountReport, report: ReportOverTime, identity: str) -> Chart | None:
    controls = [
        _change_of(f"control {handle}", profile.controls[handle], f"control-{number}")
        for number, handle in enumerate(_best_known(profile.controls), start=1)
    ]
    own = tuple(day.followers for day in profile.days)
    if not controls or sum(value is not None for value in own) < _LEAST_COMPARED:
        return None
    return Chart(
        identity=identity,
        title=f"Followers of {one_line(profile.name)} next to the control accounts",
        unit="Change in per cent",
        time_axis=f"Day ({report.zone_name})",
        days=_dates(profile),
        series=(_change_of(profile.name, own, "own"), *controls),
        bands=bands(profile),
        marks=_marks(profile),
        suffix=" %",
    )


def _best_known(controls: Mapping[str, Sequence[int | None]]) -> list[str]:
    """Return the controls that were read most often, as many as can be told apart; each run picks some."""
    often = sorted(controls, key=lambda name: (-sum(value is not None for value in controls[name]), name))
    return sorted(often[:_MOST_CONTROLS])


def _change_of(name: str, values: Sequence[int | None], look: str) -> Series:
    return Series(name=one_line(name, 38), values=_changes(values), look=look, reach=_reach(values))


def _changes(values: Sequence[int | None]) -> tuple[float | None, ...]:
    """Return each number as its change in per cent since the first one that is known."""
    first = next((value for value in values if value), None)
    if first is None:
        return (None,) * len(values)
    return tuple(None if value is None else round(100 * (value / first - 1), 1) for value in values)


def _views(profile: AccountReport, identity: str) -> Chart:
    views, reads = (tuple(getattr(day, name) for day in profile.days) for name in ("views", "reads"))
    with_reads = any(value is not None for value in reads)
    shown = (Series(name="Reads", values=reads, look="reads"),) if with_reads else ()
    return Chart(
        identity=identity,
        title=f"{'Views and reads' if with_reads else 'Views'} of {one_line(profile.name)} a day",
        unit="Views a day",
        time_axis="Day, as the platform counts days",
        days=_dates(profile),
        series=(*shown, Series(name="Views", values=views)),
        form=Form.COLUMNS,
        bands=bands(profile),
        open_end=1,
    )


def _dates(profile: AccountReport) -> tuple[date, ...]:
    return tuple(day.day for day in profile.days)


def _marks(profile: AccountReport) -> tuple[ChartMark, ...]:
    places = {day.day: place for place, day in enumerate(profile.days)}
    return tuple(
        ChartMark(place=places[drop.day], word="purge" if drop.purge else "drop")
        for drop in profile.follower_drops
        if drop.day in places
    )


def _reach(values: Sequence[int | None]) -> int:
    """Return the days to the next number between which none is missing: half as long again as usual."""
    places = [place for place, value in enumerate(values) if value is not None]
    steps = [later - before for before, later in pairwise(places)]
    return max(1, int(1.5 * median(steps))) if steps else 1


# -- figures ---------------------------------------------------------------------------------------------


def figures(profile: AccountReport) -> tuple[Figure, ...]:
    """Return the latest numbers, each with what it was before."""
    return tuple(figure for figure in (_followers_now(profile.days), _views_now(profile.days)) if figure)


def _followers_now(days: Sequence[ProfileDay]) -> Figure | None:
    readings = [(day.day, day.followers) for day in days if day.followers is not None]
    if not readings:
        return None
    last, value = readings[-1]
    before = [reading for reading in readings if _MONTH / 2 <= last - reading[0] <= _MONTH]
    change = ""
    if before:
        day, earlier = before[0]
        more = f"{abs(value - earlier):,} {'more' if value > earlier else 'fewer'}"
        change = f", {more if value != earlier else 'as many as before'} since {long_date(day)}"
    return Figure(name="Followers", value=f"{value:,}", note=f"as read on {long_date(last)}{change}")


def _views_now(days: Sequence[ProfileDay]) -> Figure | None:
    readings = [(day.day, day.views) for day in days if day.views is not None]
    if not readings:
        return None
    last, value = readings[-1]
    week = [views for day, views in readings if timedelta(0) <= last - day < timedelta(days=_WEEK)]
    known_of = "" if len(week) == _WEEK else f" ({len(week)} of its days are known)"
    usual = f"; {fmean(week):,.0f} a day in the week up to then{known_of}" if len(week) > 1 else ""
    return Figure(name="Views", value=f"{value:,}", note=f"on {long_date(last)}, a whole day{usual}")


# -- the same as a table ---------------------------------------------------------------------------------


def number_rows(profile: AccountReport, *, numbers: bool) -> tuple[NumberRow, ...]:
    """Return every day since the first known one, newest first; with the numbers where they may be shown."""
    columns = _columns(profile) if numbers else {}
    rows = (_row(profile, place, day, columns) for place, day in enumerate(profile.days))
    since_begun = [
        row
        for row, day in zip(rows, profile.days, strict=True)
        if day.day >= profile.begun or day.views is not None
    ]
    return tuple(reversed(since_begun))


def _columns(profile: AccountReport) -> Mapping[str, Sequence[int | None]]:
    own: dict[str, Sequence[int | None]] = {
        "Followers": [day.followers for day in profile.days],
        "Views": [day.views for day in profile.days],
        "Reads": [day.reads for day in profile.days],
    }
    columns = {name: values for name, values in own.items() if any(value is not None for value in values)}
    if "Followers" in columns:  # those of the controls are for comparison only
        columns |= {f"Followers of {one_line(who, 30)}": values for who, values in profile.controls.items()}
    return columns


def _row(
    profile: AccountReport, place: int, day: ProfileDay, columns: Mapping[str, Sequence[int | None]]
) -> NumberRow:
    result = day_word(day) if day.day >= profile.begun else "before the first run"
    numbers = ((name, values[place]) for name, values in columns.items())
    cells = ((name, UNKNOWN if value is None else f"{value:,}") for name, value in numbers)
    return NumberRow(day=long_date(day.day), cells=(("Result", result), *cells))


def legend_of(chart: Chart) -> Iterator[tuple[str, str]]:
    """Yield the CSS class and the words of everything that a chart shows."""
    columns = chart.form is Form.COLUMNS
    for series in reversed(chart.series) if columns else chart.series:
        yield "columns" if columns and series.look == "own" else series.look, series.name
    if chart.bands:
        yield "band", "incident, by its number"
    if chart.unknown:
        yield "gap", "not known"
