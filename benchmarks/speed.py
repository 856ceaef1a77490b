"""How fast `selfcheck run` is, beside what people would use instead: `python benchmarks/speed.py`.

One server on loopback, one browser, one go: every round runs every contestant once, one after the other, so
that whatever else the machine does hits all alike. Medians are compared with the goals; exit code 1 says
that a goal was missed. Needs the extra `bench`. What the contestants are: `speed_rivals.py`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import speed_site
from speed_measure import FailedRunError, Measured, measure

from selfcheck.browser.discovery import find_browser

HERE = Path(__file__).parent
RIVALS = ("sequential", "shot-scraper")
OURS, FLOOR, DOUBLE = "selfcheck run", "floor", "selfcheck run, twice the pages"
FRESH = "floor, new pages"  # as selfcheck opens them
VARIANTS = tuple(
    (f"--jobs={jobs}", f"--browsers={browsers}", *reuse)
    for browsers, jobs in ((1, 4), (2, 4), (2, 6))
    for reuse in ((), ("--reuse",))
)
QUICK_VARIANTS = (("--jobs=4", "--browsers=1"), ("--jobs=4", "--browsers=2"))


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A ratio that is to be kept."""

    name: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Return whether the ratio is within its limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def line(self) -> str:
        """Return the goal as a row of the table."""
        sign = ">=" if self.at_least else "<="
        return f"{self.name:<52}{self.value:>7.2f}   {sign} {self.limit:<5}{'met' if self.met else 'MISSED'}"


@dataclass(kw_only=True)
class Bench:
    """The machine, the site and the temporary folder of one go."""

    site: str
    folder: Path
    browser: Path
    seconds: dict[str, list[float]] = field(default_factory=dict)
    peaks: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)
    _count: int = 0

    def run(self, name: str, pages: int, *, memory: bool = False, variant: tuple[str, ...] = ()) -> Measured:
        """Run one contestant once over so many pages, and check that it did all that was asked."""
        self._count += 1
        out = self.folder / f"{self._count:03}"
        out.mkdir()
        if name in (OURS, DOUBLE):
            return self._ours(out, pages, memory=memory)
        urls = [self.site + path for path in speed_site.paths(pages)]
        command = [
            *(sys.executable, str(HERE / "speed_rivals.py"), FLOOR if name == FRESH else name),
            *(f"--browser={self.browser}", f"--state={self._session(out)}", f"--out={out}"),
            *(f"--blocked={','.join(speed_site.TRACKERS)}", *variant, *urls),
        ]
        done = measure(command, env=os.environ, memory=memory, accept=(0,))
        pictures = [one for one in out.glob("*.png") if _height(one) > 3000]
        _expect(name, "full-page pictures", len(pictures), 2 * pages)
        return done

    def _ours(self, out: Path, pages: int, *, memory: bool) -> Measured:
        profiles = out / "profiles.yaml"
        (out / "bench.yaml").write_text(_PLATFORM.replace("HOME", self.site))
        stories = [self.site + path for path in speed_site.paths(pages)[1:]]
        entry = {"name": "bench", "platform": "./bench.yaml", "handle": speed_site.HANDLE, "stories": stories}
        profiles.write_text(json.dumps({"profiles": [entry]}))  # JSON is YAML
        env = {**os.environ, "SELFCHECK_SESSIONS": str(self._session(out).parent)}
        command = [
            *(sys.executable, "-m", "selfcheck", "run", "--format", "json"),
            *("--profiles", str(profiles), "--data", str(out / "data"), "--browser", str(self.browser)),
        ]
        done = measure(command, env=env, memory=memory, accept=(0,))
        _check_run(next((out / "data" / "runs").glob("*/run.json")).parent, pages)
        return done

    def _session(self, out: Path) -> Path:
        folder = out / "sessions"
        folder.mkdir(mode=0o700)
        path = folder / "bench.json"
        name, value = speed_site.COOKIE
        cookie = {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1}
        cookie |= {"httpOnly": True, "secure": False, "sameSite": "Lax"}
        path.touch(mode=0o600)
        path.write_text(json.dumps({"cookies": [cookie], "origins": []}))
        return path

    def time(self, name: str, pages: int, variant: tuple[str, ...] = ()) -> None:
        """Run once for its time."""
        done = self.run(name, pages, variant=variant)
        self.seconds.setdefault(name, []).append(done.seconds)
        print(f"  {name:<34}{done.seconds:7.1f} s", flush=True)

    def weigh(self, name: str, pages: int, variant: tuple[str, ...] = ()) -> None:
        """Run once for its memory and its processor time."""
        done = self.run(name, pages, memory=True, variant=variant)
        assert done.peak_mb is not None
        assert done.processor_seconds is not None
        self.peaks.setdefault(name, []).append(done.peak_mb)
        self.processor.setdefault(name, []).append(done.processor_seconds)
        print(
            f"  {name:<34}{done.peak_mb:7.0f} MB {done.processor_seconds:7.1f} s of processor time",
            flush=True,
        )


