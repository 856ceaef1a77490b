"""Schedules are put into a machine and taken out of it; the machine is a hand-written one."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from machines import Machine

from selfcheck.core.schedule import Interval, parse_duration
from selfcheck.errors import SchedulerError, StorageError, UsageError
from selfcheck.schedule import render_crontab as crontab
from selfcheck.schedule.host import HostPaths, Invocation, program_words
from selfcheck.schedule.jobs import Job
from selfcheck.schedule.service import ScheduleService
from selfcheck.schedule.state import Manager, ScheduleState, read_state, write_state
from selfcheck.schedule.triggers import LocalClock
from selfcheck.storage.data_folder import DataFolder

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
OTHERS = b"MAILTO=jo\n0 3 * * * backup\n"
MANAGERS = list(Manager)
WITH_FILES = [one for one in Manager if one is not Manager.CRON]


@pytest.fixture
def places(tmp_path: Path) -> HostPaths:
    return HostPaths(
        register=tmp_path / "register",
        units=tmp_path / "units",
        agents=tmp_path / "agents",
        user=501,
        machine="m",
        clock=LocalClock(zone=UTC),
    )


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def job(name: str = "default", period: str = "12h") -> Job:
    return Job(
        name=name,
        schedule=Interval(period=parse_duration(period)),
        times=(time(9, 17), time(21, 17)),
        zone=None,
        jitter=0,
        words=("/bin/sh", "watch", "--once"),
        folder="/home/jo",
    )


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("manager", MANAGERS)
def test_a_schedule_is_installed_listed_and_removed_without_a_trace(
    places: HostPaths, data: DataFolder, manager: Manager, tmp_path: Path
) -> None:
    machine = Machine(crontab=OTHERS)
    for folder in ("register", "units", "agents"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "somebody-elses.timer").write_text("theirs")
    before = files_below(tmp_path)
    scheduling = ScheduleService(places, machine)
    assert scheduling.install(job(), manager, data=data, now=NOW).changed
    (status,) = scheduling.statuses(NOW)
    assert (status.known, status.trouble) == (True, "")
    assert status.next_due == datetime(2026, 11, 21, 21, 17, tzinfo=UTC)
    assert scheduling.remove("default").manager is manager
    assert scheduling.statuses(NOW) == ()
    after = files_below(tmp_path)
    assert after.pop("data/schedules/default.json")  # what it remembers of its runs lies with the runs
    assert (after, machine.crontab, machine.known) == (before, OTHERS, set())


@pytest.mark.parametrize("manager", MANAGERS)
def test_installing_twice_changes_nothing(
    places: HostPaths, data: DataFolder, manager: Manager, tmp_path: Path
) -> None:
    machine = Machine()
    scheduling = ScheduleService(places, machine)
    scheduling.install(job(), manager, data=data, now=NOW)
    before, told = files_below(tmp_path), machine.changes
    again = ScheduleService(places, machine).install(job(), manager, data=data, now=NOW.replace(hour=20))
    assert not again.changed
    assert (files_below(tmp_path), machine.changes) == (before, told)


@pytest.mark.parametrize("manager", MANAGERS)
def test_a_schedule_of_the_same_name_is_replaced(
    places: HostPaths, data: DataFolder, manager: Manager
) -> None:
    machine = Machine()
    scheduling = ScheduleService(places, machine)
    scheduling.install(job(), manager, data=data, now=NOW)
    assert scheduling.install(replace(job(), times=(time(4, 4),)), manager, data=data, now=NOW).changed
    (status,) = scheduling.statuses(NOW)
    assert status.installed.times == (time(4, 4),)
    assert status.known
    shown = scheduling.preview(replace(job(), times=(time(4, 4),)), manager)
    if manager is Manager.CRON:
        assert machine.crontab == shown[0][1].encode()
    else:
        encoding = "utf-16" if manager is Manager.WINDOWS else "utf-8"
        assert {Path(path).read_text(encoding) for path, _ in shown} == {text for _, text in shown}


@pytest.mark.parametrize("manager", MANAGERS)
def test_several_schedules_live_side_by_side(places: HostPaths, data: DataFolder, manager: Manager) -> None:
    scheduling = ScheduleService(places, Machine(crontab=OTHERS))
    for name in ("default", "second"):
        scheduling.install(job(name), manager, data=data, now=NOW)
    scheduling.remove("default")
    (left,) = scheduling.statuses(NOW)
    assert (left.installed.name, left.known) == ("second", True)


@pytest.mark.parametrize("manager", WITH_FILES)
@pytest.mark.parametrize("before", [False, True], ids=["new", "in place of an older one"])
def test_what_a_scheduler_refuses_leaves_the_machine_as_it_was(
    places: HostPaths, data: DataFolder, manager: Manager, before: bool, tmp_path: Path
) -> None:
    machine = Machine()
    scheduling = ScheduleService(places, machine)
    if before:
        scheduling.install(job(), manager, data=data, now=NOW)
    there, known = files_below(tmp_path), set(machine.known)
    new = replace(job(), times=(time(4, 4),))
    machine.refuses_once = {"enable", "bootstrap", "/Create"}
    with pytest.raises(SchedulerError) as refused:
        scheduling.install(new, manager, data=data, now=NOW)
    assert "Failed to connect to bus" in refused.value.lines()
    assert (files_below(tmp_path), machine.known) == (there, known)


@pytest.mark.parametrize("manager", WITH_FILES)
def test_what_cannot_be_taken_out_stays_whole_and_known(
    places: HostPaths, data: DataFolder, manager: Manager, tmp_path: Path
) -> None:
    machine = Machine()
    scheduling = ScheduleService(places, machine)
    scheduling.install(job(), manager, data=data, now=NOW)
    there = files_below(tmp_path)
    machine.refuses_once = {"disable", "bootout", "/Delete"}
    with pytest.raises(SchedulerError) as refused:
        scheduling.remove("default")
    assert refused.value.next_step_text().startswith("It is still there.")
    assert files_below(tmp_path) == there
    assert scheduling.statuses(NOW)[0].known


@pytest.mark.parametrize("manager", WITH_FILES)
def test_another_program_s_file_of_that_name_stays(
    places: HostPaths, data: DataFolder, manager: Manager
) -> None:
    scheduling = ScheduleService(places, Machine())
    path = Path(scheduling.preview(job(), manager)[0][0])
    path.parent.mkdir(parents=True)
    path.write_text("theirs")
    with pytest.raises(UsageError, match="was not written by selfcheck"):
        scheduling.install(job(), manager, data=data, now=NOW)
    assert path.read_text() == "theirs"


def test_another_program_s_task_without_our_file_stays(places: HostPaths, data: DataFolder) -> None:
    machine = Machine(known={"selfcheck\\default"})
    with pytest.raises(UsageError, match="was not written by selfcheck"):
        ScheduleService(places, machine).install(job(), Manager.WINDOWS, data=data, now=NOW)
    assert machine.changes == []


def test_a_file_that_somebody_made_their_own_since_is_not_taken_away(
    places: HostPaths, data: DataFolder
) -> None:
    scheduling = ScheduleService(places, Machine())
    installed = scheduling.install(job(), Manager.SYSTEMD, data=data, now=NOW).installed
    installed.files[0].write_text("mine now")
    scheduling.remove("default")
    assert [path.exists() for path in installed.files] == [True, False]


def test_another_scheduler_takes_over_and_the_old_one_is_told_so(places: HostPaths, data: DataFolder) -> None:
    machine = Machine(crontab=OTHERS)
    scheduling = ScheduleService(places, machine)
    scheduling.install(job(), Manager.CRON, data=data, now=NOW)
    scheduling.install(job(), Manager.SYSTEMD, data=data, now=NOW)
    assert machine.crontab == OTHERS
    assert [one.installed.manager for one in scheduling.statuses(NOW)] == [Manager.SYSTEMD]


@pytest.mark.parametrize(
    ("manager", "loss", "said"),
    [
        pytest.param(Manager.CRON, "crontab", "it is not in the crontab", id="somebody emptied the crontab"),
        pytest.param(Manager.SYSTEMD, "known", "systemd does not know it", id="somebody stopped the timer"),
        pytest.param(Manager.LAUNCHD, "files", "selfcheck.default.plist is gone", id="the file was deleted"),
        pytest.param(
            Manager.WINDOWS, "known", "task-scheduler does not know it", id="somebody deleted the task"
        ),
    ],
)
def test_a_schedule_that_the_machine_has_lost_is_reported(
    places: HostPaths, data: DataFolder, manager: Manager, loss: str, said: str
) -> None:
    machine = Machine(crontab=OTHERS)
    scheduling = ScheduleService(places, machine)
    installed = scheduling.install(job(), manager, data=data, now=NOW).installed
    if loss == "crontab":
        machine.crontab = OTHERS
    if loss == "known":
        machine.known.clear()
    if loss == "files":
        installed.files[0].unlink()
    (status,) = scheduling.statuses(NOW)
    assert (status.known, status.trouble, status.next_due) == (False, said, None)
    assert scheduling.install(job(), manager, data=data, now=NOW).changed
    assert scheduling.statuses(NOW)[0].known


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("/no/selfcheck", "watch"), "/no/selfcheck is gone", id="selfcheck itself was moved"),
        pytest.param(("/bin/sh", "/no/bootstrap.py", "watch"), "/no/bootstrap.py is gone", id="its folder was moved"),
        pytest.param(("/bin/sh", "watch", "--profiles", "/no/p.yaml"), "/no/p.yaml is gone", id="the profiles file was moved"),
        pytest.param(("/bin/sh", "-m", "selfcheck", "watch", "--data", "/no"), "", id="a data folder may be missing"),
    ],
)  # fmt: skip
@pytest.mark.skipif(os.name != "posix", reason="names a program of other systems")
def test_what_a_schedule_needs_and_does_not_find_is_reported(
    places: HostPaths, data: DataFolder, words: tuple[str, ...], said: str
) -> None:
    scheduling = ScheduleService(places, Machine())
    scheduling.install(replace(job(), words=words), Manager.CRON, data=data, now=NOW)
    assert [(one.known, one.trouble) for one in scheduling.statuses(NOW)] == [(True, said)]


def test_the_last_run_and_the_next_are_shown(places: HostPaths, data: DataFolder) -> None:
    scheduling = ScheduleService(places, Machine())
    scheduling.install(job(period="36h"), Manager.CRON, data=data, now=NOW)
    state = read_state(data, "default")
    assert state is not None
    assert (state.since, state.last_started) == (NOW, None)
    ran = replace(state, last_started=NOW, last_ended=NOW, last_exit_code=3, runs=1)
    write_state(data, ran)
    (status,) = scheduling.statuses(NOW)
    assert status.state == ran
    assert status.next_due == datetime(2026, 11, 22, 21, 17, tzinfo=UTC)


class TestCron:
    def test_a_crontab_that_cannot_be_read_is_left_alone(self, places: HostPaths, data: DataFolder) -> None:
        machine = Machine(refuses=("-l",))
        with pytest.raises(SchedulerError, match="could not be read"):
            ScheduleService(places, machine).install(job(), Manager.CRON, data=data, now=NOW)
        assert machine.changes == []

    def test_a_crontab_that_cron_refuses_stays_as_it_was(self, places: HostPaths, data: DataFolder) -> None:
        machine = Machine(crontab=OTHERS, refuses=("-",))
        with pytest.raises(SchedulerError, match="the old one is still in place"):
            ScheduleService(places, machine).install(job(), Manager.CRON, data=data, now=NOW)
        assert machine.crontab == OTHERS
        assert ScheduleService(places, machine).statuses(NOW) == ()

    def test_damaged_marks_are_reported_and_nothing_is_written(
        self, places: HostPaths, data: DataFolder
    ) -> None:
        block = crontab.block("default", ["1 1 * * * x"])
        machine = Machine(crontab=OTHERS + block + block)
        with pytest.raises(UsageError, match="do not pair"):
            ScheduleService(places, machine).install(job(), Manager.CRON, data=data, now=NOW)
        assert machine.changes == []

    def test_a_line_that_cron_would_cut_off_is_refused(self, places: HostPaths, data: DataFolder) -> None:
        long = replace(job(), folder="/" + "x" * 1000)
        with pytest.raises(UsageError, match="are cut off"):
            ScheduleService(places, Machine()).install(long, Manager.CRON, data=data, now=NOW)


@pytest.mark.parametrize(
    ("platform", "refuses", "missing", "expected"),
    [
        pytest.param("darwin", (), (), Manager.LAUNCHD, id="macOS"),
        pytest.param("win32", (), (), Manager.WINDOWS, id="Windows"),
        pytest.param("linux", (), (), Manager.SYSTEMD, id="Linux with systemd for users"),
        pytest.param("linux", ("show-environment",), (), Manager.CRON, id="systemd is there and not at work"),
        pytest.param("freebsd", (), ("systemctl",), Manager.CRON, id="no systemd"),
    ],
)
def test_the_usual_scheduler_of_a_machine(
    places: HostPaths, platform: str, refuses: tuple[str, ...], missing: tuple[str, ...], expected: Manager
) -> None:
    machine = Machine(refuses=refuses, missing=missing)
    assert ScheduleService(places, machine).usual_manager(platform) is expected


def test_on_a_machine_without_any_the_message_says_what_else_to_do(places: HostPaths) -> None:
    with pytest.raises(SchedulerError) as none:
        ScheduleService(places, Machine(missing=("systemctl", "crontab"))).usual_manager("linux")
    assert "watch --every 12h" in none.value.next_step_text()


def test_removing_what_is_not_there_names_the_nearest(places: HostPaths, data: DataFolder) -> None:
    scheduling = ScheduleService(places, Machine())
    with pytest.raises(UsageError) as refused:
        scheduling.remove("default")
    assert refused.value.next_step_text() == "There is none at all."
    scheduling.install(job("evening"), Manager.CRON, data=data, now=NOW)
    with pytest.raises(UsageError) as refused:
        scheduling.remove("evenign")
    assert refused.value.cause == "Did you mean `evening`?"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"schema": "selfcheck.schedule/9"}', '{"schema": "selfcheck.schedule/1"}']
)
def test_a_register_that_cannot_be_read_is_passed_over(places: HostPaths, text: str) -> None:
    places.register.mkdir()
    (places.register / "default.json").write_text(text)
    assert ScheduleService(places, Machine()).statuses(NOW) == ()


@pytest.mark.parametrize(
    "change", [{}, {"schema": "selfcheck.turn/9"}, {"last_started": "yesterday"}, {"runs": None}]
)
def test_what_is_known_of_earlier_runs_survives_damage(data: DataFolder, change: dict[str, object]) -> None:
    state = ScheduleState(
        name="default", rhythm="every day", since=NOW, last_started=NOW, runs=3, next_due=NOW
    )
    write_state(data, state)
    path = data.schedule_state("default")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    read = read_state(data, "default")
    expected = {
        "schema": None,
        "last_started": replace(state, last_started=None),
        "runs": replace(state, runs=0),
        "": state,
    }
    assert read == expected[next(iter(change), "")]


def test_a_folder_that_cannot_be_written_to_is_reported(places: HostPaths, data: DataFolder) -> None:
    places.units.parent.mkdir(exist_ok=True)
    places.units.write_text("a file where a folder should be")
    machine = Machine()
    with pytest.raises(StorageError):
        ScheduleService(places, machine).install(job(), Manager.SYSTEMD, data=data, now=NOW)
    assert not {"enable"} & {word for words in machine.told for word in words}


@pytest.mark.skipif(os.name != "posix", reason="its paths are written as on other systems")
@pytest.mark.parametrize(
    ("called", "script", "windows", "expected"),
    [
        pytest.param("selfcheck", "SCRIPT", False, ("SCRIPT",), id="the installed script"),
        pytest.param("selfcheck", "x/__main__.py", False, ("/bin/py", "-m", "selfcheck"), id="python -m selfcheck"),
        pytest.param("python3 bootstrap.py", "-m", False, ("/usr/bin/python3", "HERE/bootstrap.py"), id="bootstrap.py"),
        pytest.param("python3 '/my dir/bootstrap.py'", "-m", False, ("/usr/bin/python3", "/my dir/bootstrap.py"), id="bootstrap.py elsewhere"),
        pytest.param("py bootstrap.py", "-m", True, ("/bin/py", "-m", "selfcheck"), id="Windows, without a silent Python"),
    ],
)  # fmt: skip
def test_selfcheck_is_called_as_the_user_calls_it(
    tmp_path: Path, called: str, script: str, windows: bool, expected: tuple[str, ...]
) -> None:
    own = tmp_path / "selfcheck"
    own.write_text("#!")
    own.chmod(0o755)
    calling = Invocation(
        called=called,
        script=script.replace("SCRIPT", str(own)),
        python="/bin/py",
        folder=tmp_path,
        find={"python3": "/usr/bin/python3"}.get,
    )
    words = tuple(word.replace("SCRIPT", str(own)).replace("HERE", str(tmp_path)) for word in expected)
    assert program_words(calling, windows=windows) == words


def test_on_windows_the_python_without_a_window_is_taken(tmp_path: Path) -> None:
    (tmp_path / "pythonw.exe").touch()
    calling = Invocation(called="selfcheck", script="", python=str(tmp_path / "python.exe"), folder=tmp_path)
    assert program_words(calling, windows=True)[0] == str(tmp_path / "pythonw.exe")


def test_a_python_that_is_not_on_the_path_is_reported(tmp_path: Path) -> None:
    calling = Invocation(called="python3 b.py", script="", python="p", folder=tmp_path, find={}.get)
    with pytest.raises(SchedulerError, match="not on the PATH"):
        program_words(calling, windows=False)
