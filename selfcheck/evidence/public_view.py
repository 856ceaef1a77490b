"""A run's document without what its author sees, for a place that everybody can read. Pure.

Laws:
1. What stays was seen by strangers, or is a verdict. What is not known to be so goes: a field that a later
   version adds to a view is gone with its view.
2. It is still a run's document: an unknown number is null, a view that was taken out is one that is lacking.
"""

from collections.abc import Mapping
from typing import Any

from selfcheck.core.enums import ANONYMOUS

_FROM_A_VIEW = ("reasons", "would_change", "notes", "next_steps")
_MIND = " But mind: "


def for_strangers(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a run with the strangers' view alone."""
    profiles = [_profile(profile) for profile in document.get("profiles", ())]
    return {**document, "profiles": profiles, "failures": _named_only(document.get("failures", ()))}


def _named_only(failures: Any) -> list[str]:
    """Return which profiles failed; why may repeat what stood on a page."""
    return [f"{str(text).partition(': ')[0]}: selfcheck itself failed." for text in failures]


def _profile(profile: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: value for name, value in profile.items() if name not in _FROM_A_VIEW},
        "summary": str(profile.get("summary", "")).split(_MIND)[0],
        "facts": {name: _facts(values) for name, values in profile.get("facts", {}).items()},
        "pages": [_page(page) for page in profile.get("pages", ())],
    }


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    return {who: value if who == ANONYMOUS else None for who, value in values.items()}


def _page(page: Mapping[str, Any]) -> dict[str, Any]:
    views = {who: view for who, view in page.get("views", {}).items() if who == ANONYMOUS}
    return {
        **{name: value for name, value in page.items() if name not in _FROM_A_VIEW},
        "views": views,
        "side_by_side": None,
        "further": [look for look in page.get("further", ()) if look.get("viewpoint") == ANONYMOUS],
    }
