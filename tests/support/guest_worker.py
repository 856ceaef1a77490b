"""Six processes that ask two sites for pages at the same time, on one data folder.

`guest_worker.py DATA PORT`: each asks `guest.test` four times and then `busy.test` three times; both
names lead to PORT of this machine. The first one is killed as soon as it may ask for the first time; then the
others begin. It prints how the first one ended, and of each other one what became of its page views.
"""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from selfcheck.browser import plain_http
from selfcheck.browser.pool import BrowserPool, PoolOptions
from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import ANONYMOUS, PageKind, Purpose
from selfcheck.platforms.schema import Platform
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable

KILLED = 9
GAP = 0.1
MOST = 12
NO_BROWSER: Any = SimpleNamespace(remote=False, blocked=(), alive=False)

_look_up = socket.getaddrinfo


def platform_at(home: str) -> Platform:
    """Return a platform with a short gap and a low limit for the day."""
    return Platform.model_validate(
        {
            "platform": "guest",
            "title": "Guest",
            "home": home,
            "about": "for tests",
            "hosts": ("guest.test", "busy.test"),
            "handle": {"pattern": "[a-z]+", "example": "jane"},
            "pages": {"profile": {"url": "{home}/@{handle}"}},
            "marks": (),
            "limits": {"gap_seconds": GAP, "jitter_seconds": 0, "page_views_a_day": MOST},
        }
    )


def here(host: Any, *rest: Any, **options: Any) -> Any:
    """Find the sites of the test on this machine."""
    return _look_up("127.0.0.1" if str(host).endswith(".test") else host, *rest, **options)


async def ask(pool: BrowserPool, port: int) -> list[str]:
    """Ask for the pages, and return what became of each."""
    answers = []
    for site, times in (("guest.test", 4), ("busy.test", 3)):
        home = f"http://{site}:{port}"
        request = PageRequest(
            profile="jane",
            kind=PageKind.PROFILE,
            url=f"{home}/@jane",
            viewpoints=(ANONYMOUS,),
            folder="",
            purpose=Purpose.PROGRAM_VIEW,
        )
        async with pool.view(ANONYMOUS, platform_at(home), home, None, profile="jane") as view:
            for _ in range(times):
                capture = (await pool.fetch_all(request, {ANONYMOUS: view}))[ANONYMOUS]
                answers.append(capture.failure.kind.value if capture.failure else str(capture.status))
    return answers


def guest(data: str, port: int) -> list[str]:
    """Be one of the processes."""
    table = LimitsTable.open(DataFolder(Path(data)))
    options = PoolOptions(jobs=2, say=print, clock=partial(datetime.now, UTC), table=table)
    pool = BrowserPool((NO_BROWSER,), "none", options)
    with patch("socket.getaddrinfo", here):
        return asyncio.run(ask(pool, port))


def started(work: Callable[[], list[str]]) -> tuple[int, int]:
    """Start a process that does this work; return its number and where its answer can be read."""
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    return number, reading


def main(data: str, port: str) -> None:
    work = partial(guest, data, int(port))
    with patch.object(plain_http, "_get", lambda *_: os._exit(KILLED)):
        first, _ = started(work)
    end = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    answers = []
    for _, reading in [started(work) for _ in range(5)]:
        with os.fdopen(reading) as pipe:
            answers.append(json.loads(pipe.read()))
    sys.stdout.write(json.dumps([end, *answers]))


if __name__ == "__main__":
    main(*sys.argv[1:])
