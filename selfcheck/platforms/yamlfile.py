"""A user's YAML file, read so that every mistake in it can be reported at once, each with its line.

Laws:
1. All mistakes are collected before one error is raised; a slip that can be fixed in memory (a handle that
   begins with `@` outside quotes) is reported and fixed, so that it does not hide the mistakes after it.
2. Every mistake has a line, what was found and what was expected, in words and without a library's jargon.
3. Values are what they look like: only `true` and `false` are truth values, only plain decimals are numbers,
   so `on`, `no`, `0123` and `2026-11-20` stay text (YAML 1.1 would make something else of each).
4. Nothing in a file is executed, and no alias can make it grow beyond what a person writes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from selfcheck.errors import ConfigIssue, ConfigurationError
from selfcheck.platforms.config_issues import Location, explain, where

M = TypeVar("M", bound=BaseModel)

_MOST_VALUES = 50_000  # in one file, aliases counted as often as they are used
_DEEPEST = 60  # lists and mappings within each other
_OPENERS = ("[", "{", "- ", "? ")
_MOST_OPENERS = 5_000  # beyond that libyaml, which recurses in C, could exhaust the stack and crash
_MOST_FIXES = 50
_MOST_BYTES = 2_000_000
_CORE = "tag:yaml.org,2002:"


class _PlainValues(BaseResolver):
    """What an unquoted value is taken for; see law 3."""


for _name, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]{0,17})$", "-+0123456789"),
    ("float", r"^[-+]?[0-9]{1,17}\.[0-9]{1,17}$", "-+0123456789"),
):
    _PlainValues.add_implicit_resolver(_CORE + _name, re.compile(_pattern), list(_first))


class _Careful(Reader, Scanner, Parser, Composer, _PlainValues):
    """PyYAML's own parser: slower than libyaml's, with messages that can be explained."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        _PlainValues.__init__(self)


def _compose_fast(text: str) -> Node | None:
    """Return the root node by libyaml where PyYAML has it, which is ten times as fast."""
    if not yaml.__with_libyaml__:
        return _Careful(text).get_single_node()
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # noqa: PLC0415 - absent without libyaml

    class Fast(CParser, _PlainValues):
        def __init__(self, stream: str) -> None:
            CParser.__init__(self, stream)
            _PlainValues.__init__(self)

    node: Node | None = Fast(text).get_single_node()
    return node


class Lines:
    """Where in the file each part stands. A location is the keys and indexes that lead to it."""

    def __init__(self, root: Node | None) -> None:
        self._root = root

    def line(self, location: Location) -> int | None:
        """Return the 1-based line of the deepest part of `location` that exists; None: the file is empty."""
        return self._find(location)[1]

    def raw(self, location: Location) -> str | None:
        """Return a scalar as it is written, or None where the location does not exist."""
        node, _, exact = self._find(location)
        return str(node.value) if exact and isinstance(node, ScalarNode) else None

    def _find(self, location: Location) -> tuple[Node | None, int | None, bool]:
        node, line = self._root, _line_of(self._root)
        for part in location:
            step = _child(node, part)
            if step is None:
                return node, line, False
            node, line = step
        return node, line, True


def _line_of(node: Node | None) -> int | None:
    return None if node is None else int(node.start_mark.line) + 1


def _child(node: Node | None, part: str | int) -> tuple[Node, int | None] | None:
    if isinstance(node, MappingNode):
        pairs = ((key, value) for key, value in node.value if key.value == part)
        return next(((value, _line_of(key)) for key, value in pairs), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], _line_of(node.value[part])
    return None


@dataclass(frozen=True, kw_only=True)
class Document:
    """A parsed file: its plain values, where they are, and the mistakes of its form."""

    file: str  # as it is shown to the user
    data: Any  # dict, list, str, int, float, bool or None; None also where `broken`
    lines: Lines
    mistakes: tuple[ConfigIssue, ...] = ()
    broken: bool = False  # the file could not be parsed to its end, so its values cannot be checked

    def mistake(self, location: Location, *, actual: str, expected: str, hint: str = "") -> ConfigIssue:
        """Return a mistake at this location."""
        line = self.lines.line(location)
        return ConfigIssue(
            file=self.file, line=line, where=where(location), actual=actual, expected=expected, hint=hint
        )


def load_model(
    path: Path, model: type[M], *, context: Callable[[Any], Mapping[str, object]] | None = None
) -> tuple[M, Lines]:
    """Read a YAML file as this model. Raise ConfigurationError with every mistake in it.

    `context` gives pydantic's validation context for the file's plain values.
    """
    document = read_document(path)
    value, mistakes = check(document, model, context=context(document.data) if context else None)
    if value is None or mistakes:
        raise ConfigurationError(mistakes)
    return value, document.lines


