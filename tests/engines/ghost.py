"""Runs Ghost on loopback and compares selfcheck's verdicts with those that were written down.

Needs Node 20 with npm, and Chromium as for selfcheck itself. Ghost is installed from npm into FOLDER where it
is not there yet (minutes); nothing is written to FOLDER after that.
Usage: python tests/engines/ghost.py FOLDER [THEME ...]
"""

import http.cookiejar
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from real_engine import Comparison, State, free_port, with_ids

HERE = Path(__file__).resolve().parent
VERSION = "5.130.6"
THEMES = ("source", "casper")  # those that come with Ghost; the first is its default
OWNER = {"name": "Owner", "email": "owner@example.org", "password": "of-the-test-8361"}

USUAL = (
    State(name="healthy author", handle="jane", expect="visible", why="The public is shown it."),
    State(
        name="published post",
        handle="jane",
        story="/published/",
        expect="visible",
        why="The public is shown it.",
    ),
    State(
        name="draft at its later address",
        handle="jane",
        story="/draft/",
        expect="missing",
        why="Never published; the author has no view of their own at this address.",
    ),
    State(
        name="preview of a draft",
        handle="jane",
        story="/p/{draft}/",
        expect="visible",
        why="Whoever has the address is shown it.",
    ),
    State(
        name="scheduled post", handle="jane", story="/scheduled/", expect="missing", why="Not published yet."
    ),
    State(
        name="post for members",
        handle="jane",
        story="/members/",
        expect="visible",
        why="Its owner chose it: the beginning and a box are shown.",
    ),
    State(
        name="post for paying members",
        handle="jane",
        story="/paid/",
        expect="visible",
        why="Its owner chose it: the beginning and a box are shown.",
    ),
    State(
        name="deleted post", handle="jane", story="/to-delete/", expect="missing", why="Gone for everybody."
    ),
    State(
        name="post taken back to a draft",
        handle="jane",
        story="/taken-back/",
        expect="missing",
        why="Gone for everybody.",
    ),
    State(
        name="post that asks search engines not to list it",
        handle="jane",
        story="/noindex/",
        expect="visible page.shown",
        why="The owner's code, not a sanction.",
    ),
    State(name="author without posts", handle="newcomer", expect="missing", why="Ghost gives them no page."),
    State(
        name="suspended author",
        handle="suspended",
        expect="visible",
        why="Ghost keeps them from signing in; their page and posts stay.",
    ),
    State(
        name="post of a suspended author",
        handle="suspended",
        story="/of-suspended/",
        expect="visible",
        why="Their posts stay.",
    ),
    State(name="deleted author", handle="leaver", expect="missing", why="Nobody of this name."),
    State(name="nobody of this name", handle="nobody-here", expect="missing", why="Nobody of this name."),
)
NOINDEX = (
    State(
        name="the whole site asks not to be listed",
        handle="jane",
        expect="visible page.shown",
        why="The owner's code, not a sanction.",
    ),
)
PRIVATE = (
    State(
        name="private site",
        handle="jane",
        expect="inconclusive",
        why="The other authors and the made-up one meet the same page, so nothing can be told.",
    ),
    State(
        name="post of a private site",
        handle="jane",
        story="/published/",
        expect="inconclusive",
        why="The other authors and the made-up one meet the same page, so nothing can be told.",
    ),
)
MAINTENANCE = (
    State(
        name="maintenance (503)",
        handle="jane",
        expect="inconclusive",
        why="An outage is never a verdict.",
    ),
    State(
        name="a post during maintenance",
        handle="jane",
        story="/published/",
        expect="inconclusive",
        why="An outage is never a verdict.",
    ),
)


