"""What a run asks of a platform: page views and requests for a typical profile, on the demo site.

    python benchmarks/footprint.py

A profile with a publication and five stories, feed, stats and two controls, looked at four times in a row, as
a schedule would; the runs after the first are the typical ones. The demo site is given a public name (on
loopback no page is left out, and there is no pace) and, to be quick, a gap of one second. Exits 1 where a
goal is missed:

- at most 7 page views logged out and 4 as the author,
- no request by the author that changes anything, by the site's own log,
- the platform's gap between any two page views of one viewpoint, by selfcheck's count and the site's log,
- a further run at once is refused; with `--again` it would not be.
"""

import asyncio
import itertools
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from random import Random
from unittest.mock import patch

from loguru import logger

from selfcheck.browser.proxy.network import Addresses, SystemNetwork
from selfcheck.core.labels import footprint
from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.core.run import RunResult
from selfcheck.demo.loopback import Reply, SiteRequest
from selfcheck.demo.site import DemoSite
from selfcheck.demo.states import STATES
from selfcheck.errors import TooEarlyError
from selfcheck.runs.environment import NoProgress, RunEnvironment
from selfcheck.runs.run import run
from selfcheck.sessions.store import SessionStore

HOST = "inkwell.example"
PUBLIC_ADDRESS = "93.184.216.34"
"""Where the public name stands for; connections to it end at the demo site."""
GAP_SECONDS = 1.0
ARRIVAL_SECONDS = 0.3
"""How much later than it left a request may reach the site of a busy machine."""

MOST = {"anonymous": 7, "author": 4}
STORIES = 5
TYPICAL_RUNS = 3
NO_PAGES = ("/static/", "/img/", "/favicon")


@dataclass(frozen=True)
class Opened:
    """One page view, as the site saw it."""

    viewpoint: str
    path: str
    at: float


