"""Where a user's own letter template runs: it can reach nothing, and what it may cost is bounded.

Laws:
1. Jinja's sandbox keeps it from Python's own parts; values are frozen and do nothing.
2. Steps are counted for each letter: turns of a loop, calls, and the numbers of a range.
3. No text, list or letter grows beyond what any letter needs. What would jump there in one go, such as a
   width of a billion, is refused before it is made.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import PackageLoader, StrictUndefined, Template, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

_MOST_STEPS = 20_000
_MOST_LETTERS = 100_000  # of any text, and of the letter
_MOST_ITEMS = 2_000  # of a list with all lists in it
_BUDGET = "the budget"  # no name of a template has a space
_COUNTED, _BOUNDED = "counted", "bounded"
_WITH_WIDTHS = ("batch", "center", "filesizeformat", "format", "indent", "pprint", "slice", "tojson")
"""Filters by which a few letters fill the memory before anything can be counted."""


@dataclass
class _Budget:
    """What one letter has used."""

    steps: int = 0

    def use(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > _MOST_STEPS:
            message = f"it takes more than {_MOST_STEPS:,} steps; is there a loop in a loop?"
            raise SecurityError(message)


class LetterSandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, which also counts what a template does and bounds what it makes."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        """Make it for plain text: what is HTML of a letter is escaped where that is made."""
        super().__init__(
            loader=PackageLoader("selfcheck.appeal"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
        )
        for name in _WITH_WIDTHS:
            del self.filters[name]
        self.filters[_COUNTED] = _counted
        self.filters[_BOUNDED] = _bounded
        self.filters["replace"] = _replaced

    def fill_in(self, template: Template, values: Mapping[str, Any]) -> str:
        """Return the letter. Raise SecurityError, among others, where the template asks too much."""
        letter = ""
        for part in template.generate(values, **{_BUDGET: _Budget()}):
            letter = _bounded(letter + part)
        return letter

    def call_binop(self, _context: object, operator: str, left: Any, right: Any) -> Any:
        """Calculate with numbers, and put lists and texts together."""
        if operator == "+" or (
            operator != "**" and all(isinstance(side, int | float) for side in (left, right))
        ):
            return _bounded(super().call_binop(_context, operator, left, right))  # type: ignore[arg-type]  # not used
        message = f"`{operator}` is not allowed here"
        raise SecurityError(message)

    def call(self, context: Context, called: Any, *words: Any, **named: Any) -> Any:
        """Call what a template calls, as one step."""
        budget = context[_BUDGET]
        budget.use()
        if any(isinstance(word, int) and abs(word) > _MOST_STEPS for word in (*words, *named.values())):
            message = f"a number above {_MOST_STEPS:,} is not allowed in a call"
            raise SecurityError(message)
        text = getattr(called, "__self__", None)
        if isinstance(text, str) and getattr(called, "__name__", "") == "replace":
            return _replaced(text, *words, **named)
        result = super().call(context, called, *words, **named)
        if isinstance(result, range):
            budget.use(len(result))
        return _bounded(result)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Refuse what the sandbox refuses, and what puts a text in the place of each letter."""
        return attr != "translate" and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Any:
        """Refuse `format`, whose widths are in its text."""
        if super().wrap_str_format(value) is None:
            return None
        message = "`format` is not allowed here"
        raise SecurityError(message)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Watched().visit(super()._parse(source, name, filename))  # type: ignore[no-any-return]


class _Watched(NodeTransformer):
    """Puts a filter of ours around whatever repeats and whatever makes something larger."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's names
        node = self.generic_visit(node)  # type: ignore[assignment]
        node.iter = _filtered(node.iter, _COUNTED)
        return node

    def visit_Concat(self, node: nodes.Expr) -> nodes.Node:  # noqa: N802
        return _filtered(self.generic_visit(node), _BOUNDED)

    visit_Filter = visit_List = visit_Tuple = visit_Dict = visit_Concat  # noqa: N815


def _filtered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


@pass_context
def _counted(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        context[_BUDGET].use()
        yield value


def _replaced(text: object, old: object, new: object, count: int | None = None) -> str:
    """Return the text with one part in another's place, unless that makes it too long."""
    whole, old, new = str(text), str(old), str(new)
    if whole.count(old) * len(new) > _MOST_LETTERS:
        message = f"`replace` makes a text of more than {_MOST_LETTERS:,} letters"
        raise SecurityError(message)
    return whole.replace(old, new, -1 if count is None else count)


def _bounded(value: Any) -> Any:
    """Return the value. Raise SecurityError where it is larger than any letter needs."""
    if isinstance(value, str) and len(value) > _MOST_LETTERS:
        message = f"it makes a text of more than {_MOST_LETTERS:,} letters"
        raise SecurityError(message)
    waiting, seen = [value], 0
    while waiting:  # a list may hold one list twice, that one another twice, and so on
        value_in_it = waiting.pop()
        if isinstance(value_in_it, dict):
            waiting += value_in_it.values()
            seen += len(value_in_it)
        elif isinstance(value_in_it, list | tuple):
            waiting += value_in_it
            seen += len(value_in_it)
        if seen > _MOST_ITEMS:
            message = f"it makes a list of more than {_MOST_ITEMS:,} items"
            raise SecurityError(message)
    return value
