"""What the runs found over time: `history.db` in the data folder, open for reading and writing.

Laws:
1. What it holds of a run stands in the run's folder too, and what people said stands in `journal.jsonl`: the
   file can be lost, and is rebuilt from them (`service.rebuild_history`).
2. A run is recorded once, whole or not at all; recorded again it changes nothing.
3. What a run means for incidents is decided by `rules`: here it is only kept.
4. Where a run is recorded late, after one that began later, its profile's incidents are derived again from
   the first run on, so that they are what they would be had the run come in time.
"""

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from selfcheck.core.history import Delivery, IncidentChange, PageRow, RunRow
from selfcheck.core.incident import AuthorEvent, Incident, IncidentEvent
from selfcheck.core.run_document import RunDocument
from selfcheck.core.suggestions import suggestion
from selfcheck.errors import IncidentUnknownError
from selfcheck.history import tables
from selfcheck.history.database import connect, connect_in_memory, explained, writing
from selfcheck.history.journal import append_delivery, append_event, moment_text
from selfcheck.history.previous_runs import MOST_RUNS, PastRuns
from selfcheck.history.rules import AfterRun, after_run, derived
from selfcheck.history.run_rows import RECORD_FORM
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import storage_error, unreadable

_CLOCKS_DIFFER = timedelta(hours=1)
"""By how much the clocks of machines that share a folder may differ."""


