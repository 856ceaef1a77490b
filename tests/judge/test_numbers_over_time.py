"""Numbers over time: days without views, falls of views and followers, purges, and slow declines."""

# ruff: noqa: E501 — a row of a table reads best as one line

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from cases import CONTROLS_PASS, by_author, case, page, seen

from selfcheck.core.case import PastNumbers, ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, Outcome, PageKind, Verdict
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.judge import judge
from selfcheck.judge.numbers import (
    FALSE_ALARMS_A_YEAR,
    RARE,
    WINDOW_DAYS,
    Point,
    chance_of_zero,
    decline,
    fallen,
    hours_gone,
    platform_day,
    points,
    unlikely_drop,
    whole_days,
    width_of_rounding,
    zero_day,
    zero_so_far,
)

Saw = Outcome
NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)
DAY = timedelta(days=1)
STEADY = (60, 55, 70, 64, 58, 61, 66)


@pytest.mark.parametrize(
    ("days", "fires"),
    [
        pytest.param((*STEADY, 0), True, id="a day of zero against a usual sixty"),
        pytest.param((*STEADY, 0, 0), True, id="two days of zero against a usual sixty"),
        pytest.param((*STEADY, 1), False, id="one view is no zero"),
        pytest.param((3, 1, 4, 2, 5, 3, 2, 0), False, id="an author with three views a day is not alarmed"),
        pytest.param((20, 18, 22, 19, 21, 20, 0), False, id="an author with twenty views a day is not alarmed"),
        pytest.param((60, 0, 70, 64, 0, 61, 66, 0), False, id="zeros that happened before are nothing new"),
        pytest.param((2, 1, 5000, 2, 3, 1, 2, 0), False, id="one day that went round the world is not what is usual"),
        pytest.param((60, 55, 0), False, id="two days say nothing of what is usual"),
        pytest.param((0,) * 9, False, id="an author without views is not alarmed"),
        pytest.param((), False, id="no days"),
    ],
)  # fmt: skip
def test_a_day_without_views(days: tuple[int, ...], fires: bool) -> None:
    assert (zero_day(days) is not None) is fires


@pytest.mark.parametrize(
    ("hours", "fires"),
    [
        pytest.param(1, False, id="the first hour says nothing"),
        pytest.param(6, False, id="the first quarter may be night"),
        pytest.param(9, False, id="nine hours are not enough for sixty a day"),
        pytest.param(20, True, id="twenty hours are"),
    ],
)
def test_a_day_that_has_begun_is_weighed_by_its_hours_so_far(hours: float, fires: bool) -> None:
    assert (zero_so_far(STEADY, hours) is not None) is fires


