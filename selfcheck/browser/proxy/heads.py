"""The head of a request that a browser sends to its proxy. Pure.

Only what browsers send is understood: anything else is refused, since two readers who understand a request
differently are how one request hides in another.
"""

import re
from dataclasses import dataclass

from selfcheck.browser.proxy.rules import Endpoint, endpoint_of

_LINE = re.compile(rb"([A-Z]+) ([\x21-\x7e]+) HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00\r\n]*)")
_PLACE = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:@/?#\s]+)):(\d{1,5})")
_HOP_BY_HOP = (b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive", b"te")
_MOST_PORT = 65535


class HeadError(ValueError):
    """Not a request as browsers send it to a proxy."""


@dataclass(frozen=True, kw_only=True)
class RequestHead:
    """A request line and its headers."""

    method: bytes
    endpoint: Endpoint
    url: bytes  # as the browser wrote it: whole, or a host and port for a tunnel
    headers: tuple[tuple[bytes, bytes], ...]  # those that go on to the server
    body_length: int

    @property
    def is_tunnel(self) -> bool:
        """Return whether a tunnel is asked for, rather than a request to be forwarded."""
        return self.method == b"CONNECT"

    @property
    def is_prefetch(self) -> bool:
        """Return whether it is sent ahead of a click that may never come."""
        names = (b"sec-purpose", b"purpose")
        return any(name.lower() in names and b"prefetch" in value for name, value in self.headers)

    @property
    def for_server(self) -> bytes:
        """Return the head as the server itself gets it: with the path alone."""
        path = b"/" + self.url.split(b"/", 3)[3] if self.url.count(b"/") > 2 else b"/"  # noqa: PLR2004 - scheme://host/
        return self._written(path, b"Connection")

    def for_proxy(self, credentials: bytes) -> bytes:
        """Return the head as another proxy gets it: with the whole address, and what opens it."""
        return self._written(self.url, b"Proxy-Connection", credentials)

    def _written(self, target: bytes, connection: bytes, more: bytes = b"") -> bytes:
        headers = b"".join(name + b": " + value + b"\r\n" for name, value in self.headers)
        return b"%s %s HTTP/1.1\r\n%s%s: keep-alive\r\n%s\r\n" % (
            self.method,
            target,
            headers,
            connection,
            more,
        )


def head_of(raw: bytes) -> RequestHead:
    """Return the request that begins with these lines. Raise HeadError."""
    first, *lines = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    match = _LINE.fullmatch(first)
    headers = [_HEADER.fullmatch(line) for line in lines]
    if match is None or None in headers:
        raise HeadError(raw[:100])
    method, target = match.groups()
    pairs = [(header[1], header[2].rstrip()) for header in headers if header is not None]
    endpoint = _place_of(target.decode("ascii"), is_tunnel=method == b"CONNECT")
    hosts = [value.decode("latin-1") for name, value in pairs if name.lower() == b"host"]
    if method != b"CONNECT" and [endpoint_of(f"http://{host}") for host in hosts] != [endpoint]:
        raise HeadError(raw[:100])
    return RequestHead(
        method=method,
        endpoint=endpoint,
        url=target,
        headers=tuple((name, value) for name, value in pairs if name.lower() not in _HOP_BY_HOP),
        body_length=_body_length(pairs),
    )


def _place_of(target: str, *, is_tunnel: bool) -> Endpoint:
    if is_tunnel:
        match = _PLACE.fullmatch(target)
        if match is None or not 0 < int(match[3]) <= _MOST_PORT:
            raise HeadError(target)
        return Endpoint((match[1] or match[2]).lower().rstrip("."), int(match[3]))
    endpoint = endpoint_of(target) if target.startswith("http://") else None
    if endpoint is None or "@" in target.split("/")[2]:
        raise HeadError(target)
    return endpoint


def _body_length(headers: list[tuple[bytes, bytes]]) -> int:
    lengths = {value for name, value in headers if name.lower() == b"content-length"}
    coded = any(name.lower() == b"transfer-encoding" for name, _ in headers)
    if coded or len(lengths) > 1 or not all(re.fullmatch(rb"\d{1,15}", value) for value in lengths):
        raise HeadError("a body of unknown length")
    return int(lengths.pop()) if lengths else 0
