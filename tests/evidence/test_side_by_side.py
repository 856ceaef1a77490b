"""The side-by-side picture."""

import io

import pytest
from PIL import Image, ImageChops
from sample_runs import NOW, everything, look, page, stats, suspended

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, Verdict
from selfcheck.core.labels import Tone
from selfcheck.core.observation import Observation
from selfcheck.evidence import png
from selfcheck.evidence.side_by_side import WIDTH, Panel, caption, side_by_side
from selfcheck.evidence.stored_pictures import composed
from selfcheck.runs.screenshot_pairs import panel_words, picture_facts, worth_a_picture


def screenshot(width: int = 1024, height: int = 800, mode: str = "RGB") -> bytes:
    image = Image.radial_gradient("L").resize((width, height)).convert(mode)
    with io.BytesIO() as buffer:
        image.save(buffer, "PNG")
        return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def half(picture: bytes | None, **more: object) -> Panel:
    base = {
        "title": "What the public sees",
        "viewpoint": "anonymous",
        "address": "https://a.example/",
        "word": "Shown",
    }
    return Panel(**{**base, "tone": Tone.GOOD, "screenshot": picture, "taken_at": NOW, "status": 200, **more})  # type: ignore[arg-type]


def test_it_is_1200_px_wide_and_both_halves_are_shown() -> None:
    made = side_by_side(half(screenshot()), half(screenshot()), headline="Visible")
    image = opened(made.png)
    assert (image.width, image.mode) == (WIDTH, "RGB")
    assert all(preview is not None for preview in made.previews)


@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(1024, 30000, id="a very long page"),
        pytest.param(375, 9000, id="a narrow long page"),
        pytest.param(2560, 1440, id="a wide screen"),
        pytest.param(4000, 3, id="a strip"),
        pytest.param(1, 1, id="a dot"),
    ],
)
def test_whatever_the_size_the_picture_is_of_a_readable_height(width: int, height: int) -> None:
    made = side_by_side(half(screenshot(width, height)), half(None), headline="Visible")
    image = opened(made.png)
    assert image.width == WIDTH
    assert 360 < image.height < 2000


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "LA"])
def test_every_sort_of_png_is_read(mode: str) -> None:
    made = side_by_side(half(screenshot(mode=mode)), half(None), headline="x")
    assert opened(made.previews[0] or b"").mode == "RGB"


def test_long_pages_are_cut_at_the_same_height() -> None:
    made = side_by_side(half(screenshot(1024, 6000)), half(screenshot(1024, 9000)), headline="x")
    left, right = (opened(preview or b"") for preview in made.previews)
    assert left.size == right.size


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not a picture", id="some words"),
        pytest.param(screenshot()[:200], id="half a picture"),
        pytest.param(screenshot()[:60] + b"\0" * 4000, id="rubbish within"),
    ],
)
def test_a_broken_picture_is_a_panel_that_says_so(broken: bytes) -> None:
    made = side_by_side(half(broken), half(screenshot()), headline="x")
    assert made.previews[0] is None
    assert opened(made.png).width == WIDTH


@pytest.mark.parametrize(
    "profile", everything().profiles, ids=lambda one: one.name.encode("idna").decode()[:20]
)
def test_every_page_of_a_full_run_can_be_drawn(profile: object) -> None:
    for one in profile.pages:  # type: ignore[attr-defined]
        shots = {viewpoint: screenshot(300, 200) for viewpoint, view in one.views.items() if view.screenshot}
        assert opened(composed(picture_facts(one), shots).png).width == WIDTH


def test_the_author_s_half_says_that_the_page_was_not_opened() -> None:
    alone = page(Verdict.MISSING, look(ANONYMOUS, Outcome.NOT_FOUND), None)
    made = panel_words(alone, AUTHOR)
    assert (made.word, made.tone) == ("Not opened", Tone.UNCLEAR)
    assert "no saved session" in made.message


