"""Tells people what is due, on every channel, and keeps what was told.

Laws:
1. What is due follows from the history alone (`judge/notices.py`); what was sent is kept at once, before the
   next is sent. Should that fail, no more is sent: nobody is told the same after every run.
2. A channel that fails costs its own messages: they stay due, and the others are told that it is dead.
3. A channel that failed once in a round is not tried again in that round, and two rounds never go on at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from selfcheck.alerts.channels.base import send_patiently
from selfcheck.alerts.configured_channels import ConfiguredChannel, Environment, alert_rules
from selfcheck.alerts.pictures import platform_title, side_by_side
from selfcheck.alerts.rules import blind_now, due, held_back, outages, outages_to_tell
from selfcheck.alerts.text import AlertSetting, message
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.history import Delivery
from selfcheck.core.incident import EventKind, IncidentEvent
from selfcheck.core.notice import HELD, AlertHistory, AlertMessage, Notice, NoticeKind, Outage, SentNotice
from selfcheck.history.store import History
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.lock import exclusive_lock

PATIENCE = 120.0
"""Seconds to wait for another round: some dead channels make it as long."""

_A_NIGHT = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class DispatchResult:
    """What came of telling."""

    deliveries: tuple[Delivery, ...] = ()  # of this round, the held back ones too
    dead: tuple[Outage, ...] = ()  # channels that could not be reached when last tried
    blind: tuple[str, ...] = ()  # profiles of which nobody could tell for long


@dataclass(frozen=True, kw_only=True)
class DispatchContext:
    """When and about whom people are told, and what the words need."""

    data_dir: Path
    preferences: Preferences
    now: datetime
    profiles: tuple[str, ...] | None = None  # those of the file; None: all that are remembered
    source: object = None  # the profiles file
    link: str | None = None  # where the evidence can be read on the web
    hints: CommandHints = USUAL_HINTS


def dispatch(
    history: History, lines: Sequence[ConfiguredChannel], occasion: DispatchContext, outside: Environment
) -> DispatchResult:
    """Tell every channel what is due there. Raise StorageError where it cannot be kept."""
    # Two rounds at once would both see that a notice is due, and send it twice.
    lock = DataFolder(occasion.data_dir).alert_lock
    with exclusive_lock(lock, seconds=PATIENCE, next_step="What is due is sent after the next run."):
        return _tell(history, lines, occasion, outside)


def _tell(
    history: History, lines: Sequence[ConfiguredChannel], occasion: DispatchContext, outside: Environment
) -> DispatchResult:
    pasts = tuple(_pasts(history, occasion))
    desk = _Dispatcher(history, occasion, outside, list(history.deliveries()))
    rules = alert_rules(occasion.preferences.alerts)
    for line in lines:
        known = tuple(desk.deliveries)
        desk.dispatch(
            line, [one for past in pasts for one in due(line.rules, rules, past, known, occasion.now)]
        )
    dead = outages([line.name for line in lines], desk.deliveries)
    for line in lines:
        if line.name not in desk.failed:
            desk.dispatch(line, outages_to_tell(line.rules, dead, tuple(desk.deliveries)))
    blind = tuple(past.profile for past in pasts if blind_now(rules, past.rows, occasion.now))
    return DispatchResult(
        deliveries=tuple(desk.new), dead=outages([one.name for one in lines], desk.deliveries), blind=blind
    )


def _pasts(history: History, occasion: DispatchContext) -> Iterator[AlertHistory]:
    for name in history.profiles():
        if occasion.profiles is None or name in occasion.profiles:
            incidents = tuple(reversed(history.incidents(name)))
            yield AlertHistory(profile=name, rows=history.runs(name), incidents=incidents)


@dataclass
class _Dispatcher:
    """One round of telling."""

    history: History
    occasion: DispatchContext
    outside: Environment
    deliveries: list[Delivery]  # all that are known, the new ones too
    new: list[Delivery] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)  # channel -> why, in this round

    def dispatch(self, line: ConfiguredChannel, notices: Iterable[Notice]) -> None:
        """Send each notice, or keep that it waits for the end of the quiet hours."""
        for notice in notices:
            if held_back(line.rules, notice, self.occasion.now):
                self._hold(line, notice)
            else:
                self._send(line, notice)

    def _hold(self, line: ConfiguredChannel, notice: Notice) -> None:
        held = self._delivery(line, notice, SentNotice(ok=True, detail=notice.mark))
        held = replace(held, kind=HELD)
        since = self.occasion.now - _A_NIGHT
        if not any(replace(one, at=held.at) == held and one.at > since for one in self.deliveries):
            self._keep(held)

    def _send(self, line: ConfiguredChannel, notice: Notice) -> None:
        sent = SentNotice(ok=False, detail=self.failed.get(line.name, ""))
        if line.name not in self.failed:
            text = written(notice, line, self.occasion)
            sent = send_patiently(lambda: line.channel.send(text), sleep=self.outside.sleep)
        self._keep(self._delivery(line, notice, sent))
        if not sent.ok:
            self.failed[line.name] = sent.detail
        elif notice.kind is NoticeKind.REMINDER:
            self._remember_reminder(notice)

    def _delivery(self, line: ConfiguredChannel, notice: Notice, sent: SentNotice) -> Delivery:
        return Delivery(
            at=self.occasion.now,
            channel=line.name,
            kind=notice.mark,
            profile=notice.profile,
            incident=notice.incident.id if notice.incident else None,
            ok=sent.ok,
            detail=sent.detail,
        )

    def _keep(self, delivery: Delivery) -> None:
        self.history.add_delivery(delivery)
        self.deliveries.append(delivery)
        self.new.append(delivery)

    def _remember_reminder(self, notice: Notice) -> None:
        """Write beside the incident that its author was reminded, once however many channels did it."""
        assert notice.incident is not None
        incident = self.history.incident(notice.incident.id)
        now = self.occasion.now
        if not any(one.kind is EventKind.REMINDED and one.at == now for one in incident.events):
            self.history.add_event(incident.id, IncidentEvent(at=now, kind=EventKind.REMINDED))


def written(notice: Notice, line: ConfiguredChannel, occasion: DispatchContext) -> AlertMessage:
    """Return the notice in the channel's language, with its picture where the channel wants one."""
    run_id, platform = _evidence(notice)
    data_dir = occasion.data_dir
    picture = side_by_side(data_dir, run_id, notice.profile) if run_id and notice.profile else None
    report = data_dir / "runs" / run_id / "report.html" if run_id else None
    shown = data_dir if line.rules.record else Path()  # the names of this machine's folders go to no issue
    setting = AlertSetting(
        platform=platform_title(platform),
        zone=ZoneInfo(occasion.preferences.time_zone),
        now=occasion.now,
        picture=_shown(picture, shown),
        report=_shown(report if report and report.is_file() else None, shown),
        link=occasion.link,
        profiles=occasion.source,
        hints=occasion.hints,
    )
    made = message(notice, line.rules.language, setting)
    return replace(made, picture=picture if line.picture else None)


