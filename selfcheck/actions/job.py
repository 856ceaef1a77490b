"""A job on GitHub, step by step: fetch the history, look, keep, tell, and say how it went.

Laws:
1. Each step reads what the one before wrote down; no secret stands in that.
2. A step that runs again, or after one that was cancelled, loses and doubles nothing.
3. Secrets are hidden in the log before anything else is said, and given to `selfcheck run` alone.
4. A repository that everybody can read gets nothing of what the author sees unless its owner asks for it; one
   of which nobody could tell is taken for such a one.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from selfcheck.actions.data_branch import DataBranch, Remote
from selfcheck.actions.render_workflow import cron_of, is_own_cron, late_by
from selfcheck.actions.text import ANOTHERS_MINUTE, LATE, visibility_note
from selfcheck.alerts.github import GitHub
from selfcheck.alerts.heartbeat import VARIABLE as HEARTBEAT
from selfcheck.core.enums import BAD, WORST_FIRST, Verdict
from selfcheck.core.hosts import is_loopback
from selfcheck.core.request import RunOptions
from selfcheck.core.run import ExitCode
from selfcheck.core.run_document import RunDocument
from selfcheck.core.times import duration_words
from selfcheck.errors import HostingError, SelfcheckError, TooEarlyError
from selfcheck.evidence.disclosure import Audience
from selfcheck.evidence.run_copies import copy_run, finished_runs
from selfcheck.history.database import is_damaged
from selfcheck.history.service import past_runs, rebuild_history
from selfcheck.runs.limits import refuse_too_early
from selfcheck.runs.render_github import annotation
from selfcheck.sessions.store import variable_of
from selfcheck.settings import read_configuration
from selfcheck.settings.alerts import SIMPLE
from selfcheck.settings.hosted import Secrets, read_job, read_secrets
from selfcheck.settings.hosted_job import Ended, HistoryStorage, HostedJob, RunOutcome
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole
from selfcheck.storage.stored_json import read_run

_ENDED_WELL = frozenset({ExitCode.ALL_VISIBLE, ExitCode.FOUND, ExitCode.INCONCLUSIVE})
_TOLD_BY_RUN = frozenset({ExitCode.USAGE, ExitCode.TOOL_FAILED})
WORTH_SAYING = timedelta(minutes=20)
"""A job that is late by less is as good as in time."""

Noun = TypeVar("Noun")


@dataclass(frozen=True, kw_only=True)
class Host:
    """The machine that a job runs on, as its steps see it."""

    environ: Mapping[str, str]
    say: Callable[[str], None]  # a line for the log; GitHub takes commands from it
    pause: Callable[[int], None]  # waits before an attempt of this number
    now: Callable[[], datetime]
    ask: GitHub
    start: Callable[
        [Sequence[str], Mapping[str, str]], int
    ]  # does `selfcheck` with these words; its exit code

    @property
    def folder(self) -> Path:
        """Return the job's own folder, which GitHub empties after it."""
        return Path(self.environ.get("RUNNER_TEMP") or ".") / "selfcheck"

    @property
    def data(self) -> Path:
        """Return the data folder."""
        return self.folder / "data"

    @property
    def kept(self) -> Path:
        """Return the folder that the cache keeps."""
        return self.folder / "kept"

    @property
    def upload(self) -> Path:
        """Return the folder whose files become the artifact."""
        return self.folder / "upload"

    def note(self, level: str, title: str, words: str) -> None:
        """Say something on the job's page."""
        self.say(annotation(level, title, words))

    def outputs(self, **values: str) -> None:
        """Hand values on to the steps that follow; each is one line."""
        self._append(
            "GITHUB_OUTPUT",
            "".join(f"{name.replace('_', '-')}={_line(text)}\n" for name, text in values.items()),
        )

    def summary(self, text: str) -> None:
        """Add to the job's summary."""
        self._append("GITHUB_STEP_SUMMARY", text)

    def _append(self, variable: str, text: str) -> None:
        if target := self.environ.get(variable):
            with Path(target).open("a", encoding="utf-8") as file:
                file.write(text)

    def write(self, name: str, noun: object) -> None:
        """Write down for the next steps."""
        write_whole(self.folder / name, TypeAdapter(type(noun)).dump_json(noun))

    def read(self, name: str, kind: type[Noun]) -> Noun | None:
        """Return what an earlier step wrote down; None where it did not come so far."""
        path = self.folder / name
        return TypeAdapter(kind).validate_json(path.read_bytes()) if path.is_file() else None

    def job(self) -> HostedJob:
        """Return what the job is asked. Raise HostingError where its first step failed."""
        job = self.read("job.json", HostedJob)
        if job is None:
            raise HostingError(
                "The first step of the action did not come to its end, so there is nothing to do."
            )
        return job

    def branch(self, job: HostedJob) -> DataBranch:
        """Return the branch that keeps the history."""
        remote = Remote(
            url=f"{job.server}/{job.repository}.git",
            branch=job.branch,
            token=self.environ.get("GH_TOKEN", ""),
        )
        return DataBranch(remote, scratch=self.folder / "git", pause=self.pause)

    def document(self, run_id: str | None) -> RunDocument | None:
        """Return a run's document; None where it has none. Raise RunUnreadableError."""
        path = DataFolder(self.data).result(run_id or "")
        return read_run(path.read_bytes(), name=str(path)) if run_id and path.is_file() else None


