"""Stands between a browser and the network: decides on requests, and notes what the main documents answer.

It listens to the browser as a whole, below Playwright, so that frames, workers and whatever else a page
opens are caught as well; and only to those kinds of request on which there is something to decide.
"""

import asyncio
import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

from selfcheck.browser.request_policy import OutgoingRequest, PagePolicy, block_reason
from selfcheck.core.capture import JsonResponse
from selfcheck.core.hosts import PRIVATE_PATTERNS, is_loopback, matches

_REQUESTS = ("Document", "XHR", "Fetch", "Ping", "CSPViolationReport", "EventSource", "Media", "Other")
_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_WORKER_SCRIPT = "Other"
_RESPONSES = ("Document", _WORKER_SCRIPT)
_NO_SOCKETS = "connect-src http: https: data: blob:"
"""A policy added to every worker: web sockets pass by request interception (pages: see sockets.js)."""

_MOST_BYTES = 5_000_000
_MOST_ANSWERS = 60
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
    """What the guard notes for one page while it is looked at."""

    rules: PagePolicy
    on_leaving: Callable[[], None] = lambda: None  # told when the first request for the page leaves
    left: bool = False
    answers: list[FulfilledResponse] = field(default_factory=list)
    body: str | None = None  # of a main document that is not HTML
    json_responses: list[JsonResponse] = field(default_factory=list)
    refused: str = ""  # why the main document was refused


