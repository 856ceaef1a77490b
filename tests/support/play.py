"""Plays a scenario: gives the looks, lets the judge ask for more, and serves those until it answers.

It stands in for `selfcheck.runs.profile_check`; everything else is the tool's own: plan, observe and judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from random import Random

from demo_looks import demo_look, demo_profile, session_handle
from past_looks import past_numbers, with_numbers
from saved_looks import page_named, saved_look, signs_of
from scenarios import NO_SESSION, Expected, Scenario, scenarios

from selfcheck.core.capture import Capture
from selfcheck.core.case import (
    AnotherControl,
    FallbackLook,
    LookAgain,
    PageCase,
    PlatformFacts,
    ProfileCase,
    SecondLook,
)
from selfcheck.core.enums import ANONYMOUS, ControlKind, PageKind, Purpose
from selfcheck.core.observation import Observation
from selfcheck.core.page_request import PageRequest
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.judge import judge
from selfcheck.judge.page_evidence import PageEvidence
from selfcheck.judge.rules import RULES
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import values_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import reading_of
from selfcheck.runs.plan import Control, controls, fallback_visits, first_visits, latest_story_visits
from selfcheck.runs.platform_facts import with_platform
from selfcheck.runs.profile_check import ROUNDS

Rules = Sequence[object]


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of a scenario."""

    scenario: Scenario
    verdict: ProfileVerdict
    case: ProfileCase  # all the evidence that the verdict rests on
    held: frozenset[str]  # the rules that held for any page in any round, told or not

    @property
    def right(self) -> bool:
        """Return whether verdict, silence, strength and the rules that it names are as labelled."""
        return as_labelled(self.scenario.expected, self.verdict)


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

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._seen: dict[tuple[PageRequest, str, int], Observation] = {}
        self.captures: dict[tuple[str, str], Capture] = {}  # folder and viewpoint -> the first look

    @cached_property
    def platform(self) -> Platform:
        platform = _platform(self.scenario.platform)
        if not self.scenario.controls:
            return platform
        controls = platform.controls.model_copy(update=dict(self.scenario.controls))
        return platform.model_copy(update={"controls": controls})

    @cached_property
    def profile(self) -> ProfileRequest:
        one = self.scenario
        if one.platform == "demo":
            return demo_profile(one)
        return ProfileRequest(
            name="writer",
            platform=one.platform,
            handle=one.handle,
            publications=one.publications,
            stories=one.stories,
            latest_stories=one.latest,
            session="writer",
        )

    @property
    def signed_in(self) -> bool:
        return (
            session_handle(self.scenario) is not None
            if self.scenario.platform == "demo"
            else (self.scenario.session != NO_SESSION)
        )

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        return controls(self.profile, self.platform, Random(7))

    def look(self, visit: PageRequest, viewpoint: str, number: int) -> Observation:
        """Return what the look of this number (from 0) sees; the last one that a scenario names goes on."""
        key = (visit, viewpoint, number)
        if key not in self._seen:
            name = self._look_named(visit, viewpoint, number)
            capture = (
                saved_look(name, viewpoint, visit) if name else demo_look(self.scenario, viewpoint, visit)
            )
            self.captures.setdefault((visit.folder, viewpoint), capture)
            seen = _observed(capture, self.platform, self._values(visit), once=not name)
            seen = replace(seen, signs=(*seen.signs, *signs_of(name)))
            self._seen[key] = with_numbers(seen, self.scenario)
        return self._seen[key]

    def _look_named(self, visit: PageRequest, viewpoint: str, number: int) -> str:
        """Return the look as a Medium scenario writes it; the demo site answers by itself."""
        if self.scenario.platform == "demo":
            return ""
        looks = self.scenario.looks[page_named(visit, viewpoint)]
        return looks[min(number, len(looks) - 1)]

    def _values(self, visit: PageRequest) -> dict[str, str]:
        more = {"handle": visit.handle}
        if visit.kind is PageKind.PUBLICATION:
            more["publication"] = visit.subject
        if visit.kind is PageKind.STORY:
            more["story_id"] = visit.subject
        return {**values_of(self.profile, self.platform), **more}


_platform = cache(load_platform)
_known: dict[int, tuple[Capture, Observation]] = {}


def _observed(capture: Capture, platform: Platform, values: dict[str, str], *, once: bool) -> Observation:
    """Observe a capture; scenarios share saved pages, so each of those is read once."""
    if not once and id(capture) in _known:
        return _known[id(capture)][1]
    seen = observe(capture, platform, values)
    if not once:
        _known[id(capture)] = (capture, seen)
    return seen


