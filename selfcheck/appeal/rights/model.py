"""The form of a law's file, and what is made of it for one author: steps, readings of a deadline, dates."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from selfcheck.core.enums import Language
from selfcheck.core.times import plural
from selfcheck.platforms.config_issues import refuse
from selfcheck.platforms.page_reading import Strict, Texts
from selfcheck.platforms.schema import Contact

_PERIOD = re.compile(r"P(?P<number>[1-9]\d{0,2})(?P<unit>[DWM])")
_UNITS = {"D": "day", "W": "week", "M": "month"}
ActsAs = Literal["consumer", "business"]
OWN_WORDS = frozenset({"law", "terms"})
"""Sources that a letter may rest on; what an authority or anybody else says of a law is shown without one."""


@dataclass(frozen=True)
class Period:
    """A length of time as laws count it."""

    number: int
    unit: str  # D, W, M

    def after(self, start: date) -> date:
        """Return the last day of the period that began with an event on `start`.

        Months end on the day of the same number, or on the month's last one (Regulation 1182/71, article
        3(2)(c)). That a weekend would move the end is left out: the earlier day is the one to keep.
        """
        try:
            if self.unit != "M":
                return start + timedelta(days=self.number * (7 if self.unit == "W" else 1))
            months = start.month - 1 + self.number
            year, month = start.year + months // 12, months % 12 + 1
            return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
        except (OverflowError, ValueError):  # a date of a damaged run: beyond the calendar
            return date.max

    def __str__(self) -> str:
        return plural(self.number, _UNITS[self.unit])


def _period(text: object) -> Period:
    if isinstance(text, Period):
        return text
    match = _PERIOD.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise refuse("a period such as P14D, P2W or P6M")
    return Period(int(match["number"]), match["unit"])


PeriodText = Annotated[Period, BeforeValidator(_period)]


class Bilingual(Strict):
    """A text in every language that letters and alerts are written in."""

    en: str = Field(min_length=1)
    de: str = Field(min_length=1)

    def in_language(self, language: str) -> str:
        """Return it in German where that is asked for, else in English."""
        return self.de if language == Language.GERMAN else self.en


class RightsSource(Strict):
    """Where a statement about a right was read."""

    url: str = Field(pattern=r"^https://")
    words: Literal["law", "terms", "authority", "second-hand"]  # whose words it has
    read: date


class Clock(Strict):
    """A deadline of the author's."""

    starts: Literal["told", "decision", "answer"]  # the event that it is counted from
    within: PeriodText
    kind: Literal["law", "terms", "body"]  # who sets it: a law, the platform's terms, a body's own rules
    note: str = ""  # what else a source says of it


class AnswerDue(Strict):
    """When an answer is owed, counted from the day on which the letter was sent."""

    within: PeriodText
    note: str = ""


class LetterText(Strict):
    """What a step's letter says beside what was seen. No sentence of it asserts a breach."""

    subject: Bilingual
    opening: Bilingual
    asks: tuple[Bilingual, ...] = Field(min_length=1)


class Body(Strict):
    """Somebody outside the platform to whom the author may turn, beside others of its kind."""

    name: str
    country: str  # where it is certified
    covers: str
    languages: str = "not known"
    cost: str = "not known"
    note: str = ""


class Authority(Strict):
    """The authority of a country."""

    name: str
    address: str = ""  # "": its address was not seen


