"""The form of a platform file.

Laws:
1. Nothing about a platform stands in code: what a page means, where it is, how slowly to go.
2. Marks are ordered and the first match wins; what is shown needs a positive mark just as what is gone.
   A page that matches no mark is `unrecognised`.
3. Every mark says where it comes from and when it was last seen, so that a reader can weigh it.
4. No mark rests on a bare word that a healthy story may contain.

Templates such as `{home}/@{handle}` are filled from the profile: `home` (the platform's address or the
profile's `base_url`), `handle`, `publication`, `story_id`, `story`. Within conditions and readings they may
stand in JSONPaths, selectors, regular expressions for addresses, and texts; each value is escaped for its
place. A template whose value is not known holds never and finds nothing.
"""

from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from selfcheck.core.enums import Outcome, PageKind, SignKind
from selfcheck.core.handle import Handle
from selfcheck.platforms.config_issues import refuse
from selfcheck.platforms.field_types import (
    AbsentHandle,
    Address,
    BrowserSelector,
    FittingHandle,
    Home,
    Id,
    JsonPath,
    MarkId,
    OneGroup,
    PageOfTheFile,
    Pattern,
    ProfileAddress,
    Selector,
    ShownHandle,
    SignId,
    StateName,
    StoryAddress,
)

Texts = tuple[str, ...]


