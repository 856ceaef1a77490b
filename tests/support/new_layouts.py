"""Scenarios in a layout that no file knows: what becomes of their pages, and which verdicts stay right."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scenario_runner import ScenarioResult, Stage, run_scenario
from scenarios import Scenario

from selfcheck.core.capture import Capture
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Strength, Verdict

KEY = re.compile(r'(\\?")([A-Za-z_$@][\w$@-]*)(\\?"\s*:)')
HOOK = re.compile(r'\b(class|id|data-testid)="([^"]*)"')
SCRIPT = re.compile(r"(<script[^>]*>)(.*?)(</script>)", re.DOTALL)
ANY, LIKELY = frozenset(Strength), frozenset({Strength.LIKELY})
ALSO_RIGHT = {
    # A number, a flag or a list that stands only in data which cannot be read: nothing else is amiss.
    Verdict.LIMITED: {Verdict.VISIBLE: LIKELY},
    # That all stories are gone stands in two lists; where one cannot be read, single stories are. What the
    # public is told in so many words stands where the author's page cannot be read.
    Verdict.HIDDEN: {Verdict.LIMITED: ANY, Verdict.MISSING: LIKELY},
    # What the public is told only in JSON that can no longer be read; the page itself is not found.
    Verdict.SUSPENDED: {Verdict.HIDDEN: ANY, Verdict.MISSING: ANY},
    # Whose session it is, or that one page wants a sign-in, stands only in data that cannot be read: what
    # the views show is left. Renamed is among what "missing" means.
    Verdict.INCONCLUSIVE: {Verdict.VISIBLE: LIKELY, Verdict.MISSING: LIKELY},
}
"""What an examiner accepts of each label where a new layout took away what the label rests on."""


@dataclass(frozen=True, kw_only=True)
class NewLayout:
    """Another layout for one viewpoint or (`""`) for both: renamed keys of data, renamed classes and ids."""

    viewpoint: str
    keys: bool
    hooks: bool

    def __str__(self) -> str:
        what = " and ".join(word for word, is_so in (("keys", self.keys), ("classes", self.hooks)) if is_so)
        return f"{what} for {self.viewpoint or 'both'}"

    def __call__(self, capture: Capture) -> Capture:
        if self.viewpoint not in {"", capture.viewpoint} or capture.failure is not None:
            return capture
        html = capture.html
        if self.keys and "json" in capture.content_type:
            html = KEY.sub(r"\1zz\2\3", html)
            return replace(capture, html=html, text=html)
        if self.keys:
            html = SCRIPT.sub(lambda found: found[1] + KEY.sub(r"\1zz\2\3", found[2]) + found[3], html)
        if self.hooks:
            html = HOOK.sub(lambda found: f'{found[1]}="zz{found[2].replace(" ", " zz")}"', html)
        return replace(capture, html=html)


def new_layouts() -> Iterator[NewLayout]:
    for viewpoint in ("", ANONYMOUS, AUTHOR):
        for keys, hooks in ((True, True), (True, False), (False, True)):
            yield NewLayout(viewpoint=viewpoint, keys=keys, hooks=hooks)


def in_new_layout(scenario: Scenario, layout: NewLayout, *, learns: bool) -> ScenarioResult:
    return run_scenario(scenario, on=Stage(scenario, change=layout, learns=learns))


def is_right(result: ScenarioResult) -> bool:
    """Return whether the verdict is the label's, says less, or is what an examiner accepts instead."""
    verdict, label = result.verdict, result.scenario.expected
    if verdict.verdict is Verdict.INCONCLUSIVE:
        return True
    if verdict.verdict is label.verdict:
        return label.verdict is not Verdict.VISIBLE or verdict.strength in {label.strength, Strength.LIKELY}
    return verdict.strength in ALSO_RIGHT.get(label.verdict, {}).get(verdict.verdict, frozenset())
