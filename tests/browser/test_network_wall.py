"""A real browser behind the filtering proxy; what arrives on this machine is the judge."""

import asyncio
from contextlib import suppress
from typing import Any

import psutil
from led_network import LedNetwork
from playwright.async_api import async_playwright

from selfcheck.browser import launcher
from selfcheck.browser.proxy.network import UserProxy
from selfcheck.browser.proxy.rules import Endpoint, ReachRules
from selfcheck.browser.proxy.server import FilteringProxy

PUBLIC = "93.184.216.34"
NAMES = {"public.example": PUBLIC, "within.example": "127.0.0.1", "other.example": PUBLIC, "nas": "127.0.0.1"}

HOSTILE = """<!doctype html><title>Public</title><p>Hello
<script type=speculationrules>{"prefetch": [{"source": "list", "urls": ["/ahead"], "eagerness": "immediate"}],
  "prerender": [{"source": "list", "urls": ["/render"], "eagerness": "immediate"}]}</script>
<link rel=prefetch href=/link-ahead><img src=/own><img src=http://other.example/other>
<script>
const hosts = ['127.0.0.1', '127.0.0.2', '127.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]',
  '[64:ff9b::7f00:1]', '[2002:7f00:1::]', 'localhost', 'a.localhost', 'within.example', 'nas', '0.0.0.0'];
for (const host of hosts) {
  const inner = `http://${host}:PORT`;
  new Image().src = `${inner}/image`;
  fetch(`${inner}/fetch`, {mode: 'no-cors'}).catch(() => 0);
  document.body.append(Object.assign(document.createElement('script'), {src: `${inner}/script`}));
  document.body.append(Object.assign(document.createElement('iframe'), {src: `${inner}/frame`}));
  const code = `fetch('${inner}/worker', {mode: 'no-cors'}).catch(() => 0)`;
  new Worker(URL.createObjectURL(new Blob([code])));
}
for (const port of [22, 81]) fetch(`http://public.example:${port}/`).catch(() => 0);
const iceServers = [{urls: 'stun:127.0.0.1:UDP'}, {urls: 'stun:within.example:UDP'}];
const rtc = new RTCPeerConnection({iceServers});
rtc.createDataChannel('x'); rtc.createOffer().then((offer) => rtc.setLocalDescription(offer));
</script>"""


