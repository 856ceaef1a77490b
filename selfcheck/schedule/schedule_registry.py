"""Which schedules are installed on this machine: a file for each, in the user's config folder.

Laws:
1. What is installed is known per user and machine, whatever folder a command is called in.
2. A file that cannot be read is no schedule; it is passed over, and removing says what is there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from selfcheck.core.schedule import Schedule, parse_time, rhythm_of
from selfcheck.schedule.spec import Manager, is_schedule_name
from selfcheck.storage.files import storage_error, write_whole

SCHEMA = "selfcheck.schedule/1"


@dataclass(frozen=True, kw_only=True)
class InstalledSchedule:
    """A schedule that was handed to the machine."""

    name: str
    manager: Manager
    rhythm: Schedule
    times: tuple[time, ...]
    zone: str | None  # whose times these are; None: the machine's own clock
    jitter: int  # minutes
    data_dir: Path
    words: tuple[str, ...]
    files: tuple[Path, ...]  # written for it; none for cron
    at: datetime  # when it was installed first (UTC)


class ScheduleRegistry:
    """The schedules in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> tuple[InstalledSchedule, ...]:
        """Return every schedule, by name."""
        try:
            names = sorted(path.stem for path in self.folder.glob("*.json"))
        except OSError:
            return ()
        found = (self.get(name) for name in names if is_schedule_name(name))
        return tuple(one for one in found if one is not None)

    def get(self, name: str) -> InstalledSchedule | None:
        """Return a schedule, or None where none of this name is known."""
        try:
            document = json.loads(self._path(name).read_bytes())
            return _installed(document)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, one: InstalledSchedule) -> None:
        """Keep a schedule; one of the same name is replaced."""
        document = {
            "schema": SCHEMA,
            "name": one.name,
            "manager": one.manager.value,
            "rhythm": one.rhythm.options,
            "time_zone": getattr(one.rhythm, "zone", None),
            "times": [f"{time:%H:%M}" for time in one.times],
            "zone": one.zone,
            "jitter": one.jitter,
            "data": str(one.data_dir),
            "words": one.words,
            "files": [str(path) for path in one.files],
            "at": one.at.isoformat(),
        }
        write_whole(self._path(one.name), f"{json.dumps(document, indent=1)}\n".encode())

    def forget(self, name: str) -> None:
        """Forget a schedule."""
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(path, error) from error

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _installed(document: Mapping[str, Any]) -> InstalledSchedule | None:
    if document["schema"] != SCHEMA:
        return None
    options = document["rhythm"]
    pairs = list(zip(options[::2], options[1::2], strict=True))
    return InstalledSchedule(
        name=document["name"],
        manager=Manager(document["manager"]),
        rhythm=rhythm_of(
            every=next((value for option, value in pairs if option == "--every"), None),
            at=[value for option, value in pairs if option == "--at"],
            zone=document["time_zone"] or "UTC",
        ),
        times=tuple(parse_time(text) for text in document["times"]),
        zone=document["zone"],
        jitter=int(document["jitter"]),
        data_dir=Path(document["data"]),
        words=tuple(document["words"]),
        files=tuple(Path(path) for path in document["files"]),
        at=datetime.fromisoformat(document["at"]).astimezone(UTC),
    )
