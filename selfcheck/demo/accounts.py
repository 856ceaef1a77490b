"""The nouns of the demo site's accounts: what they answer, and to whom."""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from selfcheck.core.enums import Verdict


class DemoAnswer(StrEnum):
    """What the pages of an account answer to one sort of visitor."""

    SHOWN = "shown"
    SUSPENDED = "suspended"  # 410, and says so
    NOT_FOUND = "not_found"  # 404
    NOT_FOUND_200 = "not_found_200"  # the same page, sent with 200
    NOT_FOUND_ONCE = "not_found_once"  # 404 at the first look at each page, then shown
    REMOVED = "removed"  # 410, deleted by its owner
    CHALLENGE = "challenge"  # 403, a bot wall
    RATE_LIMIT = "rate_limit"  # 429 after the first page
    SERVER_ERROR = "server_error"  # 503
    SLOW = "slow"  # shown, late
    HANGING = "hanging"  # no answer at all
    NEW_LAYOUT = "new_layout"  # 200, a page that bears none of the known marks
    LOGIN_WALL = "login_wall"  # sent on to the sign-in page


class Trait(StrEnum):
    """What else is out of the ordinary with an account."""

    TOLD = "told"  # its author sees a notice on every page
    ZERO_VIEWS = "zero_views"  # nobody read it yesterday or today
    NOINDEX = "noindex"  # the platform keeps it out of search engines
    OMITTED = "omitted"  # two stories are left out of what strangers are listed
    BLURRED = "blurred"  # the lead story is blurred to strangers
    MEMBERS_ONLY = "members_only"  # the owner wrote the lead story for members
    UNLISTED = "unlisted"  # the owner unlisted the lead story
    EXPIRED = "expired"  # the saved session is no longer valid
    EMPTY = "empty"  # no stories yet


@dataclass(frozen=True, kw_only=True)
class DemoState:
    """One account of the demo site and what a run must say of it."""

    name: str
    handle: str
    shows: str  # one sentence: what the state is
    verdict: Verdict
    because: str  # the deciding notion, in words
    author: str  # the name a reader sees
    lead: str  # the slug of the lead story
    silent: bool | None = None
    also: tuple[Verdict, ...] = ()  # further verdicts that are right as well
    note: str = ""
    publications: tuple[str, ...] = ()
    lists_lead: bool = True  # whether a user would name the lead story in profiles.yaml
    to_strangers: DemoAnswer = DemoAnswer.SHOWN
    to_author: DemoAnswer = DemoAnswer.SHOWN
    lead_to_strangers: DemoAnswer = DemoAnswer.SHOWN
    lead_to_author: DemoAnswer = DemoAnswer.SHOWN
    publication_to_strangers: DemoAnswer | None = None  # None: as the account's other pages
    traits: frozenset[Trait] = field(default_factory=frozenset)
    exists: bool = True  # False: no such account, so nobody can sign in as it
    now_called: str = ""  # the handle it was renamed to

    @property
    def stories(self) -> tuple[str, ...]:
        """Return the paths of the stories that a user would list in `profiles.yaml`."""
        return (story_path(self.handle, self.lead),) if self.lists_lead else ()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Return every verdict that is right, the expected one first."""
        return (self.verdict, *self.also)


def story_id(handle: str, slug: str) -> str:
    """Return the id of a story: 12 hex digits that never change."""
    return hashlib.sha256(f"{handle}/{slug}".encode()).hexdigest()[:12]


def story_path(handle: str, slug: str) -> str:
    """Return the path of a story."""
    return f"/@{handle}/{slug}-{story_id(handle, slug)}"
