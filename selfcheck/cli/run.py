"""`selfcheck run`: open each page logged out and as the author, and compare."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import SystemRandom
from time import monotonic, sleep
from types import FrameType
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import (
    RUN_FORMATS,
    WholeNumber,
    at_terminal,
    backup_option,
    browser_option,
    data_option,
    demo_apart,
    format_option,
    gathered,
    offer_page,
    open_store,
    pass_hints,
    profiles_option,
    show,
    terminal_width,
)
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import BAD, Verdict
from selfcheck.storage.data_folder import RUN_REPORT, DataFolder

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from selfcheck.cli.progress import PlainProgress
    from selfcheck.core.incident import Incident
    from selfcheck.core.request import Request
    from selfcheck.runs.environment import RunEnvironment
    from selfcheck.runs.run import Finished
    from selfcheck.runs.service import Alerting, PostRun
    from selfcheck.sessions.store import SessionStore
    from selfcheck.settings import Configuration, Preferences

_PATIENCE_SECONDS = 3.0
_INTERRUPTED = 130
_SETTING = "settings:\n  browser:\n    keep_clearance: "


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


@dataclass(frozen=True, kw_only=True)
class RunArguments:
    """What the user typed after `selfcheck run`."""

    profiles: tuple[str, ...]
    profiles_file: Path
    data: DataFolder
    form: str
    browser: str | None
    headed: bool
    assist: bool
    keep_clearance: bool
    anonymous_only: bool
    again: bool
    dry_run: bool
    backup_on_incident: bool
    jobs: int | None
    fail_on: tuple[Verdict, ...]
    open_report: bool | None
    progress_path: Path | None


@click.command("run")
@click.argument("profiles", nargs=-1, metavar="[PROFILE]...")
@profiles_option()
@data_option()
@format_option(*RUN_FORMATS)
@browser_option()
@click.option("--headed", is_flag=True, help="Show the browser's window.")
@click.option(
    "--assist",
    is_flag=True,
    help="Open the windows, wait where a platform checks for robots until you have passed that, and go on.",
)
@click.option(
    "--keep-clearance",
    is_flag=True,
    help="Keep the cookie in which a bot wall remembers that you passed it, encrypted, until it expires.",
)
@click.option("--anonymous-only", is_flag=True, help="Open pages logged out only; use no session.")
@click.option(
    "--again", is_flag=True, help="Run even if the platform's minimum interval between runs has not passed."
)
@click.option("--dry-run", is_flag=True, help="Say how many pages a run would open; open none.")
@backup_option()
@click.option(
    "--jobs",
    type=WholeNumber(min=1),
    metavar="N",
    help="How many pages to open at once; default: by the number of cores.",
)
@click.option(
    "--fail-on",
    type=VerdictList(),
    default=BAD,
    help="Which of hidden, suspended, limited and missing lead to exit code 1; those left out do not count.",
)
@click.option(
    "--open/--no-open",
    "open_report",
    default=None,
    help="Open the report in your browser afterwards, or do not offer it; default: ask at a terminal.",
)
@click.option(
    "--progress-file", "progress_path", type=click.Path(path_type=Path), hidden=True
)  # the web app follows it
@pass_hints
@gathered(RunArguments)
def command(hints: CommandHints, arguments: RunArguments) -> int:
    """Open the pages of each PROFILE (all, if none is named) logged out and as the author, and compare.

    Exit codes: 0 every profile visible; 1 one is hidden, suspended, limited or missing; 2 usage or
    configuration; 3 none of those, but one is inconclusive or was not checked; 4 selfcheck itself failed;
    130 interrupted.
    """
    from selfcheck.core.request import RunOptions
    from selfcheck.settings import default_jobs, read_configuration

    configuration = read_configuration(arguments.profiles_file)
    data, hints = demo_apart(hints, arguments.data, configuration.chosen(arguments.profiles))
    undecided = configuration.preferences.browser.keep_clearance is None and not arguments.keep_clearance
    asks = undecided and arguments.assist and not arguments.dry_run and at_terminal()
    options = RunOptions(
        data_dir=data.path,
        browser=arguments.browser,
        headed=arguments.headed or arguments.assist,  # a person needs the windows
        assist=arguments.assist,
        keep_clearance=arguments.keep_clearance or (asks and _may_keep_clearance()),
        anonymous_only=arguments.anonymous_only,
        again=arguments.again,
        jobs=arguments.jobs or default_jobs(),
        fail_on=arguments.fail_on,
    )
    request = configuration.request(arguments.profiles, options)
    if arguments.dry_run:
        from selfcheck.runs.run import dry_run

        show("\n".join(dry_run(request, environment_of(hints))))
        return 0
    environment = environment_of(hints)
    afterwards = _afterwards(arguments, request, environment)  # what it lacks is said before the run
    with _progress(arguments.progress_path) as progress:
        return run_in_terminal(
            request,
            environment,
            alerting_of(configuration),
            form=arguments.form,
            progress=progress,
            afterwards=afterwards,
        )


def _afterwards(
    arguments: RunArguments, request: "Request", environment: "RunEnvironment"
) -> "Callable[[Finished], None]":
    """Return what follows the run: the backup that was asked for, and the offer to open the report."""
    backup = backup_after(request, environment) if arguments.backup_on_incident else None

    def afterwards(finished: "Finished") -> None:
        if backup is not None:
            backup(finished)
        for_people = arguments.form == "text" and arguments.progress_path is None
        stopped = finished.result.exit_code == _INTERRUPTED  # who pressed Ctrl-C wants to be asked nothing
        if for_people and not stopped and RUN_REPORT in finished.written:
            offer_page(finished.folder / RUN_REPORT, wanted=arguments.open_report)

    return afterwards


def backup_after(request: "Request", environment: "RunEnvironment") -> "Callable[[Finished], object]":
    """Return what copies the stories of the profiles that a run finds bad. Raises ExtraMissingError."""
    from selfcheck.backup.service import check_installed
    from selfcheck.cli.backup_profile import back_up_bad

    check_installed()  # now, not in the night of the incident
    return partial(back_up_bad, request, environment)


def _progress(path: Path | None) -> "AbstractContextManager[PlainProgress]":
    """Return the progress that fits standard error, or one that is written to a file."""
    from contextlib import nullcontext

    from selfcheck.cli.progress import progress_file, reporter

    return nullcontext(reporter()) if path is None else progress_file(path)


def _may_keep_clearance() -> bool:
    """Ask whether walls' cookies may be kept, and say how to be asked no more."""
    click.echo("A bot wall remembers for a while that you passed it, in a cookie of its own.", err=True)
    agreed = click.confirm(
        "Keep it, encrypted, until it expires, so that later runs meet the wall less often?", err=True
    )
    answer = str(agreed).lower()
    click.echo(f"To be asked no more, put this into your profiles file:\n{_SETTING}{answer}", err=True)
    return agreed


