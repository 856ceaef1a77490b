"""The JSONPath of platform files: RFC 9535 with `#` for the key of the current node, and two functions.

`same_handle(a, b)` holds when two handles are the same, a leading `@` aside, by the platform's `fold_case`.
`among(value, query)` holds when the value is one that the query finds; it follows references such as
Apollo's `{"__ref": "Post:1"}`. `startswith(value, prefix)` and `search(value, pattern)` are there too.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

from jsonpath import JSONPathEnvironment, JSONPathError
from jsonpath.function_extensions import ExpressionType, FilterFunction

from selfcheck.core.handle import Handle

_COMPILED = 1024  # paths kept: those of all platforms, filled for many profiles


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

    def __call__(self, value: object, nodes: Sequence[Any]) -> bool:
        return any(value == node.obj for node in nodes)


@lru_cache(maxsize=2)
def _environment(*, fold_case: bool) -> JSONPathEnvironment:
    environment = JSONPathEnvironment()
    environment.function_extensions["same_handle"] = _SameHandle(fold_case=fold_case)
    environment.function_extensions["among"] = _Among()
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
    text, which the library would take for JSON.
    """
    if not isinstance(document, dict | list):
        return []
    query = _compiled(path, fold_case=fold_case)
    try:
        values = cast("list[Any]", query.findall(document))
    except (JSONPathError, RecursionError):
        return []
    return [value for value in values if value is not None]
