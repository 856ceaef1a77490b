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

from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from selfcheck.core.enums import Outcome, PageKind, SignKind
from selfcheck.core.handle import Handle
from selfcheck.platforms.account_reading import AccountReading, Impersonation
from selfcheck.platforms.config_issues import refuse
from selfcheck.platforms.field_types import (
    AbsentHandle,
    Address,
    BrowserSelector,
    CheapPage,
    FittingHandle,
    Home,
    Id,
    JsonPath,
    KindOfControl,
    MarkId,
    OneGroup,
    PageOfTheFile,
    Pattern,
    ProfileAddress,
    Selector,
    ShownHandle,
    SignId,
    SitePath,
    StateName,
)
from selfcheck.platforms.own_copy import Backup, BackupLimits, Export
from selfcheck.platforms.page_reading import (
    Condition,
    Provenance,
    Reading,
    StateSource,
    StoryList,
    Strict,
    Texts,
)


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
    today: bool = False  # the value of the day that has begun and not ended; needs `days`
    sum: bool = False  # all values together; of a series, those of one day
    when: Condition | None = None  # it is read only where this holds

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse a number of today of which nothing says which day that is."""
        if given.get("today") and (given.get("series") or not given.get("days")):
            return refuse("`days` beside `today`, and no `series`")
        return None


class StoryFacts(Provenance):
    """How the numbers of single stories are read from the data of a page that has several."""

    on: tuple[PageKind, ...]
    state: StateName
    path: JsonPath  # to an object for each story
    id: str  # the member that holds the story's id
    read: dict[str, str]  # name of the number -> the member that holds it; `a.b` reaches into an object


class Page(Strict):
    """Where a kind of page is, and who looks at it."""

    url: Address
    viewpoints: Texts = ("anonymous", "author")
    wait_for: BrowserSelector | None = None  # what the page is about
    author_looks: Literal["always", "in_doubt"] = "always"  # in_doubt: not each time, see `plan`
    by_template: bool = False  # a story is opened at this address, whatever address of it a profile names


class Fallback(Provenance):
    """Another page that says whether this one is there."""

    id: Id
    instead_of: PageKind
    url: Address
    for_programs: bool = False  # the platform offers it to programs: asked for by plain HTTP at a bot wall


class CheapView(Strict):
    """The page that tells most for least, for a first look: a kind of page, or a fallback."""

    page: CheapPage
    plain: bool = False  # the platform offers it to programs: plain HTTP is enough


class WellKnown(Strict):
    """An address below a site at which an engine can be recognised."""

    path: SitePath
    pattern: Pattern | None = None  # a regular expression found in the answer; none: that there is JSON


class Engine(Strict):
    """How a site that runs this software on a host of its own is recognised. One sign is enough."""

    generator: Pattern | None = None  # of the content of `<meta name="generator">`, in any case
    well_known: tuple[WellKnown | SitePath, ...] = ()  # asked in this order, where the page did not tell

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse an engine that nothing recognises."""
        return None if any(given.values()) else ValueError("`generator` or `well_known`")


class SignedInEvidence(Strict):
    """How a signed-in page is known, and whose session it is."""

    signed_in: Condition  # holds on a page that is seen by a signed-in visitor
    signed_out: Condition | None = None
    whose: tuple[Reading, ...] = ()  # the handle that is signed in


class SignIn(SignedInEvidence):
    """How to sign in, and how it is known on which page."""

    url: Address
    # kinds of page that know a session of their own, such as an administration's stats
    on: dict[PageKind, SignedInEvidence] = Field(default_factory=dict)
    cookies: Texts = ()  # names of the cookies that carry the session
    check: PageOfTheFile = Field(default=PageKind.PROFILE, validate_default=True)  # the page that shows it

    def known_on(self, kind: PageKind) -> SignedInEvidence:
        """Return how a signed-in page of this kind is known."""
        return self.on.get(kind, self)


