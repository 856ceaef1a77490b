"""Begins the profiles of a run as far as the day's page views go, and keeps what is left for the next run.

What fits is decided by `allowance`, which is pure; here are the shared table, the clock and the waiting.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

from selfcheck.core.hosts import is_loopback
from selfcheck.core.request import ProfileRequest
from selfcheck.core.run import DayBudget
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import is_local
from selfcheck.runs.allowance import (
    DayPlan,
    ExpectedViews,
    Site,
    day_budget,
    day_plans,
    expected_views,
    site_of,
    waiting_first,
)
from selfcheck.runs.subjects import CheckSubject
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable

PROFILES_AT_ONCE = 3
"""Of one platform. They wait for each other's pages anyway; more would only be left half done when the day's
page views end, and keep more browser contexts open."""


class RunAllowance:
    """What a run may begin."""

    def __init__(
        self, subjects: Iterable[CheckSubject], table: LimitsTable, now: Callable[[], datetime]
    ) -> None:
        self._table = table
        self._now = now
        expected = [
            expected_views(subject.profile, subject.platform, signed_in=subject.session is not None)
            for subject in subjects
        ]
        self.expected = waiting_first(expected, table.waiting())
        self._of = {one.profile: one for one in self.expected}
        self._gates: defaultdict[Site, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(PROFILES_AT_ONCE)
        )
        self._under_way: set[str] = set()

    def plans(self) -> tuple[DayPlan, ...]:
        """Return what fits into the day now, for each site on the web."""
        views = {one.site: self._views(one.site) for one in self.expected}
        return day_plans(self.expected, views, self._now())

    def begin(self) -> None:
        """Note which profiles the run is to check: the next one goes on with them if this is killed."""
        rows = [(one.site[0], one.profile) for one in self.expected if not _is_local(one)]
        if rows:
            self._table.expect(rows, self._now().timestamp())

    @asynccontextmanager
    async def turn(self, profile: str, page_views_of: Callable[[str], int]) -> AsyncIterator[bool]:
        """Wait until a profile may be begun; False where what is left of the day is too little for it.

        `page_views_of` says how many page views a profile of this run has had.
        """
        wanted = self._of[profile]
        if _is_local(wanted):
            yield True
            return
        async with self._gates[wanted.site]:
            promised = sum(
                max(0, self._of[name].needed - page_views_of(name))
                for name in self._under_way
                if self._of[name].site == wanted.site
            )
            left = wanted.limits.page_views_a_day - len(self._views(wanted.site)) - promised
            if left < wanted.needed:
                yield False
                return
            self._under_way.add(profile)
            try:
                yield True
            finally:
                self._under_way.discard(profile)

    def finished(self, profile: str) -> None:
        """Note that a profile was checked."""
        if not _is_local(self._of[profile]):
            self._table.finished(self._of[profile].site[0], profile)

    def _views(self, site: Site) -> tuple[float, ...]:
        return self._table.views(*site, self._now().timestamp())


def _is_local(expected: ExpectedViews) -> bool:
    return is_loopback(expected.site[1])


def day_budgets(data: DataFolder, profiles: Iterable[ProfileRequest], now: datetime) -> tuple[DayBudget, ...]:
    """Return what is left of the day at each site of these profiles; asking creates nothing."""
    platforms = {profile: load_platform(profile.platform) for profile in profiles}
    sites = {
        site_of(profile, platform): platform
        for profile, platform in platforms.items()
        if not is_local(profile, platform)
    }
    table = LimitsTable.open(data) if data.limits.is_dir() else LimitsTable.in_memory()
    try:
        return tuple(
            day_budget(platform.title, site, platform.limits, table.views(*site, now.timestamp()))
            for site, platform in sites.items()
        )
    finally:
        table.close()
