"""The author's view judged again: by its kept pages where the user wanted that, else as the run read it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfcheck.artifacts.case_files import author_pages_json, capture_of, read_author_pages, read_look
from selfcheck.cli import cli
from selfcheck.core.capture import Capture
from selfcheck.replay.model import Replay
from selfcheck.replay.service import NOT_KEPT, replay
from selfcheck.sessions import encryption
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.sessions.store import SessionStore

RUN = max((Path(__file__).parents[1] / "samples" / "runs").glob("*/*"))
DEMO = Path(__file__).parents[2] / "selfcheck" / "platforms" / "data" / "demo.yaml"
PAGE = """<title>Elena Marsh — Inkwell</title><div data-testid=me-menu></div><h1>Elena Marsh</h1>
<p data-testid=welcome>Welcome back, only Elena sees this.</p>"""


def store(folder: Path, key: str) -> SessionStore:
    return SessionStore(folder / "sessions", environ={"SELFCHECK_KEY": key})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RUN, tmp_path / "data" / "runs" / RUN.name))


@pytest.fixture
def own_page() -> Capture:
    """The author's look at her profile as the run had it, and a page for it."""
    look = (RUN / "healthy" / "profile" / "author.look.json").read_bytes()
    return capture_of(read_look(look, name="a look"), PAGE, folder="")


@pytest.fixture
def kept(tmp_path: Path, own_page: Capture) -> Callable[[str], AuthorPages]:
    """Keep that page with one key; return what is kept, to be read with another."""
    key = encryption.new_identity()
    AuthorPages(store(tmp_path, key)).keep(RUN.name, "healthy", author_pages_json([own_page]))
    return lambda other: AuthorPages(store(tmp_path, other or key))


@pytest.fixture
def changed_file(tmp_path: Path) -> Path:
    """The platform file with another mark of a page that was shown, which only the author's page has."""
    text = DEMO.read_text("utf-8")
    path = tmp_path / "demo.yaml"
    path.write_text(text.replace("[data-testid=me-menu]", "[data-testid=no-menu-that-is-there]"), "utf-8")
    return path


def changes(replayed: Replay) -> dict[tuple[str, str], tuple[str, str]]:
    (healthy,) = (profile for profile in replayed.profiles if profile.name == "healthy")
    return {(look.viewpoint, look.what): (look.then, look.now) for look in healthy.looks}


def test_pages_are_read_as_they_were_kept(own_page: Capture) -> None:
    assert read_author_pages(author_pages_json([own_page]), name="x") == (own_page,)


def test_a_changed_mark_is_read_on_the_author_s_kept_page(
    run: Path, kept: Callable[[str], AuthorPages], changed_file: Path
) -> None:
    replayed = replay(run, platform_file=changed_file, author_pages=kept(""))
    assert changes(replayed)["author", "signed_in"] == ("True", "none")
    assert replayed.notes == (NOT_KEPT,)  # of the others' pages none was kept


def test_without_kept_pages_the_author_s_view_stands_and_that_is_said(run: Path, changed_file: Path) -> None:
    replayed = replay(run, platform_file=changed_file)
    assert not [change for change in changes(replayed) if change[0] == "author"]
    assert replayed.notes == (NOT_KEPT,)


def test_a_lost_key_is_said_plainly_and_the_rest_is_judged_as_without(
    run: Path, kept: Callable[[str], AuthorPages], changed_file: Path
) -> None:
    replayed = replay(run, platform_file=changed_file, author_pages=kept(encryption.new_identity()))
    (note,) = replayed.notes
    assert note.startswith(
        "What is kept of your own pages is encrypted with another key than the one in SELF"
    )
    assert note.endswith(". Your own view is judged as the run read it.")
    assert replayed.profiles == replay(run, platform_file=changed_file).profiles


def test_the_command_says_what_it_could_not_read_again(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "none"))
    said = CliRunner().invoke(cli, ["replay", str(run)]).output
    assert f"\nNote: {NOT_KEPT}\n" in said
    document = json.loads(CliRunner().invoke(cli, ["replay", str(run), "--format", "json"]).output)
    assert document["notes"] == [NOT_KEPT]
