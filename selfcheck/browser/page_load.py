"""One page load: open the page, wait until it shows what it is about, read it, take its screenshot.

Laws:
1. Trouble with the page or the network is a `Failure`; only crashes are raised, since those may be tried
   again.
2. A page has its platform's time limit in all; one that never settles is read two seconds before that ends,
   and marked as truncated.
3. A screenshot that fails costs the screenshot, never the page.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pybase64
from playwright.async_api import CDPSession, Page, Response
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from selfcheck.browser.assistance import Assistance
from selfcheck.browser.context import ViewContext, close_page
from selfcheck.browser.failures import failure_of, is_crash
from selfcheck.browser.interceptor import NavigationLog
from selfcheck.browser.launcher import VIEWPORT_WIDTH, BrowserGoneError
from selfcheck.core.capture import Capture, Failure, PageRequest, Redirect
from selfcheck.core.enums import ANONYMOUS, Clearance, FailureKind, Purpose
from selfcheck.core.hosts import is_opened
from selfcheck.core.labels import failure_words
from selfcheck.platforms.schema import Page as PlatformPage
from selfcheck.platforms.templates import fill_in, for_selector

_SCRIPTS = files("selfcheck.browser") / "scripts"
_SETTLE = (_SCRIPTS / "settle.js").read_text(encoding="utf-8")
_READ = (_SCRIPTS / "read.js").read_text(encoding="utf-8")
_STILL = (_SCRIPTS / "still.js").read_text(encoding="utf-8")
_COVER = (_SCRIPTS / "cover.js").read_text(encoding="utf-8")

_TEXT_LIMIT = 5_000_000  # characters
_MOST_HEIGHT = 6000  # CSS pixels; the screenshot of a longer page is cut here
_ERROR_STATUS = 400
_UNCHANGED_MILLISECONDS = 1500  # a page without any text is given so long after its last change
_UNCHANGED_WHEN_GONE_MILLISECONDS = 400  # the same, where the status already says that it is gone
_IMAGES_MILLISECONDS = 4000
_SCREENSHOT_SECONDS = 15.0
_MOST_RELOADS = 8
_NAVIGATED = ("Execution context was destroyed", "interrupted by another navigation", "Cannot find context")
_ANSWERED = ("Download is starting", "ERR_HTTP_RESPONSE_CODE_FAILURE", "ERR_ABORTED")


class PageCrashedError(Exception):
    """The page crashed; the browser still runs."""


@dataclass(frozen=True, kw_only=True)
class PageContent:
    """What a page says, as read.js returns it."""

    url: str
    title: str = ""
    robots: str | None = None
    canonical: str | None = None
    text: str = ""  # what a person can read
    html: str = ""
    cut: bool = False  # it was longer than the limit


async def read_page(page: Page) -> PageContent:
    """Return what an open page says now. Raises Playwright's error where it goes elsewhere meanwhile."""
    return PageContent(**await page.evaluate(_READ, {"limit": _TEXT_LIMIT}))


@dataclass(kw_only=True)
class LoadResult:
    """What a page load has brought so far, besides the main document's responses."""

    failure: Failure | None = None
    server_address: str = ""
    tls_subject: str = ""
    page: PageContent | None = None
    screenshot: bytes | None = None  # PNG
    screenshot_note: str = ""
    truncated: bool = False
    clearance: Clearance | None = None


async def load_page(
    view: ViewContext,
    request: PageRequest,
    on_leaving: Callable[[], None],
    on_answered: Callable[[], None],
) -> tuple[NavigationLog | None, LoadResult]:
    """Load a page once; `PageCrashedError` or `BrowserGoneError` where it may be tried again.

    `on_leaving` is called when the request for the page leaves, for a tab may take its time to open,
    `on_answered` when its answer begins, redirects aside.
    """
    if not is_opened(request.url):
        detail = "only http and https addresses are opened"
        return None, LoadResult(failure=Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=detail))
    try:
        context, interceptor = await view.context(request.url)
        page = await context.new_page()
        page.on("popup", close_page)
        try:
            session = await context.new_cdp_session(page)
            # The id of the main frame, by which the interceptor knows this page's requests from all others.
            tree = await session.send("Page.getFrameTree")
            frame, policy = tree["frameTree"]["frame"]["id"], view.policy_for(request.url)
            if view.clearance is Clearance.REUSED and request.purpose is not Purpose.PAGE:
                # The context is that of an earlier page load, and a second look must not be answered from it.
                await session.send("Network.enable")
                await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
            with interceptor.logging(frame, policy, on_leaving, on_answered, view.note_sent) as log:
                load = PageLoad(view, request, page, session, log)
                return log, await _unless_crashed(page, load.run())
        finally:
            view.close_in_background(page)
    except PlaywrightError as error:
        if await view.process.gone():
            raise BrowserGoneError(error.message) from error
        raise PageCrashedError(error.message) from error


