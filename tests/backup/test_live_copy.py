# ruff: noqa: E501 — a row of a table reads best as one line

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import backup_worker
import pytest
from backup_stories import files_of
from backup_worker import NOW, PlainPool, copy_stories

from selfcheck.backup.library import Library
from selfcheck.backup.model import Origin, StoryState
from selfcheck.backup.render_text import backup_lines
from selfcheck.backup.service import FinishedBackup, journal_of
from selfcheck.backup.verify import verify_library
from selfcheck.backup.wanted_lists import wanted_lists
from selfcheck.core.enums import PageKind
from selfcheck.core.request import ProfileRequest
from selfcheck.demo.site import DemoSite
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.own_copy import OwnList

HANDLE = "margaret-vale"
KILLS = 3


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite(today=date(2026, 11, 28)) as running:
        yield running


def cookie_of(site: DemoSite, handle: str = HANDLE) -> str:
    (cookie,) = site.storage_state(handle)["cookies"]
    return f"{cookie['name']}={cookie['value']}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it kills copies of its own process")
def test_a_backup_that_was_killed_ends_like_one_that_was_not(site: DemoSite, tmp_path: Path) -> None:
    words = [backup_worker.__file__, str(tmp_path), site.url, HANDLE, cookie_of(site), str(KILLS), "12"]
    done = subprocess.run([sys.executable, *words], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    expected = files_of(tmp_path / "whole")
    assert verify_library(tmp_path / "whole").is_whole
    for number in range(KILLS):
        assert files_of(tmp_path / f"killed-{number}") == expected


def test_a_second_backup_opens_only_the_lists_and_changes_nothing(site: DemoSite, tmp_path: Path) -> None:
    copy_stories(tmp_path, site.url, HANDLE, PlainPool(cookie_of(site)))
    files, pool = files_of(tmp_path), PlainPool(cookie_of(site))
    result = copy_stories(tmp_path, site.url, HANDLE, pool)
    assert (result.added, result.changed) == (set(), 0)
    assert [url.removeprefix(site.url) for url in pool.opened] == [f"/feed/@{HANDLE}", f"/@{HANDLE}"]
    assert pool.pictures == []
    assert files_of(tmp_path) == files
    copy_stories(tmp_path, site.url, HANDLE, pool := PlainPool(cookie_of(site)), now=NOW + timedelta(days=31))
    assert len(pool.opened) == 6  # after a month each story is looked at again
    assert files_of(tmp_path) == files


def test_a_copy_stops_at_the_days_budget_says_when_it_ends_and_goes_on(
    site: DemoSite, tmp_path: Path
) -> None:
    first = copy_stories(tmp_path, site.url, HANDLE, PlainPool(cookie_of(site), most_pages=4))
    assert first.stopped == "the limit is spent"
    assert (first.waiting, first.ends) == (2, NOW + timedelta(days=1))
    done = FinishedBackup(folder=tmp_path, copy=first, check=verify_library(tmp_path))
    assert backup_lines(done, "jane")[1] == (
        "It stopped here: the limit is spent. 2 stories are still to be opened; with a backup each day it is"
        " complete on 29 November 2026."
    )
    origins = [story.origin for story in Library.open(tmp_path).stories()]
    assert sorted(origins) == [Origin.AUTHOR_PAGE, Origin.AUTHOR_PAGE, Origin.FEED, Origin.FEED]
    assert verify_library(tmp_path).is_whole
    second = copy_stories(tmp_path, site.url, HANDLE, pool := PlainPool(cookie_of(site)))
    assert not second.stopped
    assert len(pool.opened) == 2
    copy_stories(tmp_path / "whole", site.url, HANDLE, PlainPool(cookie_of(site)))
    whole = files_of(tmp_path / "whole")
    assert {path: data for path, data in files_of(tmp_path).items() if not path.startswith("whole/")} == whole


def test_a_suspended_author_has_a_copy_all_the_same_and_nothing_is_marked_gone(tmp_path: Path) -> None:
    with DemoSite(today=date(2026, 11, 28)) as site:
        copy_stories(tmp_path, site.url, HANDLE, PlainPool(cookie_of(site)))
        files = files_of(tmp_path)
        site.set_state(HANDLE, "silently-suspended")
        copy_stories(tmp_path, site.url, HANDLE, PlainPool(""))  # signed out as well
        assert not journal_of(tmp_path).state.gone
        assert files_of(tmp_path) == files
        again = tmp_path / "again"
        copy_stories(again, site.url, HANDLE, PlainPool(cookie_of(site)))
        assert len(Library.open(again)) == 4


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        ("members-only", StoryState.MEMBERS),
        ("unlisted", StoryState.UNLISTED),
        ("healthy", StoryState.PUBLISHED),
    ],
)
def test_a_story_is_kept_where_its_readers_allow(tmp_path: Path, state: str, kept: StoryState) -> None:
    with DemoSite(today=date(2026, 11, 28)) as site:
        site.set_state(HANDLE, state)
        page = f"{site.url}{site._world.accounts[HANDLE].stories[0].path}"
        copy_stories(tmp_path, site.url, HANDLE, PlainPool(cookie_of(site)), stories=(page,))
    library = Library.open(tmp_path)
    (name,) = (name for name in library.names() if library.read(name).url == page)
    assert library.read(name).state is kept
    assert library.is_private(name) is kept.is_private


