"""The nouns of an appeal: what its letter tells, and what is written of it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TemplateSource:
    """The letter's template: a shipped one by its language, or the author's own text."""

    language: str = "en"
    name: str = ""  # the own template's path, for messages; "": a shipped one
    text: str | None = None  # the own template; None: the shipped one of the language


@dataclass(frozen=True, kw_only=True)
class ShownPage:
    """A page that is not as it should be, and what a stranger gets there."""

    kind: str  # profile, publication, story, feed
    address: str
    verdict: str
    status: int | None  # None: no answer, or not known
    quote: str  # word for word; "": the page has none that can be quoted


@dataclass(frozen=True, kw_only=True)
class EarlierIncident:
    """An incident of the same account before this one."""

    verdict: str
    since: str  # days, such as 2026-11-21
    until: str  # "": not known to be over
    days: int | None  # from first bad to restored; None: not known to be over
    case: str  # the platform's number of it; ""
    appealed: str  # the day; "": not known to have been
    answered: str
    answer: str  # the platform's own words, shortened; ""
    restored: bool


@dataclass(frozen=True, kw_only=True)
class Letter:
    """All that a letter may tell. The names are those that a template writes; add, never rename."""

    name: str  # the author's; "" where it is not given
    handle: str  # as people write it, such as @jane
    platform: str
    address: str  # of the account's page; "": not known
    account_mail: str  # that the account was made with; ""
    verdict: str  # suspended, hidden, limited, missing
    silent: bool | None  # whether the author's own view gives no hint; None: not known
    likely: bool  # the verdict is not confirmed yet
    last_good: str  # when strangers last saw it well; "": never looked at before
    first_bad: str
    last_bad: str  # "" where it is the same as first_bad
    pages: tuple[ShownPage, ...]
    more_pages: int  # how many are not named here
    note: str  # the author's own paragraph; ""
    case: str  # the platform's number of this incident; ""
    earlier: tuple[EarlierIncident, ...]  # latest first
    more_earlier: int
    form: bool  # it is for a web form, to which nothing may be attached
    attachments: tuple[str, ...]  # names of files
    part: int = 1  # which mail it is, where one cannot hold all pictures
    parts: int = 1


@dataclass(frozen=True, kw_only=True)
class FormText:
    """A letter for a web form."""

    text: str
    length: int  # as a browser counts
    limit: int | None  # None: not known
    shortened: tuple[str, ...] = ()  # what was left out to fit, in words

    @property
    def over(self) -> int:
        """Return by how many characters it is too long; 0 where it fits, or nobody knows."""
        return max(0, self.length - self.limit) if self.limit is not None else 0


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Who writes to whom, and about what."""

    sender: str | None  # None: not given
    reply_to: str | None
    to: tuple[str, ...]
    subject: str


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    data: bytes
