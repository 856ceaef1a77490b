"""The nearest known name to a mistyped one, for "did you mean"."""

from collections.abc import Iterable
from difflib import get_close_matches

_ALIKE = 0.6  # the share of characters that two names must have in common


def nearest(found: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `found`, without regard to case, or None."""
    by_fold = {name.casefold(): name for name in known}
    matches = get_close_matches(found.casefold(), by_fold, n=1, cutoff=_ALIKE)
    return by_fold[matches[0]] if matches else None


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """Return "did you mean `name`?" for the nearest known name, or an empty text."""
    name = nearest(found, known)
    return f"did you mean `{name}`?" if name else ""
