"""Keeps secrets out of messages, and out of the programs that selfcheck starts. Pure."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

KEPT_ENVIRONMENT = (
    "SELFCHECK_BROWSER",
    "SELFCHECK_SANDBOX",
    "SELFCHECK_SESSIONS",
    "SELFCHECK_HOME",
    "SELFCHECK_LOGS",
    "SELFCHECK_PROFILES",
    "SELFCHECK_KEY_FILE",
)
"""What a scheduled run takes over from the environment in which it is installed: places, never a secret."""

_SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASS|KEY|COOKIE|SELFCHECK_(?:ALERT|CONNECT|HEARTBEAT|SESSION)", re.IGNORECASE
)
_SHORTEST = 6
_PARTS = re.compile(r"[/:@?&=#\s,]+")

_FOR_CHILDREN = frozenset(
    {"SELFCHECK_HOME", "SELFCHECK_PROFILES", "SELFCHECK_DATA", "SELFCHECK_LOGS", "SELFCHECK_CALLED"}
)


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Return the text without these secrets and without any part of an address among them."""
    parts = {part for secret in secrets for part in (secret, *_PARTS.split(secret))}
    parts |= {unquote(part) for part in parts}
    for part in sorted((part for part in parts if len(part) >= _SHORTEST), key=len, reverse=True):
        text = text.replace(part, "…")
    return text


def secrets_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of the environment that are secret by their names; paths of ours are not."""
    named = {name: value for name, value in environ.items() if _SECRET_NAME.search(name)}
    return tuple(value for name, value in named.items() if value and name not in KEPT_ENVIRONMENT)


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program that selfcheck starts: without what is meant for selfcheck alone.

    Keys, sessions and the addresses of alert channels are given in variables that begin with SELFCHECK_. A
    child process may log its environment, or hand it on to a plug-in or a web page's process.
    """
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("SELFCHECK_") or name in _FOR_CHILDREN
    }
