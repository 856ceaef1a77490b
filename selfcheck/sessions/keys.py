"""The key that saved sessions are encrypted with, and where it lies.

Laws:
1. What the user gives goes first: SELFCHECK_KEY, then SELFCHECK_PASSPHRASE. Neither is ever written.
2. Else the key is the machine's own: in the key file if there is one, else in the system's keyring. It is
   made when the first session is saved: in the keyring where that works, else in a key file (0600), since a
   run that nobody watches must find it again. Which of them it became is told.
3. A missing key, one that does not fit, and a damaged file are three errors with a next step each.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from selfcheck.errors import (
    SessionDamagedError,
    SessionKeyMissingError,
    SessionKeyWrongError,
    SessionStoreError,
)
from selfcheck.sessions import encryption as sealing
from selfcheck.sessions.keyrings import SecretStore, SystemKeyring
from selfcheck.storage.files import make_private_folder, write_private

KEY, PASSPHRASE, KEY_FILE = "SELFCHECK_KEY", "SELFCHECK_PASSPHRASE", "SELFCHECK_KEY_FILE"
KEY_NAME = "session.key"
_HEADING = "# The key of selfcheck's saved sessions. Keep it secret."

Ask = Callable[[str], str]
"""Asks the user for a passphrase at a hidden prompt."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A secret key of age, and where it was found, in words."""

    secret: str
    place: str


