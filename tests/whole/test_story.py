"""The day it happens, and the second time: from a healthy run to an appeal that quotes the first incident."""

import asyncio
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from mail_server import PASSWORD, USER, Running, mail_server, write_certificate
from runs import environment

from selfcheck.__main__ import main
from selfcheck.core.request import Request, RunOptions
from selfcheck.demo.site import DemoSite
from selfcheck.runs.environment import NoProgress
from selfcheck.runs.run import run
from selfcheck.runs.service import record_and_alert
from selfcheck.settings import read_configuration
from selfcheck.storage.data_folder import DataFolder

DAY = r"\d{4}-\d\d-\d\d"

PROFILES = """\
profiles:
  - {{name: elena, platform: demo, handle: elena-marsh, base_url: "{site}"}}
settings:
  time_zone: Europe/Berlin
  appeal:
    from: Elena Marsh <{user}>
    smtp: {{host: 127.0.0.1, port: {port}, user: {user}}}
"""


class Story:
    """A writer's machine with a demo site and a mail server."""

    def __init__(
        self,
        folder: Path,
        site: DemoSite,
        post: Running,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.folder, self.site, self.post = folder, site, post
        self._capsys, self._monkeypatch = capsys, monkeypatch
        sessions = folder / "sessions"
        sessions.mkdir(mode=0o700)
        (sessions / "elena.json").write_text(json.dumps(site.storage_state("elena-marsh")), encoding="utf-8")
        profiles = PROFILES.format(site=site.url, port=post.port, user=USER)
        (folder / "profiles.yaml").write_text(profiles, encoding="utf-8")

    def run(self) -> int:
        """Do what `selfcheck run` does, without a process of its own; return its exit code."""
        profiles, data = read_configuration(Path("profiles.yaml")).profiles, Path("selfcheck-data")
        request = Request(profiles=profiles, options=RunOptions(data_dir=data))
        here = environment(self.folder)
        done = asyncio.run(run(request, environment=here, progress=NoProgress()))
        assert record_and_alert(done, DataFolder(data), here).troubles == ()
        self._capsys.readouterr()
        return int(done.result.exit_code)

    def selfcheck(self, *words: str, says: str = "", code: int = 0) -> str:
        """Type another command; return what it printed."""
        self._monkeypatch.setattr(sys, "stdin", StringIO(says))
        found = main(words)
        printed = self._capsys.readouterr()
        assert found == code, (words, printed)
        return printed.out + printed.err

    def incidents(self) -> list[dict[str, object]]:
        found = json.loads(self.selfcheck("history", "--format", "json"))
        incidents: list[dict[str, object]] = found["profiles"][0]["incidents"]
        return incidents

    def last_mail(self) -> EmailMessage:
        content = self.post.inbox.mails[-1].content
        assert isinstance(content, bytes)
        return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


@pytest.fixture
def story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Story]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    monkeypatch.setenv("SELFCHECK_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv("SELFCHECK_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(tmp_path)))
    with DemoSite() as site, mail_server(tmp_path) as post:
        yield Story(tmp_path, site, post, capsys, monkeypatch)


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_the_second_appeal_quotes_the_first_incident(story: Story) -> None:
    # All is well; there is nothing to appeal.
    assert story.run() == 0
    assert story.incidents() == []
    assert "There is nothing to appeal" in story.selfcheck("appeal", code=2)

    # It happens, and is appealed: shown first, sent after a yes.
    story.site.set_state("elena-marsh", "silently-suspended")
    assert story.run() == 1
    (first,) = story.incidents()
    shown = story.selfcheck("appeal", "elena", "--note", "I write about lighthouses.", "--send", says="y\n")
    assert "To:          appeals@inkwell.invalid" in shown
    mail = story.last_mail()
    text = words_of(mail)
    assert "This account is under investigation or was found in violation of the Inkwell Rules." in text
    assert "I write about lighthouses." in text
    assert "This has happened" not in text
    assert f"{story.site.url}/@elena-marsh" in text

    # The evidence that came with it is what lies beside the draft, and holds.
    folder = story.folder / "selfcheck-data" / "appeals" / str(first["id"])
    attached = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert attached["evidence.zip"] == (folder / "evidence.zip").read_bytes()
    assert {*attached} == {"01-profile.png", "evidence.zip"}
    (story.folder / "got.zip").write_bytes(attached["evidence.zip"])
    story.selfcheck("verify", "got.zip")
    with zipfile.ZipFile(BytesIO(attached["evidence.zip"])) as archive:
        assert any(name.endswith("anonymous.html") for name in archive.namelist())

    # They answer, and it is back.
    assert "Appealed on" in story.selfcheck("appeal", "status")
    words = "We are sorry, our spam filter was wrong."
    story.selfcheck("appeal", "status", "elena", "--case", "4711", "--answered", "--note", words)
    story.site.set_state("elena-marsh", "healthy")
    assert story.run() == 0
    assert [(one["state"], one["case_number"]) for one in story.incidents()] == [("restored", "4711")]
    assert "No incident is open" in story.selfcheck("appeal", "status")
    assert "is over" in story.selfcheck("appeal", "elena", code=2)

    # The second time, the first is quoted.
    story.site.set_state("elena-marsh", "silently-suspended")
    assert story.run() == 1
    story.selfcheck("appeal", "--send", says="y\n")
    text = words_of(story.last_mail())
    assert "This has happened to this account before:" in text
    quoted = (
        rf"case 4711, I appealed on {DAY}, you answered on {DAY}: “{words}”, and the account was restored\."
    )
    assert re.search(quoted, text), text
    assert len(story.post.inbox.mails) == 2

    # History, verify and report show it right.
    second, first = story.incidents()
    assert (second["state"], first["state"]) == ("appealed", "restored")
    runs = sorted(one.name for one in (story.folder / "selfcheck-data" / "runs").glob("2*"))
    assert len(runs) == 4
    for run_id in runs:
        story.selfcheck("verify", run_id)
    story.selfcheck("report")
    site = story.folder / "selfcheck-data" / "site"
    page = unescape((site / "index.html").read_text("utf-8"))
    assert [one for one in (str(first["id"]), str(second["id"]), "4711", words) if one not in page] == []
    assert "suspended" in (site / "badges" / "elena.svg").read_text("utf-8").lower()
