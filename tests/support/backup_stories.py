"""Stories and folders of a backup, for the tests of its parts."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from selfcheck.backup.model import Origin, Picture, Story, StoryState

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def story(pictures: Sequence[Picture] = (), **fields: Any) -> Story:
    """Return a published story, with what the test is about."""
    usual: dict[str, Any] = {
        "id": "1",
        "platform": "demo",
        "title": "A story",
        "slug": "a-story",
        "url": "https://demo.example/a-story",
        "html": "<p>Text.</p>",
        "state": StoryState.PUBLISHED,
        "origin": Origin.AUTHOR_PAGE,
    }
    return Story(**{**usual, **fields}, pictures=tuple(pictures))


def tree(folder: Path) -> list[str]:
    """Return the paths of all files below a folder, but those that only work on it."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not path.name.endswith(".lock"))


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a backup, but the journal, which says when what was done."""
    return {path: (folder / path).read_bytes() for path in tree(folder) if not path.endswith("journal.jsonl")}
