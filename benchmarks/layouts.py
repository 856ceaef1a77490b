"""Whether a layout that no platform file knows ever makes a verdict a wrong one: all scenarios, all layouts.

    python benchmarks/layouts.py [--only TEXT] [--all]

Each labelled scenario is run in each of nine renamed layouts (keys of data, classes and ids, both; for the
public, for the author, for both), with learned marks and without. The test suite tries a share of these.
Prints every wrong verdict, and with `--all` also those that an examiner accepts instead of the label; about
ten minutes. Exit code 1: a verdict was wrong.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT)]

from new_layouts import in_new_layout, is_right, new_layouts  # noqa: E402 — the path comes first
from scenarios import scenarios  # noqa: E402

from selfcheck.core.enums import Verdict  # noqa: E402


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Whether a new layout ever makes a verdict a wrong one.")
    parser.add_argument("--only", default="", help="only scenarios with this text in their name")
    parser.add_argument("--all", action="store_true", help="print what is accepted instead of the label too")
    options = parser.parse_args(arguments)
    chosen = [scenario for scenario in scenarios() if options.only in scenario.name]
    counted: Counter[str] = Counter()
    for layout, learns in product(new_layouts(), (True, False)):
        for scenario in chosen:
            result = in_new_layout(scenario, layout, learns=learns)
            said, label = result.verdict, scenario.expected
            kind = "as labelled" if said.verdict is label.verdict else "accepted instead of the label"
            kind = "inconclusive" if said.verdict is Verdict.INCONCLUSIVE is not label.verdict else kind
            kind = kind if is_right(result) else "wrong"
            counted[kind] += 1
            if kind == "wrong" or (options.all and kind.startswith("accepted")):
                how = f"{layout}, {'with' if learns else 'without'} learned marks"
                verdict = f"{said.verdict.value} ({said.strength.value}): {', '.join(said.rules)}"
                print(f"{kind}: {scenario.name} [{how}]: {label.verdict.value} -> {verdict}")
    print(f"{counted.total()} runs of {len(chosen)} scenarios: {dict(counted)}")
    return 1 if counted["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
