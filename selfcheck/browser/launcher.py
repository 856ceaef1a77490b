"""Starts the browser, and starts it again when it has gone."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.interceptor import RequestInterceptor
from selfcheck.browser.launch_options import arguments, sandboxed
from selfcheck.core.secret_text import child_environment
from selfcheck.errors import BrowserMissingError

_MOST_STARTS = 6
_START_MILLISECONDS = 30_000
_CLOSE_SECONDS = 5.0
_NO_SANDBOX = "No usable sandbox"
"""What Chromium writes as it gives up."""


class BrowserGoneError(Exception):
    """The browser has gone, or could not be started again."""


class BrowserProcess:
    """One browser process, with its guard before it; `generation` counts how often it was started."""

    def __init__(
        self, playwright: Playwright, choice: BrowserChoice, *, headed: bool, say: Callable[[str], None]
    ) -> None:
        self._playwright = playwright
        self._choice = choice
        self._headed = headed
        self._say = say
        self._lock = asyncio.Lock()
        self._browser: Browser | None = None
        self._guard: RequestInterceptor | None = None
        self.generation = 0

    @property
    def alive(self) -> bool:
        """Return whether the browser runs."""
        return self._browser is not None and self._browser.is_connected()

    async def ready(self) -> tuple[Browser, RequestInterceptor]:
        """Return the running browser and its guard, started where needed; `BrowserGoneError` otherwise."""
        async with self._lock:
            if not self.alive:
                await self._start()
            assert self._browser is not None
            assert self._guard is not None
            return self._browser, self._guard

    async def gone(self) -> bool:
        """Return whether the browser has gone; one that is just going is given a moment to be noticed."""
        for _ in range(20):
            if not self.alive:
                return True
            await asyncio.sleep(0.01)
        return False

    async def close(self) -> None:
        """Close the browser; one that does not answer is left to the driver, which ends it."""
        if self._browser is not None and self.alive:
            try:
                await asyncio.wait_for(self._browser.close(), _CLOSE_SECONDS)
            except (PlaywrightError, TimeoutError):
                self._browser = None

    async def _start(self) -> None:
        if self.generation >= _MOST_STARTS:
            raise BrowserGoneError(f"the browser was started {_MOST_STARTS} times and went each time")
        if self.generation:
            self._say("The browser went away; it is started again.")
        self.generation += 1
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=self._choice.path,
                headless=not self._headed,
                args=arguments(),
                chromium_sandbox=sandboxed(),
                env=dict(child_environment(os.environ)),
                timeout=_START_MILLISECONDS,
                # Ctrl-C is ours: the run closes the browser itself, after what was finished is kept.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            self._guard = await RequestInterceptor.of(self._browser)
        except PlaywrightError as error:
            raise BrowserGoneError(error.message) from error


@asynccontextmanager
async def open_browsers(
    choice: BrowserChoice, *, headed: bool, count: int, say: Callable[[str], None]
) -> AsyncIterator[tuple[BrowserProcess, ...]]:
    """Start Playwright and `count` browser processes; all are closed when the block ends.

    Only the first is started now, to know that it can be; the others are when they are needed.
    """
    driver = async_playwright()
    playwright = await driver.start()
    processes = tuple(BrowserProcess(playwright, choice, headed=headed, say=say) for _ in range(count))
    try:
        try:
            await processes[0].ready()
        except BrowserGoneError as error:
            raise could_not_start(choice, str(error)) from error
        yield processes
    finally:
        await asyncio.gather(*(process.close() for process in processes))
        await playwright.stop()


def could_not_start(choice: BrowserChoice, message: str) -> BrowserMissingError:
    """Return the error for a browser that is there but does not start."""
    what = f"The browser {choice.path} could not be started."
    if _NO_SANDBOX in message:
        return BrowserMissingError(
            what,
            cause="This system does not let it make its sandbox, which keeps web pages away from your files."
            " Containers forbid it, and some systems do for browsers that they did not install themselves.",
            next_step="Install the system's own Chrome or Chromium and name it with --browser. Within a"
            " container, which shuts the browser in itself, set SELFCHECK_SANDBOX=off.",
        )
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return BrowserMissingError(
        what,
        cause=lines[0][:300] if lines else "",
        next_step=lambda hints: f"Run `{hints.command('doctor')}`, or name another browser with --browser.",
    )
