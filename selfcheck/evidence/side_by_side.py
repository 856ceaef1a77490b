"""The side-by-side picture: left what the public sees, right what the author sees.

Laws:
1. It is made for somebody who looks for ten seconds: the headline says it, the bars name who looks, when, at
   which address and with which answer, and nothing else is on it.
2. Both pages are shown at the same scale and cut at the same height; a cut is noted below the page. Where
   both are the page and the verdict says that the public gets less, the place where they differ most is
   always in the picture, and marked: rows above it are left out where it lies further down.
3. A missing picture is a plain panel that says why, never an empty page.
4. It is 1200 px wide. Each screenshot is decoded once, and only as far as it is shown; that is most of the
   work, so a picture that few people will want is made when it is asked for: `stored_pictures`.
"""

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from selfcheck.core.labels import Tone
from selfcheck.core.text_safety import ascii_address, ascii_text
from selfcheck.evidence import png
from selfcheck.evidence.differences import differences

WIDTH = 1200
_MARGIN = 16
_GAP = 16
_COLUMN = (WIDTH - 2 * _MARGIN - _GAP) // 2
_TALLEST = 1100  # px of a page that are shown, at this scale
_NEARLY = 0.9  # of the column's width
_HEAD = 420  # px of the page's top that are shown above a place further down
_BREAK = 34  # px of the band that stands for the rows left out
_BEFORE = 70  # px shown above that place
_LEAST = 360  # px, so that a panel without a picture has room for its words
_LINE = 1.3  # of the font's size
_PAD = 14
_FOOT_LINES = 3
_Rows = tuple[int, int]  # from, and up to but without
_MARKS = 3  # the largest places that differ
_LEAST_TEXT = 6  # px: less has no words in it

_PAPER = (255, 255, 255)
_BACK = (238, 240, 243)
_INK = (22, 27, 34)
_SOFT = (75, 83, 93)
_TONES = {
    Tone.GOOD: (22, 113, 56),
    Tone.BAD: (176, 32, 24),
    Tone.WARN: (138, 90, 0),
    Tone.UNCLEAR: (87, 96, 106),
}
_MARK = (140, 28, 130)  # a colour that no verdict has

# Pillow gives each picture's memory back to the system and asks for it again; keeping two blocks (of 16 MB)
# for the next picture saves a fifth of the time.
Image.core.set_blocks_max(2)  # type: ignore[attr-defined]  # the way in that Pillow offers


@dataclass(frozen=True, kw_only=True)
class DrawnWords:
    """What is drawn beside a panel's own words, in one language (ASCII, as the font is)."""

    missing: str = "missing here"
    only: str = "only here"
    differs: str = "differs"
    left_out: str = "... {:,} pixels of the page are left out here ..."
    part: str = "A part of the page was left out."
    cut: str = "The page goes on; it was cut here."
    no_answer: str = "no answer"
    no_picture: str = "There is no picture."


@dataclass(frozen=True, kw_only=True)
class PanelWords:
    """What stands in one half of the picture beside the screenshot."""

    title: str  # `What the public sees`
    viewpoint: str  # `anonymous, not signed in`
    address: str
    word: str  # what was found, in a word or two
    tone: Tone
    taken_at: datetime | None = None
    status: int | None = None  # HTTP; None: no answer came
    message: str = ""  # shown instead of a picture that is not there
    note: str = ""  # shown below the picture


@dataclass(frozen=True, kw_only=True)
class Panel(PanelWords):
    """One half of the picture."""

    screenshot: bytes | None = None  # PNG
    drawn: DrawnWords = DrawnWords()


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """The picture, and both halves reduced for the report (JPEG; None where there was no picture)."""

    png: bytes
    previews: tuple[bytes | None, bytes | None]


@dataclass(frozen=True, kw_only=True)
class Reduced:
    """A screenshot at the picture's scale, as far as it is shown there."""

    page: Image.Image
    whole_height: int  # px of the screenshot at this scale, before it was cut
    preview: bytes  # the same as JPEG, for the report
    source: bytes  # the screenshot itself


@dataclass(frozen=True, kw_only=True)
class _Half:
    """A panel whose screenshot is decoded and scaled."""

    panel: Panel
    shown: Reduced | None
    view: Image.Image | None = None  # what is drawn of it, where that is not its top alone
    marks: tuple[tuple[int, int, str], ...] = ()  # from, to (px of what is drawn) and what is said of it

    @property
    def drawn(self) -> Image.Image | None:
        """Return what is drawn of the page."""
        return self.view or (self.shown.page if self.shown else None)


