"""With everything switched on, secrets of all kinds are found nowhere but where they are kept.

A scheduled run as a machine starts it, over a site that shows each visitor its own cookies; then the commands
of that day. Everything that they wrote, printed or sent is searched, every byte, in every wrapping.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from authority import Authority, served
from channels import Asked as Told
from channels import FakeGh, server
from mail_server import PASSWORD, USER, Running, mail_server, write_certificate
from planted import LeakSearch, leaks
from planted_session import FRAGMENT, HEADERS, PARAMETERS, PLANTED, SEARCHED, STORY, RevealingSite, add_to
from second_opinion import SecondOpinion

from selfcheck.__main__ import main
from selfcheck.demo.loopback import Reply, SiteRequest
from selfcheck.demo.site import DemoSite
from selfcheck.runs import render_github
from selfcheck.runs.render_junit import junit
from selfcheck.schedule.state import read_state
from selfcheck.sessions import encryption as sealing
from selfcheck.sessions import session_token
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.data_folder import DataFolder

if sys.platform == "win32":
    pytest.skip("the programs on the PATH are scripts", allow_module_level=True)

AUTHORS = "dr4ft-PLANTED-that-only-its-author-sees"
COOKIE, STORED = "c00kie-PLANTED-4e5f6a7b8c", "l0cal-PLANTED-9a8b7c6d5e4f"
SECRETS = {
    "the password for mail": PASSWORD,
    "the address of a channel": "ph0ne-PLANTED-1a2b3c",
    "the addresses of one variable": "0ne-variable-PLANTED-2b3c4d",
    "the address of the heartbeat": "heart-PLANTED-5d6e7f",
    "GitHub's token": "ghp_PLANTED0123456789abcdef",
    "the session's cookie": COOKIE,
    "the session's storage": STORED,
    "the author's page": AUTHORS,
}
PROFILES = """\
profiles:
  - {{name: elena, platform: demo, handle: elena-marsh, base_url: "{site}"}}
settings:
  keep_author_pages: 7d
  watch: {{every: 12h}}
  evidence:
    timestamps: [{{url: "{authority}", roots: root.pem}}]
  appeal:
    from: Elena Marsh <{user}>
    smtp: {{host: 127.0.0.1, port: {port}, user: {user}}}
  alerts:
    channels:
      - {{name: phone, url_env: SELFCHECK_ALERT_PHONE}}
      - {{name: screen, kind: terminal}}
      - {{name: hook, kind: command, command: [./hook.sh]}}
      - {{name: repo, kind: github-issue}}
"""


class TellingSite(RevealingSite):
    """The site whose every page repeats the cookies that it was sent, and says more to who has any."""

    def answer(self, asked: SiteRequest) -> Reply:
        reply = super().answer(asked)
        if not reply.content_type.startswith("text/html"):
            return reply
        words = f"<!-- {' '.join(asked.cookies.values())} {AUTHORS if asked.cookies else ''} -->".encode()
        return replace(reply, body=reply.body.replace(b"</body>", words + b"</body>"))


@dataclass
class Day:
    """A writer's machine on the day it happens, and what left it."""

    folder: Path
    web: Told
    post: Running
    gh: FakeGh
    authority: Authority
    secrets: dict[str, str]
    printed: list[str]

    @property
    def data(self) -> Path:
        return self.folder / "selfcheck-data"

    @property
    def run(self) -> Path:
        """Return the folder of the one run."""
        (folder,) = (self.data / "runs").glob("2*")
        return folder

    def found(self) -> list[str]:
        """Return which secret is found where: in what was printed and sent, and in every file."""
        mails = [mail.content for mail in self.post.inbox.mails]
        sent = [*self.printed, *self.web.bodies, *(one for one in mails if isinstance(one, str))]
        found = [
            *(one.encode() for one in sent),
            *(one for one in mails if isinstance(one, bytes)),
            *self.authority.asked,
        ]
        kept = {"sessions", "secrets.env"}
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        search = LeakSearch(self.secrets)
        told = [leak for data in found for leak in search.leaks(data, where="what was printed or sent")]
        return told + [
            leak
            for path in files
            if path.relative_to(self.folder).parts[0] not in kept
            for leak in search.leaks(path.read_bytes(), where=str(path.relative_to(self.folder)))
        ]

    def suspected(self) -> list[str]:
        """Return what detect-secrets takes for a secret in what was printed, and in every file of text."""
        opinion = SecondOpinion()
        ours = {"sessions", "secrets.env", "server.pem"}  # the last is the key of the test's own mail server
        files = {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.relative_to(self.folder).parts[0] not in ours
        }
        texts = {"what was printed": "\n".join(self.printed).encode(), **files}
        once = {data: place for place, data in texts.items()}  # the mail lies there twice
        return [f"{place}: {text}" for data, place in once.items() for text in opinion.suspicions(data)]


