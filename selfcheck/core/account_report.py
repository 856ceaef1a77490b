"""The values of the report over time: accounts, their days, what the numbers say, incidents and screenshots.

Laws:
1. A day without a run, and a number that was not found, is None: a gap.
2. What a public report must not contain is removed from these values before anything is rendered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from selfcheck.core.history import PageRow, ProfileDay, RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.run_document import UnopenedRecord


@dataclass(frozen=True, kw_only=True)
class ReportPicture:
    """A screenshot that lies beside the report."""

    path: str  # relative to the report, with forward slashes
    width: int
    height: int
    role: str  # which check of the incident it is of: `Last seen good`
    words: str  # what it shows: `profile page, both views`
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReportIncident:
    """An incident, its number on the page, and what can be shown of it."""

    incident: Incident
    number: int  # 1 is the profile's first
    pictures: tuple[ReportPicture, ...] = ()
    lacking: str = ""  # why there is no screenshot, in words
    missing: tuple[str, ...] = ()  # what is not back though it is over, in words


@dataclass(frozen=True, kw_only=True)
class FollowerDrop:
    """A drop of followers that earlier numbers make improbable."""

    day: date
    words: str
    purge: bool  # the control accounts lost followers as well


@dataclass(frozen=True, kw_only=True)
class AccountReport:
    """A profile over time."""

    name: str
    handle: str
    platform: str  # as people write it
    last: RunRow  # the latest run
    last_conclusive: RunRow | None  # the latest that was not inconclusive; None: none was
    days: tuple[ProfileDay, ...]  # every day of the report, oldest first
    begun: date  # the day of the first run; days before it are not gaps
    controls: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)  # handle -> followers by day
    follower_drops: tuple[FollowerDrop, ...] = ()
    trends: tuple[str, ...] = ()  # slow changes, in words
    incidents: tuple[ReportIncident, ...] = ()  # newest first
    pages: tuple[PageRow, ...] = ()  # that the latest run opened
    not_opened: tuple[UnopenedRecord, ...] = ()  # that it left out, since they were fine lately
    run_report: str = ""  # where that run's own report lies, from this one; empty where it does not


@dataclass(frozen=True, kw_only=True)
class ReportOverTime:
    """All that the report over time shows."""

    made_at: datetime  # aware
    zone: tzinfo
    zone_name: str
    stale_after: timedelta  # a run older than this says nothing about today
    profiles: tuple[AccountReport, ...]
    public: bool = False  # for everybody: nothing of the author's view, no numbers
    version: str = ""
    coverage: tuple[str, ...] = ()  # how much of the author's work has a copy; never in a public report
