"""Whether a page is the one that was asked for: names, addresses, and where it led."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import LedTo, Outcome, PageKind
from selfcheck.core.observation import Observation
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOME = "https://blog.example"
MARK = {
    "id": "b.shown",
    "says": "shown",
    "when": {"status": [200]},
    "tag": "G",
    "source": "a test",
    "seen": "never",
}
HEAD = {
    "names": [
        {"selector": "link[rel='canonical']", "attribute": "href"},
        {"selector": "meta[property='og:url']", "attribute": "content"},
        {"selector": "meta[name='handle']", "attribute": "content"},
        {"selector": "h1", "contradicts": False},
        {"selector": "h2", "pattern": "^Stories by (\\S+)$"},
    ],
    "addresses": [
        "^https?://{handle}\\.pages\\.example(?:/|$)",
        "^https?://blog\\.example/pub/{publication}$",
    ],
}
BLOG: dict[str, Any] = {
    "platform": "b",
    "title": "Blog",
    "home": HOME,
    "about": "a test",
    "hosts": ["blog.example", "www.blog.example", "*.pages.example"],
    "handle": {
        "pattern": "[A-Za-z0-9-]+",
        "example": "jane",
        "from_urls": ["https://blog.example/@{handle}"],
    },
    "pages": {
        "profile": {"url": "{home}/@{handle}"},
        "story": {"url": "{home}/p/{story_id}"},
        "publication": {"url": "{home}/{publication}"},
        "stats": {"url": "{home}/me/stats"},
    },
    "story_id": "(?:/p/|-)([0-9a-f]{6})(?:[/?#]|$)",
    "marks": [MARK],
    "sign_in": {"url": "{home}/login", "signed_in": {"selector": {"css": ".me"}}},
}
WITH = {**BLOG, "identity": dict.fromkeys(("profile", "story", "publication", "feed"), HEAD)}
ASKED = {
    PageKind.PROFILE: (f"{HOME}/@jane", ""),
    PageKind.STORY: (f"{HOME}/p/abc123", "abc123"),
    PageKind.PUBLICATION: (f"{HOME}/tides", "tides"),
    PageKind.STATS: (f"{HOME}/me/stats", ""),
}


def seen(
    head: str = "",
    final: str = "",
    *,
    kind: PageKind = PageKind.PROFILE,
    file: dict[str, Any] = WITH,
    home: str = HOME,
    url: str = "",
) -> Observation:
    asked, subject = ASKED[kind]
    asked = url or asked.replace(HOME, home)
    request = PageRequest(
        profile="jane",
        kind=kind,
        url=asked,
        viewpoints=("anonymous",),
        folder="x",
        handle="jane",
        subject=subject,
    )
    html = f"<html><head>{head}</head><body></body></html>"
    capture = Capture(
        visit=request,
        viewpoint="anonymous",
        started_at=AT,
        finished_at=AT,
        status=200,
        final_url=final or asked,
        html=html,
    )
    return observe(capture, Platform.model_validate(file), {"home": home, "handle": "jane"})


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(canonical("https://blog.example/@jane"), id="the canonical address"),
        pytest.param(canonical("/@jane"), id="a canonical address without a host"),
        pytest.param(
            canonical("http://www.blog.example/@Jane/"), id="another scheme, host alias, case, slash"
        ),
        pytest.param(canonical("https://m.blog.example/@jane"), id="the mobile site"),
        pytest.param(canonical("https://blog.example/de/@jane"), id="a language in front"),
        pytest.param(
            canonical("https://blog.example/pt-BR/@jane?ref=x#top"), id="language and region, a query"
        ),
        pytest.param(canonical("https://blog.example/%40jane"), id="an escaped character"),
        pytest.param(canonical("https://jane.pages.example"), id="a further address of the file"),
        pytest.param('<meta name="handle" content="@JANE">', id="a handle in the head"),
        pytest.param('<meta property="og:url" content="https://blog.example/@jane">', id="og:url"),
        pytest.param(
            canonical("https://blog.example/@bob") + '<meta name="handle" content="jane">',
            id="one match beside another name",
        ),
        pytest.param("</head><body><h2>Stories by Jane</h2>", id="a heading with a pattern"),
    ],
)
def test_one_matching_name_is_enough(head: str) -> None:
    said = seen(head)
    assert (said.outcome, said.identified, said.led_to) == (Outcome.SHOWN, True, None)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("", id="no name"),
        pytest.param(canonical("https://elsewhere.example/@bob"), id="a foreign canonical address"),
        pytest.param(canonical("https://blog.example/"), id="a canonical address that is the front page"),
        pytest.param("</head><body><h1>Bob</h1>", id="a heading that says otherwise"),
        pytest.param("</head><body><h2>Stories by the sea</h2>", id="a heading in another form"),
    ],
)
def test_without_a_name_of_either_it_is_shown_and_not_identified(head: str) -> None:
    said = seen(head)
    assert (said.outcome, said.identified, said.led_to) == (Outcome.SHOWN, False, None)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(canonical("https://blog.example/@bob"), id="another author's canonical address"),
        pytest.param(canonical("https://blog.example/@jane-austen"), id="a longer handle"),
        pytest.param('<meta name="handle" content="bob">', id="another handle"),
        pytest.param("</head><body><h2>Stories by bob</h2>", id="a heading with a pattern"),
    ],
)
def test_another_subject_of_the_platform_contradicts(head: str) -> None:
    said = seen(head)
    assert (said.outcome, said.mark, said.led_to) == (Outcome.UNRECOGNISED, None, LedTo.ANOTHER_SUBJECT)


META = '<meta name="handle" content="jane">'
JANE = canonical("https://blog.example/@jane")


@pytest.mark.parametrize(
    ("final", "place"),
    [
        pytest.param(f"{HOME}/", LedTo.HOME, id="home"),
        pytest.param(f"{HOME}/de/", LedTo.HOME, id="home in a language"),
        pytest.param("https://www.blog.example/index.html", LedTo.HOME, id="home on the host alias"),
        pytest.param(f"{HOME}/?s=jane", LedTo.SEARCH, id="a search on the front page"),
        pytest.param(f"{HOME}/search?q=jane", LedTo.SEARCH, id="a search page"),
        pytest.param(f"{HOME}/login?next=/@jane", LedTo.SIGN_IN, id="the sign-in page"),
        pytest.param(f"{HOME}/@bob", LedTo.ANOTHER_SUBJECT, id="another author"),
    ],
)
@pytest.mark.parametrize("file", [WITH, BLOG], ids=["with identity", "without"])
def test_a_page_that_led_elsewhere_is_another_page_whatever_it_names(
    final: str, place: LedTo, file: dict[str, Any]
) -> None:
    said = seen(JANE, final, file=file)
    assert (said.outcome, said.mark, said.led_to) == (Outcome.UNRECOGNISED, None, place)


@pytest.mark.parametrize(
    ("final", "head", "outcome"),
    [
        pytest.param(f"{HOME}/members/42", JANE, Outcome.SHOWN, id="a number for the handle, named"),
        pytest.param(f"{HOME}/members/42", "", Outcome.UNRECOGNISED, id="a number for the handle, not named"),
        pytest.param(
            f"{HOME}/tag/jane", '<meta name="handle" content="jane">', Outcome.UNRECOGNISED, id="a list"
        ),
        pytest.param("https://jane.example/", JANE, Outcome.SHOWN, id="a domain of the author's own"),
        pytest.param("https://parked.example/", "", Outcome.UNRECOGNISED, id="a site that parks names"),
        pytest.param("https://jane.pages.example/", "", Outcome.SHOWN, id="an address that the file allows"),
        pytest.param("https://bob.pages.example/", "", Outcome.UNRECOGNISED, id="a neighbour of it"),
        pytest.param("https://www.blog.example/@jane/", "", Outcome.SHOWN, id="the host alias"),
    ],
)
def test_another_address_needs_a_name_unless_the_file_allows_it(
    final: str, head: str, outcome: Outcome
) -> None:
    assert seen(head, final).outcome is outcome


@pytest.mark.parametrize(
    ("head", "final", "outcome", "identified"),
    [
        pytest.param(
            canonical(f"{HOME}/@jane/a-new-slug-abc123"), "", Outcome.SHOWN, True, id="another slug"
        ),
        pytest.param(
            "",
            f"{HOME}/@jane/slug-abc123",
            Outcome.SHOWN,
            False,
            id="led to the long address of the same story",
        ),
        pytest.param(
            canonical("https://old.example/my-story"), "", Outcome.SHOWN, False, id="imported from elsewhere"
        ),
        pytest.param(
            canonical(f"{HOME}/@jane/slug-def456"), "", Outcome.UNRECOGNISED, False, id="another story"
        ),
        pytest.param("", f"{HOME}/@jane", Outcome.UNRECOGNISED, False, id="led to its author's profile"),
        pytest.param("", f"{HOME}/@jane/slug-def456", Outcome.UNRECOGNISED, False, id="led to another story"),
    ],
)
def test_a_story_is_known_by_its_id(head: str, final: str, outcome: Outcome, *, identified: bool) -> None:
    said = seen(head, final, kind=PageKind.STORY)
    assert (said.outcome, said.identified) == (outcome, identified)


ANY_CASE = {**WITH, "story_id": "(?:/p/|-)([0-9A-Za-z]{6})(?:[/?#]|$)"}


@pytest.mark.parametrize(
    ("named", "final", "file", "outcome", "identified"),
    [
        pytest.param("/p/aBc123", "", ANY_CASE, Outcome.UNRECOGNISED, False, id="an id in another case"),
        pytest.param(
            "/@jane/the-tide-ABC123", "", ANY_CASE, Outcome.UNRECOGNISED, False, id="such an id after a slug"
        ),
        pytest.param(
            "/@Jane/The-Tide-abc123", "", ANY_CASE, Outcome.SHOWN, True, id="a handle and a slug in another"
        ),
        pytest.param("/p/aBc123", "", WITH, Outcome.SHOWN, False, id="what is no id of this platform's form"),
        pytest.param(
            "/p/aBc123", "", {**WITH, "story_id": None}, Outcome.SHOWN, False, id="a file that knows no ids"
        ),
        pytest.param(
            "/p/aBc123", "/p/aBc123", ANY_CASE, Outcome.SHOWN, True, id="the platform leads there: one story"
        ),
        pytest.param(
            "/p/abc123",
            "/p/aBc123",
            ANY_CASE,
            Outcome.UNRECOGNISED,
            False,
            id="led to one that names another",
        ),
    ],
)
def test_a_story_id_in_another_case_is_another_story(
    named: str, final: str, file: dict[str, Any], outcome: Outcome, *, identified: bool
) -> None:
    said = seen(canonical(HOME + named), final and HOME + final, kind=PageKind.STORY, file=file)
    assert (said.outcome, said.identified) == (outcome, identified)


QUERY = {**WITH, "story_id": None}


@pytest.mark.parametrize(
    ("url", "final", "name", "outcome", "identified"),
    [
        ("/show.php?n=13", "/show.php?n=14", "/show.php?n=14", Outcome.UNRECOGNISED, False),
        ("/show.php?n=13", "", "/show.php?n=14", Outcome.UNRECOGNISED, False),
        ("/show.php?n=13", "/show.php?n=13&print=1", "/show.php?n=13", Outcome.SHOWN, True),
        ("/show.php?n=13&lang=en", "", "/show.php?n=13", Outcome.SHOWN, True),
        ("/show.php?n=13&lang=en", "", "/show.php?n=13&lang=de", Outcome.SHOWN, True),
        ("/show.php?n=13", "", "/show.php", Outcome.SHOWN, False),
        ("/tides?utm_source=mail", "", "/tides", Outcome.SHOWN, True),
        ("/jane/tides", "/kim/tides", "/kim/tides", Outcome.UNRECOGNISED, False),
        ("/@jane/tides", "", "/@kim/tides", Outcome.UNRECOGNISED, False),
        ("/notes/tides", "/2026/01/tides", "/2026/01/tides", Outcome.SHOWN, True),
        ("/notes/tides", "", "https://elsewhere.example/tides", Outcome.SHOWN, True),
    ],
)
def test_a_story_without_ids_is_known_by_its_query_or_slug_and_by_whose_it_is(
    url: str, final: str, name: str, outcome: Outcome, *, identified: bool
) -> None:
    head, led = canonical(name), f"{HOME}{final}" if final else ""
    said = seen(head, led, kind=PageKind.STORY, file=QUERY, url=f"{HOME}{url}")
    assert (said.outcome, said.identified) == (outcome, identified)


@pytest.mark.parametrize(
    ("head", "outcome"),
    [
        pytest.param(canonical("https://xn--bcher-kva.example/@jane"), Outcome.SHOWN, id="encoded host"),
        pytest.param(canonical("https://BÜCHER.example/@jane"), Outcome.SHOWN, id="host in capitals"),
        pytest.param(canonical("https://alias.example/@jane"), Outcome.SHOWN, id="another own host"),
        pytest.param(canonical("https://alias.example/@kim"), Outcome.UNRECOGNISED, id="another's, there"),
    ],
)
def test_hosts_are_one_in_each_of_their_forms(head: str, outcome: Outcome) -> None:
    file = {
        **WITH,
        "home": "https://bücher.example",
        "hosts": ["bücher.example", "alias.example"],
        "handle": {"pattern": "[a-z]+", "example": "jane"},
    }
    said = seen(head, file=file, home="https://bücher.example")
    assert (said.outcome, said.identified) == (outcome, outcome is Outcome.SHOWN)
    led = seen("", "https://xn--bcher-kva.example/@jane", file=file, home="https://bücher.example")
    assert led.led_to is None


def test_a_folder_that_only_begins_like_the_home_is_not_below_it() -> None:
    said = seen("", "https://own.example/blogger/@jane", home="https://own.example/blog")
    assert said.outcome is Outcome.UNRECOGNISED


def test_names_in_a_query_are_compared_as_handles_are() -> None:
    pages = {"profile": {"url": "{home}/user.php?id={handle}"}}
    file = {**WITH, "pages": pages, "handle": {"pattern": "[a-z0-9]+", "example": "jane"}}
    asked = f"{HOME}/user.php?id=jane"
    assert seen(canonical(f"{HOME}/user.php?id=Jane"), file=file, url=asked).identified


def test_a_story_without_ids_is_known_by_the_end_of_its_path() -> None:
    file = {**WITH, "story_id": None}
    dated = f"{HOME}/2026/01/the-tide"
    assert seen("", dated, kind=PageKind.STORY, file=file, url=f"{HOME}/the-tide").outcome is Outcome.SHOWN
    other = f"{HOME}/2026/01/the-tide-keeps"
    said = seen("", other, kind=PageKind.STORY, file=file, url=f"{HOME}/the-tide")
    assert said.outcome is Outcome.UNRECOGNISED


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        pytest.param(
            f"{HOME}/the-sea/", Outcome.UNRECOGNISED, id="another story, by the file's own template"
        ),
        pytest.param(f"{HOME}/2026/01/the-tide/", Outcome.SHOWN, id="the same end of the path"),
        pytest.param(f"{HOME}/notes/the-sea/", Outcome.SHOWN, id="no address of that form"),
        pytest.param("https://elsewhere.example/the-sea/", Outcome.SHOWN, id="another site"),
    ],
)
def test_a_story_without_ids_is_another_where_the_files_own_template_says_so(
    named: str, outcome: Outcome
) -> None:
    file = {**WITH, "story_id": None, "pages": {**WITH["pages"], "story": {"url": "{home}/{story_id}/"}}}
    said = seen(canonical(named), kind=PageKind.STORY, file=file, url=f"{HOME}/the-tide/")
    assert said.outcome is outcome


@pytest.mark.parametrize(
    ("head", "outcome", "identified"),
    [
        pytest.param(canonical(f"{HOME}/tides"), Outcome.SHOWN, True, id="its own address"),
        pytest.param(
            canonical(f"{HOME}/pub/tides"), Outcome.SHOWN, True, id="an address that the file allows"
        ),
        pytest.param(canonical(f"{HOME}/shores"), Outcome.UNRECOGNISED, False, id="another publication"),
        pytest.param('<meta name="handle" content="Tides">', Outcome.SHOWN, True, id="its name"),
    ],
)
def test_a_publication_is_known_by_name_or_address(head: str, outcome: Outcome, *, identified: bool) -> None:
    said = seen(head, kind=PageKind.PUBLICATION)
    assert (said.outcome, said.identified) == (outcome, identified)


@pytest.mark.parametrize("home", ["http://127.0.0.1:8123", "https://own.example/blog"])
def test_base_url_is_the_platforms_home(home: str) -> None:
    assert seen(canonical(f"{home}/@jane"), home=home).identified
    assert seen(canonical(f"{HOME}/@jane"), home=home).identified
    assert seen(canonical(f"{home}/@bob"), home=home).led_to is LedTo.ANOTHER_SUBJECT
    assert seen("", f"{home}/", home=home).led_to is LedTo.HOME
    assert seen("", f"{home}/login", home=home).led_to is LedTo.SIGN_IN


FOLDER = "https://site.example/blog"
IN_A_FOLDER = {
    **WITH,
    "home": FOLDER,
    "hosts": ["site.example"],
    "handle": {**BLOG["handle"], "from_urls": [f"{FOLDER}/@{{handle}}"]},
}


@pytest.mark.parametrize(
    ("final", "led_to"),
    [
        pytest.param(f"{FOLDER}/", LedTo.HOME, id="the blog's front page"),
        pytest.param(f"{FOLDER}/de/", LedTo.HOME, id="its front page in another language"),
        pytest.param("https://site.example/", LedTo.HOME, id="the site's front page"),
        pytest.param(f"{FOLDER}/search?q=jane", LedTo.SEARCH, id="its search"),
        pytest.param(f"{FOLDER}/authors", LedTo.LIST, id="a list"),
        pytest.param(f"{FOLDER}/login", LedTo.SIGN_IN, id="its sign-in page"),
        pytest.param(f"{FOLDER}/@bob", LedTo.ANOTHER_SUBJECT, id="somebody else"),
        pytest.param("https://site.example/blogger/@jane", LedTo.ANOTHER_PAGE, id="a folder of another name"),
    ],
)
def test_a_platform_whose_home_is_a_folder_knows_its_places(final: str, led_to: LedTo) -> None:
    assert seen("", final, file=IN_A_FOLDER, url=f"{FOLDER}/@jane", home=FOLDER).led_to is led_to


@pytest.mark.parametrize("home", [FOLDER, "https://own.example/me", "https://site.example/new"])
def test_a_home_in_a_folder_and_a_base_url_are_one_place(home: str) -> None:
    for place in (FOLDER, home):
        for form in ("@jane", "de/@jane"):
            assert seen(canonical(f"{place}/{form}"), file=IN_A_FOLDER, home=home).identified
        assert seen(canonical(f"{place}/@bob"), file=IN_A_FOLDER, home=home).led_to is LedTo.ANOTHER_SUBJECT


def test_a_query_that_tells_accounts_apart_is_compared() -> None:
    pages = {"profile": {"url": "{home}/user.php?id={handle}"}}
    file = {**WITH, "pages": pages, "handle": {"pattern": "[a-z0-9]+", "example": "jane"}}
    asked = f"{HOME}/user.php?id=jane"
    assert seen("", f"{HOME}/user.php?lang=de&id=jane", file=file, url=asked).led_to is None
    assert seen("", f"{HOME}/user.php?id=bob", file=file, url=asked).led_to is LedTo.ANOTHER_SUBJECT


def test_a_handle_of_two_letters_is_not_a_language() -> None:
    file = {
        **BLOG,
        "pages": {"profile": {"url": "{home}/{handle}"}},
        "handle": {"pattern": "[a-z]+", "example": "de"},
    }
    assert seen("", f"{HOME}/", file=file, url=f"{HOME}/de").led_to is LedTo.HOME


def test_where_the_profile_is_the_front_page_nothing_led_there() -> None:
    file = {**BLOG, "pages": {"profile": {"url": "{home}/"}}}
    assert seen("", f"{HOME}/", file=file, url=f"{HOME}/").outcome is Outcome.SHOWN


def test_a_file_without_identity_is_still_contradicted_by_the_pages_head() -> None:
    said = seen(canonical(f"{HOME}/@bob"), file=BLOG)
    assert (said.outcome, said.led_to) == (Outcome.UNRECOGNISED, LedTo.ANOTHER_SUBJECT)
    assert not seen(JANE, file=BLOG).identified


def test_a_stats_page_that_led_home_is_not_the_stats_page() -> None:
    assert seen("", f"{HOME}/", kind=PageKind.STATS).led_to is LedTo.HOME
    assert seen("", kind=PageKind.STATS).outcome is Outcome.SHOWN


EXAMPLE = load_platform(str(Path(__file__).parents[2] / "docs" / "examples" / "myblog.yaml"))
BLOGS = "https://blog.example.org"


@pytest.mark.parametrize(
    ("kind", "html", "final", "outcome", "identified"),
    [
        pytest.param(
            PageKind.PROFILE,
            '<body class="archive author author-jane author-5 logged-in">',
            "/author/jane/",
            Outcome.SHOWN,
            True,
            id="an author's page",
        ),
        pytest.param(
            PageKind.PROFILE,
            '<body class="archive author author-jane author-5"><a href="/author/bob">',
            "/",
            Outcome.UNRECOGNISED,
            False,
            id="an author's name on the front page",
        ),
        pytest.param(
            PageKind.STORY,
            '<head><link rel="canonical" href="https://blog.example.org/2026/01/tides/"></head>'
            '<body class="single single-post postid-7">',
            "/tides/",
            Outcome.SHOWN,
            True,
            id="a post, whose canonical address has a date",
        ),
        pytest.param(
            PageKind.STORY,
            '<body class="single single-post postid-8">',
            "/tides-of-spring/",
            Outcome.UNRECOGNISED,
            False,
            id="another post, to which the engine guessed its way",
        ),
        pytest.param(
            PageKind.FEED,
            '<rss><channel><atom:link href="https://blog.example.org/author/jane/feed/" rel="self"/>'
            "<generator>https://wordpress.org/?v=6</generator></channel></rss>",
            "/author/jane/feed/",
            Outcome.SHOWN,
            True,
            id="a feed",
        ),
    ],
)
def test_the_example_file_knows_pages_of_a_blog_engine_by_their_names(
    kind: PageKind, html: str, final: str, outcome: Outcome, *, identified: bool
) -> None:
    asked = {PageKind.PROFILE: "/author/jane/", PageKind.STORY: "/tides/"}.get(kind, "/author/jane/feed/")
    request = PageRequest(
        profile="jane", kind=kind, url=BLOGS + asked, viewpoints=("anonymous",), folder="x", handle="jane"
    )
    capture = Capture(
        visit=request,
        viewpoint="anonymous",
        started_at=AT,
        finished_at=AT,
        status=200,
        final_url=BLOGS + final,
        text=html if kind is PageKind.FEED else "",
        html=html,
    )
    said = observe(capture, EXAMPLE, {"home": BLOGS, "handle": "jane"})
    assert (said.outcome, said.identified) == (outcome, identified)
