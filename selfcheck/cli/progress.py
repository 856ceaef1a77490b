"""Progress on standard error: a line per profile that says what is done for it now.

On a terminal the lines move, and one says how far the run is; elsewhere each page is a line of its own.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from selfcheck.core.times import exact_duration
from selfcheck.core.verdict import ProfileVerdict

if TYPE_CHECKING:
    from rich.progress import TaskID

_TOO_FEW = 1  # page views from which nothing can be told about the others


class PlainProgress:
    """Shows each page and each verdict in a plain line."""

    def __enter__(self) -> Self:
        """Begin; nothing is shown yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; nothing is left to tidy up."""

    def say(self, text: str) -> None:
        """Show a message about the run as a whole."""
        click.echo(text, err=True)

    def expect(self, views: int) -> None:
        """Show nothing of it."""

    def opening(self, views: int) -> None:
        """Show nothing of it."""

    def ended(self, run_id: str, exit_code: int) -> None:
        """Show nothing of it: the result says so."""

    def looking(self, profile: str, text: str) -> None:
        """Show what is done for this profile now."""
        click.echo(f"{profile}: {text}", err=True)

    def done(self, verdict: ProfileVerdict) -> None:
        """Show the verdict."""
        click.echo(f"{verdict.name}: {verdict.verdict}", err=True)

    def failed(self, profile: str, text: str) -> None:
        """Show that selfcheck failed on this profile."""
        click.echo(f"{profile}: {text}", err=True)


class FileProgress(PlainProgress):
    """Writes each step as a line of JSON, for a program that shows how the run goes on."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._write("begun", pid=os.getpid())

    def _write(self, event: str, **values: object) -> None:
        line = json.dumps({"event": event, "at": datetime.now(UTC).isoformat(), **values})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def expect(self, views: int) -> None:
        """Write how many page views there will be at most."""
        self._write("expected", views=views)

    def opening(self, views: int) -> None:
        """Write that a page is opened."""
        self._write("opening", views=views)

    def ended(self, run_id: str, exit_code: int) -> None:
        """Write that the run ended, after all that follows it."""
        self._write("ended", run_id=run_id, exit_code=exit_code)

    def say(self, text: str) -> None:
        """Write a message about the run as a whole."""
        self._write("say", text=text)

    def looking(self, profile: str, text: str) -> None:
        """Write what is done for this profile now."""
        self._write("looking", profile=profile, text=text)

    def done(self, verdict: ProfileVerdict) -> None:
        """Write the verdict."""
        self._write("done", profile=verdict.name, text=str(verdict.verdict))

    def failed(self, profile: str, text: str) -> None:
        """Write that selfcheck failed on this profile."""
        self._write("failed", profile=profile, text=text)


@contextmanager
def progress_file(path: Path) -> Iterator[FileProgress]:
    """Write progress to this file; its lock is held until the block ends, so others see that it runs."""
    from selfcheck.storage.lock import best_effort_lock

    with best_effort_lock(path.with_name(f"{path.name}.lock")):
        yield FileProgress(path)


@dataclass(kw_only=True)
class PageCount:
    """How many page views a run had, of how many at most, and since when (seconds of any clock)."""

    most: int
    began: float
    opened: int = 0

    def in_words(self, now: float) -> str:
        """Return the count and, once two were opened, about how long the others take."""
        text = f"page view {self.opened} of at most {max(self.most, self.opened)}"
        if self.opened <= _TOO_FEW:
            return text
        left = (now - self.began) / (self.opened - 1) * max(0, self.most - self.opened)
        return f"{text}, {exact_duration(timedelta(seconds=round(left)))} left at most" if left >= 1 else text


class LiveProgress(PlainProgress):
    """Keeps one moving line per profile on a terminal."""

    def __init__(self) -> None:
        super().__init__()
        from time import monotonic

        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._clock = monotonic
        self._count: PageCount | None = None

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[profile]}", style="bold", markup=False),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._lines: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Begin to show the lines."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the lines away again."""
        self._progress.stop()

    def say(self, text: str) -> None:
        """Show a message above the lines."""
        self._progress.console.print(text, markup=False, highlight=False)

    def expect(self, views: int) -> None:
        """Begin a line for the run as a whole."""
        self._count = PageCount(most=views, began=self._clock())

    def opening(self, views: int) -> None:
        """Show how many page views there were of those expected, and about how long the rest takes."""
        if self._count is not None:
            self._count.opened += views
            self._progress.update(self._line("all"), description=self._count.in_words(self._clock()))

    def looking(self, profile: str, text: str) -> None:
        """Show on the profile's line what is done now."""
        self._progress.update(self._line(profile), description=text)

    def done(self, verdict: ProfileVerdict) -> None:
        """Show the verdict on the profile's line."""
        self._progress.update(
            self._line(verdict.name), description=str(verdict.verdict), total=1, completed=1
        )

    def failed(self, profile: str, text: str) -> None:
        """Show above the lines that selfcheck failed on this profile."""
        self.say(f"{profile}: {text}")
        self._progress.update(self._line(profile), description="failed", total=1, completed=1)

    def _line(self, profile: str) -> "TaskID":
        if profile not in self._lines:
            self._lines[profile] = self._progress.add_task("", total=None, profile=profile)
        return self._lines[profile]


def reporter() -> PlainProgress:
    """Return the progress reporter that fits standard error."""
    return LiveProgress() if sys.stderr.isatty() else PlainProgress()


def log_through(progress: PlainProgress, *, debug: bool) -> None:
    """Show the log through the reporter, so that it never tears the moving lines apart."""
    from loguru import logger

    logger.remove()
    logger.add(
        lambda line: progress.say(line.rstrip()),
        level="DEBUG" if debug else "WARNING",
        format="{message}",
        diagnose=False,  # the values of variables may be secrets
    )
