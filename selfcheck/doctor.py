"""The use case of `selfcheck doctor`: gather what a run needs, and say of each thing whether it is there.

Laws:
1. Gathering touches the world and decides nothing; a finding is decided from values, so it can be tested.
2. Everything is checked, whatever failed before: the user mends all of it in one go.
3. A session is read to see whether it can still be a sign-in; nothing of its contents is shown. No
   page of a platform is opened: a network check ends with the connection.
"""

import contextlib
import os
import socket
import ssl
import stat
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from selfcheck.alerts.notice import Outage
from selfcheck.core.cli_hints import USUAL_HINTS, USUAL_PROFILES, CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.core.times import days_ago
from selfcheck.errors import (
    ConfigurationError,
    SelfcheckError,
    SessionKeyMissingError,
    SessionKeyWrongError,
)
from selfcheck.platforms.schema import Platform
from selfcheck.sessions.session_expiry import expected_end, expiry_foreseen, session_trouble
from selfcheck.sessions.store import SessionStore

_OLD_SESSION = timedelta(days=30)  # after which platforms commonly ask for a new sign-in
_CLOCK_SLACK = timedelta(seconds=60)
_NETWORK_SECONDS = 5.0


class State(StrEnum):
    """How a check came out."""

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


def healthy(findings: Iterable[Finding]) -> bool:
    """Return whether nothing failed; warnings do not count."""
    return all(finding.state is not State.FAIL for finding in findings)


def python_finding(version: tuple[int, int, int]) -> Finding:
    """Return whether this Python will do."""
    text = ".".join(map(str, version))
    if version >= (3, 11, 0):
        return Finding(check="Python", state=State.OK, says=text)
    return Finding(check="Python", state=State.FAIL, says=text, do="Install Python 3.11 or newer.")


def browser_finding(name: str | None, version: str | None, trouble: str = "") -> Finding:
    """Return whether a browser was found (`name`) and started (`version`); `trouble` says why not."""
    if name is None:
        return Finding(
            check="Browser",
            state=State.FAIL,
            says="none was found",
            do="`python -m selfcheck.browser.discovery` installs one; --browser names one.",
        )
    if version is None:
        return Finding(
            check="Browser",
            state=State.FAIL,
            says=f"{name} was found and could not be started: {trouble}",
            do="Try another with --browser or SELFCHECK_BROWSER (a path, or chrome, msedge, chromium).",
        )
    return Finding(check="Browser", state=State.OK, says=f"{version}, found and started")


def profiles_finding(
    path: Path,
    profiles: tuple[ProfileRequest, ...],
    trouble: SelfcheckError | None,
    hints: CommandHints = USUAL_HINTS,
) -> Finding:
    """Return whether the profiles file can be followed."""
    if trouble is not None:
        return Finding(
            check="Profiles",
            state=State.FAIL,
            says="\n".join((trouble.what, *trouble.lines(hints)[1:-1])),
            do="Correct that in the file."
            if isinstance(trouble, ConfigurationError)
            else trouble.next_step_text(hints),
        )
    names = ", ".join(profile.name for profile in profiles)
    return Finding(check="Profiles", state=State.OK, says=f"{path}: {names}")


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
        return Finding(check=check, state=State.WARN, says=trouble, do=f"Mend that, then: `{test}`")
    if outage is not None:
        says = f"nothing has arrived there since {outage.since:%Y-%m-%d %H:%M} UTC: {outage.detail}"
        return Finding(check=check, state=State.WARN, says=says, do=f"See whether it works again: `{test}`")
    return Finding(check=check, state=State.OK, says=f"set up; `{test}` sends a test")


