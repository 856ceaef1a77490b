"""One GitHub issue for each incident, through GitHub's own `gh`.

Laws:
1. An incident never has two issues: its issue is known by a mark in the body that no reader sees.
2. Nothing is told twice: whatever has been told left its mark, and only what has none is told. So all of it
   may be done again after any failure, and then what was missed is made up for.
3. Marks of strangers do not count: in a public repository anybody may write one.
4. What to do is decided from values (`calls_for`); `IssueTracker` asks what is there, and does it.
5. Texts go to `gh` by standard input, the token by the environment (GH_TOKEN): neither by the command line.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from selfcheck.alerts.channels.gh import gh

LABEL = "selfcheck"
_COLOUR = "b60205"
_MOST_COMMENTS = "per_page=100"
_MARK = re.compile(r"<!-- selfcheck-(incident|told): ([\w.:@+-]+) -->")
_UNSAFE = re.compile(r"[^\w.:@+-]")
_TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


class Ending(StrEnum):
    """How an incident ended, as GitHub says it of an issue."""

    COMPLETED = "completed"
    NOT_PLANNED = "not_planned"


@dataclass(frozen=True, kw_only=True)
class Update:
    """Something that happened to an incident, to be told once."""

    mark: str  # what it is known by; the same for the same event, whenever it is made
    text: str  # Markdown


@dataclass(frozen=True, kw_only=True)
class IncidentIssue:
    """What the issue of an incident has to tell by now."""

    incident: str  # the incident's id
    title: str
    body: str  # Markdown: the incident as it stands, for an issue that is opened now
    updates: tuple[Update, ...] = ()  # oldest first; what a new body tells already is not told again
    ending: Ending | None = None  # None: it goes on


@dataclass(frozen=True, kw_only=True)
class FoundIssue:
    """An issue of ours, as GitHub has it."""

    incident: str
    number: int
    url: str
    open: bool
    told: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, kw_only=True)
class Open:
    """Open an issue."""

    title: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Comment:
    """Write below an issue."""

    number: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Close:
    """Close an issue."""

    number: int
    reason: Ending


Call: TypeAlias = Open | Comment | Close


def calls_for(wanted: IncidentIssue, found: FoundIssue | None) -> tuple[Call, ...]:
    """Return what brings GitHub up to date with the incident; nothing where it is.

    An incident that ended before anybody was told opens no issue. An issue that a person closed stays closed.
    """
    if found is None:
        return () if wanted.ending else (Open(title=wanted.title, body=_marked_body(wanted)),)
    comments = tuple(
        Comment(number=found.number, body=f"{one.text}\n\n{_mark('told', one.mark)}")
        for one in wanted.updates
        if _safe(one.mark) not in found.told
    )
    if wanted.ending is None or not found.open:
        return comments
    return (*comments, Close(number=found.number, reason=wanted.ending))


def _marked_body(wanted: IncidentIssue) -> str:
    marks = [_mark("incident", wanted.incident), *(_mark("told", one.mark) for one in wanted.updates)]
    return "\n".join((wanted.body, "", *marks))


def _mark(kind: str, name: str) -> str:
    return f"<!-- selfcheck-{kind}: {_safe(name)} -->"


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name)


class Gh(Protocol):
    """Whoever asks GitHub: `deliver.gh.gh`, or a test's own."""

    def __call__(self, arguments: Sequence[str], given: str | None = None) -> str:
        """Return what `gh` with these arguments printed; `given` is its standard input."""


class IssueTracker:
    """The issues of one repository, `owner/name`."""

    def __init__(self, repository: str, ask: Gh = gh) -> None:
        self._home = f"repos/{repository}"
        self._ask = ask
        self._listed: dict[str, Mapping[str, Any]] | None = None

    def bring_up_to_date(self, wanted: IncidentIssue) -> FoundIssue | None:
        """Do what is lacking; return the incident's issue as it is then, or None where there is none.

        Raise HostingError.
        """
        found = self.find(wanted.incident)
        for call in calls_for(wanted, found):
            found = self._do(call, wanted, found)
        return found

    def find(self, incident: str) -> FoundIssue | None:
        """Return the issue of an incident, the oldest if somebody made more of them. Raise HostingError."""
        if self._listed is None:
            self._listed = self._list()
        issue = self._listed.get(_safe(incident))
        if issue is None:
            return None
        told = set(_marks(issue, "told"))
        if issue.get("comments"):
            path = f"{self._home}/issues/{issue['number']}/comments?{_MOST_COMMENTS}"
            told |= {mark for comment in self._pages(path) for mark in _marks(comment, "told")}
        return _found(incident, issue, told)

    def _list(self) -> dict[str, Mapping[str, Any]]:
        """Return our issues by their incidents.

        Asked for is a list, not GitHub's search, whose index comes late and would let an issue be opened
        twice. The newest issues are asked for too, lest somebody took the label away.
        """
        every = f"{self._home}/issues?state=all&per_page=100"
        issues = [*self._pages(f"{every}&labels={LABEL}"), *_objects(self._ask(["api", every]))]
        issues.sort(key=lambda issue: -int(issue["number"]))
        return {mark: issue for issue in issues for mark in _marks(issue, "incident")}

    def _do(self, call: Call, wanted: IncidentIssue, found: FoundIssue | None) -> FoundIssue | None:
        if isinstance(call, Open):
            return self._open(call, wanted)
        issue = f"{self._home}/issues/{call.number}"
        if isinstance(call, Comment):
            self._send("POST", f"{issue}/comments", {"body": call.body})
        else:
            self._send("PATCH", issue, {"state": "closed", "state_reason": call.reason.value})
        self._listed = None
        return replace(found, open=found.open and not isinstance(call, Close)) if found else None

    def _open(self, call: Open, wanted: IncidentIssue) -> FoundIssue:
        made = self._send(
            "POST", f"{self._home}/issues", {"title": call.title, "body": call.body, "labels": [LABEL]}
        )
        self._listed = None
        return _found(wanted.incident, made, set(_marks_in(call.body, "told")))

    def _send(self, method: str, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._ask(["api", "--method", method, path, "--input", "-"], json.dumps(content))
        return next(_objects(answer))

    def _pages(self, path: str) -> list[Mapping[str, Any]]:
        return list(_objects(self._ask(["api", "--paginate", path])))


def _found(incident: str, issue: Mapping[str, Any], told: set[str]) -> FoundIssue:
    return FoundIssue(
        incident=incident,
        number=int(issue["number"]),
        url=str(issue["html_url"]),
        open=issue.get("state") != "closed",
        told=frozenset(told),
    )


def _marks(written: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Yield the marks in an issue or a comment, if it is by somebody who may write to the repository."""
    writer = written.get("user") or {}
    if writer.get("type") == "Bot" or written.get("author_association") in _TRUSTED:
        yield from _marks_in(str(written.get("body") or ""), kind)


def _marks_in(text: str, kind: str) -> Iterator[str]:
    return (name for found, name in _MARK.findall(text) if found == kind)


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of one or more JSON documents on end: `gh` prints a list for each page."""
    decoder, place, text = json.JSONDecoder(), 0, text.strip()
    while place < len(text):
        document, end = decoder.raw_decode(text, place)
        yield from document if isinstance(document, list) else [document]
        place = end + len(text[end:]) - len(text[end:].lstrip())
