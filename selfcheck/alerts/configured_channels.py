"""The channels that the settings and the environment name, ready to be used."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from selfcheck.alerts.channels.apprise_url import AppriseChannel
from selfcheck.alerts.channels.base import Channel, Terminal, UnusableChannel
from selfcheck.alerts.channels.command import Command
from selfcheck.alerts.channels.github_issue import GithubIssueChannel
from selfcheck.settings import Preferences
from selfcheck.settings.alerts import SIMPLE, ChannelSettings

_BETWEEN = re.compile(r"[\s,;]+(?=[A-Za-z][A-Za-z0-9+]*://)")
_SIMPLE_NAME = "alerts"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What alerts take from outside, so that a test can give them something else."""

    environ: Mapping[str, str]
    sleep: Callable[[float], None]  # seconds
    say: Callable[[str], None]  # the terminal as a channel

    @classmethod
    def of_process(cls, say: Callable[[str], None], sleep: Callable[[float], None]) -> Self:
        """Return the environment of this process, with a way to speak and a way to wait."""
        return cls(environ=dict(os.environ), sleep=sleep, say=say)


@dataclass(frozen=True, kw_only=True)
class ConfiguredChannel:
    """A channel and its settings."""

    settings: ChannelSettings
    channel: Channel

    @property
    def name(self) -> str:
        """Return the name that the user gave it."""
        return self.settings.name


def configured_channels(preferences: Preferences, environment: Environment) -> tuple[ConfiguredChannel, ...]:
    """Return every channel: those of the settings, then one for each address of the variable SIMPLE."""
    channels = [
        ConfiguredChannel(settings=settings, channel=_channel(settings, environment))
        for settings in preferences.alerts.channels
    ]
    names = {channel.name for channel in channels}
    for place, address in enumerate(_addresses(environment.environ.get(SIMPLE, "")), start=1):
        name = _SIMPLE_NAME if place == 1 else f"{_SIMPLE_NAME}-{place}"
        while name in names:
            name += "-env"
        settings = ChannelSettings(name=name, url_env=SIMPLE)
        channels.append(ConfiguredChannel(settings=settings, channel=AppriseChannel(address)))
    return tuple(channels)


def github_channel(repository: str | None, environ: Mapping[str, str]) -> ConfiguredChannel:
    """Return the issues of a repository as a channel that the settings do not name."""
    settings = ChannelSettings(name="github-issue", kind="github-issue", picture=False)
    return ConfiguredChannel(settings=settings, channel=GithubIssueChannel(repository, environ=environ))


def _channel(settings: ChannelSettings, environment: Environment) -> Channel:
    environ = environment.environ
    if settings.kind == "terminal":
        return Terminal(environment.say)
    if settings.kind == "github-issue":
        return GithubIssueChannel(settings.repository, environ=environ)
    if settings.command is not None:
        return Command(settings.command, seconds=settings.timeout.total_seconds(), environ=environ)
    addresses = _addresses(environ.get(settings.url_env or "", ""))
    if not addresses:
        return UnusableChannel(f"the environment variable {settings.url_env} is not set")
    if len(addresses) > 1:
        return UnusableChannel(f"{settings.url_env} holds several addresses; each needs a channel of its own")
    return AppriseChannel(addresses[0])


def _addresses(text: str) -> list[str]:
    """Return the addresses, between which stand spaces, line breaks or commas."""
    return [address for address in _BETWEEN.split(text.strip()) if address]
