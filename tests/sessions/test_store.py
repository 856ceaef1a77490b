import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from selfcheck.browser.storage_state import of_hosts
from selfcheck.errors import SessionStoreError
from selfcheck.sessions.store import SessionStore, read_storage_state, sessions_folder

COOKIE = {"name": "sid", "value": "s3cret-value", "domain": ".a.example", "path": "/", "expires": -1}
STATE: dict[str, Any] = {"cookies": [COOKIE], "origins": []}
posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "config" / "sessions")


def test_a_session_is_kept_listed_and_forgotten(store: SessionStore) -> None:
    assert (store.names(), store.load("jane"), store.saved_at("jane")) == ((), None, None)
    store.save("jane", STATE)
    store.save("bob", STATE)
    assert store.names() == ("bob", "jane")
    assert store.load("jane") == STATE
    assert store.saved_at("jane") is not None
    assert (store.forget("jane"), store.forget("jane"), store.names()) == (True, False, ("bob",))


@posix_only
def test_a_session_file_is_private_from_the_start(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    fsync = os.fsync

    def look_at(descriptor: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look_at)
    path = store.save("jane", STATE)
    assert modes == [0o600, 0o600]  # the key that was made, and the session
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


@posix_only
def test_a_session_is_replaced_whole_or_not_at_all(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("jane", STATE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SessionStoreError, match="could not be saved"):
        store.save("jane", {**STATE, "cookies": [{**COOKIE, "value": "another"}]})
    assert store.load("jane") == STATE
    assert [path.name for path in store.folder.iterdir()] == ["jane.age"]


@pytest.mark.parametrize(
    "name",
    ["", "..", "../jane", "a/b", "a\\b", ".hidden", "con", "NUL.txt", "jane.", "a" * 65, "jané", "a b"],
)
def test_no_name_leads_elsewhere(store: SessionStore, name: str) -> None:
    with pytest.raises(SessionStoreError, match="cannot be the name"):
        store.save(name, STATE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("{", "not JSON", id="no JSON"),
        pytest.param("[]", "not a JSON object", id="a list"),
        pytest.param("{}", "`cookies` is missing", id="another object"),
        pytest.param('{"cookies": []}', "it is empty", id="nothing in it"),
        pytest.param('{"cookies": ["a"]}', r"cookies\[0\] is not an object", id="a cookie that is a text"),
        pytest.param('{"cookies": [{"value": "s3cret"}]}', r"cookies\[0\].name is missing", id="no name"),
        pytest.param(
            '{"cookies": [{"name": "a", "value": "s3cret"}]}', "has no domain and path", id="no domain"
        ),
        pytest.param(
            json.dumps({"cookies": [{**COOKIE, "sameSite": "no_restriction"}]}),
            "sameSite is not one of",
            id="as a browser extension writes it",
        ),
        pytest.param(
            json.dumps({"cookies": [{**COOKIE, "sameSite": ["Lax"]}]}), "sameSite is not one of", id="a list"
        ),
        pytest.param('{"cookies": ' + "[" * 100_000, "is not JSON", id="nested too deep"),
        pytest.param(
            json.dumps({"cookies": [{**COOKIE, "expires": "soon"}]}),
            "expires is not a number",
            id="a wrong date",
        ),
        pytest.param('{"cookies": [], "origins": {}}', "`origins` is not a list", id="origins as an object"),
        pytest.param(
            '{"cookies": [], "origins": [{}]}', r"origins\[0\].origin", id="an origin without address"
        ),
        pytest.param(
            '{"cookies": [], "origins": [{"origin": "x", "localStorage": [1]}]}',
            "without name and value",
            id="stored data without a name",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_reported_without_its_secrets(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(SessionStoreError, match=says) as caught:
        read_storage_state(path)
    assert "s3cret" not in " ".join(caught.value.lines())


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SessionStoreError, match="cannot be read"):
        read_storage_state(tmp_path / "none.json")


def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "sessions").touch()
    with pytest.raises(SessionStoreError, match="cannot be used"):
        SessionStore(tmp_path / "sessions").names()


def test_the_folder_can_be_moved(tmp_path: Path) -> None:
    assert sessions_folder({"SELFCHECK_SESSIONS": str(tmp_path)}) == tmp_path
    assert sessions_folder({}).name == "sessions"


def test_only_the_platforms_part_is_kept() -> None:
    domains = [".medium.com", "medium.com", "jane.medium.com", "accounts.example", "notmedium.com", ".com"]
    state = {
        "cookies": [{**COOKIE, "domain": domain} for domain in domains],
        "origins": [
            {"origin": f"https://{domain.lstrip('.')}", "localStorage": []} for domain in domains[1:5]
        ],
    }
    kept = of_hosts(state, ("medium.com", "*.medium.com"))
    assert [one["domain"] for one in kept["cookies"]] == [
        ".medium.com",
        "medium.com",
        "jane.medium.com",
        ".com",
    ]
    assert [one["origin"] for one in kept["origins"]] == ["https://medium.com", "https://jane.medium.com"]


def test_a_cookie_of_the_whole_domain_reaches_its_subdomain() -> None:
    state = {"cookies": [{**COOKIE, "domain": domain} for domain in (".example.org", "example.org")]}
    assert [one["domain"] for one in of_hosts(state, ("blog.example.org",))["cookies"]] == [".example.org"]
