"""Finds texts that must not leave wherever they stand, in every writing. Pure.

Each layer of writing is taken off a text, and every finding is traced back to the characters as they stood,
so that one secret may be written in several ways at once. What cannot be taken off without knowing where it
begins, base64 and hexadecimal digits, is looked for as it is written. All are found in one pass (Aho and
Corasick), in a time that grows with the text and not with the number of secrets.
"""

import base64
import binascii
import html
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ahocorasick_rs import AhoCorasick, Implementation

from selfcheck.browser.session_secrets import LEAST_OF_A_FRAGMENT, machine_made

REMOVED = "[removed]"
MAIL_REMOVED = "[mail address removed]"

_MOST_LAYERS = 4
_MOST_WINDOWS = 2048  # of one value and one writing; a longer one is found by its beginning
_MOST_UNPACKED = 5_000_000
_LETTERS_OF_A_FRAGMENT = LEAST_OF_A_FRAGMENT * 4 // 3


_HEX = "[0-9A-Fa-f]"


@dataclass(frozen=True)
class Escape:
    """A way to write single characters: how it begins, what follows, and what it stands for."""

    name: str
    begins: str
    pattern: str  # of what follows
    plain: Callable[[str], str]


def _percent(text: str) -> str:
    return bytes.fromhex(re.sub(r"%(?:25)*", "", text)).decode("utf-8", "replace")


def _bytes(text: str) -> str:
    data = bytes.fromhex(text.replace("\\x", ""))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _code_point(text: str) -> str:
    number = int(text[2:].strip("{}"), 16)
    return chr(number) if number < 0x110000 else ""  # noqa: PLR2004 — the end of Unicode


def _backslash(text: str) -> str:
    return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(text[1], text[1])


ESCAPES = (
    Escape(
        "percent signs, once or many times", "%", rf"(?:25)*{_HEX}{{2}}(?:%(?:25)*{_HEX}{{2}})*", _percent
    ),
    Escape("JSON and JavaScript, by number", "\\u", rf"(?:{_HEX}{{4}}|\{{{_HEX}{{1,6}}\}})", _code_point),
    Escape("JavaScript, by byte", "\\x", rf"{_HEX}{{2}}(?:\\x{_HEX}{{2}})*", _bytes),
    Escape("JSON, a backslash before", "\\", r"[\\/\"'nrtbf]", _backslash),
    Escape("HTML", "&", rf"(?:#\d{{1,7}}|#[xX]{_HEX}{{1,6}}|[A-Za-z]{{2,8}});", html.unescape),
    Escape("UTF-16 that was read as bytes", "\0", "", lambda _: ""),
    Escape("the mark before UTF-16", "\ufeff", "", lambda _: ""),
)
"""What is taken off in each layer, several times over."""

_QUOTED_PRINTABLE = (
    Escape(
        "quoted printable: characters, and lines that go on",
        "=",
        r"(?:\r?\n|[0-9A-F]{2}(?:=[0-9A-F]{2})*)",
        lambda text: "" if text[1:] in {"\n", "\r\n"} else _percent(text.replace("=", "%")),
    ),
)
"""Apart from the others, and only where a text looks like it: an equals sign stands in every address."""

_IS_QUOTED_PRINTABLE = re.compile(r"=(?:\r?\n|3D|20|(?:[0-9A-F]{2}=){2})")


