"""`selfcheck verify` as a user types it: what it prints and its exit codes."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kept_runs import FIRST, LATEST, bad_run, incident, keep_run

from selfcheck.cli import cli
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence.package import write_evidence
from selfcheck.storage.data_folder import DataFolder

PICTURE = "jane/profile/anonymous.png"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("kept")
    for run_id in (FIRST, LATEST):
        keep_run(data, bad_run(run_id))
    write_evidence(DataFolder(data), incident(), data / "evidence.zip")
    return data


@pytest.fixture
def data(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "data"))


def change(run: Path) -> None:
    picture = (run / PICTURE).read_bytes()
    (run / PICTURE).write_bytes(picture[:-1] + bytes([picture[-1] ^ 1]))


def said(*words: object) -> Result:
    return CliRunner().invoke(cli, ["verify", *map(str, words)], standalone_mode=False)


def test_the_exit_code_is_0_where_all_is_as_it_was_written(data: Path) -> None:
    done = said(LATEST, "--data", data)
    assert done.return_value == 0
    assert "is as it was written" in done.output
    assert f"1 of 1 link compared and right, back to {FIRST}." in done.output


def test_the_exit_code_is_1_where_something_is_wrong_and_each_line_names_it(data: Path) -> None:
    change(data / "runs" / LATEST)
    (data / "runs" / LATEST / "run.json").unlink()
    done = said(LATEST, "--data", data)
    assert done.return_value == 1
    assert "NOT as it was written: 2 problems" in done.output
    assert f"WRONG: {PICTURE} was changed: its SHA-256 is different." in done.output
    assert "WRONG: run.json is missing." in done.output


def test_the_json_says_the_same(data: Path) -> None:
    change(data / "runs" / FIRST)
    done = said(LATEST, "--data", data, "--chain", "--format", "json")
    document = json.loads(done.output)
    assert (done.return_value, document["schema"], document["sound"]) == (1, "selfcheck.verify/1", False)
    latest, first = document["checked"]
    assert (latest["sound"], first["sound"]) == (True, False)
    assert first["problems"] == [
        {"kind": "changed", "path": PICTURE, "text": f"{PICTURE} was changed: its SHA-256 is different."}
    ]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        pytest.param("nothing", "There is no run nothing", id="no such run"),
        pytest.param("text.zip", "is not a ZIP file", id="a text that is called a ZIP"),
        pytest.param("other.zip", "contains neither a run nor the evidence", id="a ZIP of something else"),
        pytest.param("empty", "contains neither a run nor the evidence", id="a folder of something else"),
    ],
)
def test_where_there_is_nothing_to_check_it_is_a_usage_error(target: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        file.writestr("holiday.jpg", b"x")
    name = target if target == "nothing" else str(tmp_path / target)
    done = said(name, "--data", tmp_path)
    assert isinstance(done.exception, RunUnreadableError)
    assert done.exception.exit_code == 2
    assert says in done.exception.what


def test_a_hostile_name_does_not_reach_the_terminal(data: Path) -> None:
    with zipfile.ZipFile(data / "evidence.zip", "a") as file:
        file.writestr("\x1b[31mred\x07", b"x")
    done = said(data / "evidence.zip")
    assert done.return_value == 1
    assert "\x1b" not in done.output
    assert "is not a name that a run's file has" in done.output


def test_a_run_is_named_by_its_folder_also_from_within(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(data / "runs" / LATEST)
    done = said(".")
    assert done.return_value == 0
    assert f"1 of 1 link compared and right, back to {FIRST}." in done.output
