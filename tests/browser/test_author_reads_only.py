"""Pages that try to clap, follow, post and track, looked at by a signed-in author: the site's log tells."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from runs import environment, finish

from selfcheck.core.request import ProfileRequest
from selfcheck.demo.loopback import Reply, SiteRequest
from selfcheck.demo.site import DemoSite
from selfcheck.sessions.store import SessionStore

QUERY = {"query": "query Claps { claps }"}
MUTATION = {"query": "mutation Clap { clap(n: 50) }"}
PERSISTED = {"operationName": "Clap", "extensions": {"persistedQuery": {"sha256Hash": "ab12"}}}
RESTLESS = f"""<img src="/track?view=1"><iframe src="/within"></iframe>
<link rel=prefetch href="/@elena-marsh?prefetched"><form id=f method=post action=/follow target=_blank></form>
<form id=g method=post action=/post><input name=text value=x></form>
<script>
const quiet = () => 0, json = (body) => ({{method: 'POST', body: JSON.stringify(body)}});
fetch('/clap', {{method: 'POST', body: 'n=50'}}).catch(quiet);
fetch('/clap', {{method: 'POST', keepalive: true, body: 'n=50'}}).catch(quiet);
fetch('/story', {{method: 'DELETE'}}).catch(quiet);
fetch('/story', {{method: 'PATCH', body: 'x'}}).catch(quiet);
fetch('/override', {{headers: {{'X-HTTP-Method-Override': 'DELETE'}}}}).catch(quiet);
fetch('/signout').catch(quiet);
for (const body of {json.dumps([QUERY, MUTATION, PERSISTED, [QUERY, MUTATION]])})
  fetch('/graphql', json(body)).catch(quiet);
const xhr = new XMLHttpRequest(); xhr.open('PUT', '/follow'); xhr.send('x');
navigator.sendBeacon('/beacon', 'x');
new EventSource('/events');
try {{ new WebSocket(location.origin.replace('http', 'ws') + '/socket') }} catch {{}}
navigator.serviceWorker?.register('/service-worker.js').catch(quiet);
try {{ new Worker('/worker.js') }} catch {{}}
try {{ new SharedWorker('/worker.js') }} catch {{}}
window.open('/popup');
new Image().src = '/track?seen=' + Math.random();
f.submit(); g.submit();
</script>"""
FRAME = """<script>fetch('/clap', {method: 'POST'}).catch(() => 0); new Image().src = '/track?frame';
navigator.sendBeacon('/beacon')</script>"""
WORKER = """fetch('/clap', {method: 'POST'}).catch(() => 0); fetch('/follow', {method: 'PUT'}).catch(() => 0);
try { new WebSocket(location.origin.replace('http', 'ws') + '/socket') } catch {}"""

DOING = ("/clap", "/follow", "/post", "/story", "/override", "/signout", "/beacon", "/events", "/socket")
TRACKING = ("/track", "/popup", "/service-worker.js", "/@elena-marsh?prefetched")


class RestlessSite(DemoSite):
    """The demo site, whose every page does what it can to be noticed; it keeps each GraphQL body it gets."""

    def answer(self, asked: SiteRequest) -> Reply:
        parts = {"/within": ("text/html", FRAME), "/worker.js": ("text/javascript", WORKER)}
        if asked.path in parts:
            kind, body = parts[asked.path]
            return Reply(body=body.encode(), content_type=kind)
        if asked.path == "/graphql":
            return Reply(body=b"{}", content_type="application/json")
        reply = super().answer(asked)
        if not reply.content_type.startswith("text/html"):
            return reply
        return replace(reply, body=reply.body.replace(b"</body>", RESTLESS.encode() + b"</body>"))


@pytest.fixture
def platform(tmp_path: Path) -> str:
    shipped = Path(__file__).parents[2] / "selfcheck" / "platforms" / "data" / "demo.yaml"
    text = shipped.read_text("utf-8").replace("built_in_demo: true\n", "")
    path = tmp_path / "restless.yaml"
    path.write_text(f"{text}\n  harmless: [{{url: '/graphql$', graphql: true}}]\n", encoding="utf-8")
    return str(path)


def test_the_author_only_reads_whatever_the_pages_try(tmp_path: Path, platform: str) -> None:
    with RestlessSite() as site:
        store = SessionStore(tmp_path / "sessions", environ={})
        store.save("elena", site.storage_state("elena-marsh"))
        profile = ProfileRequest(
            name="elena", platform=platform, handle="elena-marsh", base_url=site.url, session="elena"
        )
        in_environment = replace(environment(tmp_path), sessions=store)
        result = finish(tmp_path, profile, in_environment=in_environment, jobs=2).result
        log = list(site.log)
    author = [one for one in log if one.viewpoint == "author"]
    assert result.profiles[0].verdict == "visible", result.profiles[0].summary
    assert {"/@elena-marsh", "/me/stats", "/within"} <= {one.path for one in author}
    assert {(one.method, one.path) for one in log if one.method not in {"GET", "HEAD"}} == {
        ("POST", "/graphql")
    }
    pages = sum(one.path in {"/@elena-marsh", "/me/stats"} for one in author)
    assert sum(one.path == "/graphql" for one in author) <= pages  # of four bodies only the query goes
    assert [one.path for one in author if one.path.startswith((*DOING, *TRACKING))] == []
    assert {one.path for one in log if one.path.startswith((*DOING, *TRACKING))} <= {"/events"}
    refused = next(one.refused for one in result.footprint if one.viewpoint == "author")
    assert {"fetch", "image", "ping", "xhr"} <= refused.keys()
    listed = {(one.kind, one.method, urlsplit(one.url).path) for one in result.refused_requests}
    assert ("fetch", "POST", "/graphql") in listed  # three of the four bodies
    assert not any("?" in one.url for one in result.refused_requests)
