"""The steps of `action.yml`, done by bash in their order, with GitHub's files, a `gh` of our own, and a bare
repository as the remote.
"""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from workflow_runner import ROOT, Job, Runner

from selfcheck.demo.site import DemoSite
from selfcheck.model.incident import IncidentState
from selfcheck.store.history import History

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action's steps are for bash")

REPOSITORY = "jane/watch"
KEY = "AGE-SECRET-KEY-1QQQSENTINELQQQ"
SESSION = "selfcheck1.SENTINELSESSIONLINE0123456789"
ALERTS = "json://token-sentinel@127.0.0.1:9/x"
ONE = "profiles:\n  - {name: jane, platform: demo, handle: '@elena-marsh'}\n"
TWO = "profiles:\n  - {name: jane, platform: demo, handle: '@elena-marsh'}\n  - {name: jane1, platform: demo, handle: '@jonah-vey'}\n"


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


class Watch:
    """A repository on GitHub that watches, and what is in it after each job."""

    def __init__(self, folder: Path, *, private: bool = True, profiles: str = ONE) -> None:
        self.folder = folder
        self.profiles = profiles
        self.remote = folder / "server" / f"{REPOSITORY}.git"
        self.remote.mkdir(parents=True)
        git(self.remote, "init", "--quiet", "--bare")
        self.github = folder / "github.json"
        self.artifacts = folder / "artifacts"
        self.cache = folder / "cache"
        self.jobs = 0
        self.event: dict[str, Any] = {"repository": {"private": private}}
        self._programs()

    def _programs(self) -> None:
        here, python = self.folder / "bin", sys.executable
        support = ROOT / "tests" / "support"
        program(here / "gh", f'exec "{python}" "{support}/fake_github.py" "{self.github}" "$@"')
        program(
            here / "selfcheck",
            f'if [ "$1" = run ] && [ -n "$FAKE_RUN" ]; then exec "{python}" "{support}/fake_run.py" "$@"; fi\n'
            f'exec "{python}" -m selfcheck "$@"',
        )
        program(
            here / "python",
            f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; ln -s "{here}/python" "$3/bin/python"; exit; fi\n'
            f'[ "$2" = pip ] || exec "{python}" "$@"\n'
            f'echo "$@" >> "{self.folder}/pip.log"; ln -s "{here}/selfcheck" "$(dirname "$0")/selfcheck"',
        )

    def job(self, run: Mapping[str, Any] | None = None, *, interrupt: Any = None, **inputs: str) -> Job:
        """Do a job on a new machine; `run` is a made-up run, None a real one."""
        self.jobs += 1
        machine = self.folder / f"machine-{self.jobs}"
        (machine / "work").mkdir(parents=True)
        (machine / "work" / "profiles.yaml").write_text(self.profiles, encoding="utf-8")
        event = machine / "event.json"
        event.write_text(json.dumps(self.event), encoding="utf-8")
        kept = {
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("SELFCHECK_", "GITHUB_", "INPUT_"))
        }
        environ = {
            **kept,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(machine),
            "SELFCHECK_SESSIONS": str(machine / "sessions"),
            "SELFCHECK_LOGS": str(machine / "logs"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SERVER_URL": f"file://{self.folder / 'server'}",
            "GITHUB_RUN_ID": str(100 + self.jobs),
            "GITHUB_EVENT_PATH": str(event),
            **({"FAKE_RUN": json.dumps(run)} if run else {}),
        }
        stand_ins = {
            "actions/setup-python": lambda _: {},
            "actions/cache": lambda _: {},
            "actions/cache/restore": self._restore,
            "actions/cache/save": self._save,
            "actions/upload-artifact": self._upload,
        }
        return Runner(machine, environ=environ, stand_ins=stand_ins, interrupt=interrupt).do(inputs)

    def _upload(self, asked: Mapping[str, str]) -> Mapping[str, str]:
        shutil.copytree(asked["path"], self.artifacts / asked["name"])
        return {"artifact-url": f"https://github.example/artifacts/{asked['name']}"}

    def _restore(self, asked: Mapping[str, str]) -> Mapping[str, str]:
        if self.cache.exists():
            shutil.copytree(self.cache, asked["path"])
        return {}

    def _save(self, asked: Mapping[str, str]) -> Mapping[str, str]:
        shutil.rmtree(self.cache, ignore_errors=True)
        shutil.copytree(asked["path"], self.cache)
        return {}

    def branch(self) -> Path:
        """The data branch, checked out."""
        copy = self.folder / "look-at-it"
        shutil.rmtree(copy, ignore_errors=True)
        git(self.folder, "clone", "--quiet", "--branch", "selfcheck-data", str(self.remote), str(copy))
        return copy

    def commits(self) -> list[str]:
        """The titles of its commits, oldest first."""
        return git(self.remote, "log", "--reverse", "--format=%s", "selfcheck-data").splitlines()

    def state(self) -> dict[str, Any]:
        """What GitHub has."""
        return dict(json.loads(self.github.read_text("utf-8")))


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def made(letters: str, day: int, code: int, **more: str) -> dict[str, Any]:
    return {"letters": letters, "at": f"2026-11-{day:02}T09:00:00+00:00", "code": code, **more}


def comments(watch: Watch) -> list[str]:
    return [one["body"].splitlines()[0] for one in watch.state()["comments"].get("1", [])]


def test_suspended_worse_and_recovered_is_one_issue_and_a_commit_a_run(watch: Watch) -> None:
    secrets = {"sessions": f"jane={SESSION}\nother=\n", "age-key": KEY, "alert-urls": ALERTS}
    first = watch.job(made("V", 1, 0), **secrets)
    assert (first.code, first.outputs()["verdict"]) == (0, "visible")
    assert "this is the first run" in first.step("Begin").log
    assert "sessions: SELFCHECK_SESSION_JANE; key: True" in first.log
    assert not any(secret in first.log for secret in (KEY, SESSION, ALERTS))
    assert "constraints.txt" in (watch.folder / "pip.log").read_text("utf-8")
    bad = watch.job(made("L", 2, 1))
    assert (bad.code, bad.outputs()["verdict"], bad.outputs()["run-id"]) == (
        1,
        "limited",
        "20261102T090000Z-aaaaaa",
    )
    assert "1 runs" in bad.step("Begin").log
    assert Path(bad.outputs()["report"]).name == "report.html"
    (issue,) = watch.state()["issues"]
    picture = "/jane/watch/blob/selfcheck-data/runs/20261102T090000Z-aaaaaa/jane/profile/side-by-side.png"
    assert picture in issue["body"]
    assert bad.outputs()["artifact-url"] in issue["body"]
    assert picture in bad.summary
    assert watch.job(made("S", 3, 1)).code == 1
    assert watch.job(made("S", 4, 1)).code == 1
    back = watch.job(made("V", 5, 0))
    assert back.code == 0
    state = watch.state()
    assert [one["state"] for one in state["issues"]] == ["closed"]
    assert comments(watch) == [
        "It has changed: now **suspended**.",
        "**It is back**: strangers see it again, and that is confirmed.",
    ]
    assert watch.commits() == [
        "jane: visible",
        "jane: limited",
        "jane: suspended",
        "jane: suspended",
        "jane: visible",
    ]
    with History.open(watch.branch()) as history:
        assert (len(history.runs()), [one.state for one in history.incidents()]) == (
            5,
            [IncidentState.RESTORED],
        )
    runs = watch.folder / "look-at-it" / "runs"
    whole = [run.name[:8] for run in sorted(runs.iterdir()) if (run / "report.html").exists()]
    assert whole == ["20261102", "20261103"]
    assert len(list(watch.artifacts.iterdir())) == 5


def test_inconclusive_warns_and_does_not_fail_unless_asked(watch: Watch) -> None:
    soft = watch.job(made("?", 1, 3))
    assert (soft.code, soft.outputs()["verdict"]) == (0, "inconclusive")
    assert "::warning title=Could not tell this time::" in soft.log
    assert "no good news" in soft.log
    strict = watch.job(made("?", 2, 3), **{"fail-on": "suspended inconclusive"})
    assert strict.code == 3
    assert not watch.github.exists() or watch.state()["issues"] == []


def interrupted(ready: Path) -> Any:
    """Tell the step that its job is cancelled, as soon as the run has begun."""

    def tell(process: "subprocess.Popen[bytes]") -> None:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)

    return tell


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        pytest.param("130", 2, id="a run that ended in good order is kept"),
        pytest.param("killed", 1, id="one that was killed leaves the history as it was"),
    ],
)
def test_cancelled_half_way(watch: Watch, tmp_path: Path, code: str, kept: int) -> None:
    watch.job(made("V", 1, 0))
    ready = tmp_path / "ready"
    job = watch.job(made("S", 2, code, hang=str(ready)), interrupt=interrupted(ready))
    assert job.code == 130
    assert "Stopped half-way" in job.log
    assert len(watch.commits()) == kept
    after = watch.job(made("S", 3, 1))
    assert after.code == 1
    assert len(watch.state()["issues"]) == 1
    assert len(watch.commits()) == kept + 1


