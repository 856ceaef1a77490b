"""One trial of a fleet: its database, its sites and its workers, and what is done to them meanwhile."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import fleet_browser
import fleet_world
import psycopg
from psycopg.types.json import Jsonb

from selfcheck.core.request import ProfileRequest
from selfcheck.errors import FleetError
from selfcheck.fleet.database import Connection, Fleet, make_tables
from selfcheck.fleet.planning import plan
from selfcheck.fleet.server import EmbeddedServer
from selfcheck.storage.child_process import run_program

WORLD = Path(fleet_world.__file__)
EVERY = timedelta(hours=24)
NOBODY = 65534
SMALL_DISK = "1400M"
FULL_SECONDS = 10.0
STOPPED_BEFORE_RESTART = 5.0
PROGRESS_SECONDS = 30.0
POLL_SECONDS = 0.1  # in which something is done to workers and database
CALM_POLL_SECONDS = 1.0  # asking costs the database something, too


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
    restarts: int = 0  # of the database; the first ones while a worker is stopped, where one is
    full_disks: int = 0  # how often the database's disk is full for ten seconds
    platforms: int = 40
    trouble: bool = True  # `p00` has too small a budget, and `p01` asks once to be left alone
    browser: bool = False  # 1 % of the profiles are looked at with Chromium
    seed: int = 1

    @property
    def budget(self) -> int:
        """Return the budget of `p00`: enough for half of what its profiles need."""
        return max(2, self.profiles // self.platforms)


class Request(NamedTuple):
    """A line of the sites' log."""

    at: float
    platform: str
    address: str
    profile: str
    stage: str


@dataclass
class Outcome:
    """What came of it."""

    seconds: float = 0.0
    requests: list[Request] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    jumps: list[float] = field(default_factory=list)  # when the clock was moved by a day
    kills: int = 0
    stops: int = 0
    outages: int = 0  # of the database: restarts and full disks
    memory: list[int] = field(default_factory=list)  # of a worker in KB, through time
    second_plan: int = 0  # profiles that got the same slot twice
    second_pass: int = 0  # requests when workers look again for what is due
    processor_seconds: float = 0.0  # of the workers and the database, where the database never restarted


