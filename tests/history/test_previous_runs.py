"""Earlier runs are read for their numbers, whatever state their folders are in."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sample_runs import NOW, healthy, look, page, profile, run

from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, Outcome, PageKind, Verdict
from selfcheck.core.observation import StoryRef
from selfcheck.core.run import RunResult
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import ControlReading, RuleHit
from selfcheck.history.previous_runs import PastRuns
from selfcheck.history.service import past_runs
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from selfcheck.core.observation import Observation

TAKEN = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)


def numbers(days_ago: int = 0, followers: int | None = 120, **more: Any) -> RunResult:
    stats: Observation = look(AUTHOR, Outcome.SHOWN, kind=PageKind.STATS, series={"views": (3, 4)})
    control = ControlReading(kind=ControlKind.LIVE, handle="alive", outcome=Outcome.SHOWN, followers=900)
    of = profile(
        "jane",
        page(Verdict.VISIBLE, None, stats, kind=PageKind.STATS),
        controls=(control, replace(control, kind=ControlKind.ABSENT, handle="x7")),
        facts={"followers": {ANONYMOUS: None, AUTHOR: followers}},
        **more,
    )
    at = NOW - timedelta(days=days_ago)
    return replace(run(of, healthy()), started_at=at, run_id=f"{at:%Y%m%dT%H%M%SZ}-abc")


def keep(data: Path, *results: RunResult) -> None:
    for result in results:
        folder = data / "runs" / result.run_id
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(RunDocument.of(result).to_json(), encoding="utf-8")


def of_jane(data: Path, **more: Any) -> tuple[Any, ...]:
    return past_runs(DataFolder(data), **more).of("jane", "demo", "jane")


def test_a_runs_numbers_come_back_oldest_first(tmp_path: Path) -> None:
    keep(tmp_path, numbers(1, 130), numbers(3, None), numbers(2, 110))
    past = of_jane(tmp_path)
    assert [one.facts["followers"][AUTHOR] for one in past] == [None, 110, 130]
    assert past[-1].series == {"views": (3, 4)}
    assert past[-1].series_at == TAKEN
    assert past[-1].controls == {"@alive": 900}
    assert past[-1].taken_at == NOW - timedelta(days=1)


def test_only_the_newest_runs_count(tmp_path: Path) -> None:
    keep(tmp_path, *(numbers(days, 100 + days) for days in range(1, 6)))
    assert [one.facts["followers"][AUTHOR] for one in of_jane(tmp_path, most=2)] == [102, 101]


def test_another_handle_is_another_account(tmp_path: Path) -> None:
    keep(tmp_path, numbers(1, handle="@someone"))
    assert of_jane(tmp_path) == ()


def test_a_handle_in_another_case_is_the_same_account(tmp_path: Path) -> None:
    keep(tmp_path, numbers(1))
    assert len(past_runs(DataFolder(tmp_path)).of("jane", "demo", "@JANE")) == 1


def test_what_was_read_in_anothers_session_is_not_the_authors(tmp_path: Path) -> None:
    keep(tmp_path, numbers(1, firings=(RuleHit(rule="session.other-account", reason="Another's."),)))
    (past,) = of_jane(tmp_path)
    assert (past.facts["followers"], past.series) == ({ANONYMOUS: None}, {})


def test_without_a_data_folder_there_are_no_earlier_runs(tmp_path: Path) -> None:
    assert of_jane(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param("{", id="half a file"),
        pytest.param("[]", id="a list"),
        pytest.param("[" * 100_000, id="a file nested without end"),
        pytest.param("\udcff", id="a file that is no text"),
        pytest.param('{"schema": "selfcheck.run/9"}', id="a form that is not known"),
        pytest.param('{"schema": "selfcheck.run/1", "profiles": [1, null, {"name": 5}]}', id="profiles that are not profiles"),
        pytest.param('{"schema": "selfcheck.run/1", "profiles": {"a": 1}}', id="profiles that are no list"),
    ],
)  # fmt: skip
def test_a_damaged_run_is_skipped(tmp_path: Path, text: str) -> None:
    keep(tmp_path, numbers(2))
    folder = tmp_path / "runs" / "20260202T000000Z-bad"
    folder.mkdir()
    (folder / "run.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    assert len(of_jane(tmp_path)) == 1


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(("started_at",), "yesterday", id="a time that is not a time: the run is skipped"),
        pytest.param(("profiles", 0, "facts"), [1], id="facts that are a list"),
        pytest.param(("profiles", 0, "facts", "followers"), 7, id="a fact without viewpoints"),
        pytest.param(("profiles", 0, "rules"), None, id="rules that are missing"),
        pytest.param(("profiles", 0, "controls"), {"a": 1}, id="controls that are no list"),
        pytest.param(("profiles", 0, "pages"), [None, {"kind": "stats"}], id="pages that are damaged: the run is skipped"),
        pytest.param(("profiles", 0, "pages", 0, "views"), [], id="views that are a list"),
        pytest.param(("profiles", 0, "pages", 0, "views", "author", "series"), {"views": [1, None]}, id="a series with a gap"),
        pytest.param(("profiles", 0, "pages", 0, "views", "author", "taken_at"), 5, id="a series without a time"),
    ],
)  # fmt: skip
def test_damaged_parts_are_left_out(tmp_path: Path, place: tuple[str | int, ...], value: object) -> None:
    result = numbers(1)
    document: Any = json.loads(RunDocument.of(result).to_json())
    *way, last = place
    part = document
    for step in way:
        part = part[step]
    part[last] = value
    folder = tmp_path / "runs" / result.run_id
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
    assert len(of_jane(tmp_path)) == (0 if last in {"started_at", "pages"} else 1)


def test_pages_come_back_with_whether_they_were_reached_and_what_the_public_was_listed(
    tmp_path: Path,
) -> None:
    stories = (StoryRef(id="a", url="a"), StoryRef(id="b", url="b"))
    shown = look(ANONYMOUS, Outcome.SHOWN, stories=stories)
    unreachable = look(ANONYMOUS, Outcome.UNREACHABLE, status=None)
    pages = (
        page(Verdict.VISIBLE, shown, look(AUTHOR, Outcome.SHOWN), folder="jane/1"),
        page(Verdict.VISIBLE, shown, None, folder="jane/2"),
        page(Verdict.INCONCLUSIVE, unreachable, None, folder="jane/3"),
    )
    keep(tmp_path, replace(run(profile("jane", *pages)), run_id="20260203T040506Z-abc"))
    (check,) = past_runs(DataFolder(tmp_path)).checks
    assert [(one.reached, one.listed) for one in check.pages] == [
        (True, ("a", "b")),
        (True, None),
        (False, None),
    ]


@pytest.mark.parametrize("damage", ["", "no database", "a later version"])
def test_a_history_that_cannot_be_used_does_not_stop_a_run(tmp_path: Path, damage: str) -> None:
    keep(tmp_path, numbers(1, 130), numbers(2, 110))
    expected = past_runs(DataFolder(tmp_path))
    path = tmp_path / "history.db"
    if damage == "a later version":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 99")
    elif damage:
        path.write_bytes(damage.encode() * 1000)
    else:
        path.unlink()
    assert past_runs(DataFolder(tmp_path)) == expected
    assert len(expected.checks) == 4


def test_a_folder_that_cannot_be_listed_does_not_stop_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    keep(tmp_path, numbers(1))
    monkeypatch.setattr(os, "scandir", refuse)
    assert past_runs(DataFolder(tmp_path)) == PastRuns()


def test_a_second_reading_opens_no_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, numbers(1, 130), numbers(2, 110))
    expected = past_runs(DataFolder(tmp_path))
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was opened"))
    assert past_runs(DataFolder(tmp_path)) == expected


def test_what_an_earlier_version_did_not_record_is_read_once_more_from_the_folders(tmp_path: Path) -> None:
    keep(tmp_path, numbers(1, 130), numbers(2, 110))
    expected = past_runs(DataFolder(tmp_path))
    with History.open(DataFolder(tmp_path)) as history:
        rows, incidents = history.runs(), history.incidents()
    with closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        connection.execute("UPDATE runs SET form = 0")
        connection.execute("UPDATE checks SET series = '{}', series_at = NULL")
        connection.execute("UPDATE pages SET reached = 0, listed = NULL")
        connection.commit()
    assert past_runs(DataFolder(tmp_path)) == expected
    with History.open(DataFolder(tmp_path)) as history:
        assert (history.runs(), history.incidents()) == (rows, incidents)


def test_a_folder_without_a_result_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "runs" / "20260202T000000Z-unfinished").mkdir(parents=True)
    (tmp_path / "runs" / "a-file").write_text("x")
    assert of_jane(tmp_path) == ()
