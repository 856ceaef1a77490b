#!/usr/bin/env python3
"""Set selfcheck up and do what is asked: `python3 bootstrap.py run`, `python3 bootstrap.py test`.

Only Python itself is needed. The first call makes `.venv` beside this file, installs selfcheck into it and
finds or installs a browser; later calls start at once.
Other words are passed on: `python3 bootstrap.py doctor` is `selfcheck doctor`.
"""

# This file is parsed by old Pythons too, so that they can say that they are too old.

from __future__ import annotations

import signal

STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
if __name__ == "__main__" and hasattr(signal, "pthread_sigmask"):
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)  # until `listen`: an import cut in two is a traceback

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NEEDED = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SETUP_STAMP = ".selfcheck-setup.json"
BROWSER_STAMP = ".selfcheck-browser.json"
NEEDS_BROWSER = ("run", "watch", "test", "demo", "app")
FOR_WRITERS = ("alerts", "app", "backup", "stamps")  # extras that advice or settings may name at any time
QUIETLY = ("--quiet", "--disable-pip-version-check", "--no-input")
GET_VENV = "On Debian and Ubuntu: sudo apt install python3-venv   Then run this again."
OFFLINE = ("resolution", "getaddrinfo", "NewConnection", "ConnectTimeout", "is unreachable", "ProxyError")
MOST_WORKERS = 8
INTERRUPTED = 130


class SetupError(Exception):
    """The set-up cannot go on; the text says why and what to do."""


def main(words: list[str]) -> int:
    """Do what the words say and return the exit code."""
    if sys.version_info < NEEDED:
        say(too_old(sys.version_info[:2], newer_pythons()))
        return 2
    try:
        listen()
        if not words:
            print(__doc__)
        return follow(words or ["--help"])
    except SetupError as error:
        say(str(error))
        return 4
    except KeyboardInterrupt:
        hold()  # a second Ctrl-C changes nothing
        say("Interrupted.")
        return INTERRUPTED


def hold() -> None:
    """Let the signals that stop a program wait from now on."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)


def listen() -> None:
    """Treat the signals that stop a program as Ctrl-C, except those that are ignored on purpose."""
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def follow(words: list[str]) -> int:
    """Set up what is needed for these words, then do them."""
    browser = words[0] in NEEDS_BROWSER and not {"--help", "-h"} & set(words)
    python = set_up((*FOR_WRITERS, "test") if words[0] == "test" else FOR_WRITERS, browser=browser)
    if browser:
        provide_browser(python)
    if words[0] == "test":
        return run_checks(python, words[1:])
    return hand_over([str(python), "-m", "selfcheck", *words])


def say(text: str) -> None:
    """Tell the user; standard output is left to the command itself."""
    print(text, file=sys.stderr, flush=True)


def too_old(version: tuple[int, ...], newer: list[str]) -> str:
    """Return the message for a user whose Python is too old."""
    needed, have = ".".join(map(str, NEEDED)), ".".join(map(str, version))
    message = f"selfcheck needs Python {needed} or newer; this is {have}."
    if newer:
        return f"{message}\nThis machine has a newer one: {newer[0]} bootstrap.py run"
    return (
        message + "\nInstall one from python.org or with your system's packages, and run this again with it."
    )


def newer_pythons() -> list[str]:
    """Return the commands of this machine that start a Python that is new enough, the newest first."""
    names = [f"python3.{minor}" for minor in range(15, NEEDED[1] - 1, -1)]
    return [name for name in names if shutil.which(name) and starts([name, "--version"])]


def starts(command: list[str]) -> bool:
    """Return whether the command can be run and succeeds."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


# Set-up


def set_up(extras: tuple[str, ...], *, browser: bool) -> Path:
    """Return the Python of an environment in which selfcheck is installed with these extras.

    With `browser` one is fetched beside the libraries, where there is none.
    """
    python = venv_python(VENV)
    wanted = fingerprint(ROOT, VENV)
    done = read_stamp(VENV / SETUP_STAMP)
    if python.exists() and is_done(done, wanted, extras):
        return python
    if not works(python):
        make_venv()
    extras_before = done.get("extras", []) if python.exists() else []
    every = tuple(sorted({*extras, *extras_before}))
    uv = find_uv(python)
    fetching = fetch_browser(uv, python) if uv and browser else None
    try:
        install(uv, python, every)
    finally:
        if fetching:  # also where that failed: a package manager must not be cut short
            fetching.wait()
    write_stamp(VENV / SETUP_STAMP, {"hash": fingerprint(ROOT, VENV), "extras": list(every)})
    return python


