"""What a job on GitHub says: annotations, the summary's links, the data branch's commits and its README. Pure.

Laws:
1. What could not be told, was left out or came too late is said; it never looks like good news.
2. What comes from a page is escaped (`compose/github.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from selfcheck.compose.github import markdown_text
from selfcheck.compose.incident_issue import Link
from selfcheck.model.hosted import Ended, HostedJob, Looked
from selfcheck.model.run import ExitCode
from selfcheck.model.words import Verdict

BRANCH_README = """\
# The history of selfcheck

The workflow of selfcheck adds one commit for each run. Nothing here is written by hand.

- `runs/<run>/run.json`: what a run found, as text. The run that opened or changed an incident is here with all
  of its files; those of the other runs are in their jobs' artifacts, for as long as GitHub keeps them.
- `journal.jsonl`: what was said of incidents and who was told of them, as text.
- `history.db`: the same as a database, made anew from that text with every commit.

To look at it on your own machine: check this branch out, and give its folder to selfcheck with `--data`.
"""
BRANCH_ATTRIBUTES = "history.db binary\n*.png binary\n*.jsonl text eol=lf\n*.json text eol=lf\n"

PUBLIC = (
    "This repository is public",
    "Everybody can read its logs, its artifacts and its issues: what the runs find of your profiles is "
    "published. A private repository keeps it to you. What only the author sees is left out.",
)
PUBLIC_AS_ASKED = (
    "This repository is public",
    "Everybody can read what the runs find of your profiles, and also what only the author sees, since "
    "`publish-author-view` is true.",
)
ANOTHERS_MINUTE = (
    "This schedule is shared with others",
    "The minute of its cron line is another repository's. Many jobs in one minute are what makes GitHub late: "
    "`selfcheck init --github` writes the workflow with a minute of your own, such as “{cron}”.",
)


def visibility_note(job: HostedJob) -> tuple[str, str] | None:
    """Return the title and the words of a warning where strangers can read all this."""
    if not job.public:
        return None
    return PUBLIC_AS_ASKED if job.publish_author_view else PUBLIC


def ending(job: HostedJob, looked: Looked, document: Mapping[str, Any] | None) -> tuple[int, str, str, str]:
    """Return the job's exit code, and the level, title and words of the annotation that says why.

    What was found and counts comes first, then a failure of ours, then what could not be told.
    """
    if looked.ended is Ended.TOO_EARLY:
        return 0, "notice", "Not looked at this time", looked.note
    if looked.ended is Ended.STOPPED:
        return int(ExitCode.INTERRUPTED), "error", "Stopped half-way", _stopped(looked)
    if document is None:
        words = "No run came to its end; the step `Look` says why. It says nothing of your profiles."
        return looked.exit_code or int(ExitCode.TOOL_FAILED), "error", "selfcheck itself failed", words
    found = [Verdict(one["verdict"]) for one in document["profiles"]]
    counted = [one for one in found if one in job.fail_on and one is not Verdict.INCONCLUSIVE]
    if counted:
        return int(ExitCode.FOUND), "error", "Something is kept from the public", _counts(found)
    if document.get("failures"):
        return int(ExitCode.TOOL_FAILED), "error", "selfcheck itself failed", " ".join(document["failures"])
    if Verdict.INCONCLUSIVE in found:
        strict = Verdict.INCONCLUSIVE in job.fail_on
        return (
            int(ExitCode.INCONCLUSIVE) if strict else 0,
            "error" if strict else "warning",
            "Could not tell this time",
            f"{_counts(found)}. This is no good news: nobody knows what strangers see."
            + ("" if strict else " The job does not fail for it; `inconclusive` in `fail-on` changes that."),
        )
    if any(one is not Verdict.VISIBLE for one in found):
        words = f"{_counts(found)}. The job does not fail for it, since `fail-on` leaves it out."
        return 0, "warning", "Something is kept from the public", words
    return 0, "notice", "All as it should be", _counts(found)


def _stopped(looked: Looked) -> str:
    kept = "What was finished until then is kept." if looked.run_id else "No run came to its end."
    return f"The job was cancelled, or ran out of time. {kept}"


def _counts(found: Sequence[Verdict]) -> str:
    return ", ".join(f"{found.count(one)} {one.value}" for one in dict.fromkeys(sorted(found)))


def commit_message(document: Mapping[str, Any], job: HostedJob) -> str:
    """Return what the commit of a run says."""
    rows = [f"{one['name']}: {one['verdict']}" for one in document.get("profiles", ())]
    head = ", ".join(rows)
    title = head if 0 < len(head) <= 60 else f"{len(rows)} profiles looked at"
    return "\n".join([title, "", *(rows if title != head else ()), f"Run {document['run_id']}", job.run_url])


def summary_links(
    document: Mapping[str, Any] | None, pictures: Mapping[str, str], links: Sequence[Link], notes: Sequence[str]
) -> str:
    """Return the part of the job's summary that leads to the evidence, as Markdown.

    `pictures` holds the addresses of pictures by their paths in the run's folder; of the others it is said
    where they lie.
    """
    rows = [
        f"| {markdown_text(profile['name'])} | {markdown_text(_page_name(page))} | {page['verdict']} | {shown} |"
        for profile in (document or {}).get("profiles", ())
        for page in profile["pages"]
        if (path := page.get("side_by_side"))
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


def _page_name(page: Mapping[str, Any]) -> str:
    return f"{page['kind']} {page.get('subject', '')}".strip()
