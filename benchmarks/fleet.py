"""Thousands of simulated profiles, workers that are killed and stopped, and the sites' own logs as the judge.

`python benchmarks/fleet.py [--quick] [--profiles N] [--workers N] [--kills N] [--stops N] [--seed N]`

PostgreSQL, the queue, the workers and their deaths are real. The looks are requests without a browser, and
the platforms a server on loopback. `p00` has too small a budget for its profiles, so that the clock has to be
moved by a day, and `p01` asks once to be left alone.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import fleet_world
import psycopg
from psycopg.types.json import Jsonb

from selfcheck.core.request import ProfileRequest
from selfcheck.fleet.database import Connection, Fleet, make_tables
from selfcheck.fleet.planning import plan
from selfcheck.fleet.server import EmbeddedServer

WORLD = Path(fleet_world.__file__)
PLATFORMS = 40
EVERY = timedelta(hours=24)
NOBODY = 65534
LATE = 0.05
"""How much earlier than the gap a request may reach a site: moments are the database's, not the site's."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried."""

    profiles: int
    workers: int
    jobs: int = 8
    kills: int = 0
    stops: int = 0
    stop_seconds: float = 40.0
    stalled_seconds: float = 30.0
    restarts: int = 0
    platforms: int = PLATFORMS
    seed: int = 1

    @property
    def budget(self) -> int:
        """Return the budget of `p00`: enough for half of what its profiles need."""
        return max(2, self.profiles // self.platforms)


@dataclass
class Outcome:
    """What came of it."""

    seconds: float = 0.0
    requests: list[tuple[float, str, str, str, str]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    jumps: list[float] = field(default_factory=list)
    kills: int = 0
    stops: int = 0
    memory: list[int] = field(default_factory=list)  # of a worker in KB, through time
    second_plan: int = 0


@contextmanager
def database(*, durable: bool = True) -> Iterator[Fleet]:
    """Give an embedded PostgreSQL with the fleet's tables; started as root it belongs to nobody."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-"))
    folder.chmod(0o755)
    user = NOBODY if os.geteuid() == 0 else None
    server = EmbeddedServer(folder=folder / "postgres", user=user, durable=durable)
    try:
        fleet = Fleet(dsn=server.start(), server=server)
        with fleet.connect() as connection:
            make_tables(connection)
        yield fleet
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sites(log: Path) -> Iterator[int]:
    """Give the port of the platforms, which log to a file."""
    words = [sys.executable, str(WORLD), "sites", str(log)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def fill(connection: Connection, trial: Trial) -> None:
    """Write the profiles down."""
    rows = []
    for number in range(trial.profiles):
        name = f"author-{number:05}"
        request = ProfileRequest(name=name, platform="demo", handle=name, session=name)
        rows.append((name, f"p{number % trial.platforms:02}", Jsonb(asdict(request)), date(2026, 1, 1)))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO fleet.profiles (name, platform, request, basis, basis_on)"
            " VALUES (%s, %s, %s, 'consent', %s)",
            rows,
        )


class Workers:
    """The worker processes; those that are killed are replaced."""

    def __init__(self, trial: Trial, fleet: Fleet, port: int) -> None:
        self._trial = trial
        budget = f"p00={trial.budget}"
        self._words = [sys.executable, str(WORLD), "work", fleet.dsn, str(port)]
        self._rest = [str(trial.jobs), str(trial.stalled_seconds), budget]
        self.processes = [self._start(number) for number in range(trial.workers)]

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        # Two workers share an address, as machines behind one router do.
        return subprocess.Popen([*self._words, f"address-{number // 2}", *self._rest])

    def kill(self, number: int) -> None:
        """Kill a worker and start another in its place."""
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = self._start(number)

    def restart_ended(self) -> None:
        """Start those again that saw an empty queue, or died."""
        for number, process in enumerate(self.processes):
            if process.poll() is not None:
                self.processes[number] = self._start(number)

    def memory(self) -> int:
        """Return the memory of the first worker in KB, as far as this system says it."""
        with suppress(OSError, StopIteration):
            status = Path(f"/proc/{self.processes[0].pid}/status").read_text(encoding="utf-8")
            return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
        return 0

    def close(self) -> None:
        """End all of them."""
        for process in self.processes:
            with suppress(OSError):
                process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


def try_it(trial: Trial, fleet: Fleet) -> Outcome:
    """Run a trial in an empty database and return what came of it."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with sites(log) as port:
            with fleet.connect() as connection:
                fill(connection, trial)
                plan(connection, EVERY)
            workers = Workers(trial, fleet, port)
            try:
                started = time.monotonic()
                _disturb(trial, fleet, workers, outcome)
                outcome.seconds = time.monotonic() - started
            finally:
                workers.close()
        with fleet.connect() as connection:
            outcome.results = connection.execute("SELECT * FROM fleet.results ORDER BY profile").fetchall()
            # The slots of days to which the clock was moved are others.
            connection.execute("UPDATE fleet.settings SET clock_offset = '0'")
            outcome.second_plan = plan(connection, EVERY).added
        for line in log.read_text(encoding="utf-8").splitlines():
            at, *words = line.split()
            outcome.requests.append((float(at), *words))  # type: ignore[arg-type]
    return outcome


def _disturb(trial: Trial, fleet: Fleet, workers: Workers, outcome: Outcome) -> None:
    """Let the workers work until every slot is done, and kill, stop and restart meanwhile."""
    chance = random.Random(trial.seed)  # noqa: S311 — a repeatable trial
    stopped: dict[int, float] = {}
    done_at = [trial.profiles * (number + 1) // (trial.kills + 1) for number in range(trial.kills)]
    stop_at = [trial.profiles * (number + 1) // (trial.stops + 2) for number in range(trial.stops)]
    restart_at = [trial.profiles * (number + 1) // (trial.restarts + 1) for number in range(trial.restarts)]
    while True:
        time.sleep(0.1)
        with suppress(psycopg.Error), fleet.connect() as connection:
            left, parked, done = _progress(connection)
            if not left:
                return
            if left == parked:
                outcome.jumps.append(time.time())
                _jump(connection)
            outcome.memory.append(workers.memory())
            now, free = time.monotonic(), [n for n in range(trial.workers) if n not in stopped]
            if done_at and done >= done_at[0] and free:
                del done_at[0]
                workers.kill(chance.choice(free))
                outcome.kills += 1
            if stop_at and done >= stop_at[0] and len(free) > 1:
                del stop_at[0]
                number = chance.choice(free)
                workers.processes[number].send_signal(signal.SIGSTOP)
                stopped[number] = now + trial.stop_seconds
                outcome.stops += 1
            for number in [number for number, until in stopped.items() if now >= until]:
                workers.processes[number].send_signal(signal.SIGCONT)
                del stopped[number]
            if restart_at and done >= restart_at[0] and fleet.server:
                del restart_at[0]
                fleet.server.stop()
                fleet.server.start()
        workers.restart_ended()


def _progress(connection: Connection) -> tuple[int, int, int]:
    """Return how many slots are left, how many of them wait for another day, and how many are done."""
    row = connection.execute(
        """SELECT (SELECT count(*) FROM fleet.slots) AS left,
            (SELECT count(*) FROM procrastinate_jobs
             WHERE status = 'todo' AND scheduled_at > now() + interval '1 hour') AS parked,
            (SELECT count(*) FROM fleet.results) AS done"""
    ).fetchone()
    assert row is not None
    return row["left"], row["parked"], row["done"]


def _jump(connection: Connection) -> None:
    """Move the clock of the fleet by a day."""
    connection.execute("UPDATE fleet.settings SET clock_offset = clock_offset + interval '24 hours 1 second'")
    connection.execute(
        "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - interval '24 hours 1 second'"
    )


def faults(trial: Trial, outcome: Outcome) -> list[str]:
    """Return what the sites' logs and the results say against the fleet."""
    found = []
    if len(outcome.results) != trial.profiles:
        found.append(f"{len(outcome.results)} results of {trial.profiles} profiles")
    wrong = [
        row["profile"]
        for row in outcome.results
        if row["verdict"] != fleet_world.sequential(row["profile"]).verdict
    ]
    # A platform that closes makes one profile inconclusive.
    if len(wrong) > 1:
        found.append(f"{len(wrong)} verdicts are not those of a sequential run, such as {wrong[:3]}")
    found += [*_too_close(outcome), *_over_budget(trial, outcome)]
    if outcome.second_plan:
        found.append(f"planning the same slot again gave {outcome.second_plan} profiles a second one")
    return found


def slow_faults(trial: Trial, outcome: Outcome) -> list[str]:
    """Return what else they say, which a machine that is too busy may cause by itself."""
    found = _while_closed(outcome)
    allowed = (outcome.kills + outcome.stops + trial.restarts * trial.workers) * trial.jobs
    if (number := doubles(outcome)) > allowed:
        found.append(f"{number} looks were made twice; {allowed} may be")
    return found


def doubles(outcome: Outcome) -> int:
    """Return how many requests repeated an earlier one."""
    counts = Counter((profile, stage) for _, _, _, profile, stage in outcome.requests)
    return sum(count - 1 for count in counts.values())


def _too_close(outcome: Outcome) -> list[str]:
    last: dict[tuple[str, str], float] = {}
    found = []
    for at, platform, address, *_ in sorted(outcome.requests):
        before = last.get((platform, address))
        if before is not None and at - before < fleet_world.GAP - LATE:
            found.append(f"{platform} from {address}: {at - before:.3f} s between two requests")
        last[platform, address] = at
    return found


def _over_budget(trial: Trial, outcome: Outcome) -> list[str]:
    days = [float("-inf"), *outcome.jumps, float("inf")]
    times = [at for at, platform, *_ in outcome.requests if platform == "p00"]
    counts = [sum(begin <= at < end for at in times) for begin, end in pairwise(days)]
    return [f"p00: {count} requests in a day, of {trial.budget}" for count in counts if count > trial.budget]


def _while_closed(outcome: Outcome) -> list[str]:
    times = sorted(at for at, platform, *_ in outcome.requests if platform == "p01")
    if len(times) < fleet_world.CLOSING_AT:
        return []
    closed = times[fleet_world.CLOSING_AT - 1]
    # What has left already when the answer arrives cannot be called back.
    inside = [at for at in times if closed + 0.5 < at < closed + fleet_world.CLOSED_SECONDS - LATE]
    return [f"p01: {len(inside)} requests while it asked to be left alone"] if inside else []


def report(trial: Trial) -> list[str]:
    """Run a trial, print what was measured, and return the faults."""
    with database() as fleet:
        outcome = try_it(trial, fleet)
    looks = len(outcome.requests)
    memory = [size for size in outcome.memory if size]
    print(
        f"{trial.profiles} profiles, {trial.workers} workers x {trial.jobs}: {outcome.seconds:.1f} s,"
        f" {looks} looks ({looks / outcome.seconds:.0f}/s, {1000 * outcome.seconds / looks:.1f} ms each),"
        f" {outcome.kills} kills, {outcome.stops} stops, {trial.restarts} restarts,"
        f" {len(outcome.jumps)} days moved,"
        f" {doubles(outcome)} looks twice, worker memory {min(memory, default=0) // 1024} to"
        f" {max(memory, default=0) // 1024} MB",
        flush=True,
    )
    found = [*faults(trial, outcome), *slow_faults(trial, outcome)]
    for fault in found[:10]:
        print(f"  FAULT: {fault}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="200 profiles and 5 kills")
    parser.add_argument("--profiles", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--stops", type=int, default=3)
    parser.add_argument("--restarts", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--throughput", action="store_true", help="1, 2 and 4 workers; 100 to 10,000 profiles"
    )
    words = parser.parse_args()
    if words.quick:
        words.profiles, words.kills, words.stops = 200, 5, 1
    found = []
    trial = Trial(
        profiles=words.profiles,
        workers=words.workers,
        kills=words.kills,
        stops=words.stops,
        restarts=words.restarts,
        seed=words.seed,
    )
    found += report(trial)
    if words.throughput:
        for workers in (1, 2, 4):
            trial = Trial(profiles=1000, workers=workers)
            found += report(trial)
        for profiles in (100, 1000, 10_000):
            trial = Trial(profiles=profiles, workers=2)
            found += report(trial)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
