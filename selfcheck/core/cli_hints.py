"""The commands that a message tells the user to type.

A `CommandHints` is made once, where the program starts, and handed to whatever writes such a message: as
click's context object to commands, as an argument to what renders. An error that is raised far from there
takes its next step as a function of the hints (`errors.SelfcheckError`).
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

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

    def command(self, *words: str, profiles: object = None) -> str:
        """Return a command of selfcheck for a shell; an unusual profiles file or data folder is named."""
        named = [] if profiles is None or str(profiles) == USUAL_PROFILES else ["--profiles", str(profiles)]
        if self.data not in {None, USUAL_DATA} and words and words[0] in _TAKE_DATA:
            named += ["--data", str(self.data)]
        return f"{self.program} {shlex.join((*words, *named))}"


USUAL_HINTS = CommandHints()
"""For messages that are kept for later, or for somebody else than who called this process."""

_called = ["selfcheck"]
_kept: list[str] = []


def called_as(name: str) -> None:
    """Keep how the user called selfcheck, once, at the start: `selfcheck`, `python3 bootstrap.py`."""
    _called[:] = [name]


def kept_in(data: str | None) -> None:
    """Keep which data folder the user named with `--data`, so that the commands of messages name it too."""
    _kept[:] = [] if data is None or data == USUAL_DATA else [data]


def data_named(arguments: Sequence[str]) -> str | None:
    """Return the data folder that a command line names, None where it names none."""
    for word, following in zip(arguments, (*arguments[1:], None), strict=False):
        if word == "--data":
            return following
        if word.startswith("--data="):
            return word.removeprefix("--data=")
    return None


def program() -> str:
    """Return how the user called selfcheck, as it can be typed."""
    return _called[0]


def command_line(*words: str, profiles: object = None) -> str:
    """Return a command of selfcheck that can be typed as it stands; unusual files and folders are named."""
    named = [] if profiles is None or str(profiles) == USUAL_PROFILES else ["--profiles", str(profiles)]
    if _kept and words and words[0] in _TAKE_DATA:
        named += ["--data", *_kept]
    return " ".join((program(), shlex.join((*words, *named))))
