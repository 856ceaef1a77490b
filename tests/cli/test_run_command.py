"""`selfcheck run` as a user types it: what it prints, what it leaves behind, and every exit code."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import jsonschema
import psutil
import pytest

from selfcheck.__main__ import main
from selfcheck.backup.verify import verify_library
from selfcheck.evidence.verify_command import verify
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder

HEALTHY = "  - {name: healthy, platform: demo, handle: '@elena-marsh'}\n"
SUSPENDED = "  - {name: silent, platform: demo, handle: '@jonah-vey'}\n"
WALLED = "  - {name: walled, platform: demo, handle: '@ruth-calder'}\n"
UNREACHABLE_AUTHORITY = "settings: {evidence: {timestamps: [{url: 'http://127.0.0.1:1/none'}]}}\n"
HANGING = "  - {name: hanging, platform: demo, handle: '@leo-marchetti'}\n"


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SELFCHECK_", "GITHUB_"))
    }
    if "SELFCHECK_BROWSER" in os.environ:
        kept["SELFCHECK_BROWSER"] = os.environ["SELFCHECK_BROWSER"]
    return {
        **kept,
        "SELFCHECK_PROFILES": "profiles.yaml",
        "SELFCHECK_DATA": "selfcheck-data",
        "SELFCHECK_SESSIONS": str(folder / "sessions"),
        "SELFCHECK_LOGS": str(folder / "logs"),
        **more,
    }


def selfcheck(
    folder: Path, *words: str, profiles: str = "", as_on_a_terminal: bool = False, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command; `as_on_a_terminal` puts standard error among standard output, in the order of writing."""
    if profiles:
        (folder / "profiles.yaml").write_text(f"profiles:\n{profiles}", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "selfcheck", *words],
        cwd=folder,
        env=environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if as_on_a_terminal else subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@dataclass(frozen=True)
