"""What is kept beside the sessions: who is asked before, `session list` and `session forget`."""

# ruff: noqa: E501 — a row of a table reads best as one line

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from selfcheck.cli import cli, run
from selfcheck.cli.common import open_store
from selfcheck.platforms.catalogue import load_platform
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.sessions.clearances import Clearances


def test_clearances_are_listed_and_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    now, medium = datetime.now(UTC), load_platform("medium")
    ends = (now + timedelta(hours=1)).timestamp()
    cookie = {
        "name": "cf_clearance",
        "value": "v" * 30,
        "domain": ".medium.com",
        "path": "/",
        "expires": ends,
    }
    Clearances(open_store()).keep(medium, medium.home, [cookie], now)
    runner, missing = CliRunner(), str(tmp_path / "none.yaml")
    listed = runner.invoke(cli, ["session", "list", "--profiles", missing])
    assert "clearance/medium-medium.com  until " in listed.output
    assert "vvvv" not in listed.output
    assert runner.invoke(cli, ["session", "forget", "clearance/medium-medium.com"]).exit_code == 0
    assert "clearance/" not in runner.invoke(cli, ["session", "list", "--profiles", missing]).output


def test_the_author_s_kept_pages_are_listed_and_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    AuthorPages(open_store()).keep("20261121T081248Z-mexctn", "jane", b"a page")
    runner, missing = CliRunner(), str(tmp_path / "none.yaml")
    listed = runner.invoke(cli, ["session", "list", "--profiles", missing])
    assert "author-pages/all  of 1 run, since 20261121T081248Z-mexctn" in listed.output
    assert runner.invoke(cli, ["session", "forget", "author-pages/all"]).exit_code == 0
    assert "author-pages" not in runner.invoke(cli, ["session", "list", "--profiles", missing]).output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("words", "setting", "says", "asked", "keeps"),
    [
        pytest.param(["--assist"], "", "y\n", True, True, id="a yes"),
        pytest.param(["--assist"], "", "n\n", True, False, id="a no"),
        pytest.param(["--assist"], "", "\n", True, False, id="no answer is a no"),
        pytest.param(["--assist"], "keep_clearance: true", "", False, True, id="decided in the settings"),
        pytest.param(
            ["--assist"], "keep_clearance: false", "", False, False, id="decided against in the settings"
        ),
        pytest.param(["--assist", "--keep-clearance"], "", "", False, True, id="decided on the command line"),
        pytest.param([], "", "", False, False, id="nobody passes a wall"),
        pytest.param(["--assist"], "", None, False, False, id="not at a terminal"),
    ],
)
def test_who_passes_walls_by_hand_at_a_terminal_is_asked_once_whether_they_may_be_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, words: list[str], setting: str, says: str | None, asked: bool, keeps: bool
) -> None:  # fmt: skip
    file = tmp_path / "profiles.yaml"
    file.write_text(
        f"profiles: [{{name: jane, platform: medium, handle: jane}}]\nsettings: {{browser: {{{setting}}}}}\n",
        encoding="utf-8",
    )
    kept: list[bool] = []

    def run_in_terminal(request: Any, *_: object, **__: object) -> int:
        kept.append(request.options.keep_clearance)
        return 0

    monkeypatch.setattr(run, "run_in_terminal", run_in_terminal)
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    monkeypatch.setattr(sys, "stdin", io.StringIO() if says is None else Terminal(says))
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    cli.main(["run", *words, "--profiles", str(file)], standalone_mode=False)
    assert kept == [keeps]
    assert ("Keep it, encrypted" in screen.getvalue()) == asked
    assert ("keep_clearance" in screen.getvalue()) == asked
