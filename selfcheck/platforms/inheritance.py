"""`extends`: a platform file that says only how it differs from a shipped one. Pure.

Laws:
1. A key of the file replaces the inherited one; of a mapping at the top of the file, only the members that it
   names. Deeper values and lists are replaced whole: half of a condition is another condition.
2. A key without a value leaves out what would be inherited.
3. With another `home` it is another site: what is known of the first one's accounts, people and rules is not
   taken over.
"""

from collections.abc import Mapping
from typing import Any

from selfcheck.core.hosts import host_of, split_address

_OF_THE_SITE = ("appeal", "impersonation", "export", "cannot_tell", "caution", "built_in_demo")
_ACCOUNTS = ("live", "suspended", "pages")


def inherited(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values of a file that extends another one, whose plain values are `base`."""
    home = own.get("home")
    moved = isinstance(home, str) and home != base.get("home")
    merged = _of_another_site(base, str(home)) if moved else dict(base)
    for key, value in own.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _without_nothing({**below, **value})
        else:
            merged[key] = value
    return _without_nothing(merged)


def _without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _of_another_site(base: Mapping[str, Any], home: str) -> dict[str, Any]:
    """Return what a platform's file says of its software, for a site at another address."""
    kept = {key: value for key, value in base.items() if key not in _OF_THE_SITE}
    handle, limits, controls = (dict(kept.get(key, {})) for key in ("handle", "limits", "controls"))
    first = str(base.get("home"))
    handle["from_urls"] = [
        url.replace(first, home, 1) for url in handle.get("from_urls", ()) if url.startswith(first)
    ]
    for name in ("programs", "rules"):
        limits.pop(name, None)
    for name in _ACCOUNTS:
        controls.pop(name, None)
    return {
        **kept,
        "title": split_address(home).netloc,
        "hosts": [host_of(home)],
        "handle": handle,
        "limits": limits,
        "controls": controls,
    }
