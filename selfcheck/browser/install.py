"""Installs a browser where there is none, and says each step.

First Playwright's own download, then, as root, the system's package manager. Each has a time limit, and
what fails is said and passed over: the next way is tried.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from selfcheck.core.secret_text import child_environment

_DOWNLOAD_SECONDS = 300.0
_PACKAGES_SECONDS = 900.0


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command and what it is for. `optional`: the way goes on where it fails."""

    says: str
    command: tuple[str, ...]
    seconds: float = _PACKAGES_SECONDS
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to a browser: a program that must be there, and the steps."""

    program: str
    steps: tuple[Step, ...]


def _package(says: str, *command: str, optional: bool = False) -> Step:
    return Step(says=f"Installing {says}", command=command, optional=optional)


_APT = ("apt-get", "install", "-y", "--no-install-recommends")
_SYSTEM_WAYS = (
    Way(
        program="apt-get",
        steps=(
            Step(says="Reading the list of packages", command=("apt-get", "update"), optional=True),
            _package("Chromium's headless shell", *_APT, "chromium-headless-shell", optional=True),
            _package("Chromium", *_APT, "chromium"),
            _package("the fonts that pages need", *_APT, "fonts-liberation", optional=True),
        ),
    ),
    Way(program="dnf", steps=(_package("Chromium", "dnf", "install", "-y", "chromium"),)),
    Way(program="pacman", steps=(_package("Chromium", "pacman", "-Sy", "--noconfirm", "chromium"),)),
    Way(program="apk", steps=(_package("Chromium", "apk", "add", "chromium"),)),
    Way(program="zypper", steps=(_package("Chromium", "zypper", "-n", "install", "chromium"),)),
    Way(program="xbps-install", steps=(_package("Chromium", "xbps-install", "-Sy", "chromium"),)),
)

Run = Callable[[Sequence[str], float], str | None]
"""Runs a command for at most so many seconds; returns None where it succeeded, else why not."""


def install_browser(
    *,
    say: Callable[[str], None],
    done: Callable[[], bool],
    run: Run | None = None,
    which: Callable[[str], str | None] = shutil.which,
    is_root: bool | None = None,
) -> None:
    """Try each way to a browser until `done` says that there is one."""
    run = run or _run
    is_root = _is_root() if is_root is None else is_root
    for way in ways(which=which, is_root=is_root):
        _go(way, say=say, run=run)
        if done():
            return
    if not is_root and os.name == "posix":
        say("The system's package manager was not asked: that needs the rights of root.")


def ways(*, which: Callable[[str], str | None], is_root: bool) -> tuple[Way, ...]:
    """Return the ways that are open, in their order."""
    command = (sys.executable, "-m", "playwright", "install", "chromium")
    says = "Downloading Chromium with Playwright (playwright install chromium)"
    own = Way(program=sys.executable, steps=(Step(says=says, command=command, seconds=_DOWNLOAD_SECONDS),))
    system = next((way for way in _SYSTEM_WAYS if which(way.program)), None) if is_root else None
    return (own, system) if system else (own,)


def _go(way: Way, *, say: Callable[[str], None], run: Run) -> None:
    for step in way.steps:
        say(f"{step.says} …")
        trouble = run(step.command, step.seconds)
        if trouble is not None:
            say(f"  That did not work: {trouble}")
            if not step.optional:
                return


def _run(command: Sequence[str], seconds: float) -> str | None:
    environ = {**child_environment(os.environ), "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603 - the commands are those of the table above
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return f"it was not finished after {seconds:g} seconds."
    except OSError as error:
        return f"{command[0]} could not be started ({error.strerror})."
    return None if done.returncode == 0 else _last_words(done.stdout) or f"exit code {done.returncode}."


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if line.lower().startswith(("error", "e:", "failed"))]
    return (telling or lines or [""])[-1][:200]


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
