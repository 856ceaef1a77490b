"""Signing in by hand, in a browser that the user sees, and keeping the session.

Laws:
1. No password is asked for, seen or stored; the user types it into the platform's own page.
2. It has worked when the platform file's marks say so, twice in a row, and not before.
3. Only what belongs to the platform is kept: no cookie of a sign-in provider, no other site's data.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Response, async_playwright
from playwright.async_api import Error as PlaywrightError

from selfcheck.capture.addresses import host_of
from selfcheck.capture.browsers import could_not_start
from selfcheck.capture.finding import BrowserChoice
from selfcheck.capture.flags import sandbox_arguments
from selfcheck.capture.looking import READ, TEXT_LIMIT
from selfcheck.capture.sessions import StorageState
from selfcheck.errors import LoginFailedError
from selfcheck.model.capture import Capture
from selfcheck.model.commands import command_line
from selfcheck.model.visit import Visit
from selfcheck.model.words import AUTHOR
from selfcheck.platforms.addresses import fill
from selfcheck.platforms.schema import Platform

_EVERY_SECONDS = 1.0
_TIMES_IN_A_ROW = 2


def sign_in(
    choice: BrowserChoice,
    platform: Platform,
    home: str,
    *,
    is_signed_in: Callable[[Capture], bool],
    say: Callable[[str], None],
    deadline: float,
    headed: bool = True,
) -> StorageState:
    """Open the platform's sign-in page, wait until the user has signed in, and return the session.

    `is_signed_in` reads what the browser shows; `deadline` is in seconds. `LoginFailedError` where the user
    closes the window, where the time is up, or where the platform file does not say how one signs in.
    """
    return asyncio.run(
        _sign_in(
            choice,
            platform,
            home,
            is_signed_in=is_signed_in,
            say=say,
            deadline=deadline,
            headed=headed,
        )
    )


def of_hosts(state: StorageState, hosts: tuple[str, ...]) -> StorageState:
    """Return the part of a storage state that belongs to these hosts (`*.` stands for any subdomain)."""
    cookies = [cookie for cookie in state["cookies"] if _cookie_reaches(cookie["domain"], hosts)]
    origins = [
        origin
        for origin in state.get("origins", [])
        if any(_is_of(host_of(origin["origin"]), host) for host in hosts)
    ]
    return {"cookies": cookies, "origins": origins}


def _cookie_reaches(domain: str, hosts: tuple[str, ...]) -> bool:
    bare = domain.lstrip(".").lower()
    if any(_is_of(bare, host) for host in hosts):
        return True
    # A cookie of example.org is sent to blog.example.org too, if it was set for the whole domain.
    return domain.startswith(".") and any(host.removeprefix("*.").endswith(f".{bare}") for host in hosts)


def _is_of(name: str, host: str) -> bool:
    bare = host.removeprefix("*.")
    return name == bare or (host.startswith("*.") and name.endswith(f".{bare}"))


async def _sign_in(
    choice: BrowserChoice,
    platform: Platform,
    home: str,
    *,
    is_signed_in: Callable[[Capture], bool],
    say: Callable[[str], None],
    deadline: float,
    headed: bool,
) -> StorageState:
    if platform.sign_in is None:
        raise LoginFailedError(f"The platform file of {platform.title} does not say how one signs in.")
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=choice.path,
                headless=not headed,
                args=sandbox_arguments(),
                # It is a person who signs in here, and some sign-in pages refuse automated windows.
                ignore_default_args=["--enable-automation"],
                handle_sigint=False,
            )
        except PlaywrightError as error:
            raise could_not_start(choice, error.message) from error
        try:
            session = _Signing(browser, platform, home, is_signed_in=is_signed_in, say=say)
            return await session.wait(deadline)
        finally:
            await browser.close()


class _Signing:
    """The window in which the user signs in."""

    def __init__(
        self,
        browser: Browser,
        platform: Platform,
        home: str,
        *,
        is_signed_in: Callable[[Capture], bool],
        say: Callable[[str], None],
    ) -> None:
        self._browser = browser
        self._platform = platform
        self._home = home
        self._is_signed_in = is_signed_in
        self._say = say
        self._statuses: dict[str, int] = {}

    async def wait(self, deadline: float) -> StorageState:
        """Return the session when the user has signed in."""
        assert self._platform.sign_in is not None
        try:
            context = await self._browser.new_context(no_viewport=True)
            context.on("response", self._note_status)
            page = await context.new_page()
            await self._open(page, fill(self._platform.sign_in.url, {"home": self._home}))
            self._say(f"Sign in to {self._platform.title} in the window that has opened.")
            return await self._until_signed_in(context, time.monotonic() + deadline, deadline)
        except PlaywrightError as error:
            raise LoginFailedError(
                "The window was closed before the sign-in was seen.",
                cause="Nothing was saved.",
                next_step=f"Run `{command_line('login')}` again.",
            ) from error

    async def _until_signed_in(self, context: BrowserContext, until: float, deadline: float) -> StorageState:
        in_a_row = 0
        while time.monotonic() < until:
            in_a_row = in_a_row + 1 if await self._seen_signed_in(context) else 0
            if in_a_row >= _TIMES_IN_A_ROW:
                return of_hosts(dict(await context.storage_state()), self._hosts())
            await asyncio.sleep(_EVERY_SECONDS)
        raise LoginFailedError(
            f"No signed-in page was seen within {deadline / 60:g} minutes.",
            cause="The sign-in was not finished, or the platform has changed its pages.",
            next_step=f"Run `{command_line('login')}` again.",
        )

    async def _seen_signed_in(self, context: BrowserContext) -> bool:
        if not context.pages:
            raise PlaywrightError("all windows are closed")
        if not await self._has_session_cookie(context):
            return False
        for page in context.pages:
            if any(_is_of(host_of(page.url), host) for host in self._hosts()):
                capture = await self._capture(page)
                if capture is not None and self._is_signed_in(capture):
                    return True
        return False

    async def _has_session_cookie(self, context: BrowserContext) -> bool:
        assert self._platform.sign_in is not None
        names = self._platform.sign_in.cookies
        return not names or any(cookie.get("name") in names for cookie in await context.cookies())

    async def _capture(self, page: Page) -> Capture | None:
        assert self._platform.sign_in is not None
        try:
            read = await page.evaluate(READ, {"limit": TEXT_LIMIT})
        except PlaywrightError:
            # It is just going elsewhere, or was closed; the next round tells.
            return None
        return self._capture_of(page.url, read)

    def _capture_of(self, url: str, read: dict[str, Any]) -> Capture:
        assert self._platform.sign_in is not None
        now = datetime.now(tz=UTC)
        kind = self._platform.sign_in.check
        visit = Visit(profile="", kind=kind, url=url, viewpoints=(AUTHOR,), folder="", picture=False)
        return Capture(
            visit=visit,
            viewpoint=AUTHOR,
            started_at=now,
            finished_at=now,
            status=self._statuses.get(url, 200),
            content_type="text/html",
            final_url=read["url"],
            title=read["title"],
            robots_meta=read["robots"],
            canonical=read["canonical"],
            text=read["text"],
            html=read["html"],
        )

    def _note_status(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._statuses[response.url] = response.status

    def _hosts(self) -> tuple[str, ...]:
        home = host_of(self._home)
        hosts = self._platform.hosts
        return hosts if any(_is_of(home, host) for host in hosts) else (home,)

    async def _open(self, page: Page, url: str) -> None:
        try:
            await page.goto(url, wait_until="commit")
        except PlaywrightError as error:
            if page.is_closed() or not self._browser.is_connected():
                raise
            raise LoginFailedError(
                f"The sign-in page {url} did not open.",
                cause=error.message.split("\n", 1)[0],
                next_step=f"Check the network, then run `{command_line('login')}` again.",
            ) from error
