"""The nearest known name to a mistyped one, for "did you mean"."""

from collections.abc import Iterable
from difflib import get_close_matches

_ALIKE = 0.6  # the share of characters that two names must have in common


def nearest(written: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like what was written, without regard to case, or None."""
    by_fold = {name.casefold(): name for name in names}
    matches = get_close_matches(written.casefold(), by_fold, n=1, cutoff=_ALIKE)
    return by_fold[matches[0]] if matches else None


def did_you_mean(written: str, names: Iterable[str]) -> str:
    """Return "did you mean `name`?" for the nearest name, or an empty text."""
    name = nearest(written, names)
    return f"did you mean `{name}`?" if name else ""


def suggestion(written: str, names: Iterable[str]) -> str:
    """Return the same as a sentence of its own. `str.capitalize` would write `jane` where `Jane` is meant."""
    return did_you_mean(written, names).replace("did", "Did", 1)
