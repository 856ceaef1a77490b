"""`platform: learn` on sites that are built as real engines build theirs."""

import pytest
from engine_sites import ENGINES
from learned_runner import CASES, LearnedCase, learned_verdict, verdicts_without_file

from selfcheck.core.enums import BAD, Strength, Verdict


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_an_account_on_a_site_without_a_file(case: LearnedCase) -> None:
    """Each engine gives the evidence or does not; what is said is as labelled, or that it cannot be told."""
    for engine in ENGINES:
        verdict = learned_verdict(engine, case)
        assert verdict.verdict in {case.expected, Verdict.INCONCLUSIVE}, f"{engine}: {verdict.summary}"
        assert verdict.strength is Strength.LIKELY


def test_what_is_said_of_the_engines_states_without_a_file() -> None:
    """Right is what a full file lets be said, or what `expect learned` says, or that it is unknown."""
    classes = dict.fromkeys(BAD, "bad") | {Verdict.VISIBLE: "fine"}
    for scenario, verdict in verdicts_without_file():
        assert scenario.without_file is not None
        right = {classes.get(scenario.without_file), None}
        assert classes.get(verdict.verdict) in right, f"{scenario.name}: {verdict.summary}"
        assert verdict.strength is Strength.LIKELY
        assert verdict.verdict is not Verdict.SUSPENDED
