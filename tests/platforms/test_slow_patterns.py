"""A platform file whose patterns or paths would never end: each ends in bounded time, and says so."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sample_runs import NOW

from selfcheck.browser.request_policy import OutgoingRequest, PagePolicy, block_reason
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.errors import PatternTooSlowError
from selfcheck.observe import observe
from selfcheck.platforms import jsonpaths, patterns
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.jsonpaths import find, mistake_in
from selfcheck.platforms.page_urls import handle_of_url, parse_handle, story_id
from selfcheck.platforms.patterns import find_all, fullmatch, search
from selfcheck.platforms.schema import Platform

BOMB = r"(?:(?:a|aa)+b?)+!"
LONG = "a" * 80
URL = f"https://medium.com/@{LONG}"
DATA = {"l": [{"id": str(number), "n": {"x": [number]}} for number in range(3000)]}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less than for a user's pages: the limits are met all the same."""
    monkeypatch.setattr(patterns, "SECONDS", 0.02)
    monkeypatch.setattr(jsonpaths, "_MOST_STEPS", 5_000)


def medium(**changes: Any) -> Platform:
    return load_platform("medium").model_copy(update=changes)


def with_handle() -> Platform:
    return medium(handle=load_platform("medium").handle.model_copy(update={"pattern": BOMB}))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda: search(BOMB, LONG), id="a search"),
        pytest.param(lambda: fullmatch(BOMB, LONG), id="a match of all"),
        pytest.param(lambda: find_all(f"({BOMB})", LONG), id="all matches"),
        pytest.param(lambda: handle_of_url(URL, with_handle()), id="handle.pattern, of an address"),
        pytest.param(lambda: parse_handle(LONG, with_handle()), id="handle.pattern, of a handle"),
        pytest.param(lambda: story_id(URL, medium(story_id=f"^{URL[:20]}({BOMB})$")), id="story_id"),
        pytest.param(
            lambda: find(f"$[?search(@.a, '{BOMB}')]", [{"a": LONG}], fold_case=True), id="search() in a path"
        ),
        pytest.param(
            lambda: find(f"$[?match(@.a, '{BOMB}')]", [{"a": LONG}], fold_case=True), id="match() in a path"
        ),
        pytest.param(lambda: find("$..[?$..[?$..*]]", DATA, fold_case=True), id="filters within filters"),
        pytest.param(lambda: find("$..*..*..*..*", DATA, fold_case=True), id="descents after descents"),
    ],
)
def test_what_would_never_end_is_an_error(ask: Callable[[], object]) -> None:
    with pytest.raises(PatternTooSlowError, match="takes too long"):
        ask()


@pytest.mark.parametrize(
    ("path", "mistake"),
    [
        ("$[*,*][*,*][*,*]", "it has several wildcards, slices or filters in one pair of brackets"),
        ("$[?@.a =~ /(a+)+$/]", "`=~` is not known; use `search(value, 'pattern')`"),
    ],
)
def test_a_path_whose_work_cannot_be_limited_is_a_mistake_in_the_file(path: str, mistake: str) -> None:
    assert mistake_in(path) == mistake


def test_a_search_takes_as_many_steps_as_pages_need() -> None:
    ids = [str(number) for number in range(2000)]
    document = {f"Post:{own}": {"id": own, "__ref": own, "title": "x"} for own in ids}
    assert len(find("$[?among(@.__ref, $..id)].title", document, fold_case=True)) == 2000


@pytest.mark.usefixtures("short")
def test_a_page_that_cannot_be_read_so_is_unrecognised_and_says_why() -> None:
    visit = PageRequest(
        profile="p", kind=PageKind.PROFILE, url=URL, viewpoints=(ANONYMOUS,), folder="f", handle="jane"
    )
    platform = with_handle()
    capture = Capture(visit=visit, viewpoint=ANONYMOUS, started_at=NOW, finished_at=NOW, status=200)
    shown = replace(capture, final_url=URL, content_type="text/html", html=f"<link rel=canonical href={URL}>")
    seen = observe(shown, platform, {"home": platform.home, "handle": "jane"})
    assert seen.outcome is Outcome.UNRECOGNISED


@pytest.mark.usefixtures("short")
def test_a_request_that_cannot_be_decided_on_is_not_made() -> None:
    harmless = load_platform("medium").limits.harmless[0].model_copy(update={"url": f"{BOMB}$"})
    policy = PagePolicy(page_host="medium.com", author=True, own_hosts=("medium.com",), harmless=(harmless,))
    request = OutgoingRequest(url=URL, method="POST", kind="Fetch", body="{}")
    assert block_reason(request, policy) == "a pattern of the platform file takes too long for it"
