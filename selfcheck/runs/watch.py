"""`selfcheck watch`: run after run in the foreground, for days and months.

Laws:
1. Waiting is done in short slices, and both clocks are read after each: the one on the wall, which can be
   set, and the steady one, which cannot. So sleep and a clock that was set are noticed within a slice.
2. The wall clock decides. Where it went further than the steady one, time has passed (sleep cannot be told
   from a clock put forward): what was missed is done once. Where it fell behind, it was set back: what is
   remembered is set back with it, so that nothing waits for hours that were already waited.
3. A run that fails costs that run: it is reported, and the next is due as usual. An interruption ends it all.
4. What a platform's limits refuse was not a run: it is tried again within the hour; the schedule stays.
5. Nothing grows: of all runs only the last is remembered.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.run import ExitCode
from selfcheck.core.schedule import DailyAt, Schedule, first_due, is_due, next_due
from selfcheck.core.times import exact_duration
from selfcheck.errors import SelfcheckError, TooEarlyError
from selfcheck.schedule.state import ScheduleState

SLICE = timedelta(minutes=1)
"""How long is waited before the clocks are read again."""

_SET_BACK = timedelta(seconds=1)  # less than that is a clock that is being kept right
_SOON = 90  # seconds, below which seconds are shown
_REFUSED = timedelta(hours=1)  # at most, until a run that was too early is tried again
_OFFLINE_POLL = timedelta(seconds=30)
_OFFLINE_MOST = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class ClockReading:
    """Both clocks, read at once."""

    wall: datetime  # UTC
    steady: float  # seconds since some moment; never set

    def fell_back(self, before: "ClockReading") -> timedelta:
        """Return how far the wall clock was set back since an earlier reading; zero where it was not."""
        shift = self.wall - before.wall - timedelta(seconds=self.steady - before.steady)
        return shift if shift < -_SET_BACK else timedelta(0)


@dataclass(frozen=True, kw_only=True)
class WatchIO:
    """All that a watch takes from outside, so that a test can give it another."""

    read: Callable[[], ClockReading]
    wait: Callable[[float], None]  # seconds; an interruption ends it by KeyboardInterrupt
    look: Callable[[], int]  # does a run and returns its exit code
    online: Callable[[], bool]  # whether any of the platforms can be reached
    say: Callable[[str], None]
    keep: Callable[[ScheduleState], None]  # remembers; must not fail
    alive: Callable[[datetime], None]  # called in every slice
    hints: CommandHints = USUAL_HINTS


class Watch:
    """One watch: when the next run is due, and what is remembered of the last."""

    def __init__(self, rhythm: Schedule, turn: ScheduleState | None, *, name: str, io: WatchIO) -> None:
        self._rhythm = rhythm
        self._io = io
        self._seen = io.read()
        now, words = self._seen.wall, str(rhythm)
        same = turn if turn is not None and turn.rhythm == words else None
        self._turn = replace(
            turn or ScheduleState(name=name, rhythm=words, since=now), rhythm=words, next_due=None
        )
        self._due = first_due(
            rhythm, now=now, last=self._turn.last_started, planned=same.next_due if same else None
        )
        self._not_before = self._due  # later than due where a run was refused as too early

    def forever(self) -> int:
        """Run whenever a run is due; return the exit code of an interruption."""
        while True:
            self._plan(self._due)
            if self._next > self._seen.wall:
                self._io.say(f"Next run: {_when(self._next, self._rhythm, self._seen.wall)}.")
            while (left := self._next - self._seen.wall) > timedelta(0):
                self._pause(min(left, SLICE))
            self._wait_for_network()
            if self._run() == ExitCode.INTERRUPTED:
                return ExitCode.INTERRUPTED

    def once(self) -> int:
        """Do the run that a scheduler started us for, if one is due, and return its exit code."""
        turn, now = self._turn, self._seen.wall
        if not is_due(self._rhythm, last=turn.last_started, now=now, since=turn.since):
            last = turn.last_started
            self._io.say(
                f"Nothing is due: {self._rhythm}"
                + (f", and the last run began {_utc(last)}." if last else ".")
            )
            return ExitCode.ALL_VISIBLE
        self._due = now
        self._wait_for_network()
        return self._run()

    def _plan(self, due: datetime) -> None:
        self._due = due
        self._turn = replace(self._turn, next_due=self._next)
        self._io.keep(self._turn)

    @property
    def _next(self) -> datetime:
        return max(self._due, self._not_before)

    def _wait_for_network(self) -> None:
        """Wait while nothing can be reached, within reason; a machine that wakes has no network at once."""
        patience = min(_OFFLINE_MOST, self._rhythm.gap / 4)
        begun = self._seen.steady
        if self._io.online():
            return
        self._io.say(f"No network; waiting for it, at most {exact_duration(patience)}.")
        while self._seen.steady - begun < patience.total_seconds():
            self._pause(_OFFLINE_POLL)
            if self._io.online():
                self._io.say("The network is back.")
                return
        self._io.say("There is still no network. The run is made anyway, so that the gap is on record.")

    def _pause(self, length: timedelta) -> None:
        self._io.wait(length.total_seconds())
        self._read()
        self._io.alive(self._seen.wall)

    def _read(self) -> None:
        """Read the clocks; where the wall clock was set back, set back with it what is remembered."""
        before, self._seen = self._seen, self._io.read()
        shift = self._seen.fell_back(before)
        if not shift:
            return
        self._io.say(f"The clock was set back by {exact_duration(-shift)}.")
        last = self._turn.last_started
        self._turn = replace(self._turn, last_started=last + shift if last else None)
        due = self._due + shift
        self._not_before += shift
        if isinstance(self._rhythm, DailyAt):
            due = first_due(self._rhythm, now=self._seen.wall, last=self._turn.last_started)
        self._plan(due)

    def _run(self) -> int:
        self._read()
        before, started = self._turn, self._seen.wall
        self._turn = replace(before, last_started=started, next_due=None)
        self._io.keep(self._turn)
        try:
            code = self._looked()
        except TooEarlyError as error:
            return self._refused(error, before)
        self._read()
        turn = self._turn
        begun = turn.last_started or started
        due = next_due(self._rhythm, due=min(self._due, begun), started=begun, ended=self._seen.wall)
        self._turn = replace(
            turn, last_ended=self._seen.wall, last_exit_code=code, runs=turn.runs + 1, next_due=due
        )
        self._io.keep(self._turn)
        self._due = due
        return code

    def _refused(self, error: TooEarlyError, before: ScheduleState) -> int:
        """Leave out a run that was not made: what is remembered is what was before it."""
        self._io.say(f"{error.what} This run is left out.")
        self._turn = before
        self._not_before = self._seen.wall + min(_REFUSED, self._rhythm.gap / 4)
        self._plan(self._due)
        return ExitCode.ALL_VISIBLE

    def _looked(self) -> int:
        try:
            return self._io.look()
        except TooEarlyError:
            raise
        except SelfcheckError as error:
            self._io.say("Error: " + "\n".join(error.lines(self._io.hints)))
            return error.exit_code
        except BrokenPipeError:
            raise  # the reader of the output is gone: the end, as for any command
        except Exception as error:  # noqa: BLE001 - a bug must not end an unattended watch
            self._io.say(f"Error: this run failed by a bug of selfcheck ({type(error).__name__}: {error}).")
            return ExitCode.TOOL_FAILED


def _when(moment: datetime, rhythm: Schedule, now: datetime) -> str:
    """Return a moment in words, and how long it is until then."""
    exact = (moment - now).total_seconds()
    left = timedelta(minutes=round(exact / 60)) if exact > _SOON else timedelta(seconds=max(1, round(exact)))
    shown = _utc(moment)
    if isinstance(rhythm, DailyAt):
        shown = f"{moment.astimezone(ZoneInfo(rhythm.zone)):%Y-%m-%d %H:%M} {rhythm.zone}"
    return f"{shown}, in {exact_duration(left)}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
