"""What a run means for a profile's incidents: one opens, goes on, changes or is over. Pure.

Laws:
1. Only what is confirmed counts. A run that could not tell, failed, or is only likely changes nothing.
2. An incident opens at the first confirmed verdict that is bad, and the next confirmed visible restores it.
   What happens between belongs to it, whatever the verdict becomes.
3. What its author dismissed stays dismissed, until it becomes worse or the profile was visible in between.
4. Another handle or platform is another account, with incidents of its own.

| latest incident of the account | confirmed visible | confirmed bad |
|---|---|---|
| none, or restored | nothing | a new one opens |
| open, appealed, answered | restored | goes on; another verdict is told as a change |
| dismissed, not seen visible since | nothing | a worse verdict opens a new one, else nothing |
| dismissed, seen visible since | nothing | a new one opens |
"""

from collections.abc import Sequence
from dataclasses import replace

from selfcheck.core.enums import Verdict
from selfcheck.core.history import RunRow, account_of
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.safe_filename import safe_name


def after_run(row: RunRow, *, earlier: Sequence[Incident], last_good: RunRow | None) -> Incident | None:
    """Return the incident that the run opens or changes, as it is then; None where it changes none.

    `earlier` are the incidents of the profile, oldest first; `last_good` is the last run before this one that
    confirmed the same account visible.
    """
    if not row.confirmed:
        return None
    latest = next((one for one in reversed(earlier) if _account(one) == row.account), None)
    if latest is not None and not latest.over:
        return _restored(latest, row) if row.verdict is Verdict.VISIBLE else _goes_on(latest, row)
    if row.verdict is Verdict.VISIBLE or (latest is not None and _stays_dismissed(latest, row, last_good)):
        return None
    return _opened(row, earlier, last_good)


def _account(incident: Incident) -> str:
    return account_of(incident.platform, incident.handle)


def _stays_dismissed(latest: Incident, row: RunRow, last_good: RunRow | None) -> bool:
    seen_since = last_good is not None and last_good.at > latest.last_bad_at
    dismissed = latest.state is IncidentState.DISMISSED
    return dismissed and not seen_since and not row.verdict.worse_than(latest.verdict)


def _restored(latest: Incident, row: RunRow) -> Incident:
    return latest.with_event(IncidentEvent(at=row.at, kind=EventKind.RESTORED, run_id=row.run_id))


def _goes_on(latest: Incident, row: RunRow) -> Incident:
    goes_on = replace(
        latest, silent=row.silent, summary=row.summary, last_bad_at=row.at, last_bad_run=row.run_id
    )
    if row.verdict is latest.verdict:
        return goes_on
    changed = IncidentEvent(at=row.at, kind=EventKind.CHANGED, text=row.verdict.value, run_id=row.run_id)
    return goes_on.with_event(changed)


def _opened(row: RunRow, earlier: Sequence[Incident], last_good: RunRow | None) -> Incident:
    opened = IncidentEvent(at=row.at, kind=EventKind.OPENED, text=row.verdict.value, run_id=row.run_id)
    return Incident(
        id=_new_id(row, earlier),
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
        events=(opened,),
    )


def _new_id(row: RunRow, earlier: Sequence[Incident]) -> str:
    """Return an id that says whose incident it is and since when, such as `jane-20261121-1`."""
    stem = f"{safe_name(row.profile)}-{row.at:%Y%m%d}-"
    return f"{stem}{1 + sum(one.id.startswith(stem) for one in earlier)}"
