"""Platform files: which are known, what their mistakes are told as, and a user's own."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from selfcheck.cli import cli
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import Outcome, PageKind, SignKind
from selfcheck.errors import ConfigurationError, PlatformUnknownError
from selfcheck.observe import observe
from selfcheck.platforms import catalogue
from selfcheck.platforms.catalogue import load_platform, shipped_names, walls
from selfcheck.platforms.saved_pages import visible_text
from selfcheck.platforms.yamlfile import read_document

MYBLOG = Path(__file__).parents[1] / "platforms" / "myblog.yaml"
AT = datetime(2026, 1, 2, tzinfo=UTC)
HOME = "https://blog.example.org"


def test_the_shipped_platforms_are_known_and_the_walls_are_none_of_them() -> None:
    assert {"demo", "medium"} <= set(shipped_names())
    assert not any(name.startswith("_") for name in shipped_names())


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_platform_has_no_mistake_and_goes_behind_the_walls(name: str) -> None:
    platform = load_platform(name)
    assert platform.platform == name
    assert platform.marks[: len(walls().marks)] == walls().marks


@pytest.mark.parametrize("name", shipped_names())
def test_every_mark_says_where_it_comes_from_and_shown_is_positive(name: str) -> None:
    platform = load_platform(name)
    assert all(mark.source and mark.seen for mark in (*platform.marks, *platform.signs))
    shown = [mark for mark in platform.marks if mark.says is Outcome.SHOWN]
    assert shown
    assert all(set(mark.when.model_fields_set) - {"status", "max_text", "none"} for mark in shown)


def test_a_guess_was_never_seen() -> None:
    medium = load_platform("medium")
    everything = (*medium.marks, *medium.signs, *medium.stories, *medium.facts.values())
    assert all(one.seen == "never" for one in everything if one.tag == "G")


def test_a_mistyped_name_is_reported_with_the_nearest_one() -> None:
    with pytest.raises(PlatformUnknownError) as caught:
        load_platform("medum")
    assert "`medum`" in caught.value.what
    assert caught.value.cause == "Did you mean `medium`?"


def test_a_file_that_is_not_there_is_reported() -> None:
    with pytest.raises(ConfigurationError, match=r"1 mistake in .*nothing\.yaml"):
        load_platform("./nothing.yaml")


def _set(document: Any, path: tuple[str | int, ...], value: Any) -> None:
    for part in path[:-1]:
        document = document[part]
    if value is None:
        del document[path[-1]]
    else:
        document[path[-1]] = value


SOURCE = {"tag": "G", "source": "made by hand", "seen": "never"}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        pytest.param(("handle", "pattern"), "[a-", "regular expression", id="a handle's pattern"),
        pytest.param(("story_id",), "/p/[0-9]+", "one group", id="a story's id without a group"),
        pytest.param(("story_id",), "(/p/", "regular expression", id="a story's id that cannot be read"),
        pytest.param(("marks", 0, "when"), {"url": ["("]}, "regular expression", id="an address's pattern"),
        pytest.param(("story_id",), "(a{99999999999})", "regular expression", id="a huge repetition"),
        pytest.param(("handle", "pattern"), "a{99999999999}", "regular expression", id="one in a handle"),
        pytest.param(("story_id",), "(" * 5000 + ")" * 5000, "regular expression", id="a pattern too deep"),
        pytest.param(("marks", 0, "when"), {"selector": {"css": "p["}}, "CSS selector", id="a selector"),
        pytest.param(("marks", 0, "when"), {"selector": {"css": "\ud800"}}, "selector", id="half a letter"),
        pytest.param(
            ("marks", 0, "when"),
            {"state": {"of": "shema", "path": "$.a"}},
            "did you mean `schema`",
            id="a state",
        ),
        pytest.param(("marks", 0, "when"), {"state": {"of": "schema", "path": "a"}}, "JSONPath", id="a path"),
        pytest.param(
            ("marks", 0, "when"),
            {"state": {"of": "schema", "path": "$[?@.x = 1]"}},
            "JSONPath",
            id="a filter",
        ),
        pytest.param(
            ("marks", 0, "when"),
            {"state": {"of": "schema", "path": "$['{hande}']"}},
            "did you mean `handle`",
            id="a field in a path",
        ),
        pytest.param(("marks", 0, "when"), {}, "at least one condition", id="a mark without a condition"),
        pytest.param(
            ("marks", 0, "when"),
            {"any": [{"all": [{"selector": {"css": "p["}}]}]},
            "CSS selector",
            id="a nested one",
        ),
        pytest.param(
            ("marks", 0, "when"),
            {"selector": {"css": "p", "equals": "x"}},
            "`attribute`",
            id="a value of nothing",
        ),
        pytest.param(("marks", 0, "says"), "suspendet", "did you mean `suspended`", id="an outcome"),
        pytest.param(("marks", 0, "id"), "wall.own", "`wall.`", id="an id that is kept for walls"),
        pytest.param(("marks", 1, "id"), "myblog.host-suspended", "once", id="an id that stands twice"),
        pytest.param(("marks", 0, "source"), None, "source", id="a mark without a source"),
        pytest.param(("facts", "followers", "read", 0, "pattern"), "x", "one group", id="a fact's pattern"),
        pytest.param(
            ("facts", "followers", "read", 0, "selector"), "p[", "CSS selector", id="a fact's selector"
        ),
        pytest.param(("stories", 0, "links"), None, "no way to read", id="a list that is not read"),
        pytest.param(("stories", 0, "state"), "schema", "both or neither", id="a state without a path"),
        pytest.param(("pages", "profile", "url"), "{home}/{user}", "{user}", id="a field in an address"),
        pytest.param(("pages", "profile", "wait_for"), "p[", "CSS selector", id="what is waited for"),
        pytest.param(
            ("pages", "profile", "wait_for"),
            "p:lexbor-contains('x')",
            "browsers know",
            id="a selector of ours",
        ),
        pytest.param(("pages", "profil"), {"url": "x"}, "did you mean `profile`", id="a kind of page"),
        pytest.param(("sign_in", "check"), "publication", "`pages`", id="a page that the platform lacks"),
        pytest.param(("controls", "live"), ["No Body"], "`handle.pattern`", id="a control that is no handle"),
        pytest.param(
            ("controls", "suspended"),
            ["No Body"],
            "`handle.pattern`",
            id="a suspended control that is no handle",
        ),
        pytest.param(
            ("controls", "pages"),
            {"profile": {"live": ["x"]}},
            "story, publication or feed",
            id="a profile as a page",
        ),
        pytest.param(
            ("controls", "pages"),
            {"story": {"absent": "{handle}"}},
            "{random}",
            id="an absent story not at random",
        ),
        pytest.param(
            ("facts",),
            {"views": {"on": ["stats"], "read": [{"pattern": "(1)"}], "today": True, **SOURCE}},
            "`days` beside `today`",
            id="a number of today without days",
        ),
        pytest.param(
            ("stories",),
            [{"on": ["feed"], "feed": True, "apart": ".comments", **SOURCE}],
            "`links` beside `apart`",
            id="a feed with a second list",
        ),
        pytest.param(("extends",), "medum", "did you mean `medium`", id="what no shipped platform is called"),
        pytest.param(("cheap",), {"page": "publication"}, "that `pages` has", id="a cheap view"),
        pytest.param(("engine",), {}, "`generator` or `well_known`", id="an engine that nothing recognises"),
        pytest.param(("engine",), {"generator": "("}, "regular expression", id="a generator"),
        pytest.param(("engine",), {"well_known": ["nodeinfo"]}, "a slash", id="a path below a site"),
        pytest.param(
            ("limits", "programs"),
            "forbiden",
            "did you mean `forbidden`",
            id="what rules say",
        ),
        pytest.param(("limits", "rules"), {"says": "No.", "url": "x"}, "checked", id="undated rules"),
        pytest.param(("robots_by",), {"stories": "owner"}, "story", id="whose robots of which page"),
        pytest.param(("robots_by",), {"story": "nobody"}, "platform", id="whose robots of a story"),
        pytest.param(("day_starts",), "25:00", "HH:MM in UTC", id="a day that begins at no hour"),
        pytest.param(("controls", "absent"), "{handle}", "{random}", id="a control that is not at random"),
        pytest.param(
            ("handle", "from_urls"), ["https://x.org/"], "`{handle}`", id="an address without a handle"
        ),
        pytest.param(("home",), "https://blog.example.org/", "without a slash", id="a home with a slash"),
        pytest.param(("limits", "harmless"), [{"url": "("}], "regular expression", id="a harmless request"),
        pytest.param(("banners",), [{"reject": "p["}], "CSS selector", id="a banner's button"),
        pytest.param(("private_elements",), [{"selector": "p["}], "CSS selector", id="a private element"),
        pytest.param(("states", "more"), {"selector": "p["}, "CSS selector", id="a state's element"),
        pytest.param(("states", "more"), {}, "exactly one of", id="a state that is nowhere"),
        pytest.param(
            ("fallbacks",),
            [{"id": "x", "instead_of": "story", "url": "{who}", "tag": "C", "source": "-", "seen": "-"}],
            "{who}",
            id="a fallback",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line(
    tmp_path: Path, path: tuple[str | int, ...], value: Any, words: str
) -> None:
    document = read_document(MYBLOG).data
    _set(document, path, value)
    file = tmp_path / "wrong.yaml"
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")  # JSON is YAML

    with pytest.raises(ConfigurationError) as caught:
        load_platform(str(file))

    told = [str(mistake) for mistake in caught.value.mistakes]
    assert any(words in one for one in told), told
    assert all(mistake.line for mistake in caught.value.mistakes)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    document = read_document(MYBLOG).data
    _set(document, ("handle", "pattern"), "[a-")
    _set(document, ("story_id",), "none")
    _set(document, ("marks", 2, "when", "selector", "css"), "p[")
    _set(document, ("sign_in", "check"), "publication")
    _set(document, ("pages", "profile", "wait_for"), "main[[")
    _set(document, ("marks", 0, "when"), {"any": [{"url": ["(("]}, {"selector": {"css": "p:never(("}}]})
    _set(document, ("marks", 3, "id"), document["marks"][4]["id"])
    _set(document, ("limits", "harmless"), [{"url": "(("}])
    _set(document, ("colour",), "blue")
    file = tmp_path / "wrong.yaml"
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")  # JSON is YAML

    with pytest.raises(ConfigurationError) as caught:
        load_platform(str(file))

    # what is wrong with regular expressions, selectors and ids is told beside everything else
    assert len(caught.value.mistakes) == 11, [str(mistake) for mistake in caught.value.mistakes]
    lines = [mistake.line or 0 for mistake in caught.value.mistakes]
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        pytest.param(
            ("marks", 2, "when"),
            {"selector": {"css": "p[", "equals": "x"}},
            ("CSS selector", "an `attribute` beside it"),
            id="of an element",
        ),
        pytest.param(
            ("facts", "comments"),
            {"on": ["story"], "read": [{"state": "comments", "attribute": 3}], **SOURCE},
            ("found 3, expected text", "a name from `states`", "state and path"),
            id="of a reading",
        ),
        pytest.param(
            ("facts", "comments"),
            {"on": ["story"], "read": [{"pattern": "("}], "today": True, **SOURCE},
            ("regular expression", "`days` beside `today`"),
            id="of a number",
        ),
        pytest.param(
            ("stories",),
            [{"on": ["profile"], "feed": True, "apart": ".c[", "colour": 1, "tag": "C", "seen": "2020"}],
            ("CSS selector", "`links` beside `apart`", "unknown key `colour`", "expected `source`"),
            id="of a list",
        ),
        pytest.param(
            ("stories",),
            [{"on": ["profile"], "linkz": "h2 a", "id": 3, **SOURCE}],
            ("found 3, expected text", "did you mean `links`?"),
            id="not of a key that is only mistyped",
        ),
        pytest.param(
            ("states", "more"),
            {"selector": "p[", "whole": True},
            ("CSS selector", "exactly one of after"),
            id="of a state",
        ),
        pytest.param(
            ("marks", 2, "when"),
            {"any": [{}, {"url": ["("]}]},
            ("at least one condition", "regular expression"),
            id="of a condition beside another",
        ),
    ],
)
def test_how_an_entry_s_keys_fit_together_is_told_beside_a_wrong_value_in_it(
    tmp_path: Path, path: tuple[str | int, ...], value: Any, words: tuple[str, ...]
) -> None:
    document = read_document(MYBLOG).data
    _set(document, path, value)
    file = tmp_path / "wrong.yaml"
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:
        load_platform(str(file))

    mistakes = [str(mistake) for mistake in caught.value.mistakes]
    missing = [word for word in words if not any(word in mistake for mistake in mistakes)]
    assert (missing, len(mistakes)) == ([], len(words)), mistakes


# -- a user's own file -------------------------------------------------------------------------------------


def look(path: str, html: str, *, kind: PageKind, status: int = 200, viewpoint: str = "anonymous") -> Capture:
    url = f"{HOME}{path}"
    title = html.partition("<title>")[2].partition("</title>")[0]
    visit = PageRequest(
        profile="jane", kind=kind, url=url, viewpoints=(viewpoint,), folder="x", handle="jane"
    )
    return Capture(
        visit=visit,
        viewpoint=viewpoint,
        started_at=AT,
        finished_at=AT,
        status=status,
        final_url=url,
        title=title,
        text=visible_text(html) if "<body" in html else html,
        html=html,
    )


PERSON = (
    '<script type="application/ld+json">{"@graph": [{"@type": "Person", "alternateName": "Jane"}]}</script>'
)
AUTHOR = (
    f'<html><head><title>Jane</title>{PERSON}</head><body class="author"><main><p class="followers">1.2K</p>'
    '<article><h2><a href="/a-quiet-year/">A quiet year</a></h2></article></main></body></html>'
)
FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Jane</title>'
    f"<item><title>A quiet year</title><link>{HOME}/a-quiet-year/</link></item></channel></rss>"
)


@pytest.mark.parametrize(
    ("capture", "outcome", "decided"),
    [
        pytest.param(
            look("/author/jane/", AUTHOR, kind=PageKind.PROFILE),
            "shown",
            "myblog.author-shown",
            id="an author",
        ),
        pytest.param(
            look("/author/jane/", '<body class="error404">No</body>', kind=PageKind.PROFILE, status=404),
            "not_found",
            "myblog.not-found",
            id="a lost page",
        ),
        pytest.param(
            look(
                "/a-quiet-year/", '<body class="single"><article>Text</article></body>', kind=PageKind.STORY
            ),
            "shown",
            "myblog.story-shown",
            id="a story",
        ),
        pytest.param(
            look(
                "/s/",
                '<body class="single"><form class="post-password-form"></form></body>',
                kind=PageKind.STORY,
            ),
            "restricted",
            "myblog.members-only",
            id="a story behind a password",
        ),
        pytest.param(
            look("/wp-login.php?redirect_to=x", '<body class="login"></body>', kind=PageKind.STATS),
            "login_wall",
            "myblog.sign-in",
            id="the sign-in page",
        ),
        pytest.param(
            look("/cgi-sys/suspendedpage.cgi", "<body>x</body>", kind=PageKind.PROFILE),
            "suspended",
            "myblog.host-suspended",
            id="a host's page for unpaid sites",
        ),
        pytest.param(look("/feed/", FEED, kind=PageKind.FEED), "shown", "myblog.feed-shown", id="a feed"),
        pytest.param(
            look("/author/jane/", "<body>Parked</body>", kind=PageKind.PROFILE),
            "unrecognised",
            None,
            id="what is not known",
        ),
    ],
)
def test_a_users_own_file_is_enough_for_an_ordinary_blog(
    capture: Capture, outcome: str, decided: str | None
) -> None:
    said = observe(capture, load_platform(str(MYBLOG)), {"home": HOME, "handle": "jane"})
    assert (said.outcome, said.mark) == (outcome, decided)


def test_a_users_own_file_reads_facts_lists_signs_and_the_session() -> None:
    platform = load_platform(str(MYBLOG))
    values = {"home": HOME, "handle": "jane"}
    author = observe(look("/author/jane/", AUTHOR, kind=PageKind.PROFILE), platform, values)
    assert author.facts == {"followers": 1200}
    assert [story.id for story in author.stories or ()] == ["a-quiet-year"]
    bar = (
        '<html><head><title>Private: Notes</title></head><body class="single"><div id="wpadminbar">'
        '<b class="username">jane</b></div><article>x</article></body></html>'
    )
    private = observe(look("/notes/", bar, kind=PageKind.STORY, viewpoint="author"), platform, values)
    assert (private.signed_in, private.signed_in_as) == (True, "jane")
    assert private.means(SignKind.PRIVATE) is not None


def test_a_users_own_file_is_found_by_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(MYBLOG, tmp_path / "myblog.yaml")
    monkeypatch.chdir(tmp_path)
    assert load_platform("./myblog.yaml").platform == "myblog"
    assert load_platform("myblog.yaml").title == "My Blog"


def test_a_users_own_file_is_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(shutil.copy(MYBLOG, tmp_path / "myblog.yaml"))
    reads: list[Path] = []
    read = catalogue.read_document
    monkeypatch.setattr(catalogue, "read_document", lambda path: reads.append(path) or read(path))
    first = load_platform(str(file))
    assert load_platform(str(file)) is first
    assert reads == [file]
    file.write_text(file.read_text("utf-8").replace("title: My Blog", "title: Our Blog"), encoding="utf-8")
    assert load_platform(str(file)).title == "Our Blog"


@pytest.mark.parametrize("name", ["medium", "demo", str(MYBLOG)], ids=["Medium's", "the demo's", "one's own"])
def test_a_whole_platform_file_can_be_printed(name: str, tmp_path: Path) -> None:
    printed = CliRunner().invoke(cli, ["platforms", "show", name, "--yaml"])
    copy = tmp_path / "copy.yaml"
    copy.write_text(printed.stdout, encoding="utf-8")
    assert (printed.exit_code, load_platform(str(copy))) == (0, load_platform(name))


@pytest.mark.parametrize(
    ("name", "whose"), [("medium", "platform"), ("demo", "platform")], ids=["Medium's", "the demo site's"]
)
def test_a_noindex_is_the_platforms_choice(name: str, whose: str) -> None:
    assert load_platform(name).robots_by == whose
