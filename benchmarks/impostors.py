"""How often `selfcheck impostors` takes one name or picture for another, and how often it misses a copy.

    python benchmarks/impostors.py [--pictures 600] [--seed 1]

The pictures are drawn here: heads and shoulders as a photograph may show them, drawn ones, landscapes, and
the pictures that platforms give everybody. No picture of a person is used, so the figures say how the method
behaves with pictures of one composition, not how it behaves with the avatars of any platform. The names are
pairings of two lists of given and family names. Exit code 1: a figure is worse than the limits below.
"""

import argparse
import itertools
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from selfcheck.impostors.names import Alike, compare_names
from selfcheck.impostors.pictures import (
    ALIKE_TO,
    CUT_PAIRS,
    ComparablePicture,
    PictureAlike,
    compare_pictures,
    read_picture,
)

SIDE = 256
MOST_FALSE_PICTURES = 0.0001  # of pairs of different pictures
LEAST_FOUND_PICTURES = 0.97  # of changed copies, all changes together
MOST_FALSE_NAMES = 0.002  # of pairs of different people's names
LEAST_FOUND_NAMES = 0.98  # of names written to be taken for another

Colour = tuple[int, int, int]
Drawing = Callable[[Random], Image.Image]

# -- pictures ----------------------------------------------------------------------------------------------


def colour(chance: Random, least: int = 20, most: int = 235) -> Colour:
    return chance.randint(least, most), chance.randint(least, most), chance.randint(least, most)


def clouds(chance: Random, cells: int) -> Image.Image:
    """Return soft shapes in several colours, as what is behind a person and out of focus."""
    noise = np.random.default_rng(chance.randrange(2**32)).integers(0, 256, (cells, cells, 3), dtype="uint8")
    return Image.fromarray(noise, "RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def grain(image: Image.Image, chance: Random, strength: float) -> Image.Image:
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, strength, (SIDE, SIDE, 1))
    return Image.fromarray(np.clip(np.asarray(image, dtype=float) + noise, 0, 255).astype("uint8"), "RGB")


def person(image: Image.Image, chance: Random) -> None:
    """Draw a head and shoulders in the middle."""
    draw = ImageDraw.Draw(image)
    across, top = chance.randint(112, 144), chance.randint(52, 76)
    wide, high = chance.randint(40, 54), chance.randint(104, 122)
    skin, hair, coat = colour(chance, 90), colour(chance, 10, 130), colour(chance)
    if chance.random() < 0.5:
        draw.rounded_rectangle((across - wide - 14, top - 10, across + wide + 14, 222), 50, fill=hair)
    draw.ellipse((across - 104, 186, across + 104, 340), fill=coat)
    draw.rectangle((across - 20, top + high - 18, across + 20, top + high + 26), fill=skin)
    draw.ellipse((across - wide, top, across + wide, top + high), fill=skin)
    draw.pieslice((across - wide - 6, top - 16, across + wide + 6, top + high - 14), 180, 360, fill=hair)
    for eye in (across - 18, across + 18):
        draw.ellipse((eye - 5, top + 50, eye + 5, top + 58), fill=(25, 25, 30))
    draw.arc((across - 18, top + 66, across + 18, top + 92), 20, 160, fill=(130, 50, 50), width=4)


def photograph(chance: Random) -> Image.Image:
    image = clouds(chance, chance.randint(3, 7)).filter(ImageFilter.GaussianBlur(3))
    person(image, chance)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    angle = chance.random() * math.tau  # where the light comes from
    light = 0.75 + 0.5 * (np.cos(angle) * (columns - 0.5) + np.sin(angle) * (rows - 0.5) + 0.25)
    lit = np.clip(
        np.asarray(image.filter(ImageFilter.GaussianBlur(1.2)), dtype=float) * light[..., None], 0, 255
    )
    return grain(Image.fromarray(lit.astype("uint8"), "RGB"), chance, 5)


def drawing(chance: Random) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), colour(chance))
    draw = ImageDraw.Draw(image)
    for _ in range(chance.randint(3, 8)):
        x, y, size = chance.randint(0, SIDE), chance.randint(0, SIDE), chance.randint(30, 110)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=colour(chance))
    person(image, chance)
    return image


