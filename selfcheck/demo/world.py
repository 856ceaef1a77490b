"""Who writes on the demo site, what, and with which pictures: the same every time for the same states."""

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from random import Random
from typing import Any

from selfcheck.demo.states import (
    LIVE_CONTROLS,
    LOOKALIKE,
    STATES,
    DemoAnswer,
    DemoState,
    Trait,
    demo_data,
    story_id,
    story_path,
)

DAYS = 14  # how many days before today the stats page shows
SHELF = 3  # stories in addition to the lead
_VISIBILITY = {Trait.MEMBERS_ONLY: "LOCKED", Trait.UNLISTED: "UNLISTED"}


@dataclass(frozen=True, kw_only=True)
class DemoStory:
    """One story as its author wrote it."""

    id: str
    handle: str
    path: str
    title: str
    subtitle: str
    topic: str
    published: date
    paragraphs: tuple[str, ...]
    claps: int
    visibility: str = "PUBLIC"  # PUBLIC, LOCKED (members), UNLISTED: the owner's choice
    lead: bool = False

    @property
    def minutes(self) -> int:
        """Return the reading time in minutes, at least 2."""
        return 2 + sum(len(paragraph.split()) for paragraph in self.paragraphs) // 90


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """One author of the site."""

    handle: str
    name: str
    bio: str
    followers: int
    following: int
    joined: int  # a year
    stories: tuple[DemoStory, ...]  # the newest first, the lead first of all
    publications: tuple[str, ...]
    views: tuple[int, ...]  # per day, oldest first, without today
    views_today: int

    @property
    def face(self) -> str:
        """Return the seed of its portrait: its handle, or that of the author whose portrait was taken."""
        return STATES[0].handle if self.handle == LOOKALIKE else self.handle


@dataclass(frozen=True, kw_only=True)
class Publication:
    """One publication and who owns it."""

    slug: str
    name: str
    about: str
    owner: str
    followers: int


@dataclass(frozen=True, kw_only=True)
class DemoWorld:
    """All accounts and publications, by handle and by slug."""

    accounts: dict[str, DemoAccount]
    publications: dict[str, Publication]

    def story(self, id_: str) -> DemoStory | None:
        """Return the story of this id, or None."""
        stories = (story for account in self.accounts.values() for story in account.stories)
        return next((story for story in stories if story.id == id_), None)


def build_world(today: date, rows: Iterable[DemoState]) -> DemoWorld:
    """Return the whole world as of `today`; only dates depend on it."""
    library = demo_data("library.yaml")
    rows = tuple(rows)
    accounts = {row.handle: _account(row, library, today) for row in rows if row.exists}
    owners = {slug: row.handle for row in rows for slug in row.publications}
    publications = {
        slug: Publication(
            slug=slug, name=name, about=about, owner=owners.get(slug, ""), followers=_number(slug, 400, 9000)
        )
        for slug, (name, about) in library["publications"].items()
    }
    return DemoWorld(accounts=accounts, publications=publications)


def all_rows() -> tuple[DemoState, ...]:
    """Return every row: the states, the controls, and what the renamed account is called now."""
    renamed = next(row for row in STATES if row.now_called)
    people = (
        (LIVE_CONTROLS[0], "The Inkwell Editors", "a-house-style"),
        (LIVE_CONTROLS[1], "Margaret Vale", "the-ferry-timetable"),
        (renamed.now_called, renamed.author, renamed.lead),
        (LOOKALIKE, STATES[0].author.replace("M", "\N{CYRILLIC CAPITAL LETTER EM}"), "a-house-style"),
    )
    more = (
        replace(STATES[0], handle=handle, author=name, lead=lead, publications=())
        for handle, name, lead in people
    )
    return (*STATES, *more)


