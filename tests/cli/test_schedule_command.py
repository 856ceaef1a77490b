"""`selfcheck schedule` and `selfcheck watch` as a user types them, with programs of our own on the PATH."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from running_program import rest_of, started, wait_for

from selfcheck.__main__ import main
from selfcheck.backup.service import journal_of, library_folder
from selfcheck.cli import backup_profile, watch
from selfcheck.core.enums import Verdict
from selfcheck.demo.states import STATES
from selfcheck.schedule.state import ScheduleState, read_state, write_state
from selfcheck.settings import read_configuration
from selfcheck.storage.data_folder import DataFolder

if sys.platform == "win32":
    pytest.skip("the programs on the PATH are shell scripts", allow_module_level=True)

ROOT = Path(__file__).parents[2]
REAL_CRONTAB = shutil.which("crontab")
OTHERS = "0 3 * * * backup --all\n"
CRONTAB = """#!/bin/sh
spool="$HOME/spool"
case "$1" in
  -l) if [ -f "$spool" ]; then cat "$spool"; else echo "no crontab for me" >&2; exit 1; fi ;;
  -) cat > "$spool" ;;
  *) exit 2 ;;
esac
"""
SYSTEMCTL = """#!/bin/sh
echo "$*" >> "$HOME/systemctl-was-told"
[ -e "$HOME/no-bus" ] && { echo "Failed to connect to bus: No medium found" >&2; exit 1; }
case "$*" in
  *is-active*) [ -e "$HOME/active" ] ;;
  *enable*) touch "$HOME/active" ;;
  *disable*) rm -f "$HOME/active" ;;
