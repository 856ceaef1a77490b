"""The parts of a platform file that read a page: conditions, readings, lists of stories."""

from collections.abc import Mapping
from typing import Literal

from pydantic import ConfigDict, Field

from selfcheck.core.enums import PageKind
from selfcheck.platforms.config_issues import FittingKeys, refuse
from selfcheck.platforms.field_types import (
    JsonPath,
    OneGroup,
    Pattern,
    Selector,
    StateName,
    StoryAddress,
)

Texts = tuple[str, ...]


class Strict(FittingKeys):
    """A frozen part of a platform file that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StateSource(Strict):
    """Where a page keeps its state as JSON. Exactly one of `after`, `selector`, `whole`, `response`."""

    after: str | None = None  # the JSON value that follows these characters in the HTML
    selector: Selector | None = None  # the text of this element
    whole: bool = False  # the whole document is JSON
    guard: str = ""  # characters to strip before the JSON begins
    response: str | None = None  # a fetched JSON answer whose address contains these characters

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse several places, and none."""
        places = ("after", "selector", "whole", "response")
        chosen = [place for place in places if given.get(place) not in (None, False)]
        return None if len(chosen) == 1 else ValueError(f"exactly one of {', '.join(places)}")


class StateCondition(Strict):
    """Something in the page's embedded JSON. `path` is a JSONPath (RFC 9535) template.

    With none of `equals`, `contains` and `exists: false` given, it holds when the path finds anything but
    null. `#` is the key of the current node; `same_handle(@.name, '{handle}')`, `among(@.id, <query>)`,
    `startswith(#, 'Post:')` and `search(@.url, 'pattern')` may be used in filters (see `jsonpaths`).
    `exists: false` holds too where the page has no such state.
    """

    of: StateName
    path: JsonPath
    equals: str | int | bool | None = None
    contains: str | None = None  # characters within a string value
    exists: bool = True


class HeaderCondition(Strict):
    """A response header. With neither `equals` nor `contains`: that it is there."""

    name: str
    equals: str | None = None  # compared without regard to case
    contains: str | None = None


class SelectorCondition(Strict):
    """A CSS selector that finds an element; with `text`, one whose text contains these characters."""

    css: Selector
    text: str | None = None
    attribute: str | None = None  # with `contains`/`equals`: read this attribute
    equals: str | None = None
    contains: str | None = None
    exists: bool = True

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse a comparison of nothing."""
        if given.get("attribute") is None and (given.get("equals") or given.get("contains")) is not None:
            return refuse("an `attribute` beside it", actual="`equals` or `contains` alone")
        return None


class Condition(Strict):
    """All that is given must hold; a list holds when one of its values does.

    Texts are compared without regard to case (a browser shows what style sheets make of it), with runs of
    white space folded and typographic quotes and dashes made plain; `title` is the whole title,
    `title_starts`/`title_ends` a part of it, `text` a whole sentence within the visible text, `html` exact
    characters of the document.

    `url` is a regular expression for the address after redirects. It may be found in the whole address, in
    its path with the query (so `^/m/signin` means the same on every host), or in the address as it would be
    on the platform's own home where `base_url` re-pointed it.
    """

    status: tuple[int, ...] | None = None
    title: Texts | None = None
    title_starts: Texts | None = None
    title_ends: Texts | None = None
    text: Texts | None = None
    html: Texts | None = None
    url: tuple[Pattern, ...] | None = None
    content_type: Texts | None = None
    header: HeaderCondition | None = None
    selector: SelectorCondition | None = None
    state: StateCondition | None = None
    max_text: int | None = None  # the visible text has at most so many characters
    redirected: bool | None = None
    any: tuple["Condition", ...] | None = None
    all: tuple["Condition", ...] | None = None
    none: tuple["Condition", ...] | None = None

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse a condition that always holds."""
        return None if given else ValueError("at least one condition")


CONFIRMED = "C"
"""The tag of what a capture, the platform's own code or its documents show; all else is likely at most."""


class Provenance(Strict):
    """Where a statement comes from and how far to trust it."""

    tag: Literal["C", "R", "G"]  # confirmed (capture, the platform's code or documents); reported; a guess
    source: str
    seen: str  # when it was last seen: a year, a month or a day; "never" for a guess


class Reading(Strict):
    """One way to read a value; the first alternative that finds one counts."""

    state: StateName | None = None  # with `path`
    path: JsonPath | None = None
    selector: Selector | None = None
    attribute: str | None = None
    pattern: OneGroup | None = None  # a regular expression with one group, on what was found or on the text

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse half of a way to read a value, and none."""
        if _is_half(given):
            return ValueError("state and path together")
        if all(given.get(name) is None for name in ("state", "selector", "pattern")):
            return ValueError("state and path, a selector, or a pattern")
        return None


class StoryList(Provenance):
    """How the stories that a page lists are read: from its state, from its links, or as a feed.

    What `published` and `visibility` name is a member of each object of a state (`a.b` reaches into an
    object); within the entry of a link it is `css`, `css@attribute`, or `@attribute` of the entry itself.
    """

    on: tuple[PageKind, ...]
    state: StateName | None = None
    path: JsonPath | None = None  # to objects
    id: str | None = None  # the member that holds the story's id
    url: StoryAddress | None = None  # a member's name, or a template with {home} and {id}
    title: str | None = None  # the member that holds it; of a link it is the link's text
    present: JsonPath | None = None  # of the list itself: found, and `path` finds nothing: no stories
    links: Selector | None = None  # of links to stories; with `items`, within each of them
    within: Selector | None = None  # of the whole list: found, and no links in it: no stories
    items: Selector | None = None  # of each entry; `published` and `visibility` are read from it
    apart: Selector | None = None  # of second lists beside or within it, such as comments
    query: Texts | None = None  # parameters that name a story; none given: all but what counts visits
    feed: bool = False  # RSS or Atom entries
    published: str | None = None  # when the story was published
    page_size: int | None = Field(default=None, ge=1)  # the most stories that one page lists
    more: Condition | None = None  # holds where the list goes on: a next page, a loader
    visibility: str | None = None  # who may find the story
    kept_back: Texts = ()  # its values for stories that their owner keeps out of public lists

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse half of a way to read a list, and none."""
        has_links = given.get("links") is not None
        if _is_half(given):
            return refuse("both or neither", actual="one of `state` and `path`")
        if given.get("state") is None and not has_links and not given.get("feed"):
            return refuse("`state` and `path`, `links`, or `feed: true`", actual="no way to read the list")
        if given.get("apart") is not None and not has_links:
            return refuse("`links` beside `apart`", actual="`apart` alone")
        return None


def _is_half(given: Mapping[str, object]) -> bool:
    return (given.get("state") is None) != (given.get("path") is None)