@dataclass
class _Play:
    """One run through a scenario."""

    stage: Stage
    pages: dict[str, PageCase] = field(default_factory=dict)
    readings: list[ControlReading] = field(default_factory=list)
    waiting: dict[ControlKind, list[Control]] = field(default_factory=dict)

    def begin(self) -> None:
        stage = self.stage
        self.waiting = {kind: [one for one in stage.controls if one.kind is kind] for kind in ControlKind}
        visits = first_visits(stage.profile, stage.platform, signed_in=stage.signed_in)
        self._look_at(visits)
        seen = [look for page in self.pages.values() for looks in page.looks.values() for look in looks]
        if stage.profile.latest_stories:
            self._look_at(latest_story_visits(stage.profile, stage.platform, seen, signed_in=stage.signed_in))
        self._next(ControlKind.LIVE)
        self._next(ControlKind.ABSENT)

    def _look_at(self, visits: Sequence[PageRequest]) -> None:
        for visit in visits:
            if visit.folder not in self.pages:
                looks = {who: (self.stage.look(visit, who, 0),) for who in visit.viewpoints}
                self.pages[visit.folder] = PageCase(visit=visit, looks=looks)

    def _next(self, kind: ControlKind) -> None:
        of_kind = [one for one in self.readings if one.kind is kind]
        if self.waiting[kind] and not any(one.ok for one in of_kind):
            control = self.waiting[kind].pop(0)
            seen = self.stage.look(control.visit, ANONYMOUS, len(of_kind))
            self.readings.append(reading_of(kind, control.handle, seen))

    def case(self, rounds_left: int) -> ProfileCase:
        profile, platform = self.stage.profile, self.stage.platform
        return ProfileCase(
            name=profile.name,
            platform=platform.platform,
            handle=platform.handle.show.format(handle=profile.handle),
            sureness=with_platform(
                PlatformFacts(
                    title=platform.title,
                    live_controls_left=len(self.waiting[ControlKind.LIVE]),
                    suspended_controls_left=len(self.waiting[ControlKind.SUSPENDED]),
                    has_live_controls=any(one.kind is ControlKind.LIVE for one in self.stage.controls),
                    has_absent_control=any(one.kind is ControlKind.ABSENT for one in self.stage.controls),
                ),
                platform,
            ),
            author_expected=self.stage.signed_in,
            past=past_numbers(self.stage.scenario, [one.handle for one in self.readings]),
            pages=tuple(self.pages.values()),
            controls=tuple(self.readings),
            rounds_left=rounds_left,
        )

    def obey(self, answer: LookAgain) -> None:
        for wanted in answer.wanted:
            match wanted:
                case SecondLook(folder=folder, viewpoint=viewpoint):
                    page = self.pages[folder]
                    number = len(page.looks[viewpoint])
                    seen = self.stage.look(page.visit, viewpoint, number)
                    seen = replace(seen, purpose=Purpose.SECOND_LOOK)
                    looks = {**page.looks, viewpoint: (*page.looks[viewpoint], seen)}
                    self.pages[folder] = replace(page, looks=looks)
                case FallbackLook(folder=folder):
                    page = self.pages[folder]
                    visits = fallback_visits(self.stage.profile, self.stage.platform, page.visit)
                    seen_there = tuple(self.stage.look(visit, ANONYMOUS, 0) for visit in visits)
                    self.pages[folder] = replace(page, fallbacks=seen_there)
                case AnotherControl(kind=kind):
                    self._next(kind)


@cache
def stage(scenario_name: str) -> Stage:
    return Stage(next(one for one in scenarios() if one.name == scenario_name))


def play(scenario: Scenario, rules: Sequence[object] = RULES) -> Played:
    """Judge the scenario by this table of rules."""
    run = _Play(stage=stage(scenario.name))
    run.begin()
    held: set[str] = set()
    for left in reversed(range(ROUNDS + 1)):
        case = run.case(left)
        if rules is RULES:
            held |= _held(case)
        answer = judge(case, rules)  # type: ignore[arg-type]
        if isinstance(answer, ProfileVerdict):
            return Played(scenario=scenario, verdict=answer, case=case, held=frozenset(held))
        run.obey(answer)
    raise AssertionError(scenario.name)


def _held(case: ProfileCase) -> set[str]:
    sights = [PageEvidence(case, page) for page in case.pages]
    return {rule.id for sight in sights for rule in RULES if rule.applies(sight) and rule.why(sight)}


@cache
def played() -> tuple[Played, ...]:
    """Every scenario, judged by the table as it is."""
    return tuple(play(one) for one in scenarios())
