"""`selfcheck fleet`: many profiles, many workers, one polite guest."""

import asyncio
import os
import socket
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import (
    WholeNumber,
    browser_option,
    data_option,
    gathered,
    pass_hints,
    profiles_option,
)
from selfcheck.cli.run import environment_of
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.times import minute, parse_duration, plural
from selfcheck.errors import UsageError
from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from collections.abc import Callable

    from selfcheck.fleet.status import FleetStatus

_DATA = data_option("Where the fleet's address, its own database and its evidence are.")
_SHORTEST = timedelta(minutes=1)


class Duration(click.ParamType[timedelta]):
    """A time span such as 24h, 90m or 7d."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the span; fail on anything else."""
        if isinstance(value, timedelta):
            return value
        try:
            span = parse_duration(str(value))
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return max(span, _SHORTEST)


class Permission(click.ParamType[tuple[str, str, date]]):
    """A platform, who gave a permission, and when: `medium=Jane of Medium, 2026-05-01`."""

    name = "PLATFORM=WHO,DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str, date]:
        """Return the three parts; fail where one is missing."""
        platform, _, rest = str(value).partition("=")
        who, _, day = rest.rpartition(",")
        try:
            on = date.fromisoformat(day.strip())
        except ValueError:
            self.fail(
                f"{value!r} does not end in a date, as in `medium=Jane of Medium, 2026-05-01`", param, ctx
            )
        if not platform.strip() or not who.strip():
            self.fail(f"{value!r} does not say which platform and who permitted it", param, ctx)
        return platform.strip(), who.strip(), on


@click.group("fleet")
def command() -> None:
    """Check many profiles with many workers, on one machine or several.

    The workers share one database, and through it the pace, the day's limit and the pauses of each platform.
    Needs the extra `fleet`. docs/fleet.md shows it step by step.
    """


@command.command("init")
@click.argument("dsn", required=False, metavar="[DSN]")
@click.option("--embedded", is_flag=True, help="As root too: make a system user for the embedded PostgreSQL.")
@_DATA
def init(*, dsn: str | None, embedded: bool, data: DataFolder) -> None:
    """Make the fleet's tables in the PostgreSQL at DSN; without one, in an embedded PostgreSQL.

    The embedded one is real, lies in the data folder, and is for one machine.
    """
    from selfcheck.fleet.database import found_fleet

    fleet = found_fleet(data, dsn, embedded=embedded)
    where = "an embedded PostgreSQL" if fleet.server else "the database that you named"
    click.echo(f"The fleet of {data} is ready, in {where}.")


@command.command("add")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--permission",
    "permissions",
    type=Permission(),
    multiple=True,
    help="Record that a platform whose rules forbid programs permits yours.",
)
@_DATA
def add(*, file: Path, permissions: tuple[tuple[str, str, date], ...], data: DataFolder) -> None:
    """Add the profiles of FILE, in the form of profiles.yaml or CSV; known names are replaced.

    Each profile needs `basis` (own or consent) and `basis_date`.
    """
    from selfcheck.fleet.database import open_fleet
    from selfcheck.fleet.members import add_members, permit, read_members, without_permission

    members = read_members(file)
    with open_fleet(data).connect() as connection:
        for platform, who, on in permissions:
            permit(connection, platform, who, on)
        number = add_members(connection, members)
        forbidden = without_permission(connection)
    click.echo(f"{plural(len(members), 'profile')} added; the fleet has {number}.")
    if forbidden:
        click.echo(_forbidden_words(forbidden), err=True)


@command.command("plan")
@click.option("--every", type=Duration(), default="24h", show_default=True, help="How often each is checked.")
@profiles_option("The file whose `settings:` name the alert channels; it may be missing.")
@_DATA
def plan(*, every: timedelta, profiles_file: Path, data: DataFolder) -> None:
    """Give every profile the slot that is due now, and send one message about each finished slot.

    Asking again changes nothing. Let a timer ask once an hour.
    """
    from selfcheck.alerts.configured_channels import Environment
    from selfcheck.fleet.database import open_fleet
    from selfcheck.fleet.planning import plan as plan_slots
    from selfcheck.fleet.status import tell_slots
    from selfcheck.settings import read_preferences

    preferences = read_preferences(profiles_file)
    environment = Environment.of_process(click.echo, sleep)
    with open_fleet(data).connect() as connection:
        tell_slots(connection, preferences, environment, click.echo)
        planned = plan_slots(connection, every)
    click.echo(f"Slot of {minute(planned.due)}: {plural(planned.added, 'profile')} added.")
    if planned.unfinished:
        click.echo(f"{plural(planned.unfinished, 'profile')} left out: an earlier slot is not done yet.")


@dataclass(frozen=True, kw_only=True)
class _WorkArguments:
    jobs: int
    address: str | None
    rotation: timedelta
    until_empty: bool
    anonymous_only: bool
    browser: str | None
    profiles_file: Path
    data: DataFolder