def side_by_side(left: Panel, right: Panel, *, headline: str, differ: bool = False) -> SideBySide:
    """Return both panels beside each other under a headline, and their previews.

    With `differ` both show the page, and the place where they differ is looked for and marked.
    """
    halves = _half(left), _half(right)
    if differ:
        halves = _with_difference(*halves)
    title = _wrapped(ascii_text(headline), 34, WIDTH - 2 * _MARGIN, lines=2)
    top = _MARGIN + _height(34, len(title)) + 10
    address = max(len(_address(half.panel)) for half in halves)
    caption = 46 + 8 + _height(17, address + 1) + 10
    body = max([_LEAST, *(half.drawn.height for half in halves if half.drawn)])
    foot = _height(17, _FOOT_LINES) + 10
    canvas = Image.new("RGB", (WIDTH, top + caption + body + foot + 6), _BACK)
    draw = ImageDraw.Draw(canvas)
    _lines(draw, (_MARGIN, _MARGIN - 4), title, 34, _INK, bold=True)
    for x, half in zip((_MARGIN, _MARGIN + _COLUMN + _GAP), halves, strict=True):
        _draw_half(canvas, draw, half, box=(x, top, caption, body))
    previews = (half.shown.preview if half.shown else None for half in halves)
    return SideBySide(png=png.encode(canvas), previews=(next(previews), next(previews)))


def reduced(screenshot: bytes) -> Reduced | None:
    """Return a PNG decoded as far as it is shown, at the column's width; None where it cannot be read."""
    try:
        return _decoded(screenshot)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
    ):  # what Pillow raises on broken pictures
        return None


def _half(panel: Panel) -> _Half:
    shown = reduced(panel.screenshot) if panel.screenshot is not None else None
    if panel.screenshot is not None and shown is None:
        panel = replace(panel, screenshot=None, message="The picture could not be read.", note="")
    return _Half(panel=panel, shown=shown)


