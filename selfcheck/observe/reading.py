"""Values that a page holds: numbers, series of numbers, and the handle that is signed in."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from selfcheck.core.enums import PageKind
from selfcheck.observe.numbers import number
from selfcheck.observe.opened import OpenedPage
from selfcheck.platforms.schema import Fact, Reading


def facts(page: OpenedPage, kind: PageKind) -> dict[str, int | None]:
    """Return every single number that this kind of page may tell; None where it does not."""
    wanted = _wanted(page, kind, series=False)
    return {name: _number(page, fact) for name, fact in wanted.items()}


def series(page: OpenedPage, kind: PageKind) -> dict[str, tuple[int, ...]]:
    """Return every series of numbers that the page tells, as it shows them; untold ones are left out."""
    wanted = _wanted(page, kind, series=True)
    read = {name: _series(page, fact) for name, fact in wanted.items()}
    return {name: values for name, values in read.items() if values}


def first_text(page: OpenedPage, readings: Iterable[Reading]) -> str | None:
    """Return the text that the first fruitful reading gives, or None."""
    for reading in readings:
        for value in values(page, reading):
            if isinstance(value, str) and value.strip():
                return value.strip()
    return None


def values(page: OpenedPage, reading: Reading) -> list[Any]:
    """Return what one way of reading finds, in the order of the page; lists are laid flat."""
    found = _flat(_raw(page, reading))
    if reading.pattern is None:
        return found
    texts = (str(value) for value in found if isinstance(value, str | int | float))
    return [one for text in texts for one in re.findall(reading.pattern, text)]


def _raw(page: OpenedPage, reading: Reading) -> list[Any]:
    if reading.state is not None and reading.path is not None:
        return page.find(reading.state, reading.path)
    if reading.selector is not None:
        nodes = page.elements(reading.selector)
        if reading.attribute is None:
            return [" ".join(node.text(deep=True).split()) for node in nodes]
        return [node.attributes.get(reading.attribute) for node in nodes]
    return [" ".join(page.capture.text.split())]


def _flat(found: list[Any]) -> list[Any]:
    flat: list[Any] = []
    for value in found:
        flat.extend(value if isinstance(value, list) else [value])
    return flat


def _wanted(page: OpenedPage, kind: PageKind, *, series: bool) -> Mapping[str, Fact]:
    return {
        name: fact for name, fact in page.platform.facts.items() if kind in fact.on and fact.series is series
    }


def _number(page: OpenedPage, fact: Fact) -> int | None:
    for reading in fact.read:
        for value in values(page, reading):
            found = number(value)
            if found is not None:
                return found
    return None


def _series(page: OpenedPage, fact: Fact) -> tuple[int, ...]:
    """Return the first series of which every value is a number: a gap would shift the days."""
    for reading in fact.read:
        numbers = [number(value) for value in values(page, reading)]
        known = tuple(one for one in numbers if one is not None)
        if known and len(known) == len(numbers):
            return known
    return ()
