"""`selfcheck watch`: run after run in the foreground; with --once, the run that a scheduler wants."""

import os
import platform as system
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import getproxies

import click

from selfcheck.backup.service import check_installed
from selfcheck.cli.common import browser_option, gathered, pass_hints, take_secrets, unattended_store
from selfcheck.cli.run import alerting_of, backup_after, environment_of, run_in_terminal
from selfcheck.cli.timing import TimingArguments, timed, warn_if_too_often
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.core.schedule import Schedule
from selfcheck.doctor.checks import homes, try_to_connect
from selfcheck.errors import SelfcheckError, StorageError
from selfcheck.evidence.prune import prune_after_run
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.environment import RunEnvironment
from selfcheck.runs.service import Alerting, alert_after_quiet_hours
from selfcheck.runs.watch import ClockReading, Watch, WatchIO
from selfcheck.schedule.state import ScheduleState, read_state, write_state
from selfcheck.settings import Configuration, default_jobs, read_configuration
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import open_log
from selfcheck.storage.lock import LockHeldError, OwnedLock, Owner

_INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class WatchArguments(TimingArguments):
    """What the user typed after `selfcheck watch`."""

    once: bool
    browser: str | None
    log: Path | None
    variables: tuple[str, ...]


@click.command("watch")
@timed
@click.option("--once", is_flag=True, help="If a run is due, do it; then end. Schedulers call this.")
@browser_option()
@click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the output to this file instead; its last megabyte is kept.",
)
@click.option(
    "--set",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable of the environment, for schedulers that cannot.",
)
@pass_hints
@gathered(WatchArguments)
def command(hints: CommandHints, arguments: WatchArguments) -> int:
    """Check each PROFILE (all, if none is named) again and again, until Ctrl-C.

    The first run starts at once, or at the first time that --at names. After sleep, what was missed is made
    up for, once. Two watches of one name never run on the same data folder.

    Exit codes: 130 stopped; 2 usage or configuration, or another watch is running. With --once: those
    of the run, or 0 if none was due.
    """
    if arguments.log is not None:
        sys.stdout = sys.stderr = open_log(arguments.log)
    _set_environment(arguments.variables, arguments.secrets)
    configuration = read_configuration(arguments.profiles_file)  # a mistake is reported before any waiting
    schedule = arguments.schedule(configuration.preferences.time_zone)
    options = RunOptions(
        data_dir=arguments.data.path,
        browser=arguments.browser or os.environ.get("SELFCHECK_BROWSER"),
        anonymous_only=arguments.anonymous_only,
        jobs=default_jobs(),
    )
    request = configuration.request(arguments.profiles, options)
    name = arguments.checked_name()
    if arguments.backup_on_incident:
        check_installed()  # before any waiting, too
    if not arguments.once:
        warn_if_too_often(schedule, request)

    def make_runs() -> _WatchedRuns:
        """Ask for a passphrase, if one is needed, only when the watch is sure to start."""
        sessions = unattended_store(
            () if arguments.anonymous_only else request.profiles, say=_say, hints=hints
        )
        return _WatchedRuns(arguments, options, environment_of(hints, sessions), configuration)

    return _watch(arguments, schedule, name, make_runs)


def _watch(
    arguments: WatchArguments, schedule: Schedule, name: str, make_runs: Callable[[], "_WatchedRuns"]
) -> int:
    try:
        with _lock(arguments.data, name) as lock:
            if lock.left_by is not None:
                _say(f"The previous watch ({lock.left_by}) ended unexpectedly.")
            watch = _watch_of(schedule, make_runs(), arguments.data, name, lock)
            return watch.once() if arguments.once else watch.forever()
    except LockHeldError as error:
        if not arguments.once:
            raise
        _say(f"{error.what} Nothing is done this time.")
        return 0
    except KeyboardInterrupt:
        _say("Stopped.")
        return _INTERRUPTED


