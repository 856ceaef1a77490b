"""What decides and what composes asks neither the clock nor the network, which no import contract can see."""

import ast
import tomllib
from pathlib import Path

import pytest

import selfcheck

ROOT = Path(selfcheck.__file__).parent
PYPROJECT = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))
NAMED = {"rules", "text", "investigation", "controls", "plan"}


def is_pure(path: Path) -> bool:
    """Whether a module is pure by its slice, by its name, or by its own word."""
    by_name = path.stem in NAMED or path.stem.startswith("render_") or path.stem.endswith("_text")
    text = path.read_text("utf-8")  # parsed only where the word stands: every worker asks this
    by_word = "Pure" in text and "Pure" in (ast.get_docstring(ast.parse(text)) or "")
    return path.relative_to(ROOT).parts[0] in {"core", "observe", "judge"} or by_name or by_word


PURE = sorted(path for path in ROOT.rglob("*.py") if is_pure(path))
CLOCK_AND_CHANCE = {"now", "utcnow", "today", "urlopen", "getrandbits", "token_hex", "uuid4"}


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_pure_module_asks_neither_clock_nor_chance(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    asked = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert asked & CLOCK_AND_CHANCE == set()


def test_the_import_contracts_name_every_pure_module() -> None:
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    held = {name for one in contracts if one["type"] == "forbidden" for name in one["source_modules"]}
    modules = {".".join(("selfcheck", *path.relative_to(ROOT).with_suffix("").parts)) for path in PURE}
    assert {
        name for name in modules if name not in held and ".".join(name.split(".")[:2]) not in held
    } == set()
