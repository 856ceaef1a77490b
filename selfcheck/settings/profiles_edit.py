"""Changes to profiles.yaml that keep the user's comments and layout.

Laws:
1. The file is changed by a round-trip library, and replaced only if PyYAML reads from the new text exactly
   what was meant, and if every check of the file passes.
2. The file is replaced whole; one that changed meanwhile is left alone.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from selfcheck.errors import ConfigIssue, ConfigurationError, UsageError
from selfcheck.platforms.config_issues import Location
from selfcheck.settings.profiles import read_configuration
from selfcheck.settings.profiles_schema import with_editor_schema
from selfcheck.storage.files import read_whole, write_whole

_WIDEST = 10_000  # letters of a line; none is folded


def add_profile(path: Path, entry: Mapping[str, str], *, new_file: str) -> None:
    """Add a profile at the end of the list; without a file, create it as `new_file`, with its schema.

    Raise ConfigurationError where the file has mistakes then, UsageError where the name is taken.
    """
    if not path.exists():
        check_text(path, new_file)  # before anything is put beside it
        write_checked(path, None, with_editor_schema(path, new_file))
        return
    names = [profile.name for profile in read_configuration(path).profiles]
    if entry["name"] in names:
        raise UsageError(
            f"{path} has a profile called `{entry['name']}` already.", next_step="Choose another name for it."
        )
    add_profiles(path, [entry])


def add_profiles(path: Path, entries: Sequence[Mapping[str, str]]) -> None:
    """Add profiles at the end of the list of a file that is there, all of them or none.

    Raise ConfigurationError where the file has mistakes then.
    """

    def append(document: Any) -> None:
        document["profiles"].extend(dict(entry) for entry in entries)

    edit(path, append)


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change the file by a function that is given what it holds, as lists and mappings.

    Raise ConfigurationError where the file has mistakes then; it stays as it was.
    """
    before = read_whole(path)
    write_checked(path, before, edited(before.decode("utf-8-sig"), change))


def edited(text: str, change: Callable[[Any], None]) -> str:
    """Return the text with the change made, its comments kept. Raise UsageError where that cannot be done."""
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - costs time, and most commands do without

    meant = changed = None
    # LookupError: a key comes from a mapping that is merged in by `<<`. ValueError: a number of 5,000 digits.
    with suppress(YAMLError, yaml.YAMLError, LookupError, ValueError):
        meant = yaml.safe_load(text)
        change(meant)
        changed = _rewritten(text, change)
    if changed is None or yaml.safe_load(changed) != meant:
        raise UsageError(
            "The file cannot be changed without changing more than was asked for.",
            cause="It is written in a way that the library does not keep.",
            next_step="Make this change in the file yourself.",
        )
    return changed


def _rewritten(text: str, change: Callable[[Any], None]) -> str:
    """Return the text with the change made, as the round-trip library writes it."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - as above
    from ruamel.yaml.representer import RoundTripRepresenter  # noqa: PLC0415
    from ruamel.yaml.util import load_yaml_guess_indent  # noqa: PLC0415

    class Representer(RoundTripRepresenter):
        """The library's own, but for text that PyYAML would take for something else."""

    Representer.add_representer(str, _quoted_where_needed)

    writer = YAML()
    writer.Representer = Representer
    writer.preserve_quotes = True
    writer.width = _WIDEST
    _, indent, offset = load_yaml_guess_indent(text)
    writer.indent(mapping=2, sequence=indent or 4, offset=offset if offset is not None else 2)
    document = writer.load(text)
    change(document)
    output = StringIO()
    writer.dump(document, output)
    return output.getvalue()


def removed(text: str, location: Location) -> str:
    """Return the text without the value at this location, and without lists and sections that are empty then.

    All comments stay but those on its own lines. Raise UsageError where that cannot be done.
    """
    meant = yaml.safe_load(text)
    while len(location) > 1 and len(_at(meant, location[:-1])) == 1:
        location = location[:-1]

    def remove(document: Any) -> None:
        del _at(document, location[:-1])[location[-1]]

    remove(meant)
    lines, (first, last) = text.splitlines(keepends=True), _own_lines(text, location)
    shorter = "".join([*lines[:first], *lines[last + 1 :]])
    with suppress(yaml.YAMLError):
        if yaml.safe_load(shorter) == meant:
            return shorter
    return edited(text, remove)  # it shares a line with something else


def _at(document: Any, location: Location) -> Any:
    for part in location:
        document = document[part]
    return document


def _own_lines(text: str, location: Location) -> tuple[int, int]:
    """Return the first and the last line of a value with its key, counted from 0, no comment after it."""
    node: Any = yaml.compose(text, yaml.SafeLoader)
    first = 0
    for part in location:
        if isinstance(node, yaml.MappingNode):
            key, node = next((key, value) for key, value in node.value if key.value == str(part))
            first = key.start_mark.line
        else:
            node = node.value[part]
            first = node.start_mark.line
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    end = node.end_mark
    return first, end.line - (end.column == 0 and end.line > first)


def _quoted_where_needed(representer: Any, text: str) -> Any:
    """Write text in quotes where PyYAML would take it for something else, such as `on` or `22:00`."""
    resolver: Any = yaml.resolver.Resolver()
    kind = resolver.resolve(yaml.ScalarNode, text, (True, False))
    is_text = kind == "tag:yaml.org,2002:str"
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_text else '"')


def write_checked(path: Path, before: bytes | None, text: str) -> None:
    """Write the file, if it passes every check and is still what it was; `before` is None for a new one.

    Raise ConfigurationError, UsageError, StorageError.
    """
    check_text(path, text)
    now = read_whole(path) if path.exists() else None
    if now != before:
        raise UsageError(f"{path} was changed meanwhile; it was left as it is.", next_step="Try again.")
    write_whole(path, text.encode())


def check_text(path: Path, text: str) -> None:
    """Check a text as if it stood in the file. Raise ConfigurationError with every mistake in it."""
    beside = path.with_name(f".{secrets.token_hex(6)}.yaml")  # in its folder: it names others relative to it
    write_whole(beside, text.encode(), 0o600)
    try:
        read_configuration(beside)
    except ConfigurationError as error:
        raise ConfigurationError(tuple(_of(path, beside, issue) for issue in error.mistakes)) from None
    finally:
        beside.unlink(missing_ok=True)


def _of(path: Path, beside: Path, issue: ConfigIssue) -> ConfigIssue:
    file = str(path) if beside.name in issue.file else issue.file
    return ConfigIssue(
        file=file,
        line=issue.line,
        where=issue.where,
        actual=issue.actual,
        expected=issue.expected,
        hint=issue.hint,
    )
