"""The list of an author's subscribers: a reminder to export it once a month, and when that was done last.

Laws:
1. The list itself is never read and never stored; only the day on which the author exported it.
2. Nothing is said of a platform whose file names no such list.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.times import long_date
from selfcheck.platforms.schema import Platform
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_whole, write_whole
from selfcheck.storage.stored_json import read_stored

SCHEMA = "selfcheck.subscribers/1"
_MONTH = timedelta(days=30)
_FILE = "subscribers.json"


@dataclass(frozen=True, kw_only=True)
class SubscriberExports:
    """When the author last exported the subscribers of each profile."""

    schema: str = SCHEMA
    exported: dict[str, date] = field(default_factory=dict)  # by profile


def read_exports(data: DataFolder) -> SubscriberExports:
    """Return when each list was exported last. Raises StorageError, RunUnreadableError."""
    path = data.backups / _FILE
    if not path.is_file():
        return SubscriberExports()
    return read_stored(SubscriberExports, read_whole(path), SCHEMA, name=str(path))


def note_export(data: DataFolder, profile: str, day: date) -> None:
    """Keep that the author exported a profile's list on this day. Raises StorageError."""
    before = read_exports(data)
    document = asdict(SubscriberExports(exported={**before.exported, profile: day}))
    text = json.dumps(document, default=date.isoformat, ensure_ascii=False, indent=1)
    write_whole(data.backups / _FILE, f"{text}\n".encode(), mode=0o600)


def subscriber_reminder(
    profile: str, platform: Platform, exported: date | None, today: date, *, hints: CommandHints
) -> str | None:
    """Return the reminder that is due, None where none is."""
    where = platform.export.subscribers if platform.export else ""
    if not where or (exported is not None and today - exported < _MONTH):
        return None
    last = f"last noted on {long_date(exported)}" if exported else "never noted"
    return (
        f"{profile}: export the list of your subscribers ({last}): {' '.join(where.split())} Then note it: "
        f"`{hints.command('backup', 'subscribers', profile, '--exported')}`."
    )
