"""What only people said, and what was sent, as lines of text: `journal.jsonl` beside `history.db`.

Everything else in the history can be read again from the runs' folders; this cannot, so it is kept twice.

Laws:
1. A line is only ever added, and is on the disk before the history has it.
2. A line that was cut short (a kill, a full disk) costs that line only: the next one begins on a line of its
   own, and readers skip what they cannot read and say how much that was.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfcheck.core.history import Delivery
from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.storage.files import storage_error

SCHEMA = "selfcheck.journal/1"


@dataclass(frozen=True, kw_only=True)
class AuthorEvent:
    """What was said of an incident, and how to find that one again should its id have become another."""

    incident: str
    profile: str
    first_bad_run: str
    event: IncidentEvent


@dataclass(frozen=True, kw_only=True)
class Journal:
    """All that the journal tells, in its order."""

    said: tuple[AuthorEvent, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    damaged: int = 0  # lines that could not be read


def author_line(incident: Incident, event: IncidentEvent) -> Mapping[str, Any]:
    """Return the line for what was said of an incident."""
    return {
        "schema": SCHEMA,
        "what": "said",
        "incident": incident.id,
        "profile": incident.profile,
        "first_bad_run": incident.first_bad_run,
        "at": moment_text(event.at),
        "kind": event.kind.value,
        "text": event.text,
        "message_id": event.message_id,
    }


def delivery_line(delivery: Delivery) -> Mapping[str, Any]:
    """Return the line for what was sent."""
    return {
        "schema": SCHEMA,
        "what": "delivery",
        "at": moment_text(delivery.at),
        "channel": delivery.channel,
        "kind": delivery.kind,
        "profile": delivery.profile,
        "incident": delivery.incident,
        "ok": delivery.ok,
        "detail": delivery.detail,
    }


def moment_text(moment: datetime) -> str:
    """Return the moment in UTC to the microsecond, in a form that sorts as it stands."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line to the journal and flush it to the disk. Raise StorageError where that fails."""
    data = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    try:
        with path.open("a+b") as file:
            if not _ends_whole(path):
                data = b"\n" + data
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise storage_error(path, error) from error


def _ends_whole(path: Path) -> bool:
    """Return whether the last line has its end."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def read_journal(path: Path) -> Journal:
    """Return all that can be read of the journal; nothing where there is none."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return Journal()
    except OSError as error:
        raise storage_error(path, error) from error
    read = [_read(line) for line in lines if line.strip()]
    return Journal(
        said=tuple(one for one in read if isinstance(one, AuthorEvent)),
        deliveries=tuple(one for one in read if isinstance(one, Delivery)),
        damaged=sum(one is None for one in read),
    )


def _read(line: bytes) -> AuthorEvent | Delivery | None:
    try:
        found = json.loads(line)
        at = datetime.fromisoformat(found["at"]).astimezone(UTC)
        return _said(found, at) if found["what"] == "said" else _delivery(found, at)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _said(found: Mapping[str, Any], at: datetime) -> AuthorEvent:
    event = IncidentEvent(
        at=at, kind=EventKind(found["kind"]), text=str(found["text"]), message_id=_maybe(found["message_id"])
    )
    return AuthorEvent(
        incident=str(found["incident"]),
        profile=str(found["profile"]),
        first_bad_run=str(found["first_bad_run"]),
        event=event,
    )


def _delivery(found: Mapping[str, Any], at: datetime) -> Delivery:
    return Delivery(
        at=at,
        channel=str(found["channel"]),
        kind=str(found["kind"]),
        profile=_maybe(found["profile"]),
        incident=_maybe(found["incident"]),
        ok=bool(found["ok"]),
        detail=str(found["detail"]),
    )


def _maybe(found: object) -> str | None:
    return None if found is None else str(found)
