"""`selfcheck report`: reads the history and the runs' screenshots, and writes the report over time.

Laws:
1. What a public report must not contain is removed before anything is rendered, and of the screenshots only
   those of the public view are read.
2. If a run's folder is gone or damaged, only its screenshots are missing, and the report says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from selfcheck import __version__
from selfcheck.artifacts.run_reader import not_opened, title_by_runs
from selfcheck.backup.service import coverage_lines
from selfcheck.core.account_report import AccountReport, ReportIncident, ReportOverTime, ReportPicture
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import Verdict
from selfcheck.core.history import PageRow, RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.run_document import UnopenedRecord
from selfcheck.errors import SelfcheckError, UsageError, unknown_name
from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.evidence.incident_screenshots import IncidentScreenshots
from selfcheck.history.days import profile_days
from selfcheck.history.restoration import missing_lines
from selfcheck.history.service import open_history, restorations
from selfcheck.history.store import History
from selfcheck.report.current_status import overall_badge, profile_badge
from selfcheck.report.render_page import OVERALL_BADGE, badge_path, page_html
from selfcheck.report.report_folder import INDEX, write_report
from selfcheck.report.trends import follower_drops, trends
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

LEAST_DAYS = 30
"""The report shows at least so many days, so that the first few are not taken for the whole."""

_MISSING = 20
"""So many things that are not back are listed of an incident."""

_PICTURED = 8
"""Of how many incidents of a profile, the latest, the screenshots are copied."""


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """What the report is to show, and to whom."""

    preferences: Preferences
    now: datetime
    names: tuple[str, ...] = ()  # of profiles; none: all
    target: Path | None = None  # the folder to write; None: in the data folder
    public: bool = False
    hints: CommandHints = USUAL_HINTS


@dataclass(frozen=True, kw_only=True)
class WrittenReport:
    """Where the report lies, and what it shows."""

    index: Path
    report: ReportOverTime
    pictures: int


@dataclass(frozen=True, kw_only=True)
class _History:
    """What the history knows of one profile, of the account that it is now."""

    rows: tuple[RunRow, ...]  # oldest first
    title: str  # the platform's name as people write it
    incidents: tuple[Incident, ...]  # newest first
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # incident's id -> what is not back
    pages: tuple[PageRow, ...] = ()  # that the latest run opened
    not_opened: tuple[UnopenedRecord, ...] = ()  # that it left out
    series: Mapping[str, Mapping[date, int]] = field(default_factory=dict)  # `views` … -> platform's day


def build_report(data: DataFolder, request: ReportRequest) -> WrittenReport:
    """Write the report over all profiles, or those named, and say where it lies.

    Raise UsageError if there is no run or no such profile, StorageError if the disk cannot be written.
    """
    screenshots = IncidentScreenshots(data, public=request.public)
    report = report_over_time(data, request, screenshots)
    if request.public:
        report = Disclosure(audience=Audience.PUBLIC).report(report)
    else:
        names = [account.name for account in report.profiles]
        report = replace(report, coverage=_coverage(data, names, request))
    if not request.public and request.target is None:
        report = _with_run_reports(report, data)
    texts = {badge_path(account.name): profile_badge(account, report) for account in report.profiles}
    texts[OVERALL_BADGE] = overall_badge(report)
    files = screenshots.files | {path: text.encode() for path, text in texts.items()}
    folder = request.target or data.report
    write_report(folder, page_html(report, request.hints), files)
    return WrittenReport(index=folder / INDEX, report=report, pictures=len(screenshots.files))


def _coverage(data: DataFolder, names: Sequence[str], request: ReportRequest) -> tuple[str, ...]:
    """Return how much of the profiles' stories has a copy; a backup that cannot be read costs only that."""
    try:
        return coverage_lines(data, names, request.now, request.hints)
    except SelfcheckError as error:
        return (error.what,)


def report_over_time(
    data: DataFolder, request: ReportRequest, screenshots: IncidentScreenshots | None = None
) -> ReportOverTime:
    """Return what the history knows of all profiles, or those named, for their author.

    Raise UsageError if there is no run or no such profile. Without `screenshots`, incidents have none.
    """
    histories = _histories(data, request.names, request.now)
    report, days = empty_report(request), request.preferences.report.days
    accounts = tuple(_account(history, report, screenshots, days) for history in histories)
    return replace(report, profiles=accounts)


def empty_report(request: ReportRequest) -> ReportOverTime:
    """Return a report of no profile: what it takes to put moments and incidents in the author's words."""
    preferences = request.preferences
    return ReportOverTime(
        made_at=request.now,
        zone=ZoneInfo(preferences.time_zone),
        zone_name=preferences.time_zone,
        stale_after=preferences.report.stale_after,
        profiles=(),
        version=__version__,
    )