@contextmanager
def database(*, durable: bool = True, small: bool = False) -> Iterator[Fleet]:
    """Give an embedded PostgreSQL with the fleet's tables; started as root it belongs to nobody.

    `small` (root alone): it lies in a file system of its own, which can be filled.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="fleet-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        if small:
            stack.enter_context(_small_disk(folder))
        user = NOBODY if os.geteuid() == 0 else None
        server = EmbeddedServer(folder=folder / "postgres", user=user, durable=durable)
        stack.callback(server.stop)
        fleet = Fleet(dsn=server.start(), server=server)
        with fleet.connect() as connection:
            make_tables(connection)
            if small:
                connection.execute("ALTER SYSTEM SET max_wal_size = '256MB'")
                connection.execute("SELECT pg_reload_conf()")
        yield fleet


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    image = folder.with_suffix(".image")
    try:
        for words in (
            ["truncate", "-s", SMALL_DISK, str(image)],
            ["mkfs.ext4", "-q", "-F", "-m", "0", str(image)],
            ["mount", "-o", "loop", str(image), str(folder)],
        ):
            done = run_program(words, seconds=60)
            assert done.code == 0, done.err
        folder.chmod(0o755)
        yield
    finally:
        run_program(["umount", str(folder)], seconds=60)
        image.unlink(missing_ok=True)


@contextmanager
def sites(log: Path, *, trouble: bool) -> Iterator[subprocess.Popen[str]]:
    """Give the process of the platforms, which log to a file and has printed their port."""
    words = [sys.executable, str(WORLD), "sites", str(log), *(["trouble"] if trouble else [])]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        fleet_browser.hurry(process)
        try:
            yield process
        finally:
            process.kill()


def fill(connection: Connection, trial: Trial, platform_file: Path) -> None:
    """Write the profiles down."""
    rows = []
    for number in range(trial.profiles):
        name = f"author-{number:05}"
        request = ProfileRequest(name=name, platform="demo", handle=name, session=name)
        if trial.browser and (row := fleet_world.account_of(number)):
            request = ProfileRequest(
                name=name, platform=str(platform_file), handle=row.handle, session=row.handle
            )
        rows.append((name, f"p{number % trial.platforms:02}", Jsonb(asdict(request)), date(2026, 1, 1)))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO fleet.profiles (name, platform, request, basis, basis_on)"
            " VALUES (%s, %s, %s, 'consent', %s)",
            rows,
        )


class Workers:
    """The worker processes; those that are killed are replaced."""

    def __init__(self, trial: Trial, fleet: Fleet, port: str, browser: Path | None) -> None:
        budgets = {"p00": trial.budget} if trial.trouble else {}
        self._setting = {
            "dsn": fleet.dsn,
            "port": int(port),
            "jobs": trial.jobs,
            "stalled_seconds": trial.stalled_seconds,
            "budgets": budgets,
            "browser": str(browser) if browser else None,
        }
        self.processes = [self._start(number) for number in range(trial.workers)]

    def _start(self, number: int) -> subprocess.Popen[bytes]:
        # Two workers share an address, as machines behind one router do.
        setting = json.dumps({**self._setting, "address": f"address-{number // 2}"})
        return subprocess.Popen([sys.executable, str(WORLD), "work", setting])

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
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fleet-world-")))
        log = folder / "log"
        site = stack.enter_context(sites(log, trouble=trial.trouble))
        assert site.stdout is not None
        port = site.stdout.readline().strip()
        if trial.browser:
            stack.enter_context(fleet_browser.served(folder, log, addresses=(trial.workers + 1) // 2))
        with fleet.connect() as connection:
            fill(connection, trial, fleet_browser.platform_file(folder))
            plan(connection, EVERY)
        browser = folder if trial.browser else None
        before, started = processor_seconds(fleet), time.monotonic()
        workers = Workers(trial, fleet, port, browser)
        try:
            _Disturbance(trial, fleet, workers, outcome, log).until_done()
            outcome.seconds = time.monotonic() - started
        finally:
            workers.close()
        outcome.processor_seconds = processor_seconds(fleet) - before
        _again(fleet, outcome, trial, (port, browser, log))
        for line in log.read_text(encoding="utf-8").splitlines():
            at, *words = line.split()
            outcome.requests.append(Request(float(at), *words))
    return outcome


def _again(fleet: Fleet, outcome: Outcome, trial: Trial, world: tuple[str, Path | None, Path]) -> None:
    """Plan the same slot again and let workers work again: nothing may come of it."""
    port, browser, log = world
    with fleet.connect() as connection:
        outcome.results = connection.execute("SELECT * FROM fleet.results ORDER BY profile").fetchall()
        # The slots of days to which the clock was moved are others.
        connection.execute("UPDATE fleet.settings SET clock_offset = '0'")
        outcome.second_plan = plan(connection, EVERY).added
    before = len(log.read_bytes().splitlines())
    workers = Workers(trial, fleet, port, browser)
    try:
        workers.processes[0].wait(60)
    finally:
        workers.close()
    outcome.second_pass = len(log.read_bytes().splitlines()) - before


class _Disturbance:
    """Waits until every slot is done, and kills, stops, restarts and fills meanwhile."""

    def __init__(self, trial: Trial, fleet: Fleet, workers: Workers, outcome: Outcome, log: Path) -> None:
        self._trial, self._fleet, self._workers, self._outcome, self._log = (
            trial,
            fleet,
            workers,
            outcome,
            log,
        )
        self._chance = random.Random(trial.seed)  # noqa: S311 — a repeatable trial
        self._stopped: dict[int, float] = {}  # since when
        self._restarted_at = 0.0
        self._ballast: tuple[Path, float] | None = None
        self._kills = self._spread(trial.kills)
        self._stops = self._spread(trial.stops)
        self._restarts = self._spread(trial.restarts)
        self._full = self._spread(trial.full_disks)

    def _spread(self, times: int) -> list[int]:
        """Return at how many results each of so many things happens."""
        return [self._trial.profiles * (number + 1) // (times + 1) for number in range(times)]

    def until_done(self) -> None:
        started = told = time.monotonic()
        done = 0
        while True:
            time.sleep(POLL_SECONDS if self._is_rough else CALM_POLL_SECONDS)
            with suppress(psycopg.Error, FleetError), self._fleet.connect() as connection:
                left, parked, done = _progress(connection)
                if not left:
                    return
                if left == parked:
                    self._outcome.jumps.append(time.time())
                    _jump(connection)
                self._outcome.memory.append(self._workers.memory())
                self._hurt_workers(done)
            self._hurt_database(done)
            self._workers.restart_ended()
            if time.monotonic() - told > PROGRESS_SECONDS:
                told = time.monotonic()
                requests = len(self._log.read_bytes().splitlines())
                print(
                    f"  after {told - started:.0f} s: {done} of {self._trial.profiles} results, {requests}"
                    f" requests, {self._outcome.kills} kills, {self._outcome.stops} stops,"
                    f" {self._outcome.outages} outages{self._cost()}",
                    flush=True,
                )

    @property
    def _is_rough(self) -> bool:
        trial = self._trial
        return bool(trial.kills or trial.stops or trial.restarts or trial.full_disks or trial.trouble)

    def _cost(self) -> str:
        if self._is_rough:
            return ""  # a process that is killed, or a database that restarts, takes its part along
        return f", {processor_seconds(self._fleet, self._workers):.1f} s of processor time"

    def _hurt_workers(self, done: int) -> None:
        free = [number for number in range(self._trial.workers) if number not in self._stopped]
        if self._kills and done >= self._kills[0] and free:
            del self._kills[0]
            self._workers.kill(self._chance.choice(free))
            self._outcome.kills += 1
        if self._stops and done >= self._stops[0] and len(free) > 1:
            del self._stops[0]
            number = self._chance.choice(free)
            self._workers.processes[number].send_signal(signal.SIGSTOP)
            self._stopped[number] = time.monotonic()
            self._outcome.stops += 1

    def _hurt_database(self, done: int) -> None:
        now, server = time.monotonic(), self._fleet.server
        assert server is not None or not (self._restarts or self._full)
        for number, since in list(self._stopped.items()):
            # A worker that sleeps while the database restarts loses all its locks, and does not know it.
            asleep = now - since > STOPPED_BEFORE_RESTART and since > self._restarted_at
            if self._restarts and asleep and server and not self._ballast:
                del self._restarts[0]
                self._restarted_at = now
                self._restart(server)
            if now - since > self._trial.stop_seconds:
                self._workers.processes[number].send_signal(signal.SIGCONT)
                del self._stopped[number]
        is_due = self._restarts and done >= self._restarts[0] and len(self._restarts) > len(self._stops)
        if is_due and server and not self._ballast:  # it cannot start on a full disk
            del self._restarts[0]
            self._restart(server)
        if self._full and done >= self._full[0] and server:
            del self._full[0]
            self._ballast = _filled(server.folder.parent / "ballast"), now
        if self._ballast and now - self._ballast[1] > FULL_SECONDS and server:
            self._ballast[0].unlink()
            self._ballast = None
            self._restart(server)  # it may have given up

    def _restart(self, server: EmbeddedServer) -> None:
        server.stop()
        server.start()
        self._outcome.outages += 1


def _filled(path: Path) -> Path:
    """Fill the rest of a file system."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(1 << 12))
    return path


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


def processor_seconds(fleet: Fleet, workers: Workers | None = None) -> float:
    """Return what the database and the workers have used so far; 0 where nothing tells, as without Linux."""
    if fleet.server is None or not Path("/proc/self/stat").exists():
        return 0.0
    postmaster = int((fleet.server.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="utf-8").split()
    alive = [process.pid for process in workers.processes] if workers else []
    ended = os.times()
    return (
        sum(_ticks(pid) for pid in (postmaster, *map(int, children), *alive)) / os.sysconf("SC_CLK_TCK")
        + ended.children_user
        + ended.children_system
    )


def _ticks(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return 0
    return sum(map(int, stat.rpartition(")")[2].split()[11:15]))  # its own and those of ended children
