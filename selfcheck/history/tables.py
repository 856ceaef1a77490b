"""Rows of `history.db` as values, and values as rows.

Laws:
1. What is written here belongs to a change that is going on: its caller began it and ends it.
2. A column is named as the field that it holds, so one pair of functions reads and writes every table.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar, cast

from selfcheck.core.case import PastNumbers
from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind, Strength, Verdict
from selfcheck.core.history import Delivery, PageRow, RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.run_document import ProfileRecord, RunDocument
from selfcheck.history import run_rows
from selfcheck.history.journal import moment_text
from selfcheck.history.previous_runs import PastCheck, PastPage
from selfcheck.history.run_rows import DAYS

Form = TypeVar("Form")

Numbers = Mapping[tuple[str, str], tuple[int | None, str | None]]
"""Who read it and what it is -> the value and its day."""


# -- rows and values -------------------------------------------------------------------------------------


_READ: Mapping[str, Callable[[Any], object]] = {
    **dict.fromkeys(
        ("at", "last_good_at", "first_bad_at", "last_bad_at", "over_at", "series_at"), datetime.fromisoformat
    ),
    **dict.fromkeys(("silent", "failed", "ok", "reached"), bool),
    **dict.fromkeys(("rules", "listed"), lambda text: tuple(json.loads(text))),
    "verdict": Verdict,
    "strength": Strength,
    "state": IncidentState,
}


def _value(form: type[Form], row: sqlite3.Row, **others: object) -> Form:
    """Return the row as a value; `others` are the fields that no column of this name holds as it is."""
    columns = set(row.keys())
    for name in (field.name for field in fields(cast("Any", form))):
        if name in columns and name not in others:
            read, content = _READ.get(name), row[name]
            others[name] = content if read is None or content is None else read(content)
    return form(**others)


_AS_IT_IS = frozenset({str, int, bool, float, type(None)})


def _column(value: object) -> object:
    if type(value) in _AS_IT_IS:  # most are, and a rebuild asks of a million
        return value
    match value:
        case datetime():
            return moment_text(value)
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case tuple() | dict():
            return json.dumps(value)
        case _:
            return value


def insert(
    connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, object]], conflict: str = ""
) -> None:
    """Add rows of the same columns; `conflict` says what becomes of one that is there already."""
    written = list(rows)
    if not written:
        return
    names = ", ".join(written[0])
    marks = ", ".join("?" for _ in written[0])
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}"  # noqa: S608 - our own words
    connection.executemany(statement, [tuple(map(_column, row.values())) for row in written])


# -- runs ------------------------------------------------------------------------------------------------


def insert_run(connection: sqlite3.Connection, run: RunDocument) -> tuple[str, ...]:
    """Write a run's rows, and return the profiles that it checked, or failed on."""
    insert(connection, "runs", [run_rows.run_row(run)])
    profiles = {profile.name: profile for profile in run.profiles}
    for profile in profiles.values():
        _insert_check(connection, run, profile)
    failures = run_rows.failures(run)
    failed = [name for name in failures if _insert_failed(connection, run, name, failures[name])]
    return (*profiles, *failed)


def _insert_check(connection: sqlite3.Connection, run: RunDocument, profile: ProfileRecord) -> None:
    key = {"run_id": run.run_id, "profile": profile.name}
    check = run_rows.check_row(run, profile)
    insert(connection, "checks", [check])
    insert(connection, "pages", ({**key, **row} for row in run_rows.page_rows(profile)))
    insert(
        connection,
        "numbers",
        ({**key, "day": None, **row} for row in run_rows.number_rows(run, profile)),
        "ON CONFLICT DO UPDATE SET value = excluded.value",
    )
    day = {**key, "at": moment_text(run.started_at), "account": check["account"]}
    insert(
        connection,
        "days",
        ({**day, **row} for row in run_rows.day_rows(run, profile)),
        "ON CONFLICT DO UPDATE SET value = excluded.value, run_id = excluded.run_id, at = excluded.at"
        " WHERE excluded.at >= at",
    )


