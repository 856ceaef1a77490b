"""Runs a scenario: the tool's own investigation is given the pages that the scenario describes.

Only the browser is missing; plan, investigation, observe and judge are the tool's.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from demo_looks import as_never_opened, demo_look, demo_profile, session_handle
from engines import LEARNED, Engine, engine_look, engine_of, platform_path
from past_looks import past_numbers, with_numbers
from saved_looks import page_named, saved_look, signs_of
from scenarios import NO_SESSION, Expected, Scenario, scenarios
from small_sites import site_look, site_page_named, site_platform

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.case import LookAgain, ProfileCase
from selfcheck.core.enums import AUTHOR, PageKind, Purpose, SignKind
from selfcheck.core.observation import Observation, Sign
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import judge
from selfcheck.judge.page_evidence import PageEvidence
from selfcheck.judge.rules import RULES, Rule
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Controls, Platform
from selfcheck.runs.investigation import Investigation, Question
from selfcheck.runs.plan import template_values


@dataclass(frozen=True, kw_only=True)
class ScenarioResult:
    """What came of a scenario."""

    scenario: Scenario
    verdict: ProfileVerdict
    case: ProfileCase  # all the evidence that the verdict rests on
    rounds: tuple[ProfileCase, ...]  # what the judge was asked, one round after the other

    @property
    def right(self) -> bool:
        """Return whether verdict, silence, strength and the rules that it names are as labelled."""
        return as_labelled(self.scenario.expected, self.verdict)

    @cached_property
    def held(self) -> frozenset[str]:
        """The rules that held for any page in any round, reported or not."""
        pages = [PageEvidence(case, page) for case in self.rounds for page in case.pages]
        return frozenset(
            rule.id for rule in RULES for page in pages if rule.applies(page.kind) and rule.check(page)
        )

    @cached_property
    def undisturbed(self) -> ProfileVerdict:
        """The verdict on the evidence as it is: what properties compare a disturbed case with."""
        return final_verdict(self.case)

    def judged_with(self, changed: ProfileCase) -> ProfileVerdict:
        """Return the verdict on changed evidence; what a change left as it was is not judged again."""
        return self.undisturbed if changed == self.case else final_verdict(changed)


def final_verdict(case: ProfileCase) -> ProfileVerdict:
    """Return the verdict where no further page load can be asked for."""
    answer = judge(replace(case, rounds_left=0))
    assert isinstance(answer, ProfileVerdict)
    return answer


def as_labelled(expected: Expected, judged: ProfileVerdict) -> bool:
    """Return whether this is what the label says."""
    named = (
        expected.rule in {"", judged.rules[0]}
        and (not expected.besides or expected.besides in judged.rules)
        and expected.never not in judged.rules
    )
    said = (judged.verdict, judged.silent, judged.strength)
    return said == (expected.verdict, expected.silent, expected.strength) and named


class Stage:
    """The platform of one scenario: every look that may be asked for, each taken once and remembered."""

    def __init__(
        self, scenario: Scenario, *, change: Callable[[Capture], Capture] | None = None, learns: bool = True
    ) -> None:
        self.scenario = scenario
        self._change = change  # what becomes of every page, for instance another layout
        self._learns = learns  # whether pages that no mark knows are read by likeness
        self._seen: dict[tuple[PageRequest, str, int], Observation] = {}
        self.captures: dict[tuple[str, str], Capture] = {}  # folder and viewpoint -> the first look
        if scenario.platform == "demo":
            as_never_opened(scenario)

    @cached_property
    def engine(self) -> Engine | None:
        return engine_of(self.scenario.platform)

    @property
    def _key(self) -> str:
        """What the platform is loaded by: its name, a file's path, or the key of one without a file."""
        return platform_path(self.scenario.platform) if self.engine else self.scenario.platform

    @cached_property
    def platform(self) -> Platform:
        if self.scenario.site:
            platform = site_platform(self.scenario.site)
        elif self.scenario.lean:
            platform = _lean_of(self.scenario.platform)
        else:
            platform = _platform(self._key)
        if not self.scenario.controls:
            return platform
        controls = Controls.model_validate({**platform.controls.model_dump(), **self.scenario.controls})
        return platform.model_copy(update={"controls": controls})

    @cached_property
    def profile(self) -> ProfileRequest:
        one = self.scenario
        if one.platform == "demo":
            return demo_profile(one)
        learned = one.platform.endswith(LEARNED)
        # the file's own accounts are not asked for at another address: the user names some there
        named = one.controls.get("live") if one.base_url else None
        elsewhere = tuple(named) if named else None
        return ProfileRequest(
            name="writer",
            platform=self._key if learned else self.platform.platform,
            handle=one.handle,
            base_url=one.base_url or None,
            publications=one.publications,
            stories=one.stories,
            latest_stories=one.latest,
            session="writer",
            live_controls=("editor", "zoe") if learned else elsewhere,
        )

    @property
    def signed_in(self) -> bool:
        return (
            session_handle(self.scenario) is not None
            if self.scenario.platform == "demo"
            else (self.scenario.session != NO_SESSION)
        )

    def look(self, visit: PageRequest, viewpoint: str, number: int) -> Observation:
        """Return what the look of this number (from 0) sees; the last one that a scenario names goes on."""
        key = (visit, viewpoint, number)
        if key not in self._seen:
            name = self._look_named(visit, viewpoint, number)
            capture = self._capture(name, viewpoint, visit)
            capture = self._change(capture) if self._change else capture
            self.captures.setdefault((visit.folder, viewpoint), capture)
            seen = _observed(
                capture,
                self.platform,
                template_values(self.profile, self.platform, visit),
                once=not name or self.scenario.lean or self._change is not None,
            )
            seen = seen if self._learns else replace(seen, shape=None)
            seen = _with_signs(seen, signs_of(name))
            self._seen[key] = with_numbers(seen, self.scenario)
        return self._seen[key]

    def _capture(self, name: str, viewpoint: str, visit: PageRequest) -> Capture:
        if self.engine:
            return engine_look(self.scenario.platform, name, viewpoint, visit)
        if self.scenario.site:
            home = self.scenario.base_url or self.platform.home
            return site_look(self.scenario.site, name, viewpoint, visit, home)
        return saved_look(name, viewpoint, visit) if name else demo_look(self.scenario, viewpoint, visit)

    def _look_named(self, visit: PageRequest, viewpoint: str, number: int) -> str:
        """Return the look as a Medium scenario writes it; the demo site answers by itself."""
        if self.scenario.platform == "demo":
            return ""
        if self.scenario.site:
            looks = self.scenario.looks[site_page_named(visit, viewpoint, self.scenario.stories)]
            return looks[min(number, len(looks) - 1)]
        name = page_named(visit, viewpoint)
        if self.engine and visit.kind is PageKind.STORY and not visit.folder.startswith("controls/"):
            page = "story" if visit.url in self.scenario.stories else "listed story"
            name = f"{page} author" if viewpoint == AUTHOR else page
        if name not in self.scenario.looks and visit.kind is PageKind.STORY:  # one that a list lacks
            name = name.replace("second story", "listed story").removeprefix("story").strip()
            name = name if name.startswith("listed") else f"listed story {name}".strip()
        looks = self.scenario.looks[name]
        return looks[min(number, len(looks) - 1)]


