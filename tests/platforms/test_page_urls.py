"""Handles as people give them, and where their pages are."""

import pytest

from selfcheck.core.enums import PageKind
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.catalogue import load_platform, shipped_names
from selfcheck.platforms.page_urls import (
    fill,
    handle_of_url,
    is_own,
    page_url,
    parse_handle,
    rebase,
    story_id,
    values_of,
)

MEDIUM = load_platform("medium")


@pytest.mark.parametrize("name", shipped_names())
def test_a_handle_is_read_as_people_write_it_there(name: str) -> None:
    """`init` writes it so: `jane.wordpress.com` on WordPress.com was refused by the next command."""
    platform = load_platform(name)
    bare = parse_handle(platform.handle.example, platform)
    assert parse_handle(platform.shown_handle(bare), platform) == bare


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        pytest.param("jane", "jane", id="a bare handle"),
        pytest.param("@jane", "jane", id="a handle with its sign"),
        pytest.param("  @Jane_Doe.1 ", "Jane_Doe.1", id="spaces around, other characters within"),
        pytest.param("https://medium.com/@jane", "jane", id="a profile's address"),
        pytest.param("http://www.medium.com/@jane/", "jane", id="with another scheme, www and a slash"),
        pytest.param("https://medium.com/@jane?source=x", "jane", id="with a query"),
        pytest.param("https://medium.com/@jane/about", "jane", id="an address below the profile"),
        pytest.param("medium.com/@jane", "jane", id="without a scheme"),
        pytest.param("https://jane.medium.com", "jane", id="a subdomain"),
        pytest.param(
            "https://jane.medium.com/a-story-a1b2c3d4e5f6", "jane", id="an address below a subdomain"
        ),
        pytest.param("HTTPS://Medium.com/@Jane", "Jane", id="the host in another case, the handle kept"),
    ],
)
def test_a_handle_is_taken_from(text: str, handle: str) -> None:
    assert parse_handle(text, MEDIUM) == handle


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("@", id="only the sign"),
        pytest.param("jane doe", id="a name with a space"),
        pytest.param("https://example.org/@jane", id="another site"),
        pytest.param("https://medium.com/", id="the front page"),
        pytest.param("https://medium.com.evil.example/@jane", id="a site that begins alike"),
        pytest.param("jane/../x", id="a path"),
    ],
)
def test_no_handle_is_taken_from(text: str) -> None:
    with pytest.raises(ValueError, match=r"a handle of Medium such as @jane or https://medium\.com/@jane"):
        parse_handle(text, MEDIUM)


def test_an_address_of_a_publication_names_no_handle() -> None:
    assert handle_of_url("https://medium.com/field-notes", MEDIUM) is None


def test_handles_are_the_same_by_the_platforms_own_rule() -> None:
    strict = MEDIUM.model_copy(update={"handle": MEDIUM.handle.model_copy(update={"fold_case": False})})
    assert MEDIUM.handle_of("@Jane").same_as("jane")
    assert not strict.handle_of("@Jane").same_as("jane")
    assert strict.handle_of("@jane").same_as("jane")


PROFILE = ProfileRequest(name="jane", platform="medium", handle="jane")


@pytest.mark.parametrize(
    ("kind", "more", "url"),
    [
        pytest.param(PageKind.PROFILE, {}, "https://medium.com/@jane", id="the profile"),
        pytest.param(PageKind.FEED, {}, "https://medium.com/feed/@jane", id="the feed"),
        pytest.param(PageKind.STATS, {}, "https://medium.com/me/stats", id="the stats page"),
        pytest.param(
            PageKind.PUBLICATION,
            {"publication": "field notes"},
            "https://medium.com/field%20notes",
            id="a publication",
        ),
        pytest.param(
            PageKind.PUBLICATION,
            {"publication": "https://notes.example"},
            "https://notes.example",
            id="a custom domain",
        ),
        pytest.param(
            PageKind.STORY, {"story_id": "a1b2c3d4e5f6"}, "https://medium.com/p/a1b2c3d4e5f6", id="a story"
        ),
    ],
)
def test_where_a_page_is(kind: PageKind, more: dict[str, str], url: str) -> None:
    assert page_url(kind, MEDIUM, values_of(PROFILE, MEDIUM, **more)) == url


