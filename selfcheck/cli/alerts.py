"""`selfcheck alerts`: test the channels, tell what is due, and bring a repository's issues up to date."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import data_option, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import UsageError

if TYPE_CHECKING:
    from selfcheck.alerts.configured_channels import ConfiguredChannel, Environment
    from selfcheck.alerts.dispatch import DispatchContext, DispatchResult
    from selfcheck.core.history import Delivery

_NOT_ARRIVED = 1
_PROFILES = profiles_option("The file that names the profiles and, in `settings: alerts:`, the channels.")
_DATA = data_option()


@click.group("alerts")
def command() -> None:
    """Test the channels that you are told on, and tell what is due.

    Alerts are sent by themselves after every run; these commands are for setting them up, and for telling
    between two runs what waited for the end of the quiet hours.
    """


@command.command("test")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@_PROFILES
@_DATA
@pass_hints
def test(hints: CommandHints, *, channels: tuple[str, ...], profiles_file: Path, data_dir: Path) -> int:
    """Send a test notice to each CHANNEL (all, if none is named) and say which arrived.

    Exit codes: 0 all arrived; 1 one did not; 2 usage or configuration.
    """
    from selfcheck.alerts.dispatch import try_channels
    from selfcheck.history.service import open_history

    outside, occasion = _outside(), _occasion(profiles_file, data_dir, hints)
    lines = _chosen(_lines(occasion, outside), channels)
    arrived = True
    with open_history(data_dir) as history:
        for line, sent in try_channels(history, lines, occasion, outside):
            word = "arrived" if sent.ok else "NOT ARRIVED"
            click.echo(f"{line.name} ({line.kind}): {word}{': ' if sent.detail else ''}{sent.detail}")
            arrived = arrived and sent.ok
    return 0 if arrived else _NOT_ARRIVED


@command.command("send")
@_PROFILES
@_DATA
@pass_hints
def send(hints: CommandHints, *, profiles_file: Path, data_dir: Path) -> int:
    """Tell what is due now, without looking: what was held back, what did not arrive, and reminders.

    Exit codes: 0 all that was due arrived, or nothing was; 1 a channel could not be reached; 2 usage or
    configuration.
    """
    outside, occasion = _outside(), _occasion(profiles_file, data_dir, hints)
    return _shown(_told(occasion, _lines(occasion, outside), outside))


@command.command("issue")
@click.option("--repository", metavar="OWNER/NAME", help="Whose issues; default: as `gh` finds it.")
@click.option("--link", metavar="URL", help="Where the evidence can be read; stands in the issue.")
@_PROFILES
@_DATA
@pass_hints
def issue(
    hints: CommandHints, *, repository: str | None, link: str | None, profiles_file: Path, data_dir: Path
) -> int:
    """Bring a repository's issues up to date: one for each incident, by the program `gh`.

    It is opened once, commented on when the verdict changes, and closed on recovery. Doing it again changes
    nothing. For workflows; elsewhere a channel of kind github-issue does the same after every run.

    Exit codes: 0 done; 1 `gh` could not do it; 2 usage or configuration.
    """
    from dataclasses import replace

    from selfcheck.alerts.configured_channels import github_line
    from selfcheck.settings import web_address

    if link is not None:
        _checked_link(link, web_address)
    outside = _outside()
    occasion = replace(_occasion(profiles_file, data_dir, hints), link=link)
    line = github_line(repository, occasion.preferences.alerts, outside.environ)
    return _shown(_told(occasion, (line,), outside))


def _occasion(profiles_file: Path, data_dir: Path, hints: CommandHints) -> "DispatchContext":
    """Return now, and about whom is told; the file with the profiles has to be there."""
    from selfcheck.alerts.dispatch import DispatchContext
    from selfcheck.settings import read_configuration

    configuration = read_configuration(profiles_file)
    names = tuple(one.name for one in configuration.profiles)
    return DispatchContext(
        data_dir=data_dir,
        preferences=configuration.preferences,
        now=datetime.now(UTC),
        profiles=names,
        source=profiles_file,
        hints=hints,
    )


def _outside() -> "Environment":
    from time import sleep

    from selfcheck.alerts.configured_channels import outside_of

    return outside_of(click.echo, sleep)


def _lines(occasion: "DispatchContext", outside: "Environment") -> "tuple[ConfiguredChannel, ...]":
    from selfcheck.alerts.configured_channels import configured_channels
    from selfcheck.settings.alerts import SIMPLE

    lines = configured_channels(occasion.preferences, outside)
    if lines:
        return lines
    raise UsageError(
        "There is no channel to be told on.",
        cause=f"{SIMPLE} is not set, and {occasion.source} has no `settings: alerts: channels:`.",
        next_step=f"Set {SIMPLE} to an address such as ntfy://your-own-topic; docs/alerts.md has more.",
    )


def _chosen(lines: "Sequence[ConfiguredChannel]", names: Sequence[str]) -> "tuple[ConfiguredChannel, ...]":
    """Return the named channels, in the order of the names; all of them where none is named."""
    from selfcheck.core.suggestions import did_you_mean

    by_name = {line.name: line for line in lines}
    for name in names:
        if name not in by_name:
            raise UsageError(
                f"There is no channel called `{name}`.",
                cause=did_you_mean(name, by_name).capitalize(),
                next_step=f"There are: {', '.join(by_name)}.",
            )
    return tuple(by_name[name] for name in dict.fromkeys(names)) or tuple(lines)


def _told(
    occasion: "DispatchContext", lines: "Sequence[ConfiguredChannel]", outside: "Environment"
) -> "DispatchResult":
    from selfcheck.alerts.dispatch import DispatchResult, dispatch
    from selfcheck.history.service import open_history
    from selfcheck.storage.data_folder import DataFolder

    if not DataFolder(occasion.data_dir).has_history():
        return DispatchResult()
    with open_history(occasion.data_dir) as history:
        return dispatch(history, lines, occasion, outside)


def _shown(told: "DispatchResult") -> int:
    for one in told.deliveries:
        click.echo(_delivery_line(one), err=True)
    if not told.deliveries:
        click.echo("Nothing is due.", err=True)
    return 0 if all(one.ok for one in told.deliveries) else _NOT_ARRIVED


def _delivery_line(one: "Delivery") -> str:
    from selfcheck.core.notice import HELD

    of = f" of {one.incident or one.profile}" if one.incident or one.profile else ""
    if one.kind == HELD:
        return f"{one.channel}: {one.detail}{of} waits for the end of the quiet hours"
    came = "arrived" if one.ok else "NOT ARRIVED"
    return f"{one.channel}: {one.kind}{of}: {came}{': ' if one.detail else ''}{one.detail}"


def _checked_link(link: str, check: Callable[[str], str]) -> None:
    """Raise UsageError where the link is no address of the web."""
    try:
        check(link)
    except ValueError:
        raise UsageError(
            "--link takes the address of a page.", next_step="It begins with https:// or http://."
        ) from None
