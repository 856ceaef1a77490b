"""What is remembered of an account, as days in the user's time zone: a strip like an uptime bar.

Laws:
1. A day without a run is a gap, whatever the days beside it were.
2. A day on which no run could tell is unknown, never good. Where one could tell, that stands: the worst that
   was confirmed, else the worst that was likely.
3. A number is the one that was read; a day without a reading has none.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import dropwhile

from selfcheck.core.enums import Verdict
from selfcheck.core.history import AccountHistory, Delivery, PageRow, ProfileDay, RunRow, account_of
from selfcheck.core.incident import Incident

Series = Mapping[str, Mapping[date, int]]
"""What is counted (`views`, `reads`) -> the platform's day -> the number."""


RECENT = timedelta(days=14)
"""How many days are told with their numbers."""


@dataclass(frozen=True, kw_only=True)
class ProfileHistory:
    """All that is known of a profile, with every account that it had."""

    runs: Sequence[RunRow]  # oldest first
    incidents: Sequence[Incident] = ()  # newest first
    series: Mapping[str, Series] = field(default_factory=dict)  # by account
    pages: Mapping[str, tuple[PageRow, ...]] = field(default_factory=dict)  # by run
    deliveries: Sequence[Delivery] = ()  # oldest first


def account_histories(
    profile: ProfileHistory, *, zone: tzinfo, today: date, most_days: int | None = None
) -> tuple[AccountHistory, ...]:
    """Return a profile's accounts, the one of its last run first.

    The days end today, for an account that is not looked at any more with its last run; they begin with its
    first run, or are `most_days` many.
    """
    by_account: dict[str, list[RunRow]] = defaultdict(list)
    for row in profile.runs:
        by_account[row.account].append(row)
    latest_first = sorted(by_account, key=lambda one: by_account[one][-1].at, reverse=True)
    return tuple(
        _account(
            replace(profile, runs=by_account[account], incidents=tuple(_of(account, profile.incidents))),
            series=profile.series.get(account, {}),
            zone=zone,
            today=today if place == 0 else None,
            most_days=most_days,
        )
        for place, account in enumerate(latest_first)
    )


def _of(account: str, incidents: Sequence[Incident]) -> Iterator[Incident]:
    return (one for one in incidents if account_of(one.platform, one.handle) == account)


def _account(
    profile: ProfileHistory, *, series: Series, zone: tzinfo, today: date | None, most_days: int | None
) -> AccountHistory:
    first, last_run = (_local(one.at, zone) for one in (profile.runs[0], profile.runs[-1]))
    last = max(last_run, today) if today else last_run
    if most_days is not None:
        first = max(first, last - timedelta(days=most_days - 1))
    latest, ids = profile.runs[-1], {one.id for one in profile.incidents}
    two_weeks = profile_days(
        profile.runs, profile.incidents, series, zone=zone, first=last - RECENT + timedelta(days=1), last=last
    )
    return AccountHistory(
        profile=latest.profile,
        platform=latest.platform,
        handle=latest.handle,
        current=today is not None,
        runs=tuple(profile.runs),
        days=profile_days(profile.runs, profile.incidents, series, zone=zone, first=first, last=last),
        incidents=tuple(profile.incidents),
        recent=tuple(dropwhile(_says_nothing, two_weeks)),
        series=series,
        pages={row.run_id: profile.pages.get(row.run_id, ()) for row in profile.runs},
        deliveries=tuple(one for one in profile.deliveries if one.incident in ids),
    )


def _says_nothing(day: ProfileDay) -> bool:
    return day.gap and day.views is None and day.reads is None


def profile_days(
    rows: Sequence[RunRow],
    incidents: Sequence[Incident],
    series: Series,
    *,
    zone: tzinfo,
    first: date,
    last: date,
) -> tuple[ProfileDay, ...]:
    """Return every day from the first to the last, with what the runs of one account found on it."""
    by_day: dict[date, list[RunRow]] = defaultdict(list)
    for row in rows:
        by_day[_local(row.at, zone)].append(row)
    return tuple(
        _day(day, by_day.get(day, ()), series, tuple(_going_on(incidents, day, zone)))
        for day in _every_day(first, last)
    )


def _every_day(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _day(day: date, rows: Sequence[RunRow], series: Series, incidents: tuple[str, ...]) -> ProfileDay:
    told = [row for row in rows if row.verdict is not Verdict.INCONCLUSIVE]
    shown = _shown(told) or next(iter(rows), None)
    return ProfileDay(
        day=day,
        verdict=shown.verdict if shown else None,
        strength=shown.strength if shown else None,
        runs=len(rows),
        told=len(told),
        followers=next((row.followers for row in reversed(rows) if row.followers is not None), None),
        views=series.get("views", {}).get(day),
        reads=series.get("reads", {}).get(day),
        incidents=incidents,
    )


def _shown(told: Sequence[RunRow]) -> RunRow | None:
    founded = [row for row in told if row.confirmed] or told
    return min(founded, key=lambda row: row.verdict.rank, default=None)


def _going_on(incidents: Sequence[Incident], day: date, zone: tzinfo) -> Iterator[str]:
    """Yield the incidents that went on for some time of this day, as far as the runs tell."""
    for one in incidents:
        over = _local(one.over_at, zone) if one.over_at else None
        if _local(one.first_bad_at, zone) <= day and (over is None or day <= over):
            yield one.id


def _local(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
