"""Removes what is secret or private from what a page load received, and from what is told of it. Pure.

Laws:
1. No value of a session leaves, in whatever writing; see `session_secrets` and `secret_finder`.
2. What the public was shown of the same page stays in the author's view: else evidence would lack it. So do
   the handle and what the platform file names.
3. The author's view shows no mail address that the public's does not show.
4. What an address of the author's carries beside its path (parameters, fragment), and what a header of the
   author's view says, is replaced by a short hash unless the public was given it. This comes after observing:
   what the page is may be told by its address.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from hashlib import blake2s
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, unquote_plus, urlencode, urlunsplit

from selfcheck.browser.secret_finder import REMOVED, Public, SecretFinder
from selfcheck.core.capture import Capture, JsonResponse, Redirect
from selfcheck.core.hosts import split_address
from selfcheck.core.run import RefusedRequest

SECRET_HEADERS = frozenset({"set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization"})
PLAIN_HEADERS = frozenset(
    {
        *("accept-ranges", "age", "allow", "cache-control", "cf-cache-status", "cf-mitigated", "connection"),
        *("content-encoding", "content-language", "content-length", "content-type", "date", "expires"),
        *("keep-alive", "last-modified", "pragma", "referrer-policy", "retry-after", "server"),
        *(
            "strict-transport-security",
            "transfer-encoding",
            "vary",
            "via",
            "x-cache",
            "x-content-type-options",
        ),
        *("x-frame-options", "x-powered-by", "x-robots-tag", "x-xss-protection"),
    }
)
"""Headers that say how the answer was made, and nothing about who asked."""
ADDRESS_HEADERS = frozenset({"location", "content-location", "refresh", "link"})

_SECRET_NAMES = re.compile(
    r"(^|[_-])(token|code|key|sig|signature|secret|sess|session|sid|auth|jwt|otp|password|passwd|pass|pwd|ticket"
    r"|state|csrf|xsrf|nonce|credential|credentials)($|[_-])"
    r"|(token|secret|signature|apikey|password|passwd|sess|sessid|sessionid|authid)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|(?<![\w/])/)[^\s\"'<>\\]*[?#;][^\s\"'<>\\]*", re.IGNORECASE)
_PATH_PARAMETER = re.compile(r";([^=;/?#]+)=([^;/?#]*)")
_PARAMETER = re.compile(r"(?:[?&;#]|&amp;|%3F|%26)([\w.~\[\]%-]{1,80})=([^&#;\"'<>\s\\]*)")
_FIRST_PARAMETER = re.compile(r"[?#;]")
_FRAGMENT = re.compile(r"#([^\s\"'<>&=\\]+)")

_T = TypeVar("_T")


# -- what a page load received ---------------------------------------------------------------------------


def public_texts(capture: Capture) -> Iterator[str]:
    """Yield all that the public received of a page."""
    yield from (capture.html, capture.text, capture.title, capture.final_url, capture.canonical or "")
    yield from (text for response in capture.json_responses for text in (response.url, response.body))
    yield from (text for step in capture.redirects for text in (step.url, step.location))
    yield from capture.headers.values()


def redact(
    capture: Capture,
    finder: SecretFinder,
    *,
    public: Public | None = None,
    keep: Collection[str] = (),
    mails: bool = False,
) -> Capture:
    """Return the capture without these secrets, without cookies, and without tokens in its addresses.

    `public` is what everybody may read; `keep` are texts that are no secrets wherever they are, such as the
    handle. With `mails` no mail address stays that is not public.
    """
    known, ordinary = public or Public(), tuple({text.lower() for text in keep if text})

    def text(value: str) -> str:
        return finder.cleaned(value, public=known, keep=ordinary, mails=mails)

    def url(value: str) -> str:
        return clean_url(text(value))

    return replace(
        capture,
        failure=capture.failure
        and replace(capture.failure, detail=_clean_urls(text(capture.failure.detail))),
        headers={
            name: (url if name in ADDRESS_HEADERS else text)(value)
            for name, value in capture.headers.items()
            if name not in SECRET_HEADERS
        },
        redirects=tuple(
            Redirect(url=url(step.url), status=step.status, location=url(step.location))
            for step in capture.redirects
        ),
        final_url=url(capture.final_url),
        title=text(capture.title),
        robots_meta=capture.robots_meta and text(capture.robots_meta),
        canonical=capture.canonical and url(capture.canonical),
        text=text(capture.text),
        html=text(capture.html),
        json_responses=tuple(
            JsonResponse(url=url(each.url), status=each.status, body=text(each.body))
            for each in capture.json_responses
        ),
        picture_note=text(capture.picture_note),
    )


def redact_refused(
    requests: Iterable[RefusedRequest], secrets: Collection[str]
) -> tuple[RefusedRequest, ...]:
    """Return the requests without these secrets in their addresses."""
    finder = SecretFinder(secrets)
    return tuple(
        replace(request, url=clean_url(finder.cleaned(request.url, public=Public()))) for request in requests
    )


def clean_url(url: str) -> str:
    """Return the address with the values of parameters that are named like secrets removed."""
    return _with_parameters(url, lambda name, _: REMOVED if _SECRET_NAMES.search(name) else None)


def _clean_urls(text: str) -> str:
    return _ADDRESS.sub(lambda match: clean_url(match[0]), text)


def _with_parameters(url: str, instead: Callable[[str, str], str | None], *, fragment: bool = False) -> str:
    """Return the address with values replaced; `instead` returns None for what stays as it is.

    With `fragment` one that has no parameters is asked for, too, with the name "".
    """
    parts = split_address(url)
    if not any(parts):  # malformed: what its parameters are is not known
        return _FIRST_PARAMETER.split(url, maxsplit=1)[0]
    query, after = _changed(parts.query, instead), _changed(parts.fragment, instead)
    if fragment and parts.fragment and "=" not in parts.fragment:
        new = instead("", unquote(parts.fragment))
        after = parts.fragment if new is None else new
    host = parts.netloc.rsplit("@", 1)[-1]

    def path_parameter(match: re.Match[str]) -> str:
        new = instead(match[1], unquote(match[2])) if match[2] else None
        return match[0] if new is None else f";{match[1]}={new}"

    path = _PATH_PARAMETER.sub(path_parameter, parts.path)
    if (path, query, after, host) == (parts.path, parts.query, parts.fragment, parts.netloc):
        return url
    return urlunsplit((parts.scheme, host, path, query, after))


def _changed(query: str, instead: Callable[[str, str], str | None]) -> str:
    pairs = [
        (name, value, instead(name, value) if value else None)
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]
    if all(new is None for _, _, new in pairs):
        return query
    kept = [(name, value if new is None else new) for name, value, new in pairs]
    return urlencode(kept, safe="[]~", errors="replace")


# -- what is told of it ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AddressHiding:
    """Replaces what addresses and headers of the author's view say, unless the public was given it."""

    key: bytes  # of the hash: only who has the session can try values out
    given: frozenset[str]  # values of parameters, and fragments, that the public was given

    def url(self, url: str) -> str:
        """Return the address with hashes for values that the public was not given."""
        return _with_parameters(url, self._instead, fragment=True)

    def capture(self, capture: Capture, public: Capture | None) -> Capture:
        """Return the author's capture as it may be written; the other one is the public's of that page."""
        shown = public.headers if public else {}

        def header(name: str, value: str) -> str:
            if name in ADDRESS_HEADERS:
                return self.text(self.url(value))
            return value if name in PLAIN_HEADERS or shown.get(name) == value else self._hash(value)

        return replace(
            capture,
            failure=capture.failure and replace(capture.failure, detail=self.text(capture.failure.detail)),
            headers={name: header(name, value) for name, value in capture.headers.items()},
            redirects=tuple(
                Redirect(url=self.url(step.url), status=step.status, location=self.url(step.location))
                for step in capture.redirects
            ),
            final_url=self.url(capture.final_url),
            canonical=capture.canonical and self.url(capture.canonical),
            json_responses=tuple(
                replace(response, url=self.url(response.url)) for response in capture.json_responses
            ),
        )

    def text(self, text: str) -> str:
        """Return the text with the addresses in it so treated."""
        return _ADDRESS.sub(lambda match: self.url(match[0]), text)

    def of(self, authors: object) -> dict[str, str]:
        """Return for each address in these values that holds what is hidden what stands for it."""
        found = {match[0] for text in _texts(authors) for match in _ADDRESS.finditer(text)}
        hidden = {url: self.url(url) for url in found}
        return {url: shown for url, shown in hidden.items() if url != shown}

    def _instead(self, _: str, value: str) -> str | None:
        return None if value in self.given or value == REMOVED else self._hash(value)

    def _hash(self, value: str) -> str:
        return f"~{blake2s(value.encode('utf-8', 'replace'), key=self.key, digest_size=4).hexdigest()}"


