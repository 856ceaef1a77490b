"""An incident as a GitHub issue: its title, its body, and what is told below it later. Pure.

Laws:
1. What was written by others is text: nothing of it becomes Markdown or HTML, a mention or a mark of ours.
2. What its author wrote down for themselves (notes, case numbers, mails) is not told.
3. Times are UTC; what is not known is said to be so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.core.labels import verdict_headline
from selfcheck.core.text_safety import markdown_text
from selfcheck.core.times import duration_words

_TOLD = {
    EventKind.OPENED: "It was found.",
    EventKind.CHANGED: "It has changed: now **{text}**.",
    EventKind.APPEALED: "An appeal was sent.",
    EventKind.ANSWERED: "The platform has answered; the profile is not back yet.",
    EventKind.RESTORED: "**It is back**: strangers see it again, and that is confirmed.",
    EventKind.DISMISSED: "Its author says that this is none, so it is closed.",
}

_CALLING = re.compile("[@#]")
_APPEAL = (
    "To appeal: fetch the branch `{branch}` onto your own machine, and there "
    "`selfcheck appeal {incident} --data FOLDER` writes the letter and puts the evidence together. "
    "Nothing is sent by itself."
)
_FOOT = (
    "selfcheck writes below when this changes, and closes the issue when strangers see the profile again. "
    "Leave the label on: by it the issue is found again."
)


@dataclass(frozen=True, kw_only=True)
class IssueLink:
    """Something that an issue or a summary leads to."""

    words: str
    url: str


def issue_title(incident: Incident) -> str:
    """Return the title."""
    return f"{incident.profile}: {verdict_headline(incident.verdict, silent=incident.silent)}"


def issue_body(incident: Incident, links: Sequence[IssueLink], *, branch: str | None = None) -> str:
    """Return the incident as it stands; `branch` is where its history can be had, None where nowhere."""
    last_good = _when(incident.last_good_at, incident.last_good_run) if incident.last_good_at else "not known"
    rows = [
        (
            "Profile",
            f"{_quiet(incident.profile)}: {_quiet(incident.handle)} on {incident.platform}",
        ),
        ("Verdict", incident.verdict.value),
        ("Is the author told?", {True: "no: it is silent", False: "yes", None: "not known"}[incident.silent]),
        ("Last seen by strangers", last_good),
        ("First found", _when(incident.first_bad_at, incident.first_bad_run)),
        ("Incident", f"`{incident.id}`"),
    ]
    return "\n".join(
        [
            _quiet(incident.summary),
            "",
            f"| {rows[0][0]} | {rows[0][1]} |",
            "| --- | --- |",
            *(f"| {name} | {value} |" for name, value in rows[1:]),
            "",
            *_evidence(links),
            *((_APPEAL.format(branch=branch, incident=incident.id), "") if branch else ()),
            _FOOT,
        ]
    )


def event_text(incident: Incident, event: IncidentEvent, links: Sequence[IssueLink]) -> str | None:
    """Return what is told of an event below the issue; None where nothing is."""
    told = _TOLD.get(event.kind)
    if told is None:
        return None
    lines = [told.format(text=_quiet(event.text)), ""]
    if event.kind is EventKind.RESTORED:
        lines += [f"It lasted {duration_words(event.at - incident.first_bad_at)}.", ""]
    if event.kind is EventKind.CHANGED:
        lines += [_quiet(incident.summary), ""]
    return "\n".join([*lines, f"Found: {_when(event.at, event.run_id)}.", "", *_evidence(links)]).rstrip()


def event_mark(event: IncidentEvent) -> str:
    """Return what an event is known by, the same in every run."""
    return f"{event.kind.value}:{event.run_id or event.at.strftime('%Y%m%dT%H%M%S.%f')}"


def _quiet(text: str) -> str:
    """Return others' text so that it calls nobody: `@jane` would be told, and `#7` be linked from there.

    GitHub looks for both in what Markdown has become, so a backslash does not stop it; a space without a
    width does.
    """
    return _CALLING.sub(r"\g<0>&#8203;", markdown_text(text))


def _evidence(links: Sequence[IssueLink]) -> list[str]:
    if not links:
        return []
    return ["Evidence:", *(f"- [{_quiet(one.words)}](<{one.url}>)" for one in links), ""]


def _when(at: datetime | None, run_id: str | None) -> str:
    moment = f"{at:%Y-%m-%d %H:%M} UTC" if at else "not known"
    return f"{moment}, run `{run_id}`" if run_id else moment
