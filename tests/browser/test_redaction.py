import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from selfcheck.browser.redaction import clean_url, redact
from selfcheck.browser.secret_finder import SecretFinder
from selfcheck.browser.session_secrets import machine_made, secrets_of
from selfcheck.core.capture import Capture, Failure, JsonResponse, PageRequest, Redirect
from selfcheck.core.enums import FailureKind, PageKind


def cookie(name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "domain": "a.example", "path": "/", **more}


def stored(*values: str) -> dict[str, Any]:
    items = [{"name": str(number), "value": value} for number, value in enumerate(values)]
    return {"cookies": [], "origins": [{"origin": "https://a.example", "localStorage": items}]}


@pytest.mark.parametrize(
    ("state", "secrets"),
    [
        pytest.param({"cookies": [cookie("sid", "abcdefgh")]}, {"abcdefgh"}, id="the session's cookie"),
        pytest.param(
            {"cookies": [cookie("x", "abcdefgh", httpOnly=True)]},
            {"abcdefgh"},
            id="a cookie hidden from scripts",
        ),
        pytest.param(
            {"cookies": [cookie("x", "a1b2c3d4")]}, {"a1b2c3d4"}, id="a cookie that looks like a token"
        ),
        pytest.param({"cookies": [cookie("lang", "english-us")]}, {"english-us"}, id="an ordinary word"),
        pytest.param({"cookies": [cookie("sid", "short")]}, set(), id="too short to be told from words"),
        pytest.param({"cookies": [cookie("sid", "x7Kp2q")]}, {"x7Kp2q"}, id="six characters"),
        pytest.param({"cookies": [cookie("pin", "48301177")]}, {"48301177"}, id="a number in a cookie"),
        pytest.param(
            {"cookies": [cookie("sid", '"one two"')]}, {'"one two"', "one two"}, id="a cookie with spaces"
        ),
        pytest.param(
            {"cookies": [cookie("a", "uid=7|tok=Zx81Kq0PmW42rT9c")]},
            {"uid=7|tok=Zx81Kq0PmW42rT9c", "tok=Zx81Kq0PmW42rT9c"},
            id="a token within a cookie",
        ),
        pytest.param(
            {"cookies": [cookie("a", base64.b64encode(b'{"pin": "k3yk3y"}').decode())]},
            {base64.b64encode(b'{"pin": "k3yk3y"}').decode(), "k3yk3y"},
            id="a value packed in base64",
        ),
        pytest.param(stored("Bearer a1b2c3"), {"Bearer a1b2c3", "a1b2c3"}, id="a stored value with a space"),
        pytest.param(stored("jane.private@mail.example"), {"jane.private@mail.example"}, id="a mail address"),
        pytest.param(stored("2026-11-28T10:00:00.000Z"), set(), id="a stored date"),
        pytest.param(stored("https://a.example/x?t=s3cr3t"), {"s3cr3t"}, id="what an address carries"),
        pytest.param(
            {"cookies": [cookie("sid", "a%2Fb%3Dc12345")]},
            {"a%2Fb%3Dc12345", "a/b=c12345"},
            id="an encoded value",
        ),
        pytest.param(stored("https://cdn.example/a1b2"), set(), id="an address"),
        pytest.param(
            stored('{"jwt": "eyJhbGciOi", "theme": "darkmode"}'),
            {"eyJhbGciOi", "darkmode", '{"jwt": "eyJhbGciOi", "theme": "darkmode"}'},
            id="a token in JSON",
        ),
        pytest.param(stored('{"broken'), {'{"broken'}, id="what only begins like JSON"),
        pytest.param(stored("a" * 24), {"a" * 24}, id="anything long in one piece"),
        pytest.param(stored("A long sentence that people read"), set(), id="a sentence"),
        pytest.param(None, set(), id="no session"),
    ],
)
def test_what_is_a_secret(state: Any, secrets: set[str]) -> None:
    assert secrets_of(state, names=("sid",)) == secrets


