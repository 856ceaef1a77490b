"""What the doctor gathers: the browser, the file of profiles, sessions, folders, channels and the network."""

import asyncio
import contextlib
import os
import socket
import ssl
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from selfcheck.alerts.configured_channels import Environment, configured_channels
from selfcheck.alerts.heartbeat import VARIABLE, Heartbeat
from selfcheck.alerts.monitoring_status import dead_channels
from selfcheck.browser.discovery import BrowserChoice, find_browser
from selfcheck.browser.display import check_display
from selfcheck.browser.launcher import RemoteBrowser
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import BrowserMode
from selfcheck.core.hosts import split_address
from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.doctor.findings import (
    Finding,
    SessionFacts,
    browser_finding,
    channel_finding,
    clock_finding,
    data_finding,
    heartbeat_finding,
    network_finding,
    platforms_finding,
    profiles_finding,
    python_finding,
    session_finding,
)
from selfcheck.errors import SelfcheckError
from selfcheck.platforms.catalogue import load_platform, source_of
from selfcheck.platforms.knowledge import marks_seen
from selfcheck.platforms.page_urls import home_of, is_own_demo
from selfcheck.platforms.schema import Platform
from selfcheck.sessions.session_expiry import expected_end, expiry_foreseen, sign_in_trouble
from selfcheck.sessions.store import SessionStore
from selfcheck.settings import Configuration, Preferences, read_configuration
from selfcheck.storage.data_folder import DataFolder

_NETWORK_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """What is checked, and with what."""

    profiles_file: Path
    data: DataFolder
    browser: str | None  # a path or a channel; None: searched for
    store: SessionStore
    hints: CommandHints


def findings_of(checkup: Checkup) -> Iterator[Finding]:
    """Yield each finding as soon as it is known: the network may take seconds."""
    now, hints = datetime.now(UTC), checkup.hints
    yield python_finding(sys.version_info[:3])
    configuration: Configuration | None = None
    trouble: SelfcheckError | None = None
    try:
        configuration = read_configuration(checkup.profiles_file)
    except SelfcheckError as error:
        trouble = error
    preferences = configuration.preferences if configuration else Preferences()
    options = RunOptions(data_dir=checkup.data.path, browser=checkup.browser)
    try:
        options = preferences.browser.applied_to(options)
    except SelfcheckError as error:  # the variable that says where the browser is cannot be followed
        yield Finding.fail(
            "Browser", error.what, error.next_step_text(hints), shareable="an address that cannot be meant"
        )
    else:
        yield _browser(options)
    profiles = configuration.profiles if configuration else ()
    yield profiles_finding(checkup.profiles_file, profiles, trouble, hints)
    platforms = {profile.platform: load_platform(profile.platform) for profile in profiles}
    if platforms:
        yield platforms_finding(
            (platform.title, source_of(key), marks_seen(platform)) for key, platform in platforms.items()
        )
    yield from _sessions(profiles, checkup, now)
    unwritable, written_at = try_to_write(checkup.data.path)
    yield data_finding(checkup.data.path, unwritable)
    installed_at = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    yield clock_finding(now, written_at, installed_at)
    if configuration or not checkup.profiles_file.exists():
        yield from channel_findings(preferences, checkup)
    for home, failure in try_to_connect(homes(profiles, platforms)).items():
        yield network_finding(home, failure)


def _browser(options: RunOptions) -> Finding:
    """Find the browser that a run would use and start it, or connect to it."""
    choice: BrowserChoice | RemoteBrowser | None = None

    async def version(choice: BrowserChoice | RemoteBrowser) -> str:
        clock = partial(datetime.now, UTC)
        quiet = PoolOptions(mode=options.mode, jobs=1, say=lambda _text: None, clock=clock)
        async with open_pool(choice, quiet) as pool:
            return pool.version

    try:
        if options.connect:
            choice = RemoteBrowser(options.connect)
        else:
            check_display(options.mode)
            choice = find_browser(options.browser, headed=options.mode is not BrowserMode.HEADLESS)
        if choice is None:
            return browser_finding(None, None)
        return browser_finding(choice.name, asyncio.run(version(choice)), mode=options.mode)
    except SelfcheckError as error:
        name = choice.name if choice else options.browser or "a browser"
        return browser_finding(name, None, " ".join(error.lines()[:2]))


