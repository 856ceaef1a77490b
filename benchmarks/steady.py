"""How steady the verdicts are: every state of the demo site, looked at again and again by a real browser.

    python benchmarks/steady.py [TIMES]        (default: 10)

Prints a line per round and every verdict that differs from the state's row; exits 1 if any does.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from runs import demo_request, environment, finish

from selfcheck.core.run import RunResult
from selfcheck.demo.states import STATES


def one_round(folder: Path) -> RunResult:
    """Run every state once, with the waiting and the chance of a real run."""
    random = Random()  # noqa: S311 - it chooses controls, nothing secret
    patient = replace(environment(folder), sleep=asyncio.sleep, random=random)
    return finish(folder, *map(demo_request, STATES), in_environment=patient).result


def wrong(result: RunResult) -> list[str]:
    """Return every state whose verdict or silence is not that of its row."""
    rows = {state.name: state for state in STATES}
    found = {one.name: one for one in result.profiles}
    lacking = [f"{name}: no verdict" for name in rows if name not in found]
    return lacking + [
        f"{name}: {one.verdict}, silent {one.silent}; expected {rows[name].verdicts}, {rows[name].silent}"
        for name, one in found.items()
        if one.verdict not in rows[name].verdicts or one.silent is not rows[name].silent
    ]


def main() -> int:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    bad = 0
    for number in range(1, times + 1):
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            slips = wrong(one_round(Path(folder)))
            seconds = time.perf_counter() - begun
        bad += len(slips)
        print(f"round {number}: {len(STATES) - len(slips)} of {len(STATES)} right, {seconds:.0f} s")
        for slip in slips:
            print(f"  {slip}")
    print(f"{times} rounds, {bad} wrong verdicts")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
