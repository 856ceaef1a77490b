"""`selfcheck status`: whether somebody still looks, and whether what is found would be heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from selfcheck.alerts.configured_channels import ConfiguredChannel
from selfcheck.alerts.overdue import standing
from selfcheck.alerts.rules import outages
from selfcheck.alerts.watch_report import MonitoringStatus
from selfcheck.core.notice import Outage
from selfcheck.core.schedule import DAY, DailyAt, Schedule
from selfcheck.history.service import open_history
from selfcheck.schedule.schedule_registry import ScheduleRegistry
from selfcheck.schedule.schedule_state import read_turns
from selfcheck.schedule.spec import ScheduleState
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class Watchfulness:
    """How well the profiles are watched."""

    every: timedelta
    grace: timedelta
    standings: tuple[MonitoringStatus, ...]
    dead: tuple[Outage, ...] = ()  # channels that could not be reached when last tried

    @property
    def overdue(self) -> bool:
        """Return whether a look at any profile is overdue."""
        return any(one.overdue for one in self.standings)


def watchfulness(
    data_dir: Path,
    preferences: Preferences,
    *,
    profiles: Sequence[str],
    channels: Sequence[str],
    register: Path,
    now: datetime,
    least: Mapping[str, timedelta] = MappingProxyType({}),
) -> Watchfulness:
    """Return how well these profiles are watched. Raise StorageError where the history cannot be read.

    `least` is how much time a profile's platform wants between two runs: no look is due before.
    """
    every, grace = _every(data_dir, preferences, register), preferences.watch.grace
    gaps = {name: max(every, least.get(name, every)) for name in profiles}
    if not DataFolder(data_dir).has_history():
        found = tuple(standing(name, (), every=gaps[name], grace=grace, now=now) for name in profiles)
        return Watchfulness(every=every, grace=grace, standings=found)
    with open_history(data_dir) as history:
        found = tuple(
            standing(name, history.runs(name), every=gaps[name], grace=grace, now=now) for name in profiles
        )
        dead = outages(channels, history.deliveries())
    return Watchfulness(every=every, grace=grace, standings=found, dead=dead)


def dead_channels(data_dir: Path, lines: Sequence[ConfiguredChannel]) -> tuple[Outage, ...]:
    """Return which channels could not be reached when last tried; nothing is made by asking."""
    if not DataFolder(data_dir).has_history():
        return ()
    with open_history(data_dir) as history:
        return outages([line.name for line in lines], history.deliveries())


def _every(data_dir: Path, preferences: Preferences, register: Path) -> timedelta:
    """Return how often a look is due: as is set, else as is scheduled, else once a day."""
    if preferences.watch.every is not None:
        return preferences.watch.every
    here = data_dir.resolve()
    installed = [one.rhythm for one in ScheduleRegistry(register).all() if one.data_dir.resolve() == here]
    gaps = [_longest_gap(rhythm) for rhythm in installed]
    return min(gaps or [gap for turn in read_turns(data_dir) if (gap := _gap_of(turn))], default=DAY)


def _longest_gap(rhythm: Schedule) -> timedelta:
    if not isinstance(rhythm, DailyAt):
        return rhythm.period
    ends = [timedelta(hours=one.hour, minutes=one.minute) for one in rhythm.times]
    return max(later - earlier for earlier, later in pairwise((*ends, ends[0] + DAY)))


def _gap_of(turn: ScheduleState) -> timedelta | None:
    """Return how long a watch in the foreground waits between two runs, as far as it is known."""
    if turn.next_due is None or turn.last_started is None or turn.next_due <= turn.last_started:
        return None
    return turn.next_due - turn.last_started
