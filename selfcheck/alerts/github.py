"""The GitHub client: asks by GitHub's own `gh`, and keeps one issue for each incident.

Laws:
1. An incident never has two issues: its issue is known by a mark in the body that no reader sees.
2. Nothing is told twice: whatever has been told left its mark, and only what has none is told. So all of it
   can be done again after any failure, and what was missed is then added.
3. Marks of other people do not count: in a public repository anybody can write one.
4. What to do is decided from values (`calls_for`); `IssueTracker` asks what is there, and does it.
5. Texts go to `gh` by standard input, the token by the environment (GH_TOKEN): neither by the command line.
   The process gets none of the variables that are meant for selfcheck alone.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

from selfcheck.alerts.notice import Ending, IncidentIssue
from selfcheck.core.secret_text import scrubbed, secrets_of
from selfcheck.core.text_safety import one_line
from selfcheck.errors import HostingError
from selfcheck.storage.child_process import run_program

LABEL = "selfcheck"
NO_GH = "The program `gh` is not installed. It is preinstalled on GitHub's runners, not on self-hosted ones."
INSTALL = "Install it from https://cli.github.com."

_PATIENCE_SECONDS = 120
_CAUSES = (
    (
        "401",
        "The token is missing or no longer valid.",
        "Give GH_TOKEN; in a workflow that is the input `token`.",
    ),
    (
        "403",
        "The token may not do that, or GitHub wants fewer requests.",
        "Allow it in the workflow: `permissions: issues: write`.",
    ),
    ("404", "There is no such repository for this token.", "Check its name, and what the token may see."),
    (
        "410",
        "Issues are switched off in this repository.",
        "Switch them on in its settings, or set the input `issues` to false.",
    ),
)
_MARK = re.compile(r"<!-- selfcheck-(incident|told): ([\w.:@+-]+) -->")
_UNSAFE = re.compile(r"[^\w.:@+-]")
_TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


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


def calls_for(wanted: IncidentIssue, issue: FoundIssue | None) -> tuple[Call, ...]:
    """Return what brings GitHub up to date with the incident; nothing where it is.

    An incident that ended before it had an issue opens none. An issue that a person closed stays closed.
    """
    if issue is None:
        if wanted.ending:
            return ()
        marks = (_mark("told", update.mark) for update in wanted.updates)
        body = "\n".join((wanted.body, "", _mark("incident", wanted.incident), *marks))
        return (Open(title=wanted.title, body=body),)
    comments = tuple(
        Comment(number=issue.number, body=f"{update.text}\n\n{_mark('told', update.mark)}")
        for update in wanted.updates
        if _safe(update.mark) not in issue.told
    )
    if wanted.ending is None or not issue.open:
        return comments
    return (*comments, Close(number=issue.number, reason=wanted.ending))


def _mark(kind: str, name: str) -> str:
    return f"<!-- selfcheck-{kind}: {_safe(name)} -->"


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name)


class GitHub(Protocol):
    """Asks GitHub: `Gh`, or a test's own."""

    def __call__(self, arguments: Sequence[str], given: str | None = None) -> str:
        """Return what `gh` with these arguments printed; `given` is its input. Raise HostingError."""


