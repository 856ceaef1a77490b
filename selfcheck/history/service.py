"""What commands do with the history: open it, read from it, add to it, and rebuild it.

Laws:
1. `history.db` is derived: what is missing in it is read from the runs' folders and the journal, once.
2. A rebuild is one change: until its end, and after a kill or on a full disk, the old history stands.
3. A rebuild loses nothing: runs whose folders are gone, and what people said, are kept from the old file
   where that can be read. A file that cannot be read is renamed, not deleted.
4. A folder that cannot be read is skipped and named. It never stops a new run.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from selfcheck.core.enums import Language
from selfcheck.core.history import AccountHistory, Rebuilt
from selfcheck.core.incident import AuthorEvent, EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.run_document import ProfileRecord, RunDocument
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import RunUnreadableError, StorageError, UsageError
from selfcheck.history.database import is_damaged, set_aside
from selfcheck.history.days import ProfileHistory, account_histories
from selfcheck.history.journal import read_journal
from selfcheck.history.previous_runs import MOST_RUNS, PastRuns
from selfcheck.history.restoration import Restoration, missing_lines, restoration
from selfcheck.history.rules import AfterRun, after_run
from selfcheck.history.store import History
from selfcheck.storage.data_folder import RESULT, DataFolder
from selfcheck.storage.files import read_plain
from selfcheck.storage.stored_json import read_run

_SERIES = ("views", "reads")
_NEWEST = 2 * MOST_RUNS
"""How many folders are looked through for runs that the database lacks; all of them when it knows no run."""

_NAMED = 3  # runs that a line names
_SINCE = 10
"""How many of the newest runs are asked whether what an incident took is back."""
_LARGEST = 20_000_000  # bytes; the result of a hundred profiles stays well below


# -- opening and rebuilding ------------------------------------------------------------------------------


@contextmanager
def open_history(data: DataFolder, *, but_for: str | None = None) -> Iterator[History]:
    """Open the history, and first take in what it lacks of the runs' folders.

    That is every run where the file is new or was lost, and otherwise a recent run whose recording failed, or
    which an earlier version recorded. `but_for` names a run that is about to be recorded by itself. Raise
    StorageError. Of a folder that cannot be written to, a copy is opened, in which nothing can be recorded.
    """
    is_writable = data.is_writable()
    with History.open(data) if is_writable else History.copy_of(data) as history:
        if history.run_ids():
            added = _catch_up(history, but_for)
            history.taken_in = added if is_writable else ()
        else:
            _fill(history, but_for)
        yield history


def past_runs(data: DataFolder, *, most: int = MOST_RUNS) -> PastRuns:
    """Return what a new run needs of earlier ones. A history that cannot be used does not stop it."""
    with suppress(StorageError):
        if not data.has_history():
            return PastRuns()
        with open_history(data) as history:
            return history.past_runs(most)
    # It is damaged, of a later version, or on a full disk: the user is told when the run is recorded in it.
    return past_runs_of_folders(data, most=most)


def past_runs_of_folders(data: DataFolder, *, most: int = MOST_RUNS) -> PastRuns:
    """Return the same as `past_runs` from the newest folders alone, where there is no history."""
    with suppress(StorageError), History.in_memory(data) as history, history.change():
        for run in _readable(data, reversed(data.run_ids()[:_NEWEST]), []):
            history.replace(run)
        return history.past_runs(most)
    return PastRuns()


def _catch_up(history: History, but_for: str | None) -> tuple[str, ...]:
    """Take in what the newest folders have beyond the database; return the runs that it did not know."""
    recorded, whole = history.run_ids(), history.run_ids(whole=True)
    missing = [run_id for run_id in history.data.run_ids()[:_NEWEST] if run_id not in whole | {but_for}]
    runs = tuple(_readable(history.data, reversed(missing), []))
    if runs:
        with history.change():
            for run in runs:
                # What was recorded already has been decided: only what its rows lack is added.
                history.replace(run) if run.run_id in recorded else history.add(run)
    return tuple(run.run_id for run in runs if run.run_id not in recorded)


def taken_in_words(run_ids: Sequence[str]) -> str:
    """Return that these runs were taken in when the history was opened, as a line for people."""
    more = f" and {len(run_ids) - _NAMED} more" if len(run_ids) > _NAMED else ""
    return (
        f"Added to the history: {', '.join(run_ids[:_NAMED])}{more}, which an earlier command did not record."
    )


def rebuild_history(data: DataFolder, decide: AfterRun = after_run) -> Rebuilt:
    """Rebuild the history from the runs' folders and the journal. Raise StorageError."""
    path = data.history
    aside = set_aside(path) if is_damaged(path) else None
    with History.open(data, decide) as history:
        return replace(_fill(history), set_aside=aside)


def _fill(history: History, but_for: str | None = None) -> Rebuilt:
    """Read every run's folder and the journal into the history, and derive its incidents again."""
    data, journal = history.data, read_journal(history.data.journal)
    skipped = (
        [f"{data.journal.name}: {journal.damaged} of its lines cannot be read"] if journal.damaged else []
    )
    with history.change():
        # The old database may hold what the journal lost, and the other way round; of each event one is kept.
        events = dict.fromkeys((*history.author_events(), *journal.events))
        before, read = history.run_ids(), set()
        for run in _readable(data, sorted(set(data.run_ids()) - {but_for}), skipped):
            history.replace(run)
            read.add(run.run_id)
        unplaced: list[AuthorEvent] = []
        by_profile: dict[str, list[AuthorEvent]] = {profile: [] for profile in history.profiles()}
        for entry in events:
            by_profile.setdefault(entry.profile, []).append(entry)
        for profile, of_profile in by_profile.items():
            unplaced += history.rederive_incidents(profile, of_profile)
        for delivery in journal.deliveries:
            history.insert_delivery(delivery)
    return Rebuilt(
        runs=len(read),
        kept=len(before - read),
        incidents=len(history.incidents()),
        author_events=len(events) - len(unplaced),
        skipped=tuple(skipped),
        unplaced=tuple(
            f"{entry.incident}: {entry.event.text or entry.event.kind.value}" for entry in unplaced
        ),
    )