def _check_run(folder: Path, pages: int) -> None:
    run = json.loads((folder / "run.json").read_text())
    (profile,) = run["profiles"]
    views = [view for page in profile["pages"] for view in page["views"].values()]
    _expect(OURS, "visible pages", sum(one["verdict"] == "visible" for one in profile["pages"]), pages)
    _expect(OURS, "views with a picture", sum(bool(view["screenshot"]) for view in views), 2 * pages)
    _expect(OURS, "signed-in views", sum(bool(view.get("signed_in")) for view in views), pages)
    stored = json.loads((folder / "bench" / "pictures.json").read_text())
    _expect(OURS, "pictures that can be made", len(stored["pages"]), pages)
    _expect(OURS, "reports", sum(1 for _ in folder.glob("report.html")), 1)
    tall = [one for view in views if _height(one := folder / view["screenshot"]) > 3000]
    _expect(OURS, "full-page pictures", len(tall), 2 * pages)


def _expect(name: str, what: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise FailedRunError(f"{name}: {found} {what} instead of {wanted}")


def _height(picture: Path) -> int:
    return int.from_bytes(picture.read_bytes()[20:24], "big")


_PLATFORM = """\
platform: bench
title: Bench
home: HOME
about: The benchmark's own site.
hosts: [127.0.0.1, "*.localhost"]
handle: {pattern: "[a-z]+", example: speedy}
pages:
  profile: {url: "{home}/@{handle}", wait_for: article}
  story: {url: "{home}/p/{story_id}", wait_for: article}
story_id: "/p/([0-9a-f]{12})$"
marks:
  - id: bench.gone
    says: not_found
    when: {status: [404]}
    tag: C
    source: benchmarks/speed_site.py
    seen: "2026"
  - id: bench.shown
    says: shown
    when: {status: [200], selector: {css: "article[data-page]"}}
    tag: C
    source: benchmarks/speed_site.py
    seen: "2026"
sign_in:
  url: "{home}/in"
  signed_in: {selector: {css: "#account"}}
  cookies: [bench_session]
  check: profile
controls: {live: [steady], absent: "nobody-{random}"}
limits:
  blocked: ["*://tracker.localhost:*", "*://pixel.localhost:*"]
"""


@contextmanager
def site(pages: int, latency: float) -> Iterator[str]:
    """Serve the pages from a process of their own; yield the address."""
    command = [sys.executable, str(HERE / "speed_site.py"), f"--pages={pages}", f"--latency={latency}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def fastest_floors(
    bench: Bench, pages: int, variants: tuple[tuple[str, ...], ...]
) -> dict[str, tuple[str, ...]]:
    """Try the variants of the floor once each; return the fastest of all, and of those with new pages."""
    print("The floor's variants, once each:")
    times = {}
    for variant in variants:
        times[variant] = bench.run(FLOOR, pages, variant=variant).seconds
        print(f"  {' '.join(variant):<34}{times[variant]:7.1f} s", flush=True)
    fresh = [variant for variant in times if "--reuse" not in variant]
    return {FLOOR: min(times, key=times.__getitem__), FRESH: min(fresh, key=times.__getitem__)}


def rounds(bench: Bench, options: argparse.Namespace, floors: dict[str, tuple[str, ...]]) -> None:
    """Run every contestant as often as asked, in turn."""
    for number in range(options.rounds):
        print(f"Round {number + 1}, {options.pages} pages x 2 viewpoints (twice as many where it says so):")
        for name, variant in floors.items():
            bench.time(name, options.pages, variant)
        bench.time(OURS, options.pages)
        if not options.floor_only:
            bench.time(DOUBLE, 2 * options.pages)
            for rival in RIVALS:
                bench.time(rival, options.pages)
    for number in range(options.rounds):
        print(f"Memory and processor time, round {number + 1}:")
        for name, variant in floors.items():
            bench.weigh(name, options.pages, variant)
        bench.weigh(OURS, options.pages)


def goals(bench: Bench) -> tuple[Goal, ...]:
    """Return the ratios of the medians beside their limits."""
    took = {name: median(values) for name, values in bench.seconds.items()}
    held = {name: median(values) for name, values in bench.peaks.items()}
    rivals = [
        Goal(name=f"time of {rival} / selfcheck", value=took[rival] / took[OURS], limit=2.5, at_least=True)
        for rival in RIVALS
        if rival in took
    ]
    double = [
        Goal(name="time of twice the page views / once", value=took[DOUBLE] / took[OURS], limit=2.1)
        for _ in range(DOUBLE in took)
    ]
    return (
        *rivals,
        Goal(name="time of selfcheck / floor", value=took[OURS] / took[FLOOR], limit=1.25),
        Goal(name="time of selfcheck / floor, new pages", value=took[OURS] / took[FRESH], limit=1.1),
        Goal(name="peak memory of selfcheck / floor", value=held[OURS] / held[FLOOR], limit=1.0),
        *double,
    )


def show(bench: Bench, floor: tuple[str, ...], found: tuple[Goal, ...]) -> None:
    """Print the medians, the goals, and what they were measured on."""
    print(f"\n{'medians':<36}{'seconds':>8}  all runs")
    for name, values in sorted(bench.seconds.items(), key=lambda item: median(item[1])):
        print(f"{name:<36}{median(values):>8.1f}  {', '.join(f'{one:.1f}' for one in values)}")
    print(f"\n{'peak memory of the process tree':<36}{'MB':>8}  all runs")
    for name, values in bench.peaks.items():
        print(f"{name:<36}{median(values):>8.0f}  {', '.join(f'{one:.0f}' for one in values)}")
    print(f"\n{'processor time of the process tree':<36}{'seconds':>8}  all runs")
    for name, values in bench.processor.items():
        print(f"{name:<36}{median(values):>8.1f}  {', '.join(f'{one:.1f}' for one in values)}")
    print(f"\n{'goals':<52}{'ratio':>7}   limit")
    for goal in found:
        print(goal.line())
    browser = subprocess.run([bench.browser, "--version"], capture_output=True, text=True, check=False).stdout
    named = [
        name for name in ("selfcheck", "playwright", "shot-scraper") if find_spec(name.replace("-", "_"))
    ]
    packages = ", ".join(f"{name} {version(name)}" for name in named)
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    print(f"\nfloor: {' '.join(floor)}; {browser.strip() or bench.browser.name}; {packages};")
    print(f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores{load}")


def main() -> int:
    """Measure; return 1 where a goal was missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=20, help="pages, each from two viewpoints")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.15, help="seconds before every answer")
    parser.add_argument("--quick", action="store_true", help="6 pages, one round, two variants of the floor")
    parser.add_argument("--floor-only", action="store_true", help="leave out the slow contestants")
    parser.add_argument("--browser", help="path or channel; default: the one selfcheck would take")
    options = parser.parse_args()
    if options.quick:
        options.pages, options.rounds = 6, 1
    browser = find_browser(options.browser, headed=False)
    if browser is None:
        print("There is no browser; name one with --browser.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, site(2 * options.pages, options.latency) as url:
        bench = Bench(site=url, folder=Path(folder), browser=browser.path)
        variants = QUICK_VARIANTS if options.quick else VARIANTS
        floors = fastest_floors(bench, options.pages, variants)
        rounds(bench, options, floors)
        found = goals(bench)
        show(bench, floors[FLOOR], found)
    return 0 if all(goal.met for goal in found) else 1


if __name__ == "__main__":
    sys.exit(main())
