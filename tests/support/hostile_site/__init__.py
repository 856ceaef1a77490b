"""A site whose pages try everything that a page may not do; its own log is the judge.

An address that carries `bad.NAME` may never arrive, one with `own.NAME` not from an author's page; so may no
GraphQL that is not a query, no other method than GET and HEAD, no web socket, and nothing at the raw TCP and
UDP ports. `ok.NAME` says that an attempt was made at all: without those the silence would prove nothing.
"""

import base64
import contextlib
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

from selfcheck.browser.pool import BrowserPool
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, PageKind
from selfcheck.platforms.schema import Platform

HERE = Path(__file__).parent
CERTIFICATE = HERE.parents[1] / "browser" / "selfsigned.pem"
SESSION = "session-of-the-author-0123456789"
_WEB_SOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What reached the site: an HTTP request, a web socket, or bytes at a raw port."""

    kind: str  # http, socket, tcp or udp
    method: str = ""
    target: str = ""
    cookie: bool = False  # it came with the author's session
    body: str = ""

    @property
    def text(self) -> str:
        """Return all that it says, as a server that decodes too often would read it."""
        text = f"{self.target} {self.body}"
        for _ in range(4):
            text = unquote(text)
        return text


@dataclass(frozen=True)
class Answer:
    """What the site sends."""

    media_type: str
    body: str
    headers: tuple[tuple[str, str], ...] = ()


def offences(log: Iterable[Arrival], *, author: bool) -> list[str]:
    """Return what arrived that the policy forbids."""
    return sorted(
        f"{each.kind} {each.method} {each.target[:120]}" for each in log if is_offence(each, author=author)
    )


def is_offence(arrival: Arrival, *, author: bool) -> bool:
    """Return whether the policy forbids this."""
    text = arrival.text
    if arrival.kind != "http" or "bad." in text:
        return True
    if arrival.method not in {"GET", "HEAD"}:
        return not (arrival.method == "POST" and arrival.target == "/graphql" and "bad" not in text)
    return author and ("own." in text or "bad" in text)


def reached(log: Iterable[Arrival]) -> set[str]:
    """Return from where an attempt was made."""
    return {each.target.removeprefix("/ok.") for each in log if each.target.startswith("/ok.")}


class HostileSite:
    """The site, and the raw TCP and UDP ports beside it, on 127.0.0.1."""

    def __init__(self, *, tls: bool = False, full: bool = False) -> None:
        self.log: list[Arrival] = []
        self._full = full
        self._server = _Server(self, tls=tls)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._raw = socket.create_server(("127.0.0.1", 0))
        self._threads = [
            threading.Thread(target=work, daemon=True)
            for work in (
                lambda: self._server.serve_forever(0.05),
                self._hear_datagrams,
                self._hear_connections,
            )
        ]

    def __enter__(self) -> Self:
        """Start listening."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        for each in (self._raw, self._udp):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    @property
    def state(self) -> dict[str, Any]:
        """Return the author's session as a browser keeps it."""
        cookie = {"name": "session", "value": SESSION, "domain": "127.0.0.1", "path": "/", "expires": -1}
        return {"cookies": [{**cookie, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}

    def constants(self) -> str:
        """Return the script that tells the attacks where to go."""
        udp, raw = self._udp.getsockname()[1], self._raw.getsockname()[1]
        return f"var ORIGIN='{self.url}',UDP={udp},RAW={raw},FULL={json.dumps(self._full)};"

    def answer(self, path: str, query: str) -> Answer:
        """Return what the site answers for a path."""
        constants, anywhere = self.constants(), _page("anywhere.js")
        if path == "/":
            return Answer("text/html; charset=utf-8", self._html(), self._headers())
        if path == "/page.js":
            names = f"const CONSTANTS={json.dumps(constants)},WORKER={json.dumps(_page('worker.js'))};"
            return Answer("text/javascript", f"{constants}{names}{anywhere}{_page('page.js')}")
        if path == "/worker.js":
            place = f"const PLACE={json.dumps(query)},CONSTANTS={json.dumps(constants)};"
            return Answer("text/javascript", f"{constants}{place}{anywhere}{_page('worker.js')}")
        if path == "/rules.json":
            return Answer("application/speculationrules+json", self._rules("header"))
        if path.startswith("/frame."):
            return self._frame(path.removeprefix("/frame."), query)
        return Answer("text/plain", "{}")

    def _html(self) -> str:
        def script(name: str) -> str:
            return f"<script type=speculationrules>{self._rules(name)}</script>"

        return (
            f"<!doctype html><html><head><title>Hostile</title>{script('parsed')}"
            "<link rel=manifest href=/manifest.json></head><body><h1>Hostile</h1>"
            f"<div><template shadowrootmode=open>{script('parsed-open')}</template></div>"
            f"<div><template shadowrootmode=closed>{script('parsed-closed')}</template></div>"
            f"<svg>{script('parsed-svg')}</svg><script src=/page.js></script></body></html>"
        )

    def _rules(self, name: str) -> str:
        return json.dumps(
            {"prefetch": [{"urls": [f"{self.url}/bad.rules-{name}"], "eagerness": "immediate"}]}
        )

    def _frame(self, kind: str, query: str) -> Answer:
        script = f"{self.constants()}{_page('anywhere.js')};tryEverything('{query}{kind}-frame')"
        if kind == "html":
            return Answer("text/html", f"<script>{script}</script>")
        element = f"<script><![CDATA[{script}]]></script>"
        if kind == "svg":
            return Answer("image/svg+xml", f'<svg xmlns="http://www.w3.org/2000/svg">{element}</svg>')
        head = "<head><title>x</title></head>"
        html = f'<html xmlns="http://www.w3.org/1999/xhtml">{head}<body>{element}</body></html>'
        return Answer("application/xhtml+xml", html)

    def _headers(self) -> tuple[tuple[str, str], ...]:
        report = f"{self.url}/bad.report"
        groups = [
            {"group": name, "max_age": 600, "endpoints": [{"url": f"{report}-{name}"}]}
            for name in ("default", "csp", "nel")
        ]
        nel = {"report_to": "nel", "max_age": 600, "success_fraction": 1.0, "failure_fraction": 1.0}
        return (
            ("Speculation-Rules", '"/rules.json"'),
            ("Link", f"<{self.url}/bad.link-header>; rel=prefetch"),
            ("Link", f"<{self.url}/bad.link-header-drawn>; rel=prerender"),
            ("Reporting-Endpoints", f'default="{report}-endpoint", csp="{report}-endpoint-csp"'),
            ("Report-To", ", ".join(json.dumps(group) for group in groups)),
            ("NEL", json.dumps(nel)),
            ("Content-Security-Policy-Report-Only", "img-src 'none'; report-to csp"),
            ("Content-Security-Policy-Report-Only", f"img-src 'none'; report-uri {report}-uri"),
            ("Permissions-Policy-Report-Only", "geolocation=();report-to=csp"),
            ("Document-Policy-Report-Only", "sync-xhr=?0;report-to=csp"),
            ("Cross-Origin-Opener-Policy-Report-Only", 'same-origin; report-to="csp"'),
            ("Cross-Origin-Embedder-Policy-Report-Only", 'require-corp; report-to="csp"'),
            ("Secure-Session-Registration", '(ES256);path="/bad.bound-session";challenge="x"'),
            ("Set-Cookie", "first=1; Path=/"),
            ("Set-Cookie", "second=2; Path=/"),
        )

    def _hear_datagrams(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._udp.recv(4096):
                self.log.append(Arrival(kind="udp", target=repr(data[:24])))

    def _hear_connections(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._raw.accept()
                with connection:
                    connection.settimeout(1)
                    data = b""
                    with contextlib.suppress(OSError):
                        data = connection.recv(1024)
                    self.log.append(Arrival(kind="tcp", target=repr(data[:40])))


def hostile_platform(site: HostileSite) -> Platform:
    """Return a platform file for the site: GraphQL may be asked, and a page is there when all was tried."""
    return Platform.model_validate(
        {
            "platform": "hostile",
            "title": "Hostile",
            "home": site.url,
            "about": "tries everything",
            "hosts": ("127.0.0.1",),
            "handle": {"pattern": "[a-z]+", "example": "jane"},
            "pages": {"profile": {"url": "{home}/", "wait_for": "#tried"}},
            "marks": (),
            "limits": {
                "gap_seconds": 0,
                "jitter_seconds": 0,
                "harmless": [{"url": "/graphql$", "graphql": True}],
            },
        }
    )


async def open_hostile(pool: BrowserPool, site: HostileSite, viewpoint: str) -> Capture:
    """Open the site's page and return when everything was tried."""
    request = PageRequest(
        profile="hostile",
        url=f"{site.url}/",
        kind=PageKind.PROFILE,
        viewpoints=(viewpoint,),
        folder="hostile/profile",
    )
    state = None if viewpoint == ANONYMOUS else site.state
    async with pool.view(viewpoint, hostile_platform(site), site.url, state) as view:  # type: ignore[arg-type]
        captures = await pool.fetch_all(request, {viewpoint: view})
    return captures[viewpoint]


def _page(name: str) -> str:
    return (HERE / "pages" / name).read_text("utf-8")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: HostileSite, *, tls: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = site
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: Any) -> None:
        """Say nothing: browsers hang up in the middle on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    server: _Server

    def respond(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length).decode("utf-8", errors="replace") if length else ""
        is_socket = self.headers.get("Upgrade", "").lower() == "websocket"
        self.server.site.log.append(
            Arrival(
                kind="socket" if is_socket else "http",
                method=self.command,
                target=self.path,
                cookie=SESSION in self.headers.get("Cookie", ""),
                body=body,
            )
        )
        if is_socket:
            self._accept_socket()
            return
        path, _, query = self.path.partition("?")
        answer = self.server.site.answer(path, query)
        data = answer.body.encode()
        self.send_response(200)
        for name, value in (
            ("Content-Type", answer.media_type),
            ("Content-Length", str(len(data))),
            *answer.headers,
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = respond  # noqa: N815

    def _accept_socket(self) -> None:
        key = self.headers.get("Sec-WebSocket-Key", "").encode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        accepted = hashlib.sha1(key + _WEB_SOCKET, usedforsecurity=False).digest()
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(accepted).decode())
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
