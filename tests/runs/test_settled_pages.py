"""Pages that are not opened as the author each time: the public view shows that nothing has changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from selfcheck.core.case import PastNumbers
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, SignKind, Verdict
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.request import ProfileRequest
from selfcheck.history.previous_runs import PastCheck, PastPage, PastRuns
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.plan import doubtful_pages, first_pages, lost_a_story

DEMO = load_platform("demo")
PUB = "http://inkwell.invalid/pub/notes"
JANE = ProfileRequest(name="jane", platform="demo", handle="jane", publications=("notes",), session="jane")
BOTH = (ANONYMOUS, AUTHOR)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "now", "lost"),
    [
        pytest.param("abc", "abc", False, id="the same"),
        pytest.param("abc", "xabc", False, id="a new one"),
        pytest.param("abcd", "xabc", False, id="a new one pushed the last out"),
        pytest.param("abc", "ac", True, id="one within is gone"),
        pytest.param("abcd", "xabd", True, id="one within is gone, and a new one came"),
        pytest.param("abc", "ab", True, id="the last is gone, and nothing pushed it"),
        pytest.param("abc", "", True, id="all are gone"),
        pytest.param("abc", "xyz", True, id="all are others"),
        pytest.param("", "", False, id="there were none"),
    ],
)
def test_a_list_that_has_lost_a_story_is_noticed(before: str, now: str, lost: bool) -> None:
    assert lost_a_story(list(before), list(now)) is lost


def viewpoints_of(kind: PageKind, settled: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    visits = first_pages(JANE, DEMO, signed_in=True, settled=settled)
    return next(one.viewpoints for one in visits if one.kind is kind)


def test_only_a_settled_page_of_which_the_platform_file_says_so_waits() -> None:
    everything = {PUB: ("a",), "http://inkwell.invalid/@jane": ("a",)}
    assert viewpoints_of(PageKind.PUBLICATION, {}) == BOTH
    assert viewpoints_of(PageKind.PUBLICATION, everything) == (ANONYMOUS,)
    assert viewpoints_of(PageKind.PROFILE, everything) == BOTH


def seen(outcome: Outcome = Outcome.SHOWN, stories: str = "ab", **more: Any) -> Observation:
    listed = tuple(StoryRef(id=one, url=one) for one in stories)
    return Observation(
        viewpoint=ANONYMOUS, kind=PageKind.PUBLICATION, url=PUB, outcome=outcome, stories=listed, **more
    )


@pytest.mark.parametrize(
    ("look", "doubtful"),
    [
        pytest.param(seen(), False, id="shown as before"),
        pytest.param(seen(stories="xab"), False, id="with a new story"),
        pytest.param(seen(stories="b"), True, id="a story is lacking"),
        pytest.param(seen(Outcome.NOT_FOUND), True, id="gone"),
        pytest.param(seen(Outcome.SUSPENDED), True, id="suspended"),
        pytest.param(seen(Outcome.UNREACHABLE), True, id="not reached"),
        pytest.param(seen(Outcome.UNRECOGNISED), True, id="of a new layout"),
        pytest.param(seen(noindex="noindex"), True, id="kept from search engines"),
        pytest.param(seen(signs=(Sign(id="x", meaning=SignKind.FLAGGED),)), True, id="flagged"),
        pytest.param(seen(signs=(Sign(id="x", meaning=SignKind.SIGNED_OUT),)), False, id="seen signed out"),
        pytest.param(seen(Outcome.CHALLENGE), False, id="behind a wall, where another look does harm"),
    ],
)
def test_the_author_s_view_is_opened_too_where_the_public_one_leaves_a_doubt(
    look: Observation, doubtful: bool
) -> None:
    settled = {PUB: ("a", "b")}
    visits = first_pages(JANE, DEMO, signed_in=True, settled=settled)
    looked = [(one, [look] if one.kind is PageKind.PUBLICATION else []) for one in visits]
    found = doubtful_pages(DEMO, looked, settled)
    assert [(one.url, one.viewpoints) for one in found] == ([(PUB, BOTH)] if doubtful else [])


def checked(
    days_ago: float,
    verdict: Verdict = Verdict.VISIBLE,
    *,
    listed: tuple[str, ...] | None = ("a", "b"),
    **more: Any,
) -> PastCheck:
    at = NOW - timedelta(days=days_ago)
    page = PastPage(url=PUB, verdict=verdict, reached=True, listed=listed)
    given = {"profile": "jane", "platform": "demo", "account": "demo jane"} | more
    return PastCheck(at=at, numbers=PastNumbers(run_id="x", taken_at=at), pages=(page,), **given)


@pytest.mark.parametrize(
    ("checks", "settled"),
    [
        pytest.param((checked(2),), True, id="both were shown it two days ago"),
        pytest.param((checked(2), checked(1, listed=None)), True, id="and the public again since"),
        pytest.param((checked(8), checked(1, listed=None)), False, id="the author's view is too old"),
        pytest.param((checked(2), checked(1, Verdict.HIDDEN)), False, id="something came between"),
        pytest.param((checked(2, listed=None),), False, id="the author was not shown it"),
        pytest.param((checked(2, profile="bob"),), False, id="another profile's"),
        pytest.param((checked(2, account="demo june"),), False, id="another account's"),
    ],
)
def test_a_page_is_settled_by_the_runs_of_the_last_week(checks: tuple[PastCheck, ...], settled: bool) -> None:
    pages = PastRuns(checks=checks).settled("jane", "demo", "@jane", now=NOW)
    assert pages == ({PUB: ("a", "b")} if settled else {})
