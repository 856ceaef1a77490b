"""A schedule: which run the machine starts by itself, when, and who starts it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from selfcheck.core.schedule import Schedule

USUAL_NAME = "default"
"""The schedule that is meant where none is named."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LONGEST_NAME = 40


def is_schedule_name(text: str) -> bool:
    """Return whether a schedule may be called so: it names files, units and tasks on every system."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


class Manager(StrEnum):
    """Who starts a scheduled run."""

    SYSTEMD = "systemd"
    CRON = "cron"
    LAUNCHD = "launchd"
    WINDOWS = "task-scheduler"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A schedule as it is handed to a machine's scheduler."""

    name: str
    rhythm: Schedule
    times: tuple[time, ...]  # when the scheduler starts it, ascending
    zone: str | None  # whose times these are; None: the machine's own clock
    jitter: int  # minutes that the scheduler itself may put it off by chance; 0: none
    words: tuple[str, ...]  # the command: an absolute path, and its arguments
    folder: str  # where it is started; absolute
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ScheduleState:
    """What is known of a schedule's runs; kept in the data folder."""

    name: str
    rhythm: str  # in words, as it was told
    since: datetime  # from when on there is this schedule (UTC)
    last_started: datetime | None = None
    last_ended: datetime | None = None  # earlier than last_started while a run goes on, or was cut off
    last_exit_code: int | None = None
    next_due: datetime | None = None  # of a watch; an installed schedule's is computed
    runs: int = 0
