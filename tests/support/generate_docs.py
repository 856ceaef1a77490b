"""Rewrites the generated parts of the documents: `python tests/support/generate_docs.py`.

A part stands between `<!-- generated: WHAT -->` and `<!-- /generated -->`, where WHAT is one of
- `help [COMMAND [SUBCOMMAND]]`: what `selfcheck COMMAND --help` prints;
- `rules LAYER`: all that the judge's table says of the rules in this layer;
- `platforms`: what can be told of each shipped platform, on whose word;
- `platforms in short`: the same by what can be told, without dates;
- `file PATH`: a file of the project, word for word.
`tests/cli/test_docs.py` fails while a document differs from what this would write. The JSON Schema of
`run.json` is made here too; `tests/core/test_run_document.py` holds it to its model.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
from click.testing import CliRunner

from selfcheck.cli import COMMANDS, cli
from selfcheck.core.run_document import run_schema
from selfcheck.judge.rules import RULES, Layer, Rule
from selfcheck.platforms.catalogue import load_platform, shipped_names
from selfcheck.platforms.knowledge import HEADS, Ability, abilities, table_row
from selfcheck.platforms.schema import Platform

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    "README.md",
    "docs/commands.md",
    "docs/platforms.md",
    "docs/rules.md",
    "docs/platform-files.md",
)
WIDTH = 78  # as in a terminal of 80 columns

_PART = re.compile(
    r"(?P<head><!-- generated: (?P<what>[^>]+?) -->\n).*?(?P<foot><!-- /generated -->)", re.DOTALL
)
_FENCES = {".yaml": "yaml", ".md": "markdown"}


def generated(text: str) -> str:
    """Return the document with each generated part as it must be now."""
    return _PART.sub(lambda part: f"{part['head']}\n{_made(part['what'])}\n\n{part['foot']}", text)


def parts_of(text: str) -> tuple[str, ...]:
    """Return what each generated part of the document is made of, in order."""
    return tuple(part["what"] for part in _PART.finditer(text))


def _made(what: str) -> str:
    kind, _, rest = what.partition(" ")
    if kind == "help":
        return _fenced(help_of(tuple(rest.split())), "text")
    if kind == "rules":
        return rules_text(rule for rule in RULES if rule.layer is Layer[rest.upper()])
    if kind == "platforms":
        return platforms_in_short() if rest else platforms_table()
    if kind == "file":
        path = ROOT / rest
        return _fenced(path.read_text(encoding="utf-8"), _FENCES.get(path.suffix, "text"))
    message = f"There is no way to generate `{what}`."
    raise ValueError(message)


def _fenced(text: str, language: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def help_of(words: tuple[str, ...]) -> str:
    """Return what a command prints for --help, at a fixed width."""
    shown = CliRunner().invoke(cli, [*words, "--help"], prog_name="selfcheck", terminal_width=WIDTH)
    if shown.exit_code:
        raise ValueError(shown.output)
    return shown.output


def command_words() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and subcommand, `selfcheck` itself first."""
    yield ()
    for name in COMMANDS:
        yield (name,)
        command = cli.get_command(click.Context(cli), name)
        if isinstance(command, click.Group):
            yield from ((name, sub) for sub in command.commands)


def rules_text(rules: Iterable[Rule]) -> str:
    """Return all that the table says of these rules, in their order."""
    return "\n\n".join(_rule(rule) for rule in rules)


def _rule(rule: Rule) -> str:
    parts = (f"- {label}: {said}" for label, said in rule.described() if label != "Rule")
    return "\n".join((f"### `{rule.id}`", *parts))


def platforms_table() -> str:
    """Return what can be told of each shipped platform, as a table of Markdown."""
    return _table(HEADS, [table_row(platform) for platform in shipped_platforms()])


def platforms_in_short() -> str:
    """Return what can be told, and of which platforms that is confirmed or not, as a table of Markdown."""
    told = {platform.title: abilities(platform) for platform in shipped_platforms()}

    def titles(ability: Ability, *, confirmed: bool) -> str:
        known = {title: row[ability] for title, row in told.items()}
        return ", ".join(title for title, one in known.items() if one and (one.tag == "C") is confirmed)

    rows = [
        (ability.value, titles(ability, confirmed=True), titles(ability, confirmed=False) or "none")
        for ability in Ability
    ]
    nothing = ", ".join(title for title, row in told.items() if not any(row.values()))
    return f"{_table(('what', 'confirmed', 'reported or guessed'), rows)}\n\nNothing of these: {nothing}."


def shipped_platforms() -> list[Platform]:
    """Return the shipped platforms but the demo, in the order of their titles."""
    platforms = [load_platform(name) for name in shipped_names() if name != "demo"]
    return sorted(platforms, key=lambda platform: platform.title.casefold())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, ("---",) * len(heads), *rows))


def main() -> None:
    """Rewrite the documents that have generated parts."""
    for name in DOCUMENTS:
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = generated(before)
        if after != before:
            path.write_text(after, encoding="utf-8", newline="\n")
        click.echo(f"{'rewritten' if after != before else 'unchanged'}  {name}")
    (ROOT / "selfcheck" / "core" / "run.schema.json").write_text(run_schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
