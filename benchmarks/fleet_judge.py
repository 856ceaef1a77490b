"""What the sites' own logs and the results say against a fleet."""

from collections import Counter
from itertools import pairwise

import fleet_world
from fleet_trial import Outcome, Request, Trial

LATE = 0.05
"""How much earlier than the gap a request may reach a site: moments are the database's, not the site's."""


def faults(trial: Trial, outcome: Outcome) -> list[str]:
    """Return what they say, whatever the machine is busy with."""
    found = []
    if len(outcome.results) != trial.profiles:
        found.append(f"{len(outcome.results)} results of {trial.profiles} profiles")
    wrong = [
        row
        for row in outcome.results
        if row["verdict"] != fleet_world.sequential(row["profile"], browser=trial.browser).verdict
    ]
    met_429 = [row for row in wrong if platform_of(row["profile"], trial) == "p01"]
    others = [*met_429[1:], *(row for row in wrong if row not in met_429)]  # one profile meets the 429
    found += [
        f"{row['profile']} is {row['verdict']}, not as in a sequential run, after {row['looks']} looks from"
        f" {row['address']}: {row['how']}"
        for row in others
    ]
    found += [*_too_close(trial, outcome), *_over_budget(trial, outcome)]
    if outcome.second_plan or outcome.second_pass:
        found.append(
            f"the same slot again: {outcome.second_plan} profiles planned, {outcome.second_pass} requests"
        )
    return found


def slow_faults(trial: Trial, outcome: Outcome) -> list[str]:
    """Return what else they say, which a machine that is too busy may cause by itself."""
    found = _while_closed(outcome) if trial.trouble else []
    allowed = (outcome.kills + outcome.stops + outcome.outages * trial.workers) * trial.jobs
    if (number := doubles(outcome)) > allowed:
        found.append(f"{number} looks were made twice; {allowed} may be")
    return found


def doubles(outcome: Outcome) -> int:
    """Return how many requests repeated an earlier one; a browser has its reasons to ask for a page twice."""
    counts = Counter(
        (asked.profile, asked.stage) for asked in outcome.requests if asked.stage != fleet_world.PAGE
    )
    return sum(count - 1 for count in counts.values())


def platform_of(profile: str, trial: Trial) -> str:
    """Return at which platform a profile is."""
    return f"p{fleet_world.number_of(profile) % trial.platforms:02}"


def _too_close(trial: Trial, outcome: Outcome) -> list[str]:
    last: dict[tuple[str, str], Request] = {}
    found = []
    for asked in sorted(outcome.requests):
        gap = fleet_world.limits_of(asked.platform, {}, browser=trial.browser).gap_seconds
        before = last.get((asked.platform, asked.address))
        if before is not None and asked.at - before.at < gap - LATE:
            found.append(
                f"{asked.platform} from {asked.address}: {asked.at - before.at:.3f} s between two"
                f" requests, for {before.profile} ({before.stage}) and {asked.profile} ({asked.stage})"
            )
        last[asked.platform, asked.address] = asked
    return found


def _over_budget(trial: Trial, outcome: Outcome) -> list[str]:
    if not trial.trouble:
        return []
    days = [float("-inf"), *outcome.jumps, float("inf")]
    times = [asked.at for asked in outcome.requests if asked.platform == "p00"]
    counts = [sum(begin <= at < end for at in times) for begin, end in pairwise(days)]
    return [f"p00: {count} requests in a day, of {trial.budget}" for count in counts if count > trial.budget]


def _while_closed(outcome: Outcome) -> list[str]:
    times = sorted(asked.at for asked in outcome.requests if asked.platform == "p01")
    if len(times) < fleet_world.CLOSING_AT:
        return []
    closed = times[fleet_world.CLOSING_AT - 1]
    # What has left already when the answer arrives cannot be called back.
    inside = [at for at in times if closed + 0.5 < at < closed + fleet_world.CLOSED_SECONDS - LATE]
    return [f"p01: {len(inside)} requests while it asked to be left alone"] if inside else []
