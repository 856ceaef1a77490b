import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from selfcheck.browser import discovery
from selfcheck.browser.discovery import Machine, find_browser, find_for_login, provide_browser
from selfcheck.browser.install import install_browser, install_methods
from selfcheck.browser.launcher import arguments
from selfcheck.errors import BrowserMissingError

SHELL = "root/usr/bin/chromium-headless-shell"
CHROMIUM = "root/usr/bin/chromium"
CHROME = "root/usr/bin/google-chrome"
EDGE = "root/opt/bin/microsoft-edge"
OWN_SHELL = "cache/chromium_headless_shell-77/chrome-headless-shell-linux64/chrome-headless-shell"
OWN = "cache/chromium-77/chrome-linux64/chrome"
OLD_OWN = "cache/chromium-76/chrome-linux64/chrome"
MAC_EDGE = "root/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"
MAC_CHROME_AT_HOME = "home/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
WINDOWS_EDGE = "programs/Microsoft/Edge/Application/msedge.exe"
WINDOWS_CHROME = "local/Google/Chrome/Application/chrome.exe"


def machine(tmp_path: Path, *programs: str, system: str = "linux") -> Machine:
    for program in programs:
        path = tmp_path / program
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    browsers = tmp_path / "package" / "driver" / "package" / "browsers.json"
    browsers.parent.mkdir(parents=True)
    rows = [{"name": name, "revision": "77"} for name in ("chromium", "chromium-headless-shell")]
    browsers.write_text(json.dumps({"browsers": rows}))
    environ = {
        "PATH": str(tmp_path / "root/opt/bin"),
        "HOME": str(tmp_path / "home"),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "cache"),
        "PROGRAMFILES(X86)": str(tmp_path / "programs"),
        "LOCALAPPDATA": str(tmp_path / "local"),
    }
    return Machine(system=system, environ=environ, root=tmp_path / "root", package=tmp_path / "package")


@pytest.mark.parametrize(
    ("programs", "headed", "system", "found"),
    [
        pytest.param(
            (SHELL, CHROME, OWN, OWN_SHELL), False, "linux", OWN_SHELL, id="Playwright's own goes first"
        ),
        pytest.param(
            (CHROME, OWN), False, "linux", OWN, id="Playwright's whole browser where it has no shell"
        ),
        pytest.param((SHELL, OWN, OWN_SHELL), True, "linux", OWN, id="a window needs the whole browser"),
        pytest.param((CHROME, OLD_OWN), False, "linux", CHROME, id="another version's browser is not taken"),
        pytest.param((SHELL, CHROME, CHROMIUM), False, "linux", SHELL, id="the shell costs half as much"),
        pytest.param((SHELL, CHROMIUM), True, "linux", CHROMIUM, id="the shell has no window"),
        pytest.param((CHROMIUM, EDGE, CHROME), False, "linux", CHROME, id="Chrome goes before Edge"),
        pytest.param((CHROMIUM, EDGE), False, "linux", EDGE, id="Edge goes before Chromium"),
        pytest.param((MAC_EDGE,), False, "darwin", MAC_EDGE, id="Edge on a Mac"),
        pytest.param((MAC_EDGE, MAC_CHROME_AT_HOME), True, "darwin", MAC_CHROME_AT_HOME, id="Chrome at home"),
        pytest.param((WINDOWS_EDGE,), False, "win32", WINDOWS_EDGE, id="Edge on Windows"),
        pytest.param(
            (WINDOWS_EDGE, WINDOWS_CHROME), False, "win32", WINDOWS_CHROME, id="the user's own Chrome"
        ),
        pytest.param((), False, "linux", None, id="nothing"),
        pytest.param((SHELL,), True, "linux", None, id="nothing that has a window"),
    ],
)
def test_browsers_are_found_in_their_order(
    tmp_path: Path, programs: tuple[str, ...], headed: bool, system: str, found: str | None
) -> None:
    choice = find_browser(None, headed=headed, machine=machine(tmp_path, *programs, system=system))
    assert (choice and choice.path) == (tmp_path / found if found else None)


def test_one_signs_in_with_a_browser_of_the_machine(tmp_path: Path) -> None:
    choice = find_for_login(None, machine=machine(tmp_path, OWN, CHROME))
    assert choice is not None
    assert choice.path == tmp_path / CHROME


@pytest.mark.parametrize("explicit", ["chrome", "CHROME"])
def test_a_channel_is_found(tmp_path: Path, explicit: str) -> None:
    choice = find_browser(explicit, headed=False, machine=machine(tmp_path, CHROME, SHELL, OWN))
    assert choice is not None
    assert (choice.path, choice.name, choice.origin) == (tmp_path / CHROME, "Chrome", "named")


