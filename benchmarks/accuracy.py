"""How often selfcheck is right, beside the plain methods that people use now, on the labelled scenarios.

    python benchmarks/accuracy.py [--browser] [--write]

Every scenario of `tests/scenarios/` goes through plan, observe and judge. `--browser` also lets a real
Chromium look at those of the demo site, in one run of selfcheck, and compares pictures by perceptual hash.
`--write` puts the tables into `docs/accuracy.md`. It needs no network, and the extras `test` and `bench`.
Exit code 1: the goal was missed.

Goal: no false alarm, no miss, no "fine" without evidence, and at most 2 % needlessly inconclusive. Of lean
platform files: nothing wrong, and at least 80 % of healthy and 60 % of bad states conclusive.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "benchmarks"), str(ROOT)]

from accuracy_figures import (  # noqa: E402 — the path comes first
    BAD,
    FINE,
    UNKNOWN,
    Figures,
    Share,
    class_of,
    confusion,
    methods_table,
)
from accuracy_methods import Views, by_status, by_threshold, by_whatsmyname, figures, likeness  # noqa: E402
from engine_sites import ENGINES  # noqa: E402
from engines import ENGINES as BUILT_ENGINES  # noqa: E402
from engines import LEARNED  # noqa: E402
from learned_runner import CASES, learned_verdict, verdicts_without_file  # noqa: E402
from scenario_runner import ScenarioResult, scenario_results, stage  # noqa: E402
from scenarios import scenarios  # noqa: E402

from selfcheck.core.enums import PageKind  # noqa: E402

DOCS = ROOT / "docs" / "accuracy.md"
OFFLINE, LEAN, WITHOUT_FILE, BROWSER = "offline", "lean", "learned", "browser"
BEFORE = 657  # scenarios that there were before the examination on software that nobody had shown us
LEAST_HEALTHY, LEAST_BAD = 0.8, 0.6  # the least shares of conclusive verdicts by lean files
COMPARED = (PageKind.PROFILE, PageKind.PUBLICATION, PageKind.STORY)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of the benchmark: its tables, and whether the goal was met."""

    text: str
    met: bool
    wrong: tuple[str, ...]  # scenarios whose label was missed in verdict, silence, strength or rule


def right(number: int, wrong: Sequence[str]) -> str:
    """Return in words how many scenarios got their label."""
    return f"{number - len(wrong)} got their label in verdict, silence and strength."


def pages_of(one: ScenarioResult) -> dict[PageKind, list[Views]]:
    """Return the first looks at each page that the plain methods compare."""
    captures = stage(one.scenario.name).captures
    found: dict[PageKind, list[Views]] = {}
    for page in one.case.pages:
        if page.visit.kind in COMPARED:
            views = {who: captures[page.visit.folder, who] for who in page.visit.viewpoints}
            found.setdefault(page.visit.kind, []).append(views)
    return found


def plain_methods(cases: Sequence[ScenarioResult]) -> list[Figures]:
    labelled = [(class_of(one.scenario.expected.verdict), pages_of(one)) for one in cases]
    every = [(label, [views for kind in pages for views in pages[kind]]) for label, pages in labelled]
    medium = [
        (label, pages[PageKind.PROFILE])
        for (label, pages), one in zip(labelled, cases, strict=True)
        if one.scenario.platform == "medium" and set(pages) == {PageKind.PROFILE}
    ]
    alike = [(label, [likeness(views) for views in pages]) for label, pages in every]
    return [
        figures("status code only", by_status, every),
        figures(
            f"WhatsMyName's rule ({len(medium)} Medium profiles)",
            by_whatsmyname,
            medium,
        ),
        by_threshold("text of the two views by likeness", alike),
    ]


def ours(cases: Sequence[ScenarioResult], name: str = "**selfcheck**") -> Figures:
    pairs = ((class_of(one.scenario.expected.verdict), class_of(one.verdict.verdict)) for one in cases)
    return Figures(name=name, pairs=tuple(pairs))