def test_less_of_a_day_is_never_rarer() -> None:
    chances = [chance_of_zero(STEADY, share / 10) for share in range(11)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == 1.0


def test_the_model_alarms_seldom_where_views_are_as_it_says() -> None:
    """Ten thousand days of authors as steady as the model's steadiest: at most one alarm in a thousand."""
    random = Random(11)
    alarms, days = 0, 0
    for _ in range(200):
        views = [_negative_binomial(random, 45, 3.0) for _ in range(64)]
        for last in range(14, 64):
            days += 1
            alarms += views[last] == 0 and views[last - 1] != 0 and zero_day(views[: last + 1]) is not None
    assert alarms / days <= RARE


def _poisson(random: Random, mean: float) -> int:
    if mean > 60:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    bound, count, product = math.exp(-mean), 0, random.random()
    while product > bound:
        count, product = count + 1, product * random.random()
    return count


def _negative_binomial(random: Random, mean: float, size: float) -> int:
    return _poisson(random, random.gammavariate(size, mean / size))


def _author(random: Random, *, mean: float, size: float, weekend: float, days: int) -> Iterator[int]:
    for day in range(days):
        yield _negative_binomial(random, mean * (weekend if day % 7 > 4 else 1), size)


@pytest.mark.parametrize(
    "author",
    [
        pytest.param({"mean": 40, "size": 20.0, "weekend": 0.6}, id="a steady author with quiet weekends"),
        pytest.param({"mean": 60, "size": 3.0, "weekend": 1.0}, id="an uneven author"),
        pytest.param({"mean": 200, "size": 1.0, "weekend": 0.7}, id="a bursty author"),
    ],
)
def test_false_alarms_of_a_fall_are_as_rare_as_stated(author: dict[str, float]) -> None:
    random, years, alarms = Random(5), 25, 0
    for _ in range(years):
        views = list(_author(random, **author, days=WINDOW_DAYS + 365))  # type: ignore[arg-type]
        stands = [
            fallen(views[day - WINDOW_DAYS : day]) is not None for day in range(WINDOW_DAYS, len(views))
        ]
        alarms += sum(now and not before for before, now in zip([False, *stands], stands, strict=False))
    assert alarms / years <= FALSE_ALARMS_A_YEAR


FLAT = [50, 44, 57, 49, 61, 30, 33] * 6


@pytest.mark.parametrize(
    ("days", "fires"),
    [
        pytest.param([*FLAT, *[12, 15, 9, 14, 11, 8, 10] * 2], True, id="two weeks at a quarter of what was usual"),
        pytest.param([*FLAT, 0], False, id="one day alone is no fall"),
        pytest.param([*FLAT, *[12, 15, 9, 14, 11, 8, 10] * 2, *FLAT[:21]], False, id="views that came back"),
        pytest.param([2, 3, 1, 4] * 12 + [0] * 20, False, id="an author with few views is not alarmed"),
        pytest.param(FLAT[:20], False, id="three weeks are no reference"),
    ],
)  # fmt: skip
def test_a_lasting_fall_of_views(days: list[int], fires: bool) -> None:
    assert (fallen(days) is not None) is fires


def run(days_ago: float, followers: int | None, *, by: str = AUTHOR, **more: object) -> PastNumbers:
    facts = {"followers": {ANONYMOUS: None, AUTHOR: None, by: followers}}
    return PastNumbers(run_id=f"r{days_ago}", taken_at=NOW - days_ago * DAY, facts=facts, **more)  # type: ignore[arg-type]


def followers_now(
    past: tuple[PastNumbers, ...], followers: int | None, *controls: ControlReading
) -> ProfileCase:
    author = by_author(Saw.SHOWN, facts={"followers": followers}, taken_at=NOW)
    of = case(page(seen(Saw.SHOWN, taken_at=NOW), author), controls=controls or CONTROLS_PASS)
    return replace(of, past=past)


def told(of: ProfileCase) -> ProfileVerdict:
    judged = judge(of)
    assert isinstance(judged, ProfileVerdict)
    return judged


def test_a_missed_run_is_a_gap_and_an_unknown_number_is_left_out() -> None:
    past = (run(9, 100), run(5, None), run(3, 104), run(2, 7, by=ANONYMOUS))
    found = points(followers_now(past, 105), "followers")
    assert [(point.value, (NOW - point.at).days) for point in found] == [(100, 9), (104, 3), (105, 0)]


def test_without_a_number_now_there_is_nothing_to_compare() -> None:
    assert points(followers_now((run(2, 100), run(1, 100)), None), "followers") == ()


def test_two_runs_within_an_hour_count_as_one() -> None:
    found = points(followers_now((run(2, 100), run(0.01, 101)), 105), "followers")
    assert [point.value for point in found] == [100, 105]


STEADILY = tuple(run(days, 2000 - 3 * days + days % 3) for days in range(12, 0, -1))


@pytest.mark.parametrize(
    ("past", "now", "rule"),
    [
        pytest.param(STEADILY, 1500, "followers.dropped", id="a quarter lost in a day"),
        pytest.param(STEADILY, 1990, None, id="a few lost are nothing"),
        pytest.param(STEADILY, 2200, None, id="a gain is no drop"),
        pytest.param(STEADILY[-3:], 1500, None, id="three runs say nothing of what is usual"),
        pytest.param(tuple(run(d, 30 + d % 2) for d in range(12, 0, -1)), 26, None, id="small authors lose a few by chance"),
        pytest.param(tuple(run(d, 2000 + 300 * (d % 2)) for d in range(12, 0, -1)), 1900, None,
                     id="a number that swings all the time"),
        pytest.param(tuple(run(d, 12000) for d in range(12, 0, -1)), 11000, None, id="one step of a rounded number"),
        pytest.param(tuple(run(d + 29, 2000) for d in range(12, 0, -1)), 1500, None, id="a month without runs is no day's drop"),
    ],
)  # fmt: skip
def test_a_drop_of_followers(past: tuple[PastNumbers, ...], now: int, rule: str | None) -> None:
    judged = told(followers_now(past, now))
    assert judged.verdict is Verdict.VISIBLE
    assert judged.rules[1:] == ((rule,) if rule else ())


def _control(followers: int | None) -> ControlReading:
    return ControlReading(kind=ControlKind.LIVE, handle="alive", outcome=Saw.SHOWN, followers=followers)


@pytest.mark.parametrize(
    ("before", "now", "rule", "words"),
    [
        pytest.param(9000, 7000, "followers.purge", "removed accounts everywhere", id="the control lost as many: a purge"),
        pytest.param(9000, 9010, "followers.dropped", "kept theirs", id="the control kept its own: the author alone"),
        pytest.param(9000, None, "followers.dropped", "a purge of the whole platform may be why", id="the control's number is not known now"),
        pytest.param(None, 9000, "followers.dropped", "a purge of the whole platform may be why", id="the control's number was not known before"),
        pytest.param(12000, 11000, "followers.dropped", "kept theirs", id="a rounded step of the control is no purge"),
    ],
)  # fmt: skip
def test_purge_or_you(before: int | None, now: int | None, rule: str, words: str) -> None:
    past = tuple(replace(one, controls={"alive": before}) for one in STEADILY)
    judged = told(followers_now(past, 1500, _control(now), CONTROLS_PASS[1]))
    assert judged.rules[1] == rule
    assert words in judged.firings[1].reason
    assert "Also worth knowing: followers fell from 1,9" in judged.summary


def test_a_purge_that_a_run_without_the_authors_number_saw_first() -> None:
    """The last run read the purged control and not the author, so it is no measure of what the control lost."""
    past = tuple(replace(one, controls={"alive": 9000}) for one in STEADILY)
    half_blind = replace(past[-1], facts={}, controls={"alive": 7000})
    judged = told(followers_now((*past[:-1], half_blind), 1500, _control(7000), CONTROLS_PASS[1]))
    assert judged.rules[1] == "followers.purge"
    assert "removed accounts everywhere" in judged.firings[1].reason


def test_a_drop_seen_with_another_account_s_session_is_not_the_author_s() -> None:
    author = by_author(Saw.SHOWN, facts={"followers": 5}, taken_at=NOW, signed_in_as="@someone")
    judged = told(replace(case(page(seen(Saw.SHOWN), author)), past=STEADILY))
    assert judged.rules == ("session.other-account",)


def test_a_slow_decline_is_a_note_and_not_an_alarm() -> None:
    past = tuple(run(days, 1000 + 3 * days) for days in range(40, 0, -2))
    judged = told(followers_now(past, 1000))
    assert judged.rules == ("page.shown",)
    assert judged.notes == (
        "Followers declined slowly, from 1,120 to 1,000 in 40 days: a trend, not an alarm.",
    )


@pytest.mark.parametrize(
    ("values", "declines"),
    [
        pytest.param([1000 - 3 * n for n in range(30)], True, id="three a day for a month"),
        pytest.param([1000 + 3 * n for n in range(30)], False, id="a growth"),
        pytest.param([1000] * 20 + [600] * 3 + [1000] * 7, False, id="a dent"),
        pytest.param([1000 - 3 * n for n in range(10)], False, id="ten days are no trend"),
    ],
)
def test_declines(values: list[int], declines: bool) -> None:
    found = [Point(at=NOW + place * DAY, value=value) for place, value in enumerate(values)]
    assert (decline(found) is not None) is declines


@pytest.mark.parametrize(
    ("values", "width"),
    [
        pytest.param([1234, 1200], 1, id="exact"),
        pytest.param([1200, 1300], 100, id="1.2K"),
        pytest.param([12000, 13000], 1000, id="12K"),
        pytest.param([], 1, id="none"),
        pytest.param([0], 1, id="zero"),
    ],
)
def test_the_width_of_rounding(values: list[int], width: int) -> None:
    assert width_of_rounding(values) == width


def test_without_points_no_drop_is_reported() -> None:
    assert unlikely_drop(()) is None


# -- days --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "day", "hours"),
    [
        pytest.param(0, 4, 15.0, id="a day that begins at midnight UTC"),
        pytest.param(8 * 60, 4, 7.0, id="a day that begins at eight"),
        pytest.param(16 * 60, 3, 23.0, id="a day that begins later than now is yesterday's"),
    ],
)
def test_the_platforms_day(starts: int, day: int, hours: float) -> None:
    assert (platform_day(NOW, starts).day, hours_gone(NOW, starts)) == (day, hours)


