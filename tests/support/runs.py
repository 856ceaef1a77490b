"""Whole runs, without the command line, for the tests that need a real browser."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from unittest.mock import patch

from selfcheck.browser.page_load import PageLoad
from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.demo.states import DemoState
from selfcheck.runs.environment import NoProgress, RunEnvironment
from selfcheck.runs.run import Finished, run
from selfcheck.sessions.store import SessionStore

INKWELL = "http://inkwell.invalid"


def environment(folder: Path) -> RunEnvironment:
    """An environment with a real clock, no saved session and no waiting."""

    async def at_once(_seconds: float) -> None:
        return None

    return RunEnvironment(
        now=partial(datetime.now, UTC),
        sleep=at_once,
        random=Random(7),
        sessions=SessionStore(folder / "sessions"),
    )


def demo_request(state: DemoState) -> ProfileRequest:
    """The profile that a user would write for this account of the demo site."""
    return ProfileRequest(
        name=state.name,
        platform="demo",
        handle=state.handle,
        publications=state.publications,
        stories=tuple(f"{INKWELL}{path}" for path in state.stories),
        session=state.name,
    )


def finish(
    folder: Path, *profiles: ProfileRequest, in_environment: RunEnvironment | None = None, **options: object
) -> Finished:
    """Run these profiles with their data in the folder."""
    request = Request(profiles=profiles, options=RunOptions(data_dir=folder / "data", **options))  # type: ignore[arg-type]
    return asyncio.run(run(request, environment=in_environment or environment(folder), progress=NoProgress()))


@contextmanager
def without_screenshots(*, except_of: Collection[str] = ()) -> Iterator[None]:
    """Let runs of which only the verdicts are asked take none: they are a quarter of a run's processor time.

    A screenshot is the last that is done to a page; what the page says was read before. Of the profiles that
    are named here every one is taken, as ever.
    """
    take = PageLoad._take_screenshot

    async def take_some(load: PageLoad) -> None:
        if load._request.profile in except_of:
            await take(load)

    with patch.object(PageLoad, "_take_screenshot", take_some):
        yield
