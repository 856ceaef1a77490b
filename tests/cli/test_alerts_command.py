"""`selfcheck alerts` and `selfcheck status` as a user types them, and what a run tells on its channels."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from channels import Asked, FakeGh, outside, server
from histories import document, judged, keep_folders, record_runs
from loguru import logger
from runs import environment
from sample_runs import run as sample_run

from selfcheck.__main__ import main
from selfcheck.alerts.dispatch import DispatchResult
from selfcheck.alerts.heartbeat import beat_of
from selfcheck.cli.common import open_store
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.secret_text import scrubbed, secrets_of
from selfcheck.doctor.checks import Checkup, channel_findings
from selfcheck.history.store import History
from selfcheck.runs.run import Finished
from selfcheck.runs.service import Alerting, alert_after_quiet_hours, record_and_alert
from selfcheck.settings import read_configuration
from selfcheck.storage.data_folder import DataFolder

POSIX = pytest.mark.skipif(os.name != "posix", reason="the programs are scripts")
TOKEN = "tk-9f8e7d6c5b4a"
PROFILES = """\
profiles:
  - {name: jane, platform: demo, handle: '@jonah-vey'}
  - {name: max, platform: demo, handle: '@elena-marsh'}
"""
CHANNELS = """\
settings:
  time_zone: Europe/Berlin
  alerts:
    channels:
      - {name: phone, url_env: SELFCHECK_ALERT_PHONE}
      - {name: dead, url_env: SELFCHECK_ALERT_DEAD, language: de}
      - {name: screen, kind: terminal}
