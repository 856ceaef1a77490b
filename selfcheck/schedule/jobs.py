"""What is asked for, made into a job for a machine's scheduler. Pure: values in, values out.

Laws:
1. All paths in a job are absolute: a scheduler starts in no folder that anybody knows.
2. No value of a secret stands in a job: only the places of `KEPT_ENVIRONMENT` are taken over.
3. The scheduler starts it at all times that matter, and `watch --once` asks whether a run is due.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from selfcheck.core.schedule import DailyAt, Schedule
from selfcheck.core.secret_text import KEPT_ENVIRONMENT
from selfcheck.errors import UsageError
from selfcheck.schedule.quoting import expanded_by_windows, unwritable
from selfcheck.schedule.schedule_state import log_path
from selfcheck.schedule.spec import Job, Manager
from selfcheck.schedule.triggers import LocalClock, own_minute, triggers

_HOUR = 60
_MAYBE_NO_PLACE = frozenset({"SELFCHECK_BROWSER", "SELFCHECK_SANDBOX"})
_OURS = frozenset({"SELFCHECK_DATA", "SELFCHECK_CALLED", "SELFCHECK_DEBUG", "SELFCHECK_COMPLETE"})


@dataclass(frozen=True, kw_only=True)
class ScheduleSpec:
    """What the user asks to be scheduled."""

    name: str
    rhythm: Schedule
    jitter: int  # minutes
    profiles_file: Path
    data_dir: Path
    profiles: tuple[str, ...] = ()
    browser: str | None = None
    anonymous_only: bool = False
    secrets: Path | None = None
    folder: Path  # where the user is: all that is relative is so to this


def job_of(
    order: ScheduleSpec,
    manager: Manager,
    *,
    program: tuple[str, ...],
    environ: Mapping[str, str],
    machine: str,
    here: LocalClock,
    today: date,
) -> Job:
    """Return the job. Raises UsageError where this scheduler cannot be told so."""
    times, zone = _times(order, manager, machine=machine, here=here, today=today)
    kept = _kept(environ, order.folder)
    by_words = manager is Manager.WINDOWS  # the Task Scheduler knows no environment
    job = Job(
        name=order.name,
        rhythm=order.rhythm,
        times=times,
        zone=zone,
        jitter=order.jitter if manager is Manager.SYSTEMD else 0,
        words=(
            *program,
            *_watch_words(order, manager),
            *(_as_words(kept) if by_words else ()),
            *order.profiles,
        ),
        folder=str(order.folder),
        environment={} if by_words else kept,
    )
    _refuse_what_cannot_be_written(job, manager)
    return job


def _times(
    order: ScheduleSpec, manager: Manager, *, machine: str, here: LocalClock, today: date
) -> tuple[tuple[time, ...], str | None]:
    """Return when the scheduler starts the job, and whose times these are: only systemd knows time zones."""
    rhythm = order.rhythm
    if manager is Manager.SYSTEMD and isinstance(rhythm, DailyAt):
        return rhythm.times, rhythm.zone
    late = 0 if manager is Manager.SYSTEMD else own_minute(machine, order.name, order.jitter + 1)
    try:
        own = own_minute(machine, order.name, _HOUR)
        return triggers(rhythm, minute=own, late=late, here=here, today=today), None
    except ValueError as error:
        raise UsageError(
            f"No scheduler can be told {rhythm}: {error}.",
            next_step="`watch` in place of `schedule install` can do it.",
        ) from error


def _as_words(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        yield from ("--set", f"{name}={value}")


def _watch_words(order: ScheduleSpec, manager: Manager) -> tuple[str, ...]:
    words = ["watch", "--once", "--name", order.name, *order.rhythm.options]
    words += ["--profiles", str(order.folder / order.profiles_file)]
    data_dir = order.folder / order.data_dir
    words += ["--data", str(data_dir)]
    if manager is not Manager.SYSTEMD:  # which has its journal
        words += ["--log", str(log_path(data_dir, order.name))]
    if order.secrets is not None:
        words += ["--secrets", str(order.folder / order.secrets)]
    if order.browser is not None:
        words += ["--browser", _place(order.browser, order.folder)]
    return (*words, *(["--anonymous-only"] if order.anonymous_only else []))


def _kept(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    found = {name: environ[name] for name in KEPT_ENVIRONMENT if environ.get(name)}
    words = {name: _place(value, folder) for name, value in found.items() if name in _MAYBE_NO_PLACE}
    return {name: str(folder / Path(value).expanduser()) for name, value in found.items()} | words


def _place(text: str, folder: Path) -> str:
    """Return a path as an absolute one; a mere word, such as a browser's channel, stays as it is."""
    is_path = "/" in text or "\\" in text or text.startswith("~")
    return str(folder / Path(text).expanduser()) if is_path else text


def left_out(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of our variables that are set here and that a schedule does not take over."""
    ours = (name for name, value in environ.items() if name.startswith("SELFCHECK_") and value)
    return tuple(sorted(set(ours) - _OURS - set(KEPT_ENVIRONMENT)))


def _refuse_what_cannot_be_written(job: Job, manager: Manager) -> None:
    texts = (*job.words, job.folder, *job.environment.values())
    bad = unwritable(texts)
    if bad is not None:
        raise UsageError(
            f"A scheduler cannot be told {bad!r}: it holds characters that cannot be seen.",
            next_step="Rename the folder or the file, or use others.",
        )
    expanded = expanded_by_windows(texts) if manager is Manager.WINDOWS else None
    if expanded is not None:
        raise UsageError(
            f"The Task Scheduler cannot be told {expanded!r}.",
            cause="It takes what stands between two % for a variable, and knows no way to say otherwise.",
            next_step="Rename the folder or the file, or use others.",
        )
