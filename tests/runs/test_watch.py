"""A watch through sleep, clocks that are set, lost networks and failing runs; nothing here really waits."""

# ruff: noqa: E501 — a row of a table reads best as one line

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from selfcheck.core.schedule import Schedule, parse_schedule
from selfcheck.errors import StorageError, TooEarlyError, UsageError
from selfcheck.runs.watch import SLICE, ClockReading, Watch, WatchIO
from selfcheck.schedule.state import ScheduleState
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.lock import OwnedLock, Owner

BEGIN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SIX = parse_schedule(every="6h", at=(), zone="UTC")
MORNING = parse_schedule(every=None, at=("08:15",), zone="UTC")
RUN = timedelta(minutes=2)


class Enough(BaseException):
    """The test has seen enough."""


@dataclass
class World:
    """Two clocks, what happens to them at certain moments, and a run that takes two minutes."""

    until: datetime  # by the true time, at which the test has seen enough
    events: dict[datetime, timedelta] = field(
        default_factory=dict
    )  # true time -> how far the wall is set then
    asleep: dict[datetime, timedelta] = field(
        default_factory=dict
    )  # true time -> how long the machine sleeps then
    offline: tuple[datetime, datetime] | None = None
    refused: tuple[datetime, datetime] | None = None  # true times between which the platform is not looked at
    codes: list[int | Exception] = field(default_factory=list)
    true: datetime = BEGIN
    off: timedelta = timedelta(0)  # of the wall clock from the true time
    slept: float = 0.0  # what the steady clock does not count
    runs: list[datetime] = field(default_factory=list)  # true times
    said: list[str] = field(default_factory=list)
    turn: ScheduleState | None = None
    longest_wait: float = 0.0
    beats: int = 0

    def read(self) -> ClockReading:
        return ClockReading(
            wall=self.true + self.off, steady=(self.true - BEGIN).total_seconds() - self.slept
        )

    def pass_time(self, length: timedelta) -> None:
        end = self.true + length
        for moment in sorted({*self.events, *self.asleep}):
            if self.true < moment <= end:
                self.off += self.events.pop(moment, timedelta(0))
                sleep = self.asleep.pop(moment, timedelta(0))
                self.slept += sleep.total_seconds()
                end += sleep
        self.true = end
        if self.true > self.until:
            raise Enough

    def wait(self, seconds: float) -> None:
        self.longest_wait = max(self.longest_wait, seconds)
        self.pass_time(timedelta(seconds=seconds))

    def look(self) -> int:
        if self.refused and self.refused[0] <= self.true < self.refused[1]:
            raise TooEarlyError("Too early: Medium was checked an hour ago.")
        self.runs.append(self.true)
        code = self.codes.pop(0) if self.codes else 0
        self.pass_time(RUN)
        if isinstance(code, Exception):
            raise code
        return code

    def online(self) -> bool:
        return self.offline is None or not self.offline[0] <= self.true < self.offline[1]

    def keep(self, turn: ScheduleState) -> None:
        self.turn = turn

    def alive(self, now: datetime) -> None:
        assert now == self.true + self.off
        self.beats += 1

    def io(self) -> WatchIO:
        return WatchIO(
            read=self.read, wait=self.wait, look=self.look, online=self.online, say=self.said.append,
            keep=self.keep, alive=self.alive,
        )  # fmt: skip

    def watch(self, rhythm: Schedule = SIX, turn: ScheduleState | None = None) -> list[str]:
        """Watch until enough was seen, and return when the runs began, by the true time."""
        with pytest.raises(Enough):
            Watch(rhythm, turn, name="default", io=self.io()).forever()
        return [f"{one:%d %H:%M}" for one in self.runs]


def until(days: float) -> datetime:
    return BEGIN + timedelta(days=days)


