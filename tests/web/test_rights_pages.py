"""Beside an incident's letter: steps with dates and letters, a reply's items, and what did not come back."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from app_client import AppClient, words
from kept_runs import FIRST, bad_run, keep_run

from selfcheck.core.incident import EventKind
from selfcheck.history.restoration import ItemState, Restoration, RestoredItem
from selfcheck.history.service import open_history
from selfcheck.runs.service import record
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run
from selfcheck.web import rights_pages


@pytest.fixture
def suspended(tmp_path: Path) -> tuple[AppClient, str]:
    data = DataFolder(tmp_path / "data")
    folder = keep_run(data.path, bad_run(FIRST))
    record(data, read_run((folder / "run.json").read_bytes(), name="run.json"))
    client = AppClient(tmp_path, bad_run(FIRST).finished_at + timedelta(minutes=5))
    found = re.search(r'href="(/mine/incidents/[^"]+)"', client.get("/mine/").text)
    assert found is not None
    return client, found[1]


def events(client: AppClient, here: str) -> list[tuple[EventKind, str]]:
    with open_history(client.context.workspaces["mine"].data) as history:
        incident = history.incident(here.rpartition("/")[2])
    return [(event.kind, event.text) for event in incident.events]


def test_each_step_has_its_dates_its_letter_and_its_source_and_what_was_done_is_kept(
    suspended: tuple[AppClient, str],
) -> None:
    client, here = suspended
    page = words(client.get(here).text)
    assert "This is not legal advice" in page
    assert "Keep this date: 2026-08-02 (6 months)" in page
    assert "https://eur-lex.europa.eu/eli/reg/2022/2065/oj" in page
    calendar = client.get(f"{here}/rights.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "DTSTART;VALUE=DATE:20260802" in calendar.text
    assert client.get(f"{here}/rights/dsa-20.txt").status == 404  # not written yet: GET writes nothing
    assert client.post(f"{here}/rights/letter", {"step": "dsa-20"}).headers["location"] == here
    letter = client.get(f"{here}/rights/dsa-20.txt").text
    assert letter.partition("\n")[0] in client.get(here).text
    assert client.post(f"{here}/rights/record", {"step": "dsa-20"}).status == 303
    assert client.post(f"{here}/rights/record", {"told": "2026-02-01"}).status == 303
    assert {(EventKind.STEP, "dsa-20"), (EventKind.TOLD, "2026-02-01")} < set(events(client, here))
    assert "Keep this date: 2026-08-01" in words(client.get(here).text)


@pytest.mark.parametrize(
    ("page", "form"),
    [
        pytest.param("letter", {"step": "dsa-21"}, id="a step without a letter"),
        pytest.param("letter", {"step": "../../x"}, id="no step"),
        pytest.param("letter", {}, id="none named"),
        pytest.param("record", {"step": "dsa-99"}, id="no such step"),
        pytest.param("record", {"told": "2026-02-09"}, id="a day to come"),
        pytest.param("record", {"told": "yesterday"}, id="no day"),
        pytest.param("record", {}, id="nothing"),
    ],
)
def test_what_is_none_is_refused_and_nothing_is_recorded(
    suspended: tuple[AppClient, str], page: str, form: dict[str, str]
) -> None:
    client, here = suspended
    before = events(client, here)
    assert client.post(f"{here}/rights/{page}", form).status == 400
    assert events(client, here) == before


@pytest.mark.parametrize("name", ["../appeal.txt", "..%2fappeal.txt", "dsa-99.txt", "../../../journal.txt"])
def test_only_letters_of_its_steps_are_given(suspended: tuple[AppClient, str], name: str) -> None:
    client, here = suspended
    assert client.get(f"{here}/rights/{name}").status == 404


def test_ticks_are_kept_as_they_were_last(suspended: tuple[AppClient, str]) -> None:
    client, here = suspended
    names = re.findall(r'name="(item-[a-z0-9-]+)"', client.get(here).text)
    assert len(names) > 2
    for ticked in (names[:2], names[1:2]):
        form = dict.fromkeys([*ticked, "item-nonsense"], "yes")
        assert client.post(f"{here}/rights/checklist", form).status == 303
        page = client.get(here).text
        assert re.findall(r'name="(item-[a-z0-9-]+)" value="yes" checked', page) == ticked
    count = len(events(client, here))
    assert client.post(f"{here}/rights/checklist", {names[1]: "yes"}).status == 303
    assert len(events(client, here)) == count  # nothing changed, so nothing is recorded


def test_what_did_not_come_back_is_named_and_taken_off_the_list(
    suspended: tuple[AppClient, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, here = suspended
    assert client.post(f"{here}/restored", {"item-followers": "yes"}).status == 400  # it still goes on
    assert client.post(f"{here}/mark", {"what": "restored"}).status == 303
    with open_history(client.context.workspaces["mine"].data) as history:
        incident = history.incident(here.rpartition("/")[2])
    items = (
        RestoredItem(id="followers", words="4,000 followers; 4,711 before", state=ItemState.MISSING),
        RestoredItem(id="feed", words="the feed", state=ItemState.UNCHECKED),
        RestoredItem(id="profile", words="the profile", state=ItemState.BACK),
    )
    found = Restoration(incident=incident, items=items)
    monkeypatch.setattr(rights_pages, "restored_incidents", lambda *_: (found,))
    page = client.get(here).text
    assert re.findall(r'name="item-(followers|feed|profile)"', page) == ["followers", "feed"]
    assert "4,000 followers; 4,711 before" in words(page)
    assert client.post(f"{here}/restored", {"item-../x": "yes"}).status == 400
    assert client.post(f"{here}/restored", {}).status == 400
    assert client.post(f"{here}/restored", {"item-followers": "yes"}).status == 303
    assert (EventKind.ITEM_DONE, "followers") in events(client, here)
