"""The report over time as one HTML page: all profiles, their days, numbers, incidents and evidence.

Laws:
1. What comes from a page or a person is text: it is escaped and on one line.
2. The page loads nothing but the pictures that lie beside it. It works without its script; the script adds
   how long ago things were, says what has become stale since, and describes a day that is pointed at.
3. The current status comes first; no meaning rests on colour alone.
4. Every chart has its numbers in a table.
5. What the author wrote down or sent is shown in a report for the author; a public one has none of it.
6. If a screenshot is missing, the page says so, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from selfcheck.core.account_report import AccountReport, ReportIncident, ReportOverTime, ReportPicture
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.history import PageRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.labels import KIND_WORD, VERDICT_TONE, VERDICT_WORD, Tone, verdict_headline
from selfcheck.core.run_document import UnopenedRecord
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.templating import html_page
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words, long_date
from selfcheck.report.charts import Chart, Form, chart_svg, scale_of
from selfcheck.report.current_status import (
    PUBLIC_HEADLINE,
    CurrentStatus,
    current_status,
    moment_words,
    overall,
    strength_word,
)
from selfcheck.report.render_charts import Figure, NumberRow, charts, figures, legend_of, number_rows
from selfcheck.report.uptime_bar import (
    Stretch,
    day_stretches,
    day_word,
    legend,
    mark_class,
    tally_words,
    uptime_svg,
)

OVERALL_BADGE = "badge.svg"
_STATE = {
    IncidentState.OPEN: ("Still going on", Tone.BAD),
    IncidentState.APPEALED: ("Appealed, no answer yet", Tone.BAD),
    IncidentState.ANSWERED: ("Answered, not restored yet", Tone.BAD),
    IncidentState.RESTORED: ("Restored", Tone.GOOD),
    IncidentState.DISMISSED: ("Dismissed", Tone.UNCLEAR),
}
_EVENT = {
    EventKind.OPENED: "First found",
    EventKind.CHANGED: "Became",
    EventKind.NOTED: "Note",
    EventKind.APPEALED: "Appealed",
    EventKind.ANSWERED: "The platform answered",
    EventKind.CASE: "Case number",
    EventKind.RESTORED: "Restored",
    EventKind.DISMISSED: "Dismissed",
    EventKind.REMINDED: "Reminded",
    EventKind.TOLD: "Told by the platform",
    EventKind.STEP: "Step taken",
    EventKind.TICKED: "Found in the reply",
    EventKind.ITEM_DONE: "Called done",
}
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class _ShownChart:
    """A chart with its surroundings."""

    title: str
    svg: Markup
    legend: tuple[tuple[str, str], ...]  # CSS class and words
    note: str


@dataclass(frozen=True, kw_only=True)
class _ShownPage:
    """A page as the latest run saw it."""

    name: str
    url: str
    word: str
    tone: Tone


@dataclass(frozen=True, kw_only=True)
class _ShownEvent:
    """One thing that happened, in words."""

    when: str
    words: str


@dataclass(frozen=True, kw_only=True)
class _ShownPicture:
    """A picture with its words."""

    picture: ReportPicture
    caption: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class _ShownIncident:
    """An incident as the template shows it."""

    identity: str
    number: int
    headline: str
    tone: Tone
    state: str
    state_tone: Tone
    summary: str
    facts: tuple[tuple[str, str], ...]
    events: tuple[_ShownEvent, ...]
    pictures: tuple[_ShownPicture, ...]
    lacking: str
    missing: tuple[str, ...]  # of what is over: what is not back
    missing_command: str


@dataclass(frozen=True, kw_only=True)
class ShownProfile:
    """A profile as the template shows it."""

    identity: str
    profile: AccountReport
    status: CurrentStatus
    strength: str
    checked: str
    checked_at: str  # for the script
    stale_at: str  # for the script: when the run will be too old
    strip: Markup
    strip_legend: tuple[tuple[str, str], ...]
    tally: str
    stretches: tuple[Stretch, ...]
    figures: tuple[Figure, ...]
    charts: tuple[_ShownChart, ...]
    rows: tuple[NumberRow, ...]
    pages: tuple[_ShownPage, ...]
    incidents: tuple[_ShownIncident, ...]
    badge: str


def badge_path(name: str) -> str:
    """Return where a profile's badge lies beside the page."""
    return f"badges/{safe_name(name)}.svg"


def page_html(report: ReportOverTime, hints: CommandHints) -> str:
    """Return the page."""
    title, _ = overall(report)
    heading = title
    if len(report.profiles) == 1:
        heading = f"{one_line(report.profiles[0].name)}: {title[:1].lower()}{title[1:]}"
    return html_page(
        "selfcheck.report",
        "report.html.j2",
        styles=("base.css", "report.css"),
        script="report.js",
        report=report,
        title=title,
        heading=heading,
        profiles=[
            shown_profile(profile, number, report) for number, profile in enumerate(report.profiles, start=1)
        ],
        made=moment_words(report.made_at, report),
        made_at=report.made_at.isoformat(timespec="seconds"),
        stale_hours=f"{report.stale_after / timedelta(hours=1):g}",
        overall_badge=OVERALL_BADGE,
        publish_with=hints.command("report", "--public"),
        long_date=long_date,
    )


