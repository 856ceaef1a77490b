"""One look at an account that was just named, logged out: the author says whether it is theirs.

Laws:
1. It is one page view, within the limits that all commands on this machine share.
2. It says what the page shows, never a verdict: no control is opened, and nothing is compared.
3. What it saw is kept in a folder of its own. The same account is not opened again soon after.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from selfcheck.browser.backoff import BackoffRegistry, read_backoffs, write_backoffs
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.core.labels import OUTCOME_WORD, failure_words
from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.core.text_safety import one_line
from selfcheck.errors import PatternTooSlowError, UsageError
from selfcheck.observe import observe
from selfcheck.observe.account import AccountDetails, read_account
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import home_of, is_own_demo, page_url, rebase, values_of
from selfcheck.runs.limits import is_limited
from selfcheck.runs.run import provide
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_plain, write_whole
from selfcheck.storage.limits_table import LimitsTable

PICTURE = "page.png"
_SAID = "look.json"
_SOON = timedelta(minutes=10)
"""How long a look answers for another one; a writer who goes back and forth opens nothing."""
_LATEST = 20


@dataclass(frozen=True, kw_only=True)
class FirstLook:
    """What the public is shown on the page of an account."""

    at: datetime
    url: str
    is_shown: bool  # it is the page of the account
    says: str  # what it shows otherwise, or why it did not answer; in words
    name: str = ""  # as readers see it; "": the page does not say it, or it is not the account's
    story: str = ""  # the first story that it lists, by its title or address; "": it lists none
    has_picture: bool = False


def look_once(profile: ProfileRequest, options: RunOptions, *, now: Callable[[], datetime]) -> Path:
    """Open the account's own page once as the public is shown it, keep what is there, return the folder.

    Of an account that was opened less than `_SOON` ago, that look's folder. It may wait for the platform's
    pace. Raises UsageError, BrowserMissingError, StorageError.
    """
    platform = load_platform(profile.platform)
    if PageKind.PROFILE not in platform.pages or is_own_demo(profile, platform):
        raise UsageError(f"{platform.title} has no page to look at once.", next_step="Go on without a look.")
    data = DataFolder(options.data_dir)
    url = rebase(
        page_url(PageKind.PROFILE, platform, values_of(profile, platform)), platform, profile.base_url
    )
    for folder in _folders(data)[:_LATEST]:
        earlier = read_look(folder)
        if earlier is not None and earlier.url == url and now() - earlier.at < _SOON:
            return folder
    request = PageRequest(
        profile=profile.name,
        kind=PageKind.PROFILE,
        url=url,
        viewpoints=(ANONYMOUS,),
        folder="",
        handle=profile.handle,
    )
    capture = asyncio.run(_opened(profile, request, options, now))
    folder = data.first_look(f"{now():%Y%m%dT%H%M%S%f}")
    if capture.screenshot is not None:
        write_whole(folder / PICTURE, capture.screenshot)
    write_whole(folder / _SAID, json.dumps(_said(capture, profile, now())).encode())
    return folder


async def _opened(
    profile: ProfileRequest, request: PageRequest, options: RunOptions, now: Callable[[], datetime]
) -> Capture:
    platform, data = load_platform(profile.platform), DataFolder(options.data_dir)
    limited = is_limited([profile])  # a site on this machine is not
    with closing(LimitsTable.open(data) if limited else LimitsTable.in_memory()) as table:
        backoffs = BackoffRegistry(read_backoffs(data) if limited else (), table)
        choice = await asyncio.to_thread(provide, options, _quiet)
        pool_options = PoolOptions(
            jobs=1, say=_quiet, clock=now, table=table, backoffs=backoffs, mode=options.mode
        )
        async with open_pool(choice, pool_options) as pool:
            home = home_of(profile, platform)
            async with pool.view(ANONYMOUS, platform, home, None, profile=profile.name) as view:
                capture = (await pool.fetch_all(request, {ANONYMOUS: view}))[ANONYMOUS]
        if limited and backoffs.changed:
            write_backoffs(data, backoffs.known(), now())
    return capture


def _said(capture: Capture, profile: ProfileRequest, at: datetime) -> dict[str, object]:
    platform = load_platform(profile.platform)
    values = values_of(profile, platform)
    seen, details = observe(capture, platform, values), AccountDetails()
    is_shown = seen.outcome is Outcome.SHOWN
    if is_shown:
        with suppress(PatternTooSlowError):
            details = read_account(capture, platform, values)
    first = next((story for story in seen.stories or () if not story.kept_back), None) if is_shown else None
    return {
        "at": at.isoformat(),
        "url": capture.visit.url,
        "is_shown": is_shown,
        "says": failure_words(seen.failure) if seen.failure else OUTCOME_WORD[seen.outcome],
        "name": details.name,
        "story": one_line(first.title or first.url, 200) if first else "",
    }


def _quiet(_text: str) -> None:
    """Say nothing: what the page shows is the answer."""


# -- what was kept -----------------------------------------------------------------------------------------


def _folders(data: DataFolder) -> list[Path]:
    """Return the folders of looks, the latest first."""
    try:
        return sorted((path for path in data.first_looks.iterdir() if path.is_dir()), reverse=True)
    except OSError:
        return []


def kept_look(data: DataFolder, name: str) -> tuple[FirstLook, Path] | None:
    """Return the look whose folder has this name, with the folder; None where there is none."""
    folder = next((path for path in _folders(data) if path.name == name), None)
    look = read_look(folder) if folder else None
    return (look, folder) if look and folder else None


def read_look(folder: Path) -> FirstLook | None:
    """Return what a look saw; None where its folder does not hold that."""
    try:
        said = json.loads(read_plain(folder, _SAID))
        return FirstLook(
            at=datetime.fromisoformat(said["at"]),
            url=str(said["url"]),
            is_shown=said["is_shown"] is True,
            says=str(said["says"]),
            name=str(said["name"]),
            story=str(said["story"]),
            has_picture=(folder / PICTURE).is_file(),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
