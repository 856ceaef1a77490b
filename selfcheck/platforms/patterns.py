"""The regular expressions of platform files, asked of what a page says, for at most so much processor time.

A pattern such as `(a+)+$` takes longer than the age of the world for some texts, and the text is the page's.
A search that takes too long is an error, never "not there": what cannot be read must not decide anything.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import regex

from selfcheck.errors import PatternTooSlowError

if TYPE_CHECKING:
    import re

SECONDS = 0.5  # for one search; time enough for any page, and not for one that is made to take for ever


@lru_cache(maxsize=512)
def _compiled(pattern: str, *, ignore_case: bool) -> Any:
    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)


def search(pattern: str, text: str, *, ignore_case: bool = False) -> "re.Match[str] | None":
    """Return the first match, or None. Raise PatternTooSlowError."""
    match: re.Match[str] | None = _limited(_compiled(pattern, ignore_case=ignore_case).search, pattern, text)
    return match


def find_all(pattern: str, text: str) -> list[str]:
    """Return what the pattern's group matched, each time. Raise PatternTooSlowError."""
    groups: list[str] = _limited(_compiled(pattern, ignore_case=False).findall, pattern, text)
    return groups


def _limited(ask: Callable[..., Any], pattern: str, text: str) -> Any:
    try:
        return ask(text, timeout=SECONDS)
    except TimeoutError:
        raise PatternTooSlowError(
            f"The pattern `{pattern[:100]}` of a platform file takes too long.",
            cause="Parts of it can match the same characters in very many ways, such as `(a+)+`.",
            next_step="Write it so that each character can be matched in one way only.",
        ) from None
