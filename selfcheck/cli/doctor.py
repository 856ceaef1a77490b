"""`selfcheck doctor`: check everything that a run needs, and say what to do where it is not there."""

import os
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import open_store, pass_hints
from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import SelfcheckError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selfcheck.core.request import ProfileRequest
    from selfcheck.doctor import Finding

_USAGE = 2
_WIDTH = 80
_COLOURS = {"ok": "green", "warn": "yellow", "FAIL": "red"}


@click.command(name="doctor")
@click.option(
    "--profiles",
    "profiles_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=Path("profiles.yaml"),
    show_default=True,
    help="The file that names the profiles.",
)
@click.option(
    "--data",
    "data_dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    envvar="SELFCHECK_DATA",
    default=Path("selfcheck-data"),
    show_default=True,
    help="The folder that results go to.",
)
@click.option(
    "--browser",
    metavar="PATH|CHANNEL",
    envvar="SELFCHECK_BROWSER",
    help="The browser to use; default: searched for.",
)
@pass_hints
def command(hints: CommandHints, profiles_path: Path, data_dir: Path, browser: str | None) -> int:
    """Check everything that a run needs, and say what to do where it is not there.

    Exit code 0: a run can start (warnings say what it will lack). 2: it cannot.
    """
    from selfcheck.doctor import healthy

    findings = []
    for finding in _findings(profiles_path, data_dir, browser, hints):
        findings.append(finding)
        click.echo(as_text(finding), color=False if os.environ.get("NO_COLOR") else None)
    fine, again = healthy(findings), hints.command("doctor", profiles=profiles_path)
    click.echo("A run can start." if fine else f"Mend what is marked FAIL, then: {again}")
    return 0 if fine else _USAGE


def as_text(finding: "Finding") -> str:
    """Return a finding as lines of at most 80 characters: state, check, what was found, what to do."""
    head = f"{finding.state:<5} {finding.check:<24} "
    gap = " " * len(head)
    wide = _WIDTH - len(gap)
    lines = [part for line in finding.says.splitlines() for part in _wrapped(line.strip(), wide)]
    steps = _wrapped(finding.do, wide - 3)
    lines += [f"{'  ' if index else '->'} {part}" for index, part in enumerate(steps)]
    text = ("\n" + gap).join(lines or [""])
    coloured = click.style(f"{finding.state:<5}", fg=_COLOURS[finding.state])
    return coloured + head[5:] + text


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _findings(
    profiles_path: Path, data_dir: Path, browser: str | None, hints: CommandHints
) -> "Iterator[Finding]":
    """Yield each finding as soon as it is known: the network may take seconds."""
    from selfcheck import doctor as checkup

    now = datetime.now(UTC)
    yield checkup.python_finding(checkup.running_python())
    yield _browser(browser)
    profiles, trouble = _profiles(profiles_path)
    yield checkup.profiles_finding(profiles_path, profiles, trouble, hints)
    yield from _of_profiles(profiles, profiles_path, now, hints)
    unwritable, written_at = checkup.try_to_write(data_dir)
    yield checkup.data_finding(data_dir, unwritable)
    yield checkup.clock_finding(now, written_at, checkup.installed_at())
    yield from _channels(profiles_path, data_dir, hints)
    yield from _network(profiles)


def _browser(explicit: str | None) -> "Finding":
    """Find the browser that a run would use and start it."""
    import asyncio

    from selfcheck.browser.discovery import BrowserChoice, find_browser
    from selfcheck.browser.pool import open_pool
    from selfcheck.doctor import browser_finding

    async def version(choice: BrowserChoice) -> str:
        async with open_pool(choice, headed=False, jobs=1, say=_quietly, clock=_now) as pool:
            return pool.version

    try:
        choice = find_browser(explicit, headed=False)
        if choice is None:
            return browser_finding(None, None)
        return browser_finding(choice.name, asyncio.run(version(choice)))
    except SelfcheckError as error:
        return browser_finding(explicit or "a browser", None, " ".join(error.lines()[:2]))


def _profiles(path: Path) -> "tuple[tuple[ProfileRequest, ...], SelfcheckError | None]":
    from selfcheck.settings import read_configuration

    try:
        return read_configuration(path).profiles, None
    except SelfcheckError as error:
        return (), error


def _of_profiles(
    profiles: "tuple[ProfileRequest, ...]", source: Path, now: datetime, hints: CommandHints
) -> "Iterator[Finding]":
    """Yield a finding for each session that the profiles use."""
    from selfcheck import doctor as checkup
    from selfcheck.platforms.catalogue import load_platform

    store = open_store()
    told: set[tuple[str | None, ...]] = set()
    for profile in profiles:
        use = (profile.session, profile.platform, profile.base_url)
        if use in told:
            continue
        told.add(use)
        platform = load_platform(profile.platform)
        facts = checkup.session_facts(
            profile, platform, store=store, now=now, profiles=str(source), hints=hints
        )
        yield checkup.session_finding(facts, now)


def _channels(profiles_path: Path, data_dir: Path, hints: CommandHints) -> "Iterator[Finding]":
    """Yield a finding for each channel that alerts go to, and for the heartbeat; nothing is sent."""
    from selfcheck import doctor as checkup
    from selfcheck.alerts.configured_channels import Environment, configured_channels
    from selfcheck.alerts.heartbeat import VARIABLE, Heartbeat
    from selfcheck.alerts.monitoring_status import dead_channels
    from selfcheck.settings import read_preferences

    try:
        environment = Environment.of_process(click.echo, _no_waiting)
        channels = configured_channels(read_preferences(profiles_path), environment)
        dead = {outage.channel: outage for outage in dead_channels(data_dir, channels)}
    except SelfcheckError:
        return  # what is wrong with the file or the folder is a finding of its own
    for channel in channels:
        trouble, outage = channel.channel.trouble(), dead.get(channel.name)
        yield checkup.channel_finding(channel.name, trouble, outage, profiles=profiles_path, hints=hints)
    if os.environ.get(VARIABLE):
        yield checkup.heartbeat_finding(Heartbeat(os.environ[VARIABLE]).trouble())


def _no_waiting(_seconds: float) -> None:
    """Wait for nothing: nothing is sent here."""


def _network(profiles: "tuple[ProfileRequest, ...]") -> "Iterator[Finding]":
    from selfcheck import doctor as checkup
    from selfcheck.platforms.catalogue import load_platform

    platforms = {profile.platform: load_platform(profile.platform) for profile in profiles}
    for home, trouble in checkup.try_to_connect(checkup.homes(profiles, platforms)).items():
        yield checkup.network_finding(home, trouble)


def _quietly(_text: str) -> None:
    """Leave out what the browser's start tells: the finding says it."""


def _now() -> datetime:
    return datetime.now(UTC)