def test_a_base_url_takes_the_place_of_the_platforms_home() -> None:
    mirror = ProfileRequest(name="jane", platform="medium", handle="jane", base_url="http://127.0.0.1:9/m")
    assert page_url(PageKind.PROFILE, MEDIUM, values_of(mirror, MEDIUM)) == "http://127.0.0.1:9/m/@jane"


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        pytest.param("https://x.org/blog/p/1", "https://y.org/b", "https://y.org/b/p/1", id="from home on"),
        pytest.param(
            "https://x.org/new/p/1", "https://x.org/new", "https://x.org/new/p/1", id="there already"
        ),
        pytest.param("https://x.org/blog/p/1", "https://x.org/new", "https://x.org/new/p/1", id="same host"),
        pytest.param("https://x.org/blogs/1", "https://y.org", "https://y.org/blogs/1", id="another folder"),
    ],
)
def test_a_home_in_a_folder_gives_way_as_a_whole(url: str, base: str, expected: str) -> None:
    platform = MEDIUM.model_copy(update={"home": "https://x.org/blog", "hosts": ("x.org",)})
    assert rebase(url, platform, base) == expected


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="publication"):
        page_url(PageKind.PUBLICATION, MEDIUM, values_of(PROFILE, MEDIUM))


def test_a_kind_of_page_that_the_platform_lacks_is_named() -> None:
    bare = MEDIUM.model_copy(update={"pages": {}})
    with pytest.raises(ValueError, match="stats"):
        page_url(PageKind.STATS, bare, values_of(PROFILE, bare))


def test_a_handle_cannot_leave_its_place_in_an_address() -> None:
    assert (
        fill("{home}/@{handle}", {"home": "https://x.org", "handle": "a/../b?c#d"})
        == "https://x.org/@a%2F..%2Fb%3Fc%23d"
    )


@pytest.mark.parametrize(
    ("url", "base", "expected"),
    [
        pytest.param(
            "https://medium.com/p/x?a=1#b", "http://l:9", "http://l:9/p/x?a=1", id="path and query stay"
        ),
        pytest.param(
            "https://jane.medium.com/x-1", "http://l:9/base", "http://l:9/base/x-1", id="a subdomain"
        ),
        pytest.param(
            "https://notes.example/x", "http://l:9", "https://notes.example/x", id="another site stays"
        ),
        pytest.param(
            "https://medium.com.evil.example/x", "http://l:9", "https://medium.com.evil.example/x", id="alike"
        ),
        pytest.param("https://medium.com/p/x", None, "https://medium.com/p/x", id="no base"),
    ],
)
def test_rebase(url: str, base: str | None, expected: str) -> None:
    assert rebase(url, MEDIUM, base) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://medium.com/p/a1b2c3d4e5f6", "a1b2c3d4e5f6", id="a short address"),
        pytest.param(
            "https://medium.com/@jane/what-the-tide-keeps-a1b2c3d4e5f6?source=x",
            "a1b2c3d4e5f6",
            id="an author's",
        ),
        pytest.param(
            "https://medium.com/field-notes/x-4c56ebc4a2d#top",
            "4c56ebc4a2d",
            id="a publication's, eleven digits",
        ),
        pytest.param("https://jane.medium.com/x-a1b2c3d4e5f6/", "a1b2c3d4e5f6", id="a subdomain's"),
        pytest.param("https://medium.com/@jane", None, id="a profile"),
        pytest.param("https://medium.com/field-notes", None, id="a publication"),
        pytest.param(
            "https://medium.com/@jane?source=user_profile-7d21c0ffee01", None, id="where a reader came from"
        ),
        pytest.param("https://medium.com/@jane/list/to-read-a1b2c3d4e5f6", None, id="a reading list"),
        pytest.param("https://medium.com/tag/big-cafe012345", None, id="a tag"),
    ],
)
def test_the_id_of_a_story(url: str, expected: str | None) -> None:
    assert story_id(url, MEDIUM) == expected


def test_which_addresses_are_the_platforms_own() -> None:
    own = ["https://medium.com/x", "https://MEDIUM.com", "https://jane.medium.com", "https://www.medium.com/"]
    foreign = ["https://example.org", "https://notmedium.com", "nothing", "https://medium.com@evil.example/"]
    assert all(is_own(url, MEDIUM) for url in own)
    assert not any(is_own(url, MEDIUM) for url in foreign)
