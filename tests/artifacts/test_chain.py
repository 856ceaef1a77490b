"""The runs of a data folder are one chain, also where runs end at once, are damaged, killed or deleted."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_runs import good_run, keep_run
from sample_runs import NOW, TOOL

from selfcheck.artifacts.chain import chain_links
from selfcheck.artifacts.manifests import Manifest, read_list, sha256
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.errors import RunUnreadableError
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.lock import best_effort_lock

IDS = tuple(f"2026020{day}T040506Z-aaaaaa" for day in range(1, 6))


def make(data: Path, run_id: str) -> Path:
    run = RunFolder.create(DataFolder(data), run_id)
    run.write("jane/profile/anonymous.html", run_id.encode(), how="document", at=NOW)
    run.finish(TOOL, result=b"{}", at=NOW)
    return run.path


def previous(folder: Path) -> dict[str, str] | None:
    found: dict[str, str] | None = json.loads((folder / "manifest.json").read_bytes())["previous"]
    return found


def before(folder: Path) -> str | None:
    found = previous(folder)
    return found["run_id"] if found else None


def test_each_run_names_the_one_before_it_with_the_hash_of_its_list(tmp_path: Path) -> None:
    first, second, third = (make(tmp_path, run_id) for run_id in IDS[:3])
    assert previous(first) is None
    assert previous(second) == {"run_id": IDS[0], "sha256": sha256((first / "manifest.json").read_bytes())}
    assert before(third) == IDS[1]


def test_a_run_that_began_later_and_ended_earlier_is_still_followed(tmp_path: Path) -> None:
    make(tmp_path, IDS[0])
    make(tmp_path, IDS[2])
    late = make(tmp_path, IDS[1])
    assert before(late) == IDS[2]
    assert before(make(tmp_path, IDS[3])) == IDS[1]  # the end of the chain, though it is not the newest


def cut(run: Path) -> None:
    data = (run / "manifest.json").read_bytes()
    (run / "manifest.json").write_bytes(data[: len(data) // 2])


def change(run: Path) -> None:
    text = (run / "manifest.json").read_text(encoding="utf-8")
    (run / "manifest.json").write_text(text.replace("Chromium", "Chromiun"), encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(cut, id="its list is cut short"),
        pytest.param(change, id="its list is not the sealed one"),
        pytest.param(lambda run: (run / "manifest.json").unlink(), id="it was killed before its list"),
        pytest.param(lambda run: (run / "seal.json").unlink(), id="its seal is gone"),
        pytest.param(lambda run: (run / "seal.json").write_bytes(b"[]"), id="its seal is damaged"),
        pytest.param(lambda run: run.rename(run.with_name(f"{run.name}x")), id="its folder is renamed"),
        pytest.param(shutil.rmtree, id="it was deleted"),
        pytest.param(lambda run: (run / "manifest.json").write_bytes(b"\xff"), id="its list is no text"),
        pytest.param(lambda run: (run / "manifest.json").write_bytes(b"[" * 9999), id="its list is absurd"),
    ],
)
def test_a_run_that_did_not_end_properly_is_skipped(damage: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path, IDS[0])
    damage(make(tmp_path, IDS[1]))
    assert before(make(tmp_path, IDS[2])) == IDS[0]


def test_where_no_run_is_complete_the_chain_starts_again(tmp_path: Path) -> None:
    cut(make(tmp_path, IDS[0]))
    (tmp_path / "runs" / "notes.txt").write_text("a file of the user's own", encoding="utf-8")
    assert previous(make(tmp_path, IDS[1])) is None


def test_a_run_of_an_earlier_version_can_be_followed(tmp_path: Path) -> None:
    old = tmp_path / "runs" / IDS[0]
    old.mkdir(parents=True)
    document = {"schema": "selfcheck.manifest/1", "run_id": IDS[0], "previous": None, "files": []}
    (old / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    (old / "run.json").write_text("{}", encoding="utf-8")
    assert before(make(tmp_path, IDS[1])) == IDS[0]


SCRIPT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from selfcheck.core.run import ToolInfo
from selfcheck.storage.data_folder import DataFolder
from selfcheck.artifacts.run_folder import RunFolder
tool = ToolInfo(version="1", rules_version="1", browser="b", platform="p")
runs = []
for number in range(8):
    run = RunFolder.create(DataFolder(Path(sys.argv[1])), f"20260203T04050{number}Z-{sys.argv[2]}")
    runs.append(run)
print("ready", flush=True)
sys.stdin.readline()
for run in runs:
    run.finish(tool, result=b"{}", at=datetime(2026, 2, 3, tzinfo=UTC))
"""


