"""What a channel is to be told now, from the history and from what it was told before. Pure.

Laws:
1. A notice is due because of how things stand, never because a run was made. What was told is not told
   again, and what could not be told stays due: a dead channel hears it later, the healthy ones only once.
2. A channel hears of how things stand now, not of each step that it missed: an incident that opened and
   became worse while the channel was dead is told once, as it is.
3. What was over before a channel could hear of it is no news to it.
4. Only confirmed incidents are told. Not to see is told as not to see, never as good or bad news.

| incident | told on this channel | then it is told |
|---|---|---|
| going on | nothing | `confirmed` |
| going on, worse than any told | | `worse` |
| going on, another verdict than the last one told | | `changed`, where a record is kept |
| open, nothing done, last told long ago | | `reminder`, as often as is set |
| restored | something, or it was tried or held back | `recovered` |
| dismissed | something | `dismissed`, where a record is kept |
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from selfcheck.core.enums import Verdict
from selfcheck.core.history import Delivery, RunRow
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.core.notice import (
    HELD,
    AlertHistory,
    AlertPhase,
    AlertRules,
    ChannelRules,
    MonitoringGap,
    Notice,
    NoticeKind,
    Outage,
)

_REASONS = {
    "session.expired": MonitoringGap.SESSION_EXPIRED,
    "session.other-account": MonitoringGap.OTHER_ACCOUNT,
    "wall.challenge": MonitoringGap.WALL,
    "wall.login": MonitoringGap.WALL,
    "wall.rate-limited": MonitoringGap.RATE_LIMITED,
    "transport.unreachable": MonitoringGap.OUTAGE,
    "transport.server-error": MonitoringGap.OUTAGE,
    "page.unrecognised": MonitoringGap.UNRECOGNISED,
}
_VERDICT_KINDS = frozenset({NoticeKind.CONFIRMED, NoticeKind.WORSE, NoticeKind.CHANGED})


def due(
    channel: ChannelRules,
    rules: AlertRules,
    past: AlertHistory,
    deliveries: Iterable[Delivery],
    now: datetime,
) -> tuple[Notice, ...]:
    """Return what this channel is to be told of a profile now, in the order in which it is to be sent.

    `deliveries` may be of all channels and profiles.
    """
    if channel.profiles and past.profile not in channel.profiles:
        return ()
    here = [one for one in deliveries if one.channel == channel.name and one.profile == past.profile]
    sight = _of_sight(channel, rules, past, here, now)
    incidents = (_of_incident(channel, rules, one, here, now) for one in past.incidents)
    return tuple(notice for notice in (sight, *incidents) if notice is not None)


def held_back(channel: ChannelRules, notice: Notice, now: datetime) -> bool:
    """Return whether the notice has to wait for the end of the channel's quiet hours."""
    if channel.quiet is None or (channel.urgent_passes and notice.urgent):
        return False
    return channel.quiet.covers(now)


# -- incidents -------------------------------------------------------------------------------------------


def _of_incident(
    channel: ChannelRules, rules: AlertRules, incident: Incident, here: Sequence[Delivery], now: datetime
) -> Notice | None:
    touched = [one for one in here if one.incident == incident.id]
    told = [one for one in touched if _is_told(one)]
    if incident.over:
        kind = _ending(channel, incident, touched, told)
        return _notice(kind, incident) if kind else None
    if incident.verdict not in channel.verdicts:
        return None
    kind = _going_on(channel, incident, told)
    return _notice(kind, incident) if kind else _reminder(channel, rules, incident, told, now)


def _notice(kind: NoticeKind, incident: Incident, *, number: int = 0) -> Notice:
    return Notice(kind=kind, profile=incident.profile, incident=incident, number=number)


def _ending(
    channel: ChannelRules, incident: Incident, touched: Sequence[Delivery], told: Sequence[Delivery]
) -> NoticeKind | None:
    if incident.state is IncidentState.DISMISSED:
        ending, concerned = NoticeKind.DISMISSED, channel.record and bool(told)
    else:
        ending, concerned = NoticeKind.RECOVERED, bool(touched)
    return ending if concerned and not any(_kind(one) is ending for one in told) else None


def _going_on(channel: ChannelRules, incident: Incident, told: Sequence[Delivery]) -> NoticeKind | None:
    verdicts = [_verdict(one) for one in told if _kind(one) in _VERDICT_KINDS]
    if not verdicts:
        return NoticeKind.CONFIRMED
    if all(incident.verdict.worse_than(one) for one in verdicts):
        return NoticeKind.WORSE
    if channel.record and incident.verdict is not verdicts[-1]:
        return NoticeKind.CHANGED
    return None


def _reminder(
    channel: ChannelRules, rules: AlertRules, incident: Incident, told: Sequence[Delivery], now: datetime
) -> Notice | None:
    """Return a reminder where the author has done nothing for long; an appeal that was sent ends them."""
    before = sum(_kind(one) is NoticeKind.REMINDER for one in told)
    idle = incident.state is IncidentState.OPEN and not channel.record
    long_ago = now - max(one.at for one in told) >= rules.remind_after
    if not idle or not long_ago or before >= rules.reminders:
        return None
    return _notice(NoticeKind.REMINDER, incident, number=before + 1)


