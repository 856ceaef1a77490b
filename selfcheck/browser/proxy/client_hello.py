"""The first message of TLS, by which a browser's web sockets can be told from its other tunnels. Pure.

For whatever it fetches, Chromium offers HTTP/2 and HTTP/1.1 (ALPN, RFC 7301); for a web socket of its own
connection only HTTP/1.1. A web socket within a connection of HTTP/2 (RFC 8441) cannot be seen from outside.
"""

_HANDSHAKE, _CLIENT_HELLO, _ALPN = 22, 1, 16
_RECORD_HEADER, _MESSAGE_HEADER = 5, 4
_VERSION_AND_RANDOM = 34
_MOST_BYTES = 64 * 1024


def offers_http2(data: bytes) -> bool | None:
    """Return whether a tunnel's first bytes offer HTTP/2; None where more of them must come to know it."""
    if data[:1] != bytes([_HANDSHAKE]) or len(data) > _MOST_BYTES:
        return False
    message = _message(data)
    return None if message is None else b"\x02h2" in _alpn(message)


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
