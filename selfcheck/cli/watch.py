"""`selfcheck watch`: run after run in the foreground; with --once, the run that a scheduler wants."""

import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import pass_hints
from selfcheck.cli.timing import checked_name, rhythm_from, timed, warn_if_too_often
from selfcheck.core.cli_hints import CommandHints

if TYPE_CHECKING:
    from collections.abc import Callable

    from selfcheck.core.request import Request
    from selfcheck.core.schedule import Schedule
    from selfcheck.runs.post_run import Telling
    from selfcheck.runs.watch import ClockReading, Watch
    from selfcheck.schedule.spec import ScheduleState
    from selfcheck.settings import Preferences
    from selfcheck.storage.lock import OwnedLock

_INTERRUPTED = 130


@click.command("watch")
@timed
@click.option(
    "--once", is_flag=True, help="Do the run that is due, if one is, and end: what a scheduler calls."
)
@click.option(
    "--browser",
    envvar="SELFCHECK_BROWSER",
    show_envvar=True,
    metavar="PATH|CHANNEL",
    help="A browser's path, or a channel such as chrome or msedge.",
)
@click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write what would be shown to this file, of which the last megabyte is kept.",
)
@click.option(
    "--set",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="A variable of the environment, for schedulers that can set none.",
)
@pass_hints
def command(
    hints: CommandHints,
    *,
    profiles: tuple[str, ...],
    every: str | None,
    at: tuple[str, ...],
    name: str,
    profiles_file: Path,
    data_dir: Path,
    anonymous_only: bool,
    secrets: Path | None,
    once: bool,
    browser: str | None,
    log: Path | None,
    variables: tuple[str, ...],
) -> int:
    """Look at each PROFILE (all, if none is named) again and again, until Ctrl-C.

    The first look is made at once, or at the first time that --at names. After sleep what was missed is
    made up for, once. Two watches of one name never run on the same data folder.

    Exit codes: 130 stopped; 2 usage or configuration, or another watch is running. With --once: that of
    the run, and 0 where none was due.
    """
    from selfcheck.core.request import RunOptions
    from selfcheck.settings import default_jobs, read_configuration

    if log is not None:
        _speak_into(log)
    _set_environment(variables, secrets)
    rhythm = rhythm_from(every, at, profiles_file)
    options = RunOptions(
        data_dir=data_dir,
        browser=browser or os.environ.get("SELFCHECK_BROWSER"),
        anonymous_only=anonymous_only,
        jobs=default_jobs(),
    )

    def request() -> "Request":
        """Read the file anew for each run, so that a change of it counts from the next one on."""
        return read_configuration(profiles_file).request(profiles, options, hints)

    asked = request()  # a mistake is told before anything is waited for
    if not once:
        warn_if_too_often(rhythm, asked)
    return _watch(rhythm, request, data_dir, checked_name(name), once=once)


def _watch(
    rhythm: "Schedule", request: "Callable[[], Request]", data_dir: Path, name: str, *, once: bool
) -> int:
    from selfcheck.storage.lock import LockHeldError

    try:
        with _lock(data_dir, name) as lock:
            if lock.left_by is not None:
                _say(f"The previous watch ({lock.left_by}) ended unexpectedly.")
            watch = _made(rhythm, request, data_dir, name, lock)
            return watch.once() if once else watch.forever()
    except LockHeldError as error:
        if not once:
            raise
        _say(f"{error.what} Nothing is done this time.")
        return 0
    except KeyboardInterrupt:
        _say("Stopped.")
        return _INTERRUPTED


def _lock(data_dir: Path, name: str) -> "OwnedLock":
    import platform as system

    from selfcheck.schedule.schedule_state import lock_path
    from selfcheck.storage.lock import OwnedLock, Owner

    return OwnedLock(
        lock_path(data_dir, name),
        owner=Owner(pid=os.getpid(), host=system.node(), at=datetime.now(UTC)),
        what=f"The schedule `{name}`",
        next_step="Wait for it to end or stop it; `--name` gives a second one a name of its own.",
    )


