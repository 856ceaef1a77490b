"""Changes to profiles.yaml that keep the user's comments and layout.

Laws:
1. The file is changed by a round-trip library, and replaced only if PyYAML reads from the new text exactly
   what was meant, and if every check of the file passes.
2. The file is replaced whole; one that changed meanwhile is left alone.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from selfcheck.errors import ConfigIssue, ConfigurationError, UsageError
from selfcheck.settings.profiles import read_configuration
from selfcheck.storage.files import read_whole, write_whole

_WIDEST = 10_000  # letters of a line; none is folded


def add_profile(path: Path, entry: Mapping[str, str], *, new_file: str) -> None:
    """Add a profile at the end of the list; without a file, create it with the text `new_file`.

    Raise ConfigurationError where the file has mistakes then, UsageError where the name is taken.
    """
    if not path.exists():
        write_checked(path, None, new_file)
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
    from ruamel.yaml import YAML  # noqa: PLC0415 - costs time, and most commands do without
    from ruamel.yaml.util import load_yaml_guess_indent  # noqa: PLC0415

    meant = yaml.safe_load(text)
    change(meant)
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = _WIDEST
    _, indent, offset = load_yaml_guess_indent(text)
    writer.indent(mapping=2, sequence=indent or 4, offset=offset if offset is not None else 2)
    document = writer.load(text)
    change(document)
    output = StringIO()
    writer.dump(document, output)
    if yaml.safe_load(output.getvalue()) != meant:
        raise UsageError(
            "The file cannot be changed without changing more than was asked for.",
            cause="It is written in a way that the library does not keep.",
            next_step="Make this change in the file yourself.",
        )
    return output.getvalue()


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
