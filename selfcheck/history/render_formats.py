"""The history for programs: as JSON, and as CSV with a line for each run and profile.

Laws:
1. Names are added, never renamed. A number that was not found is null in JSON and empty in CSV, never 0.
2. A run that did not happen has no line, and a day without a run says so: gaps stay gaps.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo

from selfcheck.core.handle import Handle
from selfcheck.core.history import AccountHistory, RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import utc

SCHEMA = "selfcheck.history/1"
_FORMULA = tuple("=+-@\t\uff1d\uff0b\uff0d\uff20")  # the last four are as wide as Chinese characters
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
        "at": now,
        "time_zone": str(zone),
        "profiles": [_account(account) for account in accounts],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _plain(value: object) -> object:
    match value:
        case datetime():
            return utc(value)
        case date():
            return value.isoformat()
        case _:
            return _fields(value)


def _fields(value: object, *left_out: str) -> dict[str, object]:
    """Return a value's fields as they are called in the document."""
    return {name: content for name, content in vars(value).items() if name not in left_out}


def _account(account: AccountHistory) -> Mapping[str, object]:
    return {
        "name": account.profile,
        "platform": account.platform,
        "handle": account.handle,
        "current": account.current,
        "days": [{**_fields(day, "conclusive"), "told": day.conclusive} for day in account.days],
        "series": {
            fact: {day.isoformat(): value for day, value in values.items()}
            for fact, values in account.series.items()
        },
        "incidents": [_incident(incident) for incident in account.incidents],
        "deliveries": [_fields(delivery, "profile") for delivery in account.deliveries],
        "runs": [
            {**_fields(row, "profile", "platform", "handle"), "pages": account.pages.get(row.run_id, ())}
            for row in account.runs
        ],
    }


def _incident(incident: Incident) -> Mapping[str, object]:
    """Return an incident as the fields of a JSON object; `seconds` is how long it lasted, once it is over."""
    over = incident.over_at
    seconds = int((over - incident.first_bad_at).total_seconds()) if over else None
    return {**_fields(incident, "events"), "seconds": seconds, "events": incident.events}


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
    during = (
        incident.id
        for incident in account.incidents
        if incident.first_bad_at <= row.at and (incident.over_at is None or row.at < incident.over_at)
    )
    yield next(during, "")


def _cell(value: object) -> str:
    """Return a value as a cell; none that a spreadsheet would take for a formula."""
    if value is None:
        return ""
    text = one_line(str(value)) if not isinstance(value, bool) else str(value).lower()
    return f"'{text}" if text.startswith(_FORMULA) else text
