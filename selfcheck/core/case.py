"""All the evidence about one profile, as the judge gets it, and what more the judge may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from selfcheck.core.capture import PageRequest
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, Outcome, PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.verdict import ControlReading, UnopenedPage

OUTAGES = frozenset({Outcome.UNREACHABLE, Outcome.SERVER_ERROR})
"""Outcomes of page loads that did not reach the page."""


@dataclass(frozen=True, kw_only=True)
class PageCase:
    """All observations of one page."""

    visit: PageRequest
    looks: Mapping[str, tuple[Observation, ...]]  # viewpoint -> what it got of the page itself, in order
    fallbacks: tuple[Observation, ...] = ()  # other pages that say whether this one exists
    program_views: tuple[Observation, ...] = ()  # what the platform tells programs, where a wall stood
    # What other accounts of the user's were shown, by viewpoint: apart from `looks`, since what is asked of
    # the public's and the author's views must never be answered by theirs.
    readers: Mapping[str, Observation] = field(default_factory=dict)

    @cached_property
    def anonymous(self) -> Observation | None:
        """Return the logged-out observation that counts, or None."""
        return _counting(self.looks.get(ANONYMOUS, ()))

    @cached_property
    def author(self) -> Observation | None:
        """Return the author's observation that counts, chosen in the same way, or None."""
        return _counting(self.looks.get(AUTHOR, ()))

    def answered(self, viewpoint: str) -> bool:
        """Return whether any page load of this viewpoint reached the page."""
        return any(look.outcome not in OUTAGES for look in self.looks.get(viewpoint, ()))


def _counting(looks: tuple[Observation, ...]) -> Observation | None:
    """Return the observation that counts: the first with the outcome of the latest answer.

    An outage is not an answer. Where the answer changed, the earlier one may have been an old copy, so the
    latest counts.
    """
    answered = [look for look in looks if look.outcome not in OUTAGES]
    if not answered:
        return looks[-1] if looks else None
    return next(look for look in answered if look.outcome is answered[-1].outcome)


@dataclass(frozen=True, kw_only=True)
class PlatformFacts:
    """What is known of the platform that weighs the evidence."""

    title: str  # the platform's name as people write it
    fold_case: bool = True  # whether handles that differ in case are the same
    handle_form: str = "@{handle}"  # how people write a handle there
    platform_sets_robots: bool = False  # a noindex is the platform's doing, not the owner's
    platform_robots: tuple[PageKind, ...] | None = None  # on these kinds of page; None: on all or on none
    feed_limit: int | None = None
    has_fallback: bool = False
    live_controls_left: int = 0  # live controls that were not opened yet
    has_live_controls: bool = True
    has_absent_control: bool = True
    suspended_controls_left: int = 0  # pages known to be suspended, not opened yet
    # Controls that are no profiles and were not opened yet: they are opened only where there is a doubt.
    page_controls_left: Mapping[PageKind, tuple[ControlKind, ...]] = field(default_factory=dict)
    separate_sessions: tuple[PageKind, ...] = ()  # kinds of page that are signed in to by themselves
    tells_signed_in: bool = False  # the file says how a page looks to somebody who is signed in
    knows_unlisted: bool = False  # its authors can keep a story out of lists and search engines
    reads_lists: tuple[PageKind, ...] = ()  # kinds of page whose list of stories the file can read
    page_sizes: Mapping[PageKind, int] = field(default_factory=dict)  # most stories that such a page lists
    # Kinds of page whose list, and kinds whose own page, says what its owner keeps back. None: a run of
    # before this was asked, which took every file for one that says so.
    lists_know_kept: tuple[PageKind, ...] | None = None
    knows_kept: tuple[PageKind, ...] | None = None
    # Kinds of page that an owner can keep for themselves, which a sign tells.
    signs_kept: tuple[PageKind, ...] = ()
    # Kinds of page that an owner can hide, so that the public is told what it is told of a missing one.
    owner_can_hide: tuple[PageKind, ...] = ()
    # What no capture, code or document of the platform confirms: ids of marks and signs, `facts.NAME` of
    # numbers, `stories.KIND` of lists. What rests on it is likely at most.
    unconfirmed: frozenset[str] = frozenset()
    login_wall: bool = False  # it asks every visitor to sign in, so a bare "not found" proves nothing
    day_starts: int | None = (
        None  # minutes after midnight UTC at which its statistics begin a day; None: unknown
    )

    def platform_sets_robots_on(self, kind: PageKind) -> bool:
        """Return whether a noindex on this kind of page is the platform's doing, where no sign says whose."""
        return self.platform_sets_robots if self.platform_robots is None else kind in self.platform_robots

    def tells_kept(self, kind: PageKind) -> bool:
        """Return whether the author's view of this kind of page tells what its owner keeps back."""
        return self.knows_kept is None or kind in self.knows_kept

    def list_tells_kept(self, kind: PageKind) -> bool:
        """Return whether the author's list on this kind of page tells what its owner keeps back."""
        return self.lists_know_kept is None or kind in self.lists_know_kept


