"""What a channel is to be told now, from the history and from what it was told before. Pure.

Laws:
1. A notice is due because of how things stand, never because a run was made. What arrived is not sent again,
   and what could not be delivered stays due: a dead channel gets it later, the healthy ones only once.
2. A channel hears how things stand now, not each step that it missed: an incident that opened and became
   worse while the channel was dead is told once, as it is.
3. What was over before a channel could hear of it is not news to it.
4. Only confirmed incidents are told as such. What two runs in a row found and neither confirmed is told once,
   as possible. A gap in monitoring is told as a gap, never as good or bad news; a wall that stood before
   every run for days is told once more, with the command that helps.

| incident | delivered on this channel | then it is told |
|---|---|---|
| going on | nothing | `confirmed` |
| going on, worse than any delivered | | `worse` |
| going on, another verdict than the last one delivered | | `changed`, where a record is kept |
| open, nothing done, last delivery long ago | | `reminder`, as often as is set |
| restored | something, or it was tried or held back | `recovered` |
| dismissed | something | `dismissed`, where a record is kept |
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import takewhile

from selfcheck.alerts.notice import HELD, AlertHistory, GapPeriod, Notice, NoticeKind, NoticeMark, Outage
from selfcheck.core.enums import BAD, MonitoringGap, Verdict
from selfcheck.core.history import Delivery, RunRow
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.judge.rules import rule_of
from selfcheck.settings.alerts import Alerts, ChannelSettings

_VERDICT_KINDS = frozenset({NoticeKind.CONFIRMED, NoticeKind.WORSE, NoticeKind.CHANGED})
_ALIKE = 2  # runs in a row that found the same without confirming it
BLOCKED_RUNS = 3
BLOCKED_FOR = timedelta(days=3)
"""A bot wall before every run for so long does not go away by itself: one of a day often does. Both ours."""
_GAP_KINDS = frozenset({NoticeKind.LOST, NoticeKind.RESTORED})


@dataclass(frozen=True)
class _Delivered:
    """A notice that arrived on the channel, with its mark read."""

    mark: NoticeMark
    at: datetime
    incident: str | None


def due(
    channel: ChannelSettings,
    alerts: Alerts,
    past: AlertHistory,
    deliveries: Iterable[Delivery],
    now: datetime,
) -> tuple[Notice, ...]:
    """Return what this channel is to be told of a profile now, in the order in which it is to be sent.

    `deliveries` may be of all channels and profiles.
    """
    if channel.profiles and past.profile not in channel.profiles:
        return ()
    own = [
        delivery
        for delivery in deliveries
        if delivery.channel == channel.name and delivery.profile == past.profile
    ]
    delivered = _arrived(own)
    touched = {delivery.incident for delivery in own}
    gap = _gap_notice(channel, alerts, past, delivered, now)
    incidents = (
        _incident_notice(channel, alerts, incident, delivered, now, touched=incident.id in touched)
        for incident in past.incidents
    )
    possible = _possible_notice(channel, past, delivered)
    blocked = _blocked_notice(channel, past, delivered)
    return tuple(notice for notice in (gap, blocked, possible, *incidents) if notice is not None)


def held_back(channel: ChannelSettings, notice: Notice, now: datetime, zone: tzinfo) -> bool:
    """Return whether the notice waits for the end of the channel's quiet hours, by this zone's clock."""
    if channel.quiet is None or (channel.urgent_passes and notice.urgent):
        return False
    return channel.quiet.covers(now, zone)


def quiet_hours_ended(
    channels: Iterable[ChannelSettings], before: datetime, now: datetime, zone: tzinfo
) -> bool:
    """Return whether a channel's quiet hours have ended between two moments."""
    hours = (channel.quiet for channel in channels if channel.quiet is not None)
    return any(quiet.covers(before, zone) and not quiet.covers(now, zone) for quiet in hours)


def _arrived(deliveries: Iterable[Delivery]) -> list[_Delivered]:
    return [
        _Delivered(mark, delivery.at, delivery.incident)
        for delivery in deliveries
        if delivery.ok and (mark := NoticeMark.parse(delivery.kind)) is not None
    ]


# -- incidents -------------------------------------------------------------------------------------------


def _incident_notice(
    channel: ChannelSettings,
    alerts: Alerts,
    incident: Incident,
    delivered: Sequence[_Delivered],
    now: datetime,
    *,
    touched: bool,
) -> Notice | None:
    """`touched`: whether anything of this incident was delivered, tried or held back."""
    earlier = [arrived for arrived in delivered if arrived.incident == incident.id]
    if incident.over:
        kind = _ending(channel, incident, earlier, touched=touched)
    elif not channel.reports(incident.verdict):
        return None
    else:
        kind = _going_on(channel, incident, earlier)
        if kind is None:
            return _reminder(channel, alerts, incident, earlier, now)
    return Notice(kind=kind, profile=incident.profile, incident=incident) if kind else None