def landscape(chance: Random) -> Image.Image:
    image = clouds(chance, 4)
    draw = ImageDraw.Draw(image)
    for level in range(4):
        base = 80 + 45 * level
        points = [(x, base + chance.randint(-40, 30)) for x in range(0, SIDE + 33, 32)]
        draw.polygon([(0, SIDE), *points, (SIDE, SIDE)], fill=colour(chance))
    return grain(image, chance, 4)


def at_dusk(chance: Random) -> Image.Image:
    """Return a photograph of little contrast with the texture of cloth or leaves: few colours, no default."""
    textured = Image.blend(photograph(chance), clouds(chance, 40), 0.35)
    return grain(ImageEnhance.Contrast(textured).enhance(0.25), chance, 3)


KINDS: tuple[Drawing, ...] = (photograph, drawing, landscape, at_dusk)


def silhouette(chance: Random) -> Image.Image:
    back, front = colour(chance, 120, 240), colour(chance, 60, 250)
    image = Image.new("RGB", (SIDE, SIDE), back)
    draw = ImageDraw.Draw(image)
    draw.ellipse((86, 50, 170, 142), fill=front)
    draw.ellipse((38, 160, 218, 340), fill=front)
    return image


def letter(chance: Random) -> Image.Image:
    first, last = np.array(colour(chance, 30, 200)), np.array(colour(chance, 30, 200))
    share = (np.mgrid[0:SIDE, 0:SIDE].sum(axis=0) / (2 * SIDE))[..., None]
    plain = chance.random() < 0.5
    pixels = np.broadcast_to(first, (SIDE, SIDE, 3)) if plain else first + share * (last - first)
    image = Image.fromarray(pixels.astype("uint8"), "RGB")
    text = chance.choice("ABCDEFGHJKLMNOPRSTW")
    ImageDraw.Draw(image).text(
        (SIDE // 2, SIDE // 2), text, fill="white", anchor="mm", font_size=chance.randint(90, 150)
    )
    return image


def identicon(chance: Random) -> Image.Image:
    image, front = Image.new("RGB", (SIDE, SIDE), (240, 240, 240)), colour(chance)
    draw = ImageDraw.Draw(image)
    for row, column in itertools.product(range(5), range(3)):
        if chance.random() < 0.5:
            for place in {column, 4 - column}:
                draw.rectangle((28 + 40 * place, 28 + 40 * row, 67 + 40 * place, 67 + 40 * row), fill=front)
    return image


def one_colour(chance: Random) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), colour(chance, 0, 255))


GIVEN_TO_ALL: tuple[Drawing, ...] = (silhouette, letter, identicon, one_colour)


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    held = BytesIO()
    image.save(held, "JPEG", quality=quality)
    return Image.open(BytesIO(held.getvalue())).convert("RGB")


def cropped(image: Image.Image, share: float) -> Image.Image:
    cut = round(SIDE * share)
    return image.crop((cut, cut, SIDE - cut, SIDE - cut))


def with_mark(image: Image.Image) -> Image.Image:
    marked = image.copy()
    ImageDraw.Draw(marked).ellipse((190, 190, 246, 246), fill=(30, 140, 250))
    return marked


def in_a_circle(image: Image.Image) -> Image.Image:
    shape = Image.new("L", image.size, 0)
    ImageDraw.Draw(shape).ellipse((0, 0, SIDE - 1, SIDE - 1), fill=255)
    round_one = image.convert("RGBA")
    round_one.putalpha(shape)
    return round_one


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "the same file": lambda image: image,
    "scaled to 48 pixels": lambda image: image.resize((48, 48), Image.Resampling.LANCZOS),
    "JPEG of quality 30": lambda image: as_jpeg(image, 30),
    "scaled to 96 pixels and JPEG": lambda image: as_jpeg(image.resize((96, 96)), 50),
    "brighter by a fifth": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "without colours": lambda image: ImageOps.grayscale(image).convert("RGB"),
    "in a mirror": ImageOps.mirror,
    "a mark in a corner": with_mark,
    "cut by 2 % at each side": lambda image: cropped(image, 0.02),
    "cut by 5 % at each side": lambda image: cropped(image, 0.05),
    "turned by two degrees": lambda image: image.rotate(
        2, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)
    ),
    "in a circle": in_a_circle,
}