def test_a_failure_of_ours_is_said_once_and_keeps_the_history(watch: Watch) -> None:
    watch.job(made("V", 1, 0))
    job = watch.job(made("V", 2, 4, failing="yes"), **{"age-key": KEY})
    assert job.code == 4
    assert "It says nothing of your profiles" in job.log
    assert KEY not in job.log
    wrong = watch.job(made("V", 3, 0), **{"fail-on": "suspend", "retention": "0", "history": "tape"})
    assert wrong.code == 2
    assert [word for word in ("fail-on", "retention", "history") if word not in wrong.step("Begin").log] == []
    assert watch.commits() == ["jane: visible"]


def test_issues_that_are_switched_off_fail_the_job_but_not_the_history(watch: Watch) -> None:
    watch.github.write_text('{"broken": true}', encoding="utf-8")
    job = watch.job(made("S", 1, 1))
    assert "switched off" in job.log
    assert job.step("One issue").code == 4
    assert (job.step("Say how").code, watch.commits()) == (1, ["jane: suspended"])


def test_the_cache_keeps_the_history_too(watch: Watch) -> None:
    asked = {"history": "cache"}
    watch.job(made("V", 1, 0), **asked)
    assert watch.job(made("S", 2, 1), **asked).code == 1
    assert watch.job(made("V", 3, 0), **asked).code == 0
    assert [one["state"] for one in watch.state()["issues"]] == ["closed"]
    assert git(watch.remote, "branch") == ""


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_public_repository_gets_nothing_of_what_the_author_sees(tmp_path: Path) -> None:
    watch = Watch(tmp_path, private=False)
    job = watch.job(made("V", 1, 0))
    job = watch.job(made("S", 2, 1))
    assert "::warning title=This repository is public::" in job.log
    for place in (watch.branch(), watch.artifacts):
        left = everything(place)
        assert b"4711" not in left
        assert [
            path.name for path in place.rglob("*") if "author" in path.name or "side-by" in path.name
        ] == []
        assert (next(place.rglob("anonymous.png"))).read_bytes().endswith(b"anonymous")
    assert "side-by-side.png" not in watch.state()["issues"][0]["body"]
    asked = Watch(tmp_path / "asked", private=False)
    asked.job(made("S", 1, 1), **{"publish-author-view": "true"})
    assert b"4711" in everything(asked.artifacts)


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


def test_a_real_run_finds_a_suspension_and_the_next_one_the_recovery(tmp_path: Path, site: DemoSite) -> None:
    watch = Watch(
        tmp_path, profiles=ONE.replace("}", f", base_url: '{site.url}', controls: {{live: ['@jonah-vey']}}}}")
    )
    site.set_state("jonah-vey", "healthy")
    site.set_state("elena-marsh", "suspended-told")
    browser = {"browser": os.environ.get("SELFCHECK_BROWSER", "")}
    bad = watch.job(**browser)
    assert (bad.code, bad.outputs()["verdict"]) == (1, "suspended"), bad.log
    site.set_state("elena-marsh", "healthy")
    good = watch.job(**browser)
    assert (good.code, good.outputs()["verdict"]) == (0, "visible"), good.log
    assert [one["state"] for one in watch.state()["issues"]] == ["closed"]
    assert "### Evidence" in good.summary
