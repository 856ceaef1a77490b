"""One issue for an incident: opened once, told once of each thing, closed once."""

# ruff: noqa: E501 — a row of a table reads best as one line

import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_github import STRANGER, FakeGitHub

from selfcheck.alerts.github import LABEL, Close, Comment, FoundIssue, Gh, IssueTracker, Open, calls_for
from selfcheck.alerts.notice import Ending, IncidentIssue, IssueUpdate
from selfcheck.errors import HostingError

OPENED = IssueUpdate(mark="opened:run-1", text="It was found.")
WORSE = IssueUpdate(mark="changed:run-2", text="It is worse now.")
BACK = IssueUpdate(mark="restored:run-3", text="It is back.")
MARKS = "<!-- selfcheck-incident: jane-1 -->"


def wanted(*updates: IssueUpdate, ending: Ending | None = None, incident: str = "jane-1") -> IncidentIssue:
    return IncidentIssue(
        incident=incident, title="jane is suspended", body="As it stands.", updates=updates, ending=ending
    )


def found(*told: str, is_open: bool = True) -> FoundIssue:
    return FoundIssue(incident="jane-1", number=7, url="…", open=is_open, told=frozenset(told))


def comment(update: IssueUpdate) -> Comment:
    return Comment(number=7, body=f"{update.text}\n\n<!-- selfcheck-told: {update.mark} -->")


OPEN = Open(
    title="jane is suspended",
    body=f"As it stands.\n\n{MARKS}\n<!-- selfcheck-told: opened:run-1 -->\n<!-- selfcheck-told: changed:run-2 -->",
)
CLOSE = Close(number=7, reason=Ending.COMPLETED)
DONE = Ending.COMPLETED


@pytest.mark.parametrize(
    ("want", "there", "calls"),
    [
        pytest.param(wanted(OPENED, WORSE), None, (OPEN,), id="a new incident opens an issue, and its body tells all so far"),
        pytest.param(wanted(OPENED), found(OPENED.mark), (), id="one that goes on unchanged is not told again"),
        pytest.param(wanted(OPENED, WORSE), found(OPENED.mark), (comment(WORSE),), id="a change is told below it"),
        pytest.param(wanted(OPENED, WORSE), found(OPENED.mark, WORSE.mark), (), id="a step that is done again tells nothing twice"),
        pytest.param(wanted(OPENED, BACK, ending=DONE), found(OPENED.mark), (comment(BACK), CLOSE), id="a recovery is told, and closes it"),
        pytest.param(wanted(OPENED, WORSE, BACK, ending=DONE), found(OPENED.mark), (comment(WORSE), comment(BACK), CLOSE), id="what a failed step missed is made up for, in order"),
        pytest.param(wanted(OPENED, BACK, ending=DONE), found(OPENED.mark, BACK.mark), (CLOSE,), id="closing is made up for by itself"),
        pytest.param(wanted(OPENED, BACK, ending=DONE), found(OPENED.mark, BACK.mark, is_open=False), (), id="a closed one stays as it is"),
        pytest.param(wanted(OPENED, WORSE), found(OPENED.mark, is_open=False), (comment(WORSE),), id="one that a person closed is told, not opened again"),
        pytest.param(wanted(OPENED, BACK, ending=DONE), None, (), id="what is over before anybody was told opens none"),
        pytest.param(wanted(OPENED, ending=Ending.NOT_PLANNED), found(OPENED.mark), (Close(number=7, reason=Ending.NOT_PLANNED),), id="a dismissed one is closed as not planned"),
    ],
)  # fmt: skip
def test_which_calls_follow(
    want: IncidentIssue, there: FoundIssue | None, calls: tuple[Open | Comment | Close, ...]
) -> None:
    assert calls_for(want, there) == calls


def test_an_incident_from_first_to_last_is_one_issue_that_says_each_thing_once() -> None:
    github = FakeGitHub()
    steps = [wanted(OPENED), wanted(OPENED, WORSE), wanted(OPENED, WORSE, BACK, ending=DONE)]
    for step in [steps[0], *steps, *steps[1:], steps[2]]:  # what is done again tells nothing again
        IssueTracker("o/r", github).bring_up_to_date(step)
    (issue,) = github.issues
    assert (issue["labels"], issue["state"], issue["state_reason"]) == ([LABEL], "closed", "completed")
    assert [text.splitlines()[0] for text in github.comments(1)] == [WORSE.text, BACK.text]
    assert github.written() == [
        "POST repos/o/r/issues",
        "POST repos/o/r/issues/1/comments",
        "POST repos/o/r/issues/1/comments",
        "PATCH repos/o/r/issues/1",
    ]


