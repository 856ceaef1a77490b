"""Whether the profiles of a run fit into what is left of the day, and how long they take. Pure.

Laws:
1. A profile is begun only where all page views that it is expected to need are left: better some profiles
   whole than all of them cut short. One that would fit into no day at all is begun when the day is free.
2. Profiles that an earlier run was to check and did not come first.
3. What is said beforehand is an estimate from above: pages that turn out not to be needed are not opened, and
   pages that look gone are opened again.
4. This machine (loopback) has no limit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, inf
from random import Random

from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind
from selfcheck.core.hosts import host_of, is_loopback
from selfcheck.core.request import ProfileRequest
from selfcheck.core.run import DayBudget
from selfcheck.core.times import duration_words, listed, plural
from selfcheck.errors import TooEarlyError
from selfcheck.platforms.page_urls import home_of
from selfcheck.platforms.schema import Limits, Platform
from selfcheck.runs.controls import drawn_controls
from selfcheck.runs.plan import first_pages

DAY = timedelta(days=1)

Site = tuple[str, str]
"""A platform and the host of its home or of a profile's base_url: what the day's limit is of."""


def site_of(profile: ProfileRequest, platform: Platform) -> Site:
    """Return the site at which a profile's page views count."""
    return platform.platform, host_of(home_of(profile, platform))


@dataclass(frozen=True, kw_only=True)
class ExpectedViews:
    """How many page views a profile is expected to need."""

    profile: str
    site: Site
    title: str  # the platform's
    limits: Limits
    anonymous: int
    author: int

    @property
    def total(self) -> int:
        """Return the page views from both viewpoints, which the day's limit counts together."""
        return self.anonymous + self.author

    @property
    def needed(self) -> int:
        """Return how many must be left before it is begun."""
        return min(self.total, self.limits.page_views_a_day)

    def in_words(self) -> str:
        """Return the numbers as a line."""
        views = f"{self.profile}: up to {plural(self.total, 'page view')}, control pages included"
        return f"{views} ({self.anonymous} logged out, {self.author} as the author):"


def expected_views(profile: ProfileRequest, platform: Platform, *, signed_in: bool) -> ExpectedViews:
    """Return what a profile is expected to need, its controls included."""
    pages = first_pages(profile, platform, signed_in=signed_in)
    story = platform.pages.get(PageKind.STORY)
    count = {
        who: sum(who in page.viewpoints for page in pages)
        + profile.latest_stories * (story is not None and who in story.viewpoints)
        for who in (ANONYMOUS, AUTHOR)
    }
    as_readers = len(profile.readers) * (count[ANONYMOUS] + 2) if platform.login_wall else 0
    controls = {(control.kind, control.page) for control in drawn_controls(profile, platform, Random(0))}  # noqa: S311
    return ExpectedViews(
        profile=profile.name,
        site=site_of(profile, platform),
        title=platform.title,
        limits=platform.limits,
        anonymous=min(count[ANONYMOUS] + len(controls), platform.limits.page_views),
        author=min(count[AUTHOR] * signed_in, platform.limits.page_views) + as_readers,
    )


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """What a run does with what is left of the day at one site."""

    title: str
    limits: Limits
    begun: tuple[ExpectedViews, ...]
    left: tuple[ExpectedViews, ...]
    free_at: datetime | None  # when the first of those that are left can be begun; None: none is left

    @property
    def takes(self) -> timedelta:
        """Return about how long the page views take at the platform's pace; viewpoints go side by side."""
        views = max(sum(one.anonymous for one in self.begun), sum(one.author for one in self.begun))
        return timedelta(seconds=views * (self.limits.gap_seconds + self.limits.jitter_seconds / 2))


