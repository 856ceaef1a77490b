"""How far learned marks carry, where no platform file helps: leave one platform out.

    python benchmarks/likeness.py [--captures DIR] [--write]

Every page of the page cases, of the labelled scenarios and (where given) of a folder of saved pages is
classified by examples of its own platform only: two live pages of other subjects and one that is gone. The
thresholds are chosen on the other platforms and then used on the one that is left out. Beside it: the marks
written by hand, the status alone, and the overlap of the visible words. `--write` puts the tables into
`docs/learned-marks.md`. Exit code 1: a learned outcome was wrong.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from quick_yaml import yaml_file

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / name) for name in ("tests/support", "tests/observe", "benchmarks", "")]

from accuracy_figures import Share  # noqa: E402 — the path comes first
from engine_sites import ENGINES, MORE, TITLES, Account, Engine  # noqa: E402
from learned_runner import capture_at  # noqa: E402
from scenario_runner import scenario_results, stage  # noqa: E402
from test_page_cases import HANDLE, PAGES, capture  # noqa: E402

from selfcheck.core.capture import Capture, PageRequest  # noqa: E402
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind  # noqa: E402
from selfcheck.core.page_shape import PageShape  # noqa: E402
from selfcheck.observe import observe  # noqa: E402
from selfcheck.observe.learned import Example, Thresholds, learn  # noqa: E402
from selfcheck.observe.page_shapes import shape_of, subject_name  # noqa: E402
from selfcheck.platforms.catalogue import load_platform  # noqa: E402
from selfcheck.platforms.learn import learn_key  # noqa: E402
from selfcheck.platforms.saved_pages import capture_of, read_pages  # noqa: E402

DOCS = ROOT / "docs" / "learned-marks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
KINDS = (PageKind.PROFILE, PageKind.PUBLICATION, PageKind.STORY)
OTHERS = ("margaret", "theodor")
CALLED = (Outcome.SHOWN, Outcome.NOT_FOUND)
GRID = tuple(
    Thresholds(likeness=likeness / 20, margin=margin / 20, gone=gone / 20)
    for likeness in range(4, 17, 2)
    for margin in range(1, 7)
    for gone in range(10, 20, 3)
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One page with what it is, and the examples by which it is classified."""

    platform: str
    name: str
    capture: Capture
    truth: Outcome
    live: tuple[Capture, ...]
    absent: tuple[Capture, ...]
    by_hand: Outcome  # what the platform file's marks say

    @property
    def kind(self) -> PageKind:
        """Return what sort of page it is."""
        return self.capture.visit.kind

    @cached_property
    def shape(self) -> PageShape | None:
        """Return how the page is built."""
        return shape_of(self.capture)

    @cached_property
    def examples(self) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
        """Return the live examples, and those that are gone."""
        return _examples(self.kind, self.live), _examples(self.kind, self.absent)


_shapes: dict[int, tuple[Capture, PageShape | None]] = {}


def _examples(kind: PageKind, captures: Sequence[Capture]) -> tuple[Example, ...]:
    for one in captures:
        if id(one) not in _shapes:
            _shapes[id(one)] = one, shape_of(one)
    shapes = (_shapes[id(one)][1] for one in captures)
    return tuple(Example(kind=kind, shape=shape, by_mark=False) for shape in shapes if shape is not None)


# -- the pages -------------------------------------------------------------------------------------------


def page_cases() -> Iterator[Sample]:
    """Yield every logged-out page case; the examples are other cases, made those of another subject."""
    rows = [row for path in sorted(PAGES.glob("*/*/case.yaml")) for row in _case(path.parent)]
    for platform, name, one, truth, by_hand in rows:
        if one.visit.kind not in KINDS or "html" not in one.content_type:
            continue
        same = [
            (other, outcome)
            for whose, case, other, outcome, _ in rows
            if whose == platform
            and case != name
            and other.visit.kind is one.visit.kind
            and "near" not in case
        ]
        live = [other for other, outcome in same if outcome is Outcome.SHOWN][:2]
        absent = [other for other, outcome in same if outcome is Outcome.NOT_FOUND and other.status == 404][
            :1
        ]
        yield Sample(
            platform=f"{platform}, page cases",
            name=name,
            capture=one,
            truth=truth,
            live=tuple(_of_another(other, who) for other, who in zip(live, OTHERS, strict=False)),
            absent=tuple(_of_another(other, "x7f3qlkw") for other in absent),
            by_hand=by_hand,
        )


def _case(folder: Path) -> Iterator[tuple[str, str, Capture, Outcome, Outcome]]:
    path = folder / f"{ANONYMOUS}.html"
    if not path.exists():
        return
    case = yaml_file(folder / "case.yaml")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[ANONYMOUS]["outcome"]
    one = capture(case, ANONYMOUS, path.read_text(encoding="utf-8"))
    platform = load_platform(folder.parent.name)
    said = observe(one, platform, {"home": platform.home, "handle": HANDLE}).outcome
    yield folder.parent.name, folder.name, one, Outcome(expected), said


