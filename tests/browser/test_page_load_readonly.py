"""What a page may not do while it is looked at."""

from typing import Any

import pytest
from led_network import LedNetwork

WRITES = """<title>Writes</title><p id=there>Hello
<form id=f method=post action=/form><input name=a></form>
<form id=g method=post action=/popup-form target=_blank></form>
<iframe src=/frame></iframe>
<script>
const ignore = () => 0;
fetch('/fetch', {method: 'POST', body: 'x'}).catch(ignore);
fetch('/keepalive', {method: 'POST', keepalive: true, body: 'x'}).catch(ignore);
fetch('/delete', {method: 'DELETE'}).catch(ignore);
navigator.sendBeacon('/beacon', 'x');
const xhr = new XMLHttpRequest(); xhr.open('PUT', '/xhr'); xhr.send('x');
new Worker('/worker.js');
new WebSocket(location.origin.replace('http', 'ws') + '/socket');
window.open('/popup');
const link = Object.assign(document.createElement('a'), {href: '#', ping: '/ping'});
document.body.append(link); link.click();
g.submit();
f.submit();
fetch('/read').then(() => { document.body.append('read'); });
</script>"""
FRAME = "<script>fetch('/from-frame', {method: 'POST'}).catch(() => 0)</script>"
WORKER = """fetch('/from-worker', {method: 'POST'}).catch(() => 0);
try { new WebSocket(location.origin.replace('http', 'ws') + '/worker-socket') } catch {}"""


@pytest.mark.parametrize("state", [None, {"cookies": [], "origins": []}], ids=["the public", "an author"])
def test_nothing_but_reading_leaves_the_browser(world: Any, site: Any, state: Any) -> None:
    url = site.page("/", WRITES)
    site.page("/frame", FRAME)
    site.page("/worker.js", WORKER, kind="text/javascript")
    site.page("/read", "{}", kind="application/json")
    capture = world.look(url, state=state)
    assert capture.failure is None
    assert {method for method, _ in site.asked} == {"GET"}
    assert {path for _, path in site.asked} <= {"/", "/frame", "/worker.js", "/read", "/favicon.ico"}


def test_a_harmless_request_may_go_and_a_refused_body_may_not(
    world: Any, site: Any, platform_of: Any
) -> None:
    page = """<p>Hello<script>
    for (const query of ['query { me }', 'mutation { clap }'])
      fetch('/graphql', {method: 'POST', body: query}).then(() => document.body.append(query), () => 0);
    fetch('/other', {method: 'POST', body: 'query'}).catch(() => 0);
    </script>"""
    site.page("/graphql", "{}", kind="application/json")
    harmless = {"url": "/graphql$", "refuse_body": r"\bmutation\b"}
    world.look(site.page("/", page), platform_of(limits={"harmless": [harmless]}))
    assert site.count("/graphql", "POST") == 1
    assert site.count("/other", "POST") == 0


def test_a_service_worker_is_not_installed(world: Any, site: Any) -> None:
    page = """<p>Hello<script>navigator.serviceWorker.register('/sw.js').then(
      (one) => document.body.append(one ? 'registered' : 'not registered'), () => 0)</script>"""
    site.page("/sw.js", "fetch('/from-service-worker', {method: 'POST'})", kind="text/javascript")
    capture = world.look(site.page("/", page))
    assert site.count("/sw.js") == 0
    assert "Hello" in capture.text


def test_dialogs_do_not_hold_up_the_page_load(world: Any, site: Any) -> None:
    page = "<p>Hello<script>alert(1); if (!confirm('?')) document.body.append('no'); prompt('?')</script>"
    assert world.look(site.page("/", page)).text.split() == ["Hello", "no"]


def test_videos_and_blocked_addresses_are_not_loaded(world: Any, site: Any, platform_of: Any) -> None:
    page = """<p>Hello<video src=/film.mp4 autoplay></video><audio src=/song.mp3 autoplay></audio>
    <script src=/tracker/t.js></script><img src=/picture.png>"""
    world.look(site.page("/", page), platform_of(limits={"blocked": ["*/tracker/*"]}))
    assert site.count("/picture.png") == 1
    assert {path for _, path in site.asked} & {"/film.mp4", "/song.mp3", "/tracker/t.js"} == set()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("file:///etc/hostname", id="a file"),
        pytest.param("chrome://version", id="a page of the browser"),
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("http://", id="no host"),
    ],
)
def test_other_addresses_are_not_opened(world: Any, url: str) -> None:
    capture = world.look(url)
    assert capture.failure.kind == "blocked_address"
    assert capture.status is None


@pytest.mark.parametrize("location", ["file:///etc/hostname", "data:text/html,hello"])
def test_no_redirect_leads_to_another_scheme(world: Any, site: Any, location: str) -> None:
    capture = world.look(site.page("/", "", status=302, headers=(("Location", location),)))
    assert capture.failure.kind == "blocked_address"


def test_a_public_page_cannot_reach_this_machine(
    choice: Any, site: Any, world: Any, platform_of: Any
) -> None:
    """A public name that is led to the test site stands for the public page."""
    inner = f"http://127.0.0.1:{site.server_port}"
    page = f"""<p>Hello<img src={inner}/image><script src={inner}/script></script>
    <iframe src={inner}/frame></iframe>
    <script>fetch('{inner}/fetch', {{mode: 'no-cors'}}).catch(() => 0)</script><img src=/own>"""
    site.page("/page", page)
    site.page("/away", "", status=302, headers=(("Location", f"{inner}/secret"),))
    other = type(world)(choice, LedNetwork({"public.example": "93.184.216.34"}, site.server_port))
    try:
        unpaced = platform_of(limits={"gap_seconds": 0, "jitter_seconds": 0})
        shown = other.look("http://public.example/page", unpaced)
        led_away = other.look("http://public.example/away", unpaced)
    finally:
        other.close()
    assert shown.status == 200
    assert site.count("/own") == 1
    assert led_away.failure.kind == "blocked_address"
    assert led_away.redirects[0].status == 302
    assert {path for _, path in site.asked} <= {"/page", "/own", "/away", "/favicon.ico"}
