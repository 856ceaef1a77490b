"""Which incident an appeal is about, what speaks against writing it now, and when to ask again. Pure.

Laws:
1. What is open goes before what is over; if several could be meant, none is taken.
2. An appeal is for what is confirmed and still so. Anything else is said first, and needs a yes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta, tzinfo

from selfcheck.appeal.model import Choice, OpenAppeal
from selfcheck.core.enums import Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentState
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.suggestions import suggestion
from selfcheck.errors import IncidentUnknownError, UsageError

_NO_NEWS = frozenset({Verdict.INCONCLUSIVE})
_CONTACT = frozenset({EventKind.APPEALED, EventKind.ANSWERED})


def choose_incident(word: str | None, incidents: Sequence[Incident], runs: Sequence[RunRow]) -> Choice:
    """Return the incident that a profile's name, an incident's id or nothing at all stands for.

    `incidents` are all, newest first; `runs` all, oldest first. Raises UsageError where it is not clear.
    """
    choice = _choice(word, incidents, runs)
    profile = choice.incident.profile
    return replace(choice, earlier=tuple(other for other in incidents if other.profile == profile))


def _choice(word: str | None, incidents: Sequence[Incident], runs: Sequence[RunRow]) -> Choice:
    profiles = {row.profile for row in runs}
    if word is None or word in profiles:
        return _of_profiles(word, incidents, runs)
    matching = [incident for incident in incidents if incident.id == word] or [
        incident for incident in incidents if word and incident.id.startswith(word)
    ]
    if len(matching) == 1:
        return _confirmed(matching[0], runs)
    guesses = [row for row in _guesses(sorted(profiles), runs, incidents) if _likely_id(row) == word]
    if guesses:
        return _likely(guesses[0], runs)
    raise _unknown(word, [incident.id for incident in matching or incidents], profiles)


def _of_profiles(word: str | None, incidents: Sequence[Incident], runs: Sequence[RunRow]) -> Choice:
    meant = [incident for incident in incidents if word in {None, incident.profile}]
    ongoing = [incident for incident in meant if not incident.over]
    if ongoing and (len(ongoing) == 1 or word is not None):
        return _confirmed(ongoing[0], runs)
    if ongoing:
        raise _several([incident.id for incident in ongoing])
    names = sorted({row.profile for row in runs if word in {None, row.profile}})
    guesses = _guesses(names, runs, incidents)
    if len(guesses) == 1:
        return _likely(guesses[0], runs)
    if guesses:
        raise _several([row.profile for row in guesses])
    if word is not None and meant:
        return _confirmed(meant[0], runs)
    raise _nothing(word)


def _guesses(
    profiles: Sequence[str], runs: Sequence[RunRow], incidents: Sequence[Incident]
) -> tuple[RunRow, ...]:
    """Return of each profile the latest conclusive run, where what it found is bad and only likely."""
    ongoing = {incident.profile for incident in incidents if not incident.over}
    latest = {row.profile: row for row in runs if row.verdict not in _NO_NEWS}
    return tuple(
        latest[name]
        for name in profiles
        if name in latest
        and name not in ongoing
        and not latest[name].confirmed
        and latest[name].verdict is not Verdict.VISIBLE
    )


def _confirmed(incident: Incident, runs: Sequence[RunRow]) -> Choice:
    if incident.over:
        on = f" on {incident.over_at:%Y-%m-%d}" if incident.over_at else ""
        dismissed = incident.state is IncidentState.DISMISSED
        how = f"you dismissed it{on}" if dismissed else f"the profile was restored{on}"
        return Choice(incident=incident, warnings=(f"{incident.id} is over: {how}.",))
    account = incident.account
    later = [
        row
        for row in runs
        if row.account == account and row.at > incident.last_bad_at and row.verdict not in _NO_NEWS
    ]
    if not later or later[-1].confirmed or later[-1].verdict is incident.verdict:
        return Choice(incident=incident)
    latest = later[-1]
    doubt = f"A later run ({latest.at:%Y-%m-%d}) found it {latest.verdict.value}, though that is only likely."
    return Choice(incident=incident, warnings=(doubt,))


def _likely(row: RunRow, runs: Sequence[RunRow]) -> Choice:
    """Return what a run found that was not sure, as an incident that the history does not have."""
    good = [
        earlier
        for earlier in runs
        if earlier.account == row.account
        and earlier.confirmed
        and earlier.verdict is Verdict.VISIBLE
        and earlier.at < row.at
    ]
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
    warning = f"It is only likely that {row.profile} is {row.verdict.value}: no run has confirmed it yet."
    return Choice(incident=incident, likely=True, warnings=(warning,))


def _likely_id(row: RunRow) -> str:
    return f"{safe_name(row.profile)}-{row.at:%Y%m%d}-likely"


def warnings(choice: Choice, *, sending: bool) -> tuple[str, ...]:
    """Return what speaks against the appeal, and against sending it: a second one, before an answer."""
    appeals = [event for event in choice.incident.events if event.kind is EventKind.APPEALED]
    if not sending or not appeals:
        return choice.warnings
    sent = f"An appeal for {choice.incident.id} was sent on {appeals[-1].at:%Y-%m-%d}"
    return (*choice.warnings, f"{sent}; a second one may delay the answer.")


def open_appeal(incident: Incident, *, follow_up_days: int, zone: tzinfo, title: str = "") -> OpenAppeal:
    """Return what the incident waits for; a reminder to the author puts nothing off."""
    contacts = [event.at for event in incident.events if event.kind in _CONTACT]
    last = max(contacts, default=None)
    follow_up = (last.astimezone(zone) + timedelta(days=follow_up_days)).date() if last else None
    return OpenAppeal(incident=incident, contact=last, follow_up=follow_up, title=title)


def _several(names: Sequence[str]) -> UsageError:
    return UsageError(
        f"Several incidents are open: {', '.join(names)}.",
        next_step=lambda hints: f"Name one, such as `{hints.command('appeal', names[0])}`.",
    )


def _nothing(word: str | None) -> UsageError:
    of = f" of {word}" if word else ""
    return UsageError(
        f"There is nothing to appeal: no incident{of} is open.",
        cause="An incident opens when a run confirms that the public does not see a profile as it should.",
        next_step=lambda hints: (
            f"`{hints.command('history')}` shows what was found, `{hints.command('run')}` checks again."
        ),
    )


def _unknown(word: str, ids: Sequence[str], profiles: set[str]) -> IncidentUnknownError:
    listed = f"The latest are {', '.join(ids[:5])}." if ids else "No incident has been found so far."
    return IncidentUnknownError(
        f"There is no profile and no incident called `{word}`.",
        cause=suggestion(word, [*sorted(profiles), *ids]) or listed,
        next_step=lambda hints: f"`{hints.command('history')}` lists them.",
    )
