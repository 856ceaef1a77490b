"""Slow declines and sudden drops in the report: a purge is not a decline, a bad week not a trend."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from selfcheck.core.enums import AUTHOR, Strength, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.report.trends import follower_drops, steadiness, trends

FIRST = datetime(2026, 9, 1, 8, tzinfo=UTC)
WOBBLE = (0, 7, -9, 4, -3, 10, -6, 2, -10, 5, 8, -1)


def rows(
    days: int, followers: Callable[[int], int | None], control: Callable[[int], int | None] | None = None
) -> tuple[RunRow, ...]:
    return tuple(
        RunRow(
            run_id=f"run-{day}",
            profile="jane",
            platform="demo",
            handle="@jane",
            at=FIRST + timedelta(days=day),
            verdict=Verdict.VISIBLE,
            silent=None,
            strength=Strength.CONFIRMED,
            summary="",
            followers=followers(day),
            followers_by=AUTHOR,
            controls={"@library": control(day)} if control else {},
        )
        for day in range(days)
    )


def by_day(days: int, views: Callable[[int], int]) -> dict[date, int]:
    return {FIRST.date() + timedelta(days=day): views(day) for day in range(days)}


def growing(day: int) -> int:
    return 1200 + 2 * day


def purged(day: int) -> int:
    return growing(day) if day < 25 else round(growing(day) * 0.86)


class TestTrends:
    def test_a_slow_decline_is_not_reported_as_an_alarm(self) -> None:
        told = trends(rows(60, lambda day: 860 - 2 * day), {})
        assert told == ("Followers declined slowly, from 854 to 748 in 59 days: a trend, not an alarm.",)

    @pytest.mark.parametrize(
        "followers",
        [
            pytest.param(growing, id="growth"),
            pytest.param(lambda _: 1200, id="nothing moves"),
            pytest.param(purged, id="growth before and after a purge"),
            pytest.param(lambda day: 900 + WOBBLE[day % 12], id="a wobble"),
            pytest.param(lambda _: None, id="no number at all"),
            pytest.param(lambda day: 900 - 3 * day if day < 5 else None, id="too few readings"),
        ],
    )
    def test_no_decline_is_reported(self, followers: Callable[[int], int | None]) -> None:
        assert trends(rows(60, followers), {}) == ()

    def test_views_decline_slowly(self) -> None:
        (told,) = trends((), by_day(60, lambda day: 300 - 2 * day + WOBBLE[day % 12]))
        assert told.startswith("Views a day declined slowly, from about 29")

    def test_weekends_are_not_a_decline(self) -> None:
        views = by_day(59, lambda day: 210 + 3 * WOBBLE[day % 12] - (60 if day % 7 in {5, 6} else 0))
        assert trends((), views) == ()

    def test_the_days_of_an_incident_are_not_a_decline(self) -> None:
        views = by_day(60, lambda day: 20 if day >= 48 else 210 + WOBBLE[day % 12])
        begun = FIRST + timedelta(days=47)
        incident = Incident(
            id="jane-1",
            profile="jane",
            platform="demo",
            handle="@jane",
            state=IncidentState.OPEN,
            verdict=Verdict.SUSPENDED,
            silent=True,
            summary="",
            last_good_at=begun,
            last_good_run="a",
            first_bad_at=begun + timedelta(days=1),
            first_bad_run="b",
            last_bad_at=begun + timedelta(days=9),
            last_bad_run="c",
        )
        assert not any("declined" in told for told in trends((), views, (incident,)))

    def test_a_lasting_fall_is_reported_once(self) -> None:
        told = trends((), by_day(60, lambda day: 40 if day >= 35 else 210 + WOBBLE[day % 12]))
        assert len(told) == 1
        assert told[0].startswith("Views fell 25 days ago and stay low")

    def test_gaps_between_known_days_are_not_a_lasting_fall(self) -> None:
        views = by_day(60, lambda day: 40 if day >= 35 else 210)
        del views[FIRST.date() + timedelta(days=20)]
        assert not any("stay low" in told for told in trends((), views))

    @pytest.mark.parametrize(
        ("values", "score"),
        [((), 0.0), ((5, 5, 5), 0.0), (tuple(range(10, 0, -1)), -3.94), (tuple(range(10)), 3.94)],
    )
    def test_how_steady_a_fall_is(self, values: tuple[int, ...], score: float) -> None:
        assert steadiness(values) == pytest.approx(score, abs=0.01)


class TestFalls:
    def test_a_purge_is_told_apart_by_the_controls(self) -> None:
        (fall,) = tuple(follower_drops(rows(40, purged, lambda day: 5000 if day < 25 else 4350), UTC))
        assert fall.purge
        assert fall.day == (FIRST + timedelta(days=25)).date()
        assert fall.words == (
            "Followers fell from 1,248 to 1,075 (14%), as read on 26 September 2026. The control accounts "
            "lost 13% as well: the platform removed accounts everywhere, so this says nothing about this "
            "author."
        )

    @pytest.mark.parametrize(
        ("control", "words"),
        [
            pytest.param(lambda _: 5000, "so only this author is affected.", id="controls kept theirs"),
            pytest.param(None, "No control account's number is known", id="no control"),
            pytest.param(lambda day: None if day == 25 else 5000, "No control account's", id="not read then"),
        ],
    )
    def test_a_drop_of_this_author(self, control: Callable[[int], int | None] | None, words: str) -> None:
        (fall,) = tuple(follower_drops(rows(40, purged, control), UTC))
        assert not fall.purge
        assert words in fall.words

    def test_missing_readings_are_not_a_fall(self) -> None:
        assert tuple(follower_drops(rows(40, lambda day: None if day % 4 == 0 else growing(day)), UTC)) == ()