def true(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


def turn(**more: object) -> ScheduleState:
    return replace(ScheduleState(name="default", rhythm=str(SIX), since=BEGIN), **more)  # type: ignore[arg-type]


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("rhythm", "world", "expected"),
    [
        pytest.param(SIX, {}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="every six hours"),
        pytest.param(MORNING, {}, "22 08:15", id="at a time, not before it"),
        pytest.param(SIX, {"asleep": {true("21 10:00"): 20 * HOUR}}, "21 09:00, 22 06:00", id="asleep for 20 hours: one run at once, and the one soon after it is left out"),
        pytest.param(SIX, {"asleep": {true("21 10:00"): 11 * HOUR + HOUR / 2}}, "21 09:00, 21 21:30, 22 03:00", id="asleep for a while: one run at once, then the grid"),
        pytest.param(SIX, {"asleep": {true("21 10:00"): 2 * HOUR}}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="asleep when nothing was due"),
        pytest.param(SIX, {"asleep": {true("21 15:01"): 30 * HOUR / 60}}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="asleep in the middle of a run"),
        pytest.param(MORNING, {"asleep": {true("21 20:00"): 13 * HOUR}, "until": until(1.1)}, "22 09:00", id="asleep at the time: made up for on waking"),
        pytest.param(SIX, {"events": {true("21 10:00"): 2 * HOUR}}, "21 09:00, 21 13:00, 21 19:00, 22 01:00, 22 07:00", id="the clock is put forward: the grid is the wall's"),
        pytest.param(SIX, {"events": {true("21 10:00"): 50 * HOUR}}, "21 09:00, 21 10:00, 21 19:00, 22 01:00, 22 07:00", id="the clock is put forward by days: one run, not eight"),
        pytest.param(SIX, {"events": {true("21 10:00"): -3 * HOUR}}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="the clock is put back: nothing waits longer"),
        pytest.param(SIX, {"events": {true("21 10:00"): -24 * 365 * HOUR}}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="the clock is put back by a year"),
        pytest.param(SIX, {"events": {true("21 15:01"): -3 * HOUR}}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="the clock is put back in the middle of a run"),
        pytest.param(SIX, {"events": {true("21 10:00"): 50 * HOUR, true("21 10:30"): -50 * HOUR}}, "21 09:00, 21 10:00, 21 19:00, 22 01:00, 22 07:00", id="put forward by mistake, and back"),
        pytest.param(SIX, {"events": {true(f"21 {h}:30"): timedelta(seconds=-1) for h in range(10, 24)}}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="a clock that is kept right is none that was set"),
        pytest.param(MORNING, {"events": {true("22 08:30"): -HOUR / 2}, "until": until(2)}, "22 08:15, 23 08:45", id="put back after the run: none again for the same time"),
        pytest.param(MORNING, {"events": {true("21 09:30"): -48 * HOUR}, "until": until(2)}, "22 08:15, 23 08:15", id="two days wrong at first: no day is waited for in vain"),
        pytest.param(SIX, {"offline": (true("21 14:50"), true("21 15:10"))}, "21 09:00, 21 15:10, 21 21:00, 22 03:00", id="no network for ten minutes: the run waits for it"),
        pytest.param(SIX, {"offline": (true("21 14:00"), true("22 02:00"))}, "21 09:00, 21 15:30, 21 21:30, 22 03:00", id="no network for hours: the gap is on record"),
        pytest.param(SIX, {"codes": [3, 1, 4, 2]}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="whatever runs find, the next is due"),
        pytest.param(SIX, {"refused": (true("21 12:00"), true("21 16:40"))}, "21 09:00, 21 17:00, 21 21:00, 22 03:00", id="too early for the platform: tried again each hour, and the grid stays"),
        pytest.param(SIX, {"refused": (true("21 09:00"), true("21 09:10"))}, "21 10:00, 21 15:00, 21 21:00, 22 03:00", id="too early for the platform at the very first"),
        pytest.param(SIX, {"codes": [StorageError("full"), ValueError("bug"), UsageError("typo")]}, "21 09:00, 21 15:00, 21 21:00, 22 03:00", id="runs that fail cost themselves"),
    ],
)  # fmt: skip
def test_the_runs_of_a_watch(rhythm: Schedule, world: dict[str, object], expected: str) -> None:
    one = World(**{"until": until(0.98), **world})  # type: ignore[arg-type]
    assert ", ".join(one.watch(rhythm)) == expected
    assert one.longest_wait <= SLICE.total_seconds()
    assert one.beats > 100


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        # 02:30 in Berlin is 01:30 UTC in winter and 00:30 in summer.
        pytest.param(
            "2026-03-27T12:00", "28 01:30, 29 01:30, 30 00:30", id="the clock leaves it out: an hour later"
        ),
        pytest.param(
            "2026-10-23T12:00",
            "24 00:30, 25 00:30, 26 01:30",
            id="the clock shows it twice: once, the first time",
        ),
    ],
)
def test_a_watch_at_a_time_at_which_the_clock_changes(begin: str, expected: str) -> None:
    start = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    world = World(until=start + timedelta(days=2.9), true=start)
    assert ", ".join(world.watch(parse_schedule(every=None, at=("02:30",), zone="Europe/Berlin"))) == expected


