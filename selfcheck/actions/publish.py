"""The last step of a job on GitHub: keep the history, bring the issues up to date, and say how it went.

Laws:
1. One commit for each run. The text (`run.json`, `journal.jsonl`) is what counts: where two runs wrote at
   once their texts are joined, and the database is rebuilt from them.
2. The run that opened or changed an incident is kept whole, because it is the proof; of others, the text.
3. What fails here is said, fails the job, and does not keep the rest from being done.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from selfcheck.actions.data_branch import basic
from selfcheck.actions.runner import JobFolder, JobState, Runner
from selfcheck.actions.text import (
    BRANCH_ATTRIBUTES,
    BRANCH_README,
    RunOutcome,
    commit_message,
    ending,
    page_name,
    summary_links,
    verdict_table,
)
from selfcheck.alerts.github import FoundIssue, IssueTracker
from selfcheck.alerts.issue_text import IssueLink, IssueSetting, incident_issue
from selfcheck.artifacts.run_reader import title_by_runs
from selfcheck.core.enums import Verdict
from selfcheck.core.incident import EventKind, Incident
from selfcheck.core.run_document import PageRecord, ProfileRecord
from selfcheck.errors import SelfcheckError
from selfcheck.history.service import rebuild_history
from selfcheck.history.store import History
from selfcheck.settings import Preferences, read_configuration
from selfcheck.settings.hosted import HistoryStorage, HostedJob
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole

_STILL_TOLD = timedelta(days=30)
"""For so long after its end, an incident's issue is checked to be closed."""

_PROOF = frozenset({EventKind.OPENED, EventKind.CHANGED})


def publish(runner: Runner) -> int:
    """Keep the history, bring the issues up to date, say how it went, and return the job's exit code."""
    folder, log = runner.folder, runner.log
    state, outcome = folder.state(), folder.outcome()
    incidents = _incidents(folder.data)
    failures: list[SelfcheckError] = []

    def attempt(what: str, work: Callable[[], bool]) -> bool:
        try:
            return work()
        except SelfcheckError as error:
            log.note("error", f"selfcheck: {what}", " ".join(error.lines()))
            failures.append(error)
            return False

    proof = frozenset(
        event.run_id
        for incident in incidents
        for event in incident.events
        if event.kind in _PROOF and event.run_id
    )
    published = attempt("the history was not kept", partial(_keep_history, runner, state, proof))
    evidence = _Evidence(
        folder=folder,
        state=state,
        proof=proof,
        kept=published,
        artifact=runner.environ.get("ARTIFACT_URL", ""),
    )
    if state.job.issues:
        attempt("the issues are not up to date", partial(_update_issues, runner, incidents, evidence))
    document = folder.document(outcome.run_id)
    end = ending(state.job, outcome, document)
    log.note(end.level, end.title, end.words)
    log.summary(_summary(evidence, outcome))
    return end.exit_code or next((error.exit_code for error in failures), 0)


def _incidents(data: DataFolder) -> tuple[Incident, ...]:
    """Return the incidents of the history, oldest first."""
    if not data.history.is_file():
        return ()
    with History.open(data) as history:
        return tuple(reversed(history.incidents()))


def _keep_history(runner: Runner, state: JobState, proof: frozenset[str]) -> bool:
    """Add a commit to the branch, or write the folder that the cache takes; return whether it was done."""
    job, folder, log = state.job, runner.folder, runner.log
    new = folder.new_runs(state)
    if job.keeping is HistoryStorage.NONE or not new:
        nothing = "No history is kept, as asked." if new else "No run was finished: there is nothing to keep."
        log.say(nothing)
        return False
    if token := runner.environ.get("GH_TOKEN"):
        log.mask(basic(token))
    document = folder.document(new[0])
    assert document is not None

    def put(target: Path) -> str:
        branch_folder = DataFolder(target)
        for run in new:
            folder.copy_run(job, run, branch_folder.run(run), whole=run in proof)
        _put_beside(folder.data, branch_folder)
        return commit_message(document, job)

    if job.keeping is HistoryStorage.BRANCH:
        runner.branch(job).grow(put)
        log.say(f"The run was added to the branch {job.branch}.")
    else:
        put(folder.cache)
    log.outputs(kept="true")
    return True


def _put_beside(source: DataFolder, target: DataFolder) -> None:
    """Put what goes with the runs into the folder, and rebuild its database."""
    _join_lines(source.journal, target.journal)
    if source.backoff.is_file():
        write_whole(target.backoff, source.backoff.read_bytes())
    write_whole(target.path / "README.md", BRANCH_README.encode())
    write_whole(target.path / ".gitattributes", BRANCH_ATTRIBUTES.encode())
    rebuild_history(DataFolder(target.path))
    for beside in target.path.glob(f"{target.history.name}-*"):
        beside.unlink()


