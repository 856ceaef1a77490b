"""The steps of `action.yml` by bash, in a repository whose every name would start a program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hosted_jobs import program
from quick_yaml import yaml_file
from workflow_runner import ROOT

ACTION = yaml_file(ROOT / "action.yml")
STEPS = [step for step in ACTION["runs"]["steps"] if "run" in step]
NASTY = "x\"'; touch owned; $(touch owned) `touch owned`\n::set-output name=a::b\n* ../a && touch owned"
SHOW = """
import json, os, sys

shown = {name: value for name, value in os.environ.items() if name.startswith("INPUT_")}
with open(os.environ["STARTED"], "a", encoding="utf-8") as file:
    file.write(json.dumps((sys.argv[1:], shown)) + chr(10))
"""  # the program that each step starts
FOLDER = "a b;$(touch owned)`touch owned`'x"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action's steps are for bash")


def test_whatever_an_input_or_a_folder_is_called_starts_no_program(tmp_path: Path) -> None:
    action, temp, work = (tmp_path / part for part in (f"action {FOLDER}", f"temp {FOLDER}", "work"))
    for folder in (action, temp, work):
        folder.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        (action / name).write_text("x", encoding="utf-8")
    shown = tmp_path / "shown.py"
    shown.write_text(SHOW, encoding="utf-8")
    script = f"exec '{sys.executable}' '{shown}' \"$0\" \"$@\""
    for name in ("python", "selfcheck"):
        program(temp / "selfcheck-venv" / "bin" / name, script)
    program(tmp_path / "bin" / "python", script)
    environ = {  # of names and values, as a hostile repository would choose them
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "GITHUB_ACTION_PATH": str(action),
        "RUNNER_TEMP": str(temp),
        "RUNNER_OS": NASTY,
        "RUNNER_ARCH": NASTY,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "STARTED": str(tmp_path / "started"),
    }
    for step in STEPS:
        given = {name: NASTY for name, value in step.get("env", {}).items() if "inputs." in str(value)}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=work,
            env=environ | given,
            check=False,
            capture_output=True,
        )
        assert done.returncode == 0, (step["name"], done.stderr)
    assert not list(tmp_path.rglob("owned"))
    started = [json.loads(line) for line in (tmp_path / "started").read_text("utf-8").splitlines()]
    assert [words[1:] for words, _ in started if words[0].endswith("selfcheck")] == [
        ["action", name] for name in ("restore", "check", "publish")
    ]
    inputs = {name: value for _, given in started for name, value in given.items()}
    assert len(inputs) >= 12
    assert set(inputs.values()) == {NASTY}
