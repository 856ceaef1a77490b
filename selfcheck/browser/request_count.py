"""Counts what a run asks of others, by host, viewpoint and kind of request.

A request that the interceptor refused, or whose host the browser was told not to find, has not left the
machine and is counted apart. A request that the browser answered from its own cache counts as sent: the sums
are upper bounds.
"""

from collections import Counter, defaultdict
from collections.abc import Callable

from playwright.async_api import BrowserContext, Request

from selfcheck.browser.proxy.server import ProxyLog
from selfcheck.core.hosts import split_address
from selfcheck.core.run import HostFootprint, RefusedRequest

_INTERCEPTED = "ERR_BLOCKED_BY_CLIENT"
_NOT_SENT = (_INTERCEPTED, "ERR_NAME_NOT_RESOLVED", "ERR_UNSAFE_PORT")

_CONNECTION = "connection"  # the kind of a request of which only the connection is known
_MOST_REFUSED = 200
"""Different requests that are listed; a page that makes up an address each time must not fill the run."""
_LONGEST_URL = 500

Key = tuple[str, str]
"""A host (with its port, where the address has one) and a viewpoint."""


class RequestCounter:
    """The counts of one run; `now` is a clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._sent: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self._refused: defaultdict[Key, Counter[str]] = defaultdict(Counter)
        self._refused_urls: Counter[tuple[str, str, str, str]] = Counter()  # viewpoint, kind, method, address
        self._let_go: Counter[Key] = Counter()
        self._reported: Counter[Key] = Counter()  # by Playwright, without those that the interceptor refused
        self._views: Counter[Key] = Counter()
        self._last: dict[Key, float] = {}
        self._gaps: dict[Key, float] = {}

    def page_view(self, url: str, viewpoint: str) -> None:
        """Count a page that is opened now."""
        key, now = (_host(url), viewpoint), self._now()
        self._views[key] += 1
        if key in self._last:
            gap = now - self._last[key]
            self._gaps[key] = min(gap, self._gaps.get(key, gap))
        self._last[key] = now

    def sent(self, url: str, viewpoint: str, kind: str) -> None:
        """Count a request that is made."""
        self._sent[_host(url), viewpoint][kind] += 1

    def not_sent(self, url: str, viewpoint: str, kind: str, method: str = "GET") -> None:
        """Count a request as held back that was counted as made."""
        key = (_host(url), viewpoint)
        self._refused_urls[viewpoint, kind, method, _without_query(url)] += 1
        self._sent[key][kind] -= 1
        self._refused[key][kind] += 1

    def let_go(self, url: str, viewpoint: str) -> None:
        """Count a request that the interceptor lets go; Playwright reports none of shared workers."""
        self._let_go[_host(url), viewpoint] += 1

    def watch(self, context: BrowserContext, viewpoint: str, connections: ProxyLog) -> None:
        """Count every request of this context from now on; `connections` are those of its proxy."""

        def made(request: Request) -> None:
            if request.url.startswith("http"):
                self.sent(request.url, viewpoint, request.resource_type)
                self._reported[_host(request.url), viewpoint] += 1

        def failed(request: Request) -> None:
            failure = connections.message(request.url, request.failure or "")
            refused = connections.refusal(request.url) is not None
            held_back = refused or any(code in failure for code in _NOT_SENT)
            if _INTERCEPTED in (request.failure or ""):
                self._reported[_host(request.url), viewpoint] -= 1
            if held_back and request.url.startswith("http"):
                self.not_sent(request.url, viewpoint, request.resource_type, request.method)

        context.on("request", made)
        context.on("requestfailed", failed)

    def unseen(self, connections: ProxyLog, viewpoint: str) -> None:
        """Count the connections to hosts of which no request was reported: those of workers, for instance."""
        seen = {host for host, whose in (*self._sent, *self._refused, *self._let_go) if whose == viewpoint}
        for endpoint, times in connections.connections.items():
            if endpoint.netloc not in seen:
                self._sent[endpoint.netloc, viewpoint][_CONNECTION] += times
        for endpoint, times in connections.refused.items():
            if endpoint.netloc not in seen:
                self._refused[endpoint.netloc, viewpoint][_CONNECTION] += times
                self._refused_urls[viewpoint, _CONNECTION, "CONNECT", endpoint.url] += times

    def rows(self) -> tuple[HostFootprint, ...]:
        """Return what was counted, by host and viewpoint."""
        keys = sorted({*self._sent, *self._refused, *self._views, *self._let_go})
        gaps = {key: round(seconds, 3) for key, seconds in self._gaps.items()}
        return tuple(
            HostFootprint(
                host=host,
                viewpoint=viewpoint,
                page_views=self._views[host, viewpoint],
                requests=_positive(self._sent[host, viewpoint] + self._unreported((host, viewpoint))),
                refused=_positive(self._refused[host, viewpoint]),
                least_gap_seconds=gaps.get((host, viewpoint)),
            )
            for host, viewpoint in keys
        )

    def _unreported(self, key: Key) -> Counter[str]:
        """Return how many requests were let go beyond those that Playwright reported."""
        return Counter(other=self._let_go[key] - self._reported[key])

    def refused(self) -> tuple[RefusedRequest, ...]:
        """Return the requests that were held back, without their queries, the most frequent first."""
        order = sorted(self._refused_urls.items(), key=lambda row: (-row[1], row[0]))
        return tuple(
            RefusedRequest(viewpoint=viewpoint, kind=kind, method=method, url=url, times=times)
            for (viewpoint, kind, method, url), times in order[:_MOST_REFUSED]
        )


def _without_query(url: str) -> str:
    """Return the address alone: what follows it may be about a person, and does not belong to a pattern."""
    parts = split_address(url)
    return f"{parts.scheme}://{_host(url)}{parts.path}"[:_LONGEST_URL]


def _host(url: str) -> str:
    return split_address(url).netloc.rsplit("@", 1)[-1].lower()


def _positive(counts: Counter[str]) -> dict[str, int]:
    return {kind: count for kind, count in sorted(counts.items()) if count > 0}
