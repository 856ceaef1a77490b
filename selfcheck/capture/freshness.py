"""Whether a saved session can still be a sign-in, as far as the places and ends of its cookies tell.

Laws:
1. No value of a cookie, and no stored datum, is looked at or told.
2. Only what is sure is told: a cookie without an end (`expires` missing, -1 or 0) has not expired.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from selfcheck.capture.sessions import StorageState
from selfcheck.platforms.addresses import is_own
from selfcheck.platforms.schema import Platform


def session_trouble(
    state: StorageState, now: datetime, *, platform: Platform | None = None, base_url: str | None = None
) -> str:
    """Return why a session signs nobody in, such as "it expired on 2026-11-20"; "" where nothing speaks so.

    With a platform only the cookies count that its sign-in names, on its own hosts or on that of `base_url`;
    where it names none, all of those hosts. Without a platform all cookies count.
    """
    cookies = state.get("cookies", [])
    if platform is None:
        return _over(cookies, now)
    there = [cookie for cookie in cookies if _is_for(_place(cookie), platform, base_url)]
    names = platform.sign_in.cookies if platform.sign_in else ()
    if not names and _stores_something(state, platform, base_url):
        return ""
    if not there:
        return f"it holds nothing of {urlsplit(base_url or platform.home).hostname}"
    counting = [cookie for cookie in there if not names or cookie.get("name") in names]
    return _over(counting, now) if counting else f"it holds no sign-in of {platform.title}"


def _over(cookies: Sequence[dict[str, Any]], now: datetime) -> str:
    ends = [end for cookie in cookies if 0 < (end := cookie.get("expires", -1)) <= now.timestamp()]
    if not ends or len(ends) < len(cookies):
        return ""
    return f"it expired on {datetime.fromtimestamp(max(ends), UTC):%Y-%m-%d}"


def _place(cookie: dict[str, Any]) -> str:
    """Return the domain that a cookie is for; a dot in front says that its subdomains get it too."""
    return str(cookie.get("domain") or _host(cookie.get("url", ""))).casefold()


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # a file from elsewhere may hold what is no address
        return ""


def _is_for(place: str, platform: Platform, base_url: str | None) -> bool:
    """Return whether a cookie of this place is sent to a host of the platform (of the `base_url`, if any)."""
    bare = place.removeprefix(".")
    if base_url is None and _host(f"https://{bare}") and is_own(f"https://{bare}", platform):
        return True
    shared = place.startswith(".")
    return any(host == bare or (shared and host.endswith(place)) for host in _hosts(platform, base_url))


def _hosts(platform: Platform, base_url: str | None) -> Iterable[str]:
    if base_url is not None:
        return ((urlsplit(base_url).hostname or "").casefold(),)
    return (host.removeprefix("*.").casefold() for host in platform.hosts)


def _stores_something(state: StorageState, platform: Platform, base_url: str | None) -> bool:
    hosts = (_host(one["origin"]) for one in state.get("origins", []) if one.get("localStorage"))
    return any(_is_for(host, platform, base_url) for host in hosts)
