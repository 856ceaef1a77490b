"""The page of sessions: whose each is, whether a check saw it work, and that nothing of it is shown."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from app_client import AppClient, words
from histories import document, judged

from selfcheck.sessions.store import SessionStore
from selfcheck.web import run_jobs

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PROFILES = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"
SID = {"name": "sid", "value": "s3cret-sid-value", "domain": ".medium.com", "path": "/", "expires": -1}


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    (tmp_path / "profiles.yaml").write_text(PROFILES, "utf-8")
    return AppClient(tmp_path, NOW)


def save(client: AppClient, name: str = "jane", **cookie: Any) -> None:
    client.context.sessions.save(name, {"cookies": [{**SID, **cookie}], "origins": []})


def checked(client: AppClient, **look: object) -> None:
    """A check after the session was saved, with this in the author's view."""
    run = document(datetime.now(UTC) + timedelta(minutes=1), judged("V", platform="medium"))
    run["profiles"][0]["pages"][0]["views"]["author"] |= look
    folder = client.context.workspaces["mine"].data.run(run["run_id"])
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(run), "utf-8")


@pytest.mark.parametrize(
    ("cookie", "look", "says"),
    [
        pytest.param(None, None, "Not signed in Without a session", id="none"),
        pytest.param({}, None, "Not tried yet No check has used it since it was saved. Saved 20", id="new"),
        pytest.param({}, {"signed_in": True, "signed_in_as": "jane"}, "you signed in as @jane.", id="works"),
        pytest.param({}, {"signed_in": True, "signed_in_as": None}, "did not say as whom.", id="whose?"),
        pytest.param({}, {"signed_in": True, "signed_in_as": "tom"}, "Another account's", id="another's"),
        pytest.param({}, {"signed_in": False, "signed_in_as": None}, "Signed out The check", id="signed out"),
        pytest.param(
            {"expires": NOW.timestamp() - 9},
            None,
            "not work any more It expired on 2026-11-28.",
            id="expired",
        ),
        pytest.param(
            {"expires": NOW.timestamp() + 99_999}, None, "to end on 2026-11-29, which is soon", id="ends soon"
        ),
    ],
)
def test_a_session_is_told_with_its_proof(
    client: AppClient, cookie: dict[str, Any] | None, look: dict[str, object] | None, says: str
) -> None:
    if cookie is not None:
        save(client, **cookie)
    if look is not None:
        checked(client, **look)
    page = client.get("/mine/sessions").text
    assert says in words(page)
    assert "s3cret" not in page
    assert ("Open one page to try it" in page) == (cookie is not None)


def test_a_session_that_cannot_be_read_says_why(client: AppClient) -> None:
    save(client)
    client.context.sessions.keys.file.unlink()
    client.context.sessions.keys = SessionStore(client.folder / "sessions").keys
    page = words(client.get("/mine/sessions").text)
    assert "Cannot be read" in page
    assert "there is no key to open it with" in page


def test_only_what_is_there_is_removed_and_nothing_else(client: AppClient) -> None:
    save(client)
    save(client, "old")
    assert "Also saved on this machine old No profile uses it." in words(client.get("/mine/sessions").text)
    for name in ("", "../profiles", "clearance/none", "author-pages/all", "session.key", "tom"):
        assert client.post("/mine/sessions/forget", {"name": name}).status == 400, name
    assert client.post("/mine/sessions/forget", {"name": "old"}).status == 303
    assert client.context.sessions.names() == ("jane",)
    for name in ("sessions", "sessions/forget", "sessions/check", "sign-in"):
        assert client.ask("GET" if name == "sessions" else "POST", f"/demo/{name}", headers={}).status != 200
    assert client.post("/demo/sessions/forget", {"name": "jane"}).status == 404


def test_without_a_display_it_says_so_and_gives_the_command(client: AppClient) -> None:
    page = client.get("/mine/sessions").text
    assert "this machine has no display" in words(page)
    assert "`selfcheck login jane" in words(page)
    assert "/mine/sign-in" not in page
    refused = client.post("/mine/sign-in", {"profile": "jane"})
    assert refused.status == 400
    assert "selfcheck session import jane" in words(refused.text)
    assert list(client.context.workspaces["mine"].data.path.glob("*")) == []
    assert client.post("/mine/sign-in", {"profile": "tom"}).status == 400


@pytest.mark.parametrize(
    ("saved", "title", "says"),
    [
        pytest.param(True, "You are signed in", "Check both views now", id="it worked"),
        pytest.param(False, "You are not signed in yet", "load this page again", id="it did not"),
    ],
)
def test_signing_in_is_watched_until_it_worked(
    client: AppClient, *, saved: bool, title: str, says: str
) -> None:
    folder = client.context.workspaces["mine"].data.app_run("20261128T115900Z-abcdef")
    folder.mkdir(parents=True)
    started = datetime.now(UTC) - timedelta(minutes=1)
    asked = {"command": "login", "profiles": ["jane"], "started_at": started.isoformat()}
    (folder / "asked.json").write_text(json.dumps(asked), "utf-8")
    (folder / "messages.txt").write_text("You are signed in as @jane.\n", "utf-8")
    if saved:
        save(client)
    page = words(
        AppClient(client.folder, datetime.now(UTC)).get("/mine/progress/20261128T115900Z-abcdef").text
    )
    assert title in page
    assert says in page
    assert "You are signed in as @jane." in page


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        pytest.param("sign-in", ["login", "--profiles", "FILE", "--", "jane"], id="a window to sign in"),
        pytest.param(
            "sessions/check",
            ["session", "check", "--profiles", "FILE", "--data", "DATA", "--", "jane"],
            id="one page with the session",
        ),
    ],
)
def test_the_commands_themselves_are_started_and_followed(
    client: AppClient, monkeypatch: pytest.MonkeyPatch, path: str, starts: list[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(run_jobs, "start_selfcheck", lambda words, **_: started.append(words))
    client.context.environ["DISPLAY"] = ":0"
    answer = client.post(f"/mine/{path}", {"profile": "jane"})
    assert answer.headers["location"].startswith("/mine/progress/")
    names = {"FILE": str(client.folder / "profiles.yaml"), "DATA": str(client.folder / "data")}
    assert started == [[names.get(word, word) for word in starts]]
    assert client.post(f"/mine/{path}", {"profile": "--help"}).status == 400
