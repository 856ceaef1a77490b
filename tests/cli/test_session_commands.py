"""`selfcheck session` and `login` without a browser: keeping, carrying and taking over sessions."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from histories import document, judged

from selfcheck.browser.backoff import BackOff, write_backoffs
from selfcheck.cli import cli
from selfcheck.errors import SelfcheckError
from selfcheck.sessions import encryption as sealing
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.data_folder import DataFolder

SID = {"name": "sid", "value": "s3cret-sid-value", "domain": ".medium.com", "path": "/", "expires": -1}
STATE: dict[str, Any] = {"cookies": [SID], "origins": []}
PROFILES = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, with sessions of its own and a profile on Medium."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SELFCHECK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SELFCHECK_PROFILES", "profiles.yaml")
    monkeypatch.setenv("SELFCHECK_DATA", "selfcheck-data")
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    return tmp_path


def selfcheck(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, words, input=typed)


def save(home: Path, name: str = "jane", **cookie: Any) -> None:
    SessionStore(home / "sessions").save(name, {"cookies": [{**SID, **cookie}], "origins": []})


def test_a_session_goes_from_one_machine_to_another_as_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(home)
    made = selfcheck("session", "export", "jane")
    line = made.stdout.strip()
    assert (len(made.stdout.splitlines()), "s3cret" in made.output) == (1, False)
    assert "SELFCHECK_SESSION_JANE" in made.stderr
    key = selfcheck("session", "key", "--show").stdout.strip()
    assert key.startswith("AGE-SECRET-KEY-1")
    assert selfcheck("session", "key").stdout == f"The key is in {home / 'sessions' / 'session.key'}.\n"

    monkeypatch.setenv("SELFCHECK_SESSIONS", str(home / "elsewhere"))
    monkeypatch.setenv("SELFCHECK_KEY", key)
    taken = selfcheck("session", "import", "jane", "-", typed=line)
    assert taken.stdout == "Saved the session jane (1 cookie).\n", taken.output
    assert SessionStore(home / "elsewhere").load("jane") == STATE
    assert selfcheck("session", "key", "--to-file").exit_code == 0
    monkeypatch.delenv("SELFCHECK_KEY")
    assert SessionStore(home / "elsewhere").load("jane") == STATE


def test_a_line_without_its_key_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(home)
    line = selfcheck("session", "export", "jane").stdout
    monkeypatch.setenv("SELFCHECK_KEY", sealing.new_identity())
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(home / "elsewhere"))
    refused = selfcheck("session", "import", "jane", "-", typed=line)
    assert isinstance(refused.exception, SelfcheckError)
    assert "another key" in refused.exception.what


def test_the_list_says_which_are_plain_and_how_to_encrypt_them(home: Path) -> None:
    (home / "sessions").mkdir(mode=0o700)
    (home / "sessions" / "jane.json").write_text(json.dumps(STATE), encoding="utf-8")
    listed = selfcheck("session", "list").stdout
    assert "not encrypted; to encrypt it: selfcheck session encrypt jane" in listed
    done = selfcheck("session", "encrypt")
    assert done.stdout == "Encrypted the session jane.\n"
    assert "no keyring that works" in done.stderr
    assert sorted(path.name for path in (home / "sessions").iterdir()) == ["jane.age", "session.key"]
    assert "not encrypted" not in selfcheck("session", "list").stdout


@pytest.mark.parametrize(
    ("days", "says"),
    [
        pytest.param(90, "expected to end on {end}\n", id="far off"),
        pytest.param(3, "expected to end on {end}, which is soon; to sign in again: ", id="soon"),
    ],
)
def test_the_list_shows_when_a_session_will_end(home: Path, days: int, says: str) -> None:
    end = datetime.now(UTC) + timedelta(days=days)
    save(home, expires=end.timestamp())
    assert says.format(end=f"{end:%Y-%m-%d}") in selfcheck("session", "list").stdout


def test_a_lost_key_is_listed_with_its_remedy(home: Path) -> None:
    save(home)
    (home / "sessions" / "session.key").unlink()
    listed = selfcheck("session", "list").stdout
    assert "it cannot be used: The session “jane” is encrypted, and there is no key" in listed
    assert "SELFCHECK_KEY" in listed


def test_the_key_can_be_put_into_a_file_for_a_schedule(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(home)
    monkeypatch.setenv("SELFCHECK_KEY_FILE", str(home / "k" / "age.key"))
    assert isinstance(selfcheck("session", "key").exception, SelfcheckError)
    assert selfcheck("session", "key", "--to-file").exit_code == 0
    assert (home / "k" / "age.key").read_text("utf-8").count("AGE-SECRET-KEY-1") == 1


def test_a_passphrase_that_is_typed_twice_encrypts_and_the_key_still_opens(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_KEY", sealing.new_identity())
    save(home)
    (home / "line").write_text(selfcheck("session", "export", "jane").stdout, encoding="utf-8")
    done = selfcheck("session", "import", "jane", "line", "--passphrase", typed="one two\none two\n")
    assert done.exit_code == 0, done.output
    data = (home / "sessions" / "jane.age").read_bytes()
    assert sealing.needs_passphrase(data)
    assert "one two" not in done.output


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        pytest.param(("--import", "state.json"), "", id="a storage state"),
        pytest.param(("--import", "cookies.txt"), "", id="a cookies.txt"),
        pytest.param(("--cookie-header",), "Cookie: sid=s3cret-sid-value; x=1\n", id="a cookie header"),
    ],
)
def test_login_takes_a_session_from_elsewhere_and_shows_nothing_of_it(
    home: Path, words: tuple[str, ...], typed: str
) -> None:
    other = {**SID, "domain": ".google.com"}
    (home / "state.json").write_text(json.dumps({"cookies": [SID, other], "origins": []}), encoding="utf-8")
    fields = (".medium.com", "TRUE", "/", "TRUE", "0", "sid", "s3cret-sid-value")
    (home / "cookies.txt").write_text("\t".join(fields) + "\n", encoding="utf-8")
    done = selfcheck("login", "jane", *words, typed=typed)
    assert done.exit_code == 0, done.output
    assert "s3cret" not in done.output
    assert "selfcheck session check jane" in done.stderr
    state = SessionStore(home / "sessions").load("jane")
    assert state is not None
    assert (state["cookies"][0]["name"], state["cookies"][0]["value"]) == ("sid", "s3cret-sid-value")
    assert {one["domain"] for one in state["cookies"]} == {".medium.com"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(
            ("--cookie-header", "--cdp", "http://127.0.0.1:9"), "only one of", id="two ways at once"
        ),
        pytest.param(("--cdp", "http://192.168.1.5:9222"), "not on this machine", id="another machine"),
        pytest.param(("--cdp", "http://127.0.0.1.evil.example/"), "not on this machine", id="a name like it"),
    ],
)
def test_what_login_does_not_do_is_reported(home: Path, words: tuple[str, ...], says: str) -> None:
    refused = selfcheck("login", "jane", *words)
    assert isinstance(refused.exception, SelfcheckError)
    assert says in refused.exception.what


def as_typed(*words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: a run has its own event loop, and answers signals."""
    command = [sys.executable, "-m", "selfcheck", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_run_too_early_opens_nothing_and_says_when_it_is_due(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC) - timedelta(hours=2)
    earlier = document(at, judged("V", platform="medium"))
    run = home / "selfcheck-data" / "runs" / str(earlier["run_id"])
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps(earlier), encoding="utf-8")
    monkeypatch.setenv("SELFCHECK_BROWSER", "/no/such/browser")
    refused, asked = as_typed("run"), as_typed("run", "--again")
    assert (refused.returncode, asked.returncode) == (2, 2)
    assert "Medium was checked 2 hours ago" in refused.stderr
    assert "`selfcheck run --again`" in refused.stderr
    assert "/no/such/browser" in asked.stderr
    assert "looked at 2 h ago" not in asked.stderr


def test_a_check_opens_nothing_while_the_platform_asks_to_be_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    rest = BackOff(
        platform="medium",
        host="medium.com",
        until=now + timedelta(hours=1),
        asked_at=now - timedelta(hours=1),
        times=1,
        told=True,
    )
    write_backoffs(DataFolder(home / "kept"), (rest,), now)
    save(home)
    monkeypatch.setenv("SELFCHECK_BROWSER", "/no/such/browser")
    checked = as_typed("session", "check", "--data", "kept")
    until = f"{rest.until:%Y-%m-%d %H:%M} UTC"
    assert checked.returncode == 3, checked.stderr
    assert checked.stdout == (
        f"jane  could not tell: Medium asked to be left alone until {until}, so no page was opened\n"
    )
    assert "/no/such/browser" in as_typed("session", "check", "--data", "elsewhere").stderr
