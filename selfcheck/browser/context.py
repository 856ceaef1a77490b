"""A viewpoint: one fresh browser context, with nothing stored in it or with the author's session."""

import asyncio
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from selfcheck.browser.assistance import Assistance
from selfcheck.browser.interceptor import RequestInterceptor
from selfcheck.browser.launcher import VIEWPORT_HEIGHT, VIEWPORT_WIDTH, BrowserProcess, unwanted_hosts
from selfcheck.browser.proxy.network import Network
from selfcheck.browser.proxy.rules import ReachRules, endpoint_of
from selfcheck.browser.proxy.server import FilteringProxy, ProxyLog
from selfcheck.browser.request_count import RequestCounter
from selfcheck.browser.request_policy import PagePolicy
from selfcheck.browser.session_secrets import secrets_of
from selfcheck.browser.storage_state import Cookie, StorageState, hosts_of
from selfcheck.core.enums import ANONYMOUS, Clearance
from selfcheck.core.hosts import host_of
from selfcheck.platforms.catalogue import walls
from selfcheck.platforms.schema import Platform

_PAGE_WALLS = (files("selfcheck.browser") / "scripts" / "page_walls.js").read_text(encoding="utf-8")

_CLOSE_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Viewpoint:
    """Who opens the pages of which platform."""

    name: str  # ANONYMOUS, or whose session it is
    platform: Platform
    home: str  # the platform's address, or the profile's base_url
    state: StorageState | None  # the saved session, only read, never changed
    profile: str = ""  # for which profile pages are opened; "": for none in particular
    assistance: Assistance | None = None  # a person who passes walls
    budget: str = ""  # whose page views these are: "" those of the checks, else a budget of its own


