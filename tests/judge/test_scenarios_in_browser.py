"""A sample of the demo site's scenarios gets the same label in a real Chromium; the benchmark takes all."""

import pytest
from browser_scenarios import BrowserResult, in_browser_scenarios, run_in_browser
from runs import without_screenshots

LEAST_IN_BENCHMARK = 60
SAMPLE = tuple(
    one
    for one in in_browser_scenarios()
    if one.account["like"] not in {"hanging", "slow"}  # their waiting is tested elsewhere
)[3::8]


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BrowserResult]:
    folder = tmp_path_factory.mktemp("scenarios")
    with without_screenshots():
        return {one.scenario.name: one for one in run_in_browser(folder, SAMPLE)}


@pytest.mark.parametrize("name", [pytest.param(one.name, id=one.name) for one in SAMPLE])
def test_a_scenario_gets_its_label_in_a_browser(looked: dict[str, BrowserResult], name: str) -> None:
    one = looked[name]
    assert one.right, (one.scenario.expected, one.verdict.rules, one.verdict.summary)


def test_the_benchmark_lets_a_browser_look_at_enough_of_them() -> None:
    assert len(in_browser_scenarios()) >= LEAST_IN_BENCHMARK
