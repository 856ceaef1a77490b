"""What kind of place an address names, and when two addresses are written for one page. Pure."""

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

_PRIVATE_SUFFIXES = (".local", ".internal", ".lan", ".intranet", ".home.arpa")
_OPENED = ("http", "https")

_UNICAST = IPv6Network("2000::/3")
_TRANSLATED = tuple(
    IPv6Network(text)
    for text in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
    )
)
"""IPv4 addresses in IPv6 form: compatible, mapped, translated, of NAT64, of 6to4, and of Teredo."""

_NAT64 = IPv6Network("64:ff9b::/96")
_RELAY = IPv4Network("192.88.99.0/24")
_SUFFIX_OF_NUMBERS = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?")
_LARGEST = 2**32

PRIVATE_PATTERNS = (
    "*://0.*",
    "*://10.*",
    "*://100.*",
    "*://127.*",
    "*://169.254.*",
    "*://172.*",
    "*://192.168.*",
    "*://[*",
    "*://localhost*",
    "*://*.localhost*",
    *(f"*://*{suffix}{end}*" for suffix in _PRIVATE_SUFFIXES for end in ("/", ":")),
)
"""Address patterns (with `*` and `?`) that every private address matches, and a few public ones too."""


def split_address(url: str) -> SplitResult:
    """Return the parts of an address; all of them are empty where it is malformed, such as `http://[x/`.

    A page or a feed may write any address, and `urlsplit` raises on some: nothing else in selfcheck calls it
    on what came from outside.
    """
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def join_address(base: str, url: str) -> str:
    """Return the address that a page at `base` means; "" where it is malformed."""
    try:
        return urljoin(base, url)
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """Return the address's host in lower case, without port and brackets; "" where there is none."""
    return (split_address(url).hostname or "").rstrip(".")


@lru_cache(maxsize=512)
def ascii_host(host: str) -> str:
    """Return a host, with or without a port, as browsers send it: `bücher.example` in ASCII letters."""
    lower = host.casefold()
    if lower.isascii():
        return lower
    try:
        return lower.encode("idna").decode("ascii")
    except UnicodeError:
        return lower


@lru_cache(maxsize=4096)
def address_key(url: str) -> str:
    """Return what is the same for every way to write an address, by scheme, `www.`, escapes or a last slash.

    What is not a whole address, such as a story's id, or is malformed, is returned as it is.
    """
    if not url.startswith(("http://", "https://")):
        return url
    parts = split_address(url)
    if not parts.netloc:
        return url
    host = ascii_host(parts.netloc).removeprefix("www.")
    path = quote(
        unicodedata.normalize("NFC", unquote(parts.path)), safe="/@:~!$&'()*+,;=-._", errors="replace"
    ).rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return f"https://{host}{path}{query}"


def is_of_site(host: str, site: str) -> bool:
    """Return whether a host belongs to a site; `*.` in front of a site stands for it and any subdomain."""
    host, bare = ascii_host(host), ascii_host(site.removeprefix("*."))
    return host == bare or (site.startswith("*.") and host.endswith(f".{bare}"))


def is_opened(url: str) -> bool:
    """Return whether selfcheck opens addresses of this form: http or https with a host."""
    return url.split(":", 1)[0].lower() in _OPENED and bool(host_of(url))


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    address = address_of(host)
    if address is not None:
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_private(host: str) -> bool:
    """Return whether a host is this machine or belongs to a network that is not the public one."""
    address = _address(host)
    if address is not None:
        return not address.is_global or address.is_multicast
    return is_loopback(host) or host.endswith(_PRIVATE_SUFFIXES)


def may_reach(host: str, *, page_host: str) -> bool:
    """Return whether a page of one host may ask another: no way leads from outside to within."""
    if host == page_host or not is_private(host):
        return True
    if is_loopback(page_host):
        return True
    return is_private(page_host) and not is_loopback(host)


def matches(url: str, pattern: str) -> bool:
    """Return whether an address matches a pattern in which `*` stands for any characters."""
    return _compiled(pattern).fullmatch(url) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL | re.IGNORECASE)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, in any spelling that browsers take for one; None for a name.

    Browsers read `127.1`, `0x7f.1`, `0177.0.0.1` and `2130706433` as 127.0.0.1 (WHATWG's URL standard).
    """
    host = host.removeprefix("[").removesuffix("]")
    try:
        return ip_address(host)
    except ValueError:
        return _from_numbers(host) if _SUFFIX_OF_NUMBERS.fullmatch(host) else None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address is an ordinary one of the public internet.

    None that is private, reserved, or an IPv4 address in another form: where such a one leads is decided by
    whatever translates it.
    """
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return address not in _RELAY
    return address in _UNICAST and not any(address in network for network in _TRANSLATED)


def translation_of(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that a network's NAT64 makes of this one; None for any other address."""
    if isinstance(address, IPv6Address) and address in _NAT64:
        return IPv4Address(int(address) % _LARGEST)
    return None


def _from_numbers(host: str) -> IPv4Address | None:
    try:
        numbers = [_number(part) for part in host.removesuffix(".").split(".")]
    except ValueError:
        return None
    *bytes_, rest = numbers
    if len(numbers) > 4 or any(number > 255 for number in bytes_) or rest >= 256 ** (5 - len(numbers)):  # noqa: PLR2004
        return None
    return IPv4Address(rest + sum(number * 256 ** (3 - place) for place, number in enumerate(bytes_)))


def _number(text: str) -> int:
    if not text.isalnum():  # `int` takes signs, spaces and underscores, too
        raise ValueError(text)
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") and len(text) > 1 else 10)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is; of one that holds an IPv4 address, that."""
    address = address_of(host)
    if not isinstance(address, IPv6Address):
        return address
    return address.ipv4_mapped or address.sixtofour or translation_of(address) or address
