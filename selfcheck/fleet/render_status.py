"""How the fleet stands, in words, as JSON, and as Prometheus reads it. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from selfcheck.core.times import minute, plural
from selfcheck.fleet.status import FleetStatus

SCHEMA = "selfcheck.fleet/1"


def status_text(status: FleetStatus) -> str:
    """Return one screen."""
    return "\n".join(_lines(status)) + "\n"


def _lines(status: FleetStatus) -> Iterator[str]:
    slot = minute(status.last_slot) if status.last_slot else "none yet"
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
        closed = f"{minute(place.closed_until)} ({place.closed_why})" if place.closed_until else "-"
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
    places = status.platforms
    closed = [int(place.closed_until is not None) for place in places]
    by_platform = [f"platform={_quoted(place.platform)}" for place in places]
    by_verdict = [f"verdict={_quoted(verdict)}" for verdict in status.verdicts]
    metrics = (
        *_metric("profiles", "Profiles of the fleet", [""], [status.profiles]),
        *_metric("workers", "Workers that were heard of within 30 seconds", [""], [status.workers]),
        *_metric("slots_due", "Slots that are not done", [""], [status.due]),
        *_metric("slots_late", "Slots not done although a later one has begun", [""], [status.late]),
        *_metric("last_results", "Profiles by their last result", by_verdict, status.verdicts.values()),
        *_metric("platform_waiting", "Slots not done", by_platform, [place.waiting for place in places]),
        *_metric(
            "platform_looks_hour", "Looks, last hour", by_platform, [each.looks_hour for each in places]
        ),
        *_metric(
            "platform_looks_day", "Looks, last 24 hours", by_platform, [each.looks_day for each in places]
        ),
        *_metric(
            "platform_budget_day", "Most looks in 24 hours", by_platform, [each.budget for each in places]
        ),
        *_metric("platform_closed", "1 while it is to be left alone", by_platform, closed),
    )
    return "\n".join(metrics) + "\n"


def _metric(name: str, meaning: str, labels: Iterable[str], values: Iterable[int]) -> Iterator[str]:
    name = f"selfcheck_fleet_{name}"
    yield f"# HELP {name} {meaning}."
    yield f"# TYPE {name} gauge"
    for label, value in zip(labels, values, strict=True):
        yield f"{name}{{{label}}} {value}" if label else f"{name} {value}"


def _quoted(text: str) -> str:
    """Return a label's value: unlike JSON, the format has no escapes for letters."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
