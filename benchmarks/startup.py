"""How quickly `selfcheck --version` starts, beside a Python that only imports click.

Goal: at most 3 times the wall time. Both are started by turns in one run, so that whatever else the machine
does falls on both alike; medians are compared. Exit code 1: the goal was missed.

    python benchmarks/startup.py [ROUNDS]
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from selfcheck.platforms.catalogue import shipped_heads
from selfcheck.platforms.page_urls import handle_of_url

GOAL = 3.0
ROUNDS = 15


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


def recognising() -> float:
    """Return the seconds that naming all platforms and recognising an address takes, the first time."""
    started = time.perf_counter()
    assert any(handle_of_url("https://medium.com/@jane", head) for head in shipped_heads())
    return time.perf_counter() - started


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
    print(f"{'names, addresses':<20} {recognising() * 1000:7.1f} ms  of all shipped platforms")
    ratio = medians["selfcheck --version"] / least
    print(f"goal: at most {GOAL:.1f}; {'met' if ratio <= GOAL else 'missed'}")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
