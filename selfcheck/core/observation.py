"""What one page load says, stored apart from what it means, so that old runs can be judged again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from selfcheck.core.capture import Failure
from selfcheck.core.enums import Clearance, LedTo, Outcome, PageKind, Purpose, SignKind
from selfcheck.core.hosts import address_key
from selfcheck.core.page_shape import PageShape

LEARNED = "learned."
"""How the id of a learned mark begins; a platform file's own marks do not."""

_FOR_VISITORS = (LedTo.HOME, LedTo.LIST)
"""Places to which visitors who are not signed in may be led, and which can show that they are not."""


@dataclass(frozen=True, kw_only=True)
class StoryRef:
    """A story as a list or a feed names it."""

    id: str  # the platform's id where the address has one, else the address without query
    url: str
    title: str = ""
    published_at: str = ""  # as the page gives it; "" where it does not
    kept_back: bool = False  # the list itself says that its owner keeps it out of public lists

    @property
    def key(self) -> str:
        """Return what names it in every list: its id, or its address however that is written."""
        return address_key(self.id)

    def is_at(self, subject: str, url: str) -> bool:
        """Return whether a page of this subject and address is the story's own."""
        return subject == self.id or address_key(url) in {self.key, address_key(self.url)}


@dataclass(frozen=True, kw_only=True)
class Sign:
    """Something that a page says beside its outcome: the id from the platform file and its meaning."""

    id: str
    meaning: SignKind
    quote: str = ""  # the words or the value that were found


@dataclass(frozen=True, kw_only=True)
class TextBody:
    """The sentences of one page's own text, in order; the four columns are equally long.

    The author's text is private, drafts most of all. So it is kept as numbers, enough to compare two
    viewpoints, and no word of what it says: a sentence is a checksum, its length, the checksum of its first
    characters (a torn sentence is known by them) and the number of the place where it stands. A stored case
    can be judged again by these.
    """

    container: str = ""  # what it was read from: file, article, main or page; "": no text was found
    hashes: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()  # characters
    begins: tuple[int, ...] = ()
    places: tuple[int, ...] = ()  # sentences of one number stand in the same element
    invitations: tuple[int, ...] = ()  # lines that say where or how to read on, such as "Subscribe to read"
    is_loading: bool = False  # a part of it was still to come

    @property
    def length(self) -> int:
        """Return its characters."""
        return sum(self.lengths)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What one page says from one viewpoint."""

    viewpoint: str
    kind: PageKind
    url: str  # as asked for
    outcome: Outcome
    purpose: Purpose = Purpose.PAGE
    handle: str = ""
    subject: str = ""
    mark: str | None = None  # the id of the mark that decided, or None (transport, unrecognised)
    quote: str = ""  # the sentence, title or value that the mark matched, word for word
    failure: Failure | None = None
    status: int | None = None
    final_url: str = ""
    title: str = ""
    identified: bool | None = None  # the page names its subject; None: an early version did not look for that
    led_to: LedTo | None = None  # it is not the page that was asked for, but this
    signed_in: bool | None = None  # None: the page does not tell, or says both
    says_signed_out: bool = False  # it has a sign of a logged-out visitor, whatever else it has
    signed_in_as: str | None = None  # the handle the page says is signed in; None: not shown
    noindex: str | None = None  # the robots directive that keeps it out of search engines, or None
    signs: tuple[Sign, ...] = ()
    facts: Mapping[str, int | None] = field(
        default_factory=dict
    )  # followers, views_today, …; None: not shown
    series: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # oldest first, as shown
    story_facts: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)  # by the story's id
    stories: tuple[StoryRef, ...] | None = None  # None: the page has no list that we can read
    list_goes_on: bool = False  # it shows that there is more: a next page, a loader, or it broke off
    published_at: str = ""  # of a story, as its own page gives it; "" where it does not
    text_length: int = 0  # characters of the page's own content, to compare two viewpoints
    body: TextBody | None = None  # of a story; None: an early version did not compare texts
    unread: bool = False  # it has data, and nothing in it that the platform file asks such a page for
    answered: tuple[str, ...] = ()  # ids of the signs whose member its data has, whatever the value
    screenshot: str | None = None  # relative to the run's folder
    taken_at: datetime | None = None  # UTC, by the clock of this computer
    served_at: datetime | None = None  # UTC, by the clock of the server; None: not shown
    cached_seconds: int = 0  # how long a cache had kept the answer before
    milliseconds: int = 0  # from asking to having captured all
    clearance: Clearance | None = None  # how a wall was passed by hand for it; None: it was not
    shape: PageShape | None = None  # how the page is built; only while a run goes on, never in its files

    @property
    def own_words(self) -> str:
        """Return what the page says, where the mark matched words of it; a mere status is none."""
        return "" if self.quote == f"status {self.status}" else self.quote

    @property
    def is_learned(self) -> bool:
        """Return whether no mark of the platform file decided, but likeness to pages of which it is known."""
        return self.mark is not None and self.mark.startswith(LEARNED)

    @property
    def moment(self) -> datetime | None:
        """Return when it was seen, by the server's clock where it tells; ours may be wrong by hours."""
        return self.served_at or self.taken_at

    @property
    def made_at(self) -> datetime | None:
        """Return when the answer was made, which a cache may have kept since."""
        return self.moment and self.moment - timedelta(seconds=self.cached_seconds)

    @property
    def shows_logged_out(self) -> bool:
        """Return whether it shows a logged-out visitor, so that it is not the author's view."""
        return self.says_signed_out or self.signed_in is False or self._asks_to_sign_in

    @property
    def shows_session_ended(self) -> bool:
        """Return whether it shows that the session is not signed in (any more).

        Pages of errors, of suspensions and of what is gone are often the same for everybody: they never do.
        """
        can_tell = self.outcome is Outcome.SHOWN or self.led_to in _FOR_VISITORS
        return self._asks_to_sign_in or (self.signed_in is False and can_tell)

    @property
    def _asks_to_sign_in(self) -> bool:
        led = self.led_to is LedTo.SIGN_IN and not self.signed_in
        return led or self.outcome is Outcome.LOGIN_WALL

    def means(self, meaning: SignKind) -> Sign | None:
        """Return the first sign of this meaning, or None."""
        return next((sign for sign in self.signs if sign.meaning is meaning), None)
