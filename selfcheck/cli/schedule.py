"""`selfcheck schedule`: let the machine start runs by itself, show their status, and remove them."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from platformdirs import user_config_path

from selfcheck.cli.common import gathered, pass_hints
from selfcheck.cli.timing import TimingArguments, timed, warn_if_too_often
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import RunOptions
from selfcheck.core.times import parse_duration
from selfcheck.schedule.host import Invocation, host_paths, program_words, run_scheduler
from selfcheck.schedule.jobs import JobContext, ScheduleSpec, job_of, left_out
from selfcheck.schedule.service import InstalledStatus, ScheduleService
from selfcheck.schedule.state import USUAL_NAME, Manager
from selfcheck.settings import read_configuration
from selfcheck.settings.secrets import FILE

_WILL_NOT_RUN = 1
_MOST_JITTER = 12 * 60  # minutes
_RESULTS = {
    0: "all visible",
    1: "something is hidden, suspended, limited or missing",
    2: "usage or configuration error",
    3: "inconclusive",
    4: "it failed",
    130: "it was interrupted",
}


@click.group(name="schedule")
def command() -> None:
    """Let this machine start a run by itself: with systemd, cron, launchd or the Task Scheduler.

    A scheduled run does what `selfcheck run` does. No secret is written into a schedule.
    """


@dataclass(frozen=True, kw_only=True)
class InstallArguments(TimingArguments):
    """The values of the options of `schedule install`."""

    browser: str | None
    jitter: str
    manager: str | None
    printed: bool


@command.command(name="install")
@timed
@click.option(
    "--browser", metavar="PATH|CHANNEL", help="A browser's path, or a channel such as chrome or msedge."
)
@click.option(
    "--jitter",
    default="10m",
    show_default=True,
    metavar="TIME",
    help="How much later than its time a run may start, so that not everybody checks in the same minute; 0"
    " for none.",
)
@click.option(
    "--with",
    "manager",
    type=click.Choice([manager.value for manager in Manager]),
    help="What starts the runs; default: what this machine has.",
)
@click.option("--print", "printed", is_flag=True, help="Show what would be written, and write nothing.")
@pass_hints
@gathered(InstallArguments)
def install(hints: CommandHints, arguments: InstallArguments) -> int:
    """Let this machine check each PROFILE (all, if none is named) by itself.

    A schedule of the same name is replaced. A run that was missed while the machine slept is made up for,
    once; only cron cannot do that.
    """
    configuration = read_configuration(arguments.profiles_file)
    spec = ScheduleSpec(
        name=arguments.checked_name(),
        schedule=arguments.schedule(configuration.preferences.time_zone),
        jitter=_minutes(arguments.jitter),
        profiles_file=arguments.profiles_file,
        data=arguments.data,
        profiles=arguments.profiles,
        browser=arguments.browser,
        anonymous_only=arguments.anonymous_only,
        backup_on_incident=arguments.backup_on_incident,
        secrets=arguments.secrets,
        folder=Path.cwd(),
    )
    request = configuration.request(spec.profiles, RunOptions(data_dir=spec.data.path))
    warn_if_too_often(spec.schedule, request)
    service, now = _service(), datetime.now(UTC)
    manager = Manager(arguments.manager) if arguments.manager else service.usual_manager()
    job = job_of(spec, manager, _context(spec, manager, hints, now))
    if arguments.printed:
        for path, text in service.preview(job, manager):
            click.echo(f"# {path}", err=True)
            click.echo(text)
        return 0
    outcome = service.install(job, manager, data=spec.absolute_data, now=now)
    state = "Installed" if outcome.changed else "Already installed and unchanged:"
    click.echo(f"{state} {spec.name}: {spec.schedule}, with {manager}.")
    for file in outcome.installed.files:
        click.echo(f"  {file}")
    for line in _notes(spec, manager):
        click.echo(line)
    (status,) = service.statuses(now, spec.name)
    if status.next_due is not None:
        click.echo(f"Next run: {_next(status, status.next_due)}.")
    click.echo(f"To see its status: {hints.command('schedule', 'status')}")
    return 0


def _context(spec: ScheduleSpec, manager: Manager, hints: CommandHints, now: datetime) -> JobContext:
    invocation = Invocation(
        called=hints.program, script=sys.argv[0], python=sys.executable, folder=spec.folder
    )
    paths = host_paths(os.environ)
    return JobContext(
        program=program_words(invocation, windows=manager is Manager.WINDOWS),
        environ=os.environ,
        machine=paths.machine,
        clock=paths.clock,
        today=now.date(),
    )


@command.command(name="status")
@click.option("--name", metavar="NAME", help="Only this schedule.")
@pass_hints
def status(hints: CommandHints, name: str | None) -> int:
    """Show for each schedule whether it is installed, when it last ran, and when it is due next.

    Exit codes: 0 all will run; 1 at least one will not.
    """
    statuses = _service().statuses(datetime.now(UTC), name)
    if not statuses:
        click.echo("No schedule is installed." if name is None else f"No schedule `{name}` is installed.")
        click.echo(f"To install one: {hints.command('schedule', 'install', '--every', '12h')}")
        return 0
    for installed in statuses:
        for line in _status_lines(installed, hints):
            click.echo(line)
    return 0 if not any(installed.trouble for installed in statuses) else _WILL_NOT_RUN


@command.command(name="remove")
@click.option("--name", default=USUAL_NAME, show_default=True, metavar="NAME", help="Which schedule.")
def remove(name: str) -> int:
    """Remove a schedule from this machine. Its runs stay."""
    removed = _service().remove(name)
    click.echo(f"Removed the schedule {name} from {removed.manager}. The runs in {removed.data} stay.")
    return 0


def _service() -> ScheduleService:
    return ScheduleService(host_paths(os.environ), run_scheduler)


def _minutes(text: str) -> int:
    if text.strip() == "0":
        return 0
    try:
        return min(round(parse_duration(text).total_seconds() / 60), _MOST_JITTER)
    except ValueError as error:
        raise click.UsageError(f"--jitter: {error}.") from None


def _notes(spec: ScheduleSpec, manager: Manager) -> Iterator[str]:
    """Yield what the user should know of this scheduler and of secrets."""
    names = left_out(os.environ)
    if names:
        secrets = spec.secrets or user_config_path("selfcheck", appauthor=False) / FILE
        yield (
            f"Set here and not written into the schedule, since they may be secrets: {', '.join(names)}."
            f" A scheduled run takes them from {secrets} (lines of NAME=value; chmod 600)."
        )
    if manager is Manager.SYSTEMD:
        yield "It runs while you are signed in. To let it run when you are not: loginctl enable-linger"
    elif manager is Manager.CRON:
        yield "Cron never catches up: a time at which this machine is off or asleep is missed."
    else:
        yield "It runs while you are signed in."


def _status_lines(status: InstalledStatus, hints: CommandHints) -> Iterator[str]:
    installed, state = status.installed, status.state
    yield f"{installed.name}: {installed.schedule}, with {installed.manager}"
    if status.known:
        yield f"  {installed.manager} knows it."
    if status.trouble:
        remove = hints.command("schedule", "remove", "--name", installed.name)
        yield f"  It will not run: {status.trouble}. Install it again, or: {remove}"
    if state is None or state.last_started is None:
        yield "  It has not run yet."
    elif state.last_ended is None or state.last_ended < state.last_started:
        started = _both_clocks(state.last_started)
        yield f"  A run started {started} and has not ended; it is running, or was cut off."
    else:
        result = _RESULTS.get(state.last_exit_code or 0, "unknown")
        yield f"  Last run: {_both_clocks(state.last_started)}; {result} (exit code {state.last_exit_code})."
    if status.next_due is not None:
        yield f"  Next run: {_next(status, status.next_due)}."
    yield f"  Runs are kept in {installed.data}."


def _next(status: InstalledStatus, due: datetime) -> str:
    jitter = status.installed.jitter
    return _both_clocks(due) + (f", up to {jitter} minutes later" if jitter else "")


def _both_clocks(moment: datetime) -> str:
    """Return a moment as the machine's own clock shows it, and in UTC."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M} here ({moment.astimezone(UTC):%H:%M} UTC)"
