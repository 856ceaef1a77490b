"""The file of the demo's states: every entry is checked as it is read."""

import pytest

from selfcheck.core.enums import Verdict
from selfcheck.demo.states import STATES, DemoAnswer, Trait, state_from

LEAST = {
    "name": "x",
    "handle": "x-y",
    "author": "X Y",
    "lead": "a-story",
    "shows": "An account.",
    "verdict": "visible",
    "because": "it is shown",
}


def test_an_entry_becomes_values() -> None:
    state = state_from({**LEAST, "traits": ["empty"], "to_public": "slow", "also": ["inconclusive"]})
    assert (state.traits, state.to_public) == (frozenset({Trait.EMPTY}), DemoAnswer.SLOW)
    assert state.verdicts == (Verdict.VISIBLE, Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param({"verdict": "fine"}, id="a verdict that does not exist"),
        pytest.param({"traits": ["bald"]}, id="a trait that does not exist"),
        pytest.param({"to_strangers": "shown"}, id="a key that does not exist"),
        pytest.param({"handle": None}, id="no handle"),
    ],
)
def test_a_mistake_in_an_entry_is_refused(mistake: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(mistake))):
        state_from({**LEAST, **mistake})


def test_the_first_state_is_the_healthy_one() -> None:
    assert STATES[0].name == "healthy"
