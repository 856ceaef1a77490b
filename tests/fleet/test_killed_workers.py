"""Workers that are killed, by the logs of the sites that they ask."""

import fleet as fleet_benchmark

from selfcheck.fleet.database import Fleet


def test_killed_workers_neither_double_a_result_nor_hurry_a_platform(fleet: Fleet) -> None:
    trial = fleet_benchmark.Trial(profiles=30, workers=2, jobs=3, kills=2, platforms=6, stalled_seconds=3)
    outcome = fleet_benchmark.try_it(trial, fleet)
    assert fleet_benchmark.faults(trial, outcome) == []
    assert outcome.kills == trial.kills
