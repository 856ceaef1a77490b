"""Where the key of the sessions comes from, and what is said where it is not there or does not fit."""

import base64
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from selfcheck.errors import (
    SessionDamagedError,
    SessionKeyMissingError,
    SessionKeyWrongError,
    SessionStoreError,
)
from selfcheck.sessions import encryption
from selfcheck.sessions.keys import SessionKeys, SystemKeyring
from selfcheck.sessions.store import SessionStore, variable_of

STATE: dict[str, Any] = {
    "cookies": [{"name": "sid", "value": "s3cret-value", "domain": ".a.example", "path": "/", "expires": -1}],
    "origins": [],
}
posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


class Drawer:
    """A keyring in memory; `works` and `keeps` say how it fails."""

    def __init__(self, *, works: bool = True, keeps: bool = True) -> None:
        self.secret: str | None = None
        self.asked = 0
        self.error = "" if works else "no backend"
        self._works, self._keeps = works, keeps

    def get(self) -> str | None:
        self.asked += 1
        return self.secret if self._works else None

    def put(self, secret: str) -> bool:
        if self._works and self._keeps:
            self.secret = secret
        return self.secret == secret


def keys_of(folder: Path, keyring: Drawer | None = None, ask: Any = None, **environ: str) -> SessionKeys:
    return SessionKeys(environ, file=folder / "session.key", keyring=keyring or Drawer(works=False), ask=ask)


def test_the_first_key_goes_into_the_keyring_and_that_is_reported(tmp_path: Path) -> None:
    drawer = Drawer()
    keys = keys_of(tmp_path, drawer)
    sealed = keys.seal(b"hello")
    assert keys_of(tmp_path, drawer).unseal(sealed, what="it") == b"hello"
    assert "keyring" in keys.notice
    assert list(tmp_path.iterdir()) == []
    assert b"hello" not in sealed


@posix_only
@pytest.mark.parametrize(
    "drawer", [Drawer(works=False), Drawer(keeps=False)], ids=["none", "one that forgets"]
)
def test_without_a_keyring_that_works_the_key_is_a_private_file_and_that_is_reported(
    tmp_path: Path, drawer: Drawer
) -> None:
    keys = keys_of(tmp_path / "config", drawer)
    sealed = keys.seal(b"hello")
    path = tmp_path / "config" / "session.key"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert "no keyring that works" in keys.notice
    assert str(path) in keys.notice
    assert keys_of(tmp_path / "config", drawer).unseal(sealed, what="it") == b"hello"


def test_a_key_that_exists_is_used_again_and_never_replaced(tmp_path: Path) -> None:
    keys_of(tmp_path).seal(b"one")
    before = (tmp_path / "session.key").read_bytes()
    again = keys_of(tmp_path, Drawer())
    sealed = again.seal(b"two")
    assert (tmp_path / "session.key").read_bytes() == before
    assert again.notice == ""
    assert keys_of(tmp_path).unseal(sealed, what="it") == b"two"


def test_the_keyring_is_not_asked_where_another_key_opens_it(tmp_path: Path) -> None:
    given, drawer = encryption.new_identity(), Drawer()
    sealed = keys_of(tmp_path, drawer, SELFCHECK_KEY=given).seal(b"hello")
    assert keys_of(tmp_path, drawer, SELFCHECK_KEY=given).unseal(sealed, what="it") == b"hello"
    assert (drawer.asked, list(tmp_path.iterdir())) == (0, [])


def test_the_variable_may_hold_a_whole_key_file(tmp_path: Path) -> None:
    given = encryption.new_identity()
    sealed = keys_of(tmp_path, SELFCHECK_KEY=given).seal(b"hello")
    text = f"# created: 2026-11-21\n# public key: age1…\n{given}\n"
    assert keys_of(tmp_path, SELFCHECK_KEY=text).unseal(sealed, what="it") == b"hello"


def test_a_machines_own_key_still_opens_what_it_sealed_after_another_was_given(tmp_path: Path) -> None:
    drawer = Drawer()
    sealed = keys_of(tmp_path, drawer).seal(b"hello")
    keys = keys_of(tmp_path, drawer, SELFCHECK_KEY=encryption.new_identity())
    assert keys.unseal(sealed, what="it") == b"hello"


def test_the_key_can_be_put_where_a_scheduled_run_finds_it(tmp_path: Path) -> None:
    drawer = Drawer()
    sealed = keys_of(tmp_path, drawer).seal(b"hello")
    path = keys_of(tmp_path, drawer).to_file()
    assert path == tmp_path / "session.key"
    assert keys_of(tmp_path).unseal(sealed, what="it") == b"hello"


def test_the_key_file_can_be_moved(tmp_path: Path) -> None:
    keys_of(tmp_path, SELFCHECK_KEY_FILE=str(tmp_path / "else" / "k")).seal(b"hello")
    assert [path.name for path in tmp_path.iterdir()] == ["else"]


WITH_PASSPHRASE = base64.b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBEN2dnWmlyZGJ4V1p3aEFiMWZodnFBIDEwCnc2aHNYNTMvRXJXNG9W"
    "eVNQZmRXTXAxcjdBWWVNT2d0MDNpWjBQb1IwY0kKLS0tIEpCOHVQSUpzS1FHbWFhc2lYa1JmdjhzM20xVHAveG1xeXdQdTBP"
    "b2xoSW8KCP8n2W4w1xiXBuITSZcnVwTODBPi0Ep6k2KbeROtgCWaO72LyQ=="
)
"""`hello`, encrypted with the passphrase `correct horse`, and made quick to open."""


