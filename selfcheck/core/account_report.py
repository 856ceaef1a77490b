"""What the report over time is made of: profiles, their days, what the numbers say, incidents and evidence.

Laws:
1. A day without a run, and a number that was not found, is None: a gap.
2. What a public report must not hold is not in these values by the time they are composed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from selfcheck.core.history import PageRow, ProfileDay, RunRow
from selfcheck.core.incident import Incident


@dataclass(frozen=True, kw_only=True)
class SitePicture:
    """A picture that lies beside the report."""

    path: str  # relative to the report, with forward slashes
    width: int
    height: int
    role: str  # which look of the incident it is: `Last seen good`
    words: str  # what it shows: `profile page, both views`
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class SiteIncident:
    """An incident, its number on the page, and what can be shown of it."""

    incident: Incident
    number: int  # 1 is the profile's first
    pictures: tuple[SitePicture, ...] = ()
    lacking: str = ""  # why there is no picture, in words


@dataclass(frozen=True, kw_only=True)
class Fall:
    """A drop of followers that the past makes improbable."""

    day: date
    words: str
    purge: bool  # the control accounts lost followers as well


@dataclass(frozen=True, kw_only=True)
class SiteProfile:
    """A profile over time."""

    name: str
    handle: str
    platform: str  # as people write it
    last: RunRow  # the latest look
    told: RunRow | None  # the latest look that could tell; None: none could
    days: tuple[ProfileDay, ...]  # every day of the report, oldest first
    begun: date  # the day of the first run; days before it are no gaps
    controls: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)  # handle -> followers by day
    falls: tuple[Fall, ...] = ()
    trends: tuple[str, ...] = ()  # slow changes, in words
    incidents: tuple[SiteIncident, ...] = ()  # newest first
    pages: tuple[PageRow, ...] = ()  # of the latest look
    run_report: str = ""  # where that look's own report lies, from this one; empty where it does not


@dataclass(frozen=True, kw_only=True)
class Site:
    """All that the report over time shows."""

    made_at: datetime  # aware
    zone: tzinfo
    zone_name: str
    stale_after: timedelta  # a look older than this says nothing of today
    profiles: tuple[SiteProfile, ...]
    public: bool = False  # made to be shown to everybody: nothing of the author's view, no numbers
    version: str = ""
