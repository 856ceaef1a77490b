from dataclasses import replace
from typing import Any

import pytest

from selfcheck.browser.interceptor import changed_headers, is_data, outgoing_request, patterns, response_of
from selfcheck.browser.request_policy import OutgoingRequest, PagePolicy, block_reason, reads_graphql
from selfcheck.platforms.schema import HarmlessRead

RULES = PagePolicy(
    page_host="blog.example",
    blocked=("*://track.example/*",),
    harmless=(HarmlessRead(url=r"/graphql$", refuse_body=r"\bmutation\b"), HarmlessRead(url=r"/search$")),
)


GRAPHQL = HarmlessRead(url=r"^https://api\.blog\.example/graphql$", graphql=True)


def asked(**changes: Any) -> OutgoingRequest:
    return OutgoingRequest(**{"url": "https://blog.example/x", "method": "GET", "kind": "Fetch", **changes})


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(asked(), id="a GET"),
        pytest.param(asked(method="HEAD"), id="a HEAD"),
        pytest.param(asked(method="OPTIONS", kind="Preflight"), id="a preflight"),
        pytest.param(asked(kind="Document", url="https://other.example/"), id="a redirect elsewhere"),
        pytest.param(
            asked(method="POST", url="https://a.example/graphql", body="query { me }"), id="a harmless POST"
        ),
        pytest.param(asked(method="POST", url="https://a.example/search"), id="a harmless POST of any body"),
    ],
)
def test_reading_may_go(request_: OutgoingRequest) -> None:
    assert block_reason(request_, RULES) is None


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param(asked(method="POST"), "POST could change something", id="a POST"),
        pytest.param(asked(method="POST", kind="Document"), "POST could", id="a form"),
        pytest.param(asked(method="DELETE"), "DELETE could", id="a DELETE"),
        pytest.param(asked(method="OPTIONS"), "OPTIONS could", id="an OPTIONS that is no preflight"),
        pytest.param(asked(kind="Ping", method="POST"), "Ping is not loaded", id="a beacon"),
        pytest.param(asked(kind="Media"), "Media is not loaded", id="a video"),
        pytest.param(asked(url="https://track.example/t.js"), "the platform file blocks it", id="a tracker"),
        pytest.param(asked(url="ftp://blog.example/"), "only http and https", id="another scheme"),
        pytest.param(asked(url="http://192.168.1.1/reboot"), "a private address", id="the user's router"),
        pytest.param(asked(url="http://localhost:631/"), "a private address", id="the user's machine"),
        pytest.param(
            asked(method="POST", url="https://a.example/graphql", body="mutation { clap }"),
            "POST could",
            id="a harmless address with a refused body",
        ),
        pytest.param(
            asked(method="POST", url="https://a.example/graphql"),
            "POST could",
            id="a harmless address with a body that cannot be read",
        ),
        pytest.param(
            asked(method="PUT", url="https://a.example/search"),
            "PUT could",
            id="a harmless address, other method",
        ),
    ],
)
def test_all_else_is_refused(request_: OutgoingRequest, reason: str) -> None:
    assert reason in (block_reason(request_, RULES) or "")


def test_what_a_pattern_cannot_get_through_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selfcheck.platforms.patterns.SECONDS", 0.01)
    slow = replace(RULES, harmless=(HarmlessRead(url="/(?:(?:a|aa)+b?)+(!)$"),))
    request = asked(method="POST", url=f"https://a.example/{'a' * 80}")
    assert "takes too long" in (block_reason(request, slow) or "")


@pytest.mark.parametrize(
    ("request_", "allowed"),
    [
        pytest.param(asked(), True, id="a GET of an unknown frame"),
        pytest.param(
            asked(method="POST", url="https://a.example/search"),
            False,
            id="a harmless POST of an unknown frame",
        ),
        pytest.param(asked(url="http://127.0.0.1/"), False, id="this machine, asked for by an unknown page"),
        pytest.param(
            asked(url="http://127.0.0.1/", referrer="http://127.0.0.1/page"),
            True,
            id="this machine, by itself",
        ),
        pytest.param(asked(url="https://track.example/t"), False, id="what any platform blocks"),
    ],
)
def test_what_cannot_be_placed_is_held_to_the_strictest_rules(
    request_: OutgoingRequest, allowed: bool
) -> None:
    assert (block_reason(request_, None, blocked=RULES.blocked) is None) is allowed


