"""The saved sessions: an author's cookies, as Playwright writes a storage state.

Laws:
1. A session file is 0600 from the moment it exists, in a folder that is 0700, and whole or not there.
2. A session's name is safe as the name of a file; no name leads out of the folder.
3. What is read is checked; a mistake is told without repeating any value of the file.
"""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from selfcheck.errors import SessionStoreError
from selfcheck.model.commands import command_line

StorageState: TypeAlias = dict[str, Any]
"""Playwright's storage state: `cookies`, and `origins` with their `localStorage`."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{one}{n}" for one in ("com", "lpt") for n in range(10))}
)
_SUFFIX = ".json"
_COOKIE_TEXTS = ("name", "value")


def sessions_folder(environ: Mapping[str, str]) -> Path:
    """Return where sessions lie: `SELFCHECK_SESSIONS`, or `sessions` in the user's config folder."""
    given = environ.get("SELFCHECK_SESSIONS")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_config_path  # noqa: PLC0415 - costs time, and most commands do without

    return user_config_path("selfcheck", appauthor=False) / "sessions"


class SessionStore:
    """The sessions in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> tuple[str, ...]:
        """Return the names of the saved sessions, sorted."""
        try:
            found = [path.stem for path in self.folder.glob(f"*{_SUFFIX}") if path.is_file()]
        except OSError as error:
            raise self._unreadable(error) from error
        return tuple(sorted(name for name in found if is_safe_name(name)))

    def load(self, name: str) -> StorageState | None:
        """Return a session, or None where none is saved; `SessionStoreError` where it cannot be read."""
        path = self._path(name)
        if not path.exists():
            return None
        return read_storage_state(path)

    def saved_at(self, name: str) -> datetime | None:
        """Return when a session was saved (UTC), or None where none is."""
        try:
            return datetime.fromtimestamp(self._path(name).stat().st_mtime, tz=UTC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error

    def save(self, name: str, state: StorageState) -> Path:
        """Save a session, whole or not at all, and return where; one of the same name is replaced."""
        path = self._path(name)
        check_storage_state(state, source="the session")
        data = json.dumps(state, ensure_ascii=False, indent=1).encode()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.name == "posix":
                self.folder.chmod(0o700)
            _write_private(path, data)
        except OSError as error:
            raise SessionStoreError(
                f"The session “{name}” could not be saved in {self.folder}.",
                cause=f"{error.strerror or error}.",
                next_step="Free space or mend the permissions, or set SELFCHECK_SESSIONS to another folder.",
            ) from error
        return path

    def forget(self, name: str) -> bool:
        """Delete a session; return whether there was one."""
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._unreadable(error) from error
        return True

    def _path(self, name: str) -> Path:
        if not is_safe_name(name):
            raise SessionStoreError(
                f"“{name}” cannot be the name of a session.",
                cause="A name has letters, digits, and . _ - within it, at most 64, and begins with a letter"
                " or a digit.",
                next_step="Give the session another name, with `session:` in profiles.yaml.",
            )
        return self.folder / f"{name}{_SUFFIX}"

    def _unreadable(self, error: OSError) -> SessionStoreError:
        return SessionStoreError(
            f"The folder of the sessions, {self.folder}, cannot be used.",
            cause=f"{error.strerror or error}.",
            next_step="Mend its permissions, or set SELFCHECK_SESSIONS to another folder.",
        )


def is_safe_name(name: str) -> bool:
    """Return whether a session may have this name, on any system."""
    return (
        _NAME.fullmatch(name) is not None
        and name.split(".", maxsplit=1)[0].lower() not in _RESERVED
        and not name.endswith(".")
    )


def read_storage_state(path: Path) -> StorageState:
    """Return the storage state in a file, its form checked; `SessionStoreError` says what is wrong."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SessionStoreError(
            f"{path} cannot be read.",
            cause=f"{error.strerror or error}.",
            next_step="Check the path and its permissions.",
        ) from error
    except ValueError as error:
        line = getattr(error, "lineno", None)
        raise SessionStoreError(
            f"{path} is no JSON.",
            cause=f"Line {line} cannot be read." if line else "It is not text in UTF-8.",
            next_step=f"Give the file that Playwright's storage_state wrote, or run `{_login()}`.",
        ) from error
    check_storage_state(state, source=str(path))
    return dict(state)


def _login() -> str:
    return command_line("login", "PROFILE")


def check_storage_state(state: object, *, source: str) -> None:
    """Raise `SessionStoreError`, with every mistake named, unless this is a storage state with cookies."""
    mistakes = _mistakes(state)
    if mistakes:
        raise SessionStoreError(
            f"{source} is no storage state: {'; '.join(mistakes[:5])}.",
            cause="A storage state is what Playwright writes: an object with `cookies` and `origins`.",
            next_step=f"Export it again, or run `{_login()}`.",
        )


def _mistakes(state: object) -> list[str]:
    if not isinstance(state, dict):
        return ["it is not a JSON object"]
    cookies, origins = state.get("cookies"), state.get("origins", [])
    if not isinstance(cookies, list):
        return ["`cookies` is missing or no list"]
    if not isinstance(origins, list):
        return ["`origins` is no list"]
    mistakes = [one for number, cookie in enumerate(cookies) for one in _cookie_mistakes(number, cookie)]
    mistakes += [one for number, origin in enumerate(origins) for one in _origin_mistakes(number, origin)]
    if not cookies and not origins:
        mistakes.append("it is empty: there is neither a cookie nor stored data in it")
    return mistakes


def _cookie_mistakes(number: int, cookie: object) -> list[str]:
    place = f"cookies[{number}]"
    if not isinstance(cookie, dict):
        return [f"{place} is no object"]
    missing = [key for key in _COOKIE_TEXTS if not isinstance(cookie.get(key), str)]
    mistakes = [f"{place}.{key} is missing or no text" for key in missing]
    if not isinstance(cookie.get("url"), str) and not all(
        isinstance(cookie.get(key), str) for key in ("domain", "path")
    ):
        mistakes.append(f"{place} has no domain and path")
    if cookie.get("sameSite", "Lax") not in {"Strict", "Lax", "None"}:
        mistakes.append(f"{place}.sameSite is none of Strict, Lax, None")
    if not isinstance(cookie.get("expires", -1), int | float):
        mistakes.append(f"{place}.expires is no number")
    return mistakes


def _origin_mistakes(number: int, origin: object) -> list[str]:
    place = f"origins[{number}]"
    if not isinstance(origin, dict) or not isinstance(origin.get("origin"), str):
        return [f"{place}.origin is missing"]
    items = origin.get("localStorage", [])
    if not isinstance(items, list):
        return [f"{place}.localStorage is no list"]
    good = all(
        isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("value"), str)
        for item in items
    )
    return [] if good else [f"{place}.localStorage has an entry without name and value"]


def _write_private(path: Path, data: bytes) -> None:
    # mkstemp creates the file 0600, so that there is no moment at which others could open it.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
