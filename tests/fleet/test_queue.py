"""Moments, budgets, closures and jobs, as the database gives them out."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import fleet_judge
import fleet_trial
import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from selfcheck.alerts.configured_channels import Environment
from selfcheck.browser.backoff import BackoffRegistry
from selfcheck.core.enums import Outcome, Strength, Verdict
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import UsageError
from selfcheck.fleet import queue
from selfcheck.fleet.collecting import collect
from selfcheck.fleet.database import Fleet, home_of_fleet, make_tables
from selfcheck.fleet.looking import FleetLimits
from selfcheck.fleet.members import FleetMember, add_members, forget
from selfcheck.fleet.planning import plan
from selfcheck.fleet.queue import Database, Moment
from selfcheck.fleet.render_status import status_json, status_text
from selfcheck.fleet.stages import Further, Progress, SlotResult, Stage
from selfcheck.fleet.status import fleet_status, tell_slots
from selfcheck.fleet.worker import MomentFarError, Turns, WorkerOptions
from selfcheck.platforms.schema import Limits
from selfcheck.settings import Preferences
from selfcheck.settings.alerts import Alerts, ChannelSettings
from selfcheck.storage.data_folder import DataFolder

DAY = timedelta(hours=24)
RESULT = SlotResult(
    verdict=Verdict.VISIBLE,
    strength=Strength.CONFIRMED,
    outcome=Outcome.SHOWN,
    stage=Stage.WHOLE,
    how="whole: 3 pages",
    whole=True,
)


def asked(fleet: Fleet, work: Callable[[Database, Database], Awaitable[Any]]) -> Any:
    """Do the work on two connections, as two workers have them."""

    async def do() -> Any:
        kwargs: dict[str, Any] = {"autocommit": True, "row_factory": dict_row}
        async with (
            await psycopg.AsyncConnection.connect(fleet.dsn, **kwargs) as one,
            await psycopg.AsyncConnection.connect(fleet.dsn, **kwargs) as other,
        ):
            return await work(one, other)

    return asyncio.run(do())


async def leave(database: Database, address: str = "a", *, gap: float = 1000.0, most: int = 100) -> Moment:
    departure = queue.Departure(platform="site", address=address, gap=gap, most=most)
    moment = await queue.depart(database, departure, 3)
    if moment.granted:
        await queue.departed(database, departure)
    return moment


def add(fleet: Fleet, *names: str) -> None:
    with fleet.connect() as connection:
        add_members(
            connection,
            [
                FleetMember(
                    request=ProfileRequest(name=name, platform="medium", handle=name, session=name),
                    basis="own",
                    basis_on=date(2026, 5, 1),
                )
                for name in names
            ],
        )
        plan(connection, DAY)


def test_an_address_spaces_its_looks_and_sends_far_ones_back_one_behind_the_other(fleet: Fleet) -> None:
    async def work(one: Database, other: Database) -> list[Moment]:
        return [await leave(one), await leave(other), await leave(one), await leave(one, "b")]

    first, second, third, elsewhere = asked(fleet, work)
    assert (first.granted, second.granted, third.granted, elsewhere.granted) == (True, False, False, True)
    assert second.seconds == pytest.approx(1000, abs=60)
    assert third.seconds == pytest.approx(2000, abs=60)


def test_nobody_leaves_from_an_address_while_another_request_is_about_to(fleet: Fleet) -> None:
    departure = queue.Departure(platform="site", address="a", gap=1000, most=9)

    async def work(one: Database, other: Database) -> list[Moment]:
        first = await queue.depart(one, departure, 3)
        await one.execute("UPDATE fleet.settings SET clock_offset = '1 hour'")  # the page is slow
        moments = [first, await queue.depart(other, departure, 3)]
        pid = one.info.backend_pid
        await other.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,))  # as when its worker is killed
        await one.close()
        return [*moments, await queue.depart(other, departure, 3)]

    first, second, third = asked(fleet, work)
    assert (first.granted, second.granted, third.granted) == (True, False, False)
    assert second.seconds <= 0.25
    # Its request may have left at any time until then, or leave while its lease lasts: the gap is from there.
    assert 1000.5 < third.seconds <= 1000 + queue.LEASE_SECONDS


def test_a_look_that_is_refused_changes_no_row(fleet: Fleet) -> None:
    async def work(one: Database, other: Database) -> list[Any]:
        await leave(one, gap=2)
        found = []
        for _ in range(2):
            cursor = await one.execute("SELECT p.ctid, g.ctid FROM fleet.platforms p, fleet.gates g")
            found.append(await cursor.fetchall())
            assert not (await leave(other, gap=2)).granted
        return found

    before, after = asked(fleet, work)
    assert before == after


def test_the_queue_does_not_pass_over_jobs_that_wait_for_later(fleet: Fleet) -> None:
    names = [f"author-{number}" for number in range(6)]
    add(fleet, *names)

    async def work(one: Database, _: Database) -> list[str]:
        worker, _started = await queue.register(one)
        for wait in (1000, 10, -1000):
            job = await queue.fetch(one, worker)
            assert job is not None
            assert await queue.postpone(one, job, wait)
            last = job.profile
        cursor = await one.execute(
            "SELECT args ->> 'profile' AS profile, scheduled_at FROM procrastinate_jobs"
            " WHERE status = 'todo' ORDER BY priority DESC, id"
        )
        rows = await cursor.fetchall()
        assert rows[0]["profile"] == last  # it is due for the longest time
        return [row["scheduled_at"] for row in rows]

    overdue, *fresh, soon, late = asked(fleet, work)
    assert fresh == [None] * 3
    assert overdue < soon < late


def test_a_moment_that_comes_late_to_a_worker_is_thrown_away(fleet: Fleet) -> None:
    clock = iter([0.0, 40.0, 40.0, 40.1])  # stopped for 40 seconds between the question and the answer
    options = WorkerOptions(dsn=fleet.dsn, address="a", clock=lambda: next(clock))
    limits, left = Limits(gap_seconds=0, jitter_seconds=0), []

    async def work() -> None:
        kwargs = {"autocommit": True, "row_factory": dict_row}
        async with (
            AsyncConnectionPool[Database](fleet.dsn, kwargs=kwargs, open=False) as pool,
            Turns(pool, options).turn("site", limits),
        ):
            left.append("request")

    asyncio.run(work())
    with fleet.connect() as connection:
        assert connection.execute("SELECT count(*) AS counted FROM fleet.looks").fetchall() == [
            {"counted": 2}
        ]
    assert left == ["request"]


def test_one_whole_look_at_a_time_is_under_way_at_a_platform_from_an_address(fleet: Fleet) -> None:
    def table(address: str) -> FleetLimits:
        options = WorkerOptions(dsn=fleet.dsn, address=address)
        return FleetLimits.of(options, "site", Limits(), patience=20)

    with closing(table("a")) as first, closing(table("a")) as second, closing(table("b")) as elsewhere:
        assert [each.is_alone() for each in (first, second, elsewhere)] == [True, False, True]
    with closing(table("a")) as later:
        assert later.is_alone()


def test_a_pause_that_a_platform_asks_for_within_a_whole_look_is_everybodys_at_once(fleet: Fleet) -> None:
    options, limits = WorkerOptions(dsn=fleet.dsn, address="b"), Limits()
    now = datetime(2026, 11, 28, tzinfo=UTC)

    async def work(one: Database, _: Database) -> Moment:
        await leave(one)
        with closing(FleetLimits.of(options, "site", limits, patience=20)) as looking:
            BackoffRegistry(table=looking).record("medium", "medium.com", "7200", now)
            with pytest.raises(MomentFarError):  # this one's, too
                looking.lock_turns([("medium.com", "anonymous")])
        return await leave(one, "c")

    moment = asked(fleet, work)
    assert not moment.granted
    assert moment.seconds == pytest.approx(7200, abs=60)


def test_a_days_budget_is_of_all_addresses_and_comes_back_after_a_day(fleet: Fleet) -> None:
    async def work(one: Database, _: Database) -> list[Moment]:
        moments = [await leave(one, address, gap=0, most=3) for address in "abcd"]
        await one.execute("UPDATE fleet.settings SET clock_offset = '24 hours 1 second'")
        return [*moments, await leave(one, "d", gap=0, most=3)]

    moments = asked(fleet, work)
    assert [moment.granted for moment in moments] == [True, True, True, False, True]
    assert moments[3].seconds == pytest.approx(86_400, abs=60)


def test_a_platform_that_asks_to_be_left_alone_is_by_every_address(fleet: Fleet) -> None:
    async def work(one: Database, other: Database) -> list[Moment]:
        moments = [await leave(one, gap=0)]
        # The second worker met it at the same moment; two hours later it is the second time in a row.
        for pause, later in (
            (None, 0),
            (None, 0),
            (None, 2),
            (timedelta(hours=10), 0),
            (timedelta(minutes=1), 0),
        ):
            await one.execute(
                "UPDATE fleet.settings SET clock_offset = clock_offset + %s * interval '1 h'", (later,)
            )
            await queue.close_platform(one, "site", pause, "too many requests (429)")
            moments.append(await leave(other, "b", gap=0))
        return moments

    first, *later = asked(fleet, work)
    assert first.granted
    # An hour where it names no time, twice as long the second time in a row; and never shorter than before.
    assert [round(moment.seconds / 3600) for moment in later] == [1, 1, 2, 10, 10]


def test_a_worker_that_lost_its_job_writes_nothing(fleet: Fleet) -> None:
    add(fleet, "ann")

    async def work(one: Database, other: Database) -> list[bool]:
        sleeper, _ = await queue.register(one)
        job = await queue.fetch(one, sleeper)
        assert job is not None
        await one.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        another, _ = await queue.register(other)
        await queue.beat(other, another, 30)
        given = await queue.fetch(other, another)
        assert given is not None
        return [
            await queue.begun(one, job),
            await queue.finish(one, job, RESULT, "a"),
            await queue.postpone(one, job, 0),
            await queue.begun(other, given),
            await queue.finish(other, given, RESULT, "b"),
            await queue.finish(other, given, RESULT, "b"),
        ]

    assert asked(fleet, work) == [False, False, False, True, True, False]
    with fleet.connect() as connection:
        rows = connection.execute("SELECT address, looks FROM fleet.results").fetchall()
        assert rows == [{"address": "b", "looks": 1}]
        assert plan(connection, DAY).added == 0


def test_a_job_goes_on_where_it_was(fleet: Fleet) -> None:
    add(fleet, "ann")
    further = Further(
        stage=Stage.CONFIRM, progress=Progress(outcome=Outcome.NOT_FOUND, verdict=Verdict.HIDDEN, failures=1)
    )

    async def work(one: Database, _: Database) -> Any:
        worker, _started = await queue.register(one)
        job = await queue.fetch(one, worker)
        assert job is not None
        assert await queue.begun(one, job)
        assert await queue.postpone(one, job, 0, further)
        job = await queue.fetch(one, worker)
        assert job is not None
        assert await queue.begun(one, job)
        assert await queue.postpone(one, job, 0, looked=False)  # its moment was far off
        return await queue.fetch(one, worker)

    job = asked(fleet, work)
    assert (job.stage, job.progress) == (further.stage, further.progress)
    with fleet.connect() as connection:
        assert connection.execute("SELECT looks FROM fleet.slots").fetchall() == [{"looks": 1}]


def test_what_is_known_of_a_profile_is_forgotten_whole(fleet: Fleet, tmp_path: Path) -> None:
    add(fleet, "ann", "ben")
    data = DataFolder(tmp_path)
    evidence = home_of_fleet(data) / "evidence" / "ann" / "20261128T000000Z-abcdef"
    evidence.mkdir(parents=True)
    (evidence / "run.json").write_text("{}", encoding="utf-8")
    own = tmp_path / "all" / "runs" / "20261127T000000Z-abcdef"  # of the user who collects to this folder
    own.mkdir(parents=True)
    with fleet.connect() as connection:
        make_tables(connection)  # once more changes nothing
        connection.execute(
            """INSERT INTO fleet.results (profile, due, verdict, strength, outcome, stage, how, signed_in,
                looks, address, evidence)
            SELECT profile, due, 'hidden', 'likely', 'not_found', 'confirm', '', true, 3, 'a', %s
            FROM fleet.slots WHERE profile = 'ann'""",
            (str(evidence.relative_to(home_of_fleet(data))),),
        )
        assert collect(connection, data, tmp_path / "all").runs == 2
        forget(connection, data, "ann")
        assert collect(connection, data, tmp_path / "all").runs == 1
        assert own.exists()
        for table in ("profiles", "slots"):
            assert connection.execute(f"SELECT count(*) AS n FROM fleet.{table}").fetchall() == [{"n": 1}]
        assert connection.execute("SELECT count(*) AS n FROM procrastinate_jobs").fetchall() == [{"n": 1}]
        assert connection.execute("SELECT count(*) AS n FROM fleet.results").fetchall() == [{"n": 0}]
        for name in ("ann", "../evidence"):
            with pytest.raises(UsageError, match=f"no profile called `{name}`"):
                forget(connection, data, name)
        evidence.mkdir(parents=True)  # another machine has some
        forget(connection, data, "ann")
    assert not evidence.parent.exists()


def test_status_and_the_page_show_what_is_due(fleet: Fleet, tmp_path: Path) -> None:
    add(fleet, "ann", "ben</script>")
    with fleet.connect() as connection:
        status = fleet_status(connection)
        collected = collect(connection, DataFolder(tmp_path / "data"), tmp_path / "all")
    assert "2 profiles, 0 workers" in status_text(status)
    assert "due: 2, late: 0" in status_text(status)
    assert '"waiting": 2' in status_json(status)
    assert (collected.profiles, collected.runs) == (2, 0)
    assert collected.index.read_text("utf-8").count("</script>") == 1


def test_a_finished_slot_is_told_of_once_in_one_message(fleet: Fleet) -> None:
    names = [f"author-{number}" for number in range(8)]
    add(fleet, *names)
    said: list[str] = []
    environment = Environment(environ={}, sleep=lambda _seconds: None, say=said.append)
    with fleet.connect() as connection:
        tell_slots(connection, Preferences(), environment, said.append)
        assert said == []  # the slot is not done
        connection.execute(
            """INSERT INTO fleet.results (profile, due, verdict, strength, outcome, stage, how, signed_in,
                looks, address, before, controls, controls_ok)
            SELECT profile, due, 'suspended', 'confirmed', 'suspended', 'confirm', '', true, 3,
                'a', 'visible', 2, 2
            FROM fleet.slots"""
        )
        connection.execute("DELETE FROM fleet.slots")
        for program in ("false", "true", "true"):  # what the user's own channel does
            desk = ChannelSettings(name="desk", kind="command", command=(program,))
            settings = Preferences(alerts=Alerts(channels=(desk,)))
            tell_slots(connection, settings, environment, said.append)
    message, trouble, arrived = said
    assert "medium: 8 of 8 since the last slot: a wave, or the marks are old" in message
    assert trouble.startswith("The message did not arrive on the channel desk: ")
    assert arrived.endswith(" has arrived on desk now.")


def test_killed_workers_neither_double_a_result_nor_hurry_a_platform(fleet: Fleet) -> None:
    trial = fleet_trial.Trial(profiles=20, workers=2, jobs=3, kills=1, platforms=5, stalled_seconds=3)
    outcome = fleet_trial.try_it(trial, fleet)
    assert fleet_judge.faults(trial, outcome) == []
