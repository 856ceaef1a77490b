"""What a session holds: a storage state as Playwright writes it, checked, and a platform's part of it.

Laws:
1. What is read is checked; the message about a mistake repeats no value of the file.
2. Only what belongs to a platform's own sites is kept: no cookie of a sign-in provider, no other site's data.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

from selfcheck.core.hosts import host_of, is_of_site
from selfcheck.errors import SessionStoreError
from selfcheck.platforms.schema import Platform

Cookie: TypeAlias = dict[str, Any]
"""A cookie as Playwright writes it: `name`, `value`, `domain` and `path` or `url`, and more."""

StorageState: TypeAlias = dict[str, Any]
"""Playwright's storage state: `cookies`, and `origins` with their `localStorage`."""

_COOKIE_TEXTS = ("name", "value")


def read_storage_state(path: Path) -> StorageState:
    """Return the storage state in a file, its form checked; `SessionStoreError` says what is wrong."""
    return storage_state_of(read_bytes(path), source=str(path))


def read_bytes(path: Path) -> bytes:
    """Return the content of a session's file; `SessionStoreError` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SessionStoreError(
            f"{path} cannot be read.",
            cause=f"{error.strerror or error}.",
            next_step="Check the path and its permissions.",
        ) from error


def storage_state_of(data: bytes, *, source: str) -> StorageState:
    """Return the storage state in this JSON, its form checked; `SessionStoreError` says what is wrong."""
    try:
        state = json.loads(data)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise SessionStoreError(
            f"{source} is not JSON.",
            cause=f"Line {line} cannot be read."
            if line
            else "It is not text in UTF-8, or is nested too deep.",
            next_step=lambda hints: (
                "Give what Playwright's storage_state wrote, a cookies.txt, or the line that"
                f" `session export` printed; or run `{hints.command('login', 'PROFILE')}`."
            ),
        ) from error
    check_storage_state(state, source=source)
    return dict(state)


def check_storage_state(state: object, *, source: str) -> None:
    """Raise `SessionStoreError`, with every mistake named, unless this is a storage state with cookies."""
    mistakes = _mistakes(state)
    if mistakes:
        raise SessionStoreError(
            f"{source} is not a storage state: {'; '.join(mistakes[:5])}.",
            cause="A storage state is what Playwright writes: an object with `cookies` and `origins`.",
            next_step=lambda hints: f"Export it again, or run `{hints.command('login', 'PROFILE')}`.",
        )


def _mistakes(state: object) -> list[str]:
    if not isinstance(state, dict):
        return ["it is not a JSON object"]
    cookies, origins = state.get("cookies"), state.get("origins", [])
    if not isinstance(cookies, list):
        return ["`cookies` is missing or not a list"]
    if not isinstance(origins, list):
        return ["`origins` is not a list"]
    mistakes = [text for number, cookie in enumerate(cookies) for text in _cookie_mistakes(number, cookie)]
    mistakes += [text for number, origin in enumerate(origins) for text in _origin_mistakes(number, origin)]
    if not cookies and not origins:
        mistakes.append("it is empty: there is neither a cookie nor stored data in it")
    return mistakes


def _cookie_mistakes(number: int, cookie: object) -> list[str]:
    place = f"cookies[{number}]"
    if not isinstance(cookie, dict):
        return [f"{place} is not an object"]
    missing = [key for key in _COOKIE_TEXTS if not isinstance(cookie.get(key), str)]
    mistakes = [f"{place}.{key} is missing or not text" for key in missing]
    if not isinstance(cookie.get("url"), str) and not all(
        isinstance(cookie.get(key), str) for key in ("domain", "path")
    ):
        mistakes.append(f"{place} has no domain and path")
    if cookie.get("sameSite", "Lax") not in ["Strict", "Lax", "None"]:  # a list: it may be one itself
        mistakes.append(f"{place}.sameSite is not one of Strict, Lax, None")
    if not isinstance(cookie.get("expires", -1), int | float):
        mistakes.append(f"{place}.expires is not a number")
    return mistakes


def _origin_mistakes(number: int, origin: object) -> list[str]:
    place = f"origins[{number}]"
    if not isinstance(origin, dict) or not isinstance(origin.get("origin"), str):
        return [f"{place}.origin is missing"]
    items = origin.get("localStorage", [])
    if not isinstance(items, list):
        return [f"{place}.localStorage is not a list"]
    good = all(
        isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("value"), str)
        for item in items
    )
    return [] if good else [f"{place}.localStorage has an entry without name and value"]


def hosts_of(platform: Platform, home: str) -> tuple[str, ...]:
    """Return the platform's own hosts, or that of `home` alone where a `base_url` leads away from them."""
    host = host_of(home)
    return platform.hosts if any(is_of_site(host, own) for own in platform.hosts) else (host,)


def of_hosts(state: StorageState, hosts: tuple[str, ...]) -> StorageState:
    """Return the part of a storage state that belongs to these hosts."""
    cookies = [cookie for cookie in state["cookies"] if _cookie_reaches(cookie, hosts)]
    origins = [
        origin
        for origin in state.get("origins", [])
        if any(is_of_site(host_of(origin["origin"]), host) for host in hosts)
    ]
    return {"cookies": cookies, "origins": origins}


def _cookie_reaches(cookie: Cookie, hosts: tuple[str, ...]) -> bool:
    domain = str(cookie.get("domain") or host_of(cookie.get("url", "")))
    bare = domain.lstrip(".").lower()
    if any(is_of_site(bare, host) for host in hosts):
        return True
    # A cookie of example.org is sent to blog.example.org too, if it was set for the whole domain.
    return domain.startswith(".") and any(host.removeprefix("*.").endswith(f".{bare}") for host in hosts)