def heartbeat_finding(trouble: str | None) -> Finding:
    """Return whether the heartbeat has an address to go to."""
    if trouble is not None:
        return Finding(check="Heartbeat", state=State.WARN, says=trouble, do="Correct the variable.")
    return Finding(check="Heartbeat", state=State.OK, says="sent at the beginning and the end of every run")


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """What is known of a profile's session; nothing of its contents."""

    profile: str
    session: str
    saved_at: datetime | None  # UTC; None: none is saved
    given: bool = False  # in the environment, not saved
    others_can_read: bool = False
    unreadable: SelfcheckError | None = None  # why it cannot be read
    trouble: str = ""  # why it signs nobody in, such as "it expired on 2026-11-20"
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
        return Finding(check=check, state=State.OK, says="none needed")
    if facts.unreadable is not None:
        return _unreadable(check, facts, login)
    if facts.saved_at is None:
        return Finding(
            check=check,
            state=State.WARN,
            says="none is saved, so the profile is looked at as a stranger only",
            do=f"`{login}` lets the two views be compared.",
        )
    if facts.others_can_read:
        return Finding(
            check=check,
            state=State.FAIL,
            says="other users of this machine can read it, or its key",
            do=f"Take their permission away, or forget it and `{login}` again.",
        )
    return _saved(check, facts, facts.saved_at, now, login)


def _saved(check: str, facts: SessionFacts, saved_at: datetime, now: datetime, login: str) -> Finding:
    """Return the finding of a session that can be read."""
    said = "given in the environment" if facts.given else f"saved {days_ago(saved_at, now)}"
    if facts.trouble:
        says = f"{said}, but {facts.trouble}"
        return Finding(check=check, state=State.WARN, says=says, do=f"Sign in again: `{login}`.")
    if facts.soon:
        return Finding(
            check=check,
            state=State.WARN,
            says=f"{said}; {facts.soon}",
            do=f"Sign in again before: `{login}`.",
        )
    if facts.plain:
        encrypt = facts.hints.command("session", "encrypt", facts.session)
        return Finding(
            check=check, state=State.WARN, says=f"{said}, and it is not encrypted", do=f"`{encrypt}`"
        )
    if now - saved_at > _OLD_SESSION:
        return Finding(check=check, state=State.WARN, says=said, do=f"If a run calls it expired: `{login}`.")
    return Finding(check=check, state=State.OK, says=said)


def _unreadable(check: str, facts: SessionFacts, login: str) -> Finding:
    """Return the finding of a session that cannot be read: a run then looks as a stranger only."""
    assert facts.unreadable is not None
    # Where not even its age could be read, it is the folder that needs mending, and where a key is lacking,
    # the key; not the session.
    key = isinstance(facts.unreadable, SessionKeyMissingError | SessionKeyWrongError)
    mend = (
        f"Sign in again: `{login}`."
        if facts.saved_at and not key
        else facts.unreadable.next_step_text(facts.hints)
    )
    says = " ".join(line for line in (facts.unreadable.what, facts.unreadable.cause) if line)
    return Finding(check=check, state=State.WARN, says=f"it cannot be used: {says}", do=mend)


def data_finding(folder: Path, trouble: str | None) -> Finding:
    """Return whether results can be kept; `trouble` says why a file could not be written."""
    if trouble is None:
        return Finding(check="Data folder", state=State.OK, says=f"{folder} can be written to")
    return Finding(
        check="Data folder",
        state=State.FAIL,
        says=f"{folder} cannot be written to: {trouble}",
        do="Mend that, or choose another with --data or SELFCHECK_DATA.",
    )


def clock_finding(now: datetime, written_at: datetime | None, installed_at: datetime) -> Finding:
    """Return whether the clock can be right: not behind the installation, and as the file system says."""
    do = "Set this machine's clock; evidence is only as good as its times, and encrypted sites refuse."
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now < installed_at - timedelta(days=1):
        says = f"{shown}, which is before selfcheck was installed"
        return Finding(check="Clock", state=State.FAIL, says=says, do=do)
    if written_at is not None and abs(now - written_at) > _CLOCK_SLACK:
        seconds = int(abs(now - written_at).total_seconds())
        says = f"{shown}, {seconds} s away from the data folder's file system"
        return Finding(check="Clock", state=State.WARN, says=says, do=do)
    return Finding(check="Clock", state=State.OK, says=shown)