def day_plans(
    expected: Sequence[ExpectedViews], views: Mapping[Site, Sequence[float]], now: datetime
) -> tuple[DayPlan, ...]:
    """Return the plan for each site; `views` are the times of its page views of the last 24 hours."""
    plans = []
    for site in dict.fromkeys(one.site for one in expected if not is_loopback(one.site[1])):
        here = [one for one in expected if one.site == site]
        limits, room = here[0].limits, here[0].limits.page_views_a_day - len(views[site])
        begun: list[ExpectedViews] = []
        left: list[ExpectedViews] = []
        for one in here:
            fits = one.needed <= room
            (begun if fits else left).append(one)
            room -= one.needed if fits else 0
        plan = DayPlan(
            title=here[0].title,
            limits=limits,
            begun=tuple(begun),
            left=tuple(left),
            free_at=_free_at(left, begun, views[site], now) if left else None,
        )
        plans.append(plan)
    return tuple(plans)


def _free_at(
    left: Sequence[ExpectedViews],
    begun: Sequence[ExpectedViews],
    views: Sequence[float],
    now: datetime,
) -> datetime:
    """Return when so many page views are a day old that one of those that are left fits."""
    least = min(one.needed for one in left)
    times = [*views, *[now.timestamp()] * sum(one.needed for one in begun)]
    excess = len(times) + least - left[0].limits.page_views_a_day
    return datetime.fromtimestamp(times[max(excess, 1) - 1], UTC) + DAY if times else now


def announcement(plans: Iterable[DayPlan], now: datetime) -> tuple[str, ...]:
    """Return what is said before the first request: how many page views, how long, and what is left."""
    lines = []
    for plan in plans:
        views = sum(one.total for one in plan.begun)
        author = sum(one.author for one in plan.begun)
        if plan.begun:
            minutes = max(1, ceil(plan.takes / timedelta(minutes=1)))
            lines.append(
                f"{plan.title}: {plural(len(plan.begun), 'profile')}, up to {plural(views, 'page view')}"
                f" ({views - author} logged out, {author} as the author), about"
                f" {duration_words(timedelta(minutes=minutes))}."
            )
        if plan.left:
            lines.append(f"{plan.title}: {_what_is_left(plan, now)}")
    return tuple(lines)


def _what_is_left(plan: DayPlan, now: datetime) -> str:
    assert plan.free_at is not None
    return (
        f"{plural(len(plan.left), 'profile')} must wait, since its limit is"
        f" {plan.limits.page_views_a_day} page views in 24 hours:"
        f" {listed([one.profile for one in plan.left])}. A run from {plan.free_at:%Y-%m-%d %H:%M} UTC"
        f" (in {duration_words(plan.free_at - now)}) goes on with"
        f" {'it' if len(plan.left) == 1 else 'them'}."
    )


def refuse_a_spent_day(plans: Sequence[DayPlan], expected: Sequence[ExpectedViews], now: datetime) -> None:
    """Raise TooEarlyError where no profile of the run can be begun."""
    if expected and sum(len(plan.left) for plan in plans) == len(expected):
        raise TooEarlyError(
            "Nothing was opened: the day's page views are used up.",
            cause=" ".join(f"{plan.title}: {_what_is_left(plan, now)}" for plan in plans),
            next_step="Run it again then; `watch` and schedules do so by themselves.",
        )


def waiting_first(
    expected: Iterable[ExpectedViews], waiting: Mapping[tuple[str, str], float]
) -> tuple[ExpectedViews, ...]:
    """Return them in the order in which they are begun: first those that earlier runs left.

    Those that wait longest come first: every run expects all of its profiles, so without the times the same
    ones would come first each day.
    """
    return tuple(sorted(expected, key=lambda one: waiting.get((one.site[0], one.profile), inf)))


def day_budget(title: str, site: Site, limits: Limits, views: Sequence[float]) -> DayBudget:
    """Return what is left of the day at a site."""
    most = limits.page_views_a_day
    return DayBudget(
        platform=site[0],
        title=title,
        address=site[1],
        most=most,
        left=max(0, most - len(views)),
        next_free=datetime.fromtimestamp(views[0], UTC) + DAY if views else None,
    )