esac
"""
PROFILES = "profiles:\n  - {name: well, platform: demo, handle: '@elena-marsh'}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with schedulers of its own, and a folder with a tricky name in it to work in."""
    programs, work = tmp_path / "bin", tmp_path / "my pages, 100%"
    programs.mkdir()
    work.mkdir()
    for name, text in (("crontab", CRONTAB), ("systemctl", SYSTEMCTL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (work / "profiles.yaml").write_text(PROFILES)
    for name in [one for one in os.environ if one.startswith("SELFCHECK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SELFCHECK_PROFILES", "profiles.yaml")
    monkeypatch.setenv("SELFCHECK_DATA", "selfcheck-data")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.chdir(work)
    return tmp_path


def outcome(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_from_nothing_to_a_schedule_and_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "no-bus").touch()
    (home / "spool").write_text(OTHERS)
    code, out, _ = outcome(capsys, "schedule", "install", "--every", "12h")
    assert code == 0
    assert out.startswith("Installed default: every 12 hours, with cron.\n")
    assert "Cron never catches up" in out
    assert (home / "spool").read_text().startswith(OTHERS)
    code, out, _ = outcome(capsys, "schedule", "status")
    assert code == 0
    assert "cron knows it." in out
    assert "It has not run yet." in out
    assert re.search(r"Next run: \d{4}-\d\d-\d\d \d\d:\d\d here", out)
    assert outcome(capsys, "schedule", "install", "--every", "12h")[1].startswith("Already installed")
    Path("profiles.yaml").rename("elsewhere.yaml")
    code, out, _ = outcome(capsys, "schedule", "status")
    assert (code, "It will not run: " in out, "profiles.yaml is gone" in out) == (1, True, True)
    assert outcome(capsys, "schedule", "remove")[0] == 0
    assert (home / "spool").read_text() == OTHERS
    code, out, _ = outcome(capsys, "schedule", "status")
    assert (code, out.splitlines()[0]) == (0, "No schedule is installed.")
    assert outcome(capsys, "schedule", "remove")[0] == 2


def nobody_has_a_crontab() -> bool:
    """Return whether cron itself is here, and this user has no crontab that a test could harm."""
    if not sys.platform.startswith("linux") or REAL_CRONTAB is None:
        return False
    listed = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    return listed.returncode == 1 and "no crontab for" in listed.stderr


@pytest.mark.skipif(not nobody_has_a_crontab(), reason="there is no cron here, or somebody's crontab")
def test_cron_itself_takes_the_lines_and_gives_them_back(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert REAL_CRONTAB is not None
    (home / "bin" / "crontab").unlink()
    (home / "bin" / "crontab").symlink_to(REAL_CRONTAB)
    others = f"# a comment of mine\n{OTHERS}"
    try:
        subprocess.run(["crontab", "-"], input=others, text=True, check=True)
        assert outcome(capsys, "schedule", "install", "--every", "12h", "--with", "cron")[0] == 0
        assert "cron knows it." in outcome(capsys, "schedule", "status")[1]
        assert outcome(capsys, "schedule", "remove")[0] == 0
        left = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=True).stdout
        assert left == others
    finally:
        subprocess.run(["crontab", "-r"], check=False)


def test_systemd_is_preferred_to_cron_where_it_answers(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(capsys, "schedule", "install", "--at", "08:15", "--at", "20:15")[0] == 0
    units = home / "config" / "systemd" / "user"
    timer = (units / "selfcheck-default.timer").read_text()
    assert "OnCalendar=*-*-* 08:15:00 UTC\nOnCalendar=*-*-* 20:15:00 UTC\n" in timer
    assert not (home / "spool").exists()
    told = (home / "systemctl-was-told").read_text().splitlines()
    assert told[-3:] == [
        "--user daemon-reload",
        "--user enable --now selfcheck-default.timer",
        "--user is-active --quiet selfcheck-default.timer",
    ]
    assert outcome(capsys, "schedule", "remove")[0] == 0
    assert list(units.iterdir()) == []


def test_a_bus_that_is_not_there_leaves_nothing_behind(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "no-bus").touch()
    code, _, err = outcome(capsys, "schedule", "install", "--every", "12h", "--with", "systemd")
    assert code == 2
    assert "No medium found" in err
    assert list((home / "config").rglob("selfcheck*.timer")) == []
    assert outcome(capsys, "schedule", "status")[1].startswith("No schedule is installed.")


@pytest.mark.parametrize("manager", ["systemd", "cron", "launchd", "task-scheduler"])
def test_print_shows_all_and_writes_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], manager: str
) -> None:
    before = sorted(home.rglob("*"))
    code, out, _ = outcome(capsys, "schedule", "install", "--every", "12h", "--with", manager, "--print")
    assert code == 0
    assert "selfcheck schedule" in out
    assert "my pages, 100" in out
    assert sorted(home.rglob("*")) == before


def test_a_time_zone_of_the_settings_counts(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("profiles.yaml").write_text(PROFILES + "settings: {time_zone: Europe/Berlin}\n")
    words = ("schedule", "install", "--at", "08:15", "--jitter", "0", "--print", "--with")
    assert "OnCalendar=*-*-* 08:15:00 Europe/Berlin" in outcome(capsys, *words, "systemd")[1]


def test_secrets_of_the_environment_are_named_and_not_written(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_KEY", "AGE-SECRET-KEY-1QQ")
    monkeypatch.setenv("SELFCHECK_SESSIONS", "sessions")
    code, out, err = outcome(capsys, "schedule", "install", "--every", "12h", "--with", "cron")
    assert code == 0
    assert "not written into the schedule, since they may be secrets: SELFCHECK_KEY." in out
    assert str(home / "config" / "selfcheck" / "secrets.env") in out
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"AGE-SECRET-KEY" not in everything
    assert "AGE-SECRET-KEY" not in out + err
    assert f"SELFCHECK_SESSIONS={Path.cwd()}/sessions".replace("%", "\\%") in (home / "spool").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["install"], "one of --every and --at", id="neither"),
        pytest.param(["install", "--every", "1h", "--at", "08:15"], "exclude each other", id="both"),
        pytest.param(["install", "--every", "often"], "not a length of time", id="no length of time"),
        pytest.param(["install", "--every", "45m"], "30 minutes or a multiple", id="no times of the day"),
        pytest.param(["install", "--at", "25:00"], "not a time of the day", id="no time"),
        pytest.param(
            ["install", "--every", "1h", "--name", "My"], "cannot be a schedule's name", id="a name"
        ),
        pytest.param(["install", "--every", "1h", "--jitter", "x"], "--jitter", id="a jitter"),
        pytest.param(["install", "--every", "1h", "nobody"], "no profile called `nobody`", id="a profile"),
        pytest.param(
            ["install", "--every", "1h", "--profiles", "no.yaml"], "There is no file no.yaml", id="a file"
        ),
        pytest.param(["remove", "--name", "x"], "No schedule `x`", id="nothing to remove"),
    ],
)
def test_what_is_mistaken_is_reported(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, _, err = outcome(capsys, "schedule", *words)
    assert code == 2
    assert said in err
    assert not (home / "spool").exists()
    assert not (home / "config").exists()


OFTEN = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"


@pytest.mark.parametrize(
    ("words", "warned"),
    [
        pytest.param(("--every", "6h"), True, id="six hours"),
        pytest.param(("--at", "08:00", "--at", "12:00"), True, id="four hours between two times"),
        pytest.param(("--every", "12h"), False, id="twelve hours"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [("schedule", "install", "--with", "cron"), ("schedule", "install", "--with", "cron", "--print")],
)
def test_a_schedule_shorter_than_a_platform_allows_gets_a_warning(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    warned: bool,
    command: tuple[str, ...],
) -> None:
    Path("profiles.yaml").write_text(OFTEN)
    code, out, err = outcome(capsys, *command, *words)
    assert code == 0
    assert ("Warning: Medium's file asks for 10 hours between two runs" in err) is warned
    assert "Medium" not in out


def test_a_watch_shorter_than_a_platform_allows_warns_once(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("profiles.yaml").write_text(OFTEN)
    monkeypatch.setattr(watch, "_watch", lambda *_, **__: 130)
    assert "Warning: Medium's file asks for 10 hours" in outcome(capsys, "watch", "--every", "6h")[2]
    assert "Warning" not in outcome(capsys, "watch", "--every", "12h")[2]
    assert "Warning" not in outcome(capsys, "watch", "--every", "6h", "--once")[2]  # told when installed


# -- watch -----------------------------------------------------------------------------------------------


def environment(home: Path) -> Mapping[str, str]:
    """An environment as cron gives it, and where selfcheck itself is."""
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


NAMED = {"SELFCHECK_PROFILES": "profiles.yaml", "SELFCHECK_DATA": "selfcheck-data"}


def watching(home: Path, *words: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a watch in the current folder."""
    return started([sys.executable, "-m", "selfcheck", "watch", *words], {**environment(home), **NAMED})


def test_the_line_that_cron_got_really_checks_and_a_second_start_finds_nothing_due(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome(capsys, "schedule", "install", "--every", "12h", "--with", "cron")
    (line,) = [one for one in (home / "spool").read_text().splitlines() if not one.startswith("#")]
    command = line.split(" ", 5)[5].replace("\\%", "%")
    done = [
        subprocess.run(["/bin/sh", "-c", command], env=environment(home), capture_output=True, check=False)
        for _ in range(2)
    ]
    assert [(one.returncode, one.stdout, one.stderr) for one in done] == [(0, b"", b"")] * 2
    data = Path("selfcheck-data")
    assert len(list(data.glob("runs/*/run.json"))) == 1
    turn = read_state(DataFolder(data), "default")
    assert turn is not None
    assert (turn.runs, turn.last_exit_code) == (1, 0)
    log = (data / "schedules" / "default.log").read_text()
    assert "well" in log
    assert "Nothing is due: every 12 hours, and the last run began" in log
    assert "all visible (exit code 0)" in outcome(capsys, "schedule", "status")[1]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=lambda stop: stop.name)
def test_a_waiting_watch_can_be_stopped_and_releases_its_lock(
    home: Path, capsys: pytest.CaptureFixture[str], stop: signal.Signals
) -> None:
    data, now = Path("selfcheck-data"), datetime.now(UTC)
    hour = timedelta(hours=1)
    write_state(
        DataFolder(data),
        ScheduleState(
            name="default", rhythm="every 6 hours", since=now, last_started=now - hour, next_due=now + hour
        ),
    )
    with watching(home, "--every", "6h") as running:
        wait_for(running, "Next run: ")
        code, _, err = outcome(capsys, "watch", "--every", "6h")
        assert code == 2
        assert f"is already running: process {running.pid} " in err
        code, _, err = outcome(capsys, "watch", "--every", "6h", "--once")
        assert code == 0
        assert "Nothing is done this time." in err
        running.send_signal(stop)
        said = rest_of(running)
    assert (running.returncode, "Traceback" in said, said.endswith("Stopped.\n")) == (130, False, True)
    assert (data / "schedules" / "default.lock").read_text() == ""


def test_a_watch_that_was_killed_is_followed_by_another(home: Path) -> None:
    now = datetime.now(UTC)
    write_state(
        DataFolder(Path("selfcheck-data")),
        ScheduleState(name="default", rhythm="x", since=now, last_started=now),
    )
    with watching(home, "--every", "6h") as killed:
        wait_for(killed, "Next run: ")
        killed.kill()
    with watching(home, "--every", "6h") as second:
        said = wait_for(second, "Next run: ")
        second.terminate()
        second.communicate(timeout=60)
    assert f"The previous watch (process {killed.pid} " in said
    assert second.returncode == 130


def test_a_watch_is_stopped_in_the_middle_of_a_run_and_keeps_what_it_has(home: Path) -> None:
    (hanging,) = (state for state in STATES if state.name == "hanging")
    Path("profiles.yaml").write_text(PROFILES.replace("elena-marsh", hanging.handle.lstrip("@")))
    with watching(home, "--every", "6h") as running:
        wait_for(running, ": profile")
        running.terminate()
        said = rest_of(running)
    assert running.returncode == 130, said
    assert "Exit code 130" in said
    assert "Traceback" not in said
    turn = read_state(DataFolder(Path("selfcheck-data")), "default")
    assert turn is not None
    assert (turn.last_exit_code, turn.runs) == (130, 1)


@pytest.mark.parametrize(
    ("proxy", "waits"), [(None, True), ("http://127.0.0.1:9", False)], ids=["directly", "behind a proxy"]
)
def test_a_platform_that_cannot_be_reached_is_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch, proxy: str | None, waits: bool
) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)
    if proxy:
        monkeypatch.setenv("https_proxy", proxy)
    nowhere = "profiles: [{name: x, platform: demo, handle: y, base_url: 'http://127.0.0.1:9'}]"
    Path("profiles.yaml").write_text(nowhere)
    assert watch.is_online(read_configuration(Path("profiles.yaml")).profiles) is not waits


@pytest.mark.parametrize(("hours", "copied"), [(None, True), (23, False), (25, True)])
def test_a_watch_copies_the_stories_of_a_bad_profile_at_most_once_a_day(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    hours: int | None,
    copied: bool,
) -> None:
    Path("profiles.yaml").write_text(
        "profiles: [{name: silent, platform: demo, handle: '@jonah-vey'},"
        " {name: well, platform: demo, handle: '@elena-marsh'}]"
    )
    if hours is not None:
        journal = journal_of(library_folder(DataFolder(Path("selfcheck-data")), "silent"))
        journal.end_round(datetime.now(UTC) - timedelta(hours=hours))
    verdicts = {"silent": Verdict.SUSPENDED, "well": Verdict.VISIBLE}
    profiles = [SimpleNamespace(name=name, verdict=verdict) for name, verdict in verdicts.items()]
    finished, made = SimpleNamespace(result=SimpleNamespace(profiles=profiles)), list[str]()

    def checked(*_: object, afterwards: Callable[[object], object]) -> int:
        afterwards(finished)
        return 1

    monkeypatch.setattr(watch, "run_in_terminal", checked)
    monkeypatch.setattr(
        backup_profile, "back_up_profile", lambda subject, *_: made.append(subject.profile.name)
    )
    code, _, err = outcome(capsys, "watch", "--once", "--every", "12h", "--backup-on-incident")
    assert (code, made) == (1, ["silent"] if copied else [])
    assert ("silent: its stories were copied less than a day ago." in err) is not copied


def test_a_broken_profiles_file_ends_a_watch_before_it_begins(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("profiles.yaml").write_text("profiles: []")
    code, _, err = outcome(capsys, "watch", "--every", "6h")
    assert (code, "expected at least one profile" in err) == (2, True)
    assert not Path("selfcheck-data").exists()


def test_secrets_reach_the_environment_of_a_run_from_a_file_that_is_private(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERE_ALREADY", "mine")
    for name in ("FROM_FILE", "BY_SET"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    now = datetime.now(UTC)
    write_state(
        DataFolder(Path("selfcheck-data")),
        ScheduleState(name="default", rhythm="x", since=now, last_started=now),
    )
    path = home / "s.env"
    path.write_text("FROM_FILE=s3cret\nHERE_ALREADY=s3cret\n")
    path.chmod(0o600)
    words = ("watch", "--once", "--every", "6h", "--secrets", str(path), "--set", "BY_SET=1")
    assert outcome(capsys, *words)[0] == 0
    assert [os.environ[name] for name in ("FROM_FILE", "HERE_ALREADY", "BY_SET")] == ["s3cret", "mine", "1"]
    path.chmod(0o644)
    code, _, err = outcome(capsys, *words)
    assert (code, "chmod 600" in err, "s3cret" in err) == (2, True, False)
