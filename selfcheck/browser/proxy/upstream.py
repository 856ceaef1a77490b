"""One connection beyond the filtering proxy: to a server, or to the user's own proxy on the way to it."""

import asyncio
import base64
from typing import Protocol

from selfcheck.browser.proxy.network import UserProxy
from selfcheck.browser.proxy.rules import Endpoint

_MOST_HEAD = 64 * 1024
_ANSWER_SECONDS = 60.0
_SOCKS_VERSION = 5
_SOCKS_ADDRESS_LENGTHS = {1: 4, 4: 16}


class UpstreamError(Exception):
    """No connection; `code` is the browser's word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Receiver(Protocol):
    """What the connection's answers go to."""

    def answer(self, data: bytes) -> None:
        """Take what has come."""

    def hold(self, *, on: bool) -> None:
        """Send nothing more for now, or go on."""

    def server_gone(self, upstream: "Upstream", error: Exception | None) -> None:
        """Take notice that nothing more will come."""


class Upstream(asyncio.Protocol):
    """The connection. What comes before it has a `client` is kept for `read`."""

    def __init__(self) -> None:
        self.client: Receiver | None = None
        self.gone = False
        self.server = ""  # the address and port
        self.asks_proxy = False  # whether requests go to a proxy, which wants whole addresses
        self.credentials = b""  # the header line that opens it
        self._transport: asyncio.Transport | None = None
        self._kept = bytearray()
        self._more = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)
        self.server = f"{host}:{port}"

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.gone = True
        self._more.set()
        if self.client is not None:
            self.client.server_gone(self, exc)

    def data_received(self, data: bytes) -> None:
        """Pass on what has come."""
        if self.client is not None:
            self.client.answer(data)
        else:
            self._kept += data
            self._more.set()

    def pause_writing(self) -> None:
        """Let the browser wait until the server has taken what there is."""
        if self.client is not None:
            self.client.hold(on=True)

    def resume_writing(self) -> None:
        """Let the browser go on."""
        if self.client is not None:
            self.client.hold(on=False)

    def serve(self, client: Receiver) -> None:
        """Pass on what has come, and what will come, to this client."""
        self.client = client
        if self._kept:
            client.answer(bytes(self._kept))
            self._kept.clear()

    def write(self, data: bytes) -> None:
        """Send."""
        if self._transport is not None:
            self._transport.write(data)

    def pause_reading(self) -> None:
        """Take nothing more for now."""
        if self._transport is not None and not self.gone:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        if self._transport is not None and not self.gone:
            self._transport.resume_reading()

    def hang_up(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    async def read(self, end: bytes | int) -> bytes:
        """Return what comes up to and with this end, or so many bytes. Raise UpstreamError."""
        while True:
            at = self._kept.find(end) + len(end) if isinstance(end, bytes) else end
            if len(end) <= at <= len(self._kept) if isinstance(end, bytes) else at <= len(self._kept):
                data = bytes(self._kept[:at])
                del self._kept[:at]
                return data
            if self.gone or len(self._kept) > _MOST_HEAD:
                raise UpstreamError("ERR_TUNNEL_CONNECTION_FAILED")
            self._more.clear()
            await self._more.wait()


async def through_user_proxy(upstream: Upstream, proxy: UserProxy, asked: Endpoint, *, tunnel: bool) -> None:
    """Ask the user's own proxy, which is connected, for the way to this place. Raise UpstreamError."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            if proxy.scheme == "socks5":
                await _ask_socks(upstream, proxy, asked)
                return
            upstream.credentials = _credentials(proxy)
            if tunnel:
                await _ask_for_tunnel(upstream, asked)
            else:
                upstream.asks_proxy = True
    except TimeoutError as error:
        upstream.hang_up()
        raise UpstreamError("ERR_TIMED_OUT") from error
    except UpstreamError:
        upstream.hang_up()
        raise


def _credentials(proxy: UserProxy) -> bytes:
    if not proxy.user:
        return b""
    words = base64.b64encode(f"{proxy.user}:{proxy.password}".encode())
    return b"Proxy-Authorization: Basic " + words + b"\r\n"


async def _ask_for_tunnel(upstream: Upstream, asked: Endpoint) -> None:
    place = asked.with_port.encode()
    upstream.write(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (place, place, upstream.credentials))
    answer = await upstream.read(b"\r\n\r\n")
    if answer.split(b" ", 2)[1:2] != [b"200"]:
        raise UpstreamError("ERR_TUNNEL_CONNECTION_FAILED")


async def _ask_socks(upstream: Upstream, proxy: UserProxy, asked: Endpoint) -> None:
    """Ask as RFC 1928 and 1929 say; the proxy resolves the name."""
    failed = UpstreamError("ERR_SOCKS_CONNECTION_FAILED")
    upstream.write(b"\x05\x01\x02" if proxy.user else b"\x05\x01\x00")
    version, way = await upstream.read(2)
    if version != _SOCKS_VERSION or way != (2 if proxy.user else 0):
        raise failed
    if proxy.user:
        words = (proxy.user.encode(), proxy.password.encode())
        upstream.write(b"\x01" + b"".join(bytes([len(word)]) + word for word in words))
        if (await upstream.read(2))[1]:
            raise failed
    host = asked.host.encode("idna")
    upstream.write(b"\x05\x01\x00\x03" + bytes([len(host)]) + host + asked.port.to_bytes(2, "big"))
    _, code, _, kind = await upstream.read(4)
    if code:
        raise failed
    length = _SOCKS_ADDRESS_LENGTHS.get(kind) or (await upstream.read(1))[0]
    await upstream.read(length + 2)
