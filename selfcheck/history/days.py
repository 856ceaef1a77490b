"""The history of an account as days in the user's time zone, for a strip like an uptime bar. Pure.

Laws:
1. A day without a run is a gap, whatever the days beside it were.
2. A day on which no run was conclusive is unknown, never good. Else it has the worst verdict that was
   confirmed, or, if none was, the worst that was likely.
3. A number is the one that was read; a day without a reading has none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import dropwhile

from selfcheck.core.enums import Verdict
from selfcheck.core.history import AccountHistory, Delivery, PageRow, ProfileDay, RunRow
from selfcheck.core.incident import Incident

Series = Mapping[str, Mapping[date, int]]
"""What is counted (`views`, `reads`) -> the platform's day -> the number."""

_RECENT = timedelta(days=14)
"""How many days are listed with their numbers."""


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

    The days end today, or with the last run of an account that is not checked any more; they begin with its
    first run, or are `most_days` many.
    """
    by_account: dict[str, list[RunRow]] = defaultdict(list)
    for row in profile.runs:
        by_account[row.account].append(row)
    latest_first = sorted(by_account.values(), key=lambda rows: rows[-1].at, reverse=True)
    return tuple(
        _account(profile, rows, zone=zone, today=today if position == 0 else None, most_days=most_days)
        for position, rows in enumerate(latest_first)
    )


def _account(
    profile: ProfileHistory,
    rows: Sequence[RunRow],
    *,
    zone: tzinfo,
    today: date | None,
    most_days: int | None,
) -> AccountHistory:
    latest = rows[-1]
    incidents = tuple(incident for incident in profile.incidents if incident.account == latest.account)
    ids = {incident.id for incident in incidents}
    series = profile.series.get(latest.account, {})
    first, last = _local(rows[0].at, zone), _local(latest.at, zone)
    if today is not None:
        last = max(last, today)
    if most_days is not None:
        first = max(first, last - timedelta(days=most_days - 1))
    two_weeks_ago = last - _RECENT + timedelta(days=1)
    recent = profile_days(rows, incidents, series, zone=zone, first=two_weeks_ago, last=last)
    return AccountHistory(
        profile=latest.profile,
        platform=latest.platform,
        handle=latest.handle,
        current=today is not None,
        runs=tuple(rows),
        days=profile_days(rows, incidents, series, zone=zone, first=first, last=last),
        incidents=incidents,
        recent=tuple(dropwhile(lambda day: day.gap and day.views is None and day.reads is None, recent)),
        series=series,
        pages={row.run_id: profile.pages.get(row.run_id, ()) for row in rows},
        deliveries=tuple(delivery for delivery in profile.deliveries if delivery.incident in ids),
    )


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
    every_day = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple(
        _day(day, by_day.get(day, ()), series, tuple(_going_on(incidents, day, zone))) for day in every_day
    )


def _day(day: date, rows: Sequence[RunRow], series: Series, incidents: tuple[str, ...]) -> ProfileDay:
    conclusive = [row for row in rows if row.verdict is not Verdict.INCONCLUSIVE]
    confirmed = [row for row in conclusive if row.confirmed]
    worst = min(confirmed or conclusive or rows[:1], key=lambda row: row.verdict.rank, default=None)
    return ProfileDay(
        day=day,
        verdict=worst.verdict if worst else None,
        strength=worst.strength if worst else None,
        runs=len(rows),
        conclusive=len(conclusive),
        followers=next((row.followers for row in reversed(rows) if row.followers is not None), None),
        views=series.get("views", {}).get(day),
        reads=series.get("reads", {}).get(day),
        incidents=incidents,
    )


def _going_on(incidents: Sequence[Incident], day: date, zone: tzinfo) -> list[str]:
    """Return the incidents that went on for some time of this day, as far as the runs know."""
    return [
        incident.id
        for incident in incidents
        if _local(incident.first_bad_at, zone) <= day
        and (incident.over_at is None or day <= _local(incident.over_at, zone))
    ]


def _local(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()