def _sessions(profiles: Iterable[ProfileRequest], checkup: Checkup, now: datetime) -> Iterator[Finding]:
    """Yield a finding for each session that the profiles use."""
    uses = {(profile.session, profile.platform, profile.base_url): profile for profile in profiles}
    for profile in uses.values():
        platform = load_platform(profile.platform)
        facts = session_facts(profile, platform, store=checkup.store, now=now)
        facts = replace(facts, profiles=str(checkup.profiles_file), hints=checkup.hints)
        yield session_finding(facts, now)


def session_facts(
    profile: ProfileRequest, platform: Platform, *, store: SessionStore, now: datetime
) -> SessionFacts:
    """Return what is known of a profile's session; `now` (UTC) is compared with its cookies' ends."""
    facts = SessionFacts(profile=profile.name, session=profile.session, saved_at=None)
    if platform.sign_in is None or is_own_demo(profile, platform):
        return replace(facts, needed=False)
    try:
        in_environment = store.in_environment(profile.session)
        facts = replace(
            facts, given=in_environment, saved_at=now if in_environment else store.saved_at(profile.session)
        )
        state = store.load(profile.session)
    except SelfcheckError as error:
        return replace(facts, unreadable=error)
    if state is None:
        return facts
    files = () if facts.given else (store.path_of(profile.session), store.keys.file)
    return replace(
        facts,
        others_can_read=any(map(_others_can_read, files)),
        trouble=sign_in_trouble(state, now, platform=platform, base_url=profile.base_url),
        soon=expiry_foreseen(expected_end(state, platform=platform, base_url=profile.base_url), now),
        plain=not facts.given and store.is_plain(profile.session),
    )


def _others_can_read(path: Path | None) -> bool:
    if os.name != "posix" or path is None:
        return False
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def channel_findings(preferences: Preferences, checkup: Checkup) -> Iterator[Finding]:
    """Yield a finding for each channel that alerts go to, and for the heartbeat; nothing is sent."""
    environment = Environment.of_process(lambda _text: None, lambda _seconds: None)
    try:
        channels = configured_channels(preferences, environment)
        dead = {outage.channel: outage for outage in dead_channels(checkup.data, channels)}
    except SelfcheckError:
        return  # what is wrong with the folder is a finding of its own
    for channel in channels:
        yield channel_finding(
            channel.name,
            channel.channel.trouble(),
            dead.get(channel.name),
            profiles=checkup.profiles_file,
            hints=checkup.hints,
        )
    if os.environ.get(VARIABLE):
        yield heartbeat_finding(Heartbeat(os.environ[VARIABLE]).trouble())


def homes(profiles: Iterable[ProfileRequest], platforms: Mapping[str, Platform]) -> tuple[str, ...]:
    """Return the addresses that a run of these profiles goes to, each once."""
    addresses = (
        home_of(profile, platforms[profile.platform])
        for profile in profiles
        if not is_own_demo(profile, platforms[profile.platform])
    )
    return tuple(dict.fromkeys(addresses))


def try_to_write(folder: Path) -> tuple[str | None, datetime | None]:
    """Write a file in the folder and take it away again; return the trouble and the file's time (UTC).

    A folder that is missing is created for the trial and taken away again.
    """
    missing: list[Path] = []
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".selfcheck-doctor-") as file:
            file.write(b"selfcheck")
            file.flush()
            os.fsync(file.fileno())
            written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError as error:
        return error.strerror or str(error), None
    finally:
        for path in missing:
            with contextlib.suppress(OSError):  # another program may have put something there meanwhile
                path.rmdir()
    return None, written


def try_to_connect(addresses: Iterable[str]) -> dict[str, str | None]:
    """Connect to each address at the same time and hang up; return the trouble with each, None where none."""
    each = tuple(addresses)
    with ThreadPoolExecutor(max_workers=max(1, len(each))) as pool:
        return dict(zip(each, pool.map(_connect, each), strict=True))


def _connect(address: str) -> str | None:
    parts = split_address(address)
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
