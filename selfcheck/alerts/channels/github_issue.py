"""GitHub issues as a channel, by the program `gh`: one issue for each incident.

Laws:
1. An incident's issue is found by an invisible line in its text, among the issues that bear our label. A
   label takes rights in the repository, so a stranger's issue is never taken for ours.
2. GitHub is asked what is there before anything is done, so doing it twice changes nothing more: no second
   issue, no second closing. That holds where the history was lost, too.
3. It is opened once, commented on change, and closed on recovery. A notice of no incident opens nothing.
"""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from shutil import which
from typing import Any

from selfcheck.alerts.notice import AlertMessage, NoticeKind, SentNotice, issue_marker
from selfcheck.core.secret_text import child_environment, scrubbed, secrets_of

LABEL = "selfcheck"
INSTALL = "the program gh is not there; https://cli.github.com has it"

_SECONDS = 60.0
_MOST_ISSUES = "1000"
_LONGEST_TITLE = 200
_ENDINGS = frozenset({NoticeKind.RECOVERED, NoticeKind.DISMISSED})


@dataclass(frozen=True, kw_only=True)
class _Issue:
    """An issue that is there."""

    number: int
    is_open: bool


class _RefusedError(Exception):
    """`gh` did not do what it was asked; the text says why, without a secret."""


class GithubIssueChannel:
    """The issues of one repository; that of the folder, or of `GH_REPO`, where none is named."""

    def __init__(self, repository: str | None, *, environ: Mapping[str, str]) -> None:
        self._repository = repository
        self._environ = {**child_environment(environ), "GH_PROMPT_DISABLED": "1", "NO_COLOR": "1"}
        self._secrets = secrets_of(environ)

    def trouble(self) -> str | None:
        """Return whether `gh` is not there."""
        return None if self._program() else INSTALL

    def send(self, message: AlertMessage) -> SentNotice:
        """Open, comment on or close the incident's issue, as far as that is not done yet."""
        if self._program() is None:
            return SentNotice(ok=False, detail=INSTALL, again=False)
        try:
            if message.incident is None:
                self._gh("issue", "list", "--limit", "1", "--json", "number")
                return SentNotice(ok=True, detail="the repository can be reached; no issue was opened")
            return SentNotice(ok=True, detail=self._brought_about(message, message.incident))
        except _RefusedError as refused:
            return SentNotice(ok=False, detail=str(refused))

    def _brought_about(self, message: AlertMessage, incident: str) -> str:
        issue = self._find(incident)
        if message.kind in _ENDINGS:
            return self._closed(issue, message)
        if issue is None:
            return self._opened(message)
        if message.kind is NoticeKind.CONFIRMED and issue.is_open:
            return f"issue {issue.number} was open already"
        if not issue.is_open:
            self._gh("issue", "reopen", str(issue.number))
        self._comment(issue, message)
        return f"issue {issue.number} was commented on"

    def _opened(self, message: AlertMessage) -> str:
        what = "What selfcheck found out about an account"
        self._gh("label", "create", LABEL, "--force", "--color", "B60205", "--description", what)
        title = ("--title", _one_line(message.title, _LONGEST_TITLE))
        address = self._gh(
            "issue", "create", *title, "--label", LABEL, "--body-file", "-", given=message.markdown
        )
        return f"opened {_one_line(address, _LONGEST_TITLE)}"

    def _closed(self, issue: _Issue | None, message: AlertMessage) -> str:
        if issue is None or not issue.is_open:
            return "there was no open issue"
        self._comment(issue, message)
        dismissed = message.kind is NoticeKind.DISMISSED
        self._gh("issue", "close", str(issue.number), "--reason", "not planned" if dismissed else "completed")
        return f"issue {issue.number} was closed"

    def _comment(self, issue: _Issue, message: AlertMessage) -> None:
        self._gh("issue", "comment", str(issue.number), "--body-file", "-", given=message.markdown)

    def _find(self, incident: str) -> _Issue | None:
        """Return the incident's issue: the open one, else the latest.

        The label is looked at here: asked for one, `gh` uses GitHub's search, whose index comes late, and
        what it does not find yet would be opened twice.
        """
        words = ("issue", "list", "--state", "all", "--limit", _MOST_ISSUES)
        text = self._gh(*words, "--json", "number,state,body,labels")
        marker = issue_marker(incident)
        ours = [
            _issue(one) for one in _parsed(text) if marker in str(one.get("body") or "") and _is_ours(one)
        ]
        return max(ours, key=lambda one: (one.is_open, one.number), default=None)

    def _program(self) -> str | None:
        return which("gh", path=self._environ.get("PATH"))

    def _gh(self, *words: str, given: str = "") -> str:
        """Call `gh` and return what it writes. Raise _RefusedError."""
        named = () if self._repository is None else ("--repo", self._repository)
        try:
            done = subprocess.run(  # noqa: S603 - gh, by words of ours; no shell
                [self._program() or "gh", *words, *named],
                input=given,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=self._environ,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _RefusedError(f"gh did not end in good order ({type(error).__name__})") from None
        if done.returncode:
            said = _one_line(scrubbed(done.stderr, self._secrets), _LONGEST_TITLE)
            raise _RefusedError(f"gh {words[0]} {words[1]} failed: {said or f'exit code {done.returncode}'}")
        return done.stdout


def _parsed(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        raise _RefusedError("gh answered with something that is no list of issues") from None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _is_ours(found: Mapping[str, Any]) -> bool:
    labels = found.get("labels")
    named = labels if isinstance(labels, list) else []
    return any(isinstance(one, dict) and one.get("name") == LABEL for one in named)


def _issue(found: Mapping[str, Any]) -> _Issue:
    return _Issue(number=int(found["number"]), is_open=str(found.get("state")).upper() == "OPEN")


def _one_line(text: str, longest: int) -> str:
    """Return the text on one line, without what a terminal would take for a command."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())[:longest]
