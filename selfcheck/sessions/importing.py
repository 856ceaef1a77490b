"""Takes a session that was made elsewhere: whatever form it has, only the platform's own part is kept."""

from selfcheck.browser.storage_state import StorageState, hosts_of, of_hosts
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import SessionStoreError
from selfcheck.platforms.schema import Platform
from selfcheck.sessions.cookie_import import header_state, state_in
from selfcheck.sessions.keys import SessionKeys
from selfcheck.sessions.session_token import is_packed, unpacked


def session_in(data: bytes, *, source: str, keys: SessionKeys) -> StorageState:
    """Return the session in a file: an exported line, a storage state as JSON, or a cookies.txt."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SessionStoreError(
            f"{source} is no text in UTF-8.",
            next_step="Give a storage state as JSON, a cookies.txt, or a line of `session export`.",
        ) from None
    if is_packed(text):
        return unpacked(text, keys, what=f"The session in {source}")
    return state_in(text, source=source)


def session_of_header(header: str, profile: ProfileRequest, platform: Platform) -> StorageState:
    """Return the session in a cookie header that the profile's site was sent."""
    home = profile.base_url or platform.home
    return header_state(header, home=home, hosts=hosts_of(platform, home))


def own_part(
    state: StorageState, profile: ProfileRequest, platform: Platform, *, source: str
) -> StorageState:
    """Return what of a session belongs to the profile's platform; `SessionStoreError` where nothing does."""
    hosts = hosts_of(platform, profile.base_url or platform.home)
    own = of_hosts(state, hosts)
    if not own["cookies"] and not own["origins"]:
        raise SessionStoreError(
            f"{source} holds nothing of {platform.title} ({', '.join(hosts)}).",
            cause="It was taken from another site, or before you signed in.",
            next_step="Take it from the browser in which you are signed in there. Nothing was saved.",
        )
    return own