class ViewContext:
    """One viewpoint of one profile, in a browser context of its own."""

    def __init__(
        self, viewpoint: Viewpoint, process: BrowserProcess, counter: RequestCounter, network: Network
    ) -> None:
        self.name = viewpoint.name
        self.platform = viewpoint.platform
        self.home = viewpoint.home
        self.profile = viewpoint.profile
        self.process = process
        self.assistance = viewpoint.assistance
        self.budget = viewpoint.budget
        cleared = viewpoint.name == ANONYMOUS and viewpoint.state is not None
        # How this context passes a wall, if one stands before its next page.
        self.clearance: Clearance | None = Clearance.KEPT if cleared else None
        self._state = viewpoint.state
        self._counter = counter
        self._lock = asyncio.Lock()
        self._context: BrowserContext | None = None
        self._generation = 0  # of the browser process in which the context was opened
        self._cookies: list[Cookie] = []
        self._secrets: frozenset[str] = frozenset()
        self._closing: set[asyncio.Task[None]] = set()
        self._proxy = FilteringProxy(
            ReachRules(
                home=endpoint_of(self.home),
                sites=hosts_of(self.platform, self.home),
                unwanted=unwanted_hosts(),
            ),
            network,
        )
        self._proxy_address = ""  # "": it does not run

    def policy_for(self, url: str) -> PagePolicy:
        """Return what a page at this address may ask for."""
        platform = self.platform
        return PagePolicy(
            page_host=host_of(url),
            blocked=(*platform.limits.blocked, *self.process.blocked),
            harmless=platform.limits.harmless,
            responses=platform.responses,
            author=self.name != ANONYMOUS,
            own_hosts=hosts_of(platform, self.home),
            checks=walls().checks if self.assistance else (),
        )

    async def context(self, url: str) -> tuple[BrowserContext, RequestInterceptor]:
        """Return the context, ready for a page at this address; it is opened again after a browser crash."""
        browser, interceptor = await self.process.ready()
        if endpoint := endpoint_of(url):
            self._proxy.rules.pages.add(endpoint)
        async with self._lock:
            # A browser on another machine cannot reach a proxy on this one.
            if not self._proxy_address and not self.process.remote:
                self._proxy_address = await self._proxy.start()
            if self._context is None or self._generation != self.process.generation:
                self._context = await browser.new_context(
                    storage_state=self._state,  # type: ignore[arg-type]  # its form was checked when read
                    viewport={"width": VIEWPORT_WIDTH, "height": VIEWPORT_HEIGHT},
                    accept_downloads=False,
                    service_workers="block",
                    locale="en-US",
                    timezone_id="UTC",
                    reduced_motion="reduce",
                    color_scheme="light",
                    # `<-loopback>`: without it Chromium asks no proxy for this machine's own addresses.
                    proxy={"server": self._proxy_address, "bypass": "<-loopback>"}
                    if self._proxy_address
                    else None,
                )
                # The interceptor does not see web sockets, so the page itself must not have any.
                await self._context.add_init_script(_PAGE_WALLS)
                self._counter.watch(self._context, self.name, self.connections)
                self._generation = self.process.generation
        policy = self.policy_for(url)
        await interceptor.admit(f"{self.name} {self.platform.platform} {policy.page_host}", policy)
        return self._context, interceptor

    def program_proxy(self, url: str) -> FilteringProxy:
        """Return a proxy, not started yet, for a request of ours at this address, without the browser."""
        if endpoint := endpoint_of(url):
            self._proxy.rules.pages.add(endpoint)
        return self._proxy.for_program()

    @property
    def connections(self) -> ProxyLog:
        """Return what went through the proxy so far, and what did not."""
        return self._proxy.log

    def note_sent(self, url: str) -> None:
        """Count a request that may leave, also one of a worker."""
        self._counter.let_go(url, self.name)

    async def secrets(self) -> frozenset[str]:
        """Return the values that must not leave: of the saved session and of all cookies so far."""
        names = self.platform.sign_in.cookies if self.platform.sign_in else ()
        names = (*names, *walls().clearance_cookies)
        cookies = await self._cookies_now()
        self._secrets |= secrets_of(self._state, cookies, names=names, every=self.name != ANONYMOUS)
        return self._secrets

    async def cookies(self) -> tuple[Cookie, ...]:
        """Return the cookies that the context holds now. They are secret."""
        return tuple(await self._cookies_now())

    async def rotated(self) -> StorageState | None:
        """Return the session with the cookies that the platform has replaced, or None if it has none.

        Cookies that the platform took away stay as they were: a session that ended is not written back.
        """
        if self._state is None:
            return None
        current = {_key(cookie): cookie for cookie in await self._cookies_now()}
        names = set(self.platform.sign_in.cookies) if self.platform.sign_in else set()
        cookies = [
            _renewed(cookie, current.get(_key(cookie))) if not names or cookie["name"] in names else cookie
            for cookie in self._state["cookies"]
        ]
        return {**self._state, "cookies": cookies} if cookies != self._state["cookies"] else None

    def close_in_background(self, page: Page) -> None:
        """Close a page while the next one loads: closing takes a tenth of a page load."""
        task = asyncio.create_task(close_page(page))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close the context and what is left of its pages."""
        if self._context is not None:
            try:
                await self._context.close()
            except PlaywrightError:
                # The browser has gone, and the context with it.
                self._context = None
        await asyncio.gather(*self._closing)
        self._proxy.close()
        self._counter.unseen(self.connections, self.name)

    async def _cookies_now(self) -> list[Cookie]:
        if self._context is not None and self.process.alive:
            try:
                cookies: list[Any] = list(await self._context.cookies())
                self._cookies = cookies
            except PlaywrightError:
                # The browser is just going; what it held after the last page is known.
                return self._cookies
        return self._cookies


def _key(cookie: Cookie) -> tuple[str, str, str]:
    return cookie["name"], cookie.get("domain", ""), cookie.get("path", "/")


def _renewed(cookie: Cookie, now: Cookie | None) -> Cookie:
    if now is None or not now["value"] or now["value"] == cookie["value"]:
        return cookie
    return {**cookie, "value": now["value"], "expires": now["expires"]}


async def close_page(page: Page) -> None:
    """Close a page; one that crashed or hangs goes with its context."""
    try:
        await asyncio.wait_for(page.close(), _CLOSE_SECONDS)
    except (PlaywrightError, TimeoutError):
        return
