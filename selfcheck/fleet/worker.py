"""One worker: takes slots that are due, looks, and writes their results.

Laws:
1. No worker sleeps on a far moment: such a job goes back to the queue.
2. A database that is away for a while costs time, and nothing else: what was to be written is written then.
3. An error in one slot is that slot's: it is tried again later, and at last its result is inconclusive.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Protocol, TypeVar

import psycopg
from loguru import logger
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from selfcheck.core.enums import Outcome, Strength, Verdict
from selfcheck.errors import SelfcheckError
from selfcheck.fleet import queue
from selfcheck.fleet.queue import Database, SlotJob
from selfcheck.fleet.stages import Further, Look, Rhythm, SlotResult, Stage, after_triage, after_whole
from selfcheck.platforms.schema import Limits

T = TypeVar("T")

PATIENCE_SECONDS = 3.0
_POLL_SECONDS = 0.5
_AWAY_SECONDS = 0.5
_BEATS = 6  # within the time after which it would have lost its jobs
_MOST_FAILURES = 3
_FAILURE_WAIT_SECONDS = 60.0
_FORBIDDEN_WAIT_SECONDS = 3600.0
# The pool tells of every attempt; what a user needs to know the worker says once.
logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)

_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)
CLOSING = {Outcome.RATE_LIMITED: "too many requests (429)", Outcome.CHALLENGE: "a bot wall"}


class MomentFarError(SelfcheckError):
    """The platform may not be asked for some time."""

    def __init__(self, seconds: float, *, looked: bool = False) -> None:
        super().__init__(f"The platform may be asked again in {seconds:.0f} seconds.")
        self.seconds = seconds
        self.looked = looked  # whether a page was opened before


class Looker(Protocol):
    """Opens pages."""

    def limits(self, job: SlotJob) -> Limits:
        """Return how the platform of a job may be asked, as its file says."""

    def confirm_after(self, job: SlotJob) -> timedelta:
        """Return how long the platform wants one to wait before "gone" is believed."""

    async def triage(self, job: SlotJob, turns: "Turns") -> Look:
        """Look once, cheaply."""

    async def whole(self, job: SlotJob, turns: "Turns") -> Look:
        """Look from every viewpoint that this worker has, and judge."""


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """How a worker works."""

    dsn: str
    address: str  # the name of the network address from which it looks
    jobs: int = 4  # slots in hand at once
    rotation: timedelta = timedelta(days=7)
    until_empty: bool = False  # end when no slot is left
    stalled_seconds: float = 30.0  # after so long without a heartbeat a worker has lost its jobs
    random: Random = field(default_factory=Random)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.time  # in seconds; it goes on while the machine sleeps

    def is_over(self, asked_at: float) -> bool:
        """Return whether a moment that was asked for then must not be used any more."""
        return not 0 <= self.clock() - asked_at <= queue.LEASE_SECONDS


class Turns:
    """Gives the moments at which requests may leave."""

    def __init__(self, pool: "AsyncConnectionPool[Database]", options: WorkerOptions) -> None:
        self._pool = pool
        self.options = options

    @asynccontextmanager
    async def turn(self, platform: str, limits: Limits, *, views: int = 1) -> AsyncIterator[None]:
        """Wait until a request may leave; it has arrived when the block ends.

        Raise MomentFarError where that would take long.
        """
        options = self.options
        departure = queue.Departure.of((platform, options.address), limits, options.random, views=views)
        while True:
            async with self._pool.connection() as database:
                asked_at = options.clock()
                moment = await queue.depart(database, departure, PATIENCE_SECONDS)
                if moment.granted:
                    try:
                        if is_used := not options.is_over(asked_at):
                            yield
                        await queue.departed(database, departure)
                    except BaseException:  # the lock ends with the connection
                        await database.close()
                        raise
                    if is_used:
                        return
            if moment.seconds > PATIENCE_SECONDS:
                raise MomentFarError(moment.seconds)
            await self.options.sleep(moment.seconds)


class Worker:
    """A worker process."""

    def __init__(self, options: WorkerOptions, looker: Looker, say: Callable[[str], None]) -> None:
        self._options = options
        self._looker = looker
        self._say = say
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._fetching = asyncio.Lock()
        self._number = 0
        self._ending = False
        self._away = False
        self._results = 0
        self._permitted: frozenset[str] = frozenset()

    async def work(self) -> int:
        """Work until told to stop, or until no slot is left where that was asked for.

        Return how many results it wrote.
        """
        self._pool: AsyncConnectionPool[Database] = AsyncConnectionPool(
            self._options.dsn,
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=1,
            max_size=self._options.jobs + 2,
            timeout=10,
            check=AsyncConnectionPool.check_connection,
            open=False,
        )
        async with self._pool:
            self._turns = Turns(self._pool, self._options)
            self._number, self._started = await self._insist(queue.register)
            await self._look_after()
            beating = asyncio.create_task(self._beat())
            try:
                await self._take_jobs()
                if self._in_hand:
                    await asyncio.wait(self._in_hand.values())
            finally:
                beating.cancel()
                for task in self._in_hand.values():
                    task.cancel()
                await asyncio.gather(beating, *self._in_hand.values(), return_exceptions=True)
                with suppress(*_AWAY):  # what it has in hand is then taken from it later
                    async with self._pool.connection() as database:
                        await queue.unregister(database, self._number)
        return self._results

    async def _take_jobs(self) -> None:
        while not self._ending:
            if len(self._in_hand) >= self._options.jobs:
                await asyncio.wait(self._in_hand.values(), return_when=asyncio.FIRST_COMPLETED)
                continue
            job = await self._fetch()
            if job is not None:
                task = asyncio.create_task(self._do(job))
                self._in_hand[job.id] = task
                task.add_done_callback(lambda _, number=job.id: self._in_hand.pop(number, None))  # type: ignore[misc]
            elif self._options.until_empty and not self._in_hand and await self._is_empty():
                return
            else:
                await self._options.sleep(_POLL_SECONDS)

    async def _fetch(self) -> SlotJob | None:
        async with self._fetching:
            try:
                async with self._pool.connection() as database:
                    return await queue.fetch(database, self._number)
            except _AWAY as error:
                self._note_away(error)
                in_hand = list(self._in_hand)
                await self._insist(lambda database: queue.give_back_unknown(database, self._number, in_hand))
                return None

    async def _is_empty(self) -> bool:
        async def ask(database: Database) -> bool:
            row = await (
                await database.execute("SELECT EXISTS (SELECT 1 FROM fleet.slots) AS any")
            ).fetchone()
            return row is not None and not row["any"]

        return await self._insist(ask)

    async def _do(self, job: SlotJob) -> None:
        """Carry a slot one stage further."""
        limits = self._looker.limits(job)
        if limits.programs == "forbidden" and job.platform not in self._permitted:
            await self._insist(lambda database: queue.postpone(database, job, _FORBIDDEN_WAIT_SECONDS))
            return
        try:
            if not await self._insist(lambda database: queue.begun(database, job)):
                return
            triage = job.stage is Stage.TRIAGE
            look = await (self._looker.triage if triage else self._looker.whole)(job, self._turns)
            await self._settle(job, look)
        except MomentFarError as far:
            seconds, looked = far.seconds, far.looked
            await self._insist(lambda database: queue.postpone(database, job, seconds, looked=looked))
            return
        except asyncio.CancelledError:
            with suppress(*_AWAY):
                async with self._pool.connection() as database:
                    await queue.postpone(database, job, 0.0)
            raise
        except _AWAY:
            await self._insist(lambda database: queue.postpone(database, job, 0.0))
            return
        except Exception as error:  # noqa: BLE001 — a bug in one slot must not end the worker
            await self._failed(job, error)

    async def _settle(self, job: SlotJob, look: Look) -> None:
        """Write down what a look led to."""
        if look.outcome in CLOSING:
            why = CLOSING[look.outcome]
            await self._insist(
                lambda database: queue.close_platform(database, job.platform, look.closed_for, why)
            )
        rhythm = Rhythm(rotation=self._options.rotation, confirm_after=self._looker.confirm_after(job))
        if job.stage is Stage.TRIAGE:
            now = await self._insist(queue.clock)
            follows = after_triage(look, job.known, now=now, rhythm=rhythm)
        else:
            follows = after_whole(look, job.stage, job.progress, job.known, rhythm=rhythm)
        if isinstance(follows, Further):
            wait = follows.wait.total_seconds()
            kept = await self._insist(lambda database: queue.postpone(database, job, wait, follows))
        else:
            address = self._options.address
            kept = await self._insist(lambda database: queue.finish(database, job, follows, address))
            self._results += kept
        if not kept:
            logger.debug("{}: the slot was given to another worker meanwhile", job.profile)

    async def _failed(self, job: SlotJob, error: Exception) -> None:
        logger.opt(exception=error).debug("{} failed", job.profile)
        what = " ".join(error.lines()) if isinstance(error, SelfcheckError) else type(error).__name__
        self._say(f"{job.profile}: {what}")
        failures = job.progress.failures + 1
        if failures < _MOST_FAILURES:
            again = Further(stage=job.stage, progress=job.progress.failed())
            await self._insist(
                lambda database: queue.postpone(database, job, _FAILURE_WAIT_SECONDS * failures, again)
            )
            return
        result = SlotResult(
            verdict=Verdict.INCONCLUSIVE,
            strength=Strength.LIKELY,
            outcome=job.progress.outcome or Outcome.UNREACHABLE,
            stage=job.stage,
            how=f"selfcheck itself failed {failures} times",
        )
        await self._insist(lambda database: queue.finish(database, job, result, self._options.address))

    # -- what goes on beside --

    async def _beat(self) -> None:
        while True:
            await self._options.sleep(self._options.stalled_seconds / _BEATS)
            await self._look_after()

    async def _look_after(self) -> None:
        async def permitted(database: Database) -> frozenset[str]:
            rows = await (await database.execute("SELECT platform FROM fleet.permissions")).fetchall()
            return frozenset(row["platform"] for row in rows)

        orders = await self._insist(
            lambda database: queue.beat(database, self._number, self._options.stalled_seconds)
        )
        self._permitted = await self._insist(permitted)
        if self._is_after_start(orders.stop_since):
            for task in self._in_hand.values():
                task.cancel()
            self._ending = True
        self._ending |= self._is_after_start(orders.drain_since)

    def _is_after_start(self, moment: datetime | None) -> bool:
        return moment is not None and moment > self._started

    async def _insist(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Do it on a connection; while the database is away, again until it is done."""
        while True:
            try:
                async with self._pool.connection() as database:
                    done = await work(database)
            except _AWAY as error:
                self._note_away(error)
                await self._options.sleep(_AWAY_SECONDS)
            else:
                if self._away:
                    self._away = False
                    self._say("The fleet's database can be used again.")
                return done

    def _note_away(self, error: Exception) -> None:
        """Say once that the database is away, however many slots wait for it."""
        logger.debug("the database is away: {}", error)
        if not self._away:
            self._away = True
            why = str(error).strip().splitlines()[:1]
            self._say(f"The fleet's database cannot be used ({''.join(why)}); waiting for it.")
