"""Secrets for a scheduled run: lines of `NAME=value` in a file of the user's own.

Laws:
1. The file is the user's. It is changed only where they set or remove one secret in the app: that line, and
   no other. Nothing of it goes into a schedule, log or message.
2. Others must not be able to read it.
3. What the environment has already takes precedence.
"""

import os
import re
import stat
from pathlib import Path

from selfcheck.errors import ConfigIssue, ConfigurationError, UsageError
from selfcheck.storage.files import make_private_folder, storage_error, write_private

FILE = "secrets.env"

# No environment takes a value with a zero byte: a run would end there before it looked at anything.
_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)=(?P<value>[^\0]*)", re.ASCII)
_QUOTED = re.compile(r"""(["'])(.*)\1""")


def usual_secrets() -> Path:
    """Return the file that is read where none is named: `secrets.env` in the user's config folder."""
    from platformdirs import user_config_path  # noqa: PLC0415 - costs time, and most commands do without

    return user_config_path("selfcheck", appauthor=False) / FILE


def read_secrets(path: Path) -> dict[str, str]:
    """Return the variables of the file. Raises UsageError, which repeats no value."""
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The file of secrets, {path}, cannot be read.",
            cause="It is not text." if isinstance(error, ValueError) else f"{error.strerror or error}.",
            next_step="Fix that, or name another with --secrets.",
        ) from error
    if os.name == "posix" and stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            f"Other users of this machine can read the secrets in {path}.",
            next_step=f"Take their permission away: chmod 600 {path}",
        )
    return variables(text, source=str(path))


def variables(text: str, *, source: str) -> dict[str, str]:
    """Return what the lines say; empty ones and those that begin with `#` are comments."""
    values, mistakes = {}, []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        match = _LINE.fullmatch(bare)
        if match is None:
            mistakes.append(
                ConfigIssue(
                    file=source,
                    line=number,
                    where="",
                    actual="something else",
                    expected="NAME=value, with a name of letters, digits and _",
                )
            )
            continue
        values[match["name"]] = _QUOTED.sub(r"\2", match["value"].strip())
    if mistakes:
        raise ConfigurationError(tuple(mistakes))
    return values


def put_secret(path: Path, name: str, value: str) -> None:
    """Set a variable of the file, which is made where there is none; its other lines stay as they are.

    Raises UsageError where the value cannot be written on one line, or the file is not private, StorageError.
    """
    line = f'{name}="{value}"'
    try:
        kept = variables(line, source=str(path)) == {name: value}
    except ConfigurationError:
        kept = False
    if not kept:
        raise UsageError(f"The value of {name} cannot be kept: it must be one line of text.")
    _write(path, [*_lines_without(path, name), line])


def remove_secret(path: Path, name: str) -> bool:
    """Remove a variable from the file; return whether it was there. Raises UsageError, StorageError."""
    if not path.exists() or name not in read_secrets(path):
        return False
    _write(path, _lines_without(path, name))
    return True


def _lines_without(path: Path, name: str) -> list[str]:
    """Return the lines of the file but for those that set this variable; none where there is no file."""
    if not path.exists():
        return []
    read_secrets(path)  # so that a file with mistakes, or that others can read, is left alone
    lines = path.read_text(encoding="utf-8").splitlines()
    matches = ((line, _LINE.fullmatch(line.strip())) for line in lines)
    return [line for line, match in matches if match is None or match["name"] != name]


def _write(path: Path, lines: list[str]) -> None:
    try:
        if not path.parent.exists():
            make_private_folder(path.parent)
        write_private(path, "".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        raise storage_error(path, error) from error
