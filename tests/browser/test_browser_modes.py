"""With what kind of browser a run looks: a window, a display without a screen, a browser elsewhere."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.display import check_display, display_for
from selfcheck.browser.launcher import RemoteBrowser, could_not_connect, sandboxed
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.capture import Capture
from selfcheck.core.enums import AUTHOR, BrowserMode
from selfcheck.errors import BrowserMissingError

from .conftest import Site, World, look_once, platform_of

STAND_IN = """\
import os, sys, time
words = sys.argv[1:]
print(" ".join(words), file=open({log!r}, "w"))
if {starts}:
    os.write(int(words[words.index("-displayfd") + 1]), b"73\\n")
    time.sleep(60)
"""


@pytest.fixture
def xvfb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Put a stand-in for Xvfb on the path; the file that is returned has the words it was called with."""

    def install(*, starts: bool = True) -> Path:
        log, program, script = tmp_path / "words", tmp_path / "Xvfb", tmp_path / "Xvfb.py"
        script.write_text(STAND_IN.format(log=str(log), starts=starts))
        # By the shell, since the path of a Python may hold a space.
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return log

    return install


posix = pytest.mark.skipif(os.name != "posix", reason="X is for POSIX")


@posix
def test_the_window_opens_on_an_xvfb_that_only_this_run_can_use(xvfb: Callable[..., Path]) -> None:
    log = xvfb()
    with display_for(BrowserMode.XVFB) as variables:
        words = log.read_text().split()
        children = [child for child in psutil.Process().children() if "Xvfb" in " ".join(child.cmdline())]
        assert variables["DISPLAY"] == ":73"
        assert Path(variables["XAUTHORITY"]).read_bytes().count(b"MIT-MAGIC-COOKIE-1") == 1
        assert words[words.index("-nolisten") + 1] == "tcp"
        assert words[words.index("-auth") + 1] == variables["XAUTHORITY"]
    assert len(children) == 1
    assert not children[0].is_running()
    assert not Path(variables["XAUTHORITY"]).exists()


@posix
def test_an_xvfb_that_does_not_start_is_said(xvfb: Callable[..., Path]) -> None:
    xvfb(starts=False)
    with pytest.raises(BrowserMissingError, match="did not start"), display_for(BrowserMode.XVFB):
        pytest.fail("there is no display")


@pytest.mark.parametrize("mode", [BrowserMode.HEADLESS, BrowserMode.WINDOW, BrowserMode.REMOTE])
def test_no_other_mode_changes_the_display(mode: BrowserMode) -> None:
    with display_for(mode) as variables:
        assert variables == {}


@pytest.mark.parametrize(
    ("mode", "system", "environ", "says"),
    [
        pytest.param(BrowserMode.HEADLESS, "linux", {}, None, id="no window needs no display"),
        pytest.param(BrowserMode.WINDOW, "linux", {}, "no display here", id="a server has none"),
        pytest.param(BrowserMode.WINDOW, "linux", {"DISPLAY": ":0"}, None, id="a desktop has one"),
        pytest.param(BrowserMode.WINDOW, "linux", {"WAYLAND_DISPLAY": "wayland-0"}, None, id="Wayland too"),
        pytest.param(BrowserMode.WINDOW, "darwin", {}, None, id="a Mac always has one"),
        pytest.param(BrowserMode.XVFB, "linux", {"PATH": "/nowhere"}, "Xvfb", id="Xvfb has to be installed"),
    ],
)
def test_where_a_window_cannot_open_is_said_before_the_run(
    mode: BrowserMode, system: str, environ: dict[str, str], says: str | None
) -> None:
    if says is None:
        check_display(mode, environ=environ, system=system)
    else:
        with pytest.raises(BrowserMissingError, match=says):
            check_display(mode, environ=environ, system=system)


@pytest.fixture
def elsewhere(choice: BrowserChoice, tmp_path: Path) -> Iterator[str]:
    """Give the address of a browser that somebody else has started."""
    words = [
        "--remote-debugging-port=0",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--headless",
        "--disable-gpu",
    ]
    words += [] if sandboxed() else ["--no-sandbox"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    process = subprocess.Popen([str(choice.path), *words, "about:blank"], **quiet)  # type: ignore[call-overload]
    try:
        line = next(line for line in process.stderr if b"DevTools listening on" in line)
        yield "http://" + line.decode().split("ws://")[1].split("/")[0]
    finally:
        browsers = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for browser in browsers:  # what is started may be a script that starts the browser
            with suppress(psutil.NoSuchProcess):
                browser.terminate()
        psutil.wait_procs(browsers, timeout=20)
        process.wait(20)
        process.stderr.close()


async def _look(address: str, url: str) -> tuple[str, Capture]:
    async with _pool(address) as pool:
        platform = platform_of()
        with pytest.raises(ValueError, match="never leaves"):
            async with pool.view(AUTHOR, platform, "http://127.0.0.1", {"cookies": [], "origins": []}):
                pytest.fail("the author's view was opened elsewhere")
        return pool.version, await look_once(pool, url, platform)


def _pool(address: str):  # type: ignore[no-untyped-def] # noqa: ANN202
    clock, remote = lambda: datetime.now(tz=UTC), RemoteBrowser(address)
    return open_pool(remote, PoolOptions(mode=BrowserMode.REMOTE, jobs=2, say=print, clock=clock))


def test_a_browser_elsewhere_looks_logged_out_by_the_same_rules(
    elsewhere: str, site: Site, world: World
) -> None:
    script = "fetch('/write', {method: 'POST'}).catch(() => 0)"
    url = site.page("/page", f"<title>There</title><p>Words of the page<script>{script}</script>")
    version, capture = world.do(_look(elsewhere, url))
    assert version.startswith("Remote browser ")
    assert (capture.status, capture.title, capture.screenshot is not None) == (200, "There", True)
    assert site.count("/write", "POST") == 0


def test_a_browser_that_cannot_be_reached_is_said_without_its_token(world: World) -> None:
    with closing(socket.socket()) as closed:  # bound and not listening: nobody else gets the port
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(BrowserMissingError) as error:
            world.do(_pool(f"ws://127.0.0.1:{port}/secret-token").__aenter__())
    text = " ".join(error.value.lines())
    assert "Nothing answered" in text
    assert "secret-token" not in text


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param(
            "WebSocket error: ws://pc 428 Precondition Required\nPlaywright version mismatch",
            "another version",
            id="another Playwright",
        ),
        pytest.param("WebSocket error: ws://pc 403 Forbidden", "token", id="a wrong token"),
        pytest.param("getaddrinfo ENOTFOUND pc", "Nothing answered", id="an unknown name"),
        pytest.param("Unexpected status 404 when connecting", "not a Chromium", id="another server"),
    ],
)
def test_each_trouble_with_a_browser_elsewhere_has_its_words(message: str, says: str) -> None:
    error = could_not_connect(RemoteBrowser("ws://pc/secret-token?token=secret-token"), message)
    assert says in " ".join(error.lines())
    assert "secret-token" not in " ".join(error.lines())


@pytest.mark.parametrize(
    ("url", "cdp"),
    [
        ("http://pc:9222", True),
        ("ws://pc:9222/devtools/browser/1", True),
        ("ws://pc:3000/token", False),
    ],
)
def test_how_a_browser_elsewhere_is_spoken_to_is_told_by_its_address(url: str, *, cdp: bool) -> None:
    assert RemoteBrowser(url).is_cdp is cdp
