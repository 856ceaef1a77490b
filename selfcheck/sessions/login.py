"""Signing in by hand, in a browser that the user sees, and keeping the session.

Laws:
1. No password is asked for, seen or stored; the user types it into the platform's own page.
2. It has worked when the platform file's marks say so, twice in a row, and not before.
3. Only what belongs to the platform is kept: no cookie of a sign-in provider, no other site's data.
4. A browser that the user started is left running, with its windows as they were.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Response, async_playwright
from playwright.async_api import Error as PlaywrightError

from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.failures import failure_of, start_words
from selfcheck.browser.launcher import could_not_start, sandboxed
from selfcheck.browser.page_load import read_page
from selfcheck.browser.storage_state import StorageState, hosts_of, of_hosts
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import AUTHOR
from selfcheck.core.hosts import host_of, is_loopback, is_of_site
from selfcheck.core.labels import failure_words
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.core.secret_text import child_environment
from selfcheck.errors import LoginFailedError, UsageError
from selfcheck.platforms.page_urls import fill
from selfcheck.platforms.schema import Platform

_EVERY_SECONDS = 1.0
_TIMES_IN_A_ROW = 2


@dataclass(frozen=True, kw_only=True)
class SignInTarget:
    """Where the user signs in, and what is needed to see that it has worked."""

    platform: Platform
    home: str
    check_url: str  # the page that shows whether, and as whom, the user is signed in
    observe: Callable[[Capture], Observation]
    say: Callable[[str], None]
    deadline: float  # seconds
    pasted: Callable[[], str | None] = lambda: None  # a sign-in link that the user has pasted meanwhile


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A session, and whose it is; None where the platform's pages do not show it."""

    state: StorageState
    handle: str | None


def sign_in(choice: BrowserChoice, target: SignInTarget, *, headed: bool = True) -> SignedIn:
    """Open the platform's sign-in page, wait until the user has signed in, and return the session.

    `LoginFailedError` where the user closes the window, where the time is up, or where the platform file
    does not say how to sign in.
    """
    return asyncio.run(_sign_in(choice, target, headed=headed))


def take_over(endpoint: str, target: SignInTarget) -> SignedIn:
    """Return the session of a browser that the user started with a debugging port on this machine."""
    if not is_loopback(host_of(endpoint)):
        raise UsageError(
            f"{endpoint} is not on this machine.",
            cause="On the way to another machine, everything in the browser could be read by others.",
            next_step="Start the browser here with --remote-debugging-port=9222 and a profile folder of its"
            " own, and give http://127.0.0.1:9222.",
        )
    return asyncio.run(_take_over(endpoint, target))


def link_refusal(link: str, hosts: tuple[str, ...]) -> str | None:
    """Return why a sign-in link is not opened: it must lead to the platform, over https; else None."""
    host = host_of(link)
    if not any(is_of_site(host, own) for own in hosts):
        return f"It leads to {host or 'no web address'}, not to the platform; open it in the window yourself."
    if not link.startswith("https://") and not is_loopback(host):
        return "It is not encrypted (https)."
    return None


def refuse_without_display(
    profile: ProfileRequest, profiles_file: Path, *, environ: Mapping[str, str], system: str = sys.platform
) -> None:
    """Raise LoginFailedError where no window can be opened: on Linux without a display."""
    if system != "linux" or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return
    raise LoginFailedError(
        "A window is needed to sign in by hand, and this machine has no display.",
        cause="Neither DISPLAY nor WAYLAND_DISPLAY is set: a server, a container or a plain SSH session.",
        next_step=lambda hints: (
            f"Run `{hints.command('login', profile.name, profiles=profiles_file)}` on a"
            f" machine with a screen, then `{hints.command('session', 'export', profile.session)}` there; put"
            " the line that it prints into a file here (with the key in SELFCHECK_KEY), and run"
            f" `{hints.command('session', 'import', profile.session, 'FILE', profiles=profiles_file)}`."
        ),
    )


async def _sign_in(choice: BrowserChoice, target: SignInTarget, *, headed: bool) -> SignedIn:
    if target.platform.sign_in is None:
        raise LoginFailedError(f"The platform file of {target.platform.title} does not say how to sign in.")
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=choice.path,
                headless=not headed,
                chromium_sandbox=sandboxed(),
                env=dict(child_environment(os.environ)),
                # A person signs in here, and some sign-in pages refuse automated windows.
                ignore_default_args=["--enable-automation"],
                handle_sigint=False,
            )
        except PlaywrightError as error:
            raise could_not_start(choice, error.message) from error
        try:
            return await _SignInWindow(browser, target).in_a_new_window()
        finally:
            await browser.close()


async def _take_over(endpoint: str, target: SignInTarget) -> SignedIn:
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.connect_over_cdp(endpoint)
        except PlaywrightError as error:
            raise LoginFailedError(
                f"No browser answers at {endpoint}.",
                cause=start_words(error.message),
                next_step="Start it with --remote-debugging-port=9222 and --user-data-dir=FOLDER.",
            ) from error
        try:
            return await _SignInWindow(browser, target).in_the_users_window()
        finally:
            await browser.close()  # of a browser that was only connected to: hangs up


