"""The regular expressions of platform files, asked of what a page says, for at most so much processor time.

A pattern such as `(a+)+$` takes longer than the age of the world for some texts, and the text is the page's.
A search that takes too long is an error, never "not there": what cannot be read must not decide anything.
"""

import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import regex

from selfcheck.errors import PatternTooSlowError

SECONDS = 0.5  # for one search; time enough for any page, and not for one that is made to take for ever


@lru_cache(maxsize=512)
def _compiled(pattern: str, *, ignore_case: bool) -> Any:
    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)


def why_not(pattern: str) -> str | None:
    """Return why this is not a regular expression, or None.

    The library that limits the time takes some forms more than Python's own, which messages and docs are of.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of forms that may mean something else in a later Python
            re.compile(pattern)
            regex.compile(pattern)
    except (re.error, regex.error, OverflowError, RecursionError) as error:  # `a{99999999999}`; `((((…`
        return str(error)
    return None


def search(pattern: str, text: str, *, ignore_case: bool = False) -> re.Match[str] | None:
    """Return the first match, or None. Raise PatternTooSlowError."""
    match: re.Match[str] | None = limited(_compiled(pattern, ignore_case=ignore_case).search, pattern, text)
    return match


def fullmatch(pattern: str, text: str) -> re.Match[str] | None:
    """Return the match of the whole text, or None. Raise PatternTooSlowError."""
    match: re.Match[str] | None = limited(_compiled(pattern, ignore_case=False).fullmatch, pattern, text)
    return match


def find_all(pattern: str, text: str) -> list[str]:
    """Return what the pattern's group matched, each time. Raise PatternTooSlowError."""
    groups: list[str] = limited(_compiled(pattern, ignore_case=False).findall, pattern, text)
    return groups


def limited(ask: Callable[..., Any], pattern: str, text: str) -> Any:
    """Return what a method of a compiled pattern answers. Raise PatternTooSlowError."""
    try:
        return ask(text, timeout=SECONDS)
    except TimeoutError:
        raise PatternTooSlowError(
            f"The pattern `{pattern[:100]}` of a platform file takes too long.",
            cause="Parts of it can match the same characters in very many ways, such as `(a+)+`.",
            next_step="Write it so that each character can be matched in one way only.",
        ) from None
