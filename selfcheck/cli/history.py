"""`selfcheck history`: what the runs found over time, the incidents, and what their author says of them."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from selfcheck.cli.common import (
    DefaultCommand,
    DefaultGroup,
    data_option,
    format_option,
    gathered,
    pass_hints,
    profiles_option,
)
from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import UsageError
from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from selfcheck.core.history import AccountHistory, Rebuilt

_USUAL_DAYS = 92
_DATA = data_option()


@dataclass(frozen=True, kw_only=True)
class HistoryArguments:
    """What the user typed after `selfcheck history`."""

    profile: str | None
    profiles_file: Path
    data: DataFolder
    form: str
    days: int | None
    rebuild: bool


@click.command(cls=DefaultCommand)
@click.argument("profile", required=False)
@profiles_option("The file whose `settings:` name your time zone; it may be missing.")
@_DATA
@format_option("text", "json", "csv")
@click.option(
    "--days",
    type=click.IntRange(min=1, max=36500),
    metavar="N",
    help=f"How many days to show; default {_USUAL_DAYS}, with json all.",
)
@click.option(
    "--rebuild", is_flag=True, help="Rebuild history.db from the runs' folders, and list what it read."
)
@pass_hints
@gathered(HistoryArguments)
def _show(hints: CommandHints, arguments: HistoryArguments) -> int:
    data, form = arguments.data, arguments.form
    if arguments.rebuild:
        if arguments.profile is not None or form != "text" or arguments.days is not None:
            raise click.UsageError("--rebuild is for the whole history: only --data goes with it.")
        return _rebuild(data)
    from selfcheck.history.service import histories, open_history, taken_in_words
    from selfcheck.settings import read_preferences

    zone, now = ZoneInfo(read_preferences(arguments.profiles_file).time_zone), datetime.now(UTC)
    most = arguments.days or (_USUAL_DAYS if form == "text" else None)
    accounts: tuple[AccountHistory, ...] = ()
    if data.has_history():
        with open_history(data) as history:
            if history.taken_in:
                click.echo(taken_in_words(history.taken_in), err=True)
            today = now.astimezone(zone).date()
            accounts = histories(history, arguments.profile, zone=zone, today=today, most_days=most)
    if form == "text" and not accounts:
        click.echo(f"No history in {data} yet. `{hints.command('run')}` makes a first run.")
    else:
        click.echo(_formatted(data, accounts, form, zone, now), nl=False)
    return 0


def _formatted(
    data: DataFolder, accounts: "tuple[AccountHistory, ...]", form: str, zone: ZoneInfo, now: datetime
) -> str:
    if form == "text":
        from selfcheck.artifacts.run_reader import title_by_runs
        from selfcheck.history.render_text import history_text

        titles = {
            account.platform: title_by_runs(
                data, [account.last_run.run_id], account.profile, account.platform
            )
            for account in accounts
        }
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return history_text(accounts, zone=zone, now=now, titles=titles, colour=colour)
    from selfcheck.history.render_formats import history_csv, history_json

    return history_json(accounts, zone=zone, now=now) if form == "json" else history_csv(accounts, zone=zone)


def _rebuild(data: DataFolder) -> int:
    from selfcheck.history.service import rebuild_history

    if not data.has_history():
        raise UsageError(
            f"There is nothing in {data} to rebuild a history from.",
            next_step="--data names where runs are kept.",
        )
    for line in _rebuilt_lines(rebuild_history(data)):
        click.echo(line)
    return 0


def _rebuilt_lines(rebuilt: "Rebuilt") -> Iterator[str]:
    yield "The history was rebuilt."
    yield f"  runs from their folders: {rebuilt.runs}"
    yield f"  runs whose folders are gone: {rebuilt.kept}"
    yield f"  incidents: {rebuilt.incidents}"
    yield f"  notes, appeals and reminders: {rebuilt.author_events}"
    if rebuilt.set_aside:
        yield f"The damaged file was moved to {rebuilt.set_aside}."
    yield from (f"Skipped: {reason}" for reason in rebuilt.skipped)
    yield from (f"Not imported: its incident is not in any run: {event}" for event in rebuilt.unplaced)


@click.group("history", cls=DefaultGroup, default=_show)
def command() -> None:
    """Show what the runs found over time: a strip of days, incidents, followers and views.

    PROFILE is a profile's name; without it all are shown. A day without a run is a gap, and a day on which no
    run was conclusive is shown as unknown. `note` and `dismiss` take INCIDENT from the list of incidents; a
    unique prefix is enough.
    """


@command.command("note")
@click.argument("incident")
@click.argument("text", nargs=-1, required=True)
@_DATA
def note(*, incident: str, text: tuple[str, ...], data: DataFolder) -> int:
    """Add a note to INCIDENT: who was asked, what was answered."""
    from selfcheck.core.incident import EventKind
    from selfcheck.history.service import add_author_event

    words = _given(" ".join(text))
    after = add_author_event(data, incident, EventKind.NOTED, words, now=datetime.now(UTC))
    click.echo(f"Noted for {after.id} ({after.profile}, {after.state.value}).")
    return 0


@command.command("dismiss")
@click.argument("incident")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept with the incident.")
@_DATA
def dismiss(*, incident: str, reason: str, data: DataFolder) -> int:
    """Dismiss INCIDENT, or mute further alerts about it.

    Later runs that find the same do not reopen it, unless it becomes worse or the profile was visible in
    between.
    """
    from selfcheck.core.incident import EventKind
    from selfcheck.history.service import add_author_event

    why = _given(reason)
    after = add_author_event(data, incident, EventKind.DISMISSED, why, now=datetime.now(UTC))
    click.echo(f"Dismissed {after.id} ({after.profile}).")
    return 0


def _given(text: str) -> str:
    if not text.strip():
        raise click.UsageError("The text is empty.")
    return text.strip()
