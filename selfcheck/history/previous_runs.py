"""What a new run needs of earlier ones: their numbers, pages that need no second view, the last page loads.

Laws:
1. A number that a run did not find stays unknown, and a run that did not happen leaves no trace: gaps.
2. What was read while the session was signed out, or another account's, is not the author's number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.core.case import LastLook, PastLooks, PastNumbers
from selfcheck.core.enums import PageKind, Strength, Verdict
from selfcheck.core.handle import account_of
from selfcheck.core.hosts import host_of
from selfcheck.judge.rules import rule_of

MOST_RUNS = 60
"""How many earlier runs are looked at, the newest ones."""

SETTLED_FOR = timedelta(days=7)
"""How long a page that was fine may count as such before it is opened again."""

_CLOCKS_DIFFER = timedelta(hours=1)
"""A run that is dated later than now by more than this was made by a wrong clock: it shows nothing."""

EVERY = 3
"""A page that may be left to a later run is opened in each third run at least."""


@dataclass(frozen=True, kw_only=True)
class PastPage:
    """A page in an earlier run."""

    url: str
    verdict: Verdict
    reached: bool  # the platform answered, whatever it said
    listed: tuple[str, ...] | None  # the stories in the public list, if both views were shown the page
    kind: PageKind = PageKind.PROFILE
    strength: Strength = Strength.LIKELY

    @property
    def is_fine(self) -> bool:
        """Return whether it was visible beyond doubt."""
        return self.verdict is Verdict.VISIBLE and self.strength is Strength.CONFIRMED


@dataclass(frozen=True, kw_only=True)
class PastCheck:
    """A profile in an earlier run."""

    profile: str
    platform: str
    account: str
    at: datetime  # when the run began, UTC
    numbers: PastNumbers
    pages: tuple[PastPage, ...] = ()
    verdict: Verdict = Verdict.INCONCLUSIVE
    strength: Strength = Strength.LIKELY
    rules: tuple[str, ...] = ()  # every rule that fired
    rules_version: str = ""

    @property
    def all_well(self) -> bool:
        """Return whether all that was opened was visible beyond doubt, and no rule said anything else."""
        confirmed = self.verdict is Verdict.VISIBLE and self.strength is Strength.CONFIRMED
        good = all(rule_of(rule).claims is Verdict.VISIBLE for rule in self.rules)
        return confirmed and good and all(page.is_fine for page in self.pages)


@dataclass(frozen=True, kw_only=True)
class PastRuns:
    """The newest earlier runs of a data folder, read once for all profiles of a new run."""

    checks: tuple[PastCheck, ...] = ()  # oldest first
    taken_in: tuple[str, ...] = ()  # runs that ended, were not recorded then, and are in the history now

    def _of(self, name: str, platform: str, handle: str) -> tuple[PastCheck, ...]:
        account = account_of(platform, handle)  # another handle is another account
        return tuple(check for check in self.checks if check.profile == name and check.account == account)

    def of(self, name: str, platform: str, handle: str) -> tuple[PastNumbers, ...]:
        """Return the numbers of this profile, oldest first."""
        return tuple(check.numbers for check in self._of(name, platform, handle))

    def settled(
        self, name: str, platform: str, handle: str, *, now: datetime
    ) -> Mapping[str, tuple[str, ...]]:
        """Return the pages that the public and the author were shown lately, with the stories listed.

        One of the last two runs has to have seen it so, within a week. A page of which a later run says
        anything but `visible` is settled no more.
        """
        settled: dict[str, tuple[str, ...]] = {}
        for check in self._of(name, platform, handle)[1 - EVERY :]:
            for page in check.pages if _is_recent(check, now) else ():
                if page.verdict is not Verdict.VISIBLE:
                    settled.pop(page.url, None)
                elif page.listed is not None:
                    settled[page.url] = page.listed
        return settled

    def past_looks(
        self, name: str, platform: str, handle: str, *, now: datetime, rules_version: str
    ) -> PastLooks:
        """Return what the latest runs saw of the pages, if all was well in the last one.

        What was judged by other rules than these, or longer ago than a week, does not count.
        """
        newest_first = self._of(name, platform, handle)[: -EVERY - 1 : -1]
        looks: dict[str, LastLook] = {}
        for runs_ago, check in enumerate(newest_first, start=1):
            # After a run that left a doubt the next one opened all that was planned.
            if not check.all_well or not _is_recent(check, now) or check.rules_version != rules_version:
                break
            for page in check.pages:
                look = LastLook(
                    kind=page.kind,
                    at=check.at,
                    run_id=check.numbers.run_id,
                    runs_ago=runs_ago,
                    both=page.listed is not None,
                )
                looks.setdefault(page.url, look)
        if not looks:
            return PastLooks()
        last = newest_first[0].pages
        return PastLooks(
            looks=looks,
            last=frozenset(page.url for page in last),
            listed=frozenset(story for page in last for story in page.listed or ()),
        )

    def last_looks(self, *, left_out: Callable[[str], bool]) -> Mapping[str, datetime]:
        """Return when each platform last answered, by its name.

        `left_out` says of a host that its pages do not count.
        """
        return {
            check.platform: check.at  # the oldest first, so the latest stays
            for check in self.checks
            if any(page.reached and not left_out(host_of(page.url)) for page in check.pages)
        }


def _is_recent(check: PastCheck, now: datetime) -> bool:
    return now - SETTLED_FOR <= check.at <= now + _CLOCKS_DIFFER
