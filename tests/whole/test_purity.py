"""What decides and what composes asks neither the clock nor the network, which no import contract can see."""

import ast
from pathlib import Path

import pytest

import selfcheck

ROOT = Path(selfcheck.__file__).parent
PURE = sorted(
    path
    for stage in ("observe", "judge", "compose", "model", "plan.py")
    for path in ([ROOT / stage] if stage.endswith(".py") else (ROOT / stage).rglob("*.py"))
)
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