def _of_another(one: Capture, who: str) -> Capture:
    """Return the page as that of another subject: its name replaced wherever it stands as a word."""
    own = subject_name(one.visit)
    pattern = re.compile(rf"(?<![\w-]){re.escape(own)}(?![\w-])", re.IGNORECASE)

    def of_them(text: str) -> str:
        return pattern.sub(who, text)

    field = "subject" if one.visit.subject and one.visit.kind is not PageKind.PROFILE else "handle"
    visit = replace(one.visit, url=of_them(one.visit.url), **{field: who})
    texts = {name: of_them(getattr(one, name)) for name in ("final_url", "title", "text", "html")}
    return replace(one, visit=visit, **texts)


def scenario_pages() -> Iterator[Sample]:
    """Yield the first look at every page of every scenario that has both kinds of controls as it should."""
    for result in scenario_results():
        here = stage(result.scenario.name)
        controls = {
            folder: one for (folder, who), one in here.captures.items() if folder.startswith("controls/")
        }
        live = [one for folder, one in controls.items() if "/live-" in folder]
        absent = [one for folder, one in controls.items() if "/absent-" in folder]
        live += [_of_another(one, "margaret") for one in live[:1]]
        for page in result.case.pages:
            look = here.captures.get((page.visit.folder, ANONYMOUS))
            seen = page.looks.get(ANONYMOUS, ())
            if look is None or not seen or page.visit.kind is not PageKind.PROFILE:
                continue
            yield Sample(
                platform=f"{result.scenario.platform}, scenarios",
                name=f"{result.scenario.name}: {page.visit.folder}",
                capture=look,
                truth=seen[0].outcome,
                live=tuple(live),
                absent=tuple(absent),
                by_hand=seen[0].outcome,
            )


STATES = {
    "shown": Outcome.SHOWN,
    "gone": Outcome.NOT_FOUND,
    "suspended": Outcome.SUSPENDED,
    "home": Outcome.UNRECOGNISED,
    "other": Outcome.UNRECOGNISED,
    "wall": Outcome.CHALLENGE,
    "error": Outcome.SERVER_ERROR,
    "login": Outcome.LOGIN_WALL,
}


def engine_pages() -> Iterator[Sample]:
    """Yield the public's pages of small sites built as real engines build theirs; no file knows them."""
    for site in ENGINES.values():
        accounts = {"zoe": Account(name="zoe", titles=TITLES[::-1]), "max": Account(name="max", titles=MORE)}
        for state, truth in STATES.items():
            jane = Account(name="jane", profile=state)
            yield _engine_page(site, accounts | {"jane": jane}, PageKind.PROFILE, state, truth)
            if state not in {"home", "other", "login"}:
                jane = Account(name="jane", stories={0: state})
                yield _engine_page(site, accounts | {"jane": jane}, PageKind.STORY, f"story {state}", truth)
        bare = Account(name="jane", titles=())
        yield _engine_page(site, accounts | {"jane": bare}, PageKind.PROFILE, "no stories", Outcome.SHOWN)
        told = Account(name="jane", extra="<p>This account has been suspended.</p>")
        yield _engine_page(site, accounts | {"jane": told}, PageKind.PROFILE, "a line", Outcome.SUSPENDED)


def _engine_page(
    site: Engine, accounts: dict[str, Account], kind: PageKind, name: str, truth: Outcome
) -> Sample:
    def of(who: str) -> Capture:
        account = accounts.get(who, Account(name=who))
        is_profile = kind is PageKind.PROFILE
        url = site.profile_url(who) if is_profile else site.urls(account)[0]
        request = PageRequest(
            profile="",
            kind=kind,
            url=url,
            viewpoints=(ANONYMOUS,),
            folder="",
            handle=who,
            subject="" if is_profile else url.rstrip("/").rpartition("/")[2],
        )
        return capture_at(site, request, ANONYMOUS, accounts)

    platform = load_platform(learn_key({"profile": site.profile_url("jane")}, "jane"))
    own = of("jane")
    return Sample(
        platform=f"{site.name}, a small site",
        name=name,
        capture=own,
        truth=truth,
        live=(of("zoe"), of("max")),
        absent=(of("zzq7x3v"),),
        by_hand=observe(own, platform, {"home": platform.home, "handle": "jane"}).outcome,
    )


def saved_pages(folder: Path, name: str) -> Iterator[Sample]:
    """Yield a folder of saved pages; the examples are the first others of the same kind in its index."""
    platform = load_platform(name)
    rows = [(page, capture_of(page)) for page in read_pages(folder, platform)]
    for page, one in rows:
        if "html" not in page.content_type or page.kind not in KINDS or page.label.endswith(".export"):
            continue
        others = [(other, row) for other, row in rows if other is not page and other.kind is page.kind]
        live = [row for other, row in others if other.label.endswith(".shown")][:2]
        absent = [row for other, row in rows if other is not page and other.label.endswith(".missing")][:1]
        said = observe(one, platform, page.values(platform)).outcome
        truth = said if said in page.expected else min(page.expected)
        yield Sample(
            platform=f"{name}, captures",
            name=page.file,
            capture=one,
            truth=truth,
            live=tuple(live),
            absent=tuple(absent),
            by_hand=said,
        )


