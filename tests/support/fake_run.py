"""A `selfcheck run` without a browser: keeps a made-up run as a real one is kept, for what follows it.

`FAKE_RUN` says in JSON which: `letters` (one a profile, as in `histories.LETTERS`), `at` (when), `code` (the
exit code), and `hang` (a file to make when all but the result is written; then it waits for a signal).
"""

import json
import os
import re
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from histories import document, judged, record_runs

SECRET = re.compile("SELFCHECK_(SESSION_|KEY|ALERT)|GH_TOKEN|INPUT_")
AUTHORS = "what only the author sees: 4711"
PIXELS = b"\x89PNG\r\n\x1a\n"


def keep(data: Path, asked: dict[str, str]) -> Path:
    """Write the run's folder, all but its result, and return it."""
    at = datetime.fromisoformat(asked["at"])
    names = [f"jane{number or ''}" for number in range(len(asked["letters"]))]
    pages = [
        judged(
            letter,
            name=name,
            followers=4711,
            **{key: asked[key] for key in ("platform", "handle") if key in asked},
        )
        for name, letter in zip(names, asked["letters"], strict=True)
    ]
    made = document(at, *pages, suffix=asked.get("suffix", "aaaaaa"))
    folder = data / "runs" / made["run_id"]
    for name in names:
        (folder / name / "profile").mkdir(parents=True)
        for who in ("anonymous", "author", "side-by-side"):
            (folder / name / "profile" / f"{who}.png").write_bytes(PIXELS + who.encode())
        (folder / name / "profile" / "anonymous.html").write_text("<p>what all see</p>", "utf-8")
        (folder / name / "profile" / "author.look.json").write_text(json.dumps(AUTHORS), "utf-8")
    (folder / "report.html").write_text(f"<p>{AUTHORS}</p>", "utf-8")
    (folder / "manifest.json").write_text("{}\n", "utf-8")
    (folder / "result.json").write_text(json.dumps(made), "utf-8")
    return folder


def finish(data: Path, folder: Path) -> None:
    """Write the result, and record it."""
    (folder / "result.json").rename(folder / "run.json")
    record_runs(data, json.loads((folder / "run.json").read_text("utf-8")))


def given(environ: Mapping[str, str]) -> str:
    """Say what the run was given of secrets, as no run should: the log has to hide it."""
    secrets = [f"{name}={text}" for name, text in sorted(environ.items()) if SECRET.match(name)]
    return f"given: {' '.join(secrets)}\n"


def main() -> int:
    """Be `selfcheck run`."""
    asked = json.loads(os.environ["FAKE_RUN"])
    data = Path(sys.argv[sys.argv.index("--data") + 1])
    sys.stdout.write(given(os.environ))
    folder = keep(data, asked)
    if "hang" in asked:
        # Held back from here on and then waited for, so that a signal that comes at once is not missed.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        Path(asked["hang"]).touch()
        signal.sigwait({signal.SIGINT})
    finish(data, folder)
    return int(asked["code"])


if __name__ == "__main__":
    sys.exit(main())
