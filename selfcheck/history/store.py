"""What is remembered over the runs: `history.db` in the data folder.

Laws:
1. Whatever it holds of a run stands in the run's folder too, and what people said stands in `journal.jsonl`:
   it can be lost and made anew (`store/history_rebuilding.py`).
2. A run is recorded once, whole or not at all; recorded again it changes nothing.
3. What a run means for incidents is decided elsewhere and handed in: here it is only kept.
4. Where a run is recorded late, after one that began later, its profile's incidents are told over from the
   first run on, so that they are what they would be had it come in time.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from selfcheck.core.history import Delivery, IncidentChange, PageRow, RunRow
from selfcheck.core.incident import Incident, IncidentEvent
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import IncidentUnknownError
from selfcheck.history import rows
from selfcheck.history import run_rows as runs
from selfcheck.history.database_file import HISTORY, connect, told, writing
from selfcheck.history.journal import AuthorEvent, append, delivery_line, said_line
from selfcheck.history.run_records import RunRecord, read_record

AfterRun = Callable[..., Incident | None]
"""`selfcheck.history.incident_rules.after_run`: what a run means for the incidents of its profile."""


class History:
    """The history of a data folder, open for reading and writing; a context manager."""

    def __init__(self, data_dir: Path, connection: sqlite3.Connection) -> None:
        self.data_dir = data_dir
        self.path = data_dir / HISTORY
        self._connection = connection

    @classmethod
    def open(cls, data_dir: Path) -> "History":
        """Open the history, and make it where there is none.

        Raise StorageError; HistoryUnreadableError where it is damaged or a later version wrote it.
        """
        return cls(data_dir, connect(data_dir / HISTORY))

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

    # -- runs ------------------------------------------------------------------------------------------

    def record(self, document: Mapping[str, Any], after_run: AfterRun) -> tuple[IncidentChange, ...]:
        """Keep a run's document and return what it changed about incidents.

        A run that is known already changes nothing. Raise RunUnreadableError where it is no run's document,
        StorageError where the disk refuses.
        """
        record = read_record(document)
        with told(self.path), writing(self._connection):
            if self.knows(record.run_id):
                return ()
            changes: list[IncidentChange] = []
            for profile in runs.insert(self._connection, record):
                if runs.is_late(self._connection, profile, record):
                    self.tell_over(profile, self.said(profile), after_run)
                    changes += self._changed_by(record.run_id, profile)
                else:
                    changes += self._advance(runs.one(self._connection, profile, record.run_id), after_run)
        return tuple(changes)

    def change(self) -> AbstractContextManager[None]:
        """Do several things as one change: all of them or none."""
        return writing(self._connection)

    def run_ids(self) -> frozenset[str]:
        """Return the runs that are recorded."""
        with told(self.path):
            return frozenset(row[0] for row in self._connection.execute("SELECT run_id FROM runs"))

    def replace(self, record: RunRecord) -> None:
        """Write a run's rows in the place of those there are, within a change that is going on."""
        self._connection.execute("DELETE FROM runs WHERE run_id = ?", (record.run_id,))
        runs.insert(self._connection, record)

    def knows(self, run_id: str) -> bool:
        """Return whether the run is recorded."""
        found = self._connection.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,))
        return found.fetchone() is not None

    def profiles(self) -> tuple[str, ...]:
        """Return the names of all profiles that any run told of, in the order of the first run of each."""
        with told(self.path):
            return runs.profiles(self._connection)

    def runs(self, profile: str | None = None) -> tuple[RunRow, ...]:
        """Return what each run found of each profile, or of one, oldest first."""
        with told(self.path):
            return runs.of(self._connection, profile)

    def pages(self, profile: str) -> Mapping[str, tuple[PageRow, ...]]:
        """Return what each run found of the pages of a profile, by the run's id."""
        with told(self.path):
            return runs.pages(self._connection, profile)

    def days(self, profile: str, fact: str, account: str | None = None) -> Mapping[date, int]:
        """Return a series such as `views` by the platform's days, oldest first, of the latest account.

        A day is told by the latest run that knows of it; days that no run knows are left out.
        """
        with told(self.path):
            return runs.days(self._connection, profile, fact, account)

    # -- incidents -------------------------------------------------------------------------------------

    def incidents(self, profile: str | None = None, *, open_only: bool = False) -> tuple[Incident, ...]:
        """Return the incidents of all profiles, or of one, newest first."""
        with told(self.path):
            found = self._incidents(profile)
        return tuple(one for one in reversed(found) if not (open_only and one.over))

    def _incidents(self, profile: str | None = None) -> tuple[Incident, ...]:
        """Return the incidents, oldest first."""
        where, given = ("WHERE profile = ?", (profile,)) if profile is not None else ("", ())
        events: dict[str, list[IncidentEvent]] = defaultdict(list)
        for row in self._connection.execute(
            f"SELECT events.* FROM events JOIN incidents ON incident = id {where} ORDER BY number",  # noqa: S608
            given,
        ):
            events[row["incident"]].append(rows.event(row))
        found = self._connection.execute(
            f"SELECT * FROM incidents {where} ORDER BY first_bad_at, id",  # noqa: S608 - our own words
            given,
        )
        return tuple(rows.incident(row, events[row["id"]]) for row in found)

    def incident(self, incident_id: str) -> Incident:
        """Return an incident by its id, or a beginning of it that no other has.

        Raise IncidentUnknownError that names the near ones.
        """
        with told(self.path):
            return self._meant(incident_id)

    def _meant(self, incident_id: str) -> Incident:
        every = {one.id: one for one in reversed(self._incidents())}
        begun = [one for one in every if incident_id and one.startswith(incident_id)]
        if incident_id not in every and len(begun) != 1:
            raise _unknown(incident_id, begun or every)
        return every.get(incident_id) or every[begun[0]]

    def add_event(self, incident_id: str, event: IncidentEvent) -> Incident:
        """Keep what a person or a delivery says of an incident, and return it as it is then.

        It is also written to the journal, since no run's folder tells it. Raise IncidentUnknownError,
        StorageError.
        """
        with told(self.path), writing(self._connection):
            before = self._meant(incident_id)
            after = before.with_event(event)
            self._keep(after, before)
            append(self.data_dir, said_line(before, event))
        return after

    def _keep(self, incident: Incident, before: Incident | None) -> None:
        """Write an incident and those of its events that are new."""
        self._connection.execute(
            f"INSERT INTO incidents ({rows.INCIDENT_COLUMNS}) VALUES ({rows.INCIDENT_MARKS})"  # noqa: S608 - our own words
            f" ON CONFLICT DO UPDATE SET {rows.INCIDENT_CHANGES}",
            rows.incident_values(incident),
        )
        new = incident.events[len(before.events) if before else 0 :]
        self._connection.executemany(
            "INSERT INTO events (incident, at, kind, text, run_id, message_id) VALUES (?, ?, ?, ?, ?, ?)",
            [rows.event_values(incident.id, event) for event in new],
        )

    def _advance(self, row: RunRow, after_run: AfterRun) -> tuple[IncidentChange, ...]:
        """Let a run that is the latest of its profile open, change or end incidents."""
        earlier = self._incidents(row.profile)
        after = after_run(row, earlier=earlier, last_good=runs.last_good(self._connection, row))
        if after is None:
            return ()
        before = next((one for one in earlier if one.id == after.id), None)
        self._keep(after, before)
        new = after.events[len(before.events) if before else 0 :]
        return tuple(IncidentChange(incident=after, event=event, before=before) for event in new)

    def _changed_by(self, run_id: str, profile: str) -> Iterator[IncidentChange]:
        """Yield what a run that came late turns out to have changed about incidents that still go on."""
        for one in self._incidents(profile):
            for event in one.events:
                if event.run_id == run_id and not one.over:
                    yield IncidentChange(incident=one, event=event, before=None)

    # -- telling it over -------------------------------------------------------------------------------

    def said(self, profile: str | None = None) -> tuple[AuthorEvent, ...]:
        """Return what was said of incidents, and not found by a run, as the file has it."""
        return tuple(
            AuthorEvent(incident=one.id, profile=one.profile, first_bad_run=one.first_bad_run, event=event)
            for one in self._incidents(profile)
            for event in one.events
            if event.run_id is None
        )

    def tell_over(
        self, profile: str, said: Iterable[AuthorEvent], after_run: AfterRun
    ) -> tuple[AuthorEvent, ...]:
        """Make the profile's incidents anew from its runs and from what was said, both in order of time.

        Return what was said of incidents that there are not any more.
        """
        self._connection.execute("DELETE FROM incidents WHERE profile = ?", (profile,))
        waiting = sorted(said, key=lambda one: one.event.at)
        for row in runs.of(self._connection, profile):
            waiting = [one for one in waiting if one.event.at > row.at or not self._place(one)]
            self._advance(row, after_run)
        return tuple(one for one in waiting if not self._place(one))

    def _place(self, said: AuthorEvent) -> bool:
        """Put what was said to its incident; return False where there is none such yet."""
        incidents = self._incidents(said.profile)
        meant = [one for one in incidents if one.first_bad_run == said.first_bad_run]
        meant = meant or [one for one in incidents if one.id == said.incident]
        if meant:
            self._keep(meant[0].with_event(said.event), meant[0])
        return bool(meant)

    # -- deliveries ------------------------------------------------------------------------------------

    def deliveries(self, profile: str | None = None) -> tuple[Delivery, ...]:
        """Return what was sent or could not be, of all profiles or of one, oldest first."""
        where, given = ("WHERE profile = ?", (profile,)) if profile is not None else ("", ())
        with told(self.path):
            found = self._connection.execute(
                f"SELECT * FROM deliveries {where} ORDER BY at, number",  # noqa: S608 - our own words
                given,
            )
            return tuple(rows.delivery(row) for row in found)

    def add_delivery(self, delivery: Delivery) -> None:
        """Keep that something was sent or could not be, here and in the journal. Raise StorageError."""
        with told(self.path), writing(self._connection):
            self.insert_delivery(delivery)
            append(self.data_dir, delivery_line(delivery))

    def insert_delivery(self, delivery: Delivery) -> None:
        """Write a delivery's row, within a change that is going on; one that is there already stays."""
        self._connection.execute(
            "INSERT OR IGNORE INTO deliveries (at, channel, kind, profile, incident, ok, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows.delivery_values(delivery),
        )


def _unknown(incident_id: str, known: Iterable[str]) -> IncidentUnknownError:
    names = list(known)
    cause = did_you_mean(incident_id, names)
    listed = f"The latest are {', '.join(names[:5])}." if names else "No incident has been found so far."
    return IncidentUnknownError(
        f"There is no incident `{incident_id}`.",
        cause=cause[:1].upper() + cause[1:] or listed,
        next_step=lambda hints: f"`{hints.command('history')}` lists them.",
    )
