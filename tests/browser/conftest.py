"""A site that misbehaves in every way, and a browser pool to open it with."""

import asyncio
import os
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from selfcheck.browser.discovery import BrowserChoice, find_browser
from selfcheck.browser.pool import BrowserPool, PoolOptions, ViewContext, open_pool
from selfcheck.browser.proxy.network import Network, SystemNetwork
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import PageKind
from selfcheck.platforms.schema import Platform

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
Route = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers from the site's routes and keeps what was asked for."""

    protocol_version = "HTTP/1.1"
    server: "Site"

    def answer(
        self,
        body: bytes | str = b"",
        *,
        status: int = 200,
        kind: str = "text/html; charset=utf-8",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def respond(self) -> None:
        path = self.path.split("?", maxsplit=1)[0]
        self.server.asked.append((self.command, path))
        self.server.cookies.append(self.headers.get("Cookie", ""))
        if length := int(self.headers.get("Content-Length", "0")):
            self.rfile.read(length)
        route = self.server.routes.get(path)
        if route is None:
            self.answer("<title>none</title><p>There is nothing here.", status=404)
        else:
            route(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = respond  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """A server on a free port of this machine."""

    daemon_threads = True

    def __init__(self, *, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes: dict[str, Route] = {}
        self.asked: list[tuple[str, str]] = []
        self.cookies: list[str] = []
        self.let_go = threading.Event()  # what hangs, hangs until this is set
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(Path(__file__).with_name("selfsigned.pem"))
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def page(self, path: str, html: str, **answer: Any) -> str:
        self.routes[path] = lambda handler: handler.answer(html, **answer)
        return f"{self.url}{path}"

    def route(self, path: str, route: Route) -> str:
        self.routes[path] = route
        return f"{self.url}{path}"

    def hang(self, handler: Handler) -> None:
        self.let_go.wait(60)
        handler.close_connection = True

    def count(self, path: str, method: str = "GET") -> int:
        return Counter(self.asked)[method, path]

    def handle_error(self, *_: Any) -> None:
        """Say nothing: browsers hang up in the middle on purpose."""


class World:
    """Eyes on their own event loop, in a thread of their own (another test may keep this one's busy)."""

    def __init__(self, choice: BrowserChoice, network: Network | None = None) -> None:
        self.choice = choice
        self.network = network or SystemNetwork()
        self.loop = asyncio.new_event_loop()
        self.said: list[str] = []
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.pool = self.do(self._stack.enter_async_context(self.open()))

    def open(self, jobs: int = 4) -> Any:
        options = PoolOptions(
            jobs=jobs, say=self.said.append, clock=lambda: datetime.now(tz=UTC), network=self.network
        )
        return open_pool(self.choice, options)

    def start(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.start(work).result(timeout=90)

    def look(self, url: str, platform: Platform | None = None, **visit: Any) -> Capture:
        return self.do(look_once(self.pool, url, platform or platform_of(), **visit))

    def close(self) -> None:
        self.do(self._stack.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


async def look_once(
    pool: BrowserPool,
    url: str,
    platform: Platform,
    *,
    state: dict[str, Any] | None = None,
    home: str = "http://127.0.0.1",
    **visit: Any,
) -> Capture:
    async with pool.view("anonymous", platform, home, state) as view:
        return await look_with(pool, view, url, **visit)


async def look_with(pool: BrowserPool, view: ViewContext, url: str, **visit: Any) -> Capture:
    given = {"kind": PageKind.PROFILE, "viewpoints": (view.name,), "folder": "p/profile", **visit}
    captures = await pool.fetch_all(PageRequest(profile="p", url=url, **given), {view.name: view})
    return captures[view.name]


def platform_of(**changes: Any) -> Platform:
    given: dict[str, Any] = {
        "platform": "sample",
        "title": "Sample",
        "home": "http://127.0.0.1",
        "about": "for tests",
        "hosts": ("127.0.0.1",),
        "handle": {"pattern": "[a-z]+", "example": "jane"},
        "pages": {"profile": {"url": "{home}/@{handle}"}},
        "marks": (),
    }
    return Platform.model_validate({**given, **changes})


@pytest.fixture(scope="session")
def choice() -> BrowserChoice:
    found = find_browser(os.environ.get("SELFCHECK_BROWSER") or None, headed=False)
    if found is None:
        pytest.skip("no browser on this machine")
    return found


@pytest.fixture(scope="module")
def world(choice: BrowserChoice) -> Iterator[World]:
    world = World(choice)
    yield world
    world.close()


@pytest.fixture
def site() -> Iterator[Site]:
    yield from _served(Site())


@pytest.fixture
def tls_site() -> Iterator[Site]:
    yield from _served(Site(tls=True))


@pytest.fixture(name="platform_of")
def _platform_of() -> Callable[..., Platform]:
    return platform_of


def _served(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield site
    site.let_go.set()
    site.shutdown()
    site.server_close()
    thread.join()
