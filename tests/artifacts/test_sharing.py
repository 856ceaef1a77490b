"""What runs have alike is stored once, and each run's folder stays readable and provable by itself."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_runs import TOOL

from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.evidence.verify_command import verify
from selfcheck.storage.data_folder import DataFolder

AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
PICTURE = os.urandom(9000)


def keep(data: DataFolder, day: int, *, picture: bytes = PICTURE, small: bytes = b"x") -> str:
    folder = RunFolder.create(data, f"2026030{day}T050600Z-aaaaaa")
    folder.write("jane/profile/anonymous.png", picture, how="screenshot", at=AT)
    folder.write("jane/profile/author.png", picture, how="screenshot", at=AT)
    folder.write("jane/case.json", small, how="", at=AT)
    folder.finish(TOOL, result=b"{}", at=AT)
    return folder.path.name


def inode(data: DataFolder, run_id: str, name: str = "anonymous") -> int:
    return (data.run(run_id) / f"jane/profile/{name}.png").stat().st_ino


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


def test_equal_files_of_a_run_and_of_runs_are_one_file_on_the_disk(data: DataFolder) -> None:
    first, second = keep(data, 1), keep(data, 2)
    assert len({inode(data, run, name) for run in (first, second) for name in ("anonymous", "author")}) == 1
    assert (data.run(first) / "jane/case.json").stat().st_nlink == 1  # a link saves nothing of so little
    assert all(check.sound for check in verify(second, data, every_run=True))


def test_a_run_that_is_deleted_takes_nothing_from_another(data: DataFolder) -> None:
    first, second = keep(data, 1), keep(data, 2)
    shutil.rmtree(data.run(first))
    assert (data.run(second) / "jane/profile/author.png").read_bytes() == PICTURE
    assert verify(second, data)[0].sound


def test_another_picture_is_a_file_of_its_own(data: DataFolder) -> None:
    first, second = keep(data, 1), keep(data, 2, picture=os.urandom(9000))
    assert inode(data, first) != inode(data, second)


@pytest.mark.parametrize("how", ["changed", "a link", "gone"])
def test_a_run_that_is_not_as_it_was_written_gives_nothing_to_a_later_one(data: DataFolder, how: str) -> None:
    first = keep(data, 1)
    for name in ("anonymous", "author"):
        path = data.run(first) / f"jane/profile/{name}.png"
        path.unlink()
        if how == "changed":
            path.write_bytes(bytes(len(PICTURE)))
        elif how == "a link":
            path.symlink_to(Path(__file__))
    second = keep(data, 2)
    assert (data.run(second) / "jane/profile/anonymous.png").read_bytes() == PICTURE
    assert verify(second, data)[0].sound


def test_where_there_are_no_hard_links_the_copies_stay(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    first, second = keep(data, 1), keep(data, 2)
    assert inode(data, first) != inode(data, second)
    assert verify(second, data)[0].sound
    assert {path.suffix for path in data.run(second).rglob("*") if path.is_file()} == {".png", ".json"}
