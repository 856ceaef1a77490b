"""The commands that a message tells the user to type.

A `CommandHints` is made once, where the program starts, and handed to whatever writes such a message: as
click's context object to commands, as an argument to what renders. An error that is raised far from there
takes its next step as a function of the hints (`errors.SelfcheckError`).
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

USUAL_PROFILES = "profiles.yaml"
"""The profiles file that every command takes when none is named."""


USUAL_DATA = "selfcheck-data"
"""The data folder that every command takes when none is named."""

_TAKE_DATA = frozenset(
    {"run", "watch", "status", "report", "history", "appeal", "verify", "replay", "doctor"}
)


@dataclass(frozen=True)
class CommandHints:
    """How the user called this process, so that a command in a message can be typed as it stands."""

    program: str = "selfcheck"  # or `python3 bootstrap.py`
    data: str | None = None  # the folder named with `--data`; None: the usual one

    @classmethod
    def of_arguments(cls, program: str, arguments: Sequence[str]) -> Self:
        """Return the hints for a process that was called so."""
        return cls(program, _value("--data", arguments))

    def command(self, *words: str, profiles: object = None) -> str:
        """Return a command of selfcheck for a shell; an unusual profiles file or data folder is named."""
        named = [] if profiles is None or str(profiles) == USUAL_PROFILES else ["--profiles", str(profiles)]
        if self.data not in {None, USUAL_DATA} and words and words[0] in _TAKE_DATA:
            named += ["--data", str(self.data)]
        return f"{self.program} {shlex.join((*words, *named))}"


USUAL_HINTS = CommandHints()
"""For messages that are kept for later, or for a reader who did not call this process."""


def _value(option: str, arguments: Sequence[str]) -> str | None:
    for word, following in pairwise((*arguments, "")):
        if word == option:
            return following or None
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None
