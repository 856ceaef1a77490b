"""Which texts of a session are secret. Pure.

Laws:
1. Every value of the author's session of at least 6 characters is one: of cookies, of storage, and of what is
   packed in them as JSON, as base64 or in an address.
2. Of what logged-out visitors are given as cookies only what carries the session, what scripts cannot read,
   and what looks like a token: most of it is the same for everybody.
3. No secret are dates, and prose and numbers that a page keeps in its storage: a copy of a page lies there
   often, and what is taken out of it would be lacking in the evidence.
"""

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import parse_qsl, unquote

from selfcheck.browser.storage_state import Cookie, StorageState
from selfcheck.core.hosts import split_address

LEAST = 6
LEAST_OF_A_FRAGMENT = 12

_LEAST_OF_A_VISITOR = 8
_SURELY_A_TOKEN = 24
_PROSE = 5  # words
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ][\d:.]*(?:Z|[+-]\d\d:?\d\d)?)?|\w{3},? \w{3} \d\d? \d{4}.*", re.DOTALL
)
_PLAIN_NUMBER_OR_DATE = re.compile(r"[\d.:TZ+ -]{0,30}")
_NUMBER = re.compile(r"[\d.,+-]+")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.:|%~-]+")
_PIECES = re.compile(r"[A-Za-z0-9+/=_%~-]{12,}")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_CHANGES = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[a-z0-9])|(?<=[0-9])(?=[A-Za-z])")
_CHANGES_WITH_DIGITS, _CHANGES_OF_CASE = 0.25, 0.4
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|Digest|JWT|OAuth)\s+(\S+)", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = frozenset("0123456789abcdef")
_HEX_ENTROPY, _TOKEN_ENTROPY = 3.0, 4.5
_DEEPEST = 4


def secrets_of(
    state: StorageState | None,
    cookies: Collection[Cookie] = (),
    *,
    names: Collection[str] = (),
    every: bool = True,
) -> frozenset[str]:
    """Return the secrets of a session: of its saved state, and of the cookies the browser holds now.

    `names` are the cookies that carry the session, as the platform file gives them. `every` is false for a
    logged-out visitor, of whose values law 2 holds.
    """
    secrets: set[str] = set()
    for cookie in (*(state or {}).get("cookies", ()), *cookies):
        value = str(cookie.get("value", ""))
        sure = every or cookie.get("name") in names or bool(cookie.get("httpOnly"))
        secrets.update(
            text for text in _values(value, 0) if len(text) >= LEAST and (sure or _looks_secret(text))
        )
    for origin in (state or {}).get("origins", ()):
        for item in origin.get("localStorage", ()):
            texts = (text for text in _values(str(item.get("value", "")), 0) if not _is_of_a_page(text))
            secrets.update(text for text in texts if len(text) >= LEAST and (every or _looks_secret(text)))
    return frozenset(secrets)


def machine_made(text: str) -> bool:
    """Return whether a text was made by a machine at random, so that a part of it is a secret, too.

    It has at least 12 characters of a token's, and the entropy from which detect-secrets takes a text for a
    secret (its defaults: 3.0 bits a character in hexadecimal digits, 4.5 in base64). In base64 only texts of
    23 and more characters can have it, so it is also enough that capitals, small letters and digits follow
    each other as often as they do at random: of 20 random letters and digits 99 in 100 are known by that.
    """
    if len(text) < LEAST_OF_A_FRAGMENT or _TOKEN.fullmatch(text) is None or _NUMBER.fullmatch(text):
        return False
    if _PLAIN_NUMBER_OR_DATE.fullmatch(text):
        return False
    letters = _SEPARATORS.sub("", text)
    counts = Counter(letters)
    entropy = -sum(count / len(letters) * math.log2(count / len(letters)) for count in counts.values())
    if entropy >= _TOKEN_ENTROPY or (_HEX.issuperset(letters.lower()) and entropy >= _HEX_ENTROPY):
        return True
    changes = len(_CHANGES.findall(text)) / (len(text) - 1)
    return changes >= (_CHANGES_WITH_DIGITS if any(map(str.isdigit, text)) else _CHANGES_OF_CASE)


def _looks_secret(value: str) -> bool:
    if len(value) < _LEAST_OF_A_VISITOR or _URL.match(value) or _PLAIN_NUMBER_OR_DATE.fullmatch(value):
        return False
    if _TOKEN.fullmatch(value) is None:
        return False
    if len(value) >= _SURELY_A_TOKEN:
        return True
    has_digit = any(letter.isdigit() for letter in value)
    has_case = value != value.lower() and value != value.upper() and value != value.capitalize()
    return has_digit or has_case


def _is_of_a_page(text: str) -> bool:
    """Return whether a stored text is what a page shows: a date, an address, or prose."""
    return bool(_DATE.fullmatch(text) or _URL.match(text) or len(text.split()) >= _PROSE)


def _values(value: str, depth: int) -> Iterator[str]:
    """Yield a value as it is, and what is packed in it."""
    if depth > _DEEPEST:
        return
    plain = unquote(value).strip().strip('"').strip()
    leaves = list(_leaves(plain))
    if leaves == [plain]:
        yield from {value, plain}
        yield from _parts(plain, depth)
        return
    yield value
    for leaf in leaves:
        yield from _values(leaf, depth + 1)


def _parts(value: str, depth: int) -> Iterator[str]:
    """Yield what stands within a value that is a secret by itself."""
    if _URL.match(value):
        parts = split_address(value)
        for _, inner in (*parse_qsl(parts.query), *parse_qsl(parts.fragment)):
            yield from _values(inner, depth + 1)
        return
    if scheme := _SCHEME.fullmatch(value):
        yield scheme[1]
    for piece in _PIECES.findall(value):
        if piece != value and machine_made(piece):
            yield piece
    for packed in _BASE64.findall(value):
        yield from _unpacked(packed, depth)


def _unpacked(letters: str, depth: int) -> Iterator[str]:
    """Yield the texts of a JSON document in base64, such as the parts of a JWT."""
    plain = letters.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode()
        if text[:1] in '{["':
            for leaf in _leaves(text):
                yield from _values(leaf, depth + 1)
    except (binascii.Error, UnicodeDecodeError):
        return


def _leaves(value: str) -> Iterator[str]:
    """Yield the texts within a stored value, which is often JSON."""
    if value[:1] not in ("{", "[", '"'):
        yield value
        return
    try:
        pending = [json.loads(value)]
    except (ValueError, RecursionError):
        yield value
        return
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
