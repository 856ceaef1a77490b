"""The figures of the project's structure. `python tests/support/structure.py [--list] [FOLDER]` prints them.

The same figures can be taken of any commit: check it out somewhere and name that folder. `--list` names what
they count: modules and helpers that are so small that they need a reason, and functions that are too wide.
"""

import ast
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 50
LONGEST_MODULE = 400
SMALL_MODULE = 60
SMALL_HELPER = 6
MOST_PARAMETERS = 6
SUBJECTS = {
    "alerts": r"alert|notice|heartbeat",
    "appeal": r"appeal",
    "the Action": r"(?<!red)action|hosted|workflow",
    "history": r"histor|journal|incident_rules",
    "evidence": r"(?<!page_)evidence|disclosure|stamp|shareable",
}
"""What a module's path holds that is part of a subject."""

BANNED = {
    r"(?<!there )(?<!there still )(?<!There is still )\bis no (?!longer|matter|else\b)": "is not",
    r"\bwhoever\b": "who, anyone who",
    r"\bbears?\b": "has, shows",
    r"\bmend(s|ed|ing)?\b": "fix",
    r"\banew\b": "again",
    r"(?<!['\"\w.])\bnobody\b(?![-.{])": "no one is named; say who or what",
    r"\bbe it\b": "whether",
    r"\blest\b": "so that … not",
    r"\bof no account\b": "does not matter",
    r"\bof (GitHub|Medium|selfcheck|Playwright)'s\b": "GitHub's …",
    r"(?<!-)\bstrangers?\b": "logged-out visitors, the public",
    r"\btold over\b": "recomputed",
    r"\bthe house\b": "the project",
}
"""Phrases that people do not say, and what they say instead; from the naming rules in CONTRIBUTING.md."""


@dataclass(frozen=True)
class Function:
    """A function, where it stands, and its size."""

    place: str
    name: str
    lines: int
    parameters: int


