"""The notes of a run on a profile that is checked logged out only."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.runs.environment import RunEnvironment
from selfcheck.runs.subjects import CheckSubject, subjects_of
from selfcheck.sessions import encryption as sealing
from selfcheck.sessions import session_token
from selfcheck.sessions.keys import SessionKeys
from selfcheck.sessions.store import SessionStore

ONE_VIEW = "only the public view was checked"
JANE = ProfileRequest(name="jane", platform="medium", handle="jane", session="j")


LASTING: dict[str, Any] = {
    "cookies": [{"name": "sid", "value": "s3cret", "domain": ".medium.com", "path": "/", "expires": -1}],
    "origins": [],
}


def subject_of(folder: Path, profile: ProfileRequest) -> CheckSubject:
    store = SessionStore(folder)
    environment = RunEnvironment(
        now=lambda: datetime.now(UTC), sleep=asyncio.sleep, random=Random(1), sessions=store
    )
    options = RunOptions(data_dir=folder / "data")
    request = Request(profiles=(profile,), options=options, source=folder / "me.yaml")
    with subjects_of(request, environment) as (subject,):
        return subject


def note_of(folder: Path, profile: ProfileRequest = JANE) -> str:
    subject = subject_of(folder, profile)
    assert subject.session is None
    (note,) = subject.notes
    return note.replace(str(folder / "me.yaml"), "me.yaml")


@pytest.mark.parametrize(
    ("content", "note"),
    [
        pytest.param(
            None,
            f"No saved session, so {ONE_VIEW}. To compare it with yours: "
            "selfcheck login jane --profiles me.yaml",
            id="without a session the note says how to get one",
        ),
        pytest.param(
            "{",
            f"The saved session could not be used (j.json is not JSON), so {ONE_VIEW}. To sign in again: "
            "selfcheck login jane --profiles me.yaml",
            id="a broken session has its next step too",
        ),
    ],
)
def test_a_run_says_why_it_saw_one_view_only(tmp_path: Path, content: str | None, note: str) -> None:
    if content is not None:
        (tmp_path / "j.json").write_text(content, encoding="utf-8")
    assert note_of(tmp_path).replace(f"{tmp_path}/", "") == note


def test_a_session_whose_key_is_lost_is_reported_with_its_remedy(tmp_path: Path) -> None:
    SessionStore(tmp_path / "sessions", environ={}).save("j", LASTING)
    (tmp_path / "session.key").unlink()
    note = note_of(tmp_path / "sessions")
    assert note.startswith(
        "The saved session could not be used (The session “j” is encrypted, and there is no key"
    )
    assert f"so {ONE_VIEW}." in note
    assert "session key --to-file" in note


def test_a_session_that_will_end_soon_is_used_and_that_is_foreseen(tmp_path: Path) -> None:
    end = datetime.now(UTC) + timedelta(days=3)
    SessionStore(tmp_path, environ={}).save(
        "j", {"cookies": [{**LASTING["cookies"][0], "expires": end.timestamp()}], "origins": []}
    )
    subject = subject_of(tmp_path, JANE)
    assert subject.session is not None
    assert subject.notes == (
        (
            f"The session is expected to end in 3 days, on {end:%Y-%m-%d}. To sign in again before: "
            f"selfcheck login jane --profiles {tmp_path / 'me.yaml'}"
        ),
    )


def test_a_session_given_in_the_environment_is_used_and_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"SELFCHECK_KEY": sealing.new_identity()}
    keys = SessionKeys(environ, file=tmp_path / "key")
    line = session_token.export(LASTING, keys, platform=None, now=datetime.now(UTC)).line
    for name, value in {**environ, "SELFCHECK_SESSION_J": line}.items():
        monkeypatch.setenv(name, value)
    subject = subject_of(tmp_path, JANE)
    assert (subject.session, subject.saved, subject.notes) == (LASTING, False, ())


def test_a_platform_without_a_sign_in_is_opened_logged_out_only(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "selfcheck" / "platforms" / "data" / "demo.yaml"
    text = shipped.read_text(encoding="utf-8").replace("built_in_demo: true\n", "")
    start = text.index("\nsign_in:")
    own = tmp_path / "own.yaml"
    own.write_text(text[:start] + text[text.index("\ncontrols:") :], encoding="utf-8")
    note = note_of(tmp_path, replace(JANE, platform=str(own)))
    assert note == f"The platform file of Inkwell knows no sign-in, so {ONE_VIEW}."
