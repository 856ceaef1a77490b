import pytest

from selfcheck.core.hosts import host_of, is_loopback, is_opened, is_private, matches, may_reach


@pytest.mark.parametrize(
    ("host", "loopback", "private"),
    [
        pytest.param("127.0.0.1", True, True, id="this machine by number"),
        pytest.param("127.9.9.9", True, True, id="this machine by another number"),
        pytest.param("::1", True, True, id="this machine by its IPv6 number"),
        pytest.param("::ffff:127.0.0.1", True, True, id="this machine, IPv4 within IPv6"),
        pytest.param("localhost", True, True, id="this machine by name"),
        pytest.param("blog.localhost", True, True, id="a name below localhost"),
        pytest.param("10.1.2.3", False, True, id="a private network, 10"),
        pytest.param("172.20.0.1", False, True, id="a private network, 172.16/12"),
        pytest.param("192.168.0.1", False, True, id="a private network, 192.168"),
        pytest.param("169.254.169.254", False, True, id="link-local, where clouds keep their keys"),
        pytest.param("100.64.0.1", False, True, id="a provider's shared network"),
        pytest.param("0.0.0.0", False, True, id="no address at all"),
        pytest.param("fd00::1", False, True, id="a private IPv6 network"),
        pytest.param("printer.local", False, True, id="a name of the local network"),
        pytest.param("172.15.0.1", False, False, id="a public number beside a private range"),
        pytest.param("8.8.8.8", False, False, id="a public number"),
        pytest.param("medium.com", False, False, id="a public name"),
        pytest.param("10.example.com", False, False, id="a public name that begins like a number"),
        pytest.param("localhost.example.com", False, False, id="a public name that begins like this machine"),
        pytest.param("", False, False, id="no host"),
        pytest.param("-1.1", False, False, id="no number, though it ends like one: a sign"),
        pytest.param("1_0.1", False, False, id="no number either: what only Python reads as one"),
    ],
)
def test_what_kind_of_place_a_host_is(host: str, loopback: bool, private: bool) -> None:
    assert (is_loopback(host), is_private(host)) == (loopback, private)


@pytest.mark.parametrize(
    ("host", "page_host", "allowed"),
    [
        pytest.param("cdn.example", "medium.com", True, id="public to public"),
        pytest.param("127.0.0.1", "medium.com", False, id="public to this machine"),
        pytest.param("10.0.0.1", "medium.com", False, id="public to a private network"),
        pytest.param("127.0.0.1", "127.0.0.1", True, id="this machine to itself"),
        pytest.param("10.0.0.1", "localhost", True, id="this machine to a private network"),
        pytest.param("10.0.0.2", "10.0.0.1", True, id="within a private network"),
        pytest.param("localhost", "10.0.0.1", False, id="a private network to this machine"),
        pytest.param("10.0.0.1", "", False, id="an unknown host to a private network"),
    ],
)
def test_who_may_reach_whom(host: str, page_host: str, allowed: bool) -> None:
    assert may_reach(host, page_host=page_host) is allowed


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://a.example/x", True),
        ("HTTP://a.example", True),
        ("file:///etc/hosts", False),
        ("https://", False),
        ("ftp://a.example", False),
        ("//a.example", False),
        ("http://[bad", False),
    ],
)
def test_what_is_opened(url: str, opened: bool) -> None:
    assert is_opened(url) is opened


def test_the_host_is_plain() -> None:
    assert host_of("https://user@Example.ORG.:8443/x") == "example.org"


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("*/t.js", True),
        ("https://x.example/*", True),
        ("*x.example*", True),
        ("x.example", False),
        ("*?t.js", False),
    ],
)
def test_patterns_know_only_the_star(pattern: str, matched: bool) -> None:
    assert matches("https://x.example/t.js", pattern) is matched
