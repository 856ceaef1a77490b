import re

import pytest

from selfcheck.browser.failures import failure_of, start_words
from selfcheck.core.capture import Failure
from selfcheck.core.enums import FailureKind
from selfcheck.core.labels import failure_words

CLOSED = "Target page, context or browser has been closed"
RAW = re.compile(r"net::|ERR_|E[A-Z]{4,}|Target |Timeout \d|BrowserType|Page\.|goto|Call log|<launching>")


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


@pytest.mark.parametrize(
    ("message", "words"),
    [
        pytest.param(
            "Page.goto: net::ERR_NAME_NOT_RESOLVED at https://blog.example/",
            "the address could not be found (DNS)",
            id="a code of the browser's",
        ),
        pytest.param(
            "Page.goto: net::ERR_FAILED", "the answer was empty or broken", id="one that is not known"
        ),
        pytest.param(f"Page.goto: {CLOSED}", "the answer was empty or broken", id="a window that is closed"),
        pytest.param("Page.goto: Timeout 30000ms exceeded.", "the page took too long", id="a time-out"),
        pytest.param(
            "Page.goto: net::ERR_BLOCKED_BY_CLIENT",
            "the address is one that selfcheck does not open",
            id="a code for what selfcheck itself refuses",
        ),
    ],
)
def test_people_get_plain_words_for_what_the_browser_says(message: str, words: str) -> None:
    said = failure_words(failure_of(message))
    assert said == words
    assert not RAW.search(said)


def test_what_selfcheck_says_itself_is_kept() -> None:
    detail = "the platform asked to be left alone until 2026-02-03 10:15 UTC"
    assert failure_words(Failure(kind=FailureKind.BACKING_OFF, detail=detail)) == detail


@pytest.mark.parametrize(
    ("message", "words"),
    [
        pytest.param(
            f"BrowserType.launch: {CLOSED}\nBrowser logs:\n\n<launching> /opt/chrome --headless\n[pid=7][err]"
            " /opt/chrome: error while loading shared libraries: libnss3.so: cannot open shared object file:"
            " No such file or directory",
            "It needs libnss3.so, a library of the system's.",
            id="a library that is missing",
        ),
        pytest.param(
            f"BrowserType.launch: {CLOSED}\nBrowser logs:\n\nMissing X server or $DISPLAY",
            "It needs a screen for its window; none is here.",
            id="no screen",
        ),
        pytest.param(
            "BrowserType.launch: Failed to launch chromium because executable doesn't exist at /no/such",
            "No program is at that path.",
            id="a path without a program",
        ),
        pytest.param(
            "BrowserType.launch: Failed to launch: Error: spawn /etc/passwd EACCES\nCall log:",
            "What is at that path is not a program that you may run.",
            id="a file that is no program",
        ),
        pytest.param(
            "BrowserType.connect_over_cdp: WebSocket error: connect ECONNREFUSED 127.0.0.1:9\nCall log:",
            "Nothing answered at that address.",
            id="nobody at the address",
        ),
        pytest.param(
            "Timeout 30000ms exceeded.", "It was not ready in time.", id="a start that takes too long"
        ),
        pytest.param(
            f"BrowserType.launch: {CLOSED}\nBrowser logs:\n\n<launching> /bin/true --headless",
            "It ended before it was ready; with SELFCHECK_DEBUG=1 its own messages are shown.",
            id="a program that ends at once",
        ),
    ],
)
def test_people_get_a_sentence_for_a_browser_that_does_not_start(message: str, words: str) -> None:
    assert start_words(message) == words
    assert not RAW.search(words.replace("SELFCHECK_DEBUG", ""))
