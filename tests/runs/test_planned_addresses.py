"""At which address each page of a shipped platform is opened, for what a profiles file names."""

import pytest

from selfcheck.core.enums import PageKind
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import parse_handle
from selfcheck.runs.plan import first_pages

POST = "3kabcdefgh2x7"
API = "https://public.api.bsky.app/xrpc/app.bsky"


@pytest.mark.parametrize(
    ("name", "handle", "profile", "story", "opened"),
    [
        pytest.param(
            "bluesky",
            "https://bsky.app/profile/jane.bsky.social",
            f"{API}.actor.getProfile?actor=jane.bsky.social",
            f"https://bsky.app/profile/jane.bsky.social/post/{POST}",
            f"{API}.feed.getPostThread?uri=at://jane.bsky.social/app.bsky.feed.post/{POST}&depth=0&parentHeight=0",
            id="the app's page is empty without scripts, so its data is opened",
        ),
        pytest.param(
            "substack",
            "@jane",
            "https://substack.com/@jane",
            "https://notes.example.org/p/what-the-tide-keeps",
            "https://notes.example.org/p/what-the-tide-keeps",
            id="a publication on a host of its own",
        ),
        pytest.param(
            "github",
            "https://github.com/jane",
            "https://github.com/jane",
            "https://github.com/jane/field-notes",
            "https://github.com/jane/field-notes",
            id="a repository",
        ),
        pytest.param(
            "hackernews",
            "https://news.ycombinator.com/user?id=jane",
            "https://news.ycombinator.com/submitted?id=jane",
            "https://news.ycombinator.com/item?id=48347649",
            "https://news.ycombinator.com/item?id=48347649",
            id="the account's page leads to its submissions",
        ),
    ],
)
def test_a_page_is_opened_where_the_platform_file_says(
    name: str, handle: str, profile: str, story: str, opened: str
) -> None:
    platform = load_platform(name)
    asked = ProfileRequest(
        name="jane", platform=name, handle=parse_handle(handle, platform), stories=(story,), session="jane"
    )

    addresses = {page.kind: page.url for page in first_pages(asked, platform, signed_in=False)}

    assert addresses == {PageKind.PROFILE: profile, PageKind.STORY: opened}