def session_of(site: DemoSite) -> dict[str, object]:
    """A session as a browser has it: with more cookies, and tokens in its storage."""
    state = site.storage_state("elena-marsh")
    (cookie,) = state["cookies"]
    stored = {"origin": site.url, "localStorage": [{"name": "token", "value": STORED}]}
    both = {"cookies": [cookie, {**cookie, "name": "uid", "value": COOKIE}], "origins": [stored]}
    return add_to(both, site.url)


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    for name in [one for one in os.environ if one.startswith("SELFCHECK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SELFCHECK_PROFILES", "profiles.yaml")
    monkeypatch.setenv("SELFCHECK_DATA", "selfcheck-data")
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "SELFCHECK_LOGS"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    monkeypatch.setenv("SELFCHECK_DEBUG", "1")
    monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(tmp_path)))
    authority, gh = Authority(), FakeGh(tmp_path / "bin")
    authority.write_root(tmp_path / "root.pem")
    monkeypatch.setenv("PATH", f"{gh.folder}{os.pathsep}{os.environ['PATH']}")
    hook = "#!/bin/sh\n{ env -u GH_TOKEN; cat; } > hook-got\n"  # that one is the user's own, for any program
    (tmp_path / "hook.sh").write_text(hook, encoding="utf-8")
    (tmp_path / "hook.sh").chmod(0o755)
    with ExitStack() as up:
        site, web, post = (up.enter_context(one) for one in (TellingSite(), server(), mail_server(tmp_path)))
        stamps = up.enter_context(served(authority))
        site.set_state("elena-marsh", "silently-suspended")
        profiles = PROFILES.format(site=site.url, authority=stamps, user=USER, port=post.port)
        (tmp_path / "profiles.yaml").write_text(profiles, encoding="utf-8")
        key = sealing.new_identity()
        store = SessionStore(tmp_path / "sessions", environ={"SELFCHECK_KEY": key})
        state = session_of(site)
        store.save("elena", state)  # type: ignore[arg-type]
        line = session_token.export(state, store.keys, platform=None, now=datetime.now(UTC)).line  # type: ignore[arg-type]
        secrets = {
            **SECRETS,
            **SEARCHED,
            "the session's key": key,
            "the session's line": line,
            "the demo's own cookie": site.storage_state("elena-marsh")["cookies"][0]["value"],
        }
        write_secrets(tmp_path / "secrets.env", web, secrets)
        yield Day(tmp_path, web, post, gh, authority, secrets, [])


def write_secrets(path: Path, web: Told, secrets: dict[str, str]) -> None:
    """Write the secrets as a schedule takes them."""
    environ = {
        "SELFCHECK_KEY": secrets["the session's key"],
        "SELFCHECK_SESSION_ELENA": secrets["the session's line"],
        "SELFCHECK_SMTP_PASSWORD": PASSWORD,
        "SELFCHECK_ALERT_PHONE": f"json://jane:{SECRETS['the address of a channel']}@{web.address}/p",
        "SELFCHECK_ALERT_URLS": f"json://{web.address}/{SECRETS['the addresses of one variable']}",
        "SELFCHECK_HEARTBEAT_URL": f"http://{web.address}/{SECRETS['the address of the heartbeat']}",
        "GH_TOKEN": SECRETS["GitHub's token"],
    }
    path.write_text("".join(f"{name}={value}\n" for name, value in environ.items()), encoding="utf-8")
    path.chmod(0o600)


