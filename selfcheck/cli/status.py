"""`selfcheck status`: when each profile was last seen, and whether a look is overdue."""

import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from selfcheck.cli.common import data_option, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints

_OVERDUE = 3


@click.command("status")
@profiles_option()
@data_option()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@pass_hints
def command(hints: CommandHints, *, profiles_file: Path, data_dir: Path, form: str) -> int:
    """Say of each profile when a look last could tell, when the next is due, and whether it is overdue.

    How often a look is due says `watch: {every: 12h}` in the settings, else the schedule that is installed,
    else it is once a day; never sooner than the platform bears. `grace` (6 hours) is how late it may be.

    Exit codes: 0 every profile is watched; 3 a look is overdue; 2 usage or configuration.
    """
    from selfcheck.alerts.configured_channels import configured_channels, outside_of
    from selfcheck.alerts.monitoring_status import watchfulness
    from selfcheck.alerts.render_status import status_json, status_text
    from selfcheck.runs.limits import least_gap
    from selfcheck.schedule.host import places
    from selfcheck.settings import read_configuration

    configuration, now = read_configuration(profiles_file), datetime.now(UTC)
    watched, preferences = configuration.profiles, configuration.preferences
    channels = [line.name for line in configured_channels(preferences, outside_of(click.echo, _no_waiting))]
    found = watchfulness(
        data_dir,
        preferences,
        profiles=[one.name for one in watched],
        least={one.name: least_gap(one) for one in watched},
        channels=channels,
        register=places(os.environ).register,
        now=now,
    )
    if form == "json":
        text = status_json(found.standings, found.dead, every=found.every, grace=found.grace, now=now)
    else:
        zone = ZoneInfo(preferences.time_zone)
        text = status_text(
            found.standings, found.dead, zone=zone, now=now, profiles=profiles_file, hints=hints
        )
    click.echo(text, nl=False)
    return _OVERDUE if found.overdue else 0


def _no_waiting(_seconds: float) -> None:
    """Wait for nothing: nothing is sent here."""
