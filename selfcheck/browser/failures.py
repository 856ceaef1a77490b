"""What the browser's error messages mean: kinds to decide by, and plain words for people.

The words of a page that gave no answer are in `core.labels`, by kind; those of a browser that does not start
are here. The browser's own message stays in the record of the page load; SELFCHECK_DEBUG=1 shows it on the
terminal.
"""

import re

from playwright.async_api import Error as PlaywrightError

from selfcheck.core.capture import Failure
from selfcheck.core.enums import FailureKind

_CODE = re.compile(r"net::(ERR_[A-Z0-9_]+)")

_TIME_OUT = re.compile(r"Timeout \d+ms exceeded")

_BY_PREFIX: tuple[tuple[str, FailureKind], ...] = (
    # The first that matches counts, so the specific one comes before the general one.
    ("ERR_NAME_", FailureKind.DNS),
    ("ERR_DNS_", FailureKind.DNS),
    ("ERR_ICANN_", FailureKind.DNS),
    ("ERR_CERT", FailureKind.TLS),
    ("ERR_SSL_", FailureKind.TLS),
    ("ERR_BAD_SSL", FailureKind.TLS),
    ("ERR_ECH_", FailureKind.TLS),
    ("ERR_TLS", FailureKind.TLS),
    ("ERR_CONNECTION_TIMED_OUT", FailureKind.TIMEOUT),
    ("ERR_TIMED_OUT", FailureKind.TIMEOUT),
    ("ERR_TOO_MANY_REDIRECTS", FailureKind.TOO_MANY_REDIRECTS),
    ("ERR_INTERNET_DISCONNECTED", FailureKind.OFFLINE),
    ("ERR_NETWORK_", FailureKind.OFFLINE),
    ("ERR_CONNECTION_", FailureKind.REFUSED),
    ("ERR_ADDRESS_", FailureKind.REFUSED),
    ("ERR_SOCKET_", FailureKind.REFUSED),
    ("ERR_PROXY_", FailureKind.REFUSED),
    ("ERR_TUNNEL_", FailureKind.REFUSED),
    ("ERR_BLOCKED_BY_CLIENT", FailureKind.BLOCKED_ADDRESS),
    ("ERR_BLOCKED_BY_LOCAL_NETWORK", FailureKind.BLOCKED_ADDRESS),
    ("ERR_BLOCKED_BY_PRIVATE_NETWORK", FailureKind.BLOCKED_ADDRESS),
    ("ERR_UNSAFE_", FailureKind.BLOCKED_ADDRESS),
    ("ERR_UNKNOWN_URL_SCHEME", FailureKind.BLOCKED_ADDRESS),
    ("ERR_DISALLOWED_URL_SCHEME", FailureKind.BLOCKED_ADDRESS),
    ("ERR_INVALID_URL", FailureKind.BLOCKED_ADDRESS),
)

_NOT_STARTED = (
    # The first that is found counts; a library is named, since it is what has to be installed.
    (
        re.compile(r"error while loading shared libraries: ([\w.+-]+)"),
        "It needs {}, a library of the system's.",
    ),
    (
        re.compile(r"(?i)missing x server|cannot open display"),
        "It needs a screen for its window; none is here.",
    ),
    (re.compile(r"executable doesn't exist|\bENOENT\b|(?i:no such file)"), "No program is at that path."),
    (
        re.compile(r"\bEACCES\b|(?i:permission denied)"),
        "What is at that path is not a program that you may run.",
    ),
    (
        re.compile(r"\bENOEXEC\b|(?i:exec format error)"),
        "What is at that path is not a program for this machine.",
    ),
    (re.compile(r"\bECONNREFUSED\b|\bECONNRESET\b|\bENOTFOUND\b"), "Nothing answered at that address."),
    (re.compile(r"\bENOSPC\b|(?i:no space left)"), "The disk is full."),
    (_TIME_OUT, "It was not ready in time."),
)
_ENDED_AT_ONCE = "It ended before it was ready; with SELFCHECK_DEBUG=1 its own messages are shown."


def start_words(message: str) -> str:
    """Return in a sentence why a browser did not start, or did not answer, by Playwright's message."""
    for pattern, words in _NOT_STARTED:
        if match := pattern.search(message):
            return words.format(*match.groups())
    return _ENDED_AT_ONCE


def is_crash(error: PlaywrightError) -> bool:
    """Return whether a call failed since its page crashed."""
    # A call that was under way when the page crashed is told only that its page or target has been closed.
    message = error.message.lower()
    return "crash" in message or "has been closed" in message or "target closed" in message


def failure_of(message: str) -> Failure:
    """Return the failure that the browser's message is about; what is not known is `no_answer`."""
    match = _CODE.search(message)
    code = match.group(1) if match else ""
    if not code and _TIME_OUT.search(message):
        return Failure(kind=FailureKind.TIMEOUT, detail=first_line(message))
    kind = next((kind for prefix, kind in _BY_PREFIX if code.startswith(prefix)), FailureKind.NO_ANSWER)
    return Failure(kind=kind, detail=f"net::{code}" if code else first_line(message))


def first_line(message: str) -> str:
    """Return a message's first line, without the name of the call that it begins with."""
    line = message.strip().split("\n", 1)[0]
    return re.sub(r"^[A-Za-z]+\.[a-z_]+: ", "", line)[:200]
