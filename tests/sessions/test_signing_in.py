"""Signing in by a link from a mail and over a debugging port; and `session check`, with a real browser."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from selfcheck.browser.discovery import BrowserChoice, find_browser
from selfcheck.browser.launcher import sandboxed
from selfcheck.core.request import ProfileRequest
from selfcheck.demo.loopback import Reply, SiteRequest
from selfcheck.demo.site import DemoSite
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import values_of
from selfcheck.runs.session_check import check_url
from selfcheck.sessions import encryption, session_token
from selfcheck.sessions.keys import SessionKeys
from selfcheck.sessions.login import SignInTarget, link_refusal, sign_in, take_over
from selfcheck.sessions.store import SessionStore

DEMO = load_platform("demo")


class MailingSite(DemoSite):
    """The demo site, with links that sign in anyone who opens them."""

    def answer(self, asked: SiteRequest) -> Reply:
        if asked.path == "/mail-link":
            to = ("Location", "/me/stats")
            return Reply(status=302, headers=(to, self.set_cookie(asked.query["for"])))
        return super().answer(asked)


@pytest.fixture(scope="module")
def choice() -> BrowserChoice:
    found = find_browser(os.environ.get("SELFCHECK_BROWSER") or None, headed=False)
    if found is None:
        pytest.skip("no browser on this machine")
    return found


def place_of(site: DemoSite, handle: str, said: list[str], pasted: list[str]) -> SignInTarget:
    profile = ProfileRequest(name=handle, platform="demo", handle=handle, base_url=site.url, session=handle)
    values = values_of(profile, DEMO)
    return SignInTarget(
        platform=DEMO,
        home=site.url,
        check_url=check_url(profile, DEMO),
        observe=partial(observe, platform=DEMO, values=values),
        say=said.append,
        deadline=30,
        pasted=lambda: pasted.pop(0) if pasted else None,
    )


def test_a_pasted_mail_link_signs_in_and_another_sites_is_not_opened(choice: BrowserChoice) -> None:
    said: list[str] = []
    with MailingSite() as site:
        links = ["https://evil.example/?token=s3cret", f"{site.url}/mail-link?for=elena-marsh"]
        signed_in = sign_in(choice, place_of(site, "jonah-vey", said, links), headed=False)
        assert signed_in.handle == "elena-marsh"
        assert [one["name"] for one in signed_in.state["cookies"]] == ["ink_session"]
    assert any("leads to evil.example" in one for one in said)
    assert "s3cret" not in " ".join(said)


@contextmanager
def started_by_the_user(choice: BrowserChoice, folder: Path, url: str) -> Iterator[str]:
    """A browser with a debugging port and a page open, as a user starts it; yields the port's address."""
    command = [str(choice.path), "--headless", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    process = subprocess.Popen(
        [*command, "--no-first-run", "--disable-gpu", *([] if sandboxed() else ["--no-sandbox"]), url],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # it may be started by a script, and is ended with it
    )
    try:
        assert process.stderr is not None
        told = next(line for line in process.stderr if "DevTools listening on" in line)
        yield told.split("DevTools listening on ", 1)[1].split("/devtools")[0].replace("ws://", "http://")
        assert process.poll() is None  # it was left running
    finally:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()
        process.communicate(timeout=20)


def test_a_session_is_taken_from_a_browser_that_the_user_started(
    choice: BrowserChoice, tmp_path: Path
) -> None:
    said: list[str] = []
    with MailingSite() as site:
        link = f"{site.url}/mail-link?for=elena-marsh"
        with started_by_the_user(choice, tmp_path, link) as endpoint:
            taken = take_over(endpoint, place_of(site, "elena-marsh", said, []))
    assert (taken.handle, [one["name"] for one in taken.state["cookies"]]) == ("elena-marsh", ["ink_session"])


@pytest.mark.parametrize(
    ("link", "opened"),
    [
        ("https://medium.com/m/callback/email?token=x", True),
        ("https://jane.medium.com/x", True),
        ("http://medium.com/x", False),
        ("https://medium.com.evil.example/x", False),
        ("https://medium.com@evil.example/x", False),
        ("javascript:alert(1)", False),
        ("hello", False),
        ("", False),
    ],
)
def test_only_a_link_of_the_platform_is_opened(link: str, opened: bool) -> None:
    assert (link_refusal(link, load_platform("medium").hosts) is None) is opened


def test_the_check_says_whose_a_session_is_saved_or_given(tmp_path: Path) -> None:
    key = encryption.new_identity()
    with DemoSite() as site:
        rows = [
            {"name": name, "platform": "demo", "handle": "elena-marsh", "base_url": site.url, "session": name}
            for name in ("own", "other", "given", "ended")
        ]
        (tmp_path / "profiles.yaml").write_text(json.dumps({"profiles": rows}), encoding="utf-8")
        states: dict[str, Any] = {
            name: site.storage_state(handle)
            for name, handle in (("own", "elena-marsh"), ("other", "jonah-vey"), ("given", "elena-marsh"))
        }
        states["ended"] = {"cookies": [{**states["own"]["cookies"][0], "value": "x.0.y"}], "origins": []}
        environ = {"SELFCHECK_KEY": key, "SELFCHECK_SESSIONS": str(tmp_path / "sessions")}
        store = SessionStore(tmp_path / "sessions", environ=environ)
        for name in ("own", "other", "ended"):
            store.save(name, states[name])
        keys = SessionKeys(environ, file=tmp_path / "key")
        line = session_token.export(states["given"], keys, platform=DEMO, now=store.saved_at("own")).line  # type: ignore[arg-type]
        site.log.clear()
        done = subprocess.run(
            [sys.executable, "-m", "selfcheck", "session", "check"],
            cwd=tmp_path,
            env={**os.environ, **environ, "SELFCHECK_SESSION_GIVEN": line},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=90,
        )
        pages = [one.path for one in site.log if not one.path.startswith(("/static", "/img", "/favicon"))]
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines() == [
        "own  signed in as @elena-marsh",
        "other  signed in as @jonah-vey, not as @elena-marsh",
        "given  signed in as @elena-marsh",
        "ended  it is not signed in any more",
    ]
    assert "selfcheck login ended" in done.stderr
    assert pages == ["/me/stats"] * 4 + ["/signin?next=/me/stats"]
