"""How much of the author's work has a copy, in a sentence for runs and reports.

Each library keeps a short list of what its stories are known by, so that a run need not read the stories.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from selfcheck.backup.cleaning import plain_text
from selfcheck.backup.copy_journal import CopyJournal
from selfcheck.backup.library import PRIVATE, Library, is_library
from selfcheck.backup.model import Story
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.times import days_ago, listed, long_date, plural
from selfcheck.errors import StorageError
from selfcheck.observe.page import fold
from selfcheck.storage.files import unreadable, write_whole

_FILE = "coverage.json"
_BEGINNING = 500  # characters of a text by which it is known on another platform


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What one library says of its profile's stories."""

    profile: str
    last: datetime | None  # when a copy was complete last
    without_copy: int  # listed at the platform, and not copied
    stories: tuple[tuple[str, ...], ...]  # what each is known by: its platform, its title, its text


def write_coverage(library: Library, journal: CopyJournal) -> None:
    """Write down what the library's stories are known by. Raises StorageError."""
    missing = [
        ref.ref.key
        for ref in journal.state.listed.values()
        if not any(library.find_listed(platform, ref.ref.id, ref.ref.url) for platform in library.platforms())
    ]
    stories = [_known_by(story) for story in library.stories()]
    document = json.dumps({"without_copy": len(missing), "stories": stories}).encode()
    write_whole(library.folder / PRIVATE / _FILE, document, mode=0o600)


def read_coverage(profile: str, folder: Path) -> Coverage | None:
    """Return what a profile's library says, None where there is none. Raises StorageError."""
    if not is_library(folder):
        return None
    try:
        document = json.loads((folder / PRIVATE / _FILE).read_bytes())
        stories = tuple(tuple(map(str, keys)) for keys in document["stories"])
        missing = int(document["without_copy"])
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(folder, error) from error
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StorageError(f"{folder / PRIVATE / _FILE} is damaged.", next_step="Back up again.") from None
    last = CopyJournal(folder / PRIVATE / "journal.jsonl").state.last_complete
    return Coverage(profile=profile, last=last, without_copy=missing, stories=stories)


def coverage_sentences(
    coverages: Mapping[str, Coverage | None], now: datetime, hints: CommandHints
) -> Iterator[str]:
    """Yield a sentence for each profile with a copy, and one for all that have none."""
    lone = _on_one_platform_only(each for each in coverages.values() if each is not None)
    for profile, coverage in coverages.items():
        if coverage is None:
            continue
        when = "not complete yet"
        if coverage.last is not None:
            when = f"{long_date(coverage.last.date())} ({days_ago(coverage.last, now)})"
        lacking = f"{plural(coverage.without_copy, 'story', 'stories')} without a copy"
        if coverage.last is None and not coverage.without_copy:  # no list was read to its end
            lacking = "how many stories have no copy is not known"
        alone = f"{lone[profile]:,} of {plural(len(coverage.stories), 'story', 'stories')}"
        yield f"Last backup of {profile}: {when}; {lacking}; {alone} on one platform only."
    if without := [profile for profile, coverage in coverages.items() if coverage is None]:
        # without a name it copies all of the file
        named = without if len(without) == 1 else ()
        yield f"There is no backup of {listed(without)}: {hints.command('backup', *named)}"


def _on_one_platform_only(coverages: Iterable[Coverage]) -> Counter[str]:
    """Return for each profile how many of its stories no other platform has, by title and by text."""
    coverages = tuple(coverages)
    places: dict[str, set[str]] = {}
    for coverage in coverages:
        for platform, *keys in coverage.stories:
            for key in keys:
                places.setdefault(key, set()).add(platform)
    lone: Counter[str] = Counter()
    for coverage in coverages:
        for platform, *keys in coverage.stories:
            lone[coverage.profile] += not any(places[key] - {platform} for key in keys)
    return lone


def _known_by(story: Story) -> tuple[str, ...]:
    """Return its platform, its title and its text; one without words is not known by them."""
    words = {"title": fold(story.title), "text": fold(plain_text(story.html))[:_BEGINNING]}
    return story.platform, *(_digest(kind, text) for kind, text in words.items() if text)


def _digest(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind} {text}".encode("utf-8", "replace")).hexdigest()[:16]
