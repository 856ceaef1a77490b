"""How the fleet stands, in words, as JSON, and as Prometheus reads it. Pure."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from selfcheck.core.times import plural, utc
from selfcheck.fleet.status import FleetStatus

SCHEMA = "selfcheck.fleet/1"


def status_text(status: FleetStatus) -> str:
    """Return one screen."""
    return "\n".join(_lines(status)) + "\n"


def _lines(status: FleetStatus) -> Iterator[str]:
    slot = utc(status.last_slot) if status.last_slot else "none yet"
    yield f"{plural(status.profiles, 'profile')}, {plural(status.workers, 'worker')}, last slot: {slot}"
    yield f"due: {status.due}, late: {status.late}"
    words = ", ".join(f"{number} {verdict}" for verdict, number in status.verdicts.items())
    yield f"last results: {words or 'none yet'}"
    if not status.platforms:
        return
    yield ""
    width = max(8, *(len(place.platform) for place in status.platforms))
    yield f"{'platform':<{width}}  profiles  waiting  looks/hour  looks/day  limit/day  closed until"
    for place in status.platforms:
        closed = f"{utc(place.closed_until)} ({place.closed_why})" if place.closed_until else "-"
        yield (
            f"{place.platform:<{width}}  {place.profiles:>8}  {place.waiting:>7}  {place.looks_hour:>10}"
            f"  {place.looks_day:>9}  {place.budget or '-':>9}  {closed}"
        )


def status_json(status: FleetStatus) -> str:
    """Return all of it as JSON."""
    document = {"schema": SCHEMA, **asdict(status)}
    return json.dumps(document, indent=2, default=lambda moment: moment.isoformat()) + "\n"


def status_prometheus(status: FleetStatus) -> str:
    """Return all of it in Prometheus' text format."""
    gauges = {
        "selfcheck_fleet_profiles": status.profiles,
        "selfcheck_fleet_workers": status.workers,
        "selfcheck_fleet_slots_due": status.due,
        "selfcheck_fleet_slots_late": status.late,
    }
    lines = [line for name, value in gauges.items() for line in (f"# TYPE {name} gauge", f"{name} {value}")]
    lines.append("# TYPE selfcheck_fleet_last_results gauge")
    lines += [
        f'selfcheck_fleet_last_results{{verdict="{verdict}"}} {number}'
        for verdict, number in status.verdicts.items()
    ]
    columns = {
        "platform_waiting": [place.waiting for place in status.platforms],
        "platform_looks_hour": [place.looks_hour for place in status.platforms],
        "platform_looks_day": [place.looks_day for place in status.platforms],
        "platform_budget_day": [place.budget for place in status.platforms],
        "platform_closed": [int(place.closed_until is not None) for place in status.platforms],
    }
    for name, values in columns.items():
        lines.append(f"# TYPE selfcheck_fleet_{name} gauge")
        lines += [
            f"selfcheck_fleet_{name}{{platform={json.dumps(place.platform)}}} {value}"
            for place, value in zip(status.platforms, values, strict=True)
        ]
    return "\n".join(lines) + "\n"
