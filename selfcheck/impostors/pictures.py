"""How alike two pictures of accounts are, by their perceptual hashes. No face is looked for or recognised.

The theory. ImageHash's `phash` keeps which of the coarsest waves of a picture in grey are stronger than their
median: 16 by 16 of them, so 256 bits. A picture that was scaled, recompressed, brightened or slightly cropped
keeps almost all of them; of two pictures that have nothing to do with each other about half differ. What is
cut away changes the hash most, so cut ones are tried too: a little at each side, the square within a circle,
and all as in a mirror. `benchmarks/impostors.py` measures both sides of `ALIKE_TO`.

A picture of a few plain colours says nothing: the picture that a platform gives everybody, a letter on a
colour, a silhouette. Many accounts have the very same one. So an author's picture that is so is too plain to
compare.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from io import BytesIO
from warnings import catch_warnings

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

ALIKE_TO = 40
"""Bits of 256 that may differ; see the benchmark for the share of false matches at this and other limits."""

_HASH_SIDE = 16
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
_LEAST_SIDE = 24  # pixels; a smaller one has too little to say
_MOST_PIXELS = 25_000_000  # a tenth of a gigabyte
_MOST_SCANS = 50
"""Passes over a JPEG, each of which takes as long as the picture is large. Usual are up to 12; a file of
190 KB that had 1,000 took 94 seconds."""

_START_OF_SCAN = b"\xff\xda"
_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is set upright, by its EXIF orientation."""


class PictureAlike(StrEnum):
    """How alike two pictures are."""

    ALIKE = "alike"
    DIFFERENT = "different"
    TOO_PLAIN = "too_plain"  # one of them is of a few plain colours, as those that platforms give
    UNKNOWN = "unknown"  # one of them could not be had


@dataclass(frozen=True, kw_only=True)
class PictureLikeness:
    """What the comparison of two pictures found."""

    alike: PictureAlike
    bits: int | None = None  # of 256 that differ; None: not compared
    why: str = ""  # why they were not compared


class UnreadablePictureError(Exception):
    """These bytes are not a picture that can be compared; the text says why."""


@dataclass(frozen=True)
class ComparablePicture:
    """A picture that was read, turned upright, square and without transparency."""

    image: Image.Image

    @cached_property
    def is_plain(self) -> bool:
        """Return whether it is of a few plain colours, or of such on a plain gradient."""
        return _is_plain(self.image)

    @cached_property
    def hashes(self) -> "Hashes":
        """Return the hashes of the picture, whole and cut, by how much of each side is cut away."""
        return {cut: imagehash.phash(_cut(self.image, cut), _HASH_SIDE) for cut in (0.0, *_CUTS, _IN_CIRCLE)}

    @cached_property
    def mirrored(self) -> "ComparablePicture":
        """Return what a mirror shows of it."""
        return ComparablePicture(ImageOps.mirror(self.image))


Hashes = Mapping[float, imagehash.ImageHash]


def read_picture(data: bytes) -> ComparablePicture:
    """Return the picture in these bytes. Raises UnreadablePictureError."""
    try:
        with (
            catch_warnings(action="ignore"),  # Pillow warns of what is damaged
            Image.open(BytesIO(data), formats=_FORMATS) as opened,
        ):
            if opened.width * opened.height > _MOST_PIXELS:
                raise UnreadablePictureError(
                    f"it has {opened.width} by {opened.height} pixels, which is too much"
                )
            if min(opened.size) < _LEAST_SIDE:
                raise UnreadablePictureError(f"it has only {opened.width} by {opened.height} pixels")
            if opened.format == "JPEG" and data.count(_START_OF_SCAN) > _MOST_SCANS:
                raise UnreadablePictureError("it takes too many passes to read")
            upright = _upright(opened).convert("RGBA")
    except UnidentifiedImageError:
        raise UnreadablePictureError("it is in a form that is not compared, such as SVG") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePictureError(f"it is damaged ({type(error).__name__})") from None
    paper = Image.new("RGBA", upright.size, "white")
    paper.alpha_composite(upright)
    side = min(paper.size)
    return ComparablePicture(ImageOps.fit(paper.convert("RGB"), (side, side)))


