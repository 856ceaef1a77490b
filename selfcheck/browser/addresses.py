"""The ways to write one address, so that no other spelling passes a rule. Pure.

A server, or what stands before it, may decode a path more than once, take `;x` for a parameter, ignore case,
a slash at the end or one that is doubled, and resolve dots that the browser left alone. A rule about an
address therefore holds for every address that some server might take for it.
"""

import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote

from selfcheck.core.hosts import split_address

_MOST_DECODINGS = 8
_IGNORED = re.compile(r"[\x00-\x20\x7f]")


def decoded(text: str) -> str:
    """Return a text without percent-encoding, however often that was applied (up to 8 times)."""
    for _ in range(_MOST_DECODINGS):
        plain = unquote(text)
        if plain == text:
            break
        text = plain
    return text


@lru_cache(maxsize=1024)
def plain_path(path: str) -> tuple[str, ...]:
    """Return the segments of a path as the most lenient server would read them, in lower case."""
    segments: list[str] = []
    text = re.split(r"[?#]", decoded(path), maxsplit=1)[0]
    for part in _IGNORED.sub("", text.replace("\\", "/")).lower().split("/"):
        segment = part.split(";", maxsplit=1)[0]
        if segment == "..":
            del segments[-1:]
        elif plain := segment.rstrip("."):
            segments.append(plain)
    return tuple(segments)


def spellings(url: str) -> tuple[str, ...]:
    """Return an address as it is, and as a lenient server reads it.

    Each with and without a slash at the end and its port: what is blocked, is so on any port.
    """
    parts = split_address(url)
    query = f"?{parts.query}" if parts.query else ""
    path = "/".join(("", *plain_path(parts.path)))
    return url, *(
        f"{parts.scheme}://{place}{path}{end}{query}" for place in _places(parts) for end in ("", "/")
    )


def addresses_within(url: str) -> tuple[str, ...]:
    """Return the addresses, without query, below which a lenient server may find this one, itself included.

    Each with http and https, with and without its port: a server often answers on all of them.
    """
    parts = split_address(url)
    segments = plain_path(parts.path)
    paths = ["/" + "/".join(segments[: count + 1]) for count in range(len(segments))]
    places = _places(parts)
    return tuple(
        f"{scheme}://{place}{path}" for scheme in ("https", "http") for place in places for path in paths
    )


def _places(parts: SplitResult) -> tuple[str, ...]:
    """Return host and port, and the host alone, without a user and a dot at the end of the name."""
    host, colon, port = parts.netloc.rpartition("@")[2].lower().partition(":")
    place = f"{host.rstrip('.')}{colon if port else ''}{port}"
    return tuple(dict.fromkeys((place, place.rsplit(":", 1)[0])))
