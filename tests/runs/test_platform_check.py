"""`platforms check --live` opens a file's controls, here on a local server, and says which marks hold."""

import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfcheck.browser.pool import PoolOptions
from selfcheck.cli import cli
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs import platform_check
from selfcheck.runs.platform_check import names_to_check
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable, PageView

NOW = 1_767_225_600.0

PLATFORM = """
platform: ours
title: Ours
home: {home}
about: A site of three accounts.
hosts: [127.0.0.1]
handle: {{pattern: "[a-z0-9-]+", example: "@jane"}}
pages: {{profile: {{url: "{{home}}/@{{handle}}"}}}}
marks:
  - {{id: ours.suspended, says: suspended, when: {{status: [410]}}, tag: C, source: test, seen: "2026"}}
  - {{id: ours.gone, says: not_found, when: {{status: [404]}}, tag: C, source: test, seen: "2026"}}
  - {{id: ours.shown, says: shown, when: {{selector: {{css: h1}}}}, tag: C, source: test, seen: "2026"}}
controls: {{live: [kim, lee], absent: "zz{{random}}"}}
"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = {"/@kim": 200, "/@lee": 410}.get(self.path, 404)
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>A page</h1>")

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        path = tmp_path / "ours.yaml"
        path.write_text(PLATFORM.format(home=f"http://127.0.0.1:{server.server_port}"), encoding="utf-8")
        yield path
        server.shutdown()


def test_a_control_that_does_not_look_as_it_must_is_told(file: Path) -> None:
    shown = CliRunner().invoke(cli, ["platforms", "check", str(file), "--live"], standalone_mode=False)
    assert shown.return_value == 1, shown.output
    rows = {line.split()[0]: line for line in shown.output.splitlines() if " live " in line}
    assert ("kim" in rows["ok"], "lee" in rows["FAILED"]) == (True, True)
    assert "suspended (must be shown)" in rows["FAILED"]
    assert "Still hold: ours." in shown.output
    assert "ours.gone" in shown.output
    assert "Not met by any control" in shown.output


class StartedError(Exception):
    """A browser would have been started now."""


def test_its_page_views_count_with_those_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that used the day's limit up leaves nothing to it, and it leaves less to the next run."""

    def seen(_choice: object, options: PoolOptions) -> None:
        view = PageView(platform="ours", address="ours.example", viewpoint="anonymous", profile="check")
        assert not options.table.take(view, NOW, most=1)
        raise StartedError

    path = tmp_path / "ours.yaml"
    path.write_text(PLATFORM.format(home="https://ours.example"), encoding="utf-8")
    data = DataFolder(tmp_path / "data")
    with closing(LimitsTable.open(data)) as table:
        own = PageView(platform="ours", address="ours.example", viewpoint="anonymous", profile="jane")
        assert table.take(own, NOW - 60, most=1)
    monkeypatch.setattr(platform_check, "provide_browser", lambda *_args, **_more: None)
    monkeypatch.setattr(platform_check, "open_pool", seen)
    words = ["platforms", "check", str(path), "--live", "--data", str(data.path)]
    with pytest.raises(StartedError):
        CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)


def test_platforms_are_only_checked_by_themselves_where_their_rules_do_not_forbid_it() -> None:
    asked = [load_platform(name) for name in names_to_check()]
    assert not any(platform.limits.programs == "forbidden" or platform.login_wall for platform in asked)
    assert not any(platform.built_in_demo for platform in asked)


@pytest.mark.parametrize("name", ["demo", "ghost"])
def test_software_without_a_site_of_its_own_is_not_opened(name: str) -> None:
    with pytest.raises(UsageError, match="no site of its own"):
        CliRunner().invoke(
            cli, ["platforms", "check", name, "--live"], standalone_mode=False, catch_exceptions=False
        )
