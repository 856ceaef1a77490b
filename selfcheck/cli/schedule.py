"""`selfcheck schedule`: let the machine start runs by itself, show their status, and remove them."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from selfcheck.cli.common import gathered, pass_hints, show
from selfcheck.cli.timing import TimingArguments, timed, warn_if_too_often
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import RunOptions
from selfcheck.schedule.host import host_paths, job_context, run_scheduler
from selfcheck.schedule.jobs import ScheduleSpec, job_of, left_out, parse_jitter
from selfcheck.schedule.render_text import install_notes, next_words, status_sentences
from selfcheck.schedule.service import ScheduleService
from selfcheck.schedule.state import USUAL_NAME, Manager
from selfcheck.settings import read_configuration
from selfcheck.settings.secrets import usual_secrets

_WILL_NOT_RUN = 1


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

    def jitter_minutes(self) -> int:
        """Return how many minutes later a run may start; fail where the text says none."""
        try:
            return parse_jitter(self.jitter)
        except ValueError as error:
            raise click.UsageError(f"--jitter: {error}.") from None


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
        jitter=arguments.jitter_minutes(),
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
    job = job_of(spec, manager, job_context(manager, hints.program, now, os.environ))
    if arguments.printed:
        for path, text in service.preview(job, manager):
            click.echo(f"# {path}", err=True)
            click.echo(text)
        return 0
    outcome = service.install(job, manager, data=spec.absolute_data, now=now)
    state = "Installed" if outcome.changed else "Already installed and unchanged:"
    show(f"{state} {spec.name}: {spec.schedule}, with {manager}.")
    for file in outcome.installed.files:
        show(f"  {file}")
    secrets = spec.secrets or usual_secrets()
    for line in install_notes(manager, left_out(os.environ), str(secrets)):
        show(line)
    (status,) = service.statuses(now, spec.name)
    if status.next_due is not None:
        show(f"Next run: {next_words(status, status.next_due)}.")
    show(f"To see its status: {hints.command('schedule', 'status')}")
    return 0


@command.command(name="status")
@click.option("--name", metavar="NAME", help="Only this schedule.")
@pass_hints
def status(hints: CommandHints, name: str | None) -> int:
    """Show for each schedule whether it is installed, when it last ran, and when it is due next.

    Exit codes: 0 all will run; 1 at least one will not.
    """
    statuses = _service().statuses(datetime.now(UTC), name)
    if not statuses:
        show("No schedule is installed." if name is None else f"No schedule `{name}` is installed.")
        show(f"To install one: {hints.command('schedule', 'install', '--every', '12h')}")
        return 0
    for installed in statuses:
        schedule = installed.installed
        show(f"{schedule.name}: {schedule.schedule}, with {schedule.manager}")
        for line in status_sentences(installed, hints.command("schedule", "remove", "--name", schedule.name)):
            show(f"  {line}")
    return 0 if not any(installed.trouble for installed in statuses) else _WILL_NOT_RUN


@command.command(name="remove")
@click.option("--name", default=USUAL_NAME, show_default=True, metavar="NAME", help="Which schedule.")
def remove(name: str) -> int:
    """Remove a schedule from this machine. Its runs stay."""
    removed = _service().remove(name)
    show(f"Removed the schedule {name} from {removed.manager}. The runs in {removed.data} stay.")
    return 0


def _service() -> ScheduleService:
    return ScheduleService(host_paths(os.environ), run_scheduler)
