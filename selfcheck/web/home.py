"""Home: what the public sees of each profile today, what needs you first, and when selfcheck looks again."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.alerts.configured_channels import Environment, configured_channels
from selfcheck.alerts.monitoring_status import monitoring_report
from selfcheck.core.account_report import ReportOverTime
from selfcheck.core.labels import Tone
from selfcheck.core.text_safety import one_line
from selfcheck.errors import SelfcheckError, UsageError
from selfcheck.report.current_status import moment_words, overall
from selfcheck.report.render_page import ShownProfile, shown_profile
from selfcheck.report.service import ReportRequest, report_over_time
from selfcheck.runs.limits import least_gap
from selfcheck.settings import Configuration, Preferences
from selfcheck.storage.data_folder import DataFolder
from selfcheck.web.next_steps import next_steps
from selfcheck.web.page import AppContext, Workspace, context_of, error_lines, rendered, workspace_of

_MISSING = 3  # things that are not back are named


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Something that needs the author before anything else."""

    tone: Tone
    headline: str
    text: str
    incident: str = ""  # the incident's id; "": nothing is known today, so the profile is to be checked
    profile: str = ""


def home(request: WebRequest) -> Response:
    """Show each profile today."""
    context, workspace = context_of(request), workspace_of(request)
    configuration: Configuration | None = None
    mistakes: tuple[str, ...] = ()
    try:
        configuration = workspace.configuration()
    except SelfcheckError as error:
        mistakes = error_lines(error, context.hints)
    preferences = configuration.preferences if configuration else Preferences()
    report = _report(workspace.data, preferences, context.now())
    shown = (
        [shown_profile(one, number, report) for number, one in enumerate(report.profiles, 1)]
        if report
        else []
    )
    known = {one.profile.name for one in shown}
    named = [profile.name for profile in configuration.profiles] if configuration else []
    title, tone = overall(report) if report else ("Nothing has been checked yet", Tone.UNCLEAR)
    job = context.jobs.running(workspace.data)
    return rendered(
        request,
        "home.html.j2",
        title=title,
        tone=tone,
        attention=[item for one in shown for item in _attention(one)],
        profiles=shown,
        unchecked=[name for name in named if name not in known],
        named=frozenset(named),
        due=_due(workspace, configuration, report, context),
        mistakes=mistakes,
        job=job.id if job else "",
        runs=workspace.data.finished_runs()[:10],
        next_steps=next_steps(context, workspace, configuration),
    )


def _report(data: DataFolder, preferences: Preferences, now: datetime) -> ReportOverTime | None:
    try:
        return report_over_time(data, ReportRequest(preferences=preferences, now=now))
    except UsageError:  # no run yet
        return None


def _attention(shown: ShownProfile) -> list[Attention]:
    """Return what of a profile comes first: open incidents, and that nothing is known of it today."""
    name = one_line(shown.profile.name)
    items = [
        Attention(
            tone=Tone.BAD,
            headline=f"{name}: {shown_incident.headline}",
            text=f"{shown_incident.state}. {shown_incident.summary}",
            incident=item.incident.id,
        )
        for shown_incident, item in zip(shown.incidents, shown.profile.incidents, strict=True)
        if not item.incident.over
    ]
    items += [
        Attention(
            tone=Tone.WARN,
            headline=f"{name}: it is visible again, and not all of it is back",
            text=f"{'; '.join(item.missing[:_MISSING])}.",
            incident=item.incident.id,
        )
        for item in shown.profile.incidents
        if item.missing
    ]
    if not shown.status.known:
        items.append(
            Attention(
                tone=Tone.WARN,
                headline=f"{name}: selfcheck cannot see what the public sees today",
                text=f"{shown.status.headline}. {shown.status.sentence}",
                profile=shown.profile.name,
            )
        )
    return items


def _due(
    workspace: Workspace,
    configuration: Configuration | None,
    report: ReportOverTime | None,
    context: AppContext,
) -> dict[str, str]:
    """Return in words when each profile's next check is due; none where nothing was checked."""
    if configuration is None or report is None:
        return {}
    environment = Environment(environ=context.environ, sleep=context.sleep, say=lambda _text: None)
    watched = monitoring_report(
        workspace.data,
        configuration.preferences,
        profiles={profile.name: least_gap(profile) for profile in configuration.profiles},
        channels=[channel.name for channel in configured_channels(configuration.preferences, environment)],
        register=context.machine.register,
        now=context.now(),
    )
    return {
        status.profile: "a check is overdue"
        if status.overdue
        else f"next check due {moment_words(status.due, report)}"
        for status in watched.profiles
        if status.due is not None
    }