async def _unless_crashed(page: Page, run: Coroutine[Any, Any, LoadResult]) -> LoadResult:
    """Return what the page load returns; raise at once where the page crashes, for not every call notices."""
    crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def crashed(_: Page) -> None:
        if not crash.done():
            crash.set_result(None)

    page.on("crash", crashed)
    loading = asyncio.ensure_future(run)
    both: set[asyncio.Future[Any]] = {loading, crash}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not loading.done():
            raise PageCrashedError("the page's process ended")
        return loading.result()
    finally:
        crash.cancel()
        if not loading.done():
            loading.cancel()
            # Waited for, so that nothing of it touches the page while that is closed.
            await asyncio.wait({loading})


class PageLoad:
    """One page that is being loaded."""

    def __init__(
        self,
        view: ViewContext,
        request: PageRequest,
        page: Page,
        session: CDPSession,
        log: NavigationLog,
    ) -> None:
        self._view = view
        self._platform = view.platform
        self._request = request
        self._page = page
        self._session = session
        self._log = log
        self._seconds = view.platform.limits.timeout_seconds
        self._result = LoadResult(clearance=view.clearance)

    async def run(self) -> LoadResult:
        """Return what the page brought; only crashes are raised."""
        try:
            async with asyncio.timeout(self._seconds) as limit:
                await self._open_and_read(limit)
            if self._view.assistance is not None:
                await self._pass_by_hand(self._view.assistance)
        except TimeoutError:
            self._result.failure = Failure(
                kind=FailureKind.TIMEOUT, detail=f"not finished after {self._seconds:g} seconds"
            )
        else:
            if self._result.page is not None and self._request.picture:
                await self._take_screenshot()
        return self._result

    async def _open_and_read(self, limit: asyncio.Timeout) -> None:
        try:
            # Not `load`: some pages never finish loading. When it has loaded enough, settle.js decides.
            response = await self._page.goto(
                self._request.url, wait_until="commit", timeout=self._seconds * 1000
            )
        except PlaywrightTimeoutError as error:
            raise TimeoutError from error
        except PlaywrightError as error:
            if is_crash(error):
                raise
            if not any(text in error.message for text in _NAVIGATED):
                self._result.failure = self._failure(error)
                return
            # The page sent itself elsewhere before it was there; where it went is read like any other.
            response = None
        await self._settle_and_read(limit)
        if response is not None:
            await self._note_connection(response)

    async def _pass_by_hand(self, assistance: Assistance) -> None:
        """Where this is a wall, wait until a person has passed it, and read the page behind it."""
        if not assistance.is_wall(self._capture_now()):
            return
        await self._page.bring_to_front()
        answers = len(self._log.responses)

        async def is_passed() -> bool:
            try:
                self._result.page = await read_page(self._page)
                # A wall changes its words while it checks: it is passed when another page has come.
                if len(self._log.responses) == answers or assistance.is_wall(self._capture_now()):
                    return False
                async with asyncio.timeout(self._seconds) as limit:
                    await self._settle_and_read(limit)
            except TimeoutError:
                return False
            except PlaywrightError as error:
                if is_crash(error):
                    raise
                return False  # it is just on its way to another page
            return not assistance.is_wall(self._capture_now())

        if await assistance.wait(f"{self._request.kind.value} as {self._view.name}", is_passed):
            self._result.clearance = Clearance.BY_HAND
            self._view.clearance = Clearance.REUSED

    def _capture_now(self) -> Capture:
        now = datetime.now(UTC)
        return capture_of(self._request, self._view, self._log, self._result, started_at=now, finished_at=now)

    def _failure(self, error: PlaywrightError) -> Failure | None:
        if self._log.refused:
            return Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=self._log.refused)
        answered = bool(self._log.responses) and not self._log.responses[-1].redirect
        if answered and any(text in error.message for text in _ANSWERED):
            # A download, an empty body, or a status without one: the server has answered all the same.
            return None
        last = self._log.last_address(self._request.url)
        if reason := self._view.connections.refusal(last):
            return Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=reason)
        return failure_of(self._view.connections.message(last, error.message))

    async def _settle_and_read(self, limit: asyncio.Timeout) -> None:
        for attempt in range(_MOST_RELOADS):
            try:
                settled = await self._page.evaluate(_SETTLE, self._patience(limit))
                self._result.page = await read_page(self._page)
            except PlaywrightError as error:
                # A page may go elsewhere by itself while it is read; where it goes is read then.
                if attempt + 1 == _MOST_RELOADS or not any(text in error.message for text in _NAVIGATED):
                    raise
            else:
                self._result.truncated = settled["loading"]
                return

    def _patience(self, limit: asyncio.Timeout) -> dict[str, object]:
        """Return what settle.js waits for, and how long."""
        page = self._platform.pages.get(self._request.kind)
        status = self._log.responses[-1].status if self._log.responses else 0
        gone = status >= _ERROR_STATUS
        due = limit.when()
        left = due - asyncio.get_running_loop().time() if due is not None else self._seconds
        return {
            "waitFor": self._subject(page) if page and not gone and self._log.body is None else None,
            "banners": [banner.reject for banner in self._platform.banners],
            # Up to two seconds are kept for reading, so that a page that never settles is still read.
            "deadline": max(0.0, left - min(2.0, left / 4)) * 1000,
            "unchanged": _UNCHANGED_WHEN_GONE_MILLISECONDS if gone else _UNCHANGED_MILLISECONDS,
            "imagesAtMost": _IMAGES_MILLISECONDS if self._request.picture else 0,
            "cut": _MOST_HEIGHT,
        }

    def _subject(self, page: PlatformPage) -> str | None:
        """Return the selector of what the page is about; None where the file names none that is known."""
        about = self._request.subject
        values = {"handle": self._request.handle, "publication": about, "story_id": about}
        return page.wait_for and fill_in(page.wait_for, values, for_selector)

    async def _note_connection(self, response: Response) -> None:
        address, security = await asyncio.gather(response.server_addr(), response.security_details())
        # Through a proxy, the browser knows only the proxy's own address.
        known = f"{address['ipAddress']}:{address['port']}" if address else ""
        self._result.server_address = self._view.connections.server(response.url) or known
        if security:
            self._result.tls_subject = security.get("subjectName") or ""

    async def _take_screenshot(self) -> None:
        """Take the screenshot of the page, held still: whole up to a sane height, and the same each time.

        The browser is asked directly: PNG with less compression costs half the time (Playwright has no such
        option), and the encoding of screenshots is the largest single cost of a run. pybase64 decodes what it
        sends in 1 ms; Python's own base64 holds up all other pages for 16 ms.
        """
        try:
            async with asyncio.timeout(_SCREENSHOT_SECONDS):
                author = self._view.name != ANONYMOUS
                masked = [part.selector for part in self._platform.private_elements] if author else []
                height = int(await self._page.evaluate(_STILL, {"masked": masked}))
                if masked:
                    await self._cover_inner(masked)
                shown = min(height, _MOST_HEIGHT)
                clip = {"x": 0, "y": 0, "width": VIEWPORT_WIDTH, "height": shown, "scale": 1}
                picture = await self._session.send(
                    "Page.captureScreenshot",
                    {"format": "png", "optimizeForSpeed": True, "captureBeyondViewport": True, "clip": clip},
                )
        except TimeoutError:
            self._result.screenshot_note = f"no picture: not finished after {_SCREENSHOT_SECONDS:g} seconds"
        except PlaywrightError as error:
            if is_crash(error):
                raise
            self._result.screenshot_note = f"no picture: {failure_words(failure_of(error.message))}"
        else:
            self._result.screenshot = pybase64.b64decode(picture["data"], validate=True)
            if height > shown:
                self._result.screenshot_note = f"cut at {shown} of {height} pixels"

    async def _cover_inner(self, masked: list[str]) -> None:
        """Cover what is private in closed shadow roots and in frames of the page's own site."""
        tree = await self._session.send("DOM.getDocument", {"depth": -1, "pierce": True})
        for node in _inner_roots(tree["root"]):
            found = await self._session.send("DOM.resolveNode", {"backendNodeId": node})
            call = {
                "functionDeclaration": _COVER,
                "objectId": found["object"]["objectId"],
                "arguments": [{"value": masked}],
            }
            await self._session.send("Runtime.callFunctionOn", call)


