"""One look at an account that was just named: what it says, how little it opens, what it keeps."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from backup_worker import NOW, PlainPool

from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.demo.site import DemoSite
from selfcheck.errors import UsageError
from selfcheck.runs import first_look
from selfcheck.runs.first_look import FirstLook, kept_look, look_once
from selfcheck.storage.data_folder import DataFolder


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite(today=date(2026, 11, 28)) as running:
        yield running


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> PlainPool:
    plain = PlainPool("")

    @asynccontextmanager
    async def opened(*_: object) -> AsyncIterator[PlainPool]:
        yield plain

    monkeypatch.setattr(first_look, "open_pool", opened)
    monkeypatch.setattr(first_look, "provide", lambda *_: None)
    return plain


def looked(site: DemoSite, handle: str, data: Path, later: timedelta = timedelta()) -> FirstLook:
    profile = ProfileRequest(name="me", platform="demo", handle=handle, base_url=site.url)
    folder = look_once(profile, RunOptions(data_dir=data), now=lambda: NOW + later)
    kept = kept_look(DataFolder(data), folder.name)
    assert kept is not None
    assert kept[1] == folder
    return kept[0]


def test_it_names_the_account_and_its_first_story_in_one_page_view(
    site: DemoSite, pool: PlainPool, tmp_path: Path
) -> None:
    look = looked(site, "elena-marsh", tmp_path)
    assert (look.is_shown, look.name) == (True, "Elena Marsh")
    assert look.story.startswith("The Lighthouse Keeper")
    assert (look.url, look.has_picture) == (f"{site.url}/@elena-marsh", False)
    assert pool.opened == [look.url]
    assert looked(site, "elena-marsh", tmp_path, timedelta(minutes=9)) == look
    assert len(pool.opened) == 1
    assert looked(site, "elena-marsh", tmp_path, timedelta(minutes=10)).at != look.at
    assert (len(pool.opened), pool.pictures) == (2, [])


@pytest.mark.parametrize(
    ("handle", "says"),
    [
        pytest.param("nobody-at-all", "Says: not found", id="no account"),
        pytest.param("ruth-calder", "Bot check", id="a bot wall"),
        pytest.param("karl-nystrom", "Not recognised", id="another layout"),
    ],
)
@pytest.mark.usefixtures("pool")
def test_what_is_not_the_accounts_page_names_nobody(
    site: DemoSite, handle: str, says: str, tmp_path: Path
) -> None:
    look = looked(site, handle, tmp_path)
    assert (look.is_shown, look.says, look.name, look.story) == (False, says, "", "")


def test_a_spent_limit_and_a_damaged_folder_are_said_and_the_demo_is_not_opened(
    site: DemoSite, pool: PlainPool, tmp_path: Path
) -> None:
    pool._left = 0
    assert looked(site, "elena-marsh", tmp_path).says == "the limit is spent"
    (folder,) = DataFolder(tmp_path).first_looks.iterdir()
    (folder / "look.json").write_text('{"at": "yesterday"}', "utf-8")
    assert kept_look(DataFolder(tmp_path), folder.name) is None
    assert kept_look(DataFolder(tmp_path), "..") is None
    with pytest.raises(UsageError, match="no page to look at once"):
        look_once(
            ProfileRequest(name="me", platform="demo", handle="elena-marsh"),
            RunOptions(data_dir=tmp_path),
            now=lambda: NOW,
        )
