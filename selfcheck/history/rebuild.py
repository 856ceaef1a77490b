"""Makes `history.db` anew from the runs' folders and the journal.

Laws:
1. It is one change: until its end, and after a kill or on a full disk, the old history stands.
2. Nothing is lost by it: runs whose folders are gone, and what was said, are kept from the old file where
   that can be read. A file that cannot be is moved aside, not deleted.
3. A folder that cannot be read is passed over and named.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from selfcheck.core.history import Rebuilt
from selfcheck.errors import RunUnreadableError
from selfcheck.history.database_file import HISTORY, is_damaged, set_aside, told
from selfcheck.history.journal import JOURNAL, read_journal, said_in_order
from selfcheck.history.run_records import RunRecord, read_record
from selfcheck.history.store import AfterRun, History

RESULT = "run.json"


def rebuild(data_dir: Path, after_run: AfterRun) -> Rebuilt:
    """Make the history anew and say what was found. Raise StorageError."""
    path = data_dir / HISTORY
    aside = set_aside(path) if is_damaged(path) else None
    with History.open(data_dir) as history:
        return replace(fill(history, after_run), set_aside=aside)


def fill(history: History, after_run: AfterRun, *, but_for: str | None = None) -> Rebuilt:
    """Put all runs into it, but for one, and tell it over; say what was found. Raise StorageError."""
    return _Filling(history, after_run, but_for).done()


class _Filling:
    """One filling and what it met with."""

    def __init__(self, history: History, after_run: AfterRun, but_for: str | None) -> None:
        self._history = history
        self._after_run = after_run
        self._but_for = but_for
        self._skipped: list[str] = []

    def done(self) -> Rebuilt:
        """Do it."""
        history, journal = self._history, read_journal(self._history.data_dir)
        if journal.damaged:
            self._skipped.append(f"{JOURNAL}: {journal.damaged} of its lines cannot be read")
        with told(history.path), history.change():
            said = said_in_order((*history.said(), *journal.said))
            before = history.run_ids()
            found = [self._again(record) for record in self._records()]
            unplaced = [
                lost
                for profile in dict.fromkeys((*history.profiles(), *(one.profile for one in said)))
                for lost in history.tell_over(
                    profile, [one for one in said if one.profile == profile], self._after_run
                )
            ]
            for delivery in journal.deliveries:
                history.insert_delivery(delivery)
        return Rebuilt(
            runs=len(found),
            kept=len(before - set(found)),
            incidents=len(history.incidents()),
            said=len(said) - len(unplaced),
            skipped=tuple(self._skipped),
            unplaced=tuple(f"{one.incident}: {one.event.text or one.event.kind.value}" for one in unplaced),
        )

    def _again(self, record: RunRecord) -> str:
        self._history.replace(record)
        return record.run_id

    def _records(self) -> Iterator[RunRecord]:
        """Yield the runs whose folders can be read, by their names, which begin with the time."""
        runs = self._history.data_dir / "runs"
        for folder in sorted(runs.iterdir()) if runs.is_dir() else ():
            if not folder.is_dir() or folder.name == self._but_for:
                continue
            try:
                yield read_record(json.loads((folder / RESULT).read_bytes()))
            except FileNotFoundError:
                self._skipped.append(f"{folder.name}: it has no {RESULT}; the run was cut short")
            except (OSError, ValueError, RecursionError) as error:
                self._skipped.append(f"{folder.name}: {RESULT} cannot be read ({error})")
            except RunUnreadableError as error:
                self._skipped.append(f"{folder.name}: {error.what}")
