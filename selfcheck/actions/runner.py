"""The machine that a job of the Action runs on: its folder, its log, and what one step hands on to the next.

Laws:
1. Steps hand values on as typed files in the job's folder, which GitHub empties. No secret is in them.
2. A repository that everybody can read gets nothing of what the author sees, unless its owner asks for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from selfcheck.actions.data_branch import DataBranch, Remote
from selfcheck.actions.text import Ended, RunOutcome
from selfcheck.alerts.github import GitHub
from selfcheck.core.run import ExitCode
from selfcheck.core.run_document import RunDocument
from selfcheck.errors import HostingError
from selfcheck.evidence.disclosure import Audience
from selfcheck.evidence.shared_run import copy_run
from selfcheck.runs.render_github import annotation
from selfcheck.settings.hosted import HostedJob
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole
from selfcheck.storage.stored_json import read_run

_STATE, _OUTCOME = "job.json", "outcome.json"

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class JobState:
    """What the step `restore` hands on."""

    job: HostedJob
    known_runs: tuple[str, ...]  # the runs that the history held before


@dataclass(frozen=True)
class JobFolder:
    """The job's own folder."""

    path: Path

    @property
    def data(self) -> DataFolder:
        """Return the data folder of the run."""
        return DataFolder(self.path / "data")

    @property
    def cache(self) -> Path:
        """Return the folder that the cache of Actions keeps; `action.yml` names it too."""
        return self.path / "kept"

    @property
    def upload(self) -> Path:
        """Return the folder whose files become the artifact."""
        return self.path / "upload"

    def write(self, value: JobState | RunOutcome) -> None:
        """Hand a value on to the next steps."""
        name = _STATE if isinstance(value, JobState) else _OUTCOME
        write_whole(self.path / name, TypeAdapter(type(value)).dump_json(value))

    def state(self) -> JobState:
        """Return what the first step handed on. Raise HostingError where it failed."""
        state = self._read(_STATE, JobState)
        if state is None:
            raise HostingError("The first step of the Action failed, so there is nothing to do.")
        return state

    def outcome(self) -> RunOutcome:
        """Return what came of the check; it was stopped where it handed nothing on."""
        stopped = RunOutcome(ended=Ended.STOPPED, exit_code=int(ExitCode.INTERRUPTED))
        return self._read(_OUTCOME, RunOutcome) or stopped

    def _read(self, name: str, kind: type[Value]) -> Value | None:
        path = self.path / name
        return TypeAdapter(kind).validate_json(path.read_bytes()) if path.is_file() else None

    def new_runs(self, state: JobState) -> tuple[str, ...]:
        """Return the finished runs of this job, the latest first."""
        return tuple(run for run in self.data.finished_runs() if run not in state.known_runs)

    def document(self, run_id: str | None) -> RunDocument | None:
        """Return a run's document, None where there is none. Raise RunUnreadableError."""
        path = self.data.result(run_id) if run_id else None
        return read_run(path.read_bytes(), name=str(path)) if path and path.is_file() else None

    def copy_run(self, job: HostedJob, run_id: str, target: Path, *, whole: bool) -> None:
        """Copy what may leave the machine of a run: all of it, or its text alone."""
        audience = Audience.OWNER if job.keeps_author_view else Audience.PUBLIC
        copy_run(self.data.run(run_id), target, audience, whole=whole)


@dataclass(frozen=True)
class StepLog:
    """What a step says: its log, the job's page, the summary, and its outputs."""

    environ: Mapping[str, str]
    say: Callable[[str], None]  # a line for the log; GitHub takes commands from it

    def note(self, level: str, title: str, words: str) -> None:
        """Say something on the job's page."""
        self.say(annotation(level, title, words))

    def mask(self, secret: str) -> None:
        """Hide a secret in everything that is said from now on."""
        self.say(f"::add-mask::{secret.replace('%', '%25')}")

    def outputs(self, **values: str) -> None:
        """Hand values on to `action.yml`; each is one line."""
        lines = (f"{name.replace('_', '-')}={' '.join(text.splitlines())}\n" for name, text in values.items())
        self._append("GITHUB_OUTPUT", "".join(lines))

    def summary(self, text: str) -> None:
        """Add to the job's summary."""
        self._append("GITHUB_STEP_SUMMARY", text)

    def _append(self, variable: str, text: str) -> None:
        if target := self.environ.get(variable):
            with Path(target).open("a", encoding="utf-8") as file:
                file.write(text)


@dataclass(frozen=True, kw_only=True)
class Runner:
    """What a step takes from outside, so that a test can give it something else."""

    environ: Mapping[str, str]
    say: Callable[[str], None]
    now: Callable[[], datetime]
    pause: Callable[[int], None]  # waits before an attempt of this number
    github: GitHub
    run: Callable[[Sequence[str], Mapping[str, str]], int]  # `selfcheck` with these words; its exit code

    @property
    def folder(self) -> JobFolder:
        """Return the job's folder."""
        return JobFolder(Path(self.environ.get("RUNNER_TEMP") or ".") / "selfcheck")

    @property
    def log(self) -> StepLog:
        """Return what this step says."""
        return StepLog(self.environ, self.say)

    def branch(self, job: HostedJob) -> DataBranch:
        """Return the branch that keeps the history."""
        remote = Remote(
            url=f"{job.server}/{job.repository}.git",
            branch=job.branch,
            token=self.environ.get("GH_TOKEN", ""),
        )
        return DataBranch(remote, scratch=self.folder.path / "git", pause=self.pause)
