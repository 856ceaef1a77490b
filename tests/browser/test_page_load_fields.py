"""Every field of a capture, in a real browser."""

import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from selfcheck.browser import launcher
from selfcheck.core.capture import JsonResponse, Redirect

PAGE = """<!DOCTYPE html><html><head><title> Jane's page </title>
<meta name="Robots" content="noindex, follow"><link rel="canonical" href="/@jane"></head>
<body><h1>Jane</h1><p hidden>this is not shown</p><script>fetch('/api/me?x=1')</script>
<p>Stories</p></body></html>"""


def test_a_page_gives_all_its_fields(world: Any, site: Any, platform_of: Any) -> None:
    site.page("/api/me", json.dumps({"name": "Jane"}), kind="application/json")
    url = site.page("/@jane", PAGE, headers=(("X-Robots-Tag", "none"), ("Set-Cookie", "a=bcdefghi1")))
    platform = platform_of(responses=("*/api/*",), pages={"profile": {"url": "/", "wait_for": "h1"}})
    capture = world.look(url, platform)
    assert capture.failure is None
    assert (capture.status, capture.content_type) == (200, "text/html")
    assert capture.robots_header == "none"
    assert "set-cookie" not in capture.headers
    assert (capture.final_url, capture.redirects) == (url, ())
    assert (capture.title, capture.robots_meta) == ("Jane's page", "noindex, follow")
    assert capture.canonical == url
    assert capture.text.split() == ["Jane", "Stories"]
    assert capture.html.startswith("<!DOCTYPE html>\n<html><head><title> Jane's page </title>")
    assert capture.json_responses == (
        JsonResponse(url=f"{site.url}/api/me?x=1", status=200, body='{"name": "Jane"}'),
    )
    assert capture.server_address == f"127.0.0.1:{site.server_port}"
    assert capture.started_at < capture.finished_at
    assert (capture.page_views, capture.truncated, capture.picture_note) == (1, False, "")
    assert Image.open(BytesIO(capture.screenshot)).size == (1100, 900)


def test_a_look_waits_for_what_the_page_is_about_within_the_time_limit(
    world: Any, site: Any, platform_of: Any
) -> None:
    """A page may fetch its subject long after it last changed."""
    slow = "<p>Loading<script>setTimeout(() => document.body.append(main), 2200)</script>"
    url = site.page(
        "/slow",
        "<script>main = document.createElement('main'); main.id = 'jane';"
        " main.append('Jane')</script>"
        f"{slow}",
    )
    pages = {"profile": {"url": "/", "wait_for": "#{handle}, .gone"}}
    assert "Jane" in world.look(url, platform_of(pages=pages), handle="jane").text
    never = platform_of(pages=pages, limits={"timeout_seconds": 3})
    capture = world.look(site.page("/never", "<p>Another page"), never, handle="jane")
    assert (capture.failure, capture.text.strip(), capture.truncated) == (None, "Another page", False)
    took = capture.finished_at - capture.started_at
    assert 2 < took.total_seconds() < 6


def test_redirects_are_kept_in_their_order(world: Any, site: Any) -> None:
    site.page("/a", "", status=301, headers=(("Location", "/b"),))
    site.page("/b", "", status=302, headers=(("Location", f"{site.url}/c?x=1"),))
    site.page("/c", "<p>Here", status=410)
    capture = world.look(f"{site.url}/a")
    assert capture.redirects == (
        Redirect(url=f"{site.url}/a", status=301, location="/b"),
        Redirect(url=f"{site.url}/b", status=302, location=f"{site.url}/c?x=1"),
    )
    assert (capture.status, capture.final_url, capture.text.strip()) == (410, f"{site.url}/c?x=1", "Here")


def test_where_a_page_goes_by_itself_is_what_is_read(world: Any, site: Any) -> None:
    url = site.page("/", "<p>Wait<script>location.replace('/there')</script>")
    site.page("/there", "<title>There</title><p>There", status=404)
    capture = world.look(url)
    assert (capture.title, capture.status, capture.final_url) == ("There", 404, f"{site.url}/there")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("application/rss+xml", '<?xml version="1.0"?><rss><channel/></rss>', id="a feed"),
        pytest.param(
            "application/atom+xml", '<feed xmlns="http://www.w3.org/2005/Atom"/>', id="an atom feed"
        ),
        pytest.param("text/xml; charset=utf-8", "<rss><title>Größe</title></rss>", id="xml as text"),
        pytest.param("application/json", '])}while(1);</x>{"a": "<b>"}', id="json behind a guard"),
    ],
)
def test_data_is_kept_as_received(world: Any, site: Any, kind: str, body: str) -> None:
    capture = world.look(site.page("/data", body, kind=kind), kind="feed", picture=False)
    assert (capture.status, capture.html, capture.failure) == (200, body, None)
    assert capture.text == body
    assert capture.content_type == kind.split(";", maxsplit=1)[0]
    assert capture.screenshot is None


def test_a_feed_that_would_be_downloaded_is_still_read(world: Any, site: Any) -> None:
    attachment = (("Content-Disposition", "attachment; filename=feed.xml"),)
    url = site.page("/feed", "<rss/>", kind="application/rss+xml", headers=attachment)
    capture = world.look(url, picture=False)
    assert (capture.status, capture.html, capture.failure) == (200, "<rss/>", None)


def test_a_download_gives_its_status_and_headers(world: Any, site: Any) -> None:
    url = site.page(
        "/x", b"\0", status=429, kind="application/octet-stream", headers=(("Retry-After", "60"),)
    )
    capture = world.look(url)
    assert (capture.status, capture.headers["retry-after"], capture.failure) == (429, "60", None)


@pytest.mark.parametrize("status", [204, 404, 503])
def test_an_answer_without_a_body_is_an_answer(world: Any, site: Any, status: int) -> None:
    capture = world.look(site.page("/", "", status=status))
    assert (capture.status, capture.failure, capture.text) == (status, None, "")


def test_the_certificate_of_the_server_is_named(
    choice: Any, tls_site: Any, monkeypatch: pytest.MonkeyPatch, platform_of: Any, world: Any
) -> None:
    trusting = [*launcher.arguments(), "--ignore-certificate-errors"]
    monkeypatch.setattr(launcher, "arguments", lambda: trusting)
    other = type(world)(choice)
    try:
        capture = other.look(tls_site.page("/", "<p>Hello"))
    finally:
        other.close()
    assert (capture.tls_subject, capture.status) == ("selfcheck.test", 200)
