"""`history.db` of every earlier version becomes one of this, with all that it holds."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from selfcheck.core.enums import Verdict
from selfcheck.core.incident import EventKind, IncidentState
from selfcheck.errors import HistoryUnreadableError
from selfcheck.history.database import MIGRATIONS, TABLES, VERSION
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder

SAMPLES = Path(__file__).parents[1] / "samples" / "history"
EARLIER = range(1, VERSION)


def stored(data_dir: Path, version: int) -> Path:
    """Put the sample of a version where the history is expected."""
    path = data_dir / "history.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SAMPLES / f"version-{version}.sql").read_text("utf-8"))
    return path


def schema(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {" ".join(row[0].split()) for row in found}


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.parametrize("version", EARLIER)
def test_a_released_migration_has_not_changed(version: int, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "made.db")) as connection:
        for statement in (each for step in MIGRATIONS[:version] for each in step):
            connection.execute(statement)
        connection.commit()
    assert schema(stored(tmp_path, version)) == schema(tmp_path / "made.db")


@pytest.mark.parametrize("version", EARLIER)
def test_every_earlier_version_becomes_this_one(version: int, tmp_path: Path) -> None:
    path = stored(tmp_path, version)
    (tmp_path / "fresh").mkdir()
    for folder in (tmp_path, tmp_path / "fresh"):
        History.open(DataFolder(folder)).close()
    assert version_of(path) == VERSION
    assert schema(path) == schema(tmp_path / "fresh" / "history.db")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == TABLES


@pytest.mark.parametrize("version", EARLIER)
def test_nothing_of_an_earlier_version_is_lost(version: int, tmp_path: Path) -> None:
    stored(tmp_path, version)
    with History.open(DataFolder(tmp_path)) as history:
        rows = history.runs("jane")
        (incident,) = history.incidents()
        days = history.days("jane", "views")
        pages = history.pages("jane")
    assert [row.verdict for row in rows] == [
        Verdict.VISIBLE,
        Verdict.SUSPENDED,
        Verdict.SUSPENDED,
        Verdict.VISIBLE,
    ]
    assert [(row.followers, row.views) for row in rows] == [(1202, 81), (1203, 40), (1204, 0), (1206, None)]
    assert rows[0].controls == {"@someone": 50}
    assert days == {date(2026, 11, 1): 81, date(2026, 11, 2): 40, date(2026, 11, 3): 0}
    assert [len(each) for each in pages.values()] == [1, 1, 1, 1]
    assert (incident.state, incident.case_number) == (IncidentState.RESTORED, "T-77")
    assert incident.first_bad_at == datetime(2026, 11, 3, 9, tzinfo=UTC)
    assert [event.kind for event in incident.events] == [
        EventKind.OPENED,
        EventKind.APPEALED,
        EventKind.CASE,
        EventKind.RESTORED,
    ]


def test_a_file_of_a_later_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    History.open(DataFolder(tmp_path)).close()
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(HistoryUnreadableError, match=f"version {VERSION + 1}") as caught:
        History.open(DataFolder(tmp_path))
    assert "Update selfcheck" in caught.value.next_step_text()
    assert path.read_bytes() == before


def test_an_interrupted_migration_leaves_the_earlier_version(tmp_path: Path) -> None:
    path = stored(tmp_path, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE days (in_the_way TEXT)")
        connection.commit()
    before = schema(path)
    with pytest.raises(HistoryUnreadableError, match="days already exists"):
        History.open(DataFolder(tmp_path))
    assert version_of(path) == 1
    assert schema(path) == before
