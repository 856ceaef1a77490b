"""What kind of place an address names, and when two addresses are written for one page. Pure."""

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, unquote, urlsplit

_PRIVATE_SUFFIXES = (".local", ".internal", ".lan", ".intranet", ".home.arpa")
_OPENED = ("http", "https")

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


def host_of(url: str) -> str:
    """Return the address's host in lower case, without port and brackets; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


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

    What is not a whole address, such as a story's id, is returned as it is.
    """
    if not url.startswith(("http://", "https://")):
        return url
    parts = urlsplit(url)
    host = ascii_host(parts.netloc).removeprefix("www.")
    path = quote(unicodedata.normalize("NFC", unquote(parts.path)), safe="/@:~!$&'()*+,;=-._").rstrip("/")
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
    address = _address(host)
    if address is not None:
        return address.is_loopback
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


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, IPv4Address) else address
