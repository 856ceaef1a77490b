import asyncio
from typing import Any

import pytest

from selfcheck.browser.rate_limit import Budget, ConcurrencyLimit, DispatchGate, Pace
from selfcheck.platforms.schema import Limits

MANNERS = Limits(gap_seconds=5, jitter_seconds=2, page_views=2)


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


@pytest.mark.parametrize(
    "leaving", [2, 1, 0], ids=["all leave", "one breaks before it leaves", "none leaves"]
)
def test_a_turn_ends_when_all_have_left_or_the_work_is_over(leaving: int) -> None:
    ended = []

    async def go() -> None:
        over, departures = asyncio.Event(), DispatchGate(2)

        async def look() -> None:
            for _ in range(leaving):
                departures.note_departure()
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
        await pace.pause("https://a.example/", MANNERS)
        await pace.pause("http://localhost/", MANNERS)

    asyncio.run(go())
    assert clock.slept == [5]


def test_the_budget_is_kept_by_platform_and_viewpoint() -> None:
    budget = Budget()
    asked = [
        ("https://a.example/", "blog", "author"),
        ("https://a.example/", "blog", "author"),
        ("https://a.example/", "blog", "author"),
        ("https://a.example/", "blog", "anonymous"),
        ("https://b.example/", "other", "author"),
    ]
    assert [budget.take(*one, MANNERS) for one in asked] == [True, True, False, True, True]
    assert budget.by_viewpoint() == {"author": 3, "anonymous": 1}


def test_this_machine_has_no_budget() -> None:
    budget = Budget()
    assert all(budget.take("http://127.0.0.1/", "blog", "author", MANNERS) for _ in range(5))
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
