"""A site that tries everything, opened by the public and by the author: what arrived there is the judge."""

import asyncio
from typing import Any

from hostile_site import HostileSite, offences, open_hostile, reached

from selfcheck.browser.interceptor import report_target
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind

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


def test_all_cookies_that_an_answer_rotates_are_kept(world: Any, site: Any, platform_of: Any) -> None:
    """Of documents, workers and data; two of the answers are given a changed header on their way."""
    page = """<title>Cookies</title><script>const worker = new Worker('/worker.js');
    Promise.all([new Promise((done) => { worker.onmessage = done; }), fetch('/data')]).then(() =>
      document.body.append(Object.assign(document.createElement('p'), {id: 'there'})));</script>"""

    def setting(*names: str) -> tuple[tuple[str, str], ...]:
        return tuple(("Set-Cookie", f"{name}=new; Path=/") for name in names)

    url = site.page(
        "/", page, headers=(*setting("sid", "uid", "xsrf"), ("Speculation-Rules", '"/rules.json"'))
    )
    site.page("/worker.js", "postMessage(1)", kind="text/javascript", headers=setting("a", "b"))
    site.page("/data", "{}", kind="application/json", headers=setting("c", "d"))
    platform = platform_of(pages={"profile": {"url": "{home}/", "wait_for": "#there"}})

    def cookie(name: str) -> dict[str, Any]:
        values = {"name": name, "value": "old", "domain": "127.0.0.1", "path": "/", "expires": -1}
        return {**values, "httpOnly": False, "secure": False, "sameSite": "Lax"}

    async def cookies() -> dict[str, str]:
        state = {"cookies": [cookie("sid"), cookie("uid"), cookie("xsrf")], "origins": []}
        async with world.pool.view(AUTHOR, platform, site.url, state) as view:
            request = PageRequest(
                profile="p", url=url, kind=PageKind.PROFILE, viewpoints=(AUTHOR,), folder="p/profile"
            )
            await world.pool.fetch_all(request, {AUTHOR: view})
            renewed = await view.rotated()
            assert [each["value"] for each in renewed["cookies"]] == ["new"] * 3
            return {each["name"]: each["value"] for each in await view.cookies()}

    assert world.do(cookies()) == dict.fromkeys(("sid", "uid", "xsrf", "a", "b", "c", "d"), "new")


def test_an_unexpected_target_is_reported() -> None:
    said: list[str] = []
    for kind, subtype, url in (
        ("page", "", "https://blog.example/"),
        ("worker", "", "blob:https://blog.example/1"),
        ("service_worker", "", "chrome-extension://abc/worker.js"),
        ("service_worker", "", "https://blog.example/sw.js"),
        ("page", "prerender", "https://other.example/ahead"),
    ):
        info = {"targetInfo": {"type": kind, "subtype": subtype, "url": url}}
        report_target(said.append, info)
    assert [text.split(". ")[0] for text in said] == [
        "A page of blog.example opened a service worker in the browser",
        "A page of other.example opened a prerender in the browser",
    ]
