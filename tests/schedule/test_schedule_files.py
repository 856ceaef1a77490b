"""The files of four schedulers, read as each of them reads its own: words come out as they went in."""

# ruff: noqa: E501 — a row of a table reads best as one line

import configparser
import os
import plistlib
import re
import shlex
import shutil
import string
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfcheck.core.schedule import DailyAt, Interval, parse_duration
from selfcheck.errors import UsageError
from selfcheck.schedule import render_crontab as crontab
from selfcheck.schedule import render_units
from selfcheck.schedule.jobs import Job, JobContext, ScheduleSpec, job_of, left_out
from selfcheck.schedule.render_crontab import crontab_lines
from selfcheck.schedule.render_units import MARK, manager_files
from selfcheck.schedule.state import Manager, is_schedule_name
from selfcheck.schedule.triggers import LocalClock
from selfcheck.storage.data_folder import DataFolder

TRICKY = '50% of $HOME\'s "best" \\ <stories> & more; täglich %h `x` #1'
TASKS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
POSIX = pytest.mark.skipif(os.name != "posix", reason="its paths are written as on other systems")
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)


def job(**more: object) -> Job:
    plain = Job(
        name="default",
        schedule=Interval(period=parse_duration("12h")),
        times=(time(9, 17), time(21, 17)),
        zone=None,
        jitter=10,
        words=("/usr/bin/python3", "-m", "selfcheck", "watch", "--once", "--data", f"/home/jo/{TRICKY}"),
        folder=f"/home/jo/{TRICKY}",
        environment={"SELFCHECK_SESSIONS": f"/home/jo/{TRICKY}"},
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def file_of(manager: Manager, one: Job, suffix: str) -> str:
    files = manager_files(manager, one, place=lambda name: f"/place/{name}")
    (found,) = (file for file in files if file.path.endswith(suffix))
    return found.data.decode("utf-16" if manager is Manager.WINDOWS else "utf-8")


# -- cron ------------------------------------------------------------------------------------------------


def cron_reads(line: str) -> tuple[str, str]:
    """Return the times and the command of a line, as cron takes it: `%` ends it, a backslash before one goes."""
    *when, command = line.split(" ", 5)
    taken, escaped = "", False
    for letter in command:
        if escaped and letter == "%":
            taken, escaped = taken[:-1] + letter, False
            continue
        if letter == "%":
            break
        taken += letter
        escaped = letter == "\\" and not escaped
    return " ".join(when), taken


def shell_reads(command: str, folder: Path) -> tuple[str, Mapping[str, str], list[str]]:
    """Return the folder, the environment and the words that the command really gets from a shell."""
    witness = folder / "witness"
    witness.write_text('#!/bin/sh\npwd; printf \'%s\\n\' "$SELFCHECK_SESSIONS" "$@"\n')
    witness.chmod(0o755)
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"})  # fmt: skip
    where, sessions, *words = done.stdout.splitlines()
    return where, {"SELFCHECK_SESSIONS": sessions}, words


@pytest.mark.skipif(os.name != "posix", reason="cron and its shell are not of Windows")
@pytest.mark.parametrize("tricky", [TRICKY, "a\\%b", "%", "\\", "it's \\%s", "a  b"])
def test_the_line_for_cron_starts_the_very_words(tmp_path: Path, tricky: str) -> None:
    folder = tmp_path / tricky
    folder.mkdir()
    one = job(
        folder=str(folder),
        words=(str(tmp_path / "witness"), "watch", tricky),
        environment={"SELFCHECK_SESSIONS": tricky},
    )
    (line,) = crontab_lines(one)
    when, command = cron_reads(line)
    assert when == "17 9,21 * * *"
    assert shell_reads(command, tmp_path) == (str(folder), {"SELFCHECK_SESSIONS": tricky}, ["watch", tricky])


@given(st.lists(texts, min_size=1, max_size=4))
def test_any_words_go_through_cron(words: list[str]) -> None:
    _, command = cron_reads(f"1 2 * * * {crontab.cron_words(words)}")
    assert shlex.split(command) == words


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param((time(9, 17), time(21, 17)), ["17 9,21 * * *"], id="two hours"),
        pytest.param(tuple(time(hour, 5) for hour in range(24)), ["5 * * * *"], id="every hour"),
        pytest.param((time(8, 15), time(20, 30)), ["15 8 * * *", "30 20 * * *"], id="two minutes are two lines"),
        pytest.param(tuple(time(n // 2, n % 2 * 30 + 7) for n in range(48)), ["7 * * * *", "37 * * * *"], id="every half hour"),
    ],
)  # fmt: skip
def test_the_times_of_a_crontab(times: tuple[time, ...], expected: list[str]) -> None:
    assert [line.split(" cd ")[0] for line in crontab_lines(job(times=times))] == expected


OTHERS = b"MAILTO=jo@example.org\n# my own\n0 3 * * * backup --all # 100\\%\r\n\xff\xfe no utf-8\n"


@pytest.mark.parametrize("before", [b"", OTHERS, OTHERS + crontab.block("second", ["1 2 * * * x"])])
def test_what_is_put_in_is_taken_out_again_byte_for_byte(before: bytes) -> None:
    after = crontab.with_block(before, "default", ["17 9 * * * x"])
    assert after.startswith(before)
    assert crontab.block_of(after, "default") == crontab.block("default", ["17 9 * * * x"])
    assert crontab.with_block(after, "default", ["17 9 * * * x"]) == after
    assert crontab.without_block(after, "default") == before
    assert crontab.without_block(before, "default") == before


def test_a_schedule_s_lines_are_replaced_in_place() -> None:
    both = crontab.with_block(crontab.block("default", ["1 1 * * * old"]) + OTHERS, "second", ["2 2 * * * x"])
    after = crontab.with_block(both, "default", ["3 3 * * * new"])
    assert after == both.replace(b"1 1 * * * old", b"3 3 * * * new")


@given(before=st.binary(max_size=200), name=st.sampled_from(["default", "second"]))
def test_whatever_a_crontab_holds_nothing_of_it_is_lost(before: bytes, name: str) -> None:
    after = crontab.with_block(before, name, ["1 1 * * * x"])
    assert after.startswith(before)
    assert crontab.without_block(after, name).rstrip(b"\n") == before.rstrip(b"\n")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda block: block.split(b"\n", 1)[1], id="the first mark is gone"),
        pytest.param(lambda block: block.rsplit(b"\n", 2)[0] + b"\n", id="the last mark is gone"),
        pytest.param(lambda block: block + block, id="twice"),
        pytest.param(lambda block: b"".join(reversed(block.splitlines(keepends=True))), id="upside down"),
    ],
)
def test_marks_that_do_not_pair_are_refused(damage: object) -> None:
    damaged = OTHERS + damage(crontab.block("default", ["1 1 * * * x"]))  # type: ignore[operator]
    for edit in (crontab.with_block, lambda before, name, _: crontab.without_block(before, name)):
        with pytest.raises(crontab.MarksDoNotPairError):
            edit(damaged, "default", ["2 2 * * * x"])
    assert crontab.without_block(damaged, "second") == damaged


