"""What a page says, in small tables: order of outcomes, numbers, lists, signs, robots."""

from datetime import timedelta
from typing import Any

import pytest
from small_platform import AT, HOME, SAID, SHOWN, URL, capture, mark, platform, seen

from selfcheck.core.capture import Capture, Failure, PageRequest
from selfcheck.core.enums import FailureKind, Outcome, PageKind
from selfcheck.observe import observe
from selfcheck.observe.readings import number

ORDER = platform(
    marks=[
        mark("t.gone", "suspended", {"text": ["gone"]}),
        mark("t.authors", "removed", {"text": ["gone"]}, viewpoints=["author"]),
        mark("t.stories", "restricted", {"text": ["story"]}, on=["story"]),
        mark("t.shown", "shown", {"text": ["story"]}),
        mark("t.wall", "challenge", {"title": ["Wait"]}),
        mark("t.slow", "rate_limited", {"text": ["slow down"]}),
        mark("t.down", "server_error", {"text": ["our fault"]}),
    ]
)


@pytest.mark.parametrize(
    ("page", "outcome", "decided"),
    [
        pytest.param({"text": "gone story"}, "suspended", "t.gone", id="the first mark wins"),
        pytest.param({"text": "a story"}, "shown", "t.shown", id="a mark of another kind is passed over"),
        pytest.param(
            {"text": "a story", "kind": PageKind.STORY},
            "restricted",
            "t.stories",
            id="a mark of this kind counts",
        ),
        pytest.param(
            {"text": "nothing known"}, "unrecognised", None, id="what no mark knows is unrecognised"
        ),
        pytest.param({"text": ""}, "unrecognised", None, id="an empty page is unrecognised"),
        pytest.param(
            {"text": "gone", "title": "Wait"},
            "challenge",
            "t.wall",
            id="a wall goes before everything that is said",
        ),
        pytest.param(
            {"title": "Wait", "status": 503}, "challenge", "t.wall", id="a wall goes before its status"
        ),
        pytest.param(
            {"text": "gone", "status": 429}, "rate_limited", None, id="429 is a rate limit whatever it says"
        ),
        pytest.param(
            {"text": "slow down", "status": 429}, "rate_limited", "t.slow", id="429 by its own mark"
        ),
        pytest.param(
            {"text": "gone", "status": 503}, "server_error", None, id="5xx is trouble whatever it says"
        ),
        pytest.param(
            {"text": "our fault", "status": 500}, "server_error", "t.down", id="5xx by its own mark"
        ),
        pytest.param(
            {"text": "slow down", "status": 503},
            "rate_limited",
            "t.slow",
            id="a rate limit that is sent as 503",
        ),
    ],
)
def test_the_outcome(page: dict[str, Any], outcome: str, decided: str | None) -> None:
    said = seen(on=ORDER, **page)
    assert (said.outcome, said.mark) == (outcome, decided)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_no_answer_is_unreachable_whatever_came_before_it(kind: FailureKind) -> None:
    failure = Failure(kind=kind, detail="net::ERR")
    said = seen(on=ORDER, failure=failure, text="gone", status=200, title="Wait")
    assert (said.outcome, said.failure, said.mark) == (Outcome.UNREACHABLE, failure, None)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1234, 1234, id="a whole number"),
        pytest.param(1234.0, 1234, id="a decimal number"),
        pytest.param(float("inf"), None, id="infinity is none"),
        pytest.param(True, None, id="a truth value is none"),
        pytest.param(None, None, id="nothing is none"),
        pytest.param("0", 0, id="zero is zero"),
        pytest.param("1,234", 1234, id="thousands by comma"),
        pytest.param("1.234", 1234, id="thousands by dot"),
        pytest.param("12 345", 12345, id="thousands by a space"),
        pytest.param("12\u202f345", 12345, id="thousands by a narrow space"),
        pytest.param("1\u2019234\u2019567", 1234567, id="thousands by an apostrophe"),
        pytest.param("1.2K", 1200, id="a scale with a decimal point"),
        pytest.param("1,2K", 1200, id="a scale with a decimal comma"),
        pytest.param("1.234K", 1234, id="a scale with three decimals"),
        pytest.param("1,234K", 1234000, id="a scale with thousands"),
        pytest.param("40K Followers", 40000, id="a scale before a word"),
        pytest.param("3.1M", 3100000, id="millions"),
        pytest.param("2 k", 2000, id="a scale apart and small"),
        pytest.param("4 min read", 4, id="a word that begins like a scale"),
        pytest.param("Followers: 209", 209, id="a number within a text"),
        pytest.param("none", None, id="a text without a number"),
        pytest.param("9" * 60, None, id="a number beyond all sense"),
        pytest.param("", None, id="an empty text"),
    ],
)
def test_a_number(value: object, expected: int | None) -> None:
    assert number(value) == expected