AUTHORS = replace(RULES, author=True, own_hosts=("blog.example", "*.blog.example"), harmless=(GRAPHQL,))
API = "https://api.blog.example/graphql"
QUERY = '{"query": "query { me }"}'


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(asked(), id="data of the page's own host"),
        pytest.param(asked(url="https://api.blog.example/x", kind="XHR"), id="data of the platform"),
        pytest.param(asked(url="https://cdn.example/a.css", kind="Stylesheet"), id="a style from anywhere"),
        pytest.param(asked(url="https://cdn.example/a.js", kind="Script"), id="a script from anywhere"),
        pytest.param(asked(url="https://cdn.example/a.png", kind="Image"), id="a picture from anywhere"),
        pytest.param(asked(url="https://x.example/", kind="Document"), id="an embedded page"),
        pytest.param(asked(method="OPTIONS", kind="Preflight", url=API), id="a preflight"),
        pytest.param(asked(method="POST", url=API, body=QUERY), id="a query of the platform's own API"),
        pytest.param(asked(url=f"{API}?query=%7Bme%7D"), id="a query in an address"),
    ],
)
def test_an_author_may_see_the_page(request_: OutgoingRequest) -> None:
    assert block_reason(request_, AUTHORS) is None


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(asked(url="https://stats.example/hit"), id="data of another site"),
        pytest.param(asked(url="https://notblog.example/x"), id="a site whose name ends alike"),
        pytest.param(asked(kind="EventSource"), id="a stream of events"),
        pytest.param(asked(kind="Prefetch"), id="a page fetched ahead of a click"),
        pytest.param(asked(kind="Preflight", url="ftp://blog.example/"), id="another scheme"),
        pytest.param(asked(overrides=True), id="a GET that says it is none"),
        pytest.param(asked(method="POST", url=API, body=QUERY, kind="Document"), id="a form to the API"),
        pytest.param(asked(method="POST", url=API), id="a query that cannot be read"),
        pytest.param(asked(method="POST", url=f"{API}?query=mutation%7Ba%7D", body=QUERY), id="one in both"),
        pytest.param(asked(method="POST", url=API, body='{"query": "mutation { clap }"}'), id="a mutation"),
        pytest.param(asked(url=f"{API}?query=mutation%7Bclap%7D"), id="a mutation in an address"),
        pytest.param(asked(url=f"{API}?extensions=%7B%7D&operationName=Clap"), id="a persisted one there"),
    ],
)
def test_an_author_does_nothing_else(request_: OutgoingRequest) -> None:
    assert block_reason(request_, AUTHORS) is not None


@pytest.mark.parametrize(
    "kind", ["Image", "Script", "Document", "Stylesheet", "Font", "Fetch", "XHR", "Other"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/graphql?query=mutation%7Bclap%7D", "/graphql/?query=query%7Bme%7D", "/GraphQL?query=query%7Bme%7D",
        "/graphql;x?query=query%7Bme%7D", "/%67raphql?id=1", "/%2567raphql?id=1", "/graphql/7f3a",
        "//graphql?id=1",
        "/x/%2e%2e/graphql?id=1", "/graphql?query=%7Ba%7D&query=mutation%7Bb%7D",
        "/graphql?Query=mutation%7Bb%7D",
        "/graphql?query=%7Ba%7D;query=mutation%7Bb%7D",
        "/graphql?batch=%5B%7B%22query%22:%22mutation%7Bb%7D%22%7D%5D",
        "/graphql?query%5B%5D=mutation%7Bb%7D", "/graphql?operationName=Clap",
        "/other?query=mutation%7Bclap%7D",
    ],
)  # fmt: skip
def test_no_author_acts_by_any_address_of_graphql(path: str, kind: str) -> None:
    request = asked(url=f"https://api.blog.example{path}", kind=kind)
    assert block_reason(request, AUTHORS) is not None
    assert block_reason(request, None, authors=(AUTHORS,)) is not None, "by a frame or a worker"


@pytest.mark.parametrize(
    "url",
    [
        "https://track.example/%74",
        "https://TRACK.example./x",
        "https://track.example//t;x",
        "https://track.example:8443/x",
    ],
)
def test_what_is_blocked_is_blocked_in_other_spellings(url: str) -> None:
    assert block_reason(asked(url=url, kind="Image"), RULES) == "the platform file blocks it"


def test_only_where_graphql_may_be_in_a_request_its_parser_is_asked() -> None:
    assert reads_graphql(asked(url=f"{API}?query=x"), AUTHORS, ())
    assert reads_graphql(asked(method="POST", body="x"), None, (AUTHORS,))
    assert not reads_graphql(asked(), AUTHORS, ())
    assert not reads_graphql(asked(method="POST", body="x"), RULES, (AUTHORS,))


