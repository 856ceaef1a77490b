"""The terminal's text."""

import pytest
from rich.cells import cell_len
from sample_runs import (
    everything,
    healthy,
    hostile,
    profile,
    run,
    session_expired,
    stats,
    suspended,
    unreachable,
    without_author,
)

from selfcheck.runs.render_console import run_text

FOLDER = "selfcheck-data/runs/20260203T040506Z-a1b2"


def words_of(text: str) -> str:
    return " ".join(text.split())


def test_a_silent_suspension_is_reported_from_verdict_to_pictures() -> None:
    text = words_of(run_text(run(suspended()), folder=FOLDER))
    told = (
        "SUSPENDED, AND YOU WERE NOT TOLD (confirmed)",
        "The public sees a notice that it is suspended: “This account is suspended.” (HTTP 410)",
        "You see the page itself",
        "Why The page tells logged-out visitors that the account is suspended, word for word.",
        "What to do 1. Look at the side-by-side screenshot",
        f"Side by side {FOLDER}/jane/profile/side-by-side.png",
        f"{FOLDER}/report.html",
    )
    places = [text.index(one) for one in told]
    assert places == sorted(places)


def test_a_path_with_spaces_stays_on_one_line_to_be_copied() -> None:
    folder = "/home/Jane Harrow/My Writing/selfcheck data/runs/20260203T040506Z-a1b2"
    lines = run_text(run(suspended()), folder=folder, width=60).splitlines()
    assert f"  {folder}/report.html" in lines
    assert any(line.endswith(f"{folder}/jane/profile/side-by-side.png") for line in lines)


def test_a_session_that_is_no_longer_signed_in_comes_first() -> None:
    text = run_text(run(healthy(), session_expired()), folder=FOLDER)
    assert text.startswith("First:\n  ! The saved session for “late” is no longer signed in")
    assert "selfcheck login late" in words_of(text)


def test_a_run_without_a_session_says_so_and_claims_nothing_about_the_author_s_view() -> None:
    text = words_of(run_text(run(without_author()), folder=FOLDER))
    assert "Note: No session is saved for anon" in text
    assert "You see not known: the page was not opened signed in" in text


def test_no_answer_is_reported_with_its_reason() -> None:
    text = words_of(run_text(run(unreachable(), exit_code=3), folder=FOLDER))
    assert "COULD NOT TELL THIS TIME" in text
    assert "no answer came (the page took too long)" in text


def test_the_last_line_explains_the_exit_code() -> None:
    lines = run_text(run(suspended()), folder=FOLDER).splitlines()
    assert lines[-1] == "Exit code 1: at least one profile is hidden, suspended, limited or missing."


@pytest.mark.parametrize("width", [80, 40, 120])
def test_no_line_is_too_long_but_for_paths_addresses_and_commands(width: int) -> None:
    lines = run_text(everything(), folder=FOLDER, width=width).splitlines()
    too_long = [line.strip() for line in lines if cell_len(line) > width and "/" not in line]
    assert [line for line in too_long if not line.startswith("selfcheck ")] == []


def test_a_command_stands_on_a_line_of_its_own() -> None:
    lines = [line.strip() for line in run_text(run(suspended()), folder=FOLDER, width=40).splitlines()]
    assert {"selfcheck appeal jane", "selfcheck session check"} <= set(lines)
    assert "`sign_in:`." in " ".join(lines), "what is no command stays in its sentence"


def test_a_script_without_spaces_is_broken_into_lines() -> None:
    long = run(suspended().__class__(**{**vars(suspended()), "summary": "作家の頁" * 40}))
    assert max(cell_len(line) for line in run_text(long, folder="x").splitlines()) <= 80


def test_a_path_stays_whole() -> None:
    folder = "/a" * 60
    assert f"{folder}/report.html" in run_text(run(suspended()), folder=folder)


def test_no_escape_and_no_colour_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in run_text(everything(), folder=FOLDER)


def test_colour_adds_nothing_but_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31m" in run_text(run(suspended()), folder=FOLDER, colour=True)


def test_a_hostile_title_reaches_the_terminal_as_plain_text() -> None:
    text = run_text(run(hostile()), folder=FOLDER)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[31mred" in text


def test_the_stats_page_is_not_counted_as_visible() -> None:
    text = words_of(run_text(run(profile("jane", *healthy().pages, stats())), folder=FOLDER))
    assert "page visible" not in text
    assert "Other pages stats page: only the author can open it; it opened" in text


def test_a_profile_is_headed_as_people_write_it() -> None:
    text = run_text(
        run(profile("x", *healthy().pages, handle="jane", platform_title="My Blog")), folder=FOLDER
    )
    assert "x: jane on My Blog" in text


def test_a_report_that_could_not_be_written_is_not_pointed_to() -> None:
    text = words_of(run_text(run(suspended(), exit_code=4), folder=FOLDER, written=frozenset({"run.json"})))
    assert "report.html" not in text
    assert "side-by-side.png" not in text
    assert f"The report could not be written. What could be lies in: {FOLDER}" in text


def test_where_nothing_could_be_written_nothing_is_pointed_to() -> None:
    text = run_text(run(suspended(), exit_code=4), folder=FOLDER, written=frozenset())
    assert FOLDER not in text
    assert "Nothing of it could be written." in text