FACTS = {
    "followers": {
        "on": ["profile"],
        "read": [
            {"state": "state", "path": "$.followers"},
            {"selector": ".followers"},
            {"selector": "[data-followers]", "attribute": "data-followers"},
            {"pattern": "([\\d.,]+K?) readers"},
        ],
        **SAID,
    },
    "claps": {"on": ["story"], "read": [{"pattern": "(\\d+) claps"}], **SAID},
    "views": {
        "on": ["profile"],
        "series": True,
        "read": [{"state": "state", "path": "$.views"}, {"selector": "li.day", "pattern": "(\\d+|-) views"}],
        **SAID,
    },
}


@pytest.mark.parametrize(
    ("html", "text", "expected"),
    [
        pytest.param(
            'window.STATE = {"followers": 12}<p class="followers">9</p>',
            "",
            12,
            id="the first way that finds one",
        ),
        pytest.param(
            'window.STATE = {"followers": null}<p class="followers">1.4K</p>',
            "",
            1400,
            id="the next way where the first finds none",
        ),
        pytest.param('<p data-followers="77">many</p>', "", 77, id="an attribute"),
        pytest.param("", "Jane has 2.5K readers", 2500, id="the visible text"),
        pytest.param("", "Jane has readers", None, id="what is not told is none, not zero"),
        pytest.param('window.STATE = {"followers": 0}', "", 0, id="a zero that is told is zero"),
    ],
)
def test_a_fact(html: str, text: str, expected: int | None) -> None:
    said = seen(html, on=platform(marks=SHOWN, facts=FACTS), text=text)
    assert said.facts == {"followers": expected}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param('window.STATE = {"views": [3, 0, 12]}', {"views": (3, 0, 12)}, id="a list of the state"),
        pytest.param(
            '<li class="day">4 views<li class="day">5 views', {"views": (4, 5)}, id="an element for each day"
        ),
        pytest.param(
            '<li class="day">4 views<li class="day">- views', {}, id="a gap makes the whole series unknown"
        ),
        pytest.param("", {}, id="a series that is not there"),
    ],
)
def test_a_series(html: str, expected: dict[str, tuple[int, ...]]) -> None:
    assert seen(html, on=platform(marks=SHOWN, facts=FACTS)).series == expected


def test_numbers_and_lists_are_read_only_from_a_page_that_is_shown() -> None:
    said = seen('window.STATE = {"followers": 12}', on=platform(facts=FACTS))
    assert (said.outcome, said.facts, said.stories, said.text_length) == (Outcome.UNRECOGNISED, {}, None, 0)


