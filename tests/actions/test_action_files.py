"""`action.yml` and the workflows: the form that GitHub takes, pinned, the least rights, no injection."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
import math
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator
from release_files import COMMIT as COMMIT_TO_COME
from release_files import PLACE, absolute_links, template_files, with_urls
from workflow_runner import ACTION, ROOT

from selfcheck.actions.render_workflow import EXAMPLE, Workflow, cron_of, is_own_cron, late_by, workflow_text
from selfcheck.cli import cli
from selfcheck.cli.action import command as action_command
from selfcheck.errors import ConfigurationError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.settings import read_configuration

WORKFLOWS = ROOT / ".github" / "workflows"
TEMPLATE = ROOT / "template"
ISSUE_FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"


@cache
def form(kind: str) -> Draft7Validator:
    """The schema of SchemaStore, of which check-jsonschema carries a copy; importing that takes a second."""
    spec = find_spec("check_jsonschema")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0]) / "builtin_schemas" / "vendor"
    return Draft7Validator(json.loads((folder / f"{kind}.json").read_text("utf-8")))


def mistakes(kind: str, value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in form(kind).iter_errors(value)]


def workflow(text: str) -> dict[str, Any]:
    """A workflow's values; YAML 1.1 takes the key `on` for true."""
    found = yaml.safe_load(text)
    return {("on" if name is True else name): value for name, value in found.items()}


def shipped() -> dict[str, Any]:
    return workflow((WORKFLOWS / "selfcheck.yml").read_text("utf-8"))


FILES = [
    ("github-actions", ROOT / "action.yml"),
    *(("github-workflows", path) for path in sorted(WORKFLOWS.glob("*.yml"))),
    ("github-workflows", TEMPLATE / ".github" / "workflows" / "selfcheck.yml"),
    ("dependabot", ROOT / ".github" / "dependabot.yml"),
    ("dependabot", TEMPLATE / ".github" / "dependabot.yml"),
    ("github-issue-config", ISSUE_FORMS / "config.yml"),
    *(("github-issue-forms", ISSUE_FORMS / f"{name}.yml") for name in ("bug", "wrong-verdict")),
]


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda value: str(getattr(value, "name", value)))
def test_each_file_for_github_has_the_form_that_it_takes(kind: str, path: Path) -> None:
    value = workflow(path.read_text("utf-8"))
    assert mistakes(kind, value) == []
    assert mistakes(kind, {**value, "jbos": {}}), "a mistyped key is noticed"


def test_every_file_for_github_is_in_that_table() -> None:
    found = [*(ROOT / ".github").rglob("*.yml"), *TEMPLATE.rglob("*.yml")]
    assert {path for path in found if path.name != "zizmor.yml"} == {path for _, path in FILES} - {
        ROOT / "action.yml"
    }


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_each_workflow_says_its_rights_and_ends(path: Path) -> None:
    found = workflow(path.read_text("utf-8"))
    assert found["permissions"] in ({}, {"contents": "read"})
    assert found["concurrency"]["group"]
    assert [name for name, job in found["jobs"].items() if not job["timeout-minutes"] <= 60] == []