class Source:
    """The Python files of a package, parsed once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.texts = {path: path.read_text("utf-8") for path in sorted((root / "selfcheck").rglob("*.py"))}
        self.trees = {path: ast.parse(text) for path, text in self.texts.items()}

    def name(self, path: Path) -> str:
        """Return a module's dotted name."""
        parts = path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Every function and method."""
        return tuple(
            Function(
                place=f"{path.relative_to(self.root)}:{node.lineno}",
                name=node.name,
                lines=(node.end_lineno or node.lineno) - node.lineno + 1,
                parameters=len(node.args.args) + len(node.args.kwonlyargs),
            )
            for path, tree in self.trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )

    def long_functions(self) -> list[str]:
        """Return functions that are longer than a page."""
        return [
            f"{function.place} {function.name}"
            for function in self.functions
            if function.lines > LONGEST_FUNCTION
        ]

    def long_modules(self) -> list[str]:
        """Return modules that are longer than a sitting."""
        return [self.name(path) for path, text in self.texts.items() if text.count("\n") > LONGEST_MODULE]

    def small_modules(self) -> list[str]:
        """Return modules that need a reason to be so small."""
        return [
            self.name(path)
            for path, text in self.texts.items()
            if path.stem != "__init__" and text.count("\n") <= SMALL_MODULE
        ]

    def wide_functions(self) -> list[str]:
        """Return functions with more parameters than a reader keeps in mind."""
        return [
            f"{function.place} {function.name}"
            for function in self.functions
            if function.parameters > MOST_PARAMETERS
        ]

    def one_use_helpers(self) -> list[str]:
        """Return private functions of a few lines whose name stands once more in their module."""
        words = {
            str(path.relative_to(self.root)): Counter(re.findall(r"\w+", text))
            for path, text in self.texts.items()
        }
        return [
            f"{function.place} {function.name}"
            for function in self.functions
            if function.name.startswith("_")
            and not function.name.startswith("__")
            and function.lines <= SMALL_HELPER
            and words[function.place.rsplit(":", 1)[0]][function.name] == 2
        ]

    def handed_on(self, helper: str) -> bool:
        """Return whether a one-use helper is never called by name: a row of a table, a key, a validator."""
        place, name = helper.split(" ")
        text = self.texts[self.root / place.rsplit(":", 1)[0]]
        return len(re.findall(rf"\b{name}\(", text)) == 1

    def doubled_classes(self) -> dict[str, list[str]]:
        """Return public class names that are defined twice, and where."""
        places = defaultdict(list)
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(self.name(path))
        return {name: where for name, where in places.items() if len(where) > 1}

    def untyped(self) -> int:
        """Return how often a value is a mapping of anything."""
        return sum(len(re.findall(r"(?:Mapping|dict)\[str, Any\]", text)) for text in self.texts.values())

    def spread(self) -> dict[str, list[str]]:
        """Return in which packages besides the command line each subject has a module of its own."""
        packages: dict[str, set[str]] = {subject: set() for subject in SUBJECTS}
        for path in self.texts:
            inside = path.relative_to(self.root / "selfcheck")
            package = inside.parts[0] if len(inside.parts) > 1 else inside.stem
            for subject, pattern in SUBJECTS.items():
                if package != "cli" and re.search(pattern, inside.as_posix()):
                    packages[subject].add(package)
        return {subject: sorted(places) for subject, places in packages.items()}

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """The modules of the project that each module imports, wherever in it the import stands."""
        modules = {self.name(path) for path in self.texts}
        graph: dict[str, set[str]] = {module: set() for module in modules}
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    wanted = {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
                    targets = wanted & modules
                    graph[self.name(path)] |= targets - {node.module} or targets
        return graph

    def import_circles(self) -> list[list[str]]:
        """Return groups of modules that import each other, directly or by others."""
        return sorted(sorted(group) for group in strongly_connected(self.imports) if len(group) > 1)


def strongly_connected(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """Yield the groups of nodes that reach each other (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []

    def visit(node: str) -> Iterator[list[str]]:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(graph[node]):
            if target not in index:
                yield from visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            start = stack.index(node)
            yield stack[start:]
            del stack[start:]

    for node in sorted(graph):
        if node not in index:
            yield from visit(node)


def prose(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield what people read: source (messages, docstrings, comments), documents and templates."""
    ours = [root / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "action.yml")]
    for folder, endings in (("selfcheck", (".py", ".j2", ".js", ".css", ".html")), ("docs", (".md",))):
        ours += [path for path in (root / folder).rglob("*") if path.suffix in endings]
    for path in sorted(ours):
        if path.is_file():
            yield path, path.read_text("utf-8")


def banned_phrases(root: Path) -> list[str]:
    """Return every place where a phrase stands that people do not say, with what they say instead."""
    places = []
    for path, text in prose(root):
        for pattern, instead in BANNED.items():
            for match in re.finditer(pattern, text, re.IGNORECASE):
                line = text.count("\n", 0, match.start()) + 1
                places.append(f"{path.relative_to(root)}:{line}: `{match[0].strip()}` (say: {instead})")
    return places


def figures(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the figures of a checkout, each with its name."""
    source = Source(root)
    functions = source.functions
    yield "lines of Python in selfcheck/", str(sum(text.count("\n") for text in source.texts.values()))
    yield "modules", str(len(source.texts))
    yield f"modules of at most {SMALL_MODULE} lines", str(len(source.small_modules()))
    yield f"modules over {LONGEST_MODULE} lines", str(len(source.long_modules()))
    yield "functions", str(len(functions))
    helpers = source.one_use_helpers()
    handed_on = sum(map(source.handed_on, helpers))
    shares = [f"{100 * count / len(functions):.1f} %" for count in (len(helpers), handed_on)]
    yield f"one-use helpers of at most {SMALL_HELPER} lines", shares[0]
    yield "  of these handed on (tables, validators)", shares[1]
    yield f"functions with more than {MOST_PARAMETERS} parameters", str(len(source.wide_functions()))
    yield "Mapping[str, Any], dict[str, Any]", str(source.untyped())
    for subject, packages in source.spread().items():
        yield f"packages of {subject}", f"{len(packages)}: {', '.join(packages)}"
    yield f"functions over {LONGEST_FUNCTION} lines", str(len(source.long_functions()))
    yield "import circles", str(len(source.import_circles()))
    yield "public class names defined twice", str(len(source.doubled_classes()))
    yield "banned phrases", str(len(banned_phrases(root)))


def named(root: Path) -> Iterator[str]:
    """Yield what the figures count, one a line."""
    source = Source(root)
    yield from (f"small module: {name}" for name in source.small_modules())
    yield from (f"wide function: {function}" for function in source.wide_functions())
    yield from (f"one-use helper: {helper}" for helper in source.one_use_helpers())


if __name__ == "__main__":
    folders = [Path(word) for word in sys.argv[1:] if word != "--list"]
    for folder in folders or [ROOT]:
        if "--list" in sys.argv:
            sys.stdout.writelines(f"{line}\n" for line in named(folder))
        sys.stdout.writelines(f"{name:<44}{figure}\n" for name, figure in figures(folder))
