"""One look at one page: open it, wait until it shows what it is about, read it, take its picture."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from playwright.async_api import BrowserContext, CDPSession, Page, Response
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from selfcheck.browser.context import ViewContext, close_page
from selfcheck.browser.interceptor import NavigationLog, RequestInterceptor
from selfcheck.browser.launcher import BrowserGoneError
from selfcheck.browser.navigation_errors import failure_of
from selfcheck.browser.screenshot import MOST_HEIGHT, Picture, take_picture
from selfcheck.core.capture import Capture, Failure, Redirect
from selfcheck.core.enums import FailureKind
from selfcheck.core.hosts import is_opened
from selfcheck.core.page_request import PageRequest

_SCRIPTS = files("selfcheck.browser") / "scripts"
_SETTLE = (_SCRIPTS / "settle.js").read_text(encoding="utf-8")
READ = (_SCRIPTS / "read.js").read_text(encoding="utf-8")
_STILL = (_SCRIPTS / "still.js").read_text(encoding="utf-8")

TEXT_LIMIT = 5_000_000
_ERROR_STATUS = 400
_UNCHANGED_MILLISECONDS = 1500  # a page that lacks what we wait for is given so long after its last change
_UNCHANGED_WHEN_GONE_MILLISECONDS = 400  # the same, where the status says already that it is not there
_PICTURES_MILLISECONDS = 4000
_PICTURE_SECONDS = 15.0
_MOST_RELOADS = 8
_NAVIGATED = ("Execution context was destroyed", "interrupted by another navigation", "Cannot find context")


class PageCrashedError(Exception):
    """The page crashed; the browser still runs."""


@dataclass(kw_only=True)
class LoadResult:
    """What a look has found so far."""

    failure: Failure | None = None
    server_address: str = ""
    tls_subject: str = ""
    page: dict[str, Any] | None = None  # what read.js returns
    picture: Picture | None = None
    picture_note: str = ""
    truncated: bool = False


async def load_page(
    view: ViewContext, visit: PageRequest, on_leaving: Callable[[], None]
) -> tuple[NavigationLog | None, LoadResult]:
    """Look once; `PageCrashedError` or `BrowserGoneError` where it may be tried again.

    `on_leaving` is told when the request for the page leaves, for a tab may take its time to open.
    """
    if not is_opened(visit.url):
        detail = "only http and https addresses are opened"
        return None, LoadResult(failure=Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=detail))
    try:
        context, guard = await view.context(visit.url)
        return await _look_in_new_page(view, visit, context, guard, on_leaving)
    except PlaywrightError as error:
        if await view.process.gone():
            raise BrowserGoneError(error.message) from error
        raise PageCrashedError(error.message) from error


async def _look_in_new_page(
    view: ViewContext,
    visit: PageRequest,
    context: BrowserContext,
    guard: RequestInterceptor,
    on_leaving: Callable[[], None],
) -> tuple[NavigationLog, LoadResult]:
    page = await context.new_page()
    page.on("popup", close_page)
    try:
        session = await context.new_cdp_session(page)
        tree = await session.send("Page.getFrameTree")
        frame, rules = tree["frameTree"]["frame"]["id"], view.rules_for(visit.url)
        with guard.watching(frame, rules, on_leaving) as watch:
            return watch, await _unless_crashed(page, PageLoad(view, visit, page, session, watch).run())
    finally:
        view.let_go(page)


async def _unless_crashed(page: Page, run: Coroutine[Any, Any, LoadResult]) -> LoadResult:
    """Return what the look returns; raise at once where the page crashes, for not every call notices."""
    crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def crashed(_: Page) -> None:
        if not crash.done():
            crash.set_result(None)

    page.on("crash", crashed)
    looking = asyncio.ensure_future(run)
    both: set[asyncio.Future[Any]] = {looking, crash}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not looking.done():
            raise PageCrashedError("the page's process ended")
        return looking.result()
    finally:
        crash.cancel()
        if not looking.done():
            looking.cancel()
            await asyncio.wait({looking})


class PageLoad:
    """One page being looked at."""

    def __init__(
        self, view: ViewContext, visit: PageRequest, page: Page, session: CDPSession, watch: NavigationLog
    ) -> None:
        self._platform = view.platform
        self._visit = visit
        self._page = page
        self._session = session
        self._watch = watch
        self._seconds = view.platform.limits.timeout_seconds
        self._seen = LoadResult()

    async def run(self) -> LoadResult:
        """Return what was found; only crashes are raised."""
        try:
            async with asyncio.timeout(self._seconds) as limit:
                await self._open_and_read(limit)
        except TimeoutError:
            self._seen.failure = Failure(
                kind=FailureKind.TIMEOUT, detail=f"not finished after {self._seconds:g} seconds"
            )
        else:
            if self._seen.page is not None and self._visit.picture:
                await self._take_picture()
        return self._seen

    async def _open_and_read(self, limit: asyncio.Timeout) -> None:
        try:
            response = await self._page.goto(
                self._visit.url, wait_until="commit", timeout=self._seconds * 1000
            )
        except PlaywrightTimeoutError as error:
            raise TimeoutError from error
        except PlaywrightError as error:
            if _is_crash(error):
                raise
            if not any(text in error.message for text in _NAVIGATED):
                self._seen.failure = self._failure(error)
                return
            response = None
        await self._settle_and_read(limit)
        if response is not None:
            await self._note_connection(response)

    def _failure(self, error: PlaywrightError) -> Failure | None:
        if self._watch.refused:
            return Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=self._watch.refused)
        if self._watch.answers and not self._watch.answers[-1].redirect:
            # A download, an empty body, or a status without one: the server has answered all the same.
            return None if _is_no_failure(error) else failure_of(error.message)
        return failure_of(error.message)

    async def _settle_and_read(self, limit: asyncio.Timeout) -> None:
        for attempt in range(_MOST_RELOADS):
            try:
                settled = await self._page.evaluate(_SETTLE, self._patience(limit))
                self._seen.page = await self._page.evaluate(READ, {"limit": TEXT_LIMIT})
            except PlaywrightError as error:
                # A page may go elsewhere by itself while it is read; what it goes to is read then.
                if attempt + 1 == _MOST_RELOADS or not any(text in error.message for text in _NAVIGATED):
                    raise
            else:
                self._seen.truncated = settled["loading"]
                return

    def _patience(self, limit: asyncio.Timeout) -> dict[str, Any]:
        page = self._platform.pages.get(self._visit.kind)
        status = self._watch.answers[-1].status if self._watch.answers else 0
        gone = status >= _ERROR_STATUS
        due = limit.when()
        left = due - asyncio.get_running_loop().time() if due is not None else self._seconds
        return {
            "waitFor": page.wait_for if page and not gone and self._watch.body is None else None,
            "banners": [banner.reject for banner in self._platform.banners],
            "deadline": max(0.0, left - min(2.0, left / 4)) * 1000,
            "unchanged": _UNCHANGED_WHEN_GONE_MILLISECONDS if gone else _UNCHANGED_MILLISECONDS,
            "imagesAtMost": _PICTURES_MILLISECONDS if self._visit.picture else 0,
            "cut": MOST_HEIGHT,
        }

    async def _note_connection(self, response: Response) -> None:
        address, security = await asyncio.gather(response.server_addr(), response.security_details())
        if address:
            self._seen.server_address = f"{address['ipAddress']}:{address['port']}"
        if security:
            self._seen.tls_subject = security.get("subjectName") or ""

    async def _take_picture(self) -> None:
        try:
            async with asyncio.timeout(_PICTURE_SECONDS):
                height = await self._page.evaluate(_STILL)
                self._seen.picture = await take_picture(self._session, height=int(height))
        except TimeoutError:
            self._seen.picture_note = f"no picture: not finished after {_PICTURE_SECONDS:g} seconds"
        except PlaywrightError as error:
            if _is_crash(error):
                raise
            self._seen.picture_note = f"no picture: {failure_of(error.message).detail}"


def capture_of(
    visit: PageRequest, view: ViewContext, watch: NavigationLog | None, seen: LoadResult, **times: Any
) -> Capture:
    """Return the capture that a look has made; secrets are still in it."""
    answers = watch.answers if watch else []
    last = answers[-1] if answers and not answers[-1].redirect else None
    page = seen.page or {}
    body = watch.body if watch else None
    headers = last.headers if last else {}
    return Capture(
        visit=visit,
        viewpoint=view.name,
        failure=seen.failure,
        status=last.status if last else None,
        headers=headers,
        content_type=headers.get("content-type", "").split(";")[0].strip().lower(),
        redirects=tuple(
            Redirect(url=one.url, status=one.status, location=one.headers["location"])
            for one in answers
            if one.redirect
        ),
        final_url=page.get("url") or (answers[-1].url if answers else visit.url),
        title=page.get("title", ""),
        robots_meta=page.get("robots"),
        canonical=page.get("canonical"),
        text=page.get("text", "") or (body or ""),
        html=body if body is not None else page.get("html", ""),
        json_responses=tuple(watch.json_responses) if watch else (),
        server_address=seen.server_address,
        tls_subject=seen.tls_subject,
        screenshot=seen.picture.png if seen.picture else None,
        picture_note=seen.picture.note if seen.picture else seen.picture_note,
        truncated=seen.truncated or bool(page.get("cut")),
        **times,
    )


def _is_crash(error: PlaywrightError) -> bool:
    message = error.message.lower()
    return "crash" in message or "has been closed" in message or "target closed" in message


def _is_no_failure(error: PlaywrightError) -> bool:
    endings = ("Download is starting", "ERR_HTTP_RESPONSE_CODE_FAILURE", "ERR_ABORTED")
    return any(text in error.message for text in endings)
