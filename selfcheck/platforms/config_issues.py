"""What a model refuses, in words that a person who writes YAML understands. Pure.

Laws:
1. One slip is one mistake: a mistyped key is not reported again as a missing one, and the alternatives of a
   value are reported together.
2. How the keys of an entry fit together is said also where one of them has a wrong value.
3. A check of our own raises ValueError whose text says what was *expected*; `refuse` adds a hint or other
   words for what was found.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Annotated, Any, Self, Union, get_args, get_origin

from pydantic import BaseModel, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from selfcheck.core.suggestions import did_you_mean, nearest

Location = tuple[str | int, ...]

_LONGEST = 60  # characters of a value that are shown
_MANY = 10  # keys that are not listed where one of them is meant for sure
_REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One mistake of a value: where, what was found, what was expected, and a hint or nothing."""

    location: Location
    actual: str
    expected: str
    hint: str = ""
    of_type: bool = False  # the value is of another type altogether, so an alternative may fit better
    is_missing: bool = False  # a key that must be there is not
    is_unknown: bool = False  # a key is there that has no meaning


def refuse(expected: str, *, hint: str = "", actual: str = "") -> PydanticCustomError:
    """Return the error that a validator raises: what it expected, a hint, other words for what it found."""
    return PydanticCustomError(_REFUSED, "refused", {"expected": expected, "hint": hint, "actual": actual})


def matching(
    pattern: re.Pattern[str], expected: str, *, hint: str = "", actual: str = ""
) -> Callable[[str], str]:
    """Return a validator that takes only text of this pattern."""

    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise refuse(expected, hint=hint, actual=actual)
        return text

    return check


def where(location: Location) -> str:
    """Return a location as people write it: `profiles[2].handle`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def in_words(value: Any) -> str:
    """Return a value as a message shows it: short, on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case dict():
            keys = ", ".join(f"`{key}`" for key in list(value)[:3])
            return f"a mapping of {keys}" if keys else "an empty mapping"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
    text = " ".join(str(value).split())
    return f'"{text[:_LONGEST]}…"' if len(text) > _LONGEST else f'"{text}"'


class FittingKeys(BaseModel):
    """An entry of a file, some of whose keys need or exclude others."""

    @classmethod
    def misfit(cls, _given: Mapping[str, object]) -> ValueError | None:
        """Return what is wrong with the keys that are given together, whatever their values."""
        return None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        misfit = self.misfit({name: getattr(self, name) for name in self.model_fields_set})
        if misfit is not None:
            raise misfit
        return self


def explain(
    errors: Sequence[ErrorDetails],
    data: Any,
    model: type[BaseModel],
    raw: Callable[[Location], str | None],
) -> tuple[Explained, ...]:
    """Return pydantic's errors in plain words; `raw` gives a scalar as it is written in the file."""
    each = [_explained(error, data, model, raw) for error in errors]
    return tuple(_without_echoes(_alternatives([*each, *_misfits(each, data, model)])))


def _misfits(each: Sequence[Explained], data: Any, model: type[BaseModel]) -> Iterator[Explained]:
    """Yield how keys misfit in entries with a wrong value, where pydantic does not check it."""
    parents = {issue.location[:depth] for issue in each for depth in range(len(issue.location))}
    for place in sorted(parents, key=str):
        given = reduce(getitem, place, data)
        kinds = [kind for kind, _ in _kinds(place, model) if _is_model(kind)]
        if len(kinds) == 1 and issubclass(kinds[0], FittingKeys) and isinstance(given, dict):
            keys = tuple(_fields(kinds[0]))
            # A mistyped key is one mistake, not also one that is missing.
            meant = {name if name in keys else (nearest(name, keys) or name): given[name] for name in given}
            misfit = kinds[0].misfit(meant)
            if misfit is not None:
                context = (misfit.context if isinstance(misfit, PydanticCustomError) else None) or {}
                yield Explained(
                    location=place,
                    actual=context.get("actual") or in_words(given),
                    expected=context.get("expected") or str(misfit),
                    hint=context.get("hint", ""),
                )


def _explained(
    error: ErrorDetails, data: Any, model: type[BaseModel], raw: Callable[[Location], str | None]
) -> Explained:
    location = _in_data(error["loc"], data, missing=error["type"] == "missing")
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "missing":
        described = _description(location, model)
        expected = f"`{location[-1]}`" + (f": {described}" if described else "")
        return Explained(location=location, actual="no such key", expected=expected, is_missing=True)
    if kind == "extra_forbidden":
        return _unknown_key(location, model)
    if kind in {"enum", "literal_error"}:
        return _not_among(location, value, context["expected"])
    if kind in _TYPES:
        return _of_type(location, kind, value, raw(location))
    actual, expected, hint = in_words(value), error["msg"], ""
    if kind == _REFUSED:
        actual, expected, hint = context["actual"] or actual, context["expected"], context["hint"]
    elif kind in _LIMITS:
        expected = _LIMITS[kind].format(**context)
    elif kind == "string_pattern_mismatch":
        expected = _description(location, model) or f"text of the form {context['pattern']}"
    elif kind == "value_error":
        expected = str(context["error"])
    return Explained(location=location, actual=actual, expected=expected, hint=hint)


