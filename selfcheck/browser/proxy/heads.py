"""What a connection to the proxy begins with: the head of a request, or a tunnel's first message. Pure.

Of heads only what browsers send is understood: anything else is refused, since two readers who understand a
request differently are how one request hides in another.

By the first message of TLS a browser's web sockets can be told from its other tunnels. For whatever it
fetches, Chromium offers HTTP/2 and HTTP/1.1 (ALPN, RFC 7301); for a web socket of its own connection only
HTTP/1.1. A web socket within a connection of HTTP/2 (RFC 8441) cannot be seen from outside.
"""

import re
from dataclasses import dataclass

from selfcheck.browser.proxy.rules import Endpoint, endpoint_of

_LINE = re.compile(rb"([A-Z]+) ([\x21-\x7e]+) HTTP/1\.1")
_HEADER = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00\r\n]*)")
_PLACE = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\[\]:@/?#\s]+)):(\d{1,5})")
_HOP_BY_HOP = (b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive", b"te")
_MOST_PORT = 65535

_HANDSHAKE, _CLIENT_HELLO, _ALPN = 22, 1, 16
_RECORD_HEADER, _MESSAGE_HEADER = 5, 4
_VERSION_AND_RANDOM = 34
_MOST_BYTES = 64 * 1024


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


# -- the first message of TLS ------------------------------------------------------------------------------


def offers_http2(data: bytes) -> bool | None:
    """Return whether a tunnel's first bytes offer HTTP/2; None where more of them must come to know it."""
    if data[:1] != bytes([_HANDSHAKE]):
        return False
    # What one read brings may hold far more than the message: only the message's own length counts.
    message = _message(data[:_MOST_BYTES])
    if message is None:
        return False if len(data) > _MOST_BYTES else None
    return b"\x02h2" in _alpn(message)


def _message(data: bytes) -> bytes | None:
    """Return the handshake message in these records; None where it is not whole."""
    message, at = b"", 0
    while at + _RECORD_HEADER <= len(data) and data[at] == _HANDSHAKE:
        length = int.from_bytes(data[at + 3 : at + _RECORD_HEADER])
        message += data[at + _RECORD_HEADER : at + _RECORD_HEADER + length]
        at += _RECORD_HEADER + length
    whole = _MESSAGE_HEADER + int.from_bytes(message[1:_MESSAGE_HEADER])
    return message[:whole] if _MESSAGE_HEADER < whole <= len(message) else None


def _alpn(message: bytes) -> bytes:
    """Return the protocols that a client offers, as they stand in its extension."""
    if message[0] != _CLIENT_HELLO:
        return b""
    at = _MESSAGE_HEADER + _VERSION_AND_RANDOM
    for size in (1, 2, 1):  # the session's id, ciphers, compressions: each with its length before it
        at += size + int.from_bytes(message[at : at + size])
    end = min(len(message), at + 2 + int.from_bytes(message[at : at + 2]))
    at += 2
    while at + _MESSAGE_HEADER <= end:
        kind, length = int.from_bytes(message[at : at + 2]), int.from_bytes(message[at + 2 : at + 4])
        if kind == _ALPN:
            return message[at + 6 : at + 4 + length]
        at += _MESSAGE_HEADER + length
    return b""
