"""How often a platform may be checked, whatever the user asks for.

Laws:
1. It is decided from values: times come from the history, and the clock is passed in.
2. This machine (loopback) and the demo may be checked as often as the user likes.
3. A run that reached no page of a platform does not count.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from selfcheck.core.request import ProfileRequest, Request
from selfcheck.core.times import compact_duration, duration_words, exact_duration
from selfcheck.errors import TooEarlyError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import is_local
from selfcheck.platforms.schema import Platform

SLACK = timedelta(minutes=15)
"""How much earlier than that a scheduled run may start."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a platform may be checked again."""

    platform: Platform
    last: datetime
    at: datetime


def too_early(
    platforms: Iterable[Platform], last_looks: Mapping[str, datetime], now: datetime
) -> tuple[Due, ...]:
    """Return the platforms that were checked less than their minimum interval ago.

    A time in the future says only that a clock was wrong.
    """
    early = {}
    for platform in platforms:
        last = last_looks.get(platform.platform)
        if last is None or last > now:
            continue
        due = last + timedelta(hours=platform.limits.least_interval_hours)
        if now < due - SLACK:
            early[platform.platform] = Due(platform=platform, last=last, at=due)
    return tuple(early.values())


def refuse_too_early(request: Request, last_looks: Mapping[str, datetime], now: datetime) -> None:
    """Raise TooEarlyError where a profile's platform would be checked too often; `--again` allows it."""
    if request.options.again:
        return
    early = too_early(_remote_platforms(request.profiles), last_looks, now)
    if early:
        raise _refusal(request, early, now)


def goes_on_with(
    request: Request,
    last_looks: Mapping[str, datetime],
    now: datetime,
    waiting: Collection[tuple[str, str]],
) -> Request:
    """Return the request with the profiles that may be checked now.

    `waiting` holds platforms and names of profiles that an earlier run was to check and did not: these may,
    though others of their platform were checked a short time ago. Raise TooEarlyError where none of them
    waits and any of their platforms was.
    """
    early = {due.platform.platform for due in too_early(_remote_platforms(request.profiles), last_looks, now)}
    if request.options.again or not early:
        return request
    names = {profile: load_platform(profile.platform).platform for profile in request.profiles}
    if not any((names[profile], profile.name) in waiting for profile in request.profiles):
        refuse_too_early(request, last_looks, now)
    kept = tuple(
        profile
        for profile in request.profiles
        if names[profile] not in early or _is_local(profile) or (names[profile], profile.name) in waiting
    )
    return replace(request, profiles=kept)


def _refusal(request: Request, early: tuple[Due, ...], now: datetime) -> TooEarlyError:
    last = max(early, key=lambda due: due.at)
    texts = "; ".join(
        f"{due.platform.title} was checked {duration_words(now - due.last)} ago, and its file asks for"
        f" {due.platform.limits.least_interval_hours:g} hours between two runs"
        for due in early
    )
    return TooEarlyError(
        f"Too early: {texts}.",
        cause="More frequent checks rarely show anything new and can get your IP address blocked."
        " Nothing was opened.",
        next_step=lambda hints: (
            f"The next run is due at {last.at:%Y-%m-%d %H:%M} UTC, in"
            f" {duration_words(last.at - now)}. To run it anyway:"
            f" `{hints.command('run', *request.names, '--again', profiles=request.source)}`"
        ),
    )


def least_gap(profile: ProfileRequest) -> timedelta:
    """Return how much time a profile's platform wants between two runs; none on this machine."""
    gaps = (
        timedelta(hours=platform.limits.least_interval_hours) for platform in _remote_platforms((profile,))
    )
    return next(gaps, timedelta(0))


def too_often(gap: timedelta, profiles: Iterable[ProfileRequest]) -> tuple[str, ...]:
    """Return a warning for each platform that asks for more time between two runs than a schedule leaves."""
    least = {
        platform.title: timedelta(hours=platform.limits.least_interval_hours)
        for platform in _remote_platforms(profiles)
    }
    return tuple(
        f"{title}'s file asks for {exact_duration(least_gap)} between two runs, and this leaves"
        f" {exact_duration(gap)}: a run that comes too early is left out."
        f" `--every {compact_duration(least_gap)}` fits."
        for title, least_gap in least.items()
        if gap < least_gap - SLACK
    )


def is_limited(profiles: Iterable[ProfileRequest]) -> bool:
    """Return whether any of these profiles is on the web, where limits hold."""
    return not all(map(_is_local, profiles))


def _remote_platforms(profiles: Iterable[ProfileRequest]) -> tuple[Platform, ...]:
    """Return the platforms of the profiles that are not on this machine."""
    return tuple(load_platform(profile.platform) for profile in profiles if not _is_local(profile))


def _is_local(profile: ProfileRequest) -> bool:
    return is_local(profile, load_platform(profile.platform))
