"""Time stamps of an authority (RFC 3161): asked for, kept beside a run's seal, and checked.

The library comes with the extra `stamps`.

Laws:
1. A stamp is of the seal's exact bytes, and is believed only by roots that the user gives: whom to trust is
   the user's decision.
2. What cannot be checked (no roots, other roots, no library) is said to be unchecked: not right, not wrong.
3. The certificates need only to have been valid when it was stamped: stamps outlive them.
4. Only the SHA-256 of the seal and a random number leave this computer.
5. An authority that cannot be reached, refuses, or answers something else is reported; nothing is raised.
   What it sent is kept only if it is a stamp of this seal.
6. No answer is waited for longer than SECONDS, however slowly it arrives, nor read beyond a stamp's size.
"""

import hashlib
import re
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from selfcheck.artifacts.manifests import SEAL
from selfcheck.artifacts.verification import StampCheck
from selfcheck.errors import ExtraMissingError, SelfcheckError, StorageError, UsageError, install_line
from selfcheck.settings.preferences import TimeStampAuthority
from selfcheck.storage.files import write_whole

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

SECONDS = 15.0
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"

LARGEST = 100_000  # bytes; a stamp with all its certificates has some 6000
_SHA256 = "2.16.840.1.101.3.4.2.1"
_CHANGED = ("signature failure", "digest failure", "Mismatch between messages")
_NO_ROOTS = (
    "it was made for this seal; who made it was not checked: give the authority's certificates (--roots)"
)


def can_check() -> bool:
    """Return whether the library that reads stamps is there."""
    return find_spec("rfc3161_client") is not None


def require() -> None:
    """Raise ExtraMissingError where the library is not there."""
    if not can_check():
        raise ExtraMissingError.of("stamps", "To get or to check time stamps")


def read_roots(path: Path) -> "tuple[Certificate, ...]":
    """Return the certificates of a file: PEM, or one in DER. Raises UsageError, ExtraMissingError."""
    require()
    from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificates  # noqa: PLC0415

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        roots = (
            load_pem_x509_certificates(data) if b"-----BEGIN" in data else [load_der_x509_certificate(data)]
        )
    except ValueError:
        raise UsageError(
            f"{path} holds no certificates.",
            next_step="Take the root certificates that the authority publishes, in PEM or DER.",
        ) from None
    return tuple(dict.fromkeys(roots))


def check_stamp(path: str, token: bytes, sealed: bytes, roots: "Sequence[Certificate]") -> StampCheck:
    """Return whether a stamp is of these bytes, and by an authority of these roots."""
    if not can_check():
        return StampCheck(path=path, holds=None, text=f"not checked: {install_line('stamps')}")
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - an extra

    try:
        answer = decode_timestamp_response(token)
        at = answer.tst_info.gen_time.astimezone(UTC)
        imprint = answer.tst_info.message_imprint
        authority = _authority(answer)
    except ValueError:
        return StampCheck(path=path, holds=False, text="it is not a time stamp, or it is damaged")
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != hashlib.sha256(sealed).digest():
        return StampCheck(
            path=path, holds=False, at=at, text="it was made for something other than this seal"
        )
    holds, text = _confirmed(answer, sealed, roots)
    return StampCheck(path=path, holds=holds, at=at, authority=authority, text=text)


def _confirmed(
    answer: "TimeStampResponse", sealed: bytes, roots: "Sequence[Certificate]"
) -> tuple[bool | None, str]:
    from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415 - an extra

    if not roots:
        return None, _NO_ROOTS
    try:
        VerifierBuilder(roots=list(roots)).build().verify(answer, hashlib.sha256(sealed).digest())
    except (VerificationError, ValueError) as error:
        return _not_confirmed(str(error))
    return True, "the given certificates confirm it"


def _not_confirmed(error: str) -> tuple[bool | None, str]:
    """Tell a stamp that was changed from one by somebody whom the given certificates do not know."""
    # An error of the certificates, not of what they signed.
    verify_error = re.search(r"Verify error: ?([^\"]+)", error)
    if verify_error is None and any(sign in error for sign in _CHANGED):
        return False, "it was changed: its signature does not match its content"
    return None, f"the given certificates do not confirm it ({verify_error[1] if verify_error else error})"


def _authority(answer: "TimeStampResponse") -> str:
    """Return the name of the certificate that signed, as the stamp tells it; "" where it tells none."""
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - comes with the extra
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    signers = {signer.serial_number for signer in answer.signed_data.signer_infos}
    for data in answer.signed_data.certificates:
        certificate = load_der_x509_certificate(data)
        if certificate.serial_number in signers:
            names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            return str(names[0].value) if names else certificate.subject.rfc4514_string()
    return ""


# -- asking ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """What came of asking one authority."""

    url: str
    path: str = ""  # the stamp's file in the run's folder; "": there is none
    trouble: str = ""  # why there is none


