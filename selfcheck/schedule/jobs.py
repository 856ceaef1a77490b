"""What the user asks to be scheduled, made into a job for a machine's scheduler. Pure: values in, values out.

Laws:
1. All paths in a job are absolute: a scheduler may start it in any folder.
2. No value of a secret is in a job: only the paths of `KEPT_ENVIRONMENT` are taken over.
3. The scheduler starts it at all times that matter, and `watch --once` decides whether a run is due.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

from selfcheck.core.schedule import DailyAt, Schedule
from selfcheck.core.secret_text import KEPT_ENVIRONMENT
from selfcheck.core.times import parse_duration
from selfcheck.errors import UsageError
from selfcheck.schedule.state import Manager
from selfcheck.schedule.triggers import LocalClock, own_minute, triggers
from selfcheck.storage.data_folder import DataFolder

_HOUR = 60
_MOST_JITTER = 12 * 60  # minutes
_MAY_BE_A_WORD = frozenset({"SELFCHECK_BROWSER", "SELFCHECK_SANDBOX"})  # rather than a path
_OURS = frozenset(
    {
        *("SELFCHECK_DATA", "SELFCHECK_PROFILES"),  # the job names both
        *("SELFCHECK_CALLED", "SELFCHECK_DEBUG", "SELFCHECK_COMPLETE"),
    }
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_EXPANDED_BY_WINDOWS = re.compile(r"%[^%]+%|\$\(")


@dataclass(frozen=True, kw_only=True)
class ScheduleSpec:
    """What the user asks to be scheduled."""

    name: str
    schedule: Schedule
    jitter: int  # minutes
    profiles_file: Path
    data: DataFolder
    profiles: tuple[str, ...] = ()
    browser: str | None = None
    anonymous_only: bool = False
    backup_on_incident: bool = False
    secrets: Path | None = None
    folder: Path  # the user's current one, from which relative paths are meant

    @property
    def absolute_data(self) -> DataFolder:
        """Return the data folder as a scheduler needs it, which starts the run in a folder of its own."""
        return DataFolder(self.folder / self.data.path)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A schedule as it is handed to a machine's scheduler."""

    name: str
    schedule: Schedule
    times: tuple[time, ...]  # when the scheduler starts it, ascending
    zone: str | None  # the zone of `times`; None: the machine's own clock
    jitter: int  # minutes by which the scheduler itself may delay it at random; 0: none
    words: tuple[str, ...]  # the command: an absolute path, and its arguments
    folder: str  # where it is started; absolute
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """What a job takes from the machine and from the process that installs it."""

    program: tuple[str, ...]  # how selfcheck is called
    environ: Mapping[str, str]
    machine: str  # tells this machine from others
    clock: LocalClock
    today: date


def parse_jitter(text: str) -> int:
    """Return how many minutes later a run may start, 12 hours at most; ValueError where it says none."""
    if text.strip() == "0":
        return 0
    return min(round(parse_duration(text).total_seconds() / 60), _MOST_JITTER)


def job_of(spec: ScheduleSpec, manager: Manager, context: JobContext) -> Job:
    """Return the job. Raise UsageError if this scheduler cannot do it."""
    times, zone = _times(spec, manager, context)
    environment = _kept(context.environ, spec.folder)
    options: list[str] = []
    if manager is Manager.WINDOWS:  # the Task Scheduler sets no environment
        options = [word for name, value in environment.items() for word in ("--set", f"{name}={value}")]
        environment = {}
    job = Job(
        name=spec.name,
        schedule=spec.schedule,
        times=times,
        zone=zone,
        jitter=spec.jitter if manager is Manager.SYSTEMD else 0,
        words=(*context.program, *_watch_words(spec, manager), *options, *spec.profiles),
        folder=str(spec.folder),
        environment=environment,
    )
    _refuse_what_cannot_be_written(job, manager)
    return job


def _times(spec: ScheduleSpec, manager: Manager, context: JobContext) -> tuple[tuple[time, ...], str | None]:
    """Return when the scheduler starts the job, and in which zone: only systemd knows time zones."""
    schedule = spec.schedule
    if manager is Manager.SYSTEMD and isinstance(schedule, DailyAt):
        return schedule.times, schedule.zone
    late = 0 if manager is Manager.SYSTEMD else own_minute(context.machine, spec.name, spec.jitter + 1)
    minute = own_minute(context.machine, spec.name, _HOUR)
    try:
        return triggers(schedule, minute=minute, late=late, clock=context.clock, today=context.today), None
    except ValueError as error:
        raise UsageError(
            f"No scheduler can be set to {schedule}: {error}.",
            next_step="`watch` in place of `schedule install` can do it.",
        ) from error


def _watch_words(spec: ScheduleSpec, manager: Manager) -> Iterator[str]:
    yield from ("watch", "--once", "--name", spec.name, *spec.schedule.options)
    yield from ("--profiles", str(spec.folder / spec.profiles_file))
    yield from ("--data", str(spec.absolute_data))
    if manager is not Manager.SYSTEMD:  # which has its journal
        yield from ("--log", str(spec.absolute_data.schedule_log(spec.name)))
    if spec.secrets is not None:
        yield from ("--secrets", str(spec.folder / spec.secrets))
    if spec.browser is not None:
        yield from ("--browser", _absolute(spec.browser, spec.folder))
    if spec.anonymous_only:
        yield "--anonymous-only"
    if spec.backup_on_incident:
        yield "--backup-on-incident"


def _kept(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    values = {name: environ[name] for name in KEPT_ENVIRONMENT if environ.get(name)}
    return {
        name: _absolute(value, folder) if name in _MAY_BE_A_WORD else str(folder / Path(value).expanduser())
        for name, value in values.items()
    }


def _absolute(text: str, folder: Path) -> str:
    """Return a path as an absolute one; a mere word, such as a browser's channel, stays as it is."""
    is_path = "/" in text or "\\" in text or text.startswith("~")
    return str(folder / Path(text).expanduser()) if is_path else text


def left_out(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of our variables that are set here and that a schedule does not take over."""
    ours = (name for name, value in environ.items() if name.startswith("SELFCHECK_") and value)
    return tuple(sorted(set(ours) - _OURS - set(KEPT_ENVIRONMENT)))


def _refuse_what_cannot_be_written(job: Job, manager: Manager) -> None:
    texts = (*job.words, job.folder, *job.environment.values())
    bad = next((text for text in texts if _CONTROL.search(text)), None)
    if bad is not None:
        raise UsageError(
            f"{bad!r} cannot be written into a schedule: it contains invisible characters.",
            next_step="Rename the folder or the file, or use others.",
        )
    expanded = next((text for text in texts if _EXPANDED_BY_WINDOWS.search(text)), None)
    if expanded is not None and manager is Manager.WINDOWS:
        raise UsageError(
            f"{expanded!r} cannot be written into a task of the Task Scheduler.",
            cause="It replaces whatever is between two % as a variable, and this cannot be turned off.",
            next_step="Rename the folder or the file, or use others.",
        )
