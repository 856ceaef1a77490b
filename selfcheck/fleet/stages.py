"""What follows a look at a profile: nothing more, both viewpoints, or a confirmation. Pure.

Laws:
1. A triage decides only whether a whole look is due; its result carries on the last verdict as `likely`.
2. A wall or an outage does not count as a change: the result is inconclusive, and nothing more is opened.
3. What a whole look finds bad, and was not known, is looked at again after the platform's wait; where the two
   disagree, the result is inconclusive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from selfcheck.core.enums import BAD, Outcome, Strength, Verdict

NO_ANSWERS = frozenset({
    Outcome.CHALLENGE,
    Outcome.RATE_LIMITED,
    Outcome.SERVER_ERROR,
    Outcome.UNREACHABLE,
    Outcome.LOGIN_WALL,
})  # fmt: skip
"""What says nothing of the account."""


class Stage(StrEnum):
    """How thorough a look is."""

    TRIAGE = "triage"
    WHOLE = "whole"
    CONFIRM = "confirm"


@dataclass(frozen=True, kw_only=True)
class KnownProfile:
    """What is known of a profile from before this slot."""

    outcome: Outcome | None = None  # of the triage before the last whole look
    verdict: Verdict | None = None  # of the last whole look
    whole_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look found. `outcome` is of the first page's public view."""

    outcome: Outcome
    how: str  # what was looked at, in words
    verdict: Verdict | None = None  # None: a triage, which has none of its own
    strength: Strength = Strength.LIKELY
    rules: tuple[str, ...] = ()
    signed_in: bool = False
    evidence: str | None = None
    closed_for: timedelta | None = None  # the platform asked to be left alone so long
    controls: int = 0  # control accounts that were opened
    controls_ok: int = 0  # of them, those that looked as they must


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What the stages of a slot found so far; it is kept in the database, so it holds no text."""

    outcome: Outcome | None = None
    verdict: Verdict | None = None
    failures: int = 0  # how often selfcheck itself failed in the slot

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Return what `written` wrote."""
        outcome, verdict = document.get("outcome"), document.get("verdict")
        return cls(
            outcome=Outcome(outcome) if outcome else None,
            verdict=Verdict(verdict) if verdict else None,
            failures=document.get("failures", 0),
        )

    def written(self) -> dict[str, str | int]:
        """Return it as JSON holds it."""
        values = {"outcome": self.outcome, "verdict": self.verdict, "failures": self.failures}
        return {key: value for key, value in values.items() if value}

    def failed(self) -> Self:
        """Return it with one failure more."""
        return replace(self, failures=self.failures + 1)


@dataclass(frozen=True, kw_only=True)
class Further:
    """The slot goes on with another stage."""

    stage: Stage
    progress: Progress
    wait: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class SlotResult:
    """The slot's one result."""

    verdict: Verdict
    strength: Strength
    outcome: Outcome
    stage: Stage
    how: str
    rules: tuple[str, ...] = ()
    signed_in: bool = False
    evidence: str | None = None
    controls: int = 0
    controls_ok: int = 0
    whole: bool = False  # whether it replaces what is known of the profile

    def as_row(self) -> dict[str, Any]:
        """Return the columns that are the result's own."""
        return {
            "verdict": str(self.verdict),
            "strength": str(self.strength),
            "outcome": str(self.outcome),
            "stage": str(self.stage),
            "how": self.how,
            "rules": list(self.rules),
            "signed_in": self.signed_in,
            "evidence": self.evidence,
            "controls": self.controls,
            "controls_ok": self.controls_ok,
        }


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """When looks come again."""

    rotation: timedelta = timedelta(days=7)  # a whole look at least so often
    confirm_after: timedelta = timedelta(seconds=30)  # the platform's wait before "gone" is looked at again


def after_triage(look: Look, known: KnownProfile, *, now: datetime, rhythm: Rhythm) -> Further | SlotResult:
    """Return what follows a triage."""
    if look.outcome in NO_ANSWERS:
        return _result(look, Stage.TRIAGE, Verdict.INCONCLUSIVE, Strength.LIKELY, look.outcome)
    rotated = known.whole_at is None or now - known.whole_at >= rhythm.rotation
    if rotated or look.outcome is not known.outcome or known.verdict in {None, Verdict.INCONCLUSIVE}:
        return Further(stage=Stage.WHOLE, progress=Progress(outcome=look.outcome))
    assert known.verdict is not None
    return _result(look, Stage.TRIAGE, known.verdict, Strength.LIKELY, look.outcome)


def after_whole(
    look: Look, stage: Stage, progress: Progress, known: KnownProfile, *, rhythm: Rhythm
) -> Further | SlotResult:
    """Return what follows a look from both viewpoints, the first or the confirming one."""
    assert look.verdict is not None
    outcome = progress.outcome or look.outcome
    if stage is Stage.CONFIRM:
        agrees = look.verdict is progress.verdict
        verdict = look.verdict if agrees else Verdict.INCONCLUSIVE
        return _result(look, stage, verdict, look.strength if agrees else Strength.LIKELY, outcome)
    if look.verdict in BAD and look.verdict is not known.verdict:
        found = Progress(outcome=outcome, verdict=look.verdict)
        return Further(stage=Stage.CONFIRM, progress=found, wait=rhythm.confirm_after)
    return _result(look, stage, look.verdict, look.strength, outcome)


def _result(look: Look, stage: Stage, verdict: Verdict, strength: Strength, outcome: Outcome) -> SlotResult:
    return SlotResult(
        verdict=verdict,
        strength=strength,
        outcome=outcome,
        stage=stage,
        how=look.how,
        rules=look.rules,
        signed_in=look.signed_in,
        evidence=look.evidence,
        controls=look.controls,
        controls_ok=look.controls_ok,
        whole=stage is not Stage.TRIAGE and verdict is not Verdict.INCONCLUSIVE,
    )
