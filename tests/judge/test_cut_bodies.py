"""Cut texts, on pages built as blog engines build them: the author's page beside the public's.

Each expected verdict was written down before the first run.
"""

# ruff: noqa: E501, RUF001 — a row of a table reads best as one line, and Chinese has commas of its own

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cases import case, seen
from cases import page as page_case

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.case import LookAgain, SecondLook
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind
from selfcheck.core.headlines import page_headline
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import judge
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.saved_pages import visible_text

BLOG = load_platform(str(Path(__file__).parents[2] / "docs" / "examples" / "myblog.yaml"))
ANY_BLOG = BLOG.model_copy(update={"body": None})  # a file as users write it, without `body`
AT = datetime(2026, 11, 28, tzinfo=UTC)
URL = f"{BLOG.home}/what-the-tide-keeps/"

PARAGRAPHS = tuple(
    f"The tide came in for the {nth} time that week and left a line of weed along the wall. "
    f"Nobody in the {nth} house said a word about the boats that had not come back."
    for nth in ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
)


def prose(*paragraphs: str) -> str:
    return "".join(f"<p>{text}</p>" for text in paragraphs)


def wordpress(text: str, *, before: str = "", within: str = "", after: str = "", around: str = "") -> str:
    """The page of a post; `before` and `after` stand in the article, `within` in its text, `around` below."""
    return (
        f'<article class="post-7 post type-post status-publish hentry"><header class="entry-header">'
        f'<h1 class="entry-title">What the Tide Keeps</h1></header>{before}'
        f'<div class="entry-content">{text}{within}</div>{after}</article>{around}'
    )


def soup(text: str) -> str:
    """The same words as an engine without any meaning in its elements writes them."""
    return f'<div id="root"><div class="a1">What the Tide Keeps</div><div class="b2"><div>{text}</div></div></div>'


TOOLS = (
    '<div class="only-you"><p>Only you can see this: 1,204 people opened this story and 310 of them read it to '
    "the end, which is more than most of your stories.</p><p>Tip: publish the next part soon, add a picture and "
    "choose up to five topics so that readers find it.</p></div>"
)
FOLLOW = '<div class="box"><p>Jane writes about the coast. Leave an address and each new story comes by mail.</p></div>'
RELATED = "".join(
    f'<article class="card"><h3>Another story {n}</h3><p>It begins in a harbour town, number {n}, where it '
    f"always rains and where the boats are never painted at all.</p></article>"
    for n in range(3)
)
PRE = "<pre><code>def tide(hour):\n    return sin(hour / 6.2) * height  # in metres above the wall\n</code></pre>"
WHOLE, HALF, TORN = (
    prose(*PARAGRAPHS),
    prose(*PARAGRAPHS[:4]),
    prose(*PARAGRAPHS[:3], PARAGRAPHS[3][:60] + "…"),
)
SHORT = prose(*PARAGRAPHS[:3])
GERMAN = prose(
    *(f"Die Flut kam zum {n}. Mal und ließ eine Linie aus Tang an der Mauer zurück." for n in range(8))
)
WALL = '<div class="gate"><h2>This post is for paying subscribers</h2><a href="/join">Subscribe</a></div>'
UNKNOWN_WALL = (
    '<div class="gate"><p>Reszta tego wpisu czeka na tych, którzy wspierają autorkę co miesiąc.</p></div>'
)
MORE = '<p><a class="more-link" href="#rest">Continue reading</a></p>'
COMMENTS = (
    '<section id="comments"><ol>'
    + "".join(
        f"<li><p>Reader {n} says that the harbour of the story is the one where she grew up.</p></li>"
        for n in range(9)
    )
    + "</ol></section>"
)
BONES = '<div class="skeleton"></div>'
EDITED = prose(*(text.replace("tide", "sea").replace("boats", "ships") for text in PARAGRAPHS[:4]))
CHINESE = "".join(
    f"<p>第{n}次潮水在那一週漲起，沿著牆留下一道海草。那間屋子裡沒有人說一句話，關於沒有回來的船。</p>"
    for n in "一二三四五六七八"
)
CHINESE_HALF = CHINESE[: CHINESE.index("<p>第四")]
POEM = "".join(f"<p>Line {word} of it</p>" for word in ("one", "two", "three"))

CONFIRMED, LIKELY, CUT = (
    "visible confirmed page.shown",
    "visible likely story.text-not-compared",
    "limited likely story.text-cut",
)


