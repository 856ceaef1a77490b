"""`selfcheck run`: look as a stranger and as the author, and compare."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import SystemRandom
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import data_option, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import BAD, Verdict

if TYPE_CHECKING:
    from selfcheck.core.request import ProfileRequest, Request
    from selfcheck.runs.post_run import Afterwards, Telling
    from selfcheck.runs.run import Finished
    from selfcheck.sessions.store import SessionStore
    from selfcheck.settings import Preferences

_PATIENCE_SECONDS = 3.0
_INTERRUPTED = 130
FORMATS = ("text", "json", "junit", "github")


class VerdictList(click.ParamType[tuple[Verdict, ...]]):
    """Verdicts with commas between them, of those that count for exit code 1."""

    name = "LIST"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Verdict, ...]:
        """Return the verdicts; fail with the nearest name on one that does not count."""
        if isinstance(value, tuple):
            return value
        words = [word.strip() for word in str(value).split(",") if word.strip()]
        unknown = [word for word in words if word not in BAD]
        if unknown or not words:
            self.fail(f"{', '.join(unknown) or 'nothing'} given; choose from {', '.join(BAD)}", param, ctx)
        return tuple(Verdict(word) for word in words)


class WholeNumber(click.IntRange):
    """A whole number in a range, said in plain words where it is none."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; fail on anything else."""
        try:
            number = int(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        return int(super().convert(number, param, ctx))


@click.command("run")
@click.argument("profiles", nargs=-1, metavar="[PROFILE]...")
@profiles_option()
@data_option()
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--browser",
    envvar="SELFCHECK_BROWSER",
    show_envvar=True,
    metavar="PATH|CHANNEL",
    help="A browser's path, or a channel such as chrome or msedge.",
)
@click.option("--headed", is_flag=True, help="Show the browser's window.")
@click.option("--anonymous-only", is_flag=True, help="Look as a stranger only; use no session.")
@click.option(
    "--again", is_flag=True, help="Look even where the platform's least interval between runs has not passed."
)
@click.option("--jobs", type=WholeNumber(min=1), metavar="N", help="Looks at once; default from the cores.")
@click.option(
    "--fail-on",
    type=VerdictList(),
    default=BAD,
    help="Which verdicts count for exit code 1; those left out do not: with them alone it is 0.",
)
@pass_hints
def command(
    hints: CommandHints,
    *,
    profiles: tuple[str, ...],
    profiles_file: Path,
    data_dir: Path,
    form: str,
    browser: str | None,
    headed: bool,
    anonymous_only: bool,
    again: bool,
    jobs: int | None,
    fail_on: tuple[Verdict, ...],
) -> int:
    """Look at each PROFILE (all, if none is named) as a stranger and as the author, and compare.

    Exit codes: 0 every profile visible; 1 one is hidden, suspended, limited or missing; 2 usage or
    configuration; 3 none of those, but one could not be told; 4 selfcheck itself failed; 130 interrupted.
    """
    from selfcheck.core.request import RunOptions
    from selfcheck.settings import default_jobs, read_configuration

    options = RunOptions(
        data_dir=data_dir,
        browser=browser,
        headed=headed,
        anonymous_only=anonymous_only,
        again=again,
        jobs=jobs or default_jobs(),
        fail_on=fail_on,
    )
    configuration = read_configuration(profiles_file)
    return run_and_show(configuration.request(profiles, options, hints), configuration.preferences, form=form)


def run_and_show(
    request: "Request",
    preferences: "Preferences | None" = None,
    *,
    form: str = "text",
    sessions: "SessionStore | None" = None,
) -> int:
    """Do the run, write its result to standard output in this form, and return the exit code.

    What is done after a run is done even where nobody reads the result any more. Without preferences (the
    demo) nobody is told anything. A program that reads JSON hears also what came of the alerts, so it waits
    for them; whoever reads along sees the verdict first.
    """
    telling = telling_of(request) if preferences else None
    finished = _with_heartbeat(request, telling, sessions)
    done: Afterwards | None = None
    last = ""
    try:
        if form != "json":
            last = _show(finished, form)
    finally:
        try:
            done = _afterwards(finished, request, preferences, telling)
        finally:
            if form == "json":
                click.echo(_json(finished, done), nl=False)
        _say(done, form)
        _stamp(finished, preferences)
    click.echo(last, nl=False)
    return finished.result.exit_code


def _show(finished: "Finished", form: str) -> str:
    """Show the result, but for what the exit code means: that is returned, to stand last of all."""
    shown, last = _formatted(finished, form), ""
    if form == "text":
        before, gap, end = shown.rstrip("\n").rpartition("\n\n")
        shown, last = before + gap[:1], f"{gap[1:]}{end}\n"
    click.echo(shown, nl=False)
    if form == "github":
        _append_summary(finished)
    return last


def telling_of(request: "Request") -> "Telling":
    """Return whom to tell, and by what means."""
    from time import sleep

    from selfcheck.alerts.configured_channels import Environment
    from selfcheck.runs.post_run import Telling
    from selfcheck.settings import read_configuration

    names = tuple(one.name for one in read_configuration(request.source).profiles) if request.source else ()
    outside = Environment.of_process(partial(click.echo, err=True), sleep)
    source = request.source or Path("profiles.yaml")
    return Telling(outside=outside, profiles=names, source=source, hints=request.hints)


