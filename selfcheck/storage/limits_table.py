"""What the processes on one data folder share about platforms, so that together they are one guest.

One small SQLite table each of page views, turns, requested pauses and profiles that wait, and one lock.

Laws:
1. Whatever is written down is written before the request leaves: a process that is killed has used up its
   page view, and the next one never has it again.
2. A turn is held under a lock of the system, which ends with its process. A process that finds a turn still
   under way knows that its holder was killed in it: its request may have left at any time until now.
3. Moments are seconds since 1970, for two processes have no other clock in common.
4. A table that cannot be used costs no run: it goes on with one of its own in memory, and `trouble` says why.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar
from zlib import crc32

from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.lock import lock_if_free

DAY_SECONDS = 86_400.0

_PATIENCE_SECONDS = 10.0
_KEPT_SECONDS = 2 * DAY_SECONDS
_WAITS_SECONDS = 30 * DAY_SECONDS  # a profile that is still not checked then was taken out of the file
_LOCKS = 16
"""How many files stand for the locks of all hosts: two hosts may share one, and then wait for each other's
requests to leave, which is short. A lock file for each host would never go away again."""
_VERSION = 1
_TABLES = (
    """CREATE TABLE page_views (
        at REAL NOT NULL,
        platform TEXT NOT NULL,
        address TEXT NOT NULL,  -- the host of the platform's home, or of the profile's base_url
        viewpoint TEXT NOT NULL,
        profile TEXT NOT NULL
    )""",
    "CREATE INDEX page_views_by_time ON page_views (platform, address, at)",
    """CREATE TABLE turns (
        host TEXT NOT NULL,
        viewpoint TEXT NOT NULL,
        next_at REAL NOT NULL,  -- when the next request may leave
        under_way INTEGER NOT NULL,
        PRIMARY KEY (host, viewpoint)
    )""",
    """CREATE TABLE pauses (
        platform TEXT NOT NULL,
        address TEXT NOT NULL,
        document TEXT NOT NULL,  -- JSON
        PRIMARY KEY (platform, address)
    )""",
    """CREATE TABLE waiting (  -- profiles that a run was to check and did not finish
        platform TEXT NOT NULL,
        profile TEXT NOT NULL,
        since REAL NOT NULL,
        PRIMARY KEY (platform, profile)
    )""",
)

T = TypeVar("T")

TurnKey = tuple[str, str]
"""A host and a viewpoint."""


@dataclass(frozen=True, kw_only=True)
class PageView:
    """One page view, as the day's limit counts it."""

    platform: str
    address: str  # the host of the platform's home, or of the profile's base_url
    viewpoint: str
    profile: str


