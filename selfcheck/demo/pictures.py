"""Pictures for the demo site, drawn as SVG from a seed: covers and portraits. No file, no request."""

import hashlib
import itertools
from random import Random

PALETTES = (
    ("#0f3d3e", "#e2dcc8", "#f1b24a", "#c96f4a"),
    ("#22333b", "#eae0d5", "#c6ac8f", "#9a5b3f"),
    ("#2b2d42", "#edf2f4", "#ef8354", "#8d99ae"),
    ("#344e41", "#dad7cd", "#a3b18a", "#e9c46a"),
    ("#3d405b", "#f4f1de", "#e07a5f", "#81b29a"),
    ("#1d3557", "#f1faee", "#a8dadc", "#e76f51"),
)
"""Dark, paper, accent, second accent."""


def cover(seed: str, *, width: int = 1200, height: int = 620) -> str:
    """Return a landscape as SVG; the same seed draws the same picture."""
    chance = _chance(seed)
    dark, paper, accent, second = chance.choice(PALETTES)
    across, down, size = chance.randint(180, 1020), chance.randint(110, 260), chance.randint(48, 110)
    ridges = [
        _ridge(
            chance,
            width,
            height,
            base=height * (0.46 + 0.15 * level),
            colour=colour,
            opacity=0.55 + 0.15 * level,
        )
        for level, colour in enumerate((second, accent, dark))
    ]
    birds = "".join(_bird(chance) for _ in range(chance.randint(2, 6)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        f'<defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="{second}" stop-opacity=".38"/>'
        f'<stop offset="1" stop-color="{paper}"/></linearGradient></defs>'
        f'<rect width="{width}" height="{height}" fill="{paper}"/>'
        f'<rect width="{width}" height="{height}" fill="url(#sky)"/>'
        f'<circle cx="{across}" cy="{down}" r="{size}" fill="{accent}" opacity=".9"/>{"".join(ridges)}'
        f'<g fill="none" stroke="{dark}" stroke-width="3" stroke-linecap="round">{birds}</g></svg>'
    )


def portrait(seed: str) -> str:
    """Return a simple head and shoulders as a square SVG."""
    chance = _chance(seed)
    dark, paper, accent, second = chance.choice(PALETTES)
    skin = chance.choice(("#f0cdb0", "#d9a577", "#b67b4f", "#8a5a3b", "#5f3f2c", "#e7b996"))
    hair = chance.choice(("#2a1d17", "#5b3a21", "#8d5a2b", "#b8b2a7", "#c98f3d", "#1b1b1f"))
    fringe = chance.randint(26, 40)
    long = chance.random() < 0.5  # noqa: PLR2004  half of them wear their hair long
    parts = (
        ("M26 96V48a24 24 0 0 1 48 0v48z" if long else "", hair),
        ("M12 104c2-26 18-34 38-34s36 8 38 34z", dark),
        ("M42 60h16v14a8 8 0 0 1-16 0z", skin),
        ("M30 47a20 20 0 0 1 40 0a20 20 0 0 1-40 0z", skin),
        (f"M29 48c-2-20 8-28 21-28s23 8 21 28c-5-4-8-8-9-14-9 6-20 8-{fringe - 10} 4-1 4-2 7-3 10z", hair),
        ("M41 74l9 9 9-9-2-2-7 7-7-7z", paper),
    )
    drawn = "".join(f'<path d="{path}" fill="{colour}"/>' for path, colour in parts if path)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" role="img">'
        f'<rect width="100" height="100" fill="{second}"/>'
        f'<circle cx="82" cy="16" r="34" fill="{accent}" opacity=".6"/>{drawn}</svg>'
    )


def _chance(seed: str) -> Random:
    return Random(hashlib.sha256(seed.encode()).hexdigest())  # noqa: S311  pictures, not secrets


def _ridge(chance: Random, width: int, height: int, *, base: float, colour: str, opacity: float) -> str:
    step = width // 6
    points = [(x, base + chance.randint(-70, 60)) for x in range(0, width + step, step)]
    path = f"M0 {height}V{points[0][1]:.0f}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        middle = (x0 + x1) / 2
        path += f"C{middle:.0f} {y0:.0f} {middle:.0f} {y1:.0f} {x1} {y1:.0f}"
    return f'<path d="{path}V{height}z" fill="{colour}" opacity="{opacity:.2f}"/>'


def _bird(chance: Random) -> str:
    x, y, size = chance.randint(150, 1050), chance.randint(70, 250), chance.randint(8, 18)
    return (
        f'<path d="M{x} {y}q{size / 2:.0f}-{size / 2:.0f} {size} 0q{size / 2:.0f}-{size / 2:.0f} {size} 0"/>'
    )
