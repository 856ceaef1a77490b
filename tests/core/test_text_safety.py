"""What comes from a page is made safe to show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfcheck.core.safe_filename import is_safe_name, safe_name
from selfcheck.core.text_safety import ascii_address, ascii_text, is_link, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\n b\t c", "a b c", id="white space is folded"),
        pytest.param("\x1b[31mred\x07", "[31mred", id="a terminal escape loses its teeth"),
        pytest.param("exe\u202egnp", "exegnp", id="the reading direction cannot be turned"),
        pytest.param("作家 é 👩\u200d💻", "作家 é 👩\u200d💻", id="other scripts and joined emoji stay"),
        pytest.param("\ud800x\ufffe", "x", id="what XML and UTF-8 cannot carry goes"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


def test_a_long_text_is_cut_with_dots() -> None:
    assert one_line("abcdefgh", 5) == "abcd…"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://a.example/x", True, id="https is a link"),
        pytest.param("http://a.example:80/", True, id="http is a link"),
        pytest.param("javascript:alert(1)", False, id="javascript is not"),
        pytest.param("JaVaScRiPt://a.example/%0aalert(1)", False, id="however it is spelt"),
        pytest.param("data:text/html,x", False, id="data is not"),
        pytest.param("//a.example", False, id="an address without a scheme is not"),
        pytest.param("https:", False, id="a scheme without a host is not"),
        pytest.param("http://[", False, id="a broken address is not"),
        pytest.param("", False, id="nothing is not"),
        pytest.param("http://127.0.0.1:8080/@jane", False, id="the demo site is gone after its run"),
        pytest.param("http://localhost/@jane", False, id="this machine by name"),
        pytest.param("http://[::1]:80/@jane", False, id="this machine, version 6"),
        pytest.param("https://127.0.0.1.example/", True, id="a host that only begins like this machine"),
    ],
)
def test_is_link(url: str, *, expected: bool) -> None:
    assert is_link(url) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "https://bücher.example/é?q=ü#a", "https://xn--bcher-kva.example/%C3%A9?q=%C3%BC#a", id="foreign"
        ),
        pytest.param("https://a.example/%C3%A9", "https://a.example/%C3%A9", id="encoded once, not twice"),
        pytest.param('https://a.example/"><b>', "https://a.example/%22%3E%3Cb%3E", id="marks of HTML"),
    ],
)
def test_ascii_address(url: str, expected: str) -> None:
    assert ascii_address(url) == expected


@given(st.text())
def test_whatever_comes_is_ascii_in_a_picture(text: str) -> None:
    assert ascii_text(text).isascii()
    assert ascii_address(text).isascii()


@given(st.text())
def test_whatever_it_is_called_it_becomes_a_safe_name(text: str) -> None:
    name = safe_name(text)
    assert is_safe_name(name)
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a\\b", "C:", "nul", "CON.txt", ".hidden", "-rf", "a ", "a.", "a\0b", "x" * 300],
)
def test_unsafe_names_are_known(name: str) -> None:
    assert not is_safe_name(name)


def test_names_that_look_alike_stay_apart() -> None:
    assert safe_name("a/b") != safe_name("a b")
    assert safe_name("jane") == "jane"
