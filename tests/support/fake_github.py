"""A GitHub of our own: what `gh api` asks of issues, answered from a value that may lie in a file.

As a program (`python fake_github.py FILE api …`) it is a `gh` that keeps its issues, and every call, in FILE.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = {"user": {"login": "github-actions[bot]", "type": "Bot"}, "author_association": "NONE"}
STRANGER = {"user": {"login": "passer-by", "type": "User"}, "author_association": "NONE"}


class FakeGitHub:
    """The issues of one repository."""

    def __init__(self, state: dict[str, Any] | None = None, *, page: int = 2) -> None:
        self.state = state or {"issues": [], "comments": {}, "calls": [], "private": True}
        self.page = page  # so many on a page, that pages are met

    @property
    def issues(self) -> list[dict[str, Any]]:
        """The issues, oldest first."""
        return self.state["issues"]

    def comments(self, number: int) -> list[str]:
        """The comments below an issue."""
        return [one["body"] for one in self.state["comments"].get(str(number), [])]

    def written(self) -> list[str]:
        """What was asked for but reading: method and path."""
        return [f"{one['method']} {one['path']}" for one in self.state["calls"] if one["method"] != "GET"]

    def add(self, *, body: str, by: dict[str, Any] = BOT, labels: Sequence[str] = ()) -> dict[str, Any]:
        """Let somebody open an issue."""
        number = len(self.issues) + 1
        made = {
            **by,
            "number": number,
            "body": body,
            "state": "open",
            "comments": 0,
            "html_url": f"https://github.example/o/r/issues/{number}",
            "labels": list(labels),
        }
        self.issues.append(made)
        return made

    def comment(self, number: int, body: str, by: dict[str, Any] = BOT) -> dict[str, Any]:
        """Let somebody write below an issue."""
        self.state["comments"].setdefault(str(number), []).append({**by, "body": body})
        self.issues[number - 1]["comments"] += 1
        return {"id": 1}

    def __call__(self, arguments: Sequence[str], given: str | None = None) -> str:
        """Answer as `gh` does."""
        words = list(arguments)
        assert words.pop(0) == "api"
        method = words.pop(words.index("--method") + 1) if "--method" in words else "GET"
        path = next(word for word in words if word.startswith("repos/"))
        content = json.loads(given) if given else {}
        self.state["calls"].append({"method": method, "path": path, "content": content})
        asked = urlsplit(path)
        found = self._answer(method, asked.path, parse_qs(asked.query), content)
        if not isinstance(found, list):
            return json.dumps(found)
        pages = [found[at : at + self.page] for at in range(0, len(found), self.page)] or [[]]
        return "".join(json.dumps(page) for page in (pages if "--paginate" in words else pages[:1]))

    def _answer(self, method: str, path: str, query: dict[str, list[str]], content: dict[str, Any]) -> Any:
        if re.fullmatch(r"repos/[\w.-]+/[\w.-]+", path):
            return {"private": self.state["private"]}
        number = int(found[1]) if (found := re.search(r"/issues/(\d+)", path)) else 0
        if method == "GET" and path.endswith("/comments"):
            return self.state["comments"].get(str(number), [])
        if method == "GET":
            label = query.get("labels", [""])[0]
            return [one for one in reversed(self.issues) if not label or label in one["labels"]]
        if path.endswith("/comments"):
            return self.comment(number, content["body"])
        if method == "POST":
            assert content["title"]
            made = self.add(body=content["body"], labels=content["labels"])
            made["title"] = content["title"]
            return made
        self.issues[number - 1].update(content)
        return self.issues[number - 1]


def main() -> None:
    """Be `gh`, with the state in the first argument's file."""
    file, *arguments = sys.argv[1:]
    kept = json.loads(Path(file).read_text("utf-8")) if Path(file).exists() else None
    if kept and (broken := kept.get("broken")):
        off = "gh: Issues has been disabled in this repository. (HTTP 410)"
        sys.exit(broken if isinstance(broken, str) else off)
    github = FakeGitHub(kept, page=50)
    given = sys.stdin.read() if "--input" in arguments else None
    sys.stdout.write(github(arguments, given))
    Path(file).write_text(json.dumps(github.state), encoding="utf-8")


if __name__ == "__main__":
    main()
