"""The first two steps of a job on GitHub: restore the history, then check the profiles.

Laws:
1. A step that runs again, or after one that was cancelled, loses and doubles nothing.
2. Secrets are hidden in the log before anything else is said, and given to `selfcheck run` alone. The step
   that has them gets no GitHub token: that is why restoring and checking are two steps.
3. A repository whose visibility is not known is treated as public.
4. A repository names no file outside itself, by path or link: what is wrong in a file is quoted in the log.
   Only the workflow's own input `profiles` may lie elsewhere, for a file that another step makes.
"""

import json
import os
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from selfcheck.actions.render_workflow import cron_of, is_own_cron, late_by
from selfcheck.actions.runner import JobState, Runner
from selfcheck.actions.text import LATE, SHARED_MINUTE, Ended, RunOutcome, visibility_note, worst
from selfcheck.alerts.heartbeat import VARIABLE as HEARTBEAT
from selfcheck.core.enums import BAD
from selfcheck.core.hosts import is_loopback
from selfcheck.core.request import RunOptions
from selfcheck.core.run import ExitCode
from selfcheck.core.times import duration_words, plural
from selfcheck.errors import SelfcheckError, TooEarlyError, UsageError
from selfcheck.history.database import is_damaged
from selfcheck.history.service import past_runs, rebuild_history
from selfcheck.runs.limits import refuse_too_early
from selfcheck.sessions.store import variable_of
from selfcheck.settings import Configuration, read_configuration
from selfcheck.settings.alerts import SIMPLE
from selfcheck.settings.hosted import HistoryStorage, HostedJob, Secrets, read_job, read_secrets
from selfcheck.storage.data_folder import DataFolder

_CONCLUDED = frozenset({ExitCode.ALL_VISIBLE, ExitCode.FOUND, ExitCode.INCONCLUSIVE})
_EXPLAINED = frozenset({ExitCode.USAGE, ExitCode.TOOL_FAILED})  # the run itself says why
_LATE = timedelta(minutes=20)
"""A job that starts later than this says so."""


def restore(runner: Runner) -> int:
    """Read what is asked, warn where others can read along, and fetch the history."""
    log, folder = runner.log, runner.folder
    cron, private = _event(runner.environ)
    if private is None:
        private = _private_on_github(runner)
    job = read_job(runner.environ, cron=cron, public=private is not True)
    if (note := visibility_note(job)) is not None:
        log.note("warning", *note)
    if not is_own_cron(job.cron, job.repository):
        title, words = SHARED_MINUTE
        log.note("notice", title, words.format(cron=cron_of(job.repository)))
    late = late_by(job.cron, runner.now())
    if late is not None and late >= _LATE:
        log.note("notice", "GitHub started this job late", LATE.format(time=duration_words(late)))
    log.say(_fetch(runner, job))
    if is_damaged(folder.data.history):
        rebuild_history(folder.data)
    folder.write(JobState(job=job, known_runs=folder.data.finished_runs()))
    log.outputs(ready="true")
    return 0


def _fetch(runner: Runner, job: HostedJob) -> str:
    """Fetch the history, and return in words what there was."""
    data, cache = runner.folder.data, runner.folder.cache
    data.path.mkdir(parents=True, exist_ok=True)
    if job.keeping is HistoryStorage.NONE:
        return "No history is kept, as asked: every run is the first."
    if job.keeping is HistoryStorage.BRANCH:
        place, exists = f"the branch {job.branch}", runner.branch(job).fetch_into(data.path)
    else:
        place, exists = "the cache", cache.is_dir()
        if exists:
            shutil.copytree(cache, data.path, dirs_exist_ok=True)
    runs = len(data.finished_runs())
    if exists or runs:
        return f"The history in {place}: {plural(runs, 'run')}."
    return f"No history yet in {place}: this is the first run."


def _event(environ: Mapping[str, str]) -> tuple[str, bool | None]:
    """Return the line of the schedule that started the job, and whether the repository is private."""
    try:
        event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_bytes())
        private = (event.get("repository") or {}).get("private")
        return str(event.get("schedule") or ""), private if isinstance(private, bool) else None
    except (KeyError, OSError, ValueError, AttributeError):
        return "", None


def _private_on_github(runner: Runner) -> bool | None:
    repository = runner.environ.get("GITHUB_REPOSITORY", "")
    try:
        private = json.loads(runner.github(["api", f"repos/{repository}"]))["private"]
    except (SelfcheckError, ValueError, KeyError, TypeError):
        return None
    return private if isinstance(private, bool) else None


