"""Every command that a message tells the user to type is there, with the options that it names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from selfcheck.cli import COMMANDS, cli
from selfcheck.cli.common import DefaultGroup
from selfcheck.core.cli_hints import TAKE_DATA, TAKE_PROFILES

SOURCE = Path(__file__).parents[2] / "selfcheck"


def named() -> Iterator[tuple[str, list[str]]]:
    """Yield where each call of `hints.command` is, and its words; `…` is one that is known only later."""
    for path in sorted(SOURCE.rglob("*.py")):
        source = path.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if "hints.command(" in source else ():
            if isinstance(node, ast.Call) and is_a_hint(node.func):
                words = [one.value if isinstance(one, ast.Constant) else "…" for one in node.args]
                options = ["--profiles"] if any(one.arg == "profiles" for one in node.keywords) else []
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", [*map(str, words), *options]


def is_a_hint(called: ast.expr) -> bool:
    """Return whether this is the method of a value called `hints`, or of one that is a field of another."""
    owner = called.value if isinstance(called, ast.Attribute) and called.attr == "command" else None
    return "hints" in {getattr(owner, "id", ""), getattr(owner, "attr", "")}


def mistakes(words: list[str]) -> Iterator[str]:
    """Yield what a command that is named so lacks."""
    found: click.Command | None = cli
    options, rest = {"--help", "--version"}, list(words)
    with click.Context(cli) as context:
        while rest and isinstance(found, click.Group) and (inner := found.get_command(context, rest[0])):
            found, rest = inner, rest[1:]
        if isinstance(found, DefaultGroup):
            found = found.default
    if found is cli and words != ["--help"]:
        yield f"there is no command {words[0]}"
        return
    if isinstance(found, click.Group) and rest and not rest[0].startswith(("-", "…")):
        yield f"{found.name} knows no {rest[0]}"
    assert found is not None
    options |= {name for one in found.params for name in one.opts}
    yield from (f"no option {one}" for one in rest if one.startswith("--") and one not in options)


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Yield each command that does something, and the names of its options."""
    if not isinstance(command, click.Group):
        yield " ".join(path), {one.name for one in command.params if one.name}
        return
    if isinstance(command, DefaultGroup):
        yield " ".join(path), {one.name for one in command.default.params if one.name}
    with click.Context(command) as context:
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from leaves(inner, (*path, name))


def test_the_commands_that_read_profiles_or_data_are_known_where_commands_are_named() -> None:
    options = dict(leaves(cli))
    assert {name for name, names in options.items() if "profiles_file" in names} == TAKE_PROFILES
    assert {name for name, names in options.items() if "data" in names} == TAKE_DATA


def test_every_command_that_a_message_names_is_there() -> None:
    calls = [(where, words) for where, words in named() if words and words[0] != "…"]
    assert len(calls) > 40
    assert [(where, words, one) for where, words in calls for one in mistakes(words)] == []


def test_a_command_that_is_not_there_would_be_found() -> None:
    assert [*mistakes(["fly", "jane"])] == ["there is no command fly"]
    assert [*mistakes(["session", "fly"])] == ["session knows no fly"]
    assert [*mistakes(["run", "jane", "--fly"])] == ["no option --fly"]


NAMED_ONLY = {
    "actions/text.py": "a workflow's log, read where there is no such shell",
    "appeal/rights/render_text.py": "says what belongs to a letter",
    "observe/platform_draft.py": "the first line of a file that is drafted",
    "schedule/render_crontab.py": "marks in a crontab",
    "schedule/render_units.py": "marks in a unit",
    "schedule/service.py": "names the marks in a crontab",
    "settings/hosted.py": "says what a secret holds",
    "evidence/stored_pictures.py": "read by commands that name what to type themselves",
    "web/server.py": "says what else may use the port",
    "backup/contents.py": "the name of a feed",
    "fleet/database.py": "the name of a lock",
}
"""Modules that may name a command as it is called in the documents: it is not to be typed there."""


def test_no_message_tells_to_type_a_command_but_as_the_program_was_called() -> None:
    literal = re.compile(rf"(?<![\w/.-])selfcheck (?:{'|'.join(sorted(COMMANDS))})\b")
    found = {
        f"{path.relative_to(SOURCE)}"
        for path in sorted(SOURCE.rglob("*.py"))
        if literal.search(source := path.read_text("utf-8"))
        and any(map(literal.search, messages(ast.parse(source))))
    }
    assert found - set(NAMED_ONLY) == set()
    assert set(NAMED_ONLY) - found == set(), "it names none any more"


def messages(tree: ast.Module) -> Iterator[str]:
    """Yield every text of a module but those that stand alone, which are documentation."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value
