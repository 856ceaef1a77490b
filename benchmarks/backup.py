"""What a large backup costs: stories and pictures merged, finished and verified, and copies that are killed.

    python benchmarks/backup.py [--stories 1000] [--pictures 3] [--kills 20]

The stories are generated, each of some 1,500 words with pictures of some 60 KB, and come as an importer gives
them. A tenth are drafts, and a tenth are merged a second time with another text. Goals: the quickest hundred
of the second half takes at most 1.5 times as long as that of the first half, and memory grows by at most
40 MB from the first hundred to the end. Then the demo author's copy is killed at that many random file
operations, and must end like one that was not killed. Exits 1 where a goal is missed.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
import backup_worker
from backup_stories import PNG, files_of

from selfcheck.backup.cleaning import clean_html
from selfcheck.backup.model import Origin, Picture, Story, StoryState
from selfcheck.backup.service import finish, open_library
from selfcheck.backup.verify import verify_library
from selfcheck.demo.site import DemoSite

HUNDRED = 100
MOST_SLOWER, MOST_GROWTH = 1.5, 40.0
START = datetime(2016, 1, 1, tzinfo=UTC)
HANDLE = "margaret-vale"
_WORDS = ("the", "tide", "came", "in", "slowly", "and", "nobody", "counted", "gates", "or", "plums")


def stories(count: int, pictures: int) -> Iterator[Story]:
    """Yield generated stories, the same each time."""
    chance = Random(7)  # noqa: S311 - words, not secrets
    for number in range(count):
        urls = [f"https://cdn.example/{number}-{each}.png" for each in range(pictures)]
        text = "".join(f"<p>{' '.join(chance.choices(_WORDS, k=75))}</p>" for _ in range(20))
        images = "".join(f'<figure><img src="{url}"></figure>' for url in urls)
        yield Story(
            id=f"{number:012x}",
            platform="medium",
            title=f"Story {number}",
            slug=f"story-{number}",
            url=f"https://medium.com/@jane/story-{number}-{number:012x}",
            html=clean_html(text + images),
            state=StoryState.DRAFT if number % 10 == 0 else StoryState.PUBLISHED,
            origin=Origin.OWN_EXPORT,
            published=START + timedelta(days=number),
            tags=("pier", "tide"),
            pictures=tuple(Picture(url=url, data=PNG + chance.randbytes(60_000)) for url in urls),
        )


def megabytes() -> float:
    """Return what this process holds in memory."""
    return float(psutil.Process().memory_info().rss) / 1e6


def library_costs(folder: Path, count: int, pictures: int) -> bool:
    """Merge, finish and verify a library; print what it cost, and return whether the goals were met."""
    seconds, memory = [], []
    with open_library(folder) as library:
        begun = time.perf_counter()
        for number, story in enumerate(stories(count, pictures), 1):
            library.merge(story)
            if number % 10 == 1:
                known = tuple(Picture(url=picture.url) for picture in story.pictures)
                library.merge(replace(story, html=f"<p>Edited.</p>{story.html}", pictures=known))
            if number % HUNDRED == 0:
                seconds.append(time.perf_counter() - begun)
                memory.append(megabytes())
                begun = time.perf_counter()
        begun = time.perf_counter()
        finish(library, title="Stories of jane", author="jane")
        finished = time.perf_counter() - begun
    begun = time.perf_counter()
    check = verify_library(folder)
    verified = time.perf_counter() - begun
    half = max(1, len(seconds) // 2)
    slower = min(seconds[half:] or seconds) / min(seconds[:half])
    growth = megabytes() - memory[0]
    print(f"{check.stories} stories, {check.pictures} pictures, {check.files} files; whole: {check.is_whole}")
    first, last = (1000 * each / HUNDRED for each in (seconds[0], seconds[-1]))
    print(f"a story: {first:.0f} ms at first, {last:.0f} ms at last")
    print(f"index, feed and checksums: {finished:.1f} s; verified in {verified:.1f} s")
    print(f"memory: {memory[0]:.0f} MB after {HUNDRED} stories, {growth:+.0f} MB at the end")
    print(
        f"cost of a story, second half to first: {slower:.2f} (goal {MOST_SLOWER}); growth goal {MOST_GROWTH}"
    )
    whole = check.is_whole and (check.stories, check.pictures) == (count, count * pictures)
    return whole and slower <= MOST_SLOWER and growth <= MOST_GROWTH


def killed_copies(folder: Path, kills: int) -> bool:
    """Kill the demo author's copy at random moments; return whether each ends as if it was not."""
    with DemoSite(today=date(2026, 11, 28)) as site:
        (cookie,) = site.storage_state(HANDLE)["cookies"]
        words = [str(folder), site.url, HANDLE, f"{cookie['name']}={cookie['value']}", str(kills), "20"]
        subprocess.run([sys.executable, backup_worker.__file__, *words], check=True)
    expected = files_of(folder / "whole")
    same = sum(files_of(folder / f"killed-{number}") == expected for number in range(kills))
    print(f"killed at {kills} random file operations: {same} ended like the one that was not killed")
    return same == kills


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stories", type=int, default=1000)
    parser.add_argument("--pictures", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        good = library_costs(Path(folder) / "library", given.stories, given.pictures)
        return 0 if killed_copies(Path(folder) / "killed", given.kills) and good else 1


if __name__ == "__main__":
    sys.exit(main())
