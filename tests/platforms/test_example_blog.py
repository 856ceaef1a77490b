"""The shipped example of a platform file, on pages built as WordPress builds them."""

# ruff: noqa: E501 — a row of a table reads best as one line

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cases import case, page, seen

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, SignKind
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import judge
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.saved_pages import visible_text

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


# -- every state of a post, as its author and as the public gets it ----------------------------------------

TEXT = "".join(
    f"<p>The {nth} tide left a line of weed along the wall, as it does.</p>" for nth in ("first", "second")
)
POST = "single single-post postid-1"
ERROR = "The page can not be found. It looks like nothing was found at this location."
CRITICAL = "There has been a critical error on this website."
SIGN_IN = (
    '<form name="loginform" id="loginform" action="/wp-login.php" method="post"><input name="log"></form>'
)
PASSWORD = '<form class="post-password-form"><p>This content is password protected.</p><input type="password"></form>'


def post(status: str, text: str = TEXT) -> str:
    return (
        f'<article id="post-1" class="post-1 post type-post status-{status} hentry">'
        f'<h1 class="entry-title">Story 1</h1><div class="entry-content">{text}</div></article>'
    )


def opened(who: str, classes: str, body: str, *, status: int = 200) -> Observation:
    """What a page load of the story's address gets; its author has the bar of the administration above it."""
    url = f"{HOME}/story-1/"
    visit = PageRequest(
        profile="jane",
        kind=PageKind.STORY,
        url=url,
        viewpoints=(ANONYMOUS, AUTHOR),
        folder="jane/story",
        handle="jane",
    )
    if who == AUTHOR:
        classes, body = (
            f"{classes} logged-in admin-bar",
            f'<div id="wpadminbar">Edit Post Howdy, jane</div>{body}',
        )
    # WordPress names the address of a post that is there, and of nothing else.
    head = f'<link rel="canonical" href="{url}">' if "single-post" in classes else ""
    html = f'<html><head><title>Story 1</title>{head}</head><body class="{classes}">{body}</body></html>'
    capture = Capture(
        visit=visit, viewpoint=who, started_at=AT, finished_at=AT, status=status, final_url=url, html=html,
        content_type="text/html", text=visible_text(html),
    )  # fmt: skip
    return observe(capture, BLOG, {"home": HOME, "handle": "jane"})


def gone(who: str) -> Observation:
    return opened(who, "error404", f"<main>{ERROR}</main>", status=404)


STATES = {
    "published": (opened(ANONYMOUS, POST, post("publish")), opened(AUTHOR, POST, post("publish")), "visible page.shown"),
    "a draft": (gone(ANONYMOUS), opened(AUTHOR, POST, post("draft")), "visible page.kept-by-owner"),
    "waiting for review": (gone(ANONYMOUS), opened(AUTHOR, POST, post("pending")), "visible page.kept-by-owner"),
    "scheduled": (gone(ANONYMOUS), opened(AUTHOR, POST, post("future")), "visible page.kept-by-owner"),
    "private": (gone(ANONYMOUS), opened(AUTHOR, POST, post("private")), "visible page.kept-by-owner"),
    "private, on a blog that asks to sign in": (
        opened(ANONYMOUS, "login", SIGN_IN), opened(AUTHOR, POST, post("private")), "inconclusive",
    ),
    "behind a password": (
        opened(ANONYMOUS, POST, post("publish", PASSWORD)), opened(AUTHOR, POST, post("publish")), "visible page.shown",
    ),
    "published, and the public is told that it is not there": (
        gone(ANONYMOUS), opened(AUTHOR, POST, post("publish")), "limited story.gone-for-strangers",
    ),
    "deleted": (gone(ANONYMOUS), gone(AUTHOR), "limited page.gone-for-all"),
    "an error of the server's, for everybody": (
        opened(ANONYMOUS, "", CRITICAL, status=500), opened(AUTHOR, "", CRITICAL, status=500), "inconclusive",
    ),
    "an error of the server's, for its author": (
        opened(ANONYMOUS, POST, post("publish")), opened(AUTHOR, "", CRITICAL, status=500), "inconclusive",
    ),
}  # fmt: skip
"""Each state of a post: what the public gets, what its author gets, and the verdict that was expected of it."""


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_a_post_is_what_it_is(state: str) -> None:
    public, author, expected = STATES[state]
    profile = page(seen(Outcome.SHOWN), seen(Outcome.SHOWN, by=AUTHOR))
    judged = judge(case(profile, page(public, public, author, kind=PageKind.STORY, subject="story-1")))
    assert isinstance(judged, ProfileVerdict)
    verdict, _, rule = expected.partition(" ")
    assert judged.verdict == verdict
    assert rule in {"", judged.pages[1].rules[0]}


def test_the_example_says_where_a_text_stands_and_how_long_a_list_is() -> None:
    assert BLOG.body is not None
    assert any(listed.page_size for listed in BLOG.stories)


BAR = '<div id="wpadminbar"><ul><li id="wp-admin-bar-user-info"><a>{}</a></li></ul></div>'
NAME, EDIT = '<span class="display-name">{}</span>', '<span class="display-name">Edit Profile</span>'
LOGIN = '<span class="username">{}</span>'


@pytest.mark.parametrize(
    ("names", "whose"),
    [
        pytest.param(
            NAME.format("Jane D.") + LOGIN.format("jane"), "jane", id="a name of their own for the public"
        ),
        pytest.param(NAME.format("jane"), "jane", id="one name for both"),
        pytest.param(NAME.format("Bob") + LOGIN.format("bob"), "bob", id="another author"),
        pytest.param(NAME.format("Jane") + LOGIN.format("jane doe"), "", id="a name that no address has"),
        pytest.param("", "", id="no bar"),
    ],
)
def test_the_bar_of_the_administration_tells_whose_session_it_is(names: str, whose: str) -> None:
    bar = BAR.format(names + EDIT)
    seen = look(
        PageKind.PROFILE, "/author/jane/", "archive author author-jane logged-in", bar if names else ""
    )
    assert (seen.signed_in, seen.signed_in_as or "") == (True, whose)


def test_the_example_names_pages_of_each_kind_to_compare_with() -> None:
    stories = BLOG.controls.pages[PageKind.STORY]
    assert stories.live
    assert stories.absent is not None