def _made(
    rhythm: "Schedule", request: "Callable[[], Request]", data_dir: Path, name: str, lock: "OwnedLock"
) -> "Watch":
    from selfcheck.cli.common import unattended_store
    from selfcheck.cli.run import run_and_show
    from selfcheck.errors import StorageError
    from selfcheck.runs.watch import Watch, WatchIO
    from selfcheck.schedule.schedule_state import read_turn, write_turn
    from selfcheck.settings import read_preferences

    meanwhile, first = Meanwhile(data_dir), request()
    sessions = unattended_store(() if first.options.anonymous_only else first.profiles, say=_say)

    def look() -> int:
        wanted = request()
        preferences = read_preferences(wanted.source) if wanted.source else None
        code = run_and_show(wanted, preferences, sessions=sessions)
        sys.stdout.flush()
        meanwhile.after(wanted, preferences)
        return code

    def keep(turn: "ScheduleState") -> None:
        try:
            write_turn(data_dir, turn)
        except StorageError as error:  # the watch goes on by what it remembers itself
            _say(" ".join(error.lines()))

    def alive(now: datetime) -> None:
        lock.touch(now)
        meanwhile(now)

    around = WatchIO(
        read=_moment,
        wait=time.sleep,
        look=look,
        online=lambda: _online(request),
        say=_say,
        keep=keep,
        alive=alive,
    )
    return Watch(rhythm, read_turn(data_dir, name), name=name, around=around)


class Meanwhile:
    """What is done between two runs: what waited for the end of quiet hours is told when they end."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._seen: datetime | None = None
        self._wishes: tuple[Preferences, Telling] | None = None  # those of the last run; before one: none

    def after(self, request: "Request", preferences: "Preferences | None") -> None:
        """Take over how the run that was just made tells people."""
        from selfcheck.cli.run import telling_of

        self._wishes = (preferences, telling_of(request)) if preferences else None

    def __call__(self, now: datetime) -> None:
        """Tell what is due, if quiet hours have ended since the last call."""
        from selfcheck.runs.post_run import after_quiet_hours

        before, self._seen = self._seen, now
        if before is None or self._wishes is None:
            return
        preferences, telling = self._wishes
        told = after_quiet_hours(
            before, data_dir=self._data_dir, preferences=preferences, now=now, telling=telling
        )
        for trouble in told:
            _say(trouble)


def _moment() -> "ClockReading":
    from selfcheck.runs.watch import ClockReading

    return ClockReading(wall=datetime.now(UTC), steady=time.monotonic())


def _online(request: "Callable[[], Request]") -> bool:
    """Return whether one of the platforms can be reached; the demo needs no network.

    Behind a proxy only the browser gets out, so nothing can be told without it.
    """
    from urllib.request import getproxies

    from selfcheck.doctor import homes, try_to_connect
    from selfcheck.errors import SelfcheckError
    from selfcheck.platforms.catalogue import load_platform

    if getproxies():
        return True
    try:
        profiles = request().profiles
        addresses = homes(profiles, {one.platform: load_platform(one.platform) for one in profiles})
    except SelfcheckError:
        return True  # the run itself says what is wrong with the file
    return not addresses or any(trouble is None for trouble in try_to_connect(addresses).values())


def _set_environment(variables: tuple[str, ...], secrets: Path | None) -> None:
    from selfcheck.settings.secrets import FILE, read_secrets

    for one in variables:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise click.UsageError("--set takes NAME=VALUE.")
        os.environ[name] = value
    path = secrets
    if path is None:
        from platformdirs import user_config_path

        usual = user_config_path("selfcheck", appauthor=False) / FILE
        path = usual if usual.exists() else None
    if path is not None:
        for name, value in read_secrets(path).items():
            os.environ.setdefault(name, value)


def _say(text: str) -> None:
    with suppress(OSError):  # a terminal that is gone must not end the watch
        click.echo(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {text}", err=True)


def _speak_into(path: Path) -> None:
    """Let all that is said from now on go to the end of a file."""
    from selfcheck.storage.files import open_log

    sys.stdout = sys.stderr = open_log(path)
