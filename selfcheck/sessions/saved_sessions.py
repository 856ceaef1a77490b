"""What is known of the saved sessions without opening a page: whose each is, its age, its end, what is wrong.

Laws:
1. Nothing of a session's contents leaves here but when its cookies end.
2. A session that cannot be read is in the list all the same, with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from selfcheck.browser.storage_state import StorageState
from selfcheck.core.request import ProfileRequest
from selfcheck.core.times import plural
from selfcheck.errors import SelfcheckError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform
from selfcheck.sessions.author_pages import ALL_KEPT, AuthorPages
from selfcheck.sessions.clearances import PREFIX, Clearances
from selfcheck.sessions.session_expiry import expected_end, expiry_foreseen, sign_in_trouble
from selfcheck.sessions.store import SessionStore
from selfcheck.settings import read_configuration


@dataclass(frozen=True, kw_only=True)
class SavedSession:
    """A session that is saved, or given in the environment."""

    name: str
    profile: ProfileRequest | None  # the first that uses it; None: none does
    saved_at: datetime | None  # UTC; None: it is given in the environment, or gone
    plain: bool  # it is not encrypted
    error: SelfcheckError | None = None  # why it cannot be read
    trouble: str = ""  # why it cannot sign its author in, such as "it expired on 2026-11-20"
    end: datetime | None = None  # UTC, still to come; None: not known
    ends_soon: bool = False


def session_users(profiles_file: Path) -> dict[str, ProfileRequest]:
    """Return the profile that uses each session; none where there is no file that can be followed."""
    if not profiles_file.exists():
        return {}
    try:
        profiles = read_configuration(profiles_file).profiles
    except SelfcheckError:  # `selfcheck doctor` reports its mistakes; the sessions exist all the same
        return {}
    return {profile.session: profile for profile in reversed(profiles)}


def saved_session(
    store: SessionStore, name: str, user: ProfileRequest | None, now: datetime
) -> SavedSession | None:
    """Return what is known of a session; None where there is none of this name."""
    given = store.in_environment(name)
    if not given and store.path_of(name) is None:
        return None
    saved_at = None if given else store.saved_at(name)
    plain = not given and store.is_plain(name)
    try:
        state = store.load(name)
    except SelfcheckError as error:
        return SavedSession(name=name, profile=user, saved_at=saved_at, plain=plain, error=error)
    if state is None:
        return None
    end = expected_end(state, platform=platform_of(user), base_url=user.base_url if user else None)
    return SavedSession(
        name=name,
        profile=user,
        saved_at=saved_at,
        plain=plain,
        trouble=trouble_of(state, user, now),
        end=end if end is not None and end > now else None,
        ends_soon=bool(expiry_foreseen(end, now)),
    )


def saved_sessions(
    store: SessionStore, users: Mapping[str, ProfileRequest], now: datetime
) -> tuple[SavedSession, ...]:
    """Return every session in the folder, by name."""
    each = (saved_session(store, name, users.get(name), now) for name in store.names())
    return tuple(session for session in each if session is not None)


def also_kept(store: SessionStore, now: datetime) -> dict[str, str]:
    """Return what else is kept beside the sessions, by the name that `forget` takes, in words.

    These are the clearances that bot walls gave, and the author's own pages of runs. What cannot be read is
    in it with the reason, under no name.
    """
    kept: dict[str, str] = {}
    try:
        for each in Clearances(store).kept(now):
            kept[each.name] = f"until {each.ends:%Y-%m-%d %H:%M} UTC, logged out"
    except SelfcheckError as error:
        kept[""] = f"What bot walls remember cannot be read: {error.what}"
    try:
        run_ids = AuthorPages(store).run_ids()
    except SelfcheckError as error:
        kept[ALL_KEPT] = f"cannot be read: {error.what}"
    else:
        if run_ids:
            kept[ALL_KEPT] = f"of {plural(len(run_ids), 'run')}, since {run_ids[0]}"
    return kept


def forget(store: SessionStore, name: str) -> bool:
    """Delete a session, a bot wall's `clearance/…`, or the author's kept pages; return whether it was there.

    The platform still accepts a session until its author signs out there.
    """
    if name == ALL_KEPT:
        return AuthorPages(store).forget()
    return Clearances(store).forget(name) if name.startswith(PREFIX) else store.forget(name)


def platform_of(user: ProfileRequest | None) -> Platform | None:
    """Return the platform of the profile that uses a session."""
    return load_platform(user.platform) if user else None


def trouble_of(state: StorageState, user: ProfileRequest | None, now: datetime) -> str:
    """Return why a session cannot sign this profile in; "" where it may."""
    if user is None:
        return sign_in_trouble(state, now)
    return sign_in_trouble(state, now, platform=platform_of(user), base_url=user.base_url)
