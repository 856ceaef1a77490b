"""What workers read and write: jobs, results, moments, closures. Each function is one transaction.

The queue is Procrastinate's, by its own SQL functions, so that a job ends in the transaction that writes its
result. A job belongs to a worker by three numbers: its id, the worker's, and how often it was given out.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Self

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from selfcheck.core.enums import Outcome, Verdict
from selfcheck.fleet.stages import Further, KnownProfile, Progress, SlotResult, Stage
from selfcheck.platforms.schema import Limits

QUEUE = "selfcheck"

Database = AsyncConnection[dict[str, Any]]

_OWN = "id = %(id)s AND status = 'doing' AND worker_id = %(worker)s AND attempts = %(attempts)s"


@dataclass(frozen=True, kw_only=True)
class SlotJob:
    """A slot of a profile that a worker has in hand."""

    id: int
    worker: int
    attempts: int  # how often it was given out before
    profile: str
    due: datetime
    platform: str
    request: dict[str, Any]  # the profile's, as profiles.yaml has it
    stage: Stage
    progress: Progress
    known: KnownProfile

    @property
    def key(self) -> dict[str, Any]:
        """Return what statements name it by."""
        return {
            "id": self.id,
            "worker": self.worker,
            "attempts": self.attempts,
            "profile": self.profile,
            "due": self.due,
        }


@dataclass(frozen=True, kw_only=True)
class Departure:
    """Looks at a platform that are to leave together from one address."""

    platform: str
    address: str
    gap: float  # seconds from when they left to the next ones, the random part included
    most: int  # looks at the platform in 24 hours, over all addresses
    views: int = 1

    @classmethod
    def of(cls, place: tuple[str, str], limits: Limits, random: Random, *, views: int = 1) -> Self:
        """Return what leaves for a platform from an address, in this order, as its file allows."""
        platform, address = place
        gap = limits.gap_seconds + limits.jitter_seconds * random.random()
        return cls(platform=platform, address=address, gap=gap, most=limits.page_views_a_day, views=views)

    def asked(self, patience: float) -> dict[str, str | int | float]:
        """Return what `DEPART` is to be given; a moment further off than `patience` seconds is far."""
        return {**asdict(self), "lease": LEASE_SECONDS, "patience": patience}

    def gone(self) -> dict[str, str | float]:
        """Return what `DEPARTED` is to be given."""
        return {"platform": self.platform, "address": self.address, "gap": self.gap}


DEPART = """SELECT * FROM fleet.depart(
    %(platform)s, %(address)s, %(views)s, %(gap)s, %(lease)s, %(most)s, %(patience)s)"""
DEPARTED = "SELECT fleet.departed(%(platform)s, %(address)s, %(gap)s)"
LEASE_SECONDS = 1.0
"""A moment that is not used so soon is thrown away: its worker was stopped, and its lock may be gone."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The answer to a worker that wants to look now."""

    granted: bool
    seconds: float  # else: how long to wait


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What was said to all workers."""

    drain_since: datetime | None
    stop_since: datetime | None


async def register(database: Database) -> tuple[int, datetime]:
    """Return a worker's number and the moment, by the database's clock."""
    cursor = await database.execute(
        "SELECT worker_id, clock_timestamp() AS now FROM procrastinate_register_worker_v1()"
    )
    row = await cursor.fetchone()
    assert row is not None
    return row["worker_id"], row["now"]


async def unregister(database: Database, worker: int) -> None:
    """Say that a worker ends; what it still has in hand is for others at once."""
    await database.execute("SELECT procrastinate_unregister_worker_v1(%s)", (worker,))


async def beat(database: Database, worker: int, stalled_seconds: float) -> Orders:
    """Say that the worker lives, give stalled jobs back to the queue, and return the orders.

    A worker that was not heard of for so many seconds has lost its jobs.
    """
    await database.execute("SELECT procrastinate_update_heartbeat_v1(%s)", (worker,))
    await database.execute(
        """WITH stalled AS (
            SELECT job.id FROM procrastinate_jobs job
            LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
            WHERE job.status = 'doing' AND job.queue_name = %s
              AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
            FOR UPDATE OF job SKIP LOCKED)
        SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM stalled""",
        (QUEUE, stalled_seconds),
    )
    await database.execute(
        "DELETE FROM fleet.looks WHERE ctid IN (SELECT ctid FROM fleet.looks"
        " WHERE at < fleet.clock() - interval '2 days' LIMIT 10000)"
    )
    row = await (await database.execute("SELECT drain_since, stop_since FROM fleet.settings")).fetchone()
    assert row is not None
    return Orders(**row)


async def give_back_unknown(database: Database, worker: int, in_hand: list[int]) -> None:
    """Give back jobs that this worker was given without hearing of it, since the connection broke."""
    await database.execute(
        "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM procrastinate_jobs"
        " WHERE status = 'doing' AND worker_id = %s AND id <> ALL(%s)",
        (worker, in_hand),
    )


async def fetch(database: Database, worker: int) -> SlotJob | None:
    """Return a job that is due, now this worker's; None where none is."""
    cursor = await database.execute(
        "SELECT id, attempts, args FROM procrastinate_fetch_job_v2(ARRAY[%s]::varchar[], %s)", (QUEUE, worker)
    )
    job = await cursor.fetchone()
    if job is None or job["id"] is None:
        return None
    profile, due = job["args"]["profile"], job["args"]["due"]
    cursor = await database.execute(
        "SELECT * FROM fleet.slots JOIN fleet.profiles ON name = profile WHERE profile = %s AND due = %s",
        (profile, due),
    )
    row = await cursor.fetchone()
    if row is None:  # the profile was forgotten
        await database.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)", (job["id"],))
        return None
    return SlotJob(
        id=job["id"],
        worker=worker,
        attempts=job["attempts"],
        profile=row["profile"],
        due=row["due"],
        platform=row["platform"],
        request=row["request"],
        stage=Stage(row["stage"]),
        progress=Progress.read(row["progress"]),
        known=KnownProfile(
            outcome=Outcome(row["known_outcome"]) if row["known_outcome"] else None,
            verdict=Verdict(row["known_verdict"]) if row["known_verdict"] else None,
            whole_at=row["whole_at"],
        ),
    )


