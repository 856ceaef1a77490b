"""The history and a run's folder stay whole: killed at any moment, with several at once, on a full disk."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from histories import FIRST, as_read, daily, document, judged, keep_folders, record_runs

from selfcheck.core.incident import EventKind, IncidentEvent
from selfcheck.errors import StorageError
from selfcheck.history.service import rebuild_history
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are killed and limited as on POSIX")
WORKER = Path(__file__).parents[1] / "support" / "history_worker.py"


def written(folder: Path, runs: Iterable[dict[str, Any]]) -> Path:
    folder.mkdir()
    for run in runs:
        (folder / f"{run['run_id']}.json").write_text(json.dumps(run), "utf-8")
    return folder


@contextmanager
def worker(how: str, data_dir: Path, documents: Path, *more: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, str(WORKER), how, str(data_dir), str(documents), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def assert_whole(data_dir: Path) -> None:
    """Assert that the file and every run's folder are sound, as the next process finds them."""
    with closing(sqlite3.connect(data_dir / "history.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for manifest in data_dir.glob("runs/*/manifest.json"):
        for entry in json.loads(manifest.read_text("utf-8"))["files"]:
            data = (manifest.parent / entry["path"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    for result in data_dir.glob("runs/*/run.json"):
        json.loads(result.read_text("utf-8"))
    for picture in data_dir.glob("runs/*/jane/page/anonymous.png"):
        assert picture.stat().st_size == 20_000


def recorded(data_dir: Path) -> list[str]:
    with History.open(DataFolder(data_dir)) as history:
        return [row.run_id for row in history.runs("jane")]


# -- killed ----------------------------------------------------------------------------------------------


def test_a_kill_while_recording_leaves_what_was_there_before(tmp_path: Path) -> None:
    first, second = daily("VS")
    record_runs(tmp_path / "data", first)
    with worker("pause", tmp_path / "data", written(tmp_path / "docs", [second])) as process:
        assert line(process) == "paused"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert_whole(tmp_path / "data")
    assert recorded(tmp_path / "data") == [first["run_id"]]
    changes = record_runs(tmp_path / "data", second)
    assert [change.event.kind for change in changes] == [EventKind.OPENED]


def test_a_kill_while_rebuilding_leaves_the_old_history(tmp_path: Path) -> None:
    data_dir, runs = tmp_path / "data", daily("VSVS")
    keep_folders(data_dir, *runs)
    record_runs(data_dir, runs[-1])
    with History.open(DataFolder(data_dir)) as history:
        history.add_event("jane-20261102-1", IncidentEvent(at=FIRST, kind=EventKind.NOTED, text="heard"))
        before = history.runs(), history.incidents()
    with worker("refill", data_dir, written(tmp_path / "docs", [])) as process:
        assert line(process) == "paused"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert_whole(data_dir)
    with History.open(DataFolder(data_dir)) as history:
        assert (history.runs(), history.incidents()) == before


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_kill_at_any_moment_costs_only_the_run_that_was_going_on(tmp_path: Path, after: int) -> None:
    data_dir = tmp_path / "data"
    docs = written(tmp_path / "docs", daily("VSVSVSVSVSVSVSVSVSVSVSVSVS", views=[5] * 30))
    with worker("record", data_dir, docs) as process:
        assert line(process) == "ready"
        recorded_ids = [line(process).removeprefix("recorded ") for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert_whole(data_dir)
    assert recorded(data_dir)[:after] == recorded_ids
    rebuilt = rebuild_history(DataFolder(data_dir))
    assert rebuilt.kept == 0
    assert recorded(data_dir)[:after] == recorded_ids


# -- several at once -------------------------------------------------------------------------------------


def test_a_second_process_waits_for_the_first(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    good, bad, again = daily("VSV")
    record_runs(data_dir, good)
    with worker("pause", data_dir, written(tmp_path / "first", [bad])) as first:
        assert line(first) == "paused"
        with worker("record", data_dir, written(tmp_path / "second", [again])) as second:
            assert line(second) == "ready"
            assert recorded(data_dir) == [good["run_id"]]  # readers do not wait, and see what stood before
            assert first.stdin is not None
            first.stdin.write("go on\n")
            first.stdin.flush()
            assert line(first) == f"recorded {bad['run_id']}"
            assert line(second) == f"recorded {again['run_id']}"
    assert_whole(data_dir)
    with History.open(DataFolder(data_dir)) as history:
        assert [one.state.value for one in history.incidents()] == ["restored"]


def test_processes_that_create_it_together_lose_nothing_of_each_other(tmp_path: Path) -> None:
    data_dir, runs = tmp_path / "data", daily("VSVVSSVLSVHV")
    parts = [written(tmp_path / f"docs-{part}", runs[part::3]) for part in range(3)]
    with (
        worker("record", data_dir, parts[0]) as one,
        worker("record", data_dir, parts[1]) as two,
        worker("record", data_dir, parts[2]) as three,
    ):
        for process in (one, two, three):
            out, _ = process.communicate()
            assert "refused" not in out
    assert_whole(data_dir)
    assert recorded(data_dir) == [run["run_id"] for run in runs]
    with History.open(DataFolder(data_dir)) as history:
        together = history.runs(), history.incidents()
    rebuild_history(DataFolder(data_dir))
    with History.open(DataFolder(data_dir)) as history:
        assert (history.runs(), history.incidents()) == together


# -- without room ----------------------------------------------------------------------------------------


def test_a_full_disk_is_reported_and_what_was_recorded_stays(tmp_path: Path) -> None:
    data_dir, runs = tmp_path / "data", daily("VSVSVSVSVSVSVSVS", summary="long " * 3000)
    with worker("full", data_dir, written(tmp_path / "docs", runs), "160000") as process:
        out, _ = process.communicate()
    *recorded_ids, refused = out.splitlines()[1:]
    assert refused.startswith("refused Could not use")
    assert "full" in refused
    assert_whole(data_dir)
    assert 1 <= len(recorded_ids) < len(runs)
    assert recorded(data_dir) == [each.removeprefix("recorded ") for each in recorded_ids]
    record_runs(data_dir, runs[-1])  # there is room again
    assert recorded(data_dir)[-1] == runs[-1]["run_id"]


def test_a_full_disk_never_leaves_half_a_file_in_a_runs_folder(tmp_path: Path) -> None:
    docs = written(tmp_path / "docs", daily("V"))
    with worker("full", tmp_path / "data", docs, "10000") as process:
        out, _ = process.communicate()
    assert "refused Could not write" in out
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []


def test_an_event_on_a_full_disk_is_kept_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_runs(tmp_path, *daily("VS"))
    (tmp_path / "journal.jsonl").mkdir()  # what refuses here is the journal, after the file has taken it
    note = IncidentEvent(at=FIRST, kind=EventKind.NOTED, text="heard")
    with History.open(DataFolder(tmp_path)) as history:
        with pytest.raises(StorageError, match=r"journal\.jsonl"):
            history.add_event("jane-20261102-1", note)
        assert len(history.incident("jane-20261102-1").events) == 1


def test_a_profile_in_two_runs_of_the_same_moment_has_both(tmp_path: Path) -> None:
    with History.open(DataFolder(tmp_path)) as history:
        for suffix in ("aaaaaa", "bbbbbb"):
            history.record(as_read(document(FIRST, judged("V"), suffix=suffix)))
        assert len(history.runs("jane")) == 2
