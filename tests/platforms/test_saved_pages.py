"""Folders of saved pages, and `selfcheck platforms` over them."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from selfcheck.cli import cli
from selfcheck.core.enums import Outcome, PageKind
from selfcheck.errors import PlatformUnknownError, UsageError
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.saved_pages import capture_of, read_pages, visible_text

MEDIUM = load_platform("medium")
CAPTURES = Path(os.environ.get("SELFCHECK_CAPTURES", Path(__file__).parents[3] / "shared" / "captures"))
LOST = "<title>Medium</title><body><h1>PAGE NOT FOUND</h1><p>Out of nothing, something.</p></body>"
PROFILE = (
    '<head><title>Jane \u2013 Medium</title><meta property="og:type" content="profile">'
    '<link rel="canonical" href="jane.html"><meta property="og:url" content="https://medium.com/@Jane"></head><body>x</body>'
)


def folder_of(path: Path, *rows: tuple[str, str, str, str]) -> Path:
    lines = ["file\tlabel\thttp_status\tnote"]
    for file, label, status, html in rows:
        (path / file).write_text(html, encoding="utf-8")
        lines.append(f"{file}\t{label}\t{status}\ta note")
    (path / "index.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ran(*words: str) -> Result:
    return CliRunner().invoke(cli, ["platforms", *words], standalone_mode=False)


def test_a_page_is_read_with_its_kind_status_and_address(tmp_path: Path) -> None:
    rows = [("a.html", "medium.profile.shown", "", PROFILE), ("b.html", "medium.missing", "404", LOST)]
    shown, missing = read_pages(folder_of(tmp_path, *rows), MEDIUM)
    assert (shown.kind, shown.status, shown.url, shown.handle) == (
        PageKind.PROFILE,
        200,
        "https://medium.com/@Jane",
        "Jane",
    )
    assert (missing.status, missing.expected) == (404, frozenset({Outcome.NOT_FOUND}))
    assert capture_of(shown).title == "Jane \u2013 Medium"


@pytest.mark.parametrize(
    ("label", "kind", "url"),
    [
        pytest.param("medium.story.shown", PageKind.STORY, "https://medium.com/p/000000000000", id="a story"),
        pytest.param("medium.signin", PageKind.STATS, "https://medium.com/m/signin", id="the sign-in page"),
        pytest.param("wall.challenge", PageKind.PROFILE, "https://medium.com/@jane", id="a wall"),
        pytest.param("medium.feed.shown", PageKind.FEED, "https://medium.com/feed/@jane", id="a feed"),
    ],
)
def test_a_page_that_does_not_say_where_it_was_is_served_where_its_label_says(
    tmp_path: Path, label: str, kind: PageKind, url: str
) -> None:
    (page,) = read_pages(folder_of(tmp_path, ("a.html", label, "", "<body>x</body>")), MEDIUM)
    assert (page.kind, page.url) == (kind, url)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param(
            "<p>one <b>two</b>.</p><p>three</p>", "one two.\nthree", id="words of a line are not torn"
        ),
        pytest.param("a<br>b", "a\nb", id="a line break"),
        pytest.param(
            "a<script>x</script><style>y</style><noscript>z</noscript>b", "ab", id="what is not visible"
        ),
        pytest.param(
            "<p hidden>x</p><p style='color:red; display: none'>y</p><p>z</p>", "z", id="what is hidden"
        ),
        pytest.param("<template><p>x</p></template>", "", id="a template"),
        pytest.param("  a \n b&nbsp;&amp;  c ", "a b & c", id="white space and entities"),
    ],
)
def test_the_visible_text(html: str, text: str) -> None:
    assert visible_text(f"<html><head><title>t</title></head><body>{html}</body></html>") == text


@pytest.mark.parametrize(
    ("index", "words"),
    [
        pytest.param(None, "cannot be read", id="no index"),
        pytest.param("", "names no page", id="an empty index"),
        pytest.param("name\tsort\nx\ty\n", "no columns", id="other columns"),
        pytest.param(
            "file\tlabel\nx.html\tmedium.missing\n", "x.html cannot be read", id="a file that is not there"
        ),
        pytest.param("file\tlabel\nindex.tsv\tmedium.mising\n", "no meaning", id="a label without a meaning"),
        pytest.param(
            "file\tlabel\thttp_status\nindex.tsv\tmedium.missing\tabc\n", "a number", id="a status in words"
        ),
    ],
)
def test_a_folder_that_cannot_be_read_is_reported(tmp_path: Path, index: str | None, words: str) -> None:
    if index is not None:
        (tmp_path / "index.tsv").write_text(index, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_pages(tmp_path, MEDIUM)
    assert any(words in line for line in caught.value.lines())
    assert caught.value.exit_code == 2


def with_columns(path: Path, html: str, **row: str) -> Path:
    columns = {"file": "a.html", "label": "medium.profile.shown", "http_status": "200", **row}
    (path / "a.html").write_text(html, encoding="utf-8")
    (path / "index.tsv").write_text("\t".join(columns) + "\n" + "\t".join(columns.values()) + "\n", "utf-8")
    return path


def test_a_page_is_asked_for_as_somebody_from_a_viewpoint_at_an_address(tmp_path: Path) -> None:
    where = "https://medium.com/tag/tides"
    (page,) = read_pages(
        with_columns(tmp_path, PROFILE, handle="@bob", viewpoint="author", url=where), MEDIUM
    )
    capture = capture_of(page)
    assert (capture.visit.url, capture.final_url) == ("https://medium.com/@bob", where)
    assert (capture.viewpoint, capture.visit.viewpoints, capture.visit.handle) == (
        "author",
        ("author",),
        "bob",
    )


@pytest.mark.parametrize(
    ("label", "subject", "url"),
    [
        ("medium.publication.shown", "field-notes", "https://medium.com/field-notes"),
        ("medium.story.shown", "a1b2c3d4e5f6", "https://medium.com/p/a1b2c3d4e5f6"),
    ],
)
def test_a_page_is_asked_for_as_its_subjects(tmp_path: Path, label: str, subject: str, url: str) -> None:
    (page,) = read_pages(with_columns(tmp_path, "<body>x</body>", label=label, subject=subject), MEDIUM)
    assert (page.asked, capture_of(page).visit.subject) == (url, subject)


def test_somebody_elses_profile_is_wrong_for_whom_it_was_asked(tmp_path: Path) -> None:
    folder = str(with_columns(tmp_path, PROFILE, handle="bob"))
    result = ran("test", "medium", "--pages", folder)
    assert result.return_value == 1
    assert "unrecognised (expected shown)" in result.output


def test_a_storys_id_is_taken_from_its_address_in_the_app(tmp_path: Path) -> None:
    html = '<head><meta property="al:ios:url" content="medium://p/a1b2c3d4e5f6"></head>'
    (page,) = read_pages(with_columns(tmp_path, html, label="medium.story.shown"), MEDIUM)
    assert (page.story, page.url) == ("a1b2c3d4e5f6", "https://medium.com/p/a1b2c3d4e5f6")


def test_a_feed_is_asked_for_as_the_author_that_it_names(tmp_path: Path) -> None:
    html = "<rss><channel><link>https://medium.com/@bob?source=rss</link></channel></rss>"
    (page,) = read_pages(with_columns(tmp_path, html, label="medium.feed.shown"), MEDIUM)
    assert (page.handle, page.url) == ("bob", "https://medium.com/feed/@bob")


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captured pages are not part of the project")
@pytest.mark.parametrize("file", ["m2025_me_stories_signedin.html", "m2026_tag_anon.html"])
@pytest.mark.parametrize(
    "url", ["", "https://medium.com/@{handle}"], ids=["where it was", "at the profile's"]
)
def test_a_page_that_mentions_people_is_the_profile_of_none_of_them(
    tmp_path: Path, file: str, url: str
) -> None:
    html = (CAPTURES / file).read_text("utf-8", errors="replace")
    people = sorted(set(re.findall(r'"username":"([^"]+)"', html)))
    assert people
    for handle in people:
        row = {"handle": handle, "url": url.format(handle=handle), "label": "medium.profile.unrecognised"}
        (page,) = read_pages(with_columns(tmp_path, html, **row), MEDIUM)
        assert observe(capture_of(page), MEDIUM, page.values(MEDIUM)).outcome is Outcome.UNRECOGNISED, handle


def test_a_folder_that_is_not_there_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"nowhere is not there\.$"):
        read_pages(tmp_path / "nowhere", MEDIUM)
    with pytest.raises(UsageError, match=r"file is a file, not a folder\.$"):
        read_pages(tmp_path / "file", MEDIUM)


def test_the_command_reports_success_where_every_page_is_recognised_as_labelled(tmp_path: Path) -> None:
    rows = [("a.html", "medium.profile.shown", "200", PROFILE), ("b.html", "medium.missing", "404", LOST)]
    result = ran("test", "medium", "--pages", str(folder_of(tmp_path, *rows)))
    assert result.return_value == 0
    assert "2 of 2 pages were recognised as their labels say." in result.output
    assert "medium.not-found" in result.output


def test_the_command_says_which_page_is_not_recognised_as_labelled(tmp_path: Path) -> None:
    rows = [("a.html", "medium.profile.suspended", "200", PROFILE), ("b.html", "medium.missing", "404", LOST)]
    result = ran("test", "medium", "--pages", str(folder_of(tmp_path, *rows)))
    assert result.return_value == 1
    assert "WRONG  a.html  medium.profile.suspended  shown (expected suspended)" in result.output


def test_the_command_refuses_a_platform_that_is_not_known(tmp_path: Path) -> None:
    assert isinstance(ran("test", "medum", "--pages", str(tmp_path)).exception, PlatformUnknownError)


def test_the_command_lists_and_shows_platforms() -> None:
    assert "https://medium.com" in ran("list").output
    shown = ran("show", "medium").output
    assert all(mark.id in shown for mark in MEDIUM.marks)
    assert "trust@medium.com" in shown
    assert "nothing of it was seen live" in " ".join(shown.split())


@pytest.mark.skipif(not CAPTURES.is_dir(), reason="the captured pages are not on this machine")
def test_every_captured_page_is_recognised_as_labelled() -> None:
    result = ran("test", "medium", "--pages", str(CAPTURES))
    assert result.return_value == 0, result.output
