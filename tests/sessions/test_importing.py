"""Sessions in the forms of other programs."""

from typing import Any

import pytest

from selfcheck.core.request import ProfileRequest
from selfcheck.errors import SessionStoreError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.sessions.importing import header_state, netscape_state, own_part, session_in, session_of_header
from selfcheck.sessions.keys import SessionKeys

HEAD = "# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n"
JANE = ProfileRequest(name="jane", platform="medium", handle="jane", session="jane")
MEDIUM = load_platform("medium")


def line(*fields: str) -> str:
    return "\t".join(fields) + "\n"


def test_a_cookies_txt_is_read() -> None:
    text = (
        HEAD
        + line("#HttpOnly_.medium.com", "TRUE", "/", "TRUE", "1795000000", "sid", "a=b;c")
        + line("medium.com", "FALSE", "/x", "FALSE", "0", "uid", "")
    )
    first, second = netscape_state(text, source="it")["cookies"]
    assert (first["domain"], first["name"], first["value"]) == (".medium.com", "sid", "a=b;c")
    assert (first["httpOnly"], first["secure"], first["expires"]) == (True, True, 1795000000)
    assert (second["domain"], second["path"], second["expires"]) == ("medium.com", "/x", -1)
    assert (second["httpOnly"], second["secure"], second["value"]) == (False, False, "")


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    text = "\ufeff" + HEAD.replace("\n", "\r\n")
    text += "medium.com\tFALSE\t/\tTRUE\t0\tsid\tvalue\r\n"
    data = text.encode()
    state = session_in(data, source="it", keys=SessionKeys({}, file=None))  # type: ignore[arg-type]  # no key needed
    assert state["cookies"][0]["value"] == "value"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(HEAD, "there is no cookie in it", id="nothing but its head"),
        pytest.param(HEAD + "a\tb\ts3cret\n", "line 4: 3 fields", id="too few fields"),
        pytest.param(
            HEAD + line("m.com", "yes", "/", "TRUE", "0", "sid", "s3cret"), "line 4: neither", id="no truth"
        ),
        pytest.param(
            HEAD + line("m.com", "TRUE", "/", "TRUE", "soon", "sid", "s3cret"), "line 4: the end", id="no end"
        ),
        pytest.param(
            HEAD + line("", "TRUE", "/", "TRUE", "0", "sid", "s3cret"), "line 4: no domain", id="no domain"
        ),
    ],
)
def test_a_broken_cookies_txt_is_reported_by_its_line_and_without_its_values(text: str, says: str) -> None:
    with pytest.raises(SessionStoreError, match=says) as caught:
        netscape_state(text, source="cookies.txt")
    assert "s3cret" not in " ".join(caught.value.lines())


@pytest.mark.parametrize("header", ["Cookie: sid=abc=; uid=1", "cookie:sid=abc=;uid=1;", "sid=abc=; uid=1"])
def test_a_cookie_header_is_read(header: str) -> None:
    cookies = session_of_header(header, JANE, MEDIUM)["cookies"]
    assert [(one["name"], one["value"], one["domain"]) for one in cookies] == [
        ("sid", "abc=", ".medium.com"),
        ("uid", "1", ".medium.com"),
    ]
    assert all(one["secure"] for one in cookies)


def test_a_cookie_bound_to_its_host_stays_with_it() -> None:
    state = header_state("__Host-sid=1; b=2", home="https://medium.com", hosts=("medium.com", "*.medium.com"))
    assert [one["domain"] for one in state["cookies"]] == ["medium.com", ".medium.com"]


@pytest.mark.parametrize("header", ["", "Cookie:", "s3cret value", "s3 cret=1; b=2", "curl -H 's3cret: a=b'"])
def test_what_is_not_a_header_is_refused_without_repeating_it(header: str) -> None:
    with pytest.raises(SessionStoreError, match="not a cookie header") as caught:
        session_of_header(header, JANE, MEDIUM)
    assert "s3cret" not in " ".join(caught.value.lines())


def cookie(domain: str) -> dict[str, Any]:
    return {"name": "sid", "value": "s3cret", "domain": domain, "path": "/"}


def test_only_the_platforms_own_part_is_kept() -> None:
    state = {"cookies": [cookie(".medium.com"), cookie(".accounts.google.com")], "origins": []}
    assert own_part(state, JANE, MEDIUM, source="it")["cookies"] == [cookie(".medium.com")]
    with pytest.raises(SessionStoreError, match="contains nothing of Medium"):
        own_part({"cookies": [cookie(".google.com")], "origins": []}, JANE, MEDIUM, source="it")


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(SessionStoreError, match="not a text file"):
        session_in(b"\xff\xfe\x00", source="it", keys=SessionKeys({}, file=None))  # type: ignore[arg-type]
