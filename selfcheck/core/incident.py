"""An incident: the time from the run that first found a profile suppressed to the one that found it back.

Laws:
1. An incident opens when a verdict other than visible or inconclusive is confirmed; a likely one opens none.
   It goes on through later runs, and closes when visible is confirmed again.
2. Inconclusive runs neither open, worsen nor close one: they say nothing.
3. What happened is a list of events that only grows; the state follows from it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from selfcheck.core.enums import Verdict
from selfcheck.core.handle import account_of


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    APPEALED = "appealed"
    ANSWERED = "answered"  # the platform has answered; the profile is not back yet
    RESTORED = "restored"  # visible was confirmed again, or its author says so
    DISMISSED = "dismissed"  # its author says that it was a mistake, with a reason

    @property
    def over(self) -> bool:
        """Return whether nothing is left to be done."""
        return self in {IncidentState.RESTORED, IncidentState.DISMISSED}


class EventKind(StrEnum):
    """What happened to an incident. Add, never rename: they are stored."""

    OPENED = "opened"
    CHANGED = "changed"  # the verdict became another bad one
    NOTED = "noted"  # the author added a note
    APPEALED = "appealed"  # a mail was sent, or the author says that a form was
    ANSWERED = "answered"
    CASE = "case"  # the platform gave it a case number; the text is the number
    RESTORED = "restored"
    DISMISSED = "dismissed"
    REMINDED = "reminded"
    TOLD = "told"  # the platform told the author of its decision; the text is the day, such as 2026-11-21
    STEP = "step"  # the author took a step of `appeal rights`; the text is its name
    TICKED = "ticked"  # what the author finds in the platform's reply; the text names all items, by commas
    ITEM_DONE = "item-done"  # after the end: its author needs no more of this item; the text is its id


@dataclass(frozen=True, kw_only=True)
class IncidentEvent:
    """One thing that happened to an incident."""

    at: datetime  # aware, UTC
    kind: EventKind
    text: str = ""  # the verdict of opened and changed, the number of case, else words
    run_id: str | None = None  # the run that found it; None: the author or an alert
    message_id: str | None = None  # of the mail that was sent


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One suppression of one profile, from first bad to restored."""

    id: str  # such as `jane-20261121-1`; safe as a folder's name
    profile: str
    platform: str
    handle: str
    state: IncidentState
    verdict: Verdict  # as last confirmed while it was bad
    silent: bool | None
    summary: str  # one plain sentence, of the last bad run
    last_good_at: datetime | None  # the last run before it that confirmed visible; None: never seen good
    last_good_run: str | None
    first_bad_at: datetime
    first_bad_run: str
    last_bad_at: datetime
    last_bad_run: str  # its folder holds the latest evidence
    over_at: datetime | None = None  # when it was restored or dismissed
    over_run: str | None = None  # the run that confirmed visible; None: the author says so
    case_number: str = ""  # the platform's, the latest one
    events: tuple[IncidentEvent, ...] = field(default=())  # oldest first

    @property
    def account(self) -> str:
        """Return the account that it is of."""
        return account_of(self.platform, self.handle)

    @property
    def over(self) -> bool:
        """Return whether nothing is left to be done."""
        return self.state.over

    def with_event(self, event: IncidentEvent) -> "Incident":
        """Return the incident after this happened to it: the event is kept, and the state follows."""
        after = replace(self, events=(*self.events, event))
        match event.kind:
            case EventKind.RESTORED:
                return replace(after, state=IncidentState.RESTORED, over_at=event.at, over_run=event.run_id)
            case EventKind.DISMISSED:
                return replace(after, state=IncidentState.DISMISSED, over_at=self.over_at or event.at)
            case EventKind.CHANGED:
                return replace(after, verdict=Verdict(event.text))
            case EventKind.CASE:
                return replace(after, case_number=event.text)
            case EventKind.APPEALED | EventKind.ANSWERED if not self.over:
                return replace(after, state=IncidentState(event.kind.value))
            case _:
                return after


@dataclass(frozen=True, kw_only=True)
class AuthorEvent:
    """An event that no run found (a note, an appeal, a reminder), and how to find its incident again.

    An incident's id may change when an earlier run comes to light; the run that opened it is surer.
    """

    incident: str
    profile: str
    first_bad_run: str
    event: IncidentEvent
