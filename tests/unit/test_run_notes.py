"""The notes of a run on a profile that is looked at as a stranger only."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from selfcheck.app.run import subjects_of
from selfcheck.app.world import World
from selfcheck.capture.sessions import SessionStore
from selfcheck.model.request import ProfileRequest, Request, RunOptions

ONE_VIEW = "only the strangers' view was looked at"
JANE = ProfileRequest(name="jane", platform="medium", handle="jane", session="j")


def note_of(folder: Path, profile: ProfileRequest = JANE) -> str:
    store = SessionStore(folder)
    world = World(now=lambda: datetime.now(UTC), sleep=asyncio.sleep, random=Random(1), sessions=store)
    options = RunOptions(data_dir=folder / "data")
    request = Request(profiles=(profile,), options=options, source=folder / "me.yaml")
    with subjects_of(request, world) as (subject,):
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
            f"The saved session could not be used (j.json is no JSON), so {ONE_VIEW}. To sign in again: "
            "selfcheck login jane --profiles me.yaml",
            id="a broken session has its next step too",
        ),
    ],
)
def test_a_run_says_why_it_saw_one_view_only(tmp_path: Path, content: str | None, note: str) -> None:
    if content is not None:
        (tmp_path / "j.json").write_text(content, encoding="utf-8")
    assert note_of(tmp_path).replace(f"{tmp_path}/", "") == note


def test_a_platform_without_a_sign_in_is_seen_by_strangers_only(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "selfcheck" / "platforms" / "data" / "demo.yaml"
    text = shipped.read_text(encoding="utf-8").replace("built_in_demo: true\n", "")
    start = text.index("\nsign_in:")
    own = tmp_path / "own.yaml"
    own.write_text(text[:start] + text[text.index("\ncontrols:") :], encoding="utf-8")
    note = note_of(tmp_path, replace(JANE, platform=str(own)))
    assert note == f"The platform file of Inkwell knows no sign-in, so {ONE_VIEW}."
