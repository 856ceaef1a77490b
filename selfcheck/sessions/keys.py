"""The key that saved sessions are encrypted with, and where it is kept.

Laws:
1. What the user gives goes first: SELFCHECK_KEY, then SELFCHECK_PASSPHRASE. Neither is ever written.
2. Otherwise the key is the machine's own: in the key file if there is one, else in the system's keyring. It
   is made when the first session is saved: in the keyring where that works, else in a key file (0600), since
   a scheduled run must find it again. The user is told which of the two it became.
3. A missing key, one that does not fit, and a damaged file are three errors with a next step each.
4. A keyring may ask its user to unlock it and wait without end, which a scheduled run must not: it is given
   half a minute.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from selfcheck.errors import (
    SessionDamagedError,
    SessionKeyMissingError,
    SessionKeyWrongError,
    SessionStoreError,
)
from selfcheck.sessions import encryption
from selfcheck.storage.files import make_private_folder, write_private

KEY, PASSPHRASE, KEY_FILE = "SELFCHECK_KEY", "SELFCHECK_PASSPHRASE", "SELFCHECK_KEY_FILE"
KEY_NAME = "session.key"
SERVICE = "selfcheck"
ENTRY = "session key (age)"
_HEADING = "# The key of the sessions that selfcheck has saved. Keep it secret."
_KEYRING_SECONDS = 30.0
_KEYRING = "the system's keyring"

Ask = Callable[[str], str]
"""Asks the user for a passphrase at a hidden prompt."""


class SecretStore(Protocol):
    """Where one secret can be kept; `error` says why it could not, "" where it could."""

    error: str

    def get(self) -> str | None:
        """Return the secret, or None where there is none or the store does not work."""

    def put(self, secret: str) -> bool:
        """Keep the secret; return whether it can be read back."""


class SystemKeyring:
    """The keyring of the system: Keychain, Credential Locker, Secret Service, KWallet."""

    def __init__(self) -> None:
        self.error = ""

    def get(self) -> str | None:
        """Return the secret, or None where there is none or the keyring does not work."""
        return self._call(lambda keyring: keyring.get_password(SERVICE, ENTRY))

    def put(self, secret: str) -> bool:
        """Keep the secret; return whether it can be read back: some keyrings take all and keep nothing."""
        self._call(lambda keyring: keyring.set_password(SERVICE, ENTRY, secret))
        return not self.error and self.get() == secret

    def _call(self, method: Callable[[Any], str | None]) -> str | None:
        answers: list[str | None] = []
        errors: list[str] = []

        def call() -> None:
            try:
                import keyring  # noqa: PLC0415 - it takes a tenth of a second

                answers.append(method(keyring.get_keyring()))
            except Exception as error:  # noqa: BLE001 - each system's keyring fails in its own way
                errors.append(str(error).split("\n")[0].split(". ")[0] or type(error).__name__)

        # A call into a keyring cannot be given a time limit; a daemon thread can be left behind.
        thread = threading.Thread(target=call, daemon=True, name="keyring")
        thread.start()
        thread.join(_KEYRING_SECONDS)
        if thread.is_alive():
            errors.append(f"it did not answer within {_KEYRING_SECONDS:.0f} s")
        self.error = errors[0].removesuffix(".") if errors else ""
        return answers[0] if answers else None


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
        keyring: SecretStore | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.file = Path(environ[KEY_FILE]).expanduser() if environ.get(KEY_FILE) else file
        self.notice = ""  # where a key that was made is kept, in a sentence for the user
        self._environ = environ
        self._keyring = keyring or SystemKeyring()
        self._ask = ask
        self._passphrase = environ.get(PASSPHRASE, "")
        self._by_passphrase = False  # whatever keys there are

    def use_passphrase(self, passphrase: str) -> None:
        """Encrypt with this passphrase from now on, whatever keys there are."""
        self._passphrase, self._by_passphrase = passphrase, True

    @property
    def can_ask(self) -> bool:
        """Return whether there is a user who can be asked for a passphrase."""
        return self._ask is not None

    def ask_no_more(self) -> None:
        """From now on do without what would have to be asked for: the user has gone."""
        self._ask = None

    def seal(self, data: bytes) -> bytes:
        """Encrypt with the current key, which is made if there is none."""
        key = None if self._by_passphrase else self._given()
        if key is None and self._passphrase:
            return encryption.seal_with_passphrase(data, self._passphrase)
        key = key or self._in_file() or self._in_keyring() or self._make()
        return encryption.seal(data, key.secret)

    def unseal(self, data: bytes, *, what: str) -> bytes:
        """Decrypt; `what` names the data in an error."""
        try:
            if encryption.needs_passphrase(data):
                return self._unseal_with_passphrase(data, what)
            return self._unseal_with_a_key(data, what)
        except encryption.DamagedError:
            raise SessionDamagedError(
                f"{what} is damaged.",
                cause="It is not a whole age file: it was cut or changed.",
                next_step=lambda hints: f"Sign in again: `{hints.command('login', 'PROFILE')}`.",
            ) from None

    def current(self) -> Key | None:
        """Return the key that a session would be encrypted with; None where there is none yet."""
        return self._given() or self._in_file() or self._in_keyring()

    def to_file(self) -> Path:
        """Put the current key into the key file, where a scheduled run can read it.

        A key that is in the file already stays there: sessions may be encrypted with it.
        """
        if self._in_file() is None:
            key = self._given() or self._in_keyring()
            self._write_file(key.secret if key else encryption.new_identity())
        return self.file

    def _unseal_with_a_key(self, data: bytes, what: str) -> bytes:
        if not data.startswith(encryption.MAGIC):
            raise encryption.DamagedError
        tried = []
        for find in (self._given, self._in_file, self._in_keyring):  # the keyring last: it may ask its user
            if (key := find()) is None:
                continue
            try:
                return encryption.unseal(data, key.secret)
            except encryption.NoFitError:
                tried.append(key.place)
        error = self._keyring.error
        if not tried:
            raise SessionKeyMissingError(
                f"{what} is encrypted, and there is no key to open it with.",
                cause=f"The system's keyring could not be asked ({error}), and there is no key file."
                if error
                else "No key is in SELFCHECK_KEY, in the keyring, or in a key file.",
                next_step=lambda hints: (
                    f"Where the keyring works, `{hints.command('session', 'key', '--to-file')}`"
                    f" puts the key where a scheduled run finds it; or give it in {KEY}."
                ),
            )
        raise SessionKeyWrongError(
            f"{what} is encrypted with another key than the one in {' and '.join(tried)}.",
            cause="The key was changed or replaced since the session was saved, or it comes from elsewhere."
            + (f" The keyring could not be asked: {error}." if error else ""),
            next_step=lambda hints: (
                f"Give the key that it was saved with in {KEY}, or sign in again:"
                f" `{hints.command('login', 'PROFILE')}`."
            ),
        )

    def _unseal_with_passphrase(self, data: bytes, what: str) -> bytes:
        was_asked = not self._passphrase
        passphrase = self._passphrase or (self._ask(f"Passphrase of {what}") if self._ask else "")
        if not passphrase:
            raise SessionKeyMissingError(
                f"{what} is encrypted with a passphrase, and none was given.",
                cause=f"{PASSPHRASE} is not set, and there is no terminal to ask in.",
                next_step=f"Set {PASSPHRASE}, or run the command in a terminal.",
            )
        try:
            data = encryption.unseal_with_passphrase(data, passphrase)
        except encryption.NoFitError:
            raise SessionKeyWrongError(
                f"The passphrase does not open {what}.",
                cause=f"It was mistyped{'' if was_asked else f' in {PASSPHRASE}'}, or the session was saved"
                " with another.",
                next_step=lambda hints: (
                    f"Try again, or sign in again: `{hints.command('login', 'PROFILE')}`."
                ),
            ) from None
        self._passphrase = passphrase
        return data

    def _given(self) -> Key | None:
        text = self._environ.get(KEY, "")
        return Key(secret=_checked(text, KEY), place=KEY) if text.strip() else None

    def _in_file(self) -> Key | None:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SessionStoreError(
                f"The key file {self.file} cannot be read.",
                cause=f"{getattr(error, 'strerror', None) or 'It is not text'}.",
                next_step="Fix its permissions, or put the key there again.",
            ) from error
        return Key(secret=_checked(text, str(self.file)), place=str(self.file))

    def _in_keyring(self) -> Key | None:
        secret = self._keyring.get()
        return Key(secret=_checked(secret, "the keyring"), place=_KEYRING) if secret else None

    def _make(self) -> Key:
        """Make a key where there is none; no earlier one is ever replaced."""
        secret = encryption.new_identity()
        if self._keyring.put(secret):
            self.notice = "Sessions are encrypted; their key is in the system's keyring."
            return Key(secret=secret, place=_KEYRING)
        self._write_file(secret)
        why = self._keyring.error or "it kept nothing"
        self.notice = (
            f"Sessions are encrypted. This machine has no keyring that works ({why}), so the key is in"
            f" {self.file}, which only you can read: any program that can read your files can read the"
            f" sessions too. {KEY} or {PASSPHRASE} keep the two apart."
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
                next_step=f"Free space or fix the permissions, or name another file with {KEY_FILE}.",
            ) from error


def _checked(text: str, place: str) -> str:
    try:
        return encryption.identity_in(text)
    except ValueError as error:
        raise SessionKeyWrongError(
            f"{place} does not contain an age key.",
            cause=f"Expected was {error}.",
            next_step=lambda hints: (
                f"`{hints.command('session', 'key', '--show')}` prints the key of the machine where you"
                " signed in."
            ),
        ) from None
