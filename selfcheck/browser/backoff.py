"""Leaving a platform alone when it says that there were too many requests (429).

Laws:
1. A time that the platform names is respected: at least a minute, at most a week.
2. Where it names none, it is left alone for an hour, and twice as long each time in a row, up to a day.
3. It holds for all of the platform at that address and for every viewpoint, at once in every process on the
   data folder and in later runs: the shared table has it.
4. This machine (loopback) is never left alone.
5. `backoff.json` is the table's copy as text, which a job on GitHub carries to the next one. It is a
   courtesy: a file that cannot be read is ignored, and never keeps a run from its work.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from selfcheck.core.hosts import is_loopback
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole
from selfcheck.storage.limits_table import LimitsTable

TOO_MANY_REQUESTS = 429
SCHEMA = "selfcheck.backoff/1"

_LEAST, _MOST = timedelta(minutes=1), timedelta(days=7)
_FIRST, _LONGEST = timedelta(hours=1), timedelta(days=1)
_IN_A_ROW = timedelta(days=1)
_MOST_DOUBLINGS = 5
_LARGEST = 1_000_000  # bytes


@dataclass(frozen=True, kw_only=True)
class BackOff:
    """Until when a platform at an address is not to be asked again."""

    platform: str
    host: str  # of its home, or of the profile's base_url
    until: datetime  # UTC
    asked_at: datetime  # UTC: when it answered 429
    times: int = 1  # how often in a row it did, without a whole day between
    told: bool = False  # it named the time itself, with Retry-After


def retry_after(header: str | None, now: datetime) -> datetime | None:
    """Return the time that a Retry-After header names, in seconds or as a date; None where it names none."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        # Nine digits are enough for any time: more would be too many for timedelta.
        return now + timedelta(seconds=min(int(text[:9]), _MOST.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def backed_off(
    platform: str, host: str, header: str | None, now: datetime, *, before: BackOff | None
) -> BackOff:
    """Return until when to leave a platform alone that has answered 429; `before` is what it said earlier."""
    times = before.times + 1 if before and now - before.until < _IN_A_ROW else 1
    named = retry_after(header, now)
    if named is None:
        wait = min(_FIRST * 2 ** min(times - 1, _MOST_DOUBLINGS), _LONGEST)
    else:
        wait = min(max(named - now, _LEAST), _MOST)
    return BackOff(
        platform=platform, host=host, until=now + wait, asked_at=now, times=times, told=named is not None
    )


class BackoffRegistry:
    """Which platforms are to be left alone now, by their answers to any process on the data folder.

    `known` is what the text file says: it is taken over where the table does not know better.
    """

    def __init__(self, known: Iterable[BackOff] = (), table: LimitsTable | None = None) -> None:
        self._table = table or LimitsTable.in_memory()
        self.changed = False  # by this process
        for backoff in known:
            self._table.write_pause(backoff.platform, backoff.host, partial(_later, backoff))

    def active(self, platform: str, host: str, now: datetime) -> BackOff | None:
        """Return the backoff that holds now, or None."""
        backoff = None if is_loopback(host) else _read(self._table.pause(platform, host))
        return backoff if backoff and now < backoff.until else None

    def record(self, platform: str, host: str, header: str | None, now: datetime) -> None:
        """Note that a platform answered 429; `header` is its Retry-After."""
        if is_loopback(host):
            return

        def change(text: str | None) -> str | None:
            before = _read(text)
            # Viewpoints and processes ask at the same moment, which must not count as two refusals in a row.
            if before and now < before.until:
                return None
            self.changed = True
            return _write(backed_off(platform, host, header, now, before=before))

        self._table.write_pause(platform, host, change)

    def known(self) -> tuple[BackOff, ...]:
        """Return all that later runs have to know."""
        return tuple(backoff for backoff in map(_read, self._table.pauses()) if backoff is not None)


def _later(backoff: BackOff, text: str | None) -> str | None:
    before = _read(text)
    return None if before and before.until >= backoff.until else _write(backoff)


def read_backoffs(data: DataFolder) -> tuple[BackOff, ...]:
    """Return what earlier runs noted; nothing where no file can be read."""
    path = data.backoff
    try:
        document = json.loads(path.read_bytes()) if path.stat().st_size <= _LARGEST else None
    except (OSError, ValueError, RecursionError):
        return ()
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        return ()
    rows = document.get("platforms")
    backoffs = [_backoff(row) for row in rows] if isinstance(rows, list) else []
    return tuple(backoff for backoff in backoffs if backoff is not None)


def write_backoffs(data: DataFolder, backoffs: Iterable[BackOff], now: datetime) -> None:
    """Write the file whole, without what ended a day ago or earlier. Raises StorageError."""
    rows = [_row(backoff) for backoff in backoffs if (now - backoff.until).days < 1]
    text = json.dumps({"schema": SCHEMA, "platforms": rows}, indent=2) + "\n"
    write_whole(data.backoff, text.encode())


def _row(backoff: BackOff) -> dict[str, object]:
    times = {"until": backoff.until.isoformat(), "asked_at": backoff.asked_at.isoformat()}
    return {**asdict(backoff), **times}


def _write(backoff: BackOff) -> str:
    return json.dumps(_row(backoff))


def _read(text: str | None) -> BackOff | None:
    return None if text is None else _backoff(json.loads(text))


def _backoff(row: object) -> BackOff | None:
    if not isinstance(row, dict):
        return None
    try:
        backoff = BackOff(
            platform=str(row["platform"]),
            host=str(row["host"]),
            until=datetime.fromisoformat(row["until"]),
            asked_at=datetime.fromisoformat(row["asked_at"]),
            times=int(row["times"]),
            told=bool(row["told"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return backoff if backoff.until.tzinfo and backoff.asked_at.tzinfo else None