def test_days_of_several_runs_are_joined_with_gaps() -> None:
    old = PastNumbers(run_id="old", taken_at=NOW - 9 * DAY, series={"views": (5, 6)}, series_at=NOW - 9 * DAY)
    newer = PastNumbers(run_id="new", taken_at=NOW - DAY, series={"views": (7, 8)}, series_at=NOW - DAY)
    look = by_author(Saw.SHOWN, kind=PageKind.STATS, series={"views": (9, 10)}, taken_at=NOW)
    of = replace(case(page(look, kind=PageKind.STATS)), past=(old, newer))
    days = whole_days(of, look, "views")
    assert [(day.isoformat()[5:], value) for day, value in days.items()] == [
        ("04-23", 5), ("04-24", 6), ("05-01", 7), ("05-02", 9), ("05-03", 10),
    ]  # fmt: skip


def stats(**more: object) -> ProfileVerdict:
    day_starts = more.pop("day_starts", None)
    look = by_author(Saw.SHOWN, kind=PageKind.STATS, **{"taken_at": NOW + 5 * timedelta(hours=1), **more})
    healthy = page(seen(Saw.SHOWN), by_author(Saw.SHOWN))
    return told(case(healthy, page(look, kind=PageKind.STATS), day_starts=day_starts))


@pytest.mark.parametrize(
    ("day_starts", "today", "fires"),
    [
        pytest.param(0, 0, True, id="twenty hours without a view"),
        pytest.param(0, None, False, id="a number that was not found is not zero"),
        pytest.param(0, 3, False, id="three views are not zero"),
        pytest.param(None, 0, False, id="a day whose beginning is not known"),
        pytest.param(19 * 60, 0, False, id="a day that began an hour ago"),
    ],
)
def test_a_day_begun_on_the_stats_page(day_starts: int | None, today: int | None, fires: bool) -> None:
    judged = stats(facts={"views_today": today}, series={"views": STEADY}, day_starts=day_starts)
    assert judged.verdict is Verdict.VISIBLE
    assert ("stats.zero-today" in judged.rules) is fires


def test_a_fall_of_views_is_reported_prominently_and_decides_nothing() -> None:
    judged = stats(series={"views": (*FLAT, *[12, 15, 9, 14, 11, 8, 10] * 2)}, day_starts=0)
    assert (judged.verdict, judged.rules) == (Verdict.VISIBLE, ("page.shown", "stats.views-fell"))
    assert "Also worth knowing: views fell" in judged.summary
