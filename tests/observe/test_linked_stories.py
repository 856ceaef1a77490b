"""Lists of links: each story by its own address, its date, and what its owner keeps back."""

# ruff: noqa: E501 — a row of a table reads best as one line

from datetime import UTC, datetime

import pytest

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, PageKind
from selfcheck.core.hosts import address_key, host_of, split_address
from selfcheck.core.observation import StoryRef
from selfcheck.observe.page import OpenedPage
from selfcheck.observe.stories import goes_on, stories
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_reading import StateSource, StoryList
from selfcheck.platforms.page_urls import own_address

AT = datetime(2026, 11, 28, tzinfo=UTC)
HOME = "https://forum.example"
ITEMS = """<ol class="posts">
<li class="post"><time datetime="2026-11-01T10:00:00Z">1 Nov</time><a href="/item?id=13">One</a></li>
<li class="post status-private"><a href="/item?id=14&ref=x">Two</a><a href="/user?id=jane">jane</a></li>
</ol><aside><a href="/item?id=99">Another's</a></aside>"""


POSTS = '<ul><li><a href="/1">One</a></li><li><a href="/2">Two</a></li></ul>'
MORE = '<button class="load-more">Load more</button>'
COMMENTS = f"<h2>Comments</h2><ol><li>Well said, and at some length, as comments go.</li></ol>{MORE}"


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


@pytest.mark.parametrize(
    ("end", "more"),
    [
        pytest.param(f"<main>{{}}{MORE}</main>", True, id="a loader after the list"),
        pytest.param(f"<main>{{}}</main><footer>{COMMENTS}</footer>", False, id="a loader of comments"),
    ],
)
def test_the_place_of_a_list_is_known_by_the_parameters_that_name_its_stories(end: str, more: bool) -> None:
    own = "".join(f'<li><a href="/item?id={n}&view=mine">{n}</a></li>' for n in (13, 14))
    assert more_of(end.format(f"<ul>{own}</ul>"), links="li a", query=["id"]) is more


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
        assert more_of(ITEMS + more, links="li a")
    assert not more_of(ITEMS, links="li a")


STATE = '<script id="s" type="application/json">[{"id": "1"}, {"id": "2"}]</script>'


def more_of(html: str, **how: object) -> bool:
    page = opened(html, **how)
    return goes_on(page, PageKind.PROFILE, stories(page, PageKind.PROFILE, says_empty=False) or ())


@pytest.mark.parametrize(
    ("html", "more"),
    [
        pytest.param(f"<main>{POSTS}{MORE}</main>", True, id="a loader after the list"),
        pytest.param(f"<main>{COMMENTS}{POSTS}</main>", False, id="a loader of comments before the list"),
        pytest.param(f"<main>{POSTS}<div><div>{MORE}</div></div></main>", True, id="a loader in a box after the list"),
        pytest.param(f"<main><div><div>{POSTS}</div></div><nav>{MORE}</nav></main>", True, id="a list in a box before the loader"),
        pytest.param(f"<main>{POSTS}<hr/><script>1</script>{MORE}</main>", True, id="a line between them"),
        pytest.param(POSTS.replace("</ul>", f"<li>{MORE}</li></ul>"), True, id="a loader as the last entry"),
        pytest.param(f"<div class='infinite-scroll'>{POSTS}</div>", True, id="a list that loads as one scrolls"),
        pytest.param(f"<head><link rel='next' href='/page/2'></head>{POSTS}", True, id="the head names the next page"),
        pytest.param(f"<main>{POSTS}<section>{COMMENTS}</section></main>", False, id="a loader of comments in a section of their own"),
        pytest.param(f"<main>{POSTS}{COMMENTS}</main>", False, id="a loader of comments right beside"),
        pytest.param(f"<main>{POSTS}</main><footer>{COMMENTS}</footer>", False, id="a loader of comments in the footer"),
        pytest.param(f"<div class='load-more-root'><p>No story.</p></div>{POSTS}", False, id="a name that only sounds like a loader"),
        pytest.param(f"<main>{POSTS}<nav><a href='/p/2'>2</a> … <a href='/p/9'>9</a> <span>Page 1 of 9</span> <a class='next' href='/p/2'>Older</a></nav></main>", True, id="a row of pages"),
        pytest.param(f"<main>{POSTS}<div id='comments'>{MORE}</div></main>", False, id="a loader of comments that are not there yet"),
        pytest.param(f"<main>{POSTS}<div><h3>Discussion</h3>{MORE}</div></main>", False, id="a loader under a heading of its own"),
        pytest.param(POSTS, False, id="no loader"),
    ],
)  # fmt: skip
def test_a_loader_counts_only_where_it_belongs_to_the_list(html: str, more: bool) -> None:
    assert more_of(html, links="li a") is more


