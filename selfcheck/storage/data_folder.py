"""The data folder: where everything that selfcheck keeps lies, by one name each.

Laws:
1. No other module writes a name of this folder out. Sessions and keys are never in it.
2. The folders and files are found where earlier versions left them: names are added, never changed.
3. An id that is not a plain name, or whose folder is a link out of it, is refused: it may stand in a file
   that somebody else wrote.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import StorageError
from selfcheck.storage.files import check_within, is_there, unreadable

RESULT = "run.json"
"""A run's result, in the run's folder and in every copy of it."""

COMPARISON_PAGE = "side-by-side.html"
RUN_REPORT = "report.html"


@dataclass(frozen=True)
class DataFolder:
    """The folder that `--data` names. Nothing is created by asking for a path."""

    path: Path

    def __str__(self) -> str:
        """Return the folder as the user named it, for messages."""
        return str(self.path)

    @property
    def runs(self) -> Path:
        """The folder of the runs, each in a folder that is named by its id."""
        return self.path / "runs"

    def run(self, run_id: str) -> Path:
        """Return a run's folder. Raises StorageError where the id is none."""
        return _below(self.runs, run_id)

    def result(self, run_id: str) -> Path:
        """Return a run's `run.json`; a run that did not end has none."""
        return self.run(run_id) / RESULT

    def run_report(self, run_id: str) -> Path:
        """Return a run's page for people."""
        return self.run(run_id) / RUN_REPORT

    def pictures(self, run_id: str) -> Path:
        """Return the folder of pictures that were made from a run after it ended; they can be made again."""
        return _own(self.path / "pictures", run_id)

    @property
    def pruning(self) -> Path:
        """The file that names the run of which files are being removed; there is none otherwise."""
        return self.runs / ".pruning"

    @property
    def pruning_lock(self) -> Path:
        """The lock that one pruning holds at a time."""
        return self.runs / ".pruning.lock"

    @property
    def history(self) -> Path:
        """The database of what the runs found; it can be rebuilt from the runs and the journal."""
        return self.path / "history.db"

    @property
    def journal(self) -> Path:
        """What the author said of incidents and what was sent, a JSON line each."""
        return self.path / "journal.jsonl"

    @property
    def limits(self) -> Path:
        """The folder of what all processes on this data folder share: page views, turns, requested pauses."""
        return self.path / "limits"

    @property
    def backoff(self) -> Path:
        """Which platforms asked to be left alone, and until when, as text."""
        return self.path / "backoff.json"

    @property
    def alert_lock(self) -> Path:
        """The lock that one sender of alerts holds at a time."""
        return self.path / "telling.lock"

    @property
    def report(self) -> Path:
        """The folder of the page that `selfcheck report` writes."""
        return self.path / "site"

    def appeal(self, incident_id: str) -> Path:
        """Return the folder of the drafts and the evidence for an incident."""
        return _own(self.path / "appeals", incident_id)

    def comparison(self, comparison_id: str) -> Path:
        """Return the folder of a comparison with accounts that look alike, which the author chose to keep."""
        return _own(self.comparisons, comparison_id)

    @property
    def comparisons(self) -> Path:
        """The folder of all comparisons that the author chose to keep."""
        return self.path / "impostors"

    @property
    def app_runs(self) -> Path:
        """The folder of the runs that the web app started: their progress and what they printed."""
        return self.path / "app"

    def app_run(self, job: str) -> Path:
        """Return the folder of one run that the web app started. Raises StorageError where the id is none."""
        return _own(self.app_runs, job)

    @property
    def first_looks(self) -> Path:
        """The folder of the looks at accounts that are not in the profiles file yet, one folder for each."""
        return self.path / "first-looks"

    def first_look(self, name: str) -> Path:
        """Return the folder of one such look. Raises StorageError where the name is none."""
        return _own(self.first_looks, name)

    @property
    def backups(self) -> Path:
        """The folder of the copies of the author's stories, one folder for each profile."""
        return self.path / "backups"

    @property
    def schedules(self) -> Path:
        """The folder of the schedules' states, logs and locks."""
        return self.path / "schedules"

    def schedule_state(self, name: str) -> Path:
        """Return the file of what is known of a schedule's runs."""
        return self.schedules / f"{name}.json"

    def schedule_log(self, name: str) -> Path:
        """Return the file to which a scheduled run writes its messages."""
        return self.schedules / f"{name}.log"

    def schedule_lock(self, name: str) -> Path:
        """Return the file of a schedule's lock."""
        return self.schedules / f"{name}.lock"

    def run_ids(self) -> tuple[str, ...]:
        """Return the ids of all runs, the latest first. Raise StorageError if unreadable."""
        try:
            with os.scandir(self.runs) as entries:  # it knows folders from files without asking for each
                names = (entry.name for entry in entries if is_safe_name(entry.name) and entry.is_dir())
                return tuple(sorted(names, reverse=True))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise unreadable(self.runs, error) from error

    def finished_runs(self) -> tuple[str, ...]:
        """Return the ids of the runs that have a result, the latest first. Raise StorageError."""
        return tuple(run_id for run_id in self.run_ids() if self.result(run_id).is_file())

    def is_writable(self) -> bool:
        """Return whether files can be made in the folder; one that is missing can be, as far as is known."""
        return not self.path.is_dir() or os.access(self.path, os.W_OK)

    def has_history(self) -> bool:
        """Return whether there is a history, or anything to rebuild it from. Raise StorageError."""
        return any(is_there(path) for path in (self.history, self.runs, self.journal))


def _below(folder: Path, name: str) -> Path:
    if not is_safe_name(name):
        raise StorageError(
            f"{name!r} is not the id of a run or an incident.",
            cause="Ids are letters, digits, `-`, `_`, `.` and `@`; this could lead out of the data folder.",
            next_step=lambda hints: f"`{hints.command('history')}` lists what there is.",
        )
    return folder / name


def _own(folder: Path, name: str) -> Path:
    """Return a folder that is written to."""
    path = _below(folder, name)
    check_within(folder, path)
    return path
