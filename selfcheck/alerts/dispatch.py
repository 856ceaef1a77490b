"""Sends what is due on every channel, and records what was sent: decide, render, send, record.

Laws:
1. What is due follows from the history alone (`rules`). What was sent is recorded at once, before the next is
   sent; if that fails, no more is sent, because the same would be sent after every run.
2. A channel that fails costs its own messages: they stay due, and the others are told that it is dead.
3. A channel that failed once in a round is not tried again in that round, and two rounds never run at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from selfcheck.alerts.channels.base import send_patiently
from selfcheck.alerts.configured_channels import ConfiguredChannel, Environment
from selfcheck.alerts.issue_text import IssueLink, IssueSetting, incident_issue
from selfcheck.alerts.notice import HELD, AlertHistory, AlertMessage, Notice, NoticeKind, Outage, SentNotice
from selfcheck.alerts.rules import current_gap, due, held_back, outages, outages_to_tell
from selfcheck.alerts.text import AlertSetting, message
from selfcheck.artifacts.run_reader import StoredRun, title_by_runs
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import Language
from selfcheck.core.history import Delivery
from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.core.run_document import PageRecord
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import SelfcheckError, StorageError
from selfcheck.history.service import not_back
from selfcheck.history.store import History
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import is_within
from selfcheck.storage.lock import exclusive_lock

PATIENCE = 120.0
"""Seconds to wait for another round: some dead channels make it as long."""

_MISSING = 10  # things that are not back are listed in a message
_A_NIGHT = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class DispatchResult:
    """What came of a round."""

    deliveries: tuple[Delivery, ...] = ()  # of this round, the held back ones too
    dead: tuple[Outage, ...] = ()  # channels that could not be reached when last tried
    unwatched: tuple[str, ...] = ()  # profiles without a conclusive run for long


MakePicture = Callable[[DataFolder, str, PageRecord, Language], Path | None]
"""Writes a page's side-by-side picture where the run made none in that language; returns its path."""

DateLines = Callable[[DataFolder, Preferences, Incident, str, datetime], tuple[str, ...]]
"""Returns the dates of steps that may be open to the author of an incident, in a language."""


@dataclass(frozen=True, kw_only=True)
class DispatchContext:
    """When and about whom alerts are sent, and what their words need."""

    data: DataFolder
    preferences: Preferences
    now: datetime
    profiles: tuple[str, ...] | None = None  # those of the file; None: all in the history
    source: object = None  # the profiles file
    link: str | None = None  # where the evidence can be read on the web
    hints: CommandHints = USUAL_HINTS
    make_picture: MakePicture | None = None
    date_lines: DateLines | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Return the user's time zone."""
        return ZoneInfo(self.preferences.time_zone)


def dispatch(
    history: History,
    channels: Sequence[ConfiguredChannel],
    context: DispatchContext,
    environment: Environment,
) -> DispatchResult:
    """Send on every channel what is due there. Raise StorageError where it cannot be recorded."""
    # Two rounds at once would both see that a notice is due, and send it twice.
    lock = context.data.alert_lock
    with exclusive_lock(lock, seconds=PATIENCE, next_step="What is due is sent after the next run."):
        return _round(history, channels, context, environment)


def _round(
    history: History,
    channels: Sequence[ConfiguredChannel],
    context: DispatchContext,
    environment: Environment,
) -> DispatchResult:
    alerts, now = context.preferences.alerts, context.now
    names = [channel.name for channel in channels]
    profiles = tuple(_profiles(history, context))
    deliveries = list(history.deliveries())
    notices = [
        (channel, notice)
        for channel in channels
        for past in profiles
        for notice in due(channel.settings, alerts, past, deliveries, now)
    ]
    new = _deliver(history, notices, deliveries, context, environment)
    deliveries += new
    failed = {delivery.channel for delivery in new if not delivery.ok}
    dead = outages(names, deliveries)
    notices = [
        (channel, notice)
        for channel in channels
        if channel.name not in failed
        for notice in outages_to_tell(channel.settings, dead, deliveries)
    ]
    about_channels = _deliver(history, notices, deliveries, context, environment)
    return DispatchResult(
        deliveries=(*new, *about_channels),
        dead=outages(names, (*deliveries, *about_channels)),
        unwatched=tuple(past.profile for past in profiles if current_gap(alerts, past.rows, now)),
    )