class Said:
    """What a command left behind; named as a process's result is."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    """Call selfcheck in this process, for what a process of its own would show no more of."""

    def call(*words: str, profiles: str, **more: str) -> Said:
        (tmp_path / "profiles.yaml").write_text(f"profiles:\n{profiles}", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        wanted = environment(tmp_path, **more)
        for name in [name for name in os.environ if name not in wanted]:
            monkeypatch.delenv(name)
        for name, value in wanted.items():
            monkeypatch.setenv(name, value)
        code = main(words)
        return Said(code, *capfd.readouterr())

    return call


def test_a_healthy_account_ends_with_0_and_prints_only_json(tmp_path: Path) -> None:
    done = selfcheck(tmp_path, "run", "--format", "json", profiles=HEALTHY + UNREACHABLE_AUTHORITY)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert "No time stamp from http://127.0.0.1:1/none: it could not be reached" in done.stderr
    (checked,) = verify(document["run_id"], DataFolder(tmp_path / "selfcheck-data"))
    assert (checked.problems, checked.files > 10) == ((), True)
    schema = json.loads(files("selfcheck.core").joinpath("run.schema.json").read_text("utf-8"))
    jsonschema.validate(document, schema)
    folder = tmp_path / "selfcheck-data" / "runs" / document["run_id"]
    assert json.loads((folder / "run.json").read_text("utf-8")) == document
    with History.open(DataFolder(tmp_path / "selfcheck-data")) as history:
        assert [row.run_id for row in history.runs("healthy")] == [document["run_id"]]
    profile = document["profiles"][0]
    assert (document["exit_code"], profile["verdict"], profile["handle"]) == (0, "visible", "@elena-marsh")
    assert [(one["kind"], one["ok"], one["handle"][0]) for one in profile["controls"]] == [
        ("live", True, "@"),
        ("absent", True, "@"),
    ]


def test_a_suspension_ends_with_1_and_says_so_in_at_most_80_columns(tmp_path: Path) -> None:
    done = selfcheck(tmp_path, "run", profiles=SUSPENDED + HEALTHY, as_on_a_terminal=True)
    assert done.returncode == 1, done.stdout
    assert "Exit code 1" in done.stdout.strip().splitlines()[-1]
    assert "\x1b[" not in done.stdout
    assert "silent" in done.stdout
    results = [line for line in done.stdout.splitlines() if " the incident silent-" not in line]
    assert len(results) == len(done.stdout.splitlines()) - 1, "what came after the run is told before its end"
    assert [line for line in results if len(line) > 80 and "/" not in line] == []


def test_fail_on_narrows_what_counts_for_1_and_an_incident_makes_a_backup(
    tmp_path: Path, here: Callable[..., Said]
) -> None:
    words = ("run", "--fail-on", "hidden,missing", "--format", "json", "--backup-on-incident")
    done = here(*words, profiles=SUSPENDED)
    assert (done.returncode, json.loads(done.stdout)["profiles"][0]["verdict"]) == (0, "suspended")
    assert "silent: the incident silent-" in done.stderr
    assert "has opened (suspended)." in done.stderr
    assert "There is no backup of silent: selfcheck backup silent" in done.stderr
    assert "silent: 4 new stories, 0 updated, 4 stories in all." in done.stderr
    check = verify_library(tmp_path / "selfcheck-data" / "backups" / "silent")
    assert (check.is_whole, check.stories, check.pictures, check.unfetched) == (True, 4, 4, 0)


def test_a_wall_ends_with_3_and_is_not_good_news(here: Callable[..., Said]) -> None:
    done = here("run", profiles=WALLED)
    assert done.returncode == 3, done.stderr
    assert "bot wall" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["run", "jhon"], "silent", id="an unknown profile is answered with the known ones"),
        pytest.param(["run", "--fail-on", "suspend"], "suspended", id="an unknown verdict is answered with the known"),
        pytest.param(["run", "--profiles", "nowhere.yaml"], "nowhere.yaml", id="a missing file is named"),
        pytest.param(["run", "--browser", "/no/such/browser"], "/no/such/browser", id="a missing browser is named"),
    ],
)  # fmt: skip
def test_what_is_mistaken_ends_with_2(
    tmp_path: Path, here: Callable[..., Said], words: list[str], expected: str
) -> None:
    done = here(*words, profiles=SUSPENDED)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "selfcheck-data" / "runs").exists()


def test_five_mistakes_are_told_at_once_and_nothing_is_opened(here: Callable[..., Said]) -> None:
    profiles = (
        "  - {name: jane, platform: medum, handle: '@jane'}\n"
        "  - {name: jane, platform: medium, handel: '@jane'}\n"
        "  - {name: joe, platform: medium, handle: '@joe', base_url: 'ftp://x'}\n"
        "  - {name: ann, platform: medium, handle: '@ann', stories: {latest: many}}\n"
    )
    done = here("run", profiles=profiles, SELFCHECK_BROWSER="/no/such/browser")
    told = [line for line in done.stderr.splitlines() if "profiles.yaml:" in line and "expected" in line]
    assert done.returncode == 2
    assert len(told) >= 5, done.stderr
    assert "medium" in done.stderr
    assert "/no/such/browser" not in done.stderr


def test_a_data_folder_that_cannot_be_written_ends_with_4_and_a_message(tmp_path: Path) -> None:
    (tmp_path / "selfcheck-data").write_text("a file stands where the folder should be", encoding="utf-8")
    done = selfcheck(tmp_path, "run", "--data", "selfcheck-data/below", profiles=HEALTHY)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert "selfcheck-data" in done.stderr


def test_junit_has_a_case_for_each_page_whatever_becomes_of_the_history(
    tmp_path: Path, here: Callable[..., Said]
) -> None:
    (tmp_path / "selfcheck-data" / "history.db").mkdir(parents=True)
    done = here("run", "--format", "junit", profiles=SUSPENDED)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "The run was not recorded in the history:" in done.stderr
    suites = ET.fromstring(done.stdout)
    cases = [case.get("name") or "" for case in suites.iter("testcase")]
    assert len(cases) >= 3
    assert any(case.find("failure") is not None for case in suites.iter("testcase"))


def test_github_gets_annotations_and_a_summary(tmp_path: Path, here: Callable[..., Said]) -> None:
    summary = tmp_path / "summary.md"
    done = here("run", "--format", "github", profiles=SUSPENDED, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1
    assert "::error" in done.stdout
    assert "suspended" in summary.read_text("utf-8").lower()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "a polite kill"])
def test_an_interruption_keeps_what_was_finished_and_leaves_no_browser(
    tmp_path: Path, stop: signal.Signals
) -> None:
    (tmp_path / "profiles.yaml").write_text(f"profiles:\n{HEALTHY}{HANGING}", encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "selfcheck", "run", "--format", "json"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("healthy: visible"):
            break
    children = psutil.Process(running.pid).children(recursive=True)
    assert children
    running.send_signal(stop)
    out, told = running.communicate(timeout=60)
    assert running.returncode == 130, told
    document = json.loads(out)
    assert (document["exit_code"], [one["name"] for one in document["profiles"]]) == (130, ["healthy"])
    assert "Traceback" not in told
    _, alive = psutil.wait_procs(children, timeout=10)
    assert [one.name() for one in alive] == []
    folder = tmp_path / "selfcheck-data" / "runs" / document["run_id"]
    with History.open(DataFolder(tmp_path / "selfcheck-data")) as history:
        assert history.profiles() == ("healthy",)
    assert {"run.json", "report.html", "manifest.json"} <= {path.name for path in folder.iterdir()}
