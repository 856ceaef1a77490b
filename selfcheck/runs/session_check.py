"""Opens one cheap page with a saved session and says whether it is signed in, and as whom.

No page of a platform that asked to be left alone is opened, and its asking is kept for the next run.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from selfcheck.browser.backoff import BackoffRegistry, read_backoffs, write_backoffs
from selfcheck.browser.discovery import provide_browser
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import AUTHOR, Outcome
from selfcheck.core.hosts import host_of
from selfcheck.core.labels import failure_words
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import home_of, page_url, rebase, values_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.environment import NoProgress, RunEnvironment
from selfcheck.runs.plan import Batch, WantedPage
from selfcheck.runs.profile_check import PageDriver, SharedPool
from selfcheck.runs.subjects import CheckSubject
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable


class Checked(IntEnum):
    """How a session was found; the numbers are the exit codes of `session check`."""

    GOOD = 0
    BAD = 1  # signed out, or another account's
    UNKNOWN = 3


@dataclass(frozen=True, kw_only=True)
class SessionReading:
    """What the page says about a session."""

    result: Checked
    says: str
    is_own: bool = False  # the page itself names the profile's account as the one that is signed in


def check_url(profile: ProfileRequest, platform: Platform) -> str:
    """Return the address of the page that tells whether one is signed in there."""
    assert platform.sign_in is not None
    url = page_url(platform.sign_in.check, platform, values_of(profile, platform))
    return rebase(url, platform, profile.base_url)


class SessionInquiry:
    """Wants the one page that shows whether a session is signed in; pure, like an investigation."""

    def __init__(self, profile: ProfileRequest, platform: Platform) -> None:
        assert platform.sign_in is not None
        self._profile, self._platform = profile, platform
        self.reading: SessionReading | None = None
        request = PageRequest(
            profile=profile.name,
            kind=platform.sign_in.check,
            url=check_url(profile, platform),
            viewpoints=(AUTHOR,),
            folder="",
            handle=profile.handle,
            picture=False,
        )
        self._page = WantedPage(request=request, label="session")

    def wanted(self) -> Batch | None:
        """Return the page, until it was opened."""
        return Batch(pages=(self._page,)) if self.reading is None else None

    def take(self, page: WantedPage, observations: Mapping[str, Observation]) -> None:
        """Take what the page says."""
        assert page is self._page
        self.reading = session_reading(observations[AUTHOR], self._profile, self._platform)


async def read_sessions(
    profiles: Sequence[ProfileRequest], *, browser: str | None, data: DataFolder, environment: RunEnvironment
) -> tuple[SessionReading, ...]:
    """Check the session of each profile, where a page can tell and its platform may be opened now."""
    with closing(LimitsTable.open(data)) as table:
        return await _read_sessions(profiles, table, browser=browser, data=data, environment=environment)


async def _read_sessions(
    profiles: Sequence[ProfileRequest],
    table: LimitsTable,
    *,
    browser: str | None,
    data: DataFolder,
    environment: RunEnvironment,
) -> tuple[SessionReading, ...]:
    progress = NoProgress()
    backoffs = BackoffRegistry(read_backoffs(data), table)
    platforms = [load_platform(profile.platform) for profile in profiles]
    readings = [
        not_to_be_opened(profile, platform, backoffs, environment.now())
        for profile, platform in zip(profiles, platforms, strict=True)
    ]
    if not all(readings):
        choice = await asyncio.to_thread(provide_browser, browser, headed=False, say=progress.say)
        options = PoolOptions(jobs=1, say=progress.say, clock=environment.now, table=table, backoffs=backoffs)
        async with open_pool(choice, options) as pool:
            for place, (profile, platform) in enumerate(zip(profiles, platforms, strict=True)):
                if readings[place] is None:
                    inquiry = SessionInquiry(profile, platform)
                    subject = CheckSubject(
                        profile=profile,
                        platform=platform,
                        session=environment.sessions.load(profile.session),
                        saved=not environment.sessions.in_environment(profile.session),
                    )
                    shared = SharedPool(pool)
                    driver = PageDriver(subject, shared=shared, environment=environment, progress=progress)
                    await driver.drive(inquiry)
                    readings[place] = inquiry.reading
    if backoffs.changed:
        write_backoffs(data, backoffs.known(), environment.now())
    return tuple(reading for reading in readings if reading is not None)


def not_to_be_opened(
    profile: ProfileRequest, platform: Platform, backoffs: BackoffRegistry, now: datetime
) -> SessionReading | None:
    """Return why no page is opened with this session; None where one is."""
    if platform.sign_in is None:
        says = f"the platform file of {platform.title} knows no sign-in"
        return SessionReading(result=Checked.UNKNOWN, says=says)
    backoff = backoffs.active(platform.platform, host_of(home_of(profile, platform)), now)
    if backoff is None:
        return None
    says = (
        f"could not tell: {platform.title} asked to be left alone until {backoff.until:%Y-%m-%d %H:%M} UTC,"
        " so no page was opened"
    )
    return SessionReading(result=Checked.UNKNOWN, says=says)


def session_reading(page: Observation, profile: ProfileRequest, platform: Platform) -> SessionReading:
    """Return what the check page says about the session."""
    if page.shows_session_ended:
        return SessionReading(result=Checked.BAD, says="it is not signed in any more")
    if not page.signed_in:
        return SessionReading(result=Checked.UNKNOWN, says=f"could not tell: {_why_unknown(page)}")
    if page.signed_in_as is None:
        return SessionReading(result=Checked.GOOD, says="signed in; the page does not show as whom")
    signed_in_as, own = platform.handle_of(page.signed_in_as), platform.handle_of(profile.handle)
    if signed_in_as == own:
        says = f"signed in as {own.shown(platform.handle.show)}"
        return SessionReading(result=Checked.GOOD, says=says, is_own=True)
    other, mine = signed_in_as.shown(platform.handle.show), own.shown(platform.handle.show)
    return SessionReading(result=Checked.BAD, says=f"signed in as {other}, not as {mine}")


def _why_unknown(page: Observation) -> str:
    if page.outcome is Outcome.UNREACHABLE:
        return (
            f"the page could not be opened ({failure_words(page.failure) if page.failure else 'no answer'})"
        )
    if page.outcome is Outcome.SHOWN:
        return "the page does not show whether you are signed in"
    return f"the page answered {page.outcome.value.replace('_', ' ')}"
