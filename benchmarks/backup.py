"""What a large backup costs: an export archive imported, verified and exported, and copies that are killed.

    python benchmarks/backup.py [--stories 1000] [--pictures 3] [--kills 20]

The archive is one of Ghost's, the only kind that has pictures in it: generated stories, each of some 1,500
words with pictures of some 60 KB, a tenth of them drafts. One with all stories and one with a tenth of them
go through the same steps, each in a process of its own. Goals: a story of the large one costs at most 1.25
times the processor time of one of the small one, in import and verification and in each export, and memory at
its highest is at most 60 MB more (Ghost's one JSON file, some 9 MB here, is read as a whole). Then the demo
author's copy is killed at that many random file operations, and must end like one that was not killed. Exits
1 where a goal is missed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
import backup_worker
from backup_stories import PNG, files_of

from selfcheck.backup.exporters.job import ExportForm, ExportOptions
from selfcheck.backup.exporters.writer import write_export
from selfcheck.backup.importing import ImportOptions, import_export
from selfcheck.backup.library import Merge
from selfcheck.backup.service import finish, open_library
from selfcheck.backup.verify import verify_library
from selfcheck.demo.site import DemoSite

MOST_SLOWER, MOST_MORE = 1.25, 60.0
START = datetime(2016, 1, 1, tzinfo=UTC)
HANDLE = "margaret-vale"
_ROUNDS = 3  # the quickest counts, of what can be done again
_KEEPING = ("import", "index", "verify")
_WORDS = ("the", "tide", "came", "in", "slowly", "and", "nobody", "counted", "gates", "or", "plums")


def write_archive(path: Path, stories: int, pictures: int) -> None:
    """Write an export of Ghost's with generated stories, the same each time."""
    chance = Random(7)  # noqa: S311 - words, not secrets
    posts = []
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(stories):
            names = [f"content/images/{number}-{each}.png" for each in range(pictures)]
            for name in names:
                archive.writestr(name, PNG + chance.randbytes(60_000))
            text = "".join(f"<p>{' '.join(chance.choices(_WORDS, k=75))}</p>" for _ in range(20))
            text += "".join(f'<figure><img src="__GHOST_URL__/{name}"></figure>' for name in names)
            posts.append(
                {
                    "id": f"{number:024x}",
                    "title": f"Story {number}",
                    "slug": f"story-{number}",
                    "html": text,
                    "status": "draft" if number % 10 == 0 else "published",
                    "published_at": f"{START + timedelta(days=number):%Y-%m-%d %H:%M:%S}",
                }
            )
        archive.writestr("export.json", json.dumps({"db": [{"data": {"posts": posts}}]}))


def measure(archive: Path, folder: Path) -> None:
    """Do all steps with one archive, and print what each cost as JSON."""
    costs: dict[str, tuple[float, float]] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        processor, clock = time.process_time(), time.perf_counter()
        yield
        cost = time.process_time() - processor, time.perf_counter() - clock
        costs[name] = min(costs.get(name, cost), cost)

    options = ImportOptions(say=print, site="https://jane.example")
    with open_library(folder / "library") as library:
        with step("import"):
            first = import_export(archive, library, options)
        with step("index"):
            finish(library, title="Stories of jane", author="jane")
        for _ in range(_ROUNDS):
            with step("import again"):
                again = import_export(archive, library, options)
    with step("verify"):
        check = verify_library(folder / "library")
    for form in ExportForm:
        exported = ExportOptions(now=START, title="Jane", author="Jane", with_private=True)
        for _ in range(_ROUNDS):
            with step(form.value):
                result = write_export(library.stories, form, folder / form.value, exported)
        assert (result.stories, len(result.pictures)) == (check.stories, check.pictures)
    assert first.merges[Merge.ADDED] == again.merges[Merge.UNCHANGED] == check.stories
    assert first.missing_pictures == 0
    assert check.is_whole
    found = {"stories": check.stories, "pictures": check.pictures, "files": check.files}
    print(json.dumps({**found, "megabytes": peak_megabytes(), "costs": costs}))


def peak_megabytes() -> float:
    """Return the most that this process held in memory; on other systems than Linux, what it holds now."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float(psutil.Process().memory_info().rss) / 1e6
    (line,) = [line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM")]
    return float(line.split()[1]) * 1024 / 1e6


def imported_and_exported(folder: Path, stories: int, pictures: int) -> bool:
    """Measure a small archive and a large one, print both, and return whether the goals were met."""
    rows = []
    for count in (max(1, stories // 10), stories):
        place = folder / str(count)
        place.mkdir()
        write_archive(place / "export.zip", count, pictures)
        words = [sys.executable, __file__, "--measure", str(place)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
    small, large = rows
    print(f"| step | a story of {small['stories']} | a story of {large['stories']} | ratio | clock, all |")
    print("|---|---|---|---|---|")
    good = (large["stories"], large["pictures"]) == (stories, stories * pictures)

    def row(name: str, cost: Callable[[dict[str, list[float]], int], float]) -> None:
        nonlocal good
        each = [cost(row["costs"], 0) / row["stories"] * 1000 for row in rows]
        ratio = each[1] / each[0]
        good = good and ratio <= MOST_SLOWER
        clock = cost(large["costs"], 1)
        print(f"| {name} | {each[0]:.1f} ms | {each[1]:.1f} ms | {ratio:.2f} | {clock:.0f} s |")

    row("import, index, verify", lambda costs, kind: sum(costs[name][kind] for name in _KEEPING))
    row("import again, nothing new", lambda costs, kind: costs["import again"][kind])
    for form in ExportForm:
        row(f"export as {form}", lambda costs, kind, form=form: costs[form.value][kind])  # type: ignore[misc]
    more = large["megabytes"] - small["megabytes"]
    print(
        f"{large['stories']} stories, {large['pictures']} pictures, {large['files']} files. Memory at its"
        f" highest: {small['megabytes']:.0f} and {large['megabytes']:.0f} MB. Goals: ratio {MOST_SLOWER},"
        f" {MOST_MORE:.0f} MB more."
    )
    return good and more <= MOST_MORE


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
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure / "export.zip", given.measure)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        good = imported_and_exported(Path(folder), given.stories, given.pictures)
        return 0 if killed_copies(Path(folder) / "killed", given.kills) and good else 1


if __name__ == "__main__":
    sys.exit(main())
