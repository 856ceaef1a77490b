"""Secrets for a scheduled run: lines of `NAME=value` in a file of the user's own.

Laws:
1. The file is the user's: it is read, never written; nothing of it goes into a schedule, log or message.
2. Others must not be able to read it.
3. What the environment has already takes precedence.
"""

import os
import re
import stat
from pathlib import Path

from selfcheck.errors import ConfigIssue, ConfigurationError, UsageError

FILE = "secrets.env"

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.ASCII)
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