def test_a_story_of_a_feed_that_may_hold_private_ones_is_private_until_its_page_was_opened(
    site: DemoSite, tmp_path: Path
) -> None:
    demo = load_platform("demo")
    feed = OwnList(
        on=PageKind.FEED, url=demo.pages[PageKind.FEED].url, with_private=True, tag="C", source="-", seen="-"
    )
    demo = demo.model_copy(update={"backup": demo.backup.model_copy(update={"lists": (feed,)})})
    copy_stories(tmp_path, site.url, HANDLE, PlainPool(cookie_of(site), most_pages=3), platform=demo)
    library = Library.open(tmp_path)
    places = {(library.record(name).origin, library.is_private(name)) for name in library.names()}
    assert places == {(Origin.FEED, True), (Origin.AUTHOR_PAGE, False)}
    copy_stories(tmp_path, site.url, HANDLE, PlainPool(cookie_of(site)), platform=demo)
    assert {path.partition("/")[0] for path in files_of(tmp_path) if "/records/" in f"/{path}"} == {"records"}


BLOG = "https://jane.example"
MEDIUM = "https://medium.com"
LISTS = {
    "medium": [f"{MEDIUM}/feed/@jane", *(f"{MEDIUM}/me/stories{tab}" for tab in ("?tab=posts-published", "?tab=posts-unlisted", "?tab=posts-scheduled", "")), f"{MEDIUM}/@jane"],
    "substack": ["https://tide.substack.com/api/v1/archive?sort=new&limit=12&offset={offset}"],
    "wordpress": [f"{BLOG}/author/jane/feed/?paged={{page}}", f"{BLOG}/author/jane/page/{{page}}/", f"{BLOG}/wp-admin/edit.php?post_type=post&author_name=jane&paged={{page}}"],
    "wordpress.com": ["https://jane.wordpress.com/feed/?paged={page}", "https://jane.wordpress.com/page/{page}/"],
    "ghost": [f"{BLOG}/author/jane/rss/{{page}}/", f"{BLOG}/author/jane/page/{{page}}/"],
    "demo": [f"{BLOG}/feed/@jane", f"{BLOG}/@jane", f"{BLOG}/pub/tide"],
}  # fmt: skip


@pytest.mark.parametrize("platform", LISTS)
def test_a_live_copy_asks_each_platform_for_its_own_lists(platform: str) -> None:
    known = load_platform(platform)
    base = BLOG if ".invalid" in known.home else None
    profile = ProfileRequest(
        name="jane", platform=platform, handle="jane", base_url=base, publications=("tide",)
    )
    assert [wanted.url for wanted in wanted_lists(profile, known)] == LISTS[platform]


def test_a_torn_line_of_the_journal_costs_only_what_it_said(site: DemoSite, tmp_path: Path) -> None:
    copy_stories(tmp_path, site.url, HANDLE, PlainPool(cookie_of(site), most_pages=4))
    journal = tmp_path / "private" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    copy_stories(tmp_path, site.url, HANDLE, pool := PlainPool(cookie_of(site)))
    assert len(pool.opened) == 3
    assert journal_of(tmp_path).state.last_complete == NOW
