"""What follows a look."""

from datetime import UTC, datetime, timedelta

import pytest

from selfcheck.core.enums import Outcome, Strength, Verdict
from selfcheck.fleet.stages import (
    Further,
    KnownProfile,
    Look,
    Progress,
    Rhythm,
    SlotResult,
    Stage,
    after_triage,
    after_whole,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LATELY = NOW - timedelta(days=1)
LONG_AGO = NOW - timedelta(days=8)
WELL = KnownProfile(outcome=Outcome.SHOWN, verdict=Verdict.VISIBLE, whole_at=LATELY)
BAD = KnownProfile(outcome=Outcome.SUSPENDED, verdict=Verdict.SUSPENDED, whole_at=LATELY)


@pytest.mark.parametrize(
    ("outcome", "known", "follows"),
    [
        pytest.param(Outcome.SHOWN, WELL, "visible", id="nothing changed"),
        pytest.param(Outcome.SUSPENDED, BAD, "suspended", id="still suspended"),
        pytest.param(Outcome.NOT_FOUND, WELL, "whole", id="it is gone"),
        pytest.param(Outcome.SHOWN, BAD, "whole", id="it is back"),
        pytest.param(Outcome.SHOWN, KnownProfile(), "whole", id="nothing is known yet"),
        pytest.param(
            Outcome.SHOWN,
            KnownProfile(outcome=Outcome.SHOWN, verdict=Verdict.VISIBLE, whole_at=LONG_AGO),
            "whole",
            id="its turn by rotation",
        ),
        pytest.param(Outcome.CHALLENGE, WELL, "inconclusive", id="a wall is no change"),
        pytest.param(Outcome.RATE_LIMITED, KnownProfile(), "inconclusive", id="too many requests"),
        pytest.param(Outcome.SERVER_ERROR, WELL, "inconclusive", id="an outage"),
        pytest.param(Outcome.UNRECOGNISED, WELL, "whole", id="another layout"),
    ],
)
def test_a_triage_decides_whether_a_whole_look_is_due(
    outcome: Outcome, known: KnownProfile, follows: str
) -> None:
    answer = after_triage(Look(outcome=outcome, how="one page"), known, now=NOW, rhythm=Rhythm())
    if isinstance(answer, Further):
        assert (follows, answer.progress) == (answer.stage, Progress(outcome=outcome))
    else:
        assert follows == answer.verdict
        assert answer.strength is Strength.LIKELY
        assert not answer.whole


@pytest.mark.parametrize(
    ("verdict", "known", "follows"),
    [
        pytest.param(Verdict.VISIBLE, WELL, "visible", id="well"),
        pytest.param(Verdict.HIDDEN, WELL, "confirm", id="bad and new"),
        pytest.param(Verdict.SUSPENDED, BAD, "suspended", id="bad and known"),
        pytest.param(Verdict.HIDDEN, BAD, "confirm", id="bad in another way"),
        pytest.param(Verdict.INCONCLUSIVE, WELL, "inconclusive", id="inconclusive"),
    ],
)
def test_what_is_newly_bad_is_looked_at_again(verdict: Verdict, known: KnownProfile, follows: str) -> None:
    look = Look(outcome=Outcome.SHOWN, how="", verdict=verdict, strength=Strength.CONFIRMED)
    answer = after_whole(look, Stage.WHOLE, Progress(), known, rhythm=Rhythm())
    if isinstance(answer, Further):
        assert (answer.stage, answer.progress.verdict, answer.wait) == (
            follows,
            verdict,
            timedelta(seconds=30),
        )
    else:
        assert (answer.verdict, answer.strength) == (follows, Strength.CONFIRMED)
        assert answer.whole == (verdict is not Verdict.INCONCLUSIVE)


def test_a_confirmation_that_disagrees_is_inconclusive() -> None:
    progress = Progress(outcome=Outcome.NOT_FOUND, verdict=Verdict.HIDDEN)
    answers = [
        after_whole(
            Look(outcome=Outcome.SHOWN, how="", verdict=verdict, strength=Strength.CONFIRMED),
            Stage.CONFIRM,
            Progress.read(progress.written()),
            WELL,
            rhythm=Rhythm(),
        )
        for verdict in (Verdict.HIDDEN, Verdict.VISIBLE)
    ]
    assert all(isinstance(answer, SlotResult) and answer.outcome is Outcome.NOT_FOUND for answer in answers)
    assert [answer.verdict for answer in answers if isinstance(answer, SlotResult)] == [
        Verdict.HIDDEN,
        Verdict.INCONCLUSIVE,
    ]
