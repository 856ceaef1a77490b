"""Stored runs judged again: every sample of every version keeps its verdicts, and changes are reported."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from selfcheck.artifacts.case_files import StoredCase, case_json, read_case
from selfcheck.artifacts.manifests import MANIFEST, PRUNED, Manifest, Pruned, list_file, read_list, sha256
from selfcheck.artifacts.pruning import removable
from selfcheck.artifacts.run_reader import StoredRun, find_run
from selfcheck.cli import cli
from selfcheck.errors import RunUnreadableError, UsageError
from selfcheck.replay.fixture_export import export
from selfcheck.replay.model import Replay
from selfcheck.replay.render_text import replay_json, replay_text
from selfcheck.replay.service import replay
from selfcheck.storage.data_folder import DataFolder

SAMPLES = Path(__file__).parents[1] / "samples" / "runs"
RUNS = sorted(SAMPLES.glob("*/*"))


@pytest.fixture(params=[pytest.param(run, id=f"a run of {run.parent.name}") for run in RUNS])
def sample(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A copy of the latest sample, to be damaged."""
    return Path(shutil.copytree(RUNS[-1], tmp_path / "runs" / RUNS[-1].name))


def told(found: Replay, name: str) -> Any:
    document = json.loads(replay_json(found))
    return next(one for one in document["profiles"] if one["name"] == name)


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


# -- every version ---------------------------------------------------------------------------------------


def test_every_released_form_has_a_sample() -> None:
    assert RUNS


def test_a_stored_sample_keeps_its_recorded_verdicts(sample: Path) -> None:
    recorded = json.loads((sample / "run.json").read_bytes())["profiles"]
    verdicts = {one["name"]: (one["verdict"], one["silent"]) for one in recorded}
    pages = {page["folder"]: page["verdict"] for one in recorded for page in one["pages"]}

    found = replay(sample)

    assert {
        one.name: (one.compared.now.verdict, one.compared.now.silent) for one in found.profiles
    } == verdicts
    assert {page.folder: page.compared.now.verdict for one in found.profiles for page in one.pages} == pages


def test_the_evidence_is_written_as_it_was_read(sample: Path) -> None:
    for path in sample.glob("*/case.json"):
        stored = read_case(path.read_bytes(), name="x")
        assert read_case(case_json(stored), name="x") == stored


def test_a_run_is_judged_alike_twice(sample: Path) -> None:
    assert replay_json(replay(sample)) == replay_json(replay(sample))


def test_evidence_of_the_first_form_is_read(run: Path) -> None:
    """The first runs kept neither the home, nor the visible text, nor a schema in a look."""
    for path in run.rglob("*.look.json"):
        edit(path, lambda look: [look.pop(name, None) for name in ("schema", "text", "json_responses")])
    for path in run.glob("*/case.json"):
        edit(path, lambda case: case.pop("home"))
    assert not replay(run).changed


def test_fields_of_a_later_version_are_ignored(run: Path) -> None:
    for path in [*run.rglob("*.look.json"), *run.glob("*/case.json"), run / "run.json"]:
        edit(path, lambda document: document.update(later=[1, {"a": None}]))
    assert not replay(run).changed


# -- what changed ----------------------------------------------------------------------------------------


def test_a_page_that_is_read_differently_changes_the_verdict_and_says_why(run: Path) -> None:
    """As if the marks of today did not know the page's words: the stored page says something else now."""
    page = run / "silently-suspended" / "profile" / "anonymous"
    page.with_suffix(".html").write_text("<title>Something else</title><p>Quite another page.</p>")
    edit(
        page.with_suffix(".look.json"),
        lambda look: look.update(text="Quite another page.", title="", status=200),
    )

    found = replay(run)

    profile = told(found, "silently-suspended")
    assert (found.changed, profile["changed"], profile["then"]["verdict"]) == (True, True, "suspended")
    assert profile["pages"][0]["now"]["verdict"] == "inconclusive"
    assert [one["rule"] for one in profile["pages"][0]["rules_came"]] == ["page.unrecognised"]
    assert [one["rule"] for one in profile["pages"][0]["rules_went"]] == ["profile.says-suspended"]
    assert "does not hold any more" in profile["pages"][0]["rules_went"][0]["why"]
    assert ("outcome", "suspended", "unrecognised") in {
        (one["what"], one["then"], one["now"]) for one in profile["looks"]
    }
    assert not told(found, "healthy")["changed"]
    text = replay_text(found)
    assert "suspended (silent, confirmed) by profile.says-suspended -> inconclusive (likely)" in text
    assert "1 of 12 profiles changed." in text


