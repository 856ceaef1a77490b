"""Finds planted secrets in whatever is handed to others: every byte of it, in every wrapping.

A secret is looked for as it stands, in other letters (UTF-16, percent signs, HTML and JSON escapes, quoted
printable, hexadecimal, base64 at any place), and in everything that can be unpacked: ZIP (names and comments
too), gzip, a PNG's text chunks and pixels, mails with their parts, and base64 within anything.
"""

import base64
import binascii
import gzip
import hashlib
import html
import io
import json
import quopri
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from email import message_from_bytes, policy
from urllib.parse import quote, quote_plus, unquote_to_bytes

from ahocorasick_rs import BytesAhoCorasick

SECRETS = {
    "cookie": "s3ss-PLANTED-cookie-7f6e5d4c",
    "token": "eyPLANTEDlocalStorageToken00112233",
    "mail": "jane.private@mail.example",
    "author's page": "Draft-PLANTED-only-the-author-sees",
    "private number": "48001177",
    "other profile": "zebulon-other",
    "other profile's page": "Zebulon-PLANTED-story-title",
}
_DEEPEST = 6
_MOST_ROUNDS = 4
_LEAST_LETTERS = 8
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_PIXELS = "pixels"
_ENDS = 12  # bytes around a PNG chunk's body
_PNG = b"\x89PNG\r\n\x1a\n"


class LeakSearch:
    """Searches for the same secrets in many places, all of them in one pass."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = [(form, name) for name, secret in secrets.items() for form in sorted(_forms(secret))]
        self._automaton = BytesAhoCorasick([form for form, _ in self._forms])
        self._known: dict[bytes, set[str]] = {}  # the same file may lie there twice

    def leaks(self, data: bytes, *, where: str = "") -> list[str]:
        """Where which secret is found; nothing where there is none."""
        found: set[str] = set()
        for place, part in _unpacked(data, where, 0):
            digest = hashlib.sha256(part).digest()
            if digest not in self._known:
                self._known[digest] = {
                    self._forms[form][1]
                    for view in _views(part)
                    for form, _, _ in self._automaton.find_matches_as_indexes(view, overlapping=True)
                }
            found |= {f"{name} in {place or 'it'}" for name in self._known[digest]}
        return sorted(found)


def leaks(data: bytes, secrets: Mapping[str, str] = SECRETS, *, where: str = "") -> list[str]:
    """Where which secret is found; nothing where there is none."""
    return LeakSearch(secrets).leaks(data, where=where)


def _forms(secret: str) -> set[bytes]:
    """The secret in every writing in which it can be found as it stands."""
    plain = secret.encode()
    forms = {
        plain,
        secret.encode("utf-16-le"),
        secret.encode("utf-16-be"),
        quote(secret, safe="").encode(),
        quote_plus(secret).encode(),
        html.escape(secret).encode(),
        json.dumps(secret)[1:-1].encode(),
        plain.hex().encode(),
        plain.hex().upper().encode(),
    }
    for shift in range(3):  # base64 of a text around it: the letters that only the secret decides
        letters = base64.b64encode(b"\0" * shift + plain)
        inner = letters[(0, 2, 3)[shift] : -4]
        if len(inner) >= _LEAST_LETTERS:  # fewer are found by chance
            forms |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return {form.lower() for form in forms if form}


def _views(data: bytes) -> Iterator[bytes]:
    """The bytes as they are, and with the wrappings of letters taken off, one around the other."""
    yield data.lower()
    if not _is_text(data):
        return
    yield re.sub(rb"\s+", b"", data).lower()  # lines of base64 run on
    for first in (_without_escapes, quopri.decodestring):
        view = data
        for _ in range(_MOST_ROUNDS):
            after = (first if view is data else _without_escapes)(view)
            if after == view:
                break
            view = after
            yield view.lower()


def _without_escapes(data: bytes) -> bytes:
    if b"%" in data:
        data = unquote_to_bytes(data)
    if b"&" in data:
        data = html.unescape(data.decode("utf-8", "replace")).encode()
    if b"\\" in data:
        data = re.sub(
            rb"\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})",
            lambda match: bytes([int(match[1] or match[2], 16)]),
            data,
        )
        data = re.sub(rb"\\(.)", rb"\1", data)
    return data


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def _unpacked(data: bytes, where: str, depth: int) -> Iterator[tuple[str, bytes]]:
    yield where, data
    if depth < _DEEPEST:
        for place, part in _parts(data):
            name = f"{where} > {place}" if where else place
            yield from [(name, part)] if place == _PIXELS else _unpacked(part, name, depth + 1)


def _parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data.startswith(b"PK"):
        yield from _zip_parts(data)
    elif data.startswith(b"\x1f\x8b"):
        yield "gzip", gzip.decompress(data)
    elif data.startswith(_PNG):
        yield from _png_parts(data)
    else:
        if re.match(rb"[A-Za-z-]+: ", data):
            yield from _mail_parts(data)
        yield from _base64_parts(data)


def _zip_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        yield "its comment", file.comment
        for info in file.infolist():
            yield "a name in it", info.filename.encode() + info.comment + info.extra
            yield info.filename, file.read(info)


def _png_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    place, pixels = len(_PNG), b""
    while place + _ENDS <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += _ENDS + length
        if kind == b"IDAT":
            pixels += body
            continue
        yield kind.decode("latin-1"), body
        for start in range(len(body)):
            if body[start : start + 1] == b"\x78":
                yield from ((f"{kind.decode('latin-1')}, packed", one) for one in _inflated(body[start:]))
    yield from ((_PIXELS, one) for one in _inflated(pixels))


def _inflated(data: bytes) -> Iterator[bytes]:
    try:
        yield zlib.decompressobj().decompress(data)
    except zlib.error:
        return


def _mail_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    mail = message_from_bytes(data, policy=policy.default)
    for part in mail.walk():
        yield "headers", "\n".join(f"{name}: {value}" for name, value in part.items()).encode()
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and not part.is_multipart():
            yield part.get_filename() or part.get_content_type(), body


def _base64_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    for found in _BASE64.findall(re.sub(rb"\s*\r?\n\s*", b"", data) if b"base64" in data else data):
        letters = found.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        try:
            yield "base64", base64.b64decode(letters + b"=" * (-len(letters) % 4))
        except binascii.Error:
            continue
