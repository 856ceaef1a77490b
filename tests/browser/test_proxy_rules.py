"""Which hosts and ports a viewpoint's pages may connect to, in tables."""

from ipaddress import ip_address

import pytest

from selfcheck.browser.proxy.heads import HeadError, head_of
from selfcheck.browser.proxy.rules import Endpoint, ReachRules, endpoint_of

PUBLIC = ReachRules(
    home=Endpoint("blog.example", 443),
    sites=("blog.example", "*.blog.example"),
    unwanted=("*.tracker.example",),
)
HERE = ReachRules(home=Endpoint("127.0.0.1", 8000), sites=("127.0.0.1", "*.localhost"))
LAN = ReachRules(home=Endpoint("blog.lan", 80), sites=("blog.lan",))


@pytest.mark.parametrize(
    "host",
    [
        *(
            "127.0.0.1",
            "127.0.0.2",
            "127.1",
            "0x7f.1",
            "0177.0.0.1",
            "2130706433",
            "0x7f000001",
            "127.0.0.1.",
        ),
        *("0.0.0.0", "0", "10.0.0.1", "10.1", "172.16.0.1", "192.168.1.1", "3232235777", "169.254.169.254"),
        *(
            "100.64.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.88.99.1",
        ),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "::7f00:1", "::808:808"),
        *(
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "2001::1",
        ),
        *("localhost", "blog.localhost", "printer.local", "db.internal", "router.home.arpa", "nas", "com"),
        *("pixel.tracker.example", "tracker.example"),
    ],
)
def test_a_public_site_leads_nowhere_within(host: str) -> None:
    for port in (80, 443, 8080):
        assert PUBLIC.name_refusal(Endpoint(host, port)) is not None


@pytest.mark.parametrize(
    ("rules", "host", "port", "allowed"),
    [
        (PUBLIC, "cdn.example", 443, True),
        (PUBLIC, "8.8.8.8", 80, True),
        (PUBLIC, "2606:4700::1111", 443, True),
        (PUBLIC, "cdn.example", 8443, True),
        (PUBLIC, "cdn.example", 22, False),
        (PUBLIC, "mail.example", 25, False),
        (HERE, "127.0.0.1", 8000, True),
        (HERE, "127.0.0.1", 8001, False),
        (HERE, "pictures.localhost", 8000, True),
        (HERE, "pictures.localhost", 22, False),
        (HERE, "127.0.0.2", 8000, False),
        (HERE, "10.0.0.1", 8000, False),
        (HERE, "cdn.example", 443, True),
        (LAN, "blog.lan", 443, True),
        (LAN, "blog.lan", 8080, False),
        (LAN, "router.lan", 80, False),
        (LAN, "127.0.0.1", 80, False),
        (ReachRules(home=Endpoint("nas", 5000)), "nas", 5000, True),
        (ReachRules(home=Endpoint("nas", 5000)), "nas", 80, False),
    ],
)
def test_a_place_is_a_host_and_a_port(rules: ReachRules, host: str, port: int, allowed: bool) -> None:
    assert (rules.name_refusal(Endpoint(host, port)) is None) is allowed


def test_a_page_that_selfcheck_opens_is_its_own_and_one_that_a_page_asks_for_is_not() -> None:
    rules = ReachRules(home=Endpoint("127.0.0.1", 80), sites=("127.0.0.1",))
    assert rules.name_refusal(Endpoint("127.0.0.1", 5000))
    rules.pages.add(Endpoint("127.0.0.1", 5000))
    assert rules.name_refusal(Endpoint("127.0.0.1", 5000)) is None


@pytest.mark.parametrize(
    ("host", "addresses", "home_is_within", "usable"),
    [
        pytest.param("cdn.example", ["93.184.216.34", "2606:4700::1111"], False, True, id="public ones"),
        pytest.param("cdn.example", ["127.0.0.1"], False, False, id="this machine"),
        pytest.param("cdn.example", ["93.184.216.34", "10.0.0.1"], False, False, id="one of them private"),
        pytest.param("cdn.example", ["64:ff9b::5db8:d822"], False, False, id="translated"),
        pytest.param(
            "cdn.example", ["64:ff9b::5db8:d822", "93.184.216.34"], False, True, id="NAT64 beside it"
        ),
        pytest.param(
            "cdn.example", ["64:ff9b::a00:1", "10.0.0.1"], False, False, id="NAT64 of a private one"
        ),
        pytest.param("cdn.example", ["64:ff9b::a00:1", "93.184.216.34"], False, False, id="NAT64 of another"),
        pytest.param("cdn.example", ["2002:5db8:d822::1"], False, False, id="6to4"),
        pytest.param("cdn.example", ["::ffff:93.184.216.34"], False, False, id="mapped"),
        pytest.param("cdn.example", [], False, False, id="none"),
        pytest.param("blog.example", ["10.0.0.1"], False, True, id="the profile's own site, split DNS"),
        pytest.param("img.blog.example", ["10.0.0.1"], False, False, id="a host of a public platform"),
        pytest.param("img.blog.example", ["10.0.0.1"], True, True, id="a host of a platform within"),
        pytest.param("cdn.example", ["10.0.0.1"], True, False, id="another, for a platform within"),
    ],
)
def test_every_address_of_a_name_counts(
    host: str, addresses: list[str], home_is_within: bool, usable: bool
) -> None:
    found = frozenset(ip_address(text) for text in addresses)
    assert PUBLIC.usable(Endpoint(host, 443), found, home_is_within=home_is_within) == (
        found if usable else frozenset()
    )


