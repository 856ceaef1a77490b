"""The saved sessions: an author's cookies, encrypted with age, one file each.

Laws:
1. A session file is 0600 from the moment it exists, in a folder that is 0700, and whole or not there.
2. A session's name is safe as the name of a file; no name leads out of the folder.
3. What is saved is encrypted. An unencrypted session of an earlier version is still read, and is replaced
   by an encrypted one when it is next saved.
4. A session given in the environment goes before a saved one, and is never written.
"""

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from selfcheck.browser.storage_state import (
    StorageState,
    check_storage_state,
    read_bytes,
    read_storage_state,
    storage_state_of,
)
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import SessionStoreError
from selfcheck.sessions import session_token
from selfcheck.sessions.keys import KEY_NAME, Ask, SessionKeys
from selfcheck.storage.files import make_private_folder, write_private

__all__ = [
    "SessionStore",
    "StorageState",
    "check_storage_state",
    "is_session_name",
    "read_storage_state",
    "sessions_folder",
    "variable_of",
]

FOLDER = "SELFCHECK_SESSIONS"
_VARIABLE = "SELFCHECK_SESSION_"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SEALED, _PLAIN = ".age", ".json"


def sessions_folder(environ: Mapping[str, str]) -> Path:
    """Return where sessions are kept: `SELFCHECK_SESSIONS`, or `sessions` in the user's config folder."""
    setting = environ.get(FOLDER)
    if setting:
        return Path(setting).expanduser()
    from platformdirs import user_config_path  # noqa: PLC0415 - costs time, and most commands do without

    return user_config_path("selfcheck", appauthor=False) / "sessions"


def variable_of(name: str) -> str:
    """Return the variable that gives a session: in capitals, `_` for all but letters and digits."""
    return _VARIABLE + re.sub(r"[^A-Z0-9]", "_", name.upper())


class SessionStore:
    """The sessions in one folder, and those in the environment; `ask` asks for a passphrase."""

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str] | None = None,
        keys: SessionKeys | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.folder = folder
        self._environ = os.environ if environ is None else environ
        # In a folder of the user's choice the key is kept with the sessions: in a container nothing else may
        # last.
        beside = folder if self._environ.get(FOLDER) else folder.parent
        self.keys = keys or SessionKeys(self._environ, file=beside / KEY_NAME, ask=ask)

    def names(self) -> tuple[str, ...]:
        """Return the names of the saved sessions, sorted."""
        try:
            # Not `glob`, to which a folder that may not be read looks empty.
            paths = [path for path in self.folder.iterdir() if path.suffix in (_SEALED, _PLAIN)]
            names = {path.stem for path in paths if path.is_file()}
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._unreadable(error) from error
        return tuple(sorted(name for name in names if is_session_name(name)))

    def load(self, name: str) -> StorageState | None:
        """Return a session, or None where there is none; `SessionStoreError` where it cannot be read."""
        if self.in_environment(name):
            variable = variable_of(name)
            return session_token.import_(
                self._environ[variable], self.keys, what=f"The session in {variable}"
            )
        path = self.path_of(name)
        if path is None:
            return None
        if path.suffix == _PLAIN:
            return read_storage_state(path)
        data = self.keys.unseal(read_bytes(path), what=f"The session “{name}”")
        return storage_state_of(data, source=f"The content of the session “{name}”")

    def in_environment(self, name: str) -> bool:
        """Return whether the environment gives this session."""
        return is_session_name(name) and bool(self._environ.get(variable_of(name), "").strip())

    def is_plain(self, name: str) -> bool:
        """Return whether a saved session is not encrypted."""
        path = self.path_of(name)
        return path is not None and path.suffix == _PLAIN

    def path_of(self, name: str) -> Path | None:
        """Return the file of a saved session, None where none is saved."""
        return next((path for path in self._paths(name) if self._stat(path)), None)

    def saved_at(self, name: str) -> datetime | None:
        """Return when a session was saved (UTC), or None where none is."""
        stats = [stat for path in self._paths(name) if (stat := self._stat(path))]
        return datetime.fromtimestamp(stats[0].st_mtime, tz=UTC) if stats else None

    def save(self, name: str, state: StorageState) -> Path:
        """Save a session, whole or not at all, and return where; one of the same name is replaced."""
        sealed, plain = self._paths(name)
        check_storage_state(state, source="the session")
        data = self.keys.seal(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode())
        try:
            make_private_folder(self.folder)
            write_private(sealed, data)
            plain.unlink(missing_ok=True)
        except OSError as error:
            raise SessionStoreError(
                f"The session “{name}” could not be saved in {self.folder}.",
                cause=f"{error.strerror or error}.",
                next_step=f"Free space or fix the permissions, or set {FOLDER} to another folder.",
            ) from error
        return sealed

    def forget(self, name: str) -> bool:
        """Delete a session; return whether there was one."""
        saved = [path for path in self._paths(name) if self._stat(path)]
        try:
            for path in saved:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unreadable(error) from error
        return bool(saved)

    def _stat(self, path: Path) -> os.stat_result | None:
        try:
            return path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error

    def _paths(self, name: str) -> tuple[Path, Path]:
        if not is_session_name(name):
            raise SessionStoreError(
                f"“{name}” cannot be the name of a session.",
                cause="A name has at most 64 letters, digits, and . _ - within it, and begins with a letter"
                " or a digit.",
                next_step="Give the session another name, with `session:` in profiles.yaml.",
            )
        return self.folder / f"{name}{_SEALED}", self.folder / f"{name}{_PLAIN}"

    def _unreadable(self, error: OSError) -> SessionStoreError:
        return SessionStoreError(
            f"The folder of the sessions, {self.folder}, cannot be used.",
            cause=f"{error.strerror or error}.",
            next_step=f"Fix its permissions, or set {FOLDER} to another folder.",
        )


def is_session_name(name: str) -> bool:
    """Return whether a session may have this name: a file's on any system, and part of a variable's."""
    return _NAME.fullmatch(name) is not None and is_safe_name(name)
