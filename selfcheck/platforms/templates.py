"""Templates such as `{home}/@{handle}`: which fields they have, and how each is written where it stands.

Laws:
1. Only the fields of `FIELDS` are filled; other braces are left alone, since regular expressions have them.
2. A value is escaped for the place it is put in, so that no handle can change what a path or selector asks.
3. A template whose value is missing gives None: the question cannot be asked, which is not an error.
"""

import re
from collections.abc import Callable, Mapping

FIELDS = ("home", "handle", "publication", "story_id", "story", "random")
"""What a template may name."""

Escape = Callable[[str], str]

_PLACE = re.compile(r"\{([a-z_]+)\}")
_JSON_PATH_UNSAFE = re.compile(r"['\"\\\x00-\x1f]")
_SELECTOR_UNSAFE = re.compile(r"[^\w-]|^\d|^-(?=\d|$)", re.ASCII)


def fields_of(template: str) -> tuple[str, ...]:
    """Return every name in braces, known or not, in the order of the template."""
    return tuple(_PLACE.findall(template))


def fill_in(template: str, values: Mapping[str, str], escape: Escape) -> str | None:
    """Return the template with its known fields filled, or None where a value is missing or empty."""
    wanted = [name for name in fields_of(template) if name in FIELDS]
    if any(not values.get(name) for name in wanted):
        return None
    if not wanted:
        return template
    return _PLACE.sub(lambda place: escape(values[place[1]]) if place[1] in FIELDS else place[0], template)


def as_it_is(value: str) -> str:
    """Return the value unchanged: for a place that is compared as text."""
    return value


def for_json_path(value: str) -> str:
    """Return the value as it stands within quotes of either kind in a JSONPath."""
    return _JSON_PATH_UNSAFE.sub(lambda character: f"\\u{ord(character.group()):04x}", value)


def for_pattern(value: str) -> str:
    """Return the value as it stands in a regular expression."""
    return re.escape(value)


def for_selector(value: str) -> str:
    """Return the value as it stands in a CSS selector: in quotes of either kind, or in a class or an id."""
    return _SELECTOR_UNSAFE.sub(lambda character: f"\\{ord(character.group()):x} ", value)