def _upright(opened: Image.Image) -> Image.Image:
    """Return a picture as people see it.

    Pillow's own `exif_transpose` also writes all that the camera said again, and fails where any of that is
    damaged: a copy with such a picture could not be compared.
    """
    turned = _TURNED.get(opened.getexif().get(ExifTags.Base.Orientation, 1))
    return opened if turned is None else opened.transpose(turned)


def compare_pictures(own: ComparablePicture, other: ComparablePicture) -> PictureLikeness:
    """Return how alike the author's picture and another one are."""
    if own.is_plain:
        why = "your picture is of a few plain colours, as those are that platforms give everybody"
        return PictureLikeness(alike=PictureAlike.TOO_PLAIN, why=why)
    bits = min(differing_bits(own.hashes, seen.hashes) for seen in (other, other.mirrored))
    return PictureLikeness(
        alike=PictureAlike.ALIKE if bits <= ALIKE_TO else PictureAlike.DIFFERENT, bits=bits
    )


def differing_bits(own: Hashes, other: Hashes) -> int:
    """Return in how many bits of 256 two pictures differ, where they are cut so that they differ least."""
    return min(int(own[mine] - other[theirs]) for mine, theirs in CUT_PAIRS)


_CUTS = (0.025, 0.05, 0.075)
_IN_CIRCLE = 0.15  # of each side: what is left is within the circle that many platforms cut a picture to
CUT_PAIRS = (
    (0.0, 0.0),
    *((cut, 0.0) for cut in _CUTS),
    *((0.0, cut) for cut in _CUTS),
    (_IN_CIRCLE, _IN_CIRCLE),
)
"""How much is cut away of each side of the author's and of the other picture, comparison by comparison."""


def _cut(image: Image.Image, share: float) -> Image.Image:
    edge = round(image.width * share)
    return image.crop((edge, edge, image.width - edge, image.height - edge))


# -- plain pictures ----------------------------------------------------------------------------------------

Pixels = npt.NDArray[np.float64]  # rows, columns, three colours from 0 to 255

_SMALL = 64
_COLOURS = 4
_FAR = 24.0  # of 441, the distance from black to white
_PLAIN_SHARE = 0.10
"""A picture of few colours has at most so much that is far from its main four: a letter's edges."""

_FLAT_STEP = 2.0  # of 256 levels of grey, between two pixels that are neighbours
_FLAT_SHARE = 0.6
"""Of the pictures that platforms give everybody at least 0.68 is flat. A dim photograph has few colours, too,
but grain and shades almost everywhere."""


def _is_plain(image: Image.Image) -> bool:
    small = np.asarray(image.resize((_SMALL, _SMALL), Image.Resampling.LANCZOS), dtype=float)
    level = _level(small)
    if _flat_share(level) < _FLAT_SHARE:
        return False
    return any(_share_far_from_main_colours(pixels) <= _PLAIN_SHARE for pixels in (small, level))


def _flat_share(pixels: Pixels) -> float:
    grey = pixels.mean(axis=-1)
    across, down = np.abs(np.diff(grey, axis=1))[:-1], np.abs(np.diff(grey, axis=0))[:, :-1]
    return float((np.maximum(across, down) < _FLAT_STEP).mean())


def _level(pixels: Pixels) -> Pixels:
    """Return the pixels without a straight gradient, which many platforms put behind a letter."""
    rows, columns = np.mgrid[0:_SMALL, 0:_SMALL] / _SMALL
    plane = np.stack([np.ones_like(rows), rows, columns], axis=-1).reshape(-1, 3)
    flat = pixels.reshape(-1, 3)
    # The border alone: what stands in the middle would tilt the plane.
    edge = np.zeros((_SMALL, _SMALL), dtype=bool)
    edge[:6], edge[-6:], edge[:, :6], edge[:, -6:] = True, True, True, True
    on_edge = edge.reshape(-1)
    fitted, *_ = np.linalg.lstsq(plane[on_edge], flat[on_edge], rcond=None)
    level = flat - plane @ fitted + 128
    clipped: Pixels = np.clip(level, 0, 255).reshape(pixels.shape)
    return clipped


def _share_far_from_main_colours(pixels: Pixels) -> float:
    image = Image.fromarray(pixels.astype("uint8"), "RGB")
    reduced = image.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2).convert("RGB")
    distance = np.linalg.norm(np.asarray(reduced, dtype=float) - pixels, axis=-1)
    return float((distance > _FAR).mean())
