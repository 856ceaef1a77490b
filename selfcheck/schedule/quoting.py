"""How a word is written so that a scheduler takes it as it is: spaces, quotes, `%`, `$` and backslashes.

What cannot be written in any of them (control characters) is refused before; see `unwritable`.
"""

import re
import shlex
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w@+=:,./-]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_EXPANDED_BY_WINDOWS = re.compile(r"%[^%]+%|\$\(")


def unwritable(texts: Iterable[str]) -> str | None:
    """Return the first text that no scheduler's file can hold: with control characters, or no Unicode."""
    return next((text for text in texts if _CONTROL.search(text)), None)


def expanded_by_windows(texts: Iterable[str]) -> str | None:
    """Return the first text in which the Task Scheduler would see a variable; nothing can keep it from it."""
    return next((text for text in texts if _EXPANDED_BY_WINDOWS.search(text)), None)


def cron_words(words: Iterable[str]) -> str:
    r"""Return the words as the command of a crontab's line: quoted for the shell, each `%` escaped for cron.

    Cron takes `\%` for `%` only where no backslash stands before it; so a backslash of the word's own ends
    its quotes first.
    """
    return shlex.join(words).replace("\\%", "\\''%").replace("%", "\\%")


def systemd_words(words: Iterable[str]) -> str:
    """Return the words for `ExecStart=`, where `%` is a specifier and `$` a variable.

    In the path of the program itself `$` is none and cannot be escaped; so such a one goes through env.
    """
    given = tuple(words)
    if "$" in given[0]:
        given = ("/usr/bin/env", *given)
    return " ".join(_systemd_word(word).replace("$", "$$") for word in given)


def systemd_variable(name: str, value: str) -> str:
    """Return a variable for `Environment=`."""
    return _systemd_word(f"{name}={value}")


def systemd_path(path: str) -> str:
    """Return a path for a setting that takes one to the end of the line."""
    return path.replace("%", "%%")


def _systemd_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return word if _PLAIN.fullmatch(word) else f'"{escaped}"'


def windows_words(words: Iterable[str]) -> str:
    """Return the words as one command line, as programs on Windows take theirs apart."""
    return " ".join(map(_windows_word, words))


def _windows_word(word: str) -> str:
    """Quote a word: backslashes count double where they stand before a quote, the closing one too."""
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    if escaped and not re.search(r"[ \t]", escaped):
        return escaped
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