class PageControls(Strict):
    """Pages of one kind of which it is known what a logged-out visitor should see.

    Each is the name by which `pages` finds it, or a whole address, which is taken as it is.
    """

    live: Texts = ()
    absent: AbsentHandle | None = None  # template with {random}: a name or an address that cannot exist
    suspended: Texts = ()


class Controls(Strict):
    """Accounts of which it is known what a logged-out visitor should see."""

    live: tuple[FittingHandle, ...] = ()
    absent: AbsentHandle | None = None  # template with {random}: a handle that cannot exist
    suspended: tuple[FittingHandle, ...] = ()  # looked at only where the others leave doubt
    # by kind of page: stories, publications, feeds; looked at only where a verdict rests on them
    pages: dict[KindOfControl, PageControls] = Field(default_factory=dict)


class Banner(Strict):
    """A consent dialog and the button that refuses it; nothing else is ever clicked."""

    reject: BrowserSelector
    source: str = ""


class PrivateElement(Strict):
    """What of the author's pages is not shown in pictures: a mail address, notifications, a balance."""

    selector: BrowserSelector
    source: str = ""


class Contact(Strict):
    """An address at which a platform takes a certain kind of letter, by a form or by mail."""

    about: Literal["appeal", "contact-point", "data", "copy", "representative"]
    reader: Literal["users", "authorities", "anyone"] = Field(alias="for", description="who may write there")
    form: str | None = None
    mail: str | None = None
    limit: int | None = Field(default=None, ge=1)  # characters that the form takes; None: not known
    languages: Texts = ()  # in which it is answered; none: not known
    source: str
    seen: str  # when that was last seen: a year, a month or a day

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Return what is wrong where there is neither a form nor an address."""
        return None if given.get("form") or given.get("mail") else refuse("`form` or `mail`, or both")


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
    contacts: tuple[Contact, ...] = ()  # for `appeal rights`; `form` and `mail` are the contact for appeals
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


class PlatformRules(Strict):
    """What a platform's own rules and its robots.txt say about visits by programs."""

    says: str  # in a sentence or two, with the words that count
    url: str  # where it stands
    checked: str  # when it was last read: a year, a month or a day


class Limits(Strict):
    """How slowly and how little to look, and what the platform says about programs."""

    programs: Literal["allowed", "restricted", "forbidden", "unknown"] = "unknown"
    rules: PlatformRules | None = None  # what `programs` rests on
    gap_seconds: float = Field(default=5.0, ge=0)  # minimum gap between page views of one host and viewpoint
    jitter_seconds: float = Field(default=3.0, ge=0)  # up to so much more, at random
    page_views: int = Field(default=40, ge=1)  # most page views per profile, run and viewpoint
    page_views_a_day: int = Field(default=250, ge=1)  # most in 24 hours at one address, by all runs and views
    backup: BackupLimits = BackupLimits()
    second_look_seconds: float = Field(default=20.0, ge=0)  # wait before "gone" is looked at again
    least_interval_hours: float = Field(default=6.0, ge=0)
    blocked: Texts = ()  # address patterns (with *) that are not loaded: trackers
    harmless: tuple[HarmlessRead, ...] = ()
    timeout_seconds: float = Field(default=30.0, gt=0)


class SavedPages(Strict):
    """How `selfcheck demo --pages` serves saved pages of this platform as if they were live."""

    handle: tuple[OneGroup, ...] = ()  # whose page it is, where no address tells
    signed_in: Texts = ()  # regular expressions: the page was saved by somebody who was signed in
    signed_in_html: str = ""  # what a page has for a signed-in visitor; {handle} is the visitor
    # characters of a page -> what replaces them
    signed_in_instead: dict[str, str] = Field(default_factory=dict)
    stats_html: str = ""  # the stats page, of which there may be no saved one; {handle} is the visitor


