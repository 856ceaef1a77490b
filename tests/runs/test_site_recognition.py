"""`init` asks a site which software it runs: by plain HTTP, a page and a few small addresses at most."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfcheck.cli import cli
from selfcheck.settings.profiles import read_configuration

NODEINFO = '{"software": {"name": "mastodon"}}'


class Site(ThreadingHTTPServer):
    """A server that answers these paths and nothing else."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.pages: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["User-Agent"]))
        body = self.server.pages.get(self.path)
        moved = body is None and f"{self.path}/" in self.server.pages
        self.send_response(200 if body is not None else 301 if moved else 404)
        if moved:
            self.send_header("Location", f"{self.path}/")
        self.send_header("Content-Length", str(len(body or "")))
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


WORDPRESS = '<meta name="generator" content="WordPress 6.8">'


@pytest.mark.parametrize(
    ("path", "pages", "told"),
    [
        pytest.param(
            "/@jane",
            {"/@jane": "A person", "/nodeinfo/2.0": NODEINFO},
            ("mastodon", "/nodeinfo/2.0"),
            id="by its node's description",
        ),
        pytest.param(
            "/author/jane",
            {"/author/jane/": WORDPRESS},
            ("wordpress", "/author/jane/"),
            id="by its generator, behind a redirect",
        ),
        pytest.param("/author/jane", {"/author/jane/": "A page"}, None, id="not at all"),
    ],
)
def test_init_recognises_a_site_of_ones_own(
    site: Site, tmp_path: Path, path: str, pages: dict[str, str], told: tuple[str, str] | None
) -> None:
    site.pages = pages
    file = tmp_path / "profiles.yaml"
    words = ["init", f"{site.url}{path}", "--profiles", str(file)]
    shown = CliRunner().invoke(cli, words, standalone_mode=False)
    assert all(agent.startswith("selfcheck/") for _, agent in site.asked)
    if told is None:
        assert "No known platform has addresses such as" in str(shown.exception)
        return
    assert shown.exception is None, shown.exception
    assert site.asked[-1][0] == told[1]
    assert "What can be known on" in shown.stdout
    (profile,) = read_configuration(file).profiles
    assert (profile.platform, profile.handle, profile.base_url) == (told[0], "jane", site.url)
