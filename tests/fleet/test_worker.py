"""What a worker does where the database or its own looks fail."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from selfcheck.core.enums import Outcome
from selfcheck.core.request import ProfileRequest
from selfcheck.fleet.database import Connection, Fleet
from selfcheck.fleet.members import FleetMember, add_members
from selfcheck.fleet.planning import drain, plan, stop
from selfcheck.fleet.queue import SlotJob
from selfcheck.fleet.stages import Look
from selfcheck.fleet.worker import Turns, Worker, WorkerOptions
from selfcheck.platforms.schema import Limits

FULL_DISK_ONCE = """
CREATE SEQUENCE tries;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('tries') = 1 THEN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON fleet.results FOR EACH ROW EXECUTE FUNCTION refuse();
"""


class Outage:
    """Finds every platform out of order, with one look."""

    def limits(self, job: SlotJob) -> Limits:
        return Limits(gap_seconds=0, jitter_seconds=0)

    def confirm_after(self, job: SlotJob) -> timedelta:
        return timedelta(0)

    async def triage(self, job: SlotJob, turns: Turns) -> Look:
        async with turns.turn(job.platform, self.limits(job)):
            return Look(outcome=Outcome.SERVER_ERROR, how="triage: one page")

    async def whole(self, job: SlotJob, turns: Turns) -> Look:
        raise AssertionError(job, turns)


@dataclass
class Ordered(Outage):
    """The same, while somebody gives all workers an order."""

    order: Callable[[Connection], None]
    connection: Connection
    ends: bool  # whether the look does

    async def triage(self, job: SlotJob, turns: Turns) -> Look:
        self.order(self.connection)
        if not self.ends:
            await asyncio.Event().wait()
        beats: set[object] = set()
        while len(beats) < 3:  # with the third heartbeat the second, in which the order is read, is over
            row = self.connection.execute("SELECT last_heartbeat FROM procrastinate_workers").fetchone()
            beats.add(row and row["last_heartbeat"])
            await asyncio.sleep(0.02)
        return await super().triage(job, turns)


def add_two(connection: Connection) -> None:
    members = [
        FleetMember(
            request=ProfileRequest(name=name, platform="matters", handle=name),
            basis="own",
            basis_on=date(2026, 5, 1),
        )
        for name in ("ann", "ben")
    ]
    add_members(connection, members)
    plan(connection, timedelta(hours=24))


def options_of(fleet: Fleet) -> WorkerOptions:
    """Return options whose waits are short: the heartbeat, in which orders are read, among them."""
    return WorkerOptions(
        dsn=fleet.dsn, address="a", jobs=1, until_empty=True, sleep=lambda _seconds: asyncio.sleep(0.05)
    )


@pytest.mark.parametrize(
    ("order", "ends", "results"),
    [
        pytest.param(drain, True, 1, id="drain: what it has in hand is done"),
        pytest.param(stop, False, 0, id="stop: what it has in hand is given back"),
    ],
)
def test_a_worker_ends_when_it_is_told_to(
    fleet: Fleet, order: Callable[[Connection], None], ends: bool, results: int
) -> None:
    with fleet.connect() as connection:
        add_two(connection)
        worker = Worker(options_of(fleet), Ordered(order=order, connection=connection, ends=ends), print)
        assert asyncio.run(asyncio.wait_for(worker.work(), 30)) == results
        left = connection.execute("SELECT status::text FROM procrastinate_jobs").fetchall()
    assert [row["status"] for row in left] == ["todo"] * (2 - results)


def test_a_full_disk_is_said_once_and_costs_only_time(fleet: Fleet) -> None:
    said: list[str] = []
    with fleet.connect() as connection:
        add_two(connection)
        connection.execute(FULL_DISK_ONCE)
        asyncio.run(Worker(options_of(fleet), Outage(), said.append).work())
        rows = connection.execute("SELECT profile, verdict, looks FROM fleet.results ORDER BY 1").fetchall()
    assert [tuple(row.values()) for row in rows] == [("ann", "inconclusive", 1), ("ben", "inconclusive", 1)]
    assert said == [
        "The fleet's database cannot be used (no space left on device); waiting for it.",
        "The fleet's database can be used again.",
    ]