def _ending(
    channel: ChannelSettings, incident: Incident, earlier: Sequence[_Delivered], *, touched: bool
) -> NoticeKind | None:
    if incident.state is IncidentState.DISMISSED:
        ending, concerned = NoticeKind.DISMISSED, channel.keeps_record and bool(earlier)
    else:
        ending, concerned = NoticeKind.RECOVERED, touched
    return ending if concerned and not any(arrived.mark.kind is ending for arrived in earlier) else None


def _going_on(
    channel: ChannelSettings, incident: Incident, earlier: Sequence[_Delivered]
) -> NoticeKind | None:
    marks = [arrived.mark for arrived in earlier if arrived.mark.kind in _VERDICT_KINDS]
    verdicts = [mark.verdict for mark in marks if mark.verdict is not None]
    if not verdicts:
        return NoticeKind.CONFIRMED
    if all(incident.verdict.worse_than(verdict) for verdict in verdicts):
        return NoticeKind.WORSE
    if channel.keeps_record and incident.verdict is not verdicts[-1]:
        return NoticeKind.CHANGED
    return None


def _reminder(
    channel: ChannelSettings,
    alerts: Alerts,
    incident: Incident,
    earlier: Sequence[_Delivered],
    now: datetime,
) -> Notice | None:
    """Return a reminder where the author has done nothing for long; an appeal that was sent ends them."""
    before = sum(arrived.mark.kind is NoticeKind.REMINDER for arrived in earlier)
    idle = incident.state is IncidentState.OPEN and not channel.keeps_record
    long_ago = now - max(arrived.at for arrived in earlier) >= alerts.remind_after
    if not idle or not long_ago or before >= alerts.reminders:
        return None
    return Notice(kind=NoticeKind.REMINDER, profile=incident.profile, incident=incident, number=before + 1)


def _possible_notice(
    channel: ChannelSettings, past: AlertHistory, delivered: Sequence[_Delivered]
) -> Notice | None:
    """Return that the last two runs found the same without confirming it, once until a run is conclusive.

    A channel that keeps a record has nothing to record: no incident is opened.
    """
    rows = of_latest_account(past.rows) if past.rows else []
    latest = rows[-_ALIKE:]
    verdicts = {row.verdict for row in latest}
    going_on = any(not incident.over and incident.account == rows[-1].account for incident in past.incidents)
    unconfirmed = all(row.verdict in BAD and not row.confirmed and not row.failed for row in latest)
    if len(latest) < _ALIKE or len(verdicts) != 1 or not unconfirmed or going_on:
        return None
    notice = Notice(kind=NoticeKind.POSSIBLE, profile=past.profile, row=latest[-1])
    last = last_conclusive(rows)
    since = last.at if last else rows[0].at
    known = any(arrived.mark == notice.mark and arrived.at > since for arrived in delivered)
    return None if known or channel.keeps_record or not channel.reports(latest[-1].verdict) else notice


# -- gaps in monitoring ----------------------------------------------------------------------------------


def conclusive(row: RunRow) -> bool:
    """Return whether the run answered the question: what looks bad has to be confirmed for that."""
    return not row.failed and (row.confirmed or row.verdict is Verdict.VISIBLE)


def last_conclusive(rows: Sequence[RunRow]) -> RunRow | None:
    """Return the last conclusive run."""
    return next((row for row in reversed(rows) if conclusive(row)), None)


def current_gap(alerts: Alerts, rows: Sequence[RunRow], now: datetime) -> GapPeriod | None:
    """Return since when and why no run has been conclusive; None where one was, or not for long."""
    rows = of_latest_account(rows)
    if not rows:
        return None
    last = last_conclusive(rows)
    streak = [row for row in rows if last is None or row.at > last.at]
    since = last.at if last else streak[0].at
    if now - since < alerts.blind_after and len(streak) < alerts.blind_after_runs:
        return None
    why = _why(streak[-1]) if streak else MonitoringGap.NO_RUN
    return GapPeriod(why=why, last_conclusive=last.at if last else None, runs=len(streak), latest=rows[-1])


def of_latest_account(rows: Sequence[RunRow]) -> list[RunRow]:
    """Return the runs of the account that was looked at last."""
    return [row for row in rows if row.account == rows[-1].account]


def _why(row: RunRow) -> MonitoringGap:
    if row.failed:
        return MonitoringGap.FAILED
    if row.verdict is not Verdict.INCONCLUSIVE:
        return MonitoringGap.UNSURE
    return rule_of(row.rules[0]).gap if row.rules else MonitoringGap.OTHER


