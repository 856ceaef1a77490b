"""The machine as scheduling sees it: its programs, its folders, and how selfcheck is called on it."""

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from platformdirs import user_config_path

from selfcheck.errors import SchedulerError
from selfcheck.schedule.jobs import JobContext
from selfcheck.schedule.state import Manager
from selfcheck.schedule.triggers import LocalClock
from selfcheck.storage.child_process import CommandResult, run_program

_PATIENCE_SECONDS = 60

NOT_FOUND = 127
"""What a shell answers where there is no such program."""


class CommandRunner(Protocol):
    """Runs a program and waits for it."""

    def __call__(self, words: Sequence[str], given: bytes | None = None) -> CommandResult:
        """Run the words with `given` on standard input, and return what came of it."""


@dataclass(frozen=True, kw_only=True)
class HostPaths:
    """The folders of schedules on this machine, and what tells it and its user from others."""

    register: Path  # what is installed, and files of schedulers that have no folder for them
    units: Path  # of systemd's user manager
    agents: Path  # of launchd
    user: int  # launchd names its domain by it
    machine: str  # tells this machine from others
    clock: LocalClock


def run_scheduler(words: Sequence[str], given: bytes | None = None) -> CommandResult:
    """Run a scheduler's own program and wait for it, at most a minute; what fails is an answer, too."""
    try:
        return run_program(words, seconds=_PATIENCE_SECONDS, given=given)
    except FileNotFoundError:
        return CommandResult(code=NOT_FOUND, err=f"there is no program {words[0]} on this machine")
    except OSError as error:
        return CommandResult(code=1, err=str(error))


def host_paths(environ: Mapping[str, str]) -> HostPaths:
    """Return the folders of this machine, for this user."""
    config = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        machine = ""
    return HostPaths(
        register=user_config_path("selfcheck", appauthor=False) / "schedules",
        units=config / "systemd" / "user",
        agents=Path.home() / "Library" / "LaunchAgents",
        user=os.getuid() if sys.platform != "win32" else 0,
        machine=machine or platform.node(),
        clock=LocalClock(),
    )


def job_context(
    manager: Manager, called: str, now: datetime, environ: Mapping[str, str], paths: HostPaths | None = None
) -> JobContext:
    """Return what a job takes from this machine and process; `called` is how the user calls selfcheck."""
    invocation = Invocation(called=called, script=sys.argv[0], python=sys.executable, folder=Path.cwd())
    paths = paths or host_paths(environ)
    return JobContext(
        program=program_words(invocation, windows=manager is Manager.WINDOWS),
        environ=environ,
        machine=paths.machine,
        clock=paths.clock,
        today=now.date(),
    )


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """How this process was started."""

    called: str  # as the user types it: `selfcheck`, `python3 bootstrap.py`
    script: str  # sys.argv[0]
    python: str  # sys.executable
    folder: Path
    find: Callable[[str], str | None] = shutil.which


def program_words(invocation: Invocation, *, windows: bool) -> tuple[str, ...]:
    """Return how selfcheck is called, in absolute paths, as a scheduler needs it.

    On Windows it is the Python without a window of its own, or a black one would open at every run.
    """
    if windows:
        python = Path(invocation.python)
        silent = python.with_name("pythonw.exe")
        return (str(silent if silent.exists() else python), "-m", "selfcheck")
    program, *script_words = shlex.split(invocation.called)
    if script_words:  # python3 bootstrap.py
        path = invocation.find(program)
        if path is None:
            raise SchedulerError(
                f"The program `{program}`, with which you called selfcheck, is not on the PATH.",
                next_step="Call it by its full path.",
            )
        return tuple(str(invocation.folder / word) for word in (path, *script_words))
    script = invocation.folder / invocation.script
    if script.name == "selfcheck" and os.access(script, os.X_OK):
        return (str(script),)
    return (invocation.python, "-m", "selfcheck")