LISTS = [
    {
        "on": ["profile"],
        "state": "state",
        "path": "$.stories[*]",
        "present": "$.stories",
        "id": "id",
        "url": "u",
        "title": "t.s",
        "published": "at",
        **SAID,
    },
    {"on": ["profile", "feed"], "feed": True, **SAID},
    {"on": ["profile"], "links": "main a", **SAID},
]
EMPTY = [{"id": "t.empty", "means": "empty_list", "when": {"text": ["no stories yet"]}, **SAID}]
ON_LISTS = platform(marks=SHOWN, stories=LISTS, signs=EMPTY)
ATOM = (
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>J</title><entry><title>A</title>'
    '<link href="https://blog.example/a-aaaaaa?s=1"/><id>1</id><updated>2026-01-01T00:00:00Z</updated>'
    "</entry></feed>"
)


@pytest.mark.parametrize(
    ("html", "text", "expected"),
    [
        pytest.param(
            'window.STATE = {"stories": [{"id": "aaaaaa", "u": "/a-aaaaaa", "t": {"s": "A"}, "at": 5}]}',
            "",
            [("aaaaaa", f"{HOME}/a-aaaaaa", "A", "5")],
            id="objects of the state",
        ),
        pytest.param(
            'window.STATE = {"stories": [{"u": "/a-bbbbbb"}]}',
            "",
            [("bbbbbb", f"{HOME}/a-bbbbbb", "", "")],
            id="an id that stands in the address",
        ),
        pytest.param('window.STATE = {"stories": []}', "", [], id="a list that is there and empty"),
        pytest.param(
            ATOM,
            "",
            [("aaaaaa", f"{HOME}/a-aaaaaa", "A", "2026-01-01T00:00:00Z")],
            id="the entries of a feed",
        ),
        pytest.param(
            '<?xml version="1.0"?><rss version="2.0"><channel><title>J</title></channel></rss>',
            "",
            [],
            id="a feed without entries",
        ),
        pytest.param(
            '<main><a href="/a-aaaaaa?x=1"><img></a><a href="/a-aaaaaa">A</a><a href="/about">no</a>'
            '<a href="mailto:x-aaaaab">no</a></main>',
            "",
            [("aaaaaa", f"{HOME}/a-aaaaaa", "A", "")],
            id="links to stories, each once, by its words",
        ),
        pytest.param("<main></main>", "Jane has no stories yet", [], id="a page that says it has none"),
        pytest.param("<main></main>", "", None, id="a page without any list"),
    ],
)
def test_a_list_of_stories(html: str, text: str, expected: list[tuple[str, ...]] | None) -> None:
    said = seen(html, on=ON_LISTS, text=text)
    found = said.stories and [(one.id, one.url, one.title, one.published_at) for one in said.stories]
    assert (list(found) if found is not None else None) == expected


@pytest.mark.parametrize(
    ("html", "header", "expected"),
    [
        pytest.param('<meta name="robots" content="index,follow">', "", None, id="indexed"),
        pytest.param("", "", None, id="nothing said"),
        pytest.param(
            '<meta name="ROBOTS" content="NoIndex, follow">', "", "NoIndex, follow", id="a meta element"
        ),
        pytest.param(
            '<meta name="googlebot" content="noindex">', "", "noindex", id="a meta element for Google"
        ),
        pytest.param(
            '<meta name="otherbot" content="noindex">', "", None, id="a meta element for another bot"
        ),
        pytest.param('<meta name="robots" content="none">', "", "none", id="none means noindex too"),
        pytest.param("", "noindex", "noindex", id="a header"),
        pytest.param("", "nofollow, noindex", "noindex", id="a header with several words"),
        pytest.param("", "googlebot: noindex", "noindex", id="a header for Google"),
        pytest.param("", "otherbot: noindex, nofollow", None, id="a header for another bot"),
        pytest.param("", "otherbot: nofollow, googlebot: noindex", "noindex", id="a header for two bots"),
        pytest.param("", "max-snippet:50, noindex", "noindex", id="a directive with a value"),
        pytest.param("", "unavailable_after: 25 Jun 2030 15:00:00 PST", None, id="a date is no noindex"),
    ],
)
def test_noindex(html: str, header: str, expected: str | None) -> None:
    headers = {"x-robots-tag": header} if header else {}
    assert seen(html, on=platform(marks=SHOWN), headers=headers).noindex == expected


