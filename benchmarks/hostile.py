"""Opens the hostile site in full: what arrives there, by transport and viewpoint, with and without our walls.

    python benchmarks/hostile.py

The site (`tests/support/hostile_site`) tries everything that a page may not do and judges by its own log of
requests, web sockets, raw connections and datagrams. It is opened as the author and as the public, over http
and over https (its certificate is handed in by a switch of the browser), in every kind of browser there is:
headless shell, Chromium without a window, and in a window where there is a display or Xvfb. First comes a
browser without our walls, as the control: what does not arrive there, its silence later proves nothing about.
Exits 1 where anything that the policy forbids arrived.
"""

import asyncio
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from playwright.async_api import async_playwright
from pybase64 import b64encode

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from hostile_site import CERTIFICATE, Arrival, HostileSite, is_offence, open_hostile, reached

from selfcheck.browser import launcher
from selfcheck.browser.discovery import BrowserChoice, find_browser
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.enums import ANONYMOUS, AUTHOR, BrowserMode

_FAMILY = re.compile(r"^(rules|link|report|form|beacon|attribution|fetch|popup)-.*")

LATE_SECONDS = 3.0
"""What the browser sends after its page has closed (beacons, reports) has so long to arrive."""


def technique(arrival: Arrival) -> str:
    """Return by what an attempt arrived, for the table."""
    if arrival.kind == "udp":
        return "STUN" if arrival.target.startswith("b'\\x00\\x01") else "QUIC"
    if arrival.kind == "tcp":
        return "raw connection"
    if "graphql" in arrival.text.lower() or "mutation" in arrival.text:
        return f"GraphQL by {arrival.method}"
    return _FAMILY.sub(r"\1", arrival.target.partition("?")[0].split(".")[-1])


def offences_by_technique(log: Iterable[Arrival], *, author: bool) -> Counter[str]:
    return Counter(technique(each) for each in log if is_offence(each, author=author))


def trusting() -> list[str]:
    """Return the switch with which a browser takes the site's own certificate for a good one."""
    certificate = load_pem_x509_certificate(CERTIFICATE.read_bytes())
    digest = Hash(SHA256())
    digest.update(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    spki = b64encode(digest.finalize()).decode()
    return [f"--ignore-certificate-errors-spki-list={spki}", "--short-reporting-delay"]


async def without_walls(choice: BrowserChoice, *, tls: bool) -> Counter[str]:
    """Return what arrives from a plain browser with the author's session."""
    with HostileSite(tls=tls, full=True) as site:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=choice.path, args=trusting(), chromium_sandbox=launcher.sandboxed()
            )
            context = await browser.new_context(storage_state=site.state)  # type: ignore[arg-type]
            page = await context.new_page()
            await page.goto(f"{site.url}/")
            await page.wait_for_selector("#tried")
            await page.close()
            await asyncio.sleep(LATE_SECONDS)
            await browser.close()
        return offences_by_technique(list(site.log), author=True)


async def with_walls(choice: BrowserChoice, mode: BrowserMode, viewpoint: str, *, tls: bool) -> Counter[str]:
    """Return what arrives by a page load of ours, and say from how many places it was tried."""
    ours = launcher.arguments()
    with (
        HostileSite(tls=tls, full=True) as site,
        patch("selfcheck.browser.launcher.arguments", lambda: [*trusting(), *ours]),
    ):
        now = lambda: datetime.now(tz=UTC)  # noqa: E731
        async with open_pool(choice, PoolOptions(jobs=2, say=print, clock=now, mode=mode)) as pool:
            capture = await open_hostile(pool, site, viewpoint)
            await asyncio.sleep(LATE_SECONDS)
            footprint = [row for row in pool.footprint if row.viewpoint == viewpoint]
        log = list(site.log)
    counted = sum(sum(row.requests.values()) for row in footprint)
    refused = sum(sum(row.refused.values()) for row in footprint)
    found = offences_by_technique(log, author=viewpoint == AUTHOR)
    print(
        f"  {viewpoint:10} {len(reached(log)):3} places tried, {len(log):4} requests arrived"
        f" ({counted} counted, {refused} refused), {found.total()} of them forbidden  {dict(found) or ''}"
    )
    if capture.failure or len(reached(log)) < 20:
        found["not tried"] += 1
    if viewpoint == AUTHOR and counted < len(log):
        found["not counted"] += len(log) - counted
    return found


def browsers() -> list[tuple[str, BrowserChoice, BrowserMode]]:
    """Return the browsers and modes that this machine has."""
    chosen = []
    if headless := find_browser(os.environ.get("SELFCHECK_BROWSER") or None, headed=False):
        chosen.append((headless.name, headless, BrowserMode.HEADLESS))
    if whole := find_browser(None, headed=True):
        if headless is None or whole.path != headless.path:
            chosen.append((f"{whole.name}, no window", replace(whole), BrowserMode.HEADLESS))
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            chosen.append((f"{whole.name}, window", whole, BrowserMode.WINDOW))
        elif shutil.which("Xvfb"):
            chosen.append((f"{whole.name}, Xvfb", whole, BrowserMode.XVFB))
        else:
            print("No display and no Xvfb here: not tried in a window.")
    return chosen


async def main() -> int:
    forbidden = 0
    for name, choice, mode in browsers():
        for tls in (False, True):
            print(f"{name}, {'https' if tls else 'http'}")
            if mode is BrowserMode.HEADLESS:
                control = await without_walls(choice, tls=tls)
                print(f"  no walls   {control.total()} arrive: {dict(sorted(control.items()))}")
            for viewpoint in (AUTHOR, ANONYMOUS):
                forbidden += (await with_walls(choice, mode, viewpoint, tls=tls)).total()
    print(f"{forbidden} forbidden or uncounted")
    return 1 if forbidden else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
