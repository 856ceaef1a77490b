"""Whether a saved session can still be a sign-in, as far as the places and ends of its cookies tell.

Laws:
1. No value of a cookie, and no stored datum, is looked at or told.
2. Only what is sure is told: a cookie without an end (`expires` missing, -1 or 0) has not expired.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from selfcheck.browser.storage_state import StorageState
from selfcheck.platforms.page_urls import is_own
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


FORESEEN = timedelta(days=7)
"""How long before its end a session's expiry is announced."""


def expected_end(
    state: StorageState, *, platform: Platform | None = None, base_url: str | None = None
) -> datetime | None:
    """Return when a session is expected to end (UTC), by its cookies; None where they do not tell.

    Of the cookies that the platform file names each is needed, so the first end counts; of others it is not
    known which are, so the last one does, and only where all have an end.
    """
    cookies = state.get("cookies", [])
    names = platform.sign_in.cookies if platform and platform.sign_in else ()
    if platform is not None:
        cookies = [one for one in cookies if _is_for(_place(one), platform, base_url)]
    if names:
        cookies = [one for one in cookies if one.get("name") in names]
    ends = [end for one in cookies if (end := one.get("expires", -1)) > 0]
    if not ends or (not names and len(ends) < len(cookies)):
        return None
    return _moment(min(ends) if names else max(ends))


def expiry_foreseen(end: datetime | None, now: datetime) -> str:
    """Return that a session will soon end, in words; "" where that is far off, past or not known."""
    if end is None or not now < end <= now + FORESEEN:
        return ""
    days = (end.date() - now.date()).days
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    return f"the session is expected to end {when}, on {end:%Y-%m-%d}"


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # beyond the year 9999: some sites write that for "never"
        return None


def _over(cookies: Sequence[dict[str, Any]], now: datetime) -> str:
    ends = [end for cookie in cookies if 0 < (end := cookie.get("expires", -1)) <= now.timestamp()]
    if not ends or len(ends) < len(cookies):
        return ""
    end = _moment(max(ends))
    return f"it expired on {end:%Y-%m-%d}" if end else ""


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
