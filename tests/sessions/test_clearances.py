"""Clearances: only the walls' own cookies, only for the platform, encrypted, until they expire."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from selfcheck.platforms.catalogue import load_platform
from selfcheck.sessions.clearances import Clearances
from selfcheck.sessions.keys import SessionKeys
from selfcheck.sessions.store import SessionStore

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MEDIUM = load_platform("medium")


def cookie(
    name: str = "cf_clearance", domain: str = ".medium.com", minutes: float | None = 30
) -> dict[str, Any]:
    expires = -1 if minutes is None else (NOW + timedelta(minutes=minutes)).timestamp()
    return {"name": name, "value": "passed-0123456789", "domain": domain, "path": "/", "expires": expires}


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path, environ={}, keys=SessionKeys({}, file=tmp_path / "key"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param(cookie(), True, id="the wall's own"),
        pytest.param(cookie(name="sid"), False, id="no session"),
        pytest.param(cookie(name="CF_CLEARANCE"), False, id="names are exact"),
        pytest.param(cookie(domain=".evil.example"), False, id="no other site's"),
        pytest.param(cookie(minutes=-1), False, id="none that has expired"),
        pytest.param(cookie(minutes=None), False, id="none that ends with the browser"),
    ],
)
def test_only_the_walls_own_cookies_are_kept(
    store: SessionStore, given: dict[str, Any], *, kept: bool
) -> None:
    clearances = Clearances(store)
    assert clearances.keep(MEDIUM, MEDIUM.home, [given, cookie(name="uid")], NOW) is kept
    state = clearances.load(MEDIUM, MEDIUM.home, NOW)
    assert (state is not None) is kept
    assert state is None or state == {"cookies": [given], "origins": []}


def test_one_that_has_expired_is_deleted(store: SessionStore) -> None:
    clearances, later = Clearances(store), NOW + timedelta(hours=1)
    clearances.keep(MEDIUM, MEDIUM.home, [cookie()], NOW)
    assert len(list((store.folder / "clearances").iterdir())) == 1
    assert clearances.load(MEDIUM, MEDIUM.home, later) is None
    assert list((store.folder / "clearances").iterdir()) == []


def test_they_lie_apart_from_sessions_encrypted_and_can_be_forgotten(store: SessionStore) -> None:
    clearances = Clearances(store)
    clearances.keep(MEDIUM, MEDIUM.home, [cookie()], NOW)
    (file,) = (store.folder / "clearances").iterdir()
    (kept,) = clearances.kept(NOW)
    assert b"passed-0123456789" not in file.read_bytes()
    assert store.names() == ()
    assert store.load(kept.name.partition("/")[2]) is None
    assert kept.ends == NOW + timedelta(minutes=30)
    assert clearances.forget(kept.name)
    assert clearances.kept(NOW) == ()
