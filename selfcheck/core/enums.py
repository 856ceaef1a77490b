"""The words of the Contract. They stand in JSON files and users' scripts: add, never rename."""

from enum import StrEnum

ANONYMOUS = "anonymous"
"""The viewpoint of a logged-out visitor: a fresh browser context in which nothing is stored."""

AUTHOR = "author"
"""The viewpoint of the author: a context with the author's saved session."""


class PageKind(StrEnum):
    """What sort of page is opened."""

    PROFILE = "profile"
    PUBLICATION = "publication"
    STORY = "story"
    FEED = "feed"
    STATS = "stats"


class Outcome(StrEnum):
    """What one page load found, and never what that means."""

    SHOWN = "shown"
    SUSPENDED = "suspended"  # the page says so
    NOT_FOUND = "not_found"
    REMOVED = "removed"  # the page says that its owner deleted it
    RESTRICTED = "restricted"  # members only, private, unlisted by the owner, legal
    LOGIN_WALL = "login_wall"
    CHALLENGE = "challenge"  # a bot wall
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"  # DNS, TLS, timeout, refused
    UNRECOGNISED = "unrecognised"


class LedTo(StrEnum):
    """Where a page led that is not the one asked for."""

    HOME = "home"
    LIST = "list"
    SEARCH = "search"
    SIGN_IN = "sign_in"
    ANOTHER_SUBJECT = "another_subject"  # another author, publication or story of the same platform
    ANOTHER_PAGE = "another_page"  # of the same platform
    ANOTHER_SITE = "another_site"


class Verdict(StrEnum):
    """What the observations of a page, or of all pages of a profile, mean: from worst to best.

    The order of these rows is the order of severity everywhere, and what stands before `inconclusive` is bad.
    An inconclusive page never hides a bad one, and a visible one never hides an inconclusive one.
    """

    SUSPENDED = "suspended"
    HIDDEN = "hidden"
    MISSING = "missing"
    LIMITED = "limited"
    INCONCLUSIVE = "inconclusive"
    VISIBLE = "visible"

    @property
    def rank(self) -> int:
        """Return the place in the order of severity; 0 is the worst."""
        return WORST_FIRST.index(self)

    def worse_than(self, other: "Verdict") -> bool:
        """Return whether this verdict is worse than the other."""
        return self.rank < other.rank


WORST_FIRST = tuple(Verdict)

BAD = WORST_FIRST[: WORST_FIRST.index(Verdict.INCONCLUSIVE)]
"""Verdicts that accuse: they open incidents, and none of them stands on a failed control."""


class Strength(StrEnum):
    """How well a verdict is founded."""

    CONFIRMED = "confirmed"  # an explicit mark, or the same answer from repeated looks, with controls passing
    LIKELY = "likely"


class ControlKind(StrEnum):
    """What a control account is known to be."""

    LIVE = "live"  # everyone should see it
    ABSENT = "absent"  # it cannot exist
    SUSPENDED = "suspended"  # known to be suspended; opened only where the other two leave doubt


class SignKind(StrEnum):
    """What a sign on a page says beside the page's outcome (a page may have several signs)."""

    TOLD_SUSPENDED = "told_suspended"  # the author's own view has a notice of suspension
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    MEMBERS_ONLY = "members_only"  # behind the platform's or the author's own pay or member wall
    UNLISTED = "unlisted"  # the owner chose to keep it out of lists and search engines
    NOINDEX_BY_OWNER = "noindex_by_owner"  # the owner asked search engines to leave the page out
    NOINDEX_BY_PLATFORM = "noindex_by_platform"  # the platform did
    UNPUBLISHED = "unpublished"  # a draft, or scheduled for later
    PRIVATE = "private"  # the owner chose who may see it
    EXCERPT = "excerpt"  # it shows a beginning of its text, and the rest elsewhere or to subscribers
    BLURRED = "blurred"  # the body is blurred or cut for this viewer
    FLAGGED = "flagged"  # the page's own state says suspended or limited, though it is shown
    RESPONSES_HIDDEN = "responses_hidden"
    EMPTY_LIST = "empty_list"  # the page says that there are no stories
    CONSENT = "consent"  # the page asks for consent before it shows anything
    EXISTS = "exists"  # data that hides nothing names the account, whatever its own page says


class FailureKind(StrEnum):
    """Why no answer came from a page."""

    DNS = "dns"
    TLS = "tls"
    TIMEOUT = "timeout"
    REFUSED = "refused"  # nothing listens, or the connection was reset
    TOO_MANY_REDIRECTS = "too_many_redirects"
    OFFLINE = "offline"
    CRASHED = "crashed"  # the page or the browser crashed, twice
    NO_ANSWER = "no_answer"  # an empty or broken answer
    BLOCKED_ADDRESS = "blocked_address"  # a scheme or an address that selfcheck does not open
    BUDGET_SPENT = (
        "budget_spent"  # the platform's page views, of the profile's run or of the day, were used up
    )
    BACKING_OFF = "backing_off"  # the platform asked for no requests until a time that has not come


class Purpose(StrEnum):
    """Why a page is opened."""

    PAGE = "page"
    SECOND_LOOK = "second_look"
    FALLBACK = "fallback"
    PROGRAM_VIEW = "program_view"  # what the platform offers programs, by plain HTTP, where a wall stood
    CONTROL = "control"


class BrowserMode(StrEnum):
    """With what kind of browser a run looked: chosen beforehand, and the same for the whole run."""

    HEADLESS = "headless"
    WINDOW = "window"  # an ordinary window on this machine's display
    XVFB = "xvfb"  # an ordinary window on a display without a screen
    REMOTE = "remote"  # a browser that the user runs on another machine; logged out only


class Clearance(StrEnum):
    """Why a page load met no wall, where somebody had to pass one."""

    BY_HAND = "by_hand"  # a person passed it in this page load
    REUSED = "reused"  # a person passed it earlier in this run, in the same browser context
    KEPT = "kept"  # the wall's own cookie was kept from an earlier run, with the user's consent


class MonitoringGap(StrEnum):
    """Why no run was conclusive."""

    SESSION_EXPIRED = "session-expired"
    OTHER_ACCOUNT = "other-account"
    WALL = "wall"  # a bot wall
    SIGN_IN_WALL = "sign-in-wall"  # a wall that asks everybody to sign in
    RATE_LIMITED = "rate-limited"
    OUTAGE = "outage"  # no answer, or an error of the platform's own
    CONTROLS = "controls"  # the control accounts did not look as they must
    UNRECOGNISED = "unrecognised"  # a page that matches no known one
    UNSURE = "unsure"  # it looks bad, and no run confirmed it
    FAILED = "failed"  # selfcheck itself failed
    NO_RUN = "no-run"
    OTHER = "other"


class Language(StrEnum):
    """The languages that alerts are written in."""

    ENGLISH = "en"
    GERMAN = "de"
