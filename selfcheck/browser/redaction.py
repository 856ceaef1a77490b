"""Removes the secrets of a session from what a page load received. Pure.

Laws:
1. The value of a cookie that carries the session, or that scripts cannot read, is always a secret.
2. Any other cookie or stored value is one when it looks like one: long, and made by a machine.
3. What the verdict rests on is kept: the handle, addresses, and ordinary words are not secrets.
"""

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from selfcheck.browser.storage_state import Cookie, StorageState
from selfcheck.core.capture import Capture, JsonResponse, Redirect
from selfcheck.core.run import RefusedRequest

REMOVED = "[removed]"
SECRET_HEADERS = frozenset({"set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization"})

_LEAST = 8
_SURELY_A_TOKEN = 24
_SECRET_NAMES = re.compile(
    r"(^|[_-])(token|code|key|sig|signature|secret|session|sid|auth|jwt|otp|password|pass|ticket|state)($|[_-])"
    r"|(token|secret|signature|apikey)$",
    re.IGNORECASE,
)
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_PLAIN_NUMBER_OR_DATE = re.compile(r"[\d.:TZ+ -]{0,30}")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.:|%~-]+")


def secrets_of(
    state: StorageState | None, cookies: Collection[Cookie] = (), *, names: Collection[str] = ()
) -> frozenset[str]:
    """Return the secrets of a session: of its saved state, and of the cookies the browser holds now.

    `names` are the cookies that carry the session, as the platform file gives them.
    """
    secrets: set[str] = set()
    for cookie in (*(state or {}).get("cookies", ()), *cookies):
        value = str(cookie.get("value", ""))
        sure = cookie.get("name") in names or bool(cookie.get("httpOnly"))
        secrets.update(
            text for text in _forms(value) if len(text) >= _LEAST and (sure or _looks_secret(text))
        )
    for origin in (state or {}).get("origins", ()):
        for item in origin.get("localStorage", ()):
            secrets.update(text for text in _leaves(str(item.get("value", ""))) if _looks_secret(text))
    return frozenset(secrets)


def redact(capture: Capture, secrets: Collection[str], *, keep: Collection[str] = ()) -> Capture:
    """Return the capture without these secrets, without cookies, and without tokens in its addresses.

    `keep` are texts that are not secrets wherever they are, such as the handle.
    """
    ordinary = {text.lower() for text in keep if text}
    clean = _Cleaner([secret for secret in secrets if secret.lower() not in ordinary])
    return replace(
        capture,
        failure=capture.failure and replace(capture.failure, detail=clean.text(capture.failure.detail)),
        headers=clean.headers(capture.headers),
        redirects=tuple(
            Redirect(url=clean.url(step.url), status=step.status, location=clean.url(step.location))
            for step in capture.redirects
        ),
        final_url=clean.url(capture.final_url),
        title=clean.text(capture.title),
        robots_meta=capture.robots_meta and clean.text(capture.robots_meta),
        canonical=capture.canonical and clean.url(capture.canonical),
        text=clean.text(capture.text),
        html=clean.text(capture.html),
        json_responses=tuple(
            JsonResponse(url=clean.url(each.url), status=each.status, body=clean.text(each.body))
            for each in capture.json_responses
        ),
    )


def redact_refused(
    requests: Iterable[RefusedRequest], secrets: Collection[str]
) -> tuple[RefusedRequest, ...]:
    """Return the requests without these secrets in their addresses."""
    clean = _Cleaner(secrets)
    return tuple(replace(request, url=clean.url(request.url)) for request in requests)


def clean_url(url: str) -> str:
    """Return the address with the values of parameters that are named like secrets removed."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query, fragment = _clean_query(parts.query), _clean_query(parts.fragment)
    host = parts.netloc.rsplit("@", 1)[-1]
    if (query, fragment, host) == (parts.query, parts.fragment, parts.netloc):
        return url
    return urlunsplit((parts.scheme, host, parts.path, query, fragment))


class _Cleaner:
    def __init__(self, secrets: Collection[str]) -> None:
        written = {form for secret in secrets for form in _written(secret)}
        # A secret may contain another one; the longer one has to be found first.
        longest_first = sorted(written, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        return self._pattern.sub(REMOVED, text) if self._pattern else text

    def url(self, url: str) -> str:
        return clean_url(self.text(url))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        cleaned = {name: self.text(value) for name, value in headers.items() if name not in SECRET_HEADERS}
        for name in ("location", "content-location", "refresh"):
            if name in cleaned:
                cleaned[name] = clean_url(cleaned[name])
        return cleaned


def _clean_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(_SECRET_NAMES.search(name) and value for name, value in pairs):
        return query
    return urlencode(
        [(name, REMOVED if _SECRET_NAMES.search(name) else value) for name, value in pairs], safe="[]"
    )


def _looks_secret(value: str) -> bool:
    if len(value) < _LEAST or _URL.match(value) or _PLAIN_NUMBER_OR_DATE.fullmatch(value):
        return False
    if _TOKEN.fullmatch(value) is None:
        return False
    if len(value) >= _SURELY_A_TOKEN:
        return True
    has_digit = any(letter.isdigit() for letter in value)
    has_case = value != value.lower() and value != value.upper() and value != value.capitalize()
    return has_digit or has_case


def _forms(value: str) -> Iterator[str]:
    yield value
    plain = unquote(value)
    if plain != value:
        yield plain
    yield from _leaves(plain)


def _leaves(value: str) -> Iterator[str]:
    """Yield the texts within a stored value, which is often JSON."""
    if value[:1] not in '{["':
        yield value
        return
    try:
        pending = [json.loads(value)]
    except ValueError:
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


def _written(secret: str) -> Iterator[str]:
    """Yield the ways in which a secret may be written in a page, an address or JSON."""
    yield secret
    yield quote(secret, safe="")
    yield html.escape(secret)
    yield json.dumps(secret)[1:-1]
    yield secret.replace("/", "\\/")
