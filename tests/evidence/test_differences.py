"""The place where two screenshots differ, and that the side-by-side picture always has it."""

import io
import random
from collections.abc import Sequence
from functools import cache

import pytest
from PIL import Image, ImageDraw
from sample_runs import look, page

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, Verdict
from selfcheck.evidence.differences import Difference, differences
from selfcheck.evidence.stored_pictures import composed
from selfcheck.runs.screenshot_pairs import picture_facts

WIDTH, BLOCK, GAP = 1100, 160, 41
MARK = (140, 28, 130)


def drawn(names: Sequence[str], *, down: int = 0) -> Image.Image:
    """A page with a heading, some lines and a picture for each name; the same name is always drawn alike."""
    image = Image.new("RGB", (WIDTH, max(1, down + len(names) * (BLOCK + GAP))), "white")
    for number, name in enumerate(names):
        image.paste(block(name), (0, down + number * (BLOCK + GAP)))
    return image


@cache
def block(name: str) -> Image.Image:
    image = Image.new("RGB", (WIDTH, BLOCK + GAP), "white")
    draw, chance = ImageDraw.Draw(image), random.Random(name)
    for line in range(8):
        words = ("".join(chance.choices("abcdefghi", k=chance.randint(2, 9))) for _ in range(8))
        draw.text((40, line * 20), " ".join(words), "black")
    place = chance.randint(560, 760)
    draw.rectangle((place, 40, place + chance.randint(60, 200), 90), (30, 90, 40))
    return image


def png_of(image: Image.Image) -> bytes:
    with io.BytesIO() as buffer:
        image.save(buffer, "PNG")
        return buffer.getvalue()


def stories(count: int) -> list[str]:
    return [f"story-{number:03d}" for number in range(count)]


def rows_of(place: int) -> int:
    return place * (BLOCK + GAP)


def test_two_pages_that_are_alike_have_no_difference() -> None:
    assert differences(drawn(stories(20)), drawn(stories(20))) == ()


@pytest.mark.parametrize("lacking", [0, 7, 19])
def test_a_block_that_only_one_has_is_found_where_it_stands(lacking: int) -> None:
    listed = [name for number, name in enumerate(stories(20)) if number != lacking]
    (place,) = differences(drawn(listed), drawn(stories(20)))
    assert rows_of(lacking) - GAP <= place.right[0] <= rows_of(lacking) + 5
    assert rows_of(lacking) + BLOCK - GAP <= place.right[1] <= rows_of(lacking + 1) + 5
    assert place.left[1] - place.left[0] < GAP


def test_what_moved_down_below_a_bar_is_still_alike() -> None:
    below = drawn(stories(20), down=77)
    ImageDraw.Draw(below).rectangle((0, 0, WIDTH, 60), "navy")
    assert differences(drawn(stories(20)), below) == ()


def test_letters_that_moved_by_half_a_pixel_are_alike() -> None:
    page, above = drawn(stories(12)), drawn(stories(12), down=1)
    between = Image.blend(page.crop((0, 0, WIDTH, page.height)), above.crop((0, 0, WIDTH, page.height)), 0.5)
    assert differences(page, between) == ()


def test_a_text_that_ends_early_differs_at_its_end() -> None:
    places = differences(drawn(stories(5)), drawn(stories(20)))
    assert [rows_of(5) - GAP <= place.right[0] <= rows_of(5) + 5 for place in places] == [True]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(drawn(["another", "page", "altogether"]), id="another page"),
        pytest.param(drawn(stories(20)).resize((800, 600)), id="another width"),
        pytest.param(Image.new("RGB", (WIDTH, 900), "white"), id="an empty page"),
    ],
)
def test_nothing_is_said_of_places_where_the_whole_page_is_another(other: Image.Image) -> None:
    assert differences(drawn(stories(20)), other) == ()


def test_a_difference_says_where_it_lies_on_both_sides() -> None:
    (place,) = differences(drawn(["a", "b", "c"]), drawn(["a", "x", "c"]))
    assert isinstance(place, Difference)
    assert place.left[0] - 5 <= place.right[0] <= place.left[0] + 5
    assert place.weight > BLOCK / 4


def pictured(public: Image.Image, author: Image.Image, verdict: Verdict = Verdict.LIMITED) -> Image.Image:
    compared = page(verdict, look(ANONYMOUS, Outcome.SHOWN), look(AUTHOR, Outcome.SHOWN))
    made = composed(picture_facts(compared), {ANONYMOUS: png_of(public), AUTHOR: png_of(author)})
    image = Image.open(io.BytesIO(made.png))
    image.load()
    return image


def marked_rows(image: Image.Image, column: int) -> list[int]:
    """The rows in which the half has a mark; `column` is 0 for the public's and 1 for the author's."""
    left = 16 + column * (576 + 16)
    strip = image.crop((left + 4, 0, left + 5, image.height))
    return [row for row in range(image.height) if strip.getpixel((0, row)) == MARK]


@pytest.mark.parametrize("lacking", [2, 12, 25, 28])
def test_the_place_where_the_two_differ_is_in_the_picture_and_marked(lacking: int) -> None:
    listed = [name for number, name in enumerate(stories(30)) if number != lacking]
    image = pictured(drawn(listed), drawn(stories(30)))
    public, author = (marked_rows(image, column) for column in (0, 1))
    assert public
    assert len(author) > BLOCK / 2 - 20
    assert abs(public[0] - author[0]) < 60
    assert image.height < 2000


def test_a_cut_body_far_down_is_in_the_picture() -> None:
    image = pictured(drawn([*stories(18), "please sign in"]), drawn(stories(30)))
    assert marked_rows(image, 0)
    assert marked_rows(image, 1)


def above_a_teaser(page: Image.Image, *, leftwards: bool) -> Image.Image:
    """The page, and below it a picture that is much higher than what the text lacks."""
    whole = Image.new("RGB", (WIDTH, page.height + 1500), "white")
    whole.paste(page)
    foot = (100, page.height + 1450) if leftwards else (1000, page.height + 1450)
    corners = [(100, page.height + 50), (1000, page.height + 50), foot]
    ImageDraw.Draw(whole).polygon(corners, fill=(30, 90, 40))
    return whole


def test_the_end_of_a_cut_text_is_in_the_picture_though_another_teaser_stands_below() -> None:
    public, author = drawn([*stories(18), "share this"]), drawn([*stories(22), "share this"])
    alone = pictured(public, author)
    image = pictured(above_a_teaser(public, leftwards=True), above_a_teaser(author, leftwards=False))
    upper = [
        [row for row in marked_rows(one, 0) if row < marked_rows(one, 0)[0] + 100] for one in (image, alone)
    ]
    assert upper[0] == upper[1]  # a line where the public's text ends, and no frame around the teaser
    assert marked_rows(image, 1)[0] == marked_rows(alone, 1)[0]


def test_the_author_s_own_menu_does_not_take_the_place_of_what_is_missing() -> None:
    listed = [name for number, name in enumerate(stories(30)) if number != 27]
    author = drawn(["the author's own menu", "and notes", *stories(30)])
    image = pictured(drawn(listed), author)
    marks = marked_rows(image, 1)
    menu, story = [row for row in marks if row < 550], [row for row in marks if row > 550]
    assert menu
    assert len(story) > 50


def test_a_page_that_is_shown_whole_has_no_marks() -> None:
    image = pictured(drawn(stories(30)), drawn(["menu", *stories(30)]), Verdict.VISIBLE)
    assert not marked_rows(image, 0)
    assert not marked_rows(image, 1)
