"""Time stamps of an authority (RFC 3161): whether one holds. Needs the extra `stamps`.

Laws:
1. A stamp is of the seal's exact bytes, and is believed only by roots that the user gives: whom to trust is
   no decision of ours.
2. What cannot be checked (no roots, other roots, no library) is said to be unchecked: not right, not wrong.
3. The certificates need only to have been valid when it was stamped: stamps outlive them.
"""

import hashlib
import re
from datetime import UTC
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from selfcheck.artifacts.verification import StampCheck
from selfcheck.errors import ExtraMissingError, UsageError, install_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

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
        found = (
            load_pem_x509_certificates(data) if b"-----BEGIN" in data else [load_der_x509_certificate(data)]
        )
    except ValueError:
        raise UsageError(
            f"{path} holds no certificates.",
            next_step="Take the root certificates that the authority publishes, in PEM or DER.",
        ) from None
    return tuple(dict.fromkeys(found))


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
        return StampCheck(path=path, holds=False, text="it is no time stamp, or damaged")
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != hashlib.sha256(sealed).digest():
        return StampCheck(path=path, holds=False, at=at, text="it was made for something else than this seal")
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
    found = re.search(r"Verify error: ?([^\"]+)", error)  # of the certificates, not of what they signed
    if found is None and any(sign in error for sign in _CHANGED):
        return False, "it was changed: its signature does not fit what it says"
    return None, f"the given certificates do not confirm it ({found[1] if found else error})"


def _authority(answer: "TimeStampResponse") -> str:
    """Return the name of the certificate that signed, as the stamp tells it; "" where it tells none."""
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - comes with the extra
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    signers = {one.serial_number for one in answer.signed_data.signer_infos}
    for data in answer.signed_data.certificates:
        certificate = load_der_x509_certificate(data)
        if certificate.serial_number in signers:
            names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            return str(names[0].value) if names else certificate.subject.rfc4514_string()
    return ""
