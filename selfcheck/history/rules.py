"""What a run means for a profile's incidents: one opens, goes on, changes or is over. Pure.

Laws:
1. Only confirmed verdicts count. A run that was inconclusive, failed, or is only likely changes nothing.
2. An incident opens at the first confirmed verdict that is bad, and the next confirmed visible restores it.
   What happens between belongs to it, whatever the verdict becomes.
3. What the author dismissed stays dismissed, until it becomes worse or the profile was visible in between.
4. Another handle or platform is another account, with incidents of its own.

| latest incident of the account | confirmed visible | confirmed bad |
|---|---|---|
| none, or restored | nothing | a new one opens |
| open, appealed, answered | restored | goes on; another verdict is a change |
| dismissed, not seen visible since | nothing | a worse verdict opens a new one, else nothing |
| dismissed, seen visible since | nothing | a new one opens |
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from selfcheck.core.enums import Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import AuthorEvent, EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.safe_filename import safe_name


def after_run(row: RunRow, *, earlier: Sequence[Incident], last_good: RunRow | None) -> Incident | None:
    """Return the incident that the run opens or changes, as it is then; None where it changes none.

    `earlier` are the incidents of the profile, oldest first; `last_good` is the last run before this one that
    confirmed the same account visible.
    """
    if not row.confirmed:
        return None
    good = row.verdict is Verdict.VISIBLE
    latest = next((incident for incident in reversed(earlier) if incident.account == row.account), None)
    if latest is not None and not latest.over:
        if not good:
            return _gone_on(latest, row)
        return latest.with_event(IncidentEvent(at=row.at, kind=EventKind.RESTORED, run_id=row.run_id))
    if good or (latest is not None and _stays_dismissed(latest, row, last_good)):
        return None
    return _opened(row, earlier, last_good)


AfterRun = Callable[..., Incident | None]
"""The form of `after_run`."""


def derived(
    rows: Iterable[RunRow], author_events: Iterable[AuthorEvent], decide: AfterRun = after_run
) -> tuple[tuple[Incident, ...], tuple[AuthorEvent, ...]]:
    """Return the incidents of a profile, by its runs (oldest first) and these events, in order of time.

    Also returned are the events whose incidents do not exist.
    """
    fold = _Fold(author_events)
    last_good: dict[str, RunRow] = {}
    for row in rows:
        fold.place_events(until=row.at)
        after = decide(row, earlier=tuple(fold.incidents.values()), last_good=last_good.get(row.account))
        if after is not None:
            fold.put(after)
        if row.confirmed and row.verdict is Verdict.VISIBLE:
            last_good[row.account] = row
    unplaced = fold.unplaced()
    return tuple(fold.incidents.values()), unplaced


class _Fold:
    """The incidents of a profile as they become, and the events that wait for theirs.

    An event without an incident is tried again only after a new one has opened: years of runs and notes would
    take minutes otherwise.
    """

    def __init__(self, author_events: Iterable[AuthorEvent]) -> None:
        self.incidents: dict[str, Incident] = {}
        self._by_first_run: dict[str, str] = {}
        self._later = deque(sorted(author_events, key=lambda entry: entry.event.at))
        self._without: list[AuthorEvent] = []

    def put(self, incident: Incident) -> None:
        is_new = incident.id not in self.incidents
        self.incidents[incident.id] = incident
        if is_new:
            self._by_first_run.setdefault(incident.first_bad_run, incident.id)
            self._later.extendleft(reversed(self._without))
            self._without = []

    def place_events(self, *, until: datetime | None = None) -> None:
        while self._later and (until is None or self._later[0].event.at <= until):
            entry = self._later.popleft()
            incident = self.incidents.get(self._by_first_run.get(entry.first_bad_run, entry.incident))
            if incident is None:
                self._without.append(entry)
            else:
                self.incidents[incident.id] = incident.with_event(entry.event)

    def unplaced(self) -> tuple[AuthorEvent, ...]:
        """Place all that is left, and return what has no incident."""
        self.place_events()
        return tuple(self._without)


def _stays_dismissed(latest: Incident, row: RunRow, last_good: RunRow | None) -> bool:
    visible_since = last_good is not None and last_good.at > latest.last_bad_at
    dismissed = latest.state is IncidentState.DISMISSED
    return dismissed and not visible_since and not row.verdict.worse_than(latest.verdict)


def _gone_on(latest: Incident, row: RunRow) -> Incident:
    incident = replace(
        latest, silent=row.silent, summary=row.summary, last_bad_at=row.at, last_bad_run=row.run_id
    )
    if row.verdict is latest.verdict:
        return incident
    changed = IncidentEvent(at=row.at, kind=EventKind.CHANGED, text=row.verdict.value, run_id=row.run_id)
    return incident.with_event(changed)


def _opened(row: RunRow, earlier: Sequence[Incident], last_good: RunRow | None) -> Incident:
    event = IncidentEvent(at=row.at, kind=EventKind.OPENED, text=row.verdict.value, run_id=row.run_id)
    stem = f"{safe_name(row.profile)}-{row.at:%Y%m%d}-"
    # They are in order, so those of this day are the last ones.
    same_day = takewhile(lambda incident: incident.first_bad_at.date() >= row.at.date(), reversed(earlier))
    return Incident(
        id=f"{stem}{1 + sum(incident.id.startswith(stem) for incident in same_day)}",
        profile=row.profile,
        platform=row.platform,
        handle=row.handle,
        state=IncidentState.OPEN,
        verdict=row.verdict,
        silent=row.silent,
        summary=row.summary,
        last_good_at=last_good.at if last_good else None,
        last_good_run=last_good.run_id if last_good else None,
        first_bad_at=row.at,
        first_bad_run=row.run_id,
        last_bad_at=row.at,
        last_bad_run=row.run_id,
        events=(event,),
    )
