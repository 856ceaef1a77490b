"""What a worker with a browser looks at: accounts of the demo, from a triage to evidence."""

import asyncio
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.demo.site import DemoSite
from selfcheck.fleet.collecting import collect
from selfcheck.fleet.database import Fleet
from selfcheck.fleet.looking import PageLooker, cheap_page
from selfcheck.fleet.members import FleetMember, add_members
from selfcheck.fleet.planning import plan
from selfcheck.fleet.worker import Worker, WorkerOptions
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.environment import RunEnvironment
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.data_folder import DataFolder

HANDLE = "tomas-lindqvist"  # the demo's account in the state `hidden`


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
    fleet: Fleet, tmp_path: Path
) -> None:
    data, store = DataFolder(tmp_path / "data"), SessionStore(tmp_path / "sessions")
    options = WorkerOptions(dsn=fleet.dsn, address="here", jobs=2, until_empty=True)
    environment = RunEnvironment(
        now=partial(datetime.now, UTC), sleep=asyncio.sleep, random=Random(1), sessions=store
    )
    with DemoSite() as site, fleet.connect() as connection:
        store.save("hidden", site.storage_state(HANDLE))
        request = ProfileRequest(
            name="hidden", platform="demo", handle=HANDLE, base_url=site.url, session="hidden"
        )
        member = FleetMember(request=request, basis="consent", basis_on=date(2026, 5, 1))
        add_members(connection, [member])
        connection.execute(
            "UPDATE fleet.profiles SET known_verdict = 'hidden', whole_at = fleet.clock()"  # no confirmation
        )
        plan(connection, options.rotation)
        looker = PageLooker(
            data=data,
            options=RunOptions(data_dir=data.path, jobs=2),
            worker=options,
            environment=environment,
        )
        said: list[str] = []
        asyncio.run(Worker(options, looker, said.append).work())
        rows = connection.execute(
            "SELECT profile, verdict, stage, signed_in, looks, how FROM fleet.results ORDER BY profile"
        ).fetchall()
        collected = collect(connection, data, tmp_path / "all")
    assert said == []
    assert [tuple(row.values()) for row in rows] == [
        ("hidden", "hidden", "whole", True, 2, "whole: 3 pages, logged out and as the author")
    ]
    assert (collected.profiles, collected.runs, collected.elsewhere) == (1, 1, 0)
    assert not list((tmp_path / "data" / "fleet" / "beside").iterdir())
