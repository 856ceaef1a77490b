"""Every labelled scenario gets its label, and each rule of the table is needed for at least one."""

from collections import Counter

import pytest
from scenario_runner import result_of, run_scenario, scenario_results
from scenarios import Scenario, scenarios

from selfcheck.core.enums import Verdict
from selfcheck.judge.rules import RULES

LEAST = 300


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