def shown_profile(profile: AccountReport, number: int, report: ReportOverTime) -> ShownProfile:
    """Return a profile in words and drawings; `number` keeps the ids of several on one page apart."""
    identity, status, days = f"profile-{number}", current_status(profile, report), profile.days
    span = f"{long_date(days[0].day)} to {long_date(days[-1].day)}"
    strip_title = f"{one_line(profile.name)}, day by day: {span}"
    return ShownProfile(
        identity=identity,
        profile=profile,
        status=status,
        strength=strength_word(profile, report),
        checked=moment_words(profile.last.at, report),
        checked_at=profile.last.at.isoformat(timespec="seconds"),
        stale_at=(profile.last.at + report.stale_after).isoformat(timespec="seconds"),
        strip=uptime_svg(days, identity=f"{identity}-strip", title=strip_title, begun=profile.begun),
        strip_legend=tuple((mark_class(day), day_word(day)) for day in legend(days, profile.begun)),
        tally=tally_words(days, profile.begun),
        stretches=day_stretches(days, profile.begun),
        figures=() if report.public else figures(profile),
        charts=() if report.public else tuple(_chart(chart) for chart in charts(profile, report, identity)),
        rows=number_rows(profile, numbers=not report.public),
        pages=(
            *(_page(page, stale=status.stale) for page in profile.pages),
            *(_unopened(page, report) for page in profile.not_opened),
        ),
        incidents=tuple(shown_incident(item, report) for item in profile.incidents),
        badge=badge_path(profile.name),
    )


def _page(page: PageRow, *, stale: bool) -> _ShownPage:
    """Return a page in words; what a stale run found is shown, but in a neutral tone."""
    opened = page.kind is PageKind.STATS and page.verdict is Verdict.VISIBLE
    word = "Opened" if opened else VERDICT_WORD[page.verdict]
    tone = Tone.UNCLEAR if stale else VERDICT_TONE[page.verdict]
    return _ShownPage(
        name=KIND_WORD[page.kind], url=page.url, word=f"Then: {word.lower()}" if stale else word, tone=tone
    )


def _unopened(page: UnopenedRecord, report: ReportOverTime) -> _ShownPage:
    """Return a page that the latest run left out: when it was opened last, and no verdict."""
    word = f"Not opened; fine on {moment_words(page.last_looked, report)}"
    return _ShownPage(name=KIND_WORD[page.kind], url=page.url, word=word, tone=Tone.UNCLEAR)


def _chart(chart: Chart) -> _ShownChart:
    note = ""
    if chart.suffix:
        note = "Each line begins at 0 % with its own first number. A purge lowers all of them together."
    elif chart.form is Form.LINE and scale_of(chart).low > 0:
        note = "The vertical axis does not begin at 0."
    return _ShownChart(title=chart.title, svg=chart_svg(chart), legend=tuple(legend_of(chart)), note=note)


# -- incidents ---------------------------------------------------------------------------------------------


def shown_incident(item: ReportIncident, report: ReportOverTime) -> _ShownIncident:
    """Return an incident in words."""
    incident = item.incident
    state, state_tone = _STATE[incident.state]
    headline = verdict_headline(incident.verdict, silent=incident.silent)
    return _ShownIncident(
        identity=f"incident-{incident.id}",
        number=item.number,
        headline=PUBLIC_HEADLINE[incident.verdict] if report.public else headline,
        tone=VERDICT_TONE[incident.verdict],
        state=state,
        state_tone=state_tone,
        summary=one_line(incident.summary),
        facts=tuple(_facts(incident, report)),
        events=tuple(_event(event, report) for event in sorted(incident.events, key=lambda event: event.at)),
        pictures=tuple(
            _ShownPicture(
                picture=picture,
                caption=f"{picture.words}, {moment_words(picture.taken_at, report)}",
                alt=f"Screenshot, {picture.role.lower()}: {picture.words}",
            )
            for picture in item.pictures
        ),
        lacking=item.lacking,
        missing=item.missing,
        missing_command=USUAL_HINTS.command("appeal", "restored", incident.id, "--done", "ITEM"),
    )


def _facts(incident: Incident, report: ReportOverTime) -> Iterator[tuple[str, str]]:
    good = incident.last_good_at
    yield "Last seen good", moment_words(good, report) if good else "never by selfcheck"
    yield "First seen affected", moment_words(incident.first_bad_at, report)
    yield "Last seen affected", moment_words(incident.last_bad_at, report)
    if incident.over_at:
        yield _STATE[incident.state][0], moment_words(incident.over_at, report)
    yield "How long", _how_long(incident, report.made_at)
    if incident.case_number:
        yield "Case number", one_line(incident.case_number)


def _how_long(incident: Incident, now: datetime) -> str:
    """Return how long it lasted at least and at most: it began some time after the last good check."""
    end, good = incident.over_at or now, incident.last_good_at
    least = duration_words(end - incident.first_bad_at)
    most = f", at most {duration_words(end - good)}" if good and end - good >= _MINUTE else ""
    return f"{least}{most}{'' if incident.over_at else ', ongoing'}"


def _event(event: IncidentEvent, report: ReportOverTime) -> _ShownEvent:
    text = one_line(event.text)
    if event.kind in {EventKind.OPENED, EventKind.CHANGED} and text in set(Verdict):
        text = VERDICT_WORD[Verdict(text)].lower()
    words = f"{_EVENT[event.kind]}: {text}" if text else _EVENT[event.kind]
    return _ShownEvent(when=moment_words(event.at, report), words=words)
