"""What the own page of a story tells of it: its date, and whether it may be a draft."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cases import HOME, by_author, case, page, seen, stories

from selfcheck.core.case import PageCase
from selfcheck.core.enums import Outcome, PageKind, Verdict
from selfcheck.core.observation import StoryRef
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import PageVerdict, ProfileVerdict
from selfcheck.judge import judge
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.investigation import Investigation, Question

STORY, FEED, PUBLICATION = PageKind.STORY, PageKind.FEED, PageKind.PUBLICATION
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTES, DAYS = timedelta(minutes=10), timedelta(days=3)


def ago(age: timedelta | None) -> str:
    return "" if age is None else (NOW - age).isoformat()


@pytest.mark.parametrize(
    ("listed", "own", "expected"),
    [
        pytest.param(None, DAYS, Verdict.LIMITED, id="the list gives no date, its page one of days ago"),
        pytest.param(
            None, MINUTES, Verdict.VISIBLE, id="the list gives no date, its page one of minutes ago"
        ),
        pytest.param(DAYS, MINUTES, Verdict.VISIBLE, id="the list says days ago, its page minutes ago"),
        pytest.param(MINUTES, DAYS, Verdict.LIMITED, id="the list says minutes ago, its page days ago"),
        pytest.param(MINUTES, None, Verdict.VISIBLE, id="its page gives no date, so the list's counts"),
    ],
)
def test_a_missing_story_is_dated_from_its_own_page(
    listed: timedelta | None, own: timedelta | None, expected: Verdict
) -> None:
    story = StoryRef(id="a", url=f"{HOME}/p/a", published_at=ago(listed))
    public = seen(Outcome.SHOWN, stories=(), taken_at=NOW)
    profile = page(public, public, by_author(Outcome.SHOWN, stories=(story,), taken_at=NOW))
    look = seen(Outcome.SHOWN, kind=STORY, published_at=ago(own))
    opened = page(look, by_author(Outcome.SHOWN, kind=STORY, published_at=ago(own)), kind=STORY, subject="a")
    verdict = judge(case(profile, opened))
    assert isinstance(verdict, ProfileVerdict)
    assert verdict.verdict is expected


PROFILE = page(seen(Outcome.SHOWN, stories=()), by_author(Outcome.SHOWN))
GONE = (seen(Outcome.NOT_FOUND, kind=STORY), seen(Outcome.NOT_FOUND, kind=STORY))
ONLY_ITS_AUTHOR = page(*GONE, by_author(Outcome.SHOWN, kind=STORY), kind=STORY, subject="a")
LISTED = page(seen(Outcome.SHOWN, kind=FEED, stories=stories("a")), kind=FEED)
ON_A_LIST = page(seen(Outcome.SHOWN, stories=stories("a")), by_author(Outcome.SHOWN, stories=stories("a")))
AUTHORS_LIST = page(seen(Outcome.SHOWN, stories=()), by_author(Outcome.SHOWN, stories=stories("a")))


def of_story(*pages: PageCase, before: frozenset[str] = frozenset()) -> PageVerdict:
    evidence = case(*pages, knows_kept=(), lists_know_kept=())
    verdict = judge(replace(evidence, public_before=before))
    assert isinstance(verdict, ProfileVerdict)
    return next(one for one in verdict.pages if one.kind is STORY)


@pytest.mark.parametrize(
    ("pages", "before", "expected"),
    [
        pytest.param((PROFILE,), (), Verdict.INCONCLUSIVE, id="nothing tells that it was ever public"),
        pytest.param((AUTHORS_LIST,), (), Verdict.INCONCLUSIVE, id="the author's own list may have drafts"),
        pytest.param((PROFILE,), ("b",), Verdict.INCONCLUSIVE, id="another story was public"),
        pytest.param((PROFILE,), ("a",), Verdict.HIDDEN, id="an earlier list or feed named it by its id"),
        pytest.param((PROFILE,), (f"{HOME}/@jane",), Verdict.HIDDEN, id="an earlier run was shown its page"),
        pytest.param((PROFILE, LISTED), (), Verdict.HIDDEN, id="the public's feed names it"),
        pytest.param((ON_A_LIST,), (), Verdict.HIDDEN, id="the public's list names it"),
    ],
)
def test_what_was_public_before_is_not_taken_for_a_draft(
    pages: tuple[PageCase, ...], before: tuple[str, ...], expected: Verdict
) -> None:
    story = of_story(*pages, ONLY_ITS_AUTHOR, before=frozenset(before))
    assert story.verdict is expected
    assert (story.rules[0] == "page.could-be-draft") is (expected is Verdict.INCONCLUSIVE)


def test_an_investigation_knows_what_earlier_runs_found_listed() -> None:
    """`settled` has the addresses that both viewpoints were shown, each with the stories that it listed."""
    profile = ProfileRequest(name="jane", platform="medium", handle="jane")
    settled = {"https://medium.com/@jane": ("a1b2c3d4e5f6",)}
    question = Question(profile=profile, platform=load_platform("medium"), signed_in=False, settled=settled)
    investigation = Investigation(question)
    assert investigation._evidence(0).public_before == {"https://medium.com/@jane", "a1b2c3d4e5f6"}
