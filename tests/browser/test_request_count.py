"""What a run asked of others, counted."""

from dataclasses import replace

from selfcheck.browser.proxy.rules import Endpoint
from selfcheck.browser.proxy.server import ProxyLog
from selfcheck.browser.redaction import redact_refused
from selfcheck.browser.request_count import RequestCounter
from selfcheck.core.labels import footprint


def test_refused_requests_are_listed_without_their_queries_the_most_frequent_first() -> None:
    counts = RequestCounter(lambda: 0.0)
    for number in range(3):
        counts.not_sent(f"https://me:x@blog.example/graphql?user={number}#top", "author", "fetch", "POST")
    for number in range(300):
        counts.not_sent(f"https://track.example/{number:03}", "anonymous", "ping", "POST")
    listed = counts.refused()
    assert (listed[0].url, listed[0].method, listed[0].times) == ("https://blog.example/graphql", "POST", 3)
    assert len(listed) == 200
    (clean,) = redact_refused(
        [replace(listed[0], url="https://blog.example/s/a-secret-of-jane")], {"a-secret-of-jane"}
    )
    assert clean.url == "https://blog.example/s/[removed]"


def test_connections_of_which_no_request_was_reported_are_counted_too() -> None:
    counts, through = RequestCounter(lambda: 0.0), ProxyLog()
    counts.sent("https://blog.example/", "author", "document")
    through.connections.update({Endpoint("blog.example", 443): 3, Endpoint("worker.example", 443): 2})
    through.refused[Endpoint("10.0.0.1", 8080)] = 4
    counts.unseen(through, "author")
    rows = {row.host: (row.requests, row.refused) for row in counts.rows()}
    assert rows == {
        "blog.example": ({"document": 1}, {}),
        "worker.example": ({"connection": 2}, {}),
        "10.0.0.1:8080": ({}, {"connection": 4}),
    }
    assert [(row.kind, row.method, row.url, row.times) for row in counts.refused()] == [
        ("connection", "CONNECT", "https://10.0.0.1:8080/", 4)
    ]


def test_requests_are_counted_by_host_viewpoint_and_kind() -> None:
    times = iter([0.0, 9.0, 17.5])
    counts = RequestCounter(lambda: next(times))
    for path in ("a", "b", "c"):
        counts.page_view(f"https://blog.example/{path}", "author")
        counts.sent(f"https://blog.example/{path}", "author", "document")
    counts.sent("https://Blog.example/x.png", "author", "image")
    counts.sent("https://blog.example/x.png", "anonymous", "image")
    counts.sent("https://blog.example/clap", "author", "fetch")
    counts.not_sent("https://blog.example/clap", "author", "fetch")
    counts.sent("https://cdn.example:8443/x.js", "author", "script")
    rows = {(one.host, one.viewpoint): one for one in counts.rows()}
    author = rows["blog.example", "author"]
    assert list(rows) == [
        ("blog.example", "anonymous"),
        ("blog.example", "author"),
        ("cdn.example:8443", "author"),
    ]
    assert (author.page_views, author.least_gap_seconds) == (3, 8.5)
    assert (author.requests, author.refused) == ({"document": 3, "image": 1}, {"fetch": 1})
    assert (rows["blog.example", "anonymous"].page_views, rows["cdn.example:8443", "author"].refused) == (
        0,
        {},
    )
    assert [(one.viewpoint, one.kind, one.method, one.url, one.times) for one in counts.refused()] == [
        ("author", "fetch", "GET", "https://blog.example/clap", 1)
    ]
    assert footprint(author) == (
        "3 page views; 4 requests (3 documents, 1 image); 1 blocked; at least 8.5 s apart"
    )