def _lock(data: DataFolder, name: str) -> OwnedLock:
    return OwnedLock(
        data.schedule_lock(name),
        owner=Owner(pid=os.getpid(), host=system.node(), at=datetime.now(UTC)),
        what=f"The schedule `{name}`",
        next_step="Wait for it to end or stop it; `--name` gives a second one a name of its own.",
    )


def _watch_of(
    schedule: Schedule, runs: "_WatchedRuns", data: DataFolder, name: str, lock: OwnedLock
) -> Watch:
    def keep(state: ScheduleState) -> None:
        try:
            write_state(data, state)
        except StorageError as error:  # the watch goes on by what it remembers itself
            _say(" ".join(error.lines()))

    def alive(now: datetime) -> None:
        lock.touch(now)
        runs.meanwhile(now)

    io = WatchIO(
        read=lambda: ClockReading(wall=datetime.now(UTC), steady=time.monotonic()),
        wait=time.sleep,
        look=runs.run,
        online=runs.online,
        say=_say,
        keep=keep,
        alive=alive,
        hints=runs.hints,
    )
    return Watch(schedule, read_state(data, name), name=name, io=io)


class _WatchedRuns:
    """The runs of a watch; each reads the profiles file again, so that a change counts from then on."""

    def __init__(
        self,
        arguments: WatchArguments,
        options: RunOptions,
        environment: RunEnvironment,
        configuration: Configuration,
    ) -> None:
        self._arguments = arguments
        self._options = options
        self._environment = environment
        self.hints = environment.hints
        self._configuration = configuration  # as it was last read
        self._alerting: Alerting | None = None  # that of the last run; before one: none
        self._seen: datetime | None = None

    def run(self) -> int:
        """Do one run and return its exit code."""
        self._configuration = read_configuration(self._arguments.profiles_file)
        request = self._configuration.request(self._arguments.profiles, self._options)
        alerting = alerting_of(self._configuration)
        afterwards = None
        if self._arguments.backup_on_incident:
            afterwards = backup_after(request, self._environment)
        code = run_in_terminal(request, self._environment, alerting, afterwards=afterwards)
        trouble = prune_after_run(
            DataFolder(self._options.data_dir),
            self._configuration.preferences.keep,
            now=self._environment.now(),
            hints=self.hints,
        )
        if trouble:
            _say(trouble)
        sys.stdout.flush()
        self._alerting = alerting
        return code

    def meanwhile(self, now: datetime) -> None:
        """Between two runs: send what waited for quiet hours, if they have ended since the last call."""
        before, self._seen = self._seen, now
        if before is None or self._alerting is None:
            return
        trouble = alert_after_quiet_hours(
            DataFolder(self._options.data_dir), self._alerting, self.hints, before=before, now=now
        )
        if trouble:
            _say(trouble)

    def online(self) -> bool:
        """Return whether one of the platforms can be reached."""
        return is_online(self._configuration.chosen(self._arguments.profiles))


def is_online(profiles: Sequence[ProfileRequest]) -> bool:
    """Return whether one of the profiles' platforms can be reached; the demo needs no network.

    Behind a proxy only the browser gets out, so nothing can be known without it.
    """
    if getproxies():
        return True
    try:
        addresses = homes(
            profiles, {profile.platform: load_platform(profile.platform) for profile in profiles}
        )
    except SelfcheckError:
        return True  # the run itself says what is wrong with a platform file
    return not addresses or any(trouble is None for trouble in try_to_connect(addresses).values())


def _set_environment(variables: tuple[str, ...], secrets: Path | None) -> None:
    for variable in variables:
        name, equals, value = variable.partition("=")
        if not equals or not name:
            raise click.UsageError("--set takes NAME=VALUE.")
        os.environ[name] = value
    take_secrets(secrets)


def _say(text: str) -> None:
    with suppress(OSError):  # a terminal that is gone must not end the watch
        click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {text}", err=True)