def _shown(path: Path | None, within: Path) -> str | None:
    if path is None:
        return None
    return path.relative_to(within).as_posix() if within != Path() else str(path)


def _evidence(notice: Notice) -> tuple[str | None, str]:
    """Return the run whose evidence shows what is told, and the platform."""
    if notice.incident is not None:
        over = notice.kind in {NoticeKind.RECOVERED, NoticeKind.DISMISSED}
        run_id = notice.incident.over_run if over else notice.incident.last_bad_run
        return run_id, notice.incident.platform
    if notice.sight is not None and notice.sight.latest is not None:
        return notice.sight.latest.run_id, notice.sight.latest.platform
    return None, ""


def try_channels(
    history: History, lines: Iterable[ConfiguredChannel], occasion: DispatchContext, outside: Environment
) -> Iterator[tuple[ConfiguredChannel, SentNotice]]:
    """Send a test notice to each channel, quiet hours or not, and yield what came of it."""
    for line in lines:
        text = written(Notice(kind=NoticeKind.TEST), line, occasion)
        channel = line.channel
        sent = send_patiently(lambda: channel.send(text), sleep=outside.sleep)  # noqa: B023 - called at once
        history.add_delivery(
            Delivery(
                at=occasion.now,
                channel=line.name,
                kind=NoticeKind.TEST.value,
                profile=None,
                incident=None,
                ok=sent.ok,
                detail=sent.detail,
            )
        )
        yield line, sent