def offline() -> Part:
    """Run every scenario without a browser, but those of lean platform files."""
    cases = [case for case in scenario_results() if not case.scenario.by_lean_file]
    mine = ours(cases)
    on_engines = sum(case.scenario.truth is not None for case in cases)
    wrong = tuple(one.scenario.name for one in cases if not one.right)
    families = len({one.scenario.family for one in cases})
    text = "\n\n".join(
        (
            f"{len(cases)} scenarios of {families} families. {right(len(cases), wrong)} {_new(on_engines)}",
            methods_table([mine, *plain_methods(cases)]),
            confusion([(one.scenario.expected.verdict, one.verdict.verdict) for one in cases]),
        )
    )
    return Part(text=text, met=mine.goal_met and not wrong, wrong=wrong)


def _new(on_engines: int) -> str:
    number = len(scenarios()) - BEFORE
    return (
        f"{number} scenarios, those of lean files below included, are new since an examination on software "
        f"that its makers had not seen; {on_engines} of those in the table are built after the structure of "
        f"{len(BUILT_ENGINES)} real engines."
    )


def lean() -> Part:
    """Read the states of the engines by lean platform files; what the full ones let be said is the truth."""
    cases = [case for case in scenario_results() if case.scenario.by_lean_file]
    rows = [
        _lean_row(name, [case for case in cases if f" {name}: " in case.scenario.name])
        for name in BUILT_ENGINES
    ]
    total = _lean_row("all", cases)
    wrong = tuple(case.scenario.name for case in cases if not case.right)
    head = ("engine", "states", "wrong", "healthy ones conclusive", "bad ones conclusive", "cannot be told")
    cells = [head, ("---",) * len(head), *(row.cells for row in (*rows, total))]
    left_out = [scenario.name.split(": ", 2)[2] for scenario in scenarios() if scenario.full_only]
    names = "; ".join(dict.fromkeys(left_out))
    text = "\n\n".join(
        (
            f"{len(cases)} states. {right(len(cases), wrong)}",
            "\n".join(f"| {' | '.join(row)} |" for row in cells),
            f"Left out are {len(left_out)} states that such a file has no way to know: {names}.",
        )
    )
    return Part(text=text, met=total.met and not wrong, wrong=wrong)


@dataclass(frozen=True, kw_only=True)
class _LeanRow:
    name: str
    wrong: Share
    healthy: Share
    bad: Share
    unknown: int

    @property
    def cells(self) -> tuple[str, ...]:
        shares = (str(self.wrong), str(self.healthy), str(self.bad))
        return (self.name, str(self.wrong.of), *shares, str(self.unknown))

    @property
    def met(self) -> bool:
        conclusive = ((self.healthy, LEAST_HEALTHY), (self.bad, LEAST_BAD))
        return not self.wrong.hits and all(share.hits >= least * share.of for share, least in conclusive)


def _lean_row(name: str, cases: Sequence[ScenarioResult]) -> _LeanRow:
    """Count against the truth: what the full platform file lets be said of the same state."""
    pairs = [
        (class_of(case.scenario.truth), class_of(case.verdict.verdict))
        for case in cases
        if case.scenario.truth
    ]
    said = {truth: [call for label, call in pairs if label == truth] for truth in (FINE, BAD, UNKNOWN)}
    conclusive = {
        truth: Share(hits=len(calls) - calls.count(UNKNOWN), of=len(calls)) for truth, calls in said.items()
    }
    return _LeanRow(
        name=name,
        wrong=Share(hits=sum(call not in {UNKNOWN, truth} for truth, call in pairs), of=len(pairs)),
        healthy=conclusive[FINE],
        bad=conclusive[BAD],
        unknown=len(said[UNKNOWN]),
    )


