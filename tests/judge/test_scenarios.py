"""Every labelled scenario gets its label, and each rule of the table is needed for at least one."""

from collections import Counter

import pytest
from scenario_runner import result_of, run_scenario, scenario_results
from scenarios import Scenario, scenarios

from selfcheck.core.enums import Outcome, SignKind, Strength, Verdict
from selfcheck.judge.rules import RULES
from selfcheck.platforms.catalogue import load_platform, shipped_names
from selfcheck.platforms.knowledge import Ability, abilities
from selfcheck.platforms.schema import Platform

LEAST = 300
LEAST_OF_A_PLATFORM = 10
OWNERS = {SignKind.PRIVATE, SignKind.UNPUBLISHED, SignKind.NOINDEX_BY_OWNER}
OF_WHAT_IS_SHOWN = {"page.noindex", "page.flagged", "author.told"}
ENDED_OTHERWISE = {Outcome.RESTRICTED, Outcome.REMOVED}


@pytest.mark.parametrize("scenario", [pytest.param(one, id=one.name) for one in scenarios()])
def test_a_scenario_gets_its_label(scenario: Scenario) -> None:
    result = result_of(scenario.name)
    judged = result.verdict
    assert result.right, (
        f"{scenario.why} Expected {scenario.expected}; got {judged.verdict} silent={judged.silent} "
        f"{judged.strength}, {judged.rules}: {judged.summary}"
    )


def test_there_are_enough_scenarios_of_every_verdict() -> None:
    of = Counter(one.expected.verdict for one in scenarios())
    assert sum(of.values()) >= LEAST
    assert all(of[verdict] >= 20 for verdict in Verdict), of


def test_each_scenario_has_a_name_of_its_own_and_says_why() -> None:
    names = [one.name for one in scenarios()]
    assert sorted(set(names)) == sorted(names)
    assert [one.name for one in scenarios() if not one.why.endswith(".")] == []


def _fails(scenario: Scenario, without: str) -> bool:
    """Return whether the scenario no longer gets its label; a judge that cannot answer at all counts too."""
    try:
        return not run_scenario(scenario, tuple(rule for rule in RULES if rule.id != without)).right
    except IndexError:  # no row is left that catches the page
        return without == RULES[-1].id


@pytest.mark.parametrize("rule", [pytest.param(rule.id, id=rule.id) for rule in RULES])
def test_without_this_rule_a_scenario_fails(rule: str) -> None:
    """Only scenarios in which the rule held can tell; the others are judged alike without it."""
    concerned = [one.scenario for one in scenario_results() if rule in one.held]
    assert any(_fails(scenario, rule) for scenario in concerned)


def _confirmed_facts(platform: Platform) -> int:
    """Count what the file knows by the platform's own words or code, walls of any site left out."""
    marks = [mark for mark in platform.marks if not mark.id.startswith("wall.")]
    facts = (*marks, *platform.signs, *platform.facts.values(), *platform.stories)
    return sum(fact.tag == "C" for fact in facts)


@pytest.mark.parametrize("name", shipped_names())
def test_a_platform_has_ten_scenarios_or_as_many_as_it_has_confirmed_facts(name: str) -> None:
    written = sum(name in {one.platform, one.site} for one in scenarios())
    assert written >= min(LEAST_OF_A_PLATFORM, _confirmed_facts(load_platform(name)))


@pytest.fixture(scope="module")
def met() -> frozenset[str]:
    """The marks and signs that are found on a page of at least one scenario."""
    pages = [page for one in scenario_results() for case in one.rounds for page in case.pages]
    looks = [look for page in pages for own in (*page.looks.values(), page.fallbacks) for look in own]
    signs = (sign.id for look in looks for sign in look.signs)
    return frozenset({*signs, *(look.mark for look in looks if look.mark)})


@pytest.mark.parametrize("name", [name for name in shipped_names() if name not in {"demo", "medium"}])
def test_what_is_confirmed_and_what_looks_like_a_ban_has_a_scenario(name: str, met: frozenset[str]) -> None:
    """Whatever its tag, an owner's own choice must be judged: it must never be called a ban."""
    platform = load_platform(name)
    marks = {mark.id for mark in platform.marks if mark.tag == "C" or mark.says in ENDED_OTHERWISE}
    signs = {sign.id for sign in platform.signs if sign.tag == "C" or sign.means in OWNERS}
    needed = {one for one in marks | signs if not one.startswith("wall.")}
    assert sorted(needed - met) == []


@pytest.mark.parametrize("name", [name for name in shipped_names() if name != "demo"])
@pytest.mark.parametrize(
    ("ability", "verdicts"),
    [
        pytest.param(Ability.SUSPENSION, {Verdict.HIDDEN, Verdict.SUSPENDED}, id="silent suspension"),
        pytest.param(Ability.STORY, {Verdict.LIMITED}, id="hidden story"),
    ],
)
def test_the_table_says_of_a_platform_what_its_scenarios_show(
    name: str, ability: Ability, verdicts: set[Verdict]
) -> None:
    """Confirmed where a verdict is, likely where it is reported or a guess, and neither where it says no."""
    platform = load_platform(name)
    known = abilities(platform)[ability]
    own = [one for one in scenarios() if name in {one.platform, one.site} and not one.reader]
    bad = [one.expected for one in own if one.expected.verdict in verdicts]
    bad = [expected for expected in bad if expected.rule not in OF_WHAT_IS_SHOWN]
    silent = {one.strength for one in bad if one.silent}
    if known is None:
        # there the table says what the platform does; the comparison would tell it all the same
        assert not silent or platform.silent_by_design is False
    elif known.tag == "C":
        assert Strength.CONFIRMED in silent
    else:
        assert bad
        assert Strength.CONFIRMED not in silent
