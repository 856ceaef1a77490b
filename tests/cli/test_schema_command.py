"""The JSON Schemas take every good file there is and refuse mistyped ones; `init` points editors to one."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from selfcheck.cli import cli
from selfcheck.core.cli_hints import CommandHints
from selfcheck.platforms.catalogue import shipped_names
from selfcheck.platforms.yamlfile import parse_document, read_document
from selfcheck.runs.new_profile import NewProfile, own_file
from selfcheck.settings import read_configuration

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "selfcheck" / "platforms" / "data"
ONE = {"name": "jane", "platform": "medium", "handle": "@jane"}
EVERY_SETTING = """\
profiles:
  - {name: jane, platform: medium, handle: "@jane", publications: [pub], stories: {latest: 5}, session: other,
     controls: {live: ["@someone"]}, readers: {reader: second}}
  - {name: learned, platform: learn, handle: jane, pages: {profile: https://a.example/jane},
     controls: {live: [https://a.example/b, https://a.example/c], absent: https://a.example/no}}
settings:
  time_zone: Europe/Berlin
  keep_author_pages: 14d
  keep: {good_runs: forever, small_picture: never}
  watch: {every: 12h, grace: 1d 12h}
  alerts:
    channels: [{name: phone, url_env: PHONE, quiet: "22:00-07:00", verdicts: [hidden], timeout: 10s}]
  appeal: {from: jane@example.org, smtp: {host: smtp.example.org, port: 587}}
  author: {country: DE, acts_as: consumer}
  browser: {window: true, display: xvfb}
"""


@cache
def printed(what: str) -> Draft202012Validator:
    done = CliRunner().invoke(cli, ["schema", what])
    assert done.exit_code == 0, done.output
    schema = json.loads(done.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def mistakes(what: str, value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in printed(what).iter_errors(value)]


def platform(name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {**read_document(SHIPPED / f"{name}.yaml").data, **changes}


def test_every_shipped_platform_file_and_the_example_fit() -> None:
    files = [*(SHIPPED / f"{name}.yaml" for name in shipped_names()), ROOT / "docs/examples/myblog.yaml"]
    assert len(files) > 25
    assert [
        (path.name, found) for path in files if (found := mistakes("platform", read_document(path).data))
    ] == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"hosts": None}, id="nothing where hosts must be"),
        pytest.param({"mraks": []}, id="a mistyped key"),
        pytest.param({"handle": {"pattern": ".+"}}, id="a handle without its example"),
        pytest.param({"limits": {"gap_seconds": "8"}}, id="a number in quotes"),
        pytest.param({"pages": {"profil": {"url": "{home}"}}}, id="a kind of page that is none"),
        pytest.param({"marks": [{"id": "a", "says": "gone"}]}, id="an outcome that is none"),
    ],
)
def test_a_mistyped_platform_file_does_not(changes: dict[str, Any]) -> None:
    assert mistakes("platform", platform("ghost", changes))


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        pytest.param({}, True, id="inherits all"),
        pytest.param({"handle": {"example": "me"}, "appeal": None}, True, id="a part, and one less"),
        pytest.param({"facts": {"views": None}, "sign_in": {"check": "stats"}}, True, id="part of a part"),
        pytest.param({"handel": {}}, False, id="a mistyped key"),
        pytest.param({"limits": {"page_view": 3}}, False, id="a mistyped key of a part"),
    ],
)  # fmt: skip
def test_a_file_that_extends_another_needs_only_what_differs(changes: dict[str, Any], *, fits: bool) -> None:
    assert (mistakes("platform", {"platform": "mine", "extends": "mastodon", **changes}) == []) is fits


def test_every_profiles_file_in_the_project_fits(tmp_path: Path) -> None:
    blocks = [(ROOT / "profiles.yaml").read_text("utf-8"), EVERY_SETTING]
    for path in (ROOT / "docs").glob("*.md"):
        blocks += re.findall(r"```yaml\n((?:profiles|settings):.*?)```", path.read_text("utf-8"), re.DOTALL)
    assert len(blocks) > 15
    for block in blocks:
        value = {"profiles": [ONE], **parse_document(block, "profiles.yaml").data}
        assert mistakes("profiles", value) == [], block
    (tmp_path / "profiles.yaml").write_text(EVERY_SETTING, encoding="utf-8")
    assert len(read_configuration(tmp_path / "profiles.yaml").profiles) == 2, "the model takes all of it, too"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({}, id="no profiles"),
        pytest.param({"profiles": [ONE], "setings": {}}, id="a mistyped section"),
        pytest.param({"profiles": [{**ONE, "handel": "@jane"}]}, id="a mistyped key"),
        pytest.param({"profiles": [{"name": "jane", "platform": "medium"}]}, id="no handle"),
        pytest.param({"profiles": [{**ONE, "name": "../jane"}]}, id="a name that is no folder's"),
        pytest.param({"profiles": [{**ONE, "stories": {"latest": "5"}}]}, id="a number in quotes"),
        pytest.param({"profiles": [{**ONE, "platform": "learn"}]}, id="learned, of no page"),
        pytest.param(
            {"profiles": [{**ONE, "controls": {"absent": "@no"}}]}, id="what only learned ones have"
        ),
        pytest.param({"profiles": [ONE], "settings": {"watch": {"every": "12"}}}, id="12 of what"),
        pytest.param({"profiles": [ONE], "settings": {"keep": {"good_runs": "ever"}}}, id="not forever"),
    ],
)
def test_a_mistyped_profiles_file_does_not(value: dict[str, Any]) -> None:
    assert mistakes("profiles", value)


def test_stored_runs_fit_and_damaged_ones_do_not() -> None:
    stored = [json.loads(path.read_text("utf-8")) for path in (ROOT / "tests" / "samples").rglob("run.json")]
    assert stored
    assert [found for run in stored if (found := mistakes("run", run))] == []
    assert mistakes("run", {**stored[0], "exit_code": 7})


def test_init_points_editors_to_a_schema_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["init", "@jane", "--platform", "medium", "--profiles", "mine.yaml"]
    done = CliRunner().invoke(cli, words)
    assert "Beside it, profiles.schema.json helps editors to complete keys and find mistakes." in done.output
    first, _, rest = Path("mine.yaml").read_text("utf-8").partition("\n")
    assert first == "# yaml-language-server: $schema=profiles.schema.json"
    new = NewProfile(name="jane", platform="medium", handle="@jane")
    assert rest == own_file(new, hints=CommandHints(profiles="mine.yaml"))
    schema = json.loads(Path("profiles.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(read_document(Path("mine.yaml")).data)
    assert "medium" in schema["$defs"]["_ProfileEntry"]["properties"]["platform"]["examples"]


def test_init_leaves_a_file_of_that_name_that_is_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("profiles.schema.json").write_text("{}", encoding="utf-8")
    done = CliRunner().invoke(cli, ["init", "@jane", "--platform", "medium", "--profiles", "mine.yaml"])
    assert "schema" not in done.output
    assert Path("profiles.schema.json").read_text("utf-8") == "{}"
    assert "yaml-language-server" not in Path("mine.yaml").read_text("utf-8")
