"""What the pages say and change, asked without JavaScript as every page can be."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from app_client import AppClient, words
from histories import document, judged
from kept_runs import FIRST, bad_run, keep_run
from site_history import NOW, fill

from selfcheck.core.history import Delivery
from selfcheck.history.service import open_history
from selfcheck.runs.service import record
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run
from selfcheck.web import start_pages

PROFILES = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"


@pytest.fixture(scope="module")
def over_time(tmp_path_factory: pytest.TempPathFactory) -> AppClient:
    folder = tmp_path_factory.mktemp("app")
    fill(folder / "data")
    (folder / "profiles.yaml").write_text(PROFILES.replace("jane", "new"), "utf-8")
    return AppClient(folder, NOW)


def test_home_shows_first_what_needs_the_author_and_what_it_cannot_see_as_loudly(
    over_time: AppClient,
) -> None:
    page = over_time.get("/mine/").text
    first, rest = page.split("</section>", 1)
    assert words(first).endswith("What the public sees today is not known. ")
    assert page.count("<h3>tom: Limited, and you were not told</h3>") == 1
    assert "<h3>old-mary: selfcheck cannot see what the public sees today</h3>" in first
    assert "Not checked yet" in rest
    charts = re.findall(r'<div class="plot"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert all("<title" in chart and "<desc" in chart for chart in charts)
    assert len(charts) > page.count("Every day and its numbers as a table") > 0  # and the days of each


def test_a_profiles_file_with_mistakes_costs_no_page_but_says_them(tmp_path: Path) -> None:
    fill(tmp_path / "data")
    (tmp_path / "profiles.yaml").write_text(PROFILES.replace("medium", "medum"), "utf-8")
    page = words(AppClient(tmp_path, NOW).get("/mine/").text)
    assert "profiles.yaml:2: profiles[0].platform" in page
    assert "tom: Limited" in page
    for name in ("start", "sessions", "schedule", "alerts"):
        answer = AppClient(tmp_path, NOW).get(f"/mine/{name}")
        assert ('href="/mine/settings">Correct it' in answer.text, answer.status) == (True, 400)


def test_an_address_is_recognised_before_anything_is_opened_and_added_with_its_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_pages, "account_of_address", pytest.fail)
    client = AppClient(tmp_path)
    page = client.post("/mine/start/recognise", {"address": "https://medium.com/@jane"})
    assert "@jane on Medium" in words(page.text)
    assert "Nothing has been opened yet" in words(page.text)
    assert "Its rules of 2023 forbid visiting by a program" in words(page.text)
    foreign = client.post("/mine/start/recognise", {"address": "blog.example/@jane"})
    assert "So far nothing was opened" in words(foreign.text)
    form = {"platform": "medium", "handle": "jane", "name": "jane"}
    assert client.post("/mine/start/add", form).headers["location"] == "/mine/start"
    text = (tmp_path / "profiles.yaml").read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=profiles.schema.json\n")
    assert "# publications:" in text
    assert client.post("/mine/start/add", form).status == 400
    for wrong in ({"platform": "../x"}, {"handle": "no handle"}, {"name": "../x"}, {"name": "a\nb: c"}):
        refused = client.post("/mine/start/add", {**form, "name": "other", **wrong})
        assert refused.status == 400, wrong
    dotted = {"platform": "dev.to", "handle": "jane", "name": "jane-dev"}
    assert client.post("/mine/start/add", dotted).headers["location"] == "/mine/start"
    assert (tmp_path / "profiles.yaml").read_text("utf-8").count("- name:") == 2
    assert {path.name for path in tmp_path.iterdir()} == {"profiles.yaml", "profiles.schema.json"}


def test_a_look_opens_nothing_for_an_account_that_could_not_be_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_pages.first_look, "look_once", pytest.fail)
    client, form = AppClient(tmp_path), {"platform": "wordpress", "handle": "jane"}
    for wrong in (
        {"platform": "../x"},
        {"handle": "no handle"},
        {"base_url": "file:///etc/passwd"},
        {"base_url": "https://blog.example/?next=https://other.example"},
    ):
        answer = client.post("/mine/start/look", {"base_url": "https://blog.example", **form, **wrong})
        assert answer.status == 400, wrong
    assert list(tmp_path.iterdir()) == []


def test_next_steps_stay_on_home_until_they_are_done(tmp_path: Path) -> None:
    client = AppClient(tmp_path)

    def left() -> list[str]:
        pages = [client.get(f"/mine/{name}").text for name in ("", "start")]
        both = [re.findall(r'<li><a href="/mine/(\w+)">', page) for page in pages]
        assert both[0] == both[1]
        return both[0]

    assert left() == []
    (tmp_path / "profiles.yaml").write_text(PROFILES, "utf-8")
    assert left() == ["sessions", "alerts", "schedule"]
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "jane.json").write_text("{}", "utf-8")
    client.context.environ["SELFCHECK_ALERT_URLS"] = "json://127.0.0.1:1"
    assert left() == ["alerts", "schedule"]
    with open_history(client.context.workspaces["mine"].data) as history:
        history.add_delivery(
            Delivery(at=NOW, channel="alerts", kind="test", profile=None, incident=None, ok=True)
        )
    assert left() == ["schedule"]
    form = {"name": "selfcheck", "every": "12h", "at": "", "jitter": "0"}
    assert client.post("/mine/schedule/install", form).status == 303
    assert left() == []


def test_settings_are_shown_before_they_are_saved_and_mistakes_stand_beside_them(tmp_path: Path) -> None:
    path, client = tmp_path / "profiles.yaml", AppClient(tmp_path)
    path.write_text(f"# mine\n{PROFILES}", "utf-8")
    wrong = client.post("/mine/settings/preview", {"text": PROFILES.replace("medium", "medum")})
    assert "profiles.yaml:2: profiles[0].platform" in words(wrong.text)
    text = f"# mine\n{PROFILES}settings: {{time_zone: Europe/Berlin}}"
    shown = client.post("/mine/settings/preview", {"text": text.replace("\n", "\r\n")})
    assert "+settings: {time_zone: Europe/Berlin}" in words(shown.text)
    assert path.read_text("utf-8") == f"# mine\n{PROFILES}"
    digest = re.findall(r'name="digest" value="(\w+)"', shown.text)[0]
    form = {"text": text, "digest": digest}
    assert client.post("/mine/settings/save", {**form, "text": "profiles: x"}).status == 400
    assert client.post("/mine/settings/save", form).status == 303
    assert path.read_text("utf-8") == f"{text}\n"
    assert client.post("/mine/settings/save", form).status == 400  # of a file that is no longer that one
    assert [one.name for one in tmp_path.iterdir()] == ["profiles.yaml"]


def test_a_session_is_known_to_be_there_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_KEY", "planted-key")
    (tmp_path / "secrets.env").touch(0o600)
    (tmp_path / "secrets.env").write_text("SELFCHECK_ALERT_URLS=ntfy://planted-topic\n", "utf-8")
    (tmp_path / "profiles.yaml").write_text(PROFILES, "utf-8")
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "jane.json").write_text('{"cookies": ["planted-cookie"]}', "utf-8")
    client = AppClient(tmp_path)
    pages = [client.get(f"/mine/{name}").text for name in ("", "start", "sessions", "alerts", "settings")]
    assert "You are signed in." in pages[1]
    assert "/mine/schedule" in pages[1].partition("Next steps")[2]
    assert "planted" not in "".join(pages)
    assert client.get("/mine/sessions/jane.json").status == 404


# -- an incident -------------------------------------------------------------------------------------------


@pytest.fixture
def suspended(tmp_path: Path) -> tuple[AppClient, str]:
    data = DataFolder(tmp_path / "data")
    folder = keep_run(data.path, bad_run(FIRST))
    record(data, read_run((folder / "run.json").read_bytes(), name="run.json"))
    client = AppClient(tmp_path, bad_run(FIRST).finished_at + timedelta(minutes=5))
    found = re.search(r'href="(/mine/incidents/[^"]+)"', client.get("/mine/").text)
    assert found is not None
    return client, found[1]


def test_the_letter_is_changed_for_mail_and_form_alike_and_kept_once_it_was_sent(
    suspended: tuple[AppClient, str],
) -> None:
    client, here = suspended
    assert client.post(f"{here}/letter", {"note": "I write about rivers."}).headers["location"] == here
    page = client.get(here).text
    assert "I write about rivers." in page
    assert re.search(r'id="letter-length"[^>]*>\d+ of at most \d+ characters', page)
    assert client.post(f"{here}/letter", {"letter": "In my\r\nown words."}).status == 303
    for name in ("appeal.txt", "appeal.eml"):
        file = client.get(f"{here}/files/{name}")
        assert "In my\nown words." in file.text.replace("\r\n", "\n")
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert client.get(f"{here}/files/evidence.zip").body[:2] == b"PK"
    assert client.post(f"{here}/letter", {"letter": " "}).status == 400
    assert client.post(f"{here}/mark", {"what": "sent", "case": "C-4711"}).status == 303
    page = client.get(here).text
    assert "C-4711" in page
    assert "In my\nown words." in page
    assert client.post(f"{here}/letter", {"letter": "Changed."}).status == 400
    assert "own words" in client.get(f"{here}/files/appeal.txt").text
    assert client.post(f"{here}/mark", {"what": "restored"}).status == 303
    assert "Restored" in words(client.get(here).text)
    assert client.post(f"{here}/mark", {"what": "burned"}).status == 400


def test_an_incident_gives_its_own_files_only(suspended: tuple[AppClient, str]) -> None:
    client, here = suspended
    assert client.post(f"{here}/letter", {"note": "secret note"}).status == 303
    for name in ("..", "../../../journal.jsonl", "%2e%2e%2fjournal.jsonl", "note.txt", "../../../runs"):
        assert client.get(f"{here}/files/{name}").status == 404, name
    assert client.get(here[:-2]).status == 404  # a command takes a beginning
    assert client.get(here.replace("/mine/", "/demo/")).status == 404


@pytest.mark.parametrize(
    ("author", "says"),
    [
        pytest.param({"outcome": "challenge"}, 'name="assist" value="yes"', id="a robot check"),
        pytest.param({"outcome": "login_wall", "signed_in": False}, ">Sign in again<", id="signed out"),
        pytest.param({}, "", id="neither"),
    ],
)
def test_a_result_offers_what_helps_as_a_button(tmp_path: Path, author: dict[str, object], says: str) -> None:
    client = AppClient(tmp_path)
    run = document(NOW, judged("v", platform="medium"))
    run["profiles"][0]["pages"][0]["views"]["author"] |= author
    folder = client.context.workspaces["mine"].data.run(run["run_id"])
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    page = client.get(f"/mine/runs/{run['run_id']}").text
    assert [text for text in ('name="assist" value="yes"', ">Sign in again<") if text in page] == [
        *filter(None, [says])
    ]
