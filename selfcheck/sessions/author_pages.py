"""The author's pages of earlier runs, kept for `selfcheck replay` where the settings ask for it.

Laws:
1. They lie beside the sessions, encrypted with the sessions' key before they are written, and never in the
   data folder: what is made of that (evidence, branch, report, copies) cannot have them.
2. They are deleted when the time that the settings name is over, by the next run that keeps pages.
"""

import shutil
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from selfcheck.core.safe_filename import is_safe_name, safe_name
from selfcheck.errors import SessionDamagedError, SessionStoreError
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.files import make_private_folder, write_private

ALL_KEPT = "author-pages/all"
"""How `session list` and `session forget` name them; no session can be called so."""

_FOLDER = "author-pages"
_RUN_TIME = "%Y%m%dT%H%M%SZ"  # with which a run's id begins


class AuthorPages:
    """What is kept beside these sessions: of each run and profile one file, of bytes in any form."""

    def __init__(self, sessions: SessionStore) -> None:
        self._folder = sessions.folder / _FOLDER
        self._keys = sessions.keys

    def keep(self, run_id: str, profile: str, pages: bytes) -> None:
        """Encrypt and write the pages of a profile. Raise SessionStoreError."""
        path = self._path(run_id, profile)
        sealed = self._keys.seal(zlib.compress(pages))
        try:
            for folder in (self._folder.parent, self._folder, path.parent):
                make_private_folder(folder)
            write_private(path, sealed)
        except OSError as error:
            raise self._unusable(error) from error

    def load(self, run_id: str, profile: str) -> bytes | None:
        """Return the pages of a profile, None where none are kept.

        Raise SessionStoreError where they cannot be read, such as for want of their key.
        """
        if not is_safe_name(run_id):
            return None
        try:
            sealed = self._path(run_id, profile).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        what = "What is kept of your own pages"
        try:
            return zlib.decompress(self._keys.unseal(sealed, what=what))
        except zlib.error:
            raise SessionDamagedError(f"{what} is damaged.") from None

    def run_ids(self) -> tuple[str, ...]:
        """Return the runs of which pages are kept, the oldest first. Raise SessionStoreError."""
        try:
            return tuple(sorted(path.name for path in self._folder.iterdir() if is_safe_name(path.name)))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._unusable(error) from error

    def delete_before(self, time: datetime) -> None:
        """Delete the pages of the runs that began before this time (UTC). Raise SessionStoreError."""
        self._delete(run_id for run_id in self.run_ids() if run_id < time.astimezone(UTC).strftime(_RUN_TIME))

    def forget(self) -> bool:
        """Delete them all; return whether there were any. Raise SessionStoreError."""
        run_ids = self.run_ids()
        self._delete(run_ids)
        return bool(run_ids)

    def _delete(self, run_ids: Iterable[str]) -> None:
        try:
            for run_id in run_ids:
                shutil.rmtree(self._folder / run_id)
        except OSError as error:
            raise self._unusable(error) from error

    def _path(self, run_id: str, profile: str) -> Path:
        return self._folder / run_id / f"{safe_name(profile)}.age"

    def _unusable(self, error: OSError) -> SessionStoreError:
        return SessionStoreError(
            f"The folder of the author's pages, {self._folder}, cannot be used.",
            cause=f"{error.strerror or error}.",
            next_step="Free space or fix its permissions.",
        )
