"""What an evidence.zip says in words: its README.txt, and what the server answered.

Laws:
1. README.txt is for a support agent who does not know this tool: what it shows, how to check it with tools
   that every system has, and what it does not prove. It claims nothing more than the files beside it show.
2. What comes from a page is on one line and without control characters.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from selfcheck.artifacts.case_files import LookRecord
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Verdict
from selfcheck.core.incident import Incident
from selfcheck.core.run_document import PageRecord
from selfcheck.core.templating import environment
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import utc
from selfcheck.evidence.disclosure import platform_name
from selfcheck.evidence.shared_run import SharedRun

_MOST_PAGES = 3
"""So that it stays one page; the rest is in the run.json files."""


def readme(
    incident: Incident,
    runs: Sequence[SharedRun],
    *,
    names: frozenset[str],
    version: str,
    notes: Sequence[str] = (),
) -> str:
    """Return README.txt; `names` are the files of the zip."""
    left_out = Counter(file.why for run in runs for file in run.left_out)
    # The pages that are not as they should be, as the latest run has them; all where none is so.
    latest = next((run for run in reversed(runs) if run.pages), None)
    pages = latest.pages if latest else ()
    pages = tuple(page for page in pages if page.verdict is not Verdict.VISIBLE) or pages
    return (
        environment("selfcheck.evidence")
        .get_template("evidence.txt.j2")
        .render(
            profile=incident.profile,
            handle=incident.handle if incident.handle.startswith("@") else f"@{incident.handle}",
            platform=_title(incident, runs),
            summary=incident.summary,
            last_good=_moment(incident.last_good_at),
            first_bad=_moment(incident.first_bad_at),
            last_bad=_moment(incident.last_bad_at),
            both=any(AUTHOR in page.views for run in runs for page in run.pages),
            pages=[_page(page, latest, names) for page in pages[:_MOST_PAGES] if latest],
            more=max(0, len(pages) - _MOST_PAGES),
            runs=[
                {
                    "run_id": run.run_id,
                    "at": utc(run.result.started_at) if run.result else "an unknown time",
                }
                for run in runs
            ],
            stamps=any(name.endswith(".tsr") for name in names),
            wacz=any(name.endswith(".wacz") for name in names),
            missing=[*notes, *(_counted(count, why) for why, count in sorted(left_out.items()))],
            version=version,
        )
    )


def _title(incident: Incident, runs: Sequence[SharedRun]) -> str:
    """Return the platform's name as people write it, by the latest run that says it."""
    records = [run.result.profile(incident.profile) for run in reversed(runs) if run.result]
    titles = (record.platform_title for record in records if record and record.platform_title)
    return next(titles, platform_name(incident.platform))


def headers_text(look: LookRecord) -> str:
    """Return what the server answered to a logged-out visitor, as text."""
    lines = [
        f"Asked for: {one_line(look.url)}",
        *(f"Sent on:   {step.status} to {one_line(step.location)}" for step in look.redirects),
        f"Answered:  {one_line(look.final_url) or '(no answer)'}",
        f"Status:    {look.status or '(none)'}",
        f"When:      {look.started_at.isoformat()} to {look.finished_at.isoformat()}",
        "           by the clock of the computer that asked; the server's own is in `date`",
        "Who:       a new browser, not signed in",
        "",
        *(f"{one_line(name)}: {one_line(value)}" for name, value in look.headers.items()),
        "",
    ]
    return "\n".join(lines)


def _counted(count: int, why: str) -> str:
    return f"1 file, because {why}." if count == 1 else f"{count} files, each because {why}."


def _page(page: PageRecord, run: SharedRun, names: frozenset[str]) -> dict[str, str]:
    picture = f"{run.run_id}/{page.side_by_side}"
    return {
        "name": f"{page.kind} {one_line(page.subject, 40)}".strip(),
        "verdict": page.verdict.value,
        "address": page.url,
        "seen": _seen(page),
        "picture": picture if picture in names else "",
    }


def _seen(page: PageRecord) -> str:
    view = page.view(ANONYMOUS)
    if view is None:
        return "This page was not opened by a logged-out visitor."
    answer = f"HTTP {view.status}" if view.status else "no answer"
    quote = one_line(view.quote, 160)
    if not quote or quote.startswith("status "):
        return f"Logged-out visitors get {answer}."
    return f'Logged-out visitors get {answer} and read: "{quote}"'


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""