@dataclass(frozen=True)
class _Writing:
    """Escapes that are taken off together."""

    escapes: tuple[Escape, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        # Without groups, so that the search jumps from one first character to the next.
        return re.compile("|".join(re.escape(escape.begins) + escape.pattern for escape in self.escapes))

    def plain(self, text: str) -> str:
        """Return what an escape stands for."""
        return next(escape for escape in self.escapes if text.startswith(escape.begins)).plain(text)


_USUAL, _OF_MAIL = _Writing(ESCAPES), _Writing(_QUOTED_PRINTABLE)
_PACKED = re.compile(r"H4sI[A-Za-z0-9+/_-]{16,}={0,2}")
"""gzip in base64."""

_MAIL = re.compile(
    r"(?<![\w.+@/\\%-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.(?!(?:png|jpe?g|gif|svg|webp|avif|css|m?js)\b)[A-Za-z]{2,24}(?!\w)"
)


@dataclass
class _Layer:
    """A text without its escapes, and where its characters stood."""

    text: str
    starts: list[int] = field(default_factory=list)  # of each part within this text
    places: list[tuple[int, int]] = field(default_factory=list)  # of the same parts within the text below
    below: "_Layer | None" = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a piece of this text stood in the text as it was given."""
        if self.below is None:
            return start, end
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        return self.below.place(self._outer(first, start)[0], self._outer(last, end - 1)[1])

    def _outer(self, part: int, at: int) -> tuple[int, int]:
        start, end = self.places[part]
        length = (self.starts[part + 1] if part + 1 < len(self.starts) else len(self.text)) - self.starts[
            part
        ]
        if length == end - start:  # characters that stand for themselves
            return start + at - self.starts[part], start + at - self.starts[part] + 1
        return start, end


def _without(below: _Layer, writing: _Writing) -> _Layer | None:
    """Return the text with these escapes taken off once; None where it has none."""
    text, done, length = below.text, 0, 0
    parts: list[str] = []
    starts: list[int] = []
    places: list[tuple[int, int]] = []
    known: dict[str, str] = {}
    for match in writing.pattern.finditer(text):
        start, end = match.span()
        if start > done:
            parts.append(text[done:start])
            starts.append(length)
            places.append((done, start))
            length += start - done
        escape = match[0]
        if escape not in known:
            known[escape] = writing.plain(escape)
        if plain := known[escape]:
            parts.append(plain)
            starts.append(length)
            places.append((start, end))
            length += len(plain)
        done = end
    if not done:
        return None
    if done < len(text):
        parts.append(text[done:])
        starts.append(length)
        places.append((done, len(text)))
    return _Layer("".join(parts), starts, places, below)


def _layers(text: str) -> Iterator[_Layer]:
    """Yield the text as it is, and without each layer of escapes."""
    given = _Layer(text)
    yield given
    for writing in (_USUAL, _OF_MAIL) if _IS_QUOTED_PRINTABLE.search(text) else (_USUAL,):
        layer: _Layer | None = given
        for _ in range(_MOST_LAYERS):
            layer = layer and _without(layer, writing)
            if layer is None:
                break
            yield layer


@dataclass(frozen=True)
class Public:
    """What was found in texts that everybody may read."""

    patterns: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()

    def __or__(self, other: "Public") -> "Public":
        """Return both together."""
        return Public(self.patterns | other.patterns, self.mails | other.mails)


class SecretFinder:
    """Finds the given values, and fragments of those that a machine made."""

    def __init__(self, values: Collection[str]) -> None:
        ordered = sorted(filter(None, values))
        owners = {value: place for place, value in enumerate(ordered)}
        for place, value in enumerate(ordered):
            for written in _written(value):
                owners.setdefault(written, place)
        self._values = len(ordered)
        self._patterns = list(owners)
        self._owners = list(owners.values())  # by pattern, the value that it is a writing or fragment of
        self._is_word = [value.isalpha() for value in ordered]  # it is found only as a word by itself
        self._lengths = [len(value) for value in ordered]
        # Standard matching of all patterns, overlapping ones too. This kind of automaton is built quickest.
        self._automaton = (
            AhoCorasick(self._patterns, implementation=Implementation.ContiguousNFA, store_patterns=False)
            if owners
            else None
        )

    def public(self, texts: Iterable[str]) -> Public:
        """Return what of the secrets, and which mail addresses, these texts have that everybody may read."""
        owners: set[int] = set()
        found: set[str] = set()
        mails: set[str] = set()
        for text in texts:
            for layer in _layers(text):
                mails.update(match[0].lower() for match in _MAIL.finditer(layer.text))
                for pattern, start, end in self._matches(layer.text):
                    # A short one that is a part of another word there is there by chance.
                    if end - start >= LEAST_OF_A_FRAGMENT or _stands_alone(layer.text, start, end):
                        found.add(self._patterns[pattern])
                        if pattern < self._values:
                            owners.add(pattern)
        found |= {
            pattern for pattern, owner in zip(self._patterns, self._owners, strict=True) if owner in owners
        }
        return Public(frozenset(found), frozenset(mails))

    def cleaned(
        self, text: str, *, public: Public, keep: Collection[str] = (), mails: bool = False, depth: int = 0
    ) -> str:
        """Return the text without the secrets that are not public, and with `mails` without mail addresses.

        `keep` are texts, in lower case, within which nothing is removed, such as the handle.
        """
        spans: list[tuple[int, int, str]] = []
        for layer in _layers(text):
            inside = list(_occurrences(layer.text, keep))
            hits = [
                (start, end, REMOVED)
                for pattern, start, end in self._matches(layer.text)
                if self._patterns[pattern] not in public.patterns
                and not any(self._is_kept(pattern, (start, end), place) for place in inside)
            ]
            if mails:
                hits += [
                    (match.start(), match.end(), MAIL_REMOVED)
                    for match in _MAIL.finditer(layer.text)
                    if match[0].lower() not in public.mails
                    and not any(first <= match.start() and match.end() <= last for first, last in inside)
                ]
            spans += [(*layer.place(start, end), word) for start, end, word in hits]
        spans += self._packed(text, public, depth)
        return _replaced(text, spans)

    def _is_kept(self, pattern: int, hit: tuple[int, int], kept: tuple[int, int]) -> bool:
        """Return whether what was found is a part of what is kept; of a fragment, whether it only has one."""
        if hit[1] - hit[0] < self._lengths[self._owners[pattern]]:
            return hit[0] < kept[1] and kept[0] < hit[1]
        return kept[0] <= hit[0] and hit[1] <= kept[1]

    def _packed(self, text: str, public: Public, depth: int) -> Iterator[tuple[int, int, str]]:
        for match in _PACKED.finditer(text) if depth == 0 else ():
            letters = match[0].rstrip("=").translate(str.maketrans("-_", "+/"))
            letters = letters[: len(letters) - (len(letters) % 4 == 1)]
            try:
                data = base64.b64decode(letters + "=" * (-len(letters) % 4))
                inner = zlib.decompressobj(31).decompress(data, _MOST_UNPACKED).decode("utf-8", "replace")
            except (binascii.Error, zlib.error):
                continue
            if self.cleaned(inner, public=public, depth=1) != inner:
                yield match.start(), match.end(), REMOVED

    def _matches(self, text: str) -> Iterator[tuple[int, int, int]]:
        if self._automaton is None:
            return
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if not self._is_word[self._owners[pattern]] or _stands_alone(text, start, end):
                yield pattern, start, end


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _occurrences(text: str, words: Collection[str]) -> Iterator[tuple[int, int]]:
    lower = text.lower()
    if len(lower) != len(text):  # a few letters grow when they are made small
        return
    for word in words:
        place = lower.find(word)
        while place >= 0:
            yield place, place + len(word)
            place = lower.find(word, place + 1)


def _replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Return the text with the spans replaced; those that touch or overlap are one."""
    parts, done = [], 0
    joined: list[tuple[int, int, str]] = []
    for start, end, word in sorted(spans):
        if joined and start <= joined[-1][1]:
            before = joined[-1]
            joined[-1] = before[0], max(before[1], end), before[2]
        else:
            joined.append((start, end, word))
    for start, end, word in joined:
        parts += [text[done:start], word]
        done = end
    return "".join([*parts, text[done:]])


def _written(value: str) -> Iterator[str]:
    """Yield other writings of a value, and of one that a machine made all its fragments in them."""
    spaced = " ".join(value.split())
    yield from (spaced, spaced.replace(" ", "+"))
    if any(letter.isalpha() for letter in value):
        yield from (value.upper(), value.lower())
    fragments = machine_made(value)
    if fragments:
        yield from _windows(value, LEAST_OF_A_FRAGMENT)
    for data in dict.fromkeys((value.encode(errors="replace"), value.encode("utf-16-le", "replace"))):
        digits, step = data.hex(), 2 * LEAST_OF_A_FRAGMENT
        for writing in (digits, digits.upper()):
            yield from _windows(writing, step, by=2) if fragments else (writing,)
        for letters in _base64_letters(data):
            yield from _windows(letters, _LETTERS_OF_A_FRAGMENT) if fragments else (letters,)


def _windows(text: str, length: int, *, by: int = 1) -> Iterator[str]:
    for place in range(0, min(max(len(text) - length, 0) + 1, _MOST_WINDOWS), by):
        yield text[place : place + length]


def _base64_letters(data: bytes) -> Iterator[str]:
    """Yield the letters that only these bytes decide, wherever in a text they stand; in both alphabets."""
    for shift in range(3):
        letters = base64.b64encode(b"\0" * shift + data).decode()
        certain = letters[(0, 2, 3)[shift] : len(letters) - (0 if (shift + len(data)) % 3 == 0 else 4)]
        if (shift + len(data)) % 3:
            certain += letters[-4 : -4 + (shift + len(data)) % 3]
        yield from {certain, certain.translate(str.maketrans("+/", "-_"))}
