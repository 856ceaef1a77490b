"""`selfcheck status`: when each profile was last checked, and whether a check is overdue."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from selfcheck.alerts.configured_channels import Environment, configured_channels
from selfcheck.alerts.monitoring_status import monitoring_report
from selfcheck.alerts.render_status import StatusFacts, status_json, status_text
from selfcheck.appeal.restored import missing_text, restored_incidents
from selfcheck.appeal.rights.model import RightsDate
from selfcheck.appeal.rights.render_text import dates_text
from selfcheck.appeal.rights.service import incident_dates
from selfcheck.appeal.service import open_appeals
from selfcheck.backup.subscribers import read_exports, subscriber_lists
from selfcheck.cli.common import data_option, format_option, pass_hints, profiles_option, show
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.incident import Incident
from selfcheck.history.restoration import Restoration
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.limits import least_gap
from selfcheck.runs.run_allowance import day_budgets
from selfcheck.schedule.host import host_paths
from selfcheck.settings import Preferences, read_configuration
from selfcheck.storage.data_folder import DataFolder

_OVERDUE = 3


@click.command("status")
@profiles_option()
@data_option()
@format_option("text", "json")
@pass_hints
def command(hints: CommandHints, *, profiles_file: Path, data: DataFolder, form: str) -> int:
    """Show when each profile was last checked, when the next check is due, and whether it is overdue.

    Only conclusive checks count. How often a check is due comes from `watch: {every: 12h}` in the settings,
    else from the installed schedule, else it is once a day; never more often than the platform's limits
    allow. `grace` (6 hours) is how late it may be. What is left of a platform's page views of 24 hours
    stands at the end, and after it the dates of `appeal rights` for open incidents, what is not back of
    incidents that are over, and once a month whose list of subscribers to export.

    Exit codes: 0 every profile is watched; 3 a check is overdue; 2 usage or configuration.
    """
    configuration, now = read_configuration(profiles_file), datetime.now(UTC)
    profiles, preferences = configuration.profiles, configuration.preferences
    zone, environment = ZoneInfo(preferences.time_zone), Environment.of_process(click.echo, lambda _: None)
    report = monitoring_report(
        data,
        preferences,
        profiles={profile.name: least_gap(profile) for profile in profiles},
        channels=[channel.name for channel in configured_channels(preferences, environment)],
        register=host_paths(os.environ).register,
        now=now,
    )
    budgets = day_budgets(data, profiles, now)
    by_incident, restored = _dates(data, preferences, now), restored_incidents(data, None)
    platforms = {profile.name: load_platform(profile.platform) for profile in profiles}
    subscribers, today = subscriber_lists(platforms, read_exports(data)), now.astimezone(zone).date()
    if form == "json":
        facts = StatusFacts(
            every=report.every,
            grace=report.grace,
            now=now,
            budgets=budgets,
            dates=[each.document(incident.id) for incident, dates in by_incident for each in dates],
            subscribers=[each.document(today) for each in subscribers],
            missing={each.incident.id: [item.id for item in each.missing] for each in restored},
        )
        click.echo(status_json(report.profiles, report.dead, facts), nl=False)
    else:
        text = status_text(
            report.profiles,
            report.dead,
            zone=zone,
            now=now,
            hints=hints,
            profiles=profiles_file,
            budgets=budgets,
        )
        due = (f"{each.reminder(hints)}\n" for each in subscribers if each.is_due(today))
        show("".join((text, *_about_incidents(by_incident, restored, hints), *due)).removesuffix("\n"))
    return _OVERDUE if report.overdue else 0


def _dates(
    data: DataFolder, preferences: Preferences, now: datetime
) -> list[tuple[Incident, tuple[RightsDate, ...]]]:
    """Return the dates of `appeal rights` of each open incident."""
    incidents = [appeal.incident for appeal in open_appeals(data, None, preferences)]
    return [(incident, incident_dates(data, incident, preferences, now=now)) for incident in incidents]


def _about_incidents(
    by_incident: Sequence[tuple[Incident, tuple[RightsDate, ...]]],
    restored: Sequence[Restoration],
    hints: CommandHints,
) -> Iterator[str]:
    """Yield the dates of open incidents, and what is not back of those that are over."""
    for incident, dates in by_incident:
        yield from (f"{line}\n" for line in dates_text(dates, incident, hints))
    yield missing_text(restored, hints)