# -- sight -----------------------------------------------------------------------------------------------


def founded(row: RunRow) -> bool:
    """Return whether the run could tell: what looks bad has to be confirmed for that."""
    return not row.failed and (row.confirmed or row.verdict is Verdict.VISIBLE)


def last_founded(rows: Sequence[RunRow]) -> RunRow | None:
    """Return the last run that could tell."""
    return next((row for row in reversed(rows) if founded(row)), None)


def blind_now(rules: AlertRules, rows: Sequence[RunRow], now: datetime) -> AlertPhase | None:
    """Return since when and why nobody could tell; None where somebody could, or not for long."""
    rows = _of_latest_account(rows)
    if not rows:
        return None
    last = last_founded(rows)
    streak = [row for row in rows if last is None or row.at > last.at]
    since = last.at if last else streak[0].at
    if now - since < rules.blind_after and len(streak) < rules.blind_after_runs:
        return None
    why = _why(streak[-1]) if streak else MonitoringGap.NO_RUN
    return AlertPhase(why=why, last_look=last.at if last else None, runs=len(streak), latest=rows[-1])


def _of_latest_account(rows: Sequence[RunRow]) -> list[RunRow]:
    return [row for row in rows if row.account == rows[-1].account]


def _why(row: RunRow) -> MonitoringGap:
    if row.failed:
        return MonitoringGap.FAILED
    if row.verdict is not Verdict.INCONCLUSIVE:
        return MonitoringGap.UNSURE
    rule = row.rules[0] if row.rules else ""
    return MonitoringGap.CONTROLS if rule.startswith("controls.") else _REASONS.get(rule, MonitoringGap.OTHER)


def _of_sight(
    channel: ChannelRules, rules: AlertRules, past: AlertHistory, here: Sequence[Delivery], now: datetime
) -> Notice | None:
    """Return that nobody can tell any more, or that one can again, each once."""
    if Verdict.INCONCLUSIVE not in channel.verdicts:
        return None
    rows = _of_latest_account(past.rows)
    kinds = {NoticeKind.BLIND, NoticeKind.SIGHT}
    told = [one for one in here if _is_told(one) and _kind(one) in kinds and rows and one.at >= rows[0].at]
    latest = told[-1] if told and _kind(told[-1]) is NoticeKind.BLIND else None
    blind = blind_now(rules, rows, now)
    if blind is not None:
        is_known = latest is not None and (blind.last_look is None or latest.at > blind.last_look)
        return None if is_known else Notice(kind=NoticeKind.BLIND, profile=past.profile, sight=blind)
    if latest is None:
        return None
    back = _back_since(rows, latest.at)
    return Notice(kind=NoticeKind.SIGHT, profile=past.profile, sight=back) if back else None


def _back_since(rows: Sequence[RunRow], told_at: datetime) -> AlertPhase | None:
    """Return the blindness that was told then, with its end; None where it still goes on."""
    before = last_founded([row for row in rows if row.at <= told_at])
    first = next((row for row in rows if row.at > told_at and founded(row)), None)
    if first is None:
        return None
    between = [row for row in rows if row.at < first.at and (before is None or row.at > before.at)]
    return AlertPhase(
        why=_why(between[-1]) if between else MonitoringGap.NO_RUN,
        last_look=before.at if before else None,
        runs=len(between),
        until=first.at,
        latest=rows[-1],
    )


# -- channels --------------------------------------------------------------------------------------------


def outages(names: Iterable[str], deliveries: Sequence[Delivery]) -> tuple[Outage, ...]:
    """Return which of these channels could not be reached when last tried, and since when."""
    found = (_outage(name, [one for one in deliveries if one.channel == name]) for name in names)
    return tuple(one for one in found if one is not None)


def _outage(name: str, here: Sequence[Delivery]) -> Outage | None:
    failed: list[Delivery] = []
    for one in here:
        if one.kind == HELD:
            continue
        failed = [] if one.ok else [*failed, one]
    if not failed:
        return None
    rounds = len({one.at for one in failed})
    return Outage(channel=name, since=failed[0].at, tries=rounds, detail=failed[-1].detail)


def outages_to_tell(
    channel: ChannelRules, dead: Iterable[Outage], deliveries: Iterable[Delivery]
) -> Iterator[Notice]:
    """Yield a notice for each other channel that is dead and of which this one does not know yet."""
    told = [one for one in deliveries if one.channel == channel.name and _is_told(one)]
    for outage in dead:
        notice = Notice(kind=NoticeKind.CHANNEL_DEAD, outage=outage)
        known = any(one.kind == notice.mark and one.at >= outage.since for one in told)
        if outage.channel != channel.name and not known and not channel.record:
            yield notice


# -- deliveries ------------------------------------------------------------------------------------------


def _is_told(delivery: Delivery) -> bool:
    return delivery.ok and delivery.kind != HELD


def _kind(delivery: Delivery) -> NoticeKind | None:
    """Return what a delivery told; None where it was a mail or something that a later version told."""
    word = delivery.kind.partition(":")[0]
    return NoticeKind(word) if word in set(NoticeKind) else None


def _verdict(delivery: Delivery) -> Verdict:
    return Verdict(delivery.kind.partition(":")[2])
