"""What the disk refuses: told once, in one sentence, and never as a bug of the tool."""

import asyncio
import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cases import case
from sample_runs import run, suspended

from selfcheck.artifacts.case_files import StoredCase, case_json, read_case
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.run import ExitCode
from selfcheck.runs import run as running
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.storage.data_folder import DataFolder

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def recorder(tmp_path: Path) -> RunRecorder:
    return RunRecorder(RunFolder.create(DataFolder(tmp_path), "run"))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", refuse)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_one_sentence_however_many_files_it_refuses(recorder: RunRecorder) -> None:
    for name in ("a.png", "b.png"):
        assert not recorder.write(name, b"x", how="screenshot", at=NOW)
    assert recorder.trouble == (
        f"Not everything could be written to {recorder.folder.path}: the disk is full; free some space, or "
        "choose another folder with --data."
    )


@pytest.mark.usefixtures("full_disk")
def test_the_verdict_survives_a_full_disk_and_no_file_is_claimed_to_exist(recorder: RunRecorder) -> None:
    result = running.kept(run(suspended(), exit_code=0), recorder, NOW)
    assert result.exit_code == ExitCode.TOOL_FAILED
    assert [one.count("the disk is full") for one in result.failures] == [1]
    assert recorder.folder.names == frozenset()


def test_what_was_written_is_known(recorder: RunRecorder) -> None:
    result = running.kept(run(suspended()), recorder, NOW)
    assert result.failures == ()
    written = {"jane/manifest.json", "jane/run.json", "report.html", "run.json"}
    assert recorder.folder.names == written
    manifest = json.loads((recorder.folder.path / "manifest.json").read_bytes())
    assert [one["path"] for one in manifest["files"]] == sorted(written)


def test_a_picture_that_cannot_be_made_costs_the_picture_and_not_the_verdict(
    recorder: RunRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        message = "a fault of our own"
        raise RuntimeError(message)

    monkeypatch.setattr("selfcheck.runs.run_recorder.composed", broken)
    page = suspended().pages[0]
    kept = asyncio.run(recorder.side_by_side(page, datetime(2026, 1, 1, tzinfo=UTC)))
    assert (kept.verdict, kept.side_by_side) == (page.verdict, page.side_by_side)
    assert recorder.trouble is not None
    assert "a fault of our own" in recorder.trouble


def test_the_evidence_does_not_say_how_the_user_called_selfcheck() -> None:
    hints = CommandHints(program="python3 /home/jane/bootstrap.py", data="/home/jane/data")
    stored = StoredCase(case=replace(case(), hints=hints), home="https://medium.com")
    written = case_json(stored)
    assert b"/home/jane" not in written
    assert read_case(written, name="case.json").case == replace(stored.case, hints=CommandHints())
