"""A client of the web app: in this process without a socket, or the app served for a browser."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from itertools import count
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import uvicorn
from machines import Machine

from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.schedule.host import HostPaths
from selfcheck.schedule.triggers import LocalClock
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.data_folder import DataFolder
from selfcheck.web import server
from selfcheck.web.access import AccessGuard, Keys
from selfcheck.web.page import AppContext
from selfcheck.web.routes import app
from selfcheck.web.run_jobs import RunJobs

PORT = 4711
HOST = f"127.0.0.1:{PORT}"


@dataclass
class Answer:
    """What the app answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def context(folder: Path, now: datetime | None = None, machine: Machine | None = None) -> AppContext:
    """What one start of the app is given, with the user's files in this folder."""
    request = server.AppRequest(
        data=DataFolder(folder / "data"),
        demo=DataFolder(folder / "data-demo"),
        profiles_file=folder / "profiles.yaml",
        hints=USUAL_HINTS,
    )

    def clock() -> datetime:
        return now or datetime.now(UTC)

    return AppContext(
        workspaces=server.workspaces(request),
        jobs=RunJobs(now=clock, random=Random(1)),
        sessions=SessionStore(folder / "sessions"),
        environ={"HOME": str(folder)},
        secrets=folder / "secrets.env",
        machine=HostPaths(
            register=folder / "schedules",
            units=folder / "units",
            agents=folder / "agents",
            user=0,
            machine="test",
            clock=LocalClock(zone=UTC),
        ),
        run_scheduler=machine or Machine(),
        now=clock,
        random=Random(2),
        sending=threading.Lock(),
        looking=threading.Lock(),
        sleep=lambda _seconds: None,
        hints=USUAL_HINTS,
    )


@dataclass
class AppClient:
    """Asks the app as a browser on this machine would, with whatever else a test puts in."""

    folder: Path
    now: datetime | None = None
    clock: Clock = field(default_factory=Clock)
    machine: Machine = field(default_factory=Machine)

    def __post_init__(self) -> None:
        numbers = count(1)
        self.keys = Keys(PORT, secret=lambda: f"secret-{next(numbers)}", seconds=self.clock)
        self.context = context(self.folder, self.now, self.machine)
        self.app: AccessGuard = app(self.context, self.keys)
        self.cookie = f"{self.keys.cookie_name}=secret-2"

    def get(self, path: str, **headers: str | None) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str | None) -> Answer:
        fields = {"form_token": self.keys.form_token, **(form or {})}
        usual = {
            "origin": f"http://{HOST}",
            "content_type": "application/x-www-form-urlencoded",
        }
        return self.ask("POST", path, headers={**usual, **headers}, body=urlencode(fields).encode())

    def ask(self, method: str, path: str, *, headers: Mapping[str, str | None], body: bytes = b"") -> Answer:
        """Ask; a header that is None is left out, and `_` in its name is `-`."""
        usual: dict[str, str | None] = {"host": HOST, "cookie": self.cookie}
        sent = {name.replace("_", "-"): value for name, value in {**usual, **headers}.items()}
        path, _, query = path.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items() if value is not None],
            "server": ("127.0.0.1", PORT),
            "client": ("127.0.0.1", 1),
        }
        return asyncio.run(self._answer(scope, body))

    async def _answer(self, scope: dict[str, Any], body: bytes) -> Answer:
        answer = Answer(0, {}, b"")
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else await asyncio.Event().wait() or {}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        await self.app(scope, receive, send)
        return answer


def words(text: str) -> str:
    """Return a page as it is read."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def progress(folder: Path, *events: Mapping[str, object]) -> None:
    """Write a run's progress as the run itself does."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{json.dumps(event)}\n" for event in events)
    (folder / "progress.jsonl").write_text(lines, "utf-8")


@contextmanager
def served(folder: Path, now: datetime | None = None) -> Iterator[str]:
    """Serve the app on a free port of this machine; yield the address that opens it."""
    with server.listening(0) as listener:
        port = listener.getsockname()[1]
        keys = Keys(port, secret=lambda: token_urlsafe(16), seconds=Clock())
        running = server.web_server(context(folder, now), keys)
        thread = threading.Thread(target=_run, args=(running, listener))
        thread.start()
        try:
            yield keys.address
        finally:
            running.should_exit = True
            thread.join()


def _run(running: uvicorn.Server, listener: Any) -> None:
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(running.serve(sockets=[listener]))
    finally:
        loop.close()