class History:
    """The history of a data folder; a context manager."""

    def __init__(self, data: DataFolder, connection: sqlite3.Connection, decide: AfterRun) -> None:
        self.data = data
        self._connection = connection
        self._decide = decide
        self.taken_in: tuple[str, ...] = ()  # runs that no command recorded until this was opened
        self._scratch: TemporaryDirectory[str] | None = None  # of a copy, which nothing is recorded in

    @classmethod
    def open(cls, data: DataFolder, decide: AfterRun = after_run) -> "History":
        """Open the history, and create it if there is none.

        Raise StorageError; HistoryUnreadableError where it is damaged or a later version wrote it.
        """
        return cls(data, connect(data.history), decide)

    @classmethod
    def copy_of(cls, data: DataFolder) -> "History":
        """Return the history of a folder that cannot be written to, as a copy that is gone when it is closed.

        SQLite cannot even read a file with a write-ahead log where it may not write beside it. Raise
        StorageError.
        """
        scratch = TemporaryDirectory(prefix="selfcheck-")
        copy = Path(scratch.name) / data.history.name
        try:
            for ending in ("", "-wal"):
                source = data.history.with_name(data.history.name + ending)
                if source.is_file():
                    copyfile(source, copy.with_name(source.name))
            history = cls(data, connect(copy), after_run)
        except OSError as error:
            scratch.cleanup()
            raise unreadable(data.history, error) from error
        except BaseException:  # Ctrl-C too: the copy must not stay
            scratch.cleanup()
            raise
        history._scratch = scratch
        return history

    @classmethod
    def in_memory(cls, data: DataFolder) -> "History":
        """Return an empty history of the folder that is gone when it is closed."""
        return cls(data, connect_in_memory(), after_run)

    def __enter__(self) -> Self:
        """Return the history itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    def _refuse_copy(self) -> None:
        """Raise StorageError where what is kept would be gone when this is closed."""
        if self._scratch is not None:
            raise storage_error(self.data.history, OSError(errno.EACCES, os.strerror(errno.EACCES)))

    @contextmanager
    def change(self) -> Iterator[None]:
        """Do several things as one change: all of them or none. Raise StorageError."""
        with explained(self.data.history), writing(self._connection):
            yield

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with explained(self.data.history):
            yield self._connection

    # -- runs ------------------------------------------------------------------------------------------

    def record(self, run: RunDocument) -> tuple[IncidentChange, ...]:
        """Keep a run and return what it changed about incidents; a run that is known changes nothing.

        Raise StorageError.
        """
        self._refuse_copy()
        with self.change():
            return self.add(run)

    def add(self, run: RunDocument) -> tuple[IncidentChange, ...]:
        """Write a run, within a change, and return what it changed about incidents."""
        if self._connection.execute("SELECT 1 FROM runs WHERE run_id = ?", (run.run_id,)).fetchone():
            return ()
        changes: list[IncidentChange] = []
        for profile in tables.insert_run(self._connection, run):
            if self._is_late(profile, run):
                self.rederive_incidents(profile, self.author_events(profile))
                # What it turns out to have changed about incidents that still go on.
                changes += [
                    IncidentChange(incident=incident, event=event, before=None)
                    for incident in tables.incidents(self._connection, profile)
                    for event in incident.events
                    if event.run_id == run.run_id and not incident.over
                ]
            else:
                (row,) = tables.checks(self._connection, "profile = ? AND run_id = ?", profile, run.run_id)
                changes += self._advance(row)
        return tuple(changes)

    def replace(self, run: RunDocument) -> None:
        """Write a run's rows, within a change, in place of those there are; incidents stay as they are."""
        self._connection.execute("DELETE FROM runs WHERE run_id = ?", (run.run_id,))
        tables.insert_run(self._connection, run)

    def run_ids(self, *, whole: bool = False) -> frozenset[str]:
        """Return the runs that are recorded; `whole`: only those with all that this version records."""
        with self._reading() as connection:
            least = RECORD_FORM if whole else 0
            return frozenset(
                row[0] for row in connection.execute("SELECT run_id FROM runs WHERE form >= ?", (least,))
            )

    def profiles(self) -> tuple[str, ...]:
        """Return the names of all profiles that were checked, in the order of the first run of each."""
        with self._reading() as connection:
            return tables.profiles(connection)

    def runs(self, profile: str | None = None, *, now: datetime | None = None) -> tuple[RunRow, ...]:
        """Return what each run found of each profile, or of one, oldest first.

        With `now`, runs that are dated later are left out: a clock was wrong, and such a run would be the
        last one for years. Where all are, it is the clock of today that is wrong, and none is left out.
        """
        with self._reading() as connection:
            if profile is None:
                rows = tables.checks(connection, "TRUE")
            else:
                rows = tables.checks(connection, "profile = ?", profile)
        past = rows if now is None else tuple(row for row in rows if row.at <= now + _CLOCKS_DIFFER)
        return past or rows

    def pages(self, profile: str) -> Mapping[str, tuple[PageRow, ...]]:
        """Return what each run found of the pages of a profile, by the run's id."""
        with self._reading() as connection:
            return tables.pages(connection, profile)

    def days(self, profile: str, fact: str, account: str | None = None) -> Mapping[date, int]:
        """Return a series such as `views` by the platform's days, oldest first, of the latest account.

        A day has the number of the latest run that knows of it; days that no run knows are left out.
        """
        with self._reading() as connection:
            return tables.days(connection, profile, fact, account)

    def past_runs(self, most: int = MOST_RUNS) -> PastRuns:
        """Return what a new run needs of the newest runs."""
        with self._reading() as connection:
            return PastRuns(checks=tables.past_checks(connection, most), taken_in=self.taken_in)

    # -- incidents -------------------------------------------------------------------------------------

    def incidents(self, profile: str | None = None, *, open_only: bool = False) -> tuple[Incident, ...]:
        """Return the incidents of all profiles, or of one, newest first."""
        with self._reading() as connection:
            newest_first = reversed(tables.incidents(connection, profile))
        return tuple(incident for incident in newest_first if not (open_only and incident.over))

    def incident(self, incident_id: str) -> Incident:
        """Return an incident by its id or a unique prefix of it.

        Raise IncidentUnknownError that names the near ones.
        """
        by_id = {incident.id: incident for incident in self.incidents()}
        matching = [full_id for full_id in by_id if incident_id and full_id.startswith(incident_id)]
        if incident_id not in by_id and len(matching) != 1:
            raise _unknown(incident_id, matching or list(by_id))
        return by_id.get(incident_id) or by_id[matching[0]]

    def add_event(self, incident_id: str, event: IncidentEvent) -> Incident:
        """Keep what a person or a delivery says of an incident, and return it as it is then.

        It is also written to the journal, since it is in no run's folder. Raise IncidentUnknownError,
        StorageError.
        """
        self._refuse_copy()
        with self.change():
            before = self.incident(incident_id)
            after = before.with_event(event)
            tables.write_incident(self._connection, after, before)
            append_event(self.data.journal, before, event)
        return after

    def _advance(self, row: RunRow) -> tuple[IncidentChange, ...]:
        """Let a run that is the latest of its profile open, change or end incidents."""
        earlier = tables.incidents(self._connection, row.profile)
        after = self._decide(row, earlier=earlier, last_good=tables.last_good(self._connection, row))
        if after is None:
            return ()
        before = next((incident for incident in earlier if incident.id == after.id), None)
        tables.write_incident(self._connection, after, before)
        new = after.events[len(before.events) if before else 0 :]
        return tuple(IncidentChange(incident=after, event=event, before=before) for event in new)

    def _is_late(self, profile: str, run: RunDocument) -> bool:
        """Return whether a run that began later is recorded already."""
        later = self._connection.execute(
            "SELECT 1 FROM checks WHERE profile = ? AND (at, run_id) > (?, ?) LIMIT 1",
            (profile, moment_text(run.started_at), run.run_id),
        )
        return later.fetchone() is not None

    def author_events(self, profile: str | None = None) -> tuple[AuthorEvent, ...]:
        """Return the events of incidents that no run found: what people said, and what was sent."""
        return tuple(
            AuthorEvent(
                incident=incident.id,
                profile=incident.profile,
                first_bad_run=incident.first_bad_run,
                event=event,
            )
            for incident in tables.incidents(self._connection, profile)
            for event in incident.events
            if event.run_id is None
        )

    def rederive_incidents(
        self, profile: str, author_events: Iterable[AuthorEvent]
    ) -> tuple[AuthorEvent, ...]:
        """Derive the profile's incidents again, within a change, from its runs and these events.

        Return the events whose incidents do not exist any more.
        """
        rows = tables.checks(self._connection, "profile = ?", profile)
        incidents, unplaced = derived(rows, author_events, self._decide)
        self._connection.execute("DELETE FROM incidents WHERE profile = ?", (profile,))
        for incident in incidents:
            tables.write_incident(self._connection, incident, None)
        return unplaced

    # -- deliveries ------------------------------------------------------------------------------------

    def deliveries(self, profile: str | None = None) -> tuple[Delivery, ...]:
        """Return what was sent or could not be, of all profiles or of one, oldest first."""
        with self._reading() as connection:
            return tables.deliveries(connection, profile)

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep that something was sent or could not be, here and in the journal. Raise StorageError."""
        self._refuse_copy()
        with self.change():
            self.insert_delivery(delivery)
            append_delivery(self.data.journal, delivery)

    def insert_delivery(self, delivery: Delivery) -> None:
        """Write a delivery that the journal has already, within a change; one that is known stays."""
        tables.insert_delivery(self._connection, delivery)


def _unknown(incident_id: str, names: Sequence[str]) -> IncidentUnknownError:
    listed = f"The latest are {', '.join(names[:5])}." if names else "No incident has been found so far."
    return IncidentUnknownError(
        f"There is no incident `{incident_id}`.",
        cause=suggestion(incident_id, names) or listed,
        next_step=lambda hints: f"`{hints.command('history')}` lists them.",
    )