def test_a_month_of_waiting_does_not_drift() -> None:
    one = World(until=until(29.9))
    one.watch()
    assert len(one.runs) == 120
    assert {(moment - BEGIN) % timedelta(hours=6) for moment in one.runs} == {timedelta(0)}


@pytest.mark.parametrize(
    ("remembered", "expected"),
    [
        pytest.param(None, "21 09:00, 21 15:00", id="nothing is known"),
        pytest.param({"last_started": true("21 08:00"), "next_due": true("21 14:00")}, "21 14:00", id="started again an hour after a run"),
        pytest.param({"last_started": true("20 08:00"), "next_due": true("20 14:00")}, "21 09:00, 21 15:00", id="started again after a day: one run at once, and the grid begins anew"),
        pytest.param({"last_started": true("21 08:00"), "next_due": true("21 20:00"), "rhythm": "every 12 hours"}, "21 14:00", id="another rhythm before"),
        pytest.param({"last_started": true("29 08:00"), "next_due": true("29 14:00")}, "21 09:00, 21 15:00", id="a memory of the future is none"),
    ],
)  # fmt: skip
def test_a_watch_goes_on_where_the_last_one_ended(
    remembered: dict[str, object] | None, expected: str
) -> None:
    one = World(until=true("21 17:00"))
    runs = one.watch(turn=None if remembered is None else turn(**remembered))
    assert ", ".join(runs) == expected


def test_what_is_reported_and_recorded() -> None:
    one = World(until=true("21 16:00"), codes=[0, 3])
    one.watch()
    assert one.said == [
        "Next run: 2026-11-21 15:00 UTC, in 5 hours and 58 minutes.",
        "Next run: 2026-11-21 21:00 UTC, in 5 hours and 58 minutes.",
    ]
    assert one.turn == turn(
        last_started=true("21 15:00"), last_ended=true("21 15:02"), last_exit_code=3, runs=2, next_due=true("21 21:00"),
    )  # fmt: skip


def test_short_times_are_shown_in_seconds_and_times_of_day_in_their_zone() -> None:
    one = World(until=true("21 09:04"))
    one.watch(parse_schedule(every="150s", at=(), zone="UTC"))
    assert one.said[0] == "Next run: 2026-11-21 09:02 UTC, in 30 seconds."
    two = World(until=true("21 09:04"))
    two.watch(parse_schedule(every=None, at=["08:15"], zone="Europe/Berlin"))
    assert two.said == ["Next run: 2026-11-22 08:15 Europe/Berlin, in 22 hours and 15 minutes."]


def test_while_a_run_goes_on_its_end_is_not_there_yet() -> None:
    one = World(until=true("21 09:01"))
    one.watch()
    assert one.turn == turn(last_started=BEGIN)


def test_the_problems_are_reported_with_what_to_do() -> None:
    full = StorageError("The disk is full.", next_step="Free some space.")
    one = World(
        until=true("21 18:00"), codes=[full, ValueError("bug")], offline=(true("21 14:59"), true("21 15:01"))
    )
    one.watch()
    said = "\n".join(one.said)
    for words in (
        "Error: The disk is full.\nFree some space.",
        "a bug of selfcheck (ValueError: bug)",
        "No network; waiting for it, at most 30 minutes.",
        "The network is back.",
    ):
        assert words in said
    assert one.turn is not None
    assert one.turn.last_exit_code == 4


def test_a_clock_that_was_set_back_is_reported() -> None:
    one = World(until=true("21 12:00"), events={true("21 10:00"): -3 * HOUR})
    one.watch()
    assert "The clock was set back by 3 hours." in one.said
    assert one.turn is not None
    assert one.turn.last_started == true("21 06:00")


def test_an_interrupted_run_ends_the_watch() -> None:
    one = World(until=until(9), codes=[0, 130])
    assert Watch(SIX, None, name="default", io=one.io()).forever() == 130
    assert len(one.runs) == 2
    assert one.turn is not None
    assert (one.turn.last_exit_code, one.turn.runs) == (130, 2)


def test_a_reader_that_went_away_ends_the_watch() -> None:
    one = World(until=until(9), codes=[BrokenPipeError()])
    with pytest.raises(BrokenPipeError):
        Watch(SIX, None, name="default", io=one.io()).forever()
    assert len(one.runs) == 1