class Gh:
    """GitHub's own program, in a process of its own, with the token that the environment holds."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {**environ, "GH_PROMPT_DISABLED": "1", "NO_COLOR": "1"}
        self._secrets = secrets_of(environ)

    def program(self) -> str | None:
        """Return where the program is; None where it is not installed."""
        return shutil.which("gh", path=self._environ.get("PATH"))

    def __call__(self, arguments: Sequence[str], given: str | None = None) -> str:
        """Return what it printed. Raise HostingError, which holds no secret."""
        program = self.program()
        if program is None:
            raise HostingError("GitHub could not be asked.", cause=NO_GH, next_step=INSTALL)
        try:
            done = run_program(
                [program, *arguments],
                seconds=_PATIENCE_SECONDS,
                given=None if given is None else given.encode(),
                environ=self._environ,
            )
        except TimeoutError:
            raise HostingError(
                "GitHub did not answer within two minutes.", next_step="Try again later."
            ) from None
        except OSError as error:
            raise HostingError(f"`gh` could not be started: {error.strerror or error}.") from error
        if done.code:
            raise _refused(scrubbed(done.err, self._secrets))
        return done.text


def _refused(stderr: str) -> HostingError:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    reason = one_line(lines[-1], 300) if lines else "it did not say why"
    for status, cause, next_step in _CAUSES:
        if f"HTTP {status}" in stderr:
            return HostingError(f"GitHub refused: {reason}", cause=cause, next_step=next_step)
    return HostingError(f"GitHub refused: {reason}", next_step="Try again later.")


class IssueTracker:
    """The issues of one repository: `owner/name`, `host/owner/name`, or the one that `gh` finds itself."""

    def __init__(self, repository: str | None, github: GitHub) -> None:
        *host, owner, name = (repository or "{owner}/{repo}").split("/")
        self._host = ("--hostname", *host) if host else ()
        self._home = f"repos/{owner}/{name}"
        self._github = github
        self._listed: dict[str, Mapping[str, Any]] | None = None

    def reach(self) -> None:
        """Ask for the repository's issues, and do nothing with them. Raise HostingError."""
        self._ask(f"{self._home}/issues?per_page=1")

    def bring_up_to_date(self, wanted: IncidentIssue) -> tuple[FoundIssue | None, tuple[Call, ...]]:
        """Do what is lacking; return the incident's issue as it is then, if there is one, and what was done.

        Raise HostingError.
        """
        issue = self.find(wanted.incident)
        calls = calls_for(wanted, issue)
        for call in calls:
            issue = self._do(call, wanted, issue)
            self._listed = None
        return issue, calls

    def find(self, incident: str) -> FoundIssue | None:
        """Return the issue of an incident, the oldest if somebody made more of them. Raise HostingError."""
        if self._listed is None:
            self._listed = self._list()
        issue = self._listed.get(_safe(incident))
        if issue is None:
            return None
        marks = set(_marks(issue, "told"))
        if issue.get("comments"):
            path = f"{self._home}/issues/{_number(issue)}/comments?per_page=100"
            marks |= {mark for comment in self._ask(path, "--paginate") for mark in _marks(comment, "told")}
        return _found(incident, issue, marks)

    def _list(self) -> dict[str, Mapping[str, Any]]:
        """Return our issues by their incidents.

        This asks for a list, not for GitHub's search, whose index comes late and would let an issue be opened
        twice. The newest issues are asked for too, in case somebody took the label away.
        """
        every = f"{self._home}/issues?state=all&per_page=100"
        issues = [*self._ask(f"{every}&labels={LABEL}", "--paginate"), *self._ask(every)]
        issues.sort(key=lambda issue: -_number(issue))
        return {mark: issue for issue in issues for mark in _marks(issue, "incident")}

    def _do(self, call: Call, wanted: IncidentIssue, before: FoundIssue | None) -> FoundIssue | None:
        if isinstance(call, Open):
            content = {"title": call.title, "body": call.body, "labels": [LABEL]}
            issue = self._send("POST", f"{self._home}/issues", content)
            return _found(wanted.incident, issue, {name for _, name in _MARK.findall(call.body)})
        path = f"{self._home}/issues/{call.number}"
        if isinstance(call, Comment):
            self._send("POST", f"{path}/comments", {"body": call.body})
            return before
        self._send("PATCH", path, {"state": "closed", "state_reason": call.reason.value})
        return replace(before, open=False) if before else None

    def _send(self, method: str, path: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        words = ["api", *self._host, "--method", method, path, "--input", "-"]
        answer = next(_objects(self._github(words, json.dumps(content))), None)
        if answer is None:
            raise _odd_answer()
        return answer

    def _ask(self, path: str, *options: str) -> list[Mapping[str, Any]]:
        return list(_objects(self._github(["api", *self._host, *options, path])))


def _found(incident: str, issue: Mapping[str, Any], marks: set[str]) -> FoundIssue:
    return FoundIssue(
        incident=incident,
        number=_number(issue),
        url=str(issue.get("html_url") or ""),
        open=issue.get("state") != "closed",
        told=frozenset(marks),
    )


def _number(issue: Mapping[str, Any]) -> int:
    number = issue.get("number")
    if not isinstance(number, int):
        raise _odd_answer()
    return number


def _odd_answer() -> HostingError:
    return HostingError(
        "GitHub answered with something else than issues.",
        cause="It has a fault just now, or a proxy between you and it answered in its place.",
        next_step="Try again later; https://www.githubstatus.com says whether it is known.",
    )


def _marks(written: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Yield the marks in an issue or a comment, if it is by somebody who may write to the repository."""
    writer = written.get("user")
    is_bot = isinstance(writer, dict) and writer.get("type") == "Bot"
    if is_bot or str(written.get("author_association")) in _TRUSTED:
        for of_kind, name in _MARK.findall(str(written.get("body") or "")):
            if of_kind == kind:
                yield name


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of one or more JSON documents on end: `gh` prints a list for each page."""
    decoder, place, text = json.JSONDecoder(), 0, text.strip()
    while place < len(text):
        try:
            document, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            raise _odd_answer() from None
        for value in document if isinstance(document, list) else [document]:
            if not isinstance(value, dict):
                raise _odd_answer()
            yield value
        place = end + len(text[end:]) - len(text[end:].lstrip())
