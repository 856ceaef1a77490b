"""What commands do with the history: open it, look at it, and make it anew."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from pathlib import Path

from selfcheck.core.history import AccountHistory, Rebuilt
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import UsageError
from selfcheck.history.days import Remembered, account_histories
from selfcheck.history.incident_rules import after_run
from selfcheck.history.rebuild import fill, rebuild
from selfcheck.history.store import History
from selfcheck.storage.files import is_there

_SERIES = ("views", "reads")


@contextmanager
def open_history(data_dir: Path, *, but_for: str | None = None) -> Iterator[History]:
    """Open the history. One that knows no run yet is first made from the folders of the runs that there are.

    `but_for` names a run that is about to be recorded by itself. Raise StorageError.
    """
    with History.open(data_dir) as history:
        if not history.run_ids():
            fill(history, after_run, but_for=but_for)
        yield history


def is_anything_there(data_dir: Path) -> bool:
    """Return whether there is a history, or a run that could be remembered; nothing is made by asking.

    Raise StorageError where that cannot be told.
    """
    return any(is_there(data_dir / name) for name in ("history.db", "runs", "journal.jsonl"))


def rebuild_history(data_dir: Path) -> Rebuilt:
    """Make the history anew from the runs' folders and the journal. Raise StorageError."""
    return rebuild(data_dir, after_run)


def say(data_dir: Path, incident_id: str, kind: EventKind, text: str, *, now: datetime) -> Incident:
    """Keep what the author says of an incident, and return it as it is then.

    Raise IncidentUnknownError; UsageError where it is dismissed already; StorageError.
    """
    if not is_anything_there(data_dir):
        raise UsageError(
            f"Nothing is remembered in {data_dir}.", next_step="--data names where runs are kept."
        )
    with open_history(data_dir) as history:
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
    """Return what is remembered of all profiles, or of one, with each account that it had.

    Raise UsageError where the profile is not known.
    """
    known = history.profiles()
    if profile is not None and profile not in known:
        raise _unknown(profile, known)
    return tuple(
        account
        for name in (known if profile is None else (profile,))
        for account in _of(history, name, zone=zone, today=today, most_days=most_days)
    )


def _of(
    history: History, name: str, *, zone: tzinfo, today: date, most_days: int | None
) -> tuple[AccountHistory, ...]:
    rows = history.runs(name)
    series = {
        account: {fact: history.days(name, fact, account) for fact in _SERIES}
        for account in {row.account for row in rows}
    }
    found = Remembered(
        runs=rows,
        incidents=history.incidents(name),
        series=series,
        pages=history.pages(name),
        deliveries=history.deliveries(name),
    )
    return account_histories(found, zone=zone, today=today, most_days=most_days)


def _unknown(profile: str, known: tuple[str, ...]) -> UsageError:
    hint = did_you_mean(profile, known)
    return UsageError(
        f"Nothing is remembered of a profile called `{profile}`" + (f"; {hint}" if hint else "."),
        cause=f"There are: {', '.join(known)}." if known else "No run has been recorded so far.",
        next_step=lambda hints: (
            f"`{hints.command('run', profile)}` looks at it, if your profiles file names it."
        ),
    )
