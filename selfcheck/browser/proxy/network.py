"""What lies beyond the filtering proxy: resolving names, connecting, and the user's own proxy."""

import asyncio
import errno
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

from aiohappyeyeballs import AddrInfoType, start_connection

from selfcheck.browser.proxy.rules import Endpoint
from selfcheck.core.hosts import address_of, is_loopback, split_address

Addresses: TypeAlias = Sequence[AddrInfoType]
"""What `getaddrinfo` returns: the places to which a connection may be made."""

_CONNECT_SECONDS = 30.0
_NEXT_ADDRESS_SECONDS = 0.25  # RFC 8305: after so long the next address is tried beside the first
_KEPT_SECONDS = 60.0  # as long as browsers keep a name's addresses
_PROXY_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080, "socks": 1080}


class Network(Protocol):
    """Resolves names and connects; a test hands in another."""

    async def resolve(self, host: str, port: int) -> Addresses:
        """Return a name's addresses. Raise OSError."""

    async def connect(self, addresses: Addresses) -> socket.socket:
        """Return a socket that is connected to one of these addresses. Raise OSError."""

    def proxy_for(self, endpoint: Endpoint, *, tunnel: bool) -> "UserProxy | None":
        """Return the user's own proxy for this place, or None. Raise OSError where it cannot be used."""


@dataclass(frozen=True, kw_only=True)
class UserProxy:
    """A proxy that the user's environment or system names."""

    scheme: str  # http, https or socks5
    endpoint: Endpoint
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, text: str) -> "UserProxy | None":
        """Return the proxy that an address such as `http://user:word@host:3128` names; None for any other."""
        parts = split_address(text if "://" in text else f"http://{text}")
        try:
            usual = _PROXY_PORTS[parts.scheme]
            port = parts.port or usual
        except (KeyError, ValueError):
            return None
        if not parts.hostname:
            return None
        return cls(
            scheme="socks5" if parts.scheme.startswith("socks") else parts.scheme,
            endpoint=Endpoint(parts.hostname, port),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


class SystemNetwork:
    """The network of this machine, with the proxies that its user has set."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: dict[tuple[str, int], tuple[float, asyncio.Task[Addresses]]] = {}
        self._proxies = getproxies()

    async def resolve(self, host: str, port: int) -> Addresses:
        """Return a name's addresses, asked for at most once a minute. Raise OSError."""
        if is_loopback(host) and address_of(host) is None:
            # Every name below `localhost` is this machine (RFC 6761); not every system's resolver knows it.
            host = "localhost"
        until, task = self._known.get((host, port), (0.0, None))
        if task is None or until < self._now() or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.ensure_future(_look_up(host, port))
            # Whether anyone still waits for it or not: its failure is not logged as a fault of ours.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._known[host, port] = (self._now() + _KEPT_SECONDS, task)
        # Shielded: a page that goes away must not take the answer from others that wait for it.
        return await asyncio.shield(task)

    async def connect(self, addresses: Addresses) -> socket.socket:
        """Return a socket that is connected to the first of these addresses that answers. Raise OSError."""
        async with asyncio.timeout(_CONNECT_SECONDS):
            return await start_connection(addresses, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS)

    def proxy_for(self, endpoint: Endpoint, *, tunnel: bool) -> UserProxy | None:
        """Return the user's own proxy for this place; none for this machine. Raise OSError for an odd one."""
        kind = "https" if tunnel else "http"
        text = self._proxies.get(kind) or self._proxies.get("all")
        if not text or is_loopback(endpoint.host) or proxy_bypass(endpoint.host):
            return None
        proxy = UserProxy.of(text)
        if proxy is None:
            raise OSError(errno.EPROTONOSUPPORT, "the proxy that is set is none that can be used")
        return proxy


async def _look_up(host: str, port: int) -> Addresses:
    loop = asyncio.get_running_loop()
    address = address_of(host)
    if address is not None:
        return await loop.getaddrinfo(
            str(address), port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )
    return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
