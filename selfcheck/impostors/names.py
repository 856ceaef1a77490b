"""How alike two names are: to the eye, and by their letters. Pure.

The theory. A name that is made to be taken for another is written with letters that look the same: of another
alphabet, digits for letters, `rn` for `m`, hidden characters, or with a word such as "official" beside it.
So each name is reduced to its skeleton, in which all that looks the same is the same. Which letters look
alike is Unicode's own list (UTS #39, by confusable_homoglyphs). Equal skeletons look the same. For others the
measure is the normalised Indel similarity of the skeletons, in percent (rapidfuzz `fuzz.ratio`): 100 less the
share of letters that have to be put in or taken out. From `SIMILAR_FROM` on two names are called similar;
`benchmarks/impostors.py` measures how often that is said of names that have nothing to do with each other.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product

from confusable_homoglyphs import confusables
from rapidfuzz import fuzz

SIMILAR_FROM = 88.0
"""Percent. One letter more, less or exchanged in a name of nine letters is above it; see the benchmark."""

_NAMED = 3  # letters of another alphabet that are called by their names

LEAST_LETTERS = 5
"""Of shorter names one letter is too much: Anna and Hanna are two people."""


class Alike(StrEnum):
    """How alike two names are."""

    SAME = "same"  # the same letters; case and spaces do not count
    LOOKS_THE_SAME = "looks_the_same"
    SIMILAR = "similar"
    DIFFERENT = "different"
    UNKNOWN = "unknown"  # one of them is not known


@dataclass(frozen=True, kw_only=True)
class NameLikeness:
    """What the comparison of two names found."""

    alike: Alike
    percent: float = 0.0  # of the skeletons: 100 where they are the same
    ways: tuple[str, ...] = ()  # how a name that looks the same is written differently

    @property
    def is_alike(self) -> bool:
        """Return whether one may be taken for the other."""
        return self.alike in {Alike.SAME, Alike.LOOKS_THE_SAME, Alike.SIMILAR}


def compare_names(own: str, other: str) -> NameLikeness:
    """Return how alike the author's name and another one are."""
    if not own.strip() or not other.strip():
        return NameLikeness(alike=Alike.UNKNOWN)
    if _plain(own) == _plain(other):
        return NameLikeness(alike=Alike.SAME, percent=100.0)
    pairs = tuple(product(_skeletons(own), _skeletons(other)))
    if any(mine == theirs for mine, theirs in pairs):
        return NameLikeness(alike=Alike.LOOKS_THE_SAME, percent=100.0, ways=_ways(own, other))
    percent = max(fuzz.ratio(mine, theirs) for mine, theirs in pairs)
    long_enough = min(len(skeleton) for pair in pairs for skeleton in pair) >= LEAST_LETTERS
    similar = long_enough and percent >= SIMILAR_FROM
    return NameLikeness(alike=Alike.SIMILAR if similar else Alike.DIFFERENT, percent=round(percent, 1))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


# -- the skeleton ------------------------------------------------------------------------------------------

_ADDED = (
    "account acct admin author autor backup blog editor fan fanpage help hq iam im itsme offical official"
    " officiel oficial offiziell original page private profile real really support team the thereal true"
    " verified writer writes"
)
_ADDED_WORDS = frozenset(_ADDED.split())
"""What people put beside a name to claim it, or to have it where it was taken."""

_AS_LETTERS = str.maketrans("0134578$@!|i", "oleastbsalll")
"""Digits and signs that stand for letters; `i` too, since a capital one looks like `l`."""

_PAIRS = (("rn", "m"), ("vv", "w"))
"""Two letters that look like one in many typefaces."""


@cache
def _latin_twins() -> dict[int, str]:
    """Return for each letter of another alphabet the Latin letter that it looks like, by Unicode's list."""
    twins: dict[int, str] = {}
    for letter, alike in confusables.confusables_data.items():
        latin = next((entry["c"] for entry in alike if entry["c"].isascii() and entry["c"].isalpha()), None)
        if latin and len(letter) == 1 and not letter.isascii():
            twins[ord(letter)] = latin
    return twins


def _without_hidden(name: str) -> str:
    return "".join(letter for letter in name if unicodedata.category(letter) not in {"Cf", "Cc"})


def _in_latin(name: str) -> str:
    return name.translate(_latin_twins())


def _without_accents(name: str) -> str:
    spread = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).casefold()


def _without_decoration(name: str) -> str:
    """Return the words of a name; what is neither a letter, a digit nor a sign for a letter parts them."""
    kept = (letter if letter.isalnum() or letter in "$@!|" else " " for letter in name)
    return " ".join("".join(kept).split())


def _without_added_words(name: str) -> str:
    words = name.split()
    kept = [word for word in words if word not in _ADDED_WORDS]
    return " ".join(kept or words)


def _without_numbers(name: str) -> str:
    """Return a name without the digits at the end of its words, unless there is nothing else."""
    return " ".join(filter(None, (re.sub(r"\d+$", "", word) for word in name.split()))) or name


def _with_letters_for_signs(name: str) -> str:
    name = name.translate(_AS_LETTERS)
    for pair, letter in _PAIRS:
        name = name.replace(pair, letter)
    return name


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("hidden characters", _without_hidden),
    ("letters of another alphabet that look the same", _in_latin),
    ("accents or another form of the letters", _without_accents),
    ("signs or spaces", _without_decoration),
    ("a word such as “official” beside it", _without_added_words),
    ("digits at the end", _without_numbers),
    ("digits, signs or letters for others that look the same", _with_letters_for_signs),
)
"""What is taken away or made the same, in this order, and what it is called."""


def _skeletons(name: str) -> frozenset[str]:
    """Return what a name looks like, its words as written and in order of the alphabet.

    A digit at the end of a word may be one more sign, or stand for a letter: both are tried.
    """
    skeletons = set()
    for steps in (_STEPS, [step for step in _STEPS if step[1] is not _without_numbers]):
        reduced = name
        for _, step in steps:
            reduced = step(reduced)
        skeletons |= {"".join(reduced.split()), "".join(sorted(reduced.split()))}
    return frozenset(skeletons)


def _ways(own: str, other: str) -> tuple[str, ...]:
    """Return which steps make two names that look the same more alike than they were before."""
    ways = []
    for way, step in _STEPS:
        mine, theirs = step(own), step(other)
        if fuzz.ratio(mine.casefold(), theirs.casefold()) > fuzz.ratio(own.casefold(), other.casefold()):
            ways.append(f"{way}{_odd_letters(step, own, other)}")
        own, other = mine, theirs
    return tuple(ways) or ("another order of the words",)


def _odd_letters(step: Callable[[str], str], own: str, other: str) -> str:
    """Return the names of the first letters that a step changes and the author's name does not have."""
    if step not in {_without_hidden, _in_latin}:  # the others change what everybody can see
        return ""
    odd = [letter for letter in dict.fromkeys(other) if step(letter) != letter and letter not in own]
    names = [unicodedata.name(letter, f"U+{ord(letter):04X}").capitalize() for letter in odd[:_NAMED]]
    return f": {', '.join(names)}{' …' if len(odd) > _NAMED else ''}" if names else ""
