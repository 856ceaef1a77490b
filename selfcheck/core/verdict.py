"""What the observations mean: a verdict, the rules that led to it, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field

from selfcheck.core.enums import ControlKind, LedTo, Outcome, PageKind, Strength, Verdict
from selfcheck.core.observation import LEARNED, Observation


@dataclass(frozen=True, kw_only=True)
class RuleHit:
    """A rule that fired, and why, in words a writer understands."""

    rule: Annotated[str, Field(min_length=1)]  # the rule's permanent id
    reason: str


@dataclass(frozen=True, kw_only=True)
class ControlReading:
    """One observation of a control account, in the same run."""

    kind: ControlKind
    handle: str
    outcome: Outcome
    url: str = ""
    led_to: LedTo | None = None  # its page led elsewhere
    detail: str = ""
    followers: int | None = None
    noindex: str | None = None  # the robots directive that keeps it out of search engines, or None
    signs: tuple[str, ...] = ()  # the ids of the signs that its page has
    facts: Mapping[str, int | None] = field(default_factory=dict)  # what the public is told of it
    page: PageKind = PageKind.PROFILE  # of which kind its page is
    unread: bool = False  # its page has data, and nothing in it that the platform file asks for
    answered: tuple[str, ...] = ()  # ids of the signs whose member the page's data has
    listed: int | None = None  # how many stories its page lists; None: it has no list that can be read

    @property
    def is_learned(self) -> bool:
        """Return whether no mark knew its page, but the other controls agree."""
        return self.detail.startswith(LEARNED)

    @property
    def ok(self) -> bool:
        """Return whether the control looked as it must."""
        if self.kind is ControlKind.SUSPENDED:
            return self.outcome is Outcome.SUSPENDED
        if self.kind is ControlKind.LIVE:
            return self.outcome is Outcome.SHOWN
        # Some platforms lead visitors elsewhere instead of saying that there is no such account.
        led_away = self.led_to not in {None, LedTo.SIGN_IN, LedTo.ANOTHER_SITE}
        return self.outcome in {Outcome.NOT_FOUND, Outcome.REMOVED} or led_away


@dataclass(frozen=True, kw_only=True)
class PageVerdict:
    """What the observations of one page mean."""

    kind: PageKind
    url: str
    folder: str
    verdict: Verdict
    silent: bool | None
    strength: Strength
    firings: tuple[RuleHit, ...]  # the deciding one first
    views: Mapping[str, Observation]  # viewpoint -> the look that counts
    further: tuple[Observation, ...] = ()  # second looks and fallbacks
    subject: str = ""
    side_by_side: str | None = None  # relative to the run's folder
    readers: Mapping[str, Observation] = field(default_factory=dict)  # what other accounts were shown
    would_change: str = ""  # what would change this verdict, in plain words, by the deciding rule
    limit: str = ""  # in what way a limited page is kept from the public, as the end of a sentence
    title: str = ""  # of a story: its own title, as a list of the profile's has it, else as its page has it

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the ids of every rule that fired, the deciding one first."""
        return tuple(firing.rule for firing in self.firings)


@dataclass(frozen=True, kw_only=True)
class UnopenedPage:
    """A page that the run did not open, since it was fine when an earlier run did. It has no verdict."""

    kind: PageKind
    url: str
    last_looked: datetime  # when the run that opened it last began, UTC
    last_run: str  # that run's id
    subject: str = ""
    title: str = ""  # of a story, as a list of this run has it


@dataclass(frozen=True, kw_only=True)
class ProfileVerdict:
    """What all observations of a profile's pages mean."""

    name: str
    platform: str
    handle: str
    verdict: Verdict
    silent: bool | None
    strength: Strength
    summary: str  # one plain sentence
    next_steps: tuple[str, ...]
    firings: tuple[RuleHit, ...]
    controls: tuple[ControlReading, ...]
    pages: tuple[PageVerdict, ...]
    facts: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)  # fact -> viewpoint -> value
    notes: tuple[str, ...] = ()  # what else the user should know: no session, budget spent
    would_change: str = ""  # what would change this verdict, in plain words, by the deciding rule
    platform_title: str = ""  # the platform's name as people write it
    platform_file: str = ""  # which file it was judged by: shipped, added, own, or learned
    marks_seen: str = ""  # when the first and the last of its marks were seen, such as 2018-09 to 2026-08
    day_starts: str | None = None  # HH:MM in UTC at which its statistics begin a day; None: not known
    not_opened: tuple[UnopenedPage, ...] = ()  # pages that were left to a later run

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the ids of every rule that fired, the deciding one first."""
        return tuple(firing.rule for firing in self.firings)
