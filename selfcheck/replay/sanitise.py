"""A page made fit to be attached to a bug report: no secret, no mail address, no name.

Laws:
1. What stands beside a name such as `csrf` or `token`, and what looks made by a machine, is replaced.
2. Ids are replaced by others of the same form, the same one by the same one, so that what hangs together in a
   page still does.
3. Mail addresses of the platform itself stay: a page that says "suspended" is known by its sentence.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from urllib.parse import quote

from selfcheck.core.hosts import split_address
from selfcheck.replay.anonymise import AFTER, BEFORE, ESCAPED, UNESCAPED, People, Pseudonyms

REMOVED = "removed"
MAIL = "mail@example.org"
ELSEWHERE = "elsewhere.example.org"
"""Stands for a site of the author's own."""
ADDRESS_4, ADDRESS_6 = "192.0.2.1", "2001:db8::1"
"""Addresses that documentation may use (RFC 5737, RFC 3849)."""

# Every pattern reads a page of any kind in time that grows as the page does: what cannot match any more is
# given up at once, by a look ahead or a possessive `*+`, and not tried again from each of its letters.
_CALLED = (
    r"(?:(?=[\w.-]*?(?:token|csrf|xsrf|nonce|secret|api[_-]?key|passw(?:or)?d|jwt|signature|credential))"
    r"|(?=(?:[\w.-]*?[_-])?(?:session[_-]?(?:id|key)?|sid|auth|authorization|cookie|set-cookie|otp|bearer)"
    r"(?![\w.-])))[\w.-]++"
)
_QUOTED = r"(?:\\*\"(?:[^\"\\]|\\[^\"])*+\\*\"|'[^']*')"
_KEYED = re.compile(
    rf"(?P<key>(?<![\w.-])(?:(?<!\\)\\*[\"'])?{_CALLED}(?:\\*[\"'])?\s*[:=]\s*)(?P<value>{_QUOTED})",
    re.IGNORECASE,
)
_NAMED_TAG = re.compile(
    rf"<(?:input|meta)\b(?=[^<>]*+>)[^>]*?\b(?:name|id|property)\s*=\s*[\"']{_CALLED}[\"'][^>]*>",
    re.IGNORECASE,
)
_TAG_VALUE = re.compile(r"(?P<key>\b(?:value|content)\s*=\s*)(?P<value>\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_PARAMETER = re.compile(
    rf"(?P<key>(?:[?&;]|%3F|%26){_CALLED}(?:=|%3D))(?P<value>[^&\"'\s<>\\%]+(?:%(?!26)[0-9A-F]{{2}}[^&\"'\s<>\\%]*)*)",
    re.IGNORECASE,
)
_COOKIE = re.compile(r"(?P<key>document\.cookie\s*=\s*)(?P<value>\"[^\"]*\"|'[^']*'|`[^`]*`)", re.IGNORECASE)
_BEARER = re.compile(r"(?P<key>\b(?:Bearer|Basic)\s+)(?P<value>[\w.~+/=-]{8,})", re.IGNORECASE)
_JWT = re.compile(r"(?<![\w-])(?>(?P<key>[\w-]*?)eyJ)[\w-]{8,}+\.[\w-]+(?:\.[\w-]*)?")
_DATA = re.compile(r"(data:[\w/+.-]+;base64,)[A-Za-z0-9+/=]{16,}")
_AT = r"(?:@|%40|&#64;|&#x40;|\\u0040)"
_MAIL = re.compile(
    rf"(?:(?<![\w.+-]){UNESCAPED}|{ESCAPED})[\w.+-]+{_AT}(?P<host>[\w-]+(?:\.[\w-]+)*\.[a-z]{{2,}})",
    re.IGNORECASE,
)
_IP4 = re.compile(r"(?<![\w.])(?!127\.|0\.)(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_IP6 = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,6}(?![\w:])", re.IGNORECASE)
_LEAST_GROUPS = 5  # colons of an IPv6 address; a time of day has fewer
_UUID = re.compile(rf"{BEFORE}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}{AFTER}", re.IGNORECASE)
_HEX = re.compile(rf"{BEFORE}(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{{10,128}}{AFTER}", re.IGNORECASE)
_CHUNK = re.compile(rf"(?:(?<![A-Za-z0-9+/_-]){UNESCAPED}|{ESCAPED})[A-Za-z0-9+/_-]{{20,}}={{0,2}}")
_LONGEST_WORD = 9
_LEAST_DIGITS = 2