def test_a_path_is_taken(tmp_path: Path) -> None:
    there = machine(tmp_path, "mine/browser", SHELL)
    choice = find_browser(str(tmp_path / "mine/browser"), headed=False, machine=there)
    assert choice is not None
    assert choice.path == tmp_path / "mine/browser"


@pytest.mark.parametrize("explicit", ["msedge", "/nowhere/browser", "firefox"])
def test_what_the_user_names_is_never_replaced_by_another(tmp_path: Path, explicit: str) -> None:
    with pytest.raises(BrowserMissingError):
        find_browser(explicit, headed=False, machine=machine(tmp_path, CHROME, SHELL))


def test_a_file_that_cannot_be_started_is_not_a_browser(tmp_path: Path) -> None:
    there = machine(tmp_path, CHROME)
    (tmp_path / CHROME).chmod(0o644)
    assert find_browser(None, headed=False, machine=there) is None


class Runner:
    """Keeps what it is told to run; what is in `fails` does not work."""

    def __init__(self, *fails: str) -> None:
        self.fails = fails
        self.ran: list[str] = []

    def __call__(self, command: Sequence[str], seconds: float) -> str | None:
        assert seconds > 0
        words = " ".join(command).replace(sys.executable, "python")
        self.ran.append(words)
        return "it is not there." if any(fail in words for fail in self.fails) else None


DOWNLOAD = "python -m playwright install chromium"


@pytest.mark.parametrize(
    ("managers", "is_root", "fails", "done_by", "ran"),
    [
        pytest.param(("apt-get",), True, (), DOWNLOAD, [DOWNLOAD], id="Playwright's download is enough"),
        pytest.param(
            ("apt-get",),
            True,
            ("playwright",),
            "never",
            [
                DOWNLOAD,
                "apt-get update",
                "apt-get install -y --no-install-recommends chromium-headless-shell",
                "apt-get install -y --no-install-recommends chromium",
                "apt-get install -y --no-install-recommends fonts-liberation",
            ],
            id="else the package manager",
        ),
        pytest.param(("apt-get",), False, ("playwright",), "never", [DOWNLOAD], id="but only as root"),
        pytest.param(
            ("dnf",), True, ("playwright",), "never", [DOWNLOAD, "dnf install -y chromium"], id="Fedora's"
        ),
        pytest.param((), True, ("playwright",), "never", [DOWNLOAD], id="no package manager"),
    ],
)
def test_a_browser_is_installed_in_the_fixed_order(
    managers: tuple[str, ...], is_root: bool, fails: tuple[str, ...], done_by: str, ran: list[str]
) -> None:
    said: list[str] = []
    runner = Runner(*fails)
    install_browser(
        say=said.append,
        done=lambda: done_by in runner.ran,
        run=runner,
        which=lambda program: program if program in managers else None,
        is_root=is_root,
    )
    assert runner.ran == ran
    assert said[0].startswith("Downloading Chromium with Playwright")
    assert ("  That did not work: it is not there." in said) == bool(fails)


def test_install_methods_name_programs_that_are_there() -> None:
    assert [method.program for method in install_methods(which=lambda _: "/usr/bin/x", is_root=True)] == [
        sys.executable,
        "apt-get",
    ]


def test_where_nothing_helps_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(discovery, "find_browser", lambda *_, **__: None)
    monkeypatch.setattr("selfcheck.browser.install._run", lambda *_: "no network.")
    with pytest.raises(BrowserMissingError, match="none could be installed"):
        provide_browser(None, headed=False, say=said.append)
    assert said[0].startswith("No browser found")
    assert "  That did not work: no network." in said


def test_finding_starts_neither_playwright_nor_pydantic() -> None:
    code = (
        "import sys; from selfcheck.browser.discovery import find_browser; find_browser(None, headed=False);"
        "print(sorted({'playwright', 'pydantic', 'rich', 'subprocess'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_browser_itself_looks_up_no_name() -> None:
    (rules,) = [one for one in arguments() if one.startswith("--host-resolver-rules=")]
    assert rules == "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


def test_ctrl_c_while_a_browser_is_installed_is_130_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pressed(*_words: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(discovery, "provide_browser", pressed)
    assert discovery.main() == 130


def test_a_folder_of_the_path_that_cannot_be_read_is_skipped(tmp_path: Path) -> None:
    """A name that is too long stands for all such folders: it may not be read, by root neither."""
    there = machine(tmp_path, EDGE)
    environ = {**there.environ, "PATH": f"/{'x' * 5000}:{there.environ['PATH']}"}
    choice = find_browser(None, headed=False, machine=replace(there, environ=environ))
    assert choice is not None
    assert choice.path == tmp_path / EDGE