@pytest.mark.parametrize(
    ("author", "public", "expected"),
    [
        pytest.param(wordpress(WHOLE), wordpress(WHOLE), CONFIRMED, id="both get the same"),
        pytest.param(wordpress(WHOLE), wordpress(HALF), CUT, id="the public gets the first half"),
        pytest.param(wordpress(WHOLE), wordpress(prose(*PARAGRAPHS[:2], *PARAGRAPHS[5:])), CUT, id="the middle is missing"),
        pytest.param(wordpress(WHOLE), wordpress(TORN), CUT, id="it breaks off within a sentence"),
        pytest.param(wordpress(WHOLE), wordpress(prose(*PARAGRAPHS[:6])), CONFIRMED, id="a quarter is too little to speak of"),
        pytest.param(wordpress(SHORT), wordpress(prose(*PARAGRAPHS[:2])), CONFIRMED, id="less than 200 characters are too little"),
        pytest.param(soup(WHOLE), soup(HALF), CUT, id="cut, in a page without articles"),
        pytest.param(wordpress(PRE * 12 + WHOLE), wordpress(PRE), CUT, id="code is text too"),
        pytest.param(wordpress(CHINESE * 2), wordpress(CHINESE_HALF), CUT, id="a script without spaces"),
        pytest.param(wordpress(WHOLE), wordpress(HALF, after=RELATED), CUT, id="cut, with teasers of other stories below"),
        pytest.param(wordpress(WHOLE), wordpress(HALF, around=RELATED), CUT, id="cut, with teasers of other stories beside"),
        pytest.param(wordpress(f"<ul><li>{'</li><li>'.join(PARAGRAPHS)}</li></ul>"), wordpress(f"<ul><li>{PARAGRAPHS[0]}</li></ul>"), CUT, id="a list is text too"),
        # What explains it, or may
        pytest.param(wordpress(WHOLE), wordpress(HALF, within=WALL), LIKELY, id="a paywall in the text"),
        pytest.param(wordpress(WHOLE), wordpress(HALF, around=WALL), LIKELY, id="a paywall below the article"),
        pytest.param(wordpress(WHOLE), wordpress(HALF, within=UNKNOWN_WALL), LIKELY, id="a paywall in words that are not known"),
        pytest.param(wordpress(WHOLE), wordpress(HALF, within=MORE), LIKELY, id="an excerpt with a link to the rest"),
        pytest.param(wordpress(WHOLE), wordpress(HALF, within=BONES), LIKELY, id="the rest is still loading"),
        pytest.param(wordpress(WHOLE), wordpress(HALF, within=FOLLOW), LIKELY, id="a box that only the public gets"),
        pytest.param(wordpress(WHOLE), wordpress(GERMAN), LIKELY, id="a translated page"),
        pytest.param(wordpress(WHOLE), wordpress(EDITED), LIKELY, id="an older copy with other words"),
        pytest.param(wordpress(WHOLE), wordpress(""), LIKELY, id="no text at all"),
        pytest.param(wordpress(WHOLE), soup(HALF), LIKELY, id="another layout, and less in it"),
        pytest.param(wordpress(WHOLE, before=TOOLS), wordpress(""), LIKELY, id="no text at all, beside the author's tools"),
        # What is no loss
        pytest.param(wordpress(WHOLE), soup(WHOLE), CONFIRMED, id="another layout with all of it"),
        pytest.param(wordpress(SHORT, before=TOOLS), wordpress(SHORT), LIKELY, id="the author's tools above a short story"),
        pytest.param(wordpress(WHOLE, before=TOOLS), wordpress(WHOLE), CONFIRMED, id="the author's tools above a long story"),
        pytest.param(wordpress(SHORT, within=TOOLS), wordpress(SHORT), LIKELY, id="the author's tools within a short story"),
        pytest.param(wordpress(WHOLE, after=COMMENTS), wordpress(WHOLE), CONFIRMED, id="comments for members only"),
        pytest.param(wordpress(WHOLE), wordpress(WHOLE, within=WALL, after=RELATED), CONFIRMED, id="a wall and teasers below a whole story"),
        pytest.param(wordpress(WHOLE), wordpress(WHOLE + UNKNOWN_WALL + FOLLOW), CONFIRMED, id="more for the public than for the author"),
        pytest.param(wordpress(POEM), wordpress(POEM), CONFIRMED, id="three short lines"),
    ],
)  # fmt: skip
def test_what_a_cut_text_means(author: str, public: str, expected: str) -> None:
    assert told(author, public) == expected


def told(author: str, *publics: str, file: str = "", rounds_left: int = 0) -> str:
    judged = verdict(
        author, *(publics if len(publics) > 1 else publics * 2), file=file, rounds_left=rounds_left
    )
    story = judged.pages[-1]
    assert (judged.verdict, judged.strength) == (story.verdict, story.strength)
    return f"{story.verdict} {story.strength} {story.rules[0]}"


