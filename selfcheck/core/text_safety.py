"""Make text that came from a page safe to show on one line.

Laws:
1. A title is hostile input: it may contain terminal escapes, line breaks, or marks that reverse the reading
   direction. None of these reaches a terminal, an XML file, a log line or a picture.
2. Only `http` and `https` addresses ever become links.
"""

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

from selfcheck.core.hosts import is_loopback

_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SPACE = re.compile(r"\s+")
_TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
    }
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~@:.-])")


def one_line(text: str, limit: int | None = None) -> str:
    """Return the text on one line without control characters, at most `limit` characters long."""
    spaced = _SPACE.sub(" ", text)
    safe = "".join(letter for letter in spaced if not _is_unsafe(letter)).strip()
    if limit is not None and len(safe) > limit:
        return safe[: limit - 1].rstrip() + "…"
    return safe


def _is_unsafe(letter: str) -> bool:
    return letter in _DIRECTION or unicodedata.category(letter) in {"Cc", "Cs"} or letter in "\ufffe\uffff"


def is_link(url: str) -> bool:
    """Return whether the address may become a link; one on this machine leads nowhere after the run."""
    try:
        parts = urlsplit(url)
        here = is_loopback(parts.hostname or "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not here


def ascii_address(url: str) -> str:
    """Return the address as a browser sends it: the host in punycode, everything else percent-encoded."""
    clean = one_line(url)
    try:
        parts = urlsplit(clean)
        host = parts.netloc.encode("idna").decode("ascii") if not parts.netloc.isascii() else parts.netloc
    except (ValueError, UnicodeError):
        return quote(clean, safe=_SAFE)
    rest = (quote(part, safe=_SAFE) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, host, *rest))


_SAFE = "%/:?#[]@!$&'()*+,;=~-._|"


def ascii_text(text: str) -> str:
    """Return the text in the characters that the picture's font has; accents are dropped, others are `?`."""
    plain = unicodedata.normalize("NFKD", one_line(text).translate(_TYPOGRAPHY))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.encode("ascii", "replace").decode("ascii")


def markdown_text(text: str) -> str:
    """Return text on one line in which nothing has a meaning to Markdown or HTML."""
    safe = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", safe)
