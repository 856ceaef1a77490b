"""Until when platforms asked to be left alone, from one run to the next: `backoff.json` in the data folder.

A file that cannot be read is passed over: it is a courtesy, and must never keep a run from its work.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from selfcheck.core.backoff import BackOff
from selfcheck.storage.files import write_whole

FILE = "backoff.json"
SCHEMA = "selfcheck.backoff/1"
_LARGEST = 1_000_000  # bytes


def read_backoffs(data_dir: Path) -> tuple[BackOff, ...]:
    """Return what earlier runs noted; nothing where there is no file that can be read."""
    path = data_dir / FILE
    try:
        document = json.loads(path.read_bytes()) if path.stat().st_size <= _LARGEST else None
    except (OSError, ValueError, RecursionError):
        return ()
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        return ()
    rows = document.get("platforms")
    found = [_backoff(row) for row in rows] if isinstance(rows, list) else []
    return tuple(one for one in found if one is not None)


def write_backoffs(data_dir: Path, backoffs: Iterable[BackOff], now: datetime) -> None:
    """Write the file whole; what is long past is left out. Raises StorageError."""
    rows = [
        {**asdict(one), "until": one.until.isoformat(), "asked_at": one.asked_at.isoformat()}
        for one in backoffs
        if (now - one.until).days < 1
    ]
    text = json.dumps({"schema": SCHEMA, "platforms": rows}, indent=2) + "\n"
    write_whole(data_dir / FILE, text.encode())


def _backoff(row: Any) -> BackOff | None:
    try:
        one = BackOff(
            platform=str(row["platform"]),
            host=str(row["host"]),
            until=datetime.fromisoformat(row["until"]),
            asked_at=datetime.fromisoformat(row["asked_at"]),
            times=int(row["times"]),
            told=bool(row["told"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    return one if one.until.tzinfo and one.asked_at.tzinfo else None