@pytest.mark.parametrize(
    ("state", "secrets"),
    [
        pytest.param({"cookies": [cookie("lang", "english-us")]}, set(), id="an ordinary word"),
        pytest.param({"cookies": [cookie("t", "1700000000123")]}, set(), id="a number"),
        pytest.param({"cookies": [cookie("sid", "abcdef")]}, {"abcdef"}, id="the session's cookie"),
        pytest.param(
            {"cookies": [cookie("x", "abcdef", httpOnly=True)]}, {"abcdef"}, id="hidden from scripts"
        ),
        pytest.param({"cookies": [cookie("x", "a1b2c3d4")]}, {"a1b2c3d4"}, id="what looks like a token"),
    ],
)
def test_of_a_logged_out_visitor_only_what_looks_like_one_is_secret(state: Any, secrets: set[str]) -> None:
    assert secrets_of(state, names=("sid",), every=False) == secrets


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        ("550e8400-e29b-41d4-a716-446655440000", True),
        ("d41d8cd98f00", True),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.Q2x9d8Kf03kL", True),
        ("s3ss-PLANTED-cookie-7f6e5d4c", True),
        ("short1", False),
        ("userPreferences", False),
        ("learning-python-3-in-24-hours", False),
        ("2026-11-28T10:00", False),
        ("123456789012345", False),
        ("with a space 1a2b3c", False),
    ],
)
def test_what_a_machine_made(text: str, *, machine: bool) -> None:
    assert machine_made(text) is machine


def test_cookies_that_the_browser_was_given_are_secrets_too() -> None:
    assert secrets_of(None, [cookie("csrf", "t0ken-12345")]) == {"t0ken-12345"}


def capture_with(text: str) -> Capture:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    visit = PageRequest(
        profile="jane", kind=PageKind.PROFILE, url="https://a.example/", viewpoints=("author",), folder="x"
    )
    return Capture(
        visit=visit,
        viewpoint="author",
        started_at=now,
        finished_at=now,
        failure=Failure(kind=FailureKind.NO_ANSWER, detail=text),
        headers={"x-a": text, "set-cookie": text, "cookie": text, "authorization": text},
        redirects=(Redirect(url=f"https://a.example/{text}", status=302, location=f"/?q={text}"),),
        final_url=f"https://a.example/{text}",
        title=text,
        robots_meta=text,
        canonical=f"https://a.example/{text}",
        text=text,
        html=f"<p>{text}</p>",
        json_responses=(JsonResponse(url=f"https://a.example/?x={text}", status=200, body=text),),
    )


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        pytest.param("a1b2c3d4", "a1b2c3d4", id="as it is"),
        pytest.param("a/b=c1234", "a%2Fb%3Dc1234", id="as in an address"),
        pytest.param("a&b=c1234", "a&amp;b=c1234", id="as in HTML"),
        pytest.param("a/b=c1234", "a\\/b=c1234", id="as in JSON with escaped slashes"),
        pytest.param('a"b=c1234', json.dumps('a"b=c1234')[1:-1], id="as in JSON"),
    ],
)
def test_a_secret_is_nowhere_in_the_capture(secret: str, written: str) -> None:
    clean = redact(capture_with(written), SecretFinder({secret}))
    assert written not in repr(clean)
    assert set(clean.headers) == {"x-a"}
    assert clean.text == "[removed]"


def test_a_longer_secret_goes_before_one_that_is_within_it() -> None:
    assert (
        redact(capture_with("abcdefgh1234"), SecretFinder({"abcdefgh", "abcdefgh1234"})).text == "[removed]"
    )


def test_the_handle_is_not_a_secret() -> None:
    assert (
        redact(capture_with("JaneDoe1"), SecretFinder({"JaneDoe1"}), keep=("janedoe1", "")).text == "JaneDoe1"
    )


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.example/x?tab=2&page=3", "https://a.example/x?tab=2&page=3"),
        ("https://a.example/x?token=abc&tab=2", "https://a.example/x?token=[removed]&tab=2"),
        ("https://a.example/x?access_token=abc", "https://a.example/x?access_token=[removed]"),
        ("https://a.example/x?X-Amz-Signature=abc", "https://a.example/x?X-Amz-Signature=[removed]"),
        ("https://a.example/x?key=&q=1", "https://a.example/x?key=&q=1"),
        ("https://a.example/x?keyboard=1&zipcodes=2", "https://a.example/x?keyboard=1&zipcodes=2"),
        ("https://a.example/x#access_token=abc&a=1", "https://a.example/x#access_token=[removed]&a=1"),
        ("https://jane:pass@a.example/x", "https://a.example/x"),
        ("/relative?code=abc", "/relative?code=[removed]"),
        ("http://[bad", "http://[bad"),
        ("http://[bad?token=abc", "http://[bad"),
        ("https://a.example/x?sessionid=a", "https://a.example/x?sessionid=[removed]"),
        ("https://a.example/x?PHPSESSID=a&pwd=b", "https://a.example/x?PHPSESSID=[removed]&pwd=[removed]"),
        ("https://a.example/x#sess=a", "https://a.example/x#sess=[removed]"),
        ("https://a.example/x;jsessionid=a?b=1", "https://a.example/x;jsessionid=[removed]?b=1"),
    ],
)
def test_tokens_are_taken_out_of_addresses(url: str, clean: str) -> None:
    assert clean_url(url) == clean
