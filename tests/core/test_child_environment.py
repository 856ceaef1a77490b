"""No program that selfcheck starts gets the keys and sessions that are meant for selfcheck alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfcheck.core.secret_text import child_environment

SOURCE = Path(__file__).parents[2] / "selfcheck"
STARTS = {
    *(f"subprocess.{name}" for name in ("run", "Popen", "call", "check_call", "check_output")),
    *(f"asyncio.create_subprocess_{name}" for name in ("exec", "shell")),
}
NO_ENVIRONMENT = {
    *("subprocess.getoutput", "subprocess.getstatusoutput", "os.system", "os.popen"),
    *("os.startfile", "webbrowser.open", "click.launch"),
}
NOT_CLEANED_HERE = {
    ("alerts/channels/command.py", "self._environ"),  # cleaned when the channel is made
    ("cli/action.py", "dict(environ)"),  # selfcheck itself, with an environment that `actions.check` makes
    ("storage/child_process.py", "dict(environ)"),  # selfcheck itself, which needs the keys of its caller
}
BROWSER = {"playwright.chromium.launch", "self._playwright.chromium.launch"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def started() -> list[tuple[str, str, ast.Call]]:
    return [
        (f"{path.relative_to(SOURCE)}:{call.lineno}", name, call)
        for path in sorted(SOURCE.rglob("*.py"))
        for name, call in calls(ast.parse(path.read_text(encoding="utf-8")))
        if name in STARTS | BROWSER | NO_ENVIRONMENT
        or name.startswith(("os.exec", "os.spawn", "os.posix_spawn"))
    ]


def test_every_child_process_is_given_an_environment() -> None:
    starts = started()
    assert len(starts) >= 6, "the search finds the calls that there are"
    bare = [
        f"{place} {name}" for place, name, call in starts if "env" not in {word.arg for word in call.keywords}
    ]
    assert bare == []
    environments = {
        (place.partition(":")[0], ast.unparse(word.value))
        for place, _, call in starts
        for word in call.keywords
        if word.arg == "env"
    }
    assert {(name, env) for name, env in environments if "child_environment(" not in env} == NOT_CLEANED_HERE


def test_every_module_that_starts_a_program_takes_the_secrets_out() -> None:
    """`cli/action.py` starts selfcheck itself, with an environment that `actions.check` makes."""
    modules = {place.partition(":")[0] for place, _, _ in started()} - {"cli/action.py"}
    careless = [
        name for name in sorted(modules) if "child_environment(" not in (SOURCE / name).read_text("utf-8")
    ]
    assert careless == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("PATH", True),
        ("GH_TOKEN", True),
        ("SELFCHECK_DATA", True),
        ("SELFCHECK_LOGS", True),
        ("SELFCHECK_KEY", False),
        ("SELFCHECK_PASSPHRASE", False),
        ("SELFCHECK_SESSION_JANE", False),
        ("SELFCHECK_ALERT_MAIL", False),
    ],
)
def test_what_a_child_process_gets(name: str, kept: bool) -> None:
    assert (name in child_environment({name: "x"})) is kept