"""


def alerting_of(home: Path, environ: dict[str, str]) -> Alerting:
    configuration = read_configuration(home / "profiles.yaml")
    return Alerting(configuration=configuration, environment=outside(environ))


@pytest.fixture
def web() -> Iterator[Asked]:
    with server() as asked:
        yield asked


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with profiles, in which the command is called, and an environment without our variables."""
    for name in [one for one in os.environ if one.startswith(("SELFCHECK_ALERT", "SELFCHECK_HEART"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("SELFCHECK_LOGS", str(tmp_path / "logs"))
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    return tmp_path


def ago(**length: float) -> datetime:
    return datetime.now(UTC) - timedelta(**length)


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Call selfcheck; return the exit code, standard output and standard error."""
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


# -- status ----------------------------------------------------------------------------------------------


def test_the_status_is_3_while_a_check_is_overdue_and_0_when_it_is_not(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = home / "selfcheck-data"
    code, out, _ = asked(capsys, "status")
    assert (code, out.count("OVERDUE"), data.exists()) == (3, 2, False)
    record_runs(data, document(ago(hours=40), judged("V"), judged("V", name="max")))
    assert asked(capsys, "status")[0] == 3
    record_runs(data, document(ago(hours=2), judged("S"), judged("?", name="max")))
    code, out, _ = asked(capsys, "status")
    assert code == 3
    assert "jane: watched" in out
    assert "max: a check is OVERDUE" in out
    assert "Since then 1 inconclusive run" in out
    assert "selfcheck run max" in out
    record_runs(data, document(ago(hours=1), judged("V", name="max")))
    code, out, _ = asked(capsys, "status", "--format", "json")
    assert (code, json.loads(out)["overdue"]) == (0, False)


def test_the_status_takes_the_gap_from_the_settings(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profiles = home / "profiles.yaml"
    profiles.write_text(f"{PROFILES}settings: {{watch: {{every: 1h, grace: 30m}}}}\n", encoding="utf-8")
    record_runs(home / "selfcheck-data", document(ago(hours=2), judged("V"), judged("V", name="max")))
    code, out, _ = asked(capsys, "status")
    assert code == 3
    assert "(every hour)" in out
    assert asked(capsys, "status", "--profiles", "none.yaml")[0] == 2


def test_the_status_expects_no_check_that_the_platform_does_not_allow(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = "settings: {watch: {every: 1h, grace: 1h}}\n"
    (home / "profiles.yaml").write_text(
        f"profiles: [{{name: jane, platform: medium, handle: '@jane'}}]\n{settings}", encoding="utf-8"
    )
    record_runs(home / "selfcheck-data", document(ago(hours=9), judged("V")))
    code, out, _ = asked(capsys, "status")
    assert (code, "(every 10 hours)" in out) == (0, True), out
    assert (
        json.loads(asked(capsys, "status", "--format", "json")[1])["profiles"][0]["every_seconds"] == 36_000
    )


# -- alerts test, send, issue ----------------------------------------------------------------------------


def test_without_a_channel_it_is_said_how_to_have_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = asked(capsys, "alerts", "test")
    assert code == 2
    assert "SELFCHECK_ALERT_URLS" in err


@POSIX
def test_the_test_reads_the_file_of_secrets_that_schedules_read(
    home: Path, web: Asked, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_ALERT_URLS", "taken away at the end, whoever sets it")
    monkeypatch.delenv("SELFCHECK_ALERT_URLS")
    secrets = home / "config" / "selfcheck" / "secrets.env"
    secrets.parent.mkdir(parents=True)
    secrets.write_text(f"SELFCHECK_ALERT_URLS=json://{web.address}/hook\n")
    secrets.chmod(0o600)
    code, out, _ = asked(capsys, "alerts", "test")
    assert (code, "arrived" in out) == (0, True)


def test_the_test_says_which_channel_it_reached(
    home: Path, web: Asked, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "profiles.yaml").write_text(PROFILES + CHANNELS, encoding="utf-8")
    monkeypatch.setenv("SELFCHECK_ALERT_PHONE", f"json://{web.address}/{TOKEN}")
    code, out, err = asked(capsys, "alerts", "test")
    assert code == 1
    assert "phone (apprise): arrived\n" in out
    assert "dead (apprise): NOT ARRIVED: the environment variable SELFCHECK_ALERT_DEAD is not set" in out
    assert "screen (terminal): arrived" in out
    assert TOKEN not in out + err
    assert asked(capsys, "alerts", "test", "phone")[0] == 0
    assert len(web.bodies) == 2
    code, _, err = asked(capsys, "alerts", "test", "fone")
    assert (code, "did you mean `phone`?" in err.lower()) == (2, True)


def test_what_is_due_can_be_sent_between_two_runs(
    home: Path, web: Asked, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SELFCHECK_ALERT_URLS", f"json://{web.address}/")
    assert asked(capsys, "alerts", "send")[2] == "Nothing is due.\n"
    record_runs(home / "selfcheck-data", document(ago(hours=1), judged("S")))
    code, _, err = asked(capsys, "alerts", "send")
    assert (code, "confirmed:suspended of jane-" in err, "arrived" in err) == (0, True, True)
    assert asked(capsys, "alerts", "send")[2] == "Nothing is due.\n"
    assert len(web.bodies) == 1


@POSIX
def test_a_workflow_brings_the_issues_up_to_date(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gh = FakeGh(home / "bin")
    monkeypatch.setenv("PATH", str(gh.folder))
    record_runs(home / "selfcheck-data", document(ago(hours=1), judged("S")))
    words = ("alerts", "issue", "--repository", "jane/watch", "--link", "https://example.org/run/1")
    assert asked(capsys, *words)[0] == 0
    assert asked(capsys, *words)[2] == "Nothing is due.\n"
    assert [one["state"] for one in gh.github.issues] == ["open"]
    gh.fail("HTTP 502")
    record_runs(home / "selfcheck-data", document(ago(minutes=1), judged("V")))
    monkeypatch.setattr("selfcheck.cli.alerts.sleep", lambda _seconds: None)
    code, _, err = asked(capsys, *words)
    assert (code, "NOT ARRIVED: GitHub refused: HTTP 502" in err) == (1, True)
    gh.fail("")
    assert asked(capsys, *words)[0] == 0
    assert [one["state"] for one in gh.github.issues] == ["closed"]
    assert asked(capsys, "alerts", "issue", "--link", "example")[0] == 2


def test_doctor_tells_of_each_channel(
    home: Path, web: Asked, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "profiles.yaml").write_text(PROFILES + CHANNELS, encoding="utf-8")
    monkeypatch.setenv("SELFCHECK_ALERT_PHONE", f"json://{web.address}/{TOKEN}")
    monkeypatch.setenv("SELFCHECK_HEARTBEAT_URL", TOKEN)
    web.status = 500
    monkeypatch.setattr("selfcheck.cli.alerts.sleep", lambda _seconds: None)
    assert asked(capsys, "alerts", "test", "phone")[0] == 1
    checkup = Checkup(
        profiles_file=home / "profiles.yaml",
        data=DataFolder(home / "selfcheck-data"),
        browser=None,
        store=open_store(),
        hints=CommandHints(),
    )
    found = list(channel_findings(read_configuration(checkup.profiles_file).preferences, checkup))
    told = {one.check: (one.state.value, f"{one.says} {one.do}") for one in found}
    assert {check: state for check, (state, _) in told.items()} == {
        "Alerts phone": "warn",
        "Alerts dead": "warn",
        "Alerts screen": "ok",
        "Heartbeat": "warn",
    }
    assert "refused with HTTP 500" in told["Alerts phone"][1]
    assert "selfcheck alerts test phone" in told["Alerts phone"][1]
    assert TOKEN not in str(told)


# -- after a run -----------------------------------------------------------------------------------------


def finished_run(folder: Path, letter: str = "S") -> Finished:
    at = ago(minutes=1)
    result = sample_run(judged(letter), run_id=f"{at:%Y%m%dT%H%M%SZ}-aaaaaa", started_at=at, finished_at=at)
    return Finished(result=result, folder=folder / "runs" / result.run_id, written=frozenset())


@POSIX
def test_no_planted_secret_is_found_anywhere(
    home: Path, web: Asked, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    hook = home / "hook.sh"
    hook.write_text("#!/bin/sh\nenv >&2\nexit 3\n", encoding="utf-8")
    hook.chmod(0o755)
    gh = FakeGh(home / "bin")
    gh.fail(f"bad credentials: {TOKEN}")
    more = "      - {name: hook, kind: command, command: [./hook.sh]}\n"
    more += "      - {name: repo, kind: github-issue}\n"
    (home / "profiles.yaml").write_text(PROFILES + CHANNELS + more, encoding="utf-8")
    refused = f"json://jane:{TOKEN}@{web.address}/{TOKEN}?k={TOKEN}"
    nowhere = f"json://jane:{TOKEN}@127.0.0.1:1/{TOKEN}"
    environ = {
        "PATH": f"{gh.folder}{os.pathsep}{os.environ['PATH']}",
        "GH_TOKEN": TOKEN,
        "SELFCHECK_ALERT_PHONE": refused,
        "SELFCHECK_ALERT_DEAD": nowhere,
        "SELFCHECK_ALERT_URLS": f"slack://{TOKEN}",
        "SELFCHECK_HEARTBEAT_URL": f"http://{web.address}/{TOKEN}",
        "SELFCHECK_DEBUG": "1",
    }
    web.status = 401
    logged: list[str] = []
    log = logger.add(logged.append, level=0)
    data = home / "selfcheck-data"
    done = record_and_alert(
        finished_run(data), DataFolder(data), environment(home), alerting_of(home, environ)
    )
    logger.remove(log)
    failed = {one.channel for one in done.alerts.deliveries if not one.ok}
    assert failed == {"phone", "dead", "hook", "repo", "alerts"}
    assert len(done.troubles) == len(failed) + 1  # and the heartbeat
    assert TOKEN not in repr(done) + "".join(logged) + "".join(capfd.readouterr())
    kept = [path for path in (home / "selfcheck-data").rglob("*") if path.is_file()]
    assert {"history.db", "journal.jsonl"} <= {path.name for path in kept}
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]


def test_no_alert_is_sent_about_a_run_that_could_not_be_recorded(home: Path, web: Asked) -> None:
    data = home / "selfcheck-data"
    data.mkdir()
    (data / "history.db").mkdir()
    environ = {
        "SELFCHECK_ALERT_URLS": f"json://{web.address}/alert",
        "SELFCHECK_HEARTBEAT_URL": f"http://{web.address}/beat",
    }
    done = record_and_alert(
        finished_run(data), DataFolder(data), environment(home), alerting_of(home, environ)
    )
    assert web.paths == ["/beat/fail"]
    assert done.troubles[0].startswith("The run was not recorded in the history")
    assert "The run was not recorded" in web.bodies[0]


@pytest.mark.parametrize(
    ("letter", "code", "which"),
    [
        pytest.param("V", 0, "", id="all visible"),
        pytest.param("S", 1, "", id="a suspension is no failure of the watch"),
        pytest.param("?", 3, "", id="one look that could not tell is none either"),
        pytest.param("?", 4, "fail", id="selfcheck failed"),
        pytest.param("V", 130, "fail", id="interrupted"),
    ],
)
def test_the_heartbeat_is_about_the_watch_and_not_about_the_verdict(
    letter: str, code: int, which: str
) -> None:
    result = sample_run(judged(letter), exit_code=code)
    beat, summary = beat_of(result, DispatchResult(), ())
    assert beat == which
    assert f"exit code {code}" in summary
    assert beat_of(result, DispatchResult(unwatched=("jane",)), ())[0] == "fail"


def test_a_run_sends_alerts_and_heartbeats_and_its_result_says_whether_they_arrived(
    home: Path, web: Asked
) -> None:
    (home / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    variables = {
        "SELFCHECK_ALERT_URLS": f"json://{web.address}/{TOKEN}",
        "SELFCHECK_HEARTBEAT_URL": f"http://{web.address}/beat",
        "SELFCHECK_SESSIONS": str(home / "sessions"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "selfcheck", "run", "jane", "--format", "json"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    result = json.loads(done.stdout)
    schema = json.loads(files("selfcheck.core").joinpath("run.schema.json").read_text("utf-8"))
    jsonschema.validate(result, schema)
    (delivery,) = result["alerts"]["deliveries"]
    assert (delivery["channel"], delivery["kind"], delivery["ok"]) == ("alerts", "confirmed:suspended", True)
    assert web.paths == ["/beat/start", f"/{TOKEN}", f"/{TOKEN}", "/beat"]
    text, picture = (json.loads(one) for one in web.bodies[1:3])
    assert text["title"] == "Suspended: @jonah-vey on Inkwell"
    assert "selfcheck appeal jane" in text["message"]
    assert [one["filename"] for one in picture["attachments"]] == ["side-by-side.png"]
    with History.open(DataFolder(home / "selfcheck-data")) as history:
        assert [one.kind for one in history.deliveries("jane")] == ["confirmed:suspended"]
    assert TOKEN not in done.stdout + done.stderr
    kept = [path for path in (home / "selfcheck-data").rglob("*") if path.is_file()]
    assert not [path for path in kept if TOKEN.encode() in path.read_bytes()]


def test_a_run_that_was_refused_as_too_early_is_not_a_failure_of_the_watch(
    home: Path, web: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "profiles.yaml").write_text(
        "profiles: [{name: jane, platform: medium, handle: '@jane'}]\n", encoding="utf-8"
    )
    at = ago(hours=2)
    keep_folders(home / "selfcheck-data", document(at, judged("V", platform="medium")))
    monkeypatch.setenv("SELFCHECK_HEARTBEAT_URL", f"http://{web.address}/beat")
    monkeypatch.setenv("SELFCHECK_BROWSER", "/no/such/browser")
    run_it = [sys.executable, "-m", "selfcheck", "run"]  # a process of its own: a run has its own event loop
    refused = subprocess.run(run_it, capture_output=True, text=True, check=False)
    assert (refused.returncode, web.paths) == (2, []), refused.stderr
    failed = subprocess.run([*run_it, "--again"], capture_output=True, text=True, check=False)
    assert (failed.returncode, web.paths) == (2, ["/beat/start", "/beat/fail"]), failed.stderr
    assert "No run was made.\n" in web.bodies[-1]


@pytest.mark.parametrize("name", ["SELFCHECK_SESSIONS", "SELFCHECK_KEY_FILE"])
def test_a_path_in_the_environment_is_not_a_secret(name: str) -> None:
    environ = {name: "/home/jane/.config/selfcheck/sessions", "SELFCHECK_SESSION_JANE": "line-of-a-session"}
    said = "selfcheck login jane; sessions lie elsewhere; line-of-a-session"
    assert scrubbed(said, secrets_of(environ)) == "selfcheck login jane; sessions lie elsewhere; …"


def test_a_watch_sends_what_waited_as_soon_as_the_quiet_hours_end(home: Path, web: Asked) -> None:
    quiet = "settings: {alerts: {channels: [{name: phone, url_env: PHONE, quiet: '22:00-07:00'}]}}\n"
    (home / "profiles.yaml").write_text(PROFILES + quiet, encoding="utf-8")
    night = datetime(2026, 11, 3, 23, 0, tzinfo=UTC)
    data = home / "selfcheck-data"
    record_runs(data, document(night, judged("S")))
    alerting = alerting_of(home, {"PHONE": f"json://{web.address}/"})
    times = [night + timedelta(hours=hours) for hours in (0, 1, 7.9, 8, 8.1, 32)]
    heard = []
    for before, now in pairwise(times):
        assert (
            alert_after_quiet_hours(DataFolder(data), alerting, CommandHints(), before=before, now=now)
            is None
        )
        heard.append(len(web.bodies))
    assert heard == [0, 0, 1, 1, 1]
