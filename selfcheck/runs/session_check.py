"""Opens one cheap page with a saved session and says whether it is signed in, and as whom.

No page of a platform that asks to be left alone is opened, and its asking is kept for the next run.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path

from selfcheck.browser.backoff import BackoffRegistry
from selfcheck.browser.backoff_store import read_backoffs, write_backoffs
from selfcheck.browser.discovery import provide_browser
from selfcheck.browser.pool import BrowserPool, ViewContext, open_pool
from selfcheck.core.enums import AUTHOR, Outcome
from selfcheck.core.hosts import host_of
from selfcheck.core.observation import Observation
from selfcheck.core.page_request import PageRequest
from selfcheck.core.request import ProfileRequest
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import page_url, rebase, values_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.environment import RunEnvironment


class Checked(IntEnum):
    """How a session was found; the numbers are the exit codes of `session check`."""

    GOOD = 0
    BAD = 1  # signed out, or another account's
    UNKNOWN = 3


@dataclass(frozen=True, kw_only=True)
class SessionReading:
    """What the page said of a session."""

    found: Checked
    says: str


def check_url(profile: ProfileRequest, platform: Platform) -> str:
    """Return the address of the page that tells whether one is signed in there."""
    assert platform.sign_in is not None
    url = page_url(platform.sign_in.check, platform, values_of(profile, platform))
    return rebase(url, platform, profile.base_url)


async def read_sessions(
    profiles: Sequence[ProfileRequest], *, browser: str | None, data_dir: Path, world: RunEnvironment
) -> tuple[SessionReading, ...]:
    """Look with the session of each profile, where that can tell and the platform does not ask for rest."""
    doors = BackoffRegistry(read_backoffs(data_dir))
    readings = [not_to_be_opened(one, load_platform(one.platform), doors, world.now()) for one in profiles]
    if not all(readings):
        choice = await asyncio.to_thread(provide_browser, browser, headed=False, say=_quietly)
        async with open_pool(
            choice, headed=False, jobs=1, say=_quietly, clock=world.now, doors=doors
        ) as eyes:
            for place, profile in enumerate(profiles):
                readings[place] = readings[place] or await read_session(
                    profile, load_platform(profile.platform), eyes=eyes, world=world
                )
    if doors.changed:
        write_backoffs(data_dir, doors.known(), world.now())
    return tuple(one for one in readings if one is not None)


def not_to_be_opened(
    profile: ProfileRequest, platform: Platform, doors: BackoffRegistry, now: datetime
) -> SessionReading | None:
    """Return why no page is opened with this session; None where one is."""
    if platform.sign_in is None:
        says = f"the platform file of {platform.title} knows no sign-in"
        return SessionReading(found=Checked.UNKNOWN, says=says)
    backoff = doors.closed(platform.platform, host_of(profile.base_url or platform.home), now)
    if backoff is None:
        return None
    says = (
        f"could not tell: {platform.title} asked to be left alone until {backoff.until:%Y-%m-%d %H:%M} UTC,"
        " so no page was opened"
    )
    return SessionReading(found=Checked.UNKNOWN, says=says)


def _quietly(_text: str) -> None:
    """Leave out what the browser's start tells."""


async def read_session(
    profile: ProfileRequest, platform: Platform, *, eyes: BrowserPool, world: RunEnvironment
) -> SessionReading:
    """Look once, without a picture; a session that the platform renews meanwhile is saved again."""
    assert platform.sign_in is not None
    state = world.sessions.load(profile.session)
    home = profile.base_url or platform.home
    visit = PageRequest(
        profile=profile.name,
        kind=platform.sign_in.check,
        url=check_url(profile, platform),
        viewpoints=(AUTHOR,),
        folder="",
        handle=profile.handle,
        picture=False,
    )
    async with eyes.view(AUTHOR, platform, home, state) as view:
        capture = (await eyes.look_together(visit, {AUTHOR: view}))[AUTHOR]
        seen = observe(capture, platform, values_of(profile, platform))
        if seen.signed_in:
            await keep_rotated(view, profile, world)
    return session_reading(seen, profile, platform)


async def keep_rotated(view: ViewContext, profile: ProfileRequest, world: RunEnvironment) -> None:
    """Save a session again where the platform changed its cookies, lest the next run be signed out."""
    state = await view.rotated()
    if state is not None and not world.sessions.in_environment(profile.session):
        world.sessions.save(profile.session, state)


def session_reading(seen: Observation, profile: ProfileRequest, platform: Platform) -> SessionReading:
    """Return what a look at the check page says of the session."""
    if seen.signed_in is False:
        return SessionReading(found=Checked.BAD, says="it is not signed in any more")
    if seen.signed_in is None:
        return SessionReading(found=Checked.UNKNOWN, says=f"could not tell: {_why_unknown(seen)}")
    if seen.signed_in_as is None:
        return SessionReading(found=Checked.GOOD, says="signed in; the page does not tell as whom")
    signed_in_as, own = platform.handle_of(seen.signed_in_as), platform.handle_of(profile.handle)
    if signed_in_as == own:
        return SessionReading(found=Checked.GOOD, says=f"signed in as {own.shown(platform.handle.show)}")
    other, mine = signed_in_as.shown(platform.handle.show), own.shown(platform.handle.show)
    return SessionReading(found=Checked.BAD, says=f"signed in as {other}, not as {mine}")


def _why_unknown(seen: Observation) -> str:
    if seen.outcome is Outcome.UNREACHABLE:
        return f"the page could not be opened ({seen.failure.detail if seen.failure else 'no answer'})"
    if seen.outcome is Outcome.SHOWN:
        return "the page bears no sign of being signed in or out"
    return f"the page answered {seen.outcome.value.replace('_', ' ')}"
