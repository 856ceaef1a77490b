import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from selfcheck.browser.rate_limit import Budget, ConcurrencyLimit, DispatchGate, Pace
from selfcheck.platforms.schema import Limits
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable, PageView

MANNERS = Limits(gap_seconds=5, jitter_seconds=2, page_views=2)
HOUR = 3600.0


def view(**fields: str) -> PageView:
    usual = {"platform": "blog", "address": "a.example", "viewpoint": "author", "profile": "jane"}
    return PageView(**{**usual, **fields})


class Clock:
    """Time that passes only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def starts(*visits: tuple[str, tuple[str, ...]], took: float = 0.0) -> list[float]:
    """Return when each of these looks, one after the other, starts; the first at 0."""
    clock = Clock()
    pace = Pace(now=lambda: clock.now, sleep=clock.sleep, random=lambda: 0.5)
    found = []

    async def go() -> None:
        for url, viewpoints in visits:
            async with pace.turn(url, viewpoints, MANNERS):
                pass
            found.append(clock.now - 100)
            clock.now += took

    asyncio.run(go())
    return found


BOTH = ("anonymous", "author")


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        pytest.param([("https://a.example/1", BOTH)] * 3, [0, 6, 12], id="one host waits gap and jitter"),
        pytest.param(
            [("https://a.example/", BOTH), ("https://b.example/", BOTH)], [0, 0], id="hosts do not wait"
        ),
        pytest.param(
            [("https://a.example/", ("anonymous",)), ("https://a.example/", ("author",))],
            [0, 0],
            id="viewpoints do not wait for each other",
        ),
        pytest.param(
            [("https://a.example/", ("author",)), ("https://a.example/", BOTH)],
            [0, 6],
            id="both wait where one has to",
        ),
        pytest.param([("http://127.0.0.1:8080/", BOTH)] * 3, [0, 0, 0], id="this machine has no pace"),
        pytest.param([("file:///x", BOTH)] * 2, [0, 0], id="what is not opened has none"),
    ],
)
def test_looks_start_at_the_platforms_pace(visits: Any, expected: list[float]) -> None:
    assert starts(*visits) == expected


def test_a_gap_that_has_passed_is_not_waited_for() -> None:
    assert starts(*[("https://a.example/", BOTH)] * 2, took=60) == [0, 60]


def test_a_page_load_that_waits_its_turn_holds_back_those_behind_it() -> None:
    clock = Clock()
    pace = Pace(now=lambda: clock.now, sleep=clock.sleep, random=lambda: 0.0)
    order: list[tuple[str, float]] = []

    async def look(name: str, slot: asyncio.Event) -> None:
        async with pace.turn("https://a.example/", BOTH, MANNERS):
            await slot.wait()
        order.append((name, clock.now - 100))

    async def go() -> None:
        slot = asyncio.Event()
        tasks = [asyncio.create_task(look(name, slot)) for name in "ab"]
        await asyncio.sleep(0)
        clock.now += 30
        slot.set()
        await asyncio.gather(*tasks)

    asyncio.run(go())
    assert order == [("a", 30), ("b", 35)]


@pytest.mark.parametrize("until_answered", [False, True])
@pytest.mark.parametrize(
    "leaving", [2, 1, 0], ids=["all leave", "one breaks before it leaves", "none leaves"]
)
def test_a_turn_ends_when_all_have_left_or_the_work_is_over(leaving: int, *, until_answered: bool) -> None:
    ended = []

    async def go() -> None:
        over, departures = asyncio.Event(), DispatchGate(2, until_answered=until_answered)

        async def look() -> None:
            for _ in range(leaving):
                departures.note_departure()
                assert not (until_answered and departures.is_over)
            for _ in range(leaving):
                departures.note_answer()
            if leaving == 2:
                await over.wait()

        work = asyncio.create_task(look())
        await departures.all_unless(work)
        ended.append(work.done())
        over.set()
        await work

    asyncio.run(go())
    assert ended == [leaving < 2]


def test_a_page_load_after_a_crash_waits_the_gap_but_not_on_this_machine() -> None:
    clock = Clock()
    pace = Pace(now=lambda: clock.now, sleep=clock.sleep, random=lambda: 0.0)

    async def go() -> None:
        gate = DispatchGate(1)  # nothing has left yet, so the turn of the first attempt is still held
        await pace.again("https://a.example/", "author", MANNERS, gate)
        await pace.again("http://localhost/", "author", MANNERS, gate)
        assert clock.slept == [5]
        async with pace.turn("https://a.example/", BOTH, MANNERS):
            gate.note_departure()
        await pace.again("https://a.example/", "author", MANNERS, gate)

    asyncio.run(go())
    assert clock.slept == [5, 5]


def test_who_was_killed_in_its_turn_has_used_it_up() -> None:
    clock, table = Clock(), LimitsTable.in_memory()
    key = ("a.example", "author")
    table.write_turns([key], clock.now + 5, under_way=True)
    clock.now += 60  # it was stopped for a while before it was killed, so its request may have left just now

    async def go() -> None:
        pace = Pace(now=lambda: clock.now, sleep=clock.sleep, random=lambda: 0.0, table=table)
        async with pace.turn("https://a.example/", BOTH, MANNERS):
            assert clock.slept == [5]
            assert table.turns([key]) == {key: (clock.now + 5, True)}

    asyncio.run(go())
    assert table.turns([key]) == {key: (clock.now + 5, False)}


def test_a_turn_of_a_clock_that_was_ahead_is_not_waited_for() -> None:
    clock, table = Clock(), LimitsTable.in_memory()
    table.write_turns([("a.example", "author")], clock.now + 1e6, under_way=False)

    async def go() -> None:
        pace = Pace(now=lambda: clock.now, sleep=clock.sleep, random=lambda: 0.0, table=table)
        async with pace.turn("https://a.example/", BOTH, MANNERS):
            pass

    asyncio.run(go())
    assert clock.slept == [5]


def test_the_budget_is_kept_by_platform_and_viewpoint() -> None:
    budget = Budget()
    asked = [
        view(),
        view(),
        view(),
        view(viewpoint="anonymous"),
        view(profile="max"),
        view(platform="other", address="b.example"),
    ]
    refusals = [budget.refusal("https://a.example/", one, MANNERS, 0.0) for one in asked]
    assert [bool(refusal) for refusal in refusals] == [False, False, True, False, False, False]
    assert "2 page views per profile and run from the author viewpoint" in refusals[2]
    assert budget.by_viewpoint() == {"author": 4, "anonymous": 1}
    assert (budget.of_profile("jane"), budget.of_profile("max")) == (4, 1)


@pytest.mark.parametrize(
    ("later", "other", "taken"),
    [
        pytest.param(23 * HOUR, {}, 0, id="within a day"),
        pytest.param(23 * HOUR, {"profile": "max", "viewpoint": "anonymous"}, 0, id="whoever asks"),
        pytest.param(24 * HOUR, {}, 3, id="after a day"),
        pytest.param(HOUR, {"address": "own.example"}, 3, id="another site of that kind"),
        pytest.param(-400 * 24 * HOUR, {}, 3, id="after a clock that was a year ahead"),
    ],
)
def test_the_days_limit_is_that_of_all_runs(later: float, other: dict[str, str], taken: int) -> None:
    limits, table = Limits(page_views=9, page_views_a_day=3), LimitsTable.in_memory()

    def count(at: float, **fields: str) -> int:
        budget = Budget(table)  # each run has its own
        answers = [budget.refusal("https://a.example/", view(**fields), limits, at) for _ in range(5)]
        assert all("3 page views in 24 hours" in answer for answer in answers if answer)
        assert bool(budget.cut_short) == any(answers)
        return answers.count("")

    assert count(1e9) == 3
    assert count(1e9 + later, **other) == taken


@pytest.mark.parametrize("content", ["nothing of SQLite's", "a later version"])
def test_a_table_of_the_days_page_views_that_cannot_be_used_costs_no_run(
    tmp_path: Path, content: str
) -> None:
    data = DataFolder(tmp_path)
    data.limits.mkdir(parents=True)
    path, is_later = data.limits / "limits.db", content == "a later version"
    if is_later:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 99")
    else:
        path.write_text(content * 100)
    with closing(LimitsTable.open(data)) as table:
        assert table.take(view(), 1e9, most=1)
        assert ("a later version" in (table.trouble or "")) == is_later


def test_this_machine_has_no_budget() -> None:
    budget = Budget()
    assert not any(budget.refusal("http://127.0.0.1/", view(), MANNERS, 0.0) for _ in range(5))
    assert budget.by_viewpoint() == {"author": 5}


def under_way(count: int, *wanted: int, cancel: tuple[int, ...] = ()) -> tuple[list[int], int]:
    """Return in which order holders get their slots, and the most slots held at once."""
    order: list[int] = []
    held, most = [0], [0]

    async def hold(slots: ConcurrencyLimit, number: int, want: int) -> None:
        async with slots.hold(want):
            held[0] += min(want, count)
            most[0] = max(most[0], held[0])
            order.append(number)
            for _ in range(3):
                await asyncio.sleep(0)
            held[0] -= min(want, count)

    async def go() -> None:
        slots = ConcurrencyLimit(count)
        tasks = [asyncio.create_task(hold(slots, number, want)) for number, want in enumerate(wanted)]
        await asyncio.sleep(0)
        for number in cancel:
            tasks[number].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with slots.hold(count):
            pass

    asyncio.run(go())
    return order, most[0]


@pytest.mark.parametrize(
    ("count", "wanted", "cancel", "order", "most"),
    [
        pytest.param(4, (2, 2, 2), (), [0, 1, 2], 4, id="two pairs at once"),
        pytest.param(3, (2, 2, 1), (), [0, 1, 2], 3, id="a small one does not overtake"),
        pytest.param(1, (2, 2), (), [0, 1], 1, id="more than there are means all"),
        pytest.param(2, (2, 2, 2), (1,), [0, 2], 2, id="one that is cancelled while it waits"),
        pytest.param(2, (2, 2, 2), (0,), [0, 1, 2], 2, id="one that is cancelled while it holds"),
    ],
)
def test_slots_are_given_in_order_and_never_too_many(
    count: int, wanted: tuple[int, ...], cancel: tuple[int, ...], order: list[int], most: int
) -> None:
    found, at_once = under_way(count, *wanted, cancel=cancel)
    assert found == order
    if not cancel:
        assert at_once <= most