def check(
    document: Document, model: type[M], *, context: Mapping[str, object] | None = None
) -> tuple[M | None, tuple[ConfigIssue, ...]]:
    """Return the file as this model, or None, and every mistake in it: of its form and of its values."""
    if document.broken:
        return None, document.mistakes
    try:
        value = model.model_validate(document.data, context=dict(context) if context else None)
    except ValidationError as error:
        details = error.errors(include_url=False)
        explained = explain(details, document.data, model, document.lines.raw)
        issues = tuple(
            document.mistake(issue.location, actual=issue.actual, expected=issue.expected, hint=issue.hint)
            for issue in explained
        )
        return None, in_order((*document.mistakes, *issues))
    return value, document.mistakes


def in_order(mistakes: tuple[ConfigIssue, ...]) -> tuple[ConfigIssue, ...]:
    """Return mistakes in the order of their lines, those of one file together."""
    files = list(dict.fromkeys(mistake.file for mistake in mistakes))
    return tuple(sorted(mistakes, key=lambda mistake: (files.index(mistake.file), mistake.line or 0)))


def shown_path(path: Path) -> str:
    """Return a path as people read it: relative where it lies below the current folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def read_document(path: Path) -> Document:
    """Read and parse a YAML file. Raise ConfigurationError where it cannot be read at all."""
    shown = shown_path(path)

    def unreadable(actual: str, expected: str) -> ConfigurationError:
        return ConfigurationError((_slip(shown, None, actual, expected),))

    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise unreadable("no such file", "a YAML file here") from None
    except IsADirectoryError:
        raise unreadable("a folder", "a YAML file") from None
    except OSError as error:
        raise unreadable(
            f"a file that cannot be read ({error.strerror})", "a YAML file that you may read"
        ) from None
    if len(data) > _MOST_BYTES:
        raise unreadable(f"more than {_MOST_BYTES} bytes", "a YAML file written by hand")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise unreadable(f"bytes that are not UTF-8 text (line {line})", "a file saved as UTF-8") from None
    return parse_document(text, shown)


def parse_document(text: str, file: str) -> Document:
    """Parse YAML. What is wrong with its form is in `mistakes` of the document."""
    root, mistakes, broken = _compose(text, file)
    lines = Lines(root)
    if broken:
        return Document(file=file, data=None, lines=lines, mistakes=tuple(mistakes), broken=True)
    if root is None:
        empty = _slip(file, None, "an empty file", "YAML with values")
        return Document(file=file, data=None, lines=lines, mistakes=(empty,), broken=True)
    if _too_much(root):
        too_much = f"more than {_MOST_VALUES} values, or {_DEEPEST} levels"
        grown = _slip(file, None, too_much, "what a person writes")
        return Document(file=file, data=None, lines=lines, mistakes=(grown,), broken=True)
    builder = _Builder(file)
    data = builder.value(root, ())
    return Document(file=file, data=data, lines=lines, mistakes=(*mistakes, *builder.mistakes))


def _compose(text: str, file: str) -> tuple[Node | None, list[ConfigIssue], bool]:
    """Return the root node, the mistakes of form, and whether they made the file unreadable."""
    if sum(text.count(opener) for opener in _OPENERS) > _MOST_OPENERS:
        many = _slip(file, None, f"more than {_MOST_OPENERS} lists and mappings", "what a person writes")
        return None, [many], True
    try:
        return _compose_fast(text), [], False
    except (yaml.YAMLError, RecursionError):
        return _compose_fixing(text, file)


def _compose_fixing(text: str, file: str) -> tuple[Node | None, list[ConfigIssue], bool]:
    mistakes: list[ConfigIssue] = []
    for _ in range(_MOST_FIXES):
        try:
            return _Careful(text).get_single_node(), mistakes, False
        except RecursionError:
            deep = _slip(file, None, "hundreds of lists within each other", "what a person writes")
            return None, [*mistakes, deep], True
        except yaml.YAMLError as error:
            mistake, fixed = _syntax_mistake(error, text, file)
            mistakes.append(mistake)
            if fixed is None:
                return None, mistakes, True
            text = fixed
    return None, mistakes, True


def _slip(file: str, line: int | None, actual: str, expected: str, hint: str = "") -> ConfigIssue:
    """Return a mistake of form, which has a line at most: the file has no values yet that it could be in."""
    return ConfigIssue(file=file, line=line, where="", actual=actual, expected=expected, hint=hint)


# What PyYAML says, what that is, and what was expected. The first whose words occur counts.
_SYNTAX = (
    ("unexpected end of stream", "a quote that is not closed", "the same quote at its end"),
    ("unknown escape character", "a backslash in double quotes", "single quotes, or two backslashes"),
    ("mapping values are not allowed", "a colon that does not belong here", "one `key: value` on a line"),
    ("expected ':'", "a line without a colon", "`key: value`"),
    ("expected <block end>", "a line that is indented unlike its neighbours", "the indentation above it"),
    ("expected ',' or", "a bracket that is not closed", "`]` or `}` at the end of the list"),
    ("undefined alias", "an alias (`*name`) of nothing", "the text in quotes"),
    ("duplicate anchor", "an anchor (`&name`) a second time", "each anchor once"),
    ("another document", "a second document (`---`)", "one document"),
    ("expected alphabetic or numeric", "`*` or `&` before text", "the text in quotes"),
)


def _syntax_mistake(error: yaml.YAMLError, text: str, file: str) -> tuple[ConfigIssue, str | None]:
    """Return the mistake in plain words, and the text without it where that is safe to guess."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        return _slip(file, line, "a character that cannot be printed", "text"), None
    problem, mark = error.problem or "", error.problem_mark
    if "cannot start any token" in problem:
        return _bad_start(text, file, mark.line, mark.column)
    if "unexpected end of stream" in problem and error.context_mark is not None:
        mark = error.context_mark
    for words, actual, expected in _SYNTAX:
        if words in problem:
            return _slip(file, mark.line + 1, actual, expected), None
    return _slip(file, mark.line + 1, f"YAML that cannot be read ({problem})", "correct YAML"), None


