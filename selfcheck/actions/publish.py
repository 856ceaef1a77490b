"""What a job on GitHub leaves behind: the history, one issue for each incident, and how it went.

Laws:
1. One commit for each run. The text (`run.json`, `journal.jsonl`) is what counts: where two runs wrote at
   once their texts are put side by side, and the database is made anew from them.
2. The run that opened or changed an incident is kept whole, for it is the proof; of others the text is.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from selfcheck.actions.data_branch import basic
from selfcheck.actions.job import Host, lay_out
from selfcheck.actions.text import (
    BRANCH_ATTRIBUTES,
    BRANCH_README,
    commit_message,
    ending,
    page_name,
    summary_links,
    verdict_table,
)
from selfcheck.alerts.dispatch import platform_title
from selfcheck.alerts.github import FoundIssue, IssueTracker
from selfcheck.alerts.issue_text import IssueLink, IssueSetting, incident_issue
from selfcheck.alerts.notice import IncidentIssue
from selfcheck.core.enums import Verdict
from selfcheck.core.incident import EventKind, Incident
from selfcheck.core.run import ExitCode
from selfcheck.core.run_document import PageRecord, ProfileRecord, RunDocument
from selfcheck.evidence.run_copies import copy_file, finished_runs, join_lines
from selfcheck.history.service import rebuild_history
from selfcheck.history.store import History
from selfcheck.settings.hosted_job import Ended, HistoryStorage, HostedJob, RunOutcome
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole

_STILL_TOLD = timedelta(days=30)
"""So long after its end it is made sure that an incident's issue is closed."""

_PROOF = frozenset({EventKind.OPENED, EventKind.CHANGED})


def keep(host: Host) -> int:
    """Keep the history: one more commit on the branch, or the folder that the cache takes."""
    job = host.job()
    new = [run for run in finished_runs(host.data) if run not in job.known_runs]
    if job.keeping is HistoryStorage.NONE or not new:
        host.say(
            "No history is kept, as asked." if new else "No run came to its end: there is nothing to keep."
        )
        return 0
    if token := host.environ.get("GH_TOKEN"):
        host.say(f"::add-mask::{basic(token)}")
    proof = _Evidence(host, job).proof

    def put(folder: Path) -> str:
        for run in new:
            lay_out(host, job, run, folder / "runs" / run, whole=run in proof)
        _put_beside(host, folder)
        document = host.document(new[-1])
        assert document is not None  # it came to its end
        return commit_message(document, job)

    if job.keeping is HistoryStorage.BRANCH:
        host.branch(job).grow(put)
        host.say(f"The run was added to the branch {job.branch}.")
    else:
        put(host.kept)
    host.outputs(kept="true")
    return 0


def _put_beside(host: Host, folder: Path) -> None:
    """Put what goes with the runs into the folder, and make its database anew."""
    join_lines(DataFolder(host.data).journal, DataFolder(folder).journal)
    copy_file(DataFolder(host.data).backoff, DataFolder(folder).backoff)
    write_whole(folder / "README.md", BRANCH_README.encode())
    write_whole(folder / ".gitattributes", BRANCH_ATTRIBUTES.encode())
    rebuild_history(folder)
    for beside in folder.glob(f"{DataFolder(folder).history.name}-*"):
        beside.unlink()


def _incidents(host: Host) -> tuple[Incident, ...]:
    if not DataFolder(host.data).history.is_file():
        return ()
    with History.open(host.data) as history:
        return tuple(reversed(history.incidents()))


def tell(host: Host) -> int:
    """Bring the issues up to date: one for each incident."""
    job = host.job()
    if not job.issues:
        return 0
    issues, evidence = IssueTracker(job.repository, host.ask), _Evidence(host, job)
    since = host.now() - _STILL_TOLD
    told = [
        found
        for incident in evidence.incidents
        if not incident.over or (incident.over_at or since) > since
        if (found := issues.bring_up_to_date(_issue(incident, evidence))[0]) is not None
    ]
    _say_issues(host, told)
    return 0


