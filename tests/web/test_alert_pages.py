"""The page of alerts: channels added, tested and removed, with addresses that are shown nowhere again."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from app_client import Answer, AppClient, words
from channels import server

from selfcheck.settings import read_configuration
from selfcheck.settings.secrets import read_secrets

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PROFILES = "# mine\nprofiles:\n  - {name: jane, platform: medium, handle: '@jane'}   # me\n"
TOKEN = "tk-9f8e7d6c5b4a"


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    (tmp_path / "profiles.yaml").write_text(PROFILES, "utf-8")
    return AppClient(tmp_path, NOW)


def saved(client: AppClient, shown: Answer) -> Answer:
    """Save the change that a page shows, as its form does."""
    form = {
        "digest": re.findall(r'name="digest" value="(\w+)"', shown.text)[0],
        "back": re.findall(r'name="back" value="(\w+)"', shown.text)[0],
        "text": re.findall(r'<textarea name="text"[^>]*>\n(.*)</textarea>', shown.text, re.DOTALL)[0],
    }
    return client.post("/mine/settings/save", {**form, "text": form["text"].replace("&#39;", "'")})


def test_a_channel_is_added_tested_and_removed_and_its_address_is_shown_nowhere(client: AppClient) -> None:
    client = AppClient(client.folder)  # whose time passes
    assert "No channel is set up, so no alert reaches you." in words(client.get("/mine/alerts").text)
    with server() as asked:
        form = {"kind": "webhook", "name": "hook", "address": f"http://{asked.address}/{TOKEN}"}
        shown = client.post("/mine/alerts/add", {**form, "quiet": "00:00-23:59"})
        assert "+ - name: hook" in words(shown.text)
        assert (client.folder / "profiles.yaml").read_text("utf-8") == PROFILES
        assert saved(client, shown).headers["location"] == "/mine/alerts"
        text = (client.folder / "profiles.yaml").read_text("utf-8")
        assert text.startswith(PROFILES)
        assert TOKEN not in text
        (channel,) = read_configuration(client.folder / "profiles.yaml").preferences.alerts.channels
        assert (channel.name, channel.url_env) == ("hook", "SELFCHECK_ALERT_HOOK")
        page = words(client.get("/mine/alerts").text)
        assert "hook Not tried yet It is a chat, a phone or mail, for all profiles, held back" in page
        assert client.post("/mine/alerts/test", {"channel": "hook"}).status == 303
        assert (asked.paths, len(asked.bodies)) == ([f"/{TOKEN}"], 1)
        assert "hook Arrived" in words(client.get("/mine/alerts").text)
        asked.status = 403
        assert client.post("/mine/alerts/test").status == 303
    page = client.get("/mine/alerts").text
    assert " UTC: did not arrive: refused with HTTP 403." in words(page)
    assert saved(client, client.post("/mine/alerts/remove", {"channel": "hook"})).status == 303
    page += client.get("/mine/alerts").text
    assert "SELFCHECK_ALERT_HOOK , for nothing any more" in words(page)
    assert client.post("/mine/alerts/forget", {"name": "SELFCHECK_ALERT_HOOK"}).status == 303
    assert read_secrets(client.folder / "secrets.env") == {}
    assert "SELFCHECK_ALERT_HOOK" not in client.context.environ
    assert TOKEN not in page + shown.text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        pytest.param({"kind": "ntfy", "name": "a b", "topic": "t"}, "ntfy-name", id="no name"),
        pytest.param({"kind": "ntfy", "name": "Phone", "topic": "t"}, "ntfy-name", id="a name that is taken"),
        pytest.param({"kind": "ntfy", "topic": "t", "quiet": "late"}, "ntfy-quiet", id="no hours"),
        pytest.param({"kind": "ntfy", "topic": "a b"}, "ntfy-topic", id="no topic"),
        pytest.param({"kind": "apprise", "address": f"x{TOKEN}"}, "apprise-address", id="no address"),
        pytest.param(
            {"kind": "github-issue", "repository": "x"}, "github-issue-repository", id="no repository"
        ),
        pytest.param({"kind": "mail", "password": TOKEN, "from": "j@e.org"}, "mail-host", id="no server"),
    ],
)
def test_a_mistake_stands_at_its_field_and_nothing_is_kept(
    client: AppClient, form: Mapping[str, str], field: str
) -> None:
    taken = f"{PROFILES}settings: {{alerts: {{channels: [{{name: phone, url_env: X}}]}}}}\n"
    (client.folder / "profiles.yaml").write_text(taken, "utf-8")
    page = client.post("/mine/alerts/add", {"name": "new", **form}).text
    assert f'{field}-hint {field}-mistake"' in page
    assert page.count('class="error"') == 1
    assert TOKEN not in page
    assert not (client.folder / "secrets.env").exists()
    assert (client.folder / "profiles.yaml").read_text("utf-8") == taken


def test_a_sign_of_life_is_set_and_removed(client: AppClient) -> None:
    for address, mistaken in (("", True), (f"ftp://{TOKEN}", True), (f"https://hc.example/{TOKEN}", False)):
        answer = client.post("/mine/alerts/address", {"name": "SELFCHECK_HEARTBEAT_URL", "address": address})
        assert ("SELFCHECK_HEARTBEAT_URL-mistake" in answer.text, answer.status) == (
            mistaken,
            200 if mistaken else 303,
        )
        assert TOKEN not in answer.text
    page = client.get("/mine/alerts").text
    assert "Every check sends one." in words(page)
    assert TOKEN not in page
    assert client.post("/mine/alerts/forget", {"name": "SELFCHECK_HEARTBEAT_URL"}).status == 303
    assert "None is sent." in words(client.get("/mine/alerts").text)


def test_only_addresses_of_alerts_are_removed_and_only_what_is_there(client: AppClient) -> None:
    path = client.folder / "secrets.env"
    path.touch(mode=0o600)
    path.write_text("SELFCHECK_KEY=k\nSELFCHECK_ALERT_OLD=x\n", "utf-8")
    for name in ("SELFCHECK_KEY", "SELFCHECK_ALERT_NONE", "", "HOME"):
        assert client.post("/mine/alerts/forget", {"name": name}).status == 400, name
    for name in ("test", "remove"):
        assert client.post(f"/mine/alerts/{name}", {"channel": "none"}).status == 400
    assert client.post("/mine/alerts/forget", {"name": "SELFCHECK_ALERT_OLD"}).status == 303
    assert read_secrets(path) == {"SELFCHECK_KEY": "k"}
    assert client.get("/demo/alerts").status == 404
    (client.folder / "profiles.yaml").unlink()
    assert "There is no profile yet" in words(client.get("/mine/alerts").text)
    assert client.post("/mine/alerts/add", {"kind": "ntfy", "name": "x", "topic": "t"}).status == 400


def test_the_address_of_a_channel_is_replaced_and_of_nothing_else(client: AppClient) -> None:
    channels = f"{PROFILES}settings: {{alerts: {{channels: [{{name: p, url_env: SELFCHECK_ALERT_P}}]}}}}\n"
    (client.folder / "profiles.yaml").write_text(channels, "utf-8")
    assert "variable SELFCHECK_ALERT_P is not set" in words(client.get("/mine/alerts").text)
    for name, status in (("SELFCHECK_ALERT_P", 303), ("SELFCHECK_KEY", 400), ("PATH", 400)):
        form = {"name": name, "address": f"ntfy://{TOKEN}"}
        assert client.post("/mine/alerts/address", form).status == status, name
    wrong = client.post("/mine/alerts/address", {"name": "SELFCHECK_ALERT_P", "address": f"x{TOKEN}"}).text
    assert 'id="SELFCHECK_ALERT_P-mistake"' in wrong
    assert read_secrets(client.folder / "secrets.env") == {"SELFCHECK_ALERT_P": f"ntfy://{TOKEN}"}
    page = client.get("/mine/alerts").text
    assert "Not tried yet" in page
    assert TOKEN not in page + wrong
