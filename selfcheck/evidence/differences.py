"""Where two screenshots of one page differ, found block by block as lines are in two texts.

A block is a line of text, a picture or a heading: rows of pixels between rows that do not change. Two blocks
are alike if they are about as high and hold about as much ink in each of two hundred columns; that allows for
fractions of a pixel by which a browser moves what stands below another menu. What has no counterpart in the
same order is a difference. A bar at the very top, which is another for everybody who is signed in, is left
out, and so is everything where the two share too little to be one page. No verdict rests on any of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageChops

_QUIET = 6  # px of rows in a row that do not change: the gap between two blocks
_COLUMNS = 200
_UNLIKE = 0.2  # of the ink that two blocks have on average
_HIGHER = 0.06  # of a block's height, and 3 px for the edges of letters
_ALIKE = 0.2  # of the shorter page's blocks by height: fewer, and they are two pages
_LEAST = 8  # px: less is a hairline
_BAR = 120  # px at the top


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Rows of both pictures that have no counterpart: from, and up to but without, on each side."""

    left: tuple[int, int]
    right: tuple[int, int]
    weight: int  # px of blocks, on the side that has more of them


@dataclass(frozen=True, kw_only=True)
class _Block:
    top: int
    bottom: int
    ink: tuple[int, ...]

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def is_like(self, other: "_Block") -> bool:
        if abs(self.height - other.height) > 3 + _HIGHER * self.height:
            return False
        most = _UNLIKE * (sum(self.ink) + sum(other.ink)) / 2
        if abs(sum(self.ink) - sum(other.ink)) > most:
            return False
        return sum(abs(mine - theirs) for mine, theirs in zip(self.ink, other.ink, strict=True)) <= most


def differences(left: Image.Image, right: Image.Image) -> tuple[Difference, ...]:
    """Return the places where two RGB pictures differ, from the top; none where they share too little."""
    if left.width != right.width:
        return ()
    blocks = list(_blocks(left)), list(_blocks(right))
    pairs = _pairs(*blocks)
    alike = sum(blocks[0][place].height for place, _ in pairs)
    if not alike or alike < _ALIKE * min(sum(block.height for block in side) for side in blocks):
        return ()
    return tuple(_between(*blocks, pairs))


def _blocks(image: Image.Image) -> Iterator[_Block]:
    data, width = memoryview(image.tobytes()), image.width * 3
    rows = [data[start : start + width] for start in range(0, len(data), width)]
    changes = [place for place in range(1, len(rows)) if rows[place] != rows[place - 1]]
    if not changes:
        return
    ends = [place for place, following in pairwise(changes) if following - place > _QUIET]
    begins = [following for place, following in pairwise(changes) if following - place > _QUIET]
    for top, bottom in zip([changes[0], *begins], [*ends, changes[-1]], strict=True):
        # The row above is what the block is drawn on; its last change is back to such a row.
        ground = image.crop((0, top - 1, image.width, top)).resize((image.width, bottom - top + 1))
        ink = ImageChops.difference(image.crop((0, top, image.width, bottom + 1)), ground).convert("L")
        means = ink.resize((_COLUMNS, 1), Image.Resampling.BOX).tobytes()
        if bottom > top:
            yield _Block(top=top, bottom=bottom, ink=tuple(mean * (bottom - top + 1) for mean in means))


def _pairs(left: Sequence[_Block], right: Sequence[_Block]) -> list[tuple[int, int]]:
    """Return the blocks that both have in the same order, as many pixels of them as there can be."""
    least = min(len(left), len(right))
    begin = next((place for place in range(least) if not left[place].is_like(right[place])), least)
    rest = least - begin
    end = next((back for back in range(rest) if not left[-1 - back].is_like(right[-1 - back])), rest)
    middle = _longest(left[begin : len(left) - end], right[begin : len(right) - end])
    return [
        *((place, place) for place in range(begin)),
        *((begin + first, begin + second) for first, second in middle),
        *((len(left) - back, len(right) - back) for back in range(end, 0, -1)),
    ]


def _longest(left: Sequence[_Block], right: Sequence[_Block]) -> list[tuple[int, int]]:
    best = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]  # px that the rest of both can share
    like = [[mine.is_like(theirs) for theirs in right] for mine in left]
    for first in range(len(left) - 1, -1, -1):
        for second in range(len(right) - 1, -1, -1):
            both = left[first].height + best[first + 1][second + 1] if like[first][second] else 0
            best[first][second] = max(both, best[first + 1][second], best[first][second + 1])
    pairs, first, second = [], 0, 0
    while first < len(left) and second < len(right):
        if like[first][second] and best[first][second] == left[first].height + best[first + 1][second + 1]:
            pairs.append((first, second))
            first, second = first + 1, second + 1
        elif best[first + 1][second] >= best[first][second + 1]:
            first += 1
        else:
            second += 1
    return pairs


def _between(
    left: Sequence[_Block], right: Sequence[_Block], pairs: Sequence[tuple[int, int]]
) -> Iterator[Difference]:
    begin = (0, 0)
    for end in (*pairs, (len(left), len(right))):
        sides = left[begin[0] : end[0]], right[begin[1] : end[1]]
        weight = max(sum(block.height for block in side) for side in sides)
        places = _span(left, begin[0], sides[0]), _span(right, begin[1], sides[1])
        if weight >= _LEAST and max(place[1] for place in places) > _BAR:
            yield Difference(left=places[0], right=places[1], weight=weight)
        begin = (end[0] + 1, end[1] + 1)


def _span(blocks: Sequence[_Block], begin: int, side: Sequence[_Block]) -> tuple[int, int]:
    """Return the rows of these blocks, or where they would stand."""
    if side:
        return side[0].top, side[-1].bottom
    place = blocks[begin - 1].bottom if begin else 0
    return place, place
