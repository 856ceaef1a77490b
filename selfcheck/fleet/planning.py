"""Which slots are due, and what is said to all workers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.fleet.database import Connection
from selfcheck.fleet.queue import QUEUE


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a plan came to."""

    due: datetime  # the slot
    added: int  # profiles that now have it
    unfinished: int  # profiles that were left out, since an earlier slot of theirs is not done


def plan(connection: Connection, every: timedelta) -> Planned:
    """Give every profile the slot that is due, once however often it is asked for."""
    with connection.transaction():
        row = connection.execute(
            """WITH slot AS (
                SELECT to_timestamp(floor(extract(epoch FROM fleet.clock()) / %(every)s) * %(every)s) AS due
            ), added AS (
                INSERT INTO fleet.slots (profile, due)
                SELECT name, slot.due FROM fleet.profiles, slot
                WHERE NOT EXISTS (SELECT 1 FROM fleet.slots open WHERE open.profile = name)
                  AND NOT EXISTS (
                    SELECT 1 FROM fleet.results done WHERE done.profile = name AND done.due = slot.due)
                ON CONFLICT DO NOTHING RETURNING profile, due
            ), queued AS (
                SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
                    %(queue)s, 'selfcheck.fleet.slot', fleet.priority(now()), NULL, NULL,
                    jsonb_build_object('profile', profile, 'due', due), NULL)::procrastinate_job_to_defer_v1
                    ORDER BY md5(profile)))
                FROM added HAVING count(*) > 0
            )
            SELECT slot.due, (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM queued) AS queued,
                (SELECT count(DISTINCT profile) FROM fleet.slots open WHERE open.due < slot.due) AS unfinished
            FROM slot""",
            {"every": every.total_seconds(), "queue": QUEUE},
        ).fetchone()
    assert row is not None
    if row["added"]:  # else the queue sorts all jobs to find one, until the server counts them by itself
        connection.execute("ANALYZE procrastinate_jobs, fleet.slots")
    return Planned(due=row["due"], added=row["added"], unfinished=row["unfinished"])


def drain(connection: Connection) -> None:
    """Let the workers that run now end when what they have in hand is done."""
    connection.execute("UPDATE fleet.settings SET drain_since = clock_timestamp()")


def stop(connection: Connection) -> None:
    """Let the workers that run now give back what they have in hand, and end."""
    connection.execute("UPDATE fleet.settings SET stop_since = clock_timestamp()")


def wait_for_workers(connection: Connection, sleep: Callable[[float], None], seconds: float = 60.0) -> None:
    """Wait until no worker is left that lives, but not for ever."""
    for _ in range(round(seconds)):
        row = connection.execute(
            "SELECT count(*) AS number FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - interval '30 seconds'"
        ).fetchone()
        if row is None or not row["number"]:
            return
        sleep(1.0)
