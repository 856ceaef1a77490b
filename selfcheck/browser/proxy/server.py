"""The filtering proxy of one viewpoint: a server on loopback that forwards HTTP and opens tunnels.

Answers pass through as they come, byte for byte: what a broken server sends, and how it hangs up, is the
browser's to judge. Only the heads of requests are read. A connection of the browser has one connection beyond
it, which is kept for the next request to the same place.
"""

import asyncio
import errno
import socket
import ssl
import struct
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address

from selfcheck.browser.proxy.heads import HeadError, RequestHead, head_of, offers_http2
from selfcheck.browser.proxy.network import Addresses, Network, UserProxy
from selfcheck.browser.proxy.rules import Endpoint, ReachRules, all_public, endpoint_of
from selfcheck.browser.proxy.upstream import Upstream, UpstreamError, through_user_proxy

_LONGEST_HEAD = 256 * 1024
_HEAD_END = b"\r\n\r\n"
_NO_ANSWER_YET = (
    "ERR_EMPTY_RESPONSE",
    "ERR_CONNECTION_CLOSED",
    "ERR_CONNECTION_RESET",
    "ERR_TUNNEL_CONNECTION_FAILED",
)
"""What the browser says where the proxy could not connect, or would not."""

_BY_ERRNO = {
    errno.ECONNREFUSED: "ERR_CONNECTION_REFUSED",
    errno.ECONNRESET: "ERR_CONNECTION_RESET",
    errno.ECONNABORTED: "ERR_CONNECTION_ABORTED",
    errno.ETIMEDOUT: "ERR_CONNECTION_TIMED_OUT",
    errno.EACCES: "ERR_NETWORK_ACCESS_DENIED",
    errno.ENETDOWN: "ERR_INTERNET_DISCONNECTED",
    errno.EPROTONOSUPPORT: "ERR_PROXY_CONNECTION_FAILED",
}


@dataclass(kw_only=True)
class ProxyLog:
    """What went through a viewpoint's proxy, and what did not."""

    connections: Counter[Endpoint] = field(default_factory=Counter)  # tunnels, and requests without TLS
    refused: Counter[Endpoint] = field(default_factory=Counter)
    reasons: dict[Endpoint, str] = field(default_factory=dict)  # why the last one was refused
    troubles: dict[Endpoint, str] = field(default_factory=dict)  # the browser's word for why none was made
    servers: dict[Endpoint, str] = field(default_factory=dict)  # with which address and port

    def refusal(self, url: str) -> str | None:
        """Return why the proxy refused the place to which an address leads, or None."""
        endpoint = endpoint_of(url)
        return self.reasons.get(endpoint) if endpoint else None

    def server(self, url: str) -> str:
        """Return the address and port that an address was connected to last; "" where it was not."""
        endpoint = endpoint_of(url)
        return self.servers.get(endpoint, "") if endpoint else ""

    def message(self, url: str, told: str) -> str:
        """Return the browser's error message, or what it would be if there was no proxy."""
        endpoint = endpoint_of(url)
        if endpoint not in self.troubles or not any(code in told for code in _NO_ANSWER_YET):
            return told
        return f"net::{self.troubles[endpoint]} at {url}"


class RefusedError(Exception):
    """The rules refuse a connection."""