def _decoded(screenshot: bytes) -> Reduced:
    size = png.size_of(screenshot)
    rows = _TALLEST * -(-size[0] // _COLUMN) if size else 0
    with Image.open(io.BytesIO(png.cut(screenshot, rows))) as image:
        height = size[1] if size else image.height
        image.load()
        page = _scaled(image if image.mode == "RGB" else image.convert("RGB"))
    with io.BytesIO() as buffer:
        page.save(buffer, "JPEG", quality=72)
        preview = buffer.getvalue()
    whole = round(height * page.width / image.width)
    return Reduced(page=page, whole_height=whole, preview=preview, source=screenshot)


# -- the place where the two differ ----------------------------------------------------------------------


def _with_difference(left: _Half, right: _Half) -> tuple[_Half, _Half]:
    """Return both halves with the places where they differ marked, and the largest of them in view."""
    if left.shown is None or right.shown is None:
        return left, right
    wholes = _whole(left.shown), _whole(right.shown)  # a row at full size is the same wherever it stands
    scales = left.shown.page.width / wholes[0].width, right.shown.page.width / wholes[1].width
    places = [
        (_span(place.left, scales[0]), _span(place.right, scales[1]), place.weight)
        for place in differences(*wholes)
    ]
    if not places:
        return left, right
    # What stands at the top of both is in view anyway, such as the author's own menu.
    below = [place for place in places if min(place[0][0], place[1][0]) >= _HEAD]
    largest = max(below or places, key=_loss)
    in_view = max(largest[0][0], largest[1][0]) < _TALLEST - _BEFORE
    starts = [0 if in_view else max(0, side[0] - _BEFORE) for side in largest[:2]]
    marked = sorted(places, key=lambda place: -place[2])[:_MARKS]
    return (
        _marked(left, wholes[0], starts[0], [(place[0], place[1]) for place in marked]),
        _marked(right, wholes[1], starts[1], [(place[1], place[0]) for place in marked]),
    )


def _loss(place: tuple[_Rows, _Rows, int]) -> float:
    """Weigh what one side lacks above what is only another on both, such as teasers below a cut text."""
    left, right, weight = place
    return abs((right[1] - right[0]) - (left[1] - left[0])) + weight / 4


def _span(rows: _Rows, scale: float) -> _Rows:
    return round(rows[0] * scale), round(rows[1] * scale)


def _whole(shown: Reduced) -> Image.Image:
    with Image.open(io.BytesIO(shown.source)) as image:
        return image.convert("RGB")


def _marked(half: _Half, full: Image.Image, start: int, places: list[tuple[_Rows, _Rows]]) -> _Half:
    """Return the half with the page's top and its rows from `start` on, and marks where they stand there.

    `places` are the rows here and in the other half.
    """
    plain = start <= _HEAD + _BREAK
    rest = 0 if plain else start - _HEAD - _BREAK  # px that the rows below the break moved up
    whole = _scaled(full, tallest=_TALLEST if plain else full.height)
    height = min(_TALLEST, whole.height - rest)
    view = whole.crop((0, 0, whole.width, height))
    if not plain:
        view.paste(whole.crop((0, start, whole.width, rest + height)), (0, _HEAD + _BREAK))
        _draw_break(view, half.panel.drawn.left_out.format(start - _HEAD))
    marks = []
    for (begin, end), there in places:
        moved = 0 if plain or begin < _HEAD else rest
        if begin - moved < height and not (moved and begin < start):
            marks.append(
                (max(0, begin - moved - 3), end - moved, _mark_word((begin, end), there, half.panel.drawn))
            )
    return replace(half, view=None if plain else view, marks=tuple(marks))


def _mark_word(here: _Rows, there: _Rows, drawn: DrawnWords) -> str:
    if here[1] - here[0] <= _LEAST_TEXT:
        return drawn.missing
    return drawn.only if there[1] - there[0] <= _LEAST_TEXT else drawn.differs


def _draw_break(view: Image.Image, words: str) -> None:
    draw = ImageDraw.Draw(view)
    draw.rectangle((0, _HEAD, view.width, _HEAD + _BREAK - 1), _BACK)
    _lines(draw, (_PAD, _HEAD + 7), [words], 17, _SOFT)


def _scaled(image: Image.Image, *, tallest: int = _TALLEST) -> Image.Image:
    """Return the image at the column's width or a little less, and no higher than `tallest`.

    Whole numbers of pixels are made one where that nearly fills the column: it takes a third of the time, and
    letters stay sharper.
    """
    times = -(-image.width // _COLUMN)
    if times > 1 and image.width >= _NEARLY * _COLUMN * times:
        return image.reduce(times, (0, 0, image.width, min(image.height, tallest * times)))
    width = min(_COLUMN, image.width)
    scale = width / image.width
    shown = max(1, min(tallest, round(image.height * scale)))
    box = (0, 0, image.width, min(image.height, shown / scale))
    return image.resize((width, shown), Image.Resampling.BOX, box)


def _draw_half(
    canvas: Image.Image, draw: ImageDraw.ImageDraw, half: _Half, *, box: tuple[int, int, int, int]
) -> None:
    """Draw caption, page and foot; `box` is left edge, top, caption's height and page's height."""
    x, top, caption, body = box
    colour = _TONES[half.panel.tone]
    draw.rectangle((x, top, x + _COLUMN - 1, top + caption + body + 1), _PAPER, colour, width=2)
    _draw_caption(draw, half.panel, x, top)
    foot = ascii_text(half.panel.note)
    if half.shown is None or half.drawn is None:
        _draw_message(draw, half.panel, (x, top + caption, body))
    else:
        page = half.drawn
        canvas.paste(page, (x + (_COLUMN - page.width) // 2, top + caption))
        for mark in half.marks:
            _draw_mark(draw, mark, (x, top + caption, page.height))
        draw.rectangle((x, top, x + _COLUMN - 1, top + caption + body + 1), outline=colour, width=2)
        if half.shown.whole_height > page.height:
            cut = half.panel.drawn.part if half.view else half.panel.drawn.cut
            foot = f"{foot} {cut}".strip()
    _lines(draw, (x, top + caption + body + 8), _wrapped(foot, 17, _COLUMN, lines=_FOOT_LINES), 17, _SOFT)


def _draw_mark(draw: ImageDraw.ImageDraw, mark: tuple[int, int, str], box: tuple[int, int, int]) -> None:
    """Draw a bar beside the rows that differ, and say so; `box` is the page's left edge, top and height."""
    (begin, end, text), (x, top, height) = mark, box
    first, last = top + begin, top + min(max(end, begin + 3), height)
    draw.rectangle((x + 2, first, x + 9, last), _MARK)
    draw.rectangle((x + 2, first, x + _COLUMN - 3, first + 2), _MARK)
    width = round(_font(17).getlength(text)) + 16
    label = min(first, top + height - 26)
    draw.rectangle((x + _COLUMN - 3 - width, label, x + _COLUMN - 3, label + 25), _MARK)
    _lines(draw, (x + _COLUMN + 5 - width, label + 3), [text], 17, _PAPER)


def _draw_caption(draw: ImageDraw.ImageDraw, panel: Panel, x: int, top: int) -> None:
    draw.rectangle((x, top, x + _COLUMN - 1, top + 45), _TONES[panel.tone])
    _lines(draw, (x + _PAD, top + 8), [panel.title], 22, _PAPER)
    word = panel.word.upper()
    right = x + _COLUMN - _PAD - round(_font(20).getlength(word))
    _lines(draw, (right, top + 10), [word], 20, _PAPER)
    address = _address(panel)
    _lines(draw, (x + _PAD, top + 54), address, 17, _INK)
    details = _wrapped(caption(panel), 17, _COLUMN - 2 * _PAD, lines=1)
    _lines(draw, (x + _PAD, top + 54 + _height(17, len(address))), details, 17, _SOFT)


def _address(panel: Panel) -> list[str]:
    return _wrapped(ascii_address(panel.address), 17, _COLUMN - 2 * _PAD, lines=2)


def caption(panel: Panel) -> str:
    """Return when the look was taken, what was answered and who looked; without a look only the latter."""
    if panel.taken_at is None:
        return ascii_text(panel.viewpoint)
    moment = f"{panel.taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    answer = panel.drawn.no_answer if panel.status is None else f"HTTP {panel.status}"
    return f"{moment}  |  {answer}  |  {ascii_text(panel.viewpoint)}"


def _draw_message(draw: ImageDraw.ImageDraw, panel: Panel, box: tuple[int, int, int]) -> None:
    x, top, body = box
    draw.rectangle((x + 2, top, x + _COLUMN - 3, top + body - 1), (246, 247, 249))
    lines = _wrapped(ascii_text(panel.message or panel.drawn.no_picture), 26, _COLUMN - 6 * _PAD, lines=5)
    _lines(draw, (x + 3 * _PAD, top + (_LEAST - _height(26, len(lines))) // 2), lines, 26, _SOFT)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return Pillow's own font; ASCII needs no shaping, and plain layout is much faster."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # Pillow's wheels are all built with FreeType
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


def _height(size: int, lines: int) -> int:
    return round(size * _LINE) * lines


def _lines(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    lines: list[str],
    size: int,
    colour: tuple[int, int, int],
    *,
    bold: bool = False,
) -> None:
    """Draw lines of text; the font has one weight, so bold letters are drawn with a thin outline."""
    for number, line in enumerate(lines):
        place = (at[0], at[1] + _height(size, number))
        draw.text(place, line, colour, _font(size), stroke_width=0.4 if bold else 0)


def _wrapped(text: str, size: int, width: int, *, lines: int) -> list[str]:
    """Return the text in at most so many lines of at most `width` px; what does not fit ends in dots."""
    fitted: list[str] = []
    rest = text
    while rest and len(fitted) < lines:
        count = _fitting(rest, size, width)
        if count < len(rest) and len(fitted) + 1 == lines:
            return [*fitted, rest[: max(1, count - 3)].rstrip() + "..."]
        space = rest.rfind(" ", 0, count + 1) if count < len(rest) else -1
        end = space if space > 0 else count
        fitted.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return fitted


def _fitting(text: str, size: int, width: int) -> int:
    """Return how many of the first characters fit into `width` px; at least one."""
    widths = _widths(size)
    ends = accumulate(widths.get(letter, size) for letter in text)
    return max(1, next((count for count, end in enumerate(ends) if end > width), len(text)))


@cache
def _widths(size: int) -> dict[str, float]:
    """Return how wide each character is, in px: measuring whole lines again and again takes far longer."""
    return {chr(code): _font(size).getlength(chr(code)) for code in range(32, 127)}
