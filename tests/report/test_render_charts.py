"""Which charts and figures a profile's numbers give: no number is made up, and controls have one scale."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from selfcheck.core.account_report import AccountReport, FollowerDrop, ReportOverTime
from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import ProfileDay, RunRow
from selfcheck.report.charts import unknown_runs
from selfcheck.report.render_charts import charts, figures, number_rows

FIRST = date(2026, 10, 1)
SITE = ReportOverTime(
    made_at=datetime(2026, 11, 1, tzinfo=UTC),
    zone=UTC,
    zone_name="UTC",
    stale_after=timedelta(hours=36),
    profiles=(),
)
ROW = RunRow(
    run_id="r",
    profile="jane",
    platform="demo",
    handle="@jane",
    at=SITE.made_at,
    verdict=Verdict.VISIBLE,
    silent=None,
    strength=Strength.CONFIRMED,
    summary="",
)
Numbers = Sequence[int | None]


def a_profile(followers: Numbers = (), views: Numbers = (), **controls: Numbers) -> AccountReport:
    count = max(len(followers), len(views))
    padded = [(*one, *[None] * (count - len(one))) for one in (followers, views)]
    days = tuple(
        ProfileDay(
            day=FIRST + timedelta(days=place),
            verdict=Verdict.VISIBLE,
            strength=Strength.CONFIRMED,
            runs=1,
            followers=padded[0][place],
            views=padded[1][place],
        )
        for place in range(count)
    )
    return AccountReport(
        name="jane",
        handle="@jane",
        platform="Inkwell",
        last=ROW,
        last_conclusive=ROW,
        days=days,
        begun=FIRST,
        controls={f"@{name}": tuple(values) for name, values in controls.items()},
    )


def titles(profile: AccountReport) -> list[str]:
    return [one.title for one in charts(profile, SITE, "p")]


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        pytest.param(a_profile((None, None)), [], id="no number, no chart"),
        pytest.param(a_profile((5, 6)), ["Followers of jane"], id="followers alone"),
        pytest.param(a_profile((), (5, 6)), ["Views of jane a day"], id="views alone"),
        pytest.param(
            a_profile((5, 6), one=(7, 8)),
            ["Followers of jane", "Followers of jane next to the control accounts"],
            id="controls beside",
        ),
        pytest.param(a_profile((5, None), one=(7, 8)), ["Followers of jane"], id="nothing has changed yet"),
        pytest.param(a_profile((None, None), one=(7, 8)), [], id="controls are nothing for themselves"),
    ],
)
def test_charts_are_made_of_what_is_known(profile: AccountReport, expected: list[str]) -> None:
    assert titles(profile) == expected


def test_controls_and_author_begin_at_zero_per_cent_each_with_its_own_first_number() -> None:
    profile = a_profile((100, 110, 99), big=(None, 5000, 4500), small=(0, 10, 11))
    (_, compared) = charts(profile, SITE, "p")
    values = {one.name: one.values for one in compared.series}
    assert values == {
        "jane": (0.0, 10.0, -1.0),
        "control @big": (None, 0.0, -10.0),
        "control @small": (-100.0, 0.0, 10.0),
    }


def test_a_control_that_is_chosen_every_fourth_day_is_still_a_line() -> None:
    drawn = tuple(1000 + day if day % 4 == 0 else None for day in range(17))
    (_, compared) = charts(a_profile(range(17), seldom=drawn), SITE, "p")
    own, control = compared.series
    assert (own.reach, control.reach) == (1, 6)


def test_of_many_controls_those_read_most_often_are_shown() -> None:
    many = {f"c{count}": (1,) * count + (None,) * (9 - count) for count in range(2, 10)}
    (_, compared) = charts(a_profile(range(1, 10), **many), SITE, "p")
    assert [one.name for one in compared.series[1:]] == [f"control @c{count}" for count in (6, 7, 8, 9)]
    assert len(number_rows(a_profile(range(1, 10), **many), numbers=True)[0].cells) == 2 + 8


def test_today_is_not_a_missing_day_of_views_but_yesterday_would_be() -> None:
    (views,) = charts(a_profile((), (3, 4, None)), SITE, "p")
    assert unknown_runs(views) == ()
    (views,) = charts(a_profile((), (3, 4, None, None)), SITE, "p")
    assert unknown_runs(views) == ((2, 2),)


def test_a_fall_is_marked_on_its_day() -> None:
    fall = FollowerDrop(day=FIRST + timedelta(days=1), words="", purge=True)
    profile = replace(
        a_profile((9, 5, 5)), follower_drops=(fall, replace(fall, day=FIRST - timedelta(days=9)))
    )
    (chart,) = charts(profile, SITE, "p")
    assert [(one.place, one.word) for one in chart.marks] == [(1, "purge")]


@pytest.mark.parametrize(
    ("profile", "notes"),
    [
        pytest.param(a_profile((None,)), [], id="nothing known"),
        pytest.param(a_profile((7,)), ["as read on 1 October 2026"], id="nothing to compare with"),
        pytest.param(
            a_profile((*range(100, 131), None)),
            ["as read on 31 October 2026, 30 more since 1 October 2026"],
            id="a month before",
        ),
        pytest.param(
            a_profile((), (10, None, 20, 0)),
            ["on 4 October 2026, a whole day; 10 a day in the week up to then (3 of its days are known)"],
            id="views with a gap and a zero",
        ),
    ],
)
def test_figures(profile: AccountReport, notes: list[str]) -> None:
    assert [one.note for one in figures(profile)] == notes


def test_the_table_says_not_known_and_never_zero_for_a_gap() -> None:
    rows = number_rows(a_profile((5, None, 0)), numbers=True)
    assert [dict(row.cells)["Followers"] for row in rows] == ["0", "not known", "5"]
    assert [row.cells for row in number_rows(a_profile((5, 6)), numbers=False)] == [
        (("Result", "visible"),)
    ] * 2
