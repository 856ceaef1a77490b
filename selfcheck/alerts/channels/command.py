"""The user's own program as a channel: the notice as JSON on its standard input.

Laws:
1. Exit code 0 means that it arrived; any other, or a program that runs longer than allowed, that it did not.
2. What the program writes is thrown away: it may hold what is secret.
3. It is started without a shell, and without the variables that are meant for selfcheck alone.
"""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from shutil import which

from selfcheck.alerts.notice import AlertMessage, SentNotice
from selfcheck.core.secret_text import child_environment


class Command:
    """One program and its arguments."""

    def __init__(self, words: Sequence[str], *, seconds: float, environ: Mapping[str, str]) -> None:
        self._words = list(words)
        self._seconds = seconds
        self._environ = child_environment(environ)

    def trouble(self) -> str | None:
        """Return whether the program is missing, or may not be started."""
        name = self._words[0]
        return None if which(name, path=self._environ.get("PATH")) else f"the program {name} was not found"

    def send(self, message: AlertMessage) -> SentNotice:
        """Start the program and pass it the notice."""
        document = {**message.document, "picture": str(message.picture) if message.picture else None}
        data = json.dumps(document, ensure_ascii=False).encode() + b"\n"
        try:
            process = self._started()
        except OSError as error:
            why = error.strerror or type(error).__name__
            return SentNotice(ok=False, detail=f"{self._words[0]} could not be started: {why}", again=False)
        return self._ended(process, data)

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - the user's own program, by the user's own words
            self._words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environ,
            start_new_session=os.name == "posix",
        )

    def _ended(self, process: "subprocess.Popen[bytes]", data: bytes) -> SentNotice:
        try:
            process.communicate(data, timeout=self._seconds)
        except subprocess.TimeoutExpired:
            return SentNotice(
                ok=False, detail=f"it did not end within {self._seconds:g} seconds", again=False
            )
        finally:
            _end(process)
        code = process.returncode
        return (
            SentNotice(ok=True)
            if code == 0
            else SentNotice(ok=False, detail=f"it ended with exit code {code}")
        )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a program that still runs, with everything that it started."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