@pytest.mark.parametrize(
    ("loader", "more"),
    [
        pytest.param(MORE, True, id="some loader"),
        pytest.param(f'<div id="comments">{MORE}</div>', False, id="a loader of comments"),
        pytest.param(f'<div data-testid="response-list">{MORE}</div>', False, id="a loader of responses"),
    ],
)
def test_a_list_in_the_pages_data_has_no_place_so_only_comments_are_left_aside(
    loader: str, more: bool
) -> None:
    page = opened(STATE + loader, state="own", path="$[*]", id="id")
    platform = page.platform.model_copy(update={"states": {"own": StateSource(selector="#s")}})
    page = OpenedPage(page.capture, platform, page.values)
    assert goes_on(page, PageKind.PROFILE, stories(page, PageKind.PROFILE, says_empty=False) or ()) is more


def test_a_second_list_is_not_mixed_in() -> None:
    """Comments and replies link to what they answer; an entry of theirs is none of the author's stories."""
    comments = '<ul class="comments"><li><a href="/77">Theirs</a></li></ul>'
    html = f"<main>{POSTS}{comments}<div class='comments'>{MORE}</div></main>"
    mixed, apart = listed(html, links="li a"), listed(html, links="li a", apart=".comments")
    assert mixed is not None
    assert apart is not None
    assert [story.title for story in apart] == ["One", "Two"]
    assert len(mixed) == 3
    assert not more_of(html, links="li a", apart=".comments")


def test_a_second_list_within_the_list_is_left_out_with_its_entries() -> None:
    html = POSTS.replace("One</a>", 'One</a><ul class="replies"><li><a href="/9">Reply</a></li></ul>')
    apart = listed(html, within="ul", items="li", links="a", apart=".replies")
    assert apart is not None
    assert [story.title for story in apart] == ["One", "Two"]


MALFORMED = ("http://[x/", "//[", "https://]x[/", "http://a\uff0fb.example/", "http://a\u2100b.example/")
"""Addresses that Python's own functions refuse to take apart, and a browser leaves alone."""


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_link_costs_only_itself(address: str) -> None:
    page = f'<ol><li><a href="{address}">Bad</a></li><li><a href="/item?id=13">One</a></li></ol>'
    found = listed(page, links="li a")
    assert found is not None
    assert [story.title for story in found] == ["One"]
    assert not goes_on(opened(page, links="li a"), PageKind.PROFILE, found)


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_address_in_a_feed_costs_only_its_entry_the_address(address: str) -> None:
    entries = f"<item><title>Bad</title><link>{address}</link><guid>g1</guid></item>"
    entries += f"<item><title>One</title><link>{HOME}/item?id=13</link></item>"
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{entries}</channel></rss>'
    found = listed(feed, feed=True)
    assert found is not None
    assert [(story.id, story.title) for story in found] == [("g1", "Bad"), (f"{HOME}/item?id=13", "One")]


@pytest.mark.parametrize("address", MALFORMED)
def test_a_malformed_address_in_a_pages_data_is_none(address: str) -> None:
    data = f'<script id="s" type="application/json">[{{"id": "1", "link": "{address}", "t": "One"}}]</script>'
    page = opened(data, state="s", path="$[*]", id="id", url="link", title="t")
    platform = page.platform.model_copy(update={"states": {"s": StateSource(selector="#s")}})
    page = OpenedPage(page.capture, platform, page.values)
    found = stories(page, PageKind.PROFILE, says_empty=False)
    assert found is not None
    assert [(story.id, story.url, story.title) for story in found] == [("1", "", "One")]
    assert address_key(address) == address
    assert (split_address(address).netloc, host_of(address), own_address(address)) == ("", "", "")
