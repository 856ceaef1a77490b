"""The numbers of a scenario: what this run read, and what daily runs before it did."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from saved_looks import AT
from scenarios import Scenario

from selfcheck.core.case import PastNumbers
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Purpose
from selfcheck.core.observation import Observation

WOBBLE = (0, 7, -9, 4, -3, 10, -6, 2, -10, 5, 8, -1)  # per cent


def values(text: str) -> tuple[int, ...]:
    """Read `~200x13 0`: thirteen numbers around 200, then 0."""
    found: list[int] = []
    for part in text.split():
        value, _, times = part.removeprefix("~").partition("x")
        for day in range(int(times or 1)):
            wobble = WOBBLE[day % len(WOBBLE)] if part.startswith("~") else 0
            found.append(round(int(value) * (1 + wobble / 100)))
    return tuple(found)


def with_numbers(seen: Observation, scenario: Scenario) -> Observation:
    """Put the scenario's numbers in the place of the page's own."""
    numbers = scenario.numbers
    if not numbers or seen.outcome is not Outcome.SHOWN:
        return seen
    if "hour" in numbers:
        seen = replace(seen, taken_at=AT.replace(hour=int(numbers["hour"])))
    if seen.kind is PageKind.STATS:
        series = {"views": values(numbers["views"])} if "views" in numbers else seen.series
        today = int(numbers["today"]) if "today" in numbers else seen.facts.get("views_today")
        return replace(seen, series=series, facts={"views_today": today})
    if seen.kind is PageKind.PROFILE and (name := _followers(seen)) in numbers:
        return replace(seen, facts={**seen.facts, "followers": int(numbers[name])})
    return seen


def _followers(seen: Observation) -> str:
    return "control followers" if seen.purpose is Purpose.CONTROL else "followers"


def past_numbers(scenario: Scenario, controls: Sequence[str]) -> tuple[PastNumbers, ...]:
    """Return the earlier runs' numbers, oldest first, the last of them a day ago."""
    followers = values(scenario.numbers.get("past followers", ""))
    theirs = values(scenario.numbers.get("past control followers", ""))
    days = max(len(followers), len(theirs))
    return tuple(
        PastNumbers(
            run_id=f"run-{day}",
            taken_at=AT - timedelta(days=days - day),
            facts={"followers": dict.fromkeys((ANONYMOUS, AUTHOR), followers[day])} if followers else {},
            controls=dict.fromkeys(controls, theirs[day]) if theirs else {},
        )
        for day in range(days)
    )
