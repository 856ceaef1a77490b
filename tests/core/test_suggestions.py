"""The nearest name to a mistyped one."""

import pytest

from selfcheck.core.suggestions import did_you_mean, suggestion


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        pytest.param("jame", "Did you mean `Jane`?", id="a name keeps its capitals"),
        pytest.param("JANE", "Did you mean `Jane`?", id="case does not matter"),
        pytest.param("x", "", id="nothing is near"),
    ],
)
def test_a_suggestion_writes_the_name_as_it_is(written: str, sentence: str) -> None:
    assert suggestion(written, ("Jane", "demo")) == sentence
    assert did_you_mean(written, ("Jane", "demo")) == sentence.replace("Did", "did")
