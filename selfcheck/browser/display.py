"""The display on which a browser's window opens: the user's own, or one without a screen (Xvfb).

Laws:
1. Whether there is a window is chosen before the run, and no wall changes it.
2. Xvfb is the system's own and only used where the user names it. Only this process can draw on its
   display: it listens on no network, and asks for a key that is made up for the run.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from selfcheck.core.enums import BrowserMode
from selfcheck.core.secret_text import child_environment
from selfcheck.errors import BrowserMissingError

_SCREEN = "1280x1024x24"
_ANY_HOST = 0xFFFF  # the family in an X authority file that fits every display
_KEY_NAME = b"MIT-MAGIC-COOKIE-1"
_CLOSE_SECONDS = 5.0


def check_display(
    mode: BrowserMode, *, environ: Mapping[str, str] | None = None, system: str = sys.platform
) -> None:
    """Raise BrowserMissingError where a window is asked for and there is no display to open it on."""
    environ = os.environ if environ is None else environ
    if mode is BrowserMode.XVFB and shutil.which("Xvfb", path=environ.get("PATH")) is None:
        raise BrowserMissingError(
            "Xvfb, which `display: xvfb` asks for, is not on this machine.",
            cause="It is a program of the system: the package is called xvfb on Debian and Ubuntu, and"
            " xorg-x11-server-Xvfb on Fedora.",
            next_step="Install it, or take `display` out of `settings: browser:`.",
        )
    has_one = system in {"win32", "darwin"} or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    if mode is BrowserMode.WINDOW and not has_one:
        raise BrowserMissingError(
            "There is no display here to open a window on.",
            cause="Neither DISPLAY nor WAYLAND_DISPLAY is set, as on a server or in a remote shell.",
            next_step="Run it on a computer with a screen, or add `display: xvfb` to `settings: browser:`.",
        )


@contextmanager
def display_for(mode: BrowserMode) -> Iterator[dict[str, str]]:
    """Give the variables that a browser needs to open its window; an Xvfb runs while the block does.

    Raise BrowserMissingError where it does not start.
    """
    if mode is not BrowserMode.XVFB:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="selfcheck-display-") as folder:
        authority = Path(folder) / "authority"
        authority.write_bytes(_authority(secrets.token_bytes(16)))
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", _SCREEN, "-nolisten", "tcp"]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own words
                [*command, "-auth", str(authority)],
                pass_fds=(write,),
                env=child_environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is ours: the display goes after the browser
            )
        except OSError as error:
            os.close(read)
            raise _did_not_start() from error
        finally:
            os.close(write)
        try:
            with os.fdopen(read, "rb") as pipe:
                number = pipe.readline().strip()  # written when it is ready; empty where it has ended
            if not number.isdigit():
                raise _did_not_start()
            yield {"DISPLAY": f":{number.decode()}", "XAUTHORITY": str(authority), "WAYLAND_DISPLAY": ""}
        finally:
            _end(process)


def _authority(key: bytes) -> bytes:
    """Return an X authority file with one key: a family, then address, display, name and key with lengths."""
    parts = (b"", b"", _KEY_NAME, key)
    return _ANY_HOST.to_bytes(2, "big") + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_CLOSE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _did_not_start() -> BrowserMissingError:
    return BrowserMissingError(
        "Xvfb was found but did not start.",
        cause="It may lack a part of its own, or /tmp cannot be written to.",
        next_step="Start `Xvfb :99` by hand and read what it says.",
    )
