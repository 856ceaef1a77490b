"""The inputs of the GitHub Action, read from the environment that `action.yml` gives to its steps.

Laws:
1. Every mistake is collected before one error is raised; nothing has been opened by then.
2. Secrets are read apart from the rest, and no error repeats one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from selfcheck.core.enums import BAD, Verdict
from selfcheck.errors import ConfigIssue, ConfigurationError
from selfcheck.settings.hosted_job import HistoryStorage, HostedJob

SOURCE = "the inputs of the action"
MOST_DAYS = 400
"""What GitHub allows at most for artifacts of a private repository; a public one has 90."""

SHORTEST = 4
"""What is shorter than this is no secret, and hiding it would hide half the log."""

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_BRANCH = re.compile(r"(?!.*(\.\.|//|\.lock(/|$)))[A-Za-z0-9][\w./-]{0,99}(?<![./])", re.ASCII)
_SESSION = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,63})\s*=\s*(?P<line>.*)")
_WORDS = re.compile(r"[\s,]+")
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0", ""})

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What no log may show."""

    sessions: Mapping[str, str]  # a session's name -> its encrypted line
    age_key: str
    alert_urls: str
    heartbeat_url: str

    def all_lines(self) -> tuple[str, ...]:
        """Return every line that must be hidden in the log, the longest first."""
        texts = (*self.sessions.values(), self.age_key, self.alert_urls, self.heartbeat_url)
        found = {part.strip() for text in texts for part in (*text.splitlines(), *text.split())}
        return tuple(sorted((one for one in found if len(one) >= SHORTEST), key=lambda one: (-len(one), one)))


class _Reading:
    """Reads one input after another and remembers every mistake."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.mistakes: list[ConfigIssue] = []

    def read(self, name: str, parse: Callable[[str], Value], expected: str, otherwise: Value) -> Value:
        """Return the input `name`, or note what is wrong with it."""
        text = self._environ.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()
        try:
            return parse(text)
        except ValueError:
            self.wrong(name, text, expected)
            return otherwise

    def wrong(self, where: str, text: str, expected: str) -> None:
        """Note a mistake."""
        found = f'"{text}"' if text else "nothing"
        self.mistakes.append(ConfigIssue(file=SOURCE, line=None, where=where, found=found, expected=expected))


def read_job(environ: Mapping[str, str], event: Mapping[str, Any], *, public: bool) -> HostedJob:
    """Return what the job is asked. Raise ConfigurationError with every mistake."""
    one = _Reading(environ)
    verdicts = ", ".join((*BAD, Verdict.INCONCLUSIVE))
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        one.wrong("GITHUB_REPOSITORY", repository, "owner/name, as a runner sets it")
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    job = HostedJob(
        repository=repository,
        server=server,
        run_url=f"{server}/{repository}/actions/runs/{environ.get('GITHUB_RUN_ID', '')}",
        cron=str(event.get("schedule") or ""),
        public=public,
        profiles_file=one.read("profiles", _text, "the path of a profiles file", ""),
        profiles=one.read("profile", _names, "names of profiles, or nothing for all", ()),
        fail_on=one.read("fail-on", _verdicts, f"none, or some of {verdicts}", ()),
        keeping=one.read("history", HistoryStorage, "branch, cache or none", HistoryStorage.NONE),
        branch=one.read("data-branch", _branch, "the name of a branch, such as selfcheck-data", ""),
        issues=one.read("issues", _flag, "true or false", otherwise=False),
        publish_author_view=one.read("publish-author-view", _flag, "true or false", otherwise=False),
        retention_days=one.read("retention", _days, f"days, 1 to {MOST_DAYS}", 1),
        again=one.read("again", _flag, "true or false", otherwise=False),
    )
    if one.mistakes:
        raise ConfigurationError(tuple(one.mistakes))
    return job


def read_secrets(environ: Mapping[str, str]) -> Secrets:
    """Return what the job may use. Raise ConfigurationError, which repeats no value."""
    sessions, mistakes = {}, []
    for number, line in enumerate(environ.get("INPUT_SESSIONS", "").splitlines(), start=1):
        if not line.strip():
            continue
        found = _SESSION.fullmatch(line.strip())
        if found is None:
            expected = "NAME=LINE: the session's name, and the line that `selfcheck session export` printed"
            mistakes.append(_hidden(f"sessions, line {number}", expected))
        elif found["line"]:  # an empty one is a repository secret that is not there
            sessions[found["name"]] = found["line"]
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return Secrets(
        sessions=sessions,
        age_key=environ.get("INPUT_AGE_KEY", "").strip(),
        alert_urls=environ.get("INPUT_ALERT_URLS", "").strip(),
        heartbeat_url=environ.get("INPUT_HEARTBEAT_URL", "").strip(),
    )


def _hidden(where: str, expected: str) -> ConfigIssue:
    return ConfigIssue(file=SOURCE, line=None, where=where, found="something else", expected=expected)


def _text(text: str) -> str:
    if not text or text.startswith("-"):
        raise ValueError
    return text


def _words(text: str) -> Iterable[str]:
    return (word for word in _WORDS.split(text) if word)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(_words(text))
    if any(name.startswith("-") for name in names):
        raise ValueError
    return () if names == ("all",) else names


def _verdicts(text: str) -> tuple[Verdict, ...]:
    words = tuple(_words(text))
    if not words or "visible" in words:
        raise ValueError
    return () if words == ("none",) else tuple(Verdict(word) for word in words)


def _branch(text: str) -> str:
    if not _BRANCH.fullmatch(text):
        raise ValueError
    return text


def _flag(text: str) -> bool:
    word = text.casefold()
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= MOST_DAYS:
        raise ValueError
    return days
