import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from backup_stories import PNG, story, tree

from selfcheck.backup.library import Library, Merge
from selfcheck.backup.model import Origin, Picture, Story, StoryState
from selfcheck.errors import StorageError, UsageError

MARCH, JUNE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
LONG, SHORT = "<p>" + "word " * 100 + "</p>", "<p>" + "other " * 50 + "</p>"
EDITED = "<p>" + "edit " * 100 + "</p>"

_EXPORT = story(html=LONG, origin=Origin.OWN_EXPORT)
_PAGE = story(html=LONG, origin=Origin.AUTHOR_PAGE)
_FEED = story(html=LONG, origin=Origin.FEED)


@pytest.mark.parametrize(
    ("first", "then", "merge", "listed", "earlier"),
    [
        (_PAGE, _PAGE, Merge.UNCHANGED, LONG, []),
        (_PAGE, replace(_PAGE, html=EDITED), Merge.BETTER, EDITED, [LONG]),
        (_PAGE, replace(_PAGE, html=SHORT), Merge.BETTER, SHORT, [LONG]),
        (_PAGE, replace(_EXPORT, html=EDITED), Merge.BETTER, EDITED, [LONG]),
        (_PAGE, replace(_EXPORT, html=SHORT), Merge.KEPT_OTHER, LONG, [SHORT]),
        (_EXPORT, replace(_PAGE, html=EDITED), Merge.KEPT_OTHER, LONG, [EDITED]),
        (_EXPORT, replace(_FEED, html=SHORT), Merge.KEPT_OTHER, LONG, [SHORT]),
        (_PAGE, _EXPORT, Merge.BETTER, LONG, []),
        (_EXPORT, _PAGE, Merge.UNCHANGED, LONG, []),
        (_EXPORT, replace(_PAGE, tags=("new",)), Merge.BETTER, LONG, []),
        (
            replace(_EXPORT, updated=MARCH),
            replace(_PAGE, html=EDITED, updated=JUNE),
            Merge.BETTER,
            EDITED,
            [LONG],
        ),
        (
            replace(_PAGE, updated=JUNE),
            replace(_EXPORT, html=EDITED, updated=MARCH),
            Merge.KEPT_OTHER,
            LONG,
            [EDITED],
        ),
        (_PAGE, replace(_PAGE, id="other-id", html=EDITED), Merge.BETTER, EDITED, [LONG]),
        (_PAGE, replace(_PAGE, id="other-id", slug="", html=EDITED), Merge.BETTER, EDITED, [LONG]),
    ],
)
def test_the_better_copy_is_listed_and_the_other_one_kept(
    tmp_path: Path, *, first: Story, then: Story, merge: Merge, listed: str, earlier: list[str]
) -> None:
    library = Library.open(tmp_path / "library")
    assert library.merge(first) is Merge.ADDED
    assert library.merge(then) is merge
    (name,) = library.names()
    assert library.read(name).html == listed
    assert [copy.html for copy in library.earlier(name)] == earlier
    files = tree(tmp_path)
    assert library.merge(then) is Merge.UNCHANGED
    assert tree(tmp_path) == files
    assert list(Library.open(tmp_path / "library").stories()) == list(library.stories())


@pytest.mark.parametrize("state", [state for state in StoryState if state is not StoryState.PUBLISHED])
def test_what_is_not_public_is_only_in_the_private_part(tmp_path: Path, state: StoryState) -> None:
    library = Library.open(tmp_path)
    picture = Picture(url="https://cdn.example/1.png", data=PNG)
    library.merge(
        story(state=state, html='<p>secret <img src="https://cdn.example/1.png"></p>', pictures=[picture])
    )
    assert {path.split("/")[0] for path in tree(tmp_path)} == {"library.json", "private"}
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "private").stat().st_mode) == 0o700
    library.merge(story(state=StoryState.PUBLISHED, html="<p>for all</p>"))
    (name,) = library.names()
    public = [path for path in tree(tmp_path) if not path.startswith("private/")]
    assert public == ["library.json", f"records/{name}.json", f"stories/{name}.html", f"stories/{name}.md"]
    (before,) = library.earlier(name)
    assert before.state is state


def test_a_story_that_was_moving_when_the_process_was_killed_is_there_once(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    library.merge(story(state=StoryState.DRAFT))
    files = {path: (tmp_path / path).read_bytes() for path in tree(tmp_path)}
    library.merge(story(state=StoryState.PUBLISHED))
    for path, data in files.items():
        (tmp_path / path).write_bytes(data)
    (again,) = Library.open(tmp_path).stories()
    assert again.state is StoryState.PUBLISHED
    assert not list((tmp_path / "private" / "records").iterdir())


def test_pictures_are_kept_once_and_their_addresses_lead_to_them(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    html = '<p><img src="https://cdn.example/1.png" alt="A dot"></p>'
    unfetched = Picture(url="https://cdn.example/1.png", alt="A dot")
    library.merge(story(html=html, pictures=[unfetched]))
    (name,) = library.names()
    assert library.read(name).pictures == (unfetched,)
    assert library.merge(story(html=html, pictures=[replace(unfetched, data=PNG)])) is Merge.BETTER
    assert library.merge(story(id="2", slug="two", url="", html=html, pictures=[unfetched])) is Merge.ADDED
    first, second = (each.pictures[0] for each in library.stories())
    assert first == second
    assert first.path is not None
    assert first.path.read_bytes() == PNG
    assert first.media_type == "image/png"
    page = tmp_path / "stories" / f"{name}.html"
    shown = f"../{first.path.relative_to(tmp_path).as_posix()}"
    assert f'src="{shown}"' in page.read_text()
    assert f"![A dot]({shown})" in page.with_suffix(".md").read_text()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UsageError, match="not a backup"):
        Library.open(tmp_path)
    assert tree(tmp_path) == ["letters.txt"]


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    library = Library.open(tmp_path)
    library.merge(story())
    (name,) = library.names()
    (tmp_path / "records" / f"{name}.json").write_text("{}")
    with pytest.raises(StorageError, match=f"{name}.json is damaged"):
        Library.open(tmp_path)


def test_two_stories_of_one_slug_stay_two_unless_one_has_no_address(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    one = story(id="1", slug="untitled", url="https://demo.example/untitled-1")
    assert library.merge(one) is Merge.ADDED
    assert library.merge(replace(one, id="2", url="https://demo.example/untitled-2")) is Merge.ADDED
    assert library.merge(replace(one, id="3", url="", origin=Origin.OWN_EXPORT)) is not Merge.ADDED
    assert len(library) == 2
