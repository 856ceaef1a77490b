"""The options that `watch` and `schedule install` share: when, what, and from where."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from selfcheck.cli.common import data_option, profiles_option

if TYPE_CHECKING:
    from selfcheck.core.request import Request
    from selfcheck.core.schedule import Schedule

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
    click.option("--anonymous-only", is_flag=True, help="Look as a stranger only; use no session."),
    click.option(
        "--secrets",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Lines of NAME=value for the run's environment; only you may be able to read it. Default:"
        " secrets.env in your config folder, if there is one.",
    ),
)


def timed(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say when, what and from where."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def checked_name(name: str) -> str:
    """Return the name of a schedule; fail where it can be none."""
    from selfcheck.schedule.spec import is_schedule_name

    if not is_schedule_name(name):
        raise click.UsageError(
            f"--name: {name!r} cannot be a schedule's name; take a-z, 0-9 and - between them, at most 40."
        )
    return name


def rhythm_from(every: str | None, at: tuple[str, ...], zone: str) -> "Schedule":
    """Return the rhythm that the options name; fail where they name none, or both."""
    from selfcheck.core.schedule import rhythm_of

    try:
        return rhythm_of(every=every, at=at, zone=zone if at else "UTC")
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None


def warn_if_too_often(rhythm: "Schedule", request: "Request") -> None:
    """Warn where a platform asks for more time between two runs than the rhythm leaves."""
    from selfcheck.runs.limits import too_often

    for warning in too_often(rhythm.gap, request.profiles):
        click.echo(f"Warning: {warning}", err=True)
