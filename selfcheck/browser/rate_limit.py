"""How slowly and how few pages are loaded.

Laws:
1. Between the requests for two pages of one host from one viewpoint lies the platform's minimum gap and a
   random part of its jitter, counted from when the first of them left: a tab may take its time to open.
   Hosts do not wait for each other. This machine (loopback) has no pace.
2. No more page views than the platform file allows, per platform, viewpoint and run; loopback has no limit.
3. At most `jobs` page loads are under way at once, over all profiles.

The clock, the sleep and the randomness are passed in.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from selfcheck.core.hosts import host_of, is_loopback, is_opened
from selfcheck.platforms.schema import Limits


class Budget:
    """Counts the page views of a run, by platform and viewpoint."""

    def __init__(self) -> None:
        self._spent: Counter[tuple[str, str]] = Counter()

    def take(self, url: str, platform: str, viewpoint: str, limits: Limits) -> bool:
        """Count one page view and return True, or return False where the platform allows no more."""
        key = (platform, viewpoint)
        if self._spent[key] >= limits.page_views and not is_loopback(host_of(url)):
            return False
        self._spent[key] += 1
        return True

    def by_viewpoint(self) -> dict[str, int]:
        """Return how many main documents were asked for from each viewpoint."""
        sums: Counter[str] = Counter()
        for (_, viewpoint), count in self._spent.items():
            sums[viewpoint] += count
        return dict(sums)


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
    """Tells when the requests of all viewpoints that load a page together have left."""

    def __init__(self, count: int) -> None:
        self._waiting = count
        self._all = asyncio.Event()

    def note_departure(self) -> None:
        """Note that one of the requests has left."""
        self._waiting -= 1
        if self._waiting <= 0:
            self._all.set()

    async def all_unless(self, work: asyncio.Task[Any]) -> None:
        """Wait until all have left, or until the work has ended without that."""
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
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._random = random
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[tuple[str, str], float] = {}

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
            for key in keys:
                await held.enter_async_context(self._locks[key])
            left = max(self._next.get(key, 0.0) for key in keys) - self._now()
            if left > 0:
                await self._sleep(left)
            yield
            after = self._now() + limits.gap_seconds + limits.jitter_seconds * self._random()
            self._next.update(dict.fromkeys(keys, after))

    def holds(self, url: str) -> bool:
        """Return whether page loads at this address keep a pace."""
        return is_opened(url) and not is_loopback(host_of(url))

    async def pause(self, url: str, limits: Limits) -> None:
        """Wait the minimum gap before a page is asked for again after a crash."""
        if not is_loopback(host_of(url)):
            await self._sleep(limits.gap_seconds)