def test_ctrl_c_while_waiting_goes_through() -> None:
    def pressed(_: float) -> None:
        raise KeyboardInterrupt

    one = World(until=until(9))
    with pytest.raises(KeyboardInterrupt):
        Watch(SIX, None, name="default", io=replace(one.io(), wait=pressed)).forever()
    assert len(one.runs) == 1


@pytest.mark.parametrize(
    ("remembered", "code", "runs"),
    [
        pytest.param({}, 3, 1, id="due: the exit code is the run's"),
        pytest.param({"last_started": true("21 08:30")}, 0, 0, id="not due: nothing is done"),
        pytest.param({"last_started": true("20 08:30")}, 3, 1, id="due again"),
    ],
)
def test_a_scheduler_gets_the_run_that_is_due(remembered: dict[str, object], code: int, runs: int) -> None:
    one = World(until=until(1), codes=[3])
    assert Watch(SIX, turn(**remembered), name="default", io=one.io()).once() == code
    assert len(one.runs) == runs
    assert bool(one.said) is (runs == 0)


def test_what_is_refused_as_too_early_was_not_a_run() -> None:
    one = World(until=true("21 15:30"), refused=(true("21 12:00"), true("21 20:00")))
    one.watch()
    assert one.said[-2:] == [
        "Too early: Medium was checked an hour ago. This run is left out.",
        "Next run: 2026-11-21 16:00 UTC, in 1 hour.",
    ]
    assert one.turn == turn(
        last_started=BEGIN, last_ended=true("21 09:02"), last_exit_code=0, runs=1, next_due=true("21 16:00")
    )
    once = World(until=until(1), refused=(BEGIN, until(1)), true=true("21 09:30"))
    assert Watch(SIX, turn(), name="default", io=once.io()).once() == 0
    assert (once.runs, once.turn and once.turn.last_started) == ([], None)


def test_a_thousand_runs_leave_no_more_in_memory_than_ten(tmp_path: Path) -> None:
    """The clock and the run are simulated; the lock is real.

    An object of up to 512 bytes is a block of Python's allocator, and a larger one a run would be half a
    megabyte in the end. Fewer bytes than that say nothing: what tracemalloc counts grows by up to some
    20 kB without more blocks, and differs from process to process.
    """
    blocks: list[int] = []
    held: list[int] = []
    one = World(until=until(260))

    def look() -> int:
        code = one.look()
        one.said.clear()
        one.runs.clear()
        if one.turn is not None and one.turn.runs % 100 == 10:
            gc.collect()
            blocks.append(sys.getallocatedblocks())
            held.append(tracemalloc.get_traced_memory()[0])
        return code

    owner = Owner(pid=1, host="h", at=BEGIN)
    lock = OwnedLock(DataFolder(tmp_path).schedule_lock("default"), owner=owner, what="It", next_step="")
    io = replace(one.io(), look=look, alive=lock.touch, wait=coarse(one))
    tracemalloc.start()
    try:
        with lock, pytest.raises(Enough):
            Watch(SIX, None, name="default", io=io).forever()
    finally:
        tracemalloc.stop()
    assert one.turn is not None
    assert one.turn.runs > 1_000
    assert len(held) == 11
    assert max(blocks[1:]) - min(blocks[1:]) < 450, "half an object a run"
    assert max(held[1:]) - min(held[1:]) < 100_000  # bytes


def coarse(world: World) -> Callable[[float], None]:
    """Let three hours pass for each minute that is waited for, so that a thousand runs are soon done."""
    return lambda seconds: world.pass_time(
        timedelta(hours=3) if seconds == SLICE.total_seconds() else timedelta(seconds=seconds)
    )


def test_both_clocks_distinguish_sleep_from_a_clock_that_was_set_back() -> None:
    before = ClockReading(wall=BEGIN, steady=100.0)

    def shifts() -> Iterator[timedelta]:
        yield ClockReading(wall=BEGIN + 9 * HOUR, steady=160.0).fell_back(before)  # sleep, or put forward
        yield ClockReading(wall=BEGIN + HOUR, steady=100.0 + 3600).fell_back(before)  # nothing happened
        yield ClockReading(wall=BEGIN - HOUR, steady=160.0).fell_back(before)  # put back

    assert list(shifts()) == [timedelta(0), timedelta(0), -HOUR - timedelta(minutes=1)]
