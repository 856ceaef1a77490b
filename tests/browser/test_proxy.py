"""The filtering proxy by itself: what it forwards, what it refuses, and how it fails."""

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from led_network import LedNetwork

from selfcheck.browser.proxy.heads import offers_http2
from selfcheck.browser.proxy.network import SystemNetwork, UserProxy
from selfcheck.browser.proxy.rules import Endpoint, ReachRules
from selfcheck.browser.proxy.server import FilteringProxy

PUBLIC = "93.184.216.34"


def client_hello(*protocols: str) -> bytes:
    """The first bytes of a TLS connection, as OpenSSL writes them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no authorities of the system: reading them takes long
    if protocols:
        context.set_alpn_protocols(protocols)
    outgoing = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="a.example").do_handshake()
    return outgoing.read()


def _in_records(data: bytes, size: int) -> bytes:
    """The same handshake in records of this size."""
    message = data[5:]
    parts = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(data[:3] + len(part).to_bytes(2, "big") + part for part in parts)


HELLO = client_hello("h2", "http/1.1")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server that keeps the heads that it gets and answers each with its own text."""

    def __init__(self, *answers: bytes, reset: bool = False) -> None:
        self.heads: list[bytes] = []
        self.connections = 0
        self._answers = list(answers)
        self._reset = reset

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                if not self._answers:
                    break
                writer.write(self._answers.pop(0))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