def learned_marks() -> Part:
    """Judge accounts without a platform file, by learned marks alone: the small sites, then the engines."""
    sites = [(site, case.name, case.truth, learned_verdict(site, case)) for case in CASES for site in ENGINES]
    states = [
        (scenario.platform.removesuffix(LEARNED), scenario.name, class_of(scenario.without_file), judged)
        for scenario, judged in verdicts_without_file()
        if scenario.without_file is not None
    ]
    judged = [
        [(site, name, truth, class_of(verdict.verdict)) for site, name, truth, verdict in group]
        for group in (sites, states)
    ]
    tables = (_learned_table(judged[0], ENGINES, "site"), _learned_table(judged[1], BUILT_ENGINES, "engine"))
    wrong = tuple(
        f"{name} ({site})"
        for group in judged
        for site, name, truth, said in group
        if said not in {truth, UNKNOWN}
    )
    return Part(text="\n\n".join(tables), met=not wrong, wrong=wrong)


def _learned_table(judged: Sequence[tuple[str, str, str, str]], sites: Iterable[str], noun: str) -> str:
    """Return the table of what was said of accounts: site, state, truth, what was said."""
    rows = [f"| {noun} without a file | wrong | conclusive, where it can be told |", "|---|---|---|"]
    for site in (*sites, ""):
        own = [(truth, said) for where, _, truth, said in judged if site in {where, ""}]
        counted = Figures(name=site or "**all**", pairs=tuple(own))
        errors = [counted.false_alarms.hits, counted.misses.hits, counted.unfounded.hits]
        can = [said for truth, said in own if truth != UNKNOWN]
        conclusive = Share(hits=len(can) - counted.needless.hits, of=len(can))
        rows.append(f"| {counted.name} | {Share(hits=sum(errors), of=len(own))} | {conclusive} |")
    return f"{len(judged)} states of accounts on {len(rows) - 3} {noun}s.\n\n" + "\n".join(rows)


def in_browser() -> Part:
    """Let a real Chromium look at the scenarios of the demo site."""
    from accuracy_browser import look  # noqa: PLC0415 — only this part needs a browser and imagehash

    looked = look()
    mine = Figures(
        name="**selfcheck**", pairs=tuple((class_of(one.label), class_of(one.said)) for one in looked)
    )
    pictures = by_threshold(
        "pictures by perceptual hash", [(class_of(one.label), one.alike) for one in looked]
    )
    wrong = tuple(one.name for one in looked if not one.right)
    text = "\n\n".join(
        (
            f"{len(looked)} scenarios in one run. {right(len(looked), wrong)}",
            methods_table([mine, pictures]),
            confusion([(one.label, one.said) for one in looked]),
        )
    )
    return Part(text=text, met=mine.goal_met and not wrong, wrong=wrong)


def between(text: str, part: str) -> str:
    """Return what stands between the part's markers."""
    return _split(text, part)[1].strip("\n")


def written(text: str, part: str, tables: str) -> str:
    """Return the document with these tables between the part's markers."""
    before, _, after = _split(text, part)
    return f"{before}\n{tables}\n{after}"


def _split(text: str, part: str) -> tuple[str, str, str]:
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, _, rest = text.partition(begin)
    tables, _, after = rest.partition(end)
    return before + begin, tables, end + after


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="How often selfcheck is right.")
    parser.add_argument("--browser", action="store_true", help="also let a real Chromium look")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/accuracy.md")
    options = parser.parse_args(arguments)
    parts = {OFFLINE: offline(), LEAN: lean(), WITHOUT_FILE: learned_marks()}
    parts |= {BROWSER: in_browser()} if options.browser else {}
    for name, part in parts.items():
        print(f"## {name}\n\n{part.text}\n\ngoal {'met' if part.met else 'missed'}")
        print("".join(f"wrong: {one}\n" for one in part.wrong))
        if options.write:
            DOCS.write_text(written(DOCS.read_text(encoding="utf-8"), name, part.text), encoding="utf-8")
    return 0 if all(part.met for part in parts.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
