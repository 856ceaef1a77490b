"""What a run takes from outside: clock, waiting, randomness, saved sessions, and what shows its progress."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.sessions.store import SessionStore


class ProgressReporter(Protocol):
    """Shows how a run goes on."""

    def say(self, text: str) -> None:
        """Show a message about the run as a whole."""

    def expect(self, views: int) -> None:
        """Show how many page views this run needs at most, as far as is known when it begins."""

    def opening(self, views: int) -> None:
        """Show that a page is opened now, in so many page views."""

    def looking(self, profile: str, text: str) -> None:
        """Show what is done for this profile now."""

    def done(self, verdict: ProfileVerdict) -> None:
        """Show that a profile has its verdict."""

    def failed(self, profile: str, text: str) -> None:
        """Show that selfcheck itself failed on this profile."""


class NoProgress:
    """Shows nothing."""

    def say(self, text: str) -> None:
        """Do nothing."""

    def expect(self, views: int) -> None:
        """Do nothing."""

    def opening(self, views: int) -> None:
        """Do nothing."""

    def looking(self, profile: str, text: str) -> None:
        """Do nothing."""

    def done(self, verdict: ProfileVerdict) -> None:
        """Do nothing."""

    def failed(self, profile: str, text: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class RunEnvironment:
    """All that a run takes from outside, so that a test can give it something else."""

    now: Callable[[], datetime]  # aware, UTC
    sleep: Callable[[float], Awaitable[None]]  # seconds
    random: Random
    sessions: SessionStore
    hints: CommandHints = USUAL_HINTS
