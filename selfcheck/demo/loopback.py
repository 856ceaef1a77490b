"""A small web server on 127.0.0.1 for the demo sites: it starts, answers, logs, and is gone.

Laws:
1. It listens on loopback only, on a port that the system picks.
2. Its threads are daemons, and an answer that hangs ends when the site closes.
3. What a site answers is a function of the request; this module knows no pages.
"""

import contextlib
import hashlib
import hmac
import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from selfcheck.core.enums import ANONYMOUS, AUTHOR

KEEP_NOTHING = {"Cache-Control": "private, no-store"}
"""Otherwise browsers keep a 410 for good, and would show it even after signing in."""
LARGEST_FORM = 20_000  # bytes of a request's body that are read


@dataclass(frozen=True, kw_only=True)
class SiteRequest:
    """One request as a site sees it."""

    method: str
    path: str  # decoded, without the query
    query: Mapping[str, str]
    form: Mapping[str, str]
    cookies: Mapping[str, str]

    @property
    def target(self) -> str:
        """Return the path with `?format=json` if that was requested; other queries do not matter."""
        return f"{self.path}?format=json" if self.query.get("format") == "json" else self.path


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0.0  # before the answer is sent
    hang: bool = False  # no answer is sent until the site closes


@dataclass(frozen=True, kw_only=True)
class LoggedRequest:
    """One request, for tests."""

    method: str
    path: str
    viewpoint: str  # author if the visitor has a valid session, else anonymous
    handle: str | None  # whose session
    status: int


@dataclass
class SessionCookies:
    """Makes and reads session cookies: `handle.generation.signature`."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, handle: str, generation: int = 0) -> str:
        """Return a session for this handle."""
        return f"{handle}.{generation}.{self._sign(f'{handle}.{generation}')}"

    def read(self, value: str) -> tuple[str, int] | None:
        """Return the handle and the generation of a session made here, or None."""
        handle, _, rest = value.partition(".")
        generation, _, signature = rest.partition(".")
        if not generation.isdigit() or not hmac.compare_digest(
            signature, self._sign(f"{handle}.{generation}")
        ):
            return None
        return handle, int(generation)

    def _sign(self, text: str) -> str:
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:32]


class LoopbackSite(ABC):
    """A context manager that serves pages on 127.0.0.1 until it is left."""

    cookie = "session"  # the name of the cookie that carries the session

    def __init__(self) -> None:
        self.sessions = SessionCookies()
        self.log: list[LoggedRequest] = []
        self.closing = threading.Event()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start the server and return the site."""
        self.closing.clear()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True, name="demo-site"
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server; unfinished answers are dropped."""
        self.closing.set()
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    @property
    def port(self) -> int:
        """Return the port that the system picked; RuntimeError when the site is not running."""
        if self._server is None:
            message = "the demo site is not running"
            raise RuntimeError(message)
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return the address of the site, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def storage_state(self, handle: str) -> dict[str, Any]:
        """Return a signed-in author's session as a Playwright storage state."""
        cookie = {
            "name": self.cookie,
            "value": self.sessions.make(handle),
            "domain": "127.0.0.1",
            "path": "/",
            "expires": -1,
            "httpOnly": True,
            "secure": False,
            "sameSite": "Lax",
        }
        return {"cookies": [cookie], "origins": []}

    def set_cookie(self, handle: str, generation: int = 0) -> tuple[str, str]:
        """Return the header that signs a visitor in."""
        value = self.sessions.make(handle, generation)
        return "Set-Cookie", f"{self.cookie}={value}; Path=/; HttpOnly; SameSite=Lax"

    def visitor(self, request: SiteRequest) -> str | None:
        """Return the handle that is signed in, or None; a site may refuse a session that is not valid."""
        session = self.sessions.read(request.cookies.get(self.cookie, ""))
        return session[0] if session else None

    @abstractmethod
    def answer(self, request: SiteRequest) -> Reply:
        """Return what this site answers."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, site: LoopbackSite) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = site


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Inkwell"
    sys_version = ""
    server: _Server

    def do_GET(self) -> None:
        """Answer a request of any method, and log it."""
        site, request = self.server.site, self._site_request()
        reply, handle = site.answer(request), site.visitor(request)
        site.log.append(
            LoggedRequest(
                method=self.command,
                path=self.path,
                viewpoint=AUTHOR if handle else ANONYMOUS,
                handle=handle,
                status=0 if reply.hang else reply.status,
            )
        )
        self._send(reply)

    do_HEAD = do_GET  # noqa: N815  the standard library names these
    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def _site_request(self) -> SiteRequest:
        parts = urlsplit(self.path)
        length = min(int(self.headers.get("Content-Length") or 0), LARGEST_FORM)
        body = self.rfile.read(length).decode("utf-8", "replace") if length else ""
        return SiteRequest(
            method="GET" if self.command == "HEAD" else self.command,
            path=unquote(parts.path),
            query=_first_values(parts.query),
            form=_first_values(body),
            cookies=_cookies(self.headers.get("Cookie", "")),
        )

    def _send(self, reply: Reply) -> None:
        closing = self.server.site.closing
        if reply.hang or (reply.delay_seconds and closing.wait(reply.delay_seconds)):
            closing.wait()
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in {**KEEP_NOTHING, **dict(reply.headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def handle(self) -> None:
        # A browser that has enough closes the connection; that is not a failure of the site.
        with contextlib.suppress(ConnectionError, TimeoutError):
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Keep quiet: the site keeps a log of its own."""


def _first_values(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


def _cookies(header: str) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    with contextlib.suppress(CookieError):
        jar.load(header)
    return {name: morsel.value for name, morsel in jar.items()}
