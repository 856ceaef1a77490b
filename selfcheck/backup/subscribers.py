"""The list of an author's subscribers: a reminder to export it once a month, and when that was done last.

Laws:
1. The list itself is never read and never stored; only the day on which the author exported it.
2. Nothing is said of a platform whose file names no such list.
"""

import json
from collections.abc import Mapping
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


@dataclass(frozen=True, kw_only=True)
class SubscriberList:
    """The list of a profile's subscribers: where it is exported, and when the author noted that last."""

    profile: str
    where: str
    exported: date | None

    def is_due(self, today: date) -> bool:
        """Return whether it is to be exported again, a month after the last time."""
        return self.exported is None or today - self.exported >= _MONTH

    def document(self, today: date) -> dict[str, object]:
        """Return the same for programs; without a noted day it is null."""
        day = self.exported.isoformat() if self.exported else None
        return {"profile": self.profile, "exported": day, "due": self.is_due(today)}

    def reminder(self, hints: CommandHints) -> str:
        """Return what to do, in a sentence."""
        last = f"last noted on {long_date(self.exported)}" if self.exported else "never noted"
        noting = hints.command("backup", "subscribers", self.profile, "--exported")
        return (
            f"{self.profile}: export the list of your subscribers ({last}): {self.where} Then note it:"
            f" `{noting}`."
        )


def subscriber_lists(
    platforms: Mapping[str, Platform], exports: SubscriberExports
) -> tuple[SubscriberList, ...]:
    """Return the lists of the profiles whose platform files name one; `platforms` are by profile."""
    return tuple(
        SubscriberList(profile=name, where=" ".join(where.split()), exported=exports.exported.get(name))
        for name, platform in platforms.items()
        if (where := platform.export.subscribers if platform.export else "")
    )
