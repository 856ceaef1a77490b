"""Old good runs lose their pictures and pages; what they found, their hashes and every incident stay."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from kept_runs import renamed, screenshot
from sample_runs import healthy, run, suspended

from selfcheck.artifacts import pruning as pruning_module
from selfcheck.artifacts.manifests import PRUNED
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.artifacts.run_reader import StoredRun
from selfcheck.artifacts.verification import ProblemKind
from selfcheck.cli import cli, watch
from selfcheck.cli.prune import prune_json, prune_text
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.enums import Verdict
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.errors import ConfigurationError
from selfcheck.evidence.incident_screenshots import IncidentScreenshots
from selfcheck.evidence.package import write_evidence
from selfcheck.evidence.prune import Pruning, prune, prune_after_run
from selfcheck.evidence.verify_command import verify
from selfcheck.history.service import open_history
from selfcheck.runs.service import record
from selfcheck.settings import read_configuration
from selfcheck.settings.preferences import KeepSettings
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)  # a Monday
LATER = START + timedelta(days=60)


def jane(*, good: bool = True) -> ProfileVerdict:
    return renamed(healthy() if good else suspended(), "jane")


PICTURE = screenshot("a page")


def keep(data: DataFolder, day: float, *profiles: ProfileVerdict, picture: bytes = PICTURE) -> str:
    """Keep and record a run of that day, with no more files than matter here; return its id."""
    at = START + timedelta(days=day)
    run_id = f"{at:%Y%m%dT%H%M%SZ}-aaaaaa"
    profiles = profiles or (jane(),)
    result = run(*profiles, run_id=run_id, started_at=at, finished_at=at + timedelta(seconds=9))
    folder = RunFolder.create(data, run_id)
    for profile in profiles:
        for who in ("anonymous", "author"):
            folder.write(f"{profile.name}/profile/{who}.png", picture, how="", at=at)
        folder.write(f"{profile.name}/profile/anonymous.html", b"<p>", how="", at=at)
        folder.write(f"{profile.name}/case.json", b"{}", how="", at=at)
    folder.write("controls/live/anonymous.html", b"<p>", how="", at=at)
    folder.write("report.html", b"<p>", how="", at=at)
    document = RunDocument.of(result)
    folder.finish(result.tool, result=document.to_json().encode(), at=at)
    record(data, document)
    return run_id


def pruned(
    data: DataFolder, keep: KeepSettings | None = None, now: datetime = LATER, **more: object
) -> Pruning:
    return prune(data, keep or KeepSettings(), now=now, **more)  # type: ignore[arg-type]


def files(data: DataFolder, run_id: str) -> set[str]:
    folder = data.run(run_id)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def test_old_good_runs_keep_text_hashes_and_a_small_picture_a_week(data: DataFolder) -> None:
    first, second, recent = keep(data, 0), keep(data, 1), keep(data, 59)
    before, document = files(data, recent), data.result(first).read_bytes()

    found = pruned(data)

    assert [one.run_id for one in found.runs] == [first, second]
    text = {"run.json", "manifest.json", "seal.json", "pruned.json", "jane/case.json"}
    assert files(data, first) == text | {"jane/small.jpg"}
    assert files(data, second) == text
    assert files(data, recent) == before
    assert data.result(first).read_bytes() == document
    checks = verify(recent, data, every_run=True)
    assert [check.sound for check in checks] == [True, True, True]
    assert {check.runs[0]: bool(check.pruned) for check in checks} == {
        recent: False,
        second: True,
        first: True,
    }
    assert "removed on 2026-03-06 by rule (good runs: everything for 30 days)" in checks[1].notes[0]
    assert pruned(data).runs == ()


def test_a_dry_run_changes_nothing_and_says_what_would_go(data: DataFolder) -> None:
    first, _ = keep(data, 0), keep(data, 59)
    before = files(data, first)
    found = pruned(data, dry=True)
    assert files(data, first) == before
    assert prune_text(found).startswith(
        "Rule: good runs: everything for 30 days.\nWould remove 7 files of 1 good run"
    )
    assert json.loads(prune_json(found))["runs"][0]["run_id"] == first


def test_nothing_of_an_incident_goes_nor_the_latest_good_run(
    data: DataFolder,
) -> None:
    goes = keep(data, 0)
    whole = [keep(data, 1), *(keep(data, day, jane(good=False)) for day in (2, 3)), keep(data, 4)]
    goes_too, latest = keep(data, 5), keep(data, 6)
    before = {run_id: files(data, run_id) for run_id in (*whole, latest)}
    found = pruned(data, now=START + timedelta(days=900))
    assert [one.run_id for one in found.runs] == [goes, goes_too]
    assert {run_id: files(data, run_id) for run_id in before} == before
    assert found.of_incidents == 4


def test_a_profile_without_an_incident_is_pruned_beside_one_that_has_one(data: DataFolder) -> None:
    both = keep(data, 0, jane(good=False), renamed(healthy(), "otto"))
    keep(data, 1, jane(), renamed(healthy(), "otto"))
    janes = {path for path in files(data, both) if path.startswith("jane/")}
    pruned(data)
    assert {path for path in files(data, both) if path.startswith("jane/")} == janes
    assert "otto/profile/author.png" not in files(data, both)
    assert "report.html" in files(data, both)  # it shows both
    assert verify(both, data)[0].sound


@pytest.mark.parametrize(
    ("keep_settings", "expected"),
    [
        pytest.param(KeepSettings(good_runs=None), 0, id="everything is kept"),
        pytest.param(KeepSettings(good_runs=timedelta(days=59, hours=12)), 1, id="as long as it says"),
    ],
)
def test_the_settings_say_how_long(data: DataFolder, keep_settings: KeepSettings, expected: int) -> None:
    for day in (0, 1, 59):
        keep(data, day)
    assert len(pruned(data, keep_settings).runs) == expected


def test_killed_at_any_step_the_run_verifies_and_the_next_pruning_goes_on(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = keep(data, 0), keep(data, 59)
    write, unlink = pruning_module.write_whole, Path.unlink
    steps = left = 0

    def step() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt

    def written(path: Path, content: bytes) -> None:
        step()
        write(path, content)

    def unlinked(path: Path, missing_ok: bool = False) -> None:  # noqa: FBT002 - as Path has it
        step()
        unlink(path, missing_ok=missing_ok)

    for steps in range(20):
        left = steps if steps == 0 else 1  # one step further each time
        monkeypatch.setattr(pruning_module, "write_whole", written)
        monkeypatch.setattr(Path, "unlink", unlinked)
        try:
            pruned(data)
        except KeyboardInterrupt:
            pass
        else:
            break
        finally:
            monkeypatch.undo()
        assert verify(first, data)[0].sound, steps
    monkeypatch.undo()
    pruned(data)
    assert "jane/small.jpg" in files(data, first)
    assert not any(path.endswith(".png") for path in files(data, first))
    assert not data.pruning.exists()
    assert verify(first, data)[0].problems == ()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param("jane/profile/anonymous.png", ProblemKind.MISSING, id="a file that vanished"),
        pytest.param("run.json", ProblemKind.MISSING, id="the result"),
    ],
)
def test_a_file_that_vanished_without_a_record_is_missing_and_stops_the_pruning_of_its_run(
    data: DataFolder, name: str, kind: ProblemKind
) -> None:
    first, _ = keep(data, 0), keep(data, 59)
    (data.run(first) / name).unlink()
    before = files(data, first)
    found = pruned(data)
    assert files(data, first) == before
    assert f"The run {first} is not as it was written" in found.troubles[0]
    assert [(one.kind, one.path) for one in verify(first, data)[0].problems] == [(kind, name)]


def test_a_changed_run_is_left_alone(data: DataFolder) -> None:
    first, _ = keep(data, 0), keep(data, 59)
    (data.run(first) / "jane/profile/anonymous.html").write_text("something else", "utf-8")
    said = prune_after_run(data, KeepSettings(), now=LATER, hints=USUAL_HINTS)
    assert said is not None
    assert f"selfcheck verify {first}" in said
    assert "jane/profile/author.png" in files(data, first)


def test_runs_that_lose_nothing_never_keep_the_others_from_being_pruned(data: DataFolder) -> None:
    unsure = replace(jane(good=False), verdict=Verdict.INCONCLUSIVE)  # its page is bad, so it stays
    stays, changed = keep(data, 0, unsure), keep(data, 1)
    goes, waits, _ = keep(data, 2), keep(data, 3), keep(data, 59)
    (data.run(changed) / "report.html").unlink()
    for pruned_now, waiting in ((goes, 1), (waits, 0)):
        pruning = pruned(data, most=1)
        assert ([run.run_id for run in pruning.runs], pruning.waiting) == ([pruned_now], waiting)
    assert "jane/profile/author.png" in files(data, stays)


def test_after_a_run_one_changed_run_is_described_and_the_others_are_counted(data: DataFolder) -> None:
    changed = [keep(data, day) for day in (0, 1, 2)]
    keep(data, 59)
    for run_id in changed:
        (data.run(run_id) / "report.html").unlink()
    line = prune_after_run(data, KeepSettings(), now=LATER, hints=USUAL_HINTS)
    assert line is not None
    assert [run_id in line for run_id in changed] == [True, False, False]
    assert "2 other runs" in line
    assert "selfcheck prune --dry-run" in line


def test_a_dry_run_says_what_files_with_several_names_free(data: DataFolder) -> None:
    picture = screenshot("large", size=(90, 60), noise=50)
    for day in (0, 1):
        keep(data, day, picture=picture)
    keep(data, 59)
    planned, done = (sum(run.size for run in pruned(data, dry=dry).runs) for dry in (True, False))
    assert planned == done
    assert len(picture) <= done < 2 * len(picture)


def test_a_picture_that_was_made_later_goes_with_what_it_was_made_of(data: DataFolder) -> None:
    both = keep(data, 0, jane(good=False), renamed(healthy(), "otto"))
    keep(data, 1, jane(), renamed(healthy(), "otto"))
    made = {name: data.pictures(both) / name / "profile" / "side-by-side.png" for name in ("jane", "otto")}
    for path in made.values():
        write_whole(path, PICTURE)
    assert pruned(data, dry=True).runs[0].files == pruned(data).runs[0].files
    assert made["jane"].is_file()  # of an incident
    assert not (data.pictures(both) / "otto").exists()


def test_a_run_that_is_dated_in_the_future_is_not_the_latest_good_one(data: DataFolder) -> None:
    first, latest, _ = keep(data, 0), keep(data, 1), keep(data, 4000)
    assert [run.run_id for run in pruned(data).runs] == [first]
    assert "jane/profile/author.png" in files(data, latest)


def forged(folder: Path, name: str) -> None:
    """Remove a file and write a record that says that a rule did it."""
    (folder / name).unlink()
    text = (folder / PRUNED).read_text("utf-8")
    content = json.loads(text)
    (folder / PRUNED).write_text(json.dumps({**content, "removed": [*content["removed"], name]}), "utf-8")


def test_a_record_cannot_excuse_what_no_rule_removes(data: DataFolder) -> None:
    both = keep(data, 0, jane(good=False), renamed(healthy(), "otto"))
    keep(data, 59, jane(), renamed(healthy(), "otto"))
    pruned(data)
    forged(data.run(both), "jane/profile/anonymous.png")
    (found,) = verify(both, data)
    assert (ProblemKind.MISSING, "jane/profile/anonymous.png") in [
        (one.kind, one.path) for one in found.problems
    ]
    assert "no rule removes that file" in found.problems[0].text


def test_the_record_of_another_run_counts_for_nothing(data: DataFolder) -> None:
    first, second, _ = keep(data, 0), keep(data, 1), keep(data, 59)
    pruned(data)
    (data.run(first) / PRUNED).write_bytes((data.run(second) / PRUNED).read_bytes())
    assert ProblemKind.LIST_DAMAGED in [one.kind for one in verify(first, data)[0].problems]


def test_a_small_picture_that_vanished_is_missing(data: DataFolder) -> None:
    first, _ = keep(data, 0), keep(data, 59)
    pruned(data)
    (data.run(first) / "jane/small.jpg").unlink()
    assert [one.path for one in verify(first, data)[0].problems] == ["jane/small.jpg"]


def test_what_reads_a_pruned_run_says_in_plain_words_what_is_gone(data: DataFolder) -> None:
    first = keep(data, 0)
    keep(data, 1, jane(good=False))
    with open_history(data) as history:
        (incident,) = history.incidents()
    other = replace(incident, first_bad_run=first, last_bad_run=first, last_good_run=None)
    run_folder = data.run(first)
    ready = pruning_module.checked_run(run_folder)
    pruning_module.remove(ready, {}, at="2026-03-06T08:00:00Z", rule="good runs: everything for 30 days")

    _, why = IncidentScreenshots(data, public=False).of(other)
    assert "were removed on 2026-03-06 by rule" in why
    evidence = write_evidence(data, other, data.path / "evidence.zip")
    assert any("it was removed by rule on 2026-03-06" in note for note in evidence.notes)
    assert StoredRun(run_folder).troubles == ()
    assert RunDocument.model_validate(StoredRun(run_folder).result)


PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: jane}\nsettings:\n  keep: "


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("{}", KeepSettings()),
        ("{good_runs: 52w}", KeepSettings(good_runs=timedelta(weeks=52))),
        ("{good_runs: forever, small_picture: never}", KeepSettings(good_runs=None, small_picture="never")),
    ],
)
def test_the_profiles_file_says_what_is_kept(tmp_path: Path, setting: str, expected: KeepSettings) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(PROFILES + setting, encoding="utf-8")
    assert read_configuration(path).preferences.keep == expected


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("{good_runs: 5h}", "from 1 day to 10 years, or forever"),
        ("{good_runs: always}", "from 1 day to 10 years, or forever"),
        ("{good_runs: 30}", "from 1 day to 10 years, or forever"),
        ("{small_picture: day}", "one of week, month, never"),
    ],
)
def test_a_mistake_in_it_is_told_with_what_was_expected(tmp_path: Path, setting: str, expected: str) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(PROFILES + setting, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(path)
    assert expected in " ".join(caught.value.lines())


def test_the_command_prunes_by_the_settings_and_says_what_it_left_alone(
    data: DataFolder, tmp_path: Path
) -> None:
    first, second, _ = keep(data, 0), keep(data, 1), keep(data, 2)
    (data.run(second) / "report.html").unlink()
    path = tmp_path / "profiles.yaml"
    path.write_text(PROFILES + "{good_runs: 1d}", encoding="utf-8")
    words = ["prune", "--data", str(data), "--profiles", str(path)]
    planned = CliRunner().invoke(cli, [*words, "--dry-run", "--format", "json"], standalone_mode=False)
    assert json.loads(planned.output)["dry"] is True
    done = CliRunner().invoke(cli, words, standalone_mode=False)
    assert done.return_value == 1
    assert "Removed 7 files of 1 good run" in done.output
    assert f"Left alone: The run {second} is not as it was written (report.html is missing)" in done.output
    assert (data.run(first) / PRUNED).is_file()


def test_a_watch_prunes_after_its_run_and_says_what_it_left_alone(
    data: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = keep(data, 0), keep(data, 1), keep(data, 2)
    (data.run(second) / "report.html").unlink()
    path = tmp_path / "profiles.yaml"
    path.write_text(PROFILES + "{good_runs: 1d}", encoding="utf-8")
    monkeypatch.setattr(watch, "run_in_terminal", lambda *_, **__: 3)
    words = ["watch", "--once", "--every", "12h", "--anonymous-only", "--data", str(data)]
    done = CliRunner().invoke(cli, [*words, "--profiles", str(path)], standalone_mode=False)
    assert done.return_value == 3
    assert (data.run(first) / PRUNED).is_file()
    assert f"The run {second} is not as it was written" in done.output
