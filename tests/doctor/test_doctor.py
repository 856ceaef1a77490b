"""What the doctor says of what it found."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.doctor import checks, findings
from selfcheck.doctor.findings import Finding, SessionFacts, State
from selfcheck.errors import ConfigIssue, ConfigurationError, SessionStoreError, UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.data_folder import DataFolder

BROKEN = SessionStoreError("jane.json is not JSON.", cause="Line 1 cannot be read.", next_step="fix it")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def session(*, days: float | None = 0, **more: Any) -> SessionFacts:
    saved = None if days is None else NOW - timedelta(days=days)
    return SessionFacts(profile="jane", session="jane", saved_at=saved, **more)


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        pytest.param(findings.python_finding((3, 11, 0)), State.OK, id="Python 3.11 will do"),
        pytest.param(findings.python_finding((3, 10, 9)), State.FAIL, id="Python 3.10 is too old"),
        pytest.param(findings.browser_finding("Chrome", "Chrome 1"), State.OK, id="a browser that starts"),
        pytest.param(
            findings.browser_finding("Chrome", None, "x"), State.FAIL, id="a browser that does not start"
        ),
        pytest.param(findings.browser_finding(None, None), State.FAIL, id="no browser"),
        pytest.param(
            findings.profiles_finding(Path("p"), (), None), State.OK, id="profiles that can be followed"
        ),
        pytest.param(findings.session_finding(session(), NOW), State.OK, id="a session of today"),
        pytest.param(findings.session_finding(session(days=31), NOW), State.WARN, id="an old session"),
        pytest.param(findings.session_finding(session(days=None), NOW), State.WARN, id="no session"),
        pytest.param(
            findings.session_finding(session(days=None, needed=False), NOW), State.OK, id="no session needed"
        ),
        pytest.param(
            findings.session_finding(session(others_can_read=True), NOW),
            State.FAIL,
            id="a session others can read",
        ),
        pytest.param(
            findings.session_finding(session(unreadable=BROKEN), NOW), State.WARN, id="a broken session"
        ),
        pytest.param(
            findings.session_finding(session(trouble="it expired on 2026-11-20"), NOW),
            State.WARN,
            id="an expired session",
        ),
        pytest.param(findings.data_finding(Path("d"), None), State.OK, id="a folder that can be written to"),
        pytest.param(findings.data_finding(Path("d"), "disk full"), State.FAIL, id="a full disk"),
        pytest.param(findings.clock_finding(NOW, NOW, NOW), State.OK, id="a right clock"),
        pytest.param(
            findings.clock_finding(NOW, NOW - timedelta(seconds=90), NOW),
            State.WARN,
            id="a clock off the disk's",
        ),
        pytest.param(
            findings.clock_finding(NOW - timedelta(days=400), None, NOW),
            State.FAIL,
            id="a clock a year behind",
        ),
        pytest.param(findings.network_finding("https://x.org", None), State.OK, id="a network"),
        pytest.param(
            findings.network_finding("https://x.org", "no"), State.WARN, id="no network is a warning"
        ),
    ],
)
def test_each_check_has_the_expected_result(finding: Finding, state: State) -> None:
    assert finding.state is state
    assert bool(finding.do) == (state is not State.OK)


def test_which_platform_files_are_used_is_told_with_the_age_of_their_marks() -> None:
    finding = findings.platforms_finding([("Medium", "added", "2018 to 2026-08"), ("Ours", "own", "never")])
    assert finding.says == "Medium: added, marks seen 2018 to 2026-08; Ours: own, marks seen never"


def test_all_mistakes_of_the_profiles_are_reported() -> None:
    found = (ConfigIssue(file="p", line=n, where="", actual=f"x{n}", expected="y") for n in (1, 2, 3))
    finding = findings.profiles_finding(Path("p"), (), ConfigurationError(tuple(found)))
    assert [f"x{n}" in finding.says for n in (1, 2, 3)] == [True] * 3


def test_warnings_do_not_make_doctor_fail() -> None:
    assert findings.healthy([findings.network_finding("https://x.org", "no")])
    assert not findings.healthy([findings.browser_finding(None, None)])


def test_a_folder_that_is_missing_is_tried_and_left_missing(tmp_path: Path) -> None:
    trouble, written = checks.try_to_write(tmp_path / "a" / "b")
    assert trouble is None
    assert written is not None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    assert checks.try_to_write(tmp_path)[0] is None
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_file_where_the_folder_should_be_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert checks.try_to_write(tmp_path / "file" / "below")[0]


def test_a_connection_is_tried_with_each_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_server(("127.0.0.1", 0)) as gone:
        open_port, closed_port = listening.getsockname()[1], gone.getsockname()[1]
        gone.close()
        addresses = [f"http://127.0.0.1:{open_port}", f"http://127.0.0.1:{closed_port}"]
        troubles = checks.try_to_connect(addresses)
    assert [bool(troubles[address]) for address in addresses] == [False, True]


def test_a_browser_elsewhere_that_cannot_be_meant_is_a_finding_like_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_CONNECT", "nonsense")
    checkup = checks.Checkup(
        profiles_file=tmp_path / "none.yaml",
        data=DataFolder(tmp_path / "data"),
        browser=None,
        store=SessionStore(tmp_path / "sessions", environ={}),
        hints=CommandHints(),
    )
    by_check = {finding.check: finding for finding in checks.findings_of(checkup)}
    assert by_check["Browser"].state is State.FAIL
    assert "SELFCHECK_CONNECT" in by_check["Browser"].says
    assert "nonsense" not in by_check["Browser"].says
    assert "Data folder" in by_check


def test_no_address_is_not_an_error() -> None:
    assert checks.try_to_connect([]) == {}


def test_the_demo_of_a_run_needs_neither_network_nor_session(tmp_path: Path) -> None:
    demo = ProfileRequest(name="d", platform="demo", handle="x", session="d")
    platforms = {"demo": load_platform("demo"), "medium": load_platform("medium")}
    jane = ProfileRequest(name="j", platform="medium", handle="jane", session="j")
    mirror = ProfileRequest(name="m", platform="medium", handle="jane", base_url="http://127.0.0.1:1")
    assert checks.homes((demo, jane, mirror, jane), platforms) == (
        "https://medium.com",
        "http://127.0.0.1:1",
    )
    facts = checks.session_facts(demo, platforms["demo"], store=SessionStore(tmp_path), now=NOW)
    assert not facts.needed


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX's")
@pytest.mark.parametrize(("mode", "others"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_session_that_others_can_read_is_noticed(tmp_path: Path, mode: int, others: bool) -> None:
    (tmp_path / "j.json").write_text(json.dumps(LASTING), encoding="utf-8")
    (tmp_path / "j.json").chmod(mode)
    facts = checks.session_facts(JANE, load_platform("medium"), store=SessionStore(tmp_path), now=NOW)
    assert facts.others_can_read is others


JANE = ProfileRequest(name="jane", platform="medium", handle="jane", session="j")
COOKIE = {"name": "sid", "value": "s3cret", "domain": ".medium.com", "path": "/"}
LASTING = {"cookies": [COOKIE], "origins": []}
EXPIRED = {"cookies": [{**COOKIE, "expires": (NOW - timedelta(days=1)).timestamp()}], "origins": []}
ENDING = {"cookies": [{**COOKIE, "expires": (NOW + timedelta(days=3)).timestamp()}], "origins": []}
ELSEWHERE = {"cookies": [{**COOKIE, "domain": ".facebook.com"}], "origins": []}
AGAIN = "Sign in again: `selfcheck login jane`."


@pytest.mark.parametrize(
    ("content", "state", "says", "do"),
    [
        pytest.param(
            json.dumps(LASTING),
            State.WARN,
            "saved today, and it is not encrypted",
            "`selfcheck session encrypt j`",
            id="one of an earlier version",
        ),
        pytest.param(
            json.dumps(ENDING),
            State.WARN,
            "saved today; the session is expected to end in 3 days",
            "Sign in again before then: `selfcheck login jane`.",
            id="one that will end soon",
        ),
        pytest.param("{", State.WARN, "cannot be used", AGAIN, id="half a file"),
        pytest.param('{"cookies": [1]}', State.WARN, "cookies[0] is not an object", AGAIN, id="another form"),
        pytest.param(
            json.dumps(EXPIRED), State.WARN, "saved today, but it expired on 2026-11-20", AGAIN, id="expired"
        ),
        pytest.param(
            json.dumps(ELSEWHERE),
            State.WARN,
            "it contains nothing of medium.com",
            AGAIN,
            id="of another site",
        ),
    ],
)
def test_a_session_is_read_and_nothing_of_it_shown(
    tmp_path: Path, content: str, state: State, says: str, do: str
) -> None:
    path = tmp_path / "j.json"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    facts = checks.session_facts(JANE, load_platform("medium"), store=SessionStore(tmp_path), now=NOW)
    finding = findings.session_finding(facts, NOW)
    assert (finding.state, finding.do) == (state, do)
    assert says in finding.says
    assert "s3cret" not in finding.says


def test_an_encrypted_session_that_lasts_is_in_order(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "sessions", environ={})
    store.save("j", LASTING)
    facts = checks.session_facts(JANE, load_platform("medium"), store=store, now=datetime.now(UTC))
    finding = findings.session_finding(facts, datetime.now(UTC))
    assert (finding.state, finding.says) == (State.OK, "saved today")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_key_that_others_can_read_is_noticed(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "sessions", environ={})
    store.save("j", LASTING)
    store.keys.file.chmod(0o644)
    facts = checks.session_facts(JANE, load_platform("medium"), store=store, now=NOW)
    assert findings.session_finding(facts, NOW).state is State.FAIL


def test_a_missing_key_is_what_to_fix_and_not_the_session(tmp_path: Path) -> None:
    store = SessionStore(tmp_path / "sessions", environ={})
    store.save("j", LASTING)
    (tmp_path / "session.key").unlink()
    facts = checks.session_facts(JANE, load_platform("medium"), store=store, now=NOW)
    finding = findings.session_finding(facts, NOW)
    assert finding.state is State.WARN
    assert "no key" in finding.says
    assert "SELFCHECK_KEY" in finding.do


def test_where_the_folder_of_the_sessions_cannot_be_used_that_is_what_to_fix(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = SessionStore(tmp_path / "file")
    facts = checks.session_facts(JANE, load_platform("medium"), store=store, now=NOW)
    finding = findings.session_finding(facts, NOW)
    assert finding.state is State.WARN
    assert "permissions" in finding.do


def test_the_doctor_gives_one_hint_and_not_a_runs() -> None:
    mistake = ConfigIssue(file="p", line=None, where="", actual="an empty file", expected="values")
    assert (
        findings.profiles_finding(Path("p"), (), ConfigurationError((mistake,))).do
        == "Correct that in the file."
    )
    missing = UsageError("There is no file p.", next_step="`selfcheck init` writes one.")
    assert findings.profiles_finding(Path("p"), (), missing).do == "`selfcheck init` writes one."


def test_a_folder_that_cannot_even_be_asked_for_is_reported(tmp_path: Path) -> None:
    assert checks.try_to_write(tmp_path / ("a" * 300) / "below")[0]
