"""A real mail server on loopback, with a certificate of its own, that keeps what it gets."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from selfcheck.settings.preferences import MailServer

USER, PASSWORD = "jane@example.org", "a-password-for-programs"


@dataclass
class Inbox:
    """What the server does and what it got."""

    refuse_recipient: str = ""  # the answer to RCPT, such as "550 No such person"
    refuse_mail: str = ""  # the answer to the mail itself
    hang_up: bool = False  # the connection is cut while the mail comes in
    mails: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        if self.refuse_mail:
            return self.refuse_mail
        self.mails.append(envelope)
        self.encrypted.append(session.ssl is not None or server.transport.get_extra_info("ssl_object"))
        return "250 Taken"


@dataclass(frozen=True)
class Running:
    """A server that is up."""

    port: int
    inbox: Inbox
    security: str

    def as_server(self, **more: Any) -> MailServer:
        """The server as a program uses it."""
        usual = {"host": "127.0.0.1", "port": self.port, "security": self.security, "user": USER}
        return MailServer(**{**usual, **more})


@cache
def _certificate() -> tuple[bytes, bytes]:
    """A certificate for loopback that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(form), private


def write_certificate(folder: Path) -> Path:
    """Write the certificate, and beside it with its key; return the first, for SSL_CERT_FILE."""
    certificate, key = _certificate()
    (folder / "server.pem").write_bytes(certificate + key)
    path = folder / "authority.pem"
    path.write_bytes(certificate)
    return path


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(folder: Path, security: str = "starttls", *, offer_tls: bool = True) -> Iterator[Running]:
    """Keep a server up that wants encryption and a password."""
    write_certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    inbox = Inbox()
    starttls = security == "starttls" and offer_tls
    make = partial(
        SMTP,
        inbox,
        authenticator=_check,
        auth_required=starttls,  # over TLS from the first byte it would warn of what is not so
        auth_require_tls=security == "starttls",
        tls_context=context if starttls else None,
        require_starttls=starttls,
        hostname="loopback",
    )
    loop, up, ports = asyncio.new_event_loop(), Event(), list[int]()

    async def serve() -> None:
        outer = context if security == "tls" else None
        server = await loop.create_server(make, "127.0.0.1", 0, ssl=outer)
        ports.append(server.sockets[0].getsockname()[1])
        up.set()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = Thread(target=work, daemon=True)
    thread.start()
    up.wait(30)
    try:
        yield Running(port=ports[0], inbox=inbox, security=security)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
