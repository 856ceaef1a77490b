"""Charts, their scales and the strip of days: what is drawn, and what is left open."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import ProfileDay
from selfcheck.report.charts import (
    Band,
    Chart,
    ChartMark,
    Form,
    Series,
    chart_svg,
    described,
    labelled_days,
    short_number,
    stretches,
    unknown_runs,
    value_scale,
)
from selfcheck.report.uptime_bar import day_stretches, legend, tally_words, uptime_svg

FIRST = date(2026, 10, 1)
NASTY = '<script>alert("x")</script>&'


def chart(*values: float | None, form: Form = Form.LINE, **more: object) -> Chart:
    reach = more.pop("reach", 1)
    base = Chart(
        identity="one",
        title="Followers of jane",
        unit="Followers",
        time_axis="Day (UTC)",
        days=tuple(FIRST + timedelta(days=place) for place in range(len(values))),
        series=(Series(name="Followers", values=values, reach=reach),),  # type: ignore[arg-type]
        form=form,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def drawn(one: Chart) -> ET.Element:
    return ET.fromstring(str(chart_svg(one)))


def found(svg: ET.Element, tag: str, look: str) -> list[ET.Element]:
    return [one for one in svg.iter(tag) if look in one.get("class", "").split()]


class TestGaps:
    def test_no_line_crosses_a_missing_day_and_the_day_is_hatched(self) -> None:
        svg = drawn(chart(10, 11, None, 12, 13))
        assert len(found(svg, "polyline", "line")) == 2
        (gap,) = found(svg, "rect", "gap")
        assert (float(gap.get("x", "")), float(gap.get("width", ""))) == (400.0, 200.0)

    def test_a_number_between_two_gaps_is_a_dot(self) -> None:
        svg = drawn(chart(10, 11, None, 12, None, 13, 13))
        assert len(found(svg, "circle", "dot")) == 2  # it, and the last number

    def test_a_zero_is_a_column_and_a_missing_day_is_none(self) -> None:
        svg = drawn(chart(5, 0, None, 7, form=Form.COLUMNS))
        assert len(found(svg, "rect", "column")) == 3
        (zero,) = found(svg, "rect", "zero")
        assert float(zero.get("height", "")) > 0
        assert len(found(svg, "rect", "gap")) == 1

    @pytest.mark.parametrize(
        ("values", "more", "runs"),
        [
            pytest.param((None, None, 1, 2), {}, (), id="before the first number there was no check"),
            pytest.param((1, None, None, 2), {}, ((1, 2),), id="between two numbers"),
            pytest.param((1, 2, None), {}, ((2, 2),), id="at the end"),
            pytest.param((1, 2, None), {"open_end": 1}, (), id="the last day is not expected yet"),
            pytest.param((1, None, None, None), {"open_end": 1}, ((1, 2),), id="but for the last day"),
            pytest.param((1, None, 2, None, None, None, 3), {"reach": 2}, ((3, 5),), id="beyond its reach"),
            pytest.param((None, None), {}, ((0, 1),), id="nothing is known"),
        ],
    )
    def test_what_is_not_known(
        self, values: tuple[float | None, ...], more: dict[str, int], runs: tuple[tuple[int, int], ...]
    ) -> None:
        assert unknown_runs(chart(*values, **more)) == runs

    @given(st.lists(st.one_of(st.none(), st.integers(0, 10**6)), max_size=40), st.integers(1, 9))
    def test_stretches_hold_every_number_once_and_no_other(
        self, values: list[int | None], reach: int
    ) -> None:
        told = [one for stretch in stretches(values, reach) for one in stretch]
        assert told == [(place, value) for place, value in enumerate(values) if value is not None]


class TestWhatStandsOnIt:
    def test_axes_have_titles_units_and_ticks(self) -> None:
        texts = [one.text for one in drawn(chart(1180, 1240, 1300)).iter("text")]
        assert {"Followers", "Day (UTC)", "1,200", "3 Oct"} <= set(texts)

    def test_an_incident_is_a_band_over_its_days_with_its_number(self) -> None:
        svg = drawn(chart(1, 2, 3, 4, bands=(Band(first=1, last=2, number=7, words="suspended"),)))
        (band,) = found(svg, "rect", "band")
        assert (float(band.get("x", "")), float(band.get("width", ""))) == (250.0, 500.0)
        assert [one.text for one in found(svg, "text", "band-number")] == ["7"]

    def test_a_mark_shows_its_word(self) -> None:
        svg = drawn(chart(1, 2, marks=(ChartMark(place=1, word="purge"),)))
        assert [one.text for one in found(svg, "text", "mark-word")] == ["purge"]

    def test_it_is_one_picture_with_a_title_and_a_description(self) -> None:
        svg = drawn(chart(10, None, 30, bands=(Band(first=0, last=1, number=1, words="hidden"),)))
        title, about = svg.get("aria-labelledby", "").split()
        assert svg.get("role") == "img"
        assert {title: "Followers of jane"}[str(next(svg.iter("title")).get("id"))] == "Followers of jane"
        assert next(svg.iter("desc")).get("id") == about
        assert described(chart(10, None, 30)) == (
            "Followers, 1 October 2026 to 3 October 2026. Followers: from 10 on 1 October 2026 to 30 on "
            "3 October 2026, lowest 10, highest 30, 1 day not known."
        )

    def test_names_are_text(self) -> None:
        one = chart(1, 2, title=NASTY, unit=NASTY, marks=(ChartMark(place=0, word=NASTY),))
        svg = drawn(replace(one, series=(replace(one.series[0], name=NASTY),)))
        assert list(svg.iter("script")) == []
        assert next(svg.iter("title")).text == NASTY

    def test_it_holds_no_style_and_no_address(self) -> None:
        for one in drawn(chart(1, None, 2, bands=(Band(first=0, last=0, number=1, words="x"),))).iter():
            assert {"style", "href", "onload"} & set(one.keys()) == set()


class TestScales:
    @pytest.mark.parametrize(
        ("values", "from_zero", "ticks"),
        [
            pytest.param((3, 212), True, (0, 100, 200, 300), id="columns begin at zero"),
            pytest.param((0, 0), True, (0, 1, 2), id="only zeros"),
            pytest.param((), True, (0, 1, 2), id="no values"),
            pytest.param((1180, 1300), False, (1150, 1200, 1250, 1300, 1350), id="a line near its values"),
            pytest.param((1000, 1001), False, (950, 1000, 1050, 1100), id="noise is not stretched"),
            pytest.param((-14.5, 4.0), False, (-20, -10, 0, 10), id="changes on both sides of zero"),
        ],
    )
    def test_ticks(self, values: tuple[float, ...], from_zero: bool, ticks: tuple[float, ...]) -> None:
        assert value_scale(values, from_zero=from_zero).ticks == ticks

    @given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30), st.booleans())
    def test_every_value_lies_on_the_scale(self, values: list[int], from_zero: bool) -> None:
        scale = value_scale(values, from_zero=from_zero)
        assert all(-1e-9 <= scale.at(value) <= 1 + 1e-9 for value in values)
        assert 2 <= len(scale.ticks) <= 6
        assert scale.low >= 0

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (950, "950"),
            (1250, "1,250"),
            (12_500, "12.5K"),
            (20_000, "20K"),
            (1_200_000, "1.2M"),
            (0.5, "0.5"),
        ],
    )
    def test_short_numbers(self, value: float, text: str) -> None:
        assert short_number(value) == text

    @pytest.mark.parametrize("count", [1, 2, 7, 14, 30, 60, 90, 365, 730])
    def test_at_most_five_days_are_labelled_and_the_last_is_one(self, count: int) -> None:
        places = labelled_days([FIRST + timedelta(days=place) for place in range(count)])
        assert 1 <= len(places) <= 5
        assert places[-1] == count - 1
        assert places[0] >= 0


def day(place: int, verdict: Verdict | None, strength: Strength = Strength.CONFIRMED) -> ProfileDay:
    return ProfileDay(day=FIRST + timedelta(days=place), verdict=verdict, strength=strength, runs=1)


DAYS = (
    day(0, None),
    day(1, Verdict.VISIBLE),
    day(2, Verdict.INCONCLUSIVE),
    day(3, None),
    day(4, Verdict.SUSPENDED),
    day(5, Verdict.SUSPENDED),
    day(6, Verdict.HIDDEN, Strength.LIKELY),
    day(7, Verdict.VISIBLE, Strength.LIKELY),
)
BEGUN = FIRST + timedelta(days=1)


class TestStrip:
    def test_inconclusive_and_unopened_pages_do_not_count(self) -> None:
        assert tally_words(DAYS, BEGUN) == (
            "Visible on 2 of 5 conclusive days; 1 inconclusive day; 1 day without a run."
        )
        assert tally_words(DAYS[1:2], BEGUN) == "Visible on the one conclusive day."
        assert tally_words(DAYS[4:5], BEGUN) == "Not visible on the one conclusive day."
        assert tally_words(DAYS[2:4], BEGUN) == (
            "No day was conclusive; 1 inconclusive day; 1 day without a run."
        )

    def test_each_kind_of_day_has_a_shape_of_its_own(self) -> None:
        svg = ET.fromstring(str(uptime_svg(DAYS, identity="s", title=NASTY, begun=BEGUN)))
        bars = [one for one in svg.iter("rect") if "day" in one.get("class", "").split()]
        assert len(bars) == len(DAYS) - 1  # none for the day before the first run
        shapes = {one.get("class", ""): (one.get("y"), one.get("height")) for one in bars}
        looks = ("day good", "day unclear", "day none", "day bad")
        assert len({shapes[look] for look in looks}) == len(looks)
        assert [one.text for one in svg.iter("title")][2] == "Saturday 3 October 2026: could not tell"

    def test_days_are_listed_as_stretches_the_latest_first(self) -> None:
        told = [(one.days, one.word) for one in day_stretches(DAYS, BEGUN)]
        assert told == [
            (1, "visible"),
            (1, "hidden, likely"),
            (2, "suspended"),
            (1, "no run"),
            (1, "could not tell"),
            (1, "visible"),
        ]

    def test_the_legend_has_what_occurs(self) -> None:
        assert [one.verdict for one in legend(DAYS[1:3], BEGUN)] == [Verdict.VISIBLE, Verdict.INCONCLUSIVE]
