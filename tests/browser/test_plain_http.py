"""A request without a browser goes by the rules of its viewpoint, and ends."""

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from led_network import LedNetwork

from selfcheck.browser.context import ViewContext, Viewpoint
from selfcheck.browser.interceptor import NavigationLog
from selfcheck.browser.page_load import LoadResult
from selfcheck.browser.plain_http import FetchedFile, load_file, load_plain
from selfcheck.browser.request_count import RequestCounter
from selfcheck.core.capture import Failure
from selfcheck.core.enums import ANONYMOUS, FailureKind

PUBLIC = "93.184.216.34"
NO_BROWSER: Any = SimpleNamespace(remote=False, blocked=(), alive=False)


def ask(
    platform: Any, home: str, url: str, network: Any, seconds: float = 5.0
) -> tuple[NavigationLog, LoadResult]:
    viewpoint = Viewpoint(name=ANONYMOUS, platform=platform, home=home, state=None)

    async def work() -> tuple[NavigationLog, LoadResult]:
        view = ViewContext(viewpoint, NO_BROWSER, RequestCounter(lambda: 0.0), network)
        try:
            return await load_plain(view, url, seconds)
        finally:
            await view.close()

    return asyncio.run(work())


def platform_at(platform_of: Any, home: str) -> Any:
    return platform_of(home=home, hosts=("blog.example", "*.blog.example"))


def test_an_address_is_asked_for_as_browsers_write_it(site: Any, platform_of: Any) -> None:
    lines: list[str] = []

    def answer(handler: Any) -> None:
        lines.extend((handler.requestline, handler.headers["Host"], handler.headers["User-Agent"]))
        handler.answer("a feed", status=404)

    site.route("/%C3%BC", answer)
    home = "http://blog.example"
    network = LedNetwork({"blog.example": PUBLIC}, site.server_port)
    log, result = ask(platform_at(platform_of, home), home, f"{home}/ü?q=a b#part", network)
    assert (lines[0], lines[1]) == ("GET /%C3%BC?q=a%20b HTTP/1.1", "blog.example")
    assert lines[2].startswith("selfcheck/")
    assert (log.responses[-1].status, log.body, result.failure) == (404, "a feed", None)


def test_tls_is_between_selfcheck_and_the_server(
    tls_site: Any, platform_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = tls_site.page("/feed", "a feed")
    platform, network = platform_of(home=tls_site.url), LedNetwork({})
    _, result = ask(platform, tls_site.url, url, network)
    assert result.failure is not None
    assert (result.failure.kind, tls_site.asked) == (FailureKind.TLS, [])
    monkeypatch.setenv("SSL_CERT_FILE", str(Path(__file__).with_name("selfsigned.pem")))
    log, result = ask(platform, tls_site.url, url, network)
    assert (result.failure, log.body) == (None, "a feed")
    assert result.server_address == f"127.0.0.1:{tls_site.server_port}"


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        pytest.param("feeds.blog.example", FailureKind.BLOCKED_ADDRESS, id="a name that leads within"),
        pytest.param("none.blog.example", FailureKind.DNS, id="a name that leads nowhere"),
    ],
)
def test_no_way_leads_within(site: Any, platform_of: Any, host: str, kind: FailureKind) -> None:
    home = "http://blog.example"
    network = LedNetwork({"blog.example": PUBLIC, "feeds.blog.example": "127.0.0.1"}, site.server_port)
    _, result = ask(platform_at(platform_of, home), home, f"http://{host}/feed", network)
    assert result.failure is not None
    assert (result.failure.kind, site.asked) == (kind, [])


@pytest.mark.parametrize(
    ("url", "status"),
    [
        pytest.param("http://blog.example/1.png", 200, id="the blog's own"),
        pytest.param("http://pictures.example/1.png", 200, id="one of a public host"),
        pytest.param("http://within.example/1.png", None, id="a name that leads within"),
        pytest.param("http://192.168.0.1/1.png", None, id="a router's address"),
        pytest.param("file:///etc/passwd", None, id="a file"),
    ],
)
def test_a_picture_comes_from_no_private_address(
    site: Any, platform_of: Any, url: str, status: int | None
) -> None:
    site.route("/1.png", lambda handler: handler.answer("a picture"))
    names = {"blog.example": PUBLIC, "pictures.example": PUBLIC, "within.example": "127.0.0.1"}
    network = LedNetwork(names, site.server_port)
    home = "http://blog.example"
    viewpoint = Viewpoint(name=ANONYMOUS, platform=platform_at(platform_of, home), home=home, state=None)

    async def work() -> FetchedFile | Failure:
        view = ViewContext(viewpoint, NO_BROWSER, RequestCounter(lambda: 0.0), network)
        try:
            return await load_file(view, url, 5.0)
        finally:
            await view.close()

    answer = asyncio.run(work())
    assert (answer.status if isinstance(answer, FetchedFile) else None) == status
    assert len(site.asked) == (status is not None)


def test_a_server_that_never_stops_sending_holds_nothing_up(site: Any, platform_of: Any) -> None:
    def drip(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        with suppress(ConnectionError):
            while not site.let_go.wait(0.01):
                handler.wfile.write(b".")

    site.route("/feed", drip)
    network = LedNetwork({"blog.example": PUBLIC}, site.server_port)
    home = "http://blog.example"
    _, result = ask(platform_at(platform_of, home), home, f"{home}/feed", network, seconds=0.2)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.TIMEOUT
