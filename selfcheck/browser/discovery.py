"""Finds a browser, in a fixed order, and says what it does. `python -m selfcheck.browser.discovery` does it.

The order: the one that the user names (path or channel); Playwright's own, if installed; Chrome, Edge,
Chromium on the machine (for a run without a window, the headless shell beside them); then what `install` can
do. Finding starts nothing, so that it takes no time worth noticing. Playwright's own `channel=` finds Chrome
and Edge too, but only by starting them, so it cannot say which of several browsers is there; and it knows no
distribution's Chromium. Only browsers of the Chromium family: the interceptor and the screenshots use their
own protocol. New places are rows of the table below.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from selfcheck.errors import BrowserMissingError


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A browser, its channel name, and where it may lie."""

    name: str
    channel: str
    commands: tuple[str, ...]  # looked for in PATH on Linux
    mac: tuple[str, ...] = ()  # below /Applications and ~/Applications
    windows: tuple[str, ...] = ()  # below Program Files and the user's local application data


CHROME = Kind(
    name="Chrome",
    channel="chrome",
    commands=("google-chrome-stable", "google-chrome"),
    mac=("Google Chrome.app/Contents/MacOS/Google Chrome",),
    windows=("Google/Chrome/Application/chrome.exe",),
)
EDGE = Kind(
    name="Edge",
    channel="msedge",
    commands=("microsoft-edge-stable", "microsoft-edge"),
    mac=("Microsoft Edge.app/Contents/MacOS/Microsoft Edge",),
    windows=("Microsoft/Edge/Application/msedge.exe",),
)
CHROMIUM = Kind(
    name="Chromium",
    channel="chromium",
    commands=("chromium", "chromium-browser"),
    mac=("Chromium.app/Contents/MacOS/Chromium",),
    windows=("Chromium/Application/chrome.exe",),
)
SHELL = Kind(
    name="Chromium headless shell",
    channel="chromium-headless-shell",
    commands=("chromium-headless-shell", "headless_shell"),
)

MACHINE = (CHROME, EDGE, CHROMIUM)
"""The machine's own browsers, in the order in which they are tried."""

_CHANNELS: Mapping[str, Kind] = {kind.channel: kind for kind in (*MACHINE, SHELL)} | {"edge": EDGE}

PLAYWRIGHT_FULL = (
    "chrome-linux64/chrome",
    "chrome-linux/chrome",
    "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
    "chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
    "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
    "chrome-win64/chrome.exe",
    "chrome-win/chrome.exe",
)
PLAYWRIGHT_SHELL = (
    "chrome-headless-shell-linux64/chrome-headless-shell",
    "chrome-linux/headless_shell",
    "chrome-headless-shell-mac-arm64/chrome-headless-shell",
    "chrome-headless-shell-mac-x64/chrome-headless-shell",
    "chrome-mac/headless_shell",
    "chrome-headless-shell-win64/chrome-headless-shell.exe",
    "chrome-win/headless_shell.exe",
)

_INTERRUPTED = 130
_ALWAYS = ("usr/local/bin", "usr/bin", "bin", "snap/bin", "opt/google/chrome", "opt/microsoft/msedge")
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The computer on which a browser is looked for; tests make their own."""

    system: str = sys.platform
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    root: Path = Path("/")
    package: Path | None = None  # Playwright's folder; None: wherever it is installed


@dataclass(frozen=True, kw_only=True)
class BrowserChoice:
    """A browser that was found, and how."""

    path: Path
    name: str  # as people call it
    origin: str  # "named", "playwright" or "machine"


def find_browser(
    explicit: str | None, *, headed: bool, machine: Machine | None = None
) -> BrowserChoice | None:
    """Return the browser to use, or None where there is none; nothing is started or installed.

    `BrowserMissingError` where the user names one that is not there: no other is taken in its place.
    """
    machine = machine or Machine()
    if explicit:
        return _named(explicit, machine)
    return _of_playwright(machine, headed=headed) or _of_machine(machine, headed=headed)


def find_for_login(explicit: str | None, *, machine: Machine | None = None) -> BrowserChoice | None:
    """Return the browser to sign in with: one that the user knows goes before Playwright's own."""
    machine = machine or Machine()
    if explicit:
        return _named(explicit, machine)
    return _of_machine(machine, headed=True) or _of_playwright(machine, headed=True)


def provide_browser(explicit: str | None, *, headed: bool, say: Callable[[str], None]) -> BrowserChoice:
    """Return the browser to use, installing one where there is none; `BrowserMissingError` if that fails.

    `say` is called with each step.
    """
    choice = find_browser(explicit, headed=headed)
    if choice is None:
        from selfcheck.browser.install import install_browser  # noqa: PLC0415 - hardly ever needed

        say("No browser found: not Playwright's own, and no Chrome, Edge or Chromium on this machine.")
        install_browser(say=say, done=lambda: find_browser(None, headed=headed) is not None)
        choice = find_browser(None, headed=headed)
    if choice is None:
        raise BrowserMissingError(
            "There is no browser, and none could be installed.",
            cause="Opening pages needs Chrome, Edge or Chromium.",
            next_step="Install one of them, or name one with --browser PATH, and run the command again.",
        )
    return choice


