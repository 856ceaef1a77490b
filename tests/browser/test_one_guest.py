"""Six processes on one data folder are one guest; the site's own log is the judge."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from guest_worker import GAP, KILLED, MOST

import selfcheck

SOURCE = Path(selfcheck.__file__).parent
WORKER = Path(__file__).parents[1] / "support" / "guest_worker.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes are forked")
def test_six_processes_are_one_guest(site: Any, tmp_path: Path) -> None:
    arrivals: dict[str, list[float]] = {"guest.test": [], "busy.test": []}

    def answer(handler: Any) -> None:
        name = handler.headers["Host"].partition(":")[0]
        arrivals[name].append(time.time())
        handler.answer("a page", status=429 if name == "busy.test" else 200)

    site.route("/@jane", answer)
    command = [sys.executable, str(WORKER), str(tmp_path), str(site.server_port)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    end, *answers = json.loads(ended.stdout)
    # The killed one has used up its page view, and made none.
    assert end == KILLED
    assert len(arrivals["guest.test"]) == MOST - 1
    told = Counter(answer for each in answers for answer in each[:4])
    assert told == {"200": MOST - 1, "budget_spent": 5 * 4 - (MOST - 1)}
    gaps = [later - earlier for earlier, later in pairwise(arrivals["guest.test"])]
    assert min(gaps) > GAP - 0.005
    # One was told that there were too many requests, and none of them asked again.
    assert len(arrivals["busy.test"]) == 1
    assert Counter(answer for each in answers for answer in each[4:]) == {"429": 1, "backing_off": 14}


def test_nothing_else_asks_over_plain_http() -> None:
    """Time stamps and the heartbeat go to servers that the user names, never to a platform."""
    client = re.compile(
        r"^\s*(import|from) (urllib\.request|http\.client|httpx|requests|aiohttp)\b.*", re.MULTILINE
    )
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for line in client.finditer(path.read_text(encoding="utf-8"))
        if "import getproxies" not in line[0]
    }
    assert users == {"browser/plain_http.py", "alerts/heartbeat.py", "evidence/stamps.py"}
