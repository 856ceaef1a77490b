"""A browser that is open for one run, and loads pages from several viewpoints at the same moment."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from selfcheck.browser.assistance import Assistance
from selfcheck.browser.backoff import TOO_MANY_REQUESTS, BackOff, BackoffRegistry
from selfcheck.browser.context import ViewContext, Viewpoint
from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.failures import first_line
from selfcheck.browser.launcher import (
    BrowserGoneError,
    BrowserProcess,
    NoBrowser,
    RemoteBrowser,
    open_browsers,
)
from selfcheck.browser.page_load import LoadResult, PageCrashedError, capture_of, load_page
from selfcheck.browser.plain_http import FetchedFile, load_file, load_plain
from selfcheck.browser.proxy.network import Network, SystemNetwork
from selfcheck.browser.rate_limit import Budget, ConcurrencyLimit, DispatchGate, Pace
from selfcheck.browser.request_count import RequestCounter
from selfcheck.browser.run_redaction import RunRedaction
from selfcheck.browser.storage_state import StorageState
from selfcheck.core.capture import Capture, Failure, PageRequest
from selfcheck.core.enums import ANONYMOUS, BrowserMode, FailureKind, PageKind, Purpose
from selfcheck.core.hosts import host_of, join_address
from selfcheck.core.run import HostFootprint, RefusedRequest
from selfcheck.platforms.schema import Platform
from selfcheck.storage.limits_table import LimitsTable, PageView

__all__ = ["BrowserPool", "PoolOptions", "ViewContext", "open_pool", "pool_of", "program_pool"]

PROCESSES = 2
"""One browser for the public and one for authors: a process encodes its screenshots one at a time, and those
are the largest cost of a run. Two are faster on two cores for no more work and hardly more memory."""

_MOST_REDIRECTS = 4
_REDIRECTS = (301, 302, 303, 307, 308)
_ATTEMPTS = 2  # a page or a browser that crashes is given one more chance


@dataclass(frozen=True, kw_only=True)
class PoolOptions:
    """How pages are loaded, beside the browser that does it."""

    jobs: int  # page loads at once
    say: Callable[[str], None]  # called when the browser had to be started again
    clock: Callable[[], datetime]
    table: LimitsTable = field(default_factory=LimitsTable.in_memory)  # shared on the data folder
    backoffs: BackoffRegistry | None = None  # the platforms to be left alone; None: what the table says
    mode: BrowserMode = BrowserMode.HEADLESS
    assistance: Assistance | None = None  # a person for whom a page that is a wall waits
    network: Network = field(default_factory=SystemNetwork)


class BrowserPool:
    """Loads pages. Made by `open_pool`."""

    def __init__(self, processes: tuple[BrowserProcess, ...], version: str, options: PoolOptions) -> None:
        self.version = version
        self._processes = processes
        self._clock = options.clock
        self._backoffs = options.backoffs or BackoffRegistry(table=options.table)
        self._network = options.network
        self._assistance = options.assistance
        self._until_answered = options.table.ends_turns_when_answered
        self._slots = ConcurrencyLimit(options.jobs)
        self._pace = Pace(now=self._seconds, sleep=asyncio.sleep, random=random.random, table=options.table)
        self._budget = Budget(options.table)
        self._counter = RequestCounter(time.monotonic)
        self._redaction = RunRedaction()

    @property
    def footprint(self) -> tuple[HostFootprint, ...]:
        """Return what was asked of each host so far."""
        return self._counter.rows()

    @property
    def refused_requests(self) -> tuple[RefusedRequest, ...]:
        """Return what the pages asked for in vain so far, without secrets."""
        return self._redaction.refused(self._counter.refused())

    @property
    def page_views(self) -> dict[str, int]:
        """Return how many main documents were asked for so far, by viewpoint."""
        return self._budget.by_viewpoint()

    def page_views_of(self, profile: str) -> int:
        """Return how many main documents were asked for so far for this profile."""
        return self._budget.of_profile(profile)

    def was_cut_short(self, profile: str) -> bool:
        """Return whether the day's limit of a platform left this profile without a page."""
        return profile in self._budget.cut_short

    def _seconds(self) -> float:
        return self._clock().timestamp()

    @asynccontextmanager
    async def view(
        self,
        name: str,
        platform: Platform,
        home: str,
        state: StorageState | None,
        *,
        profile: str = "",
        budget: str = "",
    ) -> AsyncIterator[ViewContext]:
        """Open one viewpoint of one profile: a fresh context, gone when the block ends.

        What is opened in it counts for that profile, the controls that it is the first to want included; with
        `budget`, the day's page views are counted apart under this name.
        """
        process = self._processes[0 if name == ANONYMOUS else -1]
        if process.remote and (name != ANONYMOUS or state is not None):
            raise ValueError("a session never leaves this machine")
        viewpoint = Viewpoint(
            name=name,
            platform=platform,
            home=home,
            state=state,
            profile=profile,
            assistance=self._assistance,
            budget=budget,
        )
        view = ViewContext(viewpoint, process, self._counter, self._network)
        try:
            yield view
        finally:
            await view.close()

    async def fetch_all(self, request: PageRequest, views: Mapping[str, ViewContext]) -> dict[str, Capture]:
        """Load a page from all the viewpoints of the request that are open, at the same moment.

        It waits until the pace of the host allows it. Trouble with the page, the network or the browser is in
        the captures, never raised. With one page load at once (`jobs` 1) the viewpoints follow each other.
        """
        wanted = {name: views[name] for name in request.viewpoints if name in views}
        if not wanted:
            return {}
        first = next(iter(wanted.values()))
        if self._backing_off(first):  # no turn is waited for where nothing will be opened
            captures = [await self._fetch(request, view) for view in wanted.values()]
            return await self._redaction.of(request, wanted, captures)
        async with (
            AsyncExitStack() as held,
            asyncio.TaskGroup() as group,
            self._pace.turn(request.url, tuple(wanted), first.platform.limits),
        ):
            # The order matters. The host's turn ends as soon as all requests have left, or were answered, so
            # that the gap to the next page is measured from there and not from the end of a slow page; the
            # slots are held until the pages are done, which is when the task group ends.
            await held.enter_async_context(self._slots.hold(len(wanted)))
            gate = DispatchGate(len(wanted), until_answered=self._until_answered)
            work = group.create_task(self._fetch_each(request, tuple(wanted.values()), gate))
            if self._pace.holds(request.url):
                await gate.all_unless(work)
        return await self._redaction.of(request, wanted, work.result())

    async def _fetch_each(
        self, request: PageRequest, views: tuple[ViewContext, ...], gate: DispatchGate
    ) -> list[Capture]:
        if self._slots.count == 1:
            return [await self._fetch(request, view, gate) for view in views]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._fetch(request, view, gate)) for view in views]
        return [task.result() for task in tasks]

    async def _fetch(
        self, request: PageRequest, view: ViewContext, gate: DispatchGate | None = None
    ) -> Capture:
        started, limits = self._clock(), view.platform.limits
        result, log, page_views = LoadResult(), None, 0
        on_leaving = partial(self._note_departure, request.url, view.name, gate)
        on_answered = gate.note_answer if gate else lambda: None
        for attempt in range(_ATTEMPTS):
            if attempt and not self._backing_off(view):
                await self._pace.again(request.url, view.name, limits, gate)
            if (failure := self._refused(request, view)) is not None:
                result = LoadResult(failure=failure)
                break
            page_views += 1
            try:
                if request.purpose is Purpose.PROGRAM_VIEW:
                    log, result = await load_plain(view, request.url, limits.timeout_seconds)
                    on_leaving()  # only now: when exactly it left, nothing tells
                    on_answered()
                    if result.failure is None or result.failure.kind is not FailureKind.BLOCKED_ADDRESS:
                        self._counter.sent(request.url, view.name, "document")
                else:
                    log, result = await load_page(view, request, on_leaving, on_answered)
                break
            except (PageCrashedError, BrowserGoneError) as error:
                what = "the browser" if isinstance(error, BrowserGoneError) else "the page"
                detail = f"{what} crashed, twice: {first_line(str(error))}"
                log, result = None, LoadResult(failure=Failure(kind=FailureKind.CRASHED, detail=detail))
        capture = capture_of(
            request, view, log, result, started_at=started, finished_at=self._clock(), page_views=page_views
        )
        if capture.status == TOO_MANY_REQUESTS:
            host, header = host_of(view.home), capture.headers.get("retry-after")
            self._backoffs.record(view.platform.platform, host, header, self._clock())
        return capture

    def _refused(self, request: PageRequest, view: ViewContext) -> Failure | None:
        """Count the page view, or return why it may not be.

        It is asked before each attempt: another viewpoint or process may have met a 429 meanwhile.
        """
        if backoff := self._backing_off(view):
            detail = f"the platform asked to be left alone until {backoff.until:%Y-%m-%d %H:%M} UTC"
            return Failure(kind=FailureKind.BACKING_OFF, detail=detail)
        if request.purpose is Purpose.PROGRAM_VIEW and view.process.remote:
            detail = "it would be asked for from this machine, not from where the browser is"
            return Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=detail)
        page_view = PageView(
            platform=f"{view.platform.platform} {view.budget}".rstrip(),
            address=host_of(view.home),
            viewpoint=view.name,
            profile=view.profile,
        )
        refusal = self._budget.refusal(request.url, page_view, view.platform.limits, self._seconds())
        return Failure(kind=FailureKind.BUDGET_SPENT, detail=refusal) if refusal else None

    async def fetch_file(self, url: str, view: ViewContext) -> FetchedFile | Failure:
        """Return a picture's bytes, asked for at the pace of the view's limits and without a session.

        It counts as one of the view's page views, so a view with a budget of its own is for it. Redirects are
        followed as far as the view may reach.
        """
        for _ in range(_MOST_REDIRECTS):
            request = PageRequest(
                profile=view.profile, kind=PageKind.STORY, url=url, viewpoints=(), folder=""
            )
            if (refused := self._refused(request, view)) is not None:
                return refused
            async with self._pace.turn(url, (view.name,), view.platform.limits):
                file = await load_file(view, url, view.platform.limits.timeout_seconds)
            if isinstance(file, Failure):
                return file
            self._counter.sent(url, view.name, "image")
            if file.status == TOO_MANY_REQUESTS:
                self._backoffs.record(
                    view.platform.platform, host_of(view.home), file.headers.get("retry-after"), self._clock()
                )
            if file.status not in _REDIRECTS or not (location := file.headers.get("location")):
                return file
            url = join_address(url, location)
        return Failure(kind=FailureKind.TOO_MANY_REDIRECTS, detail=f"more than {_MOST_REDIRECTS} redirects")

    def _note_departure(self, url: str, viewpoint: str, gate: DispatchGate | None) -> None:
        self._counter.page_view(url, viewpoint)
        if gate is not None:
            gate.note_departure()

    def _backing_off(self, view: ViewContext) -> BackOff | None:
        return self._backoffs.active(view.platform.platform, host_of(view.home), self._clock())


def program_pool(options: PoolOptions) -> BrowserPool:
    """Return a pool without a browser, for requests of the purpose PROGRAM_VIEW alone."""
    return BrowserPool((NoBrowser(),), "", options)


@asynccontextmanager
async def open_pool(
    choice: BrowserChoice | RemoteBrowser, options: PoolOptions
) -> AsyncIterator[BrowserPool]:
    """Start the browser; it and all that it opened are gone when the block ends, however it ends.

    `BrowserMissingError` where it cannot be started.
    """
    count = min(options.jobs, PROCESSES)
    async with open_browsers(choice, mode=options.mode, count=count, say=options.say) as processes:
        yield await pool_of(choice, processes, options)


async def pool_of(
    choice: BrowserChoice | RemoteBrowser, processes: tuple[BrowserProcess, ...], options: PoolOptions
) -> BrowserPool:
    """Return a pool on browsers that somebody else opened, and closes."""
    browser, _ = await processes[0].ready()
    return BrowserPool(processes, f"{choice.name} {browser.version}", options)
