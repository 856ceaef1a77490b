"""Runs that the app started: what is known of one, also after the app was killed, and how it is stopped."""

import json
import os
import re
import signal
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from app_client import AppClient, progress

from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.lock import best_effort_lock
from selfcheck.web import run_jobs
from selfcheck.web.run_jobs import RunJob, RunJobs

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ID = "20261128T115900Z-abcdef"
BEGUN: Mapping[str, object] = {"event": "begun", "pid": 4711}
OPENED: tuple[Mapping[str, object], ...] = (
    BEGUN,
    {"event": "expected", "views": 12},
    {"event": "looking", "profile": "jane", "text": "profile"},
    {"event": "opening", "views": 2},
)
ENDED: Mapping[str, object] = {"event": "ended", "run_id": "r-1", "exit_code": 1}


def asked(data: DataFolder, *events: Mapping[str, object], age: timedelta = timedelta(minutes=1)) -> Path:
    """A run as the app leaves it on the disk."""
    folder = data.app_run(ID)
    folder.mkdir(parents=True)
    started = {"command": "run", "profiles": ["jane"], "started_at": (NOW - age).isoformat()}
    (folder / "asked.json").write_text(json.dumps(started), "utf-8")
    (folder / "messages.txt").write_text("Loading.\nError: no browser was found.\n", "utf-8")
    if events:
        progress(folder, *events)
    return folder


def found(data: DataFolder) -> RunJob:
    """The run as an app that was started just now knows it."""
    job = RunJobs(now=lambda: NOW, random=Random(1)).get(data, ID)
    assert job is not None
    return job


@pytest.mark.parametrize(
    ("events", "age", "alive", "running", "troubled"),
    [
        pytest.param((), 1, False, True, False, id="it has not begun yet"),
        pytest.param((), 60, False, False, True, id="it never began"),
        pytest.param(OPENED, 60, True, True, False, id="it runs"),
        pytest.param(OPENED, 60, False, False, True, id="it was killed"),
        pytest.param((*OPENED, ENDED), 60, False, False, False, id="it ended"),
        pytest.param((*OPENED, ENDED), 60, True, False, False, id="it ended just now"),
    ],
)
def test_a_run_is_found_again(
    tmp_path: Path,
    events: tuple[Mapping[str, object], ...],
    age: int,
    *,
    alive: bool,
    running: bool,
    troubled: bool,
) -> None:
    data = DataFolder(tmp_path)
    folder = asked(data, *events, age=timedelta(seconds=age))
    with best_effort_lock(folder / "progress.jsonl.lock") if alive else nullcontext():
        job = found(data)
    assert (job.running, bool(job.trouble)) == (running, troubled)
    if events:
        assert (job.opened, job.expected, job.doing) == (2, 12, {"jane": "profile"})
    if troubled:
        assert job.trouble[-1] == "Error: no browser was found."


def test_a_second_start_leads_to_the_run_that_goes_on(tmp_path: Path) -> None:
    client = AppClient(tmp_path, NOW)
    (tmp_path / "profiles.yaml").write_text(
        "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n", "utf-8"
    )
    folder = asked(client.context.workspaces["mine"].data, *OPENED)
    with best_effort_lock(folder / "progress.jsonl.lock"):
        assert client.post("/mine/run").headers["location"] == f"/mine/progress/{ID}"
        page = client.get(f"/mine/progress/{ID}").text
        assert "Page view 2 of at most 12" in page
        assert re.search(r"Medium: it waits \d+ to \d+ seconds between two page views", page)
        assert '<noscript><meta http-equiv="refresh"' in page
        assert f"/mine/progress/{ID}" in client.get("/mine/").text
    stopped = client.get(f"/mine/progress/{ID}").text
    assert "Error: no browser was found." in stopped
    events = client.get(f"/mine/progress/{ID}/events")
    assert events.headers["content-type"].startswith("text/event-stream")
    assert json.loads(events.text.removeprefix("data: "))["ended"] is True


@pytest.mark.parametrize("space", ["mine", "demo"])
def test_nobody_is_told_of_the_demos_authors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, space: str
) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setattr(run_jobs, "start_selfcheck", lambda _words, *, environ, **_: started.append(environ))
    for name in ("SELFCHECK_ALERT_URLS", "SELFCHECK_HEARTBEAT_URL", "SELFCHECK_KEY"):
        monkeypatch.setenv(name, "x")
    client = AppClient(tmp_path, NOW)
    file = client.context.workspaces[space].profiles_file
    file.parent.mkdir(exist_ok=True)
    file.write_text("profiles:\n  - {name: jane, platform: demo, handle: '@jonah-vey'}\n", "utf-8")
    assert client.post(f"/{space}/run").status == 303
    assert {"SELFCHECK_ALERT_URLS", "SELFCHECK_HEARTBEAT_URL"} & set(started[0]) == (
        {"SELFCHECK_ALERT_URLS", "SELFCHECK_HEARTBEAT_URL"} if space == "mine" else set()
    )
    assert "SELFCHECK_KEY" in started[0]


def test_only_a_run_that_goes_on_is_stopped_and_never_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: stopped.append((pid, number)))
    client = AppClient(tmp_path, NOW)
    folder = asked(client.context.workspaces["mine"].data, *OPENED)
    cancel = f"/mine/progress/{ID}/cancel"
    assert client.post(cancel).status == 303
    assert stopped == []  # its number may be another program's by now
    with best_effort_lock(folder / "progress.jsonl.lock"):
        assert client.post(cancel).status == 303
        assert stopped == [(4711, signal.SIGTERM)]
        for pid in (1, 0, -1, "4711"):
            progress(folder, {"event": "begun", "pid": pid})
            assert client.post(cancel).status == 400
    assert len(stopped) == 1
    assert client.post("/mine/progress/another/cancel").status == 404
