"""Stands between a browser and the network: decides on requests, and notes what the main documents answer.

It listens to the browser as a whole, below Playwright, so that frames, workers and whatever else a page
opens are caught as well. Where an author's page is open every request is stopped; otherwise only those kinds
on which there is something to decide.
"""

import asyncio
import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

from selfcheck.browser.request_policy import OutgoingRequest, PagePolicy, block_reason, reads_graphql
from selfcheck.core.capture import JsonResponse
from selfcheck.core.hosts import PRIVATE_PATTERNS, host_of, is_loopback, join_address, matches

Event: TypeAlias = dict[str, Any]
"""The browser's `Fetch.requestPaused`, in its own protocol."""

_REQUESTS = ("Document", "XHR", "Fetch", "Ping", "CSPViolationReport", "EventSource", "Media", "Other")
_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_WORKER_SCRIPT = "Other"
_RESPONSES = ("Document", _WORKER_SCRIPT)
_NO_SOCKETS = "connect-src http: https: data: blob:"
"""A policy added to every worker that has an address of its own: web sockets pass by request interception.
Documents take no policy from a header that is added here; theirs is set by page_walls.js."""

_AHEAD = "speculation-rules"
"""A header that names pages to be fetched ahead; the browser does that by itself, past interception."""

_TARGETS = frozenset({"browser", "tab", "page", "iframe", "worker", "shared_worker"})
"""What a page may open; popups are pages, and refused as soon as they ask for something."""
_UNSEEN = frozenset({"prerender"})

_MOST_BYTES = 5_000_000
_MOST_RESPONSES = 60
_FIRST_REDIRECT, _AFTER_REDIRECTS = 300, 400


@dataclass(frozen=True, kw_only=True)
class FulfilledResponse:
    """One answer to a request for a main document; a redirect is one too."""

    url: str
    status: int
    headers: dict[str, str]
    redirect: bool


@dataclass(kw_only=True)
class NavigationLog:
    """What the interceptor notes for one page while it loads."""

    policy: PagePolicy
    on_leaving: Callable[[], None] = lambda: None  # called when the first request for the page leaves
    on_answered: Callable[[], None] = lambda: (
        None
    )  # called when the first answer other than a redirect has come
    on_sent: Callable[[str], None] = lambda _: None  # called with the address of each request that may go
    left: bool = False
    responses: list[FulfilledResponse] = field(default_factory=list)
    body: str | None = None  # of a main document that is not HTML
    json_responses: list[JsonResponse] = field(default_factory=list)
    refused: str = ""  # why the main document was refused

    def last_address(self, first: str) -> str:
        """Return the address that was asked for last, as far as is known, where `first` was the first."""
        last = self.responses[-1] if self.responses else None
        if last is None:
            return first
        return (last.redirect and join_address(last.url, last.headers["location"])) or last.url