class FilteringProxy:
    """The proxy of one viewpoint, from `start` to `close`.

    `closes_sockets`: a tunnel of a browser that begins like that of a web socket is closed.
    """

    def __init__(self, rules: ReachRules, network: Network, *, closes_sockets: bool = True) -> None:
        self.rules = rules
        self.closes_sockets = closes_sockets
        self.log = ProxyLog()
        self._network = network
        self._server: asyncio.Server | None = None
        self._clients: set[Client] = set()

    async def start(self) -> str:
        """Listen on a free port of loopback and return the proxy's address."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Client(self), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def for_program(self) -> "FilteringProxy":
        """Return another with the same rules, for a program: its tunnels never offer HTTP/2."""
        return FilteringProxy(self.rules, self._network, closes_sockets=False)

    def close(self) -> None:
        """Hang up on everything."""
        if self._server is not None:
            self._server.close()
        for client in tuple(self._clients):
            client.hang_up()

    def opened(self, client: "Client") -> None:
        """Take in a connection of the browser."""
        self._clients.add(client)

    def gone(self, client: "Client") -> None:
        """Forget a connection of the browser."""
        self._clients.discard(client)

    def refuse(self, asked: Endpoint, reason: str = "") -> RefusedError:
        """Note a refusal and return it; without a reason it is not about the place but about the request."""
        self.log.refused[asked] += 1
        if reason:
            self.log.reasons[asked] = reason
        return RefusedError(reason)

    async def connect(self, asked: Endpoint, *, tunnel: bool) -> Upstream:
        """Return a connection to this place that the rules allow. Raise RefusedError or UpstreamError."""
        reason = self.rules.name_refusal(asked)
        if reason is not None:
            raise self.refuse(asked, reason)
        try:
            upstream = await self._connect(asked, tunnel=tunnel)
        except UpstreamError as error:
            self.log.troubles[asked] = error.code
            raise
        except (OSError, UnicodeError) as error:  # a timeout, or a name that cannot be one
            code = _code_of(error)
            self.log.troubles[asked] = code
            raise UpstreamError(code) from error
        self.log.troubles.pop(asked, None)
        self.log.reasons.pop(asked, None)
        self.log.servers[asked] = upstream.server
        return upstream

    async def _connect(self, asked: Endpoint, *, tunnel: bool) -> Upstream:
        proxy = self._network.proxy_for(asked, tunnel=tunnel)
        try:
            addresses = await self._checked(asked)
        except socket.gaierror:
            # Behind a proxy names often cannot be resolved here: then the user's own one does it.
            if proxy is None:
                raise
        if proxy is None:
            return await self._open(addresses)
        return await self._open_through(proxy, asked, tunnel=tunnel)

    async def _checked(self, asked: Endpoint) -> Addresses:
        found = {ip_address(info[4][0]): info for info in await self._network.resolve(*asked)}
        usable = self.rules.usable(asked, found, home_is_within=await self._home_is_within(asked))
        if not usable:
            raise self.refuse(asked, "a name that leads to a private or reserved address")
        return [info for address, info in found.items() if address in usable]

    async def _home_is_within(self, asked: Endpoint) -> bool:
        """Return whether the profile's own site is in a private network; asked only for its other hosts."""
        home = self.rules.home
        if home is None or asked == home or not self.rules.is_own(asked):
            return False
        try:
            found = await self._network.resolve(*home)
        except OSError:
            return False
        return not all_public(ip_address(info[4][0]) for info in found)

    async def _open(self, addresses: Addresses) -> Upstream:
        connected = await self._network.connect(addresses)
        loop = asyncio.get_running_loop()
        _, upstream = await loop.create_connection(Upstream, sock=connected)
        return upstream

    async def _open_through(self, proxy: UserProxy, asked: Endpoint, *, tunnel: bool) -> Upstream:
        try:
            connected = await self._network.connect(await self._network.resolve(*proxy.endpoint))
            context = ssl.create_default_context() if proxy.scheme == "https" else None
            _, upstream = await asyncio.get_running_loop().create_connection(
                Upstream,
                sock=connected,
                ssl=context,
                server_hostname=proxy.endpoint.host if context else None,
            )
        except OSError as error:
            raise UpstreamError("ERR_PROXY_CONNECTION_FAILED") from error
        await through_user_proxy(upstream, proxy, asked, tunnel=tunnel)
        return upstream


