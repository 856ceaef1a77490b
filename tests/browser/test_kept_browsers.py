"""Browsers that outlive a pool: which ones a pool gets, and when they are closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from selfcheck.browser import kept_browsers
from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.kept_browsers import KeptBrowsers
from selfcheck.browser.launcher import RemoteBrowser
from selfcheck.browser.pool import PoolOptions

CHOICE = RemoteBrowser("https://browser.example")
OPTIONS = PoolOptions(jobs=2, say=print, clock=lambda: datetime(2026, 11, 28, tzinfo=UTC))


@dataclass
class FakeBrowser:
    version: str
    generation: int = 1

    async def ready(self) -> tuple["FakeBrowser", None]:
        return self, None


class Shop:
    """Stands in for the starting of browsers, and knows which are open."""

    def __init__(self) -> None:
        self.started: list[FakeBrowser] = []
        self.open: list[str] = []

    @asynccontextmanager
    async def browsers(
        self, choice: BrowserChoice | RemoteBrowser, **_: object
    ) -> AsyncIterator[tuple[FakeBrowser, ...]]:
        assert choice is CHOICE
        browser = FakeBrowser(version=str(len(self.started) + 1))
        self.started.append(browser)
        self.open.append(browser.version)
        yield (browser,)
        self.open.remove(browser.version)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop()
    monkeypatch.setattr(kept_browsers, "open_browsers", shop.browsers)
    return shop


async def version(browsers: KeptBrowsers) -> str:
    async with browsers.open_pool(CHOICE, OPTIONS) as pool:
        return pool.version


def test_pools_share_browsers_until_they_are_worn(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_browsers, "MOST_POOLS", 2)

    async def work() -> list[str]:
        async with KeptBrowsers() as browsers:
            return [await version(browsers) for _ in range(3)]

    assert asyncio.run(work()) == ["Remote browser 1", "Remote browser 1", "Remote browser 2"]
    assert shop.open == []


def test_browsers_that_crashed_are_replaced_and_closed_when_their_last_pool_ends(shop: Shop) -> None:
    async def work() -> list[list[str]]:
        seen = []
        async with KeptBrowsers() as browsers:
            async with browsers.open_pool(CHOICE, OPTIONS):
                shop.started[0].generation = 2
                assert await version(browsers) == "Remote browser 2"
                seen.append([*shop.open])
            seen.append([*shop.open])
        return [*seen, [*shop.open]]

    assert asyncio.run(work()) == [["1", "2"], ["2"], []]
