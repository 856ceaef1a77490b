"""From an incident and its author to the steps that may be open. Pure.

Laws:
1. A step is open where nothing that is known speaks against it; what is not known becomes a condition.
2. A deadline has a reading for each event that it may be counted from. The earliest end is kept, and while
   one reading has not begun, no step is called too late.
3. What has to be read again has no date and no letter, and says so.
4. Steps with the shortest deadline come first, then those without one in the order of the files.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, tzinfo

from selfcheck.appeal.rights.model import (
    ActsAs,
    Bilingual,
    DeadlineReading,
    Law,
    Remedy,
    RightsDate,
    RightsStep,
    Situation,
)
from selfcheck.core.incident import EventKind, Incident
from selfcheck.platforms.schema import Contact

_AS: Mapping[ActsAs, Bilingual] = {
    "consumer": Bilingual(en="you write as a consumer", de="Sie als Verbraucher schreiben"),
    "business": Bilingual(en="you write as a business", de="Sie gewerblich schreiben"),
}
_INSTEAD = {
    "appeal": ("appeal", "contact-point"),
    "contact-point": ("contact-point", "appeal"),
    "data": ("data", "contact-point", "appeal"),
    "copy": ("copy", "appeal"),
}
"""Which contacts take a letter, the best first."""


def situation(
    incident: Incident,
    *,
    platform: str,
    contacts: Sequence[Contact],
    country: str | None,
    acts_as: ActsAs | None,
    now: datetime,
    zones: Sequence[tzinfo],
) -> Situation:
    """Return what decides about an incident's steps.

    `zones` are the author's and those of the platform: where a moment is two days, the earlier one counts.
    """

    def day(at: datetime) -> date:
        return min(at.astimezone(zone).date() for zone in zones)

    told, answered = None, None
    sent: dict[str, date] = {}
    for event in incident.events:
        if event.kind is EventKind.TOLD:
            with suppress(ValueError):  # a journal that somebody else wrote
                told = date.fromisoformat(event.text)
        elif event.kind is EventKind.ANSWERED:
            answered = day(event.at)
        elif event.kind is EventKind.STEP:
            sent[event.text] = day(event.at)
    return Situation(
        platform=platform,
        country=country,
        acts_as=acts_as,
        contacts=tuple(contacts),
        today=now.astimezone(zones[0]).date(),
        first_bad=day(incident.first_bad_at),
        last_good=day(incident.last_good_at) if incident.last_good_at else None,
        told=told,
        answered=answered,
        sent=sent,
    )


def rights_steps(laws: Iterable[Law], where: Situation) -> tuple[RightsStep, ...]:
    """Return the steps of every law: what may be open first, by its deadline, then what is not and why."""
    steps = [
        _step(law, remedy, where)
        for law in laws
        for remedy in law.remedies
        if not remedy.platforms or where.platform in remedy.platforms
    ]
    return tuple(
        sorted(steps, key=lambda step: (not step.may_be_open, step.keep is None, step.keep or date.max))
    )


def rights_dates(steps: Iterable[RightsStep], today: date) -> tuple[RightsDate, ...]:
    """Return the dates from today on, the earliest first: the author's own and those of answers."""
    dates = [
        RightsDate(day=day, step=step, theirs=theirs)
        for step in steps
        if step.may_be_open
        for day, theirs in ((None if step.sent else step.keep, False), (step.answer_due, True))
        if day is not None and day >= today
    ]
    return tuple(sorted(dates, key=lambda each: each.day))