async def clock(database: Database) -> datetime:
    """Return the fleet's time."""
    row = await (await database.execute("SELECT fleet.clock() AS now")).fetchone()
    assert row is not None
    now: datetime = row["now"]
    return now


async def depart(database: Database, departure: Departure, patience: float) -> Moment:
    """Reserve this moment. Granted, no other look leaves until `departed`; it is thrown away by that, too.

    Where the session ends before that, the next one leaves a lease and a gap after it was seen to have ended.
    """
    row = await (await database.execute(DEPART, departure.asked(patience))).fetchone()
    assert row is not None
    return Moment(granted=row["granted"], seconds=row["seconds"])


async def departed(database: Database, departure: Departure) -> None:
    """Say that the request has arrived, on the connection on which its moment was reserved."""
    await database.execute(DEPARTED, departure.gone())


CLOSE = """UPDATE fleet.platforms SET
    closed_times = CASE WHEN closed_until > fleet.clock() THEN closed_times
        WHEN closed_until > fleet.clock() - interval '1 day' THEN closed_times + 1 ELSE 1 END,
    closed_until = GREATEST(closed_until, fleet.clock() + COALESCE(%(pause)s,
        CASE WHEN closed_until > fleet.clock() THEN interval '0' ELSE
            LEAST(interval '1 day', interval '1 hour' * 2 ^
                (CASE WHEN closed_until > fleet.clock() - interval '1 day'
                 THEN LEAST(closed_times, 5) ELSE 0 END)) END)),
    closed_why = %(why)s
    WHERE platform = %(platform)s RETURNING closed_until"""
"""Two workers that meet a wall at the same moment close it once."""


async def close_platform(database: Database, platform: str, pause: timedelta | None, why: str) -> None:
    """Leave a platform alone, for all workers: so long, or longer each time where it named no time."""
    await database.execute(CLOSE, {"platform": platform, "pause": pause, "why": why})


async def begun(database: Database, job: SlotJob) -> bool:
    """Count a look that is about to begin; False where the job is another worker's by now."""
    cursor = await database.execute(
        f"UPDATE fleet.slots SET looks = looks + 1 WHERE profile = %(profile)s AND due = %(due)s"  # noqa: S608
        f" AND EXISTS (SELECT 1 FROM procrastinate_jobs WHERE {_OWN})",
        job.key,
    )
    return cursor.rowcount == 1


async def postpone(
    database: Database, job: SlotJob, seconds: float, further: Further | None = None, *, looked: bool = True
) -> bool:
    """Give a job back to the queue for later, with another stage where one follows. False: it was lost.

    `looked`: whether the look that was counted as begun opened a page.
    """
    async with database.transaction():
        if not await _is_own(database, job):
            return False
        if not looked:
            await database.execute(
                "UPDATE fleet.slots SET looks = looks - 1 WHERE profile = %(profile)s AND due = %(due)s",
                job.key,
            )
        if further is not None:
            await database.execute(
                "UPDATE fleet.slots SET stage = %s, progress = %s WHERE profile = %s AND due = %s",
                (str(further.stage), Jsonb(further.progress.written()), job.profile, job.due),
            )
        await database.execute(
            """SELECT procrastinate_retry_job_v2(%s, again_at, fleet.priority(again_at), NULL, NULL)
                FROM (SELECT now() + make_interval(secs => %s) AS again_at)""",
            (job.id, seconds),
        )
    return True


async def finish(database: Database, job: SlotJob, result: SlotResult, address: str) -> bool:
    """Write the slot's result and end its job, both or neither. False: the job was lost."""
    async with database.transaction():
        if not await _is_own(database, job):
            return False
        await database.execute(
            """INSERT INTO fleet.results (profile, due, verdict, strength, outcome, stage, how, rules,
                signed_in, evidence, controls, controls_ok, address, looks, before)
            SELECT profile, due, %(verdict)s, %(strength)s, %(outcome)s, %(stage)s, %(how)s, %(rules)s,
                %(signed_in)s, %(evidence)s, %(controls)s, %(controls_ok)s, %(address)s, looks,
                (SELECT verdict FROM fleet.results old WHERE old.profile = %(profile)s
                 ORDER BY due DESC LIMIT 1)
            FROM fleet.slots WHERE profile = %(profile)s AND due = %(due)s""",
            {**result.as_row(), **job.key, "address": address},
        )
        await database.execute(
            "DELETE FROM fleet.slots WHERE profile = %(profile)s AND due = %(due)s", job.key
        )
        if result.whole:
            await database.execute(
                "UPDATE fleet.profiles SET known_outcome = %s, known_verdict = %s, whole_at = fleet.clock()"
                " WHERE name = %s",
                (str(result.outcome), str(result.verdict), job.profile),
            )
        await database.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)", (job.id,))
    return True


async def _is_own(database: Database, job: SlotJob) -> bool:
    cursor = await database.execute(
        f"SELECT 1 FROM procrastinate_jobs WHERE {_OWN} FOR UPDATE",  # noqa: S608
        job.key,
    )
    return await cursor.fetchone() is not None
