"""`selfcheck demo` without a browser: its lists, its refusals, and the sites that it leaves up."""

import os
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import yaml

from selfcheck.__main__ import main
from selfcheck.cli.demo_story import STORY, tell
from selfcheck.core.cli_hints import CommandHints
from selfcheck.demo.states import STATES
from selfcheck.settings import read_configuration


@contextmanager
def serving(*arguments: str) -> Iterator[list[str]]:
    """Run a command that serves; give its lines up to the last before it waits, then press Ctrl-C."""
    command = [sys.executable, "-u", "-m", "selfcheck", "demo", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line.strip())
            if "private window" in line or "selfcheck run --profiles" in line:
                break
        try:
            yield lines
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            code = process.wait(timeout=30)
    assert (code, "The site has stopped." in rest) == (0, True), rest


def address(lines: list[str]) -> str:
    return next(word for line in lines for word in line.split() if word.startswith("http://127.0.0.1:"))


def test_the_list_names_every_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--list"]) == 0
    listed = capsys.readouterr().out
    assert [state.name for state in STATES if f"{state.name} " not in listed] == []


def test_a_mistyped_state_is_reported_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--state", "silently-suspendet"]) == 2
    told = capsys.readouterr().err
    assert "silently-suspended" in told
    assert "--list" in told


def test_write_goes_with_pages(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["demo", "--write", str(tmp_path)]) == 2
    assert "--pages" in capsys.readouterr().err


def test_a_folder_without_pages_is_reported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["demo", "--pages", str(tmp_path)]) == 2
    assert "index.tsv" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_keep_leaves_the_site_up_and_says_how_to_sign_in() -> None:
    with serving("--keep", "--state", "healthy") as lines:
        text = "\n".join(lines)
        with urllib.request.urlopen(f"{address(lines)}/@elena-marsh", timeout=20) as answer:
            assert answer.status == 200
    assert "/signin with the password “inkwell”" in text
    assert "/@elena-marsh" in text


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is sent as a signal")
def test_saved_pages_come_with_profiles_and_sessions_that_only_the_user_can_read(tmp_path: Path) -> None:
    pages, out = tmp_path / "pages", tmp_path / "out"
    pages.mkdir()
    (pages / "gone.html").write_text("PAGE NOT FOUND", encoding="utf-8")
    (pages / "index.tsv").write_text(
        "file\tlabel\thttp_status\ngone.html\tmedium.missing\t404\n", encoding="utf-8"
    )
    with serving("--pages", str(pages), "--write", str(out)):
        pass
    (profile,) = yaml.safe_load((out / "profiles.yaml").read_text(encoding="utf-8"))["profiles"]
    assert (profile["name"], profile["handle"], profile["session"]) == ("gone", "@gone", "gone")
    session = out / "sessions" / "gone.json"
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    assert stat.S_IMODE(session.parent.stat().st_mode) == 0o700
    assert sorted(path.name for path in out.rglob("*")) == ["gone.json", "profiles.yaml", "sessions"]


def test_the_story_changes_the_account_between_its_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[int] = []

    def look() -> None:
        address = read_configuration(tmp_path / "profiles.yaml").profiles[0].base_url
        try:
            with urlopen(f"{address}/@elena-marsh") as answer:
                seen.append(answer.status)
        except HTTPError as error:
            seen.append(error.code)
            error.close()

    tell(tmp_path, CommandHints(), wait=look)
    assert seen == [200, 410, 200, 410]
    session = tmp_path / "sessions" / "elena.json"
    assert "ink_session" in session.read_text(encoding="utf-8")
    if os.name == "posix":
        assert session.stat().st_mode & 0o777 == 0o600
    printed = capsys.readouterr().out
    assert [f"{number}. " in printed for number in range(1, 6)] == [True] * 4 + [False]
    for chapter in STORY:
        for words in chapter.words:
            assert CommandHints().command(*words) in printed


def test_the_commands_of_the_story_can_be_typed_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tell(tmp_path / "story", CommandHints("python3 bootstrap.py"), wait=lambda: None)
    printed = capsys.readouterr().out
    assert f"  cd {tmp_path / 'story'}\n" in printed
    assert f"  python3 {tmp_path / 'bootstrap.py'} run\n" in printed
    assert "python3 bootstrap.py" not in printed


def test_a_folder_that_the_story_cannot_write_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["demo", "--story", "--write", str(tmp_path / "file" / "below")]) == 4
    err = capsys.readouterr().err
    assert "could not be written" in err
    assert "Give --write a folder that you may write to." in err


def test_the_story_wants_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--story"]) == 2
    assert "--write DIR" in capsys.readouterr().err
