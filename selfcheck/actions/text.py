"""What a job on GitHub says: annotations, the summary's links, the branch's commits and its README. Pure.

Laws:
1. What could not be told, was left out or came too late is said; it never looks like good news.
2. What comes from a page is escaped (`compose/github.py`).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from selfcheck.alerts.issue_text import IssueLink
from selfcheck.core.enums import BAD, Verdict
from selfcheck.core.run import ExitCode
from selfcheck.core.run_document import PageRecord, RunDocument
from selfcheck.core.text_safety import markdown_text
from selfcheck.settings.hosted_job import Ended, HostedJob, RunOutcome

BRANCH_README = """\
# The history of selfcheck

The workflow of selfcheck adds one commit for each run. Nothing here is written by hand.

- `runs/<run>/run.json`: what a run found, as text. The run that opened or changed an incident is here with
  all of its files; those of the other runs are in their jobs' artifacts, for as long as GitHub keeps them.
- `journal.jsonl`: what was said of incidents and who was told of them, as text.
- `history.db`: the same as a database, made anew from that text with every commit.

To look at it on your own machine: check this branch out, and give its folder to selfcheck with `--data`.
"""
BRANCH_ATTRIBUTES = "history.db binary\n*.png binary\n*.jsonl text eol=lf\n*.json text eol=lf\n"

PUBLIC = (
    "This repository is public",
    (
        "Everybody can read its logs, its artifacts and its issues: what the runs find of your profiles is "
        "published. A private repository keeps it to you. What only the author sees is left out."
    ),
)
PUBLIC_AS_ASKED = (
    "This repository is public",
    (
        "Everybody can read what the runs find of your profiles, and also what only the author sees, since "
        "`publish-author-view` is true."
    ),
)
ANOTHERS_MINUTE = (
    "This schedule is shared with others",
    (
        "Others have the same minute in their cron line. Many jobs in one minute are what makes GitHub late: "
        "`selfcheck init --github` writes the workflow with a minute of your own, such as “{cron}”."
    ),
)
LATE = "It should have begun {time} ago. What happened meanwhile is found only now."

_FAILED, _KEPT_FROM = "selfcheck itself failed", "Something is kept from the public"
_UNKNOWN = "Could not tell this time"
_LONGEST_TITLE = 60  # of a commit


class JobEnding(NamedTuple):
    """How a job ends: its exit code, and the annotation that says why."""

    exit_code: int
    level: str
    title: str
    words: str


def visibility_note(job: HostedJob) -> tuple[str, str] | None:
    """Return the title and the words of a warning where strangers can read all this."""
    if not job.public:
        return None
    return PUBLIC_AS_ASKED if job.publish_author_view else PUBLIC


def ending(job: HostedJob, looked: RunOutcome, document: RunDocument | None) -> JobEnding:
    """Return how the job ends: by how the looking ended, else by what was found."""
    if looked.ended is Ended.TOO_EARLY:
        return JobEnding(0, "notice", "Not looked at this time", looked.note)
    if looked.ended is Ended.STOPPED:
        return JobEnding(int(ExitCode.INTERRUPTED), "error", "Stopped half-way", _stopped(looked))
    if document is None:
        words = "No run came to its end; the step `Look` says why. It says nothing of your profiles."
        return JobEnding(looked.exit_code or int(ExitCode.TOOL_FAILED), "error", _FAILED, words)
    return _by_verdicts(job, [one.verdict for one in document.profiles], document.failures)


def _by_verdicts(job: HostedJob, found: Sequence[Verdict], failures: Sequence[str]) -> JobEnding:
    """Put what was found and counts first, then a failure of ours, then what could not be told."""
    bad = [one for one in found if one in BAD]
    if set(bad) & set(job.fail_on):
        return JobEnding(int(ExitCode.FOUND), "error", _KEPT_FROM, f"{_counts(found)}.")
    if failures or not found:
        words = " ".join(failures) or "No profile was finished."
        return JobEnding(int(ExitCode.TOOL_FAILED), "error", _FAILED, words)
    if Verdict.INCONCLUSIVE in found:
        return _could_not_tell(found, strict=Verdict.INCONCLUSIVE in job.fail_on)
    if bad:
        words = f"{_counts(found)}. The job does not fail for it, since `fail-on` leaves it out."
        return JobEnding(0, "warning", _KEPT_FROM, words)
    return JobEnding(0, "notice", "All as it should be", f"{_counts(found)}.")


def _could_not_tell(found: Sequence[Verdict], *, strict: bool) -> JobEnding:
    words = f"{_counts(found)}. This is no good news: nobody knows what strangers see."
    if strict:
        return JobEnding(int(ExitCode.INCONCLUSIVE), "error", _UNKNOWN, words)
    more = "The job does not fail for it; `inconclusive` in `fail-on` changes that."
    return JobEnding(0, "warning", _UNKNOWN, f"{words} {more}")


def _stopped(looked: RunOutcome) -> str:
    kept = "What was finished until then is kept." if looked.run_id else "No run came to its end."
    return f"The job was cancelled, or ran out of time. {kept}"


def _counts(found: Sequence[Verdict]) -> str:
    return ", ".join(f"{found.count(one)} {one.value}" for one in dict.fromkeys(sorted(found)))


def commit_message(document: RunDocument, job: HostedJob) -> str:
    """Return what the commit of a run says."""
    rows = [f"{one.name}: {one.verdict}" for one in document.profiles]
    head = ", ".join(rows)
    title = head if 0 < len(head) <= _LONGEST_TITLE else f"{len(rows)} profiles looked at"
    return "\n".join([title, "", *(rows if title != head else ()), f"Run {document.run_id}", job.run_url])


def summary_links(
    document: RunDocument | None,
    pictures: Mapping[str, str],
    links: Sequence[IssueLink],
    notes: Sequence[str],
) -> str:
    """Return the part of the job's summary that leads to the evidence, as Markdown.

    `pictures` holds the addresses of pictures by their paths in the run's folder; of the others it is said
    where they lie.
    """
    rows = [
        f"| {markdown_text(profile.name)} | {markdown_text(page_name(page))} | {page.verdict} | {shown} |"
        for profile in (document.profiles if document else ())
        for page in profile.pages
        if (path := page.side_by_side)
        for shown in [f"[both views](<{pictures[path]}>)" if path in pictures else f"`{path}`"]
    ]
    table = ["| Profile | Page | Verdict | Side by side |", "| --- | --- | --- | --- |", *rows, ""]
    return "\n".join(
        [
            "### Evidence",
            "",
            *(table if rows else ()),
            *(f"- [{markdown_text(one.words)}](<{one.url}>)" for one in links),
            "",
            *(f"> {markdown_text(note)}\n" for note in notes),
        ]
    )


def verdict_table(document: RunDocument) -> str:
    """Return the verdicts alone, as Markdown, for a summary that everybody can read."""
    rows = [
        f"| {markdown_text(profile.name)} | {markdown_text(page_name(page))} | {page.verdict} |"
        for profile in document.profiles
        for page in profile.pages
    ]
    return "\n".join(
        ["## selfcheck", "", "| Profile | Page | Verdict |", "| --- | --- | --- |", *rows, "", ""]
    )


def page_name(page: PageRecord) -> str:
    """Return what a page is called."""
    return f"{page.kind} {page.subject}".strip()