def environment_of(hints: CommandHints, sessions: "SessionStore | None" = None) -> "RunEnvironment":
    """Return the environment of this process: its clock, its sessions, and real randomness."""
    from selfcheck.runs.environment import RunEnvironment

    return RunEnvironment(
        now=partial(datetime.now, UTC),
        sleep=asyncio.sleep,
        random=SystemRandom(),
        sessions=sessions or open_store(),
        hints=hints,
    )


def alerting_of(configuration: "Configuration") -> "Alerting":
    """Return who is alerted by this profiles file, with this process's environment and standard error."""
    from selfcheck.alerts.configured_channels import Environment
    from selfcheck.runs.service import Alerting

    return Alerting(
        configuration=configuration,
        environment=Environment.of_process(partial(click.echo, err=True), sleep),
        date_lines=_date_lines,
    )


def _date_lines(
    data: DataFolder, preferences: "Preferences", incident: "Incident", language: str, now: datetime
) -> tuple[str, ...]:
    """Import the laws only where an alert is about an incident."""
    from selfcheck.appeal.rights.service import date_lines

    return date_lines(data, preferences, incident, language, now)


def run_in_terminal(
    request: "Request",
    environment: "RunEnvironment",
    alerting: "Alerting | None" = None,
    *,
    form: str = "text",
    progress: "PlainProgress | None" = None,
    afterwards: "Callable[[Finished], object] | None" = None,
) -> int:
    """Do the run with its progress on standard error and its result on standard output; return the exit code.

    Without `alerting` (the demo) no alerts are sent. `afterwards` is called last of all.
    """
    from selfcheck.cli.progress import log_through, reporter
    from selfcheck.runs.service import check_and_record

    progress = progress or reporter()
    output = _Output(form, lambda name: environment.hints.command("login", name, profiles=request.source))

    def execute(work: "Coroutine[object, object, Finished]") -> "Finished":
        with progress:  # its moving lines are gone before the result is shown
            log_through(progress, debug=os.environ.get("SELFCHECK_DEBUG") == "1")
            try:
                return asyncio.run(_ended_once(work))
            finally:
                signal.signal(signal.SIGINT, signal.default_int_handler)

    finished = check_and_record(request, environment, progress, output, alerting=alerting, execute=execute)
    progress.ended(finished.result.run_id, finished.result.exit_code)
    click.echo(output.last, nl=False)
    if afterwards is not None:
        afterwards(finished)
    return finished.result.exit_code


