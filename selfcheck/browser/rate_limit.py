"""How slowly and how few pages are loaded, by all processes on a data folder together.

Laws:
1. Between the requests for two pages of one host from one viewpoint lies the platform's minimum gap and a
   random part of its jitter, counted from when the first of them left: a tab may take its time to open.
   Hosts do not wait for each other. This machine (loopback) has no pace.
2. No more page views than the platform file allows: for each profile, viewpoint and run, and for each
   platform at an address within 24 hours, all runs together. Loopback has no limit.
3. At most `jobs` page loads are under way at once, over all profiles of a run.
4. What one process does the others know at once (`LimitsTable`); what a killed one was about to do counts.

The clock, the sleep and the randomness are passed in.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Any

from selfcheck.core.hosts import host_of, is_loopback, is_opened
from selfcheck.platforms.schema import Limits
from selfcheck.storage.limits_table import LimitsTable, PageView, TurnKey

_CLOCK_WAS_SET = 10
"""So many gaps away a turn was written down by a clock that was ahead."""
_SAME_MOMENT = 1e-6
_SHORTEST_POLL, _LONGEST_POLL = 0.005, 0.2  # seconds between two attempts to get a turn that another has


class Budget:
    """Counts the page views: of this run by profile, platform and viewpoint, and of the day in the table."""

    def __init__(self, table: LimitsTable | None = None) -> None:
        self._table = table or LimitsTable.in_memory()
        self._spent: Counter[PageView] = Counter()
        self.cut_short: set[str] = set()  # profiles that the day's limit left without a page

    def refusal(self, url: str, view: PageView, limits: Limits, now: float) -> str:
        """Count one page view and return "", or return in words why the platform allows no more."""
        if not is_loopback(host_of(url)):
            if self._spent[view] >= limits.page_views:
                return (
                    f"this platform's limit is {limits.page_views} page views per profile and run from the"
                    f" {view.viewpoint} viewpoint"
                )
            if not self._table.take(view, now, most=limits.page_views_a_day):
                self.cut_short.add(view.profile)
                return f"this platform's limit is {limits.page_views_a_day} page views in 24 hours"
        self._spent[view] += 1
        return ""

    def by_viewpoint(self) -> dict[str, int]:
        """Return how many main documents were asked for from each viewpoint."""
        sums: Counter[str] = Counter()
        for view, count in self._spent.items():
            sums[view.viewpoint] += count
        return dict(sums)

    def of_profile(self, profile: str) -> int:
        """Return how many main documents were asked for this profile, from all viewpoints."""
        return sum(count for view, count in self._spent.items() if view.profile == profile)


class ConcurrencyLimit:
    """Bounds how many page loads are under way; waiting ones are served in their order.

    Unlike asyncio's semaphore it gives several slots at once, so that two viewpoints get theirs together and
    two pages cannot each wait for the slot that the other one holds.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self._free = self.count
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def hold(self, wanted: int) -> AsyncIterator[None]:
        """Hold so many slots at once (never more than there are) while the block runs."""
        number = min(wanted, self.count)
        await self._acquire(number)
        try:
            yield
        finally:
            self._release(number)

    async def _acquire(self, number: int) -> None:
        if not self._queue and self._free >= number:
            self._free -= number
            return
        turn = (number, asyncio.get_running_loop().create_future())
        self._queue.append(turn)
        try:
            await turn[1]
        except asyncio.CancelledError:
            # Cancelled while it waited: those behind may have become first. Cancelled in the moment between
            # being served and waking up: what it was given goes back.
            if turn in self._queue:
                self._queue.remove(turn)
                self._release(0)
            else:
                self._release(number)
            raise

    def _release(self, number: int) -> None:
        self._free += number
        while self._queue and self._queue[0][0] <= self._free:
            wanted, future = self._queue.popleft()
            if not future.done():
                self._free -= wanted
                future.set_result(None)


