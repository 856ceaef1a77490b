"""Jobs of the Action on machines of our own: a bare repository as remote, a GitHub in memory or a program.

`Watch` is a repository that watches. By default a step of ours is done in this process, which is quick; with
`programs=True` by bash, with `gh`, `python` and `selfcheck` as programs on the PATH.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fake_run
from fake_github import FakeGitHub
from workflow_runner import ROOT, Job, Runner, Step

from selfcheck.actions.check import check, restore
from selfcheck.actions.publish import publish
from selfcheck.actions.runner import Runner as StepRunner
from selfcheck.errors import HostingError, SelfcheckError
from selfcheck.runs.render_github import annotation

REPOSITORY = "jane/watch"
ONE = "profiles:\n  - {name: jane, platform: demo, handle: '@elena-marsh'}\n"
STEPS: dict[str, Callable[[StepRunner], int]] = {"restore": restore, "check": check, "publish": publish}
SUPPORT = ROOT / "tests" / "support"


def made(letters: str, day: int, code: int, **more: str) -> dict[str, Any]:
    """A made-up run of this day, a profile for each letter; with a code below 0 it is killed."""
    return {"letters": letters, "at": f"2026-11-{day:02}T09:00:00+00:00", "code": code, **more}


def program(path: Path, script: str) -> None:
    """Make a program that a shell runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def git(folder: Path, *words: str) -> str:
    """Do git, and return what it printed."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


class InProcess(Runner):
    """Does our own steps without a process of their own."""

    github: FakeGitHub
    run: Mapping[str, Any] | None
    now: datetime

    def _bash(self, step: Mapping[str, Any], given: Mapping[str, str]) -> Step:
        found = re.search(r"exec selfcheck action (\w+)", step["run"])
        if found is None:
            return Step(name=step["name"], code=0)
        output = self.folder / "output"
        output.write_text("", encoding="utf-8")
        log: list[str] = []
        runner = StepRunner(
            environ=self.environment(given, output),
            say=lambda line: log.append(f"{line}\n"),
            pause=lambda _: None,
            now=lambda: self.now,
            github=self._ask,
            run=lambda words, environ: self._start(words, environ, log),
        )
        here = Path.cwd()
        os.chdir(self.work)
        try:
            code = STEPS[found[1]](runner)
        except SelfcheckError as error:
            log.append(annotation("error", found[1], " ".join(error.lines())))
            code = error.exit_code
        finally:
            os.chdir(here)
        return Step(name=step["name"], code=code, log="".join(log), outputs=self.outputs(output))

    def _ask(self, arguments: Sequence[str], given: str | None = None) -> str:
        if self.github.state.get("broken"):
            raise HostingError("GitHub refused.", cause="Issues are switched off in this repository.")
        return self.github(arguments, given)

    def _start(self, words: Sequence[str], environ: Mapping[str, str], log: list[str]) -> int:
        assert self.run is not None
        log.append(fake_run.given(environ))
        if "GITHUB_STEP_SUMMARY" in environ:
            Path(environ["GITHUB_STEP_SUMMARY"]).write_text("the run's own summary\n", encoding="utf-8")
        if "failing" not in self.run:
            data = Path(words[list(words).index("--data") + 1])
            folder = fake_run.keep(data, dict(self.run))
            if self.run["code"] >= 0:
                fake_run.finish(data, folder)
        return int(self.run["code"])


class Watch:
    """A repository on GitHub that watches, and what is in it after each job."""

    def __init__(
        self, folder: Path, *, private: bool | None = True, profiles: str = ONE, programs: bool = False
    ) -> None:
        self.folder = folder
        self.profiles = profiles
        self.files: dict[str, str] = {}  # beside it in the repository
        self.remote = folder / "server" / f"{REPOSITORY}.git"
        self.remote.mkdir(parents=True)
        git(self.remote, "init", "--quiet", "--bare")
        self.file = folder / "github.json"
        self.github = FakeGitHub()
        self.artifacts, self.cache = folder / "artifacts", folder / "cache"
        self.event: dict[str, Any] = {} if private is None else {"repository": {"private": private}}
        self.programs = programs
        self.jobs = 0
        self._make_programs()

    def _make_programs(self) -> None:
        here, python = self.folder / "bin", sys.executable
        program(here / "gh", f'exec "{python}" "{SUPPORT}/fake_github.py" "{self.file}" "$@"')
        program(
            here / "selfcheck",
            f'[ "$1" != run ] || [ -z "$FAKE_RUN" ] || exec "{python}" "{SUPPORT}/fake_run.py" "$@"\n'
            f'exec "{python}" -m selfcheck "$@"',
        )
        program(
            here / "python",
            f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; ln -s "{here}/python" "$3/bin/python"; exit; fi\n'
            f'[ "$2" = pip ] || exec "{python}" "$@"\n'
            f'printf "%s\\n" "$@" >> "{self.folder}/pip.log"\n'
            f'ln -s "{here}/selfcheck" "$(dirname "$0")/selfcheck"',
        )

    def job(
        self,
        run: Mapping[str, Any] | None = None,
        *,
        interrupt: Callable[["subprocess.Popen[bytes]"], None] | None = None,
        **inputs: str,
    ) -> Job:
        """Do a job on a new machine; `run` is made up, None is a real one. `_` in an input's name is `-`."""
        self.jobs += 1
        machine = self.folder / f"machine-{self.jobs}"
        (machine / "work").mkdir(parents=True)
        for name, text in {"profiles.yaml": self.profiles, **self.files}.items():
            (machine / "work" / name).write_text(text, encoding="utf-8")
        (machine / "event.json").write_text(json.dumps(self.event), encoding="utf-8")
        runner = (Runner if self.programs else InProcess)(
            machine, environ=self._environ(machine, run), stand_ins=self._stand_ins(), interrupt=interrupt
        )
        if isinstance(runner, InProcess):
            runner.github, runner.run = self.github, run
            runner.now = datetime.fromisoformat(run["at"]) if run else datetime.now(UTC)
        job = runner.do({name.replace("_", "-"): text for name, text in inputs.items()})
        if self.programs and self.file.exists():
            self.github = FakeGitHub(json.loads(self.file.read_text("utf-8")))
        return job

    def _environ(self, machine: Path, run: Mapping[str, Any] | None) -> dict[str, str]:
        ours = ("SELFCHECK_", "GITHUB_", "INPUT_", "GH_")
        return {
            **{name: text for name, text in os.environ.items() if not name.startswith(ours)},
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT}:{SUPPORT}",
            "HOME": str(machine),
            "SELFCHECK_SESSIONS": str(machine / "sessions"),
            "SELFCHECK_LOGS": str(machine / "logs"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SERVER_URL": f"file://{self.folder / 'server'}",
            "GITHUB_RUN_ID": str(100 + self.jobs),
            "GITHUB_EVENT_PATH": str(machine / "event.json"),
            **({"FAKE_RUN": json.dumps(run)} if run else {}),
        }

    def _stand_ins(self) -> dict[str, Callable[[Mapping[str, str]], Mapping[str, str]]]:
        return {
            "actions/setup-python": lambda _: {},
            "actions/cache": lambda _: {},
            "actions/cache/restore": self._restore,
            "actions/cache/save": self._save,
            "actions/upload-artifact": self._upload,
        }

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

    def comments(self) -> list[str]:
        """The first line of each comment below the first issue."""
        return [text.splitlines()[0] for text in self.github.comments(1)]
