"""Clearances: the cookie with which a bot wall remembers that a person has passed it.

Laws:
1. Only with the user's consent, only the cookies that `_walls.yaml` names, only for the platform's own sites.
2. They are kept as sessions are (encrypted, private, never in the data folder), and apart from them: a
   clearance is never opened as an author's session, whatever its name.
3. One that has expired is deleted; one without an end is not kept, since it ends with the browser.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from selfcheck.browser.storage_state import Cookie, StorageState, hosts_of, of_hosts
from selfcheck.core.hosts import host_of
from selfcheck.core.safe_filename import safe_name
from selfcheck.platforms.catalogue import walls
from selfcheck.platforms.schema import Platform
from selfcheck.sessions.store import SessionStore

PREFIX = "clearance/"
"""How `session list` and `session forget` name them; no session can be called so."""


@dataclass(frozen=True, kw_only=True)
class KeptClearance:
    """A clearance that is kept: of which platform and host, and until when (UTC)."""

    name: str
    ends: datetime


class Clearances:
    """The clearances that are kept beside these sessions, with the same key."""

    def __init__(self, sessions: SessionStore) -> None:
        self._store = SessionStore(sessions.folder / "clearances", environ={}, keys=sessions.keys)

    def load(self, platform: Platform, home: str, now: datetime) -> StorageState | None:
        """Return what a wall before this platform remembers; None where nothing is kept or all has expired.

        Raise SessionStoreError where it cannot be read.
        """
        name = _name(platform, home)
        state = self._store.load(name)
        if state is None:
            return None
        cookies = _lasting(of_hosts(state, hosts_of(platform, home))["cookies"], now)
        if not cookies:
            self._store.forget(name)
            return None
        return {"cookies": cookies, "origins": []}

    def keep(self, platform: Platform, home: str, cookies: Iterable[Cookie], now: datetime) -> bool:
        """Keep the clearances among these cookies; return whether there were any.

        Raise SessionStoreError where they cannot be saved.
        """
        state: StorageState = {"cookies": list(cookies), "origins": []}
        lasting = _lasting(of_hosts(state, hosts_of(platform, home))["cookies"], now)
        if lasting:
            self._store.save(_name(platform, home), {"cookies": lasting, "origins": []})
        return bool(lasting)

    def kept(self, now: datetime) -> tuple[KeptClearance, ...]:
        """Return those that are kept, and delete those that have expired. Raise SessionStoreError."""
        kept = []
        for name in self._store.names():
            cookies = _lasting((self._store.load(name) or {"cookies": []})["cookies"], now)
            if cookies:
                ends = datetime.fromtimestamp(max(cookie["expires"] for cookie in cookies), UTC)
                kept.append(KeptClearance(name=f"{PREFIX}{name}", ends=ends))
            else:
                self._store.forget(name)
        return tuple(kept)

    def forget(self, name: str) -> bool:
        """Delete a clearance by the name that `kept` gives it; return whether there was one."""
        return self._store.forget(name.removeprefix(PREFIX))


def _name(platform: Platform, home: str) -> str:
    return safe_name(f"{platform.platform}-{host_of(home)}")


def _lasting(cookies: Iterable[Cookie], now: datetime) -> list[Cookie]:
    names = walls().clearance_cookies
    return [
        cookie
        for cookie in cookies
        if cookie["name"] in names and cookie.get("expires", -1) > now.timestamp()
    ]
