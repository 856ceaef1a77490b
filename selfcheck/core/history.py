"""What the runs found over time: a row per profile and run, days, deliveries, and changes of incidents.

Laws:
1. What a run did not find is None, never 0. A run that did not happen leaves no row: a gap.
2. A profile whose platform or handle changes is another account: nothing of the one counts for the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from selfcheck.core.enums import PageKind, Strength, Verdict
from selfcheck.core.handle import account_of
from selfcheck.core.incident import Incident, IncidentEvent


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """What one run found of one profile."""

    run_id: str
    profile: str
    platform: str
    handle: str
    at: datetime  # aware, UTC: when the run began
    verdict: Verdict
    silent: bool | None
    strength: Strength
    summary: str  # one plain sentence
    rules: tuple[str, ...] = ()  # the deciding one first
    followers: int | None = None  # as the author sees them, else as the public does
    followers_by: str | None = None  # the viewpoint that read them
    views: int | None = None  # of the last whole day
    views_day: date | None = None  # that day, as the platform counts days
    reads: int | None = None  # of the last whole day
    stories: int | None = None
    controls: Mapping[str, int | None] = field(default_factory=dict)  # live control's handle -> followers
    failed: bool = False  # selfcheck itself failed on this profile; the verdict is inconclusive

    @property
    def account(self) -> str:
        """Return the account that was checked."""
        return account_of(self.platform, self.handle)

    @property
    def confirmed(self) -> bool:
        """Return whether the run was conclusive, and its verdict confirmed."""
        return self.verdict is not Verdict.INCONCLUSIVE and self.strength is Strength.CONFIRMED


@dataclass(frozen=True, kw_only=True)
class PageRow:
    """What one run found of one page."""

    kind: PageKind
    url: str
    verdict: Verdict
    silent: bool | None
    strength: Strength
    rules: tuple[str, ...] = ()  # the deciding one first


@dataclass(frozen=True, kw_only=True)
class ProfileDay:
    """One day of a profile, in the user's time zone. A day without a run has no verdict: a gap."""

    day: date
    verdict: Verdict | None = None  # the worst confirmed one, else the worst likely one
    strength: Strength | None = None
    runs: int = 0
    conclusive: int = 0  # how many of the runs were
    followers: int | None = None  # as last read on this day
    views: int | None = None  # of this day, as the platform counts it, whichever run read them
    reads: int | None = None
    incidents: tuple[str, ...] = ()  # ids of the incidents that were going on

    @property
    def gap(self) -> bool:
        """Return whether there was no run on this day."""
        return self.runs == 0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One message that was sent to somebody, or could not be."""

    at: datetime  # aware, UTC
    channel: str  # where to, by the name that the user gave it; never an address with a secret in it
    kind: str  # what it reported, such as `opened` or `restored`
    profile: str | None  # None: it was about no profile
    incident: str | None  # the incident's id; None: it was about none
    ok: bool
    detail: str = ""  # why it failed, or what else is worth knowing


@dataclass(frozen=True, kw_only=True)
class AccountHistory:
    """All that is known of one account of a profile."""

    profile: str
    platform: str
    handle: str  # as the last run wrote it
    current: bool  # whether it is the account that the profile's last run checked
    runs: tuple[RunRow, ...]  # oldest first
    days: tuple[ProfileDay, ...]  # oldest first, without a gap
    incidents: tuple[Incident, ...]  # newest first
    recent: tuple[ProfileDay, ...] = ()  # the last two weeks, also before the first run if numbers are known
    series: Mapping[str, Mapping[date, int]] = field(default_factory=dict)  # by the platform's day
    pages: Mapping[str, tuple[PageRow, ...]] = field(default_factory=dict)  # by run
    deliveries: tuple[Delivery, ...] = ()  # of its incidents, oldest first

    @property
    def last_run(self) -> RunRow:
        """Return what the last run found."""
        return self.runs[-1]


@dataclass(frozen=True, kw_only=True)
class IncidentChange:
    """What a run changed about an incident."""

    incident: Incident  # as it is now
    event: IncidentEvent  # what happened: opened, changed or restored
    before: Incident | None  # as it was before the run; None: it has just opened

    @property
    def profile(self) -> str:
        """Return the profile that the incident is of."""
        return self.incident.profile


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What a rebuild of the history found."""

    runs: int  # read from their folders
    kept: int  # known only to the old history.db: their folders are gone
    incidents: int
    author_events: int  # events that no run found (notes, appeals, reminders)
    skipped: tuple[str, ...] = ()  # folders that could not be read, and why, in words
    unplaced: tuple[str, ...] = ()  # such events of incidents that are not in any run
    set_aside: Path | None = None  # the damaged file's new path