def test_the_own_site_is_within_only_where_none_of_its_addresses_is_public() -> None:
    # Else a site could answer once and then hang up: its page, still open, would reach what is within.
    found = frozenset(map(ip_address, ("93.184.216.34", "64:ff9b::5db8:d822", "10.0.0.1", "::1")))
    usable = PUBLIC.usable(Endpoint("blog.example", 443), found, home_is_within=False)
    assert usable == frozenset(map(ip_address, ("93.184.216.34", "64:ff9b::5db8:d822")))


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://A.Example./x", Endpoint("a.example", 443)),
        ("http://[::1]:8080/", Endpoint("::1", 8080)),
        ("http://a.example:99999/", None),
        ("ftp://a.example/", None),
        ("http://[x/", None),
    ],
)
def test_where_an_address_leads(url: str, endpoint: Endpoint | None) -> None:
    assert endpoint_of(url) == endpoint


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("GET / HTTP/1.1\r\nHost: a.example", id="no whole address"),
        pytest.param("GET http://a.example/ HTTP/1.1", id="no host"),
        pytest.param("GET http://a.example/ HTTP/1.1\r\nHost: b.example", id="another host"),
        pytest.param("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nHost: a.example", id="two hosts"),
        pytest.param("GET http://a.example/ HTTP/1.1\r\nHost: a.example:81", id="another port"),
        pytest.param("GET http://u@a.example/ HTTP/1.1\r\nHost: a.example", id="a user"),
        pytest.param("GET https://a.example/ HTTP/1.1\r\nHost: a.example:443", id="TLS without a tunnel"),
        pytest.param("GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n folded: x", id="a folded header"),
        pytest.param(
            "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nX : y", id="a space before the colon"
        ),
        pytest.param(
            "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\nX: y\nZ: w", id="a bare line feed"
        ),
        pytest.param("GET http://a.example/ HTTP/1.0\r\nHost: a.example", id="another version"),
        pytest.param(
            "POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked", id="chunks"
        ),
        pytest.param(
            "POST http://a.example/ HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nContent-Length: 2",
            id="two lengths",
        ),
        pytest.param("CONNECT a.example HTTP/1.1", id="a tunnel without a port"),
        pytest.param("CONNECT a.example:0 HTTP/1.1", id="port 0"),
        pytest.param("CONNECT a.example:443:80 HTTP/1.1", id="two ports"),
        pytest.param("CONNECT a.example:65536 HTTP/1.1", id="no such port"),
    ],
)
def test_a_request_that_no_browser_writes_is_not_understood(raw: str) -> None:
    with pytest.raises(HeadError):
        head_of(f"{raw}\r\n\r\n".encode())


def test_a_head_goes_on_without_what_is_between_browser_and_proxy() -> None:
    raw = (
        b"POST http://a.example:81/x/y?z=//1 HTTP/1.1\r\nHost: a.example:81\r\n"
        b"Proxy-Connection: keep-alive\r\nContent-Length: 3\r\nCookie: a=b\r\n\r\n"
    )
    head = head_of(raw)
    assert (head.endpoint, head.body_length, head.is_tunnel) == (Endpoint("a.example", 81), 3, False)
    assert head.for_server == (
        b"POST /x/y?z=//1 HTTP/1.1\r\nHost: a.example:81\r\nContent-Length: 3\r\nCookie: a=b\r\n"
        b"Connection: keep-alive\r\n\r\n"
    )
    whole = head.for_proxy(b"Proxy-Authorization: x\r\n")
    assert whole.startswith(b"POST http://a.example:81/x/y?z=//1 HTTP")
    assert whole.endswith(b"\r\nProxy-Authorization: x\r\n\r\n")
