"""A watch asks for a passphrase when it starts, and never again: at night no one could answer."""

from pathlib import Path
from typing import Any

import pytest

from selfcheck.cli import common
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import SessionKeyMissingError
from selfcheck.sessions.store import SessionStore

SID = {"name": "sid", "value": "s3cret", "domain": ".medium.com", "path": "/", "expires": -1}
STATE: dict[str, Any] = {"cookies": [SID], "origins": []}
JANE = ProfileRequest(name="jane", platform="medium", handle="jane", session="jane")
MAX = ProfileRequest(name="max", platform="medium", handle="max", session="none")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SELFCHECK_KEY", "SELFCHECK_PASSPHRASE", "SELFCHECK_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    store = SessionStore(tmp_path / "sessions")
    store.keys.use_passphrase("one two three")
    store.save("jane", STATE)
    return tmp_path


def test_it_is_asked_for_once_and_before_the_first_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, said = list[str](), list[str]()

    def ask(what: str) -> str:
        asked.append(what)
        return "mistyped"

    monkeypatch.setattr(common, "asker", lambda: ask)
    store = common.unattended_store((JANE, MAX), say=said.append)
    assert [one.partition(" does not open")[0] for one in said] == ["The passphrase"]
    for _ in range(3):
        with pytest.raises(SessionKeyMissingError, match="none was given"):
            store.load("jane")
    assert len(asked) == 1