def scheduled_run(day: Day) -> None:
    """Start the run as cron would, with all the secrets in their file alone."""
    words = ["watch", "--once", "--every", "12h", "--secrets", "secrets.env"]
    words += ["--log", "selfcheck-data/schedules/default.log"]
    done = subprocess.run(
        [sys.executable, "-m", "selfcheck", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    log = (day.data / "schedules" / "default.log").read_text("utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", ""), log


@pytest.fixture
def typed(day: Day, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Type a command with the secrets in the environment; return what it printed."""

    def type_it(words: str, *, code: int = 0, says: str = "") -> str:
        for line in (day.folder / "secrets.env").read_text("utf-8").splitlines():
            monkeypatch.setenv(*line.split("=", 1))
        monkeypatch.setattr(sys, "stdin", StringIO(says))
        found = main(shlex.split(words))
        printed = "".join(capfd.readouterr())
        assert found == code, (words, printed)
        day.printed.append(printed)
        return printed

    return type_it


def test_planted_secrets_of_all_kinds_are_found_nowhere_outside_the_session_store(
    day: Day, typed: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduled_run(day)
    assert_all_was_on(day)
    typed("status")
    typed("history")
    typed("history note elena-{today}-1 'I wrote to them.'".format(today=f"{datetime.now(UTC):%Y%m%d}"))
    typed("session list")
    typed("alerts send")
    typed("appeal --note 'I write about lighthouses.' --send", says="y\n")
    typed(f"verify {day.run.name} --roots root.pem")
    assert "Note:" not in typed(f"replay {day.run.name}")  # by the author's own pages too
    typed("report")
    remembered, waiting = typed("history --format json"), typed("appeal status")
    history = json.loads(remembered)["profiles"]
    for kind in ("appealed", "noted", "confirmed:suspended", "I wrote to them.", "repo"):
        assert kind in remembered
    typed("history --rebuild")
    assert json.loads(typed("history --format json"))["profiles"] == history
    assert typed("appeal status") == waiting
    typed("schedule install --every 12h --with cron --print")
    assert len(day.post.inbox.mails) == 1
    assert (day.data / "site" / "index.html").exists()
    assert {
        leak.split(" in ")[0] for leak in leaks((day.folder / "secrets.env").read_bytes(), day.secrets)
    } >= {
        name
        for name in day.secrets
        if name not in SEARCHED and not name.endswith(("cookie", "storage", "author's page"))
    }
    assert_the_author_s_pages_are_kept_encrypted(day)
    in_every_format(day, typed, monkeypatch)
    assert day.found() == []
    assert day.suspected() == []


def in_every_format(day: Day, typed: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run once more, as a CI job does, and write the result in all formats."""
    results = []
    with monkeypatch.context() as patch:
        patch.setattr(render_github, "annotations", lambda result: results.append(result) or "")
        patch.setenv("GITHUB_STEP_SUMMARY", str(day.folder / "summary.md"))
        patch.setenv("GITHUB_OUTPUT", str(day.folder / "output.txt"))
        typed("run --format github", code=1)
    (result,) = results
    day.printed += [render_github.annotations(result), render_github.summary(result), junit(result)]
    assert "test" in day.printed[-1]


def test_the_second_opinion_finds_what_it_is_shown() -> None:
    opinion = SecondOpinion()
    for token in (PLANTED["storage of a JWT"], "0123456789abcdef0123456789abcdef", "AKIA" + "Q7W2ERT9" * 2):
        assert list(opinion.suspicions(f'"in": "{token}"'.encode()))
    assert list(opinion.suspicions(b'"sha256": "%s"' % (b"0123456789abcdef" * 4))) == []


def assert_the_author_s_pages_are_kept_encrypted(day: Day) -> None:
    """They are the one place where they are, and no other secret is in them."""
    key = day.secrets["the session's key"]
    sessions = SessionStore(day.folder / "sessions", environ={"SELFCHECK_KEY": key})
    pages = AuthorPages(sessions).load(day.run.name, "elena")
    assert pages is not None
    addresses_and_headers = {**PARAMETERS, **FRAGMENT, **STORY, **HEADERS}
    secrets = {name: value for name, value in day.secrets.items() if name not in addresses_and_headers}
    assert leaks(pages, secrets) == ["the author's page in it"]
    files = [path for path in sessions.folder.rglob("*") if path.is_file()]
    assert [leak for path in files for leak in leaks(path.read_bytes(), day.secrets)] == []


def assert_all_was_on(day: Day) -> None:
    """The run of a watch did all that `run` does: looked as the author, recorded, told, stamped and beat."""
    run = day.run
    page = json.loads((run / "run.json").read_text("utf-8"))["profiles"][0]
    assert (page["verdict"], page["silent"], page["strength"]) == ("suspended", True, "confirmed")
    assert [*run.glob("seal.*.tsr")]
    journal = (day.data / "journal.jsonl").read_text("utf-8")
    assert [
        name for name in ("phone", "screen", "hook", "repo", "alerts") if f'"{name}"' not in journal
    ] == []
    assert '"ok": false' not in journal.replace('"ok":false', '"ok": false')
    assert [one["state"] for one in day.gh.github.issues] == ["open"]
    assert '"kind"' in (day.folder / "hook-got").read_text("utf-8")
    beats = [path for path in day.web.paths if SECRETS["the address of the heartbeat"] in path]
    assert [path.rpartition("/")[2] for path in beats] == ["start", SECRETS["the address of the heartbeat"]]
    turn = read_state(DataFolder(day.data), "default")
    assert turn is not None
    assert turn.last_exit_code == 1
