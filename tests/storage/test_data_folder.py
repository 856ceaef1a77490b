"""The paths of the data folder, and what is listed from it."""

import os
from pathlib import Path

import pytest

from selfcheck.errors import StorageError
from selfcheck.storage.data_folder import DataFolder


def test_every_path_is_where_earlier_versions_left_it(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)

    relative = {
        path.relative_to(tmp_path).as_posix()
        for path in (
            data.run("a"),
            data.result("a"),
            data.run_report("a"),
            data.history,
            data.journal,
            data.backoff,
            data.alert_lock,
            data.report,
            data.appeal("jane-20261121-1"),
            data.schedules,
        )
    }

    assert relative == {
        "runs/a",
        "runs/a/run.json",
        "runs/a/report.html",
        "history.db",
        "journal.jsonl",
        "backoff.json",
        "telling.lock",
        "site",
        "appeals/jane-20261121-1",
        "schedules",
    }
    assert not any(tmp_path.iterdir())


def test_runs_are_listed_with_the_latest_first_and_unfinished_ones_apart(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    for run_id in ("20261121T080000Z-aaaaaa", "20261122T080000Z-bbbbbb"):
        data.run(run_id).mkdir(parents=True)
    data.result("20261121T080000Z-aaaaaa").write_text("{}")
    (data.runs / "a file").touch()

    assert data.run_ids() == ("20261122T080000Z-bbbbbb", "20261121T080000Z-aaaaaa")
    assert data.finished_runs() == ("20261121T080000Z-aaaaaa",)


def test_an_empty_data_folder_has_no_runs_and_no_history(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "new")

    assert (data.run_ids(), data.finished_runs(), data.has_history()) == ((), (), False)


@pytest.mark.parametrize("name", ["history.db", "journal.jsonl", "runs"])
def test_a_history_can_be_made_of_any_part_of_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    assert DataFolder(tmp_path).has_history()


def test_a_folder_that_may_not_be_read_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)

    with pytest.raises(StorageError, match="Could not read"):
        DataFolder(tmp_path).run_ids()
