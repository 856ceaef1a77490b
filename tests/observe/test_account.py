"""The name and the picture that a profile's page gives its account."""

from datetime import UTC, datetime

import pytest

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, PageKind
from selfcheck.observe.account import AccountDetails, read_account
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.learn import site_platform

AT = datetime(2026, 11, 29, tzinfo=UTC)
APOLLO = (
    'window.__APOLLO_STATE__ = {"User:1": {"__typename": "User", "username": "jane", "name": "Jane Harrow"},'
    ' "User:2": {"__typename": "User", "username": "other", "name": "Someone Else"}}'
)


def capture(url: str, html: str) -> Capture:
    visit = PageRequest(
        profile="jane",
        kind=PageKind.PROFILE,
        url=url,
        viewpoints=(ANONYMOUS,),
        folder="",
        handle="jane",
    )
    return Capture(visit=visit, viewpoint=ANONYMOUS, started_at=AT, finished_at=AT, final_url=url, html=html)


@pytest.mark.parametrize(
    ("platform", "html", "expected"),
    [
        pytest.param(
            "medium",
            f"<meta property='og:image' content='https://m.example/1.png'><script>{APOLLO}</script>",
            ("Jane Harrow", "https://m.example/1.png"),
            id="the state names the profile's own user, not the first one",
        ),
        pytest.param(
            "medium",
            "<meta property='og:title' content='Jane Harrow \u2013 Medium'>",
            ("Jane Harrow", ""),
            id="a title without the platform's name",
        ),
        pytest.param(
            "mastodon",
            "<meta property='og:title' content='Jane Harrow (@jane@tide.example)'>"
            "<meta property='og:image' content='/avatars/1.png'>",
            ("Jane Harrow", "https://tide.example/avatars/1.png"),
            id="a handle in brackets is not the name, and an address may be short",
        ),
        pytest.param(
            "",
            "<meta property='og:title' content='Jane Harrow | Tide Notes'>",
            ("Jane Harrow", ""),
            id="a site that no file knows says it in its head",
        ),
        pytest.param(
            "", "<h1>Jane\u202e Harrow</h1>", ("Jane Harrow", ""), id="a heading, without hidden marks"
        ),
        pytest.param("", "<p>Nothing of the sort.</p>", ("", ""), id="a page that does not say it"),
        pytest.param(
            "",
            "<meta property='og:image' content='data:image/png;base64,AA'>",
            ("", ""),
            id="no address to open",
        ),
    ],
)
def test_an_account_is_read_by_the_file_or_by_the_pages_head(
    platform: str, html: str, expected: tuple[str, str]
) -> None:
    url = "https://tide.example/@jane"
    known = load_platform(platform) if platform else site_platform("https://tide.example")
    read = read_account(capture(url, html), known, {"home": "https://tide.example", "handle": "jane"})
    assert read == AccountDetails(name=expected[0], picture_url=expected[1])