class RequestInterceptor:
    """Answers a browser's paused requests."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._logs: dict[str, NavigationLog] = {}  # by the id of the page's main frame
        self._last: NavigationLog | None = None  # to which requests are put that cannot be placed
        self._policies: dict[str, PagePolicy] = {}
        self._blocked: tuple[str, ...] = ()  # the patterns of all policies
        self._authors: tuple[PagePolicy, ...] = ()
        self._checks: tuple[str, ...] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session.on("Fetch.requestPaused", self._on_paused)

    @classmethod
    async def of(
        cls, browser: Browser, on_alarm: Callable[[str], None] | None = None
    ) -> "RequestInterceptor":
        """Return an interceptor that decides on this browser's requests from now on.

        `on_alarm` is told of whatever a page opened although it should not be able to.
        """
        # The session of the whole browser: one of a page would miss its workers, its popups, and frames that
        # have a process of their own.
        interceptor = cls(await browser.new_browser_cdp_session())
        await interceptor._enable()
        if on_alarm is not None:
            interceptor._session.on("Target.targetCreated", partial(report_target, on_alarm))
            await interceptor._session.send("Target.setDiscoverTargets", {"discover": True})
        return interceptor

    async def admit(self, name: str, policy: PagePolicy) -> None:
        """Take in the policy of a platform's pages before the first of them is opened."""
        if self._policies.get(name) == policy:
            return
        self._policies[name] = policy
        policies = self._policies.values()
        self._blocked = tuple(dict.fromkeys(pattern for each in policies for pattern in each.blocked))
        self._authors = tuple(each for each in policies if each.author)
        self._checks = tuple(dict.fromkeys(pattern for each in policies for pattern in each.checks))
        await self._enable()

    @contextmanager
    def logging(
        self,
        frame: str,
        policy: PagePolicy,
        on_leaving: Callable[[], None] = lambda: None,
        on_answered: Callable[[], None] = lambda: None,
        on_sent: Callable[[str], None] = lambda _: None,
    ) -> Iterator[NavigationLog]:
        """Note what happens to the page whose main frame this is while the block runs."""
        log = NavigationLog(policy=policy, on_leaving=on_leaving, on_answered=on_answered, on_sent=on_sent)
        self._logs[frame] = log
        if policy.author or self._last is None:
            self._last = log
        try:
            yield log
        finally:
            self._logs.pop(frame, None)

    async def _enable(self) -> None:
        # Each call replaces the patterns of the one before, so all policies go into it.
        await self._session.send("Fetch.enable", {"patterns": patterns(tuple(self._policies.values()))})

    def _on_paused(self, event: Event) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(event))
        # The loop itself keeps only a weak reference to a task, and one that is collected leaves its request
        # paused for ever.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, event: Event) -> None:
        try:
            if "responseStatusCode" in event or "responseErrorReason" in event:
                await self._on_response(event)
            else:
                await self._on_request(event)
        except PlaywrightError:
            # The page has gone and its requests with it; nothing waits for this answer any more.
            return

    async def _on_request(self, event: Event) -> None:
        # Only the main frame has a log. Frames and workers are without one, so their page's policy is not
        # known, and `block_reason` falls back to the strictest that any admitted page has.
        log = self._logs.get(event.get("frameId", ""))
        document = event["resourceType"] == "Document"
        reason = await self._reason(outgoing_request(event), log.policy if log else None)
        if reason is None and log is None and document:
            reason = await self._popup_reason(event)
        if reason is None:
            if log and document and not log.left:
                log.left = True
                log.on_leaving()
            if placed := log or self._last:
                placed.on_sent(event["request"]["url"])
            await self._continue(event)
            return
        if log and document:
            log.refused = reason
        # A page that is redirected elsewhere keeps what it shows when that is aborted; blocked, it would
        # become the browser's own error page.
        error = "Aborted" if document and log and log.responses else "BlockedByClient"
        await self._session.send("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": error})

    async def _reason(self, request: OutgoingRequest, policy: PagePolicy | None) -> str | None:
        decide = partial(
            block_reason, request, policy, blocked=self._blocked, authors=self._authors, checks=self._checks
        )
        # Parsing a large document must not hold up all other pages.
        return await asyncio.to_thread(decide) if reads_graphql(request, policy, self._authors) else decide()

    async def _popup_reason(self, event: Event) -> str | None:
        """Return why a document that no log waits for is refused: it is a popup's. None for a frame."""
        try:
            info = await self._session.send("Target.getTargetInfo", {"targetId": event.get("frameId", "")})
        except PlaywrightError:
            # Only pages, and frames with a process of their own, are targets.
            return None
        return "popups are not opened" if info["targetInfo"]["type"] == "page" else None

    async def _on_response(self, event: Event) -> None:
        log = self._logs.get(event.get("frameId", ""))
        if "responseErrorReason" in event:
            await self._continue(event)
            return
        response = response_of(event)
        if log and event["resourceType"] == "Document":
            if not response.redirect and all(earlier.redirect for earlier in log.responses):
                log.on_answered()
            log.responses.append(response)
            # A redirect may lead from a feed to a page: the body belongs to the last document only.
            log.body = None
            media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
            if not response.redirect and is_data(media_type) and _is_small(response):
                log.body = await self._body(event)
        elif log and self._is_wanted(response, log):
            body = await self._body(event)
            log.json_responses.append(JsonResponse(url=response.url, status=response.status, body=body))
        headers = changed_headers(event)
        if headers is None:
            await self._continue(event)
            return
        await self._session.send(
            "Fetch.continueResponse",
            {
                "requestId": event["requestId"],
                "responseCode": response.status,
                "responseHeaders": headers,
            },
        )

    def _is_wanted(self, response: FulfilledResponse, log: NavigationLog) -> bool:
        """Return whether the platform file reads this JSON response, and there is room for it."""
        room = len(log.json_responses) < _MOST_RESPONSES and _is_small(response)
        wanted = any(matches(response.url, pattern) for pattern in log.policy.responses)
        return wanted and room and not response.redirect

    async def _body(self, event: Event) -> str:
        received = await self._session.send("Fetch.getResponseBody", {"requestId": event["requestId"]})
        if not received["base64Encoded"]:
            return str(received["body"])
        return base64.b64decode(received["body"]).decode("utf-8", errors="replace")

    async def _continue(self, event: Event) -> None:
        await self._session.send("Fetch.continueRequest", {"requestId": event["requestId"]})


