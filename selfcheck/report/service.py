"""`selfcheck report`: gathers what is remembered and what was kept, and writes the report over time.

Laws:
1. What a public report must not hold is taken out before anything is composed, and of pictures only those of
   the public view are read.
2. A run whose folder is gone or damaged costs its pictures, which is said, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from selfcheck import __version__
from selfcheck.core.account_report import Site, SiteIncident, SiteProfile
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import Verdict
from selfcheck.core.history import PageRow, RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import SelfcheckError, UsageError
from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.evidence.incident_screenshots import IncidentScreenshots
from selfcheck.history.days import profile_days
from selfcheck.history.service import open_history
from selfcheck.history.store import History
from selfcheck.platforms.catalogue import load_platform
from selfcheck.report.badge import overall_badge, profile_badge
from selfcheck.report.render_page import OVERALL_BADGE, badge_path, site_html
from selfcheck.report.report_folder import INDEX, write_site
from selfcheck.report.trends import falls, trends
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

SITE = "site"
LEAST_DAYS = 30
"""The report shows at least so many days, so that the first ones are not taken for the whole."""

_PICTURED = 8
"""Of how many incidents of a profile the pictures are copied, the latest."""


@dataclass(frozen=True, kw_only=True)
class ReportHistory:
    """What the history knows of one profile, of the account that it is now."""

    rows: tuple[RunRow, ...]  # oldest first
    incidents: tuple[Incident, ...]  # newest first
    pages: tuple[PageRow, ...] = ()  # of the latest run
    series: Mapping[str, Mapping[date, int]] = field(default_factory=dict)  # `views` … -> platform's day


@dataclass(frozen=True, kw_only=True)
class Built:
    """Where the report lies, and what it shows."""

    index: Path
    site: Site
    pictures: int


def build_report(
    data_dir: Path,
    *,
    preferences: Preferences,
    now: datetime,
    names: tuple[str, ...] = (),
    target: Path | None = None,
    public: bool = False,
    hints: CommandHints = USUAL_HINTS,
) -> Built:
    """Write the report over all profiles, or those named, and say where it lies.

    Raise UsageError where there is no run or no such profile, StorageError where the disk refuses.
    """
    known = remembered(data_dir, names)
    album = IncidentScreenshots(data_dir, public=public)
    site = Site(
        made_at=now,
        zone=ZoneInfo(preferences.time_zone),
        zone_name=preferences.time_zone,
        stale_after=preferences.report.stale_after,
        profiles=(),
        version=__version__,
    )
    days = preferences.report.days
    site = replace(site, profiles=tuple(_profile(one, site, album, days) for one in known))
    if public:
        site = Disclosure(audience=Audience.PUBLIC).report(site)
    elif target is None:
        site = _with_run_reports(site, data_dir)
    badges = {badge_path(one.name): profile_badge(one, site) for one in site.profiles}
    texts = {OVERALL_BADGE: overall_badge(site), **badges}
    files = album.files | {path: text.encode() for path, text in texts.items()}
    folder = target or data_dir / SITE
    write_site(folder, site_html(site, hints), files)
    return Built(index=folder / INDEX, site=site, pictures=len(album.files))


def remembered(data_dir: Path, names: tuple[str, ...]) -> tuple[ReportHistory, ...]:
    """Return what the history knows of each profile, or of those named, in the order of their first runs.

    Raise UsageError where nothing or no such profile is known.
    """
    if not DataFolder(data_dir).has_history():
        raise _nothing(data_dir)
    with open_history(data_dir) as history:
        found = history.profiles()
        if not found:
            raise _nothing(data_dir)
        for name in names:
            if name not in found:
                raise _unknown(name, found, data_dir)
        return tuple(_remembered(history, name) for name in (dict.fromkeys(names) or found))


def _with_run_reports(site: Site, data_dir: Path) -> Site:
    """Return the report with the way to the latest run's own; from another folder there is none."""
    ways = {one.name: f"runs/{one.last.run_id}/report.html" for one in site.profiles}
    there = {name: f"../{way}" for name, way in ways.items() if (data_dir / way).is_file()}
    return replace(
        site, profiles=tuple(replace(one, run_report=there.get(one.name, "")) for one in site.profiles)
    )