SIGN_IN = {
    "url": "{home}/in",
    "signed_in": {"selector": {"css": "#me"}},
    "signed_out": {"selector": {"css": "#join"}},
    "whose": [{"selector": "#me", "attribute": "data-who"}, {"selector": "#me"}],
    "check": "profile",
}
ON_SIGN_IN = platform(marks=[mark("t.in", "login_wall", {"url": ["^/in"]}), *SHOWN], sign_in=SIGN_IN)


@pytest.mark.parametrize(
    ("html", "url", "signed_in", "whose"),
    [
        pytest.param('<b id="me">@Jane</b>', URL, True, "Jane", id="signed in, and as whom"),
        pytest.param('<b id="me" data-who="Joe">x</b>', URL, True, "Joe", id="the first way to tell whose"),
        pytest.param('<b id="join">Join</b>', URL, False, None, id="signed out"),
        pytest.param('<b id="me"></b><b id="join"></b>', URL, None, None, id="told both ways is not told"),
        pytest.param("", URL, None, None, id="not told"),
        pytest.param("", f"{HOME}/in", False, None, id="sent to sign in is not signed in"),
    ],
)
def test_signed_in(html: str, url: str, signed_in: bool | None, whose: str | None) -> None:
    said = seen(html, on=ON_SIGN_IN, final_url=url)
    assert (said.signed_in, said.signed_in_as) == (signed_in, whose)
    assert said.says_signed_out is ("join" in html or url != URL)


def test_a_kind_of_page_may_know_a_session_of_its_own() -> None:
    admin = {
        "signed_in": {"selector": {"css": "#admin"}},
        "signed_out": {"selector": {"css": "body:not(.admin)"}},
        "whose": [{"selector": "#admin"}],
    }
    on = platform(marks=SHOWN, sign_in={**SIGN_IN, "on": {"stats": admin}})
    html = '<b id="me">Jane</b><b id="admin">Root</b>'
    profile, stats = seen(html, on=on), seen(html, on=on, kind=PageKind.STATS)
    assert (profile.signed_in, profile.signed_in_as, profile.says_signed_out) == (True, "Jane", False)
    assert (stats.signed_in, stats.signed_in_as, stats.says_signed_out) == (None, None, True)


@pytest.mark.parametrize(
    ("marks", "status", "ended"),
    [
        pytest.param(SHOWN, 200, True, id="a page that is shown to a logged-out visitor"),
        pytest.param([mark("t.in", "login_wall", {"status": [200]})], 200, True, id="a sign-in page"),
        pytest.param([mark("t.gone", "not_found", {"status": [404]})], 404, False, id="a page that is gone"),
        pytest.param([mark("t.off", "suspended", {"status": [410]})], 410, False, id="a suspended page"),
        pytest.param([mark("t.del", "removed", {"status": [410]})], 410, False, id="a page that was deleted"),
        pytest.param([], 503, False, id="an error page"),
        pytest.param([], 200, False, id="a page that is not recognised"),
    ],
)
def test_only_some_pages_show_that_a_session_ended(
    marks: list[dict[str, object]], status: int, ended: bool
) -> None:
    assert ended_by(marks, status=status) is ended


@pytest.mark.parametrize(
    ("address", "ended"),
    [
        pytest.param(f"{HOME}/", True, id="home"),
        pytest.param(f"{HOME}/tag/tides", True, id="a list"),
        pytest.param(f"{HOME}/in", True, id="the sign-in page"),
        pytest.param(f"{HOME}/search?q=jane", False, id="a search, which tells nothing of the visitor"),
    ],
)
def test_a_session_that_leads_elsewhere_has_ended(address: str, ended: bool) -> None:
    assert ended_by([], final_url=address) is ended