# -- the methods -----------------------------------------------------------------------------------------

Method = Callable[[Sample], Outcome | None]

_NEVER_ASKED = frozenset(Outcome) - {Outcome.UNRECOGNISED, Outcome.SHOWN, Outcome.NOT_FOUND}
"""What a mark says that no learned mark is asked about, and of which none is learned."""


def by_learned(thresholds: Thresholds) -> Method:
    def call(sample: Sample) -> Outcome | None:
        if sample.shape is None or sample.by_hand in _NEVER_ASKED:
            return None
        live, absent = sample.examples
        return learn(sample.kind, live, absent).outcome(sample.shape, thresholds)

    return call


def by_hand(sample: Sample) -> Outcome | None:
    return sample.by_hand if sample.by_hand in CALLED else None


def by_status(sample: Sample) -> Outcome | None:
    status = sample.capture.status or 0
    return Outcome.SHOWN if 200 <= status < 300 else Outcome.NOT_FOUND if status in {404, 410} else None


def by_words(threshold: float) -> Method:
    def call(sample: Sample) -> Outcome | None:
        shown = max((_overlap(sample.capture, one) for one in sample.live), default=0.0)
        gone = max((_overlap(sample.capture, one) for one in sample.absent), default=0.0)
        if max(shown, gone) < threshold:
            return None
        return Outcome.SHOWN if shown > gone else Outcome.NOT_FOUND

    return call


def _overlap(one: Capture, other: Capture) -> float:
    first, second = (set(page.text.casefold().split()) for page in (one, other))
    return len(first & second) / len(first | second) if first | second else 0.0


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a method made of its pages."""

    wrong: tuple[Sample, ...]
    conclusive: Share  # of the pages that are shown or not found, how many it called so

    @classmethod
    def of(cls, samples: Sequence[Sample], method: Method) -> "Counted":
        """Count the calls of a method."""
        calls = [(one, method(one)) for one in samples]
        wrong = tuple(one for one, called in calls if called is not None and called is not one.truth)
        can = [(one, called) for one, called in calls if one.truth in CALLED]
        hits = sum(called is one.truth for one, called in can)
        return cls(wrong=wrong, conclusive=Share(hits=hits, of=len(can)))


def best(samples: Sequence[Sample]) -> Thresholds:
    """Return the thresholds with the fewest wrong, then the most conclusive, then the strictest."""

    def value(one: Thresholds) -> tuple[int, int, float, float]:
        counted = Counted.of(samples, by_learned(one))
        return -len(counted.wrong), counted.conclusive.hits, one.margin, one.likeness

    return max(GRID, key=value)


def table(samples: Sequence[Sample]) -> tuple[str, int]:
    """Return the tables in Markdown, and how often a learned outcome was wrong."""
    platforms = sorted({one.platform for one in samples})
    lines = [
        "| platform left out | pages | method | wrong | conclusive, of pages shown or not found |",
        "|---|---|---|---|---|",
    ]
    wrong = 0
    for left_out in platforms:
        own = [one for one in samples if one.platform == left_out]
        rest = [one for one in samples if one.platform != left_out]
        chosen = best(rest) if rest else Thresholds()
        words = max(
            (step / 20 for step in range(1, 19)),
            key=lambda step: (-len(Counted.of(rest, by_words(step)).wrong), step),
        )
        methods = (
            ("**learned marks**", by_learned(Thresholds())),
            (f"learned, thresholds of the others ({chosen})", by_learned(chosen)),
            ("marks written by hand", by_hand),
            ("status alone", by_status),
            (f"words in common (at least {words:.2f})", by_words(words)),
        )
        for name, method in methods:
            counted = Counted.of(own, method)
            share = Share(hits=len(counted.wrong), of=len(own))
            lines.append(f"| {left_out} | {len(own)} | {name} | {share} | {counted.conclusive} |")
            if "learned" in name:
                wrong += len(counted.wrong)
                for one in counted.wrong:
                    print(f"wrong: {name}: {one.platform}: {one.name}: is {one.truth.value}", file=sys.stderr)
    return "\n".join(lines), wrong


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="How far learned marks carry.")
    parser.add_argument("--captures", type=Path, help="a folder of saved Medium pages with an index.tsv")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/learned-marks.md")
    options = parser.parse_args(arguments)
    samples = [*page_cases(), *scenario_pages(), *engine_pages()]
    if options.captures:
        samples += saved_pages(options.captures, "medium")
    tables, wrong = table(samples)
    print(tables)
    if options.write:
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        DOCS.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
