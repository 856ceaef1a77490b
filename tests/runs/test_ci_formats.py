"""JUnit XML and GitHub's commands and Markdown."""

from xml.etree import ElementTree as ET

import pytest
from sample_runs import (
    NASTY,
    everything,
    healthy,
    hostile,
    profile,
    run,
    session_expired,
    stats,
    suspended,
    unreachable,
)

from selfcheck.core.enums import Verdict
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.runs.render_github import annotations, summary
from selfcheck.runs.render_html import report_html
from selfcheck.runs.render_junit import junit


def test_a_case_for_every_page_and_the_counts_are_right() -> None:
    root = ET.fromstring(junit(run(suspended(), healthy(), unreachable())))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "2", "1")
    assert [suite.get("name") for suite in root] == ["jane", "Жанна", "slow"]


@pytest.mark.parametrize(
    ("sample", "tag"),
    [
        pytest.param(suspended(), "failure", id="suspended is a failure"),
        pytest.param(session_expired(), "error", id="could not tell is an error, never a pass"),
        pytest.param(healthy(), None, id="visible passes"),
    ],
)
def test_what_a_verdict_becomes(sample: ProfileVerdict, tag: str | None) -> None:
    case = ET.fromstring(junit(run(sample))).find(".//testcase")
    assert case is not None
    assert [child.tag for child in case if child.tag != "system-out"] == ([tag] if tag else [])


def test_a_profile_that_is_worse_than_its_pages_gets_a_case_of_its_own() -> None:
    worse = profile("half", *healthy().pages, verdict=Verdict.LIMITED)
    root = ET.fromstring(junit(run(worse)))
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == [
        "the profile as a whole"
    ]


def test_a_profile_without_pages_is_not_forgotten() -> None:
    empty = suspended().__class__(**{**vars(session_expired()), "pages": ()})
    assert ET.fromstring(junit(run(empty))).get("errors") == "1"


def test_failures_of_the_tool_are_errors() -> None:
    assert "the browser broke twice" in junit(run(failures=("the browser broke twice",)))


def test_profiles_that_were_left_to_the_next_run_are_in_every_form() -> None:
    waiting = run(healthy(), exit_code=3, not_checked=("late", "later"))
    root = ET.fromstring(junit(waiting))
    assert (root.get("tests"), root.get("errors")) == ("3", "2")
    assert [case.get("classname") for case in root.iter("testcase") if case.find("error") is not None] == [
        "late",
        "later",
    ]
    assert annotations(waiting).startswith(
        "::warning title=Not checked::Not checked in this run: late and later"
    )
    assert "Not checked in this run\\: late and later" in summary(waiting)
    assert "Not checked in this run: late and later" in report_html(waiting, {})


def test_the_xml_is_well_formed_whatever_a_page_is_called() -> None:
    root = ET.fromstring(junit(run(hostile())))
    assert "<script>" in next(root.iter("testcase")).get("name", "")


def test_an_annotation_for_every_profile() -> None:
    lines = annotations(run(suspended(), healthy(), unreachable())).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::notice", "::warning"]


def test_session_trouble_is_annotated() -> None:
    assert "::warning title=late%3A session::" in annotations(run(session_expired()))


def test_no_page_can_start_a_workflow_command() -> None:
    attack = "x\n::set-env name=A::b\r%0A::error::y"
    text = annotations(run(profile("a,b:c", *healthy().pages, summary=attack), failures=(attack,)))
    assert all(line.startswith(("::error title=", "::notice title=")) for line in text.splitlines())
    assert len(text.splitlines()) == 2
    assert "%250A" in text
    assert "title=a%2Cb%3Ac%3A" in text


def test_the_summary_is_a_table_with_a_row_for_every_page() -> None:
    rows = [line for line in summary(everything()).splitlines() if line.startswith("| ")]
    pages = sum(len(one.pages) for one in everything().profiles)
    assert len(rows) == pages + 2 * len(everything().profiles)
    assert all(row.replace("\\|", "").count("|") == 6 for row in rows)


def test_the_summary_names_what_to_do_next_where_there_is_something() -> None:
    assert "**What to do next**\n\n1. " in summary(run(suspended()))
    assert "What to do next" not in summary(run(profile("jane", *healthy().pages, next_steps=())))


def test_nothing_of_a_page_becomes_html_or_markdown() -> None:
    text = summary(run(hostile()))
    assert "<script>" not in text
    assert "](<javascript" not in text
    pipes = profile("p", *healthy().pages, summary="[x](http://evil.example) | `code` @someone")
    assert r"\[x\]\(http\:" in summary(run(pipes))
    assert NASTY not in text


def test_a_case_s_name_does_not_change_with_the_host_or_port() -> None:
    names = [case.get("name") for case in ET.fromstring(junit(run(suspended()))).iter("testcase")]
    assert names == ["profile page /@jane", "story a1"]


def test_the_stats_page_is_not_called_visible() -> None:
    text = summary(run(profile("jane", *healthy().pages, stats())))
    assert text.count("✅ Visible") == 1
    assert "✅ Opened" in text
