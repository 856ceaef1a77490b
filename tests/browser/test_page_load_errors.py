import pytest

from selfcheck.browser.failures import failure_of


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ERR_NAME_NOT_RESOLVED", "dns"),
        ("ERR_DNS_TIMED_OUT", "dns"),
        ("ERR_CERT_AUTHORITY_INVALID", "tls"),
        ("ERR_SSL_PROTOCOL_ERROR", "tls"),
        ("ERR_CONNECTION_TIMED_OUT", "timeout"),
        ("ERR_TIMED_OUT", "timeout"),
        ("ERR_CONNECTION_REFUSED", "refused"),
        ("ERR_CONNECTION_RESET", "refused"),
        ("ERR_ADDRESS_UNREACHABLE", "refused"),
        ("ERR_PROXY_CONNECTION_FAILED", "refused"),
        ("ERR_TOO_MANY_REDIRECTS", "too_many_redirects"),
        ("ERR_INTERNET_DISCONNECTED", "offline"),
        ("ERR_NETWORK_CHANGED", "offline"),
        ("ERR_EMPTY_RESPONSE", "no_answer"),
        ("ERR_INVALID_HTTP_RESPONSE", "no_answer"),
        ("ERR_HTTP2_PROTOCOL_ERROR", "no_answer"),
        ("ERR_BLOCKED_BY_CLIENT", "blocked_address"),
        ("ERR_UNSAFE_REDIRECT", "blocked_address"),
        ("ERR_UNSAFE_PORT", "blocked_address"),
        ("ERR_OF_A_LATER_VERSION", "no_answer"),
    ],
)
def test_each_code_has_its_kind(code: str, kind: str) -> None:
    failure = failure_of(
        f"Page.goto: net::{code} at https://blog.example/?token=x\nCall log:\n  - navigating"
    )
    assert (failure.kind, failure.detail) == (kind, f"net::{code}")


def test_a_message_without_a_code_is_shown_by_its_first_line() -> None:
    failure = failure_of("Page.goto: Something else\nCall log:")
    assert (failure.kind, failure.detail) == ("no_answer", "Something else")
