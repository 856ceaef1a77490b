"""Browsers that stay open from one pool to the next, for a process that looks all day.

Laws:
1. Each pool has contexts and proxies of its own: nothing of one look is left for the next.
2. Browsers grow with time and may crash, so they are replaced after `MOST_POOLS` pools, or where one had to
   be started again. The old ones are closed when the last pool that has them ends.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.launcher import BrowserProcess, RemoteBrowser, open_browsers
from selfcheck.browser.pool import PROCESSES, BrowserPool, PoolOptions, pool_of

MOST_POOLS = 50
"""Ours: starting a browser takes a second or two, so that it is a small part of so many looks."""


@dataclass
class _OpenBrowsers:
    processes: tuple[BrowserProcess, ...]
    stack: AsyncExitStack
    pools: int = 0  # so far
    users: int = 0  # pools that are open

    @property
    def is_worn(self) -> bool:
        return self.pools >= MOST_POOLS or any(process.generation > 1 for process in self.processes)


class KeptBrowsers:
    """Opens pools on browsers that it keeps; it is a context manager, and closes them at its end.

    All pools are for the same choice of a browser and the same mode.
    """

    def __init__(self) -> None:
        self._opening = asyncio.Lock()
        self._current: _OpenBrowsers | None = None

    async def __aenter__(self) -> Self:
        """Return itself; nothing is started before it is needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the browsers."""
        current, self._current = self._current, None
        if current is not None:
            await current.stack.aclose()

    @asynccontextmanager
    async def open_pool(
        self, choice: BrowserChoice | RemoteBrowser, options: PoolOptions
    ) -> AsyncIterator[BrowserPool]:
        """Give a pool on these browsers. Raise BrowserMissingError where they cannot be started."""
        async with self._opening:
            if self._current is None or self._current.is_worn:
                await self._replace(choice, options)
            browsers = self._current
            assert browsers is not None
            browsers.pools += 1
            browsers.users += 1
        try:
            yield await pool_of(choice, browsers.processes, options)
        finally:
            browsers.users -= 1
            if browsers is not self._current and not browsers.users:
                await browsers.stack.aclose()

    async def _replace(self, choice: BrowserChoice | RemoteBrowser, options: PoolOptions) -> None:
        old, self._current = self._current, None
        if old is not None and not old.users:
            await old.stack.aclose()
        stack = AsyncExitStack()
        opened = open_browsers(choice, mode=options.mode, count=PROCESSES, say=options.say)
        self._current = _OpenBrowsers(processes=await stack.enter_async_context(opened), stack=stack)