def _named(explicit: str, machine: Machine) -> BrowserChoice:
    kind = _CHANNELS.get(explicit.lower())
    if kind is not None:
        path = _first(candidates(kind, machine))
        if path:
            return BrowserChoice(path=path, name=kind.name, origin="named")
        raise BrowserMissingError(
            f"The browser “{explicit}” is not on this machine.",
            cause="It is not where it is usually installed.",
            next_step="Give its path with --browser PATH, or leave it out and another one is searched for.",
        )
    path = Path(explicit).expanduser()
    if _is_program(path):
        return BrowserChoice(path=path, name=path.stem, origin="named")
    raise BrowserMissingError(
        f"There is no browser at {explicit}.",
        cause=f"It is neither a program nor one of the channels {', '.join(sorted(_CHANNELS))}.",
        next_step="Correct --browser or SELFCHECK_BROWSER.",
    )


def _of_playwright(machine: Machine, *, headed: bool) -> BrowserChoice | None:
    package = machine.package
    if package is None:
        # Not imported: that would take a second.
        spec = find_spec("playwright")
        if spec is None or spec.origin is None:
            return None
        package = Path(spec.origin).parent
    root = playwright_folder(machine, package)
    revisions = _revisions(package)
    wanted = [("chromium", PLAYWRIGHT_FULL)]
    if not headed:
        wanted.insert(0, ("chromium-headless-shell", PLAYWRIGHT_SHELL))
    for name, executables in wanted:
        folder = root / f"{name.replace('-', '_')}-{revisions.get(name, '')}"
        path = _first(tuple(folder / executable for executable in executables))
        if path:
            return BrowserChoice(path=path, name="Playwright's Chromium", origin="playwright")
    return None


def _of_machine(machine: Machine, *, headed: bool) -> BrowserChoice | None:
    if not headed:
        # Half the time and a third less memory than the whole browser, for the same pages.
        shell = _first(candidates(SHELL, machine))
        if shell:
            return BrowserChoice(path=shell, name=SHELL.name, origin="machine")
    for kind in MACHINE:
        path = _first(candidates(kind, machine))
        if path:
            return BrowserChoice(path=path, name=kind.name, origin="machine")
    return None


def candidates(kind: Kind, machine: Machine) -> tuple[Path, ...]:
    """Return where a browser may lie on this machine, the likeliest first."""
    environ = machine.environ
    if machine.system == "darwin":
        bases = (machine.root, Path(environ.get("HOME", "/")))
        return tuple(base / "Applications" / path for base in bases for path in kind.mac)
    if machine.system == "win32":
        roots = [Path(environ[name]) for name in _WINDOWS_ROOTS if environ.get(name)]
        return tuple(root / path for root in roots for path in kind.windows)
    folders = [Path(folder) for folder in environ.get("PATH", "").split(":") if folder]
    folders += [machine.root / folder for folder in _ALWAYS]
    return tuple(folder / command for folder in dict.fromkeys(folders) for command in kind.commands)


def playwright_folder(machine: Machine, package: Path) -> Path:
    """Return where Playwright keeps the browsers that it has installed itself."""
    environ = machine.environ
    setting = environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if setting == "0":
        return package / "driver" / "package" / ".local-browsers"
    if setting:
        return Path(setting)
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "/")
    if machine.system == "darwin":
        return home / "Library" / "Caches" / "ms-playwright"
    if machine.system == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ms-playwright"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "ms-playwright"


def _revisions(package: Path) -> dict[str, str]:
    try:
        text = (package / "driver" / "package" / "browsers.json").read_text(encoding="utf-8")
        return {row["name"]: str(row["revision"]) for row in json.loads(text)["browsers"]}
    except (OSError, ValueError, KeyError):
        # Another version of Playwright keeps its list elsewhere; then its own browser is not found here.
        return {}


def _first(paths: tuple[Path, ...]) -> Path | None:
    return next((path for path in paths if _is_program(path)), None)


def _is_program(path: Path) -> bool:
    return (
        os.access(path, os.X_OK) and path.is_file()
    )  # in this order: is_file raises in a folder that may not be read


def main() -> int:
    """Find or install a browser, print what is done; 0 where there is one then, 2 where there is none."""
    try:
        choice = provide_browser(os.environ.get("SELFCHECK_BROWSER") or None, headed=False, say=print_line)
    except BrowserMissingError as error:
        print_line("\n".join(error.lines()))
        return error.exit_code
    except KeyboardInterrupt:  # bootstrap.py, which got it too, says so
        return _INTERRUPTED
    print_line(f"Browser: {choice.name}, {choice.path}")
    return 0


def print_line(text: str) -> None:
    """Print a line at once, also into a file."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