class _Evidence:
    """Where the evidence of runs can be read: on the branch, and in the artifact of this job."""

    def __init__(self, host: Host, job: HostedJob) -> None:
        self._host = host
        self._job = job
        self.incidents = _incidents(host)
        self.proof = frozenset(
            event.run_id
            for incident in self.incidents
            for event in incident.events
            if event.kind in _PROOF and event.run_id
        )

    @property
    def branch(self) -> str | None:
        """Return the branch with the proof, where there is one with both views."""
        on_a_branch = self._job.keeping is HistoryStorage.BRANCH and self._job.keeps_author_view
        return self._job.branch if on_a_branch else None

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
        return [*named, *(self.job_links() if run_id not in self._job.known_runs else ())]

    def pictures(self, run_id: str | None) -> dict[str, str]:
        """Return the addresses of a run's pictures on the branch, by their paths; none where it has none."""
        job = self._job
        there = run_id in job.known_runs or self._host.environ.get("KEPT") == "true"
        if job.keeping is not HistoryStorage.BRANCH or not job.keeps_author_view or not there:
            return {}
        if run_id not in self.proof:
            return {}
        root = f"{job.server}/{job.repository}/blob/{job.branch}/runs/{run_id}"
        return {path: f"{root}/{quote(path)}" for _, _, path in self._pages(run_id)}

    def _pages(self, run_id: str | None) -> Iterator[tuple[ProfileRecord, PageRecord, str]]:
        document = self._host.document(run_id)
        for profile in document.profiles if document else ():
            yield from ((profile, page, page.side_by_side) for page in profile.pages if page.side_by_side)

    def job_links(self) -> list[IssueLink]:
        """Return what leads to this job and its files."""
        artifact, days = self._host.environ.get("ARTIFACT_URL", ""), self._job.retention_days
        files = [IssueLink(words=f"All files of the run, for {days} days", url=artifact)] if artifact else []
        return [*files, IssueLink(words="The job", url=self._job.run_url)]


def _issue(incident: Incident, evidence: _Evidence) -> IncidentIssue:
    setting = IssueSetting(
        platform=platform_title(incident.platform), links=evidence.links, branch=evidence.branch
    )
    return incident_issue(incident, setting)


def _say_issues(host: Host, told: Sequence[FoundIssue]) -> None:
    if not told:
        host.say("No incident goes on, so no issue is open.")
        return
    rows = [
        f"- [#{one.number}](<{one.url}>): {one.incident}{'' if one.open else ' (closed)'}" for one in told
    ]
    host.summary("\n".join(["### Issues", "", *rows, ""]))
    host.say(f"Issues: {', '.join(one.url for one in told)}")


def end(host: Host) -> int:
    """Say how it went, lead to the evidence, and return the job's exit code."""
    job = host.job()
    looked = host.read("looked.json", RunOutcome) or RunOutcome(
        ended=Ended.STOPPED, exit_code=int(ExitCode.INTERRUPTED)
    )
    document = host.document(looked.run_id)
    code, level, title, words = ending(job, looked, document)
    host.note(level, title, words)
    host.summary(_summary(host, job, looked, document))
    return code


def _summary(host: Host, job: HostedJob, looked: RunOutcome, document: RunDocument | None) -> str:
    notes, table = [], ""
    if not job.keeps_author_view:
        notes.append("This repository is public, so what only the author sees is told nowhere.")
        document, table = None, verdict_table(document) if document else ""
    if looked.note:
        notes.append(looked.note)
    evidence = _Evidence(host, job)
    history = [IssueLink(words="The history", url=f"{job.server}/{job.repository}/tree/{job.branch}")]
    links = [
        *[one for one in evidence.job_links() if one.url != job.run_url],
        *(history if job.keeping is HistoryStorage.BRANCH else ()),
    ]
    return table + summary_links(document, evidence.pictures(looked.run_id), links, notes)
