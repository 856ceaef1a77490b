"""Thousands of simulated profiles, workers that are killed and stopped, and the sites' own logs as the judge.

`python benchmarks/fleet.py [--quick] [--profiles N] [--workers N] [--kills N] [--stops N] [--seed N]`
`python benchmarks/fleet.py --throughput`: 1, 2 and 4 workers, 100 to 10,000 profiles, and the queue by itself

PostgreSQL, the queue, the workers and their deaths are real; started by root its disk is full for a while.
The looks are requests without a browser, but for 1 % of the profiles, which Chromium looks at; the platforms
are servers on loopback. `p00` has too small a budget for its profiles, so that the clock has to be moved by a
day, and `p01` asks once to be left alone.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from statistics import median
from typing import TypeVar

import fleet_judge
import fleet_world
from fleet_trial import EVERY, Outcome, Trial, database, fill, processor_seconds, try_it
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from selfcheck.core.enums import Outcome as PageOutcome
from selfcheck.core.enums import Strength, Verdict
from selfcheck.fleet import queue
from selfcheck.fleet.database import Fleet
from selfcheck.fleet.planning import plan
from selfcheck.fleet.queue import Departure
from selfcheck.fleet.stages import SlotResult, Stage

T = TypeVar("T")

LINEAR = 1.10
GROWTH_KB = 4096  # of a worker's memory from the first half of a trial to the second: what a malloc may keep
SEQUENTIAL_LOOKS = 500


def report(trial: Trial, *, small: bool = False) -> tuple[Outcome, list[str]]:
    """Run a trial, print what was measured, and return it with the faults."""
    with database(small=small) as fleet:
        outcome = try_it(trial, fleet)
    looks = len(outcome.requests)
    by_browser = sum(asked.stage == fleet_world.PAGE for asked in outcome.requests)
    memory = [size for size in outcome.memory if size]
    print(
        f"{trial.profiles} profiles, {trial.workers} workers x {trial.jobs}: {outcome.seconds:.1f} s,"
        f" {looks} looks ({by_browser} of them by Chromium;"
        f" {looks / outcome.seconds:.0f}/s, {1000 * outcome.seconds / looks:.1f} ms each),"
        f" {outcome.kills} kills, {outcome.stops} stops, {outcome.outages} outages of the database"
        f" ({trial.full_disks} with a full disk), {len(outcome.jumps)} days moved,"
        f" {fleet_judge.doubles(outcome)} looks twice, worker memory {min(memory, default=0) // 1024} to"
        f" {max(memory, default=0) // 1024} MB",
        flush=True,
    )
    found = [*fleet_judge.faults(trial, outcome), *fleet_judge.slow_faults(trial, outcome)]
    for fault in found[:10]:
        print(f"  FAULT: {fault}", flush=True)
    return outcome, found


def throughput() -> list[str]:
    """Measure how fast it is, and return what is not as it should be."""
    with database() as fleet:
        asyncio.run(queue_alone(fleet))
    found = []
    for workers in (1, 2, 4):
        found += report(Trial(profiles=1000, workers=workers, trouble=False))[1]
    costs = {}
    for profiles in (100, 1000, 10_000):
        outcome, faults = report(Trial(profiles=profiles, workers=2, trouble=False))
        found += faults
        costs[profiles] = outcome.processor_seconds
        print(f"  {outcome.processor_seconds:.1f} s of processor time", flush=True)
        if profiles == max(costs):
            found += _grown(outcome)
    # What starting costs is paid once: it is the part that is there with no profile at all.
    each = {
        f"{few} to {many}": 1000 * (costs[many] - costs[few]) / (many - few)
        for few, many in ((100, 1000), (1000, 10_000))
    }
    for what, cost in each.items():
        print(f"{what} profiles: {cost:.1f} ms of processor time for each further profile", flush=True)
    if max(each.values()) > LINEAR * min(each.values()):
        found.append("the cost of a profile depends by more than 10 % on how many there are")
    return found


def _grown(outcome: Outcome) -> list[str]:
    memory = [size for size in outcome.memory if size]
    quarter = len(memory) // 4
    early, late = median(memory[quarter : 2 * quarter]), median(memory[-quarter:])
    print(f"  worker memory in the second quarter {early:.0f} KB, in the last {late:.0f} KB", flush=True)
    return [f"a worker grew from {early:.0f} to {late:.0f} KB"] if late > early + GROWTH_KB else []


async def queue_alone(fleet: Fleet) -> None:
    """Print what the queue and the reservation add to a look, one look after the other, without the look."""
    with fleet.connect() as connection:
        fill(connection, Trial(profiles=SEQUENTIAL_LOOKS, workers=1), Path(os.devnull))
        plan(connection, EVERY)
    result = SlotResult(
        verdict=Verdict.VISIBLE,
        strength=Strength.LIKELY,
        outcome=PageOutcome.SHOWN,
        stage=Stage.TRIAGE,
        how="nothing",
    )
    parts: dict[str, list[float]] = {}
    before = time.process_time() + processor_seconds(fleet)

    async def timed(part: str, work: Awaitable[T]) -> T:
        started = time.perf_counter()
        try:
            return await work
        finally:
            parts.setdefault(part, []).append(1000 * (time.perf_counter() - started))

    async with await AsyncConnection.connect(fleet.dsn, autocommit=True, row_factory=dict_row) as database:
        worker, _ = await queue.register(database)
        while job := await timed("job taken", queue.fetch(database, worker)):
            departure = Departure(platform=job.platform, address="here", gap=0, most=10**6)
            await timed("look counted", queue.begun(database, job))
            await timed("moment reserved", queue.depart(database, departure, 3))
            await timed("moment given back", queue.departed(database, departure))
            await timed("result written", queue.finish(database, job, result, "here"))
    del parts["job taken"][-1]  # there was none any more
    words = ", ".join(f"{part} {median(times):.1f}" for part, times in parts.items())
    whole = sum(median(times) for times in parts.values())
    cost = 1000 * (time.process_time() + processor_seconds(fleet) - before) / SEQUENTIAL_LOOKS
    print(
        f"the queue, for each look: {whole:.1f} ms (medians of {SEQUENTIAL_LOOKS}: {words}),"
        f" {cost:.1f} ms of processor time",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="200 profiles and 5 kills")
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--stops", type=int, default=3)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--no-browser", action="store_true", help="no look with Chromium")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--throughput", action="store_true", help="how fast it is, without trouble")
    words = parser.parse_args()
    if words.throughput:
        return 1 if throughput() else 0
    if words.quick:
        words.profiles, words.kills, words.stops, words.restarts = 200, 5, 1, 1
    small = os.geteuid() == 0 and sys.platform == "linux"
    trial = Trial(
        profiles=words.profiles,
        workers=words.workers,
        kills=words.kills,
        stops=words.stops,
        restarts=words.restarts,
        full_disks=1 if small else 0,
        browser=not words.no_browser,
        seed=words.seed,
    )
    return 1 if report(trial, small=small)[1] else 0


if __name__ == "__main__":
    sys.exit(main())
