"""Contexts, sessions, pace and pictures, in a real browser."""

import asyncio
import concurrent.futures
import contextlib
import os
import signal
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from led_network import LedNetwork
from PIL import Image

from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import Outcome
from selfcheck.core.observation import Observation
from selfcheck.errors import BrowserMissingError, LoginFailedError
from selfcheck.sessions.login import SignInTarget, sign_in
from selfcheck.storage.limits_table import LimitsTable, TurnKey

COOKIE = {
    "name": "sid",
    "value": "s3cret-of-jane",
    "domain": "127.0.0.1",
    "path": "/",
    "expires": -1,
    "httpOnly": True,
    "secure": False,
    "sameSite": "Lax",
}
SIGN_IN = {
    "url": "{home}/signin",
    "signed_in": {"selector": {"css": "#me"}},
    "cookies": ["sid"],
}


def state_of(*cookies: dict[str, Any]) -> dict[str, Any]:
    return {"cookies": list(cookies), "origins": []}


def visit_of(url: str, *viewpoints: str) -> PageRequest:
    return PageRequest(profile="p", kind="profile", url=url, viewpoints=viewpoints, folder="p/profile")


def test_both_viewpoints_open_a_page_at_the_same_moment_and_share_nothing(
    world: Any, site: Any, platform_of: Any
) -> None:
    def answer(handler: Any) -> None:
        who = "author" if "sid=" in handler.headers.get("Cookie", "") else "anonymous"
        handler.answer(f"<p>{who}<script>document.cookie = 'mine=1'</script>")

    url = site.route("/", answer)
    barrier = site.page("/again", "<p>again")

    async def look() -> dict[str, Any]:
        pool = world.pool
        async with (
            pool.view("anonymous", platform_of(), site.url, None) as anonymous,
            pool.view("author", platform_of(), site.url, state_of(COOKIE)) as author,
        ):
            views = {"anonymous": anonymous, "author": author}
            return await pool.fetch_all(visit_of(url, "anonymous", "author"), views)

    captures = world.do(look())
    assert {who: one.text for who, one in captures.items()} == {"anonymous": "anonymous", "author": "author"}
    assert max(one.started_at for one in captures.values()) < min(
        one.finished_at for one in captures.values()
    )
    site.cookies.clear()
    world.look(barrier)
    assert set(site.cookies) == {""}


def test_no_secret_of_the_session_is_in_the_capture(world: Any, site: Any, platform_of: Any) -> None:
    def answer(handler: Any) -> None:
        seen = handler.headers["Cookie"].split("=")[1]
        page = (
            f"<title>{seen}</title><p>{seen}<a href='/x?t={seen}'>{seen}</a><script>var s='{seen}'</script>"
        )
        handler.answer(page, headers=(("X-Session", seen), ("Set-Cookie", "csrf=r0tated-Value; HttpOnly")))

    url = site.route("/", answer)
    capture = world.look(f"{url}?token=abc&tab=2", platform_of(sign_in=SIGN_IN), state=state_of(COOKIE))
    kept = repr(capture)
    assert capture.final_url == f"{url}?token=[removed]&tab=2"
    assert capture.text.startswith("[removed]")
    assert COOKIE["value"] not in kept
    assert "r0tated-Value" not in kept


def test_a_session_is_only_read_and_its_rotation_is_reported(world: Any, site: Any, platform_of: Any) -> None:
    rotate = (("Set-Cookie", "sid=n3w-secret; Path=/; HttpOnly"), ("Set-Cookie", "other=1"))
    url = site.page("/", "<p>Hello", headers=rotate)
    plain = site.page("/plain", "<p>Hello")
    state = state_of(COOKIE)

    async def look(address: str) -> Any:
        async with world.pool.view("author", platform_of(sign_in=SIGN_IN), site.url, state) as view:
            await world.pool.fetch_all(visit_of(address, "author"), {"author": view})
            return await view.rotated()

    assert world.do(look(plain)) is None
    rotated = world.do(look(url))
    assert [(one["name"], one["value"]) for one in rotated["cookies"]] == [("sid", "n3w-secret")]
    assert state == state_of(COOKIE)