def test_a_control_that_is_read_differently_is_reported_with_every_profile(run: Path) -> None:
    control = next(run.glob("controls/*/live-*"))
    (control / "anonymous.html").write_text("<p>Nothing that is known.</p>")
    edit(control / "anonymous.look.json", lambda look: look.update(text="Nothing that is known.", title=""))
    found = replay(run)
    assert told(found, "hidden")["pages"][0]["now"]["rules"][0].startswith("controls.")


def test_a_rule_that_no_longer_exists_is_reported_as_such(run: Path) -> None:
    def older(document: dict[str, Any]) -> None:
        page = document["profiles"][0]["pages"][0]
        page["rules"].append("page.no-such-rule")

    edit(run / "run.json", older)
    went = told(replay(run), "healthy")["pages"][0]["rules_went"]
    assert went == [{"rule": "page.no-such-rule", "why": "There is no such rule any more."}]


def test_more_looks_that_would_be_wanted_today_are_said(run: Path) -> None:
    path = run / "hidden" / "case.json"
    stored = read_case(path.read_bytes(), name="x")
    first = replace(
        stored.case,
        rounds_left=1,
        pages=tuple(
            replace(one, looks={who: seen[:1] for who, seen in one.looks.items()})
            for one in stored.case.pages
        ),
    )
    path.write_bytes(case_json(StoredCase(case=first, home=stored.home)))
    notes = told(replay(run), "hidden")["notes"]
    assert [note for note in notes if "looked again" in note]


def test_a_platform_that_is_not_known_keeps_what_was_read(run: Path) -> None:
    for path in run.glob("*/case.json"):
        edit(path, lambda case: case.update(platform="myblog"))
    found = replay(run)
    assert not found.changed
    assert "--platform FILE" in told(found, "healthy")["notes"][0]


# -- what is damaged or missing --------------------------------------------------------------------------


def _drop(relative: str) -> Callable[[Path], None]:
    return lambda run: (run / relative).unlink()


def _write(relative: str, text: str) -> Callable[[Path], None]:
    def write(run: Path) -> None:
        (run / relative).write_text(text, encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(_drop("run.json"), ("run.json", "missing"), id="a result that is missing is named"),
        pytest.param(_write("run.json", "{"), ("run.json", "damaged"), id="a cut result is named"),
        pytest.param(
            _write("run.json", '{"schema": "selfcheck.run/9"}'),
            ("selfcheck.run/9", "this version reads selfcheck.run/1"),
            id="a result of a later form is said to be one",
        ),
        pytest.param(_drop("healthy/case.json"), ("case.json", "missing"), id="missing evidence is named"),
        pytest.param(
            _write("healthy/case.json", "[]"), ("case.json", "not a JSON object"), id="a list is no evidence"
        ),
        pytest.param(
            _write("healthy/case.json", '{"schema": "selfcheck.case/1", "name": 1}'),
            ("case.json", "damaged at"),
            id="evidence with a wrong field names the field",
        ),
        pytest.param(
            _write("healthy/case.json", '{"schema": "selfcheck.case/2"}'),
            ("selfcheck.case/2", "this version reads selfcheck.case/1"),
            id="evidence of a later form is said to be that",
        ),
        pytest.param(
            _write("healthy/case.json", '{"schema": "somebody.else"}'),
            ("'somebody.else'", "expected selfcheck.case/1"),
            id="another program's file is said to be that",
        ),
    ],
)
def test_a_damaged_run_is_an_error_that_names_the_file(
    run: Path, damage: Callable[[Path], None], words: tuple[str, ...]
) -> None:
    damage(run)
    with pytest.raises(RunUnreadableError) as caught:
        replay(run)
    assert all(word in " ".join(caught.value.lines()) for word in words), caught.value.lines()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(_drop("healthy/profile/anonymous.html"), "anonymous.html is missing", id="a lost page"),
        pytest.param(
            _write("healthy/profile/anonymous.look.json", "}"),
            "anonymous.look.json is damaged",
            id="a cut look",
        ),
        pytest.param(
            _write("healthy/profile/anonymous.look.json", '{"schema": "selfcheck.look/2"}'),
            "selfcheck.look/2",
            id="a look of a later form",
        ),
    ],
)
def test_a_page_load_that_cannot_be_read_is_named_and_the_run_s_own_reading_is_used(
    run: Path, damage: Callable[[Path], None], named: str
) -> None:
    damage(run)
    found = replay(run)
    assert not found.changed
    assert [
        note
        for note in told(found, "healthy")["notes"]
        if named in note and "What the run itself read" in note
    ]
    assert told(found, "hidden")["notes"] == []


