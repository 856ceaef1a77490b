"""What the disk refuses: told once, in one sentence, and never as a bug of the tool."""

import errno
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loops import finished
from sample_runs import run, suspended

from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.core.run import ExitCode
from selfcheck.runs import run as running
from selfcheck.runs.run_recorder import RunRecorder

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def keeper(tmp_path: Path) -> RunRecorder:
    return RunRecorder(RunFolder.create(tmp_path, "run"))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_one_sentence_however_many_files_it_refuses(keeper: RunRecorder) -> None:
    for name in ("a.png", "b.png"):
        assert not keeper.write(name, b"x", how="screenshot", at=NOW)
    assert keeper.trouble == (
        f"Not everything could be written to {keeper.folder.path}: the disk is full; free some space, or "
        "choose another folder with --data."
    )


@pytest.mark.usefixtures("full_disk")
def test_the_verdict_outlives_a_full_disk_and_nothing_is_said_to_be_there(keeper: RunRecorder) -> None:
    result = running.kept(run(suspended(), exit_code=0), keeper, NOW)
    assert result.exit_code == ExitCode.TOOL_FAILED
    assert [one.count("the disk is full") for one in result.failures] == [1]
    assert keeper.folder.names == frozenset()


def test_what_was_written_is_known(keeper: RunRecorder) -> None:
    result = running.kept(run(suspended()), keeper, NOW)
    assert result.failures == ()
    written = {"jane/manifest.json", "jane/run.json", "report.html", "run.json"}
    assert keeper.folder.names == written
    manifest = json.loads((keeper.folder.path / "manifest.json").read_bytes())
    assert [one["path"] for one in manifest["files"]] == sorted(written)


def test_a_picture_that_cannot_be_made_costs_the_picture_and_not_the_verdict(
    keeper: RunRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        message = "a fault of our own"
        raise RuntimeError(message)

    monkeypatch.setattr("selfcheck.runs.run_recorder.page_picture", broken)
    page = suspended().pages[0]
    kept = finished(keeper.side_by_side(page, datetime(2026, 1, 1, tzinfo=UTC)))
    assert (kept.verdict, kept.side_by_side) == (page.verdict, page.side_by_side)
    assert keeper.trouble is not None
    assert "a fault of our own" in keeper.trouble