def network_finding(home: str, trouble: str | None) -> Finding:
    """Return whether a platform's home answers; a network that fails now may be back for the run."""
    host = urlsplit(home).netloc
    if trouble is None:
        return Finding(check=f"Network {host}", state=State.OK, says="a connection could be made")
    return Finding(
        check=f"Network {host}",
        state=State.WARN,
        says=f"no connection: {trouble}",
        do="Until it can be reached its pages are inconclusive. Behind a proxy only the browser may get out.",
    )


def session_facts(
    profile: ProfileRequest,
    platform: Platform,
    *,
    store: SessionStore,
    now: datetime,
    profiles: str = USUAL_PROFILES,
    hints: CommandHints = USUAL_HINTS,
) -> SessionFacts:
    """Look at a profile's session; `now` (UTC) is what its cookies' ends are compared with."""
    facts = SessionFacts(
        profile=profile.name, session=profile.session, saved_at=None, profiles=profiles, hints=hints
    )
    if platform.sign_in is None or is_own_demo(profile, platform):
        return replace(facts, needed=False)
    try:
        given = store.in_environment(profile.session)
        facts = replace(facts, given=given, saved_at=now if given else store.saved_at(profile.session))
        state = store.load(profile.session)
    except SelfcheckError as error:
        return replace(facts, unreadable=error)
    if state is None:
        return facts
    return replace(
        facts,
        others_can_read=not facts.given
        and any(_others_can_read(path) for path in (store.path_of(profile.session), store.keys.file)),
        trouble=session_trouble(state, now, platform=platform, base_url=profile.base_url),
        soon=expiry_foreseen(expected_end(state, platform=platform, base_url=profile.base_url), now),
        plain=not facts.given and store.is_plain(profile.session),
    )


def is_own_demo(profile: ProfileRequest, platform: Platform) -> bool:
    """Return whether the profile is on the demo site that selfcheck starts for the run."""
    return platform.built_in_demo and profile.base_url is None


def _others_can_read(path: Path | None) -> bool:
    if os.name != "posix" or path is None:
        return False
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def homes(profiles: Iterable[ProfileRequest], platforms: Mapping[str, Platform]) -> tuple[str, ...]:
    """Return the addresses that a run of these profiles goes to, each once."""
    found = (
        profile.base_url or platforms[profile.platform].home
        for profile in profiles
        if not is_own_demo(profile, platforms[profile.platform])
    )
    return tuple(dict.fromkeys(found))


def try_to_write(folder: Path) -> tuple[str | None, datetime | None]:
    """Write a file in the folder and take it away again; return the trouble and the file's time (UTC).

    A folder that is not there yet is made for the trial and taken away again.
    """
    missing: list[Path] = []
    try:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".selfcheck-doctor-") as file:
            file.write(b"selfcheck")
            file.flush()
            os.fsync(file.fileno())
            written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError as error:
        return error.strerror or str(error), None
    finally:
        for one in missing:
            with contextlib.suppress(OSError):  # somebody else may have put something there meanwhile
                one.rmdir()
    return None, written


def try_to_connect(addresses: Iterable[str]) -> dict[str, str | None]:
    """Connect to each address at the same time and hang up; return the trouble with each, None where none."""
    each = tuple(addresses)
    with ThreadPoolExecutor(max_workers=max(1, len(each))) as pool:
        return dict(zip(each, pool.map(_connect, each), strict=True))


def _connect(address: str) -> str | None:
    parts = urlsplit(address)
    host, secure = parts.hostname or "", parts.scheme == "https"
    try:
        plain = socket.create_connection((host, parts.port or (443 if secure else 80)), _NETWORK_SECONDS)
        with plain, contextlib.ExitStack() as stack:
            if secure:
                context = ssl.create_default_context()
                stack.enter_context(context.wrap_socket(plain, server_hostname=host))
    except socket.gaierror:
        return "its name cannot be resolved"
    except TimeoutError:
        return f"no answer within {_NETWORK_SECONDS:.0f} s"
    except ssl.SSLError as error:
        return f"no encrypted connection ({error.reason or error})"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None


def installed_at() -> datetime:
    """Return when this copy of selfcheck was put here (UTC)."""
    return datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)


def running_python() -> tuple[int, int, int]:
    """Return the version of the Python that runs this."""
    return sys.version_info[:3]
