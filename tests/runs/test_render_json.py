"""run.json keeps the Contract."""

import json
from importlib import resources
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sample_runs import NON_LATIN, everything, run, suspended, unreachable, without_author

from selfcheck.core.enums import ControlKind, FailureKind, Outcome, PageKind, Purpose, Strength, Verdict
from selfcheck.core.run import ExitCode, RunResult
from selfcheck.runs.render_json import run_document, run_json


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = resources.files("selfcheck.core").joinpath("run.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


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
    Draft202012Validator(schema).validate(json.loads(run_json(result)))


@pytest.mark.parametrize(
    ("definition", "enumeration"),
    [
        ("verdict", Verdict),
        ("outcome", Outcome),
        ("kind", PageKind),
        ("strength", Strength),
    ],
)
def test_the_schema_knows_every_word(definition: str, enumeration: Any, schema: dict[str, Any]) -> None:
    assert schema["$defs"][definition]["enum"] == [one.value for one in enumeration]


def test_the_schema_knows_every_word_within_other_definitions(schema: dict[str, Any]) -> None:
    defs = schema["$defs"]
    failure = defs["view"]["properties"]["failure"]["anyOf"][0]["properties"]["kind"]["enum"]
    assert failure == [one.value for one in FailureKind]
    assert defs["control"]["properties"]["kind"]["enum"] == [one.value for one in ControlKind]
    assert defs["further"]["allOf"][1]["properties"]["purpose"]["enum"] == [one.value for one in Purpose]
    codes = [code.value for code in ExitCode if code is not ExitCode.USAGE]
    assert set(codes) <= set(schema["properties"]["exit_code"]["enum"])


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
    "summary": "Strangers are told that this account is suspended, while your own view looks as usual.",
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
    document = run_document(run(suspended()))
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
    ],
)
def test_what_breaks_the_contract_does_not_fit(broken: dict[str, Any], schema: dict[str, Any]) -> None:
    assert not Draft202012Validator(schema).is_valid({**run_document(everything()), **broken})


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/run.png", "a/../../b", "a\\b", ""])
def test_a_path_that_leaves_the_folder_does_not_fit(path: str, schema: dict[str, Any]) -> None:
    document = run_document(run(suspended()))
    document["profiles"][0]["pages"][0]["side_by_side"] = path
    assert not Draft202012Validator(schema).is_valid(document)


def test_added_fields_and_viewpoints_fit(schema: dict[str, Any]) -> None:
    document = run_document(run(suspended()))
    views = document["profiles"][0]["pages"][0]["views"]
    views["reader"] = {**views["anonymous"], "more": 1}
    Draft202012Validator(schema).validate({**document, "more": 1})


def test_an_unknown_number_is_null_even_where_the_viewpoint_was_not_asked() -> None:
    (profile,) = run_document(run(without_author()))["profiles"]
    assert profile["facts"] == {"followers": {"anonymous": None, "author": None}}
    assert set(profile["pages"][0]["views"]) == {"anonymous"}


def test_other_scripts_stay_readable() -> None:
    assert NON_LATIN in run_json(everything())
