"""Every trouble of page, network and browser is a capture with a failure, never an exception."""

import asyncio
import socket
import struct
from typing import Any

import pytest

from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import PageKind


def _reset(handler: Any) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def _garbage(handler: Any) -> None:
    handler.wfile.write(b"\x00\x01\x02 this is no HTTP\r\n\r\n")
    handler.close_connection = True


def _nothing(handler: Any) -> None:
    handler.close_connection = True


def _never(handler: Any) -> None:
    handler.server.hang(handler)


def _half(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"<title>Half</title><p>The first half")
    handler.close_connection = True


@pytest.fixture
def hurried(platform_of: Any) -> Any:
    return platform_of(limits={"timeout_seconds": 2})


@pytest.mark.parametrize(
    ("route", "kind"),
    [
        pytest.param(_reset, "refused", id="a connection that is reset"),
        pytest.param(_nothing, "no_answer", id="an empty answer"),
        pytest.param(_garbage, "no_answer", id="an answer that is no HTTP"),
        pytest.param(
            lambda handler: handler.server.hang(handler), "timeout", id="an answer that never comes"
        ),
    ],
)
def test_a_failed_answer_is_a_failure(world: Any, site: Any, hurried: Any, route: Any, kind: str) -> None:
    capture = world.look(site.route("/", route), hurried if kind == "timeout" else None)
    assert (capture.failure.kind, capture.status) == (kind, None)
    assert capture.failure.detail
    assert capture.screenshot is None


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        pytest.param("http://name.invalid/", "dns", id="a name that does not exist"),
        pytest.param("http://127.0.0.1:1/", "blocked_address", id="a port that browsers refuse"),
    ],
)
def test_an_address_without_a_server_is_a_failure(world: Any, platform_of: Any, url: str, kind: str) -> None:
    assert world.look(url, platform_of()).failure.kind == kind


def test_a_closed_port_is_refused(world: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        capture = world.look(f"http://127.0.0.1:{closed.getsockname()[1]}/")
    assert capture.failure.kind == "refused"


def test_an_untrusted_certificate_is_a_tls_failure(world: Any, tls_site: Any) -> None:
    capture = world.look(tls_site.page("/", "<p>Hello"))
    assert (capture.failure.kind, capture.status) == ("tls", None)


def test_a_redirect_loop_is_a_failure_that_keeps_its_way(world: Any, site: Any) -> None:
    capture = world.look(site.page("/", "", status=302, headers=(("Location", "/"),)))
    assert (capture.failure.kind, capture.status) == ("too_many_redirects", None)
    assert len(capture.redirects) > 5


def test_half_a_document_is_marked_as_such(world: Any, site: Any) -> None:
    capture = world.look(site.route("/", _half))
    assert (capture.status, capture.title, capture.truncated) == (200, "Half", True)


def test_a_page_that_never_stops_computing_times_out(world: Any, site: Any, hurried: Any) -> None:
    capture = world.look(
        site.page("/", "<p>Hello<script>setTimeout(() => { for (;;); }, 0)</script>"), hurried
    )
    assert (capture.failure.kind, capture.status) == ("timeout", 200)
    assert world.look(site.page("/next", "<p>Next")).text == "Next"


def test_trackers_that_hang_do_not_hold_up_the_page_load(world: Any, site: Any) -> None:
    """Nothing here is blocked by name; the page is read while its trackers still hang."""
    site.route("/hang.js", lambda handler: handler.server.hang(handler))
    site.route("/hang.gif", lambda handler: handler.server.hang(handler))
    page = """<h1>Hello</h1><script>new Image().src = '/hang.gif'; fetch('/hang.js')</script>
    <script async src=/hang.js></script><script defer src=/hang.js?2></script>"""
    capture = world.look(site.page("/", page))
    assert (capture.failure, capture.text.strip()) == (None, "Hello")
    assert not site.let_go.is_set()


def test_a_page_that_crashes_is_opened_once_more(world: Any, site: Any) -> None:
    def crash_once(handler: Any) -> None:
        first = handler.server.count("/crash") == 1
        handler.answer("", status=302, headers=(("Location", "/x"),)) if first else handler.answer("<p>Well")

    site.route("/crash", crash_once)
    site.route("/x", lambda handler: _crash_page(world, handler))
    capture = world.look(f"{site.url}/crash")
    assert (capture.text, capture.failure, capture.page_views) == ("Well", None, 2)


def test_a_page_that_crashes_twice_has_crashed(world: Any, site: Any) -> None:
    site.route("/x", lambda handler: _crash_page(world, handler))
    capture = world.look(f"{site.url}/x")
    assert (capture.failure.kind, capture.page_views) == ("crashed", 2)


def test_a_browser_that_crashes_is_started_again(world: Any, site: Any) -> None:
    def crash_once(handler: Any) -> None:
        if handler.server.count("/crash") == 1:
            world.start(_crash_browser(world))
            handler.server.hang(handler)
        else:
            handler.answer("<p>Well")

    capture = world.look(site.route("/crash", crash_once))
    assert (capture.text, capture.failure, capture.page_views) == ("Well", None, 2)
    assert world.said == ["The browser crashed and is being started again."]


def test_a_browser_that_crashes_twice_leaves_a_failure_and_the_next_look_works(world: Any, site: Any) -> None:
    def crash(handler: Any) -> None:
        world.start(_crash_browser(world))
        handler.server.hang(handler)

    capture = world.look(site.route("/crash", crash))
    assert (capture.failure.kind, capture.page_views) == ("crashed", 2)
    assert world.look(site.page("/next", "<p>Next")).text == "Next"


def _crash_page(world: Any, handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    handler.wfile.write(b"<title>Soon gone</title><script>document.title = 'here'</script>")
    world.start(_crash_pages(world))
    handler.server.hang(handler)


async def _crash_pages(world: Any) -> None:
    browser, _ = await world.pool._processes[0].ready()
    for context in browser.contexts:
        for page in context.pages:
            await page.wait_for_function("document.title == 'here'")
            session = await context.new_cdp_session(page)
            crash = asyncio.ensure_future(session.send("Page.crash"))
            crash.add_done_callback(lambda done: done.cancelled() or done.exception())


async def _crash_browser(world: Any) -> None:
    browser, _ = await world.pool._processes[0].ready()
    session = await browser.new_browser_cdp_session()
    crash = asyncio.ensure_future(session.send("Browser.crash"))
    crash.add_done_callback(lambda done: done.cancelled() or done.exception())


def test_after_a_429_the_platform_is_left_alone(world: Any, site: Any, platform_of: Any) -> None:
    home = "http://platform.example"  # its pages are on this machine, which by itself is never left alone
    wall = site.page("/busy", "Slow down", status=429, headers=(("Retry-After", "3600"),))
    other = site.page("/other", "Hello")

    async def look_at_both() -> list[Any]:
        async with world.pool.view("anonymous", platform_of(platform="busy"), home, None) as view:
            visits = [
                PageRequest(
                    profile="p", kind=PageKind.PROFILE, url=url, viewpoints=(view.name,), folder="p/profile"
                )
                for url in (wall, other)
            ]
            return [(await world.pool.fetch_all(visit, {view.name: view}))[view.name] for visit in visits]

    first, second = world.do(look_at_both())
    assert (first.status, first.failure) == (429, None)
    assert (second.failure.kind, second.page_views, site.count("/other")) == ("backing_off", 0, 0)
    assert "left alone until" in second.failure.detail
    elsewhere = world.look(other, platform_of(platform="another"))
    assert elsewhere.failure is None
