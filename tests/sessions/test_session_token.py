"""A session as one line: small, encrypted, and never cut."""

import base64
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from selfcheck.errors import SessionDamagedError, SessionKeyWrongError, SessionTooLargeError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.sessions import encryption, session_token
from selfcheck.sessions.keys import SessionKeys
from selfcheck.sessions.session_token import MOST_BYTES, PREFIX
from selfcheck.sessions.store import SessionStore

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SID = {"name": "sid", "value": "s3cret-sid", "domain": ".medium.com", "path": "/", "expires": -1}
STATE: dict[str, Any] = {"cookies": [SID], "origins": []}
MEDIUM = load_platform("medium")


def noise(size: int) -> str:
    """Return text that no compression makes smaller than three quarters."""
    return base64.urlsafe_b64encode(random.Random(7).randbytes(size)).decode()[:size]


def keys_with(identity: str) -> SessionKeys:
    return SessionKeys({"SELFCHECK_KEY": identity}, file=Path("/nowhere/key"))


KEY = encryption.new_identity()
KEYS = keys_with(KEY)


def stored(size: int) -> dict[str, Any]:
    items = [{"name": "cache", "value": noise(size)}]
    return {"origin": "https://medium.com", "localStorage": items}


def other(name: str, size: int) -> dict[str, Any]:
    return {**SID, "name": name, "value": noise(size)}


def test_a_line_holds_the_session_and_nothing_that_can_be_read() -> None:
    made = session_token.export(STATE, KEYS, platform=MEDIUM, now=NOW)
    assert made.line.startswith(PREFIX)
    assert "s3cret" not in made.line
    assert (len(made.line.split()), made.left_out) == (1, "")
    assert session_token.import_(made.line, KEYS, what="it") == STATE


def test_line_breaks_on_the_way_do_no_harm() -> None:
    line = session_token.export(STATE, KEYS, platform=MEDIUM, now=NOW).line
    broken = "\n".join(line[at : at + 60] for at in range(0, len(line), 60)) + "\n"
    assert session_token.import_(broken, KEYS, what="it") == STATE


@pytest.mark.parametrize(
    ("state", "left_out", "kept"),
    [
        pytest.param({"cookies": [SID], "origins": [stored(30_000)]}, "", ["sid"], id="what fits is whole"),
        pytest.param(
            {"cookies": [SID, other("_ga", 50)], "origins": [stored(200_000)]},
            "what the pages stored",
            ["sid", "_ga"],
            id="stored data goes first",
        ),
        pytest.param(
            {"cookies": [SID, other("big", 60_000)], "origins": [stored(200_000)]},
            "all cookies but those",
            ["sid"],
            id="then what does not carry the sign-in",
        ),
        pytest.param(
            {"cookies": [SID, {**other("old", 60_000), "expires": 1e9}], "origins": []},
            "",
            ["sid"],
            id="what has expired is never taken along",
        ),
    ],
)
def test_a_large_session_is_made_to_fit(state: dict[str, Any], left_out: str, kept: list[str]) -> None:
    made = session_token.export(state, KEYS, platform=MEDIUM, now=NOW)
    assert len(made.line) <= MOST_BYTES
    assert left_out in made.left_out
    assert bool(left_out) is bool(made.left_out)
    assert [one["name"] for one in session_token.import_(made.line, KEYS, what="it")["cookies"]] == kept


@pytest.mark.parametrize(
    ("state", "platform", "cause"),
    [
        pytest.param(
            {"cookies": [{**SID, "value": noise(70_000)}], "origins": []},
            MEDIUM,
            "carry the sign-in are too large",
            id="the sign-in itself",
        ),
        pytest.param(
            {"cookies": [SID], "origins": [stored(200_000)]}, None, "is not known", id="an unknown platform"
        ),
    ],
)
def test_what_cannot_fit_is_refused_with_its_reason(state: Any, platform: Any, cause: str) -> None:
    with pytest.raises(SessionTooLargeError, match="too large for a repository secret") as caught:
        session_token.export(state, KEYS, platform=platform, now=NOW)
    assert cause in caught.value.cause
    assert "s3cret" not in " ".join(caught.value.lines())


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        pytest.param(lambda line: line[:-40], SessionDamagedError, id="its end is lacking"),
        pytest.param(lambda line: line.removeprefix(PREFIX), SessionDamagedError, id="its head is lacking"),
        pytest.param(
            lambda line: line[:-8] + "!!" + line[-6:], SessionDamagedError, id="a strange character"
        ),
        pytest.param(lambda line: line[:-8] + "é" + line[-7:], SessionDamagedError, id="not even ASCII"),
        pytest.param(lambda line: line[:-8] + "\udce9" + line[-7:], SessionDamagedError, id="not even UTF-8"),
        pytest.param(lambda _: PREFIX, SessionDamagedError, id="nothing after its head"),
        pytest.param(lambda _: '{"cookies": []}', SessionDamagedError, id="another form"),
    ],
)
def test_a_damaged_line_is_reported_as_one(spoil: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        session_token.import_(
            spoil(session_token.export(STATE, KEYS, platform=MEDIUM, now=NOW).line), KEYS, what="it"
        )


def test_a_line_of_another_key_is_reported_as_one() -> None:
    line = session_token.export(STATE, KEYS, platform=MEDIUM, now=NOW).line
    with pytest.raises(SessionKeyWrongError, match="another key"):
        session_token.import_(line, keys_with(encryption.new_identity()), what="it")


def test_a_run_takes_the_line_from_the_environment_before_a_saved_session(tmp_path: Path) -> None:
    line = session_token.export(STATE, KEYS, platform=MEDIUM, now=NOW).line
    environ = {"SELFCHECK_KEY": KEY, "SELFCHECK_SESSION_JANE_DOE": line}
    store = SessionStore(tmp_path, environ=environ)
    store.save("jane-doe", {"cookies": [{**SID, "value": "another"}], "origins": []})
    assert store.load("jane-doe") == STATE
    assert (store.in_environment("jane-doe"), store.in_environment("bob")) == (True, False)
