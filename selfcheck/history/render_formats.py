"""What is remembered, for programs: as JSON, and as CSV with a line for each run and profile.

Laws:
1. Names are added, never renamed. A number that was not found is null in JSON and empty in CSV, never 0.
2. A run that did not happen has no line, and a day without a run says so: gaps stay gaps.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from selfcheck.core.handle import Handle
from selfcheck.core.history import AccountHistory, Delivery, PageRow, ProfileDay, RunRow
from selfcheck.core.incident import Incident, IncidentEvent
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import utc

SCHEMA = "selfcheck.history/1"
_FORMULA = ("=", "+", "-", "@", "\t")
COLUMNS = (
    "at",
    "day",
    "profile",
    "platform",
    "handle",
    "run_id",
    "verdict",
    "strength",
    "silent",
    "failed",
    "deciding_rule",
    "followers",
    "views",
    "views_day",
    "reads",
    "stories",
    "incident",
)


def history_json(accounts: Iterable[AccountHistory], *, zone: tzinfo, now: datetime) -> str:
    """Return the histories as indented JSON that ends in a line break."""
    document = {
        "schema": SCHEMA,
        "at": utc(now),
        "time_zone": str(zone),
        "profiles": [_account(one) for one in accounts],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _account(one: AccountHistory) -> dict[str, Any]:
    return {
        "name": one.profile,
        "platform": one.platform,
        "handle": one.handle,
        "current": one.current,
        "days": [_day(day) for day in one.days],
        "series": {fact: _by_day(values) for fact, values in one.series.items()},
        "incidents": [incident_document(each) for each in one.incidents],
        "deliveries": [_delivery(each) for each in one.deliveries],
        "runs": [_run(row, one.pages.get(row.run_id, ())) for row in one.runs],
    }


def _by_day(values: Mapping[date, int]) -> dict[str, int]:
    return {day.isoformat(): value for day, value in values.items()}


def _day(day: ProfileDay) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "verdict": day.verdict.value if day.verdict else None,
        "strength": day.strength.value if day.strength else None,
        "runs": day.runs,
        "told": day.told,
        "followers": day.followers,
        "views": day.views,
        "reads": day.reads,
        "incidents": list(day.incidents),
    }


def incident_document(one: Incident) -> dict[str, Any]:
    """Return an incident as plain JSON values."""
    return {
        "id": one.id,
        "profile": one.profile,
        "platform": one.platform,
        "handle": one.handle,
        "state": one.state.value,
        "verdict": one.verdict.value,
        "silent": one.silent,
        "summary": one.summary,
        "last_good_at": _moment(one.last_good_at),
        "last_good_run": one.last_good_run,
        "first_bad_at": _moment(one.first_bad_at),
        "first_bad_run": one.first_bad_run,
        "last_bad_at": _moment(one.last_bad_at),
        "last_bad_run": one.last_bad_run,
        "over_at": _moment(one.over_at),
        "over_run": one.over_run,
        "seconds": int((one.over_at - one.first_bad_at).total_seconds()) if one.over_at else None,
        "case_number": one.case_number,
        "events": [_event(event) for event in one.events],
    }


def _event(event: IncidentEvent) -> dict[str, Any]:
    return {
        "at": _moment(event.at),
        "kind": event.kind.value,
        "text": event.text,
        "run_id": event.run_id,
        "message_id": event.message_id,
    }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "at": _moment(one.at),
        "channel": one.channel,
        "kind": one.kind,
        "incident": one.incident,
        "ok": one.ok,
        "detail": one.detail,
    }


def _run(row: RunRow, pages: Sequence[PageRow]) -> dict[str, Any]:
    return {
        "run_id": row.run_id,
        "at": _moment(row.at),
        "verdict": row.verdict.value,
        "silent": row.silent,
        "strength": row.strength.value,
        "summary": row.summary,
        "rules": list(row.rules),
        "failed": row.failed,
        "followers": row.followers,
        "followers_by": row.followers_by,
        "views": row.views,
        "views_day": row.views_day.isoformat() if row.views_day else None,
        "reads": row.reads,
        "stories": row.stories,
        "controls": dict(row.controls),
        "pages": [_page(page) for page in pages],
    }


def _page(page: PageRow) -> dict[str, Any]:
    return {
        "kind": page.kind.value,
        "url": page.url,
        "verdict": page.verdict.value,
        "silent": page.silent,
        "strength": page.strength.value,
        "rules": list(page.rules),
    }


def _moment(moment: datetime | None) -> str | None:
    return utc(moment) if moment else None


def history_csv(accounts: Iterable[AccountHistory], *, zone: tzinfo) -> str:
    """Return a line for each run and account, oldest first, below a line of names."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for account in accounts:
        writer.writerows([_cell(value) for value in _values(row, account, zone)] for row in account.runs)
    return out.getvalue()


def _values(row: RunRow, account: AccountHistory, zone: tzinfo) -> Iterator[object]:
    yield utc(row.at)
    yield row.at.astimezone(zone).date().isoformat()
    yield from (row.profile, row.platform, Handle(row.handle).name, row.run_id)
    yield from (row.verdict.value, row.strength.value, row.silent, row.failed, next(iter(row.rules), ""))
    yield from (row.followers, row.views, row.views_day, row.reads, row.stories)
    yield next((one.id for one in account.incidents if _during(one, row)), "")


def _during(incident: Incident, row: RunRow) -> bool:
    return incident.first_bad_at <= row.at and (incident.over_at is None or row.at < incident.over_at)


def _cell(value: object) -> str:
    """Return a value as a cell; none that a spreadsheet would take for a formula."""
    if value is None:
        return ""
    text = one_line(str(value)) if not isinstance(value, bool) else str(value).lower()
    return f"'{text}" if text.startswith(_FORMULA) else text
