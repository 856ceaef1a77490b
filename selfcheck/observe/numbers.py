"""Numbers as pages write them: `1,234`, `1.2K`, `12 345`, `40K Followers`."""

import math
import re
from decimal import Decimal
from typing import Any

_SCALES = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_SPACES = " \u00a0\u2009\u202f"
_NUMBER = re.compile(
    rf"(?P<digits>\d{{1,3}}(?:[{_SPACES}.,'\u2019]\d{{3}})+(?![\d])|\d+)(?P<rest>[.,]\d+)?"
    rf"(?:[{_SPACES}]?(?P<scale>[KkMmBb])(?![^\W\d_]))?"
)
_MOST_DIGITS = 18


def number(value: Any) -> int | None:
    """Return the whole number that a JSON value or a text gives, or None. `1.2K` is 1200."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else None
    return _from_text(value) if isinstance(value, str) else None


def _from_text(text: str) -> int | None:
    found = _NUMBER.search(text)
    if found is None or len(found.group()) > _MOST_DIGITS + 8:
        return None
    digits, rest, scale = found["digits"], found["rest"] or "", found["scale"]
    if scale and re.fullmatch(r"\d{1,3}\.\d{3}", digits):  # `1.234K`: with a scale a dot is a decimal point
        digits, rest = digits.split(".")[0], "." + digits.split(".")[1]
    whole = re.sub(r"\D", "", digits)
    exact = Decimal(f"{whole}.{rest[1:] or '0'}")
    return int(exact * _SCALES[scale.casefold()]) if scale else int(exact)
