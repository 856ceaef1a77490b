"""A session as one line, to carry it to another machine or into a repository's secrets. Pure but for the key.

Laws:
1. A line is encrypted, like a saved session, and is of no use without its key.
2. A line is at most 48 KB, the limit of a repository secret. Where it would be longer, what signing in does
   not need is left out, and the user is told; a line is never cut.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from selfcheck.browser.storage_state import StorageState, storage_state_of
from selfcheck.errors import SessionDamagedError, SessionTooLargeError
from selfcheck.platforms.schema import Platform
from selfcheck.sessions.keys import SessionKeys

PREFIX = "selfcheck-session-1:"
MOST_BYTES = 48 * 1024
"""The limit of a secret of a GitHub repository."""

_MOST_OPENED = 50_000_000  # bytes, a small line must not fill the memory
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class SessionToken:
    """A session as one line, and what was left out of it, in words."""

    line: str
    left_out: str = ""


def export(
    state: StorageState, keys: SessionKeys, *, platform: Platform | None, now: datetime
) -> SessionToken:
    """Return the session as one line of at most 48 KB; `SessionTooLargeError` where none is small enough."""
    line = ""
    for smaller, left_out in _smaller_and_smaller(state, platform, now):
        plain = json.dumps(smaller, ensure_ascii=False, separators=(",", ":")).encode()
        squeezed = zlib.compress(plain, 9)
        if len(squeezed) > MOST_BYTES and line:
            continue  # encrypting can only make it longer
        sealed = keys.seal(squeezed)
        line = PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")
        if len(line) <= MOST_BYTES:
            return SessionToken(line=line, left_out=left_out)
    raise _too_large(len(line), platform)


def is_token(text: str) -> bool:
    """Return whether a text is meant to be an exported session."""
    return text.lstrip().startswith(PREFIX)


def import_(text: str, keys: SessionKeys, *, what: str) -> StorageState:
    """Return the session in a line; line breaks that a mail program or a terminal put in do no harm."""
    line = _SPACE.sub("", text)
    if not line.startswith(PREFIX):
        raise _damaged(what, f"It does not begin with {PREFIX}")
    body = line.removeprefix(PREFIX)
    try:
        sealed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except ValueError:  # of a letter that is not ASCII too, which is not a `binascii.Error`
        raise _damaged(what, "It was cut, or a character in it was changed") from None
    data = keys.unseal(sealed, what=what)
    try:
        opened = zlib.decompressobj().decompress(data, _MOST_OPENED)
    except zlib.error:
        raise _damaged(what, "Its content cannot be decompressed") from None
    return storage_state_of(opened, source=what)


def _smaller_and_smaller(
    state: StorageState, platform: Platform | None, now: datetime
) -> Iterator[tuple[StorageState, str]]:
    """Yield the session with more and more left out that signing in does not need."""
    alive = [cookie for cookie in state["cookies"] if not 0 < cookie.get("expires", -1) <= now.timestamp()]
    whole = {"cookies": alive, "origins": state.get("origins", [])}
    yield whole, ""
    names = platform.sign_in.cookies if platform and platform.sign_in else ()
    if not names:  # what carries the sign-in is not known, so nothing may be left out
        return
    yield {"cookies": alive, "origins": []}, "what the pages stored beside their cookies"
    needed = [cookie for cookie in alive if cookie.get("name") in names]
    if needed:
        left_out = "what the pages stored, and all cookies but those that carry the sign-in"
        yield {"cookies": needed, "origins": []}, left_out


def _too_large(size: int, platform: Platform | None) -> SessionTooLargeError:
    cookies_known = platform is not None and platform.sign_in is not None and platform.sign_in.cookies
    cause = (
        "Even the cookies that carry the sign-in are too large."
        if cookies_known
        else "Which of its cookies carry the sign-in is not known, so nothing could be left out."
    )
    return SessionTooLargeError(
        f"The session is too large for a repository secret: {size} bytes of at most {MOST_BYTES}.",
        cause=cause,
        next_step="Name the profile that uses it with --profiles, or use a machine of your own.",
    )


def _damaged(what: str, cause: str) -> SessionDamagedError:
    return SessionDamagedError(
        f"{what} is damaged.",
        cause=f"{cause}.",
        next_step=lambda hints: (
            f"Make it again with `{hints.command('session', 'export', 'NAME')}`, and copy all of it."
        ),
    )
