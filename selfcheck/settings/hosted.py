"""The inputs of the GitHub Action, read from the environment that `action.yml` gives to its steps.

Laws:
1. Every mistake is collected before one error is raised; nothing has been opened by then.
2. Secrets are read apart from the rest, and no error repeats one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from selfcheck.core.enums import BAD, Verdict
from selfcheck.errors import ConfigIssue, ConfigurationError

SOURCE = "the inputs of the action"
MOST_DAYS = 400
"""What GitHub allows at most for artifacts of a private repository; a public one has 90."""

SHORTEST = 4
"""What is shorter than this is not a secret, and hiding it would hide half the log."""

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_BRANCH = re.compile(r"(?!.*(\.\.|//|\.lock(/|$)))[A-Za-z0-9][\w./-]{0,99}(?<![./])", re.ASCII)
_SESSION = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,63})\s*=\s*(?P<line>.*)")
_WORDS = re.compile(r"[\s,]+")
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0", ""})

Value = TypeVar("Value")


class HistoryStorage(StrEnum):
    """Where the history is between two jobs."""

    BRANCH = "branch"  # a branch of the repository
    CACHE = "cache"  # the cache of Actions, which GitHub empties after some idle days
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class HostedJob:
    """What a job is asked, without any secret."""

    repository: str  # owner/name
    server: str  # where GitHub is, such as https://github.com
    run_url: str  # the job's own page
    cron: str  # the line of the schedule that started it; empty where something else did
    public: bool  # whether everybody can read the repository, its logs and artifacts, or it is not known
    profiles_file: str
    profiles: tuple[str, ...]  # empty: all
    fail_on: tuple[Verdict, ...]  # which verdicts make the job fail; inconclusive may be one of them
    keeping: HistoryStorage
    branch: str
    issues: bool
    publish_author_view: bool
    retention_days: int  # of artifacts
    again: bool

    @property
    def keeps_author_view(self) -> bool:
        """Return whether what the author sees may leave the machine."""
        return not self.public or self.publish_author_view


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
        parts = {part.strip() for text in texts for part in (*text.splitlines(), *text.split())}
        secrets = (part for part in parts if len(part) >= SHORTEST)
        return tuple(sorted(secrets, key=lambda secret: (-len(secret), secret)))


class _Inputs:
    """Reads one input after another and collects every mistake."""

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
        shown = f'"{text}"' if text else "nothing"
        self.mistakes.append(
            ConfigIssue(file=SOURCE, line=None, where=where, actual=shown, expected=expected)
        )


def read_job(environ: Mapping[str, str], *, cron: str, public: bool) -> HostedJob:
    """Return what the job is asked. Raise ConfigurationError with every mistake.

    `cron` is the line of the schedule that started it; empty where something else did.
    """
    inputs = _Inputs(environ)
    verdicts = ", ".join((*BAD, Verdict.INCONCLUSIVE))
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        inputs.wrong("GITHUB_REPOSITORY", repository, "owner/name, as a runner sets it")
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    job = HostedJob(
        repository=repository,
        server=server,
        run_url=f"{server}/{repository}/actions/runs/{environ.get('GITHUB_RUN_ID', '')}",
        cron=cron,
        public=public,
        profiles_file=inputs.read("profiles", _text, "the path of a profiles file", ""),
        profiles=inputs.read("profile", _names, "names of profiles, or nothing for all", ()),
        fail_on=inputs.read("fail-on", _verdicts, f"none, or some of {verdicts}", ()),
        keeping=inputs.read("history", HistoryStorage, "branch, cache or none", HistoryStorage.NONE),
        branch=inputs.read("data-branch", _branch, "the name of a branch, such as selfcheck-data", ""),
        issues=inputs.read("issues", _flag, "true or false", otherwise=False),
        publish_author_view=inputs.read("publish-author-view", _flag, "true or false", otherwise=False),
        retention_days=inputs.read("retention", _days, f"days, 1 to {MOST_DAYS}", 1),
        again=inputs.read("again", _flag, "true or false", otherwise=False),
    )
    if inputs.mistakes:
        raise ConfigurationError(tuple(inputs.mistakes))
    return job


def read_secrets(environ: Mapping[str, str]) -> Secrets:
    """Return what the job may use. Raise ConfigurationError, which repeats no value."""
    sessions, mistakes = {}, []
    for number, line in enumerate(environ.get("INPUT_SESSIONS", "").splitlines(), start=1):
        if not line.strip():
            continue
        session = _SESSION.fullmatch(line.strip())
        if session is None:
            mistakes.append(
                ConfigIssue(
                    file=SOURCE,
                    line=None,
                    where=f"sessions, line {number}",
                    actual="something else",
                    expected="NAME=LINE: the session's name, and what `selfcheck session export` printed",
                )
            )
        elif session["line"]:  # an empty one is a repository secret that does not exist
            sessions[session["name"]] = session["line"]
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return Secrets(
        sessions=sessions,
        age_key=environ.get("INPUT_AGE_KEY", "").strip(),
        alert_urls=environ.get("INPUT_ALERT_URLS", "").strip(),
        heartbeat_url=environ.get("INPUT_HEARTBEAT_URL", "").strip(),
    )


def _text(text: str) -> str:
    if not text or text.startswith("-"):
        raise ValueError
    return text


def _names(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, _WORDS.split(text)))
    if any(name.startswith("-") for name in names):
        raise ValueError
    return () if names == ("all",) else names


def _verdicts(text: str) -> tuple[Verdict, ...]:
    words = tuple(filter(None, _WORDS.split(text)))
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
