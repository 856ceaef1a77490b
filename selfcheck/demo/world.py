"""Who writes on the demo site, and what: made from the states and the library, the same every time."""

import hashlib
import importlib.resources
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import yaml

from selfcheck.demo.accounts import DemoAnswer, DemoState, Trait, story_id, story_path
from selfcheck.demo.states import LIVE_CONTROLS, STATES

DAYS = 14  # how many days before today the stats page shows
SHELF = 3  # stories beside the lead
LIBRARY_FOLDER = "static"


@dataclass(frozen=True, kw_only=True)
class Story:
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
        return 2 + sum(len(one.split()) for one in self.paragraphs) // 90


@dataclass(frozen=True, kw_only=True)
class Account:
    """One author of the site."""

    handle: str
    name: str
    bio: str
    followers: int
    following: int
    joined: int  # a year
    stories: tuple[Story, ...]  # the newest first, the lead first of all
    publications: tuple[str, ...]
    views: tuple[int, ...]  # per day, oldest first, without today
    views_today: int


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

    accounts: dict[str, Account]
    publications: dict[str, Publication]

    def story(self, id_: str) -> Story | None:
        """Return the story of this id, or None."""
        stories = (story for account in self.accounts.values() for story in account.stories)
        return next((story for story in stories if story.id == id_), None)


def build_world(today: date, rows: Iterable[DemoState]) -> DemoWorld:
    """Return the whole world as of `today`; only dates depend on it."""
    library, rows = _library(), tuple(rows)
    accounts = {row.handle: _account(row, library, today) for row in rows if row.exists}
    owners = {slug: row.handle for row in rows for slug in row.publications}
    publications = {
        slug: Publication(
            slug=slug, name=name, about=about, owner=owners.get(slug, ""), followers=_number(slug, 400, 9000)
        )
        for slug, (name, about) in library["publications"].items()
    }
    return DemoWorld(accounts=accounts, publications=publications)


def _library() -> dict[str, Any]:
    place = importlib.resources.files("selfcheck.demo").joinpath(LIBRARY_FOLDER, "library.yaml")
    loaded: dict[str, Any] = yaml.safe_load(place.read_text(encoding="utf-8"))
    return loaded


def all_rows() -> tuple[DemoState, ...]:
    """Return every row: the states, the controls, and what the renamed account is called now."""
    renamed = next(row for row in STATES if row.now_called)
    people = (
        (LIVE_CONTROLS[0], "The Inkwell Editors", "a-house-style"),
        (LIVE_CONTROLS[1], "Margaret Vale", "the-ferry-timetable"),
        (renamed.now_called, renamed.author, renamed.lead),
    )
    more = (
        replace(STATES[0], handle=handle, author=name, lead=lead, publications=())
        for handle, name, lead in people
    )
    return (*STATES, *more)


def _account(row: DemoState, library: dict[str, Any], today: date) -> Account:
    seed = row.handle
    usual = _number(seed + "usual", 90, 420)
    views = [usual + _number(f"{seed}{day}", -usual // 3, usual // 2) for day in range(DAYS)]
    if Trait.ZERO_VIEWS in row.traits:
        views[-1] = 0
    return Account(
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


def _stories(row: DemoState, library: dict[str, Any], today: date) -> tuple[Story, ...]:
    others = [slug for slug in library["shelf"] if slug != row.lead]
    shelf = sorted(others, key=lambda slug: _number(row.handle + slug, 0, 10**9))[:SHELF]
    slugs = [row.lead, *shelf]
    texts = {**library["shelf"], **library["leads"]}
    ages = [_number(f"{row.handle}{n}", 9 * n + 2, 9 * n + 8) for n in range(len(slugs))]
    return tuple(
        _story(row, slug, texts[slug], library["paragraphs"], today - timedelta(days=age))
        for slug, age in zip(slugs, ages, strict=True)
    )


def _story(row: DemoState, slug: str, text: list[str], pool: list[str], published: date) -> Story:
    title, subtitle, topic, opening = text
    lead = slug == row.lead
    more = sorted(pool, key=lambda one: _number(row.handle + slug + one, 0, 10**9))[:7]
    return Story(
        id=story_id(row.handle, slug),
        handle=row.handle,
        path=story_path(row.handle, slug),
        title=title,
        subtitle=subtitle,
        topic=topic,
        published=published,
        paragraphs=(opening, *more),
        claps=_number(slug + row.handle, 40, 1900),
        visibility=_visibility(row) if lead else "PUBLIC",
        lead=lead,
    )


def _visibility(row: DemoState) -> str:
    if Trait.MEMBERS_ONLY in row.traits:
        return "LOCKED"
    return "UNLISTED" if Trait.UNLISTED in row.traits else "PUBLIC"


def _number(seed: str, least: int, most: int) -> int:
    """Return a number from `least` to `most` that depends on the seed alone."""
    digest = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    return least + digest % (most - least + 1)


def listed(account: Account, state: DemoState, *, to_author: bool) -> tuple[Story, ...]:
    """Return the stories that this visitor finds in the account's lists and feed."""
    answer = state.lead_to_author if to_author else state.lead_to_strangers
    hide_lead = answer is not DemoAnswer.SHOWN or Trait.UNLISTED in state.traits
    stories = [story for story in account.stories if not (story.lead and hide_lead)]
    if Trait.OMITTED in state.traits and not to_author:
        stories = stories[:1] + stories[3:]
    return tuple(stories)
