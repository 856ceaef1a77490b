"""How well the profiles are watched, as text and as JSON. Pure."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from selfcheck.alerts.text import moment
from selfcheck.alerts.watch_report import MonitoringStatus
from selfcheck.alerts.words import WORDS
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.notice import Language, Outage
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words, exact_duration, plural, utc

SCHEMA = "selfcheck.status/1"
_WORDS = WORDS[Language.ENGLISH]


def status_text(
    standings: Sequence[MonitoringStatus],
    dead: Sequence[Outage],
    *,
    zone: tzinfo,
    now: datetime,
    profiles: object,
    hints: CommandHints,
) -> str:
    """Return a paragraph for each profile, what is overdue said first."""
    blocks = ["\n".join(_lines(one, zone=zone, now=now, profiles=profiles, hints=hints)) for one in standings]
    blocks += [
        f"Alerts do not arrive on the channel {one.channel} since {moment(one.since, zone)}: {one.detail}.\n"
        f"  {hints.command('doctor', profiles=profiles)}"
        for one in dead
    ]
    return "\n\n".join(blocks) + "\n"


def _lines(
    one: MonitoringStatus, *, zone: tzinfo, now: datetime, profiles: object, hints: CommandHints
) -> Iterator[str]:
    head = f"{one.profile}: a look is OVERDUE" if one.overdue else f"{one.profile}: watched"
    yield head
    if one.last_good is None:
        yield "  No look so far could tell whether strangers see it."
    else:
        ago = duration_words(now - one.last_good.at)
        yield f"  Last good look: {moment(one.last_good.at, zone)}, {ago} ago: {one.last_good.verdict.value}."
    if one.missed and one.last_run is not None:
        since = "Since then " if one.last_good else ""
        yield f"  {since}{plural(one.missed, 'run')} could not tell: {one_line(one.last_run.summary, 200)}"
    due = moment(one.due, zone) if one.due else "now"
    yield f"  Next look due: {due} (every {exact_duration(one.every).removeprefix('1 ')})."
    if one.overdue:
        yield f"  {hints.command('run', one.profile, profiles=profiles)}"


def status_json(
    standings: Sequence[MonitoringStatus],
    dead: Sequence[Outage],
    *,
    every: timedelta,
    grace: timedelta,
    now: datetime,
) -> str:
    """Return the same as JSON; what is not known is null."""
    document = {
        "schema": SCHEMA,
        "at": utc(now),
        "overdue": any(one.overdue for one in standings),
        "every_seconds": round(every.total_seconds()),
        "grace_seconds": round(grace.total_seconds()),
        "profiles": [_profile(one) for one in standings],
        "dead_channels": [
            {"channel": one.channel, "since": utc(one.since), "detail": one.detail} for one in dead
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _profile(one: MonitoringStatus) -> dict[str, object]:
    good, last = one.last_good, one.last_run
    return {
        "name": one.profile,
        "overdue": one.overdue,
        "last_good_look": utc(good.at) if good else None,
        "last_good_verdict": good.verdict.value if good else None,
        "last_run": utc(last.at) if last else None,
        "last_run_verdict": last.verdict.value if last else None,
        "runs_since_that_could_not_tell": one.missed,
        "every_seconds": round(one.every.total_seconds()),
        "next_due": utc(one.due) if one.due else None,
    }
