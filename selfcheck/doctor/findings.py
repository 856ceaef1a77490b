"""What each check of the doctor means, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from selfcheck.alerts.notice import Outage
from selfcheck.core.cli_hints import USUAL_HINTS, USUAL_PROFILES, CommandHints
from selfcheck.core.enums import BrowserMode
from selfcheck.core.hosts import split_address
from selfcheck.core.request import ProfileRequest
from selfcheck.core.times import days_ago, plural
from selfcheck.errors import (
    ConfigurationError,
    SelfcheckError,
    SessionKeyMissingError,
    SessionKeyWrongError,
)

_OLD_SESSION = timedelta(days=30)  # after which platforms commonly ask for a new sign-in
_CLOCK_SLACK = timedelta(seconds=60)
_OLDEST_PYTHON = (3, 11, 0)


class State(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARN = "warn"  # a run goes on, with less
    FAIL = "FAIL"  # a run cannot start, or its results could not be kept


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found, and what to do about it."""

    check: str
    state: State
    says: str
    do: str = ""
    shareable: str = ""  # what of `says` may be told to others: no name, place or address is in it

    @classmethod
    def ok(cls, check: str, says: str, *, shareable: str = "") -> Self:
        """Return that nothing is wrong."""
        return cls(check=check, state=State.OK, says=says, shareable=shareable)

    @classmethod
    def warn(cls, check: str, says: str, do: str, *, shareable: str = "") -> Self:
        """Return what a run can do without."""
        return cls(check=check, state=State.WARN, says=says, do=do, shareable=shareable)

    @classmethod
    def fail(cls, check: str, says: str, do: str, *, shareable: str = "") -> Self:
        """Return what no run can do without."""
        return cls(check=check, state=State.FAIL, says=says, do=do, shareable=shareable)


def healthy(findings: Iterable[Finding]) -> bool:
    """Return whether nothing failed; warnings do not count."""
    return all(finding.state is not State.FAIL for finding in findings)


def python_finding(version: tuple[int, int, int]) -> Finding:
    """Return whether this Python is new enough."""
    text = ".".join(map(str, version))
    if version >= _OLDEST_PYTHON:
        return Finding.ok("Python", text, shareable=text)
    return Finding.fail("Python", text, "Install Python 3.11 or newer.", shareable=text)


def browser_finding(
    name: str | None,
    version: str | None,
    trouble: str = "",
    mode: BrowserMode = BrowserMode.HEADLESS,
) -> Finding:
    """Return whether a browser was found (`name`) and started (`version`); `trouble` says why not."""
    if name is None:
        return Finding.fail(
            "Browser",
            "none was found",
            "`python -m selfcheck.browser.discovery` installs one; --browser names one.",
            shareable="none was found",
        )
    if version is None:
        return Finding.fail(
            "Browser",
            f"{name} was found but could not be started: {trouble}",
            "Try another with --browser or SELFCHECK_BROWSER (a path, or chrome, msedge, chromium).",
            shareable="one was found but could not be started",
        )
    if mode is BrowserMode.REMOTE:
        return Finding.ok(
            "Browser",
            f"{version}, on another machine; for the logged-out view only",
            shareable=f"{version}, on another machine",
        )
    how = {BrowserMode.WINDOW: ", with a window", BrowserMode.XVFB: ", with a window on Xvfb"}.get(mode, "")
    says = f"{version}, found and started{how}"
    return Finding.ok("Browser", says, shareable=says)


def profiles_finding(
    path: Path,
    profiles: tuple[ProfileRequest, ...],
    trouble: SelfcheckError | None,
    hints: CommandHints = USUAL_HINTS,
) -> Finding:
    """Return whether the profiles file can be read."""
    if trouble is None:
        names = ", ".join(profile.name for profile in profiles)
        return Finding.ok("Profiles", f"{path}: {names}", shareable=plural(len(profiles), "profile"))
    return Finding.fail(
        "Profiles",
        "\n".join((trouble.what, *trouble.lines(hints)[1:-1])),
        "Correct that in the file."
        if isinstance(trouble, ConfigurationError)
        else trouble.next_step_text(hints),
        shareable=plural(len(trouble.mistakes), "mistake")
        if isinstance(trouble, ConfigurationError)
        else type(trouble).__name__,
    )


def platforms_finding(files: Iterable[tuple[str, str, str]]) -> Finding:
    """Return which platform files are used: each with its title, sort and the dates of its marks."""
    rows = tuple(files)
    words = (f"{title}: {sort}, marks seen {seen}" for title, sort, seen in rows)
    known = (
        f"{title}: {sort}, marks seen {seen}" if sort == "shipped" else f"a file that is {sort}"
        for title, sort, seen in rows
    )
    return Finding.ok("Platforms", "; ".join(words), shareable="; ".join(known))


def channel_finding(
    name: str,
    trouble: str | None,
    outage: Outage | None,
    *,
    profiles: object = None,
    hints: CommandHints = USUAL_HINTS,
) -> Finding:
    """Return whether a channel can be used, and whether what was last sent to it arrived."""
    check, test = f"Alerts {name}", hints.command("alerts", "test", name, profiles=profiles)
    if trouble is not None:
        return Finding.warn(check, trouble, f"Fix that, then run: `{test}`", shareable="not set up rightly")
    if outage is not None:
        since = f"nothing has arrived there since {outage.since:%Y-%m-%d %H:%M} UTC"
        do = f"Check whether it works again: `{test}`"
        return Finding.warn(check, f"{since}: {outage.detail}", do, shareable=since)
    return Finding.ok(check, f"set up; `{test}` sends a test", shareable="set up")


