"""The shipped example of a platform file, on pages built as WordPress builds them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import AUTHOR, Outcome, PageKind, SignKind
from selfcheck.core.observation import Observation
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform

BLOG = load_platform(str(Path(__file__).parents[2] / "docs" / "examples" / "myblog.yaml"))
HOME = BLOG.home
AT = datetime(2026, 11, 28, tzinfo=UTC)


def article(number: int, status: str) -> str:
    return (
        f'<article id="post-{number}" class="post-{number} post type-post status-{status} hentry">'
        f'<h2 class="entry-title"><a href="{HOME}/story-{number}/">Story {number}</a></h2>'
        f'<time class="entry-date" datetime="2026-11-0{number}T10:00:00+00:00">{number}</time></article>'
    )


def look(kind: PageKind, path: str, classes: str, body: str) -> Observation:
    url = f"{HOME}{path}"
    visit = PageRequest(
        profile="jane", kind=kind, url=url, viewpoints=(AUTHOR,), folder="jane/page", handle="jane"
    )
    html = f'<html><head><title>Jane</title></head><body class="{classes}"><main>{body}</main></body></html>'
    capture = Capture(
        visit=visit,
        viewpoint=AUTHOR,
        started_at=AT,
        finished_at=AT,
        status=200,
        final_url=url,
        html=html,
        text="Jane",
    )
    return observe(capture, BLOG, {"home": HOME, "handle": "jane"})


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("draft", SignKind.UNPUBLISHED),
        ("pending", SignKind.UNPUBLISHED),
        ("future", SignKind.UNPUBLISHED),
        ("private", SignKind.PRIVATE),
        ("publish", None),
    ],
)
def test_a_post_says_to_its_author_whether_it_is_kept(status: str, meaning: SignKind | None) -> None:
    seen = look(PageKind.STORY, "/story-1/", "single single-post postid-1 logged-in", article(1, status))
    assert seen.outcome is Outcome.SHOWN
    kept = [sign.meaning for sign in seen.signs if sign.meaning in {SignKind.UNPUBLISHED, SignKind.PRIVATE}]
    assert kept == ([meaning] if meaning else [])


def test_the_authors_list_tells_dates_and_private_posts() -> None:
    body = article(2, "publish") + article(1, "private")
    seen = look(PageKind.PROFILE, "/author/jane/", "archive author author-jane logged-in", body)
    assert [(one.title, one.published_at, one.kept_back) for one in seen.stories or ()] == [
        ("Story 2", "2026-11-02T10:00:00+00:00", False),
        ("Story 1", "2026-11-01T10:00:00+00:00", True),
    ]
