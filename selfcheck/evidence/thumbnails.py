"""Pictures made smaller for a page: JPEG, no wider and no higher than is of use there."""

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

_WIDEST = 1100  # px: both views beside each other stay readable
_LONGEST = 1.6  # times the width; what lies further down tells nothing more
_QUALITY = 80


@dataclass(frozen=True, kw_only=True)
class SmallPicture:
    """A picture for a page."""

    jpeg: bytes
    width: int
    height: int


def small_picture(data: bytes) -> SmallPicture | None:
    """Return the picture scaled and, where it is very long, cut; None where it cannot be read.

    Nothing but the pixels is kept: no comment and no text that the file bore.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _small(image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _small(image: Image.Image) -> SmallPicture:
    kept = min(image.height, round(image.width * _LONGEST))
    page = image.convert("RGB").crop((0, 0, image.width, kept))
    width = min(_WIDEST, page.width)
    height = max(1, round(page.height * width / page.width))
    if width != page.width:
        page = page.resize((width, height), Image.Resampling.LANCZOS)
    clean = Image.frombytes("RGB", page.size, page.tobytes())
    with io.BytesIO() as buffer:
        clean.save(buffer, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
        return SmallPicture(jpeg=buffer.getvalue(), width=width, height=height)