def is_done(done: dict[str, Any], wanted: str, extras: tuple[str, ...]) -> bool:
    """Return whether the stamp says that this was set up, with at least these extras."""
    return done.get("hash") == wanted and set(extras) <= set(done.get("extras", []))


def fingerprint(root: Path, venv: Path) -> str:
    """Return a hash of all that decides what is installed: what is asked for, where, and for which Python."""
    digest = hashlib.sha256(str(root).encode("utf-8", "surrogateescape"))
    for path in (root / "pyproject.toml", root / "constraints.txt", venv / "pyvenv.cfg"):
        digest.update(b"\0" + (path.read_bytes() if path.exists() else b"none"))
    return digest.hexdigest()


def read_stamp(path: Path) -> dict[str, Any]:
    """Return what a stamp says; nothing where there is none that can be read."""
    try:
        stamp = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(path: Path, stamp: dict[str, Any]) -> None:
    """Write a stamp, whole or not at all."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(stamp), encoding="utf-8")
    beside.replace(path)


def venv_python(venv: Path) -> Path:
    """Return where an environment's Python is on this system."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def works(python: Path) -> bool:
    """Return whether this Python starts: that of a half-made environment does not."""
    return python.exists() and starts([str(python), "--version"])


def make_venv() -> None:
    """Make the environment, over a half-made one where there is one; pip comes into it only if uv cannot."""
    if find_spec("venv") is None:
        raise SetupError(
            "This Python cannot make environments: its venv module is not installed.\n" + GET_VENV
        )
    if VENV.exists():
        if not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
            raise SetupError(f"{VENV} already exists and is not a Python environment. Move it away first.")
        say("The environment in .venv is incomplete; it is created again.")
        shutil.rmtree(str(VENV))
    say(f"Making a Python environment in {VENV} (once) …")
    code, output = result([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    if code:
        raise SetupError("The environment could not be made:\n" + last_lines(output))


def install(uv: str | None, python: Path, extras: tuple[str, ...]) -> None:
    """Install selfcheck and its libraries in the tested versions: with uv, and with pip where uv cannot."""
    say("Installing selfcheck and its libraries (once) …")
    # At a terminal uv shows its progress itself.
    if uv and result(uv_command(uv, python, ROOT, extras), shown=sys.stderr.isatty())[0] == 0:
        return
    if uv:
        say("That did not work with uv; now with pip, which takes longer …")
    if not starts([str(python), "-m", "pip", "--version"]):
        code, output = result([str(python), "-m", "ensurepip"])
        if code:
            raise SetupError(
                "pip could not be put into the environment.\n" + GET_VENV + "\n" + last_lines(output)
            )
    code, output = result(pip_command(python, ROOT, extras))
    if code:
        raise SetupError(explain_pip(output))


def find_uv(python: Path) -> str | None:
    """Return the uv of this machine, or one that pip has put into the environment; None without either.

    Where pip was given an index of its own, uv, which does not read pip's settings, would ask elsewhere.
    """
    pip = [sys.executable, "-m", "pip"]
    if "PIP_INDEX_URL" in os.environ or starts([*pip, "config", "get", "global.index-url"]):
        return None
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    own = python.with_name("uv.exe" if os.name == "nt" else "uv")
    if not own.exists():
        result([*pip, "--python", str(python), "install", *QUIETLY, "uv"])
    return str(own) if own.exists() else None


def uv_command(uv: str, python: Path, root: Path, extras: tuple[str, ...]) -> list[str]:
    """Return uv's command for what `pip_command` installs."""
    return [uv, "pip", "install", "--python", str(python), *what_to_install(root, extras)]


def pip_command(python: Path, root: Path, extras: tuple[str, ...]) -> list[str]:
    """Return pip's command."""
    return [str(python), "-m", "pip", "install", *QUIETLY, *what_to_install(root, extras)]


def what_to_install(root: Path, extras: tuple[str, ...]) -> list[str]:
    """Return the words that uv and pip share.

    `compat` makes a plain path entry, which every start of Python reads fastest.
    """
    target = "{}[{}]".format(root, ",".join(extras)) if extras else str(root)
    constraints = ["--constraint", str(root / "constraints.txt")]
    return [*constraints, "--config-settings", "editable_mode=compat", "--editable", target]


def result(command: list[str], *, shown: bool = False) -> tuple[int, str]:
    """Run a command and return its exit code and, unless the user was shown it, what it printed."""
    printed = subprocess.DEVNULL if shown else subprocess.PIPE
    done = subprocess.run(
        command,
        stdout=printed,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
        check=False,
        cwd=str(ROOT),
    )
    return done.returncode, done.stdout or ""


def explain_pip(output: str) -> str:
    """Return why pip failed, in words where the reason is known, and its own last lines."""
    reason = "The libraries could not be installed."
    if any(word in output for word in OFFLINE):
        reason = "The libraries could not be fetched: there seems to be no network here.\n"
        reason += "The first set-up needs it. Behind a proxy, set HTTPS_PROXY.\n"
        reason += "Then run this again: what was fetched is kept."
    elif "No space left" in output:
        reason = "The libraries could not be installed: the disk is full."
    return reason + "\n" + last_lines(output)


def last_lines(output: str) -> str:
    """Return the end of a program's output, indented."""
    lines = [line for line in output.strip().splitlines() if line.strip()]
    return "\n".join("  " + line for line in lines[-8:])


def fetch_browser(uv: str, python: Path) -> subprocess.Popen[bytes] | None:
    """Begin to find or install a browser beside the libraries; return None where this was done before.

    Playwright goes ahead of the other libraries, since its own download comes before the system's packages.
    """
    if (VENV / BROWSER_STAMP).exists():
        return None
    only = [uv, "pip", "install", "--python", str(python), "--constraint", str(ROOT / "constraints.txt")]
    if result([*only, "playwright"])[0]:
        return None
    command = [str(python), "-B", "-m", "selfcheck.browser.discovery"]
    return subprocess.Popen(command, stdout=sys.stderr, cwd=str(ROOT))


def provide_browser(python: Path) -> None:
    """Find or install a browser, once; `selfcheck run` looks again in any case."""
    stamp = VENV / BROWSER_STAMP
    wanted = {
        "setup": read_stamp(VENV / SETUP_STAMP).get("hash"),
        "named": os.environ.get("SELFCHECK_BROWSER"),
    }
    if read_stamp(stamp) == wanted:
        return
    done = subprocess.run([str(python), "-m", "selfcheck.browser.discovery"], stdout=sys.stderr, check=False)
    if done.returncode:
        raise SetupError("No browser was found; see above what to do.")
    write_stamp(stamp, wanted)


# Checks


def checks(python: Path, workers: int, more: list[str]) -> list[tuple[str, list[str]]]:
    """Return each check's name and command, the quick ones first; with further words only the tests."""
    here = python.parent
    tests = [
        str(python),
        "-m",
        "pytest",
        "-n",
        str(workers),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--junitxml=test-results/junit.xml",
        *more,
    ]
    if more:
        return [("tests", tests)]
    return [
        ("style", [str(python), "-m", "ruff", "check"]),
        ("form", [str(python), "-m", "ruff", "format", "--check"]),
        ("types", [str(python), "-m", "mypy"]),
        ("floors", [str(here / ("lint-imports.exe" if os.name == "nt" else "lint-imports"))]),
        ("tests", tests),
    ]


def run_checks(python: Path, more: list[str]) -> int:
    """Run every check, whatever failed before it, and say which failed."""
    results = []
    # Tests start selfcheck a hundred times: what Python compiled once, it keeps, whatever is set here.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for name, command in checks(python, workers(os.cpu_count()), more):
        print(f"== {name}", flush=True)
        started = time.monotonic()
        code = subprocess.run(command, check=False, cwd=str(ROOT), env=environ).returncode
        results.append((name, code, time.monotonic() - started))
    print(summary(results), flush=True)
    return 1 if any(code for _, code, _ in results) else 0


def workers(cores: int | None) -> int:
    """Return how many tests to run at once: one more than cores, since a third of the time is waiting."""
    return min(MOST_WORKERS, (cores or 1) + 1)


def summary(results: list[tuple[str, int, float]]) -> str:
    """Return one line per check: how it came out and how long it took."""
    lines = ["== summary"]
    lines += [
        "{:<7} {:<7} {:6.1f} s".format("ok" if code == 0 else "FAILED", name, seconds)
        for name, code, seconds in results
    ]
    return "\n".join(lines)


def called() -> str:
    """Return how this file was called, as a user can type it again."""
    if os.name == "nt":
        return subprocess.list2cmdline(["py", sys.argv[0]])
    return shlex.join(["python3", sys.argv[0]])


def hand_over(command: list[str]) -> int:
    """Become the command where the system can, else run it; its exit code is passed through.

    A Ctrl-C while the new Python starts would end in its traceback; so it waits until selfcheck can answer.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    environ = {**os.environ, "SELFCHECK_CALLED": called()}  # messages name commands as they are typed here
    if os.name == "posix":
        hold()
        os.execve(command[0], command, environ)  # noqa: S606 - our own command, without a shell on purpose
    child = subprocess.Popen(command, env=environ)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the child got it too, and decides how to end


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
