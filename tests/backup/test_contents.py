import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
import yaml
from backup_stories import PNG, story, tree

from selfcheck.backup.cleaning import clean_html
from selfcheck.backup.git_copy import commit
from selfcheck.backup.library import Library
from selfcheck.backup.model import Origin, Picture, StoryState
from selfcheck.backup.service import coverage_lines, finish, journal_of, library_folder
from selfcheck.backup.verify import verify_library
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.observation import StoryRef
from selfcheck.errors import UsageError
from selfcheck.storage.data_folder import DataFolder

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PICTURE = Picture(url="https://cdn.example/1.png", data=PNG)
WITH_PICTURE = '<p>Words <img src="https://cdn.example/1.png"></p>'


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library.open(tmp_path / "library")
    library.merge(
        story(title="A <b> & no", published=NOW, html=WITH_PICTURE, pictures=[PICTURE], tags=("yes",))
    )
    library.merge(
        story(id="2", slug="two", url="https://demo.example/two", title="Unready", state=StoryState.DRAFT)
    )
    finish(library, title="Stories", author="jane")
    return library


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p onclick=go()>a</p><script>x</script><style>y</style>", "<p>a</p>"),
        ("<iframe src='https://e.example'>x</iframe><form><input></form>b", "b"),
        (
            "<a href='javascript:x'>a</a><a href='//e.example/b'>b</a>",
            '<a>a</a><a href="https://e.example/b">b</a>',
        ),
        ("<div><div></div><section><p>a</p></section></div>", "<p>a</p>"),
        ("<div>a</div><div>b</div>", "<div>a</div><div>b</div>"),
        ("<img src=/s.png srcset='/s.png 100w, /l.png 900w'>", '<img src="https://b.example/l.png">'),
        ("<img data-src=l.png src=data:x>", '<img src="https://b.example/d/l.png">'),
        ("<svg onload=x><text>in</text></svg><math>m</math>", ""),
        ("<p>a</p><!-- c --><noscript>n</noscript>", "<p>a</p>"),
        ("<div>" * 600 + "deep<p>words</p>", "deep words"),
        ("<p>a<br>" * 600, "<p>a<br></p>" * 600),
        ("", ""),
    ],
)
def test_a_text_is_cleaned_once_for_all(html: str, clean: str) -> None:
    assert clean_html(html, "https://b.example/d/") == clean
    assert clean_html(clean, "https://b.example/d/") == clean


def test_the_feed_has_the_public_stories_and_the_index_names_each_in_its_part(library: Library) -> None:
    feed = feedparser.parse((library.folder / "feed.xml").read_bytes())
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["A <b> & no"]
    assert "Unready" not in (library.folder / "index.html").read_text()
    assert "A &lt;b&gt; &amp; no" in (library.folder / "index.html").read_text()
    assert "Unready" in (library.folder / "private" / "index.html").read_text()


def test_the_front_matter_keeps_words_that_yaml_would_read_otherwise(library: Library) -> None:
    (path,) = (library.folder / "stories").glob("*.md")
    _, head, text = path.read_text().split("---\n", 2)
    assert yaml.safe_load(head)["tags"] == ["yes"]
    assert yaml.safe_load(head)["date"] == "2026-11-28T12:00:00.000Z"
    assert text.strip().startswith("Words ![](../pictures/")


@pytest.mark.parametrize("kind", ["changed", "missing"])
@pytest.mark.parametrize(
    "pattern", ["pictures/*/*", "records/*", "stories/*.md", "private/records/*", "feed.xml"]
)
def test_verify_names_each_file_that_changed_or_is_missing(library: Library, kind: str, pattern: str) -> None:
    assert verify_library(library.folder).is_whole
    (path,) = library.folder.glob(pattern)
    path.unlink() if kind == "missing" else path.write_bytes(b"x" + path.read_bytes())
    (wrong,) = verify_library(library.folder).wrong
    assert str(path.relative_to(library.folder)) in wrong
    assert kind in wrong


def test_only_a_backup_is_verified(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a backup"):
        verify_library(tmp_path)
    assert tree(tmp_path) == []


@pytest.mark.skipif(shutil.which("git") is None, reason="it needs git")
@pytest.mark.parametrize("with_private", [False, True])
def test_a_commit_holds_what_is_private_only_if_the_user_says_so(
    library: Library, *, with_private: bool
) -> None:
    assert commit(library.folder, "one", with_private=True)
    assert commit(library.folder, "two", with_private=with_private) != with_private
    words = ["git", "-C", str(library.folder), "ls-files"]
    names = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert any(name.startswith("private/") for name in names) == with_private
    assert "index.html" in names


def test_coverage_is_told_for_each_profile_and_matched_between_them(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    titles_of = {"medium": ("Shared", "Alone", "A picture"), "ghost": ("Shared", "Another picture")}
    for platform, titles in titles_of.items():
        library = Library.open(library_folder(data, platform))
        for title in titles:
            fields = {"id": title, "slug": title, "url": "", "title": title, "platform": platform}
            text = (
                f"<p>{title} {platform}</p>" if "picture" not in title else '<img src="https://x.example/a">'
            )
            library.merge(story(html=text, **fields))
        journal = journal_of(library.folder)
        journal.begin_round(NOW)
        journal.end_round(NOW)
        finish(library, title=platform, author="jane")
    last = "28 November 2026 (today); 0 stories without a copy"
    taken_in = Library.open(library_folder(data, "taken-in"))
    taken_in.merge(story(id="Own", slug="own", url="", title="Own", platform="x"))
    finish(taken_in, title="x", author="jane")
    unknown = "not complete yet; how many stories have no copy is not known"
    assert coverage_lines(data, ["taken-in", "x", "y"], NOW, USUAL_HINTS) == (
        f"Last backup of taken-in: {unknown}; 1 of 1 story on one platform only.",
        "There is no backup of x and y: selfcheck backup",
    )
    assert coverage_lines(data, ["medium", "ghost", "x"], NOW, USUAL_HINTS) == (
        f"Last backup of medium: {last}; 2 of 3 stories on one platform only.",
        f"Last backup of ghost: {last}; 1 of 2 stories on one platform only.",
        "There is no backup of x: selfcheck backup x",
    )


def test_a_story_that_is_gone_is_marked_in_the_index_and_stays(library: Library) -> None:
    name = library.find(story())
    assert name is not None
    journal_of(library.folder).note_presence(name, NOW, gone=True)
    finish(library, title="Stories", author="jane")
    assert "no longer at the platform since 2026-11-28" in (library.folder / "index.html").read_text()
    assert library.find_listed("demo", StoryRef(id="1", url="").id, "") == name


def test_an_export_is_taken_before_a_page_and_both_stay(library: Library) -> None:
    library.merge(story(html="<p>Words, and the rest of them</p>", origin=Origin.OWN_EXPORT))
    name = library.find(story()) or ""
    assert library.record(name).origin is Origin.OWN_EXPORT
    assert [copy.origin for copy in library.earlier(name)] == [Origin.AUTHOR_PAGE]
