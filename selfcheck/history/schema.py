"""The tables of `history.db`, and how a file of an earlier version becomes one of this.

Laws:
1. A migration, once released, never changes; what comes later is a further one.
2. A migration is done whole or not at all, by one process, while the others wait.
3. A file of a later version is refused plainly, never half understood.
4. Moments are text in UTC of one fixed form, so that they sort as they stand; lists are JSON.
"""

import sqlite3
from pathlib import Path

from selfcheck.errors import HistoryUnreadableError

_FIRST = (
    """CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        at TEXT NOT NULL,  -- when it began
        finished_at TEXT NOT NULL,
        exit_code INTEGER NOT NULL,
        version TEXT NOT NULL,
        rules_version TEXT NOT NULL
    )""",
    """CREATE TABLE checks (  -- one profile in one run
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        profile TEXT NOT NULL,
        at TEXT NOT NULL,
        platform TEXT NOT NULL,
        handle TEXT NOT NULL,
        account TEXT NOT NULL,  -- platform and folded handle: another one is another account
        verdict TEXT NOT NULL,
        silent INTEGER,  -- NULL: not known
        strength TEXT NOT NULL,
        summary TEXT NOT NULL,
        rules TEXT NOT NULL,
        failed INTEGER NOT NULL,
        PRIMARY KEY (run_id, profile)
    )""",
    "CREATE INDEX checks_by_profile ON checks (profile, at, run_id)",
    """CREATE TABLE pages (
        run_id TEXT NOT NULL,
        profile TEXT NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        url TEXT NOT NULL,
        verdict TEXT NOT NULL,
        silent INTEGER,
        strength TEXT NOT NULL,
        rules TEXT NOT NULL,
        PRIMARY KEY (run_id, profile, position),
        FOREIGN KEY (run_id, profile) REFERENCES checks ON DELETE CASCADE
    )""",
    """CREATE TABLE numbers (
        run_id TEXT NOT NULL,
        profile TEXT NOT NULL,
        who TEXT NOT NULL,  -- the viewpoint, the handle of a live control, or `days`: of a series
        fact TEXT NOT NULL,
        value INTEGER,  -- NULL: looked for and not found
        day TEXT,  -- the last whole day of a series, which the value is of
        PRIMARY KEY (run_id, profile, who, fact),
        FOREIGN KEY (run_id, profile) REFERENCES checks ON DELETE CASCADE
    )""",
    """CREATE TABLE incidents (
        id TEXT PRIMARY KEY,
        profile TEXT NOT NULL,
        platform TEXT NOT NULL,
        handle TEXT NOT NULL,
        state TEXT NOT NULL,
        verdict TEXT NOT NULL,
        silent INTEGER,
        summary TEXT NOT NULL,
        last_good_at TEXT,
        last_good_run TEXT,
        first_bad_at TEXT NOT NULL,
        first_bad_run TEXT NOT NULL,
        last_bad_at TEXT NOT NULL,
        last_bad_run TEXT NOT NULL,
        over_at TEXT,
        over_run TEXT,
        case_number TEXT NOT NULL
    )""",
    "CREATE INDEX incidents_by_profile ON incidents (profile, first_bad_at)",
    """CREATE TABLE events (
        number INTEGER PRIMARY KEY,  -- in the order in which they happened
        incident TEXT NOT NULL REFERENCES incidents ON DELETE CASCADE,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        run_id TEXT,  -- NULL: a person said it
        message_id TEXT
    )""",
    "CREATE INDEX events_by_incident ON events (incident, number)",
)

_SECOND = (
    """CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        channel TEXT NOT NULL,
        kind TEXT NOT NULL,
        profile TEXT,
        incident TEXT,  -- no foreign key: what was sent was sent, whatever became of the incident
        ok INTEGER NOT NULL,
        detail TEXT NOT NULL
    )""",
    """CREATE UNIQUE INDEX deliveries_once
        ON deliveries (at, channel, kind, ifnull(profile, ''), ifnull(incident, ''))""",
    """CREATE TABLE days (  -- series by day: what the latest run that tells of a day says of it
        profile TEXT NOT NULL,
        account TEXT NOT NULL,
        fact TEXT NOT NULL,
        day TEXT NOT NULL,
        value INTEGER NOT NULL,
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        at TEXT NOT NULL,
        PRIMARY KEY (profile, account, fact, day)
    )""",
    "CREATE INDEX days_by_run ON days (run_id)",
    """INSERT INTO days (profile, account, fact, day, value, run_id, at)
        SELECT profile, account, fact, day, value, run_id, at
        FROM numbers JOIN checks USING (run_id, profile)
        WHERE who = 'days' AND value IS NOT NULL
        ORDER BY at
        ON CONFLICT DO UPDATE SET value = excluded.value, run_id = excluded.run_id, at = excluded.at""",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
"""What makes version 1 of nothing, version 2 of version 1, and so on."""

VERSION = len(MIGRATIONS)

TABLES = frozenset({"runs", "checks", "pages", "numbers", "days", "incidents", "events", "deliveries"})


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to this version. Raise HistoryUnreadableError where a later version wrote it."""
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection)  # another process may have done it while we waited
        if found > VERSION:
            raise _later(path, found)
        for statement in (each for step in MIGRATIONS[found:] for each in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def has_its_tables(connection: sqlite3.Connection) -> bool:
    """Return whether a file of this version has all of its tables; one of an earlier version is not asked."""
    if _version(connection) != VERSION:
        return True
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return found >= TABLES


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _later(path: Path, found: int) -> HistoryUnreadableError:
    return HistoryUnreadableError(
        f"{path} has version {found}; this selfcheck knows {VERSION}.",
        cause="A later version of selfcheck wrote it.",
        next_step="Update selfcheck and run the command again.",
    )
