"""What only a terminal gets: lines as wide as it is, and a question whether to open the report."""

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from kept_runs import FIRST, bad_run, keep_run

from selfcheck.__main__ import main
from selfcheck.cli.common import offer_page
from selfcheck.cli.doctor import as_text
from selfcheck.cli.run import _afterwards
from selfcheck.core.cli_hints import fit
from selfcheck.core.run_document import RunDocument
from selfcheck.doctor.findings import Finding, State
from selfcheck.runs.service import record
from selfcheck.storage.data_folder import DataFolder

PROFILES = "profiles:\n  - {name: jane, platform: medium, handle: '@jane', stories: {latest: 2}}\n"


@pytest.fixture
def at_40_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Work in a folder where jane was found suspended, at a terminal of 40 columns."""
    for name in ("SELFCHECK_PROFILES", "SELFCHECK_DATA", "SELFCHECK_CALLED", "SELFCHECK_SESSIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SELFCHECK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("selfcheck.cli.common.terminal_width", lambda **_: 40)
    monkeypatch.chdir(tmp_path)
    Path("profiles.yaml").write_text(PROFILES, encoding="utf-8")
    data = Path("selfcheck-data")
    keep_run(data, bad_run(FIRST))
    record(DataFolder(data), RunDocument.of(bad_run(FIRST)))
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("appeal", "jane"),
        ("appeal", "status"),
        ("appeal", "rights", "jane"),
        ("run", "--dry-run"),
        ("schedule", "status"),
    ],
    ids=" ".join,
)
def test_no_line_is_wider_than_the_terminal(
    at_40_columns: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    main(list(words))
    lines = capsys.readouterr().out.splitlines()
    assert lines
    wide = [line for line in lines if len(line) > 40]
    # What is copied stays whole: a command, a setting, and a single path or address.
    assert [
        line for line in wide if not line.lstrip().startswith(("selfcheck ", "`")) and len(line.split()) > 1
    ] == []


def test_a_finding_of_the_doctor_stands_below_its_check_where_there_is_no_room_for_columns() -> None:
    finding = Finding(state=State.OK, check="Browser", says="Chromium, found and started by itself", do="")
    lines = click.unstyle(as_text(finding, 40)).splitlines()
    assert lines == ["ok    Browser", "      Chromium, found and started by", "      itself"]


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        pytest.param("short", ["short"], id="what fits stays"),
        pytest.param("  a b c d e", ["  a b c", "    d e"], id="what follows stands further in"),
        pytest.param(
            "To see it: selfcheck status", ["To see", "  it:", "  selfcheck status"], id="a command"
        ),
        pytest.param("  selfcheck status --data x", ["  selfcheck status --data x"], id="a command alone"),
        pytest.param("in /a/long/path", ["in", "  /a/long/path"], id="a path"),
    ],
)
def test_a_line_is_broken_but_no_command_and_no_path(line: str, lines: list[str]) -> None:
    assert fit(line, 8).split("\n") == lines


@pytest.mark.parametrize(
    ("terminal", "wanted", "answer", "opened"),
    [
        pytest.param(True, None, lambda: True, True, id="asked, and yes"),
        pytest.param(True, None, lambda: False, False, id="asked, and no"),
        pytest.param(True, False, None, False, id="--no-open asks nothing"),
        pytest.param(False, None, None, False, id="not at a terminal"),
        pytest.param(False, True, None, True, id="--open asks nothing"),
    ],
)
def test_a_report_is_only_opened_for_those_who_want_it(
    monkeypatch: pytest.MonkeyPatch,
    *,
    terminal: bool,
    wanted: bool | None,
    answer: Callable[[], bool] | None,
    opened: bool,
) -> None:
    asked: list[str] = []
    went: list[str] = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        assert answer is not None, "nothing was to be asked"
        return answer()

    stdout = io.StringIO()
    monkeypatch.setattr(stdout, "isatty", lambda: terminal)
    monkeypatch.setattr("selfcheck.cli.common.at_terminal", lambda: terminal)
    monkeypatch.setattr("selfcheck.storage.child_process.open_page", lambda url: went.append(url) or True)
    monkeypatch.setattr(click, "confirm", confirm)
    monkeypatch.setattr("sys.stdout", stdout)
    offer_page(Path("report.html"), wanted=wanted)
    assert (bool(asked), bool(went)) == (answer is not None, opened)


@pytest.mark.parametrize(
    ("form", "exit_code", "opened"),
    [
        pytest.param("text", 1, True, id="a run that ended"),
        pytest.param("text", 130, False, id="one that was interrupted"),
        pytest.param("json", 1, False, id="for a program"),
    ],
)
def test_only_a_run_that_ended_leads_to_its_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, form: str, exit_code: int, opened: bool
) -> None:
    went: list[str] = []
    monkeypatch.setattr("selfcheck.storage.child_process.open_page", lambda url: went.append(url) or True)
    arguments = SimpleNamespace(backup_on_incident=False, form=form, progress_path=None, open_report=True)
    result = SimpleNamespace(exit_code=exit_code)
    finished = SimpleNamespace(result=result, folder=tmp_path, written=frozenset({"report.html"}))
    _afterwards(arguments, None, None)(finished)  # type: ignore[arg-type]
    assert bool(went) is opened
