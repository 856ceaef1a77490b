"""Mail is sent to a real server on loopback: encrypted, byte for byte, and what fails says why."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from random import Random

import pytest
from mail_server import PASSWORD, USER, Running, mail_server, write_certificate

from selfcheck.appeal.model import Attachment, Envelope
from selfcheck.appeal.render_letter import plain_text
from selfcheck.appeal.render_mail import InlinePicture, MailBody, draft_bytes, mail, to_be_sent
from selfcheck.appeal.send import saved_password, send
from selfcheck.errors import MailNotSentError
from selfcheck.settings.preferences import MailServer

ZIP = Attachment(name="evidence.zip", media_type="application/zip", data=Random(1).randbytes(70_000))
PICTURE = Attachment(
    name="01-profile.png", media_type="image/png", data=b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9
)
TEXT = ".\n..a line that begins with dots\nWords with ünïcode, " + "very long " * 200 + "\nFrom here on\n"


def a_mail() -> bytes:
    draft = mail(
        Envelope(
            sender=f"Jäne <{USER}>",
            reply_to="r@example.org",
            to=("appeals@x.invalid",),
            subject="Grüße " * 20,
        ),
        MailBody(text=TEXT, language="en", picture=InlinePicture(file=PICTURE)),
        attachments=(PICTURE, ZIP),
    )
    from datetime import UTC, datetime  # noqa: PLC0415

    at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    return draft_bytes(to_be_sent(draft, at=at, message_id="<one@example.org>"))


@pytest.fixture(params=["starttls", "tls"])
def up(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(tmp_path)))
    with mail_server(tmp_path, request.param) as running:
        yield running


@pytest.fixture
def starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(tmp_path)))
    with mail_server(tmp_path) as running:
        yield running


def sent(server: MailServer, password: str | None = PASSWORD) -> tuple[str, ...]:
    return send(server, password, sender=USER, to=["appeals@x.invalid"], message=a_mail())


def refusal(server: MailServer, password: str | None = PASSWORD) -> str:
    with pytest.raises(MailNotSentError) as caught:
        sent(server, password)
    error = caught.value
    assert PASSWORD not in "".join(error.lines())
    assert error.next_step_text()
    return " ".join(error.lines())


def test_a_mail_arrives_encrypted_and_is_read_back_byte_for_byte(up: Running) -> None:
    answer = sent(up.as_server())
    assert answer == (), answer.lines()
    (envelope,) = up.inbox.mails
    assert (envelope.mail_from, envelope.rcpt_tos, bool(up.inbox.encrypted[0])) == (
        USER,
        ["appeals@x.invalid"],
        True,
    )
    assert isinstance(envelope.content, bytes)
    read = message_from_bytes(envelope.content, policy=policy.default)
    files = {part.get_filename(): part.get_content() for part in read.iter_attachments()}
    assert files == {one.name: one.data for one in (PICTURE, ZIP)}
    body = read.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == plain_text(TEXT)
    assert str(read["Subject"]) == ("Grüße " * 20).strip()
    assert (read["X-Unsent"], read["Message-ID"], read["Date"]) == (
        None,
        "<one@example.org>",
        "Tue, 03 Feb 2026 04:05:06 +0000",
    )
    assert max(len(line) for line in envelope.content.split(b"\r\n")) < 1000


def test_what_the_server_refuses_is_reported_in_its_words(starttls: Running) -> None:
    server, inbox = starttls.as_server(), starttls.inbox
    assert "refused the password of jane@example.org" in refusal(server, "wrong")
    inbox.refuse_recipient = "550 No such person here"
    assert "550 No such person here" in refusal(server)
    inbox.refuse_recipient, inbox.refuse_mail = "", "552 Too large \x1b[31m for us"
    assert "552 Too large" in refusal(server)
    assert "\x1b" not in refusal(server)
    assert inbox.mails == []


def test_a_connection_that_breaks_says_that_the_mail_may_be_out(starttls: Running) -> None:
    starttls.inbox.hang_up = True
    assert "may have been sent anyway" in refusal(starttls.as_server())


def test_without_a_password_nothing_is_said_to_the_server(starttls: Running) -> None:
    assert "SELFCHECK_SMTP_PASSWORD" in refusal(starttls.as_server(), None)


def test_a_certificate_that_is_not_trusted_stops_the_mail(
    starttls: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate cannot be trusted" in refusal(starttls.as_server())
    assert starttls.inbox.mails == []


def test_a_certificate_for_another_name_stops_the_mail(starttls: Running) -> None:
    assert "certificate cannot be trusted" in refusal(starttls.as_server(host="localhost"))


def test_a_server_without_encryption_gets_no_mail(tmp_path: Path) -> None:
    with mail_server(tmp_path, offer_tls=False) as running:
        assert "offers no encryption" in refusal(running.as_server(user=None))
        assert running.inbox.mails == []


def test_the_wrong_sort_of_encryption_is_reported(starttls: Running) -> None:
    assert "starttls goes with 587" in refusal(starttls.as_server(security="tls"))


def test_a_server_that_is_not_there_is_reported() -> None:
    with socket.socket() as held:  # bound and not listening: nothing answers there
        held.bind(("127.0.0.1", 0))
        server = MailServer(host="127.0.0.1", port=held.getsockname()[1], security="tls")
        assert "Nothing answers on port" in refusal(server)
    assert "name is not known" in refusal(MailServer(host="no-such.invalid", port=25, security="starttls"))


class TestPassword:
    def test_the_environment_takes_precedence_over_the_keyring(self) -> None:
        server = MailServer(host="smtp.example.org", port=587, security="starttls", user=USER)
        assert saved_password(server, {"SELFCHECK_SMTP_PASSWORD": "one"}) == "one"

    def test_it_is_found_in_the_keyring_under_server_and_user(self, keyring_of_ours: None) -> None:
        import keyring  # noqa: PLC0415

        keyring.set_password("selfcheck smtp.example.org", USER, "two")
        server = MailServer(host="smtp.example.org", port=587, security="starttls", user=USER)
        assert saved_password(server, {}) == "two"

    def test_a_machine_without_a_keyring_has_none(self, no_keyring: None) -> None:
        server = MailServer(host="smtp.example.org", port=587, security="starttls", user=USER)
        assert saved_password(server, {}) is None

    def test_who_needs_no_password_is_asked_for_none(self) -> None:
        server = MailServer(host="smtp.example.org", port=587, security="starttls")
        assert saved_password(server, {"SELFCHECK_SMTP_PASSWORD": "one"}) is None


@pytest.fixture
def keyring_of_ours() -> Iterator[None]:
    import keyring  # noqa: PLC0415
    from keyring.backend import KeyringBackend  # noqa: PLC0415

    class InMemory(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def __init__(self) -> None:
            super().__init__()
            self.kept: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring() -> Iterator[None]:
    import keyring  # noqa: PLC0415
    from keyring.backends.fail import Keyring  # noqa: PLC0415

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    yield
    keyring.set_keyring(before)