def _line(text: str) -> str:
    return " ".join(text.splitlines())


def begin(host: Host) -> int:
    """Read what is asked, say who can read along, and fetch the history."""
    event = _event(host.environ)
    job = read_job(host.environ, event, public=_is_public(host, event))
    if (note := visibility_note(job)) is not None:
        host.note("warning", *note)
    if not is_own_cron(job.cron, job.repository):
        title, words = ANOTHERS_MINUTE
        host.note("notice", title, words.format(cron=cron_of(job.repository)))
    late = late_by(job.cron, host.now())
    if late is not None and late >= WORTH_SAYING:
        host.note("notice", "GitHub started this job late", LATE.format(time=duration_words(late)))
    host.say(_fetched(host, job))
    if is_damaged(DataFolder(host.data).history):
        rebuild_history(host.data)
    known = finished_runs(host.data)
    host.write("job.json", TypeAdapter(HostedJob).validate_python({**vars(job), "known_runs": known}))
    host.outputs(ready="true", issues=str(job.issues).lower())
    return 0


def _fetched(host: Host, job: HostedJob) -> str:
    host.data.mkdir(parents=True, exist_ok=True)
    if job.keeping is HistoryStorage.CACHE and host.kept.is_dir():
        shutil.copytree(host.kept, host.data, dirs_exist_ok=True)
    there = job.keeping is HistoryStorage.BRANCH and host.branch(job).fetch_into(host.data)
    runs = len(finished_runs(host.data))
    if job.keeping is HistoryStorage.NONE:
        return "No history is kept, as asked: every run is the first."
    where = f"the branch {job.branch}" if job.keeping is HistoryStorage.BRANCH else "the cache"
    return (
        f"The history in {where}: {runs} runs."
        if runs or there
        else f"No history yet in {where}: this is the first run."
    )


