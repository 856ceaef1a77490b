"""Opens one cheap page with a saved session and says whether it is signed in, and as whom."""

from dataclasses import dataclass
from enum import IntEnum

from selfcheck.app.world import World
from selfcheck.capture.eyes import Eyes, View
from selfcheck.model.observation import Observation
from selfcheck.model.request import ProfileRequest
from selfcheck.model.visit import Visit
from selfcheck.model.words import AUTHOR, Outcome
from selfcheck.observe import observe
from selfcheck.platforms.addresses import page_url, rebase, same_handle, values_of
from selfcheck.platforms.schema import Platform


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


async def read_session(
    profile: ProfileRequest, platform: Platform, *, eyes: Eyes, world: World
) -> SessionReading:
    """Look once, without a picture; a session that the platform renews meanwhile is saved again."""
    assert platform.sign_in is not None
    state = world.sessions.load(profile.session)
    home = profile.base_url or platform.home
    visit = Visit(
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


async def keep_rotated(view: View, profile: ProfileRequest, world: World) -> None:
    """Save a session again where the platform changed its cookies, lest the next run be signed out."""
    state = await view.rotated()
    if state is not None and not world.sessions.in_environment(profile.session):
        world.sessions.save(profile.session, state)


def session_reading(seen: Observation, profile: ProfileRequest, platform: Platform) -> SessionReading:
    """Return what a look at the check page says of the session."""
    shown = platform.handle.show.format
    if seen.signed_in is False:
        return SessionReading(found=Checked.BAD, says="it is not signed in any more")
    if seen.signed_in is None:
        return SessionReading(found=Checked.UNKNOWN, says=f"could not tell: {_why_unknown(seen)}")
    if seen.signed_in_as is None:
        return SessionReading(found=Checked.GOOD, says="signed in; the page does not tell as whom")
    if same_handle(seen.signed_in_as, profile.handle, platform):
        return SessionReading(found=Checked.GOOD, says=f"signed in as {shown(handle=profile.handle)}")
    other, own = shown(handle=seen.signed_in_as.lstrip("@")), shown(handle=profile.handle)
    return SessionReading(found=Checked.BAD, says=f"signed in as {other}, not as {own}")


def _why_unknown(seen: Observation) -> str:
    if seen.outcome is Outcome.UNREACHABLE:
        return f"the page could not be opened ({seen.failure.detail if seen.failure else 'no answer'})"
    if seen.outcome is Outcome.SHOWN:
        return "the page bears no sign of being signed in or out"
    return f"the page answered {seen.outcome.value.replace('_', ' ')}"