def as_png(image: Image.Image) -> bytes:
    held = BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


def read(image: Image.Image) -> ComparablePicture:
    return read_picture(as_png(image))


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured share."""

    what: str
    count: int
    of: int

    @property
    def share(self) -> float:
        """Return it as a share of 1; 0 where nothing was tried."""
        return self.count / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.what:<58} {self.count:>7,} of {self.of:>9,}  {self.share:.3%}"


def bits_of(pictures: list[ComparablePicture], cut: float) -> np.ndarray:
    return np.array([picture.hashes[cut].hash.flatten() for picture in pictures]).astype(int)


def different_pictures(count: int, chance: Random) -> Iterator[Figure]:
    """Yield how often different pictures are taken for the same, by how many bits may differ."""
    pictures = [read(KINDS[number % len(KINDS)](chance)) for number in range(count)]
    plain = sum(picture.is_plain for picture in pictures)
    yield Figure(what="pictures that are no default, called too plain", count=plain, of=count)
    least = np.full((count, count), 256)
    for (mine, theirs), turned in itertools.product(CUT_PAIRS, (False, True)):
        own = bits_of(pictures, mine)
        other = bits_of([one.mirrored for one in pictures] if turned else pictures, theirs)
        least = np.minimum(least, own @ (1 - other).T + (1 - own) @ other.T)
    pairs = least[np.triu_indices(count, 1)]
    for limit in sorted({32, 36, 40, 44, 48, 56, ALIKE_TO}):
        named = (
            f"different pictures taken for the same at {limit} bits{' (used)' if limit == ALIKE_TO else ''}"
        )
        yield Figure(what=named, count=int((pairs <= limit).sum()), of=len(pairs))


def changed_pictures(count: int, chance: Random) -> Iterator[Figure]:
    """Yield how often a changed copy is found, by the change."""
    originals = [KINDS[number % len(KINDS)](chance) for number in range(count)]
    known = [read(image) for image in originals]
    for name, change in CHANGES.items():
        found = sum(
            compare_pictures(own, read(change(image))).alike is PictureAlike.ALIKE
            for own, image in zip(known, originals, strict=True)
        )
        yield Figure(what=f"found: {name}", count=found, of=count)


def pictures_for_all(count: int, chance: Random) -> Iterator[Figure]:
    """Yield how often a picture that a platform gives everybody is taken for the same as itself."""
    for draw in GIVEN_TO_ALL:
        pictures = [read(as_jpeg(draw(chance), 80)) for _ in range(count)]
        alike = sum(compare_pictures(one, one).alike is PictureAlike.ALIKE for one in pictures)
        yield Figure(what=f"compared although given to all: {draw.__name__}", count=alike, of=count)


# -- names -------------------------------------------------------------------------------------------------

GIVEN_NAMES = (
    "Anna Anne Hanna Johanna Elena Helena Maria Marie Mary Jonas Jonah Johann John Joan Tomas Thomas "
    "Tom Nina Mina Priya Ravi Fatima Omar Yusuf Mehmet Aylin Chen Wei Li Ming Yuki Kenji Carlos Sofia "
    "Sophie Paul Paula Lukas Luca Beth Elizabeth Margaret Theodor Ivan Olga Kwame Ama Leila Noor"
)
FAMILY_NAMES = (
    "Keller Kessler Koller Marsh March Marshall Miller Mueller Meyer Maier Lindqvist Lindgren Vey "
    "Vale Avery Nandan Nair Singh Khan Ali Yilmaz Kaya Zhang Wang Tanaka Suzuki Garcia Gomez Rossi "
    "Bianchi Novak Horvat Petrov Ivanova Mensah Boateng Haddad Rahimi Smith Schmidt Brown Braun Jones "
    "Johnson Jansson Olsen Larsen Nielsen Cohen Levi"
)
GIVEN, FAMILY = GIVEN_NAMES.split(), FAMILY_NAMES.split()
TWINS = str.maketrans("aeocpxyAEOCPXHTMKB", "аеосрхуАЕОСРХНТМКВ")  # noqa: RUF001 - Cyrillic, on purpose
DIGITS = str.maketrans("oleast", "013457")

SPOOFS: dict[str, Callable[[str], str]] = {
    "letters of another alphabet": lambda name: name.translate(TWINS),
    "one letter of another alphabet": lambda name: name.replace("a", "а", 1).replace("e", "е", 1),  # noqa: RUF001
    "digits for letters": lambda name: name.translate(DIGITS),
    "a hidden character": lambda name: f"{name[:3]}\u200b{name[3:]}",
    "a word beside it": lambda name: f"{name} Official",
    "a sign and another word": lambda name: f"The real {name} ✓",
    "digits at the end": lambda name: f"{name}42",
    "other signs between": lambda name: name.replace(" ", "_."),
    "mathematical letters": lambda name: "".join(
        chr(0x1D41A + ord(letter) - 97) if "a" <= letter <= "z" else letter for letter in name
    ),
    "one letter twice": lambda name: name[:4] + name[3:],
    "one letter less": lambda name: name[:-2] + name[-1],
}


def different_names(chance: Random, count: int) -> Iterator[Figure]:
    """Yield how often different people's names are taken for the same."""
    people = [f"{given} {family}" for given, family in itertools.product(GIVEN, FAMILY)]
    pairs = [tuple(chance.sample(people, 2)) for _ in range(count)]
    alike = [compare_names(*pair) for pair in pairs]
    looks = sum(found.alike in {Alike.SAME, Alike.LOOKS_THE_SAME} for found in alike)
    yield Figure(what="different names that look the same", count=looks, of=count)
    yield Figure(
        what="different names called alike in any way", count=sum(one.is_alike for one in alike), of=count
    )
    family = [pair for pair in pairs if pair[0].split()[1] == pair[1].split()[1]]
    called = sum(compare_names(*pair).is_alike for pair in family)
    yield Figure(what="of these, one family name and another given name", count=called, of=len(family))