def _profiles(history: History, context: DispatchContext) -> Iterator[AlertHistory]:
    for name in history.profiles():
        if context.profiles is None or name in context.profiles:
            incidents = tuple(reversed(history.incidents(name)))
            yield AlertHistory(profile=name, rows=history.runs(name, now=context.now), incidents=incidents)


def _deliver(
    history: History,
    notices: Iterable[tuple[ConfiguredChannel, Notice]],
    earlier: Sequence[Delivery],
    context: DispatchContext,
    environment: Environment,
) -> list[Delivery]:
    """Hold back, or render and send, each notice, and record it; return what was recorded."""
    recorded: list[Delivery] = []
    failed: dict[str, str] = {}  # channel -> why
    for channel, notice in notices:
        if held_back(channel.settings, notice, context.now, context.zone):
            delivery = replace(_delivery(channel, notice, context, SentNotice(ok=True)), kind=HELD)
            delivery = replace(delivery, detail=str(notice.mark))
            if _held_already(delivery, (*earlier, *recorded)):
                continue
        elif channel.name in failed:
            unsent = SentNotice(ok=False, detail=failed[channel.name])
            delivery = _delivery(channel, notice, context, unsent)
        else:
            sent = _send(channel, render(notice, channel, context), environment)
            delivery = _delivery(channel, notice, context, sent)
        history.add_delivery(delivery)
        recorded.append(delivery)
        if not delivery.ok:
            failed[channel.name] = delivery.detail
        elif notice.kind is NoticeKind.REMINDER and delivery.kind != HELD:
            _record_reminder(history, notice, context.now)
    return recorded


def _send(channel: ConfiguredChannel, alert: AlertMessage, environment: Environment) -> SentNotice:
    return send_patiently(lambda: channel.channel.send(alert), sleep=environment.sleep)


def _delivery(
    channel: ConfiguredChannel, notice: Notice, context: DispatchContext, sent: SentNotice
) -> Delivery:
    return Delivery(
        at=context.now,
        channel=channel.name,
        kind=str(notice.mark),
        profile=notice.profile,
        incident=notice.incident.id if notice.incident else None,
        ok=sent.ok,
        detail=sent.detail,
    )


def _held_already(held: Delivery, deliveries: Iterable[Delivery]) -> bool:
    """Return whether the same was recorded in the last day, so that each run of a night does not add it."""
    since = held.at - _A_NIGHT
    return any(replace(delivery, at=held.at) == held and delivery.at > since for delivery in deliveries)


def _record_reminder(history: History, notice: Notice, now: datetime) -> None:
    """Record beside the incident that its author was reminded, once for all channels."""
    assert notice.incident is not None
    incident = history.incident(notice.incident.id)
    if not any(event.kind is EventKind.REMINDED and event.at == now for event in incident.events):
        history.add_event(incident.id, IncidentEvent(at=now, kind=EventKind.REMINDED))


def try_channels(
    history: History,
    channels: Iterable[ConfiguredChannel],
    context: DispatchContext,
    environment: Environment,
) -> Iterator[tuple[ConfiguredChannel, SentNotice]]:
    """Send a test notice to each channel, quiet hours or not, and yield what came of it."""
    notice = Notice(kind=NoticeKind.TEST)
    for channel in channels:
        sent = _send(channel, render(notice, channel, context), environment)
        history.add_delivery(_delivery(channel, notice, context, sent))
        yield channel, sent