class RequestInterceptor:
    """Answers a browser's paused requests."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._watches: dict[str, NavigationLog] = {}
        self._rules: dict[str, PagePolicy] = {}
        self._blocked: tuple[str, ...] = ()
        self._authors: tuple[PagePolicy, ...] = ()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session.on("Fetch.requestPaused", self._paused)

    @classmethod
    async def of(cls, browser: Browser) -> "RequestInterceptor":
        """Return a guard that stands before this browser from now on."""
        guard = cls(await browser.new_browser_cdp_session())
        await guard._enable()
        return guard

    async def admit(self, name: str, rules: PagePolicy) -> None:
        """Let the guard know the rules of a platform before its pages are opened."""
        if self._rules.get(name) == rules:
            return
        self._rules[name] = rules
        self._blocked = tuple(dict.fromkeys(one for rule in self._rules.values() for one in rule.blocked))
        self._authors = tuple(rule for rule in self._rules.values() if rule.author)
        await self._enable()

    @contextmanager
    def watching(
        self, frame: str, rules: PagePolicy, on_leaving: Callable[[], None] = lambda: None
    ) -> Iterator[NavigationLog]:
        """Note what happens to the page whose main frame this is while the block runs."""
        watch = NavigationLog(rules=rules, on_leaving=on_leaving)
        self._watches[frame] = watch
        try:
            yield watch
        finally:
            self._watches.pop(frame, None)

    async def _enable(self) -> None:
        await self._session.send("Fetch.enable", {"patterns": patterns(tuple(self._rules.values()))})

    def _paused(self, event: dict[str, Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, event: dict[str, Any]) -> None:
        try:
            if "responseStatusCode" in event or "responseErrorReason" in event:
                await self._on_response(event)
            else:
                await self._on_request(event)
        except PlaywrightError:
            # The page has gone and its requests with it; nobody waits for this answer any more.
            return

    async def _on_request(self, event: dict[str, Any]) -> None:
        watch = self._watches.get(event.get("frameId", ""))
        rules = watch.rules if watch else None
        reason = block_reason(asked_of(event), rules, blocked=self._blocked, authors=self._authors)
        if reason is None and watch is None and event["resourceType"] == "Document":
            reason = await self._popup(event)
        if reason is None:
            if watch and not watch.left and event["resourceType"] == "Document":
                watch.left = True
                watch.on_leaving()
            await self._go_on(event)
            return
        document = event["resourceType"] == "Document"
        if watch and document:
            watch.refused = reason
        # A page that is sent elsewhere stays as it is when that is aborted; blocked, it became an error page.
        error = "Aborted" if document and watch and watch.answers else "BlockedByClient"
        await self._session.send("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": error})

    async def _popup(self, event: dict[str, Any]) -> str | None:
        """Return why the document of a page that nobody looks at is refused; None for a frame of one."""
        try:
            told = await self._session.send("Target.getTargetInfo", {"targetId": event.get("frameId", "")})
        except PlaywrightError:
            # Only pages, and frames with a process of their own, are targets.
            return None
        return "popups are not opened" if told["targetInfo"]["type"] == "page" else None

    async def _on_response(self, event: dict[str, Any]) -> None:
        watch = self._watches.get(event.get("frameId", ""))
        if "responseErrorReason" in event:
            await self._go_on(event)
            return
        answer = answer_of(event)
        if watch and event["resourceType"] == "Document":
            await self._note_document(watch, answer, event)
        elif watch and any(matches(answer.url, pattern) for pattern in watch.rules.responses):
            await self._note_json(watch, answer, event)
        if answer.redirect or event["resourceType"] != _WORKER_SCRIPT:
            await self._go_on(event)
            return
        policy = {"name": "Content-Security-Policy", "value": _NO_SOCKETS}
        await self._session.send(
            "Fetch.continueResponse",
            {
                "requestId": event["requestId"],
                "responseCode": answer.status,
                "responseHeaders": [*event.get("responseHeaders", []), policy],
            },
        )

    async def _note_document(
        self, watch: NavigationLog, answer: FulfilledResponse, event: dict[str, Any]
    ) -> None:
        watch.answers.append(answer)
        media_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        watch.body = None
        if not answer.redirect and is_data(media_type) and _is_small(answer):
            watch.body = await self._body(event)

    async def _note_json(
        self, watch: NavigationLog, answer: FulfilledResponse, event: dict[str, Any]
    ) -> None:
        if answer.redirect or len(watch.json_responses) >= _MOST_ANSWERS or not _is_small(answer):
            return
        body = await self._body(event)
        watch.json_responses.append(JsonResponse(url=answer.url, status=answer.status, body=body))

    async def _body(self, event: dict[str, Any]) -> str:
        received = await self._session.send("Fetch.getResponseBody", {"requestId": event["requestId"]})
        if not received["base64Encoded"]:
            return str(received["body"])
        return base64.b64decode(received["body"]).decode("utf-8", errors="replace")

    async def _go_on(self, event: dict[str, Any]) -> None:
        await self._session.send("Fetch.continueRequest", {"requestId": event["requestId"]})


def patterns(rules: tuple[PagePolicy, ...]) -> list[dict[str, str]]:
    """Return the requests and answers that the browser has to stop for, given all pages' rules.

    Pages on loopback may ask whom they like, so they are not slowed down by a question for each picture.
    """
    stops = [{"urlPattern": "*", "resourceType": kind} for kind in _REQUESTS]
    stops += [{"urlPattern": "*", "resourceType": kind, "requestStage": "Response"} for kind in _RESPONSES]
    blocked = [pattern for rule in rules for pattern in rule.blocked]
    if not all(is_loopback(rule.page_host) for rule in rules):
        blocked += PRIVATE_PATTERNS
    stops += [{"urlPattern": _escaped(pattern)} for pattern in dict.fromkeys(blocked)]
    wanted = dict.fromkeys(pattern for rule in rules for pattern in rule.responses)
    stops += [{"urlPattern": _escaped(pattern), "requestStage": "Response"} for pattern in wanted]
    return stops


def asked_of(event: dict[str, Any]) -> OutgoingRequest:
    """Return the request that a paused event tells of."""
    request = event["request"]
    headers = {name.lower(): value for name, value in request["headers"].items()}
    return OutgoingRequest(
        url=request["url"],
        method=request["method"],
        kind=_kind(event.get("resourceType", ""), headers),
        referrer=headers.get("referer", ""),
        body=request.get("postData"),
        overrides=not _OVERRIDES.isdisjoint(headers),
    )


def _kind(told: str, headers: dict[str, str]) -> str:
    """Return the kind of a request; the browser calls what is fetched ahead and streams of events `Fetch`."""
    if "prefetch" in headers.get("sec-purpose", "") + headers.get("purpose", ""):
        return "Prefetch"
    return "EventSource" if headers.get("accept") == "text/event-stream" else told


def answer_of(event: dict[str, Any]) -> FulfilledResponse:
    """Return the answer that a paused event tells of; a header sent twice is joined by commas."""
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


def _is_small(answer: FulfilledResponse) -> bool:
    length = answer.headers.get("content-length", "0")
    return not length.isdigit() or int(length) <= _MOST_BYTES


def _escaped(pattern: str) -> str:
    # The browser knows `?` as "any one character"; platform files know only `*`.
    return pattern.replace("\\", "\\\\").replace("?", "\\?")