def _event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_bytes())
    except (KeyError, OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _is_public(host: Host, event: Mapping[str, Any]) -> bool:
    """Return whether everybody can read the repository; also where nobody tells."""
    private = (event.get("repository") or {}).get("private")
    if not isinstance(private, bool):
        try:
            private = json.loads(host.ask(["api", f"repos/{host.environ.get('GITHUB_REPOSITORY', '')}"]))[
                "private"
            ]
        except (SelfcheckError, ValueError, KeyError, TypeError):
            return True
    return private is not True


def look(host: Host) -> int:
    """Do the run, hand on what it found, and lay out what may leave the machine."""
    job = host.job()
    try:
        secrets = read_secrets(host.environ)
        for line in secrets.all_lines():
            host.say(f"::add-mask::{line.replace('%', '%25')}")
        note = _too_early(job, host)
    except SelfcheckError as error:
        host.write("looked.json", RunOutcome(ended=Ended.DONE, exit_code=error.exit_code))
        raise
    if note is not None:
        return _handed_on(host, job, RunOutcome(ended=Ended.TOO_EARLY, exit_code=0, note=note))
    words = _run_words(job, host)
    host.say(f"selfcheck {' '.join(words)}")
    return _handed_on(host, job, _looked(host, job, host.start(words, _given(host.environ, secrets, job))))


def _given(environ: Mapping[str, str], secrets: Secrets, job: HostedJob) -> dict[str, str]:
    """Return the environment of the run: with the secrets, and without the inputs that brought them.

    The run's own summary tells what the author sees, so it writes none where everybody can read it.
    """
    bare = {name: text for name, text in environ.items() if not name.startswith("INPUT_")}
    sessions = {variable_of(name): line for name, line in secrets.sessions.items()}
    named = {"SELFCHECK_KEY": secrets.age_key, SIMPLE: secrets.alert_urls, HEARTBEAT: secrets.heartbeat_url}
    if not job.keeps_author_view:
        bare.pop("GITHUB_STEP_SUMMARY", None)
    return {**bare, **sessions, **{name: text for name, text in named.items() if text}}


def _run_words(job: HostedJob, host: Host) -> list[str]:
    counted = [one for one in BAD if one in job.fail_on]
    return [
        "run",
        *("--format", "github"),
        *("--profiles", job.profiles_file),
        *("--data", str(host.data)),
        *(("--fail-on", ",".join(counted)) if counted else ()),
        *(("--again",) if job.again else ()),
        *job.profiles,
    ]


def _too_early(job: HostedJob, host: Host) -> str | None:
    """Return why nothing may be looked at yet: after a job that GitHub started late the next comes soon."""
    options = RunOptions(data_dir=host.data, again=job.again)
    request = read_configuration(Path(job.profiles_file)).request(job.profiles, options)
    try:
        refuse_too_early(request, past_runs(host.data).last_looks(left_out=is_loopback), host.now())
    except TooEarlyError as error:
        return f"{error.what} {error.cause}"
    return None


def _looked(host: Host, job: HostedJob, code: int) -> RunOutcome:
    new = [run for run in finished_runs(host.data) if run not in job.known_runs]
    run_id = new[-1] if new else None
    document = host.document(run_id)
    stopped = code not in _ENDED_WELL | _TOLD_BY_RUN
    report = host.data / "runs" / (run_id or "") / "report.html"
    return RunOutcome(
        ended=Ended.STOPPED if stopped else Ended.DONE,
        exit_code=int(ExitCode.INTERRUPTED) if stopped else code,
        run_id=run_id,
        verdict=worst(document) if document else None,
        report=str(report) if run_id and report.is_file() else None,
    )


def worst(document: RunDocument) -> Verdict | None:
    """Return the worst verdict of a run; what could not be told is worse than what is visible."""
    return min((one.verdict for one in document.profiles), key=WORST_FIRST.index, default=None)


def _handed_on(host: Host, job: HostedJob, looked: RunOutcome) -> int:
    host.write("looked.json", looked)
    if looked.run_id:
        lay_out(host, job, looked.run_id, host.upload / looked.run_id, whole=True)
    host.outputs(
        verdict=looked.verdict or "",
        run_id=looked.run_id or "",
        report=looked.report or "",
        upload=str(host.upload) if looked.run_id else "",
    )
    return 0 if looked.exit_code in _ENDED_WELL else looked.exit_code


def lay_out(host: Host, job: HostedJob, run_id: str, target: Path, *, whole: bool) -> None:
    """Copy what may leave the machine of a run."""
    audience = Audience.OWNER if job.keeps_author_view else Audience.PUBLIC
    copy_run(DataFolder(host.data).run(run_id), target, audience, whole=whole)
