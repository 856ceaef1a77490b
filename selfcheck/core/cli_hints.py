"""The commands that a message tells the user to type.

A `CommandHints` is made once, where the program starts, and handed to whatever writes such a message: as
click's context object to commands, as an argument to what renders. An error that is raised far from there
takes its next step as a function of the hints (`errors.SelfcheckError`).
"""

import re
import shlex
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

USUAL_PROFILES = "profiles.yaml"
"""The profiles file that every command takes when none is named."""


USUAL_DATA = "selfcheck-data"
"""The data folder that every command takes when none is named."""

_TAKE_BOTH = (
    *("run", "watch", "app", "status", "report", "history", "appeal", "backup", "verify", "doctor", "prune"),
    "impostors",
    *("schedule install", "appeal status", "appeal rights", "alerts test", "alerts send", "alerts issue"),
    *("session check", "backup import", "backup export", "backup subscribers"),
)
TAKE_PROFILES = frozenset(
    {
        *_TAKE_BOTH,
        "init",
        "login",
        "fleet plan",
        "fleet work",
        "session list",
        "session export",
        "session import",
    }
)
TAKE_DATA = frozenset(
    {
        *(
            *_TAKE_BOTH,
            "appeal checklist",
            "appeal restored",
            "history note",
            "history dismiss",
            "platforms check",
            "replay",
            "picture",
            "demo",
            "platforms check",
        ),
        *(
            f"fleet {word}"
            for word in ["init", "add", "plan", "work", "status", "collect", "forget", "drain", "stop"]
        ),
    }
)
"""The commands that take `--profiles` and `--data`; a test holds both to what click knows."""

_SUBCOMMANDS = frozenset(
    {
        *("history note", "history dismiss", "backup import", "backup export", "backup subscribers"),
        *("appeal status", "appeal rights", "appeal checklist", "appeal restored"),
    }
)
"""Commands below one that takes a word of the user's in their place."""

_COMMAND = re.compile(r"`((?:selfcheck|\S+ bootstrap\.py) [^`]+)`")

_BARE_COMMAND = re.compile(r"(?:^ *|: )((?:selfcheck|\S+ bootstrap\.py) .+)$")

_NO_BREAK = "\ue000"  # of the private use area: no message has it

_GROUPS = frozenset({"alerts", "fleet", "platforms", "schedule", "session"})


@dataclass(frozen=True)
class CommandHints:
    """How the user called this process, so that a command in a message can be typed as it stands."""

    program: str = "selfcheck"  # or `python3 bootstrap.py`
    data: str | None = None  # the folder that each command must name; None: the one that it takes anyhow
    profiles: str | None = None  # likewise the profiles file
    default_profiles: str = USUAL_PROFILES  # the file that a command takes when none is named

    def command(self, *words: str, profiles: object = None) -> str:
        """Return a command of selfcheck for a shell; an unusual profiles file or data folder is named."""
        name, named = _name(words), list[str]()
        file = self.profiles if profiles is None else str(profiles)
        if file not in {None, self.default_profiles} and name in TAKE_PROFILES:
            named += ["--profiles", str(file)]
        if self.data is not None and name in TAKE_DATA:
            named += ["--data", self.data]
        return f"{self.program} {shlex.join((*words, *named))}"


USUAL_HINTS = CommandHints()
"""For messages that are kept for later, or for a reader who did not call this process."""


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Return the text in lines of at most this width, `indent` before all but the first.

    A command in backticks stays on one line, however long, so that it can be copied and typed.
    """
    whole = re.sub(r"`[^`]*`", lambda match: match[0].replace(" ", _NO_BREAK), text)
    lines = textwrap.wrap(
        whole, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_NO_BREAK, " ") for line in lines]


def fit(text: str, width: int) -> str:
    """Return the text with its lines broken where they are too long; what follows stands further in.

    A command at the end of such a line gets a line of its own, and stays whole, as do paths and addresses.
    """
    return "\n".join(part for line in text.split("\n") for part in _fitted(line, width))


def _fitted(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    before, command = command_at_end(line)
    if not before:
        return [line]
    return [*wrapped(before, width, indent=indent), *([f"{indent}{command}"] if command else [])]


def command_at_end(line: str) -> tuple[str, str]:
    """Return what stands before the command at the end of a line, and the command; "": there is none."""
    match = _BARE_COMMAND.search(line)
    return (line[: match.start(1)].rstrip(), match[1]) if match else (line, "")


def command_parts(text: str) -> tuple[tuple[str, bool], ...]:
    """Return a message in parts, each with whether it is a command to type; those stand in backticks.

    Words in backticks that call another program, or none, are left in the sentence.
    """
    parts = enumerate(re.split(_COMMAND, text))
    return tuple((part, number % 2 == 1) for number, part in parts if part.strip(" ."))


def _name(words: Sequence[str]) -> str:
    """Return which command these words call, with its subcommand where it has one."""
    two = " ".join(words[:2])
    return two if two in _SUBCOMMANDS or words[0] in _GROUPS else words[0]