class Client(asyncio.Protocol):
    """One connection of the browser to the proxy."""

    def __init__(self, proxy: FilteringProxy) -> None:
        self._proxy = proxy
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._upstream: Upstream | None = None
        self._asked: Endpoint | None = None
        self._is_tunnel = False
        self._checks_first = False  # whether the tunnel's first byte is still to come
        self._body_left = 0
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._proxy.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason does not matter
        """End what it stood for: the browser wants nothing more of it."""
        self._proxy.gone(self)
        if self._task is not None:
            self._task.cancel()
        self._let_go()

    def pause_writing(self) -> None:
        """Let the server wait until the browser has taken what there is."""
        if self._upstream is not None:
            self._upstream.pause_reading()

    def resume_writing(self) -> None:
        """Let the server go on."""
        if self._upstream is not None:
            self._upstream.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Pass on what belongs to a tunnel or a body; otherwise read the head of a request."""
        if self._is_tunnel and not self._checks_first and self._upstream is not None:
            self._upstream.write(data)
            return
        self._buffer += data
        if self._task is None:
            self._go_on()
        elif len(self._buffer) > _LONGEST_HEAD:
            self.hold(on=True)  # a long body, while there is no connection for it yet

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection at once; with `reset` as a server does that breaks it off."""
        transport = self._transport
        if transport is None:
            return
        if reset:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def answer(self, data: bytes) -> None:
        """Pass on what the server sends."""
        if self._transport is not None:
            self._transport.write(data)

    def hold(self, *, on: bool) -> None:
        """Let the browser wait until the server has taken what there is, or go on."""
        if self._transport is not None and not self._transport.is_closing():
            (self._transport.pause_reading if on else self._transport.resume_reading)()

    def server_gone(self, upstream: Upstream, error: Exception | None) -> None:
        """End as the server has ended."""
        if upstream is not self._upstream:
            return
        self._upstream = None
        if isinstance(error, ConnectionResetError):
            self.hang_up(reset=True)
        elif self._transport is not None:
            self._transport.close()

    def _go_on(self) -> None:
        """Do what can be done with what has come."""
        if self._is_tunnel:
            self._begin_tunnel()
            return
        if self._body_left and self._upstream is not None:
            body = bytes(self._buffer[: self._body_left])
            del self._buffer[: len(body)]
            self._body_left -= len(body)
            self._upstream.write(body)
        end = self._buffer.find(_HEAD_END)
        if end < 0 or self._body_left:
            if len(self._buffer) > _LONGEST_HEAD:
                self.hang_up()
            return
        raw = bytes(self._buffer[: end + len(_HEAD_END)])
        del self._buffer[: len(raw)]
        self._task = asyncio.get_running_loop().create_task(self._serve(raw))

    def _begin_tunnel(self) -> None:
        if not self._buffer or self._upstream is None or self._asked is None:
            return
        if self._checks_first:
            is_fetched = not self._proxy.closes_sockets or offers_http2(bytes(self._buffer))
            if is_fetched is None:
                return
            if not is_fetched:
                # A web socket: for nothing else does the browser ask for a tunnel without TLS or HTTP/2.
                self._proxy.refuse(self._asked)
                self.hang_up()
                return
            self._proxy.log.connections[self._asked] += 1
        self._checks_first = False
        self._upstream.write(bytes(self._buffer))
        self._buffer.clear()

    async def _serve(self, raw: bytes) -> None:
        is_tunnel = raw.startswith(b"CONNECT ")
        try:
            head = head_of(raw)
            await self._reach(head)
        except (HeadError, RefusedError, UpstreamError):
            # No page of ours, since it would be taken for the platform's answer; the browser shows none that
            # answers the request for a tunnel.
            if is_tunnel and self._transport is not None:
                self._transport.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            if self._transport is not None:
                self._transport.close()
        else:
            self._task = None
            self.hold(on=False)
            if self._buffer:
                self._go_on()

    async def _reach(self, head: RequestHead) -> None:
        if head.is_prefetch:
            raise self._proxy.refuse(head.endpoint)
        if self._upstream is None or self._asked != head.endpoint:
            self._let_go()
            self._asked = head.endpoint
            upstream = await self._proxy.connect(head.endpoint, tunnel=head.is_tunnel)
            if upstream.gone:
                raise UpstreamError("ERR_CONNECTION_CLOSED")
            self._upstream = upstream
        upstream = self._upstream
        if head.is_tunnel:
            self._is_tunnel = self._checks_first = True
            self.answer(b"HTTP/1.1 200 Connection established\r\n\r\n")
            upstream.serve(self)
            return
        upstream.serve(self)
        self._proxy.log.connections[head.endpoint] += 1
        self._body_left = head.body_length
        upstream.write(head.for_proxy(upstream.credentials) if upstream.asks_proxy else head.for_server)

    def _let_go(self) -> None:
        if self._upstream is not None:
            upstream, self._upstream = self._upstream, None
            upstream.client = None
            upstream.hang_up()


def _code_of(error: OSError | UnicodeError) -> str:
    """Return the browser's word for why a connection could not be made."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return "ERR_NAME_NOT_RESOLVED"
    if isinstance(error, TimeoutError):
        return "ERR_CONNECTION_TIMED_OUT"
    return _BY_ERRNO.get(error.errno or 0, "ERR_ADDRESS_UNREACHABLE")
