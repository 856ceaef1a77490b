"""The run's document keeps the Contract, and reads what earlier versions and bad disks left."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sample_runs import NON_LATIN, everything, run, suspended, unreachable, without_author

from selfcheck.core.enums import ControlKind, FailureKind, Outcome, PageKind, Purpose, Strength, Verdict
from selfcheck.core.run import ExitCode, RunResult
from selfcheck.core.run_document import RunDocument, run_schema
from selfcheck.errors import RunUnreadableError
from selfcheck.storage.stored_json import read_run

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = resources.files("selfcheck.core").joinpath("run.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_the_schema_that_ships_is_of_this_model() -> None:
    shipped = resources.files("selfcheck.core").joinpath("run.schema.json").read_text(encoding="utf-8")
    assert shipped == run_schema(), "run: python tests/support/generate_docs.py"


def test_the_schema_is_a_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(everything(), id="a run in which everything happens"),
        pytest.param(run(exit_code=130), id="a run that was stopped at once"),
        pytest.param(run(without_author()), id="a run without an author's view"),
        pytest.param(run(unreachable(), exit_code=3), id="a run without an answer"),
    ],
)
def test_every_run_fits_the_schema(result: RunResult, schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(json.loads(RunDocument.of(result).to_json()))


@pytest.mark.parametrize(
    ("definition", "enumeration"),
    [
        ("Verdict", Verdict),
        ("Outcome", Outcome),
        ("PageKind", PageKind),
        ("Strength", Strength),
        ("FailureKind", FailureKind),
        ("ControlKind", ControlKind),
        ("Purpose", Purpose),
        ("ExitCode", ExitCode),
    ],
)
def test_the_schema_knows_every_word(definition: str, enumeration: Any, schema: dict[str, Any]) -> None:
    assert schema["$defs"][definition]["enum"] == [one.value for one in enumeration]


CONTRACT = {
    "schema": "selfcheck.run/1",
    "run_id": "20260203T040506Z-a1b2",
    "started_at": "2026-02-03T04:05:06.789Z",
    "finished_at": "2026-02-03T04:05:18.789Z",
    "exit_code": 1,
    "tool": {
        "version": "0.1.0",
        "rules_version": "2026.1",
        "browser": "Chromium 140.0",
        "platform": "Linux, Python 3.11",
    },
}
CONTRACT_PROFILE = {
    "name": "jane",
    "platform": "demo",
    "handle": "@jane",
    "verdict": "suspended",
    "silent": True,
    "strength": "confirmed",
    "summary": "The public is told that this account is suspended, while your own view looks as usual.",
    "rules": ["profile.says-suspended", "controls.pass"],
    "facts": {"followers": {"anonymous": None, "author": 1234}},
}
CONTRACT_PAGE = {
    "kind": "profile",
    "url": "https://blog.example/@jane",
    "verdict": "suspended",
    "rules": ["profile.says-suspended", "controls.pass"],
    "side_by_side": "jane/profile/side-by-side.png",
}
CONTRACT_ANONYMOUS = {
    "outcome": "suspended",
    "status": 410,
    "final_url": "https://blog.example/@jane",
    "title": "Account suspended",
    "mark": "blog.account-suspended",
    "screenshot": "jane/profile/anonymous.png",
    "taken_at": "2026-02-03T04:05:06.789Z",
}


def test_the_fields_of_the_contract_have_their_names_and_values() -> None:
    document = RunDocument.of(run(suspended())).plain()
    (profile,) = document["profiles"]
    page = profile["pages"][0]
    assert CONTRACT.items() <= document.items()
    assert CONTRACT_PROFILE.items() <= profile.items()
    assert {"kind": "live", "handle": "@someone", "outcome": "shown", "ok": True}.items() <= profile[
        "controls"
    ][0].items()
    assert CONTRACT_PAGE.items() <= page.items()
    assert CONTRACT_ANONYMOUS.items() <= page["views"]["anonymous"].items()
    assert page["views"]["author"]["signed_in"] is True


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"schema": "selfcheck.run/2"}, id="another schema"),
        pytest.param({"started_at": "2026-02-03T04:05:06+01:00"}, id="a time that is not UTC"),
        pytest.param({"exit_code": 7}, id="an exit code that does not exist"),
        pytest.param({"tool": {"version": "1"}}, id="a tool without its rules"),
        pytest.param({"profiles": [{"name": "jane"}]}, id="a profile without a verdict"),
        pytest.param({"footprint": [{"host": "blog.example"}]}, id="a footprint without its numbers"),
        pytest.param({"page_views": {"anonymous": -1}}, id="fewer page views than none"),
    ],
)
def test_what_breaks_the_contract_does_not_fit(broken: dict[str, Any], schema: dict[str, Any]) -> None:
    assert not Draft202012Validator(schema).is_valid({**RunDocument.of(everything()).plain(), **broken})


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/run.png", "a/../../b", "a\\b", ""])
def test_a_path_that_leaves_the_folder_does_not_fit(path: str, schema: dict[str, Any]) -> None:
    document = RunDocument.of(run(suspended())).plain()
    document["profiles"][0]["pages"][0]["side_by_side"] = path
    assert not Draft202012Validator(schema).is_valid(document)


def test_added_fields_and_viewpoints_fit(schema: dict[str, Any]) -> None:
    document = RunDocument.of(run(suspended())).plain()
    views = document["profiles"][0]["pages"][0]["views"]
    views["reader"] = {**views["anonymous"], "more": 1}
    Draft202012Validator(schema).validate({**document, "more": 1})


def test_an_unknown_number_is_null_even_where_the_viewpoint_was_not_asked() -> None:
    (profile,) = RunDocument.of(run(without_author())).plain()["profiles"]
    assert profile["facts"] == {"followers": {"anonymous": None, "author": None}}
    assert set(profile["pages"][0]["views"]) == {"anonymous"}


def test_other_scripts_stay_readable() -> None:
    assert NON_LATIN in RunDocument.of(everything()).to_json()


def test_a_view_says_whether_it_was_signed_in_and_by_which_mark_it_was_read(schema: dict[str, Any]) -> None:
    document = RunDocument.of(run(suspended())).plain()
    for who, field in (("anonymous", "mark"), ("author", "signed_in")):
        views = document["profiles"][0]["pages"][0]["views"]
        lacking = {name: value for name, value in views[who].items() if name != field}
        document["profiles"][0]["pages"][0]["views"] = {**views, who: lacking}
        assert not Draft202012Validator(schema).is_valid(document)
        document["profiles"][0]["pages"][0]["views"] = views


# -- reading ---------------------------------------------------------------------------------------------


def stored(*place: str | int, value: object) -> bytes:
    document = RunDocument.of(run(suspended())).plain()
    part: Any = document
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    return json.dumps(document).encode()


PAGE = ("profiles", 0, "pages", 0)


@pytest.mark.parametrize("result", [everything(), run(without_author()), run(unreachable(), exit_code=3)])
def test_what_was_written_is_read_again(result: RunResult) -> None:
    written = RunDocument.of(result)
    read = read_run(written.to_json().encode(), name="run.json")
    assert (read, read.to_json()) == (written, written.to_json())


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("run.json")), ids=lambda path: path.parts[-3])
def test_every_stored_sample_is_read_whole(path: Path) -> None:
    text = path.read_text("utf-8")
    assert read_run(text.encode(), name=path.name).to_json() == text


@pytest.mark.parametrize(
    ("place", "value", "where"),
    [
        pytest.param(("started_at",), "2026-01-01", "started_at", id="a time without a zone"),
        pytest.param(("profiles",), {"a": 1}, "profiles", id="profiles that are no list"),
        pytest.param(("profiles", 0, "verdict"), "fine", "profiles.0.verdict", id="an unknown verdict"),
        pytest.param(("profiles", 0, "name"), None, "profiles.0.name", id="a profile without a name"),
        pytest.param((*PAGE, "kind"), "blog", "profiles.0.pages.0.kind", id="an unknown kind of page"),
        pytest.param(("profiles", 0, "pages"), [None], "profiles.0.pages.0", id="a page that is none"),
    ],
)
def test_where_a_document_is_damaged_is_reported(
    place: tuple[str | int, ...], value: object, where: str
) -> None:
    with pytest.raises(RunUnreadableError, match=rf"x/run.json is damaged at {where}: "):
        read_run(stored(*place, value=value), name="x/run.json")


@pytest.mark.parametrize(
    ("place", "value", "left"),
    [
        pytest.param((*PAGE, "views"), [], {}, id="views that are a list"),
        pytest.param((*PAGE, "side_by_side"), 7, None, id="a path that is none"),
        pytest.param(("profiles", 0, "facts"), [1], {}, id="facts that are a list"),
        pytest.param(("profiles", 0, "rules"), None, (), id="rules that are missing"),
        pytest.param(("profiles", 0, "controls"), {"a": 1}, (), id="controls that are no list"),
        pytest.param(("profiles", 0, "silent"), "perhaps", None, id="whether it is silent, unknown"),
    ],
)
def test_a_damaged_part_that_no_verdict_rests_on_has_its_default(
    place: tuple[str | int, ...], value: object, left: object
) -> None:
    part: Any = read_run(stored(*place, value=value), name="x")
    for step in place:
        part = part[step] if isinstance(step, int) else getattr(part, step)
    assert part == left


@pytest.mark.parametrize("value", ["many", -1, 1.5, True, 2**63, None])
def test_a_number_that_is_not_one_is_unknown(value: object) -> None:
    document = read_run(stored("profiles", 0, "facts", "followers", "author", value=value), name="x")
    assert document.profiles[0].facts["followers"] == {"anonymous": None, "author": None}
    assert len(document.profiles[0].pages) > 0


def test_fields_and_viewpoints_of_later_versions_are_ignored() -> None:
    view = RunDocument.of(run(suspended())).plain()["profiles"][0]["pages"][0]["views"]["anonymous"]
    views = {"anonymous": {**view, "later": 1}, "reader": view}
    page = read_run(stored(*PAGE, "views", value=views), name="x").profiles[0].pages[0]
    assert (page.views["anonymous"], set(page.views)) == (page.views["reader"], {"anonymous", "reader"})


def test_half_a_character_is_read_as_something_that_can_be_written() -> None:
    data = stored("profiles", 0, "summary", value="half \ud83d of one")
    assert read_run(data, name="x").profiles[0].summary == "half ? of one"
