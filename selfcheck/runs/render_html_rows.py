"""The report's tables: what each viewpoint was told, beside each other, and where the two differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome
from selfcheck.core.labels import OUTCOME_WORD
from selfcheck.core.observation import Observation
from selfcheck.core.text_safety import one_line
from selfcheck.core.verdict import PageVerdict

UNKNOWN = "not known"
_LONG = 220  # characters of a page's own words that a cell shows


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table with a column for each viewpoint."""

    label: str
    anonymous: str
    author: str
    differs: bool


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """How a row is read from a look."""

    label: str
    read: Callable[[Observation], str | None]
    compared: bool = False
    absent: str = UNKNOWN  # what a look shows that has no such value


def page_rows(page: PageVerdict) -> tuple[Row, ...]:
    """Return what both looks at a page were told; rows that neither look knows anything of are left out."""
    looks = (page.views.get(ANONYMOUS), page.views.get(AUTHOR))
    rows = (_row(reading, looks) for reading in _READINGS)
    return tuple(row for row in rows if row is not None)


def fact_rows(facts: Mapping[str, Mapping[str, int | None]]) -> tuple[Row, ...]:
    """Return a profile's numbers as both viewpoints were told them; an unknown number stays unknown."""
    return tuple(_fact(name, values) for name, values in facts.items())


def _fact(name: str, values: Mapping[str, int | None]) -> Row:
    anonymous, author = values.get(ANONYMOUS), values.get(AUTHOR)
    return Row(
        label=name.replace("_", " ").capitalize(),
        anonymous=_number(anonymous),
        author=_number(author),
        differs=None not in {anonymous, author} and anonymous != author,
    )


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _row(reading: _Reading, looks: tuple[Observation | None, Observation | None]) -> Row | None:
    cells = [None if look is None else reading.read(look) for look in looks]
    if cells == [None, None]:
        return None
    shown = [_cell(reading, look, cell) for look, cell in zip(looks, cells, strict=True)]
    differs = reading.compared and None not in cells and cells[0] != cells[1]
    return Row(label=reading.label, anonymous=shown[0], author=shown[1], differs=differs)


def _cell(reading: _Reading, look: Observation | None, cell: str | None) -> str:
    if look is None:
        return "not looked at"
    return reading.absent if cell is None else cell


def _status(look: Observation) -> str | None:
    return None if look.status is None else str(look.status)


def _address(look: Observation) -> str | None:
    return one_line(look.final_url) or None


def _title(look: Observation) -> str | None:
    return one_line(look.title, _LONG) or None


def _quote(look: Observation) -> str | None:
    return f"“{one_line(look.own_words, _LONG)}”" if look.own_words else None


def _failure(look: Observation) -> str | None:
    return one_line(look.failure.detail, _LONG) if look.failure else None


def _engines(look: Observation) -> str | None:
    if look.noindex:
        return f"kept out ({one_line(look.noindex, 80)})"
    return "let in" if look.outcome is Outcome.SHOWN else None


def _stories(look: Observation) -> str | None:
    return None if look.stories is None else str(len(look.stories))


def _length(look: Observation) -> str | None:
    return f"{look.text_length:,} characters" if look.text_length else None


def _signs(look: Observation) -> str | None:
    return ", ".join(f"{sign.meaning.value.replace('_', ' ')} ({sign.id})" for sign in look.signs) or None


def _signed_in(look: Observation) -> str | None:
    return None if look.signed_in is None else ("yes" if look.signed_in else "no")


def _taken(look: Observation) -> str | None:
    return f"{look.taken_at:%Y-%m-%d %H:%M:%S} UTC" if look.taken_at else None


_READINGS = (
    _Reading(label="Found", read=lambda look: OUTCOME_WORD[look.outcome], compared=True),
    _Reading(label="HTTP status", read=_status, compared=True, absent="no answer"),
    _Reading(label="Address at the end", read=_address, compared=True),
    _Reading(label="Title", read=_title, compared=True, absent="none"),
    _Reading(label="The page's own words", read=_quote, absent="none"),
    _Reading(label="Why there was no answer", read=_failure, absent="there was one"),
    _Reading(label="Search engines", read=_engines, compared=True, absent="does not apply"),
    _Reading(label="Stories listed", read=_stories, compared=True),
    _Reading(label="Text", read=_length, absent="none"),
    _Reading(label="Other signs", read=_signs, absent="none"),
    _Reading(label="Signed in", read=_signed_in),
    _Reading(label="Recognised by", read=lambda look: look.mark, absent="no mark"),
    _Reading(label="Looked at", read=_taken),
    _Reading(label="Took", read=lambda look: f"{look.milliseconds / 1000:.1f} s"),
)