def test_two_incidents_have_two_issues_and_the_client_may_be_used_for_both() -> None:
    github = FakeGitHub()
    issues = IssueTracker("o/r", github)
    numbers = [
        issues.bring_up_to_date(wanted(OPENED, incident=one))[0] for one in ("jane-1", "jane-2", "jane-1")
    ]
    assert [one and one.number for one in numbers] == [1, 2, 1]


def test_an_issue_is_found_again_without_its_label_and_behind_many_pages() -> None:
    github = FakeGitHub()
    IssueTracker("o/r", github).bring_up_to_date(wanted(OPENED))
    for number in range(6):
        github.add(body=f"Another {number}.", labels=[LABEL])
    for number in range(9):
        github.comment(1, f"A word {number}.")
    IssueTracker("o/r", github).bring_up_to_date(wanted(OPENED, WORSE))
    IssueTracker("o/r", github).bring_up_to_date(wanted(OPENED, WORSE))
    assert (len(github.issues), len(github.comments(1))) == (7, 10)
    bare = FakeGitHub()
    IssueTracker("o/r", bare).bring_up_to_date(wanted(OPENED))
    bare.issues[0]["labels"] = []
    IssueTracker("o/r", bare).bring_up_to_date(wanted(OPENED))
    assert len(bare.issues) == 1


def test_marks_that_other_people_wrote_do_not_count() -> None:
    github = FakeGitHub()
    github.add(body=MARKS, by=STRANGER, labels=[LABEL])
    IssueTracker("o/r", github).bring_up_to_date(wanted(OPENED))
    github.comment(2, f"<!-- selfcheck-told: {WORSE.mark} -->", by=STRANGER)
    IssueTracker("o/r", github).bring_up_to_date(wanted(OPENED, WORSE))
    assert len(github.issues) == 2
    assert github.comments(2)[-1].startswith(WORSE.text)


def a_gh(folder: Path, script: str) -> str:
    folder.mkdir()
    program = folder / "gh"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(folder)


SHELL = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for gh is a shell script")


@SHELL
@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param("echo 'gh: Issues disabled (HTTP 410)' >&2; exit 1", "switched off", id="issues that are switched off"),
        pytest.param("echo 'gh: Resource not accessible (HTTP 403)' >&2; exit 1", "issues: write", id="a permission that lacks"),
        pytest.param("echo 'gh: Bad credentials (HTTP 401)' >&2; exit 1", "no longer valid", id="a token that is no longer good"),
        pytest.param("exit 4", "did not say why", id="a silent failure"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_what_to_do(tmp_path: Path, script: str, expected: str) -> None:
    gh = Gh({"PATH": a_gh(tmp_path / "bin", script)})
    with pytest.raises(HostingError) as refused:
        gh(["api", "repos/o/r/issues"])
    assert expected in " ".join(refused.value.lines())


def test_on_a_machine_without_gh_the_message_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(HostingError) as refused:
        Gh({"PATH": str(tmp_path)})(["api", "repos/o/r"])
    assert "cli.github.com" in " ".join(refused.value.lines())


@SHELL
def test_what_is_written_goes_by_standard_input(tmp_path: Path) -> None:
    gh = Gh({"PATH": a_gh(tmp_path / "bin", 'echo "$# $1"; /bin/cat')})
    assert gh(["api"], '{"body": "é; rm -rf"}') == '1 api\n{"body": "é; rm -rf"}'


@SHELL
def test_gh_gets_the_token_and_nothing_that_is_meant_for_selfcheck(tmp_path: Path) -> None:
    path = a_gh(tmp_path / "bin", 'echo "${GH_TOKEN-none} ${SELFCHECK_KEY-none}"')
    assert Gh({"PATH": path, "GH_TOKEN": "t0ken", "SELFCHECK_KEY": "key"})(["api"]) == "t0ken none\n"


def test_a_repository_may_be_one_of_another_host_or_the_one_of_the_folder() -> None:
    asked: list[list[str]] = []

    def github(arguments: Sequence[str], given: str | None = None) -> str:
        asked.append([*arguments])
        return "[]"

    for repository in ("git.example/o/r", None):
        IssueTracker(repository, github).reach()
    assert asked == [
        ["api", "--hostname", "git.example", "repos/o/r/issues?per_page=1"],
        ["api", "repos/{owner}/{repo}/issues?per_page=1"],
    ]
