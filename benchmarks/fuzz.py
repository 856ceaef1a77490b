"""Gives every parser of foreign input many odd inputs: none may end in a traceback or take over 2 s.

The targets are those of `tests/fuzz/targets.py`. Inputs follow from a target's name and a number, so whatever
is found is found again: `python benchmarks/fuzz.py --target page --seed 4711`.
"""

import argparse
import faulthandler
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "fuzz"), str(ROOT / "tests" / "support")]

from targets import TARGETS, Target  # noqa: E402 - it is found only now

LONGEST = 2.0  # seconds for one input
SHARE = 250  # milliseconds for which one target goes on before the next has its turn


@dataclass
class Tally:
    """What one target met."""

    name: str
    inputs: int = 0
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, -1)  # of processor time; and its seed
    hangs: list[int] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)  # kind and place of a traceback -> a seed
    counts: Counter[str] = field(default_factory=Counter)


def run(name: str, first: int, most: int, seconds: float) -> Tally:
    """Give a target up to so many inputs, from this seed on, for at most so long."""
    target = _target(name)
    tally = Tally(name)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        while tally.inputs < most and time.monotonic() - began < seconds:
            _one(target, first + tally.inputs, Path(folder), tally)
    tally.seconds = time.monotonic() - began
    return tally


def _target(name: str) -> Target:
    return next(target for target in TARGETS if name in {target.name, target.slug})


def _one(target: Target, seed: int, folder: Path, tally: Tally) -> None:
    began = time.process_time()
    faulthandler.dump_traceback_later(60, exit=True)  # a real hang ends with where it hung
    try:
        target.check(seed, folder)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
        tally.faults.setdefault(place, seed)
        tally.counts[place] += 1
    finally:
        faulthandler.cancel_dump_traceback_later()
    took = time.process_time() - began
    tally.inputs += 1
    tally.slowest = max(tally.slowest, (took, seed))
    if took > LONGEST:
        tally.hangs.append(seed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=1_000_000, help="all together; quick targets get more")
    parser.add_argument("--seconds", type=float, default=36_000, help="all together, at most")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--target", help="only this one")
    parser.add_argument("--seed", type=int, help="only this input; its traceback is shown")
    given = parser.parse_args()
    if given.seed is not None:
        with tempfile.TemporaryDirectory() as folder:
            _target(given.target).check(given.seed, Path(folder))
        return 0
    names = [given.target] if given.target else [target.name for target in TARGETS]
    tallies = _all(names, given)
    _print(tallies)
    return int(any(tally.faults or tally.hangs for tally in tallies))


def _all(names: list[str], given: argparse.Namespace) -> list[Tally]:
    """Let the targets take turns of equal time, until there were enough inputs or the time is up."""
    every = {name: Tally(name) for name in names}
    end = time.monotonic() + given.seconds
    with ProcessPoolExecutor(given.jobs) as pool:
        while (
            time.monotonic() < end and (done := sum(tally.inputs for tally in every.values())) < given.inputs
        ):
            most = -(-(given.inputs - done) // len(names))
            turns = [
                pool.submit(run, name, given.first + tally.inputs, most, SHARE / 1000)
                for name, tally in every.items()
            ]
            for turn in turns:
                _add(every, turn.result())
    return list(every.values())


def _add(every: dict[str, Tally], part: Tally) -> None:
    tally = every[part.name if part.name in every else next(iter(every))]
    tally.inputs += part.inputs
    tally.seconds += part.seconds
    tally.slowest = max(tally.slowest, part.slowest)
    tally.hangs += part.hangs
    tally.counts += part.counts
    tally.faults = {**part.faults, **tally.faults}


def _print(tallies: list[Tally]) -> None:
    print("| target | inputs | tracebacks | over 2 s | slowest |\n|---|---|---|---|---|")
    for tally in tallies:
        slowest = f"{tally.slowest[0] * 1000:,.0f} ms"
        faults = sum(tally.counts.values())
        print(f"| {tally.name} | {tally.inputs:,} | {faults:,} | {len(tally.hangs)} | {slowest} |")
    inputs, faults = (
        sum(values) for values in zip(*((t.inputs, t.counts.total()) for t in tallies), strict=True)
    )
    hangs = sum(len(tally.hangs) for tally in tallies)
    print(f"| **all** | **{inputs:,}** | **{faults:,}** | **{hangs}** | |")
    for tally in tallies:
        for place, seed in tally.faults.items():
            print(f"{tally.name}: {tally.counts[place]:,} times {place}, first --seed {seed}")
        for seed in tally.hangs[:5]:
            print(f"{tally.name}: over 2 s, --seed {seed}")


if __name__ == "__main__":
    sys.exit(main())
