"""A program that runs beside the test: started, waited for by what it says, and never left behind."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def started(
    command: Sequence[str], environ: Mapping[str, str], folder: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Give the running program, its two outputs as one; it leads a group, as one that a shell started.

    One that still runs at the end of the block, as after a failure, is killed.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def wait_for(running: subprocess.Popen[str], words: str) -> str:
    """Read what the program says up to a line with these words, and return it."""
    assert running.stdout is not None
    text = ""
    for line in running.stdout:
        text += line
        if words in line:
            return text
    pytest.fail(text)


def rest_of(running: subprocess.Popen[str]) -> str:
    """Return what is still said; a program that does not end is ended, so that the test fails at once."""
    try:
        return running.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        raise
