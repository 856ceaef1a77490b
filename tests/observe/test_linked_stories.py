"""Lists of links: each story by its own address, its date, and what its owner keeps back."""

from datetime import UTC, datetime

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, PageKind
from selfcheck.core.observation import StoryRef
from selfcheck.observe.page import OpenedPage
from selfcheck.observe.stories import goes_on, stories
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_reading import StoryList

AT = datetime(2026, 11, 28, tzinfo=UTC)
HOME = "https://forum.example"
ITEMS = """<ol class="posts">
<li class="post"><time datetime="2026-11-01T10:00:00Z">1 Nov</time><a href="/item?id=13">One</a></li>
<li class="post status-private"><a href="/item?id=14&ref=x">Two</a><a href="/user?id=jane">jane</a></li>
</ol><aside><a href="/item?id=99">Another's</a></aside>"""


def opened(html: str, **how: object) -> OpenedPage:
    usual = {"on": [PageKind.PROFILE], "tag": "G", "source": "made by hand", "seen": "never"}
    medium = load_platform("medium")
    platform = medium.model_copy(
        update={"story_id": None, "stories": (StoryList.model_validate({**usual, **how}),)}
    )
    visit = PageRequest(
        profile="jane",
        kind=PageKind.PROFILE,
        url=f"{HOME}/jane",
        viewpoints=(ANONYMOUS,),
        folder="jane/profile",
    )
    capture = Capture(visit=visit, viewpoint=ANONYMOUS, started_at=AT, finished_at=AT, html=html)
    return OpenedPage(capture, platform, {"home": HOME, "handle": "jane"})


def listed(html: str, **how: object) -> tuple[StoryRef, ...] | None:
    return stories(opened(html, **how), PageKind.PROFILE, says_empty=False)


def test_a_story_is_known_by_its_address_with_the_query_that_names_it() -> None:
    found = listed(ITEMS, links="li a[href*=item]")
    assert found is not None
    assert [story.id for story in found] == [f"{HOME}/item?id=13", f"{HOME}/item?id=14"]


def test_a_file_may_say_which_parameters_name_a_story() -> None:
    found = listed('<a href="/item?id=13&view=mine">One</a>', links="a", query=["id"])
    assert found is not None
    assert found[0].url == f"{HOME}/item?id=13"


def test_entries_tell_their_date_and_what_their_owner_keeps_back() -> None:
    found = listed(
        ITEMS,
        within="ol.posts",
        items="li.post",
        links="a[href*=item]",
        published="time@datetime",
        visibility="@class",
        kept_back=["status-private"],
    )
    assert found is not None
    assert [(story.title, story.published_at, story.kept_back) for story in found] == [
        ("One", "2026-11-01T10:00:00Z", False),
        ("Two", "", True),
    ]


def test_an_empty_list_is_told_from_one_that_cannot_be_read() -> None:
    assert listed('<ol class="posts"></ol>', within="ol.posts", links="a") == ()
    assert listed("<p>Something else</p>", within="ol.posts", links="a") is None
    assert listed("<p>Something else</p>", links="a") is None


def test_a_next_page_and_a_loader_show_that_a_list_goes_on() -> None:
    for more in ('<a rel="next" href="/2">Older</a>', '<button class="load-more">More</button>'):
        assert goes_on(opened(ITEMS + more, links="li a"), PageKind.PROFILE)
    assert not goes_on(opened(ITEMS, links="li a"), PageKind.PROFILE)
