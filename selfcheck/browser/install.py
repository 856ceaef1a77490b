"""Installs a browser where there is none, and says each step.

First Playwright's own download, then, as root, the system's package manager. Each has a time limit, and where
one fails that is said and the next one is tried.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from selfcheck.storage.child_process import run_program

_DOWNLOAD_SECONDS = 300.0
_PACKAGES_SECONDS = 900.0


@dataclass(frozen=True, kw_only=True)
class InstallStep:
    """One command and what it is for. `optional`: the next step is tried even where it fails."""

    message: str
    command: tuple[str, ...]
    seconds: float = _PACKAGES_SECONDS
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class InstallMethod:
    """A way to install a browser: a program that must be there, and the steps."""

    program: str
    steps: tuple[InstallStep, ...]


def _package(what: str, *command: str, optional: bool = False) -> InstallStep:
    return InstallStep(message=f"Installing {what}", command=command, optional=optional)


_APT = ("apt-get", "install", "-y", "--no-install-recommends")
_PACKAGE_MANAGERS = (
    InstallMethod(
        program="apt-get",
        steps=(
            InstallStep(message="Reading the list of packages", command=("apt-get", "update"), optional=True),
            _package("Chromium's headless shell", *_APT, "chromium-headless-shell", optional=True),
            _package("Chromium", *_APT, "chromium"),
            _package("the fonts that pages need", *_APT, "fonts-liberation", optional=True),
        ),
    ),
    InstallMethod(program="dnf", steps=(_package("Chromium", "dnf", "install", "-y", "chromium"),)),
    InstallMethod(
        program="pacman", steps=(_package("Chromium", "pacman", "-Sy", "--noconfirm", "chromium"),)
    ),
    InstallMethod(program="apk", steps=(_package("Chromium", "apk", "add", "chromium"),)),
    InstallMethod(program="zypper", steps=(_package("Chromium", "zypper", "-n", "install", "chromium"),)),
    InstallMethod(program="xbps-install", steps=(_package("Chromium", "xbps-install", "-Sy", "chromium"),)),
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
    """Try each way to install a browser until `done` says that there is one."""
    run = run or _run
    if is_root is None:
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    for method in install_methods(which=which, is_root=is_root):
        _follow(method, say=say, run=run)
        if done():
            return
    if not is_root and os.name == "posix":
        say("The system's package manager was not tried: that needs root.")


def install_methods(*, which: Callable[[str], str | None], is_root: bool) -> tuple[InstallMethod, ...]:
    """Return the methods that are possible here, in their order."""
    command = (sys.executable, "-m", "playwright", "install", "chromium")
    message = "Downloading Chromium with Playwright (playwright install chromium)"
    own = InstallMethod(
        program=sys.executable,
        steps=(InstallStep(message=message, command=command, seconds=_DOWNLOAD_SECONDS),),
    )
    system = (
        next((method for method in _PACKAGE_MANAGERS if which(method.program)), None) if is_root else None
    )
    return (own, system) if system else (own,)


def _follow(method: InstallMethod, *, say: Callable[[str], None], run: Run) -> None:
    for step in method.steps:
        say(f"{step.message} …")
        error = run(step.command, step.seconds)
        if error is not None:
            say(f"  That did not work: {error}")
            if not step.optional:
                return


def _run(command: Sequence[str], seconds: float) -> str | None:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = run_program(command, seconds=seconds, environ=environ)
    except TimeoutError:
        return f"it was not finished after {seconds:g} seconds."
    except OSError as error:
        return f"{command[0]} could not be started ({error.strerror})."
    output = f"{done.text}\n{done.err}"
    return None if done.code == 0 else _last_words(output) or f"exit code {done.code}."


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "e:", "failed"))]
    return (errors or lines or [""])[-1][:200]
