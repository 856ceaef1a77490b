"""`doctor --report` helps others to help, and names nothing of whose machine and account it is."""

import json
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from planted import leaks

from selfcheck.alerts.notice import Outage
from selfcheck.cli import cli
from selfcheck.core.request import ProfileRequest
from selfcheck.doctor import checks, findings
from selfcheck.doctor.findings import Finding, SessionFacts
from selfcheck.doctor.report import report_text
from selfcheck.errors import ConfigIssue, ConfigurationError, SessionStoreError, UsageError

SECRETS = {
    "name": "jane-quill-profile",
    "handle": "@janequillwrites",
    "session": "quill-session-name",
    "home": "/home/jquill",
    "address": "https://quill-diary.example/me",
    "mail": "jane.quill@mail.example",
    "cookie": "s3ss-PLANTED-cookie-7f6e5d4c",
    "channel": "quill-telephone",
    "alert address": "ntfys://PLANTEDtopic9f8e7d",
    "file": "quill-blog.yaml",
    "title": "The Quill Diary Title",
}
ALL = " ".join(SECRETS.values())
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def every_finding() -> Iterator[Finding]:
    """Each finding in each of its forms, with secrets wherever something comes from outside."""
    path, home, outage = (
        Path(SECRETS["home"]) / ALL,
        SECRETS["address"],
        Outage(channel=ALL, since=NOW, tries=3, detail=ALL),
    )
    profile = ProfileRequest(name=SECRETS["name"], platform="medium", handle=SECRETS["handle"])
    mistake = ConfigIssue(file=ALL, line=3, where=ALL, actual=ALL, expected=ALL, hint=ALL)
    yield findings.python_finding((3, 10, 0))
    yield findings.browser_finding(None, None)
    yield findings.browser_finding(ALL, None, ALL)
    yield findings.profiles_finding(path, (profile,), None)
    yield findings.profiles_finding(path, (), ConfigurationError((mistake,)))
    yield findings.profiles_finding(path, (), UsageError(ALL, next_step=ALL))
    yield findings.platforms_finding([(SECRETS["title"], "own", "2026"), (SECRETS["title"], "added", "2026")])
    for trouble, lost in ((ALL, None), (None, outage), (None, None)):
        yield findings.channel_finding(SECRETS["channel"], trouble, lost, profiles=path)
    yield from map(findings.heartbeat_finding, (ALL, None))
    for facts in (
        {"needed": False},
        {"unreadable": SessionStoreError(ALL, cause=ALL, next_step=ALL)},
        {"saved_at": None},
        {"others_can_read": True},
        *({key: ALL} for key in ("trouble", "soon")),
        {"plain": True},
        {"saved_at": NOW - timedelta(days=99)},
        {},
    ):
        given = {"profile": SECRETS["name"], "session": SECRETS["session"], "saved_at": NOW, **facts}
        yield findings.session_finding(SessionFacts(**given, profiles=ALL), NOW)
    yield from (findings.data_finding(path, trouble) for trouble in (ALL, None))
    yield findings.clock_finding(NOW, NOW, NOW)
    yield findings.clock_finding(NOW, NOW - timedelta(hours=1), NOW)
    yield findings.clock_finding(NOW, None, NOW + timedelta(days=9))
    yield from (findings.network_finding(home, trouble) for trouble in (ALL, None))


def test_no_finding_tells_whose_it_is_and_each_tells_something() -> None:
    every = tuple(every_finding())
    text = report_text(every)
    assert leaks(text.encode(), SECRETS) == []
    assert leaks("\n".join(finding.says for finding in every).encode(), SECRETS), "they are in the findings"
    assert [finding.check for finding in every if not finding.shareable] == []
    assert len(text.splitlines()) == len(every) + 4


@pytest.mark.parametrize("mistaken", [False, True], ids=["a good file", "a file with mistakes"])
def test_the_command_prints_it_for_a_machine_full_of_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, mistaken: bool
) -> None:
    home = tmp_path / SECRETS["home"].strip("/")
    (home / "sessions").mkdir(parents=True)
    monkeypatch.chdir(home)
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(home / "sessions"))
    monkeypatch.setenv("SELFCHECK_ALERT_QUILL", SECRETS["alert address"])
    monkeypatch.setattr(checks, "try_to_connect", lambda homes: dict.fromkeys(homes, ALL))
    cookie = {"name": "sid", "value": SECRETS["cookie"], "domain": "medium.com", "path": "/"}
    state = json.dumps({"cookies": [cookie], "origins": []})
    session = home / "sessions" / f"{SECRETS['session']}.json"
    session.write_text(state, encoding="utf-8")
    session.chmod(0o600)
    (home / "profiles.yaml").write_text(
        f"""\
profiles:
  - name: {SECRETS["name"]}
    platform: medium
    handle: "{SECRETS["handle"]}{" two words" if mistaken else ""}"
    base_url: {SECRETS["address"]}
    session: {SECRETS["session"]}
settings:
  alerts: {{channels: [{{name: {SECRETS["channel"]}, url_env: SELFCHECK_ALERT_QUILL}}]}}
  appeal: {{from: {SECRETS["mail"]}}}
""",
        encoding="utf-8",
    )
    done = CliRunner().invoke(cli, ["doctor", "--report", "--browser", f"{SECRETS['home']}/chrome"])
    assert leaks(done.stdout.encode(), SECRETS) == []
    assert "Python: 3." in done.stdout
    assert ("FAIL  Profiles: 1 mistake" if mistaken else "ok    Profiles: 1 profile\n") in done.stdout
    assert mistaken or "warn  Session 1: saved today, but it cannot sign in" in done.stdout
    assert "Read it before you post it" in done.stderr


def test_every_extra_is_named_where_it_is_installed() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    (line,) = [one for one in report_text(()).splitlines() if one.startswith("Extras: ")]
    assert set(line.removeprefix("Extras: ").split(", ")) == {*project["optional-dependencies"]} - {
        "test",
        "bench",
    }
