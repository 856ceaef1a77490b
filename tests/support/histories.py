"""Histories made by hand: runs of made-up days, recorded as `selfcheck run` records them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sample_runs import look, page, profile, run

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Strength, Verdict
from selfcheck.core.history import IncidentChange
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.runs.service import record
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run

FIRST = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
"""When the first run of a made-up history began."""

LETTERS = {
    "v": Verdict.VISIBLE,
    "l": Verdict.LIMITED,
    "h": Verdict.HIDDEN,
    "s": Verdict.SUSPENDED,
    "m": Verdict.MISSING,
    "?": Verdict.INCONCLUSIVE,
}
"""Verdicts in one letter: a capital is confirmed, a small one only likely."""


def judged(
    letter: str,
    *,
    name: str = "jane",
    handle: str = "jane",
    platform: str = "demo",
    followers: int | None = None,
    views: Sequence[int] = (),
    **more: object,
) -> ProfileVerdict:
    """A profile with the verdict of this letter, and the whole days of its stats page, oldest first."""
    verdict = LETTERS[letter.lower()]
    sure = Strength.CONFIRMED if letter.isupper() else Strength.LIKELY
    shown = look(AUTHOR, Outcome.SHOWN)
    public = look(ANONYMOUS, Outcome.SHOWN if verdict is Verdict.VISIBLE else Outcome.NOT_FOUND)
    series = {"views": tuple(views)} if views else {}
    read = look(AUTHOR, Outcome.SHOWN, kind=PageKind.STATS, series=series)
    stats = page(Verdict.VISIBLE, None, read, kind=PageKind.STATS)
    silent = True if verdict in {Verdict.HIDDEN, Verdict.SUSPENDED} else None
    return profile(
        name,
        page(verdict, public, shown, silent=silent, strength=sure),
        *((stats,) if views else ()),
        handle=f"@{handle.removeprefix('@')}",
        platform=platform,
        facts={"followers": {ANONYMOUS: None, AUTHOR: followers}},
        **more,
    )


def document(
    at: datetime, *profiles: ProfileVerdict, failures: tuple[str, ...] = (), suffix: str = "aaaaaa"
) -> dict[str, Any]:
    """The document of a run that began then."""
    moved = [_at(one, at) for one in profiles]
    run_id = f"{at:%Y%m%dT%H%M%SZ}-{suffix}"
    end = at + timedelta(seconds=30)
    return RunDocument.of(
        run(*moved, run_id=run_id, started_at=at, finished_at=end, failures=failures)
    ).plain()


def _at(one: ProfileVerdict, at: datetime) -> ProfileVerdict:
    pages = tuple(
        replace(each, views={who: replace(seen, taken_at=at) for who, seen in each.views.items()})
        for each in one.pages
    )
    return replace(one, pages=pages)


def daily(letters: str, *, first: datetime = FIRST, **more: Any) -> tuple[dict[str, Any], ...]:
    """A run a day with these verdicts of jane's; `.` is a day without a run."""
    return tuple(
        document(first + timedelta(days=day), judged(letter, **more))
        for day, letter in enumerate(letters)
        if letter != "."
    )


def as_read(document: Mapping[str, Any]) -> RunDocument:
    """The document as it is read from a run's folder."""
    return read_run(json.dumps(document).encode(), name="run.json")


def record_runs(data_dir: Path, *documents: Mapping[str, Any]) -> tuple[IncidentChange, ...]:
    """Record these runs, and return what the last of them changed about incidents."""
    changes: tuple[IncidentChange, ...] = ()
    for one in documents:
        changes = record(DataFolder(data_dir), as_read(one))
    return changes


def keep_folders(data_dir: Path, *documents: Mapping[str, Any]) -> None:
    """Write the runs' folders, each with its `run.json` alone."""
    for one in documents:
        folder = data_dir / "runs" / str(one["run_id"])
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(one), encoding="utf-8")
