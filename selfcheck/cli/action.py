"""`selfcheck action`: the steps of `action.yml`. No command for people, so `--help` does not list it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from shutil import which
from types import FrameType
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from selfcheck.actions.job import Host


@click.group(name="action")
def command() -> None:
    """Do the steps of the GitHub Action; `action.yml` calls them in this order."""


@command.command()
def begin() -> int:
    """Read the inputs and fetch the history."""
    from selfcheck.actions.job import begin

    return _step("begin", begin)


@command.command()
def look() -> int:
    """Do the run and lay out what may leave the machine."""
    from selfcheck.actions.job import look

    return _step("look", look)


@command.command()
def keep() -> int:
    """Keep the history."""
    from selfcheck.actions.publish import keep

    return _step("keep the history", keep)


@command.command()
def tell() -> int:
    """Bring the issues up to date."""
    from selfcheck.actions.publish import tell

    return _step("issues", tell)


@command.command()
def end() -> int:
    """Say how it went; the exit code is the job's."""
    from selfcheck.actions.publish import end

    return _step("end", end)


def _step(name: str, do: "Callable[[Host], int]") -> int:
    """Do a step; a failure is said on the job's page too, where most people look."""
    from selfcheck.errors import SelfcheckError

    host = _host()
    try:
        return do(host)
    except SelfcheckError as error:
        host.note("error", f"selfcheck: {name}", " ".join(error.lines()))
        raise


def _host() -> "Host":
    from selfcheck.actions.job import Host
    from selfcheck.alerts.github import Gh

    return Host(
        environ=os.environ,
        say=_say,
        pause=_pause,
        now=partial(datetime.now, UTC),
        ask=Gh(os.environ),
        start=_start,
    )


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()  # a mask must be read before what it hides


def _pause(attempt: int) -> None:
    """Wait before the next attempt, by chance a little more or less, so that two do not meet again."""
    from random import SystemRandom
    from time import sleep

    sleep(attempt * SystemRandom().uniform(0.5, 1.5))


def _start(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do `selfcheck` with these words in a process of its own, and hand it the signals that come meanwhile.

    GitHub tells the step's process alone that a job is cancelled.
    """
    program = which("selfcheck", path=environ.get("PATH"))
    called = [program] if program else [sys.executable, "-m", "selfcheck"]
    with subprocess.Popen([*called, *words], env=dict(environ)) as child:  # noqa: S603 - ourselves

        def hand_on(number: int, _frame: FrameType | None) -> None:
            if child.poll() is None:
                child.send_signal(number)

        heard = [signal.SIGINT, signal.SIGTERM]
        before = [signal.signal(one, hand_on) for one in heard]
        try:
            return child.wait()
        finally:
            for one, handler in zip(heard, before, strict=True):
                signal.signal(one, handler)