class ChecklistItem(Strict):
    """What a reply should hold; the author says whether it does."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    article: str
    question: str


class Remedy(Strict):
    """One step that a law, or a platform's terms, may open."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    article: str
    title: Bilingual
    gives: str
    binds: str
    not_for: Texts = Field(min_length=1)
    acts_as: ActsAs | None = None  # None: for consumers and businesses
    platforms: Texts = ()  # for these alone
    doubts: dict[str, str] = Field(default_factory=dict)  # platform -> why it may not be open there
    clock: Clock | None = None
    answer_due: AnswerDue | None = None
    one_at_a_time: bool = False  # while one has it, turn to no second one
    cost: str
    to: Literal["appeal", "contact-point", "data", "copy"] | None = None  # None: not to the platform
    must_hold: Texts = ()  # what a letter must hold
    bodies: tuple[Body, ...] = ()
    authorities: dict[str, Authority] = Field(default_factory=dict)  # by country
    checklist: tuple[ChecklistItem, ...] = ()
    letter: LetterText | None = None
    sources: tuple[RightsSource, ...] = Field(min_length=1)

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Return what is wrong with a letter that goes nowhere."""
        return refuse("`to` beside `letter`") if given.get("letter") and not given.get("to") else None

    @property
    def in_own_words(self) -> bool:
        """Return whether a source has the law's or the platform's own words."""
        return any(source.words in OWN_WORDS for source in self.sources)


class Law(Strict):
    """One law, or the terms of platforms, and the steps that it may open."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    place: Bilingual | None = None  # where the author has to be, such as `in the EU`; None: anywhere
    countries: Texts = ()  # the same by their two letters, or as a region that `_regions.yaml` lists
    checked: date
    stale_after: PeriodText
    remedies: tuple[Remedy, ...] = Field(min_length=1)

    def stale(self, today: date) -> bool:
        """Return whether it has to be read again before anything rests on it."""
        return today > self.stale_after.after(self.checked)


class Regions(Strict):
    """Groups of countries."""

    regions: dict[str, Texts]


# -- for one author ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What decides which steps may be open. All days are the author's calendar."""

    platform: str
    country: str | None  # None: not said
    acts_as: ActsAs | None
    contacts: tuple[Contact, ...]  # the platform's, with addresses that are filled in
    today: date
    first_bad: date  # when a run first found it
    last_good: date | None
    told: date | None  # when the platform told the author; None: that is not recorded
    answered: date | None  # its last answer
    sent: Mapping[str, date]  # step -> when its author sent it


@dataclass(frozen=True, kw_only=True)
class DeadlineReading:
    """One way to count a deadline."""

    since: str
    start: date | None  # None: it has not begun
    end: date | None
    counts: bool = True  # False: possible, and too uncertain to be the date to keep


@dataclass(frozen=True, kw_only=True)
class RightsStep:
    """A remedy as it stands for one author."""

    law: Law
    remedy: Remedy
    may_be_open: bool
    only_if: tuple[Bilingual, ...] = ()  # what is not known of the author, and has to hold
    reasons: tuple[str, ...] = ()  # why it is not open, has no date or has no letter
    readings: tuple[DeadlineReading, ...] = ()
    keep: date | None = None  # the earliest day by any reading
    answer_due: date | None = None
    sent: date | None = None
    contact: Contact | None = None
    has_letter: bool = False


@dataclass(frozen=True, kw_only=True)
class RightsDate:
    """A date that goes into the calendar, the status and alerts."""

    day: date
    step: RightsStep
    theirs: bool  # an answer of the other side is due, rather than something of the author's

    def words(self, language: str) -> str:
        """Return it on one line: `2026-05-27: Complain to the platform (DSA, article 20; if you are …)`."""
        german = language == Language.GERMAN
        what = self.step.remedy.title.in_language(language)
        if self.theirs:
            what = f"Antwort fällig: {what}" if german else f"answer due: {what}"
        ifs = [f"{'falls' if german else 'if'} {words.in_language(language)}" for words in self.step.only_if]
        article = f", {'Artikel' if german else 'article'} {self.step.remedy.article}"
        origin = f"{self.step.law.name}{article if self.step.remedy.article[0].isdigit() else ''}"
        return f"{self.day}: {what} ({'; '.join((origin, *ifs))})"

    def document(self, incident: str) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "incident": incident,
            "step": self.step.remedy.id,
            "day": self.day.isoformat(),
            "answer_due": self.theirs,
            "only_if": [words.en for words in self.step.only_if],
        }
