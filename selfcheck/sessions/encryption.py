"""Encrypts and decrypts with age: a session's bytes in, an age file's bytes out.

Laws:
1. What is made is an ordinary age file, so that any age program opens it with the same key.
2. A key that does not fit and a damaged file are two errors, and no message repeats a secret.
"""

import re

MAGIC = b"age-encryption.org/v1\n"
_SCRYPT = MAGIC + b"-> scrypt "
_IDENTITY = re.compile(r"^\s*(AGE-SECRET-KEY-1[0-9A-Z]+)\s*$", re.MULTILINE)
_NO_FIT = ("No matching keys found", "Decryption failed")


class NoFitError(Exception):
    """The file was encrypted with another key or passphrase."""


class DamagedError(Exception):
    """The file is not an age file, or it was cut or changed."""


def needs_passphrase(data: bytes) -> bool:
    """Return whether an age file was encrypted with a passphrase rather than with a key."""
    return data.startswith(_SCRYPT)


def new_identity() -> str:
    """Return a new secret age key."""
    from pyrage import x25519  # noqa: PLC0415 - most commands open no session

    return str(x25519.Identity.generate())


def identity_in(text: str) -> str:
    """Return the secret key in a text, such as a whole key file; ValueError where there is none."""
    from pyrage import IdentityError, x25519  # noqa: PLC0415 - most commands open no session

    lines = _IDENTITY.findall(text)
    if len(lines) != 1:
        message = "one line that begins with AGE-SECRET-KEY-1"
        raise ValueError(message)
    try:
        x25519.Identity.from_str(lines[0])
    except IdentityError:
        message = "a whole key; this one is cut or mistyped"
        raise ValueError(message) from None
    return str(lines[0])


def seal(data: bytes, identity: str) -> bytes:
    """Encrypt for the holder of this secret key."""
    import pyrage  # noqa: PLC0415 - most commands open no session

    return bytes(pyrage.encrypt(data, [pyrage.x25519.Identity.from_str(identity).to_public()]))


def seal_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """Encrypt with a passphrase; it takes a second or two, on purpose."""
    from pyrage import passphrase as age  # noqa: PLC0415 - most commands open no session

    return bytes(age.encrypt(data, passphrase))


def unseal(data: bytes, identity: str) -> bytes:
    """Decrypt with a secret key. Raise NoFitError or DamagedError."""
    import pyrage  # noqa: PLC0415 - most commands open no session

    _check_is_age(data)
    try:
        return bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)]))
    except pyrage.DecryptError as error:
        raise _kind_of(error) from None


def unseal_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """Decrypt with a passphrase. Raise NoFitError or DamagedError."""
    import pyrage  # noqa: PLC0415 - most commands open no session

    _check_is_age(data)
    try:
        return bytes(pyrage.passphrase.decrypt(data, passphrase))
    except pyrage.DecryptError as error:
        raise _kind_of(error) from None


def _check_is_age(data: bytes) -> None:
    if not data.startswith(MAGIC):
        raise DamagedError


def _kind_of(error: Exception) -> Exception:
    return NoFitError() if str(error).startswith(_NO_FIT) else DamagedError()