def install(folder: Path) -> None:
    """Install Ghost from npm; its sqlite3 is built here where no built one could be fetched."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["npm", "pack", "--silent", f"ghost@{VERSION}"], cwd=place, check=True)
        archive = Path(place, f"ghost-{VERSION}.tgz")
        subprocess.run(["tar", "-xzf", archive, "-C", folder, "--strip-components=1"], check=True)
    # One of the packages for developing Ghost is in no registry.
    subprocess.run(["npm", "pkg", "delete", "devDependencies"], cwd=folder, check=True)
    subprocess.run(
        ["npm", "install", "--omit=dev", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        check=True,
    )
    loads = ["node", "-e", "require('sqlite3')"]
    if subprocess.run(loads, cwd=folder, check=False, capture_output=True).returncode:
        headers = ["--nodedir=/usr"] if Path("/usr/include/node/node.h").exists() else []
        subprocess.run(["npm", "rebuild", "sqlite3", "--build-from-source", *headers], cwd=folder, check=True)


class Admin:
    """The owner, signed in to Ghost's own interface for its administration."""

    def __init__(self, url: str) -> None:
        self._url = url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self.call("POST", "authentication/setup/", {"setup": [{**OWNER, "blogTitle": "A test site"}]})
        self.call("POST", "session/", {"username": OWNER["email"], "password": OWNER["password"]})

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return what is answered, None where it is no JSON; exit where it is an error."""
        request = urllib.request.Request(
            f"{self._url}/ghost/api/admin/{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json", "Origin": self._url},
        )
        try:
            text = self._opener.open(request, timeout=60).read()
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path} was answered {error.code}: {error.read().decode()[:500]}")
        return json.loads(text) if text.startswith(b"{") else None

    def post(self, author: str, slug: str, **more: str) -> dict[str, Any]:
        """Write a post of this author; it is published if nothing else is said."""
        text = f"<p>{f'The tide keeps what the sea forgets, said {author}. ' * 20}</p>"
        usual = {"title": f"The story {slug}", "slug": slug, "status": "published", "html": text}
        post = {**usual, "authors": [{"slug": author}], **more}
        answer = self.call("POST", "posts/?source=html", {"posts": [post]})
        made: dict[str, Any] = answer["posts"][0]
        return made

    def settings(self, **values: object) -> None:
        """Change settings of the site."""
        rows = [{"key": key, "value": value} for key, value in values.items()]
        self.call("PUT", "settings/", {"settings": rows})


def write_states(admin: Admin, people: dict[str, str]) -> dict[str, str]:
    """Bring authors and posts into the states above; return what stands for names in braces."""
    noindex = '<meta name="robots" content="noindex">'
    for slug in ("published", "to-delete", "taken-back"):
        post = admin.post("jane", slug)
        if slug == "to-delete":
            admin.call("DELETE", f"posts/{post['id']}/")
        if slug == "taken-back":
            change = {"status": "draft", "updated_at": post["updated_at"]}
            admin.call("PUT", f"posts/{post['id']}/", {"posts": [change]})
    draft = admin.post("jane", "draft", status="draft")
    admin.post("jane", "scheduled", status="scheduled", published_at="2090-01-01T00:00:00.000Z")
    admin.post("jane", "members", visibility="members")
    admin.post("jane", "paid", visibility="paid")
    admin.post("jane", "noindex", codeinjection_head=noindex)
    for author in ("editor", "leaver", "suspended"):
        admin.post(author, f"of-{author}")
    admin.call("DELETE", f"users/{people['leaver']}/")
    admin.call("PUT", f"users/{people['suspended']}/", {"users": [{"status": "inactive"}]})
    return {"draft": draft["uuid"]}


def wait_until_ready(ready: Path, server: "subprocess.Popen[bytes]", log: Path) -> dict[str, str]:
    """Return the ids of the authors when the site is up; exit where its process ends first."""
    for _ in range(1200):
        if ready.exists():
            people: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
            return people
        if server.poll() is not None:
            break
        time.sleep(0.25)
    sys.exit(f"Ghost did not start: {log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


def compare(ghost: Path, theme: str, folder: Path) -> int:
    """Compare every state with this theme; return how many were judged wrong."""
    url, content = f"http://127.0.0.1:{free_port()}", folder / "content"
    command = ["node", str(HERE / "ghost_server.js"), str(ghost), str(content), url]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        people = wait_until_ready(content / "ready", server, folder / "server.log")
        admin = Admin(url)
        admin.call("PUT", f"themes/{theme}/activate/")
        ids = write_states(admin, people)
        print(f"\n## Ghost {VERSION}, theme {theme}\n", flush=True)
        comparison = Comparison("ghost", url, folder, controls=["jane", "editor"])
        comparison.run([with_ids(state, ids) for state in USUAL])
        admin.settings(codeinjection_head='<meta name="robots" content="noindex">')
        comparison.run(NOINDEX)
        admin.settings(codeinjection_head="", is_private=True, password="tide-1234")
        comparison.run(PRIVATE)
        admin.settings(is_private=False)
        server.send_signal(signal.SIGUSR2)
        comparison.run(MAINTENANCE)
        return comparison.report()
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(60)


def main() -> int:
    """Compare with each theme that is named; usually with both that come with Ghost."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    ghost = Path(sys.argv[1]).resolve()
    if not (ghost / "node_modules" / "sqlite3").exists():
        install(ghost)
    wrong = 0
    for theme in sys.argv[2:] or THEMES:
        with tempfile.TemporaryDirectory() as folder:
            wrong += compare(ghost, theme, Path(folder))
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
