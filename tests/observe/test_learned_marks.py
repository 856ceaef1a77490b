"""Learned marks: which page is taken for shown or not found by the examples of a run, and which is not."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.core.page_shape import MOST_FEATURES, PageLink, PageShape, read_shape
from selfcheck.observe.learned import Example, learn, learn_list, likeness
from selfcheck.observe.page_shapes import shape_of
from selfcheck.platforms.saved_pages import title_of, visible_text

HOME = "https://blog.example"
AT = datetime(2026, 1, 2, tzinfo=UTC)

HEAD = (
    '<link rel="stylesheet" href="/s/main.css"><meta name="viewport" content="x">'
    '<script src="https://cdn.example/app.js"></script>'
)
FRAME = (
    '<header class="top"><a class="logo" href="/">Blog</a>'
    '<nav class="menu"><a href="/new">New</a></nav></header>'
)
FOOT = '<footer class="foot"><p><a href="/terms">Terms</a></p></footer>'


def profile_page(handle: str, stories: int = 3, *, extra: str = "", rename: str = "") -> str:
    cards = "".join(
        f'<article class="card{rename}"><h2 class="head">Story {n} of {handle}</h2>'
        f'<p class="lead">Some words</p>'
        f'<ul class="tags"><li><a href="/t/{n}">tag</a></li></ul></article>'
        for n in range(stories)
    )
    return (
        f"<html><head><title>Writer {len(handle)} ({handle})</title>{HEAD}"
        f'<meta property="og:type" content="profile"><meta property="og:url" content="{HOME}/@{handle}">'
        f'<link rel="canonical" href="{HOME}/@{handle}"></head><body>{FRAME}'
        f'<main class="profile{rename}"><section class="about"><img class="face"><h1>{handle}</h1>'
        f'<dl class="facts"><dt>Stories</dt><dd>{stories}</dd></dl></section>{extra}{cards}</main>{FOOT}'
        "</body></html>"
    )


def message_page(words: str, *, title: str = "Blog") -> str:
    return (
        f"<html><head><title>{title}</title>{HEAD}</head><body>{FRAME}"
        f'<main class="message"><div class="box"><h1 class="big">{words}</h1><p>Go home.</p></div></main>'
        f"{FOOT}</body></html>"
    )


GONE = message_page("Nothing is here")


def shape(
    body: str,
    *,
    handle: str = "jane",
    status: int = 200,
    kind: PageKind = PageKind.PROFILE,
    final_url: str = "",
    subject: str = "",
) -> PageShape:
    url = f"{HOME}/@{handle}"
    visit = PageRequest(
        profile="jane",
        kind=kind,
        url=url,
        viewpoints=(ANONYMOUS,),
        folder="jane/profile",
        handle=handle,
        subject=subject,
    )
    capture = Capture(
        visit=visit,
        viewpoint=ANONYMOUS,
        started_at=AT,
        finished_at=AT,
        status=status,
        content_type="text/html",
        final_url=final_url or url,
        title=title_of(LexborHTMLParser(body)),
        text=visible_text(body),
        html=body,
    )
    found = shape_of(capture)
    assert found is not None
    return found


def example(page: PageShape, *, by_mark: bool = False, kind: PageKind = PageKind.PROFILE) -> Example:
    return Example(kind=kind, shape=page, by_mark=by_mark)


LIVE = (
    example(shape(profile_page("zoe"), handle="zoe")),
    example(shape(profile_page("max", 5), handle="max")),
)
ABSENT = (example(shape(GONE, handle="x7f3q", status=404)),)
MARKS = learn(PageKind.PROFILE, LIVE, ABSENT)

PAGES = {
    "a healthy profile": (shape(profile_page("jane", 4)), Outcome.SHOWN),
    "a healthy profile without stories": (shape(profile_page("jane", 0)), Outcome.SHOWN),
    "the same page of gone": (shape(GONE, status=404), Outcome.NOT_FOUND),
    "the page of gone with another status": (shape(GONE, status=410), None),
    "a suspension in the look of gone": (
        shape(message_page("This account is under investigation"), status=404),
        None,
    ),
    "a suspension with a status of its own": (shape(message_page("Account suspended"), status=410), None),
    "a suspension in the look of a profile": (
        shape(profile_page("jane", 3, extra="<p class='lead'>This account has been suspended.</p>")),
        None,
    ),
    "somebody else's profile": (shape(profile_page("other")), None),
    "the profile of a longer handle": (shape(profile_page("jane-doe")), None),
    "it led to another profile": (
        shape(profile_page("other"), final_url=f"{HOME}/@other"),
        None,
    ),
    "it led to a page of the same subject": (
        shape(profile_page("jane"), final_url=f"{HOME}/@jane/about"),
        None,
    ),
    "a wall that looks like nothing": (
        shape("<html><body><p>Just a moment</p></body></html>", status=403),
        None,
    ),
    "a sign-in field in the look of a profile": (
        shape(profile_page("jane", extra="<form><input type='password'></form>")),
        None,
    ),
    "an error in the look of a profile": (shape(profile_page("jane"), status=500), None),
    "an empty page": (shape("<html><body></body></html>"), None),
    "an empty page with the status of gone": (shape("<html><body></body></html>", status=404), None),
    "a page of gone that names its subject where profiles do": (
        shape(
            GONE.replace("</head>", f'<link rel="canonical" href="{HOME}/@jane"></head>'),
            status=404,
        ),
        None,
    ),
    "the home page": (shape(profile_page("home").replace("/@home", "/"), final_url=f"{HOME}/"), None),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_examples_say_or_nothing(name: str) -> None:
    page, expected = PAGES[name]
    assert MARKS.outcome(page) is expected


def test_a_platform_that_changed_all_its_classes_is_learned_again() -> None:
    live = [example(shape(profile_page(who, rename="-x9"), handle=who)) for who in ("zoe", "max")]
    marks = learn(PageKind.PROFILE, live, ABSENT)
    assert marks.outcome(shape(profile_page("jane", rename="-x9"))) is Outcome.SHOWN


def test_one_live_control_that_no_mark_knows_teaches_nothing() -> None:
    assert learn(PageKind.PROFILE, LIVE[:1], ABSENT).shown == ()
    assert learn(PageKind.PROFILE, [example(LIVE[0].shape, by_mark=True)], ABSENT).shown == (LIVE[0].shape,)


def test_live_controls_that_meet_the_same_wall_teach_nothing() -> None:
    wall = [example(shape(message_page("One moment"), handle=who)) for who in ("zoe", "max")]
    marks = learn(PageKind.PROFILE, wall, ABSENT)
    assert marks.shown == ()
    assert marks.outcome(shape(message_page("One moment"))) is None


def test_controls_that_are_gone_as_well_teach_nothing_of_what_is_shown() -> None:
    gone = [example(shape(GONE, handle=who, status=404)) for who in ("zoe", "max")]
    assert learn(PageKind.PROFILE, gone, ABSENT).shown == ()


@pytest.mark.parametrize(
    ("status", "words", "teaches"),
    [
        (404, "Oops", True),
        (410, "Oops", True),
        (200, "Page not found", True),
        (200, "Oops", False),
        (403, "Oops", False),
    ],
)
def test_an_absent_control_teaches_what_is_gone_by_its_status_or_words(
    status: int, words: str, *, teaches: bool
) -> None:
    absent = example(shape(message_page(words), handle="x7f3q", status=status))
    assert bool(learn(PageKind.PROFILE, LIVE, [absent]).gone) is teaches


def test_a_wall_before_the_absent_control_and_the_page_is_not_taken_for_gone() -> None:
    absent = example(shape(message_page("Slow down"), handle="x7f3q", status=403))
    assert (
        learn(PageKind.PROFILE, LIVE, [absent]).outcome(shape(message_page("Slow down"), status=403)) is None
    )


def test_what_another_kind_of_page_says_of_gone_keeps_a_margin_and_decides_nothing() -> None:
    marks = learn(PageKind.STORY, (), ABSENT, earlier=())
    assert marks.gone == ()
    assert marks.outcome(shape(GONE, status=404)) is None


def test_an_earlier_good_page_teaches_by_itself() -> None:
    marks = learn(PageKind.PROFILE, (), ABSENT, earlier=[shape(profile_page("jane", 2))])
    assert marks.outcome(shape(profile_page("jane", 4))) is Outcome.SHOWN
    assert marks.outcome(shape(profile_page("other", 4))) is None


def test_a_shape_is_stored_and_read_back_without_a_word_of_the_page() -> None:
    page = shape(profile_page("jane"))
    stored = page.to_json()
    assert read_shape(stored) == replace(page, links=())
    assert "Some words" not in str(stored)
    assert read_shape({"status": 200}) is None


def test_a_large_page_is_read_in_bounded_space() -> None:
    body = "".join(
        f'<div id="n{chr(97 + n % 26)}{"x" * (n % 700)}"><p>line {n}</p></div>' for n in range(30_000)
    )
    page = shape(f"<html><body>{body}</body></html>")
    assert all(len(features) <= MOST_FEATURES for features in page.features.values())
    assert len(page.sentences) <= MOST_FEATURES


def test_likeness_is_of_both_sides_and_whole_for_the_same_page() -> None:
    one, other = shape(profile_page("jane")), shape(GONE)
    assert likeness(one, one) == 1.0
    assert likeness(one, other) == likeness(other, one) < 0.6


def links(*rows: tuple[str, bool]) -> PageShape:
    """A page with these links: its form and whether it is a headline, titles as `*`."""
    of_it = tuple(
        PageLink(url=form, title="", form=form, pattern=pattern_of(form), headline=headline)
        for form, headline in rows
    )
    return replace(shape(profile_page("jane")), links=of_it)


def pattern_of(form: str) -> str:
    return re.sub(r"\d{5,}", "#", re.sub(r"[a-z]+-[a-z-]+", "*", form))


@pytest.mark.parametrize(
    ("live", "own", "listed"),
    [
        pytest.param(
            [[("/{}/hello-world", True)], [("/{}/hello-world", True), ("/{}/my-mill", True)]],
            [("/{}/hello-world", True)],
            ["/{}/hello-world"],
            id="two accounts may have a story of the same name",
        ),
        pytest.param(
            [[("/a-mill", True), ("/house-rules", False)], [("/by-sea", True), ("/house-rules", False)]],
            [("/start-here", False), ("/on-gravel", True)],
            ["/on-gravel"],
            id="where stories are headlines, a menu's link is none",
        ),
        pytest.param(
            [[("/a-mill", False)], [("/by-sea", False)]],
            [("/start-here", False), ("/on-gravel", True)],
            ["/start-here", "/on-gravel"],
            id="where they are not, every link of their sort may be one",
        ),
        pytest.param(
            [
                [("/item?id=7310001", False), ("/hide?id=7310001&goto=x", False)],
                [("/item?id=7320002", False), ("/hide?id=7320002&goto=x", False)],
            ],
            [("/item?id=7330003", False), ("/hide?id=7330003&goto=x", False)],
            ["/item?id=7330003"],
            id="a link that does something with a story has more parameters than the story's own",
        ),
    ],
)
def test_which_links_are_stories(
    live: list[list[tuple[str, bool]]], own: list[tuple[str, bool]], listed: list[str]
) -> None:
    learned = learn_list([links(*rows) for rows in live], ())
    assert [link.url for link in learned.links(links(*own))] == listed
