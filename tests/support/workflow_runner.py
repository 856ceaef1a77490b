"""A runner of our own for `action.yml`: takes its steps and does them in order with bash, as GitHub's does.

Of GitHub's expressions it knows what the file uses: names, text, `==`, `!=`, `&&`, `||`, always().
What other people's actions do (`uses:`) is done by a stand-in that is told by name.
"""

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quick_yaml import yaml_file

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml_file(ROOT / "action.yml")
PATIENCE = 300  # seconds; only a step that hangs takes that long, on a busy machine too

_TOKEN = re.compile(r"'([^']*)'|(&&|\|\||==|!=|\(|\))|([A-Za-z_][\w.-]*)|\s+")
_WORDS = {"&&": " and ", "||": " or "}

StandIn = Callable[[Mapping[str, str]], Mapping[str, str]]


def evaluated(expression: str, names: Mapping[str, str]) -> Any:
    """Return the value of an expression; a name that is not set is empty, as on GitHub."""
    python, place = "", 0
    text = expression.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        assert found is not None, text[place:]
        literal, sign, name = found.groups()
        place = found.end()
        if name == "always":
            place += len("()")
            python += "True"
        elif name is not None:
            assert name.split(".")[0] in {"inputs", "steps", "runner", "github"}, name
            python += repr(names.get(name, ""))
        else:
            python += _WORDS.get(sign, sign) if sign else repr(literal) if literal is not None else " "
    return eval(python, {"__builtins__": {}})


def filled(text: str, names: Mapping[str, str]) -> str:
    """Return the text with its expressions replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(evaluated(found[1], names)), text)


@dataclass
class Step:
    """What became of a step."""

    name: str
    code: int | None  # None: it was passed over
    log: str = ""
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """What became of a job."""

    steps: list[Step]
    summary: str

    @property
    def code(self) -> int:
        """0 where no step failed, else the last failure: what people see in red."""
        return next((step.code for step in reversed(self.steps) if step.code), 0)

    @property
    def log(self) -> str:
        """All that was said, with what is masked hidden, as GitHub shows it."""
        text = "".join(step.log for step in self.steps)
        masks = re.findall(r"^::add-mask::(.+)$", text, re.MULTILINE)
        shown = re.sub(r"^::add-mask::.+\n", "", text, flags=re.MULTILINE)
        for mask in sorted(masks, key=len, reverse=True):
            shown = shown.replace(mask.replace("%25", "%"), "***")
        return shown

    def step(self, name: str) -> Step:
        """The step of this name."""
        return next(step for step in self.steps if step.name.startswith(name))

    def outputs(self) -> dict[str, str]:
        """The action's outputs."""
        names = _outputs_of(self.steps)
        return {name: filled(one["value"], names) for name, one in ACTION["outputs"].items()}


def _outputs_of(steps: list[Step]) -> dict[str, str]:
    ids = {step["name"]: step["id"] for step in ACTION["runs"]["steps"] if "id" in step}
    return {
        f"steps.{ids[step.name]}.outputs.{name}": text
        for step in steps
        if step.name in ids
        for name, text in step.outputs.items()
    }


class Runner:
    """A machine that does jobs."""

    def __init__(
        self,
        folder: Path,
        *,
        environ: Mapping[str, str],
        stand_ins: Mapping[str, StandIn],
        interrupt: Callable[["subprocess.Popen[bytes]"], None] | None = None,
    ) -> None:
        self.folder = folder
        self.temp = folder / "temp"
        self.work = folder / "work"
        self._environ = dict(environ)
        self._stand_ins = stand_ins
        self._interrupt = interrupt  # is given the process of `Check` as soon as it has begun

    def do(self, given: Mapping[str, str]) -> Job:
        """Do all steps with these inputs."""
        for one in (self.temp, self.work):
            one.mkdir(parents=True, exist_ok=True)
        defaults = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
        assert set(given) <= set(defaults), set(given) - set(defaults)
        known = {
            "github.token": "ghs_the_jobs_own_token",
            "github.run_id": self._environ["GITHUB_RUN_ID"],
            "github.run_attempt": "1",
            "runner.temp": str(self.temp),
        }
        names = {
            f"inputs.{name}": filled(text, known) for name, text in {**defaults, **given}.items()
        } | known
        steps: list[Step] = []
        summary = self.folder / "summary.md"
        summary.unlink(missing_ok=True)
        for step in ACTION["runs"]["steps"]:
            steps.append(
                self._step(step, {**names, **_outputs_of(steps)}, failed=any(one.code for one in steps))
            )
        return Job(steps=steps, summary=summary.read_text("utf-8") if summary.exists() else "")

    def _step(self, step: Mapping[str, Any], names: Mapping[str, str], *, failed: bool) -> Step:
        condition = step.get("if", "")
        stays_away = failed and "always()" not in condition
        if stays_away or (condition and not evaluated(condition, names)):
            return Step(name=step["name"], code=None)
        if "uses" in step:
            stand_in = self._stand_ins[step["uses"].split("@")[0]]
            asked = {name: filled(str(text), names) for name, text in step["with"].items()}
            return Step(name=step["name"], code=0, outputs=dict(stand_in(asked)))
        return self._bash(step, {name: filled(text, names) for name, text in step.get("env", {}).items()})

    def _bash(self, step: Mapping[str, Any], given: Mapping[str, str]) -> Step:
        assert step["shell"] == "bash"
        script, output = self.folder / "step.sh", self.folder / "output"
        script.write_text(step["run"], encoding="utf-8")
        output.write_text("", encoding="utf-8")
        process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.work,
            env=self.environment(given, output),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if self._interrupt and step["name"] == "Check":
            self._interrupt(process)
        said, _ = process.communicate(timeout=PATIENCE)
        return Step(
            name=step["name"], code=process.returncode, log=said.decode(), outputs=self.outputs(output)
        )

    def environment(self, given: Mapping[str, str], output: Path) -> dict[str, str]:
        """The environment of a step."""
        return {
            **self._environ,
            **given,
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTIONS": "true",
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_ENV": os.devnull,
            "GITHUB_PATH": os.devnull,
        }

    @staticmethod
    def outputs(file: Path) -> dict[str, str]:
        """What a step handed on."""
        return dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())
