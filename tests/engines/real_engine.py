"""Compares what selfcheck says of sites that real engines serve with what was written down beforehand.

Not part of the suite; README.md says what the commands beside this need. Everything runs on loopback, in a
folder that is removed.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of an account or a story, and the verdict that it should get."""

    name: str
    handle: str
    expect: str  # words that must all be right: verdict, strength, `silent`, `told`, ids of rules
    why: str
    public: str = ""  # the outcome of the public's view, where the verdict does not say enough
    site: str = ""  # folder of the site in its network, such as `/tides`; "": the first site
    story: str = ""  # path of the story that is judged; "": the profile's page
    signed_in: bool = False  # whether the author's session is used
    phase: str = "usual"  # the state of the whole site


@dataclass(frozen=True)
class Seen:
    """What selfcheck said of a state."""

    state: State
    verdict: str
    rule: str
    outcomes: str

    @property
    def is_right(self) -> bool:
        """Return whether every word of the expectation is met."""
        met = set(self.state.expect.split()) <= {*self.verdict.split(), self.rule}
        return met and self.outcomes.startswith(self.state.public)


@dataclass
class Comparison:
    """A platform file against a running site."""

    platform: str
    base_url: str
    folder: Path
    controls: Sequence[str] = ()
    sessions: Mapping[str, Path] = field(default_factory=dict)  # handle -> Playwright storage state
    seen: list[Seen] = field(default_factory=list)

    def run(self, states: Sequence[State]) -> None:
        """Check the accounts of these states in one run, and keep what was said of each."""
        profiles: dict[str, dict[str, Any]] = {}
        for state in states:
            entry = profiles.setdefault(_profile_name(state), self._entry(state))
            if state.story:
                entry.setdefault("stories", []).append(f"{self.base_url}{state.site}{state.story}")
        path = self.folder / "profiles.yaml"
        path.write_text(yaml.safe_dump({"profiles": list(profiles.values())}), encoding="utf-8")
        for handle, file in self.sessions.items():
            self._selfcheck("session", "import", f"{handle}-in", str(file), "--profiles", str(path))
        data = self.folder / f"data-{len(self.seen)}"
        args = ["run", "--profiles", str(path), "--data", str(data), "--format", "json", "--again"]
        run = json.loads(self._selfcheck(*args))
        by_name = {profile["name"]: profile for profile in run["profiles"]}
        self.seen += [self._judged(state, by_name[_profile_name(state)]) for state in states]

    def copied(self, handle: str) -> dict[str, str]:
        """Back up somebody who is signed in; return in which part each story is, by its title."""
        entry = {
            "name": f"{handle}-in",
            "platform": self.platform,
            "handle": handle,
            "base_url": self.base_url,
        }
        profiles, folder = self.folder / "backup.yaml", self.folder / "backup"
        profiles.write_text(yaml.safe_dump({"profiles": [entry]}), encoding="utf-8")
        data = self.folder / "data-backup"
        self._selfcheck("backup", "--profiles", str(profiles), "--data", str(data), "--to", str(folder))
        parts = {"public": folder / "records", "private": folder / "private" / "records"}
        return {
            json.loads(path.read_text(encoding="utf-8"))["title"]: part
            for part, place in parts.items()
            for path in place.glob("*.json")
        }

    def report(self) -> int:
        """Print a table of what was seen, and return how many states were judged wrong."""
        print("| state | expected | judged | by | public, author |\n|---|---|---|---|---|")
        for seen in self.seen:
            mark = "" if seen.is_right else " **WRONG**"
            cells = (seen.state.name, seen.state.expect, f"{seen.verdict}{mark}", seen.rule, seen.outcomes)
            print(f"| {' | '.join(cells)} |")
        wrong = sum(not seen.is_right for seen in self.seen)
        print(f"\n{len(self.seen) - wrong} of {len(self.seen)} states judged as expected.")
        return wrong

    def _entry(self, state: State) -> dict[str, Any]:
        controls = [control for control in self.controls if control != state.handle]
        return {
            "name": _profile_name(state),
            "platform": self.platform,
            "handle": state.handle,
            "base_url": f"{self.base_url}{state.site}",
            "controls": {"live": controls},
        }

    def _judged(self, state: State, profile: Mapping[str, Any]) -> Seen:
        url = f"{self.base_url}{state.site}{state.story}"
        kind = "story" if state.story else "profile"
        pages = [page for page in profile["pages"] if page["kind"] == kind]
        page = next(page for page in pages if not state.story or page["url"] == url)
        words = [page["verdict"], page["strength"], {True: "silent", False: "told"}.get(page["silent"], "")]
        views = (page["views"].get(who) for who in ("anonymous", "author"))
        outcomes = [view["outcome"] if view else "not opened" for view in views]
        return Seen(state, " ".join(filter(None, words)), page["rules"][0], ", ".join(outcomes))

    def _selfcheck(self, *args: str) -> str:
        environment = {
            **os.environ,
            "SELFCHECK_SESSIONS": str(self.folder / "sessions"),
            "PYTHONPATH": str(REPOSITORY),
        }
        environment |= {"XDG_CONFIG_HOME": str(self.folder / "config")}
        command = [sys.executable, "-m", "selfcheck", *args]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode not in {0, 1, 3}:
            sys.exit(f"{' '.join(args)} ended with {done.returncode}:\n{done.stderr}{done.stdout[:2000]}")
        return done.stdout


def _profile_name(state: State) -> str:
    where = state.site.replace("/", "-")
    return f"{state.handle}-in{where}" if state.signed_in else f"{state.handle}-out{where}"


def with_ids(state: State, ids: Mapping[str, object]) -> State:
    """Return the state with what the engine called its posts where the story has a name in braces."""
    story = state.story
    for name, value in ids.items():
        story = story.replace(f"{{{name}}}", str(value))
    return replace(state, story=story)


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(url: str, process: "subprocess.Popen[bytes]", *, seconds: float = 120) -> None:
    """Wait until the site answers at all; exit where its process ends first."""
    for _ in range(int(seconds * 4)):
        if process.poll() is not None:
            sys.exit(f"The server of {url} ended with {process.returncode}.")
        try:
            urllib.request.urlopen(url, timeout=10)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.25)
        else:
            return
    sys.exit(f"{url} did not answer within {seconds:.0f} s.")