class HandleForm(Strict):
    """What a handle looks like."""

    pattern: Pattern  # of a handle without its leading @
    example: str
    from_urls: tuple[ProfileAddress, ...] = ()  # templates of profile addresses: {handle} is taken from them
    fold_case: bool = True  # whether handles that differ in case are the same
    show: ShownHandle = "@{handle}"  # how people write it


WeaknessSort = Literal["identity", "kept", "status", "words", "source", "old", "controls"]
WhoseRobots = Literal["platform", "owner"]


class Platform(Strict):
    """One platform file."""

    platform: Id
    extends: Id | None = None  # the shipped platform of which it is a variant; see `inheritance`
    title: str
    home: Home
    about: str
    # why what `platforms lint` finds weak is so nevertheless
    weaknesses: dict[WeaknessSort, str] = Field(default_factory=dict)
    caution: str = ""  # what of this rests on old or second-hand facts
    built_in_demo: bool = False  # the platform is selfcheck's own demo site, started for the run
    cannot_tell: Texts = ()  # what cannot be learned of this platform from outside, in sentences
    login_wall: bool = False  # it asks every visitor to sign in: what the public gets proves little
    hosts: Texts  # the platform's own sites; `*.` in front adds its subdomains
    engine: Engine | None = None  # how a site on another host is known to run the same software
    handle: HandleForm
    pages: dict[PageKind, Page]
    story_id: OneGroup | None = None  # the id within a story's address
    states: dict[str, StateSource] = Field(default_factory=dict)
    identity: dict[PageKind, Identity] = Field(default_factory=dict)  # how each kind says which page it is
    marks: tuple[Mark, ...]
    signs: tuple[SignMark, ...] = ()
    facts: dict[str, Fact] = Field(default_factory=dict)
    story_facts: tuple[StoryFacts, ...] = ()
    stories: tuple[StoryList, ...] = ()
    published: tuple[Reading, ...] = ()  # when a story was published, by its own page
    body: Selector | None = None  # where the text of a story stands; none: its article, or the main part
    fallbacks: tuple[Fallback, ...] = ()
    cheap: CheapView | None = None  # for a first look; none: the profile
    sign_in: SignIn | None = None
    controls: Controls = Controls()
    banners: tuple[Banner, ...] = ()
    private_elements: tuple[PrivateElement, ...] = ()  # covered in every picture of the author's view
    responses: Texts = ()  # addresses of JSON answers to keep: patterns with *
    appeal: Appeal = Appeal()
    account: AccountReading = AccountReading()
    impersonation: Impersonation | None = None  # None: not known where it is reported
    export: Export | None = None
    backup: Backup = Backup()
    limits: Limits = Limits()
    saved_pages: SavedPages = SavedPages()
    # when its statistics begin a new day; none: not known, so a day that has only begun is not weighed
    day_starts: str | None = Field(
        default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM in UTC"
    )
    always_public: tuple[PageKind, ...] = ()  # kinds of page that an owner cannot keep for themselves
    owner_can_hide: tuple[PageKind, ...] = ()  # kinds that an owner can hide, which looks like a missing page
    feed_limit: int | None = None  # how many entries a feed has at most
    # whose choice a robots noindex on a page is
    robots_by: WhoseRobots | dict[PageKind, WhoseRobots] = "owner"
    # true: the author's own view is known to give no hint; false: accounts are known not to be hidden so
    silent_by_design: bool | None = None

    def handle_of(self, written: str) -> Handle:
        """Return the account of this platform that is written so, with or without its `@`."""
        return Handle(written, self.handle.fold_case)

    def shown_handle(self, written: str) -> str:
        """Return the handle as this platform writes it, such as `@jane`."""
        return self.handle_of(written).shown(self.handle.show)

    @property
    def day_starts_minutes(self) -> int | None:
        """Return `day_starts` as minutes after midnight UTC, None where it is not known."""
        if self.day_starts is None:
            return None
        hours, minutes = self.day_starts.split(":")
        return 60 * int(hours) + int(minutes)
