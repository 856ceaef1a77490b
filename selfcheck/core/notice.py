"""Notices: what a person is told between the runs, on which channel, and in which words.

Laws:
1. A notice says what became so; it is told once on a channel, whatever the runs find in between.
2. What was told where is known by the deliveries' marks (`Notice.mark`). They stand in the history: add,
   never rename.
3. A channel is known by the name that its user gave it. No address, token or password stands in any of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any

from selfcheck.core.enums import BAD, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import Incident

HELD = "held"
"""The mark of a delivery that was none: a notice waited for the end of the quiet hours."""


class NoticeKind(StrEnum):
    """What a notice tells."""

    CONFIRMED = "confirmed"  # an incident was confirmed
    WORSE = "worse"
    CHANGED = "changed"  # it became another bad verdict, no worse one; only for channels that keep a record
    REMINDER = "reminder"  # nothing has been done about it for a while
    RECOVERED = "recovered"
    DISMISSED = "dismissed"  # its author says that it is none; only for channels that keep a record
    BLIND = "blind"  # nobody could tell for a while
    SIGHT = "sight"  # now one can again
    CHANNEL_DEAD = "channel-dead"  # another channel cannot be reached
    TEST = "test"


class MonitoringGap(StrEnum):
    """Why nobody could tell."""

    SESSION_EXPIRED = "session-expired"
    OTHER_ACCOUNT = "other-account"
    WALL = "wall"  # a bot wall, or a wall that wants everybody to sign in
    RATE_LIMITED = "rate-limited"
    OUTAGE = "outage"  # no answer, or an error of the platform's own
    CONTROLS = "controls"  # the control accounts did not look as they must
    UNRECOGNISED = "unrecognised"  # a page that matches nothing that is known
    UNSURE = "unsure"  # it looks bad, and no run could confirm it
    FAILED = "failed"  # selfcheck itself failed
    NO_RUN = "no-run"  # nobody looked at all
    OTHER = "other"


class Language(StrEnum):
    """The languages that notices are written in."""

    ENGLISH = "en"
    GERMAN = "de"


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Hours of every day in which nothing is sent; they may pass midnight."""

    start: time
    end: time
    zone: tzinfo

    def covers(self, moment: datetime) -> bool:
        """Return whether the moment lies in them."""
        clock = moment.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@dataclass(frozen=True, kw_only=True)
class ChannelRules:
    """What a channel is told, and how."""

    name: str
    verdicts: tuple[Verdict, ...] = (*BAD, Verdict.INCONCLUSIVE)
    profiles: tuple[str, ...] = ()  # empty: all
    language: Language = Language.ENGLISH
    quiet: QuietHours | None = None
    urgent_passes: bool = False  # whether urgent notices are sent in quiet hours too
    record: bool = False  # it keeps a record of incidents: it is told of every change and is not reminded


@dataclass(frozen=True, kw_only=True)
class AlertRules:
    """When people are told, on whatever channel."""

    remind_after: timedelta = timedelta(days=3)
    reminders: int = 3  # at most, for one incident
    blind_after_runs: int = 3
    blind_after: timedelta = timedelta(hours=48)


@dataclass(frozen=True, kw_only=True)
class AlertHistory:
    """All that is known of a profile."""

    profile: str
    rows: tuple[RunRow, ...]  # oldest first
    incidents: tuple[Incident, ...]  # oldest first


@dataclass(frozen=True, kw_only=True)
class AlertPhase:
    """A time in which nobody could tell how a profile is."""

    why: MonitoringGap
    last_look: datetime | None  # the last well-founded look before it; None: there was none
    runs: int  # how many could not tell
    until: datetime | None = None  # the first well-founded look after it; None: it goes on
    latest: RunRow | None = None  # the last run that was made


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to tell on one channel."""

    kind: NoticeKind
    profile: str | None = None
    incident: Incident | None = None
    sight: AlertPhase | None = None
    outage: "Outage | None" = None
    number: int = 0  # of a reminder: which one

    @property
    def mark(self) -> str:
        """Return how the history knows it: `worse:suspended`, `channel-dead:phone`."""
        if self.outage is not None:
            return f"{self.kind}:{self.outage.channel}"
        return f"{self.kind}:{self.incident.verdict}" if self.incident else self.kind.value

    @property
    def urgent(self) -> bool:
        """Return whether it may pass quiet hours, if the user says that urgent ones do."""
        return self.kind in {NoticeKind.CONFIRMED, NoticeKind.WORSE}


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A channel that cannot be reached."""

    channel: str
    since: datetime
    tries: int  # rounds in which it failed
    detail: str  # why, without any secret


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """A notice in words, ready to be sent."""

    title: str  # the verdict first
    body: str  # plain text, lines of any length
    markdown: str  # the same for an issue tracker
    document: Mapping[str, Any] = field(default_factory=dict)  # the same for a program
    picture: Path | None = None  # both views side by side
    kind: NoticeKind = NoticeKind.TEST
    incident: str | None = None  # its id


@dataclass(frozen=True, kw_only=True)
class SentNotice:
    """What came of sending a message."""

    ok: bool
    detail: str = ""  # why it failed, or what else is worth knowing; never a secret
    again: bool = True  # whether trying again may help


def issue_marker(incident: str) -> str:
    """Return the invisible line by which an incident's issue is found again."""
    return f"<!-- selfcheck-incident: {incident} -->"
