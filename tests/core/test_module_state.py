"""No module of the project keeps state that changes while it runs: what changes is handed in."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "selfcheck"
MODULES = sorted(SOURCE.rglob("*.py"))
CHANGES = frozenset(
    {
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "sort",
    }
    | {"update", "reverse"}
)
"""Methods by which lists, sets and dictionaries are changed."""


def module_names(tree: ast.Module) -> set[str]:
    """Return the names that a module binds to values at its top."""
    names = set[str]()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names |= {
            part.id
            for one in targets
            if one
            for part in ast.walk(one)
            if isinstance(part, ast.Name) and stored(part)
        }
    return names


def owner(node: ast.expr) -> str:
    """Return the name that an item or attribute belongs to: `a` of `a[0].b`."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def changes(tree: ast.Module) -> Iterator[str]:
    """Yield each place at which a function changes a value of its module, or an import one of another."""
    names = module_names(tree)
    for node in tree.body:  # an import that changes another library's settings
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            if isinstance(target, ast.Attribute | ast.Subscript) and owner(target) not in names:
                yield f"{node.lineno}: {ast.unparse(target)} ="
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in functions:
        local = {part.id for part in ast.walk(function) if isinstance(part, ast.Name) and stored(part)}
        local |= {part.arg for part in ast.walk(function) if isinstance(part, ast.arg)}
        shared = names - local
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield f"{node.lineno}: global {', '.join(node.names)}"
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if node.func.attr in CHANGES and owner(node.func.value) in shared:
                    yield f"{node.lineno}: {ast.unparse(node.func)}()"
            elif isinstance(node, ast.Subscript | ast.Attribute) and stored(node) and owner(node) in shared:
                yield f"{node.lineno}: {ast.unparse(node)} ="


def stored(node: ast.Name | ast.Subscript | ast.Attribute) -> bool:
    """Return whether something is assigned to it, or deleted."""
    return isinstance(node.ctx, ast.Store | ast.Del)


def test_no_function_changes_a_value_of_its_module() -> None:
    found = {
        str(path.relative_to(SOURCE)): [*changes(ast.parse(path.read_text("utf-8")))] for path in MODULES
    }
    assert {path: places for path, places in found.items() if places} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("KEPT = []\ndef keep(one): KEPT.append(one)", 1, id="a list that grows"),
        pytest.param("KEPT = []\ndef keep(one): KEPT[:] = [one]", 1, id="a list that is filled"),
        pytest.param("ON = False\ndef turn():\n global ON\n ON = True", 1, id="a global"),
        pytest.param("K: dict = {}\nclass A:\n def f(self): K.setdefault(1, 2)", 1, id="within a method"),
        pytest.param("from PIL import Image\nImage.LIMIT = None", 1, id="a library's setting"),
        pytest.param("KEPT = []\ndef keep(KEPT): KEPT.append(1)", 0, id="a parameter of the same name"),
        pytest.param("KEPT = []\nKEPT.append(1)", 0, id="while it is imported"),
        pytest.param("KEPT = ()\ndef keep(): return [*KEPT].append(1)", 0, id="a copy"),
    ],
)
def test_state_that_changes_would_be_found(text: str, count: int) -> None:
    assert len([*changes(ast.parse(text))]) == count
