"""The words that settings, rules and alerts share: languages, quiet hours, and why no run was conclusive."""

from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from enum import StrEnum


class Language(StrEnum):
    """The languages that alerts are written in."""

    ENGLISH = "en"
    GERMAN = "de"


class MonitoringGap(StrEnum):
    """Why no run was conclusive."""

    SESSION_EXPIRED = "session-expired"
    OTHER_ACCOUNT = "other-account"
    WALL = "wall"  # a bot wall, or a wall that asks everybody to sign in
    RATE_LIMITED = "rate-limited"
    OUTAGE = "outage"  # no answer, or an error of the platform's own
    CONTROLS = "controls"  # the control accounts did not look as they must
    UNRECOGNISED = "unrecognised"  # a page that matches no known one
    UNSURE = "unsure"  # it looks bad, and no run confirmed it
    FAILED = "failed"  # selfcheck itself failed
    NO_RUN = "no-run"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Hours of every day in which nothing is sent; they may pass midnight."""

    start: time
    end: time

    def covers(self, moment: datetime, zone: tzinfo) -> bool:
        """Return whether the moment lies in them, by the clock of this zone."""
        clock = moment.astimezone(zone).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end