class _RefusedError(Exception):
    """The authority's answer is none; the text says why."""


def stamp_run(
    folder: Path, authorities: Sequence[TimeStampAuthority], *, seconds: float = SECONDS
) -> tuple[Stamped, ...]:
    """Ask every authority at once for a stamp of the run's seal and keep what they answer; never raises."""
    if not authorities:
        return ()
    try:
        require()
        sealed = (folder / SEAL).read_bytes()
    except (SelfcheckError, OSError) as error:
        why = " ".join(error.lines()) if isinstance(error, SelfcheckError) else "the run has no seal"
        return tuple(Stamped(url=authority.url, trouble=why) for authority in authorities)
    questions = [_Question(authority, sealed, seconds) for authority in authorities]
    for question in questions:
        question.start()
    until = time.monotonic() + seconds
    for question in questions:
        question.join(max(0.0, until - time.monotonic()))
    return tuple(
        _kept(folder / f"seal.{number}.tsr", question) for number, question in enumerate(questions, 1)
    )


def stamp(
    folder: Path, authorities: Sequence[TimeStampAuthority], *, say: Callable[[str], None]
) -> tuple[Stamped, ...]:
    """Ask every authority for a stamp of the run in this folder; say what came of each. Never raises."""
    answers = stamp_run(folder, authorities)
    for answer in answers:
        if answer.trouble:
            say(f"No time stamp from {answer.url}: {answer.trouble}. The run is kept without it.")
        else:
            say(f"Time stamp from {answer.url}: {answer.path}.")
    return answers


class _Question(Thread):
    """Asks one authority; one that is not waited for ends with the program."""

    def __init__(self, authority: TimeStampAuthority, sealed: bytes, seconds: float) -> None:
        super().__init__(daemon=True)
        self.authority = authority
        self.answer: bytes | str = "its answer took too long"  # a stamp, or why there is none
        self._sealed = sealed
        self._seconds = seconds

    def run(self) -> None:
        """Ask, and compare the answer with the seal."""
        try:
            token = _asked(self.authority, self._sealed, self._seconds)
            _check(token, self.authority, self._sealed)
        except (_RefusedError, SelfcheckError) as error:
            self.answer = str(error)
        else:
            self.answer = token


def _kept(path: Path, question: _Question) -> Stamped:
    answer, url = question.answer, question.authority.url
    if isinstance(answer, str):
        return Stamped(url=url, trouble=answer)
    try:
        write_whole(path, answer)
    except StorageError as error:
        return Stamped(url=url, trouble=" ".join(error.lines()))
    return Stamped(url=url, path=path.name)


def _asked(authority: TimeStampAuthority, sealed: bytes, seconds: float) -> bytes:
    """Return the authority's answer to this seal, with its nonce checked. Raises _RefusedError."""
    from rfc3161_client import (  # noqa: PLC0415 - an extra
        HashAlgorithm,
        TimestampRequestBuilder,
        decode_timestamp_response,
    )

    request = TimestampRequestBuilder().data(sealed).hash_algorithm(HashAlgorithm.SHA256).build()
    token = _posted(authority.url, request, seconds)
    try:
        answer = decode_timestamp_response(token)
        if answer.status > 1:  # neither granted nor granted with changes
            raise _RefusedError(f"it refused: {' '.join(answer.status_string) or answer.status}")
        nonce = answer.tst_info.nonce
    except ValueError:
        raise _RefusedError("its answer is not a time stamp") from None
    if nonce != request.nonce:
        raise _RefusedError("its answer belongs to another request")
    return token


def _posted(url: str, asked: "TimeStampRequest", seconds: float) -> bytes:
    """Return what the authority answers. Raises _RefusedError."""
    headers = {"Content-Type": _QUERY, "Accept": _REPLY, "User-Agent": "selfcheck"}
    request = urllib.request.Request(url, asked.as_bytes(), headers, method="POST")  # noqa: S310 - http or https
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            data: bytes = answer.read(LARGEST + 1)
    except HTTPError as error:
        error.close()
        raise _RefusedError(f"it answered HTTP {error.code}") from None
    except URLError as error:
        raise _RefusedError(f"it could not be reached: {error.reason}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise _RefusedError(f"it could not be reached: {error or type(error).__name__}") from None
    if len(data) > LARGEST:
        raise _RefusedError("its answer is larger than any time stamp")
    return data


def _check(token: bytes, authority: TimeStampAuthority, sealed: bytes) -> None:
    """Raise _RefusedError where the stamp is not of this seal, or not by whom the roots say."""
    roots = read_roots(authority.roots) if authority.roots else ()
    stamp_check = check_stamp("", token, sealed, roots)
    if stamp_check.holds is False or (roots and not stamp_check.holds):
        raise _RefusedError(f"its answer is not kept: {stamp_check.text}")
