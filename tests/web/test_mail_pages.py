"""An appeal is sent from the page that showed it, through a real mail server on loopback, and only once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from app_client import AppClient, words
from kept_runs import FIRST, bad_run, keep_run
from mail_server import PASSWORD, USER, Running, mail_server, write_certificate

from selfcheck.appeal.send import PASSWORD as VARIABLE
from selfcheck.history.service import open_history
from selfcheck.runs.service import record
from selfcheck.settings.secrets import read_secrets
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run

PROFILES = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(tmp_path)))
    with mail_server(tmp_path, "tls") as running:
        yield running


@pytest.fixture
def written(tmp_path: Path, post: Running) -> tuple[AppClient, str]:
    """The app with a letter that is written, and the address of its incident."""
    data = DataFolder(tmp_path / "data")
    folder = keep_run(data.path, bad_run(FIRST))
    record(data, read_run((folder / "run.json").read_bytes(), name="run.json"))
    smtp = f"{{host: 127.0.0.1, port: {post.port}, security: tls, user: {USER}}}"
    settings = f"settings:\n  appeal: {{from: 'Jane <{USER}>', smtp: {smtp}}}\n"
    (tmp_path / "profiles.yaml").write_text(PROFILES + settings, "utf-8")
    client = AppClient(tmp_path, bad_run(FIRST).finished_at + timedelta(minutes=5))
    found = re.search(r'href="(/mine/incidents/[^"]+)"', client.get("/mine/").text)
    assert found is not None
    assert client.post(f"{found[1]}/letter", {"note": "I write about rivers."}).status == 303
    return client, found[1]


def form_of(page: str) -> dict[str, str]:
    return {"digest": re.findall(r'name="digest" value="(\w+)"', page)[0]}


def test_what_was_shown_is_sent_once_and_the_password_is_kept_only_on_demand(
    written: tuple[AppClient, str], post: Running
) -> None:
    client, here = written
    assert f'href="{here}/send"' in client.get(here).text
    page = client.get(f"{here}/send").text
    shown = words(page)
    for part in (f"Jane <{USER}>", "appeals@", "Subject", "evidence.zip (", "I write about rivers.", "TLS"):
        assert part in shown
    assert post.inbox.mails == []
    wrong = client.post(f"{here}/send", {**form_of(page), "password": "wrong"})
    assert "refused the password" in words(wrong.text)
    client.post(f"{here}/letter", {"letter": "Other words."})
    changed = client.post(f"{here}/send", {**form_of(page), "password": PASSWORD})
    assert (changed.status, "was changed meanwhile" in changed.text, post.inbox.mails) == (400, True, [])
    page = client.get(f"{here}/send").text
    sent = client.post(f"{here}/send", {**form_of(page), "password": PASSWORD, "keep": "yes"})
    assert (sent.status, sent.headers["location"]) == (303, here)
    (mail,) = post.inbox.mails
    assert isinstance(mail.content, bytes)
    read = message_from_bytes(mail.content, policy=policy.default)
    body = read.get_body(("plain",))
    assert body is not None
    assert "Other words." in body.get_content()
    folder = client.context.workspaces["mine"].data.appeal(here.rpartition("/")[2])
    attached = {part.get_filename(): part.get_content() for part in read.iter_attachments()}
    assert "evidence.zip" in attached
    assert attached == {name: (folder / str(name)).read_bytes() for name in attached}
    with open_history(client.context.workspaces["mine"].data) as history:
        assert history.incident(folder.name).state.value == "appealed"
    again = client.post(f"{here}/send", {**form_of(page), "password": PASSWORD})
    assert (again.status, len(post.inbox.mails)) == (400, 1)
    assert read_secrets(client.folder / "secrets.env") == {VARIABLE: PASSWORD}
    for text in (page, wrong.text, client.get(here).text, client.get("/mine/alerts").text):
        assert PASSWORD not in text
    assert PASSWORD not in "".join(path.read_text("utf-8", "replace") for path in folder.glob("*.*"))


def test_a_password_that_is_kept_is_not_asked_for(written: tuple[AppClient, str], post: Running) -> None:
    client, here = written
    client.context.environ[VARIABLE] = PASSWORD
    page = client.get(f"{here}/send").text
    assert 'type="password"' not in page
    assert client.post(f"{here}/send", form_of(page)).status == 303
    assert len(post.inbox.mails) == 1


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        pytest.param("", "The settings name no mail server.", id="no server"),
        pytest.param("settings: {appeal: {smtp: {host: h.example}}}", "sender of the mail", id="no sender"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    written: tuple[AppClient, str], settings: str, says: str
) -> None:
    client, here = written
    (client.folder / "profiles.yaml").write_text(PROFILES + settings, "utf-8")
    assert client.post(f"{here}/letter", {}).status == 303
    for answer in (client.get(f"{here}/send"), client.post(f"{here}/send", {"digest": ""})):
        assert (answer.status, says in words(answer.text)) == (400, True)
    assert client.get(f"{here[:-1]}/send").status == 404