class _SignInWindow:
    """The window in which the user signs in."""

    def __init__(self, browser: Browser, target: SignInTarget) -> None:
        self._browser = browser
        self._target = target
        self._platform = target.platform
        self._statuses: dict[str, int] = {}

    async def in_a_new_window(self) -> SignedIn:
        """Open the sign-in page, and return the session when the user has signed in."""
        assert self._platform.sign_in is not None
        try:
            context = await self._browser.new_context(no_viewport=True)
            context.on("response", self._note_status)
            page = await context.new_page()
            await self._open(page, fill(self._platform.sign_in.url, {"home": self._target.home}))
            self._target.say(f"Sign in to {self._platform.title} in the window that has opened.")
            return await self._until_signed_in(context)
        except PlaywrightError as error:
            raise LoginFailedError(
                "The window was closed before the sign-in was complete.",
                cause="Nothing was saved.",
                next_step=lambda hints: f"Run `{hints.command('login')}` again.",
            ) from error

    async def in_the_users_window(self) -> SignedIn:
        """Read the pages that are open, or one in a new tab, and return the session."""
        opened: Page | None = None
        try:
            context = self._browser.contexts[0]
            context.on("response", self._note_status)
            if not any(self._is_own(page) for page in context.pages):
                opened = await context.new_page()
                await self._open(opened, self._target.check_url)
            return await self._until_signed_in(context)
        except PlaywrightError as error:
            raise LoginFailedError(
                "The browser was closed before a signed-in page was seen.",
                cause="Nothing was saved.",
                next_step="Start it again, and sign in there.",
            ) from error
        finally:
            if opened is not None:
                with suppress(PlaywrightError):  # the user may have closed it
                    await opened.close()

    async def _until_signed_in(self, context: BrowserContext) -> SignedIn:
        in_a_row, until = 0, time.monotonic() + self._target.deadline
        while time.monotonic() < until:
            await self._follow_a_pasted_link(context)
            observation = await self._signed_in_page(context)
            in_a_row = in_a_row + 1 if observation else 0
            if observation and in_a_row >= _TIMES_IN_A_ROW:
                handle = observation.signed_in_as or await self._handle(context)
                state = of_hosts(dict(await context.storage_state()), self._hosts())
                return SignedIn(state=state, handle=handle)
            await asyncio.sleep(_EVERY_SECONDS)
        raise LoginFailedError(
            f"No signed-in page appeared within {self._target.deadline / 60:g} minutes.",
            cause="The sign-in was not finished, or the platform has changed its pages.",
            next_step=lambda hints: f"Run `{hints.command('login')}` again.",
        )

    async def _follow_a_pasted_link(self, context: BrowserContext) -> None:
        link = self._target.pasted()
        if not link:
            return
        refusal = link_refusal(link, self._hosts())
        if refusal or not context.pages:
            self._target.say(f"That link is not opened. {refusal}")
            return
        self._target.say("Opening the link in the window.")
        # An old link opens nothing; the user sees the window and tries again.
        with suppress(LoginFailedError):
            await self._open(context.pages[-1], link)

    async def _handle(self, context: BrowserContext) -> str | None:
        """Return whose session it is by the page that shows it, where the open ones do not."""
        sign_in = self._platform.sign_in
        assert sign_in is not None
        if not sign_in.known_on(sign_in.check).whose:
            return None
        page = await context.new_page()
        try:
            await page.goto(self._target.check_url, wait_until="domcontentloaded")
            capture = await self._capture(page)
        except PlaywrightError:
            return None  # the session works all the same; `session check` finds out later
        finally:
            await page.close()
        return self._target.observe(capture).signed_in_as if capture else None

    async def _signed_in_page(self, context: BrowserContext) -> Observation | None:
        """Return what a page says that shows the user signed in; None where no open page does."""
        if not context.pages:
            raise PlaywrightError("all windows are closed")
        assert self._platform.sign_in is not None
        names = self._platform.sign_in.cookies
        if names and not any(cookie.get("name") in names for cookie in await context.cookies()):
            return None
        for page in context.pages:
            capture = await self._capture(page) if self._is_own(page) else None
            observation = self._target.observe(capture) if capture else None
            if observation is not None and observation.signed_in is True:
                return observation
        return None

    def _is_own(self, page: Page) -> bool:
        return any(is_of_site(host_of(page.url), host) for host in self._hosts())

    async def _capture(self, page: Page) -> Capture | None:
        assert self._platform.sign_in is not None
        try:
            content = await read_page(page)
        except PlaywrightError:
            # It is just going elsewhere, or was closed; the next round reads it again.
            return None
        now, url, kind = datetime.now(tz=UTC), page.url, self._platform.sign_in.check
        return Capture(
            visit=PageRequest(profile="", kind=kind, url=url, viewpoints=(AUTHOR,), folder="", picture=False),
            viewpoint=AUTHOR,
            started_at=now,
            finished_at=now,
            status=self._statuses.get(url, 200),
            content_type="text/html",
            final_url=content.url,
            title=content.title,
            robots_meta=content.robots,
            canonical=content.canonical,
            text=content.text,
            html=content.html,
        )

    def _note_status(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._statuses[response.url] = response.status

    def _hosts(self) -> tuple[str, ...]:
        return hosts_of(self._platform, self._target.home)

    async def _open(self, page: Page, url: str) -> None:
        try:
            await page.goto(url, wait_until="commit")
        except PlaywrightError as error:
            if page.is_closed() or not self._browser.is_connected():
                raise
            raise LoginFailedError(
                f"The sign-in page {url} did not open.",
                cause=f"The browser says that {failure_words(failure_of(error.message))}.",
                next_step=lambda hints: f"Check the network, then run `{hints.command('login')}` again.",
            ) from error