def test_every_request_is_stopped_where_an_author_looks() -> None:
    stops = patterns((PagePolicy(page_host="127.0.0.1"), PagePolicy(page_host="127.0.0.1", author=True)))
    assert stops[0] == {"urlPattern": "*"}


def test_headers_stay_but_for_rules_of_what_is_fetched_ahead() -> None:
    cookies = [{"name": "Set-Cookie", "value": value} for value in ("a=1", "b=2", "b=3")]
    rules = {"name": "speculation-rules", "value": '"/rules.json"'}
    event = {"resourceType": "Document", "responseStatusCode": 200, "responseHeaders": [*cookies, rules]}
    assert changed_headers({**event, "request": {"url": "https://blog.example/"}}) == cookies
    unchanged = {**event, "responseHeaders": cookies, "request": {"url": "https://blog.example/"}}
    assert changed_headers(unchanged) is None
    worker = changed_headers({**unchanged, "resourceType": "Other"})
    assert worker is not None
    assert (worker[:3], worker[3]["name"]) == (cookies, "Content-Security-Policy")


def test_where_an_author_looks_a_frame_of_their_page_is_held_to_the_same() -> None:
    elsewhere = asked(url="https://stats.example/hit")
    assert block_reason(elsewhere, None) is None
    assert block_reason(elsewhere, None, authors=(AUTHORS,)) is not None
    assert block_reason(asked(), None, authors=(AUTHORS,)) is None
    assert block_reason(elsewhere, RULES, authors=(AUTHORS,)) is None  # a public page of its own


def test_a_body_is_read_as_its_reader_does() -> None:
    hidden = asked(
        method="POST", url="https://a.example/graphql", body='{"query": "\\u006dutation { clap }"}'
    )
    assert block_reason(hidden, RULES) is not None


def test_pictures_are_asked_about_only_where_a_page_is_not_on_this_machine() -> None:
    def stops(*hosts: str) -> set[str]:
        return {stop["urlPattern"] for stop in patterns(tuple(PagePolicy(page_host=host) for host in hosts))}

    assert stops("127.0.0.1") == stops() == {"*"}
    assert "*://192.168.*" in stops("127.0.0.1", "blog.example")


def test_a_question_mark_in_a_pattern_is_a_question_mark() -> None:
    rules = PagePolicy(page_host="localhost", blocked=("*/a?b=*",), responses=("*/api?*",))
    assert [stop["urlPattern"] for stop in patterns((rules,)) if stop["urlPattern"] != "*"] == [
        "*/a\\?b=*",
        "*/api\\?*",
    ]


@pytest.mark.parametrize(
    ("told", "headers", "kind", "overrides"),
    [
        pytest.param("Fetch", {}, "Fetch", False, id="data"),
        pytest.param("Fetch", {"Sec-Purpose": "prefetch"}, "Prefetch", False, id="fetched ahead"),
        pytest.param("Document", {"Sec-Purpose": "prefetch;prerender"}, "Prefetch", False, id="drawn ahead"),
        pytest.param("Fetch", {"Accept": "text/event-stream"}, "EventSource", False, id="a stream"),
        pytest.param(
            "Fetch", {"X-HTTP-Method-Override": "PUT"}, "Fetch", True, id="another method in disguise"
        ),
    ],
)
def test_a_request_is_known_by_its_headers_too(
    told: str, headers: dict[str, str], kind: str, overrides: bool
) -> None:
    request = {"url": "https://blog.example/", "method": "GET", "headers": headers}
    found = outgoing_request({"request": request, "resourceType": told})
    assert (found.kind, found.overrides) == (kind, overrides)


def test_a_header_that_came_twice_is_joined() -> None:
    event = {
        "request": {"url": "https://blog.example/"},
        "responseStatusCode": 200,
        "responseHeaders": [{"name": "Vary", "value": "a"}, {"name": "vary", "value": "b"}],
    }
    answer = response_of(event)
    assert (answer.headers, answer.redirect) == ({"vary": "a, b"}, False)


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("application/rss+xml", True),
        ("text/xml", True),
        ("application/json", True),
        ("application/feed+json", True),
        ("text/plain", True),
        ("text/html", False),
        ("application/xhtml+xml", False),
        ("", False),
    ],
)
def test_what_is_kept_as_received(media_type: str, data: bool) -> None:
    assert is_data(media_type) is data