def _inner_roots(root: Mapping[str, Any]) -> Iterator[int]:
    """Yield the browser's numbers of the closed shadow roots and of the frames' documents in a tree."""
    pending = [root]
    while pending:
        node = pending.pop()
        shadows, frame = node.get("shadowRoots", ()), node.get("contentDocument")
        yield from (each["backendNodeId"] for each in shadows if each.get("shadowRootType") == "closed")
        if frame:
            yield frame["backendNodeId"]
        pending += [*node.get("children", ()), *shadows, *([frame] if frame else ())]


def capture_of(
    request: PageRequest, view: ViewContext, log: NavigationLog | None, result: LoadResult, **times: Any
) -> Capture:
    """Return the capture that a page load has made; secrets are still in it."""
    responses = log.responses if log else []
    last = responses[-1] if responses and not responses[-1].redirect else None
    reached = responses[-1].url if responses else request.url
    page = result.page or PageContent(url=reached)
    body = log.body if log else None
    headers = last.headers if last else {}
    return Capture(
        visit=request,
        viewpoint=view.name,
        failure=result.failure,
        status=last.status if last else None,
        headers=headers,
        content_type=headers.get("content-type", "").split(";")[0].strip().lower(),
        redirects=tuple(
            Redirect(url=response.url, status=response.status, location=response.headers["location"])
            for response in responses
            if response.redirect
        ),
        final_url=page.url or reached,
        title=page.title,
        robots_meta=page.robots,
        canonical=page.canonical,
        text=page.text if body is None else body,  # of a feed, what is rendered lacks its elements
        html=body if body is not None else page.html,
        json_responses=tuple(log.json_responses) if log else (),
        server_address=result.server_address,
        tls_subject=result.tls_subject,
        screenshot=result.screenshot,
        picture_note=result.screenshot_note,
        clearance=result.clearance,
        truncated=result.truncated or page.cut,
        **times,
    )
