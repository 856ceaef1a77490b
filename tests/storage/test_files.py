"""Files are written whole or not at all, and the manifest knows every one of them."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from sample_runs import NOW, TOOL

from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.errors import StorageError
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import is_there, write_whole


def below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def finished(run: RunFolder) -> dict[str, Any]:
    run.finish(TOOL, result=b"{}", at=NOW)
    document: dict[str, Any] = json.loads((run.path / "manifest.json").read_text(encoding="utf-8"))
    return document


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b" / "c.txt", b"text")
    assert (tmp_path / "a/b/c.txt").read_bytes() == b"text"
    assert below(tmp_path) == ["a/b/c.txt"]


def test_a_file_is_replaced(tmp_path: Path) -> None:
    write_whole(tmp_path / "c.txt", b"old and long")
    write_whole(tmp_path / "c.txt", b"new")
    assert (tmp_path / "c.txt").read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_secret_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    write_whole(tmp_path / "c.txt", b"secret", mode=0o600)
    assert (tmp_path / "c.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_disk_that_takes_no_more_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "c.txt", b"old")
    script = f"""
import resource
from pathlib import Path
from typing import Any
from selfcheck.errors import StorageError
from selfcheck.storage.files import is_there, write_whole
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(Path({str(tmp_path / "c.txt")!r}), b"x" * 100_000)
except StorageError as error:
    print("|".join(error.lines()))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Could not write" in done.stdout
    assert "larger than this system allows" in done.stdout
    assert (tmp_path / "c.txt").read_bytes() == b"old"
    assert below(tmp_path) == ["c.txt"]


def test_a_path_through_a_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"")
    with pytest.raises(StorageError) as caught:
        write_whole(tmp_path / "file" / "c.txt", b"")
    assert "not a folder" in caught.value.cause


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError) as caught:
        write_whole(tmp_path / "c.txt", b"")
    assert "not allowed" in caught.value.cause


def test_threads_that_write_the_same_file_leave_one_whole_file(tmp_path: Path) -> None:
    contents = [bytes([number]) * 50_000 for number in range(8)]
    threads = [threading.Thread(target=write_whole, args=(tmp_path / "c", one)) for one in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "c").read_bytes() in contents
    assert below(tmp_path) == ["c"]


def test_the_manifest_lists_every_file_with_its_hash(tmp_path: Path) -> None:
    run = RunFolder.create(DataFolder(tmp_path), "r1")
    run.write("jane/profile/anonymous.png", b"picture", how="screenshot", at=NOW, viewpoint="anonymous")
    manifest = finished(run)
    assert (manifest["schema"], manifest["run_id"]) == ("selfcheck.manifest/1", "r1")
    assert manifest["tool"]["browser"] == "Chromium 140.0"
    assert manifest["files"][1] == {
        "path": "jane/profile/anonymous.png",
        "sha256": hashlib.sha256(b"picture").hexdigest(),
        "size": 7,
        "written_at": "2026-02-03T04:05:06.789Z",
        "how": "screenshot",
        "viewpoint": "anonymous",
    }
    assert [entry["path"] for entry in manifest["files"]] == [
        path for path in below(run.path) if path not in {"manifest.json", "seal.json"}
    ]


def test_a_file_written_again_is_listed_once(tmp_path: Path) -> None:
    run = RunFolder.create(DataFolder(tmp_path), "r1")
    for text in (b"one", b"two"):
        run.write("a.txt", text, how="text", at=NOW)
    entry, _result = finished(run)["files"]
    assert entry["sha256"] == hashlib.sha256(b"two").hexdigest()


def test_many_threads_may_write_at_once(tmp_path: Path) -> None:
    run = RunFolder.create(DataFolder(tmp_path), "r1")

    def write(number: int) -> None:
        run.write(f"jane/p{number}/a.png", bytes([number]), how="screenshot", at=NOW)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    files = finished(run)["files"]
    assert [entry["path"] for entry in files] == [
        path for path in below(run.path) if path not in {"manifest.json", "seal.json"}
    ]
    assert all(
        hashlib.sha256((run.path / one["path"]).read_bytes()).hexdigest() == one["sha256"] for one in files
    )


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "a/../../x",
        "a//x",
        "",
        ".",
        "a\\..\\x",
        "C:/x",
        "a/nul.png",
        "a/x\0",
        "~/x y",
        "manifest.json",
    ],
)
def test_nothing_is_written_outside_the_run_s_folder(name: str, tmp_path: Path) -> None:
    run = RunFolder.create(DataFolder(tmp_path / "data"), "r1")
    with pytest.raises(StorageError, match="Refused"):
        run.write(name, b"x", how="x", at=NOW)
    assert below(tmp_path) == []


def test_evidence_is_not_overwritten_on_systems_that_ignore_case(tmp_path: Path) -> None:
    run = RunFolder.create(DataFolder(tmp_path), "r1")
    run.write("Jane/a.png", b"one", how="x", at=NOW)
    with pytest.raises(StorageError, match="same name on some systems"):
        run.write("jane/a.png", b"two", how="x", at=NOW)


@pytest.mark.parametrize("run_id", ["..", "a/b", ""])
def test_a_run_s_own_name_is_safe(run_id: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Refused"):
        RunFolder.create(DataFolder(tmp_path), run_id)


def test_a_run_s_folder_is_never_used_twice(tmp_path: Path) -> None:
    RunFolder.create(DataFolder(tmp_path), "r1")
    with pytest.raises(StorageError, match="exists already"):
        RunFolder.create(DataFolder(tmp_path), "r1")


def test_a_data_folder_that_is_a_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    write_whole(tmp_path / "data", b"")
    with pytest.raises(StorageError) as caught:
        RunFolder.create(DataFolder(tmp_path / "data"), "r1")
    assert "not a folder" in caught.value.cause


def test_what_cannot_be_asked_for_is_not_taken_for_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert is_there(tmp_path)
    assert not is_there(tmp_path / "missing")
    assert not is_there(tmp_path / "file" / "below")
    with pytest.raises(StorageError, match="Could not read") as refused:
        is_there(tmp_path / ("a" * 300))
    assert refused.value.lines()[1:] == (
        "The path is too long for this system.",
        "Choose a shorter folder with --data.",
    )


def test_a_run_that_fails_before_it_wrote_anything_leaves_no_folder(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    with pytest.raises(LookupError), RunFolder.create(data, "r1"):
        raise LookupError
    run = RunFolder.create(data, "r2")
    run.write("jane/case.json", b"{}", how="case", at=NOW)
    with pytest.raises(LookupError), run:
        raise LookupError
    assert data.run_ids() == ("r2",)


@pytest.mark.parametrize("last", ["jane/manifest.json", "seal.json", "manifest.json", "run.json"])
def test_a_run_that_is_killed_while_it_ends_has_no_result_or_all_that_proves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """The kill comes as this file takes its place."""
    run = RunFolder.create(DataFolder(tmp_path), "r1")
    run.write("jane/case.json", b"{}", how="case", at=NOW)
    replace = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if target == run.path / last:
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        run.finish(TOOL, result=b"{}", at=NOW)
    assert DataFolder(tmp_path).finished_runs() == ()
    monkeypatch.undo()
    following = RunFolder.create(DataFolder(tmp_path), "r2")
    assert finished(following)["previous"] is None  # the chain skips it
