"""The pure parts of bootstrap.py: what is set up again, what is run, what is printed."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bootstrap = load()


def test_old_pythons_can_parse_it_to_say_that_they_are_too_old() -> None:
    ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_only_the_standard_library_is_imported() -> None:
    tree = ast.parse((ROOT / "bootstrap.py").read_text(encoding="utf-8"))
    imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imports |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imports} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        pytest.param(["python3.12"], "python3.12 bootstrap.py run", id="a newer one is named"),
        pytest.param([], "python.org", id="without one it says where to get it"),
    ],
)
def test_a_python_that_is_too_old_is_reported(newer: list[str], expected: str) -> None:
    said = bootstrap.too_old((3, 9), newer)
    assert "3.11 or newer; this is 3.9" in said
    assert expected in said


@pytest.mark.parametrize(
    ("stamp", "extras", "done"),
    [
        pytest.param({}, (), False, id="without a stamp nothing is done"),
        pytest.param({"hash": "h", "extras": []}, (), True, id="the same set-up is done"),
        pytest.param({"hash": "x", "extras": []}, (), False, id="another set-up is not"),
        pytest.param({"hash": "h", "extras": []}, ("test",), False, id="an extra is missing"),
        pytest.param({"hash": "h", "extras": ["test"]}, (), True, id="more than is needed will do"),
    ],
)
def test_a_stamp_says_what_is_done(stamp: dict[str, object], extras: tuple[str, ...], *, done: bool) -> None:
    assert bootstrap.is_done(stamp, "h", extras) is done


def test_the_fingerprint_follows_what_decides_the_set_up(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    venv.mkdir()
    seen = [bootstrap.fingerprint(tmp_path, venv)]
    for path in (tmp_path / "pyproject.toml", tmp_path / "constraints.txt", venv / "pyvenv.cfg"):
        path.write_text("x", encoding="utf-8")
        seen.append(bootstrap.fingerprint(tmp_path, venv))
    assert len(set(seen)) == 4
    assert seen[-1] == bootstrap.fingerprint(tmp_path, venv)


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_a_broken_stamp_proves_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "stamp").write_text(content, encoding="utf-8")
    assert bootstrap.read_stamp(tmp_path / "stamp") == {}


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path) -> None:
    bootstrap.write_stamp(tmp_path / "stamp", {"hash": "h"})
    assert bootstrap.read_stamp(tmp_path / "stamp") == {"hash": "h"}
    assert [path.name for path in tmp_path.iterdir()] == ["stamp"]


@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_a_path_with_spaces_stays_one_word(tool: str) -> None:
    asked = (Path("/a b/python"), Path("/a b"), ("test",))
    command = bootstrap.uv_command("uv", *asked) if tool == "uv" else bootstrap.pip_command(*asked)
    assert str(Path("/a b/python")) in command
    assert command[-1] == f"{Path('/a b')}[test]"


def test_an_index_that_pip_was_given_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: "/usr/bin/uv")
    monkeypatch.setattr(bootstrap, "starts", lambda command: "get" not in command)
    assert bootstrap.find_uv(tmp_path / "python") == "/usr/bin/uv"
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example.org/simple")
    assert bootstrap.find_uv(tmp_path / "python") is None


@pytest.mark.parametrize(
    ("playwright_fails", "was_done", "begun"),
    [
        pytest.param(False, False, True, id="beside the libraries"),
        pytest.param(True, False, False, id="after them, where Playwright cannot go ahead"),
        pytest.param(False, True, False, id="it was found before"),
    ],
)
def test_a_browser_is_fetched_beside_the_libraries_by_the_usual_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, playwright_fails: bool, was_done: bool, begun: bool
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "result", lambda _command: (int(playwright_fails), ""))
    monkeypatch.setattr(bootstrap.subprocess, "Popen", lambda command, **_: started.append(command))
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    if was_done:
        (tmp_path / bootstrap.BROWSER_STAMP).touch()
    bootstrap.fetch_browser("uv", tmp_path / "python")
    assert [command[-2:] for command in started] == [["-m", "selfcheck.browser.discovery"]] * begun


@pytest.mark.parametrize(
    ("uv", "uv_fails", "expected"),
    [
        pytest.param("uv", False, ["uv"], id="uv does it"),
        pytest.param("uv", True, ["uv", "ensurepip", "pip"], id="pip does what uv cannot"),
        pytest.param(None, False, ["ensurepip", "pip"], id="without uv there is pip"),
    ],
)
def test_what_installs_the_libraries(
    monkeypatch: pytest.MonkeyPatch, uv: str | None, uv_fails: bool, expected: list[str]
) -> None:
    commands: list[str] = []

    def result(command: list[str], *, shown: bool = False) -> tuple[int, str]:
        commands.append(command[0] if command[0] == "uv" else command[2])
        return (1 if command[0] == "uv" and uv_fails else 0), ""

    monkeypatch.setattr(bootstrap, "result", result)
    bootstrap.install(uv, Path("no-python"), ())
    assert commands == expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param("Temporary failure in name resolution", "no network", id="no name is resolved"),
        pytest.param("OSError: No space left on device", "disk is full", id="a full disk"),
        pytest.param("anything else", "could not be installed", id="what is not known"),
    ],
)
def test_why_pip_failed_is_reported_with_its_last_words(output: str, expected: str) -> None:
    said = bootstrap.explain_pip(output)
    assert expected in said
    assert output in said


def test_the_quick_checks_go_first_and_the_tests_last() -> None:
    names = [name for name, _ in bootstrap.checks(Path("python"), 2, [])]
    assert names == ["style", "form", "types", "floors", "tests"]


def test_more_arguments_go_to_pytest_only() -> None:
    ((name, command),) = bootstrap.checks(Path("python"), 2, ["-k", "x"])
    assert name == "tests"
    assert command[-2:] == ["-k", "x"]


def test_checks_keep_what_python_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    command = [sys.executable, "-c", "import sys; sys.exit(sys.dont_write_bytecode)"]
    monkeypatch.setattr(bootstrap, "checks", lambda *_: [("tests", command)])
    assert bootstrap.run_checks(Path(sys.executable), []) == 0


def test_the_summary_says_which_check_failed() -> None:
    lines = bootstrap.summary([("style", 0, 0.1), ("tests", 1, 12.3)]).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["ok", "style"], ["FAILED", "tests"]]


@pytest.mark.parametrize(("cores", "count"), [(None, 2), (1, 2), (2, 3), (64, 8)])
def test_tests_run_one_more_than_there_are_cores_within_reason(cores: int | None, count: int) -> None:
    assert bootstrap.workers(cores) == count


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no execve and no signal mask")
def test_the_command_starts_with_signals_held_and_knows_how_it_was_called() -> None:
    asked = (
        "import os, signal;"
        "print(os.environ['SELFCHECK_CALLED'], *map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])))"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import bootstrap;"
        "sys.argv = ['my files/bootstrap.py'];"
        f"bootstrap.hand_over([sys.executable, '-c', {asked!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    called, _, held = done.stdout.strip().partition("bootstrap.py' ")
    assert called == "python3 'my files/"
    assert set(held.split()) >= {str(int(one)) for one in bootstrap.STOPPING}


def test_its_help_is_for_users() -> None:
    said = bootstrap.__doc__ or ""
    assert [word for word in ("Set selfcheck up", "parse", "stamp") if word in said] == ["Set selfcheck up"]


def test_the_constraints_name_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and line.count("==") != 1] == []
    assert not any("://" in line for line in lines)
