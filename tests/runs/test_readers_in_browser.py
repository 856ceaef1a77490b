"""A second account that the user has looks where everybody is asked to sign in, in a real browser."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfcheck.cli import cli

PLATFORM = """
platform: walled
title: Walled
home: {home}
about: A site that asks everybody to sign in.
login_wall: true
hosts: [127.0.0.1]
handle: {{pattern: "[a-z0-9-]+", example: "@jane"}}
pages: {{profile: {{url: "{{home}}/@{{handle}}"}}}}
identity: {{profile: {{names: [{{selector: h1}}]}}}}
marks:
  - {{id: walled.in, says: login_wall, when: {{selector: {{css: form}}}}, tag: C, source: test, seen: "2026"}}
  - {{id: walled.gone, says: not_found, when: {{status: [404]}}, tag: C, source: test, seen: "2026"}}
  - {{id: walled.shown, says: shown, when: {{selector: {{css: h1}}}}, tag: C, source: test, seen: "2026"}}
sign_in:
  url: "{{home}}/in"
  signed_in: {{selector: {{css: "#me"}}}}
  whose: [{{selector: "#me"}}]
controls: {{live: [kim], absent: "zz{{random}}"}}
limits: {{gap_seconds: 0, jitter_seconds: 0, second_look_seconds: 0, least_interval_hours: 0}}
"""
PROFILES = """
profiles:
  - {name: jane, platform: ./walled.yaml, handle: "@jane", readers: {reader: other}}
"""
SECRETS = {"jane": "s3cret-of-jane-4711", "other-one": "s3cret-of-the-other-0815"}
HIDDEN_FROM = "other-one"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        cookie = self.headers.get("Cookie", "")
        who = next((name for name, secret in SECRETS.items() if secret in cookie), None)
        name = self.path.removeprefix("/@")
        if who is None:
            status, page = 200, "<form>Sign in</form>"
        elif name not in {"jane", "kim"} or (name, who) == ("jane", HIDDEN_FROM):
            status, page = 404, f"<p>Nobody.</p><b id=me>@{who}</b>"
        else:
            status, page = 200, f"<h1>@{name}</h1><b id=me>@{who}</b>"
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def home() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _typed(*words: str) -> str:
    done = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
    return done.stdout


def test_what_another_account_is_not_shown_is_likely_hidden_and_leaves_no_trace_of_it(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    (tmp_path / "walled.yaml").write_text(PLATFORM.format(home=home), encoding="utf-8")
    profiles, data = tmp_path / "profiles.yaml", tmp_path / "data"
    profiles.write_text(PROFILES, encoding="utf-8")
    for session, secret in zip(("jane", "other"), SECRETS.values(), strict=True):
        cookie = {"name": "who", "value": secret, "domain": "127.0.0.1", "path": "/", "expires": -1}
        cookie |= {"httpOnly": True, "secure": False, "sameSite": "Lax"}
        state = tmp_path / f"{session}.json"
        state.write_text(json.dumps({"cookies": [cookie], "origins": []}), encoding="utf-8")
        _typed("session", "import", session, str(state), "--profiles", str(profiles))

    run = json.loads(_typed("run", "--profiles", str(profiles), "--data", str(data), "--format", "json"))

    (jane,) = run["profiles"]
    assert (jane["verdict"], jane["silent"], jane["strength"]) == ("hidden", True, "likely")
    assert jane["rules"][0] == "reader.hidden"
    (page,) = jane["pages"]
    views = {**page["views"], **page["readers"]}
    assert {who: view["outcome"] for who, view in views.items()} == {
        "anonymous": "login_wall",
        "author": "shown",
        "reader": "not_found",
    }
    kept = [path for path in data.rglob("*") if path.is_file()]
    assert not [path for path in kept if "reader" in path.name]
    assert not [path.name for path in kept if SECRETS[HIDDEN_FROM].encode() in path.read_bytes()]
    named = [path.name for path in kept if HIDDEN_FROM.encode() in path.read_bytes()]
    assert named == ["case.json"]  # what the judge was told; it is never shown to others
