"""Eyes: a browser that is open for one run, and looks from several viewpoints at the same moment."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

from selfcheck.browser.backoff import TOO_MANY_REQUESTS, BackoffRegistry
from selfcheck.browser.context import ViewContext
from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.launcher import BrowserGoneError, BrowserProcess, open_browsers
from selfcheck.browser.navigation_errors import first_line
from selfcheck.browser.page_load import LoadResult, PageCrashedError, capture_of, load_page
from selfcheck.browser.rate_limit import Budget, ConcurrencyLimit, DispatchGate, Pace
from selfcheck.browser.redaction import redact
from selfcheck.browser.request_count import Footprint
from selfcheck.browser.storage_state import StorageState
from selfcheck.core.backoff import BackOff
from selfcheck.core.capture import Capture, Failure
from selfcheck.core.enums import ANONYMOUS, FailureKind
from selfcheck.core.footprint import HostFootprint
from selfcheck.core.hosts import host_of
from selfcheck.core.page_request import PageRequest
from selfcheck.platforms.schema import Platform

__all__ = ["BrowserPool", "ViewContext", "open_pool"]

_PROCESSES = 2
"""One browser for strangers and one for authors: a process encodes its pictures one at a time, and those are
the largest cost of a run. Two are faster on two cores for no more work and hardly more memory."""

_LOOKS_AT_MOST = 2  # a page or a browser that crashes is given one more chance


class BrowserPool:
    """Looks at pages. Made by `open_eyes`."""

    def __init__(
        self,
        *,
        processes: tuple[BrowserProcess, ...],
        version: str,
        slots: ConcurrencyLimit,
        pace: Pace,
        clock: Callable[[], datetime],
        doors: BackoffRegistry,
        footprint: Footprint,
    ) -> None:
        self.version = version
        self._processes = processes
        self._slots = slots
        self._pace = pace
        self._clock = clock
        self._budget = Budget()
        self._doors = doors
        self._footprint = footprint

    @property
    def footprint(self) -> tuple[HostFootprint, ...]:
        """Return what was asked of each host so far."""
        return self._footprint.rows()

    @property
    def page_views(self) -> dict[str, int]:
        """Return how many main documents were asked for so far, by viewpoint."""
        return self._budget.by_viewpoint()

    @asynccontextmanager
    async def view(
        self, name: str, platform: Platform, home: str, state: StorageState | None
    ) -> AsyncIterator[ViewContext]:
        """Open one viewpoint of one profile: a fresh context, gone when the block ends."""
        process = self._processes[0 if name == ANONYMOUS else -1]
        view = ViewContext(
            name=name,
            platform=platform,
            home=home,
            state=state,
            process=process,
            footprint=self._footprint,
        )
        try:
            yield view
        finally:
            await view.close()

    async def look_together(self, visit: PageRequest, views: Mapping[str, ViewContext]) -> dict[str, Capture]:
        """Look from all the visit's viewpoints that are open, at the same moment, when their turn comes.

        Trouble with the page, the network or the browser is told in the captures, never raised. With one
        look at once (`jobs` 1) the viewpoints follow each other.
        """
        looking = {name: views[name] for name in visit.viewpoints if name in views}
        if not looking:
            return {}
        first = next(iter(looking.values()))
        limits = first.platform.limits
        if self._left_alone(first):  # no turn is waited for where nothing will be opened
            captures = [await self._look_from(visit, view) for view in looking.values()]
            return {capture.viewpoint: capture for capture in captures}
        async with (
            AsyncExitStack() as held,
            asyncio.TaskGroup() as group,
            self._pace.turn(visit.url, tuple(looking), limits),
        ):
            await held.enter_async_context(self._slots.hold(len(looking)))
            departures = DispatchGate(len(looking))
            work = group.create_task(self._look_from_all(visit, tuple(looking.values()), departures))
            if self._pace.holds(visit.url):
                await departures.all_unless(work)
        return {capture.viewpoint: capture for capture in work.result()}

    async def _look_from_all(
        self, visit: PageRequest, views: tuple[ViewContext, ...], departures: DispatchGate
    ) -> list[Capture]:
        if self._slots.count == 1:
            return [await self._look_from(visit, view, departures) for view in views]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._look_from(visit, view, departures)) for view in views]
        return [task.result() for task in tasks]

    async def _look_from(
        self, visit: PageRequest, view: ViewContext, departures: DispatchGate | None = None
    ) -> Capture:
        started = self._clock()
        seen, watch, views_made = LoadResult(), None, 0
        for attempt in range(_LOOKS_AT_MOST):
            if backoff := self._left_alone(view):
                seen = LoadResult(failure=_left_alone(backoff))
                break
            if attempt:
                await self._pace.pause(visit.url, view.platform.limits)
            if not self._budget.take(visit.url, view.platform.platform, view.name, view.platform.limits):
                seen = LoadResult(failure=_budget_spent(view))
                break
            views_made += 1
            try:
                watch, seen = await load_page(
                    view, visit, partial(self._left, visit.url, view.name, departures)
                )
                break
            except (PageCrashedError, BrowserGoneError) as error:
                watch, seen = None, LoadResult(failure=_crashed(error))
        capture = capture_of(
            visit,
            view,
            watch,
            seen,
            started_at=started,
            finished_at=self._clock(),
            page_views=views_made,
        )
        if capture.status == TOO_MANY_REQUESTS:
            host, header = host_of(view.home), capture.headers.get("retry-after")
            self._doors.told(view.platform.platform, host, header, self._clock())
        return redact(capture, await view.secrets(), keep=_kept(visit, view))

    def _left(self, url: str, viewpoint: str, departures: DispatchGate | None) -> None:
        """Note that the request for a page leaves now."""
        self._footprint.page_view(url, viewpoint)
        if departures is not None:
            departures.one()

    def _left_alone(self, view: ViewContext) -> BackOff | None:
        return self._doors.closed(view.platform.platform, host_of(view.home), self._clock())


@asynccontextmanager
async def open_pool(
    choice: BrowserChoice,
    *,
    headed: bool,
    jobs: int,
    say: Callable[[str], None],
    clock: Callable[[], datetime],
    doors: BackoffRegistry | None = None,
) -> AsyncIterator[BrowserPool]:
    """Start the browser; it and all that it opened are gone when the block ends, however it ends.

    `BrowserMissingError` where it cannot be started. `say` is told when it had to be started again. `doors`
    know which platforms are to be left alone, and learn it here.
    """
    async with open_browsers(choice, headed=headed, count=min(jobs, _PROCESSES), say=say) as processes:
        browser, _ = await processes[0].ready()
        yield BrowserPool(
            processes=processes,
            version=f"{choice.name} {browser.version}",
            slots=ConcurrencyLimit(jobs),
            pace=Pace(now=time.monotonic, sleep=asyncio.sleep, random=random.random),
            clock=clock,
            doors=doors or BackoffRegistry(),
            footprint=Footprint(time.monotonic),
        )


def _budget_spent(view: ViewContext) -> Failure:
    most = view.platform.limits.page_views
    detail = f"{most} page views per run from the {view.name} viewpoint are the most for this platform"
    return Failure(kind=FailureKind.BUDGET_SPENT, detail=detail)


def _left_alone(backoff: BackOff) -> Failure:
    detail = f"the platform asked to be left alone until {backoff.until:%Y-%m-%d %H:%M} UTC"
    return Failure(kind=FailureKind.BACKING_OFF, detail=detail)


def _crashed(error: PageCrashedError | BrowserGoneError) -> Failure:
    what = "the browser" if isinstance(error, BrowserGoneError) else "the page"
    return Failure(kind=FailureKind.CRASHED, detail=f"{what} crashed, twice: {first_line(str(error))}")


def _kept(visit: PageRequest, view: ViewContext) -> tuple[str, ...]:
    return (visit.handle, visit.profile, visit.subject, *view.platform.hosts)
