"""Which incident an appeal is about, and what speaks against writing it now. Pure.

Laws:
1. What still waits goes before what is over; where several could be meant, none is taken.
2. An appeal is for what is confirmed and going on. Anything else is told first, and wants a yes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from selfcheck.core.enums import Verdict
from selfcheck.core.history import RunRow, account_of
from selfcheck.core.incident import EventKind, Incident, IncidentState
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import IncidentUnknownError, UsageError

_NO_NEWS = frozenset({Verdict.INCONCLUSIVE})


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The incident that is meant."""

    incident: Incident
    likely: bool = False  # no run has confirmed it, so the history has no incident of it
    warnings: tuple[str, ...] = ()  # why an appeal may be out of place


def chosen(word: str | None, incidents: Sequence[Incident], runs: Sequence[RunRow]) -> Choice:
    """Return the incident that a profile's name, an incident's id or nothing at all stands for.

    `incidents` are all, newest first; `runs` all, oldest first. Raises UsageError where it is not clear.
    """
    profiles = {row.profile for row in runs}
    if word is None or word in profiles:
        return _of_profiles(word, incidents, runs)
    exact = [one for one in incidents if one.id == word]
    begun = exact or [one for one in incidents if word and one.id.startswith(word)]
    if len(begun) == 1:
        return _confirmed(begun[0], runs)
    guesses = [row for row in _guessed(sorted(profiles), runs, incidents) if _likely_id(row) == word]
    if guesses:
        return _likely(guesses[0], runs)
    raise _unknown(word, [one.id for one in begun or incidents], profiles)


def _of_profiles(word: str | None, incidents: Sequence[Incident], runs: Sequence[RunRow]) -> Choice:
    meant = [one for one in incidents if word in {None, one.profile}]
    waiting = [one for one in meant if not one.over]
    if waiting and (len(waiting) == 1 or word is not None):
        return _confirmed(waiting[0], runs)
    if waiting:
        raise _several([one.id for one in waiting])
    names = sorted({row.profile for row in runs if word in {None, row.profile}})
    guesses = _guessed(names, runs, incidents)
    if len(guesses) == 1:
        return _likely(guesses[0], runs)
    if guesses:
        raise _several([row.profile for row in guesses])
    if word is not None and meant:
        return _confirmed(meant[0], runs)
    raise _nothing(word)


def _guessed(
    profiles: Sequence[str], runs: Sequence[RunRow], incidents: Sequence[Incident]
) -> tuple[RunRow, ...]:
    """Return of each profile what the latest run that could tell found, where that is bad and only likely."""
    waiting = {one.profile for one in incidents if not one.over}
    latest = {row.profile: row for row in runs if row.verdict not in _NO_NEWS}
    return tuple(
        latest[name]
        for name in profiles
        if name in latest
        and name not in waiting
        and not latest[name].confirmed
        and latest[name].verdict is not Verdict.VISIBLE
    )


def _confirmed(incident: Incident, runs: Sequence[RunRow]) -> Choice:
    return Choice(incident=incident, warnings=(*_over(incident), *_doubted(incident, runs)))


def _over(incident: Incident) -> tuple[str, ...]:
    if not incident.over:
        return ()
    on = f" on {incident.over_at:%Y-%m-%d}" if incident.over_at else ""
    if incident.state is IncidentState.DISMISSED:
        return (f"{incident.id} is over: you dismissed it{on}.",)
    return (f"{incident.id} is over: the profile was restored{on}.",)


def _doubted(incident: Incident, runs: Sequence[RunRow]) -> tuple[str, ...]:
    """Return that a later run found otherwise, though it was not sure."""
    account = account_of(incident.platform, incident.handle)
    later = [
        row
        for row in runs
        if row.account == account and row.at > incident.last_bad_at and row.verdict not in _NO_NEWS
    ]
    if incident.over or not later or later[-1].confirmed or later[-1].verdict is incident.verdict:
        return ()
    found = f"{later[-1].verdict.value}, though that is only likely"
    return (f"A later run, of {later[-1].at:%Y-%m-%d}, found it {found}.",)


def _likely(row: RunRow, runs: Sequence[RunRow]) -> Choice:
    """Return what a run found that was not sure, as an incident that the history does not have."""
    good = [one for one in runs if one.account == row.account and _good(one) and one.at < row.at]
    incident = Incident(
        id=_likely_id(row),
        profile=row.profile,
        platform=row.platform,
        handle=row.handle,
        state=IncidentState.OPEN,
        verdict=row.verdict,
        silent=row.silent,
        summary=row.summary,
        last_good_at=good[-1].at if good else None,
        last_good_run=good[-1].run_id if good else None,
        first_bad_at=row.at,
        first_bad_run=row.run_id,
        last_bad_at=row.at,
        last_bad_run=row.run_id,
    )
    told = f"That {row.profile} is {row.verdict.value} is only likely: no run has confirmed it yet."
    return Choice(incident=incident, likely=True, warnings=(told,))


def _good(row: RunRow) -> bool:
    return row.confirmed and row.verdict is Verdict.VISIBLE


def _likely_id(row: RunRow) -> str:
    return f"{safe_name(row.profile)}-{row.at:%Y%m%d}-likely"


def sent_before(incident: Incident) -> str:
    """Return when an appeal was sent already, in words; "" where none was."""
    sent = [event for event in incident.events if event.kind is EventKind.APPEALED]
    if not sent:
        return ""
    return f"An appeal for {incident.id} was sent on {sent[-1].at:%Y-%m-%d}; a second one may set it back."


def _several(names: Sequence[str]) -> UsageError:
    return UsageError(
        f"Several wait: {', '.join(names)}.",
        next_step=lambda hints: f"Say which one is meant, such as `{hints.command('appeal', names[0])}`.",
    )


def _nothing(word: str | None) -> UsageError:
    of = f" of {word}" if word else ""
    return UsageError(
        f"There is nothing to appeal: no incident{of} is open.",
        cause="An incident opens when a run confirms that strangers do not see a profile as they should.",
        next_step=lambda hints: (
            f"`{hints.command('history')}` shows what was found, `{hints.command('run')}` looks again."
        ),
    )


def _unknown(word: str, ids: Sequence[str], profiles: set[str]) -> IncidentUnknownError:
    hint = did_you_mean(word, [*sorted(profiles), *ids])
    listed = f"The latest are {', '.join(ids[:5])}." if ids else "No incident has been found so far."
    return IncidentUnknownError(
        f"There is neither a profile nor an incident `{word}`.",
        cause=hint[:1].upper() + hint[1:] or listed,
        next_step=lambda hints: f"`{hints.command('history')}` lists them.",
    )
