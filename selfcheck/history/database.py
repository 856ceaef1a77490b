"""The file `history.db`: its tables, how an earlier version's become this one's, and what SQLite refuses.

Laws:
1. A change is one transaction that takes the file for itself at its start: two processes never interleave,
   and a kill or a full disk leaves what was there before. Every commit is on the disk before it counts.
2. A released migration never changes: what comes later is a further one. A migration is done whole or not at
   all, by one process, while the others wait.
3. A file of a later version is refused, never half understood.
4. Moments are text in UTC of one fixed length, so that SQL sorts them; lists are JSON.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from selfcheck.errors import HistoryUnreadableError, StorageError
from selfcheck.storage.files import storage_error

_PATIENCE_SECONDS = 30.0
_TRIES = 20
_CODE = 0xFF
"""SQLite's plain error code within its extended one."""

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_CAUSES = {
    sqlite3.SQLITE_FULL: ("The disk is full.", "Free some space, or choose another folder with --data."),
    sqlite3.SQLITE_BUSY: ("Another selfcheck is writing to it.", "Wait for it to end and try again."),
    sqlite3.SQLITE_LOCKED: ("Another selfcheck is writing to it.", "Wait for it to end and try again."),
    sqlite3.SQLITE_READONLY: ("It is read-only.", "Make it writable, or choose a folder with --data."),
    sqlite3.SQLITE_CANTOPEN: ("It cannot be opened.", "Choose a folder of your own with --data."),
    sqlite3.SQLITE_PERM: ("You are not allowed to.", "Choose a folder of your own with --data."),
    sqlite3.SQLITE_IOERR: (
        "The disk refused; it may be full or broken.",
        "Free some space, or choose another folder with --data.",
    ),
}


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

_THIRD = (
    # Which version's reader took the run in. Below the reader's own, it is read again from its folder.
    "ALTER TABLE runs ADD COLUMN form INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE checks ADD COLUMN series TEXT NOT NULL DEFAULT '{}'",  # of whole days, as this run read them
    "ALTER TABLE checks ADD COLUMN series_at TEXT",
    "ALTER TABLE pages ADD COLUMN reached INTEGER NOT NULL DEFAULT 0",  # the platform answered
    "ALTER TABLE pages ADD COLUMN listed TEXT",  # the public's stories, if both views were shown; else NULL
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND, _THIRD)
"""What makes version 1 of nothing, version 2 of version 1, and so on."""

VERSION = len(MIGRATIONS)

TABLES = frozenset({"runs", "checks", "pages", "numbers", "days", "incidents", "events", "deliveries"})


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, create it if it is missing, and bring it to this version.

    Raise StorageError; HistoryUnreadableError where it is damaged or a later version wrote it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(path, error) from error
    with explained(path):
        connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            _write_ahead(connection)
            _prepare(connection, path)
        except BaseException:  # Ctrl-C too: nothing stays open
            connection.close()
            raise
    return connection


def connect_in_memory() -> sqlite3.Connection:
    """Return an empty database of this version that no file keeps."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection, Path(":memory:"))
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    _migrate(connection, path)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on.

    SQLite fails at once here, instead of waiting, while another process does the same. So we wait by taking
    the write lock, which does wait, and try again.
    """
    for _ in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _code(error) not in _BUSY:
                raise
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        else:
            return


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == VERSION:
        return
    with writing(connection):
        version = _version(connection)  # another process may have migrated it while we waited
        if version > VERSION:
            raise HistoryUnreadableError(
                f"{path} has version {version}; this selfcheck knows {VERSION}.",
                cause="A later version of selfcheck wrote it.",
                next_step="Update selfcheck and run the command again.",
            )
        for statement in (statement for step in MIGRATIONS[version:] for statement in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """Do what is done within as one change: all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # a full disk may have rolled back by itself
                connection.execute("ROLLBACK")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise what SQLite refuses within as an error that a user can act on."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error


def _explained(path: Path, error: sqlite3.Error) -> StorageError:
    code = _code(error)
    if isinstance(error, sqlite3.DatabaseError) and code in _DAMAGED:
        return HistoryUnreadableError(
            f"{path} is damaged: {error}.",
            cause="The runs' folders and journal.jsonl still hold what it held.",
            next_step=lambda hints: f"`{hints.command('history', '--rebuild')}` rebuilds it from them.",
        )
    cause, next_step = _CAUSES.get(code, (f"SQLite says: {error}.", "Try another folder with --data."))
    return StorageError(f"Could not use {path}.", cause=cause, next_step=next_step)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _CODE


def is_damaged(path: Path) -> bool:
    """Return whether there is a file that is not a whole database of a known version."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS)) as connection:
            version = _version(connection)
            if version > VERSION:
                return False  # a later selfcheck knows what is in it
            if [row[0] for row in connection.execute("PRAGMA quick_check(1)")] != ["ok"]:
                return True
            tables = {
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            return version == VERSION and not tables >= TABLES  # an earlier version had fewer
    except sqlite3.DatabaseError as error:
        return _code(error) in _DAMAGED


def set_aside(path: Path) -> Path:
    """Rename a damaged file and the files that SQLite keeps beside it; return its new path."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    try:
        for ending in ("", "-wal", "-shm"):
            beside = path.with_name(path.name + ending)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + ending))
    except OSError as error:
        raise storage_error(path, error) from error
    return aside
