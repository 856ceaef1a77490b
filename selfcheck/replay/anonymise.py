"""Who a page is about, and a stand-in for each of them, so that a page can be shown without saying who.

Laws:
1. A name is replaced wherever it stands and however it is written: another case, percent-encoded, as JSON or
   HTML escapes it, without accents, its words joined by other characters or by none.
2. The same person always gets the same stand-in, and the case in which a name stood is kept.
3. Rather too much is replaced than too little; whether the page still says the same is for others to check.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from html.entities import codepoint2name
from typing import Any
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.handle import Handle

HANDLE = "jane"
NAME = "Jane Example"

ESCAPED = r"(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\[nrtbf])"
"""After an escape of an address or of JSON."""
UNESCAPED = r"(?<!\\)(?<!%(?=[0-9A-Fa-f]{2}))"
"""Not within one."""
BEFORE = rf"(?:(?<![^\W_]){UNESCAPED}|{ESCAPED})"
"""Where a name or an id may begin: after no letter or digit, or after one that belongs to an escape."""
AFTER = r"(?![^\W_])"

_BETWEEN = r"(?:[\s\-_.+\u00a0]|%20|%C2%A0|&nbsp;|&#160;|\\u00a0)*"
_UNUSUAL = 8  # characters from which a handle is replaced within longer words, too
_SHORT_PART = 3  # letters of a name's part that is replaced only where it is written as a name
_LARGEST_UNIT = 0xFFFF  # JSON escapes units of 16 bits
_LONGEST_NAME = 60
_MOST_WORDS = 5

_PERSON_TYPES = frozenset({"User", "Author", "Viewer", "Person", "Creator", "Member"})
_PERSON_KEYS = frozenset({"user", "author", "creator", "viewer", "owner", "currentUser", "me"})
_HANDLE_KEYS = ("username", "userName", "screenName", "handle", "login", "preferredUsername")
_NAME_KEYS = (
    "name",
    "fullName",
    "displayName",
    "realName",
    "firstName",
    "lastName",
    "givenName",
    "familyName",
)
_ELSEWHERE = ("twitterScreenName", "twitterUsername", "facebookAccountId", "facebookDisplayName", "instagram")
_NAME_META = (
    "meta[name=author], meta[property='article:author'], meta[property='profile:first_name'], "
    "meta[property='profile:last_name'], meta[name='twitter:data1'], meta[name='twitter:label1:author']"
)
_HANDLE_META = "meta[property='profile:username'], meta[name='twitter:creator']"
_FEED_NAMES = re.compile(
    r"<(?:dc:creator|itunes:author|name|managingEditor)>\s*(?:<!\[CDATA\[)?\s*([^<\]]{2,80})", re.IGNORECASE
)
_PROFILE_LINK = re.compile(r"^(?:https?://[^/]+)?/@([\w.-]{1,60})/?(?:[?#]|$)")
_NO_NAMES = frozenset(
    {"follow", "following", "followers", "about", "home", "profile", "write", "stories", "lists", "edit"}
    | {"more", "menu", "read", "see", "sign", "get", "start", "open", "latest", "popular", "all", "archive"}
)
_MOST_READINGS = 20
_JOINED = re.compile(rf"(?<=[^\W\d_]){_BETWEEN[:-1]}+(?=[^\W\d_])", re.IGNORECASE)
_SEPARATORS = re.compile(r"\s+[\u2013\u2014|\u00b7-]\s+")


@dataclass
class People:
    """The handles and names that were found, each with the handle of the account that has it, if known."""

    handle: str  # the profile's own
    names: list[str] = field(default_factory=list)  # the profile's own
    others: list[str] = field(default_factory=list)  # other people's names
    handles: list[str] = field(default_factory=list)  # other people's handles

    def add_name(self, name: str, handle: str | None = None) -> None:
        """Note a name: the profile's own where the handle beside it is, or where it is one already."""
        name = " ".join(name.split())
        mine = handle is not None and same(handle, self.handle)
        target = self.names if mine or name in self.names else self.others
        if _is_name(name) and name not in target:
            target.append(name)

    def add_title(self, title: str) -> None:
        """Note the name with which the title of the profile's own page begins."""
        self.add_name(_SEPARATORS.split(" ".join(title.split()))[0], self.handle)

    def add_handle(self, handle: str) -> None:
        """Note somebody's handle."""
        handle = Handle(handle).name
        if re.fullmatch(r"[\w.-]{2,60}", handle) and not same(handle, self.handle):
            self.handles += [handle] if handle not in self.handles else []