def _join_lines(ours: Path, theirs: Path) -> None:
    """Add to their file the lines that only ours has, so that none is lost or repeated."""
    own = ours.read_bytes().splitlines() if ours.is_file() else []
    lines_there = theirs.read_bytes().splitlines() if theirs.is_file() else []
    both = [line for line in dict.fromkeys((*lines_there, *own)) if line.strip()]
    if both != lines_there:
        write_whole(theirs, b"".join(line + b"\n" for line in both))


@dataclass(frozen=True, kw_only=True)
class _Evidence:
    """Where the evidence of runs can be read: on the branch, and in the artifact of this job."""

    folder: JobFolder
    state: JobState
    proof: frozenset[str]  # the runs that are kept whole
    kept: bool  # whether the new runs are on the branch
    artifact: str  # its address; empty where nothing was uploaded

    @property
    def job(self) -> HostedJob:
        """Return what the job was asked."""
        return self.state.job

    @property
    def branch(self) -> str | None:
        """Return the branch with the proof, where there is one with both views."""
        on_a_branch = self.job.keeping is HistoryStorage.BRANCH and self.job.keeps_author_view
        return self.job.branch if on_a_branch else None

    def links(self, run_id: str | None) -> list[IssueLink]:
        """Return what leads to the evidence of a run."""
        if run_id is None:
            return []
        pictures = self.pictures(run_id)
        named = [
            IssueLink(words=f"{profile.name}: {page_name(page)}, both views", url=pictures[path])
            for profile, page, path in self._pages(run_id)
            if path in pictures and page.verdict is not Verdict.VISIBLE
        ]
        return [*named, *(self.job_links() if run_id not in self.state.known_runs else ())]

    def pictures(self, run_id: str | None) -> dict[str, str]:
        """Return the addresses of a run's pictures on the branch, by their paths; none where it has none."""
        is_there = run_id in self.proof and (self.kept or run_id in self.state.known_runs)
        if self.branch is None or not is_there:
            return {}
        root = f"{self.job.server}/{self.job.repository}/blob/{self.branch}/runs/{run_id}"
        return {path: f"{root}/{quote(path)}" for _, _, path in self._pages(run_id)}

    def _pages(self, run_id: str | None) -> Iterator[tuple[ProfileRecord, PageRecord, str]]:
        document = self.folder.document(run_id)
        for profile in document.profiles if document else ():
            for page in profile.pages:
                if page.side_by_side:
                    yield profile, page, page.side_by_side

    def job_links(self) -> list[IssueLink]:
        """Return what leads to this job and its files."""
        words = f"All files of the run, for {self.job.retention_days} days"
        files = [IssueLink(words=words, url=self.artifact)] if self.artifact else []
        return [*files, IssueLink(words="The job", url=self.job.run_url)]


def _update_issues(runner: Runner, incidents: Sequence[Incident], evidence: _Evidence) -> bool:
    """Bring the issues up to date, one for each incident, and say which there are."""
    job, log = evidence.job, runner.log
    preferences = _preferences(job)
    tracker = IssueTracker(job.repository, runner.github)
    since = runner.now() - _STILL_TOLD
    issues: list[FoundIssue] = []
    for incident in incidents:
        if incident.over and (incident.over_at or since) <= since:
            continue
        setting = IssueSetting(
            platform=title_by_runs(
                evidence.folder.data,
                [incident.last_bad_run],
                incident.profile,
                incident.platform,
            ),
            language=preferences.alerts.language,
            zone=ZoneInfo(preferences.time_zone),
            links=evidence.links,
            branch=evidence.branch,
        )
        issue, _ = tracker.bring_up_to_date(incident_issue(incident, setting))
        issues += [issue] if issue else []
    if not issues:
        log.say("There is no incident with an issue.")
        return True
    rows = [
        f"- [#{issue.number}](<{issue.url}>): {issue.incident}{'' if issue.open else ' (closed)'}"
        for issue in issues
    ]
    log.summary("\n".join(["### Issues", "", *rows, ""]))
    log.say(f"Issues: {', '.join(issue.url for issue in issues)}")
    return True


def _preferences(job: HostedJob) -> Preferences:
    """Return the user's settings; the usual ones where the file has mistakes, which the check has said."""
    try:
        return read_configuration(Path(job.profiles_file)).preferences
    except SelfcheckError:
        return Preferences()


def _summary(evidence: _Evidence, outcome: RunOutcome) -> str:
    """Return the part of the job's summary that leads to the evidence."""
    job, document = evidence.job, evidence.folder.document(outcome.run_id)
    notes, table = [], ""
    if not job.keeps_author_view:
        notes.append("This repository is public, so what only the author sees is left out.")
        table = verdict_table(document) if document else ""
        document = None
    if outcome.note:
        notes.append(outcome.note)
    links = [link for link in evidence.job_links() if link.url != job.run_url]
    if job.keeping is HistoryStorage.BRANCH:
        history = f"{job.server}/{job.repository}/tree/{job.branch}"
        links.append(IssueLink(words="The history", url=history))
    return table + summary_links(document, evidence.pictures(outcome.run_id), links, notes)