def test_a_cookie_that_was_taken_away_is_not_a_rotation(world: Any, site: Any, platform_of: Any) -> None:
    url = site.page("/", "<p>Bye", headers=(("Set-Cookie", "sid=; Max-Age=0; Path=/"),))

    async def look() -> Any:
        async with world.pool.view("author", platform_of(), site.url, state_of(COOKIE)) as view:
            await world.pool.fetch_all(visit_of(url, "author"), {"author": view})
            return await view.rotated()

    assert world.do(look()) is None


def test_page_views_are_counted_by_viewpoint(world: Any, site: Any) -> None:
    before = world.pool.page_views.get("anonymous", 0)
    world.look(site.page("/", "<p>Hello"))
    assert world.pool.page_views["anonymous"] == before + 1


MOVING = """<style>@keyframes turn { to { transform: rotate(360deg) } }
.t { width: 99px; height: 99px; background: linear-gradient(red, blue); animation: turn 1s infinite }</style>
<h1>Pictures</h1><div class=t></div><input autofocus><marquee>moving</marquee>
<img loading=lazy src=/far.svg style="margin-top: 3000px">"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><rect width="50" height="50"/></svg>'


def test_the_same_page_gives_the_same_picture(world: Any, site: Any) -> None:
    site.page("/far.svg", SVG, kind="image/svg+xml")
    url = site.page("/", MOVING.replace("<marquee>moving</marquee>", ""))
    first, second = (world.look(url).screenshot for _ in range(2))
    assert first == second
    assert site.count("/far.svg") == 2


def test_a_long_page_is_cut_with_a_note(world: Any, site: Any) -> None:
    capture = world.look(site.page("/", "<body style='margin: 0'><div style='height: 9000px'>Long"))
    assert Image.open(BytesIO(capture.screenshot)).size == (1100, 6000)
    assert capture.picture_note == "cut at 6000 of 9000 pixels"


BANNER = """<h1>Hello</h1><div id=banner>We use cookies
<button id=yes onclick="document.title = 'accepted'">Accept</button>
<button id=no onclick="banner.remove(); document.title = 'refused'">Reject</button></div>"""
LATE = BANNER.replace("banner.remove()", "if (!this.value) { this.value = 'x'; return } banner.remove()")
"""Its script comes after the first click."""


@pytest.mark.parametrize(
    ("page", "selector"),
    [
        pytest.param(BANNER, "#no", id="the platform file names the button that refuses"),
        pytest.param(LATE, "#no", id="the button works only some time after it is shown"),
        pytest.param(BANNER, "#none", id="there is no such button"),
    ],
)
def test_a_consent_dialog_is_only_ever_refused(
    world: Any, site: Any, platform_of: Any, page: str, selector: str
) -> None:
    capture = world.look(site.page("/", page), platform_of(banners=[{"reject": selector}]))
    refused = selector == "#no"
    assert capture.title == ("refused" if refused else "")
    assert ("cookies" in capture.text) != refused


PRIVATE = """<body style="margin: 0">
<style>.mail { opacity: 1 !important; visibility: visible !important }</style>
<div class=mail style="opacity: 1 !important; background: red; width: 300px; height: 60px">
<i class=mail style="display: block; background: red; height: 30px">jane.private@mail.example</i></div>
<p style="background: lime; margin: 0; width: 300px; height: 60px">Hello</p><div id=host></div>
<script>host.attachShadow({mode: "open"}).innerHTML =
"<b class=mail style='display: block; background: red; width: 300px; height: 60px'>12 new</b>"</script>
<div id=shut></div><div><template shadowrootmode=closed>
<b class=mail style='display: block; background: red; width: 300px; height: 60px'>
<i style="color: red">3</i></b>
</template></div>
<iframe style="display: block; border: 0; width: 300px; height: 60px"
srcdoc="<body style='margin: 0'>
<b class=mail style='display: block; background: red; height: 60px'>x</b>"></iframe>
<script>shut.attachShadow({mode: "closed"}).innerHTML =
"<b class=mail style='display: block; background: red; width: 300px; height: 60px'>12 new</b>"</script>"""


def test_what_is_private_is_covered_in_pictures_of_the_authors_view(
    world: Any, site: Any, platform_of: Any
) -> None:
    url = site.page("/", PRIVATE)
    platform = platform_of(private_elements=[{"selector": ".mail"}, {"selector": ".none"}])

    async def look() -> dict[str, Any]:
        pool = world.pool
        async with (
            pool.view("anonymous", platform, site.url, None) as anonymous,
            pool.view("author", platform, site.url, state_of(COOKIE)) as author,
        ):
            views = {"anonymous": anonymous, "author": author}
            return await pool.fetch_all(visit_of(url, "anonymous", "author"), views)

    captures = world.do(look())
    pictures = {
        who: Image.open(BytesIO(capture.screenshot)).convert("RGB") for who, capture in captures.items()
    }
    places = ((10, 2), (290, 50), (290, 90), (290, 130), (290, 190), (290, 250), (290, 310))
    red, lime, cover = (255, 0, 0), (0, 255, 0), (154, 147, 138)
    assert [pictures["anonymous"].getpixel(place) for place in places] == [red, red, lime, *[red] * 4]
    assert [pictures["author"].getpixel(place) for place in places] == [cover, cover, lime, *[cover] * 4]
    assert red not in {color for _, color in pictures["author"].getcolors(100_000)}


def test_what_the_page_is_about_is_waited_for(world: Any, site: Any, platform_of: Any) -> None:
    page = """<p>Loading</p><script>
    onload = () => setTimeout(() => { document.body.innerHTML = '<h1>Jane</h1>' }, 300)</script>"""
    platform = platform_of(pages={"profile": {"url": "{home}/", "wait_for": "h1"}})
    assert world.look(site.page("/", page), platform).text == "Jane"


def test_a_page_without_what_is_waited_for_is_read_as_it_is(world: Any, site: Any, platform_of: Any) -> None:
    page = {"url": "{home}/", "wait_for": "h1"}
    platform = platform_of(pages={"profile": page}, limits={"timeout_seconds": 4})
    assert world.look(site.page("/", "<p>Another page"), platform).text == "Another page"


class NotingTable(LimitsTable):
    """Notes when a turn is over."""

    ends_turns_when_answered = True
    noted: list[str]

    def lock_turns(self, keys: Iterable[TurnKey]) -> contextlib.ExitStack | None:
        if held := super().lock_turns(keys):
            held.callback(self.noted.append, "turn over")
        return held


def test_a_turn_can_last_until_the_page_has_arrived(
    world: Any, choice: Any, site: Any, platform_of: Any
) -> None:
    table = NotingTable.in_memory()
    table.noted = []

    def arrive(handler: Any) -> None:
        table.noted.append("arrived")
        handler.answer("<p>Hello")

    site.page("/", "", status=302, headers=(("Location", "/page"),))
    site.route("/page", arrive)
    options = PoolOptions(
        jobs=1,
        say=world.said.append,
        clock=lambda: datetime.now(tz=UTC),
        table=table,
        network=LedNetwork({"public.example": "93.184.216.34"}, site.server_port),
    )

    async def look() -> None:
        home = "http://public.example"
        async with (
            open_pool(choice, options) as pool,
            pool.view("anonymous", platform_of(), home, None) as view,
        ):
            await pool.fetch_all(visit_of(f"{home}/", "anonymous"), {"anonymous": view})

    world.do(look())
    assert table.noted == ["arrived", "turn over"]


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_page_loads_at_the_same_time_are_limited(world: Any, site: Any, platform_of: Any, jobs: int) -> None:
    now, most = [0], [0]

    def answer(handler: Any) -> None:
        now[0] += 1
        most[0] = max(most[0], now[0])
        handler.answer("<p>Hello")
        now[0] -= 1

    url = site.route("/", answer)

    async def look() -> None:
        async with world.open(jobs) as pool, contextlib.AsyncExitStack() as stack:
            looks = []
            for _ in range(3):
                views = {
                    who: await stack.enter_async_context(pool.view(who, platform_of(), site.url, None))
                    for who in ("anonymous", "author")
                }
                looks.append(pool.fetch_all(visit_of(url, *views), views))
            await asyncio.gather(*looks)

    world.do(look())
    assert most[0] <= jobs
    assert site.count("/") == 6


def test_cancelling_leaves_no_browser_behind(world: Any, site: Any, platform_of: Any) -> None:
    before = _descendants()
    asked = asyncio.Event()

    def hang(handler: Any) -> None:
        world.loop.call_soon_threadsafe(asked.set)
        handler.server.hang(handler)

    url = site.route("/", hang)

    async def look() -> None:
        async with world.open() as pool, pool.view("anonymous", platform_of(), site.url, None) as view:
            looking = asyncio.ensure_future(pool.fetch_all(visit_of(url, "anonymous"), {"anonymous": view}))
            await asked.wait()
            assert _descendants() - before
            looking.cancel()
            await looking

    with pytest.raises(concurrent.futures.CancelledError):
        world.do(look())
    assert _descendants() - before == set()


def test_a_browser_that_does_not_start_is_reported(world: Any, choice: Any, tmp_path: Path) -> None:
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(BrowserMissingError, match="could not be started"):
        type(world)(type(choice)(path=broken, name="Broken", origin="named"))


SIGNING_IN = """<form method=post action=/signin></form><script>
setTimeout(() => document.forms[0].submit(), 0)</script>"""


def place_of(
    platform: Any, home: str, is_signed_in: Any, *, say: Any = str, deadline: float = 60
) -> SignInTarget:
    def observe(capture: Any) -> Observation:
        kind, url = capture.visit.kind, capture.final_url
        signed_in = is_signed_in(capture)
        return Observation(viewpoint="author", kind=kind, url=url, outcome=Outcome.SHOWN, signed_in=signed_in)

    return SignInTarget(
        platform=platform, home=home, check_url=f"{home}/home", observe=observe, say=say, deadline=deadline
    )


def test_a_sign_in_is_seen_and_only_the_platforms_session_is_kept(
    choice: Any, site: Any, platform_of: Any
) -> None:
    def sign(handler: Any) -> None:
        if handler.command == "POST":
            cookie = ("Set-Cookie", "sid=s3cret; Path=/; HttpOnly")
            handler.answer("", status=303, headers=(("Location", "/home"), cookie))
        else:
            handler.answer(SIGNING_IN)

    site.route("/signin", sign)
    site.page("/home", "<p id=me>Jane<script>localStorage.theme = 'dark'</script>")
    said: list[str] = []
    found = sign_in(
        choice,
        place_of(
            platform_of(sign_in=SIGN_IN),
            site.url,
            lambda capture: 'id="me"' in capture.html and capture.status == 200,
            say=said.append,
        ),
        headed=False,
    )
    state = found.state
    assert found.handle is None
    assert [(one["name"], one["value"]) for one in state["cookies"]] == [("sid", "s3cret")]
    assert state["origins"][0]["localStorage"] == [{"name": "theme", "value": "dark"}]
    assert said == ["Sign in to Sample in the window that has opened."]


def test_a_sign_in_that_never_happens_is_given_up(choice: Any, site: Any, platform_of: Any) -> None:
    site.page("/signin", "<p>Sign in")
    place = place_of(platform_of(sign_in=SIGN_IN), site.url, lambda _: False, deadline=0.1)
    with pytest.raises(LoginFailedError, match="No signed-in page appeared"):
        sign_in(choice, place, headed=False)


def test_a_window_that_is_closed_ends_the_sign_in(choice: Any, site: Any, platform_of: Any) -> None:
    site.page("/signin", "<p>Sign in", headers=(("Set-Cookie", "sid=s3cret"),))
    before = _descendants()

    def close_the_window(_: Any) -> bool:
        for pid in _descendants() - before:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"--remote-debugging-pipe" in command and b"--type=" not in command:
                os.kill(pid, signal.SIGKILL)
        return False

    place = place_of(platform_of(sign_in=SIGN_IN), site.url, close_the_window, deadline=30)
    with pytest.raises(LoginFailedError, match="closed"):
        sign_in(choice, place, headed=False)


def _descendants() -> set[int]:
    """Return the processes that this one has started, with theirs (Linux; elsewhere none are known)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = entry.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(entry.parent.name)] = int(parent)
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}
