"""A run with many profiles of one platform finishes them all, over days where it must; nothing here waits."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from runs import finish

from selfcheck.browser.backoff import BackOff, write_backoffs
from selfcheck.browser.rate_limit import Budget
from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.errors import TooEarlyError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Limits
from selfcheck.runs.allowance import (
    ExpectedViews,
    announcement,
    day_plans,
    expected_views,
    refuse_a_spent_day,
)
from selfcheck.runs.limits import goes_on_with
from selfcheck.runs.run_allowance import RunAllowance, day_budgets
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable, PageView

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEDIUM = load_platform("medium")
SITE = ("medium", "medium.com")


def profile(name: str) -> ProfileRequest:
    return ProfileRequest(
        name=name, platform="medium", handle=name, publications=("pub",), latest_stories=5, session=name
    )


def test_a_profile_is_expected_to_need_what_its_plan_and_controls_say() -> None:
    signed_in, public = (expected_views(profile("jane"), MEDIUM, signed_in=who) for who in (True, False))
    assert (signed_in.anonymous, signed_in.author) == (11, 8)
    assert (public.anonymous, public.author) == (11, 0)


# -- days of runs ----------------------------------------------------------------------------------------


class Days:
    """Runs one after the other on one table, by a clock that only the test moves."""

    def __init__(self) -> None:
        self.table = LimitsTable.in_memory()
        self.now = NOW
        self.views: list[datetime] = []
        self.checked: list[str] = []

    def run(self, names: list[str], each: int, *, killed_after: int | None = None) -> None:
        """Check these profiles with so many page views each; a killed run ends in the middle of one."""
        subjects: Any = [
            SimpleNamespace(profile=profile(name), platform=MEDIUM, session={"some": "session"})
            for name in names
        ]
        allowance = RunAllowance(subjects, self.table, lambda: self.now)
        refuse_a_spent_day(allowance.plans(), allowance.expected, self.now)
        allowance.begin()
        budget = Budget(self.table)
        for number, expected in enumerate(allowance.expected):
            asyncio.run(self._check(allowance, budget, expected.profile, each, number == killed_after))
            if number == killed_after:
                return

    async def _check(
        self, allowance: RunAllowance, budget: Budget, name: str, each: int, is_killed: bool
    ) -> None:
        async with allowance.turn(name, budget.of_profile) as may_begin:
            for _ in range(each // 2 if is_killed else each) if may_begin else ():
                self.now += timedelta(seconds=10)
                view = PageView(platform=SITE[0], address=SITE[1], viewpoint="anonymous", profile=name)
                assert budget.refusal("https://medium.com/", view, MEDIUM.limits, self.now.timestamp()) == ""
                self.views.append(self.now)
            if may_begin and not is_killed:
                self.checked.append(name)
                allowance.finished(name)

    @property
    def most_in_a_day(self) -> int:
        day = timedelta(days=1)
        return max(sum(0 <= (one - view) / day < 1 for one in self.views) for view in self.views)


@pytest.mark.parametrize(("count", "days"), [(1, 1), (3, 1), (7, 1), (8, 2), (50, 8)])
def test_one_to_fifty_profiles_are_all_finished_and_no_day_has_more_than_its_limit(
    count: int, days: int
) -> None:
    world, names = Days(), [f"writer-{number}" for number in range(count)]
    for _ in range(20 * days):
        if len(set(world.checked)) == count:
            break
        try:
            world.run(names, each=19)
        except TooEarlyError:
            world.now += 4 * HOUR
        else:
            world.now = max(world.now, NOW) + 12 * HOUR
    assert len(set(world.checked)) == count
    assert world.views[-1] - NOW < timedelta(days=days)
    assert len(world.checked[:count]) == len(set(world.checked[:count]))  # none twice before all once
    assert world.most_in_a_day <= MEDIUM.limits.page_views_a_day


def test_after_a_killed_run_the_next_one_begins_with_those_it_left() -> None:
    world = Days()
    world.run(["a", "b", "c"], each=10, killed_after=1)
    assert world.checked == ["a"]
    assert set(world.table.waiting()) == {("medium", "b"), ("medium", "c")}
    world.run(["a", "b", "c"], each=10)
    assert world.checked == ["a", "b", "c", "a"]
    assert world.table.waiting() == {}


def test_what_is_promised_to_profiles_under_way_is_not_promised_again() -> None:
    world = Days()
    for name in ("c", "d", "e", "f", "g"):
        world.run([name], each=24)  # 30 are left, and one needs 19

    async def both() -> list[bool]:
        subjects: Any = [
            SimpleNamespace(profile=profile(name), platform=MEDIUM, session={}) for name in ("a", "b")
        ]
        allowance = RunAllowance(subjects, world.table, lambda: world.now)
        async with allowance.turn("a", lambda _: 4) as first, allowance.turn("b", lambda _: 0) as second:
            return [first, second]

    assert asyncio.run(both()) == [True, False]


# -- what is said ----------------------------------------------------------------------------------------


def expected(name: str, views: int = 20) -> ExpectedViews:
    limits = Limits(gap_seconds=8, jitter_seconds=4, page_views_a_day=50)
    return ExpectedViews(
        profile=name, site=SITE, title="Medium", limits=limits, anonymous=views // 2, author=views // 2
    )


def test_a_run_says_beforehand_how_many_page_views_how_long_and_who_must_wait() -> None:
    plans = day_plans([expected("a"), expected("b"), expected("c")], {SITE: ()}, NOW)
    assert announcement(plans, NOW) == (
        "Medium: 2 profiles, up to 40 page views (20 logged out, 20 as the author), about 4 minutes.",
        (
            "Medium: 1 profile must wait, since its limit is 50 page views in 24 hours: c. A run from"
            " 2026-11-22 12:00 UTC (in 1 day) goes on with it."
        ),
    )


def test_a_day_that_is_used_up_is_said_instead_of_opening_anything() -> None:
    earlier = [NOW.timestamp() - 3600 * hours for hours in range(20, 0, -1)] * 2
    plans = day_plans([expected("a")], {SITE: sorted(earlier)}, NOW)
    with pytest.raises(TooEarlyError) as caught:
        refuse_a_spent_day(plans, [expected("a")], NOW)
    assert "A run from 2026-11-21 20:00 UTC (in 8 hours) goes on with it." in caught.value.cause


def test_a_profile_that_needs_more_than_any_day_has_is_begun_on_a_free_day() -> None:
    (free,) = day_plans([expected("a", 90)], {SITE: ()}, NOW)
    (spent,) = day_plans([expected("a", 90)], {SITE: (NOW.timestamp() - 60,)}, NOW)
    assert (len(free.begun), len(spent.begun)) == (1, 0)


def test_who_waits_may_be_checked_though_others_of_the_platform_just_were() -> None:
    request = Request(profiles=(profile("jane"), profile("max")), options=RunOptions(data_dir=Path("data")))
    looks = {"medium": NOW - HOUR}
    kept = goes_on_with(request, looks, NOW, {("medium", "max")})
    assert [one.name for one in kept.profiles] == ["max"]
    assert goes_on_with(request, {}, NOW, {("medium", "max")}) is request
    with pytest.raises(TooEarlyError):
        goes_on_with(request, looks, NOW, {("medium", "somebody else")})


# -- whole runs ------------------------------------------------------------------------------------------


def spend(data: DataFolder, count: int, now: datetime) -> None:
    table = LimitsTable.open(data)
    view = PageView(platform=SITE[0], address=SITE[1], viewpoint="author", profile="x")
    assert all(table.take(view, now.timestamp() - 60, most=None) for _ in range(count))
    table.close()


def test_only_what_selfcheck_does_not_start_itself_has_a_budget(tmp_path: Path) -> None:
    own = replace(profile("jane"), platform="demo")
    copy, here = (replace(own, base_url=url) for url in ("https://blog.example", "http://127.0.0.1:80"))
    budgets = day_budgets(DataFolder(tmp_path / "data"), [own, copy, here], NOW)
    assert [budget.address for budget in budgets] == ["blog.example"]


def test_a_run_leaves_whole_profiles_to_the_next_one_and_says_which(tmp_path: Path) -> None:
    now, data = datetime.now(UTC), DataFolder(tmp_path / "data")
    # It asked to be left alone, so the test opens nothing of it.
    pause = BackOff(platform="medium", host="medium.com", until=now + HOUR, asked_at=now, told=True)
    data.path.mkdir()
    write_backoffs(data, (pause,), now)
    spend(data, 150 - 15, now)
    (budget,) = day_budgets(data, [profile("jane")], now)
    assert (budget.left, budget.most) == (15, 150)
    result = finish(tmp_path, profile("jane"), profile("max")).result
    assert [one.name for one in result.profiles] == ["jane"]
    assert (result.not_checked, result.exit_code) == (("max",), 3)
    spend(data, 15, now)
    with pytest.raises(TooEarlyError, match="used up"):
        finish(tmp_path, profile("jane"), profile("max"))