def _step(law: Law, remedy: Remedy, where: Situation) -> RightsStep:
    against = tuple(_against(law, remedy, where))
    stale = law.stale(where.today)
    readings = () if stale or remedy.clock is None else tuple(_readings(remedy, where))
    counted = [reading for reading in readings if reading.counts]
    ends = [reading.end for reading in counted if reading.end is not None]
    begun = all(reading.start is not None for reading in counted)
    if ends and begun and max(ends) < where.today:
        against = (*against, f"Its time is over by every reading, the last on {max(ends)}.")
    contact = _contact(remedy, where.contacts)
    missing = tuple(_without_letter(law, remedy, contact, stale=stale))
    sent = where.sent.get(remedy.id)
    due = remedy.answer_due.within.after(sent) if remedy.answer_due and sent and not stale else None
    doubts = (remedy.doubts[where.platform],) if where.platform in remedy.doubts else ()
    return RightsStep(
        law=law,
        remedy=remedy,
        may_be_open=not against,
        only_if=tuple(_conditions(law, remedy, where)),
        reasons=against or (*doubts, *missing),
        readings=readings,
        keep=min(ends, default=None),
        answer_due=due,
        sent=sent,
        contact=contact,
        has_letter=not missing and not against,
    )


def _against(law: Law, remedy: Remedy, where: Situation) -> Iterator[str]:
    """Yield what is known to speak against a step."""
    if law.countries and where.country is not None and where.country not in law.countries:
        place = law.place.en if law.place else "elsewhere"
        yield f"It is for people {place}; your country is set to {where.country}."
    if remedy.acts_as and where.acts_as and remedy.acts_as != where.acts_as:
        yield f"It is for those who write as a {remedy.acts_as}; you are set to {where.acts_as}."
    if remedy.clock and remedy.clock.starts == "answer" and where.answered is None:
        yield "It comes after an answer of the platform, and none is recorded."
    if remedy.one_at_a_time and remedy.id in where.sent:
        yield f"You recorded on {where.sent[remedy.id]} that a body has it; turn to one at a time."


def _conditions(law: Law, remedy: Remedy, where: Situation) -> Iterator[Bilingual]:
    if law.place is not None and where.country is None:
        yield Bilingual(en=f"you are {law.place.en}", de=f"Sie {law.place.de} sind")
    if remedy.acts_as and where.acts_as is None:
        yield _AS[remedy.acts_as]


def _readings(remedy: Remedy, where: Situation) -> Iterator[DeadlineReading]:
    assert remedy.clock is not None
    within = remedy.clock.within
    if remedy.clock.starts == "answer":
        if where.answered is not None:
            yield _reading("their last answer that you recorded", where.answered, remedy)
        return
    if where.told is not None:
        yield _reading("the day on which they told you", where.told, remedy)
    yield _reading("the day on which a run first found it", where.first_bad, remedy)
    if remedy.clock.starts == "decision":
        if where.last_good is not None and where.last_good < where.first_bad:
            since = "a decision right after a run last saw it well, if that is when it was"
            yield DeadlineReading(
                since=since, start=where.last_good, end=within.after(where.last_good), counts=False
            )
    elif where.told is None:
        since = "the day on which they tell you: no message is recorded, so by this reading it has not begun"
        yield DeadlineReading(since=since, start=None, end=None)


def _reading(since: str, start: date, remedy: Remedy) -> DeadlineReading:
    assert remedy.clock is not None
    return DeadlineReading(since=since, start=start, end=remedy.clock.within.after(start))


def _contact(remedy: Remedy, contacts: Sequence[Contact]) -> Contact | None:
    """Return the best of the contacts that answer authors; not one that answers authorities alone."""
    open_to_all = [contact for contact in contacts if contact.reader != "authorities"]
    for about in _INSTEAD[remedy.to] if remedy.to else ():
        for contact in open_to_all:
            if contact.about == about:
                return contact
    return None


def _without_letter(law: Law, remedy: Remedy, contact: Contact | None, *, stale: bool) -> Iterator[str]:
    """Yield why there is no letter, or no date."""
    if stale:
        again = law.stale_after.after(law.checked)
        yield (
            f"What is known of it was read on {law.checked} and had to be read again by {again}, so it has no"
            " date and no letter here. A newer selfcheck may know more; its sources are named."
        )
    elif remedy.letter is None or not remedy.in_own_words:
        yield "There is no letter for it here: no address, or not the law's own words, was seen."
    elif contact is None:
        yield "There is no letter for it here: no address of the platform for it is known."
