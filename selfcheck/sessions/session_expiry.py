"""Whether a saved session can still sign its author in, by the domains and expiry times of its cookies.

Laws:
1. No value of a cookie, and nothing that a page stored, is read or shown.
2. Only what is sure is reported: a cookie without an end (`expires` missing, -1 or 0) has not expired.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from selfcheck.browser.storage_state import Cookie, StorageState
from selfcheck.core.hosts import host_of, split_address
from selfcheck.platforms.page_urls import is_own
from selfcheck.platforms.schema import Platform


def sign_in_trouble(
    state: StorageState, now: datetime, *, platform: Platform | None = None, base_url: str | None = None
) -> str:
    """Return why a session cannot sign its author in, such as "it expired on 2026-11-20"; "" where it may.

    With a platform only the cookies count that its sign-in names, on its own hosts or on that of `base_url`;
    where it names none, all of those hosts. Without a platform all cookies count.
    """
    cookies = state.get("cookies", [])
    if platform is None:
        return _over(cookies, now)
    own = [cookie for cookie in cookies if _is_for(_domain(cookie), platform, base_url)]
    names = platform.sign_in.cookies if platform.sign_in else ()
    if not names and _stores_something(state, platform, base_url):
        return ""
    if not own:
        return f"it contains nothing of {split_address(base_url or platform.home).hostname}"
    counting = [cookie for cookie in own if not names or cookie.get("name") in names]
    return _over(counting, now) if counting else f"it contains no sign-in of {platform.title}"


FORESEEN = timedelta(days=7)
"""How long before its end a session's expiry is announced."""


def expected_end(
    state: StorageState, *, platform: Platform | None = None, base_url: str | None = None
) -> datetime | None:
    """Return when a session is expected to end (UTC), by its cookies; None where they do not show it.

    Each of the cookies that the platform file names is needed, so the first end counts. Of others it is not
    known which are needed, so the last end counts, and only where all have one.
    """
    cookies = state.get("cookies", [])
    names = platform.sign_in.cookies if platform and platform.sign_in else ()
    if platform is not None:
        cookies = [cookie for cookie in cookies if _is_for(_domain(cookie), platform, base_url)]
    if names:
        cookies = [cookie for cookie in cookies if cookie.get("name") in names]
    ends = [end for cookie in cookies if (end := cookie.get("expires", -1)) > 0]
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


def _over(cookies: Sequence[Cookie], now: datetime) -> str:
    ends = [end for cookie in cookies if 0 < (end := cookie.get("expires", -1)) <= now.timestamp()]
    if not ends or len(ends) < len(cookies):
        return ""
    end = _moment(max(ends))
    return f"it expired on {end:%Y-%m-%d}" if end else ""


def _domain(cookie: Cookie) -> str:
    """Return the domain that a cookie is for; a leading dot means that its subdomains get it too."""
    return str(cookie.get("domain") or host_of(cookie.get("url", ""))).casefold()


def _is_for(domain: str, platform: Platform, base_url: str | None) -> bool:
    """Return whether a cookie of this domain is sent to the platform (to `base_url`, if there is one)."""
    bare = domain.removeprefix(".")
    if base_url is None and host_of(f"https://{bare}") and is_own(f"https://{bare}", platform):
        return True
    shared = domain.startswith(".")
    hosts = platform.hosts if base_url is None else (split_address(base_url).hostname or "",)
    names = (host.removeprefix("*.").casefold() for host in hosts)
    return any(name == bare or (shared and name.endswith(domain)) for name in names)


def _stores_something(state: StorageState, platform: Platform, base_url: str | None) -> bool:
    storing = (origin for origin in state.get("origins", []) if origin.get("localStorage"))
    return any(_is_for(host_of(origin["origin"]), platform, base_url) for origin in storing)
