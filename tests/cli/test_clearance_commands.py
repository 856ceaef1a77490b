"""`session list` and `session forget` with what is kept beside the sessions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfcheck.cli import cli
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