class SessionKeys:
    """Finds the key, or makes it when there is none."""

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        file: Path,
        vault: SecretStore | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.file = Path(environ[KEY_FILE]).expanduser() if environ.get(KEY_FILE) else file
        self.told = ""  # where a key that was made lies, in a sentence
        self._environ = environ
        self._vault = vault or SystemKeyring()
        self._ask = ask
        self._passphrase = environ.get(PASSPHRASE, "")
        self._by_passphrase = False  # whatever keys there are

    def use_passphrase(self, passphrase: str) -> None:
        """Encrypt with this passphrase from now on, whatever keys there are."""
        self._passphrase, self._by_passphrase = passphrase, True

    @property
    def can_ask(self) -> bool:
        """Return whether somebody can be asked for a passphrase."""
        return self._ask is not None

    def ask_no_more(self) -> None:
        """From now on do without what would have to be asked for: nobody sits there."""
        self._ask = None

    def seal(self, data: bytes) -> bytes:
        """Encrypt with the key of now, which is made if there is none."""
        given = None if self._by_passphrase else self._given()
        if given is None and self._passphrase:
            return sealing.seal_with_passphrase(data, self._passphrase)
        key = given or self._own() or self._made()
        return sealing.seal(data, key.secret)

    def unseal(self, data: bytes, *, what: str) -> bytes:
        """Open what was encrypted; `what` names it in an error."""
        try:
            if sealing.needs_passphrase(data):
                return self._unseal_with_passphrase(data, what)
            return self._unseal_with_a_key(data, what)
        except sealing.DamagedError:
            raise SessionDamagedError(
                f"{what} is damaged.",
                cause="It is no whole age file: it was cut or changed.",
                next_step=lambda hints: f"Sign in again: `{hints.command('login', 'PROFILE')}`.",
            ) from None

    def found(self) -> Key | None:
        """Return the key that a session would be encrypted with; None where there is none yet."""
        return self._given() or self._own()

    def to_file(self) -> Path:
        """Put the key of now into the key file, where a run that nobody watches can read it.

        A key that is in the file already stays there: sessions may be encrypted with it.
        """
        if self._filed() is None:
            key = self._given() or self._kept()
            self._write_file(key.secret if key else sealing.new_identity())
        return self.file

    def _unseal_with_a_key(self, data: bytes, what: str) -> bytes:
        if not data.startswith(sealing.MAGIC):
            raise sealing.DamagedError
        tried = []
        for key in self._all():
            try:
                return sealing.unseal(data, key.secret)
            except sealing.NoFitError:
                tried.append(key.place)
        if not tried:
            raise self._missing(what)
        raise SessionKeyWrongError(
            f"{what} is encrypted with another key than the one in {' and '.join(tried)}.",
            cause="The key was changed or replaced since the session was saved, or it comes from elsewhere."
            + (f" The keyring could not be asked: {self._vault.trouble}." if self._vault.trouble else ""),
            next_step=lambda hints: (
                f"Give the key that it was saved with in {KEY}, or sign in again:"
                f" `{hints.command('login', 'PROFILE')}`."
            ),
        )

    def _missing(self, what: str) -> SessionKeyMissingError:
        trouble = self._vault.trouble
        cause = "No key is in SELFCHECK_KEY, in the keyring, or in a key file."
        if trouble:
            cause = f"The system's keyring could not be asked ({trouble}), and there is no key file."
        return SessionKeyMissingError(
            f"{what} is encrypted, and there is no key to open it with.",
            cause=cause,
            next_step=lambda hints: (
                f"Where the keyring works, `{hints.command('session', 'key', '--to-file')}`"
                f" puts the key where a scheduled run finds it; or give it in {KEY}."
            ),
        )

    def _unseal_with_passphrase(self, data: bytes, what: str) -> bytes:
        asked = not self._passphrase
        passphrase = self._passphrase or (self._ask(f"Passphrase of {what}") if self._ask else "")
        if not passphrase:
            raise SessionKeyMissingError(
                f"{what} is encrypted with a passphrase, and none was given.",
                cause=f"{PASSPHRASE} is not set, and there is nobody to ask.",
                next_step=f"Set {PASSPHRASE}, or run the command in a terminal.",
            )
        try:
            opened = sealing.unseal_with_passphrase(data, passphrase)
        except sealing.NoFitError:
            raise SessionKeyWrongError(
                f"The passphrase does not open {what}.",
                cause=f"It was mistyped{'' if asked else f' in {PASSPHRASE}'}, or the session was saved with"
                " another.",
                next_step=lambda hints: (
                    f"Try again, or sign in again: `{hints.command('login', 'PROFILE')}`."
                ),
            ) from None
        self._passphrase = passphrase
        return opened

    def _all(self) -> Iterator[Key]:
        """Yield every key there is, the keyring's last: it may ask its user."""
        for find in (self._given, self._filed, self._kept):
            if key := find():
                yield key

    def _own(self) -> Key | None:
        return self._filed() or self._kept()

    def _given(self) -> Key | None:
        text = self._environ.get(KEY, "")
        return Key(secret=_checked(text, KEY), place=KEY) if text.strip() else None

    def _filed(self) -> Key | None:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SessionStoreError(
                f"The key file {self.file} cannot be read.",
                cause=f"{getattr(error, 'strerror', None) or 'It is no text'}.",
                next_step="Mend its permissions, or put the key there again.",
            ) from error
        return Key(secret=_checked(text, str(self.file)), place=str(self.file))

    def _kept(self) -> Key | None:
        secret = self._vault.get()
        return Key(secret=_checked(secret, "the keyring"), place="the system's keyring") if secret else None

    def _made(self) -> Key:
        """Make a key where there is none; no earlier one is ever replaced."""
        secret = sealing.new_identity()
        if self._vault.put(secret):
            self.told = "Sessions are encrypted; their key lies in the system's keyring."
            return Key(secret=secret, place="the system's keyring")
        self._write_file(secret)
        why = self._vault.trouble or "it kept nothing"
        self.told = (
            f"Sessions are encrypted. This machine has no keyring that works ({why}), so the key lies in"
            f" {self.file}, which only you can read: who can read your files can read the sessions too."
            f" {KEY} or {PASSPHRASE} keep the two apart."
        )
        return Key(secret=secret, place=str(self.file))

    def _write_file(self, secret: str) -> None:
        try:
            if not self.file.parent.exists():
                make_private_folder(self.file.parent)
            write_private(self.file, f"{_HEADING}\n{secret}\n".encode())
        except OSError as error:
            raise SessionStoreError(
                f"The key of the sessions could not be saved in {self.file}.",
                cause=f"{error.strerror or error}.",
                next_step=f"Mend that, or name another file with {KEY_FILE}.",
            ) from error


def _checked(text: str, place: str) -> str:
    try:
        return sealing.identity_in(text)
    except ValueError as error:
        raise SessionKeyWrongError(
            f"What {place} holds is no key of age.",
            cause=f"Expected was {error}.",
            next_step=lambda hints: (
                f"`{hints.command('session', 'key', '--show')}` prints the key of the machine where you"
                " signed in."
            ),
        ) from None