def _with_heartbeat(
    request: "Request", telling: "Telling | None", sessions: "SessionStore | None"
) -> "Finished":
    """Do the run; whoever watches the watcher hears that it began, and should none come of it, that too.

    A run that is refused as too early never began: somebody looked a short time ago.
    """
    if telling is None:
        return _run(request, sessions)
    from selfcheck.alerts.heartbeat import Beat, beat, beat_of_failure
    from selfcheck.errors import TooEarlyError

    def begun() -> None:
        trouble = beat(telling.outside, Beat.START)
        if trouble:
            click.echo(trouble, err=True)

    try:
        return _run(request, sessions, begun)
    except TooEarlyError:
        raise
    except Exception as error:
        beat(telling.outside, Beat.FAIL, beat_of_failure(error))
        raise


def _afterwards(
    finished: "Finished",
    request: "Request",
    preferences: "Preferences | None",
    telling: "Telling | None",
) -> "Afterwards":
    from selfcheck.runs.post_run import afterwards
    from selfcheck.settings import Preferences

    return afterwards(
        finished,
        data_dir=request.options.data_dir,
        preferences=preferences or Preferences(),
        now=datetime.now(UTC),
        telling=telling,
    )


def _say(done: "Afterwards", form: str) -> None:
    """Say what changed and what could not be done, in a workflow as warnings beside its result."""
    from selfcheck.history.render_text import change_line

    for line in (*map(change_line, done.changes), *done.troubles):
        click.echo(line, err=True)
    if form == "github" and done.troubles:
        from selfcheck.runs.render_github import warnings

        click.echo(warnings("Alerts and history", done.troubles), nl=False)


def _json(finished: "Finished", done: "Afterwards | None") -> str:
    from selfcheck.alerts.text import alerts_document
    from selfcheck.core.run_document import RunDocument

    told = done.told if done else None
    heard = told is not None and (told.deliveries or told.dead)
    alerts = alerts_document(told.deliveries, told.dead) if told and heard else None
    return RunDocument.of(finished.result, alerts=alerts).to_json()


def _stamp(finished: "Finished", preferences: "Preferences | None") -> None:
    """Have the run stamped by the authorities of the settings; whoever interrupted it is not kept waiting."""
    if preferences is None or not preferences.evidence.timestamps:
        return
    if finished.result.exit_code == _INTERRUPTED:
        click.echo("The run was interrupted, so no time stamp was asked for.", err=True)
        return
    from selfcheck.evidence.stamps import stamp

    stamp(finished.folder, preferences.evidence.timestamps, say=partial(click.echo, err=True))


def demo_profile(name: str, handle: str) -> "ProfileRequest":
    """Return the request for one account of the demo site, with its latest stories."""
    from selfcheck.core.request import ProfileRequest

    return ProfileRequest(name=name, platform="demo", handle=handle, latest_stories=2, session=name)


def _run(
    request: "Request", sessions: "SessionStore | None", begun: Callable[[], None] = lambda: None
) -> "Finished":
    from selfcheck.cli.common import open_store
    from selfcheck.cli.progress import log_through, watcher
    from selfcheck.runs.environment import RunEnvironment
    from selfcheck.runs.run import run

    environment = RunEnvironment(
        now=partial(datetime.now, UTC),
        sleep=asyncio.sleep,
        random=SystemRandom(),
        sessions=sessions or open_store(),
        hints=request.hints,
    )
    with watcher() as shown:
        log_through(shown, debug=os.environ.get("SELFCHECK_DEBUG") == "1")
        try:
            return asyncio.run(
                _ended_once(run(request, environment=environment, progress=shown, begun=begun))
            )
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)


async def _ended_once(work: "Coroutine[object, object, Finished]") -> "Finished":
    """Do the work, so that the first Ctrl-C ends it in good order and quick further ones leave it that order.

    asyncio would raise KeyboardInterrupt at the second one, in the midst of closing the browser.
    """
    ends = signal.getsignal(signal.SIGINT)
    if callable(ends):
        signal.signal(signal.SIGINT, _FirstOnly(ends))
    return await work


class _FirstOnly:
    """Hands on the first Ctrl-C; one that comes after some seconds of waiting ends the process at once."""

    def __init__(self, ends: Callable[[int, FrameType | None], object]) -> None:
        self._ends = ends
        self._first: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._first is None:
            self._first = monotonic()
            self._ends(number, frame)
        elif monotonic() - self._first > _PATIENCE_SECONDS:
            os.write(2, b"Interrupted.\n")
            os._exit(_INTERRUPTED)


def _formatted(finished: "Finished", form: str) -> str:
    result = finished.result
    if form == "junit":
        from selfcheck.runs.render_junit import junit

        return junit(result)
    if form == "github":
        from selfcheck.runs.render_github import annotations

        return annotations(result)
    return _text(finished)


def _text(finished: "Finished") -> str:
    from shutil import get_terminal_size

    from selfcheck.runs.render_console import run_text

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = max(60, min(get_terminal_size((80, 24)).columns, 100)) if sys.stdout.isatty() else 80
    folder = str(finished.folder)
    return run_text(finished.result, folder=folder, written=finished.written, width=width, colour=colour)


def _append_summary(finished: "Finished") -> None:
    from selfcheck.runs.render_github import summary

    target = os.environ.get("GITHUB_STEP_SUMMARY")
    if target:
        with Path(target).open("a", encoding="utf-8") as file:
            file.write(summary(finished.result))
