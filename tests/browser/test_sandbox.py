"""The browser keeps its sandbox, but for root on Linux, where it starts with none."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from selfcheck.browser import launcher
from selfcheck.browser.discovery import BrowserChoice, find_browser
from selfcheck.browser.launcher import could_not_start, open_browsers

UNSANDBOXED = "--no-sandbox"


@pytest.mark.parametrize(
    ("system", "user", "said", "sandbox"),
    [
        pytest.param("linux", 0, None, False, id="root on Linux has to do without"),
        pytest.param("linux", 1000, None, True, id="anybody else keeps it"),
        pytest.param("darwin", 0, None, True, id="root elsewhere keeps it"),
        pytest.param("linux", 1000, "off", False, id="a container's user may say that it is shut in already"),
        pytest.param("linux", 1000, "on", True, id="any other word changes nothing"),
    ],
)
def test_only_root_on_linux_goes_without(
    monkeypatch: pytest.MonkeyPatch, system: str, user: int, said: str | None, *, sandbox: bool
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(launcher.os, "geteuid", lambda: user, raising=False)
    monkeypatch.delenv("SELFCHECK_SANDBOX", raising=False)
    if said is not None:
        monkeypatch.setenv("SELFCHECK_SANDBOX", said)
    assert launcher.sandboxed() is sandbox
    assert UNSANDBOXED not in launcher.arguments()


def test_a_system_that_forbids_the_sandbox_is_distinguished_from_a_broken_browser() -> None:
    choice = find_browser(None, headed=False)
    assert choice is not None
    forbidden = could_not_start(choice, "Launch failed\nFATAL: No usable sandbox! Update your kernel")
    assert "SELFCHECK_SANDBOX=off" in forbidden.next_step_text()
    assert "SELFCHECK_SANDBOX" not in could_not_start(choice, "Launch failed\nno such file").next_step_text()


def test_a_limit_on_the_size_of_files_is_told_as_such() -> None:
    """A browser under `ulimit -f` says nothing of it as it ends."""
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536));"
        "from selfcheck.browser.launcher import could_not_start;"
        "from selfcheck.browser.discovery import BrowserChoice, find_browser;"
        "print(*could_not_start(find_browser(None, headed=False), 'Target closed').lines())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "65,536 bytes (`ulimit -f`)" in done.stdout


async def _command_lines(choice: BrowserChoice) -> list[list[str]]:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    async with open_browsers(choice, count=1, say=lambda _: None) as (process,):
        await process.ready()
        children = psutil.Process().children(recursive=True)
        return [child.cmdline() for child in children if child.pid not in before]


def test_a_browser_that_runs_has_been_started_so() -> None:
    choice = find_browser(None, headed=False)
    assert choice is not None
    lines = [line for line in asyncio.run(_command_lines(choice)) if "--user-data-dir" in " ".join(line)]
    assert lines
    assert all((UNSANDBOXED in line) is not launcher.sandboxed() for line in lines)


AS_NOBODY = (
    "setpriv",
    *("--reuid=65534", "--regid=65534", "--clear-groups"),
    # To read a Python that is installed below /root; it gives no other right.
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)
SHOW_RENDERERS = """
import asyncio, os, psutil
from selfcheck.browser.discovery import find_browser
from selfcheck.browser.launcher import open_browsers

async def main():
    async with open_browsers(find_browser(None, headed=False), count=1, say=print) as (process,):
        browser, _ = await process.ready()
        page = await browser.new_page()
        await page.set_content("<p>x</p>")
        for child in psutil.Process().children(recursive=True):
            line = " ".join(child.cmdline())
            if "--user-data-dir" in line or "--type=renderer" in line:
                with open(f"/proc/{child.pid}/status") as file:
                    status = dict(part.partition(":")[::2] for part in file.read().splitlines())
                kind = "renderer" if "--type=renderer" in line else "browser"
                spaces = len(status["NSpid"].split())
                print(kind, os.getuid(), "--no-sandbox" in line, status["Seccomp"].strip(), spaces)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="another user has the test above")
def test_an_ordinary_user_has_a_sandbox_that_shuts_pages_in(tmp_path: Path) -> None:
    """Each page's process has a filter of system calls (2), and a number space of its own."""
    tried = [*AS_NOBODY, "unshare", "-U", "true"]
    if not shutil.which("setpriv") or subprocess.run(tried, check=False, capture_output=True).returncode:
        pytest.skip("this system starts nothing as another user, or gives it no namespaces")
    tmp_path.chmod(0o777)
    done = subprocess.run(
        [*AS_NOBODY, sys.executable, "-c", SHOW_RENDERERS],
        env={**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "SELFCHECK_SANDBOX": ""},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(("renderer", "browser"))]
    assert {row[0] for row in rows} == {"renderer", "browser"}
    assert all(row[1:3] == ["65534", "False"] for row in rows)
    assert all(row[3] == "2" and int(row[4]) > 1 for row in rows if row[0] == "renderer")
