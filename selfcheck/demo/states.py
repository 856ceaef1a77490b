"""The accounts of the demo site, read from `data/states.yaml`: what each answers, and to whom."""

import hashlib
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from selfcheck.core.enums import Verdict
from selfcheck.platforms.yamlfile import parse_document

DATA = importlib.resources.files("selfcheck.demo").joinpath("data")

LIVE_CONTROLS = ("inkwell-editors", "margaret-vale")
"""Healthy accounts in addition to those of the states, used as controls."""

LOOKALIKE = "elena-marsh-official"
"""An account with the healthy author's name and picture that somebody else made; see `impostors`."""


class DemoAnswer(StrEnum):
    """What the pages of an account answer to one sort of visitor."""

    SHOWN = "shown"
    SUSPENDED = "suspended"  # 410, and says so
    NOT_FOUND = "not_found"  # 404
    NOT_FOUND_200 = "not_found_200"  # the same page, sent with 200
    NOT_FOUND_ONCE = "not_found_once"  # 404 the first time that each page is loaded, then shown
    REMOVED = "removed"  # 410, deleted by its owner
    CHALLENGE = "challenge"  # 403, a bot wall
    RATE_LIMIT = "rate_limit"  # 429 after the first page
    SERVER_ERROR = "server_error"  # 503
    SLOW = "slow"  # shown, late
    HANGING = "hanging"  # no answer at all
    NEW_LAYOUT = "new_layout"  # 200, a page with none of the known marks
    LOGIN_WALL = "login_wall"  # sent on to the sign-in page


class Trait(StrEnum):
    """What else is unusual about an account."""

    NOTIFIED = "notified"  # its author sees a notice on every page
    ZERO_VIEWS = "zero_views"  # no views yesterday or today
    NOINDEX = "noindex"  # the platform keeps it out of search engines
    OMITTED = "omitted"  # two stories are left out of the public lists
    BLURRED = "blurred"  # the lead story is blurred for the public
    MEMBERS_ONLY = "members_only"  # the owner wrote the lead story for members
    UNLISTED = "unlisted"  # the owner unlisted the lead story
    EXPIRED = "expired"  # the saved session is no longer valid
    EMPTY = "empty"  # no stories yet


@dataclass(frozen=True, kw_only=True)
class DemoState:
    """One account of the demo site and what a run must say of it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    handle: str
    shows: str  # one sentence: what the state is
    verdict: Verdict
    because: str  # the deciding reason, in words
    author: str  # the name that readers see
    lead: str  # the slug of the lead story
    silent: bool | None = None
    also: tuple[Verdict, ...] = ()  # further verdicts that are right as well
    note: str = ""
    publications: tuple[str, ...] = ()
    lists_lead: bool = True  # whether a user would name the lead story in profiles.yaml
    to_public: DemoAnswer = DemoAnswer.SHOWN
    to_author: DemoAnswer = DemoAnswer.SHOWN
    lead_to_public: DemoAnswer = DemoAnswer.SHOWN
    lead_to_author: DemoAnswer = DemoAnswer.SHOWN
    publication_to_public: DemoAnswer | None = None  # None: as the account's other pages
    traits: frozenset[Trait] = frozenset()
    exists: bool = True  # False: no such account, so there is no session either
    now_called: str = ""  # the handle it was renamed to

    @property
    def stories(self) -> tuple[str, ...]:
        """Return the paths of the stories that a user would list in `profiles.yaml`."""
        return (story_path(self.handle, self.lead),) if self.lists_lead else ()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Return every verdict that is right, the expected one first."""
        return (self.verdict, *self.also)


def state_from(values: Mapping[str, Any]) -> DemoState:
    """Return the state that an entry of a YAML file describes; ValueError where it has a mistake."""
    return _ROW.validate_python(dict(values))


def demo_data(name: str) -> Any:
    """Return the plain values of a YAML file in `data/`."""
    return parse_document(DATA.joinpath(name).read_text(encoding="utf-8"), name).data


_ROW = TypeAdapter(DemoState)

STATES: tuple[DemoState, ...] = tuple(state_from(values) for values in demo_data("states.yaml"))
"""Every state, the healthy one first; names and handles are unique."""


def state_named(name: str) -> DemoState:
    """Return the state of this name; LookupError if there is none."""
    for state in STATES:
        if state.name == name:
            return state
    message = f"no demo state is called {name!r}"
    raise LookupError(message)


def story_id(handle: str, slug: str) -> str:
    """Return the id of a story: 12 hex digits that never change."""
    return hashlib.sha256(f"{handle}/{slug}".encode()).hexdigest()[:12]


def story_path(handle: str, slug: str) -> str:
    """Return the path of a story."""
    return f"/@{handle}/{slug}-{story_id(handle, slug)}"
