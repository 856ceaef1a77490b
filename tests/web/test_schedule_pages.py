"""The page of schedules: shown before it is installed, each mistake at its field, and removed again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from app_client import AppClient, words

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PROFILES = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"
EVERY = {"name": "default", "every": "12h", "at": "", "jitter": "10m"}


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    (tmp_path / "profiles.yaml").write_text(PROFILES, "utf-8")
    return AppClient(tmp_path, NOW)


def test_a_schedule_is_shown_installed_changed_and_removed(client: AppClient) -> None:
    assert "No schedule is installed" in words(client.get("/mine/schedule").text)
    shown = words(client.post("/mine/schedule/preview", {**EVERY, "every": "1h"}).text)
    assert "checks all profiles of your file every hour, with systemd." in shown
    assert "Medium's file asks for 10 hours between two runs" in shown
    assert "OnCalendar=" in shown
    assert client.machine.changes == []
    assert client.post("/mine/schedule/install", EVERY).headers["location"] == "/mine/schedule"
    page = words(client.get("/mine/schedule").text)
    assert "default : every 12 hours, with systemd Installed systemd knows it. It has not run yet." in page
    assert "Next run: 2026-11-28" in page
    daily = {**EVERY, "every": "", "at": "08:15 20:15", "anonymous_only": "yes"}
    assert "It takes the place of: every 12 hours" in words(client.post("/mine/schedule/preview", daily).text)
    assert client.post("/mine/schedule/install", daily).status == 303
    changed = client.get("/mine/schedule").text
    assert "every day at 08:15 and 20:15 (UTC), with systemd" in words(changed)
    assert 'name="at" value="08:15, 20:15"' in changed
    assert 'value="yes" checked' in changed
    assert "which this one does not" not in words(client.post("/mine/schedule/preview", EVERY).text)
    installed = client.folder / "schedules" / "default.json"
    installed.write_text(
        installed.read_text().replace('"--anonymous-only"', '"--secrets", "/my.env"'), "utf-8"
    )
    lost = words(client.post("/mine/schedule/preview", EVERY).text)
    assert "also has --secrets /my.env , which this one does not" in lost
    units = client.folder / "units"
    assert (
        str((client.folder / "profiles.yaml").resolve()) in (units / "selfcheck-default.service").read_text()
    )
    assert client.post("/mine/schedule/remove", {"name": "default"}).status == 303
    assert (list(units.iterdir()), client.machine.known) == ([], set())
    assert client.post("/mine/schedule/remove", {"name": "default"}).status == 400


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        pytest.param({"every": "soon"}, "every", "is not a length of time", id="no length"),
        pytest.param({"every": "", "at": ""}, "every", "Fill in one of the two.", id="neither"),
        pytest.param({"at": "08:15"}, "at", "Leave one of the two empty.", id="both"),
        pytest.param({"every": "", "at": "08:15, 25:00"}, "at", "is not a time of the day", id="no time"),
        pytest.param({"jitter": "x"}, "jitter", "is not a length of time", id="no jitter"),
        pytest.param({"name": "../x"}, "name", "Use a-z", id="a path"),
    ],
)
@pytest.mark.parametrize("path", ["preview", "install"])
def test_a_mistake_stands_at_its_field_and_nothing_is_installed(
    client: AppClient, path: str, form: dict[str, str], field: str, says: str
) -> None:
    page = client.post(f"/mine/schedule/{path}", {**EVERY, **form}).text
    assert f'aria-describedby="{field}-hint {field}-mistake"' in page
    assert page.count('class="error"') == 1
    assert says in page.partition(f'id="{field}-mistake"')[2].partition("</p>")[0]
    assert client.machine.changes == []


def test_a_machine_that_starts_nothing_by_itself_says_what_does(client: AppClient) -> None:
    client.machine.missing = ("systemctl", "crontab")
    page = words(client.get("/mine/schedule").text)
    assert "there is no systemd for users and no cron" in page
    assert "selfcheck watch --every 12h" in page
    assert client.post("/mine/schedule/install", EVERY).status == 400
    assert client.get("/demo/schedule").status == 404


def test_without_a_profile_there_is_nothing_to_schedule(tmp_path: Path) -> None:
    client = AppClient(tmp_path, NOW)
    assert "There is no profile to check yet." in words(client.get("/mine/schedule").text)
    assert client.post("/mine/schedule/install", EVERY).status == 400


@pytest.mark.parametrize("name", ["../elsewhere", "other"])
def test_only_a_schedule_by_its_own_name_is_removed(client: AppClient, name: str) -> None:
    assert client.post("/mine/schedule/install", EVERY).status == 303
    copy = client.folder / "schedules" / f"{name}.json"
    copy.write_bytes((client.folder / "schedules" / "default.json").read_bytes())
    assert client.post("/mine/schedule/remove", {"name": name}).status == 400
    assert copy.exists()
    assert len(list((client.folder / "units").iterdir())) == 2
