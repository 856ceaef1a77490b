"""The status as Prometheus reads it."""

import re
from datetime import UTC, datetime

from selfcheck.fleet.render_status import status_prometheus
from selfcheck.fleet.status import FleetStatus, PlatformStatus

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{{LABEL}\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)")
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def parsed(text: str) -> dict[tuple[str, str], float]:
    """Read it as strictly as `promtool check metrics`: each family once, after its help and type."""
    assert text.endswith("\n")
    values: dict[tuple[str, str], float] = {}
    families: list[str] = []
    for line in text.splitlines():
        if help_line := re.fullmatch(rf"# HELP ({NAME}) \S.*", line):
            assert help_line[1] not in families
            families.append(help_line[1])
        elif line.startswith("#"):
            assert line == f"# TYPE {families[-1]} gauge"
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] == families[-1]
            label = re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape[1], escape[1]), sample[3] or "")
            assert (sample[1], label) not in values
            values[sample[1], label] = float(sample[4])
    return values


def test_prometheus_reads_every_number() -> None:
    odd = 'wordpress "grüße\\n"'
    status = FleetStatus(
        now=NOW,
        profiles=812,
        due=40,
        late=3,
        workers=2,
        last_slot=NOW,
        verdicts={"visible": 770, "suspended": 2},
        platforms=tuple(
            PlatformStatus(
                platform=name,
                profiles=406,
                waiting=20,
                looks_hour=100,
                looks_day=1200,
                budget=2000,
                closed_until=until,
                closed_why=None,
            )
            for name, until in (("medium", None), (odd, NOW))
        ),
    )
    values = parsed(status_prometheus(status))
    assert len(values) == 4 + 2 + 5 * 2
    assert values["selfcheck_fleet_slots_late", ""] == 3
    assert values["selfcheck_fleet_last_results", "suspended"] == 2
    assert values["selfcheck_fleet_platform_closed", odd] == 1
    assert values["selfcheck_fleet_platform_looks_day", "medium"] == 1200