# -- what a message needs of a stored run ----------------------------------------------------------------


def render(notice: Notice, channel: ConfiguredChannel, context: DispatchContext) -> AlertMessage:
    """Return the notice in the channel's language, with its picture where the channel wants one."""
    run_id, platform = _evidence(notice)
    data = context.data
    language = context.preferences.alerts.language_of(channel.settings)
    picture = side_by_side(context, run_id, notice.profile, language) if run_id and notice.profile else None
    report = data.run_report(run_id) if run_id else None

    def shown(path: Path | None) -> str | None:
        # the names of this computer's folders do not belong in an issue
        if path is None or not path.is_file():
            return None
        return path.relative_to(data.path).as_posix() if channel.settings.keeps_record else str(path)

    dates: tuple[str, ...] = ()
    # an issue may be public, and the dates would tell in which country its author lives
    if notice.incident is not None and context.date_lines is not None and not channel.settings.keeps_record:
        dates = context.date_lines(data, context.preferences, notice.incident, language, context.now)
    setting = AlertSetting(
        platform=title_by_runs(data, [run_id] if run_id else [], notice.profile or "", platform),
        zone=context.zone,
        now=context.now,
        picture=shown(picture),
        report=shown(report),
        link=context.link,
        dates=dates,
        missing=() if channel.settings.keeps_record else _missing(notice, data, language),
        profiles=context.source,
        hints=context.hints,
    )
    alert = message(notice, language, setting)
    issue = None
    if notice.incident is not None and channel.settings.keeps_record:
        links = (IssueLink(words="Report", url=context.link),) if context.link else ()
        about = IssueSetting(
            platform=setting.platform, language=language, zone=setting.zone, links=lambda _run: links
        )
        issue = incident_issue(notice.incident, about)
    return replace(alert, picture=picture if channel.settings.picture else None, issue=issue)


def _missing(notice: Notice, data: DataFolder, language: Language) -> tuple[str, ...]:
    """Return what of a restored incident is not back; an alert is sent also where that cannot be read."""
    if notice.kind is not NoticeKind.RECOVERED or notice.incident is None:
        return ()
    with suppress(StorageError):
        return not_back(data, notice.incident, _MISSING, language)
    return ()


def _evidence(notice: Notice) -> tuple[str | None, str]:
    """Return the run whose evidence shows what is told, and the platform."""
    if notice.incident is not None:
        over = notice.kind in {NoticeKind.RECOVERED, NoticeKind.DISMISSED}
        run_id = notice.incident.over_run if over else notice.incident.last_bad_run
        return run_id, notice.incident.platform
    if notice.gap is not None and notice.gap.latest is not None:
        return notice.gap.latest.run_id, notice.gap.latest.platform
    if notice.row is not None:
        return notice.row.run_id, notice.row.platform
    return None, ""


def side_by_side(context: DispatchContext, run_id: str, profile: str, language: Language) -> Path | None:
    """Return the picture of both views that shows most of the profile's verdict; None where there is none.

    A run's own picture is in English; it stands in where none can be made in the language.
    """
    folder = context.data.run(run_id)
    try:
        record = StoredRun(folder).result.profile(profile)
    except SelfcheckError:
        return None
    pages = record.pages if record else ()
    same_first = sorted(pages, key=lambda page: record is None or page.verdict is not record.verdict)
    page = next((page for page in same_first if page.side_by_side), None)
    made = (page,) if page else same_first
    if (make := context.make_picture) is not None and (page is None or language is not Language.ENGLISH):
        path = next((path for each in made if (path := make(context.data, run_id, each, language))), None)
        if path is not None or page is None:
            return path
    if page is None or page.side_by_side is None:
        return None
    picture = PurePosixPath(page.side_by_side)
    if not all(is_safe_name(part) for part in picture.parts):
        return None
    path = folder.joinpath(*picture.parts)
    return path if path.is_file() and is_within(folder, path) else None
