"""The channels that the settings and the environment name, ready to be told something."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from selfcheck.alerts.channels.apprise_url import AppriseChannel
from selfcheck.alerts.channels.base import Channel, NoChannel
from selfcheck.alerts.channels.command import Command
from selfcheck.alerts.channels.github_issue import GithubIssues
from selfcheck.alerts.channels.terminal import Terminal
from selfcheck.core.notice import AlertRules, ChannelRules, QuietHours
from selfcheck.settings import Preferences
from selfcheck.settings.alerts import SIMPLE, Alerts, ChannelSettings

_BETWEEN = re.compile(r"[\s,;]+(?=[A-Za-z][A-Za-z0-9+]*://)")
_SIMPLE_NAME = "alerts"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What telling takes from outside, so that a test can give it another."""

    environ: Mapping[str, str]
    sleep: Callable[[float], None]  # seconds
    say: Callable[[str], None]  # the terminal as a channel


@dataclass(frozen=True, kw_only=True)
class ConfiguredChannel:
    """A channel and what it is told."""

    rules: ChannelRules
    channel: Channel
    picture: bool = True
    kind: str = "apprise"

    @property
    def name(self) -> str:
        """Return the name that the user gave it."""
        return self.rules.name


def alert_rules(alerts: Alerts) -> AlertRules:
    """Return when people are told."""
    return AlertRules(
        remind_after=alerts.remind_after,
        reminders=alerts.reminders,
        blind_after_runs=alerts.blind_after_runs,
        blind_after=alerts.blind_after,
    )


def configured_channels(preferences: Preferences, outside: Environment) -> tuple[ConfiguredChannel, ...]:
    """Return every channel: those of the settings, then those of the one variable."""
    alerts, zone = preferences.alerts, ZoneInfo(preferences.time_zone)
    set_up = [_line(one, alerts, zone, outside) for one in alerts.channels]
    simple = _simple(alerts, outside.environ, taken={line.name for line in set_up})
    return (*set_up, *simple)


def github_line(repository: str | None, alerts: Alerts, environ: Mapping[str, str]) -> ConfiguredChannel:
    """Return the issues of a repository as a channel that no settings name."""
    settings = ChannelSettings(name="github-issue", kind="github-issue")
    rules = ChannelRules(
        name=settings.name, verdicts=settings.told_verdicts(), language=alerts.language, record=True
    )
    channel = GithubIssues(repository, environ=environ)
    return ConfiguredChannel(rules=rules, channel=channel, picture=False, kind=settings.kind)


def _line(one: ChannelSettings, alerts: Alerts, zone: ZoneInfo, outside: Environment) -> ConfiguredChannel:
    quiet = QuietHours(start=one.quiet[0], end=one.quiet[1], zone=zone) if one.quiet else None
    rules = ChannelRules(
        name=one.name,
        verdicts=one.told_verdicts(),
        profiles=one.profiles,
        language=one.language or alerts.language,
        quiet=quiet,
        urgent_passes=one.urgent_passes,
        record=one.kind == "github-issue",
    )
    return ConfiguredChannel(rules=rules, channel=_channel(one, outside), picture=one.picture, kind=one.kind)


def _channel(one: ChannelSettings, outside: Environment) -> Channel:
    if one.kind == "terminal":
        return Terminal(outside.say)
    if one.kind == "github-issue":
        return GithubIssues(one.repository, environ=outside.environ)
    if one.command is not None:
        return Command(one.command, seconds=one.timeout.total_seconds(), environ=outside.environ)
    addresses = _addresses(outside.environ.get(one.url_env or "", ""))
    if not addresses:
        return NoChannel(f"the environment variable {one.url_env} is not set")
    if len(addresses) > 1:
        return NoChannel(f"{one.url_env} holds several addresses; each needs a channel of its own")
    return AppriseChannel(addresses[0])


def _simple(alerts: Alerts, environ: Mapping[str, str], *, taken: set[str]) -> list[ConfiguredChannel]:
    """Return a channel for each address of the one variable, by its place: `alerts`, `alerts-2`."""
    found = []
    for place, address in enumerate(_addresses(environ.get(SIMPLE, "")), start=1):
        name = _SIMPLE_NAME if place == 1 else f"{_SIMPLE_NAME}-{place}"
        while name in taken:
            name += "-env"
        rules = ChannelRules(name=name, language=alerts.language)
        found.append(ConfiguredChannel(rules=rules, channel=AppriseChannel(address)))
    return found


def _addresses(text: str) -> list[str]:
    """Return the addresses, between which stand spaces, line breaks or commas."""
    return [one for one in _BETWEEN.split(text.strip()) if one]


def outside_of(say: Callable[[str], None], sleep: Callable[[float], None]) -> Environment:
    """Return the world as it is, with a voice and a way to wait."""
    return Environment(environ=dict(os.environ), sleep=sleep, say=say)
