"""A process that keeps and records runs, to be killed, crowded, or left without room.

`history_worker.py HOW DATA DOCUMENTS [BYTES]`: DOCUMENTS is a folder of run documents. It says `recorded ID`
for each that it has recorded. HOW is
- `record`: write each run's folder and record it;
- `pause`: stop while recording the first one, say `paused`, go on after a line;
- `refill`: rebuild the history, and stop meanwhile in the same way;
- `full`: as `record`, but no file may grow beyond BYTES; say what is refused, and end.
"""

import json
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.core.incident import Incident
from selfcheck.core.run import ToolInfo
from selfcheck.errors import StorageError
from selfcheck.history.rules import after_run
from selfcheck.history.service import rebuild_history
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run

TOOL = ToolInfo(version="1", rules_version="1", browser="none", platform="none")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def documents(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.iterdir())]


def pausing(*args: Any, **more: Any) -> Incident | None:
    say("paused")
    sys.stdin.readline()
    return after_run(*args, **more)


def keep(data_dir: Path, run: dict[str, Any]) -> None:
    folder = RunFolder.create(DataFolder(data_dir), run["run_id"])
    now = datetime.now(UTC)
    folder.write("jane/page/anonymous.png", b"\x89" * 20_000, how="screenshot", at=now)
    folder.finish(TOOL, result=json.dumps(run).encode(), at=now)


def record(data_dir: Path, run: dict[str, Any], rules: Any = after_run) -> None:
    with History.open(DataFolder(data_dir), rules) as history:
        history.record(read_run(json.dumps(run).encode(), name="run.json"))
    say(f"recorded {run['run_id']}")


def main(how: str, data: str, folder: str, room: str = "0") -> None:
    data_dir, runs = Path(data), documents(Path(folder))
    if how == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(room), int(room)))
    if how == "refill":
        rebuild_history(DataFolder(data_dir), pausing)
    elif how == "pause":
        record(data_dir, runs[0], pausing)
    else:
        say("ready")
        try:
            for run in runs:
                keep(data_dir, run)
                record(data_dir, run)
        except StorageError as error:
            say("refused " + " ".join(error.lines()))


if __name__ == "__main__":
    main(*sys.argv[1:])
