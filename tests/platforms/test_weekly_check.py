"""The weekly workflow: its own steps, with stand-ins for `selfcheck` and `gh`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from quick_yaml import yaml_file

WORKFLOW = Path(__file__).parents[2] / ".github/workflows/platforms.yml"
SELFCHECK = '#!/bin/sh\necho "FAILED  live profile  kim"\nexit "$ENDS"\n'
GH = """#!/bin/sh
echo "$1 $2" >> "$ASKED"
case "$2" in
  list) printf '%s' "$OPEN" ;;
  *) for word; do last="$word"; done; [ ! -f "$last" ] || cat "$last" >> "$ASKED" ;;
esac
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the workflow runs on Linux")
@pytest.mark.parametrize(
    ("ends", "open_issue", "code", "asked"),
    [
        pytest.param(0, "", 0, [], id="every control as it must be"),
        pytest.param(3, "", 0, [], id="walls alone"),
        pytest.param(1, "", 0, ["issue list", "issue create"], id="one that failed opens an issue"),
        pytest.param(1, "7", 0, ["issue list", "issue comment"], id="or adds to the open one"),
        pytest.param(4, "", 4, [], id="nothing was checked"),
    ],
)
def test_a_control_that_fails_opens_one_issue(
    tmp_path: Path, ends: int, open_issue: str, code: int, asked: list[str]
) -> None:
    steps = yaml_file(WORKFLOW)["jobs"]["check"]["steps"]
    check = next(step for step in steps if step.get("id") == "check")
    report = next(step for step in steps if step.get("if") == "steps.check.outputs.code == '1'")
    for name, script in (("selfcheck", SELFCHECK), ("gh", GH)):
        (tmp_path / name).write_text(script, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    output, log = tmp_path / "output", tmp_path / "asked"
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(output)}
    environment |= {"ENDS": str(ends), "OPEN": open_issue, "ASKED": str(log)}

    def run(script: str) -> int:
        return subprocess.run(
            ["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=False
        ).returncode

    assert run(check["run"]) == code
    if output.read_text(encoding="utf-8").strip() == "code=1":
        assert run(report["run"]) == 0
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    assert [line for line in lines if line.startswith("issue ")] == asked
    assert ("FAILED  live profile  kim" in lines) == bool(asked)
