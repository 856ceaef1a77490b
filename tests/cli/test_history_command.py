"""`selfcheck history` as a user types it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from histories import FIRST, daily, document, judged, keep_folders, record_runs

from selfcheck.__main__ import main
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder in which two profiles have a history."""
    monkeypatch.chdir(tmp_path)
    both = document(FIRST, judged("V", views=[3, 4]), judged("V", name="note", handle="note"))
    record_runs(tmp_path / "selfcheck-data", both, *daily("..S?S"))
    return tmp_path


def outcome(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["history", *words])
    output = capsys.readouterr()
    return code, output.out, output.err


def test_all_profiles_are_shown_or_the_one_that_is_named(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = outcome(capsys)
    assert (code, "jane: @jane on Inkwell\n" in out, "note: @note on Inkwell\n" in out) == (0, True, True)
    code, out, _ = outcome(capsys, "jane")
    assert (code, "jane: @jane" in out, "note: @note" in out) == (0, True, False)
    assert "jane-20261103-1  suspended, open, for" in out


def test_a_run_that_an_earlier_command_did_not_record_is_named_once(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killed = document(FIRST + timedelta(days=9), judged("V"))
    keep_folders(at_home / "selfcheck-data", killed)
    assert f"Added to the history: {killed['run_id']}, which" in outcome(capsys)[2]
    assert outcome(capsys)[2] == ""


def test_a_profile_that_is_called_like_a_subcommand_goes_after_two_dashes(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = outcome(capsys, "--days", "3", "--", "note")
    assert (code, out.startswith("note: @note on Inkwell")) == (0, True)


def test_options_may_stand_before_and_after_the_profile(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(capsys, "--format", "csv", "jane") == outcome(capsys, "jane", "--format", "csv")
    assert outcome(capsys, "jane", "--format", "csv")[1].count("jane,demo,jane") == 4


def test_json_has_every_day_unless_only_some_are_asked_for(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = json.loads(outcome(capsys, "jane", "--format", "json")[1])["profiles"][0]
    assert whole["days"][0]["day"] == "2026-11-01"
    assert [day["verdict"] for day in whole["days"][:5]] == [
        "visible",
        None,
        "suspended",
        "inconclusive",
        "suspended",
    ]
    assert len(json.loads(outcome(capsys, "--format", "json", "--days", "2")[1])["profiles"][0]["days"]) == 2


def test_days_are_in_the_time_zone_of_the_profiles_file(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "profiles:\n  - {name: jane, platform: demo, handle: '@jane'}\nsettings: {time_zone: Asia/Tokyo}\n"
    (at_home / "mine.yaml").write_text(text, "utf-8")
    assert "Days, in the time zone Asia/Tokyo" in outcome(capsys, "--profiles", "mine.yaml")[1]
    assert "first seen affected 2026-11-03 18:00" in outcome(capsys, "--profiles", "mine.yaml")[1]


def test_notes_and_dismissals_are_kept(at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(capsys, "note", "jane-2026", "wrote", "to them")[:2] == (
        0,
        "Noted for jane-20261103-1 (jane, open).\n",
    )
    assert outcome(capsys, "dismiss", "jane-20261103-1", "--reason", "my own doing")[:2] == (
        0,
        "Dismissed jane-20261103-1 (jane).\n",
    )
    out = outcome(capsys, "jane")[1]
    assert "note: wrote to them\n" in out
    assert "dismissed: my own doing\n" in out
    assert "suspended, dismissed after" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        pytest.param(["jnae"], "did you mean `jane`?", id="a mistyped profile"),
        pytest.param(["jane", "bob"], "unexpected extra argument", id="two profiles"),
        pytest.param(["--bogus"], "Usage: selfcheck history [OPTIONS] [PROFILE]", id="no such option"),
        pytest.param(["--days", "0"], "not in the range", id="no day at all"),
        pytest.param(["--format", "xml"], "csv", id="another format"),
        pytest.param(["--rebuild", "jane"], "whole history", id="a rebuild of one profile"),
        pytest.param(["note", "jane-20261103-1"], "TEXT", id="a note without words"),
        pytest.param(["note", "jane-20261103-1", " "], "The text is empty", id="an empty note"),
        pytest.param(
            ["note", "jane-20261103-7", "x"], "Did you mean `jane-20261103-1`?", id="no such incident"
        ),
        pytest.param(["dismiss", "jane-20261103-1"], "--reason", id="a dismissal without a reason"),
        pytest.param(["--profiles", "bad.yaml"], "bad.yaml:1", id="a profiles file with mistakes"),
        pytest.param(["note", "x", "y", "--data", "none"], "No history in none", id="no history"),
    ],
)
def test_usage_errors_end_with_2(
    at_home: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    (at_home / "bad.yaml").write_text("profiles: 3\n", "utf-8")
    code, out, err = outcome(capsys, *words)
    assert (code, out) == (2, "")
    assert message in err


def test_an_incident_is_dismissed_only_once(at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome(capsys, "dismiss", "jane", "--reason", "a")
    code, _, err = outcome(capsys, "dismiss", "jane", "--reason", "b")
    assert (code, "dismissed already" in err) == (2, True)


def test_without_a_history_nothing_is_created(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = outcome(capsys)
    assert (code, "No history in selfcheck-data yet" in out) == (0, True)
    assert json.loads(outcome(capsys, "--format", "json")[1])["profiles"] == []
    assert list(tmp_path.iterdir()) == []


def test_rebuild_lists_what_it_read_and_what_it_skipped(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir = at_home / "selfcheck-data"
    outcome(capsys, "note", "jane", "heard")
    (data_dir / "history.db").write_bytes(b"damaged" * 1000)
    keep_folders(data_dir, *daily("V.S"))
    (data_dir / "runs" / "x").mkdir()
    code, _, err = outcome(capsys)
    assert (code, "selfcheck history --rebuild" in err, "Traceback" in err) == (4, True, False)
    code, out, _ = outcome(capsys, "--rebuild")
    assert code == 0
    assert "runs from their folders: 2\n" in out
    assert "incidents: 1\n" in out
    assert "notes, appeals and reminders: 1\n" in out
    assert "history.damaged-1.db" in out
    assert "Skipped: x: it has no run.json" in out
    with History.open(DataFolder(data_dir)) as history:
        assert history.incidents()[0].events[-1].text == "heard"


def test_help_shows_both_usages_and_the_subcommands(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = outcome(capsys, "--help")
    assert code == 0
    for words in ("[OPTIONS] [PROFILE]", "COMMAND [ARGS]...", "--rebuild", "dismiss", "note"):
        assert words in out
