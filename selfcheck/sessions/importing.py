"""Takes a session that was made elsewhere: an exported line, Playwright's JSON, cookies.txt, a cookie header.

Laws:
1. Whatever form a session has, only the platform's own part of it is kept.
2. A mistake names its line, and never repeats a value.
3. What a form does not tell is filled in as the browser would: no end, the whole path, the site itself.
"""

import re

from selfcheck.browser.storage_state import Cookie, StorageState, hosts_of, of_hosts, storage_state_of
from selfcheck.core.hosts import split_address
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import SessionStoreError
from selfcheck.platforms.page_urls import home_of
from selfcheck.platforms.schema import Platform
from selfcheck.sessions import session_token
from selfcheck.sessions.keys import SessionKeys

_FIELDS = 7
_HTTP_ONLY = "#HttpOnly_"
_BOOLEANS = {"TRUE": True, "FALSE": False}
_HEADER = re.compile(r"^\s*cookie\s*:\s*", re.IGNORECASE)
_COOKIE_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def session_in(data: bytes, *, source: str, keys: SessionKeys) -> StorageState:
    """Return the session in a file: an exported line, a storage state as JSON, or a cookies.txt."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SessionStoreError(
            f"{source} is not a text file in UTF-8.",
            next_step="Give a storage state as JSON, a cookies.txt, or a line of `session export`.",
        ) from None
    if session_token.is_token(text):
        return session_token.import_(text, keys, what=f"The session in {source}")
    if text.lstrip()[:1] in {"{", "["} or not _is_cookie_file(text):
        return storage_state_of(text.encode(), source=source)
    return netscape_state(text, source=source)


def session_of_header(header: str, profile: ProfileRequest, platform: Platform) -> StorageState:
    """Return the session in a `Cookie:` header that a browser sent to the profile's site."""
    home = home_of(profile, platform)
    return header_state(header, home=home, hosts=hosts_of(platform, home))


def own_part(
    state: StorageState, profile: ProfileRequest, platform: Platform, *, source: str
) -> StorageState:
    """Return what of a session belongs to the profile's platform; `SessionStoreError` where nothing does."""
    hosts = hosts_of(platform, home_of(profile, platform))
    own = of_hosts(state, hosts)
    if not own["cookies"] and not own["origins"]:
        raise SessionStoreError(
            f"{source} contains nothing of {platform.title} ({', '.join(hosts)}).",
            cause="It was taken from another site, or before you signed in.",
            next_step="Take it from the browser in which you are signed in there. Nothing was saved.",
        )
    return own


def _is_cookie_file(text: str) -> bool:
    lines = text.splitlines()
    return any("\t" in line for line in lines) or any("cookie file" in line.lower() for line in lines[:3])


def netscape_state(text: str, *, source: str) -> StorageState:
    """Return the session in a cookies.txt, as browsers' extensions and curl write it."""
    cookies: list[Cookie] = []
    mistakes: list[str] = []
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
            f"{source} is not a cookies.txt: {'; '.join(mistakes[:5]) or 'there is no cookie in it'}.",
            cause="A line has seven fields with tabs between them: domain, subdomains too, path, secure,"
            " end, name, value.",
            next_step="Export it again, in the Netscape format.",
        )
    return {"cookies": cookies, "origins": []}


def _netscape_cookie(line: str) -> Cookie | str:
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
        return "the end is not a number"
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
    pairs = [pair.partition("=") for pair in _HEADER.sub("", header).split(";") if pair.strip()]
    cookies = [
        _header_cookie(name.strip(), value.strip(), home=home, hosts=hosts) for name, _, value in pairs
    ]
    if not cookies or not all(_COOKIE_NAME.fullmatch(cookie["name"]) for cookie in cookies):
        raise SessionStoreError(
            "That is not a cookie header.",
            cause="It is one line: name=value; name=value; …",
            next_step="Copy the value of `Cookie` among the request headers, in the browser's network tools.",
        )
    return {"cookies": cookies, "origins": []}


def _header_cookie(name: str, value: str, *, home: str, hosts: tuple[str, ...]) -> Cookie:
    parts = split_address(home)
    host = parts.hostname or ""
    # A header does not say which other hosts a cookie is for; a platform's subdomains need it.
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