def _insert_failed(connection: sqlite3.Connection, run: RunDocument, profile: str, reason: str) -> bool:
    """Record that selfcheck failed on a profile, with the account that was checked before, if any was."""
    last = connection.execute(
        "SELECT platform, handle FROM checks WHERE profile = ? AND at <= ? ORDER BY at DESC LIMIT 1",
        (profile, moment_text(run.started_at)),
    ).fetchone()
    if last is not None:
        row = run_rows.failed_row(run, profile, reason, platform=last["platform"], handle=last["handle"])
        insert(connection, "checks", [row])
    return last is not None


def profiles(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of all profiles, in the order of the first run of each."""
    rows = connection.execute("SELECT profile FROM checks GROUP BY profile ORDER BY min(at), min(rowid)")
    return tuple(row[0] for row in rows)


def checks(connection: sqlite3.Connection, where: str, *values: object) -> tuple[RunRow, ...]:
    """Return what runs found, oldest first, and within a run in the order of its profiles."""
    query = f"SELECT * FROM checks WHERE {where} ORDER BY at, run_id, rowid"  # noqa: S608 - our own words
    numbers = _numbers(connection, where, values)
    return tuple(
        _run_row(row, numbers[row["run_id"], row["profile"]]) for row in connection.execute(query, values)
    )


def _numbers(
    connection: sqlite3.Connection, where: str, values: Sequence[object]
) -> Mapping[tuple[str, str], Numbers]:
    numbers: dict[tuple[str, str], dict[tuple[str, str], tuple[int | None, str | None]]]
    numbers = defaultdict(dict)
    query = f"SELECT run_id, profile, who, fact, value, day FROM numbers WHERE {where}"  # noqa: S608 - our own words
    for run_id, profile, who, fact, value, day in connection.execute(query, values):
        numbers[run_id, profile][who, fact] = (value, day)
    return numbers


def _run_row(row: sqlite3.Row, numbers: Numbers) -> RunRow:
    def first(fact: str, *viewpoints: str) -> tuple[str | None, int | None]:
        """Return the first of the viewpoints that has the number, and the number."""
        readings = ((who, numbers.get((who, fact), (None, None))[0]) for who in viewpoints)
        return next((reading for reading in readings if reading[1] is not None), (None, None))

    followers_by, followers = first("followers", AUTHOR, ANONYMOUS)
    views, views_day = numbers.get((DAYS, "views"), (None, None))
    return _value(
        RunRow,
        row,
        followers=followers,
        followers_by=followers_by,
        views=views,
        views_day=date.fromisoformat(views_day) if views_day else None,
        reads=first("reads", DAYS)[1],
        stories=first("stories", AUTHOR, ANONYMOUS)[1],
        controls={who: value for (who, _), (value, _) in numbers.items() if who.startswith("@")},
    )


def pages(connection: sqlite3.Connection, profile: str) -> Mapping[str, tuple[PageRow, ...]]:
    """Return what each run found of the pages of a profile, by the run's id."""
    by_run: dict[str, list[PageRow]] = defaultdict(list)
    query = "SELECT * FROM pages WHERE profile = ? ORDER BY run_id, position"
    for row in connection.execute(query, (profile,)):
        by_run[row["run_id"]].append(_value(PageRow, row, kind=PageKind(row["kind"])))
    return {run_id: tuple(rows) for run_id, rows in by_run.items()}


def days(connection: sqlite3.Connection, profile: str, fact: str, account: str | None) -> Mapping[date, int]:
    """Return a series by the platform's days, oldest first, of the account, else of the latest one."""
    latest = "SELECT account FROM checks WHERE profile = ? ORDER BY at DESC, run_id DESC LIMIT 1"
    rows = connection.execute(
        f"SELECT day, value FROM days WHERE profile = ? AND fact = ?"  # noqa: S608 - our own words
        f" AND account = ifnull(?, ({latest})) ORDER BY day",
        (profile, fact, account, profile),
    )
    return {date.fromisoformat(row["day"]): row["value"] for row in rows}


def last_good(connection: sqlite3.Connection, row: RunRow) -> RunRow | None:
    """Return the last run before this one that confirmed the same account visible."""
    values = (row.profile, row.account, Verdict.VISIBLE.value, Strength.CONFIRMED.value)
    good_run = connection.execute(
        "SELECT run_id FROM checks WHERE profile = ? AND account = ? AND verdict = ? AND strength = ?"
        " AND (at, run_id) < (?, ?) ORDER BY at DESC, run_id DESC LIMIT 1",
        (*values, moment_text(row.at), row.run_id),
    ).fetchone()
    if good_run is None:
        return None
    (good,) = checks(connection, "run_id = ? AND profile = ?", good_run["run_id"], row.profile)
    return good


def past_checks(connection: sqlite3.Connection, most_runs: int) -> tuple[PastCheck, ...]:
    """Return what the newest runs left for a later run to compare with, oldest first."""
    newest = "run_id IN (SELECT run_id FROM runs ORDER BY at DESC, run_id DESC LIMIT ?)"
    numbers = _numbers(connection, newest, (most_runs,))
    by_check: dict[tuple[str, str], list[PastPage]] = defaultdict(list)
    query = f"SELECT * FROM pages WHERE {newest} ORDER BY position"  # noqa: S608 - our own words
    for row in connection.execute(query, (most_runs,)):
        page = _value(PastPage, row, kind=PageKind(row["kind"]))
        by_check[row["run_id"], row["profile"]].append(page)
    version = "(SELECT rules_version FROM runs WHERE runs.run_id = checks.run_id) AS rules_version"
    query = f"SELECT *, {version} FROM checks WHERE {newest} AND NOT failed ORDER BY at, run_id, rowid"  # noqa: S608 - our own words
    rows = connection.execute(query, (most_runs,))
    keyed = (((row["run_id"], row["profile"]), row) for row in rows)
    return tuple(
        _value(PastCheck, row, numbers=_past_numbers(row, numbers[key]), pages=tuple(by_check[key]))
        for key, row in keyed
    )


def _past_numbers(row: sqlite3.Row, numbers: Numbers) -> PastNumbers:
    facts: dict[str, dict[str, int | None]] = defaultdict(dict)
    controls: dict[str, int | None] = {}
    for (who, fact), (value, _) in numbers.items():
        if who.startswith("@"):
            controls[who] = value
        elif who != DAYS:
            facts[fact][who] = value
    series = {name: tuple(values) for name, values in json.loads(row["series"]).items()}
    return _value(
        PastNumbers,
        row,
        taken_at=datetime.fromisoformat(row["at"]),
        facts=dict(facts),
        series=series,
        controls=controls,
    )


# -- incidents and deliveries ----------------------------------------------------------------------------


def incidents(connection: sqlite3.Connection, profile: str | None) -> tuple[Incident, ...]:
    """Return the incidents of all profiles, or of one, oldest first."""
    where, values = ("WHERE profile = ?", (profile,)) if profile is not None else ("", ())
    events: dict[str, list[IncidentEvent]] = defaultdict(list)
    query = f"SELECT events.* FROM events JOIN incidents ON incident = id {where} ORDER BY number"  # noqa: S608 - our own words
    for row in connection.execute(query, values):
        events[row["incident"]].append(_value(IncidentEvent, row, kind=EventKind(row["kind"])))
    query = f"SELECT * FROM incidents {where} ORDER BY first_bad_at, id"  # noqa: S608 - our own words
    rows = connection.execute(query, values)
    return tuple(_value(Incident, row, events=tuple(events[row["id"]])) for row in rows)


def write_incident(connection: sqlite3.Connection, incident: Incident, before: Incident | None) -> None:
    """Write an incident, and those of its events that it did not have before."""
    row = {name: value for name, value in vars(incident).items() if name != "events"}
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    insert(connection, "incidents", [row], f"ON CONFLICT DO UPDATE SET {changes}")
    new = incident.events[len(before.events) if before else 0 :]
    insert(connection, "events", ({"incident": incident.id, **vars(event)} for event in new))


def deliveries(connection: sqlite3.Connection, profile: str | None) -> tuple[Delivery, ...]:
    """Return what was sent or could not be, of all profiles or of one, oldest first."""
    where, values = ("WHERE profile = ?", (profile,)) if profile is not None else ("", ())
    query = f"SELECT * FROM deliveries {where} ORDER BY at, number"  # noqa: S608 - our own words
    return tuple(_value(Delivery, row) for row in connection.execute(query, values))


def insert_delivery(connection: sqlite3.Connection, delivery: Delivery) -> None:
    """Write a delivery; one that is there already stays."""
    insert(connection, "deliveries", [vars(delivery)], "ON CONFLICT DO NOTHING")