def test_a_session_that_is_not_signed_in_is_not_called_signed_in() -> None:
    wall = page(Verdict.INCONCLUSIVE, None, look(AUTHOR, Outcome.LOGIN_WALL, signed_in=False))
    assert panel_words(wall, AUTHOR).viewpoint == "author, but not signed in"


def test_status_and_time_of_each_half_are_those_of_its_own_look() -> None:
    left = panel_words(suspended().pages[0], ANONYMOUS)
    assert (left.status, left.taken_at, left.word) == (410, NOW, "Says: suspended")


def test_a_limited_page_is_not_drawn_as_plainly_shown() -> None:
    limited = page(Verdict.LIMITED, look(ANONYMOUS, Outcome.SHOWN), look(AUTHOR, Outcome.SHOWN))
    assert panel_words(limited, ANONYMOUS).tone is Tone.WARN
    assert panel_words(limited, AUTHOR).tone is Tone.GOOD


def test_the_same_looks_give_the_same_bytes() -> None:
    one = page(Verdict.HIDDEN, look(ANONYMOUS, Outcome.NOT_FOUND), look(AUTHOR, Outcome.SHOWN))
    shots = {ANONYMOUS: screenshot(), AUTHOR: screenshot(height=3000)}
    assert composed(picture_facts(one), shots) == composed(picture_facts(one), shots)


@pytest.mark.parametrize("height", [1, 2, 255])
def test_our_png_holds_exactly_what_was_drawn(height: int) -> None:
    image = Image.merge("RGB", [Image.effect_noise((37, height), sigma) for sigma in (40, 90, 200)])
    assert ImageChops.difference(image, opened(png.encode(image))).getbbox() is None


def test_a_cut_png_holds_the_first_rows_of_the_whole_one() -> None:
    whole = screenshot(64, 500)
    first = opened(png.cut(whole, 100))
    assert first.size == (64, 100)
    assert ImageChops.difference(first, opened(whole).crop((0, 0, 64, 100))).getbbox() is None


def test_a_short_png_and_other_files_are_not_touched() -> None:
    short = screenshot(64, 50)
    assert png.cut(short, 100) is short
    assert png.cut(b"GIF89a", 100) == b"GIF89a"
    assert png.size_of(b"GIF89a") is None


def test_a_view_that_was_not_taken_claims_no_answer() -> None:
    assert caption(panel_words(stats(), ANONYMOUS)) == "anonymous"
    assert "HTTP 200" in caption(panel_words(stats(), AUTHOR))


SHOWN = look(ANONYMOUS, Outcome.SHOWN), look(AUTHOR, Outcome.SHOWN)


@pytest.mark.parametrize(
    ("views", "verdict", "wanted"),
    [
        pytest.param(SHOWN, Verdict.VISIBLE, False, id="both are shown the same"),
        pytest.param(SHOWN, Verdict.LIMITED, True, id="not visible"),
        pytest.param((SHOWN[0], None), Verdict.VISIBLE, False, id="nothing to compare"),
        pytest.param((SHOWN[0], None), Verdict.INCONCLUSIVE, True, id="not visible, with one view"),
        pytest.param(
            (SHOWN[0], look(AUTHOR, Outcome.LOGIN_WALL)), Verdict.VISIBLE, True, id="one view has a wall"
        ),
        pytest.param(
            (look(ANONYMOUS, Outcome.SHOWN, noindex="meta robots"), SHOWN[1]),
            Verdict.VISIBLE,
            True,
            id="kept out of search engines",
        ),
        pytest.param(
            (look(ANONYMOUS, Outcome.SHOWN, text_length=900), look(AUTHOR, Outcome.SHOWN, text_length=9000)),
            Verdict.VISIBLE,
            True,
            id="the public is shown much less",
        ),
    ],
)
def test_a_run_makes_the_pictures_in_which_there_is_something_to_see(
    views: tuple[Observation | None, Observation | None], verdict: Verdict, wanted: bool
) -> None:
    assert worth_a_picture(page(verdict, *views)) is wanted
