"""The programs that selfcheck starts and waits for, and those that show the user a file.

Laws:
1. No program gets what is meant for selfcheck alone: its environment is a `child_environment`. The one
   exception is selfcheck itself, which needs its own keys (`start_selfcheck`).
2. It is started without a shell, and standard input is closed unless something is given.
3. What it wrote is decoded as UTF-8 wherever it runs; bytes that are none become a question mark.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfcheck.core.secret_text import child_environment

_A_MOMENT = 2.0  # seconds in which an opener fails, if it does

_OPEN_PAGE = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """What a program answered."""

    code: int
    out: bytes = b""
    err: str = ""

    @property
    def text(self) -> str:
        """Return its standard output as text."""
        return self.out.decode("utf-8", "replace")


def run_program(
    words: Sequence[str],
    *,
    seconds: float,
    given: bytes | None = None,
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    user: int | None = None,
) -> CommandResult:
    """Run a program and wait for it. Raise TimeoutError after `seconds`, another OSError if it cannot start.

    `environ` takes the place of this process's environment, and is cleaned like it. `user` is the id of the
    system user that it runs as, where root starts it.
    """
    try:
        done = subprocess.run(  # noqa: S603 - without a shell; each caller's words are its own
            [*words],
            cwd=folder,
            env=child_environment(os.environ if environ is None else environ),
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            check=False,
            timeout=seconds,
            user=user,
            extra_groups=None if user is None else (),
        )
    except subprocess.TimeoutExpired:
        message = f"it did not end within {seconds:g} seconds"
        raise TimeoutError(message) from None
    err = done.stderr.decode("utf-8", "replace").strip()
    return CommandResult(code=done.returncode, out=done.stdout, err=err)


def start_selfcheck(
    words: Sequence[str], *, folder: Path, output: Path, messages: Path, environ: Mapping[str, str]
) -> "subprocess.Popen[bytes]":
    """Start a command of this selfcheck that goes on when this process ends. Raises OSError.

    It has a session of its own, so a Ctrl-C in our terminal does not reach it; what it prints goes to files.
    """
    with output.open("wb") as out, messages.open("wb") as err:
        return subprocess.Popen(  # noqa: S603 - this program itself; each word is an argument of its own
            [sys.executable, "-m", "selfcheck", *words],
            cwd=folder,
            env=dict(environ),  # not cleaned: it needs its keys and sessions
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )


def open_file(path: Path) -> bool:
    """Open a file with the user's default program; return whether one took it, as far as can be seen at once.

    On Linux `xdg-open` ends at once where there is no program or no screen, and may live as long as the
    program that it found.
    """
    opener = {"darwin": ["open"], "win32": ["rundll32", "url.dll,FileProtocolHandler"]}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own words and a path of ours
            [*opener.get(sys.platform, ["xdg-open"]), str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=child_environment(os.environ),
            start_new_session=True,
        )
        return process.wait(timeout=_A_MOMENT) == 0
    except OSError:
        return False
    except subprocess.TimeoutExpired:
        return True


def open_page(url: str) -> bool:
    """Open an address in the user's browser, and return whether one could be started.

    Python's `webbrowser` gives a browser the whole environment, so it is called in a process that has less.
    Standard input and output are left to it: the browser may be one of the terminal.
    """
    words = [sys.executable, "-I", "-c", _OPEN_PAGE, url]
    return not subprocess.run(words, env=child_environment(os.environ), check=False).returncode  # noqa: S603
