"""A run while the network fails in each way, with a platform file of the user's own."""

# ruff: noqa: E501 — a row of a table reads best as one line

import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from runs import environment, finish

from selfcheck.browser.backoff import BackOff, write_backoffs
from selfcheck.core.enums import Verdict
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.runs.run import Finished
from selfcheck.storage.data_folder import DataFolder

PLATFORM = """
platform: plainblog
title: Plain Blog
home: http://plainblog.invalid
about: An ordinary blog, as a user would describe one.
hosts: [plainblog.invalid, 127.0.0.1]
handle: {pattern: "[a-z0-9-]+", example: "@jane", show: "@{handle}"}
pages:
  profile: {url: "{home}/author/{handle}"}
sign_in:
  url: "{home}/login"
  signed_in: {selector: {css: "#adminbar"}}
  cookies: [blog_session]
marks:
  - {id: plainblog.shown, says: shown, when: {status: [200], selector: {css: "main.author"}}, tag: C, source: test, seen: "2026"}
  - {id: plainblog.gone, says: not_found, when: {status: [404], title: ["Not here"]}, tag: C, source: test, seen: "2026"}
controls: {live: ["@alive"], absent: "nobody-{random}"}
limits: {gap_seconds: 0, jitter_seconds: 0, second_look_seconds: 0, timeout_seconds: SECONDS}
"""
SHOWN = "<title>Jane</title><main class=author><h1>Jane</h1><p>Some words.</p></main>"
GONE = "<title>Not here</title><p>Nothing.</p>"


class Seen(NamedTuple):
    """What the blog was asked for: the path and the session that came along."""

    path: str
    session: str


class Blog(ThreadingHTTPServer):
    """A blog whose authors fail in the way that their name says."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Seen] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Visitors that hang up are part of these tests."""


class Handler(BaseHTTPRequestHandler):
    """Answers by the author's name."""

    server: Blog

    def do_GET(self) -> None:
        name = self.path.rsplit("/", maxsplit=1)[-1]
        cookies = self.headers.get("Cookie", "")
        self.server.asked.append(Seen(self.path, cookies))
        if name == "hanging":
            self.server.closing.wait(30)
        elif name == "reset":
            self.connection.close()
        elif name == "circles":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
        elif name == "broken":
            self._say(500, "<title>Oh no</title>")
        elif name == "rotating" and cookies:
            self._say(
                200, SHOWN + "<div id=adminbar></div>", "blog_session=second; Max-Age=9000; HttpOnly; Path=/"
            )
        elif name in {"jane", "alive", "rotating"}:
            bar = "<div id=adminbar></div>" if "blog_session" in cookies else ""
            self._say(200, SHOWN + bar)
        else:
            self._say(404, GONE)

    def _say(self, status: int, html: str, cookie: str = "") -> None:
        body = f"<!doctype html><html lang=en>{html}</html>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def blog(*, tls: bool = False) -> Iterator[Blog]:
    server = Blog()
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(Path(__file__).parents[1] / "browser" / "selfsigned.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()


def platform_file(folder: Path, *, seconds: int = 30) -> str:
    path = folder / f"plainblog-{seconds}.yaml"
    path.write_text(PLATFORM.replace("SECONDS", str(seconds)), encoding="utf-8")
    return str(path)


def author(folder: Path, name: str, base_url: str) -> ProfileRequest:
    """A profile; only the one that never answers is not given much time, so that a busy machine fails none."""
    platform = platform_file(folder, seconds=2) if name == "hanging" else platform_file(folder)
    return ProfileRequest(name=name, platform=platform, handle=name, base_url=base_url, session=name)


TROUBLES = {
    "hanging": "took too long",
    "reset": "broken",
    "circles": "kept redirecting",
    "refused": "refused",
    "dns": "could not be found",
    "tls": "could not be secured",
    "broken": "server error",
}


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("trouble")
    with ExitStack() as stack:
        site, secure = stack.enter_context(blog()), stack.enter_context(blog(tls=True))
        with blog() as gone:
            refused = gone.url
        homes = {
            "refused": refused,
            "dns": "http://no-such-host.invalid",
            "tls": secure.url.replace("http:", "https:"),
        }
        names = [*TROUBLES, "jane", "typo"]
        profiles = [author(folder, name, homes.get(name, site.url)) for name in names]
        return finish(folder, *profiles, anonymous_only=True)


def of(finished: Finished, name: str) -> ProfileVerdict:
    return next(one for one in finished.result.profiles if one.name == name)


@pytest.mark.parametrize("name", TROUBLES)
def test_each_failure_of_the_network_is_inconclusive_and_told_in_words(troubled: Finished, name: str) -> None:
    judged = of(troubled, name)
    assert judged.verdict is Verdict.INCONCLUSIVE
    assert TROUBLES[name] in judged.summary


def test_a_failure_of_one_profile_leaves_the_others_alone(troubled: Finished) -> None:
    assert of(troubled, "jane").verdict is Verdict.VISIBLE
    assert of(troubled, "typo").verdict is Verdict.MISSING
    assert troubled.result.failures == ()


def test_a_session_is_saved_again_only_when_the_platform_rotates_it(tmp_path: Path) -> None:
    here = environment(tmp_path)
    cookie = {"name": "blog_session", "value": "first-secret-value", "domain": "127.0.0.1", "path": "/", "expires": -1,
              "httpOnly": True, "secure": False, "sameSite": "Lax"}  # fmt: skip
    with blog() as site:
        for name in ("jane", "rotating"):
            here.sessions.save(name, {"cookies": [cookie], "origins": []})
        before = {
            name: (tmp_path / "sessions" / f"{name}.age").stat().st_mtime_ns for name in ("jane", "rotating")
        }
        done = finish(
            tmp_path,
            author(tmp_path, "jane", site.url),
            author(tmp_path, "rotating", site.url),
            in_environment=here,
        )
    assert [one.verdict for one in done.result.profiles] == [Verdict.VISIBLE, Verdict.VISIBLE]
    assert (tmp_path / "sessions" / "jane.age").stat().st_mtime_ns == before["jane"]
    kept = here.sessions.load("rotating")
    assert kept is not None
    assert [one["value"] for one in kept["cookies"]] == ["second"]
    everything = b"".join(path.read_bytes() for path in done.folder.rglob("*") if path.is_file())
    assert b"first-secret-value" not in everything


def test_without_a_saved_session_the_run_says_so_and_goes_on(tmp_path: Path) -> None:
    with blog() as site:
        done = finish(tmp_path, author(tmp_path, "jane", site.url))
    judged = done.result.profiles[0]
    assert judged.verdict is Verdict.VISIBLE
    assert "selfcheck login jane" in judged.notes[0]
    assert {seen.session for seen in site.asked} == {""}


def test_a_platform_that_asked_for_a_pause_is_not_opened_and_that_is_reported(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    rest = BackOff(
        platform="medium", host="medium.com", until=now + timedelta(hours=1), asked_at=now, told=True
    )
    write_backoffs(DataFolder(tmp_path / "data"), (rest,), now)
    profile = ProfileRequest(name="jane", platform="medium", handle="jane", session="jane")
    result = finish(tmp_path, profile).result
    (judged,) = result.profiles
    assert (judged.verdict, result.exit_code) == (Verdict.INCONCLUSIVE, 3)
    assert "asked to be left alone" in judged.summary
    assert any("no page of it is opened until" in note for note in judged.notes)
    assert (result.page_views, result.footprint) == ({}, ())