@dataclass(frozen=True, kw_only=True)
class PastNumbers:
    """The numbers that one earlier run read. What it did not find is None or absent, never 0."""

    run_id: str
    taken_at: datetime  # UTC
    facts: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)  # fact -> viewpoint -> value
    series: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # whole days, oldest first
    series_at: datetime | None = None  # when the series was read: its last day is the one before
    controls: Mapping[str, int | None] = field(default_factory=dict)  # live control's handle -> followers


@dataclass(frozen=True, kw_only=True)
class LastLook:
    """A page that was found visible, confirmed, when it was opened last."""

    kind: PageKind
    at: datetime  # when that run began, UTC
    run_id: str
    runs_ago: int  # 1: in the latest run of this profile
    both: bool  # the author was shown it as well


@dataclass(frozen=True, kw_only=True)
class PastLooks:
    """What the latest runs of a profile saw of its pages; empty unless all was well in the last one."""

    looks: Mapping[str, LastLook] = field(default_factory=dict)  # by address
    last: frozenset[str] = frozenset()  # addresses that the last run opened
    listed: frozenset[str] = frozenset()  # ids of stories in the lists that the last run was shown


@dataclass(frozen=True, kw_only=True)
class ReaderControls:
    """What another account of the user's was shown of controls: the public's own met the wall, too."""

    live: Observation | None = None
    absent: Observation | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileCase:
    """All the evidence about one profile."""

    name: str
    platform: str
    handle: str  # as people write it on its platform
    sureness: PlatformFacts  # so named in the case.json of stored runs
    author_expected: bool  # a session was there and was to be used
    pages: tuple[PageCase, ...]
    controls: tuple[ControlReading, ...]
    rounds_left: int = 0  # how often the judge may still ask for more page loads
    notes: tuple[str, ...] = field(default=())
    past: tuple[PastNumbers, ...] = ()  # earlier runs of this profile, oldest first; a missed run is a gap
    public_before: frozenset[str] = frozenset()  # addresses and ids that the public was shown or listed
    not_opened: tuple[UnopenedPage, ...] = ()  # pages that were fine lately and are left to a later run
    sign_in_with: str = ""  # the command that signs the author in; "": `selfcheck login` and the name
    reader_controls: Mapping[str, ReaderControls] = field(default_factory=dict)  # by viewpoint
    hints: CommandHints = USUAL_HINTS

    @property
    def account(self) -> Handle:
        """Return the handle itself, which pages and addresses name: nothing of how people write it."""
        return Handle.from_shown(self.handle, self.sureness.handle_form, fold_case=self.sureness.fold_case)


@dataclass(frozen=True, kw_only=True)
class SecondLook:
    """Load this page again, in a new context of the viewpoint."""

    folder: str
    viewpoint: str


@dataclass(frozen=True, kw_only=True)
class FallbackLook:
    """Load the other pages that say whether this one exists."""

    folder: str


@dataclass(frozen=True, kw_only=True)
class AnotherControl:
    """Load one more control of this kind, with this kind of page."""

    kind: ControlKind
    page: PageKind = PageKind.PROFILE


@dataclass(frozen=True, kw_only=True)
class StoryLooks:
    """Load the own pages of these stories, which one list names and another lacks."""

    stories: tuple[StoryRef, ...]


Wanted = SecondLook | FallbackLook | AnotherControl | StoryLooks


@dataclass(frozen=True, kw_only=True)
class LookAgain:
    """The judge cannot say yet: these page loads would help."""

    wanted: tuple[Wanted, ...]
