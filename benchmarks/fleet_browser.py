"""The part of `fleet.py` that is looked at with Chromium: accounts of the demo under a public name.

`python fleet_browser.py LOG ADDRESS` serves the demo site for one address, prints its port, and logs page
views as the other sites do, those of a signed-in author under an address of their own: the gap is kept for
each viewpoint.
"""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from types import SimpleNamespace

import footprint
from fleet_world import ACCOUNTS, BROWSER_GAP, BROWSER_PLATFORM, PAGE

from selfcheck.browser.kept_browsers import KeptBrowsers
from selfcheck.core.request import RunOptions
from selfcheck.demo.loopback import Reply, SessionCookies, SiteRequest
from selfcheck.demo.site import DemoSite
from selfcheck.fleet.looking import PageLooker
from selfcheck.fleet.worker import WorkerOptions
from selfcheck.runs.environment import RunEnvironment
from selfcheck.sessions.store import SessionStore

SECRET = b"the same for each address"


def platform_file(folder: Path) -> Path:
    """Write the platform file of what is looked at with a browser and return where it is."""
    path = footprint.platform_file(folder)
    text = path.read_text(encoding="utf-8")
    for old, new in (
        (f"  gap_seconds: {footprint.GAP_SECONDS}\n", f"  gap_seconds: {BROWSER_GAP}\n"),
        ("  page_views: 80\n", "  page_views: 80\n  page_views_a_day: 1000000\n"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


class LoggedSite(DemoSite):
    """The demo site for one address, with a line in the log for each page view."""

    def __init__(self, log: Path, address: str) -> None:
        super().__init__()
        self.sessions = SessionCookies(secret=SECRET)
        self._address = address
        self._lines = log.open("a", encoding="utf-8", buffering=1)
        self._writing = threading.Lock()

    def answer(self, request: SiteRequest) -> Reply:
        """Answer as the demo does, under the public name."""
        at, reply = time.time(), super().answer(request)
        if not request.path.startswith(footprint.NO_PAGES) and reply.status != 302:
            address = f"{self._address}/author" if self.visitor(request) else self._address
            with self._writing:
                self._lines.write(f"{at:.4f} {BROWSER_PLATFORM} {address} {request.path} {PAGE}\n")
        public = f"http://{footprint.HOST}".encode()
        return replace(reply, body=reply.body.replace(self.url.encode(), public))


def hurry(site: subprocess.Popen[str]) -> None:
    """Let a site go before others where we may: waiting for the processor it logs too late who came when."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, site.pid, -10)


@contextmanager
def served(folder: Path, log: Path, *, addresses: int) -> Iterator[None]:
    """Serve the demo for each address, with its port in a file of the folder, and save the sessions."""
    store = SessionStore(folder / "sessions", environ={})
    cookies = SessionCookies(secret=SECRET)
    for row in ACCOUNTS:
        cookie = {"name": DemoSite.cookie, "value": cookies.make(row.handle), "domain": footprint.HOST}
        rest = {"path": "/", "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}
        store.save(row.handle, {"cookies": [{**cookie, **rest}], "origins": []})
    with ExitStack() as stack:
        for number in range(addresses):
            address = f"address-{number}"
            words = [sys.executable, __file__, str(log), address]
            process = stack.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            hurry(process)
            assert process.stdout is not None
            (folder / address).write_text(process.stdout.readline(), encoding="utf-8")
        yield


@asynccontextmanager
async def looker_of(folder: Path, worker: WorkerOptions) -> AsyncIterator[PageLooker]:
    """Give what looks with a browser, to which the public name is the demo of the worker's address."""
    port = int((folder / worker.address).read_text(encoding="utf-8"))
    environment = RunEnvironment(
        now=partial(datetime.now, UTC),
        sleep=asyncio.sleep,
        random=Random(7),  # noqa: S311 - it chooses controls, nothing secret
        sessions=SessionStore(folder / "sessions", environ={}),
    )
    options = RunOptions(data_dir=folder / "data", jobs=2)
    with footprint.public_name(SimpleNamespace(port=port)):  # type: ignore[arg-type]
        async with KeptBrowsers() as browsers:
            yield PageLooker(options=options, worker=worker, environment=environment, browsers=browsers)


def main() -> None:
    log, address = sys.argv[1:]
    with LoggedSite(Path(log), address) as site:
        print(site.port, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
