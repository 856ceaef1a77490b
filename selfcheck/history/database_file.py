"""Opens `history.db` and says in words what SQLite refuses.

Laws:
1. Write-ahead log, foreign keys on, every commit on the disk before it is believed.
2. A change is one transaction that takes the file for itself at its beginning: two processes never
   interleave, and a kill or a full disk leaves what stood before.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from selfcheck.errors import HistoryUnreadableError, StorageError
from selfcheck.history.schema import VERSION, has_its_tables, migrate
from selfcheck.storage.files import storage_error

HISTORY = "history.db"
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
    sqlite3.SQLITE_READONLY: ("It may only be read.", "Make it writable, or choose a folder with --data."),
    sqlite3.SQLITE_CANTOPEN: ("It cannot be opened.", "Choose a folder of your own with --data."),
    sqlite3.SQLITE_PERM: ("You are not allowed to.", "Choose a folder of your own with --data."),
    sqlite3.SQLITE_IOERR: (
        "The disk refused; it may be full or broken.",
        "Free some space, or choose another folder with --data.",
    ),
}


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, make it where there is none, and bring it to this version.

    Raise StorageError; HistoryUnreadableError where it is damaged or a later version wrote it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(path, error) from error
    with told(path):
        connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous = FULL")
            migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. SQLite does not wait there for another that does the same, so we do."""
    for _ in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if _code(error) not in _BUSY:
                raise
            connection.execute("BEGIN IMMEDIATE")  # this one waits
            connection.execute("ROLLBACK")
        else:
            return


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
def told(path: Path) -> Iterator[None]:
    """Raise what SQLite refuses within as an error that a user can act on."""
    try:
        yield
    except sqlite3.Error as error:
        raise _told(path, error) from error


def _told(path: Path, error: sqlite3.Error) -> StorageError:
    code = _code(error)
    if isinstance(error, sqlite3.DatabaseError) and code in _DAMAGED:
        return HistoryUnreadableError(
            f"{path} is damaged: {error}.",
            cause="The runs' folders hold all that it held, but for what journal.jsonl keeps.",
            next_step=lambda hints: f"`{hints.command('history', '--rebuild')}` makes it anew from them.",
        )
    cause, next_step = _CAUSES.get(code, (f"SQLite says: {error}.", "Try another folder with --data."))
    return StorageError(f"Could not use {path}.", cause=cause, next_step=next_step)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _CODE


def is_damaged(path: Path) -> bool:
    """Return whether there is a file and it is no whole database of ours."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE_SECONDS)) as connection:
            if connection.execute("PRAGMA user_version").fetchone()[0] > VERSION:
                return False  # not ours to judge
            whole = [row[0] for row in connection.execute("PRAGMA quick_check(1)")] == ["ok"]
            return not whole or not has_its_tables(connection)
    except sqlite3.DatabaseError as error:
        return _code(error) in _DAMAGED


def set_aside(path: Path) -> Path:
    """Move a damaged file out of the way, with what SQLite keeps beside it, and return where to."""
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