def test_a_passphrase_in_the_environment_encrypts_and_needs_nothing_else(tmp_path: Path) -> None:
    sealed = keys_of(tmp_path, SELFCHECK_PASSPHRASE="correct horse").seal(b"hello")
    assert encryption.needs_passphrase(sealed)
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_is_asked_for_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return "correct horse"

    keys = keys_of(tmp_path, ask=ask)
    assert [keys.unseal(WITH_PASSPHRASE, what="the session “j”") for _ in range(2)] == [b"hello", b"hello"]
    assert asked == ["Passphrase of the session “j”"]


def test_a_wrong_and_a_missing_passphrase_are_two_errors(tmp_path: Path) -> None:
    with pytest.raises(SessionKeyWrongError, match="passphrase does not open"):
        keys_of(tmp_path, SELFCHECK_PASSPHRASE="wrong").unseal(WITH_PASSPHRASE, what="it")
    with pytest.raises(SessionKeyMissingError, match="none was given"):
        keys_of(tmp_path).unseal(WITH_PASSPHRASE, what="it")


def sealed_by_another() -> bytes:
    return encryption.seal(b"s3cret", encryption.new_identity())


@pytest.mark.parametrize(
    ("data", "key", "error", "says"),
    [
        pytest.param(
            sealed_by_another(), "", SessionKeyMissingError, "no key .*session key --to-file", id="no key"
        ),
        pytest.param(
            sealed_by_another(),
            encryption.new_identity(),
            SessionKeyWrongError,
            "another key than the one in SELFCHECK_KEY.*in SELFCHECK_KEY, or sign in",
            id="another key",
        ),
        pytest.param(
            sealed_by_another(),
            "hunter2-s3cret",
            SessionKeyWrongError,
            "SELFCHECK_KEY does not contain an age key.*session key --show",
            id="no key at all",
        ),
        pytest.param(
            sealed_by_another(),
            encryption.new_identity()[:-4],
            SessionKeyWrongError,
            "SELFCHECK_KEY does not contain an age key.*session key --show",
            id="a cut key",
        ),
        pytest.param(b"half", "", SessionDamagedError, "is damaged.*login PROFILE", id="no age file"),
    ],
)
def test_each_trouble_has_its_own_error_and_next_step(
    tmp_path: Path, data: bytes, key: str, error: type[SessionStoreError], says: str
) -> None:
    with pytest.raises(error) as caught:
        keys_of(tmp_path, SELFCHECK_KEY=key).unseal(data, what="The session")
    told = " ".join(caught.value.lines())
    assert re.search(says, told)
    assert "s3cret" not in told


@pytest.mark.parametrize(
    "cut", [slice(None, -5), slice(None, 60)], ids=["its end is lacking", "its head is cut"]
)
def test_a_cut_file_is_called_damaged_and_not_encrypted_with_another_key(tmp_path: Path, cut: slice) -> None:
    keys = keys_of(tmp_path)
    sealed = keys.seal(b"hello")
    with pytest.raises(SessionDamagedError):
        keys.unseal(sealed[cut], what="it")


def test_where_the_keyring_does_not_answer_that_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SessionKeyMissingError) as caught:
        keys_of(tmp_path, Drawer(works=False)).unseal(sealed_by_another(), what="it")
    assert "keyring could not be asked (no backend)" in caught.value.cause


def test_a_machine_without_a_keyring_is_not_an_error() -> None:
    keyring = SystemKeyring()  # tests run without one, see tests/conftest.py
    assert (keyring.get(), keyring.put("x")) == (None, False)
    assert keyring.error


# -- the store ---------------------------------------------------------------------------------------------


def test_what_is_on_the_disk_is_encrypted_with_age(tmp_path: Path) -> None:
    path = SessionStore(tmp_path / "sessions", environ={}).save("jane", STATE)
    data = path.read_bytes()
    assert (path.name, data.startswith(encryption.MAGIC), b"s3cret" in data) == ("jane.age", True, False)


def test_a_plain_session_of_an_earlier_version_is_read_and_encrypted_when_saved(tmp_path: Path) -> None:
    (tmp_path / "jane.json").write_text('{"cookies": [], "origins": [{"origin": "https://a.example"}]}')
    store = SessionStore(tmp_path, environ={})
    assert (store.names(), store.is_plain("jane")) == (("jane",), True)
    state = store.load("jane")
    assert state is not None
    store.save("jane", state)
    assert (store.names(), store.is_plain("jane"), store.load("jane")) == (("jane",), False, state)
    assert not (tmp_path / "jane.json").exists()


def test_a_session_in_a_folder_of_the_users_choice_has_its_key_there(tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    SessionStore(folder, environ={"SELFCHECK_SESSIONS": str(folder)}).save("jane", STATE)
    assert sorted(path.name for path in folder.iterdir()) == ["jane.age", "session.key"]
    assert SessionStore(folder, environ={"SELFCHECK_SESSIONS": str(folder)}).names() == ("jane",)


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("jane", "SELFCHECK_SESSION_JANE"),
        ("jane.doe-2", "SELFCHECK_SESSION_JANE_DOE_2"),
        ("Jane_x", "SELFCHECK_SESSION_JANE_X"),
    ],
)
def test_each_session_has_its_variable(name: str, variable: str) -> None:
    assert variable_of(name) == variable
