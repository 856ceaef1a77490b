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

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

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
    incidents: dict[str, Incident] = {}
    last_good: dict[str, RunRow] = {}
    waiting = sorted(author_events, key=lambda entry: entry.event.at)
    for row in rows:
        waiting = [entry for entry in waiting if entry.event.at > row.at or not _placed(entry, incidents)]
        after = decide(row, earlier=tuple(incidents.values()), last_good=last_good.get(row.account))
        if after is not None:
            incidents[after.id] = after
        if row.confirmed and row.verdict is Verdict.VISIBLE:
            last_good[row.account] = row
    unplaced = tuple(entry for entry in waiting if not _placed(entry, incidents))
    return tuple(incidents.values()), unplaced


def _placed(entry: AuthorEvent, incidents: dict[str, Incident]) -> bool:
    """Add the event to its incident; return False where there is none such yet."""
    meant = [incident for incident in incidents.values() if incident.first_bad_run == entry.first_bad_run]
    incident = meant[0] if meant else incidents.get(entry.incident)
    if incident is not None:
        incidents[incident.id] = incident.with_event(entry.event)
    return incident is not None


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
    return Incident(
        id=f"{stem}{1 + sum(incident.id.startswith(stem) for incident in earlier)}",
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
