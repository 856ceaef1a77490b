"""`selfcheck action`: the steps of `action.yml`. It is not for people, so `--help` does not list it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom
from shutil import which
from time import sleep
from types import FrameType

import click

from selfcheck.actions import check as checking
from selfcheck.actions import publish as publishing
from selfcheck.actions.runner import Runner
from selfcheck.alerts.github import Gh
from selfcheck.errors import SelfcheckError


@click.group(name="action")
def command() -> None:
    """Do the steps of the GitHub Action; `action.yml` calls them in this order."""


@command.command()
def restore() -> int:
    """Read the inputs and fetch the history."""
    return _step("restore", checking.restore)


@command.command()
def check() -> int:
    """Do the run and lay out what may leave the machine."""
    return _step("check", checking.check)


@command.command()
def publish() -> int:
    """Keep the history, update the issues, and say how it went; the exit code is the job's."""
    return _step("publish", publishing.publish)


def _step(name: str, do: Callable[[Runner], int]) -> int:
    """Do a step; a failure is shown on the job's page too, where most people look."""
    runner = Runner(
        environ=os.environ,
        say=_say,
        pause=_pause,
        now=partial(datetime.now, UTC),
        github=Gh(os.environ),
        run=_run,
    )
    try:
        return do(runner)
    except SelfcheckError as error:
        runner.log.note("error", f"selfcheck: {name}", " ".join(error.lines()))
        raise


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()  # a mask must be read before what it hides


def _pause(attempt: int) -> None:
    """Wait before the next attempt, a little more or less at random, so that two do not meet again."""
    sleep(attempt * SystemRandom().uniform(0.5, 1.5))


def _run(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run `selfcheck` with these words in a process of its own, and pass it the signals that come meanwhile.

    GitHub signals only the step's own process when a job is cancelled.
    """
    program = which("selfcheck", path=environ.get("PATH"))
    start = [program] if program else [sys.executable, "-m", "selfcheck"]
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []  # what came while the child was being started

    def forward(number: int, _frame: FrameType | None) -> None:
        if children:
            children[0].send_signal(number)
        else:
            early.append(number)

    signals = [signal.SIGINT, signal.SIGTERM]
    handlers = [signal.signal(number, forward) for number in signals]
    try:
        with subprocess.Popen([*start, *words], env=dict(environ)) as child:  # noqa: S603 - ourselves
            children.append(child)
            for number in early:
                child.send_signal(number)
            return child.wait()
    finally:
        for number, handler in zip(signals, handlers, strict=True):
            signal.signal(number, handler)
