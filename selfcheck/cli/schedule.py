"""`selfcheck schedule`: let the machine itself start a run, see how that stands, and take it out again."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import pass_hints
from selfcheck.cli.timing import checked_name, rhythm_from, timed, warn_if_too_often
from selfcheck.core.cli_hints import CommandHints

if TYPE_CHECKING:
    from selfcheck.schedule.jobs import ScheduleSpec
    from selfcheck.schedule.service import InstalledStatus, Scheduling
    from selfcheck.schedule.spec import Job, Manager

_WILL_NOT_RUN = 1
_MANAGERS = ("systemd", "cron", "launchd", "task-scheduler")
_RESULTS = {
    0: "all visible",
    1: "something was found",
    2: "it could not be followed",
    3: "it could not be told",
    4: "it failed",
    130: "it was interrupted",
}


@click.group(name="schedule")
def command() -> None:
    """Let this machine start a run by itself: with systemd, cron, launchd or the Task Scheduler.

    A scheduled run does what `selfcheck run` does. No secret is written into a schedule.
    """


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
    help="How much later than its time a run may start, so that not everybody looks in the same minute; 0 for"
    " none.",
)
@click.option(
    "--with",
    "manager",
    type=click.Choice(_MANAGERS),
    help="Who starts it; default: whoever does on this machine.",
)
@click.option("--print", "printed", is_flag=True, help="Show what would be written, and write nothing.")
@pass_hints
def install(
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
    browser: str | None,
    jitter: str,
    manager: str | None,
    printed: bool,
) -> int:
    """Let this machine look at each PROFILE (all, if none is named) by itself.

    A schedule of the same name is replaced. What was missed while the machine slept is made up for, once;
    only cron cannot do that.
    """
    from selfcheck.core.request import RunOptions
    from selfcheck.schedule.jobs import ScheduleSpec
    from selfcheck.settings import read_configuration

    configuration = read_configuration(profiles_file)
    rhythm = rhythm_from(every, at, configuration.preferences.time_zone)
    request = configuration.request(profiles, RunOptions(data_dir=data_dir))
    warn_if_too_often(rhythm, request)
    order = ScheduleSpec(
        name=checked_name(name),
        rhythm=rhythm,
        jitter=_minutes(jitter),
        profiles_file=profiles_file,
        data_dir=data_dir,
        profiles=profiles,
        browser=browser,
        anonymous_only=anonymous_only,
        secrets=secrets,
        folder=Path.cwd(),
    )
    return _install(order, manager, hints, printed=printed)


@command.command(name="status")
@click.option("--name", metavar="NAME", help="Only this schedule.")
@pass_hints
def status(hints: CommandHints, name: str | None) -> int:
    """Say of each schedule whether the machine knows it, when it last ran, and when it is due next.

    Exit code 0: all will run. 1: one is installed that will not.
    """
    standings = _scheduling().standings(datetime.now(UTC), name)
    if not standings:
        click.echo("No schedule is installed." if name is None else f"No schedule `{name}` is installed.")
        click.echo(f"To install one: {hints.command('schedule', 'install', '--every', '12h')}")
        return 0
    for standing in standings:
        for line in _standing_lines(standing, hints):
            click.echo(line)
    return 0 if not any(standing.trouble for standing in standings) else _WILL_NOT_RUN


@command.command(name="remove")
@click.option("--name", default="default", show_default=True, metavar="NAME", help="Which schedule.")
def remove(name: str) -> int:
    """Take a schedule out of this machine, and nothing else. Its runs stay."""
    removed = _scheduling().remove(name)
    click.echo(f"Removed the schedule {name} from {removed.manager}. The runs in {removed.data_dir} stay.")
    return 0


def _install(order: "ScheduleSpec", wanted: str | None, hints: CommandHints, *, printed: bool) -> int:
    from selfcheck.schedule.spec import Manager

    scheduling = _scheduling()
    manager = Manager(wanted) if wanted else scheduling.usual_manager()
    job = _job(order, manager, hints)
    if printed:
        for path, text in scheduling.shown(job, manager):
            click.echo(f"# {path}", err=True)
            click.echo(text)
        return 0
    now = datetime.now(UTC)
    outcome = scheduling.install(job, manager, data_dir=order.folder / order.data_dir, now=now)
    state = "Installed" if outcome.changed else "Already installed, and left as it is:"
    click.echo(f"{state} {order.name}: {order.rhythm}, with {manager}.")
    for file in outcome.installed.files:
        click.echo(f"  {file}")
    for line in _notes(order, manager):
        click.echo(line)
    (standing,) = scheduling.standings(now, order.name)
    if standing.next_due is not None:
        click.echo(f"Next run: {_shown(standing.next_due)}{_later(standing)}.")
    click.echo(f"How it stands: {hints.command('schedule', 'status')}")
    return 0


def _job(order: "ScheduleSpec", manager: "Manager", hints: CommandHints) -> "Job":
    from selfcheck.schedule.host import Invocation, places, program_words
    from selfcheck.schedule.jobs import job_of

    calling = Invocation(called=hints.program, script=sys.argv[0], python=sys.executable, folder=order.folder)
    here = places(os.environ)
    return job_of(
        order,
        manager,
        program=program_words(calling, windows=manager == "task-scheduler"),
        environ=os.environ,
        machine=here.machine,
        here=here.here,
        today=datetime.now(UTC).date(),
    )


def _scheduling() -> "Scheduling":
    from selfcheck.schedule.host import places, run_program
    from selfcheck.schedule.service import Scheduling

    return Scheduling(places(os.environ), run_program)


def _minutes(text: str) -> int:
    from selfcheck.core.times import parse_duration

    if text.strip() == "0":
        return 0
    try:
        return min(round(parse_duration(text).total_seconds() / 60), 12 * 60)
    except ValueError as error:
        raise click.UsageError(f"--jitter: {error}.") from None


def _notes(order: "ScheduleSpec", manager: "Manager") -> Iterator[str]:
    """Yield what the user should know of this scheduler and of secrets."""
    from selfcheck.schedule.jobs import left_out

    secret_file = order.secrets or _usual_secrets()
    names = left_out(os.environ)
    if names:
        yield (
            f"Set here and not written into the schedule, since they may be secrets: {', '.join(names)}."
            f" A scheduled run takes them from {secret_file} (lines of NAME=value; chmod 600)."
        )
    if manager == "systemd":
        yield "It runs while you are signed in. To let it run without: loginctl enable-linger"
    if manager == "cron":
        yield "Cron makes up for nothing: a time at which this machine is off or asleep is missed."
    if manager in {"launchd", "task-scheduler"}:
        yield "It runs while you are signed in."


def _usual_secrets() -> Path:
    from platformdirs import user_config_path

    from selfcheck.settings.secrets import FILE

    return user_config_path("selfcheck", appauthor=False) / FILE


def _standing_lines(standing: "InstalledStatus", hints: CommandHints) -> Iterator[str]:
    one, turn = standing.installed, standing.turn
    yield f"{one.name}: {one.rhythm}, with {one.manager}"
    if standing.known:
        yield f"  {one.manager} knows it."
    if standing.trouble:
        remove = hints.command("schedule", "remove", "--name", one.name)
        yield f"  It will not run: {standing.trouble}. Install it again, or: {remove}"
    if turn is None or turn.last_started is None:
        yield "  It has not run yet."
    elif turn.last_ended is None or turn.last_ended < turn.last_started:
        yield f"  A run began {_shown(turn.last_started)} and has not ended; it goes on, or was cut off."
    else:
        result = _RESULTS.get(turn.last_exit_code or 0, "unknown")
        yield f"  Last run: {_shown(turn.last_started)}; {result} (exit code {turn.last_exit_code})."
    if standing.next_due is not None:
        yield f"  Next run: {_shown(standing.next_due)}{_later(standing)}."
    yield f"  Runs are kept in {one.data_dir}."


def _later(standing: "InstalledStatus") -> str:
    jitter = standing.installed.jitter
    return f", up to {jitter} minutes later" if jitter else ""


def _shown(moment: datetime) -> str:
    """Return a moment as the machine's own clock shows it, and in UTC."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M} here ({moment.astimezone(UTC):%H:%M} UTC)"