def spoofed_names(chance: Random, count: int) -> Iterator[Figure]:
    """Yield how often a name that is written to be taken for another is found."""
    people = [f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}" for _ in range(count)]
    for name, spoof in SPOOFS.items():
        found = sum(compare_names(person_, spoof(person_)).is_alike for person_ in people)
        yield Figure(what=f"found: {name}", count=found, of=count)


def told(title: str, figures: Iterator[Figure]) -> list[Figure]:
    print(f"\n{title}")
    kept = []
    for figure in figures:
        print(f"  {figure}", flush=True)
        kept.append(figure)
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance, count = Random(arguments.seed), arguments.pictures  # noqa: S311 - pictures, no secrets
    false_pictures = told("Different pictures", different_pictures(count, chance))
    copies = told("Changed copies", changed_pictures(max(count // 4, 3), chance))
    given = told("Pictures that platforms give everybody", pictures_for_all(max(count // 4, 3), chance))
    false_names = told("Different names", different_names(chance, count * 100))
    spoofs = told("Names that are written to be taken for another", spoofed_names(chance, count))
    found = sum(one.count for one in copies) / sum(one.of for one in copies)
    found_names = sum(one.count for one in spoofs) / sum(one.of for one in spoofs)
    used = next(one for one in false_pictures if "(used)" in one.what)
    good = {
        "false matches of pictures": used.share <= MOST_FALSE_PICTURES,
        f"copies found ({found:.1%})": found >= LEAST_FOUND_PICTURES,
        "pictures given to all": not any(one.count for one in given),
        "false matches of names": false_names[1].share <= MOST_FALSE_NAMES,
        f"written names found ({found_names:.1%})": found_names >= LEAST_FOUND_NAMES,
    }
    print()
    for what, holds in good.items():
        print(f"{'ok   ' if holds else 'WORSE'}  {what}")
    return 0 if all(good.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
