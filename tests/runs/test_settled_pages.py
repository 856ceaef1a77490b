"""Pages at which the author need not look each time: a stranger's look tells that nothing has changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, SignKind
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.request import ProfileRequest
from selfcheck.history.previous_runs import PastRuns
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.plan import doubtful_visits, first_visits, lost_a_story

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
def test_a_list_that_has_lost_a_story_is_seen(before: str, now: str, lost: bool) -> None:
    assert lost_a_story(list(before), list(now)) is lost


def viewpoints_of(kind: PageKind, settled: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    visits = first_visits(JANE, DEMO, signed_in=True, settled=settled)
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
def test_the_author_looks_too_where_a_strangers_look_leaves_a_doubt(
    look: Observation, doubtful: bool
) -> None:
    settled = {PUB: ("a", "b")}
    visits = first_visits(JANE, DEMO, signed_in=True, settled=settled)
    looked = [(one, [look] if one.kind is PageKind.PUBLICATION else []) for one in visits]
    found = doubtful_visits(DEMO, looked, settled)
    assert [(one.url, one.viewpoints) for one in found] == ([(PUB, BOTH)] if doubtful else [])


def run_of(
    days_ago: float, verdict: str = "visible", *, author: str | None = "shown", name: str = "jane"
) -> Any:
    views = {"anonymous": {"outcome": "shown", "stories": [{"id": "a"}, {"id": "b"}]}}
    if author is not None:
        views["author"] = {"outcome": author}
    page = {"kind": "publication", "url": PUB, "verdict": verdict, "views": views}
    profile = {"name": name, "platform": "demo", "handle": "@jane", "pages": [page]}
    return {"started_at": (NOW - timedelta(days=days_ago)).isoformat(), "profiles": [profile]}


@pytest.mark.parametrize(
    ("runs", "settled"),
    [
        pytest.param((run_of(2),), True, id="both were shown it two days ago"),
        pytest.param((run_of(2), run_of(1, author=None)), True, id="and strangers again since"),
        pytest.param((run_of(8), run_of(1, author=None)), False, id="the author's look is too old"),
        pytest.param((run_of(2), run_of(1, "hidden")), False, id="something came between"),
        pytest.param((run_of(2, author="not_found"),), False, id="the author was not shown it"),
        pytest.param((run_of(2, name="bob"),), False, id="another profile's"),
        pytest.param(({"started_at": "x", "profiles": [{"pages": 3}]},), False, id="a damaged run"),
    ],
)
def test_a_page_is_settled_by_the_runs_of_the_last_week(runs: Any, settled: bool) -> None:
    found = PastRuns(runs=runs).settled("jane", "demo", "jane", since=NOW - timedelta(days=7))
    assert found == ({PUB: ("a", "b")} if settled else {})
