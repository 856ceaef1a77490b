"""`selfcheck status`: whether the profiles are still checked, and whether alerts would arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from selfcheck.alerts.configured_channels import ConfiguredChannel
from selfcheck.alerts.notice import Outage
from selfcheck.alerts.rules import MonitoringStatus, monitoring_status, outages
from selfcheck.core.schedule import DAY
from selfcheck.history.service import open_history
from selfcheck.schedule.state import ScheduleRegistry, read_states
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from selfcheck.core.history import RunRow


@dataclass(frozen=True, kw_only=True)
class MonitoringReport:
    """How well the profiles are watched."""

    every: timedelta
    grace: timedelta
    profiles: tuple[MonitoringStatus, ...]
    dead: tuple[Outage, ...] = ()  # channels that could not be reached when last tried

    @property
    def overdue(self) -> bool:
        """Return whether a check of any profile is overdue."""
        return any(status.overdue for status in self.profiles)


def monitoring_report(
    data: DataFolder,
    preferences: Preferences,
    *,
    profiles: Mapping[str, timedelta],
    channels: Sequence[str],
    register: Path,
    now: datetime,
) -> MonitoringReport:
    """Return how well these profiles are watched. Raise StorageError where the history cannot be read.

    `profiles` says by name how much time its platform wants between two runs: no check is due before.
    """
    every, grace = _every(data, preferences, register), preferences.watch.grace
    runs: dict[str, tuple[RunRow, ...]] = {}
    dead: tuple[Outage, ...] = ()
    if data.has_history():
        with open_history(data) as history:
            runs = {name: history.runs(name, now=now) for name in profiles}
            dead = outages(channels, history.deliveries())
    statuses = tuple(
        monitoring_status(name, runs.get(name, ()), every=max(every, least), grace=grace, now=now)
        for name, least in profiles.items()
    )
    return MonitoringReport(every=every, grace=grace, profiles=statuses, dead=dead)


def dead_channels(data: DataFolder, channels: Sequence[ConfiguredChannel]) -> tuple[Outage, ...]:
    """Return which channels could not be reached when last tried; asking creates nothing."""
    if not data.has_history():
        return ()
    with open_history(data) as history:
        return outages([channel.name for channel in channels], history.deliveries())


def _every(data: DataFolder, preferences: Preferences, register: Path) -> timedelta:
    """Return how often a check is due: as is set, else as is scheduled, else once a day."""
    if preferences.watch.every is not None:
        return preferences.watch.every
    here = data.path.resolve()
    installed = [
        schedule.schedule.longest_gap
        for schedule in ScheduleRegistry(register).all()
        if schedule.data.path.resolve() == here
    ]
    # a watch in the foreground waits between two runs, as far as it is known
    foreground = (
        state.next_due - state.last_started
        for state in read_states(data)
        if state.next_due and state.last_started and state.next_due > state.last_started
    )
    return min(installed or foreground, default=DAY)