def test_a_sign_in_page_that_no_mark_knows_shows_that_the_session_ended() -> None:
    on = platform(marks=[mark("t.never", "shown", {"status": [299]})], sign_in=SIGN_IN)
    assert seen("<form></form>", on=on, final_url=f"{HOME}/in").shows_session_ended


def ended_by(marks: list[dict[str, object]], **answer: object) -> bool:
    on = platform(marks=marks or [mark("t.never", "shown", {"status": [299]})], sign_in=SIGN_IN)
    said = seen('<b id="join">Join</b>', on=on, **answer)
    assert said.shows_logged_out
    return said.shows_session_ended


@pytest.mark.parametrize(
    ("html", "text", "length"),
    [
        pytest.param(
            "<nav>menu</nav><main>four <nav>x</nav><script>y</script></main>",
            "menu four",
            4,
            id="the main part without its menu",
        ),
        pytest.param("<article>one</article><article>three</article>", "x", 5, id="the largest article"),
        pytest.param("<p>plain</p>", "plain  text", 10, id="the visible text where nothing is marked"),
    ],
)
def test_the_length_of_the_content(html: str, text: str, length: int) -> None:
    assert seen(html, on=platform(marks=SHOWN), text=text).text_length == length


def test_a_controls_page_is_read_as_the_controls() -> None:
    on = platform(marks=[mark("t.own", "shown", {"text": ["page of {handle}"]})])
    visit = PageRequest(
        profile="jane", kind=PageKind.PROFILE, url=URL, viewpoints=("anonymous",), folder="x", handle="zulie"
    )
    page = Capture(
        visit=visit, viewpoint="anonymous", started_at=AT, finished_at=AT, status=200, text="Page of zulie"
    )
    assert observe(page, on, {"home": HOME, "handle": "jane"}).outcome is Outcome.SHOWN


def test_an_address_on_another_home_counts_as_the_platforms_own() -> None:
    on = platform(marks=[mark("t.in", "login_wall", {"url": [f"^{HOME}/in$"]})])
    page = capture(final_url="http://127.0.0.1:9/base/in")
    assert observe(page, on, {"home": "http://127.0.0.1:9/base"}).outcome is Outcome.LOGIN_WALL


def test_an_observation_carries_what_was_received() -> None:
    said = seen(on=ORDER, text="gone", title="T", status=410)
    assert (said.url, said.status, said.title, said.handle) == (URL, 410, "T", "jane")
    assert (said.taken_at, said.milliseconds) == (AT + timedelta(seconds=2), 2000)


# -- data whose keys changed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "unread", "answered"),
    [
        ('window.STATE = {"jane": {"name": "Jane", "flag": false}}', False, ("test.flag",)),
        ('window.STATE = {"jane": {"name": "Jane"}}', False, ()),
        ('window.STATE = {"viewer": "zoe", "zzjane": {"zzflag": true}}', True, ()),
        ("window.STATE = {}", False, ()),  # no data: an older layout
        ("<p>Jane</p>", False, ()),
    ],
)
def test_whether_the_data_still_has_what_the_file_asks_for(
    html: str, *, unread: bool, answered: tuple[str, ...]
) -> None:
    by_data = {"of": "state", "path": "$['{handle}'].flag", "equals": True}
    viewer = {"of": "state", "path": "$.viewer"}
    one = platform(
        marks=[{"id": "test.shown", "says": "shown", "when": {"status": [200]}, **SAID}],
        signs=[
            {"id": "test.flag", "means": "flagged", "when": {"state": by_data}, **SAID},
            {"id": "test.viewer", "means": "signed_in", "when": {"state": viewer}, **SAID},
        ],
        identity={"profile": {"names": [{"state": "state", "path": "$['{handle}'].name"}]}},
    )
    page = observe(capture(f"<html><script>{html}</script></html>"), one, {"handle": "jane"})
    assert (page.unread, page.answered) == (unread, answered)
