"""Notices: what people are told between the runs, about what, and how the history knows it.

Laws:
1. A notice says what has changed; it is told once on a channel, whatever later runs find.
2. What was told where is known by the marks of the deliveries. They are stored: add words, never rename one.
3. A channel is known by the name that its user gave it. No address, token or password stands in any of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from selfcheck.core.enums import MonitoringGap, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import Incident

HELD = "held"
"""The kind of a delivery that was not sent yet: the notice waits for the end of the quiet hours."""


class NoticeKind(StrEnum):
    """What a notice tells."""

    CONFIRMED = "confirmed"  # an incident was confirmed
    WORSE = "worse"
    CHANGED = "changed"  # another bad verdict, not a worse one; only for channels that keep a record
    REMINDER = "reminder"  # nothing has been done about it for a while
    RECOVERED = "recovered"
    DISMISSED = "dismissed"  # by its author; only for channels that keep a record
    POSSIBLE = "possible"  # two runs in a row found the same, and neither confirmed it; no incident is opened
    BLOCKED = "blocked"  # a bot wall stood before every run for days; no incident is opened
    LOST = "blind"  # no run has been conclusive for a while
    RESTORED = "sight"  # a run is conclusive again
    CHANNEL_DEAD = "channel-dead"  # another channel cannot be reached
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class NoticeMark:
    """By what the history knows a notice; as text `worse:suspended`, `channel-dead:phone`, `blind`."""

    kind: NoticeKind
    verdict: Verdict | None = None  # of the incident, or of the runs that did not confirm it
    channel: str | None = None  # the one that cannot be reached

    def __str__(self) -> str:
        about = self.channel or self.verdict
        return f"{self.kind}:{about}" if about else self.kind.value

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the mark; None for what is not a notice (a mail, a held one) or is of a later version."""
        kind, _, about = text.partition(":")
        try:
            if kind == NoticeKind.CHANNEL_DEAD:
                return cls(kind=NoticeKind(kind), channel=about)
            return cls(kind=NoticeKind(kind), verdict=Verdict(about) if about else None)
        except ValueError:
            return None


@dataclass(frozen=True, kw_only=True)
class AlertHistory:
    """All that is known of a profile."""

    profile: str
    rows: tuple[RunRow, ...]  # oldest first
    incidents: tuple[Incident, ...]  # oldest first


@dataclass(frozen=True, kw_only=True)
class GapPeriod:
    """A time in which no run of a profile was conclusive."""

    why: MonitoringGap
    last_conclusive: datetime | None  # None: no run ever was
    runs: int  # how many were inconclusive
    until: datetime | None = None  # the first conclusive run after it; None: it goes on
    latest: RunRow | None = None  # the last run of all
    since: datetime | None = None  # of a wall: the first run that met it


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A channel that cannot be reached."""

    channel: str
    since: datetime
    tries: int  # rounds in which it failed
    detail: str  # why, without any secret


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to tell on one channel."""

    kind: NoticeKind
    profile: str | None = None
    incident: Incident | None = None
    gap: GapPeriod | None = None
    outage: Outage | None = None
    row: RunRow | None = None  # of what is possible: the latest run
    number: int = 0  # of a reminder: which one

    @property
    def mark(self) -> NoticeMark:
        """Return what it is known by."""
        of = self.incident or self.row
        return NoticeMark(
            kind=self.kind,
            verdict=of.verdict if of else None,
            channel=self.outage.channel if self.outage else None,
        )

    @property
    def urgent(self) -> bool:
        """Return whether it may pass quiet hours, if the user says that urgent ones do."""
        return self.kind in {NoticeKind.CONFIRMED, NoticeKind.WORSE}


class Ending(StrEnum):
    """How an incident ended, as GitHub says it of an issue."""

    COMPLETED = "completed"
    NOT_PLANNED = "not_planned"


@dataclass(frozen=True, kw_only=True)
class IssueUpdate:
    """Something that happened to an incident, to be told once."""

    mark: str  # what it is known by: the same in every run
    text: str  # Markdown


@dataclass(frozen=True, kw_only=True)
class IncidentIssue:
    """What the issue of an incident has to say by now."""

    incident: str  # the incident's id
    title: str
    body: str  # Markdown: the incident as it stands, for an issue that is opened now
    updates: tuple[IssueUpdate, ...] = ()  # oldest first; what a new body says already is not told again
    ending: Ending | None = None  # None: it goes on


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """A notice in words, ready to be sent."""

    title: str  # the verdict first
    body: str  # plain text, lines of any length
    document: Mapping[str, object] = field(default_factory=dict)  # the same for a program
    picture: Path | None = None  # both views side by side
    issue: IncidentIssue | None = None  # the same for an issue tracker; None: not about an incident


@dataclass(frozen=True, kw_only=True)
class SentNotice:
    """What came of sending a message."""

    ok: bool
    detail: str = ""  # why it failed, or what else is worth knowing; never a secret
    again: bool = True  # whether trying again may help