class Strict(BaseModel):
    """A frozen part of a platform file that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=False)


class StateSource(Strict):
    """Where a page keeps its state as JSON. Exactly one of `after`, `selector` or `whole` is given."""

    after: str | None = None  # the JSON value that follows these characters in the HTML
    selector: Selector | None = None  # the text of this element
    whole: bool = False  # the whole document is JSON
    guard: str = ""  # characters to strip before the JSON begins
    response: str | None = None  # a fetched JSON answer whose address contains these characters

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = [self.after is not None, self.selector is not None, self.whole, self.response is not None]
        if sum(places) != 1:
            raise ValueError("exactly one of after, selector, whole, response")
        return self


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

    @model_validator(mode="after")
    def _of_an_attribute(self) -> Self:
        if self.attribute is None and (self.equals is not None or self.contains is not None):
            raise refuse("an `attribute` beside it", found="`equals` or `contains` alone")
        return self


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

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one condition")
        return self


class Provenance(Strict):
    """Where a statement comes from and how far to trust it."""

    tag: Literal["C", "R", "G"]  # confirmed in a capture, in the platform's code or papers; reported; a guess
    source: str
    seen: str  # when it was last seen: a year, a month or a day; "never" for a guess


class Mark(Provenance):
    """What a page looks like when it has this outcome."""

    id: MarkId
    says: Outcome
    on: tuple[PageKind, ...] = ()  # empty: on every kind
    viewpoints: Texts = ()  # empty: from every viewpoint
    when: Condition


class SignMark(Provenance):
    """What a page looks like that says something beside its outcome."""

    id: SignId
    means: SignKind
    on: tuple[PageKind, ...] = ()
    viewpoints: Texts = ()
    when: Condition


class Reading(Strict):
    """One way to read a value; the first alternative that finds one counts."""

    state: StateName | None = None  # with `path`
    path: JsonPath | None = None
    selector: Selector | None = None
    attribute: str | None = None
    pattern: OneGroup | None = None  # a regular expression with one group, on what was found or on the text

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.state is None) != (self.path is None):
            raise ValueError("state and path together")
        if self.state is None and self.selector is None and self.pattern is None:
            raise ValueError("state and path, a selector, or a pattern")
        return self


class Naming(Reading):
    """One way in which a page names its subject: an address, a handle, a publication's name, a story's id."""

    contradicts: bool = True  # another name means another page; false for headings, which are written freely


class Identity(Strict):
    """How a kind of page says which page it is, so that another one is not taken for it.

    One matching name is enough. Without any, a page that is shown is `visible`, but only likely so.
    """

    names: tuple[Naming, ...] = ()
    addresses: tuple[Pattern, ...] = ()  # where the page may be, too: another host, another form of its path


class Fact(Provenance):
    """How a number or a series is read. Numbers such as `1.2K` and `1,234` are understood."""

    on: tuple[PageKind, ...]
    read: tuple[Reading, ...]
    series: bool = False  # several values, oldest first; of days only whole ones, without today
    days: tuple[Reading, ...] = ()  # when each value's day began; days that have not ended are left out then


class StoryList(Provenance):
    """How the stories that a page lists are read: a state path, or links."""

    on: tuple[PageKind, ...]
    state: StateName | None = None
    path: JsonPath | None = None  # to objects
    id: str | None = None  # member names within each object
    url: StoryAddress | None = None  # a member's name, or a template with {home} and {id}
    title: str | None = None
    present: JsonPath | None = None  # of the list itself: found, and `path` finds nothing: no stories
    links: Selector | None = None  # of links to stories
    feed: bool = False  # RSS or Atom entries
    published: str | None = None
    visibility: str | None = None  # the member that says who may find the story
    kept_back: Texts = ()  # its values for stories that their owner keeps out of public lists

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.state is None) != (self.path is None):
            raise refuse("both or neither", found="one of `state` and `path`")
        if self.state is None and self.links is None and not self.feed:
            raise refuse("`state` and `path`, `links`, or `feed: true`", found="no way to read the list")
        return self


class Page(Strict):
    """Where a kind of page is, and who looks at it."""

    url: Address
    viewpoints: Texts = ("anonymous", "author")
    wait_for: BrowserSelector | None = None  # what the page is about
    author_looks: Literal["always", "in_doubt"] = "always"  # in_doubt: not each time, see `plan`


class Fallback(Provenance):
    """Another page that says whether this one is there."""

    id: Id
    instead_of: PageKind
    url: Address


class SignIn(Strict):
    """How to sign in, how a signed-in page is known, and whose session it is."""

    url: Address
    signed_in: Condition  # holds on a page that is seen by a signed-in visitor
    signed_out: Condition | None = None
    whose: tuple[Reading, ...] = ()  # the handle that is signed in
    cookies: Texts = ()  # names of the cookies that carry the session
    check: PageOfTheFile = Field(default=PageKind.PROFILE, validate_default=True)  # the page that shows it


class Controls(Strict):
    """Accounts of which it is known what a logged-out visitor should see."""

    live: tuple[FittingHandle, ...] = ()
    absent: AbsentHandle | None = None  # template with {random}: a handle that cannot exist
    suspended: tuple[
        FittingHandle, ...
    ] = ()  # accounts known to be suspended; looked at only where the others leave doubt


class Banner(Strict):
    """A consent dialog and the button that refuses it; nothing else is ever clicked."""

    reject: BrowserSelector
    source: str = ""


class Appeal(Strict):
    """Where and how to ask for an account back."""

    form: str | None = None
    mail: Texts = ()
    asks_for: Texts = ()
    answers_in: str = ""  # as reported
    source: str = ""
    subject: str = ""
    form_limit: int | None = Field(default=None, ge=1)  # characters; None: not known
    follow_up_days: int | None = Field(default=None, ge=1)  # after so many days without an answer, ask again
    time_zone: str | None = None  # of the people who read appeals, such as America/New_York; None: not known

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            return name and ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("a time zone by its name, such as America/New_York or UTC") from None


class HarmlessRead(Strict):
    """A request that is not GET or HEAD and yet changes nothing."""

    url: Pattern
    method: str = "POST"
    refuse_body: Pattern | None = None  # a body in which this regular expression is found is refused
    graphql: bool = False  # the body is GraphQL: only queries that are written out go, alone or in a batch


class Limits(Strict):
    """How slowly and how little to look."""

    gap_seconds: float = Field(default=5.0, ge=0)  # minimum gap between page views of one host and viewpoint
    jitter_seconds: float = Field(default=3.0, ge=0)  # up to so much more, at random
    page_views: int = Field(default=40, ge=1)  # most page views per run and viewpoint
    second_look_seconds: float = Field(default=20.0, ge=0)  # wait before "gone" is looked at again
    least_interval_hours: float = Field(default=6.0, ge=0)
    blocked: Texts = ()  # address patterns (with *) that are not loaded: trackers
    harmless: tuple[HarmlessRead, ...] = ()
    timeout_seconds: float = Field(default=30.0, gt=0)


class Export(Strict):
    """How the owner gets a copy of their work."""

    where: str
    source: str = ""


class SavedPages(Strict):
    """How `selfcheck demo --pages` serves saved pages of this platform as if they were live."""

    handle: tuple[OneGroup, ...] = ()  # whose page it is, where no address tells
    signed_in: Texts = ()  # regular expressions: the page was saved by somebody who was signed in
    signed_in_html: str = ""  # what a page has for a signed-in visitor; {handle} is the visitor
    signed_in_instead: dict[str, str] = Field(
        default_factory=dict
    )  # characters of a page -> what replaces them
    stats_html: str = ""  # the stats page, of which there may be no saved one; {handle} is the visitor


class HandleForm(Strict):
    """What a handle looks like."""

    pattern: Pattern  # of a handle without its leading @
    example: str
    from_urls: tuple[ProfileAddress, ...] = ()  # templates of profile addresses: {handle} is taken from them
    fold_case: bool = True  # whether handles that differ in case are the same
    show: ShownHandle = "@{handle}"  # how people write it


class Platform(Strict):
    """One platform file."""

    platform: Id
    title: str
    home: Home
    about: str
    caution: str = ""  # what of this rests on old or second-hand facts
    built_in_demo: bool = False  # the platform is selfcheck's own demo site, started for the run
    hosts: Texts  # the platform's own sites; `*.` in front stands for any subdomain
    handle: HandleForm
    pages: dict[PageKind, Page]
    story_id: OneGroup | None = None  # the id within a story's address
    states: dict[str, StateSource] = Field(default_factory=dict)
    identity: dict[PageKind, Identity] = Field(default_factory=dict)  # how each kind says which page it is
    marks: tuple[Mark, ...]
    signs: tuple[SignMark, ...] = ()
    facts: dict[str, Fact] = Field(default_factory=dict)
    stories: tuple[StoryList, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    sign_in: SignIn | None = None
    controls: Controls = Controls()
    banners: tuple[Banner, ...] = ()
    responses: Texts = ()  # addresses of JSON answers to keep: patterns with *
    appeal: Appeal = Appeal()
    export: Export | None = None
    limits: Limits = Limits()
    saved_pages: SavedPages = SavedPages()
    day_starts: str | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="HH:MM in UTC",
    )  # when its statistics begin a new day; none: not known, so a day that has only begun is not weighed
    feed_limit: int | None = None  # how many entries a feed has at most
    robots_by: Literal["platform", "owner"] = "owner"  # whose choice a robots noindex on a page is
    silent_by_design: bool | None = None  # the author's own view is known to give no hint

    def handle_of(self, written: str) -> Handle:
        """Return the account of this platform that is written so, with or without its `@`."""
        return Handle(written, self.handle.fold_case)

    @property
    def day_starts_minutes(self) -> int | None:
        """Return `day_starts` as minutes after midnight UTC, None where it is not known."""
        if self.day_starts is None:
            return None
        hours, minutes = self.day_starts.split(":")
        return 60 * int(hours) + int(minutes)