def report_target(on_alarm: Callable[[str], None], event: Event) -> None:
    """Report a target that no page should be able to open; it is too late to stop it."""
    target = event["targetInfo"]
    expected = target["type"] in _TARGETS and target.get("subtype", "") not in _UNSEEN
    if not expected and target.get("url", "").startswith(("http:", "https:", "blob:", "data:")):
        kind = target.get("subtype") or target["type"]
        host = host_of(target["url"].removeprefix("blob:"))
        on_alarm(
            f"A page of {host or 'no host'} opened a {kind.replace('_', ' ')} in the browser. That should not"
            " be possible, and its requests may not be counted. Please report it with the platform's name."
        )


def patterns(policies: tuple[PagePolicy, ...]) -> list[dict[str, str]]:
    """Return the requests and responses that the browser has to stop for, given all pages' policies.

    An author's page is not trusted with any request. Other pages on loopback may ask any host, so they are
    not slowed down by a question for each image.
    """
    stops = [{"urlPattern": "*", "resourceType": kind} for kind in _REQUESTS]
    if any(policy.author for policy in policies):
        stops = [{"urlPattern": "*"}]
    stops += [{"urlPattern": "*", "resourceType": kind, "requestStage": "Response"} for kind in _RESPONSES]
    blocked = [pattern for policy in policies for pattern in policy.blocked]
    if not all(is_loopback(policy.page_host) for policy in policies):
        blocked += PRIVATE_PATTERNS
    stops += [{"urlPattern": _escaped(pattern)} for pattern in dict.fromkeys(blocked)]
    wanted = dict.fromkeys(pattern for policy in policies for pattern in policy.responses)
    stops += [{"urlPattern": _escaped(pattern), "requestStage": "Response"} for pattern in wanted]
    return stops


def outgoing_request(event: Event) -> OutgoingRequest:
    """Return the request that is paused."""
    request = event["request"]
    headers = {name.lower(): value for name, value in request["headers"].items()}
    kind = event.get("resourceType", "")
    # The browser calls both what is fetched ahead of a click and a stream of events `Fetch`.
    if "prefetch" in headers.get("sec-purpose", "") + headers.get("purpose", ""):
        kind = "Prefetch"
    elif headers.get("accept") == "text/event-stream":
        kind = "EventSource"
    return OutgoingRequest(
        url=request["url"],
        method=request["method"],
        kind=kind,
        referrer=headers.get("referer", ""),
        body=request.get("postData"),
        content_type=headers.get("content-type", ""),
        overrides=not _OVERRIDES.isdisjoint(headers),
    )


def changed_headers(event: Event) -> list[dict[str, str]] | None:
    """Return a response's headers as the browser is to have them; None where they stay as they are.

    A header that comes several times, as `Set-Cookie` does, stays so.
    """
    headers: list[dict[str, str]] = event.get("responseHeaders", [])
    kept = [header for header in headers if header["name"].lower() != _AHEAD]
    if event["resourceType"] == _WORKER_SCRIPT and not response_of(event).redirect:
        kept = [*kept, {"name": "Content-Security-Policy", "value": _NO_SOCKETS}]
    return kept if kept != headers else None


def response_of(event: Event) -> FulfilledResponse:
    """Return the response that is paused; a header sent twice is joined by commas."""
    headers: dict[str, str] = {}
    for header in event.get("responseHeaders", []):
        name = header["name"].lower()
        headers[name] = f"{headers[name]}, {header['value']}" if name in headers else header["value"]
    status = event["responseStatusCode"]
    redirect = _FIRST_REDIRECT <= status < _AFTER_REDIRECTS and "location" in headers
    return FulfilledResponse(url=event["request"]["url"], status=status, headers=headers, redirect=redirect)


def is_data(media_type: str) -> bool:
    """Return whether a document of this type is kept as it was received: feeds and JSON."""
    if media_type == "application/xhtml+xml":
        return False
    return media_type.endswith(("xml", "json")) or media_type == "text/plain"


def _is_small(response: FulfilledResponse) -> bool:
    length = response.headers.get("content-length", "0")
    return not length.isdigit() or int(length) <= _MOST_BYTES


def _escaped(pattern: str) -> str:
    # The browser takes `?` for any one character; platform files know only `*`.
    return pattern.replace("\\", "\\\\").replace("?", "\\?")
