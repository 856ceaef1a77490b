"""The system's keyring, as far as we need it: one secret, and a clear word where there is no keyring.

A keyring may ask its user to unlock it and wait without end; a run that nobody watches must not.
"""

import threading
from collections.abc import Callable
from typing import Any, Protocol

SERVICE = "selfcheck"
ENTRY = "session key (age)"
_PATIENCE_SECONDS = 30.0


class SecretStore(Protocol):
    """Where one secret can be kept; `trouble` says why it could not."""

    trouble: str

    def get(self) -> str | None:
        """Return the secret, or None where there is none or the vault does not work."""

    def put(self, secret: str) -> bool:
        """Keep the secret; return whether it can be read back."""


class SystemKeyring:
    """The keyring of the system: Keychain, Credential Locker, Secret Service, KWallet."""

    def __init__(self) -> None:
        self.trouble = ""

    def get(self) -> str | None:
        """Return the secret, or None where there is none or the keyring does not work."""
        return self._asked(lambda keyring: keyring.get_password(SERVICE, ENTRY))

    def put(self, secret: str) -> bool:
        """Keep the secret; return whether it can be read back: some keyrings take all and keep nothing."""
        self._asked(lambda keyring: keyring.set_password(SERVICE, ENTRY, secret))
        return not self.trouble and self.get() == secret

    def _asked(self, question: Callable[[Any], str | None]) -> str | None:
        answers: list[str | None] = []
        troubles: list[str] = []

        def ask() -> None:
            try:
                import keyring  # noqa: PLC0415 - it takes a tenth of a second

                answers.append(question(keyring.get_keyring()))
            except Exception as error:  # noqa: BLE001 - each system's keyring fails in its own way
                troubles.append(str(error).split("\n")[0].split(". ")[0] or type(error).__name__)

        thread = threading.Thread(target=ask, daemon=True, name="keyring")
        thread.start()
        thread.join(_PATIENCE_SECONDS)
        if thread.is_alive():
            troubles.append(f"it did not answer within {_PATIENCE_SECONDS:.0f} s")
        self.trouble = troubles[0].removesuffix(".") if troubles else ""
        return answers[0] if answers else None
