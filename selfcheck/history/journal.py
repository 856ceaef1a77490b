"""What only people said, and what was sent, as lines of text: `journal.jsonl` beside `history.db`.

Everything else in the history can be read again from the runs' folders; this cannot, so it is kept twice.

Laws:
1. A line is only ever added, and is on the disk before the history has it.
2. A line that was cut short (a kill, a full disk) costs that line only: the next one begins on a line of its
   own, and readers skip what they cannot read and say how much that was.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from selfcheck.core.history import Delivery
from selfcheck.core.incident import AuthorEvent, EventKind, Incident, IncidentEvent
from selfcheck.storage.files import append_json_line, storage_error

SCHEMA = "selfcheck.journal/1"


@dataclass(frozen=True, kw_only=True)
class Journal:
    """All that the journal holds, in its order."""

    events: tuple[AuthorEvent, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    damaged: int = 0  # lines that could not be read


def moment_text(moment: datetime) -> str:
    """Return the moment in UTC to the microsecond, in a form that sorts as it stands."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append_event(path: Path, incident: Incident, event: IncidentEvent) -> None:
    """Add an event that no run found; it is on the disk then. Raise StorageError."""
    append_json_line(
        path,
        {
            "schema": SCHEMA,
            "what": "said",
            "incident": incident.id,
            "profile": incident.profile,
            "first_bad_run": incident.first_bad_run,
            "at": moment_text(event.at),
            "kind": event.kind.value,
            "text": event.text,
            "message_id": event.message_id,
        },
    )


def append_delivery(path: Path, delivery: Delivery) -> None:
    """Add that something was sent or could not be; it is on the disk then. Raise StorageError."""
    append_json_line(
        path, {"schema": SCHEMA, "what": "delivery", **vars(delivery), "at": moment_text(delivery.at)}
    )


def read_journal(path: Path) -> Journal:
    """Return all that can be read of the journal; nothing where there is none. Raise StorageError."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return Journal()
    except OSError as error:
        raise storage_error(path, error) from error
    entries = [_entry(line) for line in lines if line.strip()]
    return Journal(
        events=tuple(entry for entry in entries if isinstance(entry, AuthorEvent)),
        deliveries=tuple(entry for entry in entries if isinstance(entry, Delivery)),
        damaged=entries.count(None),
    )


def _entry(line: bytes) -> AuthorEvent | Delivery | None:
    """Return what the line says, None where it cannot be read."""
    try:
        entry = json.loads(line)
        at = datetime.fromisoformat(entry["at"]).astimezone(UTC)
        if entry["what"] != "said":
            return Delivery(
                at=at,
                channel=str(entry["channel"]),
                kind=str(entry["kind"]),
                profile=_text(entry["profile"]),
                incident=_text(entry["incident"]),
                ok=bool(entry["ok"]),
                detail=str(entry["detail"]),
            )
        kind, message_id = EventKind(entry["kind"]), _text(entry["message_id"])
        return AuthorEvent(
            incident=str(entry["incident"]),
            profile=str(entry["profile"]),
            first_bad_run=str(entry["first_bad_run"]),
            event=IncidentEvent(at=at, kind=kind, text=str(entry["text"]), message_id=message_id),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
