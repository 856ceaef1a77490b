"""A time stamp authority of the tests: its own root and certificate, answering RFC 3161 on loopback.

What no library here makes (a stamp) is written out in DER by hand; what reads and checks it is the real one.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

STAMPED_AT = datetime(2026, 2, 3, 4, 6, 0, tzinfo=UTC)
_SHA256, _SIGNED_DATA, _TST_INFO = (
    "2.16.840.1.101.3.4.2.1",
    "1.2.840.113549.1.7.2",
    "1.2.840.113549.1.9.16.1.4",
)
_CONTENT_TYPE, _DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE, _ECDSA_SHA256, _POLICY = (
    "1.2.840.113549.1.9.16.2.47",
    "1.2.840.10045.4.3.2",
    "1.2.3.4.1",
)


def _der(tag: int, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + body


def _sequence(*bodies: bytes) -> bytes:
    return _der(0x30, *bodies)


def _set(*bodies: bytes) -> bytes:
    return _der(0x31, *sorted(bodies))


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def _octets(data: bytes) -> bytes:
    return _der(0x04, data)


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(one) for one in dotted.split("."))
    body = bytearray([first * 40 + second])
    for value in rest:
        digits = [value & 0x7F]
        while value := value >> 7:
            digits.append(0x80 | value & 0x7F)
        body += bytes(reversed(digits))
    return _der(0x06, bytes(body))


def _parts(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The tag, the body and the whole of each value in a row."""
    place = 0
    while place < len(data):
        tag, length, start = data[place], data[place + 1], place + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[place + 2 : start])
        yield tag, data[start : start + length], data[place : start + length]
        place = start + length


class Authority:
    """Its keys and certificates, and what it answers."""

    def __init__(self, name: str = "A test authority") -> None:
        self._root_key, self._key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root = self._certificate(f"{name}, root", f"{name}, root", self._root_key, root=True)
        self.certificate = self._certificate(name, f"{name}, root", self._key, root=False)
        self.asked: list[bytes] = []

    def _certificate(
        self, name: str, issuer: str, key: ec.EllipticCurvePrivateKey, *, root: bool
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(STAMPED_AT - timedelta(days=30))
            .not_valid_after(STAMPED_AT + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        )
        if not root:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self._root_key, hashes.SHA256())

    def write_root(self, path: Path) -> Path:
        """Write the root as the authority would publish it."""
        path.write_bytes(self.root.public_bytes(Encoding.PEM))
        return path

    def answer(self, request: bytes) -> bytes:
        """The answer to a request: its hash and its nonce, stamped."""
        self.asked.append(request)
        ((_, body, _),) = _parts(request)
        values = list(_parts(body))
        imprint = values[1][2]
        nonce = next(whole for tag, _, whole in values[2:] if tag == 0x02)
        return _sequence(_sequence(_integer(0)), self._token(imprint, nonce))

    def _token(self, imprint: bytes, nonce: bytes) -> bytes:
        moment = _der(0x18, f"{STAMPED_AT:%Y%m%d%H%M%SZ}".encode())
        info = _sequence(_integer(1), _oid(_POLICY), imprint, _integer(7), moment, nonce)
        certificate = self.certificate.public_bytes(Encoding.DER)
        content = _sequence(_oid(_TST_INFO), _der(0xA0, _octets(info)))
        algorithm = _sequence(_oid(_SHA256))
        signed = _sequence(
            _integer(3),
            _set(algorithm),
            content,
            _der(0xA0, certificate),
            _set(self._signer(info, certificate, algorithm)),
        )
        return _sequence(_oid(_SIGNED_DATA), _der(0xA0, signed))

    def _signer(self, info: bytes, certificate: bytes, algorithm: bytes) -> bytes:
        hashed = _sequence(_sequence(_sequence(_octets(hashlib.sha256(certificate).digest()))))
        attributes = (
            _sequence(_oid(_CONTENT_TYPE), _set(_oid(_TST_INFO))),
            _sequence(_oid(_DIGEST), _set(_octets(hashlib.sha256(info).digest()))),
            _sequence(_oid(_SIGNING_CERTIFICATE), _set(hashed)),
        )
        signature = self._key.sign(_set(*attributes), ec.ECDSA(hashes.SHA256()))
        issuer = self.certificate.issuer.public_bytes()
        return _sequence(
            _integer(1),
            _sequence(issuer, _integer(self.certificate.serial_number)),
            algorithm,
            _der(0xA0, *sorted(attributes)),
            _sequence(_oid(_ECDSA_SHA256)),
            _octets(signature),
        )


@contextmanager
def served(answer: "Authority | tuple[int, bytes]") -> Iterator[str]:
    """Serve the authority, or always this status and body, on a free port; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = (200, answer.answer(request)) if isinstance(answer, Authority) else answer
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/stamp"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