def check(runner: Runner) -> int:
    """Do the run, and lay out what may leave the machine."""
    log, folder = runner.log, runner.folder
    state = folder.state()
    job = state.job
    try:
        secrets = read_secrets(runner.environ)
        for line in secrets.all_lines():
            log.mask(line)
        note = _too_early(job, runner)
    except SelfcheckError as error:
        folder.write(RunOutcome(ended=Ended.DONE, exit_code=error.exit_code))
        raise
    if note is not None:
        outcome = RunOutcome(ended=Ended.TOO_EARLY, exit_code=0, note=note)
    else:
        words = _run_words(job, str(folder.data))
        log.say(f"selfcheck {' '.join(words)}")
        outcome = _outcome(runner, state, runner.run(words, _run_environment(runner.environ, secrets, job)))
    folder.write(outcome)
    if outcome.run_id:
        folder.copy_run(job, outcome.run_id, folder.upload / outcome.run_id, whole=True)
    log.outputs(
        verdict=outcome.verdict or "",
        run_id=outcome.run_id or "",
        report=outcome.report or "",
        upload=str(folder.upload) if outcome.run_id else "",
    )
    return 0 if outcome.exit_code in _CONCLUDED else outcome.exit_code


def _too_early(job: HostedJob, runner: Runner) -> str | None:
    """Return why nothing may be checked yet: after a job that GitHub started late the next comes soon."""
    data = runner.folder.data.path
    options = RunOptions(data_dir=data, again=job.again)
    request = repository_configuration(Path(job.profiles_file), runner.environ).request(job.profiles, options)
    try:
        refuse_too_early(request, past_runs(DataFolder(data)).last_looks(left_out=is_loopback), runner.now())
    except TooEarlyError as error:
        return f"{error.what} {error.cause}"
    return None


def repository_configuration(path: Path, environ: Mapping[str, str]) -> Configuration:
    """Return what the profiles file asks for. Raise UsageError where it leads out of the repository.

    Raise as `read_configuration` does, too.
    """
    repository = Path(environ.get("GITHUB_WORKSPACE") or ".").resolve()
    written = repository / os.path.normpath(path)  # as it is written, links not followed
    if not written.is_relative_to(repository):
        return read_configuration(path, within=path.resolve().parent)
    if not path.resolve().is_relative_to(repository):
        raise UsageError(
            f"{path} is a link that leads out of the repository, so it was not read.",
            next_step="Put the file itself into the repository.",
        )
    return read_configuration(path, within=repository)


def _run_words(job: HostedJob, data: str) -> list[str]:
    """Return the command line of the run; `--again`, because whether it is too early was asked already."""
    counted = [verdict for verdict in BAD if verdict in job.fail_on]
    return [
        "run",
        *("--format", "github"),
        *("--profiles", job.profiles_file),
        *("--data", data),
        *(("--fail-on", ",".join(counted)) if counted else ()),
        "--again",
        *job.profiles,
    ]


def _run_environment(environ: Mapping[str, str], secrets: Secrets, job: HostedJob) -> dict[str, str]:
    """Return the environment of the run: with the secrets, and without the inputs that brought them.

    The run's own summary tells what the author sees, so it writes none where everybody can read it.
    """
    bare = {name: text for name, text in environ.items() if not name.startswith("INPUT_")}
    sessions = {variable_of(name): line for name, line in secrets.sessions.items()}
    named = {"SELFCHECK_KEY": secrets.age_key, SIMPLE: secrets.alert_urls, HEARTBEAT: secrets.heartbeat_url}
    if not job.keeps_author_view:
        bare.pop("GITHUB_STEP_SUMMARY", None)
    return {**bare, **sessions, **{name: text for name, text in named.items() if text}}


def _outcome(runner: Runner, state: JobState, code: int) -> RunOutcome:
    folder = runner.folder
    run_id = next(iter(folder.new_runs(state)), None)
    document = folder.document(run_id)
    stopped = code not in _CONCLUDED | _EXPLAINED
    report = folder.data.run_report(run_id) if run_id else None
    return RunOutcome(
        ended=Ended.STOPPED if stopped else Ended.DONE,
        exit_code=int(ExitCode.INTERRUPTED) if stopped else code,
        run_id=run_id,
        verdict=worst(document) if document else None,
        report=str(report) if report and report.is_file() else None,
    )