@command.command("work")
@click.option(
    "--jobs", type=WholeNumber(min=1), default=4, show_default=True, help="Profiles in hand at once."
)
@click.option(
    "--address",
    metavar="NAME",
    help="The network address that it looks from; machines behind one address share a name. Default: the"
    " machine's name.",
)
@click.option(
    "--rotation",
    type=Duration(),
    default="7d",
    show_default=True,
    help="Look from both viewpoints at least so often, even if nothing changed.",
)
@click.option("--until-empty", is_flag=True, help="End when no slot is left.")
@click.option("--anonymous-only", is_flag=True, help="Open pages logged out only; use no session.")
@browser_option()
@profiles_option("The file whose `settings:` name the browser and what is kept; it may be missing.")
@_DATA
@pass_hints
@gathered(_WorkArguments)
def work(hints: CommandHints, arguments: _WorkArguments) -> None:
    """Be a worker: take profiles that are due and check them, until Ctrl-C, `drain` or `stop`.

    Sessions are those of this machine; without one, a profile is checked logged out only.
    """
    from selfcheck.cli.progress import PlainProgress, log_through
    from selfcheck.core.request import RunOptions
    from selfcheck.fleet.database import open_fleet
    from selfcheck.fleet.looking import work_with_browsers
    from selfcheck.fleet.members import without_permission
    from selfcheck.fleet.worker import WorkerOptions
    from selfcheck.settings import read_preferences

    if sys.platform == "win32":
        raise UsageError(
            "A worker does not run on Windows.",
            cause="The browser and the database need event loops there that exclude each other.",
            next_step="Run it on Linux, in WSL or on macOS; the other commands of `fleet` do work.",
        )
    preferences = read_preferences(arguments.profiles_file)
    log_through(PlainProgress(), debug=os.environ.get("SELFCHECK_DEBUG") == "1")
    fleet, data = open_fleet(arguments.data), arguments.data
    with fleet.connect() as connection:
        forbidden = without_permission(connection)
    if forbidden:
        raise UsageError(
            _forbidden_words(forbidden),
            next_step=lambda hints: (
                "Record a permission:"
                f" `{hints.command('fleet', 'add', 'FILE', '--permission', 'PLATFORM=WHO, DATE')}`, or remove"
                f" these profiles: `{hints.command('fleet', 'forget', 'PROFILE')}`."
            ),
        )
    worker_options = WorkerOptions(
        dsn=fleet.dsn,
        address=arguments.address or socket.gethostname(),
        jobs=arguments.jobs,
        rotation=arguments.rotation,
        until_empty=arguments.until_empty,
    )
    run_options = preferences.applied_to(
        RunOptions(
            data_dir=data.path, browser=arguments.browser, anonymous_only=arguments.anonymous_only, jobs=2
        )
    )
    environment, say = environment_of(hints), partial(click.echo, err=True)
    results = asyncio.run(work_with_browsers(run_options, worker_options, environment, say))
    click.echo(f"{plural(results, 'result')} written.")


@command.command("status")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "prometheus"]), default="text", show_default=True
)
@_DATA
def status(*, form: str, data: DataFolder) -> None:
    """Show what is due and late, the last results, and how each platform stands."""
    from selfcheck.fleet import render_status
    from selfcheck.fleet.database import open_fleet
    from selfcheck.fleet.status import fleet_status

    forms: dict[str, Callable[[FleetStatus], str]] = {
        "text": render_status.status_text,
        "json": render_status.status_json,
        "prometheus": render_status.status_prometheus,
    }
    with open_fleet(data).connect() as connection:
        click.echo(forms[form](fleet_status(connection)), nl=False)


@command.command("collect")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A data folder of its own.",
)
@_DATA
@pass_hints
def collect(hints: CommandHints, *, target: Path, data: DataFolder) -> None:
    """Bring the runs' folders of this machine to DIR, with one history and one page over all profiles."""
    from selfcheck.fleet.collecting import collect as bring
    from selfcheck.fleet.database import open_fleet

    with open_fleet(data).connect() as connection:
        collected = bring(connection, data, target)
    click.echo(f"{plural(collected.profiles, 'profile')} in {collected.index}")
    click.echo(f"{plural(collected.runs, 'run')} in {target}; `{hints.command('report')} --data {target}`")
    if collected.elsewhere:
        click.echo(
            f"{plural(collected.elsewhere, 'run')} on other machines: run this there, with the same DIR."
        )


@command.command("forget")
@click.argument("profile")
@_DATA
def forget(*, profile: str, data: DataFolder) -> None:
    """Delete all that the fleet knows of PROFILE, and its evidence on this machine."""
    from selfcheck.fleet.database import open_fleet
    from selfcheck.fleet.members import forget as delete

    with open_fleet(data).connect() as connection:
        delete(connection, data, profile)
    click.echo(f"{profile} is forgotten. Evidence on other machines: run this there, too.")


@command.command("drain")
@_DATA
def drain(*, data: DataFolder) -> None:
    """Let the workers that run now finish what they have in hand, and end."""
    from selfcheck.fleet.database import open_fleet
    from selfcheck.fleet.planning import drain as order

    with open_fleet(data).connect() as connection:
        order(connection)
    click.echo("The workers end when what they have in hand is done.")


@command.command("stop")
@_DATA
def stop(*, data: DataFolder) -> None:
    """Let the workers give back what they have in hand and end; an embedded database ends too."""
    from selfcheck.fleet.database import open_fleet
    from selfcheck.fleet.planning import stop as order
    from selfcheck.fleet.planning import wait_for_workers

    fleet = open_fleet(data)
    with fleet.connect() as connection:
        order(connection)
        wait_for_workers(connection, sleep)
    if fleet.server:
        fleet.server.stop()
        click.echo("The embedded PostgreSQL is stopped; the next command starts it again.")
    click.echo("The workers have ended.")


def _forbidden_words(platforms: tuple[str, ...]) -> str:
    return (
        f"The rules of {', '.join(platforms)} forbid programs, and no permission is recorded: no page of"
        " theirs is opened."
    )
