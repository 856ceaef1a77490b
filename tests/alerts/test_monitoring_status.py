"""How often a check is due: as is set, else as is scheduled here, else once a day."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from selfcheck.alerts.monitoring_status import monitoring_report
from selfcheck.core.schedule import DailyAt, Interval, Schedule
from selfcheck.schedule.state import InstalledSchedule, Manager, ScheduleRegistry, ScheduleState, write_state
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def installed(folder: Path, data_dir: Path, rhythm: Schedule) -> None:
    one = InstalledSchedule(
        name="default",
        manager=Manager.CRON,
        schedule=rhythm,
        times=(time(8),),
        zone=None,
        jitter=0,
        data=DataFolder(data_dir),
        words=("selfcheck", "watch"),
        files=(),
        at=NOW,
    )
    ScheduleRegistry(folder).put(one)


def gap(data_dir: Path, register: Path, **watch: str) -> timedelta:
    wishes = Preferences.model_validate({"watch": watch})
    found = monitoring_report(
        DataFolder(data_dir), wishes, profiles={"jane": 0 * HOUR}, channels=[], register=register, now=NOW
    )
    assert found.overdue
    return found.every


@pytest.mark.parametrize(
    ("rhythm", "hours"),
    [
        pytest.param(Interval(period=6 * HOUR), 6, id="every so often"),
        pytest.param(DailyAt(times=(time(8), time(20))), 12, id="twice a day"),
        pytest.param(DailyAt(times=(time(8), time(12))), 20, id="the longest gap of the day"),
        pytest.param(DailyAt(times=(time(8),)), 24, id="once a day"),
    ],
)
def test_a_check_is_due_as_the_schedule_of_this_folder_says(
    tmp_path: Path, rhythm: Schedule, hours: int
) -> None:
    data, register = tmp_path / "data", tmp_path / "schedules"
    installed(register, data, rhythm)
    assert gap(data, register) == hours * HOUR
    assert gap(data, register, every="2h") == 2 * HOUR
    assert gap(tmp_path / "other", register) == 24 * HOUR


def test_a_watch_in_the_foreground_counts_where_nothing_is_installed(tmp_path: Path) -> None:
    turn = ScheduleState(
        name="default", rhythm="every 3 hours", since=NOW, last_started=NOW, next_due=NOW + 3 * HOUR
    )
    write_state(DataFolder(tmp_path), turn)
    assert gap(tmp_path, tmp_path / "schedules") == 3 * HOUR


def test_no_check_is_due_before_the_platform_allows_it(tmp_path: Path) -> None:
    wishes = Preferences.model_validate({"watch": {"every": "2h"}})
    found = monitoring_report(
        DataFolder(tmp_path),
        wishes,
        profiles={"jane": 10 * HOUR, "max": 0 * HOUR},
        channels=[],
        register=tmp_path / "schedules",
        now=NOW,
    )
    assert [one.every for one in found.profiles] == [10 * HOUR, 2 * HOUR]