class Sanitiser:
    """Makes every text of one page fit to be shown; the same things are replaced alike in all of them."""

    def __init__(
        self,
        people: People,
        *,
        homes: Mapping[str, str],
        ids: Collection[str] = (),
        keep: Collection[str] = (),
        mail_hosts: Collection[str] = (),
    ) -> None:
        """Take who is on the page; `homes` maps addresses or hosts to those that stand for them.

        `ids` are known to be ids whatever they look like; `keep` are names that stay, such as the platform's;
        `mail_hosts` are the hosts whose mail addresses stay.
        """
        self._stand_ins = Pseudonyms(people, keep=keep)
        self._homes = [
            (re.compile(re.escape(address), re.IGNORECASE), stand_in)
            for home, other in homes.items()
            for address, stand_in in _written(home, other)
        ]
        self._mail_hosts = {host.casefold().removeprefix("*.") for host in mail_hosts}
        self._ids: dict[str, str] = {}
        self._made: set[str] = set()  # the values of `_ids`, of which a page may have a hundred thousand
        known = sorted(filter(None, ids), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known)) or r"(?!)")

    def text(self, text: str) -> str:
        """Return the text without secrets and names."""
        for home, other in self._homes:
            text = home.sub(other.replace("\\", r"\\"), text)
        text = _without_secrets(text)
        text = _MAIL.sub(self._mail, text)
        text = self._known.sub(lambda match: self._id(match.group()), text)
        text = _UUID.sub(lambda match: self._shaped_id(match.group()), text)
        text = _HEX.sub(lambda match: self._id(match.group()), text)
        text = _CHUNK.sub(self._chunk, text)
        text = _IP6.sub(lambda match: ADDRESS_6 if _is_ip6(match.group()) else match.group(), text)
        text = _IP4.sub(ADDRESS_4, text)
        return self._stand_ins.text(text)

    def _mail(self, match: re.Match[str]) -> str:
        host = match["host"].casefold()
        own = any(host == known or host.endswith(f".{known}") for known in self._mail_hosts)
        return match.group() if own else MAIL

    def _chunk(self, match: re.Match[str]) -> str:
        """Replace what a machine made: the whole of what is base64, else each part of a path by itself."""
        is_base64 = "+" in match.group() or match.group().endswith("=")
        if is_base64 and _machine_made(match.group().replace("/", "")):
            return self._id(match.group())
        parts = match.group().split("/")
        return "/".join(self._id(part) if _machine_made(part) else part for part in parts)

    def _id(self, value: str) -> str:
        """Return another id of the same length and case; what is one already stays."""
        if value in self._made:
            return value
        key = value.casefold() if re.fullmatch(r"[0-9a-fA-F]+", value) else value
        if key not in self._ids:
            digest = hashlib.sha256(f"stand-in {len(self._ids)}".encode()).hexdigest()
            digest = str(int(digest, 16)) if value.isdecimal() else digest  # numbers stay numbers, as in JSON
            self._ids[key] = (digest * (len(value) // len(digest) + 1))[: len(value)]
            self._made.add(self._ids[key])
        return self._ids[key].upper() if value.isupper() else self._ids[key]

    def _shaped_id(self, value: str) -> str:
        letters = iter(self._id(value.replace("-", "")))
        return "".join("-" if letter == "-" else next(letters) for letter in value)


def _written(home: str, other: str) -> list[tuple[str, str]]:
    """Return an address in each way in which a page may write it, with that which stands for it."""
    pairs = [(home, other), (quote(home, safe=""), quote(other, safe=""))]
    pairs.append((home.replace("/", "\\/"), other.replace("/", "\\/")))
    host, host_other = split_address(home).netloc, split_address(other).netloc
    if host and host_other:
        pairs += [(host, host_other), (quote(host, safe=""), host_other)]
    return list(dict.fromkeys(pairs))


def _without_secrets(text: str) -> str:
    text = _DATA.sub(r"\1AAAA", text)
    text = _COOKIE.sub(_emptied, text)
    text = _NAMED_TAG.sub(lambda match: _TAG_VALUE.sub(_emptied, match.group()), text)
    text = _KEYED.sub(_emptied, text)
    text = _PARAMETER.sub(rf"\g<key>{REMOVED}", text)
    text = _BEARER.sub(rf"\g<key>{REMOVED}", text)
    return _JWT.sub(rf"\g<key>{REMOVED}", text)


def _emptied(match: re.Match[str]) -> str:
    """Return the match with its quoted value replaced, unless it is empty."""
    value = match["value"]
    quotes = re.match(r"\\*[\"'`]", value)
    assert quotes is not None  # the pattern asks for a quoted value
    mark = quotes.group()
    inner = value[len(mark) : len(value) - len(mark)]
    return f"{match['key']}{mark}{REMOVED if inner else ''}{mark}"


def _machine_made(chunk: str) -> bool:
    """Return whether this was not written by hand: long, with digits, both cases, and no long word in it."""
    core = chunk.rstrip("=")
    words = re.findall(r"[a-z]+", core)
    return (
        len(core) >= 20  # noqa: PLR2004 - as `_CHUNK` has it
        and sum(letter.isdigit() for letter in core) >= _LEAST_DIGITS
        and any(letter.isupper() for letter in core)
        and any(letter.islower() for letter in core)
        and max(map(len, words), default=0) <= _LONGEST_WORD
    )


def _is_ip6(text: str) -> bool:
    return text.count(":") >= _LEAST_GROUPS or "::" in text