class TimedSite(DemoSite):
    """The demo site, which notes when each page was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Opened] = []

    def answer(self, asked: SiteRequest) -> Reply:
        """Return the page that is asked for, and note the time of a page view."""
        at, reply = time.monotonic(), super().answer(asked)
        if not asked.path.startswith(NO_PAGES) and reply.status != 302:
            viewpoint = "author" if self.visitor(asked) else "anonymous"
            self.opened.append(Opened(viewpoint, asked.path, at))
        # A page names itself by its public address, or it would not be known for the one asked for.
        return replace(reply, body=reply.body.replace(self.url.encode(), f"http://{HOST}".encode()))


def platform_file(folder: Path) -> Path:
    """Write the demo's platform file as one of a platform on the web, which has limits."""
    text = files("selfcheck.platforms").joinpath("data/demo.yaml").read_text("utf-8")
    for old, new in (
        ("built_in_demo: true\n", ""),
        ("inkwell.invalid", HOST),
        ("  gap_seconds: 0\n", f"  gap_seconds: {GAP_SECONDS}\n"),
        ("  least_interval_hours: 0\n", "  least_interval_hours: 10\n"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "inkwell.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def public_name(site: DemoSite) -> Iterator[None]:
    """Lead the public name to the demo site, for the browsers that are started meanwhile."""
    resolve_as_is, connect_as_is = SystemNetwork.resolve, SystemNetwork.connect

    async def resolve(network: SystemNetwork, host: str, port: int) -> Addresses:
        return await resolve_as_is(network, PUBLIC_ADDRESS if host == HOST else host, port)

    async def connect(network: SystemNetwork, addresses: Addresses) -> socket.socket:
        if addresses[0][4][0] == PUBLIC_ADDRESS:
            addresses = await resolve_as_is(network, "127.0.0.1", site.port)
        return await connect_as_is(network, addresses)

    with patch.multiple(SystemNetwork, resolve=resolve, connect=connect):
        yield


def request_of(site: DemoSite, folder: Path) -> Request:
    """Return what a user would write: a profile, its publication, three stories."""
    row = next(one for one in STATES if one.publications and one.name == "healthy")
    account = site._world.accounts[row.handle]  # noqa: SLF001 - the stories that a user would see in the list
    profile = ProfileRequest(
        name="typical",
        platform=str(platform_file(folder)),
        handle=row.handle,
        publications=row.publications[:1],
        stories=tuple(f"http://{HOST}{story.path}" for story in account.stories[:STORIES]),
        session="typical",
    )
    return Request(profiles=(profile,), options=RunOptions(data_dir=folder / "data", again=True))


def environment_of(site: DemoSite, request: Request, folder: Path) -> RunEnvironment:
    """Return an environment in which the author is signed in."""
    (profile,) = request.profiles
    state = site.storage_state(profile.handle)
    cookies = [{**cookie, "domain": HOST} for cookie in state["cookies"]]
    store = SessionStore(folder / "sessions", environ={})
    store.save(profile.session, {"cookies": cookies, "origins": []})
    return RunEnvironment(
        now=partial(datetime.now, UTC),
        sleep=asyncio.sleep,
        random=Random(7),  # noqa: S311 - it chooses controls, nothing secret
        sessions=store,
    )


def least_gap(opened: list[Opened], viewpoint: str) -> float:
    """Return the least time between two page views of a viewpoint, by the site's log."""
    times = sorted(one.at for one in opened if one.viewpoint == viewpoint)
    return min((later - earlier for earlier, later in itertools.pairwise(times)), default=GAP_SECONDS)


def misses(result: RunResult, site: TimedSite) -> list[str]:
    """Return every goal that a run has missed."""
    found = []
    for viewpoint, most in MOST.items():
        views = result.page_views.get(viewpoint, 0)
        if views > most:
            found.append(f"{views} page views as {viewpoint}, goal: at most {most}")
        if (gap := least_gap(site.opened, viewpoint)) < GAP_SECONDS - ARRIVAL_SECONDS:
            found.append(f"two page views as {viewpoint} arrived {gap:.2f} s apart, goal: {GAP_SECONDS}")
    found += [
        f"{one.least_gap_seconds} s between two page views as {one.viewpoint}, goal: {GAP_SECONDS}"
        for one in result.footprint
        if one.least_gap_seconds is not None and one.least_gap_seconds < GAP_SECONDS
    ]
    changing = [one for one in site.log if one.method not in {"GET", "HEAD"} or "/signout" in one.path]
    found += [f"{one.method} {one.path} as {one.viewpoint}" for one in changing]
    found += [f"the verdict is {one.verdict}" for one in result.profiles if one.verdict != "visible"]
    return found


def one_run(name: str, request: Request, environment: RunEnvironment, site: TimedSite) -> list[str]:
    """Run once, print the footprint, and return the goals that were missed."""
    site.log.clear()
    site.opened.clear()
    result = asyncio.run(run(request, environment=environment, progress=NoProgress())).result
    print(f"{name}: {result.page_views.get('anonymous', 0)} page views logged out,", end=" ")
    print(f"{result.page_views.get('author', 0)} as the author")
    for one in result.footprint:
        print(f"  {one.host:<16} {one.viewpoint:<10} {footprint(one)}")
    return misses(result, site)


def is_refused(request: Request, environment: RunEnvironment) -> bool:
    """Return whether a run at once after another is refused."""
    at_once = replace(request, options=replace(request.options, again=False))
    try:
        asyncio.run(run(at_once, environment=environment, progress=NoProgress()))
    except TooEarlyError as error:
        print(f"a further run at once: {error.what}")
        return True
    return False


def main() -> int:
    logger.disable("selfcheck")
    shelf = patch("selfcheck.demo.world.SHELF", STORIES - 1)  # stories in addition to the lead
    with shelf, TimedSite() as site, tempfile.TemporaryDirectory() as name, public_name(site):
        folder = Path(name)
        request = request_of(site, folder)
        environment = environment_of(site, request, folder)
        first = one_run("first run", request, environment, site)
        missed = [
            text
            for number in range(TYPICAL_RUNS)
            for text in one_run(f"a run as on any other day ({number + 1})", request, environment, site)
        ]
        if not is_refused(request, environment):
            missed.append("a run at once after another was not refused")
    for one in first:
        print(f"first run only: {one}")
    for one in missed:
        print(f"MISSED: {one}")
    print("all goals met" if not missed else f"{len(missed)} goals missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
