"""Takes the picture of a page: whole up to a sane height, and the same each time."""

from dataclasses import dataclass

import pybase64
from playwright.async_api import CDPSession

from selfcheck.browser.launch_options import VIEWPORT_WIDTH

MOST_HEIGHT = 6000
"""CSS pixels; a page that is longer is cut here."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG and what should be known of it."""

    png: bytes
    note: str = ""


async def take_picture(session: CDPSession, *, height: int) -> Picture:
    """Return the picture of a page that is `height` CSS pixels high and has been held still.

    The browser is asked directly: PNG with less compression costs half the time (Playwright has no such
    option), and the encoding of the pictures is the largest single cost of a run. What it sends is decoded
    in 1 ms; Python's own base64 holds up all other looks for 16 ms.
    """
    shown = min(height, MOST_HEIGHT)
    taken = await session.send(
        "Page.captureScreenshot",
        {
            "format": "png",
            "optimizeForSpeed": True,
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": VIEWPORT_WIDTH, "height": shown, "scale": 1},
        },
    )
    note = f"cut at {shown} of {height} pixels" if height > shown else ""
    return Picture(png=pybase64.b64decode(taken["data"], validate=True), note=note)