class LimitsTable:
    """The shared table; several processes may have it open."""

    ends_turns_when_answered = False
    """Whether a turn ends when its requests were answered, not when they left: a busy machine's browser tells
    of a request up to a second before it arrives."""

    def __init__(self, connection: sqlite3.Connection, locks: Path | None = None) -> None:
        self._connection = connection
        self._locks = locks  # the folder of the lock files; None: this process alone has the table
        self.trouble: str | None = None  # why the table is not shared any more

    @classmethod
    def open(cls, data: DataFolder) -> Self:
        """Open the table of a data folder. A damaged one is begun again; it holds only a courtesy."""
        path = data.limits / "limits.db"
        try:
            data.limits.mkdir(parents=True, exist_ok=True)
            try:
                return cls(_connect(path), data.limits)
            except sqlite3.DatabaseError as error:
                # Python's own errors, such as that of a later version's table, have no code of SQLite.
                code = getattr(error, "sqlite_errorcode", None)
                if code not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
                    raise
                path.unlink()
                return cls(_connect(path), data.limits)
        except (OSError, sqlite3.Error) as error:
            table = cls.in_memory()
            table.trouble = _unshared(error)
            return table

    @classmethod
    def in_memory(cls) -> Self:
        """Return a table that this process alone has."""
        return cls(_in_memory())

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    # -- page views --

    def take(self, view: PageView, at: float, *, most: int | None) -> bool:
        """Write a page view down, unless there are so many within the day before it."""

        def work(connection: sqlite3.Connection) -> bool:
            # A time that is a day ahead says only that a clock was wrong.
            connection.execute(
                "DELETE FROM page_views WHERE at < ? OR at > ?", (at - _KEPT_SECONDS, at + DAY_SECONDS)
            )
            if most is not None and len(_views(connection, view.platform, view.address, at)) >= most:
                return False
            row = (at, view.platform, view.address, view.viewpoint, view.profile)
            connection.execute("INSERT INTO page_views VALUES (?, ?, ?, ?, ?)", row)
            return True

        return self._change(work)

    def views(self, platform: str, address: str, now: float) -> tuple[float, ...]:
        """Return when the page views of the last 24 hours were, the oldest first."""
        return self._change(lambda connection: _views(connection, platform, address, now))

    # -- turns --

    def lock_turns(self, keys: Iterable[TurnKey]) -> ExitStack | None:
        """Lock these turns for this process until the stack is closed; None while another one has any."""
        held = ExitStack()
        if self._locks is None:
            return held
        for number in sorted({crc32(" ".join(key).encode()) % _LOCKS for key in keys}):
            lock = lock_if_free(self._locks / f"turn-{number:02}.lock")
            if lock is None:
                held.close()
                return None
            held.enter_context(lock)
        return held

    def turns(self, keys: Collection[TurnKey]) -> dict[TurnKey, tuple[float, bool]]:
        """Return for each turn when it may begin, and whether somebody was killed in it.

        The turns must be locked; one that was never taken is not among them.
        """

        def work(connection: sqlite3.Connection) -> dict[TurnKey, tuple[float, bool]]:
            query = "SELECT next_at, under_way FROM turns WHERE host = ? AND viewpoint = ?"
            rows = {key: connection.execute(query, key).fetchone() for key in keys}
            return {key: (row[0], bool(row[1])) for key, row in rows.items() if row is not None}

        return self._change(work)

    def write_turns(self, keys: Collection[TurnKey], next_at: float, *, under_way: bool) -> None:
        """Write down when these turns may begin again. They must be locked."""

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?)",
                [(*key, next_at, under_way) for key in keys],
            )

        self._change(work)

    # -- requested pauses --

    def pauses(self) -> tuple[str, ...]:
        """Return the documents of all pauses that platforms asked for."""
        query = "SELECT document FROM pauses ORDER BY platform, address"
        return self._change(lambda connection: tuple(row[0] for row in connection.execute(query)))

    def pause(self, platform: str, address: str) -> str | None:
        """Return the document of the pause that a platform asked for, or None."""
        return self._change(lambda connection: _pause(connection, platform, address))

    def write_pause(self, platform: str, address: str, change: Callable[[str | None], str | None]) -> None:
        """Replace a pause's document by what `change` makes of it; None leaves it as it is.

        Of two processes that get the same answer at once, the second sees what the first wrote.
        """

        def work(connection: sqlite3.Connection) -> None:
            new = change(_pause(connection, platform, address))
            if new is not None:
                connection.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?, ?)", (platform, address, new))

        self._change(work)

    # -- profiles that wait --

    def expect(self, profiles: Iterable[tuple[str, str]], now: float) -> None:
        """Note the profiles that a run is to check, each after its platform; one that waits already stays."""
        rows = [(*profile, now) for profile in profiles]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM waiting WHERE since < ?", (now - _WAITS_SECONDS,))
            connection.executemany("INSERT OR IGNORE INTO waiting VALUES (?, ?, ?)", rows)

        self._change(work)

    def finished(self, platform: str, profile: str) -> None:
        """Note that a profile was checked."""
        row = platform, profile
        self._change(
            lambda connection: connection.execute(
                "DELETE FROM waiting WHERE platform = ? AND profile = ?", row
            )
        )

    def waiting(self) -> dict[tuple[str, str], float]:
        """Return since when which profiles wait that a run left unchecked, by platform and name."""
        query = "SELECT platform, profile, since FROM waiting"
        rows = self._change(lambda connection: connection.execute(query).fetchall())
        return {(platform, profile): since for platform, profile, since in rows}

    def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the work as one change; where the file refuses, with a table in memory from now on."""
        try:
            return _at_once(self._connection, work)
        except sqlite3.Error as error:
            if self.trouble is not None:
                raise
            self.trouble = _unshared(error)
            self._connection.close()
            self._connection = _in_memory()
            return _at_once(self._connection, work)


def _at_once(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        answer = work(connection)
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return answer


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=_PATIENCE_SECONDS,
        isolation_level=None,
        check_same_thread=False,  # a run's event loop may have a thread of its own
    )
    try:
        _at_once(connection, _prepare)
    except BaseException:  # Ctrl-C too: nothing stays open
        connection.close()
        raise
    return connection


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _at_once(connection, _prepare)
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > _VERSION:
        raise sqlite3.NotSupportedError("a later version of selfcheck wrote it")
    if version == 0:
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _views(connection: sqlite3.Connection, platform: str, address: str, now: float) -> tuple[float, ...]:
    query = "SELECT at FROM page_views WHERE platform = ? AND address = ? AND at > ? ORDER BY at"
    rows: Sequence[tuple[float]] = connection.execute(
        query, (platform, address, now - DAY_SECONDS)
    ).fetchall()
    return tuple(row[0] for row in rows)


def _pause(connection: sqlite3.Connection, platform: str, address: str) -> str | None:
    query = "SELECT document FROM pauses WHERE platform = ? AND address = ?"
    row = connection.execute(query, (platform, address)).fetchone()
    return None if row is None else str(row[0])


def _unshared(error: Exception) -> str:
    return (
        f"The table of page views in the data folder could not be used ({error}), so this run does not know"
        " what others ask of the same platforms."
    )
