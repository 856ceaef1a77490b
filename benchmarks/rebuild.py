"""How long `selfcheck history --rebuild` works on 1,250 and on 5,000 runs, in processor time.

Each run has two profiles with thirty whole days of views; every second run is bad, so that there are as many
incidents as can be, and a note belongs to each. Goals: four times the runs take at most `GROWTH` times the
time, so that it grows as the runs do, and 5,000 runs at most `SECONDS`. Exit code 1: a goal was missed.

    python benchmarks/rebuild.py [RUNS]
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT)]

from histories import FIRST, document, judged  # noqa: E402 — the path comes first

from selfcheck.core.incident import AuthorEvent, EventKind, IncidentEvent  # noqa: E402
from selfcheck.history.journal import moment_text  # noqa: E402
from selfcheck.history.service import rebuild_history  # noqa: E402
from selfcheck.storage.data_folder import DataFolder  # noqa: E402

RUNS = 5_000
GROWTH = 5.0  # of four times the runs; 16 would be quadratic
SECONDS = 10.0
_APART = timedelta(hours=6)
_PROFILES = ("p0", "p1")


def written(data: DataFolder, count: int) -> None:
    """Write the folders of so many runs, and the journal with a note for each incident."""
    forms = {
        letter: document(
            FIRST,
            *(judged(letter, name=name, handle=name, followers=9, views=range(30)) for name in _PROFILES),
        )
        for letter in "VS"
    }
    notes = []
    for number in range(count):
        at = FIRST + number * _APART
        letter = "VS"[number % 2]
        run_id = f"{at:%Y%m%dT%H%M%SZ}-aaaaaa"
        text = json.dumps({**forms[letter], "run_id": run_id})
        folder = data.run(run_id)
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(text.replace(f"{FIRST:%Y-%m-%dT%H:}", f"{at:%Y-%m-%dT%H:}"), "utf-8")
        if letter == "S":
            event = IncidentEvent(at=at + _APART / 2, kind=EventKind.NOTED, text="a note")
            notes.append(AuthorEvent(incident="", profile="p0", first_bad_run=run_id, event=event))
    data.journal.write_text("".join(map(_line, notes)), encoding="utf-8")


def _line(said: AuthorEvent) -> str:
    event = said.event
    row = {"what": "said", "incident": said.incident, "profile": said.profile}
    row |= {"first_bad_run": said.first_bad_run, "at": moment_text(event.at), "kind": event.kind.value}
    return json.dumps({**row, "text": event.text, "message_id": None}) + "\n"


def seconds(count: int) -> float:
    with TemporaryDirectory() as scratch:
        data = DataFolder(Path(scratch))
        written(data, count)
        started = time.process_time()
        rebuilt = rebuild_history(data)
        taken = time.process_time() - started
    assert (rebuilt.runs, rebuilt.incidents, rebuilt.author_events) == (count, count, count // 2), rebuilt
    return taken


def main(runs: int) -> int:
    few, many = seconds(runs // 4), seconds(runs)
    growth = many / few
    print(f"{runs // 4:6} runs {few:6.2f} s\n{runs:6} runs {many:6.2f} s, {growth:.1f} times")
    met = growth <= GROWTH and (runs > RUNS or many <= SECONDS)
    print(f"goals: {GROWTH:.0f} times, {SECONDS:.0f} s for {RUNS} runs; {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS))
