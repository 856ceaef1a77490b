"""Makes a backup from a demo site without a browser, and can be killed at any of its file operations.

As a program: `backup_worker.py FOLDER SITE HANDLE COOKIE KILLS SEED` makes FOLDER/whole, and FOLDER/killed-0
and so on, each killed once at a random file operation and then made again.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from selfcheck.backup.copying import Copier, CopyResult, CopySubject
from selfcheck.backup.service import finish, journal_of, open_library
from selfcheck.browser.plain_http import FetchedFile
from selfcheck.core.capture import Capture, Failure, PageRequest
from selfcheck.core.enums import FailureKind
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


class PlainPool:
    """Answers what a copier asks of a browser pool, by plain requests with the author's cookie."""

    def __init__(self, cookie: str, most_pages: int | None = None) -> None:
        self._cookie = cookie
        self._left = most_pages
        self.opened: list[str] = []
        self.pictures: list[str] = []

    @asynccontextmanager
    async def view(self, name: str, *_: object, **__: object) -> AsyncIterator[Any]:
        async def rotated() -> None:
            return None

        yield SimpleNamespace(name=name, rotated=rotated)

    async def fetch_all(self, request: PageRequest, views: Mapping[str, object]) -> dict[str, Capture]:
        (who,) = views
        common = {"visit": request, "viewpoint": who, "started_at": NOW, "finished_at": NOW}
        if self._left is not None and len(self.opened) >= self._left:
            spent = Failure(kind=FailureKind.BUDGET_SPENT, detail="the limit is spent")
            return {who: Capture(**common, failure=spent)}  # type: ignore[arg-type]
        self.opened.append(request.url)
        status, headers, data, url = _get(request.url, self._cookie)
        return {
            who: Capture(
                **common,  # type: ignore[arg-type]
                status=status,
                headers=headers,
                content_type=headers.get("content-type", "").partition(";")[0],
                final_url=url,
                html=data.decode(),
                text="text",
            )
        }

    async def fetch_file(self, url: str, view: object) -> FetchedFile:
        self.pictures.append(url)
        status, headers, data, _ = _get(url, "")
        return FetchedFile(status=status, headers=headers, data=data)


def _get(url: str, cookie: str) -> tuple[int, dict[str, str], bytes, str]:
    try:
        answer = urlopen(Request(url, headers={"Cookie": cookie} if cookie else {}))
    except HTTPError as error:
        answer = error
    with answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status or 0, headers, answer.read(), answer.url


def demo_platform(site: str) -> Platform:
    """Return the demo platform for a site at this address."""
    return load_platform("demo").model_copy(update={"home": site})


def copy_stories(
    folder: Path,
    site: str,
    handle: str,
    pool: PlainPool,
    *,
    now: datetime = NOW,
    platform: Platform | None = None,
    **profile: Any,
) -> CopyResult:
    request = ProfileRequest(name=handle, platform="demo", handle=handle, base_url=site, **profile)
    known = platform or load_platform("demo")
    subject = CopySubject(profile=request, platform=known, session={"cookies": []})
    with open_library(folder) as library:
        copier = Copier(subject, library, journal_of(folder), now=lambda: now, say=lambda _: None)
        result = asyncio.run(copier.copy(pool))  # type: ignore[arg-type]
        finish(library, title=f"Stories of {handle}", author=handle)
    return result


class _Operations:
    """Counts the file operations below a folder, and kills its process before the one that is named."""

    def __init__(self) -> None:
        self.below, self.count, self.kill_at = "", 0, 0

    def __call__(self, event: str, given: tuple[object, ...]) -> None:
        if event not in {"open", "os.rename", "os.remove", "os.mkdir"} or not self.below:
            return
        if str(given[0]).startswith(self.below):
            self.count += 1
            if self.count == self.kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Make one backup, and further ones that are killed once and made again."""
    folder, site, handle, cookie, kills, seed = sys.argv[1:]
    operations, chance = _Operations(), Random(int(seed))
    sys.addaudithook(operations)
    os.fsync = lambda _: None  # type: ignore[assignment] - a process dies here, no machine

    def copy(place: Path) -> None:
        operations.below, operations.count = str(place), 0
        copy_stories(place, site, handle, PlainPool(cookie))
        operations.below = ""

    copy(Path(folder) / "whole")
    every = operations.count
    for number in range(int(kills)):
        place, kill_at = Path(folder) / f"killed-{number}", chance.randint(1, every)
        child = os.fork()
        if child == 0:
            operations.kill_at = kill_at
            copy(place)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"it was not killed at operation {kill_at} of {every}")
        copy(place)


if __name__ == "__main__":
    main()