def same(one: str, other: str) -> bool:
    """Return whether two handles are one, whatever their case."""
    return Handle(one).same_as(other)


def _is_name(text: str) -> bool:
    words = text.split()
    return (
        1 < len(text) <= _LONGEST_NAME
        and 0 < len(words) <= _MOST_WORDS
        and not any(letter.isdigit() or letter in "<>{}/@:" for letter in text)
        and not words[0].islower()
        and words[0].casefold() not in _NO_NAMES
    )


# -- finding ------------------------------------------------------------------------------------------------


def people_of(document: str, handle: str, *, title_is_name: bool) -> People:
    """Return who is named in a page, a feed or a JSON answer.

    `title_is_name` says that its title begins with the name of the profile's owner.
    """
    people = People(handle=handle)
    tree = LexborHTMLParser(document)
    title = tree.css_first("head title") or tree.css_first("title")
    if title_is_name and title is not None:
        people.add_title(title.text(deep=True))
    for value in _json_values(document, tree):
        _from_json(value, people, key="")
    for node in tree.css(_NAME_META):
        people.add_name(node.attributes.get("content") or "")
    for node in tree.css(_HANDLE_META):
        people.add_handle(node.attributes.get("content") or "")
    for node in tree.css("a[href]"):
        link = _PROFILE_LINK.search(node.attributes.get("href") or "")
        if link:
            people.add_handle(link.group(1))
            people.add_name(node.text(deep=True), link.group(1))
    for name in _FEED_NAMES.findall(document):
        people.add_name(unescape(name))
    parts = {part for name in people.names for part in (name, *name.split())}
    people.others = [name for name in people.others if name not in parts]
    return people


def _json_values(document: str, tree: LexborHTMLParser) -> Iterator[Any]:
    texts = [node.text(deep=True) for node in tree.css("script")]
    for text in [*texts, document if document.lstrip()[:1] not in ("<", "") else ""]:
        yield from _decoded(text)


def _decoded(text: str) -> Iterator[Any]:
    """Yield every JSON object that stands in a script, the outermost ones.

    One that breaks off is looked into for whole ones, but only until that has taken `_MOST_READINGS` times
    the text: brackets without an end would take hours.
    """
    decoder, at, left = json.JSONDecoder(), text.find("{"), _MOST_READINGS * len(text)
    while at >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except json.JSONDecodeError as error:
            left -= error.pos - at
            at = at + 1 if left > 0 else max(error.pos, at + 1)
        except (ValueError, RecursionError):  # a number of too many digits; nested too deeply
            left -= sys.getrecursionlimit()
            at = at + 1 if left > 0 else at + sys.getrecursionlimit()
        at = text.find("{", at)


def _from_json(value: Any, people: People, *, key: str) -> None:
    pending = [(key, value)]
    while pending:
        key, value = pending.pop()
        if isinstance(value, list):
            pending += [(key, part) for part in value]
        elif isinstance(value, dict):
            _from_object(key, value, people)
            pending += list(value.items())


def _from_object(key: str, fields: Mapping[str, Any], people: People) -> None:
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    handle = next((texts[name] for name in _HANDLE_KEYS if texts.get(name)), None)
    kinds = {texts.get("__typename"), texts.get("@type"), texts.get("type")}
    if handle is not None:
        people.add_handle(handle)
    if handle is not None or key in _PERSON_KEYS or kinds & _PERSON_TYPES:
        for name in _NAME_KEYS:
            people.add_name(texts.get(name, ""), handle)
    for name in _ELSEWHERE:
        people.add_handle(texts.get(name, ""))


# -- replacing ----------------------------------------------------------------------------------------------


