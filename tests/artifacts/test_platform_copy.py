"""The platform data that a run keeps, so that later commands know a platform file of one's own."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from histories import FIRST, document, judged, keep_folders

from selfcheck.artifacts.case_files import StoredPlatform, platform_json, read_platform
from selfcheck.artifacts.run_reader import platform_by_runs, title_by_runs
from selfcheck.errors import PlatformUnknownError, RunUnreadableError
from selfcheck.history.run_rows import day_rows
from selfcheck.platforms.catalogue import load_platform, walls
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run

MYBLOG = Path(__file__).parents[1] / "platforms" / "myblog.yaml"
OWN = load_platform(str(MYBLOG))
SHIPPED = load_platform("medium")


def kept(folder: Path, stored: StoredPlatform | bytes, *, suffix: str = "aaaaaa", day: int = 0) -> str:
    """Keep a run of jane's on `myblog` with this copy of the platform data, and return its id."""
    at = FIRST + timedelta(days=day)
    found = document(at, replace(judged("s", platform="myblog"), platform_title="My Blog"), suffix=suffix)
    keep_folders(folder, found)
    run = folder / "runs" / str(found["run_id"])
    copy = run / str(found["profiles"][0]["pages"][0]["folder"]).split("/")[0] / "platform.json"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(stored if isinstance(stored, bytes) else platform_json(stored))
    return run.name


@pytest.mark.parametrize("platform", [OWN, SHIPPED], ids=["one's own", "a shipped one"])
def test_a_copy_is_read_as_it_was_written(platform: object) -> None:
    stored = StoredPlatform(platform=platform, shipped=platform is SHIPPED)  # type: ignore[arg-type]
    assert read_platform(platform_json(stored), name="x") == stored
    assert stored.today() == platform


def test_the_walls_of_a_copy_are_those_of_today() -> None:
    old = OWN.model_copy(update={"marks": OWN.marks[len(walls().marks) - 1 :]})
    assert StoredPlatform(platform=old, shipped=False).today() == OWN


def test_a_copy_names_no_folder_of_this_machine() -> None:
    data = platform_json(StoredPlatform(platform=OWN, shipped=False))
    assert str(MYBLOG.parent).encode() not in data
    assert set(json.loads(data)) == {"schema", "shipped", "platform"}


def test_a_damaged_copy_is_named() -> None:
    with pytest.raises(RunUnreadableError, match=r"jane/platform\.json is damaged"):
        read_platform(b'{"schema": "selfcheck.platform/1", "shipped": false}', name="jane/platform.json")


def test_a_platform_file_of_ones_own_is_known_by_the_run_that_used_it(tmp_path: Path) -> None:
    run = kept(tmp_path, StoredPlatform(platform=OWN, shipped=False))
    assert platform_by_runs(DataFolder(tmp_path), ["", "../x", run], "jane", "myblog") == OWN
    assert title_by_runs(DataFolder(tmp_path), [run], "jane", "myblog") == "My Blog"


def test_a_copy_that_cannot_be_read_gives_way_to_that_of_an_earlier_run(tmp_path: Path) -> None:
    earlier = kept(tmp_path, StoredPlatform(platform=OWN, shipped=False))
    later = kept(tmp_path, b"{", suffix="bbbbbb", day=1)
    assert platform_by_runs(DataFolder(tmp_path), [later, earlier], "jane", "myblog") == OWN


def test_without_a_copy_only_shipped_platforms_are_known(tmp_path: Path) -> None:
    run = kept(tmp_path, StoredPlatform(platform=OWN, shipped=False))
    (tmp_path / "runs" / run / "jane" / "platform.json").unlink()
    assert platform_by_runs(DataFolder(tmp_path), [run], "jane", "medium") == SHIPPED
    with pytest.raises(PlatformUnknownError):
        platform_by_runs(DataFolder(tmp_path), [run], "jane", "myblog")
    assert title_by_runs(DataFolder(tmp_path), [run], "jane", "myblog") == "My Blog"  # run.json says it, too
    shutil.rmtree(tmp_path / "runs" / run)
    assert title_by_runs(DataFolder(tmp_path), [run], "jane", "myblog") == "myblog"


@pytest.mark.parametrize(
    ("platform", "day_starts", "age"),
    [
        pytest.param("myblog", "08:00", 1, id="its day has begun"),
        pytest.param("myblog", "10:00", 2, id="its day begins later, so yesterday still goes on"),
        pytest.param("myblog", None, 1, id="not known: midnight in UTC"),
    ],
)
def test_the_days_of_a_series_are_those_of_the_users_own_platform(
    platform: str, day_starts: str | None, age: int
) -> None:
    profile = replace(judged("v", platform=platform, views=(5,)), day_starts=day_starts)
    run = read_run(json.dumps(document(FIRST, profile)).encode(), name="run.json")
    (row,) = day_rows(run, run.profiles[0])
    assert row["day"] == (FIRST - timedelta(days=age)).date()
