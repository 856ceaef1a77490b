"""An incident as the report over time tells it: what, since when, how long, what was done, and the proof.

Laws:
1. What the author wrote down or sent is told in a report for the author; a public one has none of it.
2. A picture that is not there is said not to be, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.core.account_report import Site, SiteIncident, SitePicture
from selfcheck.core.enums import Verdict
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.labels import VERDICT_TONE, VERDICT_WORD, Tone, verdict_headline
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words
from selfcheck.report.current_status import PUBLIC_HEADLINE, moment_words

_STATE = {
    IncidentState.OPEN: ("Still going on", Tone.BAD),
    IncidentState.APPEALED: ("Appealed, no answer yet", Tone.BAD),
    IncidentState.ANSWERED: ("Answered, not restored yet", Tone.BAD),
    IncidentState.RESTORED: ("Restored", Tone.GOOD),
    IncidentState.DISMISSED: ("Dismissed", Tone.UNCLEAR),
}
_EVENT = {
    EventKind.OPENED: "First found",
    EventKind.CHANGED: "Became",
    EventKind.NOTED: "Note",
    EventKind.APPEALED: "Appealed",
    EventKind.ANSWERED: "The platform answered",
    EventKind.CASE: "Case number",
    EventKind.RESTORED: "Restored",
    EventKind.DISMISSED: "Dismissed",
    EventKind.REMINDED: "Reminded",
}


_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class ShownEvent:
    """One thing that happened, in words."""

    when: str
    words: str


@dataclass(frozen=True, kw_only=True)
class ShownPicture:
    """A picture with its words."""

    picture: SitePicture
    caption: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class ShownIncident:
    """An incident as the template shows it."""

    identity: str
    number: int
    headline: str
    tone: Tone
    state: str
    state_tone: Tone
    summary: str
    facts: tuple[tuple[str, str], ...]
    events: tuple[ShownEvent, ...]
    pictures: tuple[ShownPicture, ...]
    lacking: str


def shown_incident(one: SiteIncident, site: Site) -> ShownIncident:
    """Return an incident in words."""
    incident = one.incident
    state, state_tone = _STATE[incident.state]
    return ShownIncident(
        identity=f"incident-{incident.id}",
        number=one.number,
        headline=_headline(incident, site),
        tone=VERDICT_TONE[incident.verdict],
        state=state,
        state_tone=state_tone,
        summary=one_line(incident.summary),
        facts=tuple(_facts(incident, site)),
        events=tuple(_event(event, site) for event in sorted(incident.events, key=lambda one: one.at)),
        pictures=tuple(_picture(picture, site) for picture in one.pictures),
        lacking=one.lacking,
    )


def _headline(incident: Incident, site: Site) -> str:
    if site.public:
        return PUBLIC_HEADLINE[incident.verdict]
    return verdict_headline(incident.verdict, silent=incident.silent)


def _facts(incident: Incident, site: Site) -> Iterator[tuple[str, str]]:
    good = incident.last_good_at
    yield "Last seen good", moment_words(good, site) if good else "never by selfcheck"
    yield "First seen bad", moment_words(incident.first_bad_at, site)
    yield "Last seen bad", moment_words(incident.last_bad_at, site)
    if incident.over_at:
        yield _STATE[incident.state][0], moment_words(incident.over_at, site)
    yield "How long", _how_long(incident, site.made_at)
    if incident.case_number:
        yield "Case number", one_line(incident.case_number)


def _how_long(incident: Incident, now: datetime) -> str:
    """Return how long it lasted, as far as looks tell: it may have begun at any time since the last good."""
    end, good = incident.over_at or now, incident.last_good_at
    least = duration_words(end - incident.first_bad_at)
    most = f", at most {duration_words(end - good)}" if good and end - good >= _MINUTE else ""
    return f"{least}{most}{'' if incident.over_at else ', and going on'}"


def _event(event: IncidentEvent, site: Site) -> ShownEvent:
    text = one_line(event.text)
    if event.kind in {EventKind.OPENED, EventKind.CHANGED} and text in set(Verdict):
        text = VERDICT_WORD[Verdict(text)].lower()
    said = f": {text}" if text else ""
    return ShownEvent(when=moment_words(event.at, site), words=f"{_EVENT[event.kind]}{said}")


def _picture(picture: SitePicture, site: Site) -> ShownPicture:
    when = moment_words(picture.taken_at, site)
    caption = f"{picture.words}, {when}"
    alt = f"Screenshot, {picture.role.lower()}: {picture.words}"
    return ShownPicture(picture=picture, caption=caption, alt=alt)
