"""What a worker with a browser looks at: accounts of the demo, from a triage to evidence."""

import asyncio
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from selfcheck.browser import kept_browsers
from selfcheck.browser.kept_browsers import KeptBrowsers
from selfcheck.browser.launcher import open_browsers
from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.demo.site import DemoSite
from selfcheck.fleet import queue
from selfcheck.fleet.collecting import collect
from selfcheck.fleet.database import Connection, Fleet
from selfcheck.fleet.looking import PageLooker, cheap_page, work_with_browsers
from selfcheck.fleet.members import FleetMember, add_members
from selfcheck.fleet.planning import plan
from selfcheck.fleet.queue import Database
from selfcheck.fleet.worker import MomentFarError, Turns, WorkerOptions
from selfcheck.history.service import past_runs_of_folders
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.environment import RunEnvironment
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.data_folder import DataFolder

HANDLE = "tomas-lindqvist"  # the demo's account in the state `hidden`


def everything_in(connection: Connection) -> str:
    """Return every row of every table as text."""
    tables = connection.execute(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
        " WHERE schemaname IN ('fleet', 'public')"
    ).fetchall()
    rows = [
        row["text"]
        for table in tables
        for row in connection.execute(f"SELECT rows::text AS text FROM {table['name']} rows".encode())
    ]
    return "\n".join(rows)


@pytest.mark.parametrize(
    ("platform", "asked"),
    [
        pytest.param("medium", "https://medium.com/feed/@jane plain", id="what is offered to programs"),
        pytest.param("demo", "http://inkwell.invalid/@jane opened", id="the profile"),
    ],
)
def test_a_triage_asks_for_the_cheapest_page(platform: str, asked: str) -> None:
    profile = ProfileRequest(name="jane", platform=platform, handle="jane")
    request = cheap_page(profile, load_platform(platform))
    how = "plain" if request.purpose == "program_view" else "opened"
    assert f"{request.url} {how}" == asked
    assert request.viewpoints == ("anonymous",)


def test_a_worker_looks_with_the_browser_and_keeps_the_evidence_of_an_author_with_a_session(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []  # how many processes each time that browsers were started
    monkeypatch.setattr(
        kept_browsers, "open_browsers", lambda *a, **k: started.append(k["count"]) or open_browsers(*a, **k)
    )
    data, store = DataFolder(tmp_path / "data"), SessionStore(tmp_path / "sessions")
    options = WorkerOptions(dsn=fleet.dsn, address="here", jobs=2, until_empty=True)
    environment = RunEnvironment(
        now=partial(datetime.now, UTC), sleep=asyncio.sleep, random=Random(1), sessions=store
    )
    with DemoSite() as site, fleet.connect() as connection:
        session = site.storage_state(HANDLE)
        store.save("hidden", session)
        requests = [
            ProfileRequest(name=name, platform="demo", handle=HANDLE, base_url=site.url, session=name)
            for name in ("hidden", "without-session")
        ]
        members = [
            FleetMember(request=request, basis="consent", basis_on=date(2026, 5, 1)) for request in requests
        ]
        add_members(connection, members)
        connection.execute(  # so that nothing needs a confirmation
            """UPDATE fleet.profiles SET whole_at = fleet.clock(),
                known_verdict = CASE name WHEN 'hidden' THEN 'hidden' ELSE 'missing' END"""
        )
        plan(connection, options.rotation)
        said: list[str] = []

        run_options = RunOptions(data_dir=data.path, jobs=2)
        asyncio.run(work_with_browsers(run_options, options, environment, said.append))
        rows = connection.execute(
            "SELECT profile, verdict, stage, signed_in, looks, how FROM fleet.results ORDER BY profile"
        ).fetchall()
        collected = collect(connection, data, tmp_path / "all")
        stored = everything_in(connection)
    assert said == []
    assert [tuple(row.values()) for row in rows] == [
        ("hidden", "hidden", "whole", True, 2, "whole: 3 pages, logged out and as the author"),
        (
            "without-session",
            "missing",
            "whole",
            False,
            2,
            "whole: 2 pages, logged out only, so `hidden` cannot be said",
        ),
    ]
    assert (collected.profiles, collected.runs, collected.elsewhere) == (2, 1, 0)
    # Without a session no folder is kept; neither a session nor what pages say is in the database.
    assert [path.name for path in (data.path / "fleet" / "evidence").iterdir()] == ["hidden"]
    assert HANDLE in stored
    for secret in (session["cookies"][0]["value"], "Lindqvist", "<html"):
        assert secret not in stored
    home = tmp_path / "data" / "fleet"
    assert not list((home / "beside").iterdir())
    assert started == [2]  # one for the triage and the whole look
    # The next look at this profile knows of this one.
    past = past_runs_of_folders(DataFolder(home / "evidence" / "hidden"))
    assert [check.profile for check in past.checks] == ["hidden"]


def test_a_triage_of_a_closed_platform_is_for_later_and_no_failure(fleet: Fleet, tmp_path: Path) -> None:
    request = ProfileRequest(name="jane", platform="medium", handle="jane")
    options = WorkerOptions(dsn=fleet.dsn, address="here")
    looker = PageLooker(
        options=RunOptions(data_dir=tmp_path),
        worker=options,
        environment=RunEnvironment(
            now=partial(datetime.now, UTC),
            sleep=asyncio.sleep,
            random=Random(1),
            sessions=SessionStore(tmp_path),
        ),
        browsers=KeptBrowsers(),
    )
    with fleet.connect() as connection:
        add_members(connection, [FleetMember(request=request, basis="own", basis_on=date(2026, 5, 1))])
        plan(connection, options.rotation)
        connection.execute(
            "INSERT INTO fleet.platforms (platform, closed_until)"
            " VALUES ('medium', fleet.clock() + interval '1 hour')"
        )

    async def look() -> None:
        kwargs: dict[str, Any] = {"autocommit": True, "row_factory": dict_row}
        async with (
            await psycopg.AsyncConnection.connect(fleet.dsn, **kwargs) as database,
            AsyncConnectionPool[Database](fleet.dsn, kwargs=kwargs, open=False) as pool,
        ):
            worker, _ = await queue.register(database)
            job = await queue.fetch(database, worker)
            assert job is not None
            await looker.triage(job, Turns(pool, options))

    with pytest.raises(MomentFarError) as raised:
        asyncio.run(look())
    assert raised.value.seconds == pytest.approx(3600, abs=60)
