"""Controls that are stories, publications and feeds: named by the file, drawn, and opened only where in doubt."""

# ruff: noqa: E501 — a row of a table reads best as one line

from dataclasses import replace
from random import Random

import pytest

from selfcheck.core.capture import Failure, PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, FailureKind, Outcome, PageKind
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Controls, Platform
from selfcheck.runs.controls import drawn_controls
from selfcheck.runs.investigation import Investigation, Question

MEDIUM = load_platform("medium")
STORY = "https://medium.com/@jane/what-the-tide-keeps-a1b2c3d4e5f6"
THEIRS = "https://medium.com/@zulie/their-story-0123456789ab"
JANE = ProfileRequest(name="jane", platform="medium", handle="jane", stories=(STORY,), session="jane")


def medium(**pages: object) -> Platform:
    """Return Medium's file with these controls beside its own."""
    named = {**MEDIUM.controls.model_dump(), "pages": pages}
    return MEDIUM.model_copy(update={"controls": Controls.model_validate(named)})


def drawn(platform: Platform, profile: ProfileRequest = JANE) -> dict[str, str]:
    """Return the addresses of the controls that are no profiles, by kind and kind of page."""
    of_pages = [
        one for one in drawn_controls(profile, platform, Random(3)) if one.page is not PageKind.PROFILE
    ]
    return {f"{one.kind.value} {one.page.value}": one.request.url for one in of_pages}


@pytest.mark.parametrize(
    ("pages", "base_url", "expected"),
    [
        pytest.param({"story": {"live": [THEIRS]}}, None, ("live story", THEIRS), id="a story by its address"),
        pytest.param({"story": {"live": ["0123456789ab"]}}, None, ("live story", "https://medium.com/p/0123456789ab"), id="a story by its id"),
        pytest.param({"publication": {"live": ["blog"]}}, None, ("live publication", "https://medium.com/blog"), id="a publication by its name"),
        pytest.param({"publication": {"live": ["blog"]}}, "http://127.0.0.1:1", ("live publication", "http://127.0.0.1:1/blog"), id="a name is taken at the profile's own address"),
        pytest.param({"publication": {"live": ["https://medium.com/blog"]}}, "http://127.0.0.1:1", ("live publication", "https://medium.com/blog"), id="an address is taken as it is, whatever the base_url"),
        pytest.param({"publication": {"live": ["https://blog.elsewhere.example/"]}}, None, ("live publication", "https://blog.elsewhere.example/"), id="a custom domain"),
        pytest.param({"feed": {"live": ["zulie"]}}, None, ("live feed", "https://medium.com/feed/@zulie"), id="a feed by its handle"),
        pytest.param({"feed": {"live": ["https://medium.com/feed/blog"]}}, None, ("live feed", "https://medium.com/feed/blog"), id="a feed by its address"),
        pytest.param({"story": {"suspended": [THEIRS]}}, None, ("suspended story", THEIRS), id="a story known to be suspended"),
    ],
)  # fmt: skip
def test_a_file_names_controls_of_a_kind_of_page(
    pages: dict[str, object], base_url: str | None, expected: tuple[str, str]
) -> None:
    of_pages = drawn(medium(**pages), replace(JANE, base_url=base_url))
    assert of_pages[expected[0]] == expected[1]


def test_an_absent_page_that_the_file_names_stands_for_the_one_made_up() -> None:
    named = drawn(medium(feed={"absent": "https://medium.com/feed/@nobody-{random}"}))["absent feed"]
    assert named.startswith("https://medium.com/feed/@nobody-")
    assert "{random}" not in named


@pytest.mark.parametrize(
    ("pages", "profile"),
    [
        pytest.param({"story": {"live": [STORY]}}, JANE, id="its own story"),
        pytest.param({"publication": {"live": ["my-pub"]}}, replace(JANE, publications=("my-pub",)), id="its own publication"),
        pytest.param({"story": {"live": ["https://medium.com/@jane/another-ffffffffffff"]}}, JANE, id="another story of its own"),
    ],
)  # fmt: skip
def test_a_profiles_own_page_is_never_its_control(pages: dict[str, object], profile: ProfileRequest) -> None:
    assert not {"live story", "live publication"} & drawn(medium(**pages), profile).keys()


def test_controls_that_the_profile_names_leave_names_of_the_file_aside() -> None:
    """They are of another site; only whole addresses say where they are."""
    platform = medium(publication={"live": ["blog"]}, story={"live": [THEIRS]})
    names = drawn(platform, replace(JANE, live_controls=("@someone",)))
    assert "live publication" not in names
    assert names["live story"] == THEIRS


Looks = dict[str, Observation]


