"""The commands that a message tells the user to type."""

import shlex

USUAL_PROFILES = "profiles.yaml"
"""The profiles file that every command takes when none is named."""


_called = ["selfcheck"]


def called_as(name: str) -> None:
    """Keep how the user called selfcheck, once, at the start: `selfcheck`, `python3 bootstrap.py`."""
    _called[:] = [name]


def program() -> str:
    """Return how the user called selfcheck, as it can be typed."""
    return _called[0]


def command_line(*words: str, profiles: object = None) -> str:
    """Return a command of selfcheck that can be typed as it stands; an unusual profiles file is named."""
    named = [] if profiles is None or str(profiles) == USUAL_PROFILES else ["--profiles", str(profiles)]
    return " ".join((program(), shlex.join((*words, *named))))
