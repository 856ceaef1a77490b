"""Names that may safely become a file or a folder on every system."""

import hashlib
import re

_UNSAFE = re.compile(r"[^\w@.-]+")
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
_LONGEST = 60


def is_safe_name(name: str) -> bool:
    """Return whether the name can be one part of a path on every system and stays in its folder."""
    return (
        0 < len(name) <= 2 * _LONGEST
        and _UNSAFE.search(name) is None
        and not name.startswith(("-", "."))
        and not name.endswith(".")
        and name.split(".", maxsplit=1)[0].lower() not in _RESERVED
    )


def safe_name(text: str) -> str:
    """Return a safe name for the text: the text itself if it is one, else a similar name and a short hash.

    The hash keeps texts apart that become the same similar name.
    """
    if is_safe_name(text) and len(text) <= _LONGEST:
        return text
    similar = _UNSAFE.sub("-", text).strip("-.")[: _LONGEST - 9].rstrip(".-") or "page"
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{similar}-{digest}"
