"""The world as the use cases see it: clock, waiting, chance, and whoever watches the run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.sessions.store import SessionStore


class ProgressReporter(Protocol):
    """Whoever is told how the run goes on."""

    def say(self, text: str) -> None:
        """Tell something about the run as a whole."""

    def looking(self, profile: str, text: str) -> None:
        """Tell what is being looked at for this profile."""

    def done(self, verdict: ProfileVerdict) -> None:
        """Tell that a profile has its verdict."""

    def failed(self, profile: str, text: str) -> None:
        """Tell that the tool itself failed on this profile."""


@dataclass(frozen=True, kw_only=True)
class RunEnvironment:
    """All that a run takes from outside, so that a test can give it another one."""

    now: Callable[[], datetime]  # aware, UTC
    sleep: Callable[[float], Awaitable[None]]  # seconds
    random: Random
    sessions: SessionStore
    hints: CommandHints = USUAL_HINTS
