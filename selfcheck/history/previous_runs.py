"""What a new run needs of earlier ones: their numbers, pages that need no second view, the last page loads.

Laws:
1. A number that a run did not find stays unknown, and a run that did not happen leaves no trace: gaps.
2. What was read while the session was signed out, or another account's, is not the author's number.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.core.case import PastNumbers
from selfcheck.core.enums import Verdict
from selfcheck.core.handle import account_of
from selfcheck.core.hosts import host_of

MOST_RUNS = 60
"""How many earlier runs are looked at, the newest ones."""

SETTLED_FOR = timedelta(days=7)
"""How long the author's view of a page may count before the page is opened as the author again."""


@dataclass(frozen=True, kw_only=True)
class PastPage:
    """A page in an earlier run."""

    url: str
    verdict: Verdict
    reached: bool  # the platform answered, whatever it said
    listed: tuple[str, ...] | None  # the stories in the public list, if both views were shown the page


@dataclass(frozen=True, kw_only=True)
class PastCheck:
    """A profile in an earlier run."""

    profile: str
    platform: str
    account: str
    at: datetime  # when the run began, UTC
    numbers: PastNumbers
    pages: tuple[PastPage, ...] = ()


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
        self, name: str, platform: str, handle: str, *, since: datetime
    ) -> Mapping[str, tuple[str, ...]]:
        """Return the pages that the public and the author were shown since then, with the stories listed.

        A page of which a later run says anything but `visible` is settled no more.
        """
        settled: dict[str, tuple[str, ...]] = {}
        for check in self._of(name, platform, handle):
            for page in check.pages if check.at >= since else ():
                if page.verdict is not Verdict.VISIBLE:
                    settled.pop(page.url, None)
                elif page.listed is not None:
                    settled[page.url] = page.listed
        return settled

    def last_looks(self, *, left_out: Callable[[str], bool]) -> Mapping[str, datetime]:
        """Return when each platform last answered, by its name.

        `left_out` says of a host that its pages do not count.
        """
        return {
            check.platform: check.at  # the oldest first, so the latest stays
            for check in self.checks
            if any(page.reached and not left_out(host_of(page.url)) for page in check.pages)
        }
