"""`selfcheck report` as a user types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from site_history import fill

from selfcheck.cli import cli
from selfcheck.errors import ConfigurationError, UsageError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("data"), only=("tom",))


def test_it_says_where_the_page_is_and_that_it_is_not_for_everybody(data: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["report", "--data", str(data), "--to", str(tmp_path / "site")])
    assert done.exit_code == 0, done.output
    assert done.stdout == f"The report over 1 profile is in {tmp_path / 'site' / 'index.html'}\n"
    assert "--public" in done.stderr
    assert "Not checked for" in (tmp_path / "site" / "index.html").read_text("utf-8")  # months ago by now


def test_a_public_one_needs_no_warning(data: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["report", "tom", "--data", str(data), "--to", str(tmp_path), "--public"])
    assert done.exit_code == 0
    assert done.stderr == ""
    assert "for everybody: without" in (tmp_path / "index.html").read_text("utf-8")


def test_the_time_zone_and_the_days_are_settings_of_the_profiles_file(data: Path, tmp_path: Path) -> None:
    settings = "settings: {time_zone: America/New_York, report: {days: 10}}\n"
    profiles = tmp_path / "me.yaml"
    profiles.write_text(f"{settings}profiles:\n  - {{name: tom, platform: demo, handle: '@tom'}}\n", "utf-8")
    words = ["report", "--data", str(data), "--to", str(tmp_path / "site"), "--profiles", str(profiles)]
    assert CliRunner().invoke(cli, words).exit_code == 0
    assert "in the time zone America/New_York" in (tmp_path / "site" / "index.html").read_text("utf-8")
    profiles.write_text(profiles.read_text("utf-8").replace("days: 10", "days: 3"), "utf-8")
    wrong = CliRunner().invoke(cli, words)
    assert isinstance(wrong.exception, ConfigurationError)
    assert "settings.report.days" in "\n".join(wrong.exception.lines())


def test_without_a_run_it_says_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["report", "--data", str(tmp_path / "none")])
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
    assert "selfcheck run" in done.exception.next_step_text()


@pytest.mark.skipif(os.name == "nt", reason="BROWSER names a program of a Unix system")
def test_open_hands_the_page_to_the_browser(data: Path, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1$SELFCHECK_KEY" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    words = ["report", "--data", str(data), "--to", str(tmp_path / "my site"), "--open"]
    environment = {**os.environ, "BROWSER": str(browser), "SELFCHECK_KEY": "secret"}
    done = subprocess.run(
        [sys.executable, "-m", "selfcheck", *words], env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    opened = (tmp_path / "opened").read_text("utf-8").strip()
    assert opened == (tmp_path / "my site" / "index.html").as_uri()
