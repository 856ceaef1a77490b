"""A run's limits beyond the run itself: not more often than a platform bears, nor while it asks for rest.

Laws:
1. Both are decided from values; times come from the runs kept in the data folder, and the clock is passed in.
2. This machine (loopback) and the demo are looked at as often as one likes.
3. A run that reached no page of a platform does not count as a look at it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.core.hosts import host_of, is_loopback
from selfcheck.core.request import ProfileRequest, Request
from selfcheck.core.times import compact_duration, duration_words, exact_duration
from selfcheck.errors import TooEarlyError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform

SLACK = timedelta(minutes=15)
"""A schedule that starts a little early is no trespass."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a platform may be looked at again."""

    platform: Platform
    last: datetime
    at: datetime


def too_early(
    platforms: Iterable[Platform], last_looks: Mapping[str, datetime], now: datetime
) -> tuple[Due, ...]:
    """Return the platforms that were looked at less than their least interval ago.

    A look that lies in the future says only that a clock was wrong.
    """
    found = {}
    for platform in platforms:
        last = last_looks.get(platform.platform)
        if last is None or last > now:
            continue
        due = last + timedelta(hours=platform.limits.least_interval_hours)
        if now < due - SLACK:
            found[platform.platform] = Due(platform=platform, last=last, at=due)
    return tuple(found.values())


def refuse_too_early(request: Request, last_looks: Mapping[str, datetime], now: datetime) -> None:
    """Raise TooEarlyError where a profile's platform would be looked at too often; `--again` allows it."""
    if request.options.again:
        return
    asked = _asked(request.profiles)
    early = too_early(asked, last_looks, now)
    if early:
        raise _refusal(request, early, now)


def _refusal(request: Request, early: tuple[Due, ...], now: datetime) -> TooEarlyError:
    last = max(early, key=lambda due: due.at)
    told = "; ".join(
        f"{due.platform.title} was looked at {duration_words(now - due.last)} ago, and its file asks for"
        f" {due.platform.limits.least_interval_hours:g} hours between two runs"
        for due in early
    )
    return TooEarlyError(
        f"Too early: {told}.",
        cause="Looking more often tells little more, and brings your address nearer to a bot wall."
        " Nothing was opened.",
        next_step=lambda hints: (
            f"The next run is due at {last.at:%Y-%m-%d %H:%M} UTC, in"
            f" {duration_words(last.at - now)}. To look all the same:"
            f" `{hints.command('run', *request.names, '--again', profiles=request.source)}`"
        ),
    )


def least_gap(profile: ProfileRequest) -> timedelta:
    """Return how much time a profile's platform wants between two runs; none on this machine."""
    gaps = (timedelta(hours=one.limits.least_interval_hours) for one in _asked((profile,)))
    return next(gaps, timedelta(0))


def too_often(gap: timedelta, profiles: Iterable[ProfileRequest]) -> tuple[str, ...]:
    """Return a warning for each platform that asks for more time between two runs than a rhythm leaves."""
    platforms = {one.platform: one for one in _asked(profiles)}
    least = {one.title: timedelta(hours=one.limits.least_interval_hours) for one in platforms.values()}
    return tuple(
        f"{title}'s file asks for {exact_duration(asked)} between two runs, and this leaves"
        f" {exact_duration(gap)}: a run that comes too early is left out."
        f" `--every {compact_duration(asked)}` fits."
        for title, asked in least.items()
        if gap < asked - SLACK
    )


def _asked(profiles: Iterable[ProfileRequest]) -> tuple[Platform, ...]:
    """Return the platforms of the profiles that are not on this machine."""
    return tuple(load_platform(one.platform) for one in profiles if not _is_at_home(one))


def _is_at_home(profile: ProfileRequest) -> bool:
    """Return whether a profile is on this machine: the demo, or a base_url on loopback."""
    platform = load_platform(profile.platform)
    if profile.base_url is None:
        return platform.built_in_demo or is_loopback(host_of(platform.home))
    return is_loopback(host_of(profile.base_url))
