"""What a job on GitHub says: annotations, the summary's links, the branch's commits and its README. Pure.

Laws:
1. What is not known, was left out or came too late is said; it never looks like good news.
2. What comes from a page is escaped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from selfcheck.alerts.issue_text import IssueLink
from selfcheck.core.enums import BAD, WORST_FIRST, PageKind, Verdict
from selfcheck.core.labels import KIND_WORD
from selfcheck.core.run import ExitCode
from selfcheck.core.run_document import PageRecord, RunDocument
from selfcheck.core.text_safety import markdown_text
from selfcheck.settings.hosted import HostedJob

BRANCH_README = """\
# The history of selfcheck

The workflow of selfcheck adds one commit for each run. Nothing here is written by hand.

- `runs/<run>/run.json`: what a run found, as text. The run that opened or changed an incident is here with
  all of its files; those of the other runs are in their jobs' artifacts, for as long as GitHub keeps them.
- `journal.jsonl`: what was written down about incidents, and which alerts were sent, as text.
- `history.db`: the same as a database, rebuilt from that text with every commit.

To open it on your own computer: check out this branch, and pass its folder to selfcheck with `--data`.
"""
BRANCH_ATTRIBUTES = "history.db binary\n*.png binary\n*.jsonl text eol=lf\n*.json text eol=lf\n"

PUBLIC = (
    "This repository is public",
    (
        "Everybody can read its logs, its artifacts and its issues: what the runs find about your profiles "
        "is published. In a private repository only you can read it. What only the author sees is left out."
    ),
)
PUBLIC_AS_ASKED = (
    "This repository is public",
    (
        "Everybody can read what the runs find about your profiles, and also what only the author sees, "
        "since `publish-author-view` is true."
    ),
)
SHARED_MINUTE = (
    "This schedule is shared with others",
    (
        "Other workflows have the same minute in their cron line, and many jobs in one minute make GitHub "
        "late. `selfcheck init --github` writes the workflow with a minute of your own, such as “{cron}”."
    ),
)
LATE = "It should have started {time} ago. What happened meanwhile is found only now."

_FAILED, _KEPT_FROM = "selfcheck itself failed", "Something is kept from the public"
_UNKNOWN = "The check was inconclusive"
_LONGEST_TITLE = 60  # of a commit


class Ended(StrEnum):
    """How the check ended."""

    DONE = "done"
    TOO_EARLY = "too early"  # the platform was checked a short while ago; nothing was opened
    STOPPED = "stopped"  # by a signal, or it did not come to its end


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """What came of the check; the step hands it on to the next."""

    ended: Ended
    exit_code: int
    run_id: str | None = None  # None: no run came to its end
    verdict: Verdict | None = None  # the worst of the profiles
    report: str | None = None  # its path
    note: str = ""  # why nothing was checked, in words


class JobEnding(NamedTuple):
    """How a job ends: its exit code, and the annotation that says why."""

    exit_code: int
    level: str
    title: str
    words: str


def visibility_note(job: HostedJob) -> tuple[str, str] | None:
    """Return the title and the words of a warning where everybody can read all this."""
    if not job.public:
        return None
    return PUBLIC_AS_ASKED if job.publish_author_view else PUBLIC


def worst(document: RunDocument) -> Verdict | None:
    """Return the worst verdict of a run; inconclusive is worse than visible."""
    return min((profile.verdict for profile in document.profiles), key=WORST_FIRST.index, default=None)


def ending(job: HostedJob, outcome: RunOutcome, document: RunDocument | None) -> JobEnding:
    """Return how the job ends: by how the check ended, else by what it found."""
    if outcome.ended is Ended.TOO_EARLY:
        return JobEnding(0, "notice", "Not checked this time", outcome.note)
    if outcome.ended is Ended.STOPPED:
        rest = "What was finished until then is kept." if outcome.run_id else "No run was finished."
        words = f"The job was cancelled, or ran out of time. {rest}"
        return JobEnding(int(ExitCode.INTERRUPTED), "error", "Stopped before the end", words)
    if document is None:
        words = "No run was finished; the step `Check` says why. It says nothing about your profiles."
        return JobEnding(outcome.exit_code or int(ExitCode.TOOL_FAILED), "error", _FAILED, words)
    return _by_verdicts(job, [profile.verdict for profile in document.profiles], document.failures)


def _by_verdicts(job: HostedJob, verdicts: Sequence[Verdict], failures: Sequence[str]) -> JobEnding:
    """Put what was found and counts first, then a failure of selfcheck, then what is not known."""
    counts = ", ".join(
        f"{verdicts.count(verdict)} {verdict.value}" for verdict in dict.fromkeys(sorted(verdicts))
    )
    bad = [verdict for verdict in verdicts if verdict in BAD]
    if set(bad) & set(job.fail_on):
        return JobEnding(int(ExitCode.FOUND), "error", _KEPT_FROM, f"{counts}.")
    if failures or not verdicts:
        words = " ".join(failures) or "No profile was finished."
        return JobEnding(int(ExitCode.TOOL_FAILED), "error", _FAILED, words)
    if Verdict.INCONCLUSIVE in verdicts:
        words = f"{counts}. This is not good news: it is not known what logged-out visitors see."
        if Verdict.INCONCLUSIVE in job.fail_on:
            return JobEnding(int(ExitCode.INCONCLUSIVE), "error", _UNKNOWN, words)
        more = "The job does not fail because of it; `inconclusive` in `fail-on` changes that."
        return JobEnding(0, "warning", _UNKNOWN, f"{words} {more}")
    if bad:
        words = f"{counts}. The job does not fail because of it, since `fail-on` leaves it out."
        return JobEnding(0, "warning", _KEPT_FROM, words)
    return JobEnding(0, "notice", "Everything is visible", f"{counts}.")


def commit_message(document: RunDocument, job: HostedJob) -> str:
    """Return what the commit of a run says."""
    rows = [f"{profile.name}: {profile.verdict.value}" for profile in document.profiles]
    head = ", ".join(rows)
    title = head if 0 < len(head) <= _LONGEST_TITLE else f"{len(rows)} profiles checked"
    return "\n".join([title, "", *(rows if title != head else ()), f"Run {document.run_id}", job.run_url])


def summary_links(
    document: RunDocument | None,
    pictures: Mapping[str, str],
    links: Sequence[IssueLink],
    notes: Sequence[str],
) -> str:
    """Return the part of the job's summary that leads to the evidence, as Markdown.

    `pictures` holds the addresses of pictures by their paths in the run's folder; of the others it says where
    they are.
    """
    rows = [
        f"| {markdown_text(profile.name)} | {markdown_text(page_name(page))} | {verdict} | {shown} |"
        for profile in (document.profiles if document else ())
        for page in profile.pages
        if (path := page.side_by_side)
        for verdict, views in [
            ("opened", "the author's view")  # only the author can open it
            if page.kind is PageKind.STATS and page.verdict is Verdict.VISIBLE
            else (page.verdict.value, "both views")
        ]
        for shown in [f"[{views}](<{pictures[path]}>)" if path in pictures else f"`{path}`"]
    ]
    table = ["| Profile | Page | Verdict | Side by side |", "| --- | --- | --- | --- |", *rows, ""]
    return "\n".join(
        [
            "### Evidence",
            "",
            *(table if rows else ()),
            *(f"- [{markdown_text(link.words)}](<{link.url}>)" for link in links),
            "",
            *(f"> {markdown_text(note)}\n" for note in notes),
        ]
    )


def verdict_table(document: RunDocument) -> str:
    """Return the verdicts alone, as Markdown, for a summary that everybody can read."""
    rows = [
        f"| {markdown_text(profile.name)} | {markdown_text(page_name(page))} | {page.verdict.value} |"
        for profile in document.profiles
        for page in profile.pages
    ]
    return "\n".join(
        ["## selfcheck", "", "| Profile | Page | Verdict |", "| --- | --- | --- |", *rows, "", ""]
    )


def page_name(page: PageRecord) -> str:
    """Return what a page is called: a story by its id, since its title may be for its author alone."""
    return f"{KIND_WORD[page.kind]} {page.subject}".strip()