def _in_data(location: Location, data: Any, *, missing: bool) -> Location:
    """Return the part of pydantic's location that exists in the file: without the names of alternatives."""
    existing: list[str | int] = []
    for index, part in enumerate(location):
        in_list = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if in_list or (isinstance(data, dict) and part in data):
            data = data[part]
            existing.append(part)
        elif missing and index == len(location) - 1:
            existing.append(part)
    return tuple(existing)


_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "none_required": "nothing",
}
_LIMITS = {
    "greater_than_equal": "{ge:g} or more",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "{le:g} or less",
    "less_than": "less than {lt:g}",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
}


def _of_type(location: Location, kind: str, value: Any, raw: str | None) -> Explained:
    return Explained(
        location=location,
        actual=raw if isinstance(value, bool | int | float) and raw else in_words(value),
        expected=_TYPES[kind],
        hint=_type_hint(kind, value, raw),
        of_type=True,
    )


def _type_hint(kind: str, value: Any, raw: str | None) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float) and raw:
        return f'write "{raw}"'
    if kind in {"tuple_type", "list_type"} and raw:
        written = f'"{raw}"' if isinstance(value, str) else raw
        return f"write [{written}]" if len(raw) <= _LONGEST else "put it in [ ]"
    return ""


def _not_among(location: Location, value: Any, expected: str) -> Explained:
    names = re.findall(r"'([^']*)'", expected)
    return Explained(
        location=location,
        actual=in_words(value),
        expected=f"one of {', '.join(names)}",
        hint=did_you_mean(str(value), names),
    )


def _unknown_key(location: Location, model: type[BaseModel]) -> Explained:
    name = str(location[-1])
    models = (kind for kind, _ in _kinds(location[:-1], model) if _is_model(kind))
    keys = tuple(dict.fromkeys(key for kind in models for key in _fields(kind)))
    hint = did_you_mean(name, keys)
    enough = keys and not (hint and len(keys) > _MANY)
    return Explained(
        location=location,
        actual=f"the unknown key `{name}`",
        expected=f"one of {', '.join(keys)}" if enough else "a known key",
        hint=hint,
        is_unknown=True,
    )


def _alternatives(each: Sequence[Explained]) -> Iterator[Explained]:
    """Yield each location once: of a value with alternatives, what the nearest of them expected."""
    by_place: dict[Location, list[Explained]] = defaultdict(list)
    for issue in each:
        by_place[issue.location].append(issue)
    for place, here in by_place.items():
        deeper = any(len(other) > len(place) and other[: len(place)] == place for other in by_place)
        fitting = [issue for issue in here if not issue.of_type]
        if fitting:
            yield fitting[0]
        elif not deeper:
            expected = tuple(dict.fromkeys(issue.expected for issue in here))
            hint = here[0].hint if len(expected) == 1 else ""
            yield Explained(location=place, actual=here[0].actual, expected=" or ".join(expected), hint=hint)


def _without_echoes(each: Iterator[Explained]) -> Iterator[Explained]:
    """Leave out a missing key that is there mistyped: the unknown key has been reported."""
    every = list(each)
    unknown = [issue.location for issue in every if issue.is_unknown]
    for issue in every:
        mistyped = [str(place[-1]) for place in unknown if place[:-1] == issue.location[:-1]]
        if not (issue.is_missing and any(nearest(name, (str(issue.location[-1]),)) for name in mistyped)):
            yield issue


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields by the names that they have in a file, where one may be no name in Python."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _description(location: Location, model: type[BaseModel]) -> str:
    """Return what the model says of the value at this location, or an empty text."""
    return next((text for _, text in _kinds(location, model) if text), "")


_Kind = tuple[Any, str]


def _kinds(location: Location, model: type[BaseModel]) -> list[_Kind]:
    """Return the types, each with its description, that a value at this location may have."""
    kinds: list[_Kind] = [(model, "")]
    for part in location:
        kinds = [below for kind, _ in kinds for below in _below(kind, part)]
    return kinds


def _below(kind: Any, part: str | int) -> Iterator[_Kind]:
    if _is_model(kind):
        info = _fields(kind).get(str(part))
        if info is not None:
            yield from _each(info.annotation, info.description or _described(info.metadata))
        return
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        yield from _each(arguments[1], "")
    elif arguments:
        yield from _each(arguments[0], "")


def _each(annotation: Any, description: str) -> Iterator[_Kind]:
    """Yield the alternatives of an annotation."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        yield from _each(arguments[0], description or _described(arguments[1:]))
    elif get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        for alternative in arguments:
            yield from _each(alternative, description)
    else:
        yield annotation, description


def _described(metadata: Sequence[Any]) -> str:
    return next((info.description or "" for info in metadata if isinstance(info, FieldInfo)), "")
