"""Channels written by hand, servers on loopback, and a `gh` that remembers, for the tests of alerts."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from fake_github import FakeGitHub

from selfcheck.alerts.configured_channels import ConfiguredChannel, Environment
from selfcheck.alerts.notice import AlertMessage, SentNotice
from selfcheck.settings.alerts import ChannelSettings


def silence(_text: str) -> None:
    """Say nothing."""


def outside(environ: dict[str, str] | None = None) -> Environment:
    """A world in which waiting costs no time."""
    return Environment(environ=environ or {}, sleep=lambda _seconds: None, say=silence)


@dataclass
class Inbox:
    """A channel that keeps what it is sent, and can be dead for a while."""

    messages: list[AlertMessage] = field(default_factory=list)
    tries: int = 0
    dead: str = ""  # why it does not answer; empty: it does

    def trouble(self) -> str | None:
        return None

    def send(self, message: AlertMessage) -> SentNotice:
        self.tries += 1
        if self.dead:
            return SentNotice(ok=False, detail=self.dead)
        self.messages.append(message)
        return SentNotice(ok=True)


def channel_to(inbox: Inbox, name: str, **settings: object) -> ConfiguredChannel:
    """A channel of this name that leads to the inbox."""
    chosen = ChannelSettings(name=name, kind="terminal", **settings)  # type: ignore[arg-type]
    return ConfiguredChannel(settings=chosen, channel=inbox)


@dataclass
class Asked:
    """What a server was asked, and what it answers."""

    status: int = 200
    picture_status: int | None = None  # what it answers to an attachment, if anything else
    address: str = ""  # host and port
    paths: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def documents(self) -> list[dict[str, object]]:
        """Return the bodies as JSON."""
        return [json.loads(one) for one in self.bodies]


@contextmanager
def server() -> Iterator[Asked]:
    """A server on loopback that keeps what it is sent."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
            asked.paths.append(self.path)
            asked.bodies.append(body)
            has_picture = asked.picture_status is not None and '"base64"' in body
            self.send_response(asked.picture_status or 200 if has_picture else asked.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    asked.address = f"127.0.0.1:{httpd.server_port}"
    try:
        yield asked
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


class FakeGh:
    """A program `gh` in a folder of its own, to be put on the PATH, with a GitHub in a file beside it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "gh.json"
        self.folder = folder
        folder.mkdir()
        program = folder / "gh"
        fake = Path(__file__).with_name("fake_github.py")
        program.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -IS "{fake}" "{self._file}" "$@"\n', encoding="utf-8"
        )
        program.chmod(0o755)

    def fail(self, words: str) -> None:
        """Let every call fail with these words from now on; empty: no more."""
        github = self.github
        github.state["broken"] = words
        self._file.write_text(json.dumps(github.state), encoding="utf-8")

    @property
    def github(self) -> FakeGitHub:
        """Return what is on GitHub now."""
        return FakeGitHub(json.loads(self._file.read_text("utf-8")) if self._file.exists() else None)


def clock(moment: datetime) -> str:
    """Return a moment as a test's table has it: `Tue 08:15`."""
    return f"{moment:%a %H:%M}"
