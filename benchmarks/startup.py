"""How quickly `selfcheck --version` starts, beside a Python that only imports click; what the platforms cost.

Goals: at most 3 times the wall time; and at most 20 ms of processor time more to name all platforms, know
their addresses and load Medium than with the two platforms that there were at first (Medium and the demo).
All are started by turns in one run, so that whatever else the machine does falls on all alike; medians are
compared. Exit code 1: a goal was missed.

    python benchmarks/startup.py [ROUNDS]
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from selfcheck.platforms import catalogue

GOAL = 3.0
MOST_OF_CATALOGUE = 0.020  # seconds more than with the platforms that there were at first
ROUNDS = 15
DATA = Path(catalogue.__file__).parent / "data"
AT_FIRST = ("_learn", "_walls", "demo", "medium")
LOADS = """
import sys, time
from pathlib import Path
from selfcheck.platforms import catalogue
if sys.argv[2:]:
    catalogue._data = lambda: Path(sys.argv[2])
started = time.process_time()
catalogue.shipped_names()
if sys.argv[1] == "heads":
    catalogue.shipped_heads()
catalogue.load_platform("medium")
print(time.process_time() - started)
"""


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def by_turns(commands: dict[str, list[str]], rounds: int) -> dict[str, float]:
    """Return the median time of each command, in seconds; the first round only warms the caches."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken = seconds(command)
            if number:
                times[name].append(taken)
    return {name: median(taken) for name, taken in times.items()}


def catalogue_seconds(rounds: int) -> dict[str, float]:
    """Return what a new process needs in the median: for a run on Medium, and for `init`, which knows all."""
    with TemporaryDirectory() as folder:
        for name in AT_FIRST:
            shutil.copy(DATA / f"{name}.yaml", folder)
        loads = [sys.executable, "-c", LOADS]
        commands = {
            "run, two platforms": [*loads, "run", folder],
            "run, all platforms": [*loads, "run"],
            "init, two platforms": [*loads, "heads", folder],
            "init, all platforms": [*loads, "heads"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                if number:
                    times[name].append(float(done.stdout))
    return {name: median(taken) for name, taken in times.items()}


def main(rounds: int) -> int:
    script = Path(sys.executable).with_name("selfcheck.exe" if sys.platform == "win32" else "selfcheck")
    medians = by_turns(
        {
            "import click": [sys.executable, "-c", "import click"],
            "selfcheck --version": [str(script), "--version"],
            "selfcheck --help": [str(script), "--help"],
        },
        rounds,
    )
    least = medians["import click"]
    for name, taken in medians.items():
        print(f"{name:<20} {taken * 1000:7.1f} ms  {taken / least:5.2f}")
    ratio = medians["selfcheck --version"] / least
    print(f"goal: at most {GOAL:.1f}; {'met' if ratio <= GOAL else 'missed'}")
    loads = catalogue_seconds(rounds)
    more = {
        what: loads[f"{what}, all platforms"] - loads[f"{what}, two platforms"] for what in ("run", "init")
    }
    for name, taken in loads.items():
        print(f"{name:<20} {taken * 1000:7.1f} ms")
    most = max(more.values())
    told = ", ".join(f"{what} {taken * 1000:+.1f} ms" for what, taken in more.items())
    within = most <= MOST_OF_CATALOGUE
    print(f"{told}; goal: at most {MOST_OF_CATALOGUE * 1000:.0f} ms more; {'met' if within else 'missed'}")
    return 0 if ratio <= GOAL and within else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