def _nothing(data_dir: Path) -> UsageError:
    return UsageError(
        f"There is no run in {data_dir} to report on.",
        cause="No run has been made yet, or its results were kept in another folder.",
        next_step=lambda hints: f"`{hints.command('run')}` makes one; --data names another folder.",
    )


def _unknown(name: str, found: Sequence[str], data_dir: Path) -> UsageError:
    return UsageError(
        f"No run in {data_dir} looked at a profile called `{name}`.",
        cause=did_you_mean(name, found).capitalize(),
        next_step=f"There are: {', '.join(found)}.",
    )


def _remembered(history: History, name: str) -> ReportHistory:
    rows = history.runs(name)
    account = rows[-1].account
    return ReportHistory(
        rows=tuple(row for row in rows if row.account == account),
        incidents=tuple(one for one in history.incidents(name) if one.account == account),
        pages=history.pages(name).get(rows[-1].run_id, ()),
        series={fact: history.days(name, fact) for fact in ("views", "reads")},
    )


def _profile(known: ReportHistory, site: Site, album: IncidentScreenshots, most_days: int) -> SiteProfile:
    rows, last = known.rows, known.rows[-1]
    begun = rows[0].at.astimezone(site.zone).date()
    today = max(site.made_at, last.at).astimezone(site.zone).date()
    first = _first_day(known, begun, today, most_days)
    days = profile_days(rows, known.incidents, known.series, zone=site.zone, first=first, last=today)
    every = tuple(day.day for day in days)
    return SiteProfile(
        name=last.profile,
        handle=last.handle,
        platform=_title(last.platform),
        last=last,
        told=next((row for row in reversed(rows) if row.verdict is not Verdict.INCONCLUSIVE), None),
        days=days,
        begun=begun,
        controls=_controls(rows, every, site),
        falls=tuple(one for one in falls(rows, site.zone) if one.day >= first),
        trends=trends(rows, known.series.get("views", {}), known.incidents),
        incidents=_incidents(known.incidents, album),
        pages=known.pages,
    )


def _first_day(known: ReportHistory, begun: date, today: date, most_days: int) -> date:
    """Return the first day to show: that of the first run or number, within the days that are asked for."""
    begins = min((begun, *(day for days in known.series.values() for day in days)))
    least = min(LEAST_DAYS, most_days)
    earliest, latest = (today - timedelta(days=count - 1) for count in (most_days, least))
    return min(max(begins, earliest), latest)


def _title(platform: str) -> str:
    """Return a platform's name as people write it; where its file is gone, that file's name."""
    try:
        return load_platform(platform).title
    except (SelfcheckError, OSError):
        return Path(platform).stem


def _controls(
    rows: Sequence[RunRow], days: Sequence[date], site: Site
) -> Mapping[str, tuple[int | None, ...]]:
    """Return the followers of each control account by day, as last read on it."""
    read: dict[str, dict[date, int]] = {}
    for row in rows:
        day = row.at.astimezone(site.zone).date()
        for handle, value in row.controls.items():
            if value is not None:
                read.setdefault(handle, {})[day] = value
    return {
        handle: tuple(values.get(day) for day in days)
        for handle, values in read.items()
        if any(day in values for day in days)
    }


def _incidents(incidents: Sequence[Incident], album: IncidentScreenshots) -> tuple[SiteIncident, ...]:
    """Return the incidents, newest first, with the pictures of the latest."""
    count = len(incidents)
    return tuple(
        _with_pictures(one, count - place, album)
        if place < _PICTURED
        else SiteIncident(
            incident=one, number=count - place, lacking="Its pictures are in its runs' folders."
        )
        for place, one in enumerate(incidents)
    )


def _with_pictures(incident: Incident, number: int, album: IncidentScreenshots) -> SiteIncident:
    pictures, lacking = album.of(incident)
    return SiteIncident(incident=incident, number=number, pictures=pictures, lacking=lacking)