class Site:
    """Answers as a healthy platform does, except for `own` of Jane's story to the public."""

    def __init__(
        self, own: Outcome, control: Outcome = Outcome.SHOWN, failure: FailureKind | None = None
    ) -> None:
        self.own, self.control, self.failure = own, control, failure
        self.opened: list[str] = []

    def answer(self, request: PageRequest) -> Looks:
        self.opened.append(request.folder)
        return {who: self._look(request, who) for who in request.viewpoints}

    def _look(self, request: PageRequest, who: str) -> Observation:
        outcome, stories, failure = Outcome.SHOWN, (), None
        if request.folder.startswith("controls/") and "/absent-" in request.folder:
            outcome = Outcome.NOT_FOUND
        elif request.folder.startswith("controls/") and request.kind is PageKind.STORY:
            outcome = self.control
            failure = Failure(kind=self.failure, detail="") if self.failure else None
        elif request.folder.startswith("controls/"):
            stories = (StoryRef(id="0123456789ab", url=THEIRS),)
        elif request.kind is PageKind.STORY and who == ANONYMOUS:
            outcome = self.own
        return Observation(
            viewpoint=who,
            kind=request.kind,
            url=request.url,
            outcome=outcome,
            purpose=request.purpose,
            handle=request.handle,
            subject=request.subject,
            failure=failure,
            stories=stories,
            signed_in=True if who == AUTHOR else None,
        )


def investigated(site: Site, platform: Platform = MEDIUM) -> tuple[ProfileVerdict, list[str]]:
    """Return the verdict, and the addresses of the stories that were opened as controls."""
    investigation = Investigation(Question(profile=JANE, platform=platform, signed_in=True, seed=3))
    controls = []
    while batch := investigation.wanted():
        for page in batch.pages:
            if page.is_control and page.request.kind is PageKind.STORY:
                controls.append(page.request.url)
            investigation.take(page, site.answer(page.request))
    assert investigation.verdict is not None
    return investigation.verdict, controls


def test_no_story_is_opened_as_a_control_where_nothing_rests_on_it() -> None:
    _, controls = investigated(Site(Outcome.SHOWN), medium(story={"live": [THEIRS]}))
    assert controls == []


def test_a_story_that_is_gone_is_compared_with_one_that_the_live_control_lists() -> None:
    verdict, controls = investigated(Site(Outcome.NOT_FOUND))
    assert controls == ["https://medium.com/p/0123456789ab"]
    assert verdict.pages[1].rules[0] == "story.gone-for-strangers"
    read = [one for one in verdict.controls if one.page is PageKind.STORY]
    assert [(one.kind, one.handle, one.outcome) for one in read] == [
        (ControlKind.LIVE, "0123456789ab", Outcome.SHOWN)
    ]


def test_one_that_the_file_names_comes_first() -> None:
    other = "https://medium.com/@blue/other-abcdefabcdef"
    _, controls = investigated(Site(Outcome.NOT_FOUND), medium(story={"live": [other]}))
    assert controls == [other]


def test_a_story_that_is_gone_like_everybody_elses_is_nobodys_suppression() -> None:
    verdict, controls = investigated(Site(Outcome.NOT_FOUND, control=Outcome.NOT_FOUND))
    assert len(controls) == 1
    assert (verdict.pages[1].verdict, verdict.pages[1].rules[0]) == ("inconclusive", "controls.live-gone")


@pytest.mark.parametrize("failure", [FailureKind.BUDGET_SPENT, FailureKind.BACKING_OFF])
def test_a_control_beyond_the_limits_takes_nothing_back(failure: FailureKind) -> None:
    verdict, _ = investigated(Site(Outcome.NOT_FOUND, control=Outcome.UNREACHABLE, failure=failure))
    assert verdict.pages[1].rules[0] == "story.gone-for-strangers"
    assert not [one for one in verdict.controls if one.page is PageKind.STORY]


@pytest.mark.parametrize(
    ("base_url", "own", "live"),
    [
        pytest.param(None, None, {"zulie", "jessicalexicus", "blue"}, id="its own site"),
        pytest.param(
            "https://writer.medium.com", None, {"zulie", "jessicalexicus", "blue"}, id="a host it names"
        ),
        pytest.param("http://127.0.0.1:8080", None, {"zulie", "jessicalexicus", "blue"}, id="this machine"),
        pytest.param("https://elsewhere.example", None, set(), id="another site has other accounts"),
        pytest.param("https://elsewhere.example", ("kim",), {"kim"}, id="which the profile may name"),
    ],
)
def test_the_file_s_accounts_are_only_asked_for_on_its_own_site(
    base_url: str | None, own: tuple[str, ...] | None, live: set[str]
) -> None:
    controls = drawn_controls(replace(JANE, base_url=base_url, live_controls=own), MEDIUM, Random(3))
    assert {one.handle.lstrip("@") for one in controls if one.kind is ControlKind.LIVE} == live