def ok(text: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def proxied(network: Any, rules: ReachRules | None = None) -> AsyncIterator[tuple[FilteringProxy, int]]:
    proxy = FilteringProxy(rules or ReachRules(home=Endpoint("blog.example", 443)), network)
    address = await proxy.start()
    try:
        yield proxy, int(address.rpartition(":")[2])
    finally:
        proxy.close()


@asynccontextmanager
async def asked_of(port: int) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


def get(url: str, *headers: str) -> bytes:
    host = url.split("/")[2]
    return "\r\n".join([f"GET {url} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


async def answer_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    return await reader.readexactly(length)


def do(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def test_one_connection_is_kept_for_a_host_and_another_host_gets_another() -> None:
    async def work() -> None:
        first, second = Server(ok("one"), ok("two")), Server(ok("three"))
        async with served(first) as port, served(second) as other:
            network = LedNetwork({"a.example": PUBLIC, "b.example": PUBLIC}, ports={80: port, 8080: other})
            async with proxied(network) as (proxy, at), asked_of(at) as (reader, writer):
                bodies = []
                for url in ("http://a.example/1", "http://a.example/2?x", "http://b.example:8080/"):
                    writer.write(get(url, "Proxy-Connection: keep-alive"))
                    bodies.append(await answer_of(reader))
                assert bodies == [b"one", b"two", b"three"]
                assert (first.connections, second.connections) == (1, 1)
                assert [head.split()[1] for head in first.heads] == [b"/1", b"/2?x"]
                assert b"Proxy-" not in b"".join(first.heads)
                assert proxy.log.connections == {Endpoint("a.example", 80): 2, Endpoint("b.example", 8080): 1}
                assert proxy.log.server("http://a.example/") == f"127.0.0.1:{port}"

    do(work())


def test_a_body_goes_on_and_the_next_request_begins_after_it() -> None:
    async def work() -> None:
        server = Server(ok("one"), ok("two"))
        async with (
            served(server) as port,
            proxied(LedNetwork({"a.example": PUBLIC}, port)) as (_, at),
            asked_of(at) as (reader, writer),
        ):
            post = get("http://a.example/", "Content-Length: 400004").replace(b"GET", b"POST")
            writer.write(post + b"x" * 400_000)
            assert await answer_of(reader) == b"one"
            # The server reads heads only: the body's end is part of what it takes for the next one.
            writer.write(b"\r\n\r\n" + get("http://a.example/next"))
            assert await answer_of(reader) == b"two"
            assert server.heads[1] == b"x" * 400_000 + b"\r\n\r\n"

    do(work())


@pytest.mark.parametrize(
    "socket_begins",
    [b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", client_hello("http/1.1")],
    ids=["without TLS", "with TLS"],
)
def test_a_tunnel_passes_everything_on_and_a_web_socket_gets_none(socket_begins: bytes) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def work() -> None:
        async with served(echo) as port, proxied(LedNetwork({"a.example": PUBLIC}, port)) as (proxy, at):
            connect = b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"
            async with asked_of(at) as (reader, writer):
                writer.write(connect)
                assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
                large = HELLO + bytes(range(256)) * 20_000
                writer.write(large)
                assert await reader.readexactly(len(large)) == large
            async with asked_of(at) as (reader, writer):
                writer.write(connect + socket_begins)
                assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
                with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                    await reader.readexactly(1)
            endpoint = Endpoint("a.example", 443)
            assert (proxy.log.connections[endpoint], proxy.log.refused[endpoint]) == (1, 1)
            assert proxy.log.refusal("https://a.example/") is None

    do(work())


@pytest.mark.parametrize(
    ("begins", "http2"),
    [
        pytest.param(client_hello("h2", "http/1.1"), True, id="as for what is fetched"),
        pytest.param(client_hello("http/1.1"), False, id="as for a web socket"),
        pytest.param(client_hello(), False, id="without a choice"),
        pytest.param(_in_records(client_hello("h2"), 50), True, id="in several records"),
        pytest.param(client_hello("h2") + bytes(300_000), True, id="with much after it"),
        pytest.param(client_hello("h2")[:100], None, id="not whole"),
        pytest.param(b"\x16", None, id="one byte"),
        pytest.param(b"", False, id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", False, id="no TLS"),
        pytest.param(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", False, id="too short to be one"),
        pytest.param(b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00", False, id="another message"),
        pytest.param(b"\x16\x03\x01\xff\xff" * 20_000, False, id="too long to be one"),
    ],
)
def test_what_a_tunnel_offers_is_read_from_its_first_bytes(begins: bytes, http2: bool | None) -> None:
    assert offers_http2(begins) is http2


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:PORT/",
        "http://127.0.0.2:PORT/",
        "http://127.1:PORT/",
        "http://0x7f.1:PORT/",
        "http://2130706433:PORT/",
        "http://[::1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[64:ff9b::7f00:1]:PORT/",
        "http://[2002:7f00:1::]:PORT/",
        "http://localhost:PORT/",
        "http://a.localhost:PORT/",
        "http://nas:PORT/",
        "http://within.example:PORT/",
        "http://both.example:PORT/",
        "http://tracker.example/",
    ],
)
def test_what_is_refused_is_not_connected_and_gets_no_page_of_ours(url: str) -> None:
    async def work() -> None:
        server = Server(ok("secret"))
        rules = ReachRules(home=Endpoint("blog.example", 443), unwanted=("tracker.example",))
        async with served(server) as port:
            names = {
                "within.example": "127.0.0.1",
                "both.example": (PUBLIC, "10.0.0.1"),
                "tracker.example": PUBLIC,
            }
            network = LedNetwork({**names, "nas": "127.0.0.1"}, port)
            asked = url.replace("PORT", str(port))
            async with proxied(network, rules) as (proxy, at):
                async with asked_of(at) as (reader, writer):
                    writer.write(get(asked))
                    assert await reader.read() == b""
                async with asked_of(at) as (reader, writer):
                    place = asked.split("/")[2] if "PORT" in url else "tracker.example:443"
                    writer.write(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode() + HELLO)
                    assert (await reader.read()).split()[1] == b"502"
                assert proxy.log.refusal(asked)
            assert (server.heads, network.connected) == ([], [])

    do(work())


def test_a_name_that_changes_after_the_check_is_not_followed() -> None:
    class Rebinding(LedNetwork):
        async def resolve(self, host: str, port: int) -> Any:
            self.names = {"a.example": PUBLIC if "a.example" not in self.resolved else "127.0.0.1"}
            return await super().resolve(host, port)

    async def work() -> None:
        async with served(Server(ok("public"))) as port:
            network = Rebinding({}, port)
            async with proxied(network) as (proxy, at):
                async with asked_of(at) as (reader, writer):
                    writer.write(get("http://a.example/"))
                    assert await answer_of(reader) == b"public"
                async with asked_of(at) as (reader, writer):
                    writer.write(get("http://a.example/"))
                    assert await reader.read() == b""
                assert network.connected == [(PUBLIC, 80)]
                assert network.resolved == ["a.example", "a.example"]
                assert proxy.log.refusal("http://a.example/")

    do(work())


def test_a_page_cannot_speak_to_the_proxy_itself() -> None:
    async def work() -> None:
        rules = ReachRules(home=Endpoint("127.0.0.1", 80))
        async with proxied(SystemNetwork(), rules) as (_, at), asked_of(at) as (reader, writer):
            writer.write(get(f"http://127.0.0.1:{at}/"))
            assert await reader.read() == b""

    do(work())


def test_a_prefetch_is_refused_and_the_page_behind_it_is_not() -> None:
    async def work() -> None:
        server = Server(ok("page"))
        async with served(server) as port, proxied(LedNetwork({"a.example": PUBLIC}, port)) as (proxy, at):
            async with asked_of(at) as (reader, writer):
                writer.write(get("http://a.example/", "Sec-Purpose: prefetch;prerender"))
                assert await reader.read() == b""
            async with asked_of(at) as (reader, writer):
                writer.write(get("http://a.example/"))
                assert await answer_of(reader) == b"page"
            assert (len(server.heads), proxy.log.refused.total()) == (1, 1)

    do(work())


def test_a_failure_keeps_the_browsers_own_word() -> None:
    async def work() -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            network = LedNetwork({"a.example": PUBLIC}, closed.getsockname()[1])
            async with proxied(network) as (proxy, at):
                for url in ("http://a.example/", "http://unknown.example/"):
                    async with asked_of(at) as (reader, writer):
                        writer.write(get(url))
                        assert await reader.read() == b""
                words = "Page.goto: net::ERR_EMPTY_RESPONSE"
                assert "ERR_CONNECTION_REFUSED" in proxy.log.message("http://a.example/x", words)
                assert "ERR_NAME_NOT_RESOLVED" in proxy.log.message("http://unknown.example/", words)
                assert proxy.log.message("http://other.example/", words) == words
                assert proxy.log.message("http://a.example/", "net::ERR_CERT_DATE") == "net::ERR_CERT_DATE"

    do(work())


@pytest.mark.parametrize("user", ["", "jane"])
def test_requests_and_tunnels_go_through_the_users_own_proxy(user: str) -> None:
    async def work() -> None:
        theirs = Server(b"HTTP/1.1 200 OK\r\n\r\n")
        plain = Server(ok("through it"))
        words = f"{user}:p%40ss@" if user else ""
        async with served(theirs) as port, served(plain) as other:
            for at, head in (
                (port, b"CONNECT a.example:443 HTTP/1.1"),
                (other, b"GET http://a.example/x HTTP/1.1"),
            ):
                network = LedNetwork(
                    {"a.example": PUBLIC}, proxy=UserProxy.of(f"http://{words}127.0.0.1:{at}")
                )
                async with proxied(network) as (_, ours), asked_of(ours) as (reader, writer):
                    if at == port:
                        writer.write(head + b"\r\nHost: a.example:443\r\n\r\n")
                        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
                        received = theirs.heads[0]
                    else:
                        writer.write(get("http://a.example/x"))
                        assert await answer_of(reader) == b"through it"
                        received = plain.heads[0]
                    assert received.startswith(head)
                    opened = b"Basic " + base64.b64encode(b"jane:p@ss") in received
                    assert opened is bool(user)

    do(work())


def test_behind_the_users_own_proxy_what_is_within_stays_refused() -> None:
    async def work() -> None:
        theirs = Server()
        async with served(theirs) as port:
            proxy = UserProxy.of(f"127.0.0.1:{port}")
            network = LedNetwork({"within.example": "10.0.0.1"}, proxy=proxy)
            async with proxied(network) as (_, at):
                for url in ("http://10.0.0.1/", "http://within.example/", "http://nas/"):
                    async with asked_of(at) as (reader, writer):
                        writer.write(get(url))
                        assert await reader.read() == b""
                assert theirs.connections == 0
                # A name that only the user's proxy can resolve is left to it; that it refuses is told.
                async with asked_of(at) as (reader, writer):
                    writer.write(
                        b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: elsewhere.example:443\r\n\r\n"
                    )
                    assert b" 502 " in await reader.read()
                assert theirs.connections == 1

    do(work())


def test_the_users_own_proxy_may_speak_socks() -> None:
    asked = bytearray()

    async def socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.extend(await reader.readexactly(3))
        writer.write(b"\x05\x00")
        asked.extend(await reader.readexactly(5 + len("a.example") + 2))
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ok("socks"))
        writer.close()

    async def work() -> None:
        async with served(socks) as port:
            network = LedNetwork({"a.example": PUBLIC}, proxy=UserProxy.of(f"socks5://127.0.0.1:{port}"))
            async with proxied(network) as (_, at), asked_of(at) as (reader, writer):
                writer.write(get("http://a.example/"))
                assert await answer_of(reader) == b"socks"
        assert bytes(asked) == b"\x05\x01\x00\x05\x01\x00\x03\x09a.example\x00\x50"

    do(work())


@pytest.mark.parametrize(
    ("variables", "asked", "place"),
    [
        ({"HTTPS_PROXY": "http://p.example:3128"}, ("a.example", True), Endpoint("p.example", 3128)),
        ({"HTTPS_PROXY": "http://p.example:3128"}, ("a.example", False), None),
        ({"http_proxy": "p.example"}, ("a.example", False), Endpoint("p.example", 80)),
        ({"ALL_PROXY": "socks5h://p.example"}, ("a.example", True), Endpoint("p.example", 1080)),
        ({"ALL_PROXY": "http://p.example", "no_proxy": ".a.example"}, ("x.a.example", True), None),
        ({"ALL_PROXY": "http://p.example"}, ("127.0.0.1", False), None),
        ({"ALL_PROXY": "http://p.example"}, ("blog.localhost", False), None),
    ],
)
def test_the_users_own_proxy_is_the_environments(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    asked: tuple[str, bool],
    place: Endpoint | None,
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    host, tunnel = asked
    proxy = SystemNetwork().proxy_for(Endpoint(host, 443 if tunnel else 80), tunnel=tunnel)
    assert (proxy.endpoint if proxy else None) == place


def test_a_proxy_that_cannot_be_used_is_not_gone_past(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "quic://p.example:1")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(OSError, match="proxy"):
        SystemNetwork().proxy_for(Endpoint("a.example", 443), tunnel=True)