def _gap_notice(
    channel: ChannelSettings,
    alerts: Alerts,
    past: AlertHistory,
    delivered: Sequence[_Delivered],
    now: datetime,
) -> Notice | None:
    """Return that no run is conclusive any more, or that one is again, each once."""
    if not channel.reports(Verdict.INCONCLUSIVE):
        return None
    rows = of_latest_account(past.rows)
    since = rows[0].at if rows else now
    earlier = [arrived for arrived in delivered if arrived.mark.kind in _GAP_KINDS and arrived.at >= since]
    lost = earlier[-1] if earlier and earlier[-1].mark.kind is NoticeKind.LOST else None
    gap = current_gap(alerts, rows, now)
    if gap is not None:
        known = lost is not None and (gap.last_conclusive is None or lost.at > gap.last_conclusive)
        return None if known else Notice(kind=NoticeKind.LOST, profile=past.profile, gap=gap)
    ended = _ended_gap(rows, lost.at) if lost else None
    return Notice(kind=NoticeKind.RESTORED, profile=past.profile, gap=ended) if ended else None


def _blocked_notice(
    channel: ChannelSettings, past: AlertHistory, delivered: Sequence[_Delivered]
) -> Notice | None:
    """Return that a bot wall stood before every run for days, once until a run meets none."""
    rows = of_latest_account(past.rows) if past.rows else []
    walled = list(takewhile(lambda row: _why(row) is MonitoringGap.WALL, reversed(rows)))
    if len(walled) < BLOCKED_RUNS or walled[0].at - walled[-1].at < BLOCKED_FOR or channel.keeps_record:
        return None
    last = last_conclusive(rows)
    gap = GapPeriod(
        why=MonitoringGap.WALL,
        last_conclusive=last.at if last else None,
        runs=len(walled),
        latest=rows[-1],
        since=walled[-1].at,
    )
    notice = Notice(kind=NoticeKind.BLOCKED, profile=past.profile, gap=gap)
    known = any(arrived.mark == notice.mark and arrived.at > walled[-1].at for arrived in delivered)
    return None if known or not channel.reports(Verdict.INCONCLUSIVE) else notice


def _ended_gap(rows: Sequence[RunRow], told_at: datetime) -> GapPeriod | None:
    """Return the gap that was told then, with its end; None where it still goes on."""
    before = last_conclusive([row for row in rows if row.at <= told_at])
    first = next((row for row in rows if row.at > told_at and conclusive(row)), None)
    if first is None:
        return None
    between = [row for row in rows if row.at < first.at and (before is None or row.at > before.at)]
    return GapPeriod(
        why=_why(between[-1]) if between else MonitoringGap.NO_RUN,
        last_conclusive=before.at if before else None,
        runs=len(between),
        until=first.at,
        latest=rows[-1],
    )


# -- how well a profile is watched -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MonitoringStatus:
    """How well a profile is watched. Only conclusive runs count."""

    profile: str
    last_good: RunRow | None  # the last conclusive run; None: there was none
    last_run: RunRow | None
    missed: int  # inconclusive runs since then
    every: timedelta  # how often a check is due
    due: datetime | None  # when the next check is due; None: there was none yet, so now
    overdue: bool


def monitoring_status(
    profile: str, rows: Sequence[RunRow], *, every: timedelta, grace: timedelta, now: datetime
) -> MonitoringStatus:
    """Return how well a profile is watched; `rows` are its runs, oldest first."""
    own = of_latest_account(rows)
    good = last_conclusive(own)
    due = good.at + every if good else None
    return MonitoringStatus(
        profile=profile,
        last_good=good,
        last_run=rows[-1] if rows else None,
        missed=sum(good is None or row.at > good.at for row in own),
        every=every,
        due=due,
        overdue=due is None or now > due + grace,
    )


# -- channels --------------------------------------------------------------------------------------------


def outages(names: Iterable[str], deliveries: Sequence[Delivery]) -> tuple[Outage, ...]:
    """Return which of these channels could not be reached when last tried, and since when."""
    found = (
        _outage(name, [delivery for delivery in deliveries if delivery.channel == name]) for name in names
    )
    return tuple(outage for outage in found if outage is not None)


def _outage(name: str, own: Sequence[Delivery]) -> Outage | None:
    failed: list[Delivery] = []
    for delivery in own:
        if delivery.kind != HELD:
            failed = [] if delivery.ok else [*failed, delivery]
    if not failed:
        return None
    rounds = len({delivery.at for delivery in failed})
    return Outage(channel=name, since=failed[0].at, tries=rounds, detail=failed[-1].detail)


def outages_to_tell(
    channel: ChannelSettings, dead: Iterable[Outage], deliveries: Iterable[Delivery]
) -> Iterator[Notice]:
    """Yield a notice for each other channel that is dead and of which this one does not know yet."""
    delivered = _arrived(delivery for delivery in deliveries if delivery.channel == channel.name)
    for outage in dead:
        notice = Notice(kind=NoticeKind.CHANNEL_DEAD, outage=outage)
        known = any(arrived.mark == notice.mark and arrived.at >= outage.since for arrived in delivered)
        if outage.channel != channel.name and not known and not channel.keeps_record:
            yield notice
