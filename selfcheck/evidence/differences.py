"""Where two screenshots of one page differ: rows of pixels are compared as the lines of two texts.

Both are drawn by the same browser at the same width, so a row that both have is alike to the last pixel, at
whatever height it stands. Rows that occur once in each are paired in order (as in a patience diff), pairs
grow in both directions while rows are alike, and what lies between is a difference. A page whose rows are
nearly all different is another page: then nothing is said of single places. No verdict rests on any of it.
"""

import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

_ALIKE = 0.2  # of the shorter page's rows with something on them: fewer, and they are two pages
_LEAST = 8  # px of such rows: less is a hairline or the edge of a letter

_Rows = list[int | None]  # a checksum of each row; None: a single colour


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Rows of both pictures that have no counterpart: from, and up to but without, on each side."""

    left: tuple[int, int]
    right: tuple[int, int]
    weight: int  # rows with something on them, on the side that has more of them


def differences(left: Image.Image, right: Image.Image) -> tuple[Difference, ...]:
    """Return the places where two RGB pictures differ, from the top; none where they share too little."""
    if left.width != right.width:
        return ()
    rows = _rows(left), _rows(right)
    pairs = list(_grown(*rows, _in_order(list(_unique_pairs(*rows)))))
    alike = sum(rows[0][place] is not None for place, _ in pairs)
    least = min(sum(row is not None for row in side) for side in rows)
    if not alike or alike < _ALIKE * least:
        return ()
    return tuple(_between(*rows, pairs))


def _rows(image: Image.Image) -> _Rows:
    data, width = memoryview(image.tobytes()), image.width * 3
    rows = (data[start : start + width] for start in range(0, len(data), width))
    return [None if row == bytes(row[:3]) * image.width else zlib.crc32(row) for row in rows]


def _unique_pairs(left: _Rows, right: _Rows) -> Iterator[tuple[int, int]]:
    counts = Counter(left), Counter(right)
    places = {row: place for place, row in enumerate(right)}
    for place, row in enumerate(left):
        if row is not None and counts[0][row] == counts[1][row] == 1:
            yield place, places[row]


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest choice of pairs that stands in the same order on both sides."""
    ends: list[int] = []  # the right place that each length of choice ends at, as early as possible
    last: list[int] = []  # and the pair that it ends with
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
    chosen, number = [], last[-1] if last else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = before[number]
    return chosen[::-1]


def _grown(left: _Rows, right: _Rows, anchors: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the pairs with their neighbours that are alike, single-coloured rows among them."""
    ends = [*anchors, (len(left), len(right))][1:]
    begin = (0, 0)
    for (first, second), end in zip(anchors, ends, strict=True):
        up = 0
        while (
            first - up > begin[0]
            and second - up > begin[1]
            and left[first - up - 1] == right[second - up - 1]
        ):
            up += 1
        down = 1
        while first + down < end[0] and second + down < end[1] and left[first + down] == right[second + down]:
            down += 1
        yield from ((first + step, second + step) for step in range(-up, down))
        begin = (first + down, second + down)


def _between(left: _Rows, right: _Rows, pairs: Sequence[tuple[int, int]]) -> Iterator[Difference]:
    begin = (0, 0)
    for end in (*pairs, (len(left), len(right))):
        lacking, extra = left[begin[0] : end[0]], right[begin[1] : end[1]]
        weight = max(sum(row is not None for row in side) for side in (lacking, extra))
        if weight >= _LEAST:
            yield Difference(left=(begin[0], end[0]), right=(begin[1], end[1]), weight=weight)
        begin = (end[0] + 1, end[1] + 1)