def _account(row: DemoState, library: dict[str, Any], today: date) -> DemoAccount:
    seed = row.handle
    usual = _number(seed + "usual", 90, 420)
    views = [usual + _number(f"{seed}{day}", -usual // 3, usual // 2) for day in range(DAYS)]
    if Trait.ZERO_VIEWS in row.traits:
        views[-1] = 0
    return DemoAccount(
        handle=row.handle,
        name=row.author,
        bio=library["bios"][_number(seed, 0, len(library["bios"]) - 1)],
        followers=_number(seed + "f", 180, 8400),
        following=_number(seed + "g", 12, 240),
        joined=_number(seed + "j", 2016, 2023),
        stories=() if Trait.EMPTY in row.traits else _stories(row, library, today),
        publications=row.publications,
        views=tuple(0 for _ in views) if Trait.EMPTY in row.traits else tuple(views),
        views_today=0 if row.traits & {Trait.ZERO_VIEWS, Trait.EMPTY} else usual // 2,
    )


def _stories(row: DemoState, library: dict[str, Any], today: date) -> tuple[DemoStory, ...]:
    others = [slug for slug in library["shelf"] if slug != row.lead]
    shelf = sorted(others, key=lambda slug: _number(row.handle + slug, 0, 10**9))[:SHELF]
    slugs = [row.lead, *shelf]
    texts = {**library["shelf"], **library["leads"]}
    ages = [_number(f"{row.handle}{n}", 9 * n + 2, 9 * n + 8) for n in range(len(slugs))]
    return tuple(
        _story(row, slug, texts[slug], library["paragraphs"], today - timedelta(days=age))
        for slug, age in zip(slugs, ages, strict=True)
    )


def _story(row: DemoState, slug: str, text: list[str], pool: list[str], published: date) -> DemoStory:
    title, subtitle, topic, opening = text
    lead = slug == row.lead
    visibility = (word for trait, word in _VISIBILITY.items() if lead and trait in row.traits)
    more = sorted(pool, key=lambda text: _number(row.handle + slug + text, 0, 10**9))[:7]
    return DemoStory(
        id=story_id(row.handle, slug),
        handle=row.handle,
        path=story_path(row.handle, slug),
        title=title,
        subtitle=subtitle,
        topic=topic,
        published=published,
        paragraphs=(opening, *more),
        claps=_number(slug + row.handle, 40, 1900),
        visibility=next(visibility, "PUBLIC"),
        lead=lead,
    )


def _number(seed: str, least: int, most: int) -> int:
    """Return a number from `least` to `most` that depends on the seed alone."""
    digest = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    return least + digest % (most - least + 1)


def listed(account: DemoAccount, state: DemoState, *, to_author: bool) -> tuple[DemoStory, ...]:
    """Return the stories that this visitor finds in the account's lists and feed."""
    answer = state.lead_to_author if to_author else state.lead_to_public
    hide_lead = answer is not DemoAnswer.SHOWN or Trait.UNLISTED in state.traits
    stories = [story for story in account.stories if not (story.lead and hide_lead)]
    if Trait.OMITTED in state.traits and not to_author:
        stories = stories[:1] + stories[3:]
    return tuple(stories)


# -- pictures: covers and portraits, drawn as SVG from a seed ----------------------------------------------

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


_SIDE = 240


def photograph(seed: str) -> bytes:
    """Return a square picture of a head and shoulders as PNG, for readers of pages that take no SVG."""
    from PIL import Image, ImageDraw, ImageFilter  # noqa: PLC0415 - costs time, and hardly a run asks for it

    chance = _chance(f"{seed} photograph")
    dark, paper, accent, second = chance.choice(PALETTES)
    image = Image.new("RGB", (_SIDE, _SIDE), second)
    draw = ImageDraw.Draw(image)
    for _ in range(40):  # what is behind the person and out of focus
        x, y, size = (chance.randint(*span) for span in ((0, _SIDE), (0, _SIDE), (8, 46)))
        draw.ellipse(
            (x - size, y - size, x + size, y + size), fill=chance.choice((paper, accent, second, dark))
        )
    image = image.filter(ImageFilter.GaussianBlur(5))
    draw = ImageDraw.Draw(image)
    skin = chance.choice(("#f0cdb0", "#d9a577", "#b67b4f", "#8a5a3b"))
    across, top = chance.randint(100, 140), chance.randint(44, 70)
    draw.ellipse((across - 96, 176, across + 96, 330), fill=dark)
    draw.rectangle((across - 20, top + 90, across + 20, top + 130), fill=skin)
    draw.pieslice((across - 52, top - 18, across + 52, top + 100), 180, 360, fill=accent)
    draw.ellipse((across - 46, top, across + 46, top + 110), fill=skin)
    held = BytesIO()
    image.save(held, "PNG")
    return held.getvalue()


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
