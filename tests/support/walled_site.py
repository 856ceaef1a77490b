"""A small site behind a bot wall, and a platform file for it: what a run does there, from end to end."""

# ruff: noqa: E501 — a row of a platform file reads best as one line

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CLEARANCE = "passed-by-hand-0123456789abcdef"
WALL = """<title>Just a moment...</title><p>Verify you are human<script>
const ask = async () => {
  const answer = await fetch('/passed');
  if (!answer.ok) return setTimeout(ask, 50);
  document.cookie = `cf_clearance=${await answer.text()}; max-age=1800`;
  location.reload();
};
ask();</script>"""
PLATFORM = """
platform: walledblog
title: Walled Blog
home: {home}
about: A blog behind a bot wall.
hosts: [127.0.0.1]
handle: {{pattern: "[a-z0-9-]+", example: "@jane"}}
pages: {{profile: {{url: "{{home}}/@{{handle}}"}}}}
identity: {{profile: {{names: [{{selector: h1}}]}}}}
marks:
  - {{id: walledblog.shown, says: shown, when: {{status: [200], selector: {{css: h1}}}}, tag: C, source: test, seen: "2026"}}
  - {{id: walledblog.suspended, says: suspended, when: {{text: [account is suspended]}}, tag: C, source: test, seen: "2026"}}
  - {{id: walledblog.gone, says: not_found, when: {{status: [404]}}, tag: C, source: test, seen: "2026"}}
controls: {controls}
limits: {{gap_seconds: 0, jitter_seconds: 0, second_look_seconds: 0, least_interval_hours: 0}}
{more}
"""


class WalledSite(ThreadingHTTPServer):
    """Serves profiles to those who have passed its wall; `programs` is what it offers programs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.passed = False  # whether a person has passed the wall
        self.asked: list[tuple[str, str, str]] = []  # method, path, user agent
        self.programs: dict[str, tuple[int, str]] = {}  # status and body by path, before the wall

    def platform_file(self, folder: Path, more: str = "", *, controls: bool = True) -> Path:
        """Write the platform file and return where it is."""
        accounts = '{live: ["@live"], absent: "absent-{random}"}' if controls else "{}"
        path = folder / "walledblog.yaml"
        path.write_text(PLATFORM.format(home=self.url, more=more, controls=accounts), encoding="utf-8")
        return path

    def paths(self) -> list[str]:
        """Return what was asked for, in order."""
        return [path for _, path, _ in self.asked]

    def handle_error(self, *_: Any) -> None:
        """Say nothing: browsers hang up in the middle on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: WalledSite

    def do_GET(self) -> None:
        site = self.server
        if self.path == "/passed":
            self._answer(200, CLEARANCE) if site.passed else self._answer(404, "")
            return
        site.asked.append((self.command, self.path, self.headers.get("User-Agent", "")))
        if self.path in site.programs:
            self._answer(*site.programs[self.path])
        elif f"cf_clearance={CLEARANCE}" not in self.headers.get("Cookie", ""):
            self._answer(403, WALL, ("cf-mitigated", "challenge"))
        elif self.path.startswith("/@absent-"):
            self._answer(404, "<title>none</title><p>There is nothing here.")
        else:
            self._answer(
                200, f"<title>blog</title><h1>{self.path.removeprefix('/')}</h1><p>Words of the page"
            )

    def _answer(self, status: int, body: str, *headers: tuple[str, str]) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in (*headers, ("Content-Type", "text/html"), ("Content-Length", str(len(data)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def walled_site() -> Iterator[WalledSite]:
    """Serve the site while the block runs."""
    site = WalledSite()
    thread = threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
        thread.join()