def started(script: str, *words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_processes_that_end_runs_at_the_same_moment_make_one_chain(tmp_path: Path) -> None:
    processes = [started(SCRIPT, str(tmp_path), name) for name in ("aaaaaa", "bbbbbb", "cccccc")]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    named = [before(run) for run in (tmp_path / "runs").iterdir() if run.is_dir()]
    assert len(named) == 24
    assert named.count(None) == 1
    assert len(set(named)) == len(named)  # no run is followed by two


HOLDER = """
import sys
from pathlib import Path
from selfcheck.artifacts.chain import chain_lock
with chain_lock(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_a_process_that_is_killed_while_it_joins_the_chain_stops_no_other(tmp_path: Path) -> None:
    make(tmp_path, IDS[0])
    process = started(HOLDER, str(tmp_path / "runs"))
    process.kill()
    process.communicate()
    assert before(make(tmp_path, IDS[1])) == IDS[0]


def test_where_no_lock_can_be_had_the_work_goes_on(tmp_path: Path) -> None:
    with best_effort_lock(tmp_path / "no" / "such" / "folder"):
        pass
    with best_effort_lock(tmp_path):  # a folder cannot be locked
        pass


def test_a_real_run_lists_its_report_and_result_and_what_may_be_shown(tmp_path: Path) -> None:
    folder = keep_run(tmp_path, good_run(IDS[0]))
    listed = {
        one.path for one in read_list(Manifest, (folder / "manifest.json").read_bytes(), name="it").files
    }
    there = {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}
    assert listed == there - {"manifest.json", "seal.json"}
    assert {"report.html", "run.json", "jane/run.json", "jane/manifest.json"} <= listed


# -- links -----------------------------------------------------------------------------------------------


def links(folder: Path) -> list[tuple[str, str, bool | None]]:
    return [(one.run_id, one.previous, one.holds) for one in chain_links(folder)]


def test_links_are_followed_back_to_the_first_run(tmp_path: Path) -> None:
    runs = [make(tmp_path, run_id) for run_id in IDS[:3]]
    assert links(runs[2]) == [(IDS[2], IDS[1], True), (IDS[1], IDS[0], True)]
    assert links(runs[0]) == []


def test_a_deleted_run_is_reported_and_ends_the_chain_and_is_not_wrong(tmp_path: Path) -> None:
    runs = [make(tmp_path, run_id) for run_id in IDS[:3]]
    shutil.rmtree(runs[1])
    assert links(runs[2]) == [(IDS[2], IDS[1], None)]


def test_a_changed_run_breaks_the_link_to_it_and_the_chain_is_followed_on(tmp_path: Path) -> None:
    runs = [make(tmp_path, run_id) for run_id in IDS[:3]]
    change(runs[1])
    assert links(runs[2]) == [(IDS[2], IDS[1], False), (IDS[1], IDS[0], True)]


@pytest.mark.parametrize("name", ["../../etc", "", "a/b", ".", "nul"])
def test_a_link_that_leads_out_of_the_runs_is_broken_and_not_followed(name: str, tmp_path: Path) -> None:
    run = make(tmp_path, IDS[0])
    document = json.loads((run / "manifest.json").read_bytes())
    document["previous"] = {"run_id": name, "sha256": "0" * 64}
    (run / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    assert links(run) == [(IDS[0], name, False)]


def test_a_chain_that_leads_in_a_circle_comes_to_an_end(tmp_path: Path) -> None:
    run = make(tmp_path, IDS[0])
    document = json.loads((run / "manifest.json").read_bytes())
    document["previous"] = {"run_id": IDS[0], "sha256": "0" * 64}
    (run / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    assert links(run) == [(IDS[0], IDS[0], False)]


# -- lists as hostile input ------------------------------------------------------------------------------

GOOD = {"path": "a.png", "sha256": "0" * 64, "size": 1}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param([{**GOOD, "path": "../../etc/passwd"}], id="a name that leads out of the folder"),
        pytest.param([{**GOOD, "path": "/etc/passwd"}], id="a name from the root on"),
        pytest.param([{**GOOD, "path": "C:\\x"}], id="a name with a drive"),
        pytest.param([{**GOOD, "path": "a/./b"}], id="a name with a dot in the way"),
        pytest.param([GOOD, {**GOOD, "path": "A.PNG"}], id="a name twice, but for its case"),
        pytest.param([{**GOOD, "sha256": "xyz"}], id="a hash that is none"),
        pytest.param([{**GOOD, "size": -1}], id="a size below nothing"),
        pytest.param([{**GOOD, "size": "many"}], id="a size that is no number"),
        pytest.param({"a.png": GOOD}, id="no list at all"),
        pytest.param(["a.png"], id="names alone"),
    ],
)
def test_a_list_that_cannot_be_a_run_s_is_damaged(files: object) -> None:
    document = {"schema": "selfcheck.manifest/1", "run_id": "r", "files": files}
    with pytest.raises(RunUnreadableError, match="the list is damaged"):
        read_list(Manifest, json.dumps(document).encode(), name="the list")
