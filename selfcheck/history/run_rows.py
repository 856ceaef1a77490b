"""The runs in `history.db`: how they are written, and how they are read.

What is written here belongs to a change that is going on; whoever began it ends it.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import PageRow, RunRow
from selfcheck.history import rows
from selfcheck.history.journal import moment_text
from selfcheck.history.run_records import CheckRecord, RunRecord


def insert(connection: sqlite3.Connection, record: RunRecord) -> tuple[str, ...]:
    """Write a run's rows, and return the profiles that it tells of."""
    connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", rows.run_values(record))
    checks = (*record.checks, *_failed(connection, record))
    for check in checks:
        _insert_check(connection, record, check)
    return tuple(check.profile for check in checks)


def _failed(connection: sqlite3.Connection, record: RunRecord) -> Iterable[CheckRecord]:
    """Yield the profiles that selfcheck failed on, of the account that was looked at before."""
    for name in record.failures.keys() - {check.profile for check in record.checks}:
        last = connection.execute(
            "SELECT platform, handle FROM checks WHERE profile = ? AND at <= ? ORDER BY at DESC LIMIT 1",
            (name, moment_text(record.at)),
        ).fetchone()
        if last is not None:
            yield CheckRecord(
                profile=name,
                platform=last["platform"],
                handle=last["handle"],
                verdict=Verdict.INCONCLUSIVE,
                silent=None,
                strength=Strength.LIKELY,
                summary=record.failures[name],
                failed=True,
            )


def _insert_check(connection: sqlite3.Connection, record: RunRecord, check: CheckRecord) -> None:
    key, at = (record.run_id, check.profile), moment_text(record.at)
    connection.execute(
        "INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows.check_values(record, check)
    )
    connection.executemany(
        "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*key, place, *rows.page_values(page)) for place, page in enumerate(check.pages)],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO numbers VALUES (?, ?, ?, ?, ?, ?)",
        [(*key, *rows.number_values(number)) for number in check.numbers],
    )
    connection.executemany(
        "INSERT INTO days VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " value = excluded.value, run_id = excluded.run_id, at = excluded.at WHERE excluded.at >= at",
        [
            (check.profile, check.account, one.fact, one.day.isoformat(), one.value, record.run_id, at)
            for one in check.days
        ],
    )


def profiles(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Return the names of all profiles, in the order of the first run of each."""
    found = connection.execute("SELECT profile FROM checks GROUP BY profile ORDER BY min(at), min(rowid)")
    return tuple(row[0] for row in found)


def of(connection: sqlite3.Connection, profile: str | None) -> tuple[RunRow, ...]:
    """Return what each run found of each profile, or of one, oldest first."""
    if profile is None:
        return _rows(connection, "", ())
    return _rows(connection, "WHERE profile = ?", (profile,))


def one(connection: sqlite3.Connection, profile: str, run_id: str) -> RunRow:
    """Return what a run found of a profile."""
    (row,) = _rows(connection, "WHERE run_id = ? AND profile = ?", (run_id, profile))
    return row


def _rows(connection: sqlite3.Connection, where: str, given: Sequence[object]) -> tuple[RunRow, ...]:
    """Return the rows, oldest first, and within a run as it told of the profiles."""
    query = f"SELECT * FROM checks {where} ORDER BY at, run_id, rowid"  # noqa: S608 - our own words
    numbers = _numbers(connection, where, given)
    found = connection.execute(query, given)
    return tuple(rows.run_row(row, numbers[row["run_id"], row["profile"]]) for row in found)


def _numbers(
    connection: sqlite3.Connection, where: str, given: Sequence[object]
) -> Mapping[tuple[str, str], rows.Numbers]:
    numbers: dict[tuple[str, str], dict[tuple[str, str], tuple[int | None, str | None]]]
    numbers = defaultdict(dict)
    query = f"SELECT run_id, profile, who, fact, value, day FROM numbers {where}"  # noqa: S608 - our own words
    for run_id, profile, who, fact, value, day in connection.execute(query, given):
        numbers[run_id, profile][who, fact] = (value, day)
    return numbers


def pages(connection: sqlite3.Connection, profile: str) -> Mapping[str, tuple[PageRow, ...]]:
    """Return what each run found of the pages of a profile, by the run's id."""
    found: dict[str, list[PageRow]] = defaultdict(list)
    query = "SELECT * FROM pages WHERE profile = ? ORDER BY run_id, position"
    for row in connection.execute(query, (profile,)):
        found[row["run_id"]].append(rows.page_row(row))
    return {run_id: tuple(each) for run_id, each in found.items()}


def days(connection: sqlite3.Connection, profile: str, fact: str, account: str | None) -> Mapping[date, int]:
    """Return a series by the platform's days, oldest first, of the account, else of the latest one."""
    latest = "SELECT account FROM checks WHERE profile = ? ORDER BY at DESC, run_id DESC LIMIT 1"
    found = connection.execute(
        f"SELECT day, value FROM days WHERE profile = ? AND fact = ?"  # noqa: S608 - our own words
        f" AND account = ifnull(?, ({latest})) ORDER BY day",
        (profile, fact, account, profile),
    )
    return {date.fromisoformat(row["day"]): row["value"] for row in found}


def last_good(connection: sqlite3.Connection, row: RunRow) -> RunRow | None:
    """Return the last run before this one that confirmed the same account visible."""
    found = connection.execute(
        "SELECT run_id FROM checks WHERE profile = ? AND account = ? AND verdict = ? AND strength = ?"
        " AND (at, run_id) < (?, ?) ORDER BY at DESC, run_id DESC LIMIT 1",
        (
            row.profile,
            row.account,
            Verdict.VISIBLE.value,
            Strength.CONFIRMED.value,
            moment_text(row.at),
            row.run_id,
        ),
    ).fetchone()
    return one(connection, row.profile, found["run_id"]) if found else None


def is_late(connection: sqlite3.Connection, profile: str, record: RunRecord) -> bool:
    """Return whether a run that began later is recorded already."""
    found = connection.execute(
        "SELECT 1 FROM checks WHERE profile = ? AND (at, run_id) > (?, ?) LIMIT 1",
        (profile, moment_text(record.at), record.run_id),
    )
    return found.fetchone() is not None
