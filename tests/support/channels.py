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


_GH = '''#!{python} -IS
"""A gh that keeps its calls and its issues in a file beside it."""
import json, pathlib, sys
here = pathlib.Path(__file__).parent
state = json.loads((here / "gh.json").read_text())
words = sys.argv[1:]
body = sys.stdin.read() if "--body-file" in words else ""
state["calls"].append(words)
fails = state["fails"]
issues = state["issues"]
if fails:
    print(fails, file=sys.stderr)
elif words[:2] == ["issue", "list"]:
    print(json.dumps(issues))
elif words[:2] == ["issue", "create"]:
    number = len(issues) + 1
    title = words[words.index("--title") + 1]
    labels = [{{"name": words[words.index("--label") + 1]}}]
    made = {{"number": number, "state": "OPEN", "body": body, "title": title, "comments": []}}
    issues.append({{**made, "labels": labels}})
    print(f"https://github.com/jane/watch/issues/{{number}}")
elif words[:2] == ["issue", "comment"]:
    issues[int(words[2]) - 1]["comments"].append(body)
elif words[:2] in (["issue", "close"], ["issue", "reopen"]):
    issues[int(words[2]) - 1]["state"] = "CLOSED" if words[1] == "close" else "OPEN"
(here / "gh.json").write_text(json.dumps(state))
sys.exit(1 if fails else 0)
'''


class FakeGh:
    """A program `gh` in a folder of its own, to be put on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        program = folder / "gh"
        program.write_text(_GH.format(python=sys.executable), encoding="utf-8")
        program.chmod(0o755)
        self._write({"calls": [], "issues": [], "fails": ""})

    def fail(self, words: str) -> None:
        """Let every call fail with these words from now on; empty: no more."""
        self._write({**self._read(), "fails": words})

    def take_label(self, number: int) -> None:
        """Let an issue be without its label, as one that a stranger opened."""
        state = self._read()
        state["issues"][number - 1]["labels"] = []  # type: ignore[index]
        self._write(state)

    @property
    def issues(self) -> list[dict[str, object]]:
        """Return the issues that there are."""
        found: list[dict[str, object]] = self._read()["issues"]  # type: ignore[assignment]
        return found

    @property
    def calls(self) -> list[str]:
        """Return what was called: the first two words of each call."""
        calls: list[list[str]] = self._read()["calls"]  # type: ignore[assignment]
        return [" ".join(one[:2]) for one in calls]

    @property
    def words(self) -> list[list[str]]:
        """Return all words of each call."""
        found: list[list[str]] = self._read()["calls"]  # type: ignore[assignment]
        return found

    def _read(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.folder / "gh.json").read_text(encoding="utf-8"))
        return found

    def _write(self, state: dict[str, object]) -> None:
        (self.folder / "gh.json").write_text(json.dumps(state), encoding="utf-8")


def clock(moment: datetime) -> str:
    """Return a moment as a test's table has it: `Tue 08:15`."""
    return f"{moment:%a %H:%M}"