class Pseudonyms:
    """Replaces every person's names and handles by stand-ins, in one pass over a text."""

    def __init__(self, people: People, *, keep: Iterable[str] = ()) -> None:
        kept = {word.casefold() for text in keep for word in (text, *text.split())}
        self._rows = [row for row in _rows(people) if row[0].casefold() not in kept]
        self._pattern = re.compile(
            "|".join(f"(?P<r{number}>{pattern})" for number, (_, pattern, _) in enumerate(self._rows))
            or r"(?!)",
            re.IGNORECASE,
        )

    def text(self, text: str) -> str:
        """Return the text with the stand-ins."""
        return self._pattern.sub(self._stand_in, text)

    def _stand_in(self, match: re.Match[str]) -> str:
        assert match.lastgroup is not None  # every row is a named group
        return _shaped(match.group(), self._rows[int(match.lastgroup[1:])][2])


def _rows(people: People) -> Iterator[tuple[str, str, str]]:
    """Yield what is replaced, the pattern that finds it, and its stand-in.

    What is longer comes first, and a handle before a name of the same letters.
    """
    rows = [(people.handle, _handle_pattern(people.handle), HANDLE)]
    rows += [(name, _handle_pattern(name), f"reader{n}") for n, name in enumerate(people.handles, start=1)]
    rows += [(name, _name_pattern(name), NAME) for name in people.names]
    rows += [(name, _name_pattern(name), f"Person {n}") for n, name in enumerate(people.others, start=1)]
    rows += [row for name in people.names if len(name.split()) > 1 for row in _parts(name)]
    yield from sorted(rows, key=lambda row: -sum(letter.isalnum() for letter in row[0]))


def _parts(name: str) -> Iterator[tuple[str, str, str]]:
    words = name.split()
    first, last = NAME.split()
    for number, word in enumerate(words):
        if len(word) < _SHORT_PART:
            continue
        bounded = rf"(?<![<])(?<!</){BEFORE}{_forms(word)}{AFTER}"
        exact = f"(?-i:{'|'.join(sorted({re.escape(word), re.escape(word.upper())}))})"
        pattern = f"{BEFORE}{exact}{AFTER}" if len(word) == _SHORT_PART else bounded
        yield word, pattern, first if number < len(words) - 1 else last


def _name_pattern(name: str) -> str:
    return f"{BEFORE}{_BETWEEN.join(_forms(word) for word in name.split())}{AFTER}"


def _handle_pattern(handle: str) -> str:
    anywhere = len(handle) >= _UNUSUAL or not handle.isalpha()
    return _forms(handle) if anywhere else f"{BEFORE}{_forms(handle)}{AFTER}"


def _forms(word: str) -> str:
    return "".join(_letter(letter) for letter in word)


def _letter(letter: str) -> str:
    """Return a pattern for one character in every form in which a page may write it."""
    plain = unicodedata.normalize("NFKD", letter)
    forms = [re.escape(letter), re.escape(plain), f"&#{ord(letter)};", f"&#x0*{ord(letter):x};"]
    if not (letter.isascii() and letter.isalnum()):
        if ord(letter) <= _LARGEST_UNIT:
            forms.append(rf"\\+u{ord(letter):04x}")
        once = [quote(letter, safe=""), quote(plain, safe="")]
        forms += [re.escape(form) for form in (*once, *map(quote, once))]
        named = codepoint2name.get(ord(letter))
        forms += [f"&{named};"] if named else []
        base = "".join(part for part in plain if not unicodedata.combining(part))
        forms += [re.escape(base)] if base else []
    return f"(?:{'|'.join(dict.fromkeys(forms))})"


def _shaped(original: str, stand_in: str) -> str:
    """Return the stand-in in the case and with the separator of the original."""
    if " " in stand_in:
        between = _JOINED.search(original)
        joined = between.group() if between else "" if " " not in original.strip() else " "
        stand_in = stand_in.replace(" ", joined) if between or original.isalpha() else stand_in
    letters = "".join(letter for letter in original if letter.isalpha())
    if len(letters) > 1 and letters.isupper():
        return stand_in.upper()
    if letters.islower():
        return stand_in.lower()
    return stand_in[:1].upper() + stand_in[1:]