def test_of_a_pruned_run_the_verdicts_stand_and_what_is_gone_is_said(run: Path, tmp_path: Path) -> None:
    manifest = (run / MANIFEST).read_bytes()
    paths = [entry.path for entry in read_list(Manifest, manifest, name=MANIFEST).files]
    record = Pruned(
        run_id=run.name,
        manifest=sha256(manifest),
        at="2026-12-24T08:00:00Z",
        rule="good runs: everything for 30 days",
        removed=removable(StoredRun(run).result, paths),
    )
    (run / PRUNED).write_bytes(list_file(record))
    for path in record.removed:
        (run / path).unlink(missing_ok=True)  # a sample has no pictures

    pruned = replay(run)

    assert not pruned.changed
    assert "were removed on 2026-12-24 by rule (good runs: everything for 30 days)" in pruned.notes[0]
    assert f"Note: {pruned.notes[0]}\n" in replay_text(pruned)
    for page, cause in (("profile", "were removed on 2026-12-24 by rule"), ("nothing", "There are: none.")):
        with pytest.raises(UsageError, match="no logged-out page load") as refused:
            export(run, tmp_path / page, profile="healthy", page=page, platform_file=None)
        assert cause in refused.value.cause


def test_nothing_outside_the_folder_is_read(run: Path) -> None:
    outside = run.parent / "elsewhere"
    shutil.copytree(run / "healthy", outside)

    def leads_out(document: dict[str, Any]) -> None:
        for page in document["profiles"][0]["pages"]:
            page["folder"] = "../elsewhere/profile"

    shutil.rmtree(run / "healthy")
    edit(run / "run.json", leads_out)
    with pytest.raises(RunUnreadableError, match=r"case\.json is missing"):
        replay(run)


# -- the command -----------------------------------------------------------------------------------------


def invoke(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["replay", *arguments], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.return_value, done.output


def test_the_exit_code_says_whether_anything_changed(run: Path) -> None:
    data = ("--data", str(run.parent.parent))
    assert invoke(run.name, *data)[0] == 0
    (run / "hidden" / "profile" / "anonymous.look.json").write_bytes(
        (run / "hidden" / "profile" / "anonymous.look.json")
        .read_bytes()
        .replace(b'"status": 404', b'"status": 503')
    )
    assert invoke(run.name, "--rules", "current", *data)[0] == 1


def test_a_run_is_named_by_its_id_a_unique_prefix_or_its_folder(run: Path) -> None:
    data = run.parent.parent
    assert {find_run(name, DataFolder(data)) for name in (run.name, run.name[:8], str(run))} == {run}
    assert StoredRun(run).result.run_id == run.name


def _runs(data: Path) -> Iterator[Path]:
    for name in ("20260101T000000Z-aaaaaa", "20260101T000000Z-bbbbbb"):
        (data / "runs" / name).mkdir(parents=True)
        yield data / "runs" / name


def test_a_run_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    first, second = _runs(tmp_path)
    with pytest.raises(RunUnreadableError) as caught:
        find_run("2027", DataFolder(tmp_path))
    assert first.name in caught.value.cause
    with pytest.raises(RunUnreadableError, match="any of 2 runs"):
        find_run("2026", DataFolder(tmp_path))
    assert find_run(second.name, DataFolder(tmp_path)) == second


def test_json_is_a_document_with_a_schema(sample: Path) -> None:
    code, output = invoke(str(sample), "--format", "json")
    document = json.loads(output[output.index("{") :])  # after a warning: one sample was cut
    assert (code, document["schema"], document["changed"]) == (0, "selfcheck.replay/1", False)
