"""What selfcheck is timed against, each a process of its own: `python benchmarks/speed_rivals.py NAME …`.

sequential    the plain Playwright script that everybody writes first: one page after the other, `load`
floor         the fastest script that opens the same pages with the same blocking and takes the same pictures:
              several looks at once, trackers blocked in the browser's resolver, a
              filtering proxy for each view as selfcheck has, PNG with less compression
              taken below Playwright; it reads nothing, compares nothing and writes only the pictures
shot-scraper  `shot-scraper multi`, told which browser to use (it has no option for a browser's path)
"""

import argparse
import asyncio
import base64
import os
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from playwright.sync_api import BrowserType, sync_playwright

from selfcheck.browser.proxy.network import SystemNetwork
from selfcheck.browser.proxy.rules import ReachRules, endpoint_of
from selfcheck.browser.proxy.server import FilteringProxy

WIDTH, HEIGHT, MOST_HEIGHT = 1100, 900, 6000
"""CSS pixels, as selfcheck has them."""

_VIEWPORT: Any = {"width": WIDTH, "height": HEIGHT}


def browser_arguments() -> list[str]:
    """Return what Chromium needs to start as root on Linux."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def sequential(options: argparse.Namespace) -> None:
    """Open one page after the other and save its picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.browser, args=browser_arguments())
        for who, state in (("anonymous", None), ("author", options.state)):
            context = browser.new_context(viewport=_VIEWPORT, storage_state=state)
            for number, url in enumerate(options.urls):
                page = context.new_page()
                page.goto(url, wait_until="load")
                page.screenshot(path=options.out / f"{number}-{who}.png", full_page=True)
                page.close()
            context.close()
        browser.close()


async def floor(options: argparse.Namespace) -> None:
    """Open the pages as fast as is known."""
    blocked = ",".join(f"MAP {host} ~NOTFOUND" for host in options.blocked.split(","))
    async with async_playwright() as playwright:
        launches = (
            playwright.chromium.launch(
                executable_path=options.browser,
                args=[*browser_arguments(), "--disable-gpu", f"--host-resolver-rules={blocked}"],
            )
            for _ in range(options.browsers)
        )
        browsers = await asyncio.gather(*launches)
        views = [
            (number, url, who) for number, url in enumerate(options.urls) for who in ("anonymous", "author")
        ]
        work = iter(views)
        contexts = [await _contexts(browser, options) for browser in browsers]
        workers = (_worker(work, contexts[number % len(contexts)], options) for number in range(options.jobs))
        await asyncio.gather(*workers)
        await asyncio.gather(*(browser.close() for browser in browsers))


async def _contexts(browser: Browser, options: argparse.Namespace) -> dict[str, BrowserContext]:
    """Return a context for each view, behind a filtering proxy as selfcheck's are: both pay for it."""
    contexts = {}
    for who, state in (("anonymous", None), ("author", options.state)):
        rules = ReachRules(
            home=endpoint_of(options.urls[0]),
            sites=("127.0.0.1", "*.localhost"),
            unwanted=tuple(options.blocked.split(",")),  # behind a proxy the browser resolves no name itself
        )
        proxy = FilteringProxy(rules, SystemNetwork())
        contexts[who] = await browser.new_context(
            viewport=_VIEWPORT,
            storage_state=state,
            proxy={"server": await proxy.start(), "bypass": "<-loopback>"},
        )
    return contexts


async def _worker(work: Any, contexts: dict[str, BrowserContext], options: argparse.Namespace) -> None:
    kept: dict[str, Page] = {}
    for number, url, who in work:
        page = kept.get(who) or await contexts[who].new_page()
        await page.goto(url, wait_until="load")
        await _picture(page, contexts[who], options.out / f"{number}-{who}.png")
        if options.reuse:
            kept[who] = page
        else:
            await page.close()


async def _picture(page: Page, context: BrowserContext, path: Path) -> None:
    session = await context.new_cdp_session(page)
    metrics = await session.send("Page.getLayoutMetrics")
    height = min(MOST_HEIGHT, metrics["cssContentSize"]["height"])
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
    wanted = {"format": "png", "optimizeForSpeed": True, "captureBeyondViewport": True, "clip": clip}
    taken = await session.send("Page.captureScreenshot", wanted)
    await session.detach()
    await asyncio.to_thread(path.write_bytes, base64.b64decode(taken["data"]))


def shot_scraper(options: argparse.Namespace) -> None:
    """Run `shot-scraper multi` in this process, with the launch of its browser pointed at ours."""
    from shot_scraper.cli import cli  # type: ignore[import-untyped]  # noqa: PLC0415 - only this one needs it

    shots = [
        f"- url: {url}\n  output: {options.out}/{number}-{who}.png\n  width: {WIDTH}\n"
        for number, url in enumerate(options.urls)
        for who in ("anonymous", "author")
    ]
    config = options.out / "shots.yml"
    config.write_text("".join(shots))
    launch = BrowserType.launch

    def launch_ours(self: BrowserType, **wanted: Any) -> Any:
        return launch(self, **{**wanted, "executable_path": options.browser})

    BrowserType.launch = launch_ours  # type: ignore[method-assign]  # it has no option for a browser's path
    arguments = [f"--browser-arg={one}" for one in browser_arguments()]
    cli(["multi", str(config), "--auth", str(options.state), "--silent", *arguments])


def main() -> None:
    """Run one contestant."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=["sequential", "floor", "shot-scraper"])
    parser.add_argument("--browser", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True, help="the author's saved session")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--browsers", type=int, default=1)
    parser.add_argument("--reuse", action="store_true", help="keep pages for the next look")
    parser.add_argument("--blocked", default="", help="hosts, joined by commas")
    parser.add_argument("urls", nargs="+")
    options = parser.parse_args()
    if options.name == "sequential":
        sequential(options)
    elif options.name == "floor":
        asyncio.run(floor(options))
    else:
        shot_scraper(options)


if __name__ == "__main__":
    main()