# -- systemd ---------------------------------------------------------------------------------------------


def unit_of(text: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(
        interpolation=None, strict=False, delimiters=("=",), comment_prefixes=("#",)
    )
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    return unit


def systemd_reads(text: str, *, variables: bool) -> list[str]:
    """Return the words of a setting, as systemd takes them: C escapes within quotes, `%%`, and `$$`."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)
    words = [
        re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") if quoted else plain.replace("%%", "%")
        for quoted, plain in found
    ]
    return [word.replace("$$", "$") for word in words] if variables else words


def test_a_unit_starts_the_very_words() -> None:
    service = unit_of(file_of(Manager.SYSTEMD, job(), ".service"))["Service"]
    assert systemd_reads(service["ExecStart"], variables=True) == list(job().words)
    assert systemd_reads(service["Environment"], variables=False) == [f"SELFCHECK_SESSIONS=/home/jo/{TRICKY}"]
    assert service["WorkingDirectory"].replace("%%", "%") == f"/home/jo/{TRICKY}"
    assert service["SuccessExitStatus"].split() == ["1", "3", "130"]


@given(
    st.lists(texts.filter(lambda word: "$" not in word), min_size=1, max_size=1), st.lists(texts, max_size=3)
)
def test_any_words_go_through_systemd(program: list[str], words: list[str]) -> None:
    assert systemd_reads(render_units.systemd_words([*program, *words]), variables=True) == [*program, *words]


def test_a_program_with_a_dollar_in_its_path_goes_through_env() -> None:
    assert render_units.systemd_words(["/a$b/python", "x"]) == '/usr/bin/env "/a$$b/python" x'


def test_a_timer_says_when_in_whose_zone_and_how_much_later() -> None:
    text = file_of(Manager.SYSTEMD, job(zone="Europe/Berlin", times=(time(8, 15), time(20, 15))), ".timer")
    assert re.findall(r"^OnCalendar=(.*)$", text, re.MULTILINE) == [
        "*-*-* 08:15:00 Europe/Berlin",
        "*-*-* 20:15:00 Europe/Berlin",
    ]
    timer = unit_of(text)
    assert timer["Timer"]["RandomizedDelaySec"] == "10min"
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
@pytest.mark.parametrize(
    ("zone", "spoil", "complaints"),
    [
        pytest.param(None, b"", 0, id="the machine's own clock"),
        pytest.param("Europe/Berlin", b"", 0, id="a zone"),
        pytest.param("Nowhere/Atlantis", b"", 2, id="a zone that there is not"),
        pytest.param(None, b"\n[Timer]\nOnCalender=daily\n", 1, id="a setting that there is not"),
    ],
)
def test_systemd_itself_takes_the_units(
    tmp_path: Path, zone: str | None, spoil: bytes, complaints: int
) -> None:
    python = tmp_path / "my 50% $best" / "python3"
    python.parent.mkdir()
    python.symlink_to("/bin/true")
    one = job(zone=zone, words=(str(python), *job().words[1:]), folder=str(python.parent))
    files = manager_files(Manager.SYSTEMD, one, place=lambda name: str(tmp_path / name))
    for file in files:
        Path(file.path).write_bytes(file.data + (spoil if file.path.endswith(".timer") else b""))
    done = subprocess.run(
        ["systemd-analyze", "--user", "--man=no", "verify", *(f"./{Path(file.path).name}" for file in files)],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    ours = {line for line in done.stderr.splitlines() if re.search(r"selfcheck-default\.\w+:\d", line)}
    assert len(ours) == complaints, done.stderr
    assert complaints or "selfcheck-default" not in done.stderr


# -- launchd ---------------------------------------------------------------------------------------------


def test_a_property_list_starts_the_very_words() -> None:
    one = job()
    read = plistlib.loads(file_of(Manager.LAUNCHD, one, ".plist").encode())
    assert read == {
        "Label": "selfcheck.default",
        "ProgramArguments": list(one.words),
        "WorkingDirectory": one.folder,
        "EnvironmentVariables": dict(one.environment),
        "StartCalendarInterval": [{"Hour": 9, "Minute": 17}, {"Hour": 21, "Minute": 17}],
        "ProcessType": "Background",
        "RunAtLoad": False,
    }


def test_without_an_environment_the_property_list_has_none() -> None:
    read = plistlib.loads(file_of(Manager.LAUNCHD, job(environment={}), ".plist").encode())
    assert "EnvironmentVariables" not in read


# -- the Task Scheduler ----------------------------------------------------------------------------------


def windows_reads(line: str) -> list[str]:
    """Return the words of a command line, as Microsoft's C library takes it apart."""
    words: list[str] = []
    word, quoted, any_letter, position = "", False, False, 0
    while position < len(line):
        slashes = len(line[position:]) - len(line[position:].lstrip("\\"))
        position += slashes
        if line[position : position + 1] == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            any_letter, position = True, position + 1
            continue
        word += "\\" * slashes
        letter = line[position : position + 1]
        position += 1
        if letter in (" ", "\t", "") and not quoted:
            words += [word] if word or any_letter else []
            word, any_letter = "", False
        else:
            word += letter
    return [*words, word] if word or any_letter else words


def test_a_task_starts_the_very_words() -> None:
    one = job(words=(r"C:\Program Files\Python\pythonw.exe", *job().words[1:]), folder="C:\\Users\\jo & co\\")
    data = manager_files(Manager.WINDOWS, one, place=str)[0].data
    assert data.startswith((b"\xff\xfe", b"\xfe\xff"))
    task = ET.fromstring(data)
    (action,) = task.iterfind(f"{TASKS}Actions/{TASKS}Exec")
    read = {part.tag.removeprefix(TASKS): part.text for part in action}
    assert (read["Command"], read["WorkingDirectory"]) == (one.words[0], one.folder)
    assert windows_reads(read["Arguments"] or "") == list(one.words[1:])


def test_a_task_has_what_the_task_scheduler_needs_in_its_order() -> None:
    task = ET.fromstring(file_of(Manager.WINDOWS, job(), ".xml").encode("utf-16"))
    assert (task.tag, task.get("version")) == (f"{TASKS}Task", "1.2")
    parts = ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
    assert [part.tag.removeprefix(TASKS) for part in task] == parts
    triggers = task.findall(f"{TASKS}Triggers/{TASKS}CalendarTrigger")
    for trigger in triggers:  # the schema is a sequence here
        order = ["Enabled", "StartBoundary", "ScheduleByDay"]
        assert [part.tag.removeprefix(TASKS) for part in trigger] == order
    starts = [trigger.findtext(f"{TASKS}StartBoundary") for trigger in triggers]
    assert starts == ["2026-01-01T09:17:00", "2026-01-01T21:17:00"]
    principal = task.find(f"{TASKS}Principals/{TASKS}Principal")
    actions = task.find(f"{TASKS}Actions")
    assert principal is not None
    assert actions is not None
    assert principal.get("id") == actions.get("Context")
    assert principal.findtext(f"{TASKS}RunLevel") == "LeastPrivilege"
    settings = {part.tag.removeprefix(TASKS): part.text for part in task.iterfind(f"{TASKS}Settings/*")}
    assert settings["StartWhenAvailable"] == "true"
    assert settings["MultipleInstancesPolicy"] == "IgnoreNew"
    assert settings["DisallowStartIfOnBatteries"] == "false"


@given(st.lists(st.text(string.printable[:-5] + "äß", max_size=12), max_size=4))
def test_words_on_windows_are_quoted_as_pythons_own_library_does(words: list[str]) -> None:
    assert windows_reads(render_units.windows_words(words)) == words
    assert windows_reads(subprocess.list2cmdline(words)) == words


# -- all of them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("manager", [Manager.SYSTEMD, Manager.LAUNCHD, Manager.WINDOWS])
def test_every_file_says_whose_it_is_and_is_the_same_each_time(manager: Manager) -> None:
    first, second = (manager_files(manager, job(), place=str) for _ in range(2))
    assert first == second
    for file in first:
        text = file.data.decode("utf-16" if manager is Manager.WINDOWS else "utf-8")
        assert MARK in text[:200]


def order(**more: object) -> ScheduleSpec:
    plain = ScheduleSpec(
        name="default",
        schedule=Interval(period=parse_duration("12h")),
        jitter=10,
        profiles_file=Path("profiles.yaml"),
        data=DataFolder(Path("selfcheck-data")),
        folder=Path("/home/jo"),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def made(manager: Manager, environ: Mapping[str, str] | None = None, **more: object) -> Job:
    return job_of(
        order(**more),
        manager,
        JobContext(
            program=("/bin/selfcheck",),
            environ=environ or {},
            machine="m",
            clock=LocalClock(zone=UTC),
            today=date(2026, 11, 21),
        ),
    )


@POSIX
def test_all_paths_of_a_job_are_absolute_and_its_options_are_there() -> None:
    more = {
        "secrets": Path("s.env"),
        "browser": "bin/chrome",
        "anonymous_only": True,
        "backup_on_incident": True,
        "profiles": ("jane", "joe"),
    }
    words = " ".join(made(Manager.CRON, **more).words)
    assert words == (
        "/bin/selfcheck watch --once --name default --every 12h --profiles /home/jo/profiles.yaml"
        " --data /home/jo/selfcheck-data --log /home/jo/selfcheck-data/schedules/default.log"
        " --secrets /home/jo/s.env --browser /home/jo/bin/chrome --anonymous-only"
        " --backup-on-incident jane joe"
    )


@POSIX
def test_a_browser_channel_is_not_a_path() -> None:
    assert made(Manager.CRON, browser="msedge").words[-2:] == ("--browser", "msedge")


@POSIX
def test_paths_are_copied_into_the_schedule_and_secrets_are_not() -> None:
    environ = {
        "SELFCHECK_SESSIONS": "my sessions/here",
        "SELFCHECK_BROWSER": "chrome",
        "SELFCHECK_SANDBOX": "off",
        "SELFCHECK_KEY": "AGE-SECRET-KEY-1",
        "SELFCHECK_DATA": "d",
        "SELFCHECK_CALLED": "selfcheck",
        "HOME": "/home/jo",
    }
    taken = {
        "SELFCHECK_SESSIONS": "/home/jo/my sessions/here",
        "SELFCHECK_BROWSER": "chrome",
        "SELFCHECK_SANDBOX": "off",
    }
    for manager in Manager:
        one = made(manager, environ)
        if manager is Manager.WINDOWS:
            assert one.environment == {}
            assert one.words[-6:] == (
                "--set",
                "SELFCHECK_BROWSER=chrome",
                "--set",
                "SELFCHECK_SANDBOX=off",
                "--set",
                f"SELFCHECK_SESSIONS={taken['SELFCHECK_SESSIONS']}",
            )
        else:
            assert dict(one.environment) == taken
        texts = (
            crontab_lines(one)
            if manager is Manager.CRON
            else [file.data.decode("utf-8", "replace") for file in manager_files(manager, one, place=str)]
        )
        assert not any("AGE-SECRET" in text.replace("\0", "") for text in texts)
    assert left_out(environ) == ("SELFCHECK_KEY",)


def test_the_zone_of_a_time_is_systemds_own_and_the_others_get_their_clocks() -> None:
    at = DailyAt(times=(time(8, 15),), zone="Europe/Berlin")
    assert (made(Manager.SYSTEMD, schedule=at).zone, made(Manager.SYSTEMD, schedule=at).times) == (
        "Europe/Berlin",
        (time(8, 15),),
    )
    launchd = made(Manager.LAUNCHD, schedule=at, jitter=0)
    assert (launchd.zone, launchd.times) == (None, (time(6, 15), time(7, 15)))
    late = made(Manager.LAUNCHD, schedule=at, jitter=10).times[0]
    assert time(6, 15) <= late <= time(6, 25)


@pytest.mark.parametrize(
    ("manager", "more", "said"),
    [
        pytest.param(Manager.CRON, {"folder": Path("/home/a\nb")}, "invisible characters", id="a line break"),
        pytest.param(Manager.LAUNCHD, {"folder": Path("/home/\udcff")}, "invisible characters", id="a name that is no text"),
        pytest.param(Manager.WINDOWS, {"folder": Path("/home/%TEMP%")}, "whatever is between two %", id="a variable on Windows"),
        pytest.param(Manager.SYSTEMD, {"schedule": Interval(period=parse_duration("45m"))}, "30 minutes or a multiple", id="no times of the day"),
    ],
)  # fmt: skip
def test_what_a_scheduler_cannot_be_told_is_refused(
    manager: Manager, more: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        made(manager, **more)
    assert said in " ".join(refused.value.lines())


def test_a_single_percent_sign_does_not_matter_to_windows() -> None:
    assert made(Manager.WINDOWS, folder=Path("/home/100%")).folder.endswith("100%")


@pytest.mark.parametrize(
    ("name", "fits"),
    [("default", True), ("my-2", True), ("a--b", False), ("-a", False), ("a-", False), ("A", False), ("a.b", False), ("", False), ("a/b", False), ("x" * 41, False), ("ä", False)],
)  # fmt: skip
def test_what_a_schedule_may_be_called(name: str, fits: bool) -> None:
    assert is_schedule_name(name) is fits
