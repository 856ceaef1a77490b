"""What is stored about schedules: their runs in the data folder, the installed ones in the config folder.

Laws:
1. A file that is damaged, or of a later version, counts as missing: its schedule goes on without it.
2. Stored times are UTC; one that cannot be read is unknown.
3. What is installed is known per user and machine, whatever folder a command is called in.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, time
from enum import StrEnum
from pathlib import Path

from selfcheck.core.schedule import Schedule, parse_schedule, parse_time
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import storage_error, write_whole

USUAL_NAME = "default"
"""The schedule that is meant where none is named."""

_STATE_SCHEMA = "selfcheck.turn/1"
_INSTALLED_SCHEMA = "selfcheck.schedule/1"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LONGEST_NAME = 40
_TIMES = ("since", "last_started", "last_ended", "next_due")
_LARGEST = 100_000  # bytes


def is_schedule_name(text: str) -> bool:
    """Return whether a schedule can have this name: it names files, units and tasks on every system."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


class Manager(StrEnum):
    """Who starts a scheduled run."""

    SYSTEMD = "systemd"
    CRON = "cron"
    LAUNCHD = "launchd"
    WINDOWS = "task-scheduler"


# -- runs of a schedule: <data>/schedules/<name>.json ------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ScheduleState:
    """What is known of a schedule's runs."""

    name: str
    rhythm: str  # the schedule in words, as it was given
    since: datetime  # since when the schedule exists (UTC)
    last_started: datetime | None = None
    last_ended: datetime | None = None  # earlier than last_started while a run goes on, or was cut off
    last_exit_code: int | None = None
    next_due: datetime | None = None  # of a watch; an installed schedule's is computed
    runs: int = 0


def read_state(data: DataFolder, name: str) -> ScheduleState | None:
    """Return what is known of a schedule's runs; None where nothing is."""
    path = data.schedule_state(name)
    try:
        if path.stat().st_size > _LARGEST:
            return None
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return _state(document, name) if isinstance(document, dict) else None


def read_states(data: DataFolder) -> tuple[ScheduleState, ...]:
    """Return what is known of every schedule of this data folder, by name."""
    states = (read_state(data, name) for name in _names(data.schedules))
    return tuple(state for state in states if state is not None)


def write_state(data: DataFolder, state: ScheduleState) -> None:
    """Store what is known of a schedule's runs. Raise StorageError if the disk refuses."""
    values = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(state).items()
    }
    document = json.dumps({"schema": _STATE_SCHEMA, **values}, ensure_ascii=False, indent=1)
    write_whole(data.schedule_state(state.name), f"{document}\n".encode())


def _names(folder: Path) -> Iterable[str]:
    try:
        names = sorted(path.stem for path in folder.glob("*.json"))
    except OSError:
        return ()
    return filter(is_schedule_name, names)


def _state(document: Mapping[str, object], name: str) -> ScheduleState | None:
    if document.get("schema") != _STATE_SCHEMA:
        return None
    stored = {field.name: document.get(field.name) for field in fields(ScheduleState)}
    times = {field: _moment(stored[field]) for field in _TIMES}
    code, runs = stored["last_exit_code"], stored["runs"]
    return ScheduleState(
        name=name,
        rhythm=str(stored["rhythm"] or ""),
        since=times["since"] or datetime.fromtimestamp(0, UTC),
        last_started=times["last_started"],
        last_ended=times["last_ended"],
        last_exit_code=code if isinstance(code, int) else None,
        next_due=times["next_due"],
        runs=runs if isinstance(runs, int) else 0,
    )


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):  # the latter at either end of the calendar
        return None


# -- installed schedules: <config>/schedules/<name>.json ---------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class InstalledSchedule:
    """A schedule that the machine's scheduler was given."""

    name: str
    manager: Manager
    schedule: Schedule
    times: tuple[time, ...]
    zone: str | None  # the zone of `times`; None: the machine's own clock
    jitter: int  # minutes
    data: DataFolder
    words: tuple[str, ...]
    files: tuple[Path, ...]  # written for it; none for cron
    at: datetime  # when it was installed first (UTC)


class ScheduleRegistry:
    """The installed schedules, one file each in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> tuple[InstalledSchedule, ...]:
        """Return every schedule, by name."""
        schedules = (self.get(name) for name in _names(self.folder))
        return tuple(schedule for schedule in schedules if schedule is not None)

    def get(self, name: str) -> InstalledSchedule | None:
        """Return a schedule, or None where none of this name is known."""
        if not is_schedule_name(name):  # it could lead to a file elsewhere
            return None
        try:
            document = json.loads(self._path(name).read_bytes())
            if (document["schema"], document["name"]) != (_INSTALLED_SCHEMA, name):
                return None
            options = document["rhythm"]
            pairs = list(zip(options[::2], options[1::2], strict=True))
            return InstalledSchedule(
                name=document["name"],
                manager=Manager(document["manager"]),
                schedule=parse_schedule(
                    every=next((value for option, value in pairs if option == "--every"), None),
                    at=[value for option, value in pairs if option == "--at"],
                    zone=document["time_zone"] or "UTC",
                ),
                times=tuple(parse_time(text) for text in document["times"]),
                zone=document["zone"],
                jitter=int(document["jitter"]),
                data=DataFolder(Path(document["data"])),
                words=tuple(document["words"]),
                files=tuple(Path(path) for path in document["files"]),
                at=datetime.fromisoformat(document["at"]).astimezone(UTC),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return None

    def put(self, installed: InstalledSchedule) -> None:
        """Store a schedule; one of the same name is replaced."""
        document = {
            "schema": _INSTALLED_SCHEMA,
            "name": installed.name,
            "manager": installed.manager.value,
            "rhythm": installed.schedule.options,
            "time_zone": getattr(installed.schedule, "zone", None),
            "times": [f"{time:%H:%M}" for time in installed.times],
            "zone": installed.zone,
            "jitter": installed.jitter,
            "data": str(installed.data),
            "words": installed.words,
            "files": [str(path) for path in installed.files],
            "at": installed.at.isoformat(),
        }
        write_whole(self._path(installed.name), f"{json.dumps(document, indent=1)}\n".encode())

    def forget(self, name: str) -> None:
        """Forget a schedule."""
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(path, error) from error

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
