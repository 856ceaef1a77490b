"""What is known of the runs of each schedule, kept in `<data>/schedules/<name>.json`.

Laws:
1. A file that is damaged, or of a later version, is taken as not there: its schedule goes on without it.
2. Times are UTC; one that cannot be read is not known.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfcheck.schedule.spec import ScheduleState, is_schedule_name
from selfcheck.storage.files import write_whole

SCHEMA = "selfcheck.turn/1"
FOLDER = "schedules"

_TIMES = ("since", "last_started", "last_ended", "next_due")
_LARGEST = 100_000  # bytes


def turn_path(data_dir: Path, name: str) -> Path:
    """Return where a schedule's memory lies."""
    return data_dir / FOLDER / f"{name}.json"


def log_path(data_dir: Path, name: str) -> Path:
    """Return where a scheduled run writes what it says."""
    return data_dir / FOLDER / f"{name}.log"


def lock_path(data_dir: Path, name: str) -> Path:
    """Return where a schedule's lock lies."""
    return data_dir / FOLDER / f"{name}.lock"


def read_turn(data_dir: Path, name: str) -> ScheduleState | None:
    """Return what is known of a schedule's runs; None where nothing is."""
    path = turn_path(data_dir, name)
    try:
        if path.stat().st_size > _LARGEST:
            return None
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return _turn(document, name) if isinstance(document, dict) else None


def read_turns(data_dir: Path) -> tuple[ScheduleState, ...]:
    """Return what is known of every schedule of this data folder, by name."""
    try:
        names = sorted(path.stem for path in (data_dir / FOLDER).glob("*.json"))
    except OSError:
        return ()
    found = (read_turn(data_dir, name) for name in names if is_schedule_name(name))
    return tuple(turn for turn in found if turn is not None)


def write_turn(data_dir: Path, turn: ScheduleState) -> None:
    """Keep what is known of a schedule's runs. Raises StorageError where the disk refuses."""
    known = {name: _text(value) for name, value in asdict(turn).items()}
    data = json.dumps({"schema": SCHEMA, **known}, ensure_ascii=False, indent=1)
    write_whole(turn_path(data_dir, turn.name), f"{data}\n".encode())


def _turn(document: Mapping[str, Any], name: str) -> ScheduleState | None:
    if document.get("schema") != SCHEMA:
        return None
    known = {one.name: document.get(one.name) for one in fields(ScheduleState)}
    times = {one: _moment(known[one]) for one in _TIMES}
    code = known["last_exit_code"]
    return ScheduleState(
        name=name,
        rhythm=str(known["rhythm"] or ""),
        since=times["since"] or datetime.fromtimestamp(0, UTC),
        last_started=times["last_started"],
        last_ended=times["last_ended"],
        last_exit_code=code if isinstance(code, int) else None,
        next_due=times["next_due"],
        runs=known["runs"] if isinstance(known["runs"], int) else 0,
    )


def _text(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
