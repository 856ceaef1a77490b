import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from planted import LeakSearch
from planted_session import WRITINGS

from selfcheck.browser import secret_finder
from selfcheck.browser.redaction import AddressHiding, clean_url, redact, values_in, with_addresses
from selfcheck.browser.secret_finder import Public, SecretFinder
from selfcheck.browser.session_secrets import machine_made, secrets_of
from selfcheck.core.capture import Capture, Failure, JsonResponse, PageRequest, Redirect
from selfcheck.core.enums import FailureKind, PageKind
from selfcheck.core.verdict import RuleHit

TOKEN = "Q7w2ErT9yU4iOp1aSd8fGh5j"


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


# -- what the public received too -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "public", "clean"),
    [
        pytest.param("in dark mode", "in dark mode", "in dark mode", id="a word that the public has"),
        pytest.param("in dark mode", "in darkness", "in [removed] mode", id="only a part of a word there"),
        pytest.param("darkness", "", "darkness", id="a part of a word here"),
        pytest.param("x7Kp2q", "f0x7Kp2q11", "[removed]", id="a short one by chance in another"),
        pytest.param(f"a {TOKEN}", f"b {TOKEN}", f"a {TOKEN}", id="a token that the public has"),
        pytest.param(TOKEN[3:20], f"b {TOKEN}", TOKEN[3:20], id="a part of such a token"),
        pytest.param(TOKEN[3:20], f"b {TOKEN[:14]}", "[removed]", id="only a part there"),
        pytest.param(TOKEN[3:14], "", TOKEN[3:14], id="a part too short to be told"),
        pytest.param("jane@a.example", "Write to Jane@a.example", "jane@a.example", id="a public address"),
        pytest.param("jane@a.example!", "", "[mail address removed]!", id="a private address"),
        pytest.param("@jane@social.example", "", "@jane@social.example", id="a handle with its server"),
        pytest.param("a@2x.png lib@1.2.3", "", "a@2x.png lib@1.2.3", id="what is no address"),
    ],
)
def test_what_the_public_received_too_stays(text: str, public: str, clean: str) -> None:
    finder = SecretFinder({"dark", "x7Kp2q", TOKEN})
    assert finder.cleaned(text, public=finder.public([public]), mails=True) == clean


def test_a_value_that_begins_with_the_handle_leaves_the_handle() -> None:
    finder = SecretFinder({"elena-marsh.0.8ba903f50ae5a94be614115e2e2b629e"})
    text = "By elena-marsh. /@elena-marsh/x elena-marsh.0.8ba903f50ae5a94be614115e2e2b629e"
    clean = finder.cleaned(text, public=Public(), keep=("elena-marsh",))
    assert clean == "By elena-marsh. /@elena-marsh/x [removed]"


@pytest.mark.parametrize("name", WRITINGS)
def test_every_writing_of_a_value_is_found_and_nothing_beside_it(name: str) -> None:
    for value in (TOKEN,) if "part" in name else (TOKEN, f'Bearer {TOKEN} "&=<é/'):
        written = WRITINGS[name](value)
        clean = SecretFinder({value}).cleaned(f"before {written} after", public=Public())
        assert LeakSearch({"it": written if "part" in name else value}).leaks(clean.encode()) == []
        assert clean.startswith("before ")
        assert clean.endswith(" after")
        assert len(clean) < len("before [removed] after") + len(TOKEN)


def test_utf_16_that_was_read_as_bytes_is_found() -> None:
    text = f"a {TOKEN} b".encode("utf-16").decode("utf-8", "replace")
    assert "[removed]" in SecretFinder({TOKEN}).cleaned(text, public=Public())


def test_many_values_are_found_in_time_that_grows_as_the_text_does() -> None:
    """Counted, not timed: no text is searched more often where there are more values or more of it."""
    few, many = SecretFinder({TOKEN}), SecretFinder({f"{number}{TOKEN}" for number in range(500)})
    text = "<p class='a&amp;b'>" * 2000 + TOKEN
    assert [sum(1 for _ in secret_finder._layers(part)) for part in (text, text * 4)] == [2, 2]
    assert many.cleaned(text, public=Public()) == few.cleaned(text, public=Public())


# -- addresses and headers of the author's view -----------------------------------------------------------

HIDING = AddressHiding(key=b"key", given=frozenset({"2", "profile"}))


@pytest.mark.parametrize(
    ("url", "names", "left"),
    [
        ("https://a.example/x?tab=2&u=jane7", ["tab=2", "u=~"], "jane7"),
        ("https://a.example/x;v=abc/y", [";v=~", "/y"], "abc"),
        ("https://a.example/x#abc", ["/x#~"], "abc"),
        ("https://a.example/x#sess=abc", ["#sess=~"], "abc"),
        ("https://a.example/x?from=profile#sess=abc", ["from=profile", "#sess=~"], "abc"),
        ("https://me:pw@a.example/x", ["https://a.example/x"], "me:pw"),
        ("http://[x/?u=abc", ["http://[x/"], "abc"),
    ],
)
def test_of_an_authors_address_names_stay_and_values_are_hashed(
    url: str, names: list[str], left: str
) -> None:
    hidden = HIDING.url(url)
    assert [name for name in names if name not in hidden] == []
    assert left not in hidden
    assert HIDING.url(hidden).count("~") == hidden.count("~")


def test_headers_of_the_authors_view_are_hashed_unless_the_public_got_the_same() -> None:
    headers = {"x-csrf": "abc", "x-same": "1", "date": "today", "location": "/me?u=abc"}
    author = replace(capture_with("x"), headers=headers)
    shown = HIDING.capture(author, replace(author, headers={"x-same": "1", "x-csrf": "def"})).headers
    assert (shown["x-same"], shown["date"]) == ("1", "today")
    assert "abc" not in "".join(shown.values())


def test_a_hidden_address_is_hidden_in_every_text() -> None:
    url = "https://a.example/x?u=jane7"
    verdict = RuleHit(rule="page.x", reason=f"It led to {url} at once.")
    changed = with_addresses((verdict,), HIDING.of({"a": (url,)}))
    assert changed[0].reason == f"It led to {HIDING.url(url)} at once."
    assert values_in("see /x?a=1&amp;b=%20c#top") == {"1", "%20c", " c", "top"}
