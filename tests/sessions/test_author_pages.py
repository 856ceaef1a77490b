"""The author's pages that are kept for a replay: encrypted, private, and not for longer than asked."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from selfcheck.errors import SessionDamagedError, SessionKeyWrongError
from selfcheck.sessions import encryption
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.sessions.store import SessionStore

FIRST, SECOND = "20261120T081248Z-aaaaaa", "20261122T081248Z-bbbbbb"
WORDS = b"a draft that only its author may read"


@pytest.fixture
def sessions(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "s", environ={"SELFCHECK_KEY": encryption.new_identity()})


def test_what_is_kept_is_private_encrypted_and_read_again(sessions: SessionStore) -> None:
    pages = AuthorPages(sessions)
    pages.keep(FIRST, "jane", WORDS)
    (file,) = (path for path in sessions.folder.rglob("*") if path.is_file())
    assert file.read_bytes().startswith(encryption.MAGIC)
    assert pages.load(FIRST, "jane") == WORDS
    assert [pages.load(FIRST, "john"), pages.load(SECOND, "jane"), pages.load("../..", "jane")] == [None] * 3
    assert sessions.names() == ()
    if os.name == "posix":
        folders = (file.parent, file.parent.parent, sessions.folder)
        assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
        assert file.stat().st_mode & 0o777 == 0o600


def test_pages_are_deleted_when_their_time_is_over_or_all_at_once(sessions: SessionStore) -> None:
    pages = AuthorPages(sessions)
    for run_id in (SECOND, FIRST):
        pages.keep(run_id, "jane", WORDS)
    pages.delete_before(datetime(2026, 11, 21, tzinfo=UTC))
    assert pages.run_ids() == (SECOND,)
    assert (pages.forget(), pages.forget(), pages.run_ids()) == (True, False, ())


def test_a_lost_key_and_a_damaged_file_are_said(sessions: SessionStore) -> None:
    AuthorPages(sessions).keep(FIRST, "jane", WORDS)
    other = SessionStore(sessions.folder, environ={"SELFCHECK_KEY": encryption.new_identity()})
    with pytest.raises(SessionKeyWrongError, match="your own pages is encrypted with another key"):
        AuthorPages(other).load(FIRST, "jane")
    (file,) = sessions.folder.rglob("*.age")
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(SessionDamagedError, match="your own pages is damaged"):
        AuthorPages(sessions).load(FIRST, "jane")
