"""Ctrl-C, SIGTERM and SIGHUP at any moment: exit code 130, one word about it, and never a traceback."""

import asyncio
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from running_program import rest_of, started, wait_for

from selfcheck.cli.run import _ended_once

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

if sys.platform == "win32":
    pytest.skip("Windows sends no signals to another process", allow_module_level=True)

ROOT = Path(__file__).parents[2]
SELFCHECK = ("-m", "selfcheck")
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

# Each becomes the command that follows it, after something has happened to its signals.
IGNORING = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);os.execv(sys.argv[1], sys.argv[1:])"
)
PENDING = (
    "import os, signal, sys; number = int(sys.argv[1]); signal.pthread_sigmask(signal.SIG_BLOCK, [number]);"
    "os.kill(os.getpid(), number); os.execv(sys.argv[2], sys.argv[2:])"
)
# Ctrl-C at the moment at which this module is looked for.
AT_IMPORT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == os.environ["AT_IMPORT_OF"]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
"""


def environment(folder: Path, **more: str) -> "Mapping[str, str]":
    own = {"SELFCHECK_SESSIONS": str(folder / "sessions"), "SELFCHECK_LOGS": str(folder / "logs")}
    return {**os.environ, **own, **more}


def ended(folder: Path, *command: str, **more: str) -> tuple[int, str]:
    """Return the exit code and standard error of Python with these arguments."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def python(folder: Path, *words: str) -> "AbstractContextManager[subprocess.Popen[str]]":
    """Start Python with these arguments."""
    return started([sys.executable, *words], environment(folder, PYTHONUNBUFFERED="1"), folder)


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param((*SELFCHECK, "doctor"), id="selfcheck"),
        pytest.param((str(ROOT / "bootstrap.py"), "doctor"), id="bootstrap"),
    ],
)
def test_what_came_before_the_first_line_ends_it_as_soon_as_it_can_answer(
    tmp_path: Path, command: tuple[str, ...], stop: signal.Signals
) -> None:
    assert ended(tmp_path, "-c", PENDING, str(stop.value), sys.executable, *command) == (
        130,
        "Interrupted.\n",
    )


# A signal where the command has ended and Python has not: as `main` has returned, in what runs at exit, and
# as the last objects go.
AT_THE_END = """
import atexit, os, signal, sys
from selfcheck.__main__ import main

number, moment = int(sys.argv[1]), sys.argv[2]

class Last:
    def __del__(self, kill=os.kill, process=os.getpid()):
        kill(process, number)

if moment == "at exit":
    atexit.register(os.kill, os.getpid(), number)
if moment == "as objects go":
    sys.last = Last()
code = main(["explain", "no-such-rule"])
if moment == "after main":
    os.kill(os.getpid(), number)
sys.exit(code)
"""


@pytest.mark.parametrize("moment", ["after main", "at exit", "as objects go"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM], ids=lambda stop: stop.name)
def test_a_signal_after_the_last_line_changes_nothing(
    tmp_path: Path, stop: signal.Signals, moment: str
) -> None:
    code, err = ended(tmp_path, "-c", AT_THE_END, str(stop.value), moment)
    assert (code, "Traceback" in err) == (2, False)


@pytest.mark.parametrize(
    "module", ["click", "selfcheck.cli", "selfcheck.cli.doctor", "selfcheck.doctor.checks"]
)
def test_ctrl_c_while_modules_are_imported(tmp_path: Path, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(AT_IMPORT, encoding="utf-8")
    more = {"PYTHONPATH": str(tmp_path), "AT_IMPORT_OF": module}
    assert ended(tmp_path, *SELFCHECK, "doctor", **more) == (130, "Interrupted.\n")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP], ids=lambda stop: stop.name)
@pytest.mark.parametrize(
    "before", [(), ("-c", IGNORING, sys.executable)], ids=["as usual", "SIGINT is ignored"]
)
def test_a_site_that_is_left_up_can_be_stopped(
    tmp_path: Path, before: tuple[str, ...], stop: signal.Signals
) -> None:
    with python(tmp_path, *before, *SELFCHECK, "demo", "--keep", "--state", "healthy") as running:
        wait_for(running, "private window")
        running.send_signal(stop)
        out = rest_of(running)
    assert running.returncode == 130, out
    assert "Traceback" not in out


def test_a_run_that_a_script_started_in_the_background_can_be_stopped(tmp_path: Path) -> None:
    command = (*SELFCHECK, "demo", "--state", "hanging", "--data", str(tmp_path / "data"))
    with python(tmp_path, "-c", IGNORING, sys.executable, *command) as running:
        wait_for(running, ": profile")
        running.send_signal(signal.SIGINT)  # is not heard
        running.send_signal(signal.SIGTERM)
        out = rest_of(running)
    assert running.returncode == 130, out
    assert "Traceback" not in out
    assert "Exit code 130" in out


def test_several_quick_ctrl_c_in_a_terminal(tmp_path: Path) -> None:
    command = (*SELFCHECK, "demo", "--state", "hanging", "--data", str(tmp_path / "data"))
    with python(tmp_path, *command) as running:
        wait_for(running, ": profile")
        for _ in range(4):
            os.killpg(running.pid, signal.SIGINT)
        out = rest_of(running)
    assert running.returncode == 130, out
    assert "Traceback" not in out
    assert "Exit code 130" in out  # what was found until then is kept, however often it is pressed


def test_outside_the_main_thread_signals_stay_as_they_are() -> None:
    async def work() -> Any:
        return "done"

    before = signal.getsignal(signal.SIGINT)
    with ThreadPoolExecutor(max_workers=1) as threads:
        assert threads.submit(lambda: asyncio.run(_ended_once(work()))).result() == "done"
    assert signal.getsignal(signal.SIGINT) is before
