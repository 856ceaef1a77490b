"""Runs kept on disk as a real one keeps them, without a browser: for all that reads a run's folder."""

import asyncio
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from sample_runs import NOW, healthy, run, stats, suspended

from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import Verdict
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.core.observation import Observation
from selfcheck.core.run import RunResult
from selfcheck.core.verdict import PageVerdict, ProfileVerdict
from selfcheck.runs.run import kept
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.storage.data_folder import DataFolder

FIRST, LATEST = "20260203T040506Z-aaaaaa", "20260204T040506Z-bbbbbb"
HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "date": "Tue, 03 Feb 2026 04:05:06 GMT",
    "server": "demo",
}


def screenshot(words: str, *, size: tuple[int, int] = (300, 200), noise: int = 0) -> bytes:
    """A small page as a picture; `noise` makes it large as a file."""
    image = Image.new("RGB", size, (250, 250, 250))
    if noise:
        image = Image.effect_noise(size, noise).convert("RGB")
    ImageDraw.Draw(image).text((20, 20), words, (0, 0, 0))
    with io.BytesIO() as buffer:
        image.save(buffer, "PNG")
        return buffer.getvalue()


def capture(
    page: PageVerdict, look: Observation, *, body: str, headers: Mapping[str, str] = HEADERS
) -> Capture:
    """What a look received that came out as this observation."""
    return Capture(
        visit=PageRequest(
            profile=page.folder.split("/")[0],
            kind=page.kind,
            url=page.url,
            viewpoints=(look.viewpoint,),
            folder=page.folder,
        ),
        viewpoint=look.viewpoint,
        started_at=(look.taken_at or NOW) - timedelta(seconds=1),
        finished_at=look.taken_at or NOW,
        status=look.status,
        headers=headers,
        content_type="text/html",
        final_url=page.url,
        title=look.title,
        text=look.quote or "A page",
        html=body,
        screenshot=screenshot(f"{look.viewpoint} {page.kind.value}") if look.screenshot else None,
    )


def page_body(look: Observation) -> str:
    """The page's HTML."""
    return (
        f"<!doctype html><title>{look.title}</title><h1>{look.quote or 'Welcome'}</h1><p>{look.viewpoint}</p>"
    )


Received = Callable[[PageVerdict, Observation], Capture]


def received(page: PageVerdict, look: Observation) -> Capture:
    """What a look received, as it usually is."""
    return capture(page, look, body=page_body(look))


def keep_run(data: Path, result: RunResult, *, received: Received = received) -> Path:
    """Keep this run below the data folder, as `selfcheck run` does; return its folder."""
    keeper = RunRecorder(RunFolder.create(DataFolder(data), result.run_id))
    profiles = tuple(_kept_profile(keeper, one, received) for one in result.profiles)
    kept(replace(result, profiles=profiles), keeper, result.finished_at)
    return keeper.folder.path


def _kept_profile(keeper: RunRecorder, profile: ProfileVerdict, received: Received) -> ProfileVerdict:
    pages = tuple(_kept_page(keeper, page, received) for page in profile.pages)
    folder = pages[0].folder.split("/")[0]
    keeper.write(f"{folder}/case.json", b"{}", how="evidence for the judge", at=NOW)
    return asyncio.run(keeper.keep_pictures(replace(profile, pages=pages), NOW))


def _kept_page(keeper: RunRecorder, page: PageVerdict, received: Received) -> PageVerdict:
    views = {}
    for who, look in page.views.items():
        path = keeper.keep(received(page, look))
        views[who] = replace(look, screenshot=path)
    return replace(page, views=views, side_by_side=None)


def renamed(profile: ProfileVerdict, name: str, handle: str | None = None) -> ProfileVerdict:
    """The same profile under another name, in a folder of its own."""
    pages = tuple(replace(page, folder=f"{name}/{page.folder.split('/', 1)[1]}") for page in profile.pages)
    return replace(profile, name=name, handle=handle or f"@{name}", pages=pages, summary=f"About {name}.")


def with_stats(profile: ProfileVerdict, views: int = 4711) -> ProfileVerdict:
    """The profile with its author's statistics page."""
    page = stats()
    folder = f"{profile.pages[0].folder.split('/')[0]}/stats"
    look = replace(page.views["author"], series={"views": (41, 42, views)}, facts={"views_today": views})
    return replace(profile, pages=(*profile.pages, replace(page, folder=folder, views={"author": look})))


def bad_run(run_id: str, *more: ProfileVerdict, at: datetime = NOW) -> RunResult:
    """A run that finds jane suspended, and the other profiles that are given."""
    profiles = (with_stats(renamed(suspended(), "jane")), *more)
    return run(*profiles, run_id=run_id, started_at=at, finished_at=at + timedelta(seconds=9))


def good_run(run_id: str) -> RunResult:
    """A run that finds all well."""
    return run(renamed(healthy(), "jane"), run_id=run_id, exit_code=0)


def incident(**more: object) -> Incident:
    """The incident of jane that the two bad runs are of."""
    base = Incident(
        id="jane-20260203-1",
        profile="jane",
        platform="demo",
        handle="@jane",
        state=IncidentState.OPEN,
        verdict=Verdict.SUSPENDED,
        silent=True,
        summary="The public is told that this account is suspended, while your own view looks as usual.",
        last_good_at=datetime(2026, 2, 2, 4, 5, 6, tzinfo=UTC),
        last_good_run="20260202T040506Z-gggggg",
        first_bad_at=NOW,
        first_bad_run=FIRST,
        last_bad_at=NOW + timedelta(days=1),
        last_bad_run=LATEST,
    )
    return replace(base, **more)  # type: ignore[arg-type]
