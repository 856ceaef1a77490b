"""Makes a stored sample of a run, which every later version must read and judge alike.

`python tests/support/samples.py` looks at some states of the demo site with a real browser and keeps what a
replay reads, without pictures, in `tests/samples/runs/<version>/`. Once committed a sample is never changed.
"""

import shutil
import tempfile
from pathlib import Path

from runs import demo_request, finish

from selfcheck import __version__
from selfcheck.demo.states import STATES

SAMPLES = Path(__file__).parents[1] / "samples" / "runs"
STATES_KEPT = (
    "healthy",
    "silently-suspended",
    "suspended-told",
    "hidden",
    "story-removed",
    "story-blurred",
    "missing-from-lists",
    "deleted",
    "bot-wall",
    "session-expired",
    "cached-flip",
    "unrecognised",
)
READ_BY_A_REPLAY = {".json", ".html", ".xml"}


def trim(run: Path, sample: Path) -> None:
    """Copy what a replay reads."""
    for path in sorted(run.rglob("*")):
        if path.suffix in READ_BY_A_REPLAY and path.name != "report.html":
            target = sample / path.relative_to(run)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def main() -> None:
    """Make the sample of this version."""
    with tempfile.TemporaryDirectory() as scratch:
        kept = (state for state in STATES if state.name in STATES_KEPT)
        run = finish(Path(scratch), *(demo_request(state) for state in kept)).folder
        trim(run, SAMPLES / __version__ / run.name)


if __name__ == "__main__":
    main()
