"""`selfcheck history`: what the runs found over time, the incidents, and what their author says of them."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from selfcheck.cli.common import DefaultCommand, DefaultGroup, data_option, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import UsageError

if TYPE_CHECKING:
    from selfcheck.core.history import AccountHistory, Rebuilt
    from selfcheck.core.incident import EventKind, Incident

_STRIP_DAYS = 92
_DATA = data_option()


@click.command(cls=DefaultCommand)
@click.argument("profile", required=False)
@profiles_option("The file whose `settings:` name your time zone; it may be missing.")
@_DATA
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True
)
@click.option(
    "--days",
    type=click.IntRange(min=1, max=36500),
    metavar="N",
    help=f"How many days to show; default {_STRIP_DAYS}, with json all.",
)
@click.option("--rebuild", is_flag=True, help="Make history.db anew from the runs' folders, and say so.")
@pass_hints
def _show(
    hints: CommandHints,
    *,
    profile: str | None,
    profiles_file: Path,
    data_dir: Path,
    form: str,
    days: int | None,
    rebuild: bool,
) -> int:
    if rebuild:
        return _rebuild(data_dir, alone=profile is None and form == "text" and days is None)
    from selfcheck.history.service import histories, is_anything_there, open_history
    from selfcheck.settings import read_preferences

    zone, now = ZoneInfo(read_preferences(profiles_file).time_zone), datetime.now(UTC)
    most = days or (_STRIP_DAYS if form == "text" else None)
    found: tuple[AccountHistory, ...] = ()
    if is_anything_there(data_dir):
        with open_history(data_dir) as history:
            found = histories(history, profile, zone=zone, today=now.astimezone(zone).date(), most_days=most)
    nothing = f"Nothing is remembered in {data_dir} yet. `{hints.command('run')}` makes a first run.\n"
    click.echo(_formatted(found, form, zone, now, nothing), nl=False)
    return 0


def _formatted(
    found: "tuple[AccountHistory, ...]", form: str, zone: ZoneInfo, now: datetime, nothing: str
) -> str:
    if form != "text":
        from selfcheck.history.render_formats import history_csv, history_json

        return history_json(found, zone=zone, now=now) if form == "json" else history_csv(found, zone=zone)
    if not found:
        return nothing
    from selfcheck.history.render_text import history_text

    return history_text(
        found, zone=zone, now=now, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    )


def _rebuild(data_dir: Path, *, alone: bool) -> int:
    """Make the history anew, and say what was found and what could not be."""
    from selfcheck.history.service import is_anything_there, rebuild_history

    if not alone:
        raise click.UsageError("--rebuild is of the whole history and goes with --data alone.")
    if not is_anything_there(data_dir):
        raise UsageError(
            f"There is nothing in {data_dir} to make a history of.", next_step="--data names where."
        )
    for line in _found(rebuild_history(data_dir)):
        click.echo(line)
    return 0


def _found(done: "Rebuilt") -> Iterator[str]:
    yield "The history is made anew."
    yield f"  runs from their folders: {done.runs}"
    yield f"  runs of which no folder is left: {done.kept}"
    yield f"  incidents: {done.incidents}"
    yield f"  what you said of them: {done.said}"
    if done.set_aside:
        yield f"The damaged file was moved to {done.set_aside}."
    yield from (f"Passed over: {one}" for one in done.skipped)
    yield from (f"Not placed, since no run tells of its incident: {one}" for one in done.unplaced)


@click.group("history", cls=DefaultGroup, default=_show)
def command() -> None:
    """Show what the runs found over time: a strip of days, incidents, followers and views.

    PROFILE is a profile's name; without it all are shown. A day without a run is a gap, and a day on which no
    run could tell is shown as unknown. What `note` and `dismiss` take as INCIDENT stands in the list of
    incidents; a beginning of it will do where no other begins so.
    """


@command.command("note")
@click.argument("incident")
@click.argument("text", nargs=-1, required=True)
@_DATA
def note(*, incident: str, text: tuple[str, ...], data_dir: Path) -> int:
    """Write TEXT down beside INCIDENT: who was asked, what was answered."""
    from selfcheck.core.incident import EventKind

    after = _say(incident, EventKind.NOTED, " ".join(text), data_dir)
    click.echo(f"Noted for {after.id} ({after.profile}, {after.state.value}).")
    return 0


@command.command("dismiss")
@click.argument("incident")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is none; it is kept with the incident.")
@_DATA
def dismiss(*, incident: str, reason: str, data_dir: Path) -> int:
    """Say that INCIDENT is none, or none to be told of again.

    Later runs that find the same do not open it anew, unless it becomes worse or the profile was visible in
    between.
    """
    from selfcheck.core.incident import EventKind

    after = _say(incident, EventKind.DISMISSED, reason, data_dir)
    click.echo(f"Dismissed {after.id} ({after.profile}).")
    return 0


def _say(incident: str, kind: "EventKind", text: str, data_dir: Path) -> "Incident":
    """Add what the author says to the incident."""
    from selfcheck.history.service import say

    if not text.strip():
        raise click.UsageError("Nothing was said; give some words.")
    return say(data_dir, incident, kind, text.strip(), now=datetime.now(UTC))