class _Output:
    """Writes a run's result to standard output in one of the forms, and what came of it to standard error.

    A program that reads JSON learns also what came of the alerts, so it waits for them.
    """

    def __init__(self, form: str, login: Callable[[str], str]) -> None:
        self._form = form
        self._login = login  # the command that signs in the author of a profile
        self.last = ""  # what the exit code means, to be shown last of all

    def finished(self, finished: "Finished") -> None:
        """Show the result as soon as it stands."""
        if self._form == "text":
            before, gap, end = _text(finished, self._login).rstrip("\n").rpartition("\n\n")
            self.last = f"{gap[1:]}{end}\n"
            click.echo(before + gap[:1], nl=False)
        elif self._form == "junit":
            from selfcheck.runs.render_junit import junit

            click.echo(junit(finished.result), nl=False)
        elif self._form == "github":
            from selfcheck.runs.render_github import annotations, summary

            click.echo(annotations(finished.result), nl=False)
            if target := os.environ.get("GITHUB_STEP_SUMMARY"):
                with Path(target).open("a", encoding="utf-8") as file:
                    file.write(summary(finished.result))

    def recorded(self, finished: "Finished", post_run: "PostRun | None") -> None:
        """Show what changed and what could not be done, in a workflow as warnings beside its result."""
        if self._form == "json":
            click.echo(_json(finished, post_run), nl=False)
        if post_run is None:
            return
        from selfcheck.history.render_text import change_line

        for line in (*map(change_line, post_run.changes), *post_run.troubles, *post_run.coverage):
            show(line, err=True)
        if self._form == "github" and post_run.troubles:
            from selfcheck.runs.render_github import warnings

            click.echo(warnings("Alerts and history", post_run.troubles), nl=False)


def _json(finished: "Finished", post_run: "PostRun | None") -> str:
    from selfcheck.alerts.text import alerts_document
    from selfcheck.core.run_document import RunDocument

    alerts = None
    if post_run is not None and (post_run.alerts.deliveries or post_run.alerts.dead):
        alerts = alerts_document(post_run.alerts.deliveries, post_run.alerts.dead)
    return RunDocument.of(finished.result, alerts=alerts).to_json()


def _text(finished: "Finished", login: Callable[[str], str]) -> str:
    from selfcheck.runs.render_console import run_text

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return run_text(
        finished.result,
        folder=str(finished.folder),
        written=finished.written,
        width=terminal_width() or 80,
        colour=colour,
        login=login,
    )


async def _ended_once(work: "Coroutine[object, object, Finished]") -> "Finished":
    """Do the work; the first Ctrl-C ends it in good order, and further ones do not disturb that.

    asyncio would raise KeyboardInterrupt at the second one, while the browser is being closed.
    """
    ends = signal.getsignal(signal.SIGINT)
    if callable(ends) and threading.current_thread() is threading.main_thread():  # others cannot catch any
        signal.signal(signal.SIGINT, _FirstOnly(ends))
    return await work


class _FirstOnly:
    """Passes on the first Ctrl-C; one that comes after some seconds of waiting ends the process at once."""

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
