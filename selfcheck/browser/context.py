"""A viewpoint: one fresh browser context, with nothing stored in it or with the author's session."""

import asyncio
from importlib.resources import files
from typing import Any

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from selfcheck.browser.interceptor import RequestInterceptor
from selfcheck.browser.launch_options import VIEWPORT_HEIGHT, VIEWPORT_WIDTH
from selfcheck.browser.launcher import BrowserProcess
from selfcheck.browser.redaction import secrets_of
from selfcheck.browser.request_count import Footprint
from selfcheck.browser.request_policy import PagePolicy
from selfcheck.browser.storage_state import StorageState, hosts_of
from selfcheck.core.enums import ANONYMOUS
from selfcheck.core.hosts import host_of
from selfcheck.platforms.schema import Platform

_SOCKETS = (files("selfcheck.browser") / "scripts" / "sockets.js").read_text(encoding="utf-8")

_CLOSE_SECONDS = 3.0


class ViewContext:
    """One viewpoint of one profile. The saved session is only read, never changed."""

    def __init__(
        self,
        *,
        name: str,
        platform: Platform,
        home: str,
        state: StorageState | None,
        process: BrowserProcess,
        footprint: Footprint,
    ) -> None:
        self.name = name
        self.platform = platform
        self.home = home
        self.state = state
        self.process = process
        self._footprint = footprint
        self._lock = asyncio.Lock()
        self._context: BrowserContext | None = None
        self._generation = 0
        self._cookies: list[Any] = []
        self._closing: set[asyncio.Task[None]] = set()

    def rules_for(self, url: str) -> PagePolicy:
        """Return what a page at this address may ask for."""
        platform = self.platform
        return PagePolicy(
            page_host=host_of(url),
            blocked=platform.limits.blocked,
            harmless=platform.limits.harmless,
            responses=platform.responses,
            author=self.name != ANONYMOUS,
            own_hosts=hosts_of(platform, self.home),
        )

    async def context(self, url: str) -> tuple[BrowserContext, RequestInterceptor]:
        """Return the view's context, made anew where the browser was started again."""
        browser, guard = await self.process.ready()
        async with self._lock:
            if self._context is None or self._generation != self.process.generation:
                self._context = await browser.new_context(
                    storage_state=self.state,  # type: ignore[arg-type]  # its form was checked when read
                    viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT},
                    accept_downloads=False,
                    service_workers="block",
                    locale="en-US",
                    timezone_id="UTC",
                    reduced_motion="reduce",
                    color_scheme="light",
                )
                await self._context.add_init_script(_SOCKETS)
                self._footprint.watch(self._context, self.name)
                self._generation = self.process.generation
        rules = self.rules_for(url)
        await guard.admit(f"{self.name} {self.platform.platform} {rules.page_host}", rules)
        return self._context, guard

    async def secrets(self) -> frozenset[str]:
        """Return the values that must not leave: of the saved session and of the context's cookies now."""
        names = self.platform.sign_in.cookies if self.platform.sign_in else ()
        return secrets_of(self.state, await self._cookies_now(), names=names)

    async def rotated(self) -> StorageState | None:
        """Return the session with the cookies that the platform has replaced, or None if it has none.

        Cookies that the platform took away are kept as they were: a session that ended is not written back.
        """
        if self.state is None:
            return None
        current = {_key(cookie): cookie for cookie in await self._cookies_now()}
        names = set(self.platform.sign_in.cookies) if self.platform.sign_in else set()
        cookies = [
            _renewed(cookie, current) if not names or cookie["name"] in names else cookie
            for cookie in self.state["cookies"]
        ]
        return {**self.state, "cookies": cookies} if cookies != self.state["cookies"] else None

    def let_go(self, page: Page) -> None:
        """Close a page while the next look has begun: that takes a tenth of a look, and nobody needs it."""
        task = asyncio.create_task(close_page(page))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close the context and what is left of its pages."""
        await self._close_context()
        await asyncio.gather(*self._closing)

    async def _close_context(self) -> None:
        if self._context is None:
            return
        try:
            await self._context.close()
        except PlaywrightError:
            # The browser has gone, and the context with it.
            self._context = None

    async def _cookies_now(self) -> list[Any]:
        if self._context is not None and self.process.alive:
            try:
                self._cookies = list(await self._context.cookies())
            except PlaywrightError:
                # The browser is just going; what it held at the last look is known.
                return self._cookies
        return self._cookies


def _key(cookie: Any) -> tuple[str, str, str]:
    return cookie["name"], cookie.get("domain", ""), cookie.get("path", "/")


def _renewed(cookie: Any, current: dict[tuple[str, str, str], Any]) -> Any:
    now = current.get(_key(cookie))
    if now is None or not now["value"] or now["value"] == cookie["value"]:
        return cookie
    return {**cookie, "value": now["value"], "expires": now["expires"]}


async def close_page(page: Page) -> None:
    """Close a page; one that crashed or hangs goes with its context."""
    try:
        await asyncio.wait_for(page.close(), _CLOSE_SECONDS)
    except (PlaywrightError, TimeoutError):
        return
