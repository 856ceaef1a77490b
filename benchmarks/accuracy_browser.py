"""The part of `accuracy.py` that needs a browser: real looks at the demo site, and their pictures."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imagehash
from browser_scenarios import BrowserResult, in_browser_scenarios, run_in_browser
from PIL import Image

from selfcheck.core.enums import PageKind, Verdict

COMPARED = (PageKind.PROFILE, PageKind.PUBLICATION, PageKind.STORY)
TOP = (0, 0, 1280, 800)
"""What is compared of a picture: what a visitor sees first, so that two lengths of page can be compared."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A scenario's label, what was said of it, and how alike its pictures were."""

    name: str
    label: Verdict
    said: Verdict
    right: bool
    alike: Sequence[float | None]  # a page each; None where one of the two pictures is not there


def look() -> list[Seen]:
    """Look at every scenario of the demo site in one run."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            Seen(
                name=one.scenario.name,
                label=one.scenario.expected.verdict,
                said=one.verdict.verdict,
                right=one.right,
                alike=_alike(one),
            )
            for one in run_in_browser(Path(folder), in_browser_scenarios())
        ]


def _alike(one: BrowserResult) -> list[float | None]:
    pages = [page for page in one.verdict.pages if page.kind in COMPARED]
    return [
        _likeness([one.folder / look.screenshot for look in page.views.values() if look.screenshot])
        for page in pages
    ]


def _likeness(pictures: Sequence[Path]) -> float | None:
    if len(pictures) != 2:
        return None
    first, second = (_hash(path) for path in pictures)
    return 1 - (first - second) / first.hash.size


def _hash(path: Path) -> imagehash.ImageHash:
    with Image.open(path) as picture:
        return imagehash.phash(picture.crop((0, 0, min(TOP[2], picture.width), min(TOP[3], picture.height))))
