"""A data folder that somebody else wrote, and words that lead out of it: nothing outside is touched."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_runs import FIRST, LATEST, bad_run, good_run, keep_run
from sample_runs import NOW

from selfcheck.__main__ import main
from selfcheck.history.service import rebuild_history
from selfcheck.storage.data_folder import DataFolder

SECRET = "s3cret-of-the-user"
GOOD = "20260202T040506Z-gggggg"
INCIDENT = "jane-20260203-1"
needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of one good run and two that found jane suspended."""
    data = tmp_path_factory.mktemp("runs")
    for result in (good_run(GOOD), bad_run(FIRST), bad_run(LATEST, at=NOW.replace(day=4))):
        keep_run(data, result)
    rebuild_history(DataFolder(data))
    return data


@pytest.fixture
def home(tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with a secret beside a data folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("outside/secret.txt", "outside/note.txt", "outside/side-by-side.png", "outside/run.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SECRET, encoding="utf-8")
    shutil.copytree(runs, tmp_path / "selfcheck-data")
    return tmp_path


def others(home: Path) -> dict[str, bytes]:
    """Every file beside the data folder."""
    files = (path for path in home.rglob("*") if "selfcheck-data" not in path.parts and path.is_file())
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in files}


def texts(home: Path) -> bytes:
    """All that the data folder holds, links left out."""
    files = (path for path in (home / "selfcheck-data").rglob("*") if path.is_file())
    return b"".join(
        path.read_bytes() for path in files if path.resolve().is_relative_to(home / "selfcheck-data")
    )


WORDS = ("../../outside", "/etc/passwd", "x" * 5000)
COMMANDS = (
    "verify {}",
    "replay {}",
    "replay {} --export case",
    "picture {}",
    f"picture {GOOD} --page {{}}",
    f"picture {GOOD} --profile {{}}",
    f"replay {GOOD} --export case --page {{}}",
    "appeal {} --yes --note x",
    "appeal status {}",
    "appeal sent {}",
    "history {}",
    "history note {} text",
    "history dismiss {} --reason x",
    "report {}",
    "status {}",
)


def test_a_word_that_leads_out_of_the_folder_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = others(home)
    for command in COMMANDS:
        for word in WORDS:
            code = main([part.format(word) for part in command.split()])
            output = "".join(capsys.readouterr())
            assert code == 2, (command, word, code, output)
            assert SECRET not in output
    assert others(home) == before


def hostile_names(home: Path) -> None:
    """Let the files of the first run name what is outside."""
    path = home / "selfcheck-data" / "runs" / FIRST / "run.json"
    text = (
        path.read_text("utf-8")
        .replace("jane/profile", "../../../outside")
        .replace(f'"{FIRST}"', '"../../outside"')
    )
    path.write_text(text, encoding="utf-8")
    folder = home / "selfcheck-data" / "runs" / "20260209T040506Z-zzzzzz"
    folder.mkdir()
    (folder / "run.json").write_text(text, encoding="utf-8")


def hostile_database(home: Path) -> None:
    """Let the history name an incident, and the runs of it, that are outside."""
    with sqlite3.connect(home / "selfcheck-data" / "history.db") as database:
        for table, column in (("incidents", "id"), ("events", "incident"), ("incidents", "first_bad_run")):
            database.execute(f"UPDATE {table} SET {column} = '../../outside'")
    database.close()


def links(home: Path) -> None:
    """Let files and folders of the runs and beside them lead outside."""
    data = home / "selfcheck-data"
    for run in (FIRST, LATEST):
        for path in sorted((data / "runs" / run).rglob("*")):
            if (
                path.is_file()
                and path.name not in {"manifest.json", "seal.json"}
                and path.parent.name != "stats"
            ):
                path.unlink()
                path.symlink_to(home / "outside" / "secret.txt")
    for name in (f"appeals/{INCIDENT}", f"pictures/{GOOD}", "site/badges"):
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).symlink_to(home / "outside")


def endless(home: Path) -> None:
    """Let files lead to a device that never ends, and one be a pipe that nobody writes to."""
    data = home / "selfcheck-data"
    for run, name in ((FIRST, "run.json"), (LATEST, "manifest.json"), (GOOD, "jane/learned.json")):
        (data / "runs" / run / name).unlink(missing_ok=True)
        (data / "runs" / run / name).symlink_to("/dev/zero")
    pipe = data / "runs" / LATEST / "run.json"
    pipe.unlink()
    os.mkfifo(pipe)


@pytest.mark.parametrize(
    "hostile",
    [
        hostile_names,
        hostile_database,
        pytest.param(links, marks=needs_links),
        pytest.param(endless, marks=needs_links),
    ],
)
def test_a_folder_that_names_what_is_outside_is_not_followed(
    home: Path, hostile: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    hostile(home)
    before = others(home)
    for words in (
        ("appeal", "jane", "--yes", "--note", "x"),
        *(("verify", run) for run in (GOOD, FIRST, LATEST)),
        *(("replay", run) for run in (GOOD, FIRST)),
        ("replay", FIRST, "--export", "selfcheck-data/case"),
        *(("picture", run) for run in (GOOD, FIRST)),
        ("history",),
        ("history", "--rebuild"),
        ("report",),
        ("prune",),
        ("status",),
    ):
        code = main(list(words))
        out, error = capsys.readouterr()
        assert code in {0, 1, 2, 3, 4}, (words, error)
        assert "bug" not in error, (words, error)
        assert SECRET not in out + error, words
        assert others(home) == before, words
    assert SECRET.encode() not in texts(home)
