"""An incident as a GitHub issue: its title, its body, and the comments below it. Pure.

Laws:
1. What was written by others is text: it never becomes Markdown or HTML, a mention, or a mark of ours.
2. What authors wrote down for themselves (notes, case numbers, mails) is not told.
3. Times are in the user's time zone, which is named; what is not known is said to be so.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from selfcheck.alerts.notice import Ending, IncidentIssue, IssueUpdate, NoticeKind
from selfcheck.alerts.text import bad_news, moment, who
from selfcheck.alerts.words import TIME_WORDS, alert_words
from selfcheck.core.enums import Language, Verdict
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.text_safety import markdown_text, one_line
from selfcheck.core.times import duration_words

_CALLING = re.compile(r"[@#]|(?<=GH)\\-", re.IGNORECASE)
_ENDINGS = {IncidentState.RESTORED: Ending.COMPLETED, IncidentState.DISMISSED: Ending.NOT_PLANNED}
_LONGEST_TITLE = 200


@dataclass(frozen=True, kw_only=True)
class IssueLink:
    """Something that an issue or a summary leads to."""

    words: str
    url: str


@dataclass(frozen=True, kw_only=True)
class IssueSetting:
    """What an issue needs beside the incident."""

    platform: str  # the platform's name as people write it
    language: Language = Language.ENGLISH
    zone: tzinfo = UTC
    links: Callable[[str | None], Sequence[IssueLink]]  # what leads to the evidence of a run
    branch: str | None = None  # where the history can be had; None: nowhere


def incident_issue(incident: Incident, setting: IssueSetting) -> IncidentIssue:
    """Return what the incident's issue has to say by now."""
    words = alert_words(setting.language)
    title = words.titles[NoticeKind.CONFIRMED].format(
        verdict=words.verdicts[incident.verdict], who=who(incident, words, setting.platform)
    )
    comments = ((event, _comment(incident, event, setting)) for event in incident.events)
    return IncidentIssue(
        incident=incident.id,
        title=one_line(title, _LONGEST_TITLE),
        body=_body(incident, setting),
        updates=tuple(
            IssueUpdate(mark=event_mark(event), text=text) for event, text in comments if text is not None
        ),
        ending=_ENDINGS.get(incident.state),
    )


def _body(incident: Incident, setting: IssueSetting) -> str:
    words = alert_words(setting.language)
    issue, account = words.issue, who(incident, words, setting.platform)
    silent = {True: issue.silent, False: issue.not_silent, None: issue.unknown}[incident.silent]
    rows = (
        (issue.profile, f"{_quiet(incident.profile)}: {_quiet(account)}"),
        ("---", "---"),
        (issue.verdict, words.verdicts[incident.verdict]),
        (issue.told, silent),
        (issue.last_good, _when(incident.last_good_at, incident.last_good_run, setting)),
        (issue.first_found, _when(incident.first_bad_at, incident.first_bad_run, setting)),
        (issue.incident, f"`{incident.id}`"),
    )
    runs = dict.fromkeys((incident.first_bad_run, incident.last_bad_run))
    links = dict.fromkeys(link for run in runs for link in setting.links(run))
    appeal = (issue.appeal.format(branch=setting.branch, incident=incident.id),) if setting.branch else ()
    blocks = (
        *map(_quiet, bad_news(incident, words, account)),
        "\n".join(f"| {name} | {value} |" for name, value in rows),
        _evidence(tuple(links), issue.evidence),
        *appeal,
        issue.footer,
    )
    return "\n\n".join(filter(None, blocks))


def _comment(incident: Incident, event: IncidentEvent, setting: IssueSetting) -> str | None:
    """Return what is told of an event below the issue; None where nothing is."""
    words = alert_words(setting.language)
    sentence = words.issue.events.get(event.kind)
    if sentence is None:
        return None
    is_verdict = event.text in set(Verdict)  # of a change, the text is the new verdict
    verdict = words.verdicts[Verdict(event.text)].lower() if is_verdict else _quiet(event.text)
    blocks = [sentence.format(verdict=verdict)]
    if event.kind is EventKind.RESTORED:
        length = duration_words(event.at - incident.first_bad_at, TIME_WORDS[setting.language])
        blocks.append(words.issue.lasted.format(length=length))
    if event.kind is EventKind.CHANGED:
        blocks += map(_quiet, bad_news(incident, words, who(incident, words, setting.platform)))
    blocks.append(words.issue.found.format(when=_when(event.at, event.run_id, setting)))
    blocks.append(_evidence(setting.links(event.run_id), words.issue.evidence))
    return "\n\n".join(filter(None, blocks))


def event_mark(event: IncidentEvent) -> str:
    """Return what an event is known by, the same in every run."""
    return f"{event.kind.value}:{event.run_id or event.at.strftime('%Y%m%dT%H%M%S.%f')}"


def _quiet(text: str) -> str:
    """Return others' text without mentions: `@jane` would be notified, and `#7` be linked from there.

    GitHub looks for both in what Markdown has become, so a backslash does not stop it; a space without a
    width does.
    """
    return _CALLING.sub(r"\g<0>&#8203;", markdown_text(text))


def _evidence(links: Sequence[IssueLink], heading: str) -> str:
    return (
        "\n".join((heading, *(f"- [{_quiet(link.words)}](<{link.url}>)" for link in links))) if links else ""
    )


def _when(at: datetime | None, run_id: str | None, setting: IssueSetting) -> str:
    words = alert_words(setting.language).issue
    time = moment(at, setting.zone) if at else words.unknown
    return words.when.format(moment=time, run=run_id) if run_id else time
