"""Side-by-side pictures that are made after the run, from its stored screenshots."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from kept_runs import FIRST, keep_run, screenshot
from sample_runs import NOW, healthy, run

from selfcheck.alerts.dispatch import DispatchContext, side_by_side
from selfcheck.artifacts.pruning import checked_run, remove
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.artifacts.run_reader import StoredRun
from selfcheck.cli import cli
from selfcheck.core.enums import ANONYMOUS, Language, Verdict
from selfcheck.core.run_document import PageRecord
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence.stored_pictures import PICTURES_FILE, stored_picture, written_picture
from selfcheck.runs.run import kept
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of a healthy profile, as `selfcheck run` keeps it."""
    return keep_run(tmp_path, run(healthy(), run_id=FIRST))


def first_page(folder: Path) -> PageRecord:
    return StoredRun(folder).result.profiles[0].pages[0]


def test_a_healthy_run_makes_no_picture_and_keeps_what_one_is_made_of(folder: Path) -> None:
    assert first_page(folder).side_by_side is None
    assert not list(folder.rglob("side-by-side.png"))
    assert len(list(folder.glob(f"*/{PICTURES_FILE}"))) == 1
    assert ";base64," not in (folder / "report.html").read_text("utf-8")
    path = first_page(folder).views[ANONYMOUS].screenshot
    assert f'src="./{path}"' in (folder / "report.html").read_text("utf-8")


@pytest.mark.parametrize("note", ["", "The page was cut at 6,000 px."])
def test_a_picture_that_is_made_later_is_the_same_byte_for_byte(tmp_path: Path, note: str) -> None:
    recorder = RunRecorder(RunFolder.create(DataFolder(tmp_path), "now"))
    verdict = healthy()
    page = verdict.pages[0]
    for who, look in page.views.items():
        recorder.write(str(look.screenshot), screenshot(who, size=(1200, 900)), how="screenshot", at=NOW)
        recorder._notes[str(look.screenshot)] = note  # as `keep` does for a page that was cut
    made = asyncio.run(recorder.side_by_side(page, NOW))
    now = (recorder.folder.path / str(made.side_by_side)).read_bytes()
    later = asyncio.run(recorder.keep_pictures(replace(verdict, pages=(page,)), NOW))
    kept(run(replace(later, pages=(replace(later.pages[0], side_by_side=None),))), recorder, NOW)
    assert stored_picture(recorder.folder.path, first_page(recorder.folder.path)) == now


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.VISIBLE])
def test_every_page_of_a_profile_that_is_not_visible_has_its_picture(
    verdict: Verdict, tmp_path: Path
) -> None:
    folder = keep_run(tmp_path, run(replace(healthy(), verdict=verdict), run_id=FIRST))
    for page in StoredRun(folder).result.profiles[0].pages:
        assert stored_picture(folder, page) == (folder / str(page.side_by_side)).read_bytes()


@pytest.mark.parametrize("name", [PICTURES_FILE, "profile/author.png"])
@pytest.mark.parametrize("harm", ["changed", "lost"])
def test_no_picture_is_made_of_what_was_changed_or_lost(folder: Path, name: str, harm: str) -> None:
    page = first_page(folder)
    path = folder / page.folder.split("/")[0] / name
    path.write_bytes(path.read_bytes() + b" ") if harm == "changed" else path.unlink()
    with pytest.raises(RunUnreadableError, match="changed after" if harm == "changed" else "cannot be read"):
        stored_picture(folder, page)
    assert written_picture(DataFolder(folder.parent.parent), FIRST, page, Language.ENGLISH) is None


@pytest.mark.parametrize("lost", [False, True], ids=["whole", "a screenshot is lost"])
def test_a_german_alert_has_a_german_picture_or_the_runs_own(tmp_path: Path, lost: bool) -> None:
    folder = keep_run(tmp_path, run(replace(healthy(), verdict=Verdict.HIDDEN), run_id=FIRST))
    page = first_page(folder)
    if lost:
        (folder / str(page.views[ANONYMOUS].screenshot)).unlink()
    before = {path: path.read_bytes() for path in folder.rglob("*.png")}
    context = DispatchContext(
        data=DataFolder(tmp_path), preferences=Preferences(), now=NOW, make_picture=written_picture
    )
    english, german = (side_by_side(context, FIRST, healthy().name, language) for language in Language)
    assert english == folder / str(page.side_by_side)
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == before, "the run is sealed"
    if lost:
        assert german == english
    else:
        assert german is not None
        assert german.name == "side-by-side.de.png"
        assert not german.is_relative_to(folder)
        assert german.read_bytes() != english.read_bytes()


def test_a_picture_of_a_pruned_run_is_refused_with_the_rule_that_removed_it(folder: Path) -> None:
    page = first_page(folder)
    remove(checked_run(folder), {}, at="2026-03-06T08:00:00Z", rule="good runs: everything for 30 days")
    with pytest.raises(RunUnreadableError, match=r"removed on 2026-03-06 by rule \(good runs: everything"):
        stored_picture(folder, page)


@pytest.mark.parametrize("path", ["../secret.png", "/etc/passwd", "manifest.json"])
def test_nothing_but_a_listed_file_of_the_run_is_read(folder: Path, path: str) -> None:
    page = first_page(folder).model_copy(update={"side_by_side": path})
    with pytest.raises(RunUnreadableError, match="not one of the run's files"):
        stored_picture(folder, page)


class TestCommand:
    def typed(self, tmp_path: Path, *words: str) -> tuple[int, list[str], str]:
        done = CliRunner().invoke(cli, ["picture", *words, "--data", str(tmp_path)], standalone_mode=False)
        if done.exception:
            raise done.exception
        return done.return_value, done.stdout.splitlines(), done.stderr

    def test_it_writes_beside_the_runs_and_the_run_stays_as_it_was_sealed(
        self, folder: Path, tmp_path: Path
    ) -> None:
        code, paths, _ = self.typed(tmp_path, FIRST)
        pages = StoredRun(folder).result.profiles[0].pages
        assert (code, len(paths)) == (0, len(pages))
        assert paths[0] == str(tmp_path / "pictures" / FIRST / pages[0].folder / "side-by-side.png")
        assert Path(paths[0]).read_bytes() == stored_picture(folder, pages[0])
        assert CliRunner().invoke(cli, ["verify", str(folder)]).exit_code == 0

    def test_one_page_goes_where_the_user_says(self, folder: Path, tmp_path: Path) -> None:
        page = first_page(folder).folder
        code, paths, _ = self.typed(tmp_path, FIRST, "--page", page, "--out", str(tmp_path / "out"))
        assert (code, paths) == (0, [str(tmp_path / "out" / page / "side-by-side.png")])

    def test_a_screenshot_that_is_lost_is_reported_and_the_others_are_made(
        self, folder: Path, tmp_path: Path
    ) -> None:
        shutil.rmtree(folder / first_page(folder).folder)
        code, paths, errors = self.typed(tmp_path, FIRST)
        assert (code, len(paths)) == (1, len(StoredRun(folder).result.profiles[0].pages) - 1)
        assert "cannot be read" in errors

    def test_a_page_that_does_not_exist_is_named_with_those_that_do(
        self, folder: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(Exception, match="no page jane/nothing") as error:
            self.typed(tmp_path, FIRST, "--page", "jane/nothing")
        assert first_page(folder).folder in " ".join(error.value.lines())  # type: ignore[attr-defined]
