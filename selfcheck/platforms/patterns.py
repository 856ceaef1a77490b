"""The regular expressions of platform files, asked of what a page says, for at most so much processor time.

A pattern such as `(a+)+$` takes longer than the age of the world for some texts, and the text is the page's.
A search that takes too long is an error, never "not there": what cannot be read must not decide anything.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from selfcheck.errors import PatternTooSlowError

try:
    import regex
except ImportError:  # an environment of before it was needed: patterns are asked without a limit
    regex = None

SECONDS = 0.5  # for one search; the slowest of a shipped pattern takes 2 ms


@lru_cache(maxsize=512)
def _compiled(pattern: str, *, ignore_case: bool) -> Any:
    flags = re.IGNORECASE if ignore_case else 0
    return regex.compile(pattern, flags) if regex else re.compile(pattern, flags)


def search(pattern: str, text: str, *, ignore_case: bool = False) -> "re.Match[str] | None":
    """Return the first match, or None. Raise PatternTooSlowError."""
    found: re.Match[str] | None = _limited(_compiled(pattern, ignore_case=ignore_case).search, pattern, text)
    return found


def find_all(pattern: str, text: str) -> list[str]:
    """Return what the pattern's group matched, each time. Raise PatternTooSlowError."""
    found: list[str] = _limited(_compiled(pattern, ignore_case=False).findall, pattern, text)
    return found


def _limited(ask: Callable[..., Any], pattern: str, text: str) -> Any:
    try:
        return ask(text, timeout=SECONDS) if regex else ask(text)
    except TimeoutError:
        raise PatternTooSlowError(
            f"The pattern `{pattern[:100]}` of a platform file takes too long.",
            cause="Parts of it can match the same characters in very many ways, such as `(a+)+`.",
            next_step="Write it so that each character can be matched in one way only.",
        ) from None
