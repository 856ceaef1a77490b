"""The JSONPath of platform files: RFC 9535 with `#` for the key of the current node, and two functions.

`same_handle(a, b)` holds when two handles are the same, a leading `@` aside, by the platform's `fold_case`.
`among(value, query)` holds when the value is one that the query finds; it follows references such as
Apollo's `{"__ref": "Post:1"}`. `startswith(value, prefix)` and `search(value, pattern)` are there too.

A path takes a limited number of steps, and its patterns a limited time: filters within filters take longer
than anybody waits for some documents, and the document is the page's.
"""

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from jsonpath import JSONPathEnvironment, JSONPathError, JSONPathSyntaxError
from jsonpath.function_extensions import ExpressionType, FilterFunction, Match, Search
from jsonpath.parse import Parser
from jsonpath.selectors import IndexSelector, NameSelector

from selfcheck.core.handle import Handle
from selfcheck.errors import PatternTooSlowError
from selfcheck.platforms.patterns import limited

_COMPILED = 1024  # paths kept: those of all platforms, filled for many profiles
_MOST_STEPS = 250_000
"""Of one search, some three seconds. A descent through a page's data of one megabyte takes some 20,000; a
search that follows references, some ten for each entry."""


class _SameHandle(FilterFunction):
    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012 - the library's own form
    return_type = ExpressionType.LOGICAL

    def __init__(self, *, fold_case: bool) -> None:
        self._fold_case = fold_case

    def __call__(self, left: object, right: object) -> bool:
        if not isinstance(left, str) or not isinstance(right, str):
            return False  # a query compares whatever stands in the page's data
        return Handle(left, self._fold_case).same_as(right)


class _Among(FilterFunction):
    arg_types = [ExpressionType.VALUE, ExpressionType.NODES]  # noqa: RUF012 - the library's own form
    return_type = ExpressionType.LOGICAL

    def __init__(self, step: Callable[[int], None]) -> None:
        self._step = step

    def __call__(self, value: object, nodes: Sequence[Any]) -> bool:
        self._step(len(nodes) // 100)  # a comparison takes much less than any other step
        return any(value == node.obj for node in nodes)


class _LimitedSearch(Search):
    def __call__(self, value: object, pattern: object) -> bool:
        return _asked(self, "search", value, pattern)


class _LimitedMatch(Match):
    def __call__(self, value: object, pattern: object) -> bool:
        return _asked(self, "fullmatch", value, pattern)


def _asked(function: Search | Match, method: str, value: object, pattern: object) -> bool:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    compiled = function.check_cache(pattern)
    return compiled is not None and limited(getattr(compiled, method), pattern, value) is not None


class _Parser(Parser):
    """Refuses the two forms of a path whose work cannot be limited; no platform file needs them."""

    def parse_bracketed_selection(self, stream: Any) -> list[Any]:
        token = stream.current()
        selectors: list[Any] = super().parse_bracketed_selection(stream)
        many = [each for each in selectors if not isinstance(each, NameSelector | IndexSelector)]
        if len(many) > 1:
            message = "it has several wildcards, slices or filters in one pair of brackets"
            raise JSONPathSyntaxError(message, token=token)
        return selectors

    def parse_regex(self, stream: Any) -> Any:
        message = "`=~` is not known; use `search(value, 'pattern')`"
        raise JSONPathSyntaxError(message, token=stream.current())


class _Steps(threading.local):
    left = 0


class _Environment(JSONPathEnvironment):
    """Counts the steps of a search where the library asks its environment.

    It does for each name and index, at each depth of a descent, and for each filter.
    """

    parser_class = _Parser

    def __init__(self) -> None:
        self.steps = _Steps()
        super().__init__()

    def step(self, count: int = 1) -> None:
        self.steps.left -= count
        if self.steps.left < 0:
            raise _too_many_steps()

    def getitem(self, obj: Any, key: Any) -> Any:
        self.step()
        return super().getitem(obj, key)

    def is_truthy(self, obj: object) -> bool:
        self.step()
        return bool(super().is_truthy(obj))

    @property
    def max_recursion_depth(self) -> int:  # type: ignore[override]
        self.step()
        return _DEEPEST


_DEEPEST = JSONPathEnvironment.max_recursion_depth


def _too_many_steps() -> PatternTooSlowError:
    return PatternTooSlowError(
        "A JSONPath of a platform file takes too long.",
        cause="Its filters search within one another, or `..` follows `..`.",
        next_step="Name the way to the value, or search by one filter.",
    )


@lru_cache(maxsize=2)
def _environment(*, fold_case: bool) -> _Environment:
    environment = _Environment()
    environment.function_extensions["search"] = _LimitedSearch()
    environment.function_extensions["match"] = _LimitedMatch()
    environment.function_extensions["same_handle"] = _SameHandle(fold_case=fold_case)
    environment.function_extensions["among"] = _Among(environment.step)
    return environment


@lru_cache(maxsize=_COMPILED)
def _compiled(path: str, *, fold_case: bool) -> Any:
    return _environment(fold_case=fold_case).compile(path)


def mistake_in(path: str) -> str | None:
    """Return what is wrong with a path, its template already filled, or None."""
    if not path.startswith("$"):
        return "it does not begin with `$`"
    try:
        _compiled(path, fold_case=True)
    except JSONPathError as error:
        return str(error.args[0]) if error.args else "it cannot be read"
    except (OverflowError, ValueError, RecursionError):  # of a number or a nesting without measure
        return "it cannot be read"
    return None


def find(path: str, document: Any, *, fold_case: bool) -> list[Any]:
    """Return every value that the path finds in the document; a JSON null counts as nothing.

    A document that is nested too deeply to be searched has nothing that is found, nor has one that is a
    text, which the library would take for JSON. Raise PatternTooSlowError.
    """
    if not isinstance(document, dict | list):
        return []
    environment, query = _environment(fold_case=fold_case), _compiled(path, fold_case=fold_case)
    environment.steps.left = _MOST_STEPS
    values: list[Any] = []
    try:
        for match in query.finditer(document):
            environment.step()
            values.append(match.obj)
    except (JSONPathError, RecursionError):
        return []
    return [value for value in values if value is not None]