def _with_signs(seen: Observation, signs: tuple[Sign, ...]) -> Observation:
    seen = replace(seen, signs=(*seen.signs, *signs))
    if any(sign.meaning is SignKind.SIGNED_OUT for sign in signs):
        return replace(seen, says_signed_out=True, signed_in=None if seen.signed_in else False)
    return seen


_platform = cache(load_platform)
_KEPT = (SignKind.UNPUBLISHED, SignKind.PRIVATE)


@cache
def _lean_of(name: str) -> Platform:
    """Return the platform without all that tells what an owner keeps for themselves."""
    platform = _platform(name)
    lists = tuple(one.model_copy(update={"kept_back": (), "visibility": None}) for one in platform.stories)
    signs = tuple(sign for sign in platform.signs if sign.means not in _KEPT)
    return platform.model_copy(update={"always_public": (), "stories": lists, "signs": signs})


_known: dict[int, tuple[Capture, Observation]] = {}


def _observed(capture: Capture, platform: Platform, values: dict[str, str], *, once: bool) -> Observation:
    """Observe a capture; scenarios share saved pages, so each of those is read once."""
    if not once and id(capture) in _known:
        return _known[id(capture)][1]
    seen = observe(capture, platform, values)
    if not once:
        _known[id(capture)] = (capture, seen)
    return seen


@cache
def stage(scenario_name: str) -> Stage:
    return Stage(_by_name()[scenario_name])


@cache
def _by_name() -> dict[str, Scenario]:
    return {one.name: one for one in scenarios()}


def run_scenario(
    scenario: Scenario, rules: Sequence[Rule] = RULES, *, on: Stage | None = None
) -> ScenarioResult:
    """Judge the scenario by this table of rules, as it is or on a stage that changes its pages."""
    here = on or stage(scenario.name)
    rounds: list[ProfileCase] = []

    def recording_judge(case: ProfileCase) -> ProfileVerdict | LookAgain:
        case = replace(case, past=past_numbers(scenario, [control.handle for control in case.controls]))
        rounds.append(case)
        return judge(case, rules)

    question = Question(profile=here.profile, platform=here.platform, signed_in=here.signed_in, seed=7)
    question = replace(question, readers=("reader",) if scenario.reader else ())
    investigation = Investigation(question, judge=recording_judge)
    opened: Counter[tuple[str, str, bool]] = Counter()  # how often each page was opened from each viewpoint
    while batch := investigation.wanted():
        for page in batch.pages:
            looks = {}
            for who in page.request.viewpoints:
                key = _counted_as(page.request), who, page.request.purpose is Purpose.FALLBACK
                looks[who] = here.look(page.request, who, opened[key])
                opened[key] += 1
            investigation.take(page, looks)
    verdict, case = investigation.verdict, investigation.case
    assert verdict is not None
    assert case is not None
    past = past_numbers(scenario, [control.handle for control in case.controls])
    return ScenarioResult(
        scenario=scenario, verdict=verdict, case=replace(case, past=past), rounds=tuple(rounds)
    )


def _counted_as(request: PageRequest) -> str:
    """Name what a scenario counts as one page: a kind of control has one answer after the other."""
    if request.purpose is Purpose.CONTROL:
        return f"{request.folder.rpartition('/')[2].partition('-')[0]} {request.kind.value}"
    return request.url


@cache
def result_of(scenario_name: str) -> ScenarioResult:
    """Return what comes of a scenario, judged by the table as it is."""
    return run_scenario(stage(scenario_name).scenario)


@cache
def scenario_results() -> tuple[ScenarioResult, ...]:
    """Every scenario, judged by the table as it is."""
    return tuple(result_of(one.name) for one in scenarios())
