"""Sends a mail through the author's own mail server.

Laws:
1. The connection is encrypted before anything is said, and the server's certificate is checked; there is no
   way round either.
2. A password comes from the environment or the machine's keyring. It is never written, logged or repeated.
3. What went wrong is told with its likely cause. Where a mail may have gone out all the same, that is said.
"""

import os
import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from selfcheck.errors import MailNotSentError
from selfcheck.settings.preferences import MailServer

PASSWORD = "SELFCHECK_SMTP_PASSWORD"  # noqa: S105 - the variable's name
_SECONDS = 60.0
_LONGEST = 300


def _keyring_service(server: MailServer) -> str:
    return f"selfcheck {server.host}"


def saved_password(server: MailServer, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the password from the environment, else from the keyring; None where neither has it."""
    if server.user is None:
        return None
    given = (os.environ if environ is None else environ).get(PASSWORD)
    if given:
        return given
    import keyring  # noqa: PLC0415 - costs time, and most commands do without
    import keyring.errors  # noqa: PLC0415

    with suppress(keyring.errors.KeyringError):  # a machine without one
        return keyring.get_password(_keyring_service(server), server.user)
    return None


def save_password(server: MailServer, password: str) -> bool:
    """Keep the password in this machine's keyring; return whether there is one that takes it."""
    import keyring  # noqa: PLC0415 - costs time, and most commands do without
    import keyring.errors  # noqa: PLC0415

    try:
        keyring.set_password(_keyring_service(server), server.user or "", password)
    except keyring.errors.KeyringError:
        return False
    return True


def send(
    server: MailServer, password: str | None, *, sender: str, to: Sequence[str], message: bytes
) -> tuple[str, ...] | MailNotSentError:
    """Hand the mail in; return the recipients that the server refused while it took others.

    `sender` and `to` are bare addresses. Where nobody gets it, the error is returned that says why.
    """
    try:
        with _connected(server) as connection:
            if server.user is not None:
                _sign_in(connection, server, password)
            return _hand_in(connection, server, sender, to, message)
    except MailNotSentError as error:
        return error


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    """Give an encrypted connection; how it ends after the mail was taken is of no account."""
    connection = _reached(server)
    try:
        yield connection
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def _reached(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    try:
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port_number, timeout=_SECONDS, context=context)
        connection = smtplib.SMTP(server.host, server.port_number, timeout=_SECONDS)
        try:
            connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
    except (smtplib.SMTPException, OSError, ValueError) as error:
        cause, next_step = _why_unreached(error, server)
        raise _not_sent(f"The mail server {server.label} cannot be used.", cause, next_step) from error
    return connection


def _sign_in(connection: smtplib.SMTP, server: MailServer, password: str | None) -> None:
    if not password:
        raise _not_sent(
            f"There is no password for {server.user} at {server.host}.",
            "",
            f"Set {PASSWORD}, or keep it in the keyring:"
            f" keyring set {_keyring_service(server)!r} {server.user}",
        )
    try:
        connection.login(server.user or "", password)
    except smtplib.SMTPAuthenticationError as error:
        raise _not_sent(
            f"The mail server {server.host} refused the password of {server.user}.",
            f"It says: {_words(error.smtp_code, error.smtp_error)}",
            "Many providers want a password made for programs (an app password). Correct it and try again.",
        ) from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise _not_sent(
            f"Signing in to the mail server {server.host} failed.",
            _said(error),
            "Check `user` in the settings; leave it out if the server wants no password.",
        ) from error


def _hand_in(
    connection: smtplib.SMTP, server: MailServer, sender: str, to: Sequence[str], message: bytes
) -> tuple[str, ...]:
    try:
        return tuple(connection.sendmail(sender, list(to), message))
    except smtplib.SMTPRecipientsRefused as error:
        refused = "; ".join(f"{who}: {_words(*said)}" for who, said in error.recipients.items())
        raise _not_sent(
            f"The mail server {server.host} refused the recipient.",
            f"It says: {refused}",
            "Use the platform's form, or another address that next-steps.txt names.",
        ) from error
    except smtplib.SMTPSenderRefused as error:
        raise _not_sent(
            f"The mail server {server.host} refused {sender} as the sender.",
            f"It says: {_words(error.smtp_code, error.smtp_error)}",
            "Set `from` to an address that this server may send for, or make the mail smaller"
            " (`mail_megabytes`) if it says that it is too large.",
        ) from error
    except smtplib.SMTPResponseException as error:
        raise _not_sent(
            f"The mail server {server.host} refused the mail.",
            f"It says: {_words(error.smtp_code, error.smtp_error)}",
            "If it is too large, make it smaller (`mail_megabytes`); else use the platform's form.",
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _not_sent(
            f"The connection to the mail server {server.host} broke while the mail was handed in.",
            f"{_said(error)} It may have been sent all the same.",
            "Look whether the mail or an error came back to you before you send it again.",
        ) from error


def _why_unreached(error: Exception, server: MailServer) -> tuple[str, str]:
    """Return the likely cause and the next step."""
    for kind, cause, next_step in _UNREACHED:
        if isinstance(error, kind):
            return cause.format(port=server.port_number, said=_said(error)), next_step
    return _said(error), "Check `host`, `port` and `security` in the settings."


_UNREACHED: tuple[tuple[type[Exception], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "Its certificate cannot be trusted: {said}",
        "Use the name that it is for. SSL_CERT_FILE names the authority of a server of your own.",
    ),
    (
        ssl.SSLError,
        "No encrypted connection came about: {said}",
        "Check `security` and `port`: starttls goes with 587, tls with 465.",
    ),
    (
        smtplib.SMTPNotSupportedError,
        "It offers no encryption (STARTTLS) on this port, and a mail is not sent without.",
        "Try `security: tls` with port 465.",
    ),
    (socket.gaierror, "Its name is not known.", "Check `host` in the settings, and the network."),
    (
        TimeoutError,
        "It did not answer in time.",
        "Check `host` and `port`; some networks let no mail out. Your mail program can send the draft, too.",
    ),
    (
        ConnectionRefusedError,
        "Nothing answers on port {port}.",
        "Check `host` and `port` in the settings.",
    ),
)
"""The first that fits counts."""


def _not_sent(what: str, cause: str, next_step: str) -> MailNotSentError:
    return MailNotSentError(what, cause=cause, next_step=next_step)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"It says: {_words(error.smtp_code, error.smtp_error)}"
    return _clean(f"{getattr(error, 'strerror', None) or error}").rstrip(".") + "."


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {_clean(said)}".strip()


def _clean(text: str) -> str:
    """Return what a server said on one line, without control characters."""
    return "".join(one if one.isprintable() else " " for one in text)[:_LONGEST].strip()