def heartbeat_finding(trouble: str | None) -> Finding:
    """Return whether the heartbeat has an address to go to."""
    if trouble is not None:
        return Finding.warn("Heartbeat", trouble, "Correct the variable.", shareable="not set up rightly")
    says = "sent at the beginning and the end of every run"
    return Finding.ok("Heartbeat", says, shareable=says)


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """What is known of a profile's session; nothing of its contents."""

    profile: str
    session: str
    saved_at: datetime | None  # UTC; None: none is saved
    given: bool = False  # in the environment, not saved
    others_can_read: bool = False
    unreadable: SelfcheckError | None = None  # why it cannot be read
    trouble: str = ""  # why it cannot sign in, such as "it expired on 2026-11-20"
    soon: str = ""  # that it is expected to end within days, in words
    plain: bool = False  # it is not encrypted
    needed: bool = True  # False: the platform has no sign-in, or the demo makes it
    profiles: str = USUAL_PROFILES  # the file that names the profile
    hints: CommandHints = USUAL_HINTS


def session_finding(facts: SessionFacts, now: datetime) -> Finding:
    """Return whether a profile's session is there, private, whole and not too old."""
    check = f"Session {facts.session}"
    login = facts.hints.command("login", facts.profile, profiles=facts.profiles)
    if not facts.needed:
        return Finding.ok(check, "none needed", shareable="none needed")
    if facts.unreadable is not None:
        return _unreadable(check, facts, facts.unreadable, login)
    if facts.saved_at is None:
        return Finding.warn(
            check,
            "none is saved, so the profile is checked only as the public sees it",
            f"`{login}` lets the two views be compared.",
            shareable="none is saved",
        )
    if facts.others_can_read:
        return Finding.fail(
            check,
            "other users of this machine can read it, or its key",
            f"Take their permission away, or forget it and `{login}` again.",
            shareable="other users of this machine can read it, or its key",
        )
    return _saved(check, facts, facts.saved_at, now, login)


def _saved(check: str, facts: SessionFacts, saved_at: datetime, now: datetime, login: str) -> Finding:
    """Return the finding of a session that can be read."""
    saved = "given in the environment" if facts.given else f"saved {days_ago(saved_at, now)}"
    if facts.trouble:
        shareable = f"{saved}, but it cannot sign in"
        return Finding.warn(
            check, f"{saved}, but {facts.trouble}", f"Sign in again: `{login}`.", shareable=shareable
        )
    if facts.soon:
        do = f"Sign in again before then: `{login}`."
        return Finding.warn(check, f"{saved}; {facts.soon}", do, shareable=f"{saved}, and it ends soon")
    if facts.plain:
        says, encrypt = (
            f"{saved}, and it is not encrypted",
            facts.hints.command("session", "encrypt", facts.session),
        )
        return Finding.warn(check, says, f"`{encrypt}`", shareable=says)
    if now - saved_at > _OLD_SESSION:
        return Finding.warn(check, saved, f"If a run calls it expired: `{login}`.", shareable=saved)
    return Finding.ok(check, saved, shareable=saved)


def _unreadable(check: str, facts: SessionFacts, error: SelfcheckError, login: str) -> Finding:
    """Return the finding of a session that cannot be read.

    Where not even its age could be read, the folder needs fixing, and where a key is missing, the key; not
    the session.
    """
    key = isinstance(error, SessionKeyMissingError | SessionKeyWrongError)
    do = f"Sign in again: `{login}`." if facts.saved_at and not key else error.next_step_text(facts.hints)
    says = " ".join(line for line in (error.what, error.cause) if line)
    return Finding.warn(check, f"it cannot be used: {says}", do, shareable=type(error).__name__)


def data_finding(folder: Path, trouble: str | None) -> Finding:
    """Return whether results can be kept; `trouble` says why a file could not be written."""
    if trouble is None:
        return Finding.ok("Data folder", f"{folder} can be written to", shareable="it can be written to")
    return Finding.fail(
        "Data folder",
        f"{folder} cannot be written to: {trouble}",
        "Fix that, or choose another with --data or SELFCHECK_DATA.",
        shareable="it cannot be written to",
    )


def clock_finding(now: datetime, written_at: datetime | None, installed_at: datetime) -> Finding:
    """Return whether the clock can be right: not behind the installation, and as the file system says."""
    do = "Set this machine's clock; evidence is only as good as its times, and encrypted sites refuse."
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < installed_at - timedelta(days=1):
        before = f"{shown}, which is before selfcheck was installed"
        return Finding.fail("Clock", before, do, shareable=before)
    if written_at is not None and abs(now - written_at) > _CLOCK_SLACK:
        seconds = int(abs(now - written_at).total_seconds())
        away = f"{shown}, {seconds} s away from the data folder's file system"
        return Finding.warn("Clock", away, do, shareable=away)
    return Finding.ok("Clock", shown, shareable=shown)


def network_finding(home: str, trouble: str | None) -> Finding:
    """Return whether a platform's home answers; a network that fails now may be back for the run."""
    check = f"Network {split_address(home).netloc}"
    if trouble is None:
        return Finding.ok(check, "a connection could be made", shareable="a connection could be made")
    return Finding.warn(
        check,
        f"no connection: {trouble}",
        "Its pages stay inconclusive until it can be reached. Behind a proxy, the browser may still do so.",
        shareable="no connection",
    )
