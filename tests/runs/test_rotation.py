"""Pages that were fine lately are left out of some runs, and opened at once where anything looks wrong."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import rotation
from rotation import IDS, KINDS, MOST, RUN_EVERY, Author, Change, Page, of_page
from sample_runs import NOW, healthy, run

from selfcheck.artifacts.case_files import StoredCase, case_json, read_case
from selfcheck.core.case import PastLooks
from selfcheck.core.enums import Outcome, PageKind, Strength, Verdict
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import ProfileVerdict, UnopenedPage
from selfcheck.history.previous_runs import PastRuns
from selfcheck.history.run_rows import page_rows
from selfcheck.judge import RULES_VERSION, conclude
from selfcheck.runs.render_console import run_text
from selfcheck.runs.render_github import summary
from selfcheck.runs.render_html import report_html
from selfcheck.runs.render_junit import junit
from selfcheck.runs.rotation import stories_to_open

BEGIN = datetime(2026, 11, 2, 7, tzinfo=UTC)
ALL = 8  # pages of the profile: its own, a publication, the feed, five stories; and the stats page


@pytest.mark.parametrize(
    ("stories", "opened"),
    [
        (0, [0, 0, 0]),
        (1, [0, 0, 1]),
        (2, [0, 1, 1]),
        (3, [1, 1, 1]),
        (4, [0, 2, 2]),
        (5, [1, 2, 2]),
        (11, [3, 4, 4]),
    ],
)
def test_runs_share_the_stories_and_none_is_left_out_three_times(stories: int, opened: list[int]) -> None:
    ages, counts = [1] * stories, []
    for _ in range(9):
        counts.append(stories_to_open(ages))
        ages = [1] * counts[-1] + [age + 1 for age in sorted(ages, reverse=True)[counts[-1] :]]
        assert max(ages, default=0) <= 3
    assert counts == opened * 3


def test_no_suppression_is_found_later_than_at_the_third_run_and_a_good_run_costs_little() -> None:
    """In full: `python benchmarks/rotation.py`."""
    outcomes = rotation.simulate(len(KINDS), runs_a_week=6)
    assert {kind: max(delays) for kind, delays in outcomes.delays.items() if max(delays) > 3} == {}
    assert outcomes.false_alarms == []
    assert {who: max(counts) for who, counts in outcomes.views.items()} == MOST


def checked(runs: int = 2, **more: Any) -> tuple[Author, datetime]:
    """An author of whom so many runs found that all is well, and when the next one is due."""
    author, at = Author(seed=3, **more), BEGIN
    for _ in range(runs):
        author.run(at)
        at += RUN_EVERY
    return author, at


def count(verdict: ProfileVerdict) -> tuple[int, int]:
    """How many pages beside the stats page were opened, and how many were not."""
    return len([page for page in verdict.pages if page.kind is not PageKind.STATS]), len(verdict.not_opened)


def test_the_first_run_opens_everything_and_the_next_ones_say_what_they_did_not_open() -> None:
    author, at = checked(0)
    assert count(author.run(at)[0]) == (ALL, 0)
    verdict, _ = author.run(at + RUN_EVERY)
    assert count(verdict) == (ALL - 4, 4)
    opened = {page.url for page in verdict.pages}
    assert not opened & {page.url for page in verdict.not_opened}
    assert {(page.last_looked, page.title) for page in verdict.not_opened} == {
        (at, f"Story {story}") for story in IDS[1:5]
    }
    assert verdict.summary == (
        "The public sees @jane on Medium as it should, in all that was opened. Not opened in this run: "
        "4 stories; each was fine when it was opened last, on 2 November 2026 or later."
    )


def far(page: Page, _: str) -> Page:
    """The publication is not shown to anybody, so no two views differ."""
    own = page.request.kind is PageKind.PUBLICATION
    return replace(page, outcome=Outcome.NOT_FOUND) if own else page


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(of_page(PageKind.PROFILE, noindex="noindex"), id="the profile is limited"),
        pytest.param(of_page(PageKind.PROFILE, followers=400), id="only numbers differ"),
        pytest.param(far, id="a publication is missing"),
        pytest.param(
            of_page(PageKind.PUBLICATION, outcome=Outcome.UNRECOGNISED), id="a page is not recognised"
        ),
        pytest.param(KINDS["story left out of the profile's list"], id="a list has a gap"),
        pytest.param(of_page(PageKind.PROFILE, stories=IDS[5:]), id="the list lost what it had"),
    ],
)
def test_everything_is_opened_at_once_where_anything_looks_wrong_and_once_more_in_the_run_after(
    change: Change,
) -> None:
    author, at = checked()
    verdict, _ = author.run(at, change, IDS[2])
    assert count(verdict) == (ALL, 0)
    assert count(author.run(at + RUN_EVERY)[0]) == (ALL, 0)
    assert count(author.run(at + 2 * RUN_EVERY)[0])[1] > 0


@pytest.mark.parametrize(
    "outcome",
    [pytest.param(Outcome.CHALLENGE, id="a wall"), pytest.param(Outcome.RATE_LIMITED, id="a pause")],
)
def test_nothing_more_is_opened_where_that_would_do_harm_and_no_verdict_is_invented(outcome: Outcome) -> None:
    author, at = checked()
    verdict, _ = author.run(at, of_page(PageKind.PUBLICATION, outcome=outcome))
    assert count(verdict)[1] > 0
    assert not {page.url for page in verdict.pages} & {page.url for page in verdict.not_opened}
    assert count(author.run(at + RUN_EVERY)[0]) == (ALL, 0)


@pytest.mark.parametrize(
    "since",
    [
        pytest.param({"profile": replace(rotation.JANE, publications=("other",))}, id="another publication"),
        pytest.param({"profile": replace(rotation.JANE, handle="@june")}, id="another handle"),
        pytest.param({"signed_in": False}, id="another viewpoint"),
    ],
)
def test_everything_is_opened_where_what_is_checked_has_changed(since: dict[str, Any]) -> None:
    author, at = checked()
    for name, value in since.items():
        setattr(author, name, value)
    assert count(author.run(at)[0]) == (ALL, 0)


def test_a_replay_of_the_evidence_comes_to_the_same_verdict_and_leaves_the_same_pages_out() -> None:
    author, at = checked()
    verdict, _ = author.run(at)
    assert author.case is not None
    stored = read_case(case_json(StoredCase(case=author.case)), name="case.json").case
    assert conclude(stored) == (verdict, False)


def test_a_new_story_is_opened_at_once() -> None:
    author, at = checked()

    def published(page: Page, _: str) -> Page:
        return replace(page, stories=("00000000aaaa", *page.stories)) if IDS[0] in page.stories else page

    verdict, _ = author.run(at, published)
    assert "00000000aaaa" in {page.subject for page in verdict.pages}
    assert count(verdict)[1] > 0


LOOKS = {"name": "jane", "platform": "medium", "handle": "@jane", "rules_version": RULES_VERSION}


def test_a_page_counts_as_fine_only_by_the_last_runs_of_the_last_week_and_by_today_s_rules() -> None:
    author, _ = checked(3)
    last = author.checks[-1]
    past = PastRuns(checks=author.checks)
    assert past.past_looks(now=last.at, **LOOKS).looks  # type: ignore[arg-type]
    nothing = PastLooks()
    assert past.past_looks(now=last.at + timedelta(days=8), **LOOKS) == nothing  # type: ignore[arg-type]
    assert past.past_looks(now=last.at - timedelta(days=1), **LOOKS) == nothing  # type: ignore[arg-type]
    other = {**LOOKS, "rules_version": "0"}
    assert past.past_looks(now=last.at, **other) == nothing  # type: ignore[arg-type]
    for doubt in (
        {"strength": Strength.LIKELY},
        {"verdict": Verdict.LIMITED},
        {"rules": ("page.shown", "stats.views-fell")},
        {"pages": (replace(last.pages[0], strength=Strength.LIKELY), *last.pages[1:])},
    ):
        doubted = PastRuns(checks=(*author.checks[:-1], replace(last, **doubt)))
        assert doubted.past_looks(now=last.at, **LOOKS) == nothing  # type: ignore[arg-type]


# -- how a page that was not opened is shown and kept --

LEFT = UnopenedPage(
    kind=PageKind.STORY,
    url="https://blog.example/p/<b>one",
    last_looked=NOW - timedelta(days=1),
    last_run="20260202T040506Z-abcdef",
    subject="one",
    title="On <rain> | and stone",
)
RESULT = run(replace(healthy(), not_opened=(LEFT,)), exit_code=0)
FINE = "not opened in this run; fine on 2026-02-02 04:05 UTC"


def test_every_form_of_a_result_says_that_it_was_not_opened_and_none_that_it_is_fine() -> None:
    case = ET.fromstring(junit(RESULT)).find(".//testcase[skipped]")
    assert case is not None
    assert case.get("name") == "story one"
    assert [skipped.get("message") for skipped in case] == [FINE]
    assert ET.fromstring(junit(RESULT)).get("skipped") == "1"
    row = next(line for line in summary(RESULT).splitlines() if "not opened" in line)
    assert len(re.findall(r"(?<!\\)\|", row)) == 5 + 1
    assert "✅" not in row
    assert FINE in " ".join(run_text(RESULT, folder="x", width=200).split())
    page = report_html(RESULT, {})
    assert "Not opened in this run" in page
    assert "last opened 2026-02-02 04:05 UTC" in page
    assert "&lt;b&gt;one" in page


def test_the_document_has_it_apart_from_the_pages_and_history_makes_no_row_of_it() -> None:
    document = RunDocument.of(RESULT)
    assert RunDocument.model_validate_json(document.to_json()).profiles == document.profiles
    (profile,) = document.plain()["profiles"]
    assert profile["not_opened"] == [
        {
            "kind": "story",
            "url": LEFT.url,
            "last_looked": "2026-02-02T04:05:06.789Z",
            "last_run": LEFT.last_run,
            "subject": "one",
            "title": LEFT.title,
        }
    ]
    assert LEFT.url not in {row["url"] for row in page_rows(document.profiles[0])}