def test_a_linter_of_workflows_finds_nothing() -> None:
    done = subprocess.run(
        ["zizmor", "--offline", "--quiet", "--no-progress", "--strict-collection", *LINTED],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


LINTED = (".github", "action.yml", "template/.github/workflows/selfcheck.yml")


@pytest.mark.parametrize("name", ["bug", "wrong-verdict"])
def test_the_issue_forms_ask_for_the_report_that_names_no_one(name: str) -> None:
    body = workflow((ISSUE_FORMS / f"{name}.yml").read_text("utf-8"))["body"]
    (asked,) = [part for part in body if part.get("id") == "report"]
    assert "selfcheck doctor --report" in asked["attributes"]["label"]
    assert asked["validations"] == {"required": True}


def test_the_template_uses_the_action_by_a_commit_and_copies_nothing() -> None:
    made = Workflow(
        repository=EXAMPLE,
        action=f"{PLACE}@{COMMIT_TO_COME}",
        profiles_file="profiles.yaml",
        profiles=(),
        sessions=(),
    )
    assert (TEMPLATE / ".github" / "workflows" / "selfcheck.yml").read_text("utf-8") == workflow_text(made)
    commit = "0123456789" * 4
    files = template_files("someone/selfcheck", commit)
    assert set(files) == {
        "README.md",
        "profiles.yaml",
        ".github/dependabot.yml",
        ".github/workflows/selfcheck.yml",
    }
    assert f"uses: someone/selfcheck@{commit}" in files[".github/workflows/selfcheck.yml"]
    assert not any(PLACE in text or COMMIT_TO_COME in text for text in files.values())


def test_the_template_opens_no_page_before_its_user_has_named_an_account(tmp_path: Path) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text((TEMPLATE / "profiles.yaml").read_text("utf-8"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="profiles"):
        read_configuration(path)
    path.write_text(path.read_text("utf-8").replace("\n#  ", "\n  "), encoding="utf-8")
    assert [profile.handle for profile in read_configuration(path).profiles] == ["yourname"]


def test_a_release_names_its_repository_and_links_to_it() -> None:
    text = absolute_links((ROOT / "README.md").read_text("utf-8"), "someone/selfcheck", "v1.0.0")
    links = re.findall(r"(!?)\[[^\]]*\]\(([^)\s]+)\)", text)
    assert len(links) > 30
    assert [target for _, target in links if not target.startswith("https://")] == []
    assert ("!", "https://github.com/someone/selfcheck/raw/v1.0.0/docs/pictures/app.png") in links
    assert ("", "https://github.com/someone/selfcheck/blob/v1.0.0/docs/places.md") in links
    project = tomllib.loads(with_urls((ROOT / "pyproject.toml").read_text("utf-8"), "someone/selfcheck"))[
        "project"
    ]
    assert project["urls"]["Issues"] == "https://github.com/someone/selfcheck/issues"
    assert "test" in project["optional-dependencies"]


def test_every_action_of_others_is_pinned_to_one_known_commit() -> None:
    texts = [
        (ROOT / "action.yml").read_text("utf-8"),
        *(path.read_text("utf-8") for path in WORKFLOWS.glob("*.yml")),
    ]
    used = {use for text in texts for use in re.findall(r"uses: (.+)", text)} - {"./"}
    assert [
        use
        for use in used
        if not re.fullmatch(r"(?:actions|pypa)/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)
    ] == []
    commits = {(re.split("[/@]", use)[1], use.partition("@")[2]) for use in used}
    assert len(commits) == len({name for name, _ in commits}) == 7, "one commit of each"


def test_no_shell_step_has_an_expression_in_it_and_none_is_long() -> None:
    runs = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert [run for run in runs if "${{" in run] == []
    assert max(len(run.splitlines()) for run in runs) <= 4


def test_secrets_go_by_the_environment_of_the_steps_that_need_them() -> None:
    given = {
        name: {key for key, text in step.get("env", {}).items() if re.search(rf"inputs\.{name}\b", text)}
        for name in ("sessions", "age-key", "alert-urls", "heartbeat-url", "token")
        for step in [one for one in ACTION["runs"]["steps"] if f"inputs.{name} " in json.dumps(one)]
    }
    assert {"sessions", "age-key", "alert-urls", "heartbeat-url", "token"} == set(given)
    withs = [step.get("with", {}) for step in ACTION["runs"]["steps"]]
    assert not re.search("sessions|age-key|alert-urls|heartbeat-url|token", json.dumps(withs))
    secrets = {"INPUT_SESSIONS", "INPUT_AGE_KEY", "INPUT_ALERT_URLS", "INPUT_HEARTBEAT_URL"}
    envs = {
        step["id"]: set(step["env"]) for step in ACTION["runs"]["steps"] if "id" in step and "env" in step
    }
    assert [name for name, env in envs.items() if env & secrets] == ["check"]
    assert [name for name, env in envs.items() if "GH_TOKEN" in env] == ["restore", "publish"]


def test_every_input_and_output_is_used() -> None:
    steps = json.dumps(ACTION["runs"]["steps"])
    assert [name for name in ACTION["inputs"] if f"inputs.{name} " not in steps] == []
    ids = {step["id"] for step in ACTION["runs"]["steps"] if "id" in step}
    named = re.findall(r"steps\.([a-z]+)\.", json.dumps(ACTION))
    assert set(named) <= ids


def test_every_step_of_the_action_is_an_existing_command() -> None:
    called = re.findall(r"selfcheck action (\w+)", (ROOT / "action.yml").read_text("utf-8"))
    assert called == ["restore", "check", "publish"]
    assert set(called) == set(action_command.commands)
    assert "action" not in CliRunner().invoke(cli, ["--help"]).output.split()


def test_the_workflow_has_the_least_rights_and_never_runs_twice_at_once() -> None:
    found = shipped()
    assert found["permissions"] == {}
    assert found["jobs"]["look"]["permissions"] == {"contents": "write", "issues": "write"}
    assert found["concurrency"]["cancel-in-progress"] is False
    checkout = found["jobs"]["look"]["steps"][0]
    assert checkout["with"]["persist-credentials"] is False
    given = found["jobs"]["look"]["steps"][1]["with"]
    assert set(given) <= set(ACTION["inputs"])


def test_the_first_thing_that_the_workflow_says_is_to_keep_the_repository_private() -> None:
    head = (WORKFLOWS / "selfcheck.yml").read_text("utf-8").partition("name: ")[0]
    assert "Keep the repository private" in head
    assert "In a public one everybody can read" in head


def test_the_shipped_workflow_is_what_init_writes() -> None:
    made = Workflow(
        repository=EXAMPLE,
        action="./",
        profiles_file="profiles.yaml",
        profiles=("demo-suspended", "demo-healthy"),
        sessions=(),
        demo=True,
    )
    assert "SELFCHECK != 'off'" not in workflow_text(made), "the demo is never checked by schedule"
    assert "SELFCHECK != 'off'" in workflow_text(replace(made, demo=False))
    assert (WORKFLOWS / "selfcheck.yml").read_text("utf-8") == workflow_text(made)


# -- the minute ------------------------------------------------------------------------------------------


def test_a_repository_has_a_minute_of_its_own_off_the_full_hour_and_keeps_it() -> None:
    lines = [cron_of(f"jane/watch-{number}") for number in range(2_000)]
    minutes = Counter(int(line.split()[0]) for line in lines)
    assert set(minutes) == set(range(5, 55))
    assert max(minutes.values()) < 3 * min(minutes.values()), "40 each, give or take chance"
    assert len({line.split()[1] for line in lines}) == 12
    assert cron_of("Jane/Watch") == cron_of("jane/watch")
    first, second = (int(hour) for hour in cron_of("jane/watch").split()[1].split(","))
    assert second - first == 12


@pytest.mark.parametrize(
    ("cron", "own"),
    [
        pytest.param("", True, id="started by hand"),
        pytest.param(cron_of("jane/watch"), True, id="as init wrote it"),
        pytest.param("23 7 * * 1", True, id="a minute that somebody chose"),
        pytest.param("0 7 * * *", False, id="the full hour"),
        pytest.param("*/15 * * * *", False, id="every quarter of an hour"),
        pytest.param(cron_of(EXAMPLE), False, id="copied with the minute of the example"),
    ],
)
def test_which_minutes_are_shared_with_others(cron: str, *, own: bool) -> None:
    assert is_own_cron(cron, "jane/watch") is own


@pytest.mark.parametrize(
    ("cron", "at", "late"),
    [
        pytest.param("52 6,18 * * *", (7, 2), "0:10:00", id="ten minutes after the morning's time"),
        pytest.param("52 6,18 * * *", (18, 51), "11:59:00", id="nearly as late as the next time"),
        pytest.param("52 6,18 * * *", (3, 0), "8:08:00", id="after midnight, of the evening before"),
        pytest.param("52 6,18 * * *", (6, 52), "0:00:00", id="in time"),
        pytest.param("*/15 * * * *", (3, 0), "None", id="a line of another form"),
        pytest.param("52 6 * * 1", (3, 0), "None", id="not of every day"),
        pytest.param("77 6 * * *", (3, 0), "None", id="no time of the day"),
        pytest.param("", (3, 0), "None", id="started by hand"),
    ],
)
def test_how_late_a_job_is(cron: str, at: tuple[int, int], late: str) -> None:
    assert str(late_by(cron, datetime(2026, 11, 21, *at, tzinfo=UTC))) == late


# -- selfcheck init --github -----------------------------------------------------------------------------

PROFILES = """\
profiles:
  - {name: jane, platform: medium, handle: "@jane", session: jane.doe}
  - {name: demo, platform: demo, handle: "@elena-marsh"}
"""
COMMIT = "0123456789" * 4


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    return tmp_path


def init(*words: str) -> Any:
    return CliRunner().invoke(cli, ["init", "--github", *words])


def test_init_writes_a_workflow_with_the_profiles_and_names_of_secrets(home: Path) -> None:
    done = init("--repository", "jane/watch", "--action", f"someone/selfcheck@{COMMIT}")
    assert done.exit_code == 0, done.output
    assert "SELFCHECK_SESSION_JANE_DOE" in done.output
    found = workflow((home / ".github" / "workflows" / "selfcheck.yml").read_text("utf-8"))
    assert mistakes("github-workflows", found) == []
    assert found["on"]["schedule"] == [{"cron": cron_of("jane/watch")}]
    assert found["on"]["workflow_dispatch"]["inputs"]["profile"]["options"] == ["all", "jane", "demo"]
    given = found["jobs"]["look"]["steps"][1]
    assert given["uses"] == f"someone/selfcheck@{COMMIT}"
    assert given["with"]["sessions"] == "jane.doe=${{ secrets.SELFCHECK_SESSION_JANE_DOE }}\n"
    assert init("--repository", "jane/watch", "--action", f"someone/selfcheck@{COMMIT}").exit_code == 0


def test_init_finds_the_repository_and_the_action_beside_it_and_leaves_changes_alone(home: Path) -> None:
    (home / "action.yml").write_text("name: selfcheck\n", encoding="utf-8")
    (home / ".git").mkdir()
    (home / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    for part in ("objects", "refs"):
        (home / ".git" / part).mkdir()
    config = (
        '[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = git@github.com:jane/watch.git\n'
    )
    (home / ".git" / "config").write_text(config, encoding="utf-8")
    assert init().exit_code == 0
    path = home / ".github" / "workflows" / "selfcheck.yml"
    assert cron_of("jane/watch") in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8") + "# mine\n", encoding="utf-8")
    refused = init()
    assert "changed by hand" in str(refused.exception)
    assert path.read_text("utf-8").endswith("# mine\n")
    assert init("--replace").exit_code == 0
    assert not path.read_text("utf-8").endswith("# mine\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["--action", "./"], "which GitHub repository", id="no repository is known"),
        pytest.param(["--repository", "jane/watch"], "no action.yml here", id="no action is known"),
        pytest.param(["--repository", "jane/watch", "--action", "a/b@main"], "does not name a commit", id="a name moves, a commit does not"),
    ],
)  # fmt: skip
def test_init_refuses_to_guess(home: Path, words: list[str], expected: str) -> None:
    error = init(*words).exception
    assert expected in " ".join(error.lines())
    assert not (home / ".github").exists()


# -- the document ----------------------------------------------------------------------------------------


def document() -> str:
    return (ROOT / "docs" / "github-action.md").read_text("utf-8")


def test_the_minutes_in_the_document_follow_from_the_limits() -> None:
    limits = load_platform("medium").limits
    readme = (ROOT / "README.md").read_text("utf-8")
    told = re.search(r"makes (\d+) page views logged out", readme)
    assert told is not None
    waiting = (int(told[1]) - 1) * (limits.gap_seconds + limits.jitter_seconds)
    assert f"at most {waiting:g} seconds between its pages on Medium" in document()
    a_job = math.ceil((waiting + 60 + 30) / 60)  # and setting up, and the looking itself
    assert f"{a_job} for a job, 2 jobs a day, {a_job * 2 * 31} in a month of 31 days" in document()


def test_the_document_says_what_must_be_known_and_every_picture_is_described_and_small() -> None:
    text = document()
    for known in (
        "189 to 761 minutes",
        "60 days",
        "data centres",
        "inconclusive",
        "Private first",
        "self-hosted",
    ):
        assert known in text, known
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text)
    assert len(pictures) == 4
    for words, name in pictures:
        assert len(words) > 40, name
        assert (ROOT / "docs" / name).stat().st_size < 150_000, name
    assert len(re.findall(r"^### \d\. ", text, re.MULTILINE)) == 5
