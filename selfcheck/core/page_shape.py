"""What a page is built like, without what it says: the features by which one page is like another.

A shape holds numbers (hashes), a status and address patterns, and no sentence of the page. It is taken of the
author's view too, to compare, but only those of the public's view may be stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FEATURES = ("paths", "heads", "hooks", "scripts", "keys")
"""The families of features; see docs/learned-marks.md."""

MOST_FEATURES = 1024
"""How many hashes a family keeps: the smallest ones, which are a fair sample of the set (Broder 1997)."""

Features = frozenset[int]


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """A link of a page to its own site."""

    url: str
    title: str
    form: str  # the address, `{}` for the subject's name: the same link on two accounts' pages
    pattern: str  # the form, `#` for numbers and `*` for what looks like a title: links of one sort
    headline: bool  # it is or holds a headline


@dataclass(frozen=True, kw_only=True)
class PageShape:
    """How one answered HTML page is built, and where the name of its subject stands in it."""

    status: int | None
    features: Mapping[str, Features]  # by family
    sentences: Features  # of each line of visible text, the subject's name and digits replaced
    denials: Features = frozenset()  # of those lines that may say that something is kept from the visitor
    says_gone: bool = False  # a line of it says "not found" in words
    asks_password: bool = False
    address: str = ""  # the final address, `{}` for the subject's name
    places: frozenset[str] = field(default=frozenset())  # where the subject's name stands: `canonical /@{}`
    links: tuple[PageLink, ...] = ()  # in the page's order, each once; never stored
    tools: frozenset[str] = frozenset()  # parts of addresses that only who is signed in needs; never stored

    def to_json(self) -> dict[str, Any]:
        """Return the shape as JSON values; `read_shape` reads it back."""
        return {
            "status": self.status,
            "features": {name: sorted(self.features.get(name, ())) for name in FEATURES},
            "sentences": sorted(self.sentences),
            "denials": sorted(self.denials),
            "says_gone": self.says_gone,
            "asks_password": self.asks_password,
            "address": self.address,
            "places": sorted(self.places),
        }


def read_shape(value: Any) -> PageShape | None:
    """Return a stored shape, or None where the value is not one."""
    try:
        return PageShape(
            status=value["status"],
            features={name: _hashes(value["features"][name]) for name in FEATURES},
            sentences=_hashes(value["sentences"]),
            denials=_hashes(value["denials"]),
            says_gone=value["says_gone"] is True,
            asks_password=value["asks_password"] is True,
            address=str(value["address"]),
            places=frozenset(str(place) for place in value["places"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _hashes(values: list[Any]) -> Features:
    return frozenset(int(value) for value in values[: 2 * MOST_FEATURES])
