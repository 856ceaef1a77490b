"""Pictures that are alike, different or too plain; the pictures are those of `benchmarks/impostors.py`."""

import struct
import zlib
from io import BytesIO
from random import Random

import impostors as drawn
import pytest
from PIL import Image

from selfcheck.impostors.pictures import PictureAlike, UnreadablePictureError, compare_pictures, read_picture

PHOTOGRAPH = drawn.photograph(Random(5))
OWN = drawn.read(PHOTOGRAPH)


def huge(width: int, height: int) -> bytes:
    """Return a small PNG file that claims to be so large."""
    small = drawn.as_png(Image.new("1", (9, 9)))
    size = b"IHDR" + struct.pack(">II", width, height) + small[24:29]
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + size + struct.pack(">I", zlib.crc32(size)) + small[33:]
    )


def as_jpeg(image: Image.Image, **options: object) -> bytes:
    held = BytesIO()
    image.save(held, "JPEG", **options)
    return held.getvalue()


def of_many_scans() -> bytes:
    """Return a small file whose last part is repeated: each time takes a whole pass over the picture."""
    before, _, last = as_jpeg(Image.new("RGB", (64, 64)), progressive=True).rpartition(b"\xff\xda")
    return before + b"\xff\xda".join([b"", *[last.removesuffix(b"\xff\xd9")] * 200]) + b"\xff\xd9"


@pytest.mark.parametrize("change", drawn.CHANGES, ids=str)
def test_a_changed_copy_is_alike(change: str) -> None:
    found = compare_pictures(OWN, drawn.read(drawn.CHANGES[change](PHOTOGRAPH)))
    assert found.alike is PictureAlike.ALIKE, found


@pytest.mark.parametrize("kind", drawn.KINDS, ids=lambda draw: draw.__name__)
def test_another_picture_of_the_same_composition_is_different(kind: drawn.Drawing) -> None:
    assert compare_pictures(OWN, drawn.read(kind(Random(6)))).alike is PictureAlike.DIFFERENT


@pytest.mark.parametrize("draw", drawn.GIVEN_TO_ALL, ids=lambda draw: draw.__name__)
def test_a_picture_that_everybody_gets_is_not_even_alike_to_itself(draw: drawn.Drawing) -> None:
    plain = drawn.read(draw(Random(7)))
    assert compare_pictures(plain, plain).alike is PictureAlike.TOO_PLAIN
    assert compare_pictures(OWN, plain).alike is PictureAlike.DIFFERENT


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG", id="a drawing without pixels"),
        pytest.param(b"", "SVG", id="nothing at all"),
        pytest.param(drawn.as_png(Image.new("RGB", (60, 60)))[:60], "damaged", id="a file that breaks off"),
        pytest.param(drawn.as_png(Image.new("RGB", (8, 8))), "only 8 by 8", id="a spot"),
        pytest.param(huge(20_000, 4_000), "too much", id="a picture that fills the memory"),
        pytest.param(of_many_scans(), "too many passes", id="a picture that takes hours"),
    ],
)
def test_what_cannot_be_compared_says_why(data: bytes, why: str) -> None:
    with pytest.raises(UnreadablePictureError, match=why):
        read_picture(data)


def test_a_picture_stands_upright_also_where_the_rest_of_what_its_camera_says_is_damaged() -> None:
    half_a_pixel_wide = struct.pack("<HHII", 0x0100, 12, 1, 38)
    orientation = struct.pack("<HHII", 0x0112, 3, 1, 6)
    table = struct.pack("<IH", 8, 2) + half_a_pixel_wide + orientation + bytes(4)
    damaged = b"Exif\0\0II*\0" + table + struct.pack("<d", 0.5)
    lying = PHOTOGRAPH.convert("RGB").transpose(Image.Transpose.ROTATE_90)
    found = compare_pictures(OWN, read_picture(as_jpeg(lying, exif=damaged)))
    assert found.alike is PictureAlike.ALIKE, found
