"""A screenshot in fewer bytes is the same screenshot."""

import io

import pytest
from kept_runs import screenshot
from PIL import Image

from selfcheck.evidence import png


def as_png(image: Image.Image, **how: object) -> bytes:
    with io.BytesIO() as buffer:
        image.save(buffer, "PNG", **how)
        return buffer.getvalue()


GRADIENT = Image.linear_gradient("L").convert("RGB")


@pytest.mark.parametrize(
    "image",
    [
        GRADIENT,
        GRADIENT.convert("RGBA"),
        Image.new("RGB", (1, 1)),
        Image.effect_noise((40, 30), 90).convert("RGB"),
    ],
    ids=["gradient", "with alpha", "one pixel", "noise"],
)
def test_the_pixels_are_the_same_and_the_file_is_never_larger(image: Image.Image) -> None:
    data = as_png(image, compress_level=1, dpi=(90, 90))
    small = png.packed(data)
    assert len(small) <= len(data)
    with Image.open(io.BytesIO(small)) as packed:
        assert packed.tobytes() == image.tobytes()
        assert packed.info["dpi"] == pytest.approx((90, 90), abs=1)
    assert png.packed(small) == small
    assert not png.has_text(small)


def test_a_photograph_is_left_without_being_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = as_png(Image.effect_noise((300, 200), 90).convert("RGB"), compress_level=1)
    monkeypatch.setattr(Image, "open", None)
    assert png.packed(data) is data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        screenshot("cut short")[:200],
        as_png(GRADIENT.convert("P")),
        as_png(GRADIENT.convert("L")),
        as_png(GRADIENT.convert("I;16")),
    ],
)
def test_what_is_no_true_colour_picture_stays_as_it_is(data: bytes) -> None:
    assert png.packed(data) == data
