"""Sessions in the forms that other programs give them: cookies.txt, a cookie header. Pure.

Laws:
1. A mistake names its line, and never repeats a value.
2. What a form does not tell is filled in as the browser would: no end, the whole path, the site itself.
"""

import re
from urllib.parse import urlsplit

from selfcheck.browser.storage_state import StorageState, storage_state_of
from selfcheck.errors import SessionStoreError

_FIELDS = 7
_HTTP_ONLY = "#HttpOnly_"
_BOOLEANS = {"TRUE": True, "FALSE": False}
_HEADER = re.compile(r"^\s*cookie\s*:\s*", re.IGNORECASE)
_COOKIE_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def state_in(text: str, *, source: str) -> StorageState:
    """Return the session in a file's text: a storage state as JSON, or a Netscape cookies.txt."""
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["} or not _is_cookie_file(text):
        return storage_state_of(text.lstrip("\ufeff").encode(), source=source)
    return netscape_state(text, source=source)


def _is_cookie_file(text: str) -> bool:
    lines = text.splitlines()
    return any("\t" in line for line in lines) or any("cookie file" in line.lower() for line in lines[:3])


def netscape_state(text: str, *, source: str) -> StorageState:
    """Return the session in a cookies.txt, as browsers' extensions and curl write it."""
    cookies, mistakes = [], []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        if not line.strip() or (line.startswith("#") and not line.startswith(_HTTP_ONLY)):
            continue
        cookie = _netscape_cookie(line)
        if isinstance(cookie, str):
            mistakes.append(f"line {number}: {cookie}")
        else:
            cookies.append(cookie)
    if mistakes or not cookies:
        raise SessionStoreError(
            f"{source} is no cookies.txt: {'; '.join(mistakes[:5]) or 'it holds no cookie'}.",
            cause="A line has seven fields with tabs between them: domain, subdomains too, path, secure,"
            " end, name, value.",
            next_step="Export it again, in the Netscape format.",
        )
    return {"cookies": cookies, "origins": []}


def _netscape_cookie(line: str) -> dict[str, object] | str:
    """Return the cookie of a line, or what is wrong with it."""
    fields = line.removeprefix(_HTTP_ONLY).split("\t")
    if len(fields) == _FIELDS - 1:  # an empty value, whose tab an editor took away
        fields.append("")
    if len(fields) != _FIELDS:
        return f"{len(fields)} fields"
    domain, subdomains, path, secure, end, name, value = fields
    if subdomains not in _BOOLEANS or secure not in _BOOLEANS:
        return "neither TRUE nor FALSE in the second or fourth field"
    if not re.fullmatch(r"-?\d+(\.\d+)?", end):
        return "the end is no number"
    bare = domain.removeprefix(".")
    if not bare or not name:
        return "no domain or no name"
    expires = float(end)
    return {
        "name": name,
        "value": value,
        "domain": f".{bare}" if _BOOLEANS[subdomains] else bare,
        "path": path or "/",
        "expires": expires if expires > 0 else -1,
        "httpOnly": line.startswith(_HTTP_ONLY),
        "secure": _BOOLEANS[secure],
        "sameSite": "Lax",
    }


def header_state(header: str, *, home: str, hosts: tuple[str, ...]) -> StorageState:
    """Return the session in a `Cookie:` header that a browser sent to `home`."""
    pairs = [pair.strip() for pair in _HEADER.sub("", header).split(";") if pair.strip()]
    cookies = [_header_cookie(*_split(pair), home=home, hosts=hosts) for pair in pairs]
    if not cookies or not all(_COOKIE_NAME.fullmatch(str(one["name"])) for one in cookies):
        raise SessionStoreError(
            "That is no cookie header.",
            cause="It is one line: name=value; name=value; …",
            next_step="Copy the value of `Cookie` among the request headers, in the browser's network tools.",
        )
    return {"cookies": cookies, "origins": []}


def _split(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return name.strip(), value.strip()


def _header_cookie(name: str, value: str, *, home: str, hosts: tuple[str, ...]) -> dict[str, object]:
    parts = urlsplit(home)
    host = parts.hostname or ""
    # A header does not tell whom else a cookie is for; the platform's subdomains need it, if it has some.
    wide = f"*.{host}" in hosts and not name.startswith("__Host-")
    return {
        "name": name,
        "value": value,
        "domain": f".{host}" if wide else host,
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": parts.scheme == "https",
        "sameSite": "Lax",
    }