def verdict(author: str, *publics: str, file: str = "", rounds_left: int = 0) -> ProfileVerdict:
    answer = asked(author, *publics, file=file, rounds_left=rounds_left)
    assert isinstance(answer, ProfileVerdict)
    return answer


def asked(author: str, *publics: str, file: str = "", rounds_left: int = 0) -> ProfileVerdict | LookAgain:
    looks = [story(html, ANONYMOUS, file) for html in publics]
    own = story(author, AUTHOR, file)
    profile = page_case(seen(Outcome.SHOWN), seen(Outcome.SHOWN, by=AUTHOR, signed_in=True))
    return judge(
        case(profile, page_case(*looks, own, kind=PageKind.STORY, subject="7"), rounds_left=rounds_left)
    )


def story(html: str, who: str, file: str = "") -> Observation:
    request = PageRequest(
        profile="jane", kind=PageKind.STORY, url=URL, viewpoints=(ANONYMOUS, AUTHOR), folder="jane/story-7",
        handle="jane",
    )  # fmt: skip
    classes = "single single-post" + (" logged-in" if who == AUTHOR else "")
    head = f'<title>What the Tide Keeps</title><link rel="canonical" href="{URL}">'
    page = f'<html><head>{head}</head><body class="{classes}">{html}<footer>A blog of friends</footer></body></html>'
    capture = Capture(
        visit=request, viewpoint=who, started_at=AT, finished_at=AT, status=200, final_url=URL, html=page,
        content_type="text/html", text=visible_text(page),
    )  # fmt: skip
    return observe(capture, BLOG if file else ANY_BLOG, {"home": BLOG.home, "handle": "jane"})


def test_a_cut_says_how_much_is_missing() -> None:
    judged = verdict(wordpress(WHOLE), wordpress(HALF), wordpress(HALF))
    missing = sum(len(text) - 1 for text in PARAGRAPHS[4:])  # but for the space between two sentences
    total = sum(len(text) - 1 for text in PARAGRAPHS) + len("What the Tide Keeps")
    assert f"{missing:,} of the {total:,} characters that its author gets are missing (49%)" in judged.summary
    assert "only a part of its text" in page_headline(judged.pages[-1])


def test_a_cut_asks_for_a_second_look_and_is_never_claimed_from_one() -> None:
    answer = asked(wordpress(WHOLE), wordpress(HALF), rounds_left=1)
    assert isinstance(answer, LookAgain)
    assert answer.wanted == (SecondLook(folder="jane/story-7", viewpoint=ANONYMOUS),)
    judged = verdict(wordpress(WHOLE), wordpress(HALF))
    assert (judged.pages[-1].rules[0], judged.verdict) == ("story.text-not-compared", "visible")


def test_a_text_that_one_of_two_page_loads_got_whole_is_no_cut() -> None:
    assert told(wordpress(WHOLE), wordpress(HALF), wordpress(WHOLE)) == LIKELY
    assert told(wordpress(WHOLE), wordpress(WHOLE), wordpress(HALF)) == LIKELY


def test_text_that_is_in_the_document_and_not_on_the_screen_is_missing() -> None:
    half = story(wordpress(HALF), ANONYMOUS)
    shown = story(wordpress(WHOLE), ANONYMOUS)
    hidden = story(wordpress(HALF + f"<div hidden>{prose(*PARAGRAPHS[4:])}</div>"), ANONYMOUS)
    assert half.body == hidden.body != shown.body


def test_a_body_of_the_file_leaves_the_authors_tools_out() -> None:
    assert told(wordpress(SHORT, before=TOOLS), wordpress(SHORT), file="body") == CONFIRMED


def test_a_body_that_the_file_no_longer_finds_claims_nothing_of_the_text() -> None:
    assert told(soup(WHOLE), soup(WHOLE), file="body") == LIKELY


def test_a_run_of_before_texts_were_compared_is_judged_as_it_was() -> None:
    looks = [
        replace(story(wordpress(html), who), body=None) for html, who in ((HALF, ANONYMOUS), (WHOLE, AUTHOR))
    ]
    judged = judge(case(page_case(*looks, kind=PageKind.STORY, subject="7")))
    assert isinstance(judged, ProfileVerdict)
    assert (judged.verdict, judged.strength, judged.rules[0]) == ("visible", "confirmed", "page.shown")


def test_no_word_of_a_text_is_kept() -> None:
    kept = str(story(wordpress(WHOLE), AUTHOR).body)
    assert not any(word in kept.casefold() for word in ("tide", "boats", "weed"))