def _readable(data: DataFolder, run_ids: Iterable[str], skipped: list[str]) -> Iterator[RunDocument]:
    """Yield the runs whose results can be read; add to `skipped` why the others cannot."""
    for run_id in run_ids:
        try:
            run = read_run(read_plain(data.run(run_id), RESULT, _LARGEST), name=RESULT)
        except FileNotFoundError:
            skipped.append(f"{run_id}: it has no {RESULT}; the run was cut short")
        except OSError as error:
            skipped.append(f"{run_id}: {RESULT} cannot be read ({error})")
        except RunUnreadableError as error:
            skipped.append(f"{run_id}: {error.what}")
        else:
            if is_safe_name(run.run_id):
                yield run
            else:
                skipped.append(f"{run_id}: its {RESULT} has the id {run.run_id!r}, which no run has")


# -- reading and adding ----------------------------------------------------------------------------------


def add_author_event(
    data: DataFolder, incident_id: str, kind: EventKind, text: str, *, now: datetime
) -> Incident:
    """Keep what the author says of an incident, and return it as it is then.

    Raise IncidentUnknownError; UsageError where it is dismissed already; StorageError.
    """
    if not data.has_history():
        raise UsageError(
            f"No history in {data}.",
            cause="No run has been made yet, or its results were kept in another folder.",
            next_step=lambda hints: f"`{hints.command('run')}` makes one; --data names another folder.",
        )
    with open_history(data) as history:
        incident = history.incident(incident_id)
        if kind is EventKind.DISMISSED and incident.state is IncidentState.DISMISSED:
            raise UsageError(
                f"{incident.id} is dismissed already.",
                next_step=lambda hints: (
                    f"`{hints.command('history', 'note', incident.id, 'TEXT')}` adds to it."
                ),
            )
        return history.add_event(incident.id, IncidentEvent(at=now, kind=kind, text=text))


def histories(
    history: History, profile: str | None, *, zone: tzinfo, today: date, most_days: int | None = None
) -> tuple[AccountHistory, ...]:
    """Return what is known of all profiles, or of one, with each account that it had.

    Raise UsageError where the profile is not known.
    """
    names = history.profiles()
    if profile is not None and profile not in names:
        raise _unknown(profile, names)
    end = datetime.combine(today + timedelta(days=1), time.min, zone)
    return tuple(
        account
        for name in (names if profile is None else (profile,))
        for account in account_histories(
            _profile_history(history, name, end), zone=zone, today=today, most_days=most_days
        )
    )


def _profile_history(history: History, name: str, now: datetime) -> ProfileHistory:
    rows = history.runs(name, now=now)
    return ProfileHistory(
        runs=rows,
        incidents=history.incidents(name),
        series={
            account: {fact: history.days(name, fact, account) for fact in _SERIES}
            for account in {row.account for row in rows}
        },
        pages=history.pages(name),
        deliveries=history.deliveries(name),
    )


def _unknown(profile: str, names: tuple[str, ...]) -> UsageError:
    hint = did_you_mean(profile, names)
    return UsageError(
        f"No profile `{profile}` in the history" + (f"; {hint}" if hint else "."),
        cause=f"There are: {', '.join(names)}." if names else "No run has been recorded so far.",
        next_step=lambda hints: (
            f"`{hints.command('run', profile)}` checks it, if your profiles file names it."
        ),
    )


# -- did all of it come back? ------------------------------------------------------------------------------


def restorations(history: History, profile: str | None = None) -> tuple[Restoration, ...]:
    """Return, of the last incident of each profile, or of one, what of it is back; nothing while one goes on.

    Only an incident that ended restored counts, of the account that the profile's last run checked.
    """
    names = history.profiles() if profile is None else (profile,)
    found = (_restoration(history, name) for name in names)
    return tuple(restored for restored in found if restored is not None)


def not_back(data: DataFolder, incident: Incident, most: int, language: Language) -> tuple[str, ...]:
    """Return in lines, at most so many and one that counts the others, what of an incident is not back.

    Raise StorageError.
    """
    with open_history(data) as history:
        last = restorations(history, incident.profile) if incident.over else ()
    return tuple(
        line
        for restored in last
        if restored.incident.id == incident.id
        for line in missing_lines(restored.missing, most, language)
    )


def _restoration(history: History, profile: str) -> Restoration | None:
    rows = history.runs(profile)
    account = rows[-1].account if rows else ""
    own = [incident for incident in history.incidents(profile) if incident.account == account]
    if not own or own[0].state is not IncidentState.RESTORED:
        return None
    incident = own[0]
    before = _profile_of(history.data, incident.last_good_run, profile)
    if before is None:
        lacking = "selfcheck never saw it good before" if incident.last_good_run is None else ""
        lacking = lacking or f"the results of the last good run, {incident.last_good_run}, cannot be read"
        return Restoration(incident=incident, lacking=lacking)
    over_at = incident.over_at or incident.last_bad_at
    since = [row.run_id for row in rows if row.at >= over_at and row.account == incident.account]
    records = (_profile_of(history.data, run_id, profile) for run_id in reversed(since[-_SINCE:]))
    return restoration(incident, before, (record for record in records if record is not None))


def _profile_of(data: DataFolder, run_id: str | None, profile: str) -> ProfileRecord | None:
    run = next(_readable(data, [run_id] if run_id else [], []), None)
    return run.profile(profile) if run else None
