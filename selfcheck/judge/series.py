"""Numbers over time: this run's and those of the runs before it, as series with gaps.

Laws:
1. A missed run is a gap and a number not found is left out; neither is ever taken for 0.
2. Only like is compared with like: one viewpoint's numbers with the same viewpoint's.
3. A day is the platform's day; one that has only begun is never among the whole days.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from selfcheck.core.case import PageCase, ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind
from selfcheck.core.observation import Observation

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

    The author's view counts where it has the number now, else the strangers'. Nothing where this run did
    not find the number.
    """
    now = _now(case, fact)
    if now is None:
        return ()
    viewpoint, last = now
    before = (
        Point(at=one.taken_at, value=value)
        for one in case.past
        if (value := one.facts.get(fact, {}).get(viewpoint)) is not None
    )
    return _apart([*sorted(before, key=lambda point: point.at), last])


def _now(case: ProfileCase, fact: str) -> tuple[str, Point] | None:
    for viewpoint in (AUTHOR, ANONYMOUS):
        for look in _looks(case.pages, viewpoint):
            value = look.facts.get(fact)
            if value is not None and look.moment is not None:
                return viewpoint, Point(at=look.moment, value=value)
    return None


def _looks(pages: Iterable[PageCase], viewpoint: str) -> Iterator[Observation]:
    for kind in (PageKind.PROFILE, PageKind.STATS):
        for page in pages:
            look = page.author if viewpoint == AUTHOR else page.anonymous
            if page.visit.kind is kind and look is not None and look.outcome is Outcome.SHOWN:
                yield look


def _apart(found: list[Point]) -> tuple[Point, ...]:
    kept: list[Point] = []
    for point in found:
        if kept and point.at - kept[-1].at < TOO_CLOSE:
            kept.pop()
        kept.append(point)
    return tuple(kept)


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
    for one in case.past:
        if one.series_at is not None:
            days |= dict(_dated(one.series.get(name, ()), platform_day(one.series_at, starts)))
    if look.moment is not None:
        days |= dict(_dated(look.series.get(name, ()), platform_day(look.moment, starts)))
    return dict(sorted(days.items()))


def _dated(values: tuple[int, ...], today: date) -> Iterator[tuple[date, int]]:
    for age, value in enumerate(reversed(values), start=1):
        yield today - age * DAY, value
