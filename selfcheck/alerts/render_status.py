"""How well the profiles are watched, as text and as JSON. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from selfcheck.alerts.notice import Outage
from selfcheck.alerts.rules import MonitoringStatus
from selfcheck.alerts.text import dead_channels_document, moment
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.run import DayBudget
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words, exact_duration, plural, utc

SCHEMA = "selfcheck.status/1"


def status_text(
    statuses: Sequence[MonitoringStatus],
    dead: Sequence[Outage],
    *,
    zone: tzinfo,
    now: datetime,
    hints: CommandHints,
    profiles: object = None,
    budgets: Sequence[DayBudget] = (),
) -> str:
    """Return a paragraph for each profile and each dead channel, and the day's page views that are left.

    `profiles` is the profiles file.
    """
    blocks = []
    for status in statuses:
        lines = [*_lines(status, zone, now)]
        if status.overdue:
            lines.append(f"  {hints.command('run', status.profile, profiles=profiles)}")
        blocks.append("\n".join(lines))
    blocks += [
        f"Alerts do not arrive on the channel {outage.channel} since {moment(outage.since, zone)}:"
        f" {outage.detail}.\n  {hints.command('doctor', profiles=profiles)}"
        for outage in dead
    ]
    if budgets:
        blocks.append("\n".join(_budget(budget, zone) for budget in budgets))
    return "\n\n".join(blocks) + "\n"


def _budget(budget: DayBudget, zone: tzinfo) -> str:
    line = (
        f"{budget.title} ({budget.address}): {budget.left} of {budget.most} page views in 24 hours are left"
    )
    return f"{line}, more from {moment(budget.next_free, zone)}." if budget.next_free else f"{line}."


def _lines(status: MonitoringStatus, zone: tzinfo, now: datetime) -> Iterator[str]:
    yield f"{status.profile}: a check is OVERDUE" if status.overdue else f"{status.profile}: watched"
    good = status.last_good
    if good is None:
        yield "  No check so far could tell whether logged-out visitors see it."
    else:
        ago = duration_words(now - good.at)
        yield f"  Last conclusive check: {moment(good.at, zone)}, {ago} ago: {good.verdict.value}."
    if status.missed and status.last_run is not None:
        since = f"{'Since then ' if good else ''}{plural(status.missed, 'inconclusive run')}"
        yield f"  {since}: {one_line(status.last_run.summary, 200)}"
    due = moment(status.due, zone) if status.due else "now"
    yield f"  Next check due: {due} (every {exact_duration(status.every).removeprefix('1 ')})."


@dataclass(frozen=True, kw_only=True)
class StatusFacts:
    """What `status` tells beside the profiles and channels themselves."""

    every: timedelta  # how often a check is due, and how late it may be
    grace: timedelta
    now: datetime
    budgets: Sequence[DayBudget] = ()
    dates: Sequence[Mapping[str, object]] = ()  # those of `appeal rights`
    subscribers: Sequence[Mapping[str, object]] = ()  # whose lists are to be exported, and when they were
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)  # not back, by the incident's id


def status_json(statuses: Sequence[MonitoringStatus], dead: Sequence[Outage], facts: StatusFacts) -> str:
    """Return the same as JSON; what is not known is null."""
    document = {
        "schema": SCHEMA,
        "at": utc(facts.now),
        "overdue": any(status.overdue for status in statuses),
        "every_seconds": round(facts.every.total_seconds()),
        "grace_seconds": round(facts.grace.total_seconds()),
        "profiles": [_profile(status) for status in statuses],
        "dead_channels": dead_channels_document(dead),
        "page_views": [
            {
                "platform": budget.platform,
                "address": budget.address,
                "a_day": budget.most,
                "left": budget.left,
                "more_from": utc(budget.next_free) if budget.next_free else None,
            }
            for budget in facts.budgets
        ],
        "dates": list(facts.dates),
        "subscribers": list(facts.subscribers),
        "missing": [
            {"incident": incident, "items": list(items)} for incident, items in facts.missing.items() if items
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _profile(status: MonitoringStatus) -> dict[str, object]:
    good, last = status.last_good, status.last_run
    return {
        "name": status.profile,
        "overdue": status.overdue,
        "last_good_look": utc(good.at) if good else None,
        "last_good_verdict": good.verdict.value if good else None,
        "last_run": utc(last.at) if last else None,
        "last_run_verdict": last.verdict.value if last else None,
        "runs_since_that_could_not_tell": status.missed,
        "every_seconds": round(status.every.total_seconds()),
        "next_due": utc(status.due) if status.due else None,
    }
