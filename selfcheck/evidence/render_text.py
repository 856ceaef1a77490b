"""What an evidence.zip says in words: its README.txt, and what the server answered.

Laws:
1. README.txt is for a support agent who does not know this tool: what it shows, how to check it with tools
   that every system has, and what it does not prove. It claims nothing more than the files beside it show.
2. What comes from a page is on one line and without control characters.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Verdict
from selfcheck.core.incident import Incident
from selfcheck.core.templating import environment
from selfcheck.core.text_safety import one_line
from selfcheck.evidence.extract import platform_name

_WIDTH = 72
_MOST_PAGES = 3
"""So that it stays one page; the rest is in the run.json files."""


@dataclass(frozen=True, kw_only=True)
class ShownRun:
    """A run that an evidence.zip has files of."""

    run_id: str
    started_at: str  # ISO 8601; "" where the result cannot be read
    pages: Sequence[Mapping[str, Any]]  # as the result has them
    names: frozenset[str]  # its files within the zip


def readme(
    incident: Incident,
    runs: Sequence[ShownRun],
    *,
    version: str,
    stamps: bool,
    notes: Sequence[str] = (),
    left_out: Sequence[str] = (),
    wacz: bool = False,
) -> str:
    """Return README.txt; `left_out` holds for each file of the profile that stays behind why it does."""
    pages = _pages(runs)
    return (
        environment("selfcheck.evidence")
        .get_template("evidence.txt.j2")
        .render(
            profile=incident.profile,
            handle=incident.handle if incident.handle.startswith("@") else f"@{incident.handle}",
            platform=platform_name(incident.platform),
            summary=incident.summary,
            last_good=_moment(incident.last_good_at),
            first_bad=_moment(incident.first_bad_at),
            last_bad=_moment(incident.last_bad_at),
            both=any(AUTHOR in (page.get("views") or ()) for run in runs for page in run.pages),
            pages=pages[:_MOST_PAGES],
            more=max(0, len(pages) - _MOST_PAGES),
            runs=[{"run_id": one.run_id, "at": one.started_at or "an unknown time"} for one in runs],
            stamps=stamps,
            wacz=wacz,
            missing=[*notes, *(_counted(count, why) for why, count in sorted(Counter(left_out).items()))],
            version=version,
        )
    )


def headers_text(look: Mapping[str, Any]) -> str:
    """Return what the server answered to a stranger, as text, from `anonymous.look.json`."""
    lines = [
        f"Asked for: {_line(look.get('url'))}",
        *(
            f"Sent on:   {_line(one.get('status'))} to {_line(one.get('location'))}"
            for one in _redirects(look)
        ),
        f"Answered:  {_line(look.get('final_url')) or '(no answer)'}",
        f"Status:    {_line(look.get('status')) or '(none)'}",
        f"When:      {_line(look.get('started_at'))} to {_line(look.get('finished_at'))}",
        "           by the clock of the computer that looked; the server's own is in `date`",
        "Who:       a new browser, not signed in",
        "",
    ]
    headers = look.get("headers")
    named = headers.items() if isinstance(headers, Mapping) else ()
    return "\n".join([*lines, *(f"{_line(name)}: {_line(value)}" for name, value in named), ""])


def _counted(count: int, why: str) -> str:
    return f"1 file, because {why}." if count == 1 else f"{count} files, each because {why}."


def _redirects(look: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = look.get("redirects")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _line(value: object) -> str:
    return "" if value is None else one_line(str(value))


def _pages(runs: Sequence[ShownRun]) -> list[dict[str, str]]:
    """Return the pages that are not as they should be, as the latest run has them; all where none is so."""
    latest = next((one for one in reversed(runs) if one.pages), None)
    if latest is None:
        return []
    bad = [page for page in latest.pages if page.get("verdict") != Verdict.VISIBLE.value]
    return [_page(page, latest) for page in bad or latest.pages]


def _page(page: Mapping[str, Any], run: ShownRun) -> dict[str, str]:
    picture = f"{run.run_id}/{page.get('side_by_side')}"
    subject = one_line(str(page.get("subject") or ""), 40)
    return {
        "name": f"{page.get('kind')} {subject}".strip(),
        "verdict": str(page.get("verdict")),
        "address": str(page.get("url")),
        "seen": _seen(page),
        "picture": picture if picture in run.names else "",
    }


def _seen(page: Mapping[str, Any]) -> str:
    views = page.get("views")
    view = views.get(ANONYMOUS) if isinstance(views, Mapping) else None
    if not isinstance(view, Mapping):
        return "Strangers did not look at this page."
    status, quote = view.get("status"), one_line(str(view.get("quote") or ""), 160)
    answer = f"HTTP {status}" if status else "no answer"
    if not quote or quote.startswith("status "):
        return f"Strangers get {answer}."
    return f'Strangers get {answer} and are told: "{quote}"'


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""
