"""`selfcheck platforms learn`: drafts a platform file from three live pages and one that does not exist."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from selfcheck.browser.discovery import provide_browser
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind, Purpose
from selfcheck.errors import UsageError
from selfcheck.observe import observe
from selfcheck.observe.platform_draft import PlatformDraft, draft_platform
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.learn import learn_key
from selfcheck.platforms.page_urls import fill, page_url
from selfcheck.platforms.schema import Platform
from selfcheck.runs.environment import ProgressReporter

_ABSENT = "q7x3vselfcheck"
_BLOCKED = frozenset({Outcome.CHALLENGE, Outcome.RATE_LIMITED, Outcome.SERVER_ERROR, Outcome.UNREACHABLE})


def account_names(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return the one part in which the addresses of profiles differ. Raise UsageError where none is."""
    parts = [_parts(address) for address in addresses]
    places = [tuple(at) for at in zip(*parts, strict=False) if len(set(at)) > 1]
    alike = len({len(part) for part in parts}) == 1
    if not alike or len(places) != 1 or len(set(places[0])) != len(addresses):
        raise UsageError(
            "The addresses do not differ in the account's name only.",
            cause=", ".join(addresses),
            next_step="Give the addresses of three different profiles of the same site, written alike.",
        )
    return places[0]


def _parts(address: str) -> list[str]:
    scheme, _, rest = address.rstrip("/").partition("://")
    host, _, path = rest.partition("/")
    return [scheme, *host.split("."), *re.split(r"([/@=?&])", path)]


async def learn_site(
    address: str, live: Sequence[str], *, named: str | None, browser: str | None, progress: ProgressReporter
) -> PlatformDraft:
    """Return the draft of a platform file for the site of these profiles, called after its host or `named`.

    Raise UsageError where the addresses or the pages tell nothing.
    """
    names = account_names((address, *live))
    platform = _platform(address, names[0])
    choice = await asyncio.to_thread(provide_browser, browser, headed=False, say=progress.say)
    async with open_pool(choice, PoolOptions(jobs=1, say=progress.say, clock=_now)) as pool:
        captures = []
        for name in (*names, fill(platform.controls.absent or "", {"random": _ABSENT})):
            progress.say(f"opening {name}")
            async with pool.view(ANONYMOUS, platform, platform.home, None) as view:
                request = _request(platform, name)
                captures.append((await pool.fetch_all(request, {ANONYMOUS: view}))[ANONYMOUS])
    _refuse_blocked(captures, platform)
    platform = platform.model_copy(update={"platform": named or platform.platform})
    return draft_platform(platform, captures[:-1], captures[-1], f"{_now():%Y-%m-%d}")


def _platform(address: str, name: str) -> Platform:
    try:
        return load_platform(learn_key({PageKind.PROFILE: address}, name))
    except ValueError as error:
        raise UsageError(f"{address} is not the address of a profile.", cause=f"Expected: {error}.") from None


def _request(platform: Platform, name: str) -> PageRequest:
    return PageRequest(
        profile="",
        kind=PageKind.PROFILE,
        url=page_url(PageKind.PROFILE, platform, {"home": platform.home, "handle": name}),
        viewpoints=(ANONYMOUS,),
        folder="",
        purpose=Purpose.CONTROL,
        handle=name,
        picture=False,
    )


def _refuse_blocked(captures: Sequence[Capture], platform: Platform) -> None:
    for capture in captures:
        outcome = observe(capture, platform, {"home": platform.home}).outcome
        if outcome in _BLOCKED:
            raise UsageError(
                f"{capture.visit.url} could not be read ({outcome.value}), so nothing can be learned.",
                next_step="Try again later, or from another connection.",
            )


def _now() -> datetime:
    return datetime.now(UTC)
