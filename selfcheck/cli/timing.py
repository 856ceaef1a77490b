"""The options that `watch` and `schedule install` share: when, what, and from where."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from selfcheck.cli.common import backup_option, data_option, profiles_option
from selfcheck.core.request import Request
from selfcheck.core.schedule import Schedule, parse_schedule
from selfcheck.runs.limits import too_often
from selfcheck.schedule.state import is_schedule_name
from selfcheck.storage.data_folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class TimingArguments:
    """The values of `timed`'s options."""

    profiles: tuple[str, ...]
    every: str | None
    at: tuple[str, ...]
    name: str
    profiles_file: Path
    data: DataFolder
    anonymous_only: bool
    backup_on_incident: bool
    secrets: Path | None

    def schedule(self, zone: str) -> Schedule:
        """Return the schedule that the options name, in this time zone; fail where they name none, or two."""
        try:
            return parse_schedule(every=self.every, at=self.at, zone=zone)
        except ValueError as error:
            raise click.UsageError(f"{error}.") from None

    def checked_name(self) -> str:
        """Return the schedule's name; fail where it cannot be one."""
        if not is_schedule_name(self.name):
            raise click.UsageError(
                f"--name: {self.name!r} cannot be a schedule's name; use a-z, 0-9 and - between them, at most"
                " 40."
            )
        return self.name


_OPTIONS = (
    click.argument("profiles", nargs=-1, metavar="[PROFILE]..."),
    click.option("--every", metavar="TIME", help="How often, such as 12h, 90m or 1d."),
    click.option(
        "--at",
        "at",
        multiple=True,
        metavar="HH:MM",
        help="At this time of the day, in the `time_zone` of the profiles file (UTC unless it says"
        " another); may be given several times.",
    ),
    click.option(
        "--name",
        default="default",
        show_default=True,
        metavar="NAME",
        help="What this schedule is called; a second one needs a name of its own.",
    ),
    profiles_option(),
    data_option(),
    click.option("--anonymous-only", is_flag=True, help="Check only as the public; use no session."),
    backup_option(),
    click.option(
        "--secrets",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Lines of NAME=value for the run's environment; only you may be allowed to read it. Default:"
        " secrets.env in your config folder, if there is one.",
    ),
)


def timed(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say when, what and from where."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def warn_if_too_often(schedule: Schedule, request: Request) -> None:
    """Warn where a platform asks for more time between two runs than the schedule leaves."""
    for warning in too_often(schedule.gap, request.profiles):
        click.echo(f"Warning: {warning}", err=True)
