"""Where browsers lie on Linux, macOS and Windows. A table: add a row for a new place.

Only browsers of the Chromium family: the guard and the pictures ask the browser in its own protocol.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HEADLESS_SHELL = "Chromium headless shell"


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
    name=HEADLESS_SHELL,
    channel="chromium-headless-shell",
    commands=("chromium-headless-shell", "headless_shell"),
)

MACHINE = (CHROME, EDGE, CHROMIUM)
"""The machine's own browsers, in the order in which they are tried."""

_ALWAYS = ("usr/local/bin", "usr/bin", "bin", "snap/bin", "opt/google/chrome", "opt/microsoft/msedge")
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The computer on which a browser is looked for; tests make their own."""

    system: str = sys.platform
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    root: Path = Path("/")
    package: Path | None = None  # Playwright's folder; None: wherever it is installed


def candidates(kind: Kind, machine: Machine) -> tuple[Path, ...]:
    """Return where a browser may lie on this machine, the likeliest first."""
    environ = machine.environ
    if machine.system == "darwin":
        bases = (machine.root, Path(environ.get("HOME", "/")))
        return tuple(base / "Applications" / one for base in bases for one in kind.mac)
    if machine.system == "win32":
        roots = [Path(environ[name]) for name in _WINDOWS_ROOTS if environ.get(name)]
        return tuple(base / one for base in roots for one in kind.windows)
    folders = [Path(one) for one in environ.get("PATH", "").split(":") if one]
    folders += [machine.root / one for one in _ALWAYS]
    return tuple(folder / command for folder in dict.fromkeys(folders) for command in kind.commands)


def playwright_folder(machine: Machine, package: Path) -> Path:
    """Return where Playwright keeps the browsers that it has installed itself."""
    environ = machine.environ
    given = environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    if given == "0":
        return package / "driver" / "package" / ".local-browsers"
    if given:
        return Path(given)
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or "/")
    if machine.system == "darwin":
        return home / "Library" / "Caches" / "ms-playwright"
    if machine.system == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ms-playwright"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "ms-playwright"


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
