"""`selfcheck alerts`: test the channels, send what is due, and bring a repository's issues up to date."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import click

from selfcheck.alerts.configured_channels import (
    ConfiguredChannel,
    Environment,
    configured_channels,
    github_channel,
)
from selfcheck.alerts.dispatch import DispatchContext, DispatchResult, dispatch, try_channels
from selfcheck.alerts.notice import HELD
from selfcheck.appeal.rights.service import date_lines
from selfcheck.cli.common import data_option, pass_hints, profiles_option, take_secrets
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.history import Delivery
from selfcheck.errors import UsageError, unknown_name
from selfcheck.evidence.stored_pictures import written_picture
from selfcheck.history.service import open_history
from selfcheck.settings import read_configuration, web_address
from selfcheck.settings.alerts import SIMPLE
from selfcheck.storage.data_folder import DataFolder

_NOT_ARRIVED = 1
_PROFILES = profiles_option("The file that names the profiles and, in `settings: alerts:`, the channels.")
_DATA = data_option()


@click.group("alerts")
def command() -> None:
    """Test the channels that alerts go to, and send what is due.

    Alerts are sent automatically after every run; these commands are for setting them up, and for sending
    between two runs what waited for the end of the quiet hours.
    """


@command.command("test")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]...")
@_PROFILES
@_DATA
@pass_hints
def test(hints: CommandHints, *, channels: tuple[str, ...], profiles_file: Path, data: DataFolder) -> int:
    """Send a test notice to each CHANNEL (all, if none is named) and say which arrived.

    Exit codes: 0 all arrived; 1 at least one did not; 2 usage or configuration.
    """
    environment, context = _environment(), _context(profiles_file, data, hints)
    chosen = _chosen(_configured(context, environment), channels)
    arrived = True
    with open_history(data) as history:
        for channel, sent in try_channels(history, chosen, context, environment):
            word = "arrived" if sent.ok else "NOT ARRIVED"
            detail = f": {sent.detail}" if sent.detail else ""
            click.echo(f"{channel.name} ({channel.settings.kind}): {word}{detail}")
            arrived = arrived and sent.ok
    return 0 if arrived else _NOT_ARRIVED


@command.command("send")
@_PROFILES
@_DATA
@pass_hints
def send(hints: CommandHints, *, profiles_file: Path, data: DataFolder) -> int:
    """Send what is due without a new run: what was held back, what did not arrive, and reminders.

    Exit codes: 0 all that was due arrived, or nothing was due; 1 a channel could not be reached; 2 usage or
    configuration.
    """
    environment, context = _environment(), _context(profiles_file, data, hints)
    return _dispatch(_configured(context, environment), context, environment)


@command.command("issue")
@click.option("--repository", metavar="OWNER/NAME", help="The repository; default: as `gh` finds it.")
@click.option("--link", metavar="URL", help="Where the evidence can be read; goes into the issue.")
@_PROFILES
@_DATA
@pass_hints
def issue(
    hints: CommandHints, *, repository: str | None, link: str | None, profiles_file: Path, data: DataFolder
) -> int:
    """Bring a repository's issues up to date: one for each incident, with the program `gh`.

    An issue is opened once, commented on when the verdict changes, and closed on recovery. Doing it again
    changes nothing. For workflows; elsewhere a channel of kind github-issue does the same after every run.

    Exit codes: 0 done; 1 `gh` could not do it; 2 usage or configuration.
    """
    if link is not None:
        try:
            web_address(link)
        except ValueError:
            raise UsageError(
                "--link takes the address of a page.", next_step="It begins with https:// or http://."
            ) from None
    environment = _environment()
    context = replace(_context(profiles_file, data, hints), link=link)
    return _dispatch((github_channel(repository, environment.environ),), context, environment)


def _context(profiles_file: Path, data: DataFolder, hints: CommandHints) -> DispatchContext:
    """Return now, and about whom alerts are sent; the file with the profiles has to be there."""
    configuration = read_configuration(profiles_file)
    return DispatchContext(
        data=data,
        preferences=configuration.preferences,
        now=datetime.now(UTC),
        profiles=tuple(profile.name for profile in configuration.profiles),
        source=profiles_file,
        make_picture=written_picture,
        date_lines=date_lines,
        hints=hints,
    )


def _environment() -> Environment:
    take_secrets()
    return Environment.of_process(click.echo, sleep)


def _configured(context: DispatchContext, environment: Environment) -> tuple[ConfiguredChannel, ...]:
    channels = configured_channels(context.preferences, environment)
    if channels:
        return channels
    raise UsageError(
        "No alert channel is set up.",
        cause=f"{SIMPLE} is not set, and {context.source} has no `settings: alerts: channels:`.",
        next_step=f"Set {SIMPLE} to an address such as ntfy://your-own-topic; docs/alerts.md has more.",
    )


def _chosen(channels: Sequence[ConfiguredChannel], names: Sequence[str]) -> tuple[ConfiguredChannel, ...]:
    """Return the named channels, in the order of the names; all of them where none is named."""
    by_name = {channel.name: channel for channel in channels}
    for name in names:
        if name not in by_name:
            raise unknown_name(f"There is no channel called `{name}`.", name, by_name)
    return tuple(by_name[name] for name in dict.fromkeys(names)) or tuple(channels)


def _dispatch(
    channels: Sequence[ConfiguredChannel], context: DispatchContext, environment: Environment
) -> int:
    """Send what is due, say on standard error what came of it, and return the exit code."""
    result = DispatchResult()
    if context.data.has_history():
        with open_history(context.data) as history:
            result = dispatch(history, channels, context, environment)
    for delivery in result.deliveries:
        click.echo(_delivery_line(delivery), err=True)
    if not result.deliveries:
        click.echo("Nothing is due.", err=True)
    return 0 if all(delivery.ok for delivery in result.deliveries) else _NOT_ARRIVED


def _delivery_line(delivery: Delivery) -> str:
    subject = delivery.incident or delivery.profile
    about = f" of {subject}" if subject else ""
    if delivery.kind == HELD:
        return f"{delivery.channel}: {delivery.detail}{about} waits for the end of the quiet hours"
    outcome = "arrived" if delivery.ok else "NOT ARRIVED"
    detail = f": {delivery.detail}" if delivery.detail else ""
    return f"{delivery.channel}: {delivery.kind}{about}: {outcome}{detail}"