def hiding_key(session: object) -> bytes:
    """Return the key of the hashes: it is the same as long as the session is."""
    return blake2s(repr(session).encode("utf-8", "replace")).digest()


def values_in(*texts: str) -> frozenset[str]:
    """Return the values of parameters, and the fragments, of all addresses in these texts."""
    pairs = (match for text in texts for match in _PARAMETER.finditer(text))
    values = {written for match in pairs for written in (match[2], unquote_plus(match[2]))}
    values |= {unquote(match[1]) for text in texts for match in _FRAGMENT.finditer(text)}
    return frozenset(values)


def with_addresses(value: _T, instead: Mapping[str, str]) -> _T:
    """Return a value of dataclasses, with these addresses replaced in all of its texts."""
    if not instead:
        return value
    longest_first = sorted(instead, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    changed: _T = _with_texts(value, lambda text: pattern.sub(lambda match: instead[match[0]], text))
    return changed


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from _texts(getattr(value, part.name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from _texts(inner)


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else change(value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: getattr(value, part.name) for part in fields(value) if part.init}
        changed = {name: _with_texts(part, change) for name, part in parts.items()}
        different = {name: part for name, part in changed.items() if part is not parts[name]}
        return replace(value, **different) if different else value
    if isinstance(value, Mapping):
        return {key: _with_texts(inner, change) for key, inner in value.items()}
    return tuple(_with_texts(inner, change) for inner in value) if isinstance(value, tuple) else value
