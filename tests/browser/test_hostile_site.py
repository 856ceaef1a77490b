"""A site that tries everything, opened by the public and by the author: what arrived there is the judge."""

import asyncio
from typing import Any

from hostile_site import HostileSite, offences, open_hostile, reached

from selfcheck.core.capture import Capture
from selfcheck.core.enums import ANONYMOUS, AUTHOR

FRAMES = (
    "srcdoc",
    "html-frame",
    "xhtml-frame",
    "svg-frame",
    "bare-frame",
    "javascript-frame",
    "written-frame",
)
WORKERS = ("worker-classic", "worker-module", "data-worker-classic", "shared-classic")
BLOBS = ("blob-worker-classic", "blob-worker-module", "nested-worker-classic", "nested-data-worker-classic")


def test_nothing_that_is_forbidden_arrives_and_all_that_arrives_is_counted(world: Any) -> None:
    with HostileSite() as public_site, HostileSite() as authors_site:
        captures = world.do(_open_both(world.pool, public_site, authors_site))
        logs = {ANONYMOUS: list(public_site.log), AUTHOR: list(authors_site.log)}
    footprint = {(row.host, row.viewpoint): row.requests for row in world.pool.footprint}
    for site, capture in zip((public_site, authors_site), captures, strict=True):
        viewpoint, log = capture.viewpoint, logs[capture.viewpoint]
        assert (capture.failure, capture.title, capture.truncated) == (None, "Hostile", False)
        assert "tried" in capture.text
        untried = {"page", *FRAMES, *WORKERS, *BLOBS} - reached(log)
        assert not untried, f"{viewpoint}: not attempted, so the silence proves nothing"
        assert offences(log, author=viewpoint == AUTHOR) == [], viewpoint
        assert any(arrival.cookie for arrival in log) is (viewpoint == AUTHOR)
        assert '<script type="speculationrules"' not in capture.html
        assert "connect-src" not in capture.html, "the page is changed"
        counted = sum(footprint[site.url.removeprefix("http://"), viewpoint].values())
        assert viewpoint == ANONYMOUS or counted >= len(log)
    assert world.said == []


async def _open_both(pool: Any, public_site: HostileSite, authors_site: HostileSite) -> list[Capture]:
    return await asyncio.gather(
        open_hostile(pool, public_site, ANONYMOUS), open_hostile(pool, authors_site, AUTHOR)
    )