class Datagrams(asyncio.DatagramProtocol):
    """Keeps every datagram."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    def datagram_received(self, data: bytes, _: Any) -> None:
        self.received.append(data)


def test_no_way_leads_from_a_public_page_to_this_machine(
    choice: Any, site: Any, world: Any, platform_of: Any
) -> None:
    udp, datagrams = world.do(_listen(world))
    network = LedNetwork(NAMES, site.server_port)
    other = type(world)(choice, network)
    port = udp.get_extra_info("sockname")[1]
    html = HOSTILE.replace("PORT", str(site.server_port)).replace("UDP", str(port))
    site.page("/page", html)
    site.page("/away", "", status=302, headers=(("Location", f"http://within.example:{site.server_port}/x"),))
    platform = platform_of(
        home="http://public.example",
        hosts=("public.example",),
        limits={"gap_seconds": 0, "jitter_seconds": 0},
    )
    try:
        home = "http://public.example"
        shown = other.look("http://public.example/page", platform, home=home)
        away = other.look("http://public.example/away", platform, home=home)
        command_line = _command_line()
        refused, footprint = other.pool.refused_requests, other.pool.footprint
    finally:
        other.close()
        udp.close()
    assert {path for _, path in site.asked} <= {"/page", "/own", "/other", "/away", "/favicon.ico"}
    assert (shown.status, site.count("/own"), site.count("/other")) == (200, 1, 1)
    assert shown.server_address == f"127.0.0.1:{site.server_port}"
    assert (away.failure.kind, away.redirects[0].status) == ("blocked_address", 302)
    assert datagrams.received == []
    assert {host for host, _ in network.connected} == {PUBLIC}
    listed = {row.url for row in refused}
    assert f"http://within.example:{site.server_port}/image" in listed
    assert {row.host for row in footprint if row.requests} == {"public.example", "other.example"}
    _holds_playwrights_features(command_line)


def test_an_error_of_the_users_own_proxy_is_no_page_of_the_platform(
    choice: Any, site: Any, world: Any, platform_of: Any
) -> None:
    """The site stands for a proxy that knows no CONNECT, and for one that answers nothing else."""
    network = LedNetwork({"public.example": PUBLIC}, proxy=UserProxy.of(f"127.0.0.1:{site.server_port}"))
    other = type(world)(choice, network)
    platform = platform_of(home="https://public.example", hosts=("public.example",))
    try:
        capture = other.look("https://public.example/", platform, home="https://public.example")
    finally:
        other.close()
    assert (capture.failure.kind, capture.status) == ("refused", None)
    assert capture.failure.detail == "net::ERR_TUNNEL_CONNECTION_FAILED"


async def _listen(world: Any) -> tuple[asyncio.DatagramTransport, Datagrams]:
    return await world.loop.create_datagram_endpoint(Datagrams, local_addr=("127.0.0.1", 0))


def _command_line() -> list[str]:
    """Return the words with which the browser was started, as the system knows them."""
    for process in reversed(psutil.Process().children(recursive=True)):
        with suppress(psutil.Error):
            words = process.cmdline()
            if launcher.arguments()[-1] in words and not any(word.startswith("--type") for word in words):
                return words
    raise AssertionError("no browser")


def _holds_playwrights_features(line: list[str]) -> None:
    """The browser takes the last of several such switches: it must hold all that the others have."""
    for switch in ("enable", "disable"):
        *before, last = [
            set(one.partition("=")[2].split(",")) for one in line if one.startswith(f"--{switch}-features=")
        ]
        assert set().union(*before) <= last, f"Playwright's own features, lost by our --{switch}-features"


def test_the_switch_alone_stops_speculation_rules(choice: Any, site: Any, world: Any) -> None:
    rules = HOSTILE.split("<link", maxsplit=1)[0]
    site.page("/page", f"{rules}<script>setTimeout(() => fetch('/last'), 300)</script>")
    site.page("/last", "")
    world.do(_open(choice, f"{site.url}/page"))
    assert {path for _, path in site.asked} <= {"/page", "/last", "/favicon.ico"}


def test_the_proxy_alone_stops_web_sockets_and_nothing_else(
    choice: Any, site: Any, tls_site: Any, world: Any
) -> None:
    """Both sites stand for public ones; this page has its sockets, as no page that selfcheck opens has."""
    page = """<script>
    const socket = (url) => new Promise((done) => { new WebSocket(url).onerror = done; });
    Promise.all([socket('ws://plain.example/socket'), socket('wss://secure.example/socket'),
      fetch('https://secure.example/fetched', {mode: 'no-cors'})]).then(() => fetch('/last'));</script>"""
    for each, path in ((site, "/last"), (tls_site, "/fetched")):
        each.page(path, "")
    site.page("/page", page)
    names = {"plain.example": PUBLIC, "secure.example": PUBLIC}
    network = LedNetwork(names, ports={80: site.server_port, 443: tls_site.server_port})
    proxy = FilteringProxy(ReachRules(home=Endpoint("plain.example", 80)), network)

    async def open_behind_it() -> None:
        server = await proxy.start()
        try:
            await _open(choice, "http://plain.example/page", {"server": server, "bypass": "<-loopback>"})
        finally:
            proxy.close()

    world.do(open_behind_it())
    assert {path for _, path in site.asked} <= {"/page", "/last", "/favicon.ico"}
    assert tls_site.asked == [("GET", "/fetched")]
    refused = {Endpoint("plain.example", 80), Endpoint("secure.example", 443)}
    assert set(proxy.log.refused) == refused


async def _open(choice: Any, url: str, proxy: Any = None) -> None:
    """Open a page in a browser without any other wall, until it has asked for `/last`."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=choice.path,
            args=[launcher.arguments()[-1]],
            chromium_sandbox=launcher.sandboxed(),
        )
        page = await browser.new_page(proxy=proxy, ignore_https_errors=True)
        async with page.expect_response("**/last"):
            await page.goto(url)
        await browser.close()