def _bad_start(text: str, file: str, row: int, column: int) -> tuple[ConfigIssue, str | None]:
    """Explain a character that no value may begin with; a tab, `@` and a backquote are the usual ones."""
    lines = text.split("\n")
    rest = lines[row][column:]
    if rest.startswith("\t"):
        more = [
            number for number, line in enumerate(lines, 1) if re.match(r" *\t", line) and number > row + 1
        ]
        hint = f"also in line {', '.join(map(str, more))}" if more else ""
        return _slip(file, row + 1, "a tab", "spaces: YAML is not indented by tabs", hint), None
    token = re.match(r"[^\s,\]}#\"\\]+", rest)
    word = token.group() if token else rest[:1]
    hint = f'"{word}"'
    mistake = _slip(file, row + 1, f"`{word}` without quotes", "quotes around it", f"write {hint}")
    if token is None or rest[0] not in "@`%":
        return mistake, None
    lines[row] = lines[row][:column] + hint + rest[token.end() :]
    return mistake, "\n".join(lines)


def _too_much(root: Node) -> bool:
    """Return whether the tree, aliases counted as often as they stand, is too large, too deep or a loop."""
    weights: dict[int, int] = {}

    def weight(node: Node, depth: int) -> int:
        if id(node) not in weights:
            weights[id(node)] = _MOST_VALUES + 1  # as long as it is being weighed: it contains itself
            below = _below(node) if depth < _DEEPEST else ()
            weights[id(node)] = 1 + sum(weight(child, depth + 1) for child in below)
        return weights[id(node)] if depth < _DEEPEST else _MOST_VALUES + 1

    return weight(root, 0) > _MOST_VALUES


def _below(node: Node) -> Iterable[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return node.value if isinstance(node, SequenceNode) else ()


@dataclass
class _Builder:
    """Makes plain values of nodes, and notes repeated keys and tags that mean nothing here."""

    file: str
    mistakes: list[ConfigIssue] = field(default_factory=list)

    def value(self, node: Node, location: Location) -> Any:
        if isinstance(node, MappingNode):
            return self._mapping(node, location)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*location, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, location)

    def _mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first: dict[str, int | None] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._note(key, location, "a list or a mapping as a key", "text as a key")
                continue
            name = str(key.value)
            here = (*location, name)
            if name in result:
                self._note(
                    key, here, f"`{name}` a second time", f"it once (it stands on line {first[name]} too)"
                )
                continue
            first[name] = _line_of(key)
            result[name] = self.value(value, here)
        return result

    def _scalar(self, node: Node, location: Location) -> Any:
        text = str(node.value)
        match node.tag.removeprefix(_CORE):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text)
            case "float":
                return float(text)
            case _:
                self._note(node, location, f"the tag `{node.tag}`", "a plain value")
                return text

    def _note(self, node: Node, location: Location, actual: str, expected: str) -> None:
        mistake = ConfigIssue(
            file=self.file, line=_line_of(node), where=where(location), actual=actual, expected=expected
        )
        self.mistakes.append(mistake)