def _with_run_reports(report: ReportOverTime, data: DataFolder) -> ReportOverTime:
    """Return the report with links to the latest run's own; from another folder there are none."""

    def link(profile: AccountReport) -> str:
        path = data.run_report(profile.last.run_id)
        return f"../{path.relative_to(data.path).as_posix()}" if path.is_file() else ""

    accounts = tuple(replace(profile, run_report=link(profile)) for profile in report.profiles)
    return replace(report, profiles=accounts)


def _histories(data: DataFolder, names: tuple[str, ...], now: datetime) -> tuple[_History, ...]:
    """Return what the history knows of each profile, or of those named, in the order of their first runs."""
    empty = UsageError(
        f"There is no run in {data} to report on.",
        cause="No run has been made yet, or its results were kept in another folder.",
        next_step=lambda hints: f"`{hints.command('run')}` makes one; --data names another folder.",
    )
    if not data.has_history():
        raise empty
    with open_history(data) as history:
        profiles = history.profiles()
        if not profiles:
            raise empty
        for name in names:
            if name not in profiles:
                raise unknown_name(f"No run in {data} checked a profile called `{name}`.", name, profiles)
        return tuple(_history(history, name, now) for name in (dict.fromkeys(names) or profiles))


def _history(history: History, name: str, now: datetime) -> _History:
    rows = history.runs(name, now=now)
    account = rows[-1].account
    return _History(
        rows=tuple(row for row in rows if row.account == account),
        title=title_by_runs(history.data, [rows[-1].run_id], name, rows[-1].platform),
        incidents=tuple(incident for incident in history.incidents(name) if incident.account == account),
        missing={
            restored.incident.id: tuple(missing_lines(restored.missing, _MISSING))
            for restored in restorations(history, name)
        },
        pages=history.pages(name).get(rows[-1].run_id, ()),
        not_opened=not_opened(history.data, rows[-1].run_id, name),
        series={fact: history.days(name, fact) for fact in ("views", "reads")},
    )


def _account(
    history: _History, report: ReportOverTime, screenshots: IncidentScreenshots | None, most_days: int
) -> AccountReport:
    rows, last = history.rows, history.rows[-1]
    begun = rows[0].at.astimezone(report.zone).date()
    today = max(report.made_at, last.at).astimezone(report.zone).date()
    first = _first_day(history, begun, today, most_days)
    days = profile_days(rows, history.incidents, history.series, zone=report.zone, first=first, last=today)
    drops = follower_drops(rows, report.zone)
    conclusive = [row for row in rows if row.verdict is not Verdict.INCONCLUSIVE]
    return AccountReport(
        name=last.profile,
        handle=last.handle,
        platform=history.title,
        last=last,
        last_conclusive=conclusive[-1] if conclusive else None,
        days=days,
        begun=begun,
        controls=_controls(rows, [day.day for day in days], report),
        follower_drops=tuple(drop for drop in drops if drop.day >= first),
        trends=trends(rows, history.series.get("views", {}), history.incidents),
        incidents=tuple(_incidents(history, screenshots)),
        pages=history.pages,
        not_opened=history.not_opened,
    )


def _first_day(history: _History, begun: date, today: date, most_days: int) -> date:
    """Return the first day to show: that of the first run or number, within the days that are asked for."""
    begins = min((begun, *(day for days in history.series.values() for day in days)))
    least = min(LEAST_DAYS, most_days)
    earliest, latest = (today - timedelta(days=count - 1) for count in (most_days, least))
    return min(max(begins, earliest), latest)


def _controls(
    rows: Sequence[RunRow], days: Sequence[date], report: ReportOverTime
) -> Mapping[str, tuple[int | None, ...]]:
    """Return the followers of each control account by day, as last read on it."""
    readings: dict[str, dict[date, int]] = {}
    for row in rows:
        day = row.at.astimezone(report.zone).date()
        for handle, value in row.controls.items():
            if value is not None:
                readings.setdefault(handle, {})[day] = value
    return {
        handle: tuple(values.get(day) for day in days)
        for handle, values in readings.items()
        if any(day in values for day in days)
    }


def _incidents(history: _History, screenshots: IncidentScreenshots | None) -> Iterator[ReportIncident]:
    """Yield the incidents, newest first, with the screenshots of the latest."""
    incidents = history.incidents
    for place, incident in enumerate(incidents):
        pictures: tuple[ReportPicture, ...] = ()
        lacking = "Its screenshots are in the folders of its runs."
        if screenshots is not None and place < _PICTURED:
            pictures, lacking = screenshots.of(incident)
        yield ReportIncident(
            incident=incident,
            number=len(incidents) - place,
            pictures=pictures,
            lacking=lacking,
            missing=history.missing.get(incident.id, ()),
        )
