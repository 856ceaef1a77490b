"""The values of an appeal: what its letter tells, where it goes, and what was written."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from selfcheck.core.incident import Incident
from selfcheck.evidence.mail_pictures import MailPicture
from selfcheck.evidence.package import Evidence
from selfcheck.platforms.schema import Appeal

DRAFT = "appeal.eml"
EVIDENCE_ZIP = "evidence.zip"
STEPS = "next-steps.txt"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The incident that an appeal is about."""

    incident: Incident
    likely: bool = False  # no run has confirmed it, so the history has no incident of it
    warnings: tuple[str, ...] = ()  # why an appeal may be out of place
    earlier: tuple[Incident, ...] = ()  # all of the profile, this one among them


# -- what a letter tells: templates name these fields, so add to them, never rename -------------------------


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who writes, and about which account. "" where it is not known or not given."""

    name: str = ""  # the author's
    handle: str  # as people write it, such as @jane
    platform: str
    address: str = ""  # of the account's page
    account_mail: str = ""  # that the account was created with


@dataclass(frozen=True, kw_only=True)
class ShownPage:
    """A page that is not as it should be, and what a logged-out visitor gets there."""

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
    """What every copy of a letter tells."""

    account: Account  # a template writes its fields without a prefix
    verdict: str  # suspended, hidden, limited, missing
    silent: bool | None  # whether the author's own view gives no hint; None: not known
    likely: bool  # the verdict is not confirmed yet
    last_good: str  # when the public last saw it as it should be; "": never checked before
    first_bad: str
    last_bad: str  # "" where it is the same as first_bad
    pages: tuple[ShownPage, ...]
    more_pages: int  # how many are not named here
    note: str  # the author's own paragraph; ""
    case: str  # the platform's number of this incident; ""
    earlier: tuple[EarlierIncident, ...]  # latest first
    more_earlier: int


@dataclass(frozen=True, kw_only=True)
class StepLetter(Letter):
    """What the letter of a step of `appeal rights` tells; the template `rights` writes these, too."""

    opening: str  # what the letter is, in its language
    asks: tuple[str, ...]
    told: str  # the day on which the platform told the author; "": none is recorded


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where one copy of a letter goes."""

    form: bool = False  # into a web form, to which nothing may be attached
    attachments: tuple[str, ...] = ()  # names of files
    part: int = 1  # which mail it is, where one cannot hold all pictures
    parts: int = 1


def template_values(letter: Letter, placement: Placement) -> dict[str, Any]:
    """Return all names that a template may write, with their values."""
    values = {
        named.name: getattr(part, named.name)
        for part in (letter, letter.account, placement)
        for named in fields(part)
    }
    del values["account"]
    return values


# -- where it goes -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TemplateSource:
    """The letter's template: a shipped one by its language, or the author's own text."""

    language: str = "en"
    kind: str = "appeal"  # which shipped letter: `appeal`, or `rights` for a step of `appeal rights`
    name: str = ""  # the own template's path, for messages; "": a shipped one
    text: str | None = None  # the own template; None: the shipped one of the language


@dataclass(frozen=True, kw_only=True)
class FormText:
    """A letter for a web form."""

    text: str
    length: int  # as a browser counts
    limit: int | None  # None: not known
    shortened: tuple[str, ...] = ()  # what was left out to fit, in words

    @property
    def over(self) -> int:
        """By how many characters it is too long; 0 where it fits or the limit is not known."""
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


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A mail that is ready to be sent."""

    path: Path
    message: EmailMessage
    envelope: Envelope
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where the platform takes appeals."""

    title: str  # the platform's name as people write it
    form: str  # its address; "": there is none
    appeal: Appeal
    follow_up_days: int


@dataclass(frozen=True, kw_only=True)
class WrittenAppeal:
    """An appeal that was written."""

    choice: Choice
    folder: Path
    route: Route
    drafts: tuple[Draft, ...]  # one, or more where one mail cannot hold all pictures
    form: FormText
    pictures: tuple[MailPicture, ...]
    evidence: Evidence
    note: str

    @property
    def notes(self) -> tuple[str, ...]:
        """What its author should know of the evidence."""
        return (*self.evidence.notes, *(picture.note for picture in self.pictures if picture.note))


@dataclass(frozen=True, kw_only=True)
class OpenAppeal:
    """An incident, what was last said between its author and the platform, and when to ask again."""

    incident: Incident
    contact: datetime | None  # the last appeal or answer; None: no appeal yet
    follow_up: date | None  # by the author's days; None: no appeal yet
    title: str = ""  # the platform's name as people write it; "": its file is gone

    def due(self, today: date) -> bool:
        """Return whether it is time to ask again."""
        return self.follow_up is not None and self.follow_up <= today