class DispatchGate:
    """Tells when the requests of all viewpoints that load a page together have left, or were answered."""

    def __init__(self, count: int, *, until_answered: bool = False) -> None:
        self._waiting = count
        self._until_answered = until_answered
        self._all = asyncio.Event()

    @property
    def is_over(self) -> bool:
        """Return whether that is so, and the turn in which they left is over or just ending."""
        return self._all.is_set()

    def note_departure(self) -> None:
        """Note that one of the requests has left."""
        self._count_down(ends=not self._until_answered)

    def note_answer(self) -> None:
        """Note that one of the requests was answered."""
        self._count_down(ends=self._until_answered)

    def _count_down(self, *, ends: bool) -> None:
        self._waiting -= ends
        if self._waiting <= 0:
            self._all.set()

    async def all_unless(self, work: asyncio.Task[Any]) -> None:
        """Wait until that is so, or until the work has ended without it."""
        left = asyncio.ensure_future(self._all.wait())
        try:
            await asyncio.wait({left, work}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left.cancel()


class Pace:
    """Keeps the minimum gap between the page views of one host and viewpoint."""

    def __init__(
        self,
        *,
        now: Callable[[], float],  # seconds since 1970
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        table: LimitsTable | None = None,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._random = random
        self._table = table or LimitsTable.in_memory()
        self._locks: defaultdict[TurnKey, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, url: str, viewpoints: tuple[str, ...], limits: Limits) -> AsyncIterator[None]:
        """Wait until all viewpoints may ask the host; their requests have left when the block ends.

        The next ones wait until the block has ended, so that a page load which waits in it for a slot, or for
        its tab, cannot leave together with theirs.
        """
        if not self.holds(url):
            yield
            return
        # Sorted, so that two pages never wait for each other's locks.
        keys = [(host_of(url), viewpoint) for viewpoint in sorted(set(viewpoints))]
        async with AsyncExitStack() as held:
            # Within the process they are served in their order; only the first of them asks the others.
            for key in keys:
                await held.enter_async_context(self._locks[key])
            held.enter_context(await self._begin(keys, limits))
            try:
                yield
            finally:
                # Before the lock is given back, however the block ended: a request may have left.
                self._table.write_turns(keys, self._next(limits), under_way=False)

    async def _begin(self, keys: list[TurnKey], limits: Limits) -> ExitStack:
        """Wait until this process may ask now; return the lock that keeps the others from it."""
        poll = min(max(limits.gap_seconds / 10, _SHORTEST_POLL), _LONGEST_POLL)
        while True:
            held = self._table.lock_turns(keys)
            if held is None:
                await self._sleep(poll * (0.5 + self._random()))
                continue
            try:
                left = self._seconds_left(keys, limits)
                if left <= 0:
                    self._table.write_turns(keys, self._next(limits), under_way=True)
                    return held
            except BaseException:  # Ctrl-C too: the others wait for this lock
                held.close()
                raise
            held.close()
            await self._sleep(left)

    def _seconds_left(self, keys: list[TurnKey], limits: Limits) -> float:
        turns = self._table.turns(keys)
        if any(under_way for _, under_way in turns.values()):
            # Its holder was killed: its request may have left at any time until now.
            self._table.write_turns(keys, self._next(limits), under_way=False)
            turns = self._table.turns(keys)
        left = max((at - self._now() for at, _ in turns.values()), default=0.0)
        if left > _CLOCK_WAS_SET * (limits.gap_seconds + limits.jitter_seconds):
            self._table.write_turns(keys, self._next(limits), under_way=False)
            return limits.gap_seconds
        return left if left > _SAME_MOMENT else 0.0

    def _next(self, limits: Limits) -> float:
        return self._now() + limits.gap_seconds + limits.jitter_seconds * self._random()

    def holds(self, url: str) -> bool:
        """Return whether page loads at this address keep a pace."""
        return is_opened(url) and not is_loopback(host_of(url))

    async def again(self, url: str, viewpoint: str, limits: Limits, gate: DispatchGate | None) -> None:
        """Wait before a page is asked for again after a crash.

        As long as the turn is held in which it was asked for first, no one else asks: the gap is enough.
        """
        if gate is not None and not gate.is_over:
            if self.holds(url):
                await self._sleep(limits.gap_seconds)
            return
        async with self.turn(url, (viewpoint,), limits):
            pass
