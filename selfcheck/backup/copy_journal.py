"""What was copied live, and when: a line of JSON each, so that a copy goes on where it was killed.

A round lists the author's stories, opens each that is due, and ends. It may take several runs and days.

Laws:
1. A line is only ever added, after what it says is on the disk. A line that was cut short is skipped: what it
   said is done again, which changes nothing.
2. It names drafts, so it lies in the private part.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfcheck.core.observation import StoryRef
from selfcheck.core.times import utc
from selfcheck.storage.files import append_json_line, make_private_folder, storage_error


@dataclass(frozen=True, kw_only=True)
class ListedStory:
    """A story as a list of the author's names it."""

    ref: StoryRef
    state: str = ""  # what the list itself says of all its stories


@dataclass(kw_only=True)
class CopyState:
    """All that the journal says."""

    round_is_open: bool = False
    lists: dict[str, bool] = field(default_factory=dict)  # of this round: address -> read to its end
    listed: dict[str, ListedStory] = field(default_factory=dict)  # of this round, by key
    changed: set[str] = field(default_factory=set)  # of this round: the feed has another text than before
    tried: set[str] = field(default_factory=set)  # of this round: opened, with or without success
    copied: dict[str, datetime] = field(default_factory=dict)  # by key: when it was copied last
    troubles: dict[str, str] = field(default_factory=dict)  # by key: why there is no copy of the last try
    gone: dict[str, datetime] = field(default_factory=dict)  # by name in the library: since when
    last_complete: datetime | None = None  # when the last round ended


class CopyJournal:
    """The journal of one library."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.state = CopyState()
        self._read()

    def begin_round(self, at: datetime) -> None:
        """Note that a round begins."""
        self._add({"what": "round", "at": utc(at)})

    def note_list(
        self,
        url: str,
        listed: Iterable[ListedStory],
        *,
        changed: Iterable[str] = (),
        complete: bool,
        at: datetime,
    ) -> None:
        """Note what a list of the author's names, and which of it has another text than before."""
        stories = [{**asdict(story.ref), "state": story.state} for story in listed]
        self._add(
            {
                "what": "list",
                "at": utc(at),
                "url": url,
                "stories": stories,
                "changed": [*changed],
                "complete": complete,
            }
        )

    def note_copied(self, key: str, at: datetime) -> None:
        """Note that a story's page was copied."""
        self._add({"what": "copied", "at": utc(at), "key": key})

    def note_trouble(self, key: str, trouble: str, at: datetime) -> None:
        """Note that a story's page gave no story."""
        self._add({"what": "trouble", "at": utc(at), "key": key, "trouble": trouble})

    def note_presence(self, name: str, at: datetime, *, gone: bool) -> None:
        """Note that a story vanished at the platform, or came back."""
        self._add({"what": "gone" if gone else "back", "at": utc(at), "name": name})

    def end_round(self, at: datetime) -> None:
        """Note that the round is complete."""
        self._add({"what": "end", "at": utc(at)})

    def _add(self, line: Mapping[str, Any]) -> None:
        try:
            make_private_folder(self._path.parent)
        except OSError as error:
            raise storage_error(self._path, error) from error
        append_json_line(self._path, line, mode=0o600)
        _take(self.state, line)

    def _read(self) -> None:
        try:
            with self._path.open("rb") as file:
                for line in file:
                    try:
                        _take(self.state, json.loads(line))
                    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                        continue
        except FileNotFoundError:
            return
        except OSError as error:
            raise storage_error(self._path, error) from error


def _take(state: CopyState, line: Mapping[str, Any]) -> None:
    """Take a line into the state."""
    what, at = line["what"], datetime.fromisoformat(line["at"]).astimezone(UTC)
    if what == "round":
        state.round_is_open = True
        for part in (state.lists, state.listed, state.changed, state.tried, state.troubles):
            part.clear()
    elif what == "list":
        _take_list(state, line)
    elif what == "copied":
        state.tried.add(line["key"])
        state.copied[line["key"]] = at
        state.troubles.pop(line["key"], None)
    elif what == "trouble":
        state.tried.add(line["key"])
        state.troubles[line["key"]] = str(line["trouble"])
    elif what == "gone":
        state.gone.setdefault(line["name"], at)
    elif what == "back":
        state.gone.pop(line["name"], None)
    elif what == "end":
        state.round_is_open, state.last_complete = False, at


def _take_list(state: CopyState, line: Mapping[str, Any]) -> None:
    for story in [dict(story) for story in line["stories"]]:
        kind = str(story.pop("state"))
        ref = StoryRef(**story)
        before = state.listed.get(ref.key)
        if before is None or (kind and not before.state):
            state.listed[ref.key] = ListedStory(ref=ref, state=kind)
    state.lists[str(line["url"])] = bool(line["complete"])
    state.changed.update(map(str, line["changed"]))
