"""Compares the public's text of a story with the author's, sentence by sentence.

A text is whole while what the author's has beyond the common part stays small, whatever else the public's
page has. It is cut only where nothing else explains it: the public's is the author's with sentences left out,
they are missing from the very elements that hold what both have, and no line says where to read on.
"""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from selfcheck.core.observation import TextBody

LEAST_SHARE = 0.3
"""Of the author's text. Tools, notes and counters of the author's own view seldom make up as much."""

LEAST_MISSING = 200
"""Characters, about two sentences: a notice that only the author gets is shorter."""

_SMALL = 40
"""Characters: what is shorter, such as a button's or a byline's words, is not a sentence of a text."""


@dataclass(frozen=True, kw_only=True)
class TextComparison:
    """How much of the author's text one page load of the public lacks, and whether it may be called cut."""

    missing: int  # characters
    total: int  # characters of the author's text
    doubt: str = ""  # why much is missing and it is still not called cut

    @property
    def is_whole(self) -> bool:
        """Return whether so little is missing that the text may be called whole."""
        return not self.doubt and not self.is_much

    @property
    def is_cut(self) -> bool:
        """Return whether much is missing and nothing else explains it."""
        return not self.doubt and self.is_much

    @property
    def is_much(self) -> bool:
        """Return whether as much is missing as must be to speak of it."""
        return self.missing >= max(LEAST_MISSING, LEAST_SHARE * self.total)


def compare_texts(author: TextBody, public: TextBody) -> TextComparison:
    """Return how the public's text compares with the author's."""
    pairs = _common(author.hashes, public.hashes)
    pairs += _torn(author, public, pairs)
    shared = {mine for mine, _ in pairs}
    missing = [place for place in range(len(author.hashes)) if place not in shared]
    compared = TextComparison(missing=sum(author.lengths[place] for place in missing), total=author.length)
    if not author.container:
        doubt = "the author's page has no text that can be compared"
    elif compared.is_much:
        doubt = _doubt(author, public, pairs, missing)
    else:
        doubt = ""
    return TextComparison(missing=compared.missing, total=compared.total, doubt=doubt)


def _doubt(author: TextBody, public: TextBody, pairs: list[tuple[int, int]], missing: list[int]) -> str:
    if set(public.invitations) - set(author.invitations):
        return "the page itself says where or how to read on"
    if public.is_loading:
        return "a part of it was still loading"
    if not pairs:
        return "the public's page has no text that could be compared"
    shared = {theirs for _, theirs in pairs}
    added = [length for place, length in enumerate(public.lengths) if place not in shared]
    if any(length >= _SMALL for length in added) or author.container != public.container:
        return "the two pages are worded or built differently"
    held = {author.places[mine] for mine, _ in pairs}
    prose = sum(author.lengths[place] for place in missing if author.places[place] in held)
    if not TextComparison(missing=prose, total=author.length).is_much:
        return "what is missing stands apart from the rest and may be there for its author only"
    return ""


def _common(mine: tuple[int, ...], theirs: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence (Hunt and Szymanski 1977), the equal ends first."""
    least = min(len(mine), len(theirs))
    begin = next((place for place in range(least) if mine[place] != theirs[place]), least)
    rest = least - begin
    end = next((back for back in range(rest) if mine[-1 - back] != theirs[-1 - back]), rest)
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place in range(len(theirs) - end - 1, begin - 1, -1):
        places[theirs[place]].append(place)
    ends: list[int] = []  # the lowest place of theirs at which a common run of each length can end
    links: list[tuple[int, int, int]] = []  # a pair, and the index of the one before it
    tops: list[int] = []  # for each length the index of its pair
    for place in range(begin, len(mine) - end):
        for other in places.get(mine[place], ()):
            length = bisect_left(ends, other)
            links.append((place, other, tops[length - 1] if length else -1))
            if length == len(ends):
                ends.append(other)
                tops.append(len(links) - 1)
            else:
                ends[length], tops[length] = other, len(links) - 1
    middle, link = [], tops[-1] if tops else -1
    while link >= 0:
        middle.append(links[link][:2])
        link = links[link][2]
    tail = [(len(mine) - back, len(theirs) - back) for back in range(end, 0, -1)]
    return [*((place, place) for place in range(begin)), *reversed(middle), *tail]


def _torn(author: TextBody, public: TextBody, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the sentences that break off: each begins as the author's at that place does, and is shorter."""
    ends = [(-1, -1), *pairs, (len(author.hashes), len(public.hashes))]
    gaps = [
        (mine + 1, theirs + 1)
        for (mine, theirs), (next_mine, next_theirs) in pairwise(ends)
        if next_mine - mine > 1 and next_theirs - theirs > 1
    ]
    return [
        (mine, theirs)
        for mine, theirs in gaps
        if author.begins[mine] == public.begins[theirs] and author.lengths[mine] > public.lengths[theirs]
    ]
